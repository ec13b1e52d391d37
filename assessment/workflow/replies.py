"""The learner's verb on feedback: that it was read, and what they say to it."""

from __future__ import annotations

import uuid

from assessment.models import Decision, FeedbackReply
from assessment.permissions import replies as may
from courseware.kit.verdict import NotNow
from courseware.ledger.verbs import verb
from courseware.people.models import User

from .base import lock_learner_unit, record, says_something, stamp, with_body, write_body

LONGEST = 5_000  # characters


@verb(returns=FeedbackReply)
def acknowledge_feedback(
    *, by: User, decision: Decision, text: str = "", key: uuid.UUID | None = None
) -> FeedbackReply:
    """Say that one has read released feedback, once for each decision, with a text for the tutor or without.

    Raises NotNow for a text longer than LONGEST characters.
    """
    learner_unit = lock_learner_unit(decision.learner_unit_id, by)
    locked = Decision.objects.select_related("release").get(pk=decision.pk)
    locked.learner_unit = learner_unit
    verdict = may.can_acknowledge(by, locked).require()
    if len(text) > LONGEST:
        raise NotNow(f"A reply has at most {LONGEST:,} characters.")
    body = write_body(learner_unit.centre_id, text, "") if says_something(text) else None
    fact = FeedbackReply.objects.create(decision=locked, learner_unit=learner_unit, **stamp(verdict), **with_body(body))
    record(
        verdict,
        "acknowledge_feedback",
        result=fact.uid,
        about=learner_unit,
        subjects={"decision": locked.uid},
        digests={"text": body.digest} if body else {},
    )
    return fact
