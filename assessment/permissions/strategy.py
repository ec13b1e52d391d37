"""May she set the sampling strategy, rate a tutor, keep qualifications, declare an interest?"""

from __future__ import annotations

from assessment.models import DeclaredInterest
from courseware.kit.verdict import Verdict, not_now, not_yours, yes
from courseware.people.models import Centre, Membership, User

from .base import as_role, holder_in

QUALITY = ("iqa", "lead_iqa")
LEAD = ("lead_iqa",)
KEEPERS = ("lead_iqa", "admin")


def can_see_strategy(user: User, centre: Centre) -> Verdict:
    """Read the strategy, the risks and the interests: the IQAs and lead IQAs of the centre."""
    return as_role(user, centre.pk, QUALITY, "The sampling strategy is for IQAs and lead IQAs.")


def can_set_strategy(user: User, centre: Centre) -> Verdict:
    """Set a new version of the strategy: the lead IQA."""
    return as_role(user, centre.pk, LEAD, "Only the lead IQA sets the sampling strategy.")


def can_rate_tutor(user: User, tutor: Membership) -> Verdict:
    """Rate a tutor's risk by hand: the lead IQA, never their own."""
    verdict = as_role(user, tutor.centre_id, LEAD, "Only the lead IQA rates the risk of a tutor.")
    if verdict and verdict.holder.pk == tutor.pk:
        return not_yours("Nobody rates their own risk. Another lead IQA does.")
    return verdict


def can_keep_qualifications(user: User, holder: Membership) -> Verdict:
    """Record or remove what a member of staff holds: the lead IQA, or an administrator."""
    words = "Only the lead IQA or an administrator records qualifications."
    return as_role(user, holder.centre_id, KEEPERS, words)


def can_declare_interest(user: User, holder: Membership) -> Verdict:
    """Declare that `holder` is close to somebody: staff for themselves, the lead IQA for anybody of the centre."""
    verdict = as_role(user, holder.centre_id, LEAD, "")
    if verdict:
        return verdict
    own = holder_in(user, holder.centre_id)
    if own is None or own.pk != holder.pk:
        return not_yours("Everybody declares their own interests; the lead IQA may do it for others.")
    return as_role(user, holder.centre_id, ("iqa", "tutor"), "Interests are declared by tutors and IQAs.")


def can_end_interest(user: User, interest: DeclaredInterest) -> Verdict:
    """Say that an interest is over: the lead IQA, never of their own."""
    verdict = as_role(user, interest.centre_id, LEAD, "Only the lead IQA ends a declared interest.")
    if not verdict:
        return verdict
    if verdict.holder.pk == interest.holder_id:
        return not_yours("Nobody ends their own interest. Another lead IQA does.")
    if hasattr(interest, "end"):
        return not_now("This interest has ended already.")
    return yes(verdict.role, verdict.holder)
