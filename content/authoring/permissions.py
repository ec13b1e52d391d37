"""May she? About writing units: tutors with the right, each for their own centre."""

from __future__ import annotations

from typing import Any

from content.models import EditionWithdrawal, UnitDraft, UnitEdition
from courseware.kit.verdict import Verdict, not_now, not_yours, yes
from courseware.people.models import Centre
from courseware.people.standing import standing_of

NOT_AUTHOR = "Units are written by tutors whom the centre's administrator has given that right."


def can_write_some_units(user: Any) -> Verdict:
    """Whether `user` writes units in any centre: for the list, before a centre is chosen."""
    return yes("tutor") if centres_written_for(user) else not_yours(NOT_AUTHOR)


def centres_written_for(user: Any) -> list[int]:
    """Ids of the centres in which `user` writes units, in the order of their names."""
    standing = standing_of(user)
    return [pk for pk in standing.centres_as("tutor") if standing.memberships[pk].author]


def can_write_units(user: Any, centre: Centre) -> Verdict:
    """Whether `user` may write units of `centre`."""
    if centre.pk in centres_written_for(user):
        return yes("tutor", standing_of(user).membership_in(centre.pk))
    return not_yours(NOT_AUTHOR)


def can_begin_draft(user: Any, centre: Centre, edition: UnitEdition) -> Verdict:
    """Whether `user` may begin to write on `edition`: of the house or of the centre itself."""
    verdict = can_write_units(user, centre)
    if verdict and edition.unit.owner_id not in (None, centre.pk):
        return not_yours("This unit belongs to another centre.")
    return verdict


def can_edit(user: Any, draft: UnitDraft) -> Verdict:
    """Whether `user` may change or publish `draft`."""
    verdict = can_write_units(user, draft.centre)
    if verdict and draft.put_away_at is not None:
        return not_now("This draft was put away. Begin a new one from the unit's newest edition.")
    return verdict


def can_withdraw(user: Any, edition: UnitEdition) -> Verdict:
    """Whether `user` may withdraw `edition`: of the centre's own unit, while another with its specification is taught.

    Needs `unit` joined. 2 statements.
    """
    owner = edition.unit.owner_id
    if owner is None or owner not in centres_written_for(user):
        return not_yours(NOT_AUTHOR if owner else "This unit comes with the software. It is not your centre's.")
    same = UnitEdition.objects.in_force().filter(specification=edition.specification_id)
    if EditionWithdrawal.objects.filter(edition=edition).exists():
        return not_now(f"Edition {edition.number} was withdrawn already.")
    if not same.exclude(pk=edition.pk).exists():
        return not_now("It is the only edition with these criteria. Publish a better one first, then withdraw this.")
    return yes("tutor", standing_of(user).membership_in(owner))


def can_restore(user: Any, centre: Centre, edition: UnitEdition) -> Verdict:
    """Whether `user` may publish the text of an older edition of the centre's own unit once more."""
    verdict = can_write_units(user, centre)
    if verdict and edition.unit.owner_id != centre.pk:
        return not_yours("Only an edition of the centre's own unit can be restored.")
    return verdict
