"""What a file is: decided by decoding it, never by its name or by what the browser says (`identify`).

Every decoder runs in a child process with limits (`courseware.kit.boxed`). Whatever is taken is only ever served as a
download in a sandbox, or as a copy that we made ourselves; so this is the first of two walls, not the only one.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

from courseware.kit import boxed
from courseware.kit.filekinds.decide import answer
from courseware.kit.filekinds.kinds import KINDS, TAKEN, Family, Kind, Unacceptable
from courseware.kit.filekinds.names import extension_of, tidy_name, with_extension

__all__ = [
    "KINDS",
    "TAKEN",
    "Family",
    "Kind",
    "Unacceptable",
    "extension_of",
    "identify",
    "tidy_name",
    "with_extension",
]

SECONDS = 60


def identify(path: Path, name: str) -> Kind:
    """What the file at `path`, called `name` by its owner, is. `checked` is False when a password locks it.

    Raises Unacceptable with a sentence for its owner: what is the matter and what to do.
    """
    tidy = tidy_name(name)
    try:
        found = boxed.call(answer, str(path), tidy, seconds=SECONDS)
    except boxed.Died as error:
        raise Unacceptable(
            f"{tidy} could not be opened safely: reading it takes too long or too much memory. "
            "Save it again, smaller or as PDF, and add that copy."
        ) from error
    if "refused" in found:
        raise Unacceptable(found["refused"]).about(tidy)
    return dataclasses.replace(KINDS[found["key"]], checked=found["checked"])
