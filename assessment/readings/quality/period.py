"""What the samples of a period cover, over all plans of a centre: the strategy asks it of every period, not of a plan.

The plans are the summative ones approved in the period. A tutor who signed off in it and whose units no plan holds is
there too, as a gap.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count

from assessment.models import SampleItem, SamplePlan, SignOff
from assessment.workflow import contents as kept
from assessment.workflow.strategy import strategy_of
from courseware.people.models import Centre, User

from .coverage import SITE, Covered, asked
from .reports_made import Made, Period, made


@dataclass(frozen=True)
class PeriodCoverage:
    """The report: its plans, how many units they hold and sampled, and everything to cover with both numbers."""

    made: Made
    period: Period
    plans: tuple[SamplePlan, ...]
    units: int
    sampled: int
    covered: tuple[Covered, ...]

    @property
    def gaps(self) -> int:
        """How many things no sample of the period covers."""
        return sum(one.gap for one in self.covered)


def period_coverage(user: User, centre: Centre, period: Period) -> PeriodCoverage:
    """What the centre's samples of `period` cover: 5 statements."""
    plans = tuple(
        SamplePlan.objects.filter(period.within(centre, "approval__at"), centre=centre, stage="summative")
        .defer("secret", "approval__population")
        .select_related("cohort", "approval")
        .order_by("approval__at", "pk")
    )
    population: Counter[str] = Counter()
    for plan in plans:
        population.update(_held(plan))
    sampled = _sampled(plans)
    rules, tutors = strategy_of(centre.pk), _signed_off(centre, period)
    for uid, (_, signed) in tutors.items():
        population[f"{kept.TUTOR}{uid}"] = population[f"{kept.TUTOR}{uid}"] or signed
    wanted = asked(rules, "", [(uid, name) for uid, (name, _) in tutors.items()])
    if rules.cover_sites:
        wanted += [("Site", f"{SITE}:{site}", site) for site in sorted({one.cohort.site for one in plans} - {""})]
    return PeriodCoverage(
        made=made(user, centre),
        period=period,
        plans=plans,
        units=population[kept.UNITS],
        sampled=sampled[kept.UNITS],
        covered=tuple(
            Covered(kind, key, name, population[key], sampled[key]) for kind, key, name in wanted if population[key]
        ),
    )


def _held(plan: SamplePlan) -> dict[str, int]:
    found = kept.held_by(plan.approval)
    return found | {f"{SITE}:{plan.cohort.site}": found.get(kept.UNITS, 0)}


def _sampled(plans: Collection[SamplePlan]) -> Counter[str]:
    """By key, how many sampled units have it, learners who left aside: 2 statements."""
    found = Counter(kept.how_many_sampled(plans))
    rows = SampleItem.objects.filter(plan__in=plans).exclude(learner_unit__state="withdrawn")
    groups = rows.values_list("tutor__uid", "plan__cohort__site").annotate(n=Count("pk"))
    for tutor, site, number in groups.order_by("tutor__uid", "plan__cohort__site"):
        for key in (f"{kept.TUTOR}{tutor}", f"{SITE}:{site}", kept.UNITS):
            found[key] += number
    found[kept.AT_ONCE] = found[kept.UNITS] - found[kept.AFTER]
    return found


def _signed_off(centre: Centre, period: Period) -> dict[uuid.UUID, tuple[str, int]]:
    """Who signed off in the period, by name: how many units. 1 statement."""
    rows = SignOff.objects.filter(period.within(centre), centre=centre).values_list("by__uid", "by__name")
    return {
        uid: (name, n)
        for uid, name, n in rows.annotate(n=Count("learner_unit", distinct=True)).order_by("by__name", "by__uid")
    }
