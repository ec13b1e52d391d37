"""May she write, map or read this evidence?"""

from __future__ import annotations

from assessment.models import EvidenceItem, EvidenceVersion, LearnerUnit
from courseware.kit import filekinds
from courseware.kit.verdict import Verdict, not_now, not_yours, unless, yes
from courseware.people.models import User

from .base import as_learner, as_role, holder_in, responsibilities

CLOSED = {
    "signed_off": "The unit is signed off, so its evidence cannot change.",
    "achieved": "The unit is achieved, so its evidence cannot change.",
    "withdrawn": "You were withdrawn from this unit. Your evidence stays here to read.",
}


def unit_open(learner_unit: LearnerUnit) -> Verdict | None:
    """A refusal when the unit is not in progress, else None."""
    if learner_unit.state == "in_progress":
        return None
    return not_now(CLOSED.get(learner_unit.state, "The unit is closed, so its evidence cannot change."))


def can_write_evidence(user: User, learner_unit: LearnerUnit) -> Verdict:
    """Add evidence or versions and map them: the learner, while the unit is in progress."""
    verdict = as_learner(user, learner_unit)
    return unless(verdict, unit_open(learner_unit))


def can_change_item(user: User, item: EvidenceItem, *, handed_in: bool) -> Verdict:
    """Rename or remove an item: its learner, while no version of it (`handed_in`) was ever submitted."""
    verdict = can_write_evidence(user, item.learner_unit)
    if verdict and handed_in:
        return not_now("A version of this evidence was submitted, so it stays as it is. Add a new version instead.")
    return verdict


def can_caption(user: User, version: EvidenceVersion) -> Verdict:
    """Add captions to a recording or take them away: its learner, until it is submitted. Needs `learner_unit`."""
    verdict = can_write_evidence(user, version.learner_unit)
    if verdict and not is_recording(version):
        return not_now("Only a recording has captions.")
    if verdict and version.state != "draft":
        return not_now("This version was submitted, so its captions stay as they are.")
    return verdict


def is_recording(version: EvidenceVersion) -> bool:
    """Whether a version is sound or film."""
    return version.kind == "file" and filekinds.KINDS[version.format].family in ("audio", "video")


def can_read_version(user: User, version: EvidenceVersion) -> Verdict:
    """Read the bytes: the learner, or staff who may read the portfolio (then it is logged)."""
    learner_unit = version.learner_unit
    if learner_unit.learner.user_id == user.pk:
        return yes("learner", learner_unit.learner)
    holder = holder_in(user, learner_unit.centre_id)
    held = responsibilities(user, learner_unit)
    for role in ("tutor", "iqa", "eqa"):
        if role in held:
            return yes(role, holder)
    lead = as_role(user, learner_unit.centre_id, ("lead_iqa", "iqa", "tutor"), "This evidence is not yours to read.")
    if lead and LearnerUnit.objects.readable_by(user).filter(pk=learner_unit.pk).exists():
        return lead
    return not_yours("This evidence is not yours to read.")
