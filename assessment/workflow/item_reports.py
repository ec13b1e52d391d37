"""The verb of the report on a sampled unit: the checklist, strengths and what to develop."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from assessment.models import CHECKED, CHECKS, ItemRemark, ItemReport, SampleItem
from assessment.permissions import quality as may
from courseware.kit.verdict import NotNow
from courseware.ledger.verbs import verb
from courseware.people.models import User

from .base import new_body, record, says_something, stamp, with_body
from .reviews import lock_item

CHECK_NAMES = tuple(name for name, _ in CHECKS)


def _checked(checks: Mapping[str, str], texts: Mapping[str, str]) -> None:
    if set(checks) != set(CHECK_NAMES) or not set(checks.values()) <= set(dict(CHECKED)):
        raise NotNow("Answer every line of the checklist with Yes, No or Does not apply.")
    if "no" in checks.values() and "development" not in texts:
        raise NotNow("The checklist says No somewhere: say what the tutor is to develop.")
    if not texts:
        raise NotNow("Write what was good, or what the tutor is to develop.")


@verb(returns=ItemReport)
def report_item(
    *,
    by: User,
    item: SampleItem,
    checks: Mapping[str, str],
    strengths: str = "",
    development: str = "",
    key: uuid.UUID | None = None,
) -> ItemReport:
    """Report on a sampled unit to its tutor: `checks` answers every line of CHECKS with a word of CHECKED.

    A correction is a new report, and the newest counts. Raises NotNow when a line or a text that it needs is missing.
    """
    learner_unit, locked = lock_item(item, by)
    verdict = may.can_report_item(by, locked).require()
    typed = {"strengths": strengths, "development": development}
    texts = {kind: text for kind, text in typed.items() if says_something(text)}
    _checked(checks, texts)
    report = ItemReport.objects.create(item=locked, **checks, **stamp(verdict))
    digests = {}
    for kind, text in texts.items():
        body = new_body(locked.centre_id, text)
        body.save(force_insert=True)
        ItemRemark.objects.create(report=report, kind=kind, **stamp(verdict), **with_body(body))
        digests[kind] = body.digest
    record(
        verdict,
        "report_item",
        result=report.uid,
        about=learner_unit,
        subjects={"item": locked.uid},
        digests=digests,
        notes=dict(checks),
    )
    return report
