"""May she send this file, now, here?"""

from __future__ import annotations

from assessment.models import LearnerUnit, Upload
from courseware.kit.storage import readable_size
from courseware.kit.verdict import Verdict, not_now, not_yours, unless
from courseware.kit.words import file_size
from courseware.people.models import Centre, User

from .base import as_role
from .evidence import can_write_evidence

DONE = {
    "checking": "This file has arrived whole and is being checked.",
    "quarantined": "This file has arrived whole and waits for the virus scanner.",
    "saved": "This file is saved as evidence already.",
}


def too_large(name: str, size: int, limit: int) -> Verdict | None:
    """A refusal for a file of no bytes, or of more than the house takes (`limit`); else None."""
    if size < 1:
        return not_now(f"{name} is empty: it has no bytes. Save it again and add that copy.")
    if size > limit:
        return not_now(
            f"{name} is larger than {readable_size(limit)}. Nothing of it was sent. Save it smaller, or in parts."
        )
    return None


def over_quota(name: str, size: int, used: int, quota: int) -> Verdict | None:
    """A refusal when `used` bytes of this unit and `size` more are over the `quota` (bytes) that the centre gives."""
    if used + size <= quota:
        return None
    left = f"{file_size(quota - used)} are left" if used < quota else "nothing is left"
    return not_now(
        f"{name} is {file_size(size)}, and of the {file_size(quota)} for your evidence of this unit {left}. "
        "Nothing of it was sent. Remove what you do not need, or ask your centre for more room."
    )


def can_send(user: User, upload: Upload) -> Verdict:
    """Send more of a file: whoever began it, while it arrives and the unit is in progress."""
    return unless(can_change_upload(user, upload), _arriving(upload))


def _arriving(upload: Upload) -> Verdict | None:
    if upload.state == "receiving":
        return None
    return not_now(upload.refusal or DONE[upload.state])


def can_change_upload(user: User, upload: Upload) -> Verdict:
    """Have a say about a file that arrives: whoever began it, while the unit is in progress."""
    if upload.by_id != user.pk:
        return not_yours("Somebody else is sending this file.")
    return can_write_evidence(user, upload.learner_unit)


def can_remove_upload(user: User, upload: Upload) -> Verdict:
    """Stop sending a file, or clear away one that was not taken; whoever began it, as long as it is no evidence."""
    if upload.by_id != user.pk:
        return not_yours("Somebody else is sending this file.")
    learner_unit: LearnerUnit = upload.learner_unit
    if upload.state == "saved":
        return not_now("This file is saved as evidence already. Remove the evidence, if you do not want it.")
    return can_write_evidence(user, learner_unit)


def can_keep_both(user: User, upload: Upload) -> Verdict:
    """Keep a file that one has already: whoever sent it, once it was refused for that alone."""
    twice = upload.state == "refused" and upload.sha256
    return unless(can_change_upload(user, upload), None if twice else not_now("There is nothing to keep twice here."))


def can_say_method(user: User, upload: Upload) -> Verdict:
    """Say how a file came about: whoever sent it, unless it was not taken or is a new version of what was said of."""
    refusal = None
    if upload.state == "refused":
        refusal = not_now(upload.refusal)
    elif upload.item_id is not None:
        refusal = not_now("A new version came about as its evidence did. Say it there.")
    return unless(can_change_upload(user, upload), refusal)


def can_set_evidence_rules(user: User, centre: Centre) -> Verdict:
    """Say what the centre takes as evidence and asks of its tutors: an administrator."""
    return as_role(user, centre.pk, ("admin",), "Only an administrator of this centre sets what it takes as evidence.")
