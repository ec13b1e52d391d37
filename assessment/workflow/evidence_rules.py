"""What a centre takes as evidence, how much of it, and whether its tutors tick VARCS: set by its administrator."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from assessment.models import EvidenceRules
from assessment.permissions import uploads as may
from courseware.kit import filekinds
from courseware.kit.verdict import NotNow, Stale
from courseware.ledger.verbs import verb
from courseware.people.models import Centre, User
from courseware.people.workflow.steps import lock

from .base import record
from .uploads import rules_of

LARGEST_QUOTA_MB = 1_000_000


def rules_seen(rules: EvidenceRules) -> str:
    """The rules as one line, for a form to say what it was filled in upon."""
    return f"{','.join(sorted(rules.not_taken.split()))};{rules.quota_mb};{int(rules.varcs)}"


@verb(returns=Centre)
def set_evidence_rules(
    *,
    by: User,
    centre: Centre,
    not_taken: Sequence[str],
    quota_mb: int,
    varcs: bool,
    seen: str,
    key: uuid.UUID | None = None,
) -> Centre:
    """Say which kinds of file (keys of kit.filekinds) the centre does not take, and the rest.

    What was handed in stays. Raises NotYours, Stale when the rules are not the ones `seen`, NotNow out of reason.
    """
    locked = lock(centre)
    verdict = may.can_set_evidence_rules(by, locked).require()
    rules = rules_of(locked.pk)
    if rules_seen(rules) != seen:
        raise Stale("Somebody else changed these rules meanwhile. Look at them once more; nothing of yours was kept.")
    kinds = [kind for kind in filekinds.KINDS if kind in not_taken]
    if len(kinds) == len(filekinds.KINDS):
        raise NotNow("Take at least one kind of file. Texts and links are always taken.")
    if not 1 <= quota_mb <= LARGEST_QUOTA_MB:
        raise NotNow(f"Choose between 1 and {LARGEST_QUOTA_MB:,} MB.")
    rules.not_taken, rules.quota_mb, rules.varcs = "\n".join(kinds), quota_mb, varcs
    rules.save()
    notes: dict[str, int | bool] = {"quota_mb": quota_mb, "varcs": varcs, **{f"without_{kind}": True for kind in kinds}}
    record(verdict, "set_evidence_rules", result=locked.uid, notes=notes)
    return locked
