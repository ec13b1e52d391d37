"""May she open a visit, change it, write in its room, ask for more of it?"""

from __future__ import annotations

import datetime as dt

from assessment.models import Visit, VisitNote, VisitRequest
from courseware.kit import clock
from courseware.kit.verdict import Verdict, not_now, not_yours, unless, yes
from courseware.people.models import Centre, Membership, User
from courseware.people.standing import standing_of

from .base import as_role, holder_in

QUALITY = ("iqa", "lead_iqa")
LEAD = ("lead_iqa",)
LONGEST_VISIT = dt.timedelta(days=366)
ENDED = "This visit has ended. Nothing of it is open any more."
NOT_HIS = "This is for the external quality assurer whose visit it is."


def can_see_visits(user: User, centre: Centre) -> Verdict:
    """Read the centre's visits, what their EQAs opened and the notes that they shared: its quality assurers."""
    return as_role(user, centre.pk, QUALITY, "Visits are for IQAs and lead IQAs.")


def can_open_visit(user: User, centre: Centre) -> Verdict:
    """Open a visit: the lead IQA."""
    return as_role(user, centre.pk, LEAD, "Only the lead IQA opens a visit.")


def can_invite(member: Membership) -> Verdict:
    """Whether somebody whom the centre knows already can be its external quality assurer: nobody of its own."""
    held = member.grants.exclude(role="eqa").exists()
    if held:
        return not_now(
            "This person holds or held another role at your centre, and an external quality assurer is nobody of it."
        )
    return yes("lead_iqa")


def has_ended(visit: Visit) -> bool:
    """Whether the visit is over: its end has come, or it was withdrawn before it began."""
    now = clock.now()
    return bool(visit.ends_at <= now or visit.ends_at == visit.starts_at)


def state_of(visit: Visit) -> str:
    """`planned`, `open` or `ended`."""
    if has_ended(visit):
        return "ended"
    return "open" if visit.starts_at <= clock.now() else "planned"


def _lead_of(user: User, visit: Visit) -> Verdict:
    verdict = as_role(user, visit.centre_id, LEAD, "Only the lead IQA changes a visit.")
    over = not_now("This visit has ended, so it is not changed any more. Open another one.")
    return unless(verdict, over if has_ended(visit) else None)


def can_extend_visit(user: User, visit: Visit) -> Verdict:
    """Let a visit end later: the lead IQA, until it has ended."""
    return _lead_of(user, visit)


def can_end_visit(user: User, visit: Visit) -> Verdict:
    """End a visit now: the lead IQA, once it has begun."""
    early = not_now("This visit has not begun. Withdraw it instead.")
    return unless(_lead_of(user, visit), early if state_of(visit) == "planned" else None)


def can_withdraw_visit(user: User, visit: Visit) -> Verdict:
    """Take a visit back, with the reason: the lead IQA, until it has ended."""
    return _lead_of(user, visit)


# -- In the room -------------------------------------------------------------------------------------------------------


def as_eqa(user: User, visit: Visit) -> Verdict:
    """Whether this is `user`'s own visit, and the centre knows them as an EQA now; whenever it begins and ends."""
    holder = holder_in(user, visit.centre_id)
    if holder is None or holder.pk != visit.eqa_id or not standing_of(user).has(visit.centre_id, "eqa"):
        return not_yours(NOT_HIS)
    return yes("eqa", holder)


def can_enter(user: User, visit: Visit) -> Verdict:
    """Be in the room: the EQA, from the first instant to the last. Asked of the clock each time."""
    states = {"planned": not_now("This visit has not begun yet."), "ended": not_now(ENDED)}
    return unless(as_eqa(user, visit), states.get(state_of(visit)))


def can_write_note(user: User, visit: Visit) -> Verdict:
    """Write a note of one's own: the EQA in the room."""
    return can_enter(user, visit)


def can_change_note(user: User, note: VisitNote) -> Verdict:
    """Change, remove or share a note: its EQA in the room, until it is shared. Needs `visit` joined."""
    shared = not_now("This note is shared, so it stays as it is.") if hasattr(note, "share") else None
    return unless(can_enter(user, note.visit), shared)


def can_ask_for_more(user: User, visit: Visit) -> Verdict:
    """Ask to see more: the EQA in the room."""
    return can_enter(user, visit)


def can_answer_request(user: User, request: VisitRequest) -> Verdict:
    """Grant or decline what an EQA asked for: the lead IQA, once, until the visit has ended. Needs `visit` joined."""
    answered = not_now("This request has its answer.") if hasattr(request, "answer") else None
    return unless(_lead_of(user, request.visit), answered)
