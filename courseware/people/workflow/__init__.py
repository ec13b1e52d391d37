"""The verbs about people: one function for each thing that changes who works and learns where."""

from .accounts import set_first_password, set_theme
from .centres import found_centre
from .members import add_member, end_membership, end_role, grant_role, rename_member, set_trainee

__all__ = (
    "add_member",
    "end_membership",
    "end_role",
    "found_centre",
    "grant_role",
    "rename_member",
    "set_first_password",
    "set_theme",
    "set_trainee",
)
