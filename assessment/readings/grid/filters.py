"""How the grid is narrowed and ordered: read from the query string, kept in page links and downloads."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from assessment.models import CRITERION_STATES
from courseware.kit.looks import look

LATE, OVERDUE = "late", "overdue"
LONGEST = 100  # characters of a name that are looked for
STATUSES = (
    (LATE, "Late: waits too long"),
    (OVERDUE, "Past its due date"),
    *((key, look(key).word) for key, _ in CRITERION_STATES),
)
STATES = tuple(
    (key, look(key).word)
    for key in (
        "in_progress",
        "ready_for_sign_off",
        "reopened",
        "on_hold",
        "signed_off",
        "achieved",
        "claimed",
        "certificated",
        "withdrawn",
        "revoked",
    )
)
SORTS = (
    ("", "Name"),
    ("most", "Most met first"),
    ("fewest", "Fewest met first"),
    ("waiting", "Longest waiting first"),
    ("recent", "Active last first"),
    ("quiet", "Quiet longest first"),
)


@dataclass(frozen=True)
class Filters:
    """What was chosen; blank narrows nothing, and the order is by name."""

    text: str = ""
    tutor: str = ""  # uid of a membership
    status: str = ""
    state: str = ""
    sort: str = ""

    @classmethod
    def of(cls, sent: Mapping[str, str]) -> Filters:
        """From a query string; what is no known choice narrows nothing."""
        return cls(
            text=" ".join(sent.get("text", "").replace("\x00", " ").split())[:LONGEST],
            tutor=_uid(sent.get("tutor", "")),
            status=_one_of(STATUSES, sent.get("status", "")),
            state=_one_of(STATES, sent.get("state", "")),
            sort=_one_of(SORTS, sent.get("sort", "")),
        )

    @property
    def narrows(self) -> bool:
        """Whether anybody can be left out."""
        return bool(self.text or self.tutor or self.status or self.state)

    @property
    def query(self) -> str:
        """As a query string with its question mark; blank when nothing was chosen."""
        chosen = urlencode({name: value for name, value in vars(self).items() if value})
        return f"?{chosen}" if chosen else ""


def _one_of(choices: tuple[tuple[str, str], ...], value: str) -> str:
    return value if value in dict(choices) else ""


def _uid(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return ""
