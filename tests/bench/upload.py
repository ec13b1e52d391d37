"""`python -m tests.bench.upload --mb 256`: how fast a file arrives, beside a plain copy of it that is flushed once.

A gunicorn of one process on loopback, SQLite, both on the same file system. Each round sends the file in parts of 4 MB,
as our own pages do, up to the answer to the last one, and copies it beside; compared is the least of all rounds.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.upload_site import Site, text_of

PART = 4 << 20


def copied(data: bytes, path: Path) -> float:
    """Seconds of writing `data` and flushing it."""
    began = time.perf_counter()
    with path.open("wb") as file:
        for at in range(0, len(data), PART):
            file.write(data[at : at + PART])
        file.flush()
        os.fsync(file.fileno())
    took = time.perf_counter() - began
    path.unlink()
    return took


def sent(site: Site, data: bytes, name: str) -> float:
    """Seconds from the announcement to the answer to the last part."""
    began = time.perf_counter()
    _, headers, _ = site.announce(name, len(data))
    address = headers["Location"]
    for at in range(0, len(data), PART):
        status, _, words = site.part(address, at, data[at : at + PART])
        assert status == 204, words
    return time.perf_counter() - began


def main() -> None:
    """Build the site, measure, say."""
    parser = argparse.ArgumentParser("python -m tests.bench.upload", description="Measure how fast a file arrives.")
    parser.add_argument("--mb", type=int, default=64, help="size of the file (default: 64)")
    parser.add_argument("--runs", type=int, default=3, help="rounds (default: 3)")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="courseware-bench-") as folder:
        site = Site(Path(folder) / "data", {"COURSEWARE_EVIDENCE_MAX_MB": str(chosen.mb + 1)})
        site.build()
        plain, ours = [], []
        with site.serving():
            for number in range(chosen.runs):
                data = text_of(chosen.mb << 20, number)
                plain.append(copied(data, Path(folder) / "copy"))
                ours.append(sent(site, data, f"bench-{number}.txt"))
        speed, least = chosen.mb / min(ours), min(plain)
        sys.stdout.write(f"{chosen.mb} MB: copy {least:.2f} s, upload {min(ours):.2f} s ({speed:.0f} MB/s), ")
        sys.stdout.write(f"times a copy {min(ours) / least:.1f}\n")


if __name__ == "__main__":
    main()
