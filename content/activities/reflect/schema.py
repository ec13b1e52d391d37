"""Something to think over and write down for oneself. Nobody else reads it; nothing is right or wrong."""

from __future__ import annotations

from content.activities.common import ID, STEM
from content.activities.parts import Group, Prose

SCHEMA = Group({"id": ID, "stem": STEM, "after": Prose(at_most=2000, required=False)})
