"""Verbs of how a centre samples: its strategy, version after version."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass, fields

from django.db.models import OuterRef, QuerySet, Subquery

from assessment.models import (
    INDEPENDENCE,
    LEAST_SURE,
    LONGEST_ANSWER,
    LONGEST_RUN,
    MOST_TOLERABLE,
    RAREST,
    SUREST,
    USUAL_ANSWER,
    USUAL_RUN,
    USUALLY_ONE_IN,
    USUALLY_SURE,
    USUALLY_TOLERABLE,
    SamplePlan,
    SamplingStrategy,
)
from assessment.permissions import strategy as may
from courseware.kit import chance
from courseware.kit.verdict import NotNow, Stale
from courseware.ledger.verbs import verb
from courseware.people.models import Centre, User
from courseware.people.workflow.steps import lock

from .base import record, stamp, with_body, write_body

# What each number may be: (name, least, most).
BOUNDS = (
    ("confidence", LEAST_SURE, SUREST),
    ("tolerable", 1, MOST_TOLERABLE),
    ("run", 1, LONGEST_RUN),
    ("one_in", 2, RAREST),
    ("interim", 0, 100),
    ("summative", 0, 100),
    ("answer_days", 1, LONGEST_ANSWER),
)


@dataclass(frozen=True)
class StrategyRules:
    """What a version of the strategy asks for, as the fields of SamplingStrategy; at first the usual of each."""

    confidence: int = USUALLY_SURE  # per cent
    tolerable: int = USUALLY_TOLERABLE  # per cent of the units
    run: int = USUAL_RUN
    one_in: int = USUALLY_ONE_IN
    independence: str = "ordinary"
    blind: bool = False
    interim: int = 0  # per cent of the units in progress
    summative: int = 0  # per cent of the units signed off, at least
    answer_days: int = USUAL_ANSWER
    cover_criteria: bool = True
    cover_methods: bool = True
    cover_sites: bool = True
    cover_outcomes: bool = True
    cover_special: bool = True


def rules_in(strategy: SamplingStrategy) -> StrategyRules:
    """The rules of one version."""
    return StrategyRules(**{field.name: getattr(strategy, field.name) for field in fields(StrategyRules)})


def strategy_digest(rules: StrategyRules) -> str:
    """SHA-256 of the rules as text: name and value, one a line, in the order of their names.

    A rule that came later has no line while it asks for nothing: versions from before it keep the digest on record.
    """
    said = {name: value for name, value in asdict(rules).items() if value or name not in _CAME_LATER}
    return chance.sha256_hex("".join(f"{name} {value}\n" for name, value in sorted(said.items())))


_CAME_LATER = frozenset({"summative"})


def strategy_of(centre_id: int) -> SamplingStrategy:
    """The strategy in force: the newest version with who set it, or the usual one (version 0, not saved). 1 query."""
    newest = SamplingStrategy.objects.filter(centre_id=centre_id).select_related("by", "body").order_by("-version")
    return newest.first() or SamplingStrategy(centre_id=centre_id, version=0)


def with_newest_strategy(plans: QuerySet[SamplePlan]) -> QuerySet[SamplePlan]:
    """The same plans, each with the key of its centre's newest version, for `strategy_for`."""
    newest = SamplingStrategy.objects.filter(centre=OuterRef("centre")).order_by("-version").values("pk")
    return plans.annotate(_newest_strategy=Subquery(newest[:1]))


def strategy_for(plan: SamplePlan) -> SamplingStrategy:
    """The strategy in force where `plan` is, read `with_newest_strategy` and `strategy` joined. No query, but 1 where
    the plan was drafted under an earlier version.
    """
    if vars(plan)["_newest_strategy"] == plan.strategy_id:
        return plan.strategy or SamplingStrategy(centre_id=plan.centre_id, version=0)
    return strategy_of(plan.centre_id)


def _checked(rules: StrategyRules) -> None:
    for name, least, most in BOUNDS:
        if not least <= getattr(rules, name) <= most:
            raise NotNow(f"{_LABELS[name]} is from {least} to {most}.")
    if rules.independence not in dict(INDEPENDENCE):
        raise NotNow("Choose who may review.")


_LABELS = {
    "confidence": "How sure, in per cent,",
    "tolerable": "The share of wrong units, in per cent,",
    "run": "The number of clear units in a row",
    "one_in": "One unit in so many",
    "interim": "The share of units in progress, in per cent,",
    "summative": "The share of units signed off, in per cent,",
    "answer_days": "The number of days for an answer",
}


@verb(returns=SamplingStrategy)
def set_strategy(
    *, by: User, centre: Centre, rules: StrategyRules, reason: str, seen: int, key: uuid.UUID | None = None
) -> SamplingStrategy:
    """Set a new version of the centre's sampling strategy, with the reason of the change.

    `seen` is the version that was read (0: the usual one). Raises Stale when another came meanwhile, NotNow for numbers
    out of reason and for rules that change nothing.
    """
    locked = lock(centre)
    verdict = may.can_set_strategy(by, locked).require()
    before = strategy_of(locked.pk)
    if before.version != seen:
        raise Stale("Somebody set another version of the strategy meanwhile. Read that one first.")
    _checked(rules)
    if before.version and rules_in(before) == rules:
        raise NotNow("These are the rules that are in force already.")
    body = write_body(locked.pk, reason, "Say why the strategy changes.")
    fact = SamplingStrategy.objects.create(
        version=before.version + 1, **asdict(rules), **stamp(verdict), **with_body(body)
    )
    record(
        verdict,
        "set_strategy",
        result=fact.uid,
        digests={"rules": strategy_digest(rules), "reason": body.digest},
        notes={"version": fact.version},
    )
    return fact
