"""The verb of a blind review: the evidence is judged before the tutor's decision is shown."""

from __future__ import annotations

import uuid

from assessment.models import BLIND_OUTCOMES, BlindJudgement, Decision, SampleItem
from assessment.permissions import quality as may
from courseware.kit.verdict import NotNow
from courseware.ledger.verbs import verb
from courseware.people.models import User

from .base import record, says_something, stamp, with_body, write_body
from .reviews import lock_item, must_count


@verb(returns=BlindJudgement)
def judge_blind(
    *, by: User, item: SampleItem, decision: Decision, outcome: str, note: str = "", key: uuid.UUID | None = None
) -> BlindJudgement:
    """Judge the evidence of one decision as Met or Not yet met before the decision is shown, with a note or without.

    Raises Stale when the decision was superseded meanwhile, NotNow when there is nothing to judge blind.
    """
    learner_unit, locked = lock_item(item, by)
    verdict = may.can_judge_blind(by, locked, decision).require()
    if outcome not in dict(BLIND_OUTCOMES):
        raise NotNow("Choose Met or Not yet met.")
    must_count(decision)
    body = write_body(locked.centre_id, note, "") if says_something(note) else None
    fact = BlindJudgement.objects.create(
        item=locked, decision=decision, outcome=outcome, **stamp(verdict), **with_body(body)
    )
    record(
        verdict,
        "judge_blind",
        result=fact.uid,
        about=learner_unit,
        subjects={"item": locked.uid, "decision": decision.uid},
        digests={"text": body.digest} if body else None,
        notes={"outcome": outcome},
    )
    return fact
