"""Whether the hashed locks still follow from their commented sources."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from courseware.bootstrap import environment

# Extras stay with their package: a pip that is asked for one by another package looks for it under that name.
COMPILE = (
    "pip compile --universal --generate-hashes --no-strip-extras --no-header --no-emit-index-url "
    "--python-version 3.11 --quiet"
)
UNREACHABLE = re.compile(r"dns error|error sending request|connect|network|offline|timed out", re.IGNORECASE)


def stale_locks(uv: Path) -> tuple[bool, str]:
    """Recompile every lock from its source, with the pins it has as a wish; they must come out the same."""
    said = []
    with tempfile.TemporaryDirectory(prefix="courseware-locks-") as folder:
        copy = Path(folder) / "requirements"
        shutil.copytree(environment.ROOT / "requirements", copy)
        for source in sorted(copy.glob("*.in")):
            lock = source.with_suffix(".lock")
            before = lock.read_text()
            command = [str(uv), *COMPILE.split(), f"requirements/{source.name}", "-o", f"requirements/{lock.name}"]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode:
                if UNREACHABLE.search(done.stderr):
                    return True, f"NOT CHECKED: no package index could be reached ({source.name})"
                said.append(f"{source.name}: {done.stderr.strip()}")
            elif lock.read_text() != before:
                said.append(f"{lock.name} is not what {source.name} gives: uv {COMPILE} {source.name} -o {lock.name}")
    return not said, "\n".join(said)
