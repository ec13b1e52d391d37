"""The verbs about people: one function for each thing that changes who works and learns where."""

from .accounts import accept_invitations, set_first_password, set_theme
from .centres import found_centre, set_turnaround
from .invitations import invite_again, withdraw_invitation
from .members import add_member, end_membership, rename_member, set_uln
from .roles import end_role, grant_role, plan_end_of_role, set_trainee

__all__ = (
    "accept_invitations",
    "add_member",
    "end_membership",
    "end_role",
    "found_centre",
    "grant_role",
    "invite_again",
    "plan_end_of_role",
    "rename_member",
    "set_first_password",
    "set_theme",
    "set_trainee",
    "set_turnaround",
    "set_uln",
    "withdraw_invitation",
)
