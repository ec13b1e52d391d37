"""The verbs about people: one function for each thing that changes who works and learns where."""

from .accounts import accept_invitations, set_first_password, set_single_keys, set_theme
from .centres import found_centre, set_turnaround
from .invitations import invite_again, withdraw_invitation
from .members import add_member, end_membership, rename_member, set_uln
from .roles import end_role, grant_role, plan_end_of_role, set_author, set_trainee
from .security import (
    add_passkey,
    add_totp,
    end_other_sessions,
    end_session,
    remove_factor,
    remove_lost,
    remove_second_step,
    rename_passkey,
    renew_recovery_codes,
    reset_second_step,
    set_second_step,
)

__all__ = (
    "accept_invitations",
    "add_member",
    "add_passkey",
    "add_totp",
    "end_membership",
    "end_other_sessions",
    "end_role",
    "end_session",
    "found_centre",
    "grant_role",
    "invite_again",
    "plan_end_of_role",
    "remove_factor",
    "remove_lost",
    "remove_second_step",
    "rename_member",
    "rename_passkey",
    "renew_recovery_codes",
    "reset_second_step",
    "set_author",
    "set_first_password",
    "set_second_step",
    "set_single_keys",
    "set_theme",
    "set_trainee",
    "set_turnaround",
    "set_uln",
    "withdraw_invitation",
)
