"""What a population holds: in how many of its units is each thing that a sample is to cover.

Counted once, when a plan is approved, and kept with the approval: pages compare the sample with these numbers and read
neither population nor strata. What happens to a unit afterwards is no part of it.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from django.db.models import CharField, Count, Exists, F, OuterRef, Q, Value

from assessment.models import (
    Countersignature,
    Decision,
    DueExtension,
    Hold,
    PlanApproval,
    Reopening,
    Review,
    SampleItem,
    SamplePlan,
    SubmissionEvidence,
)

from .draw import strata_from, units_of

UNITS, TUTOR, METHOD = "units", "tutor:", "method:"
AT_ONCE, AFTER, COUNTERSIGNED = "at_once", "after", "countersigned"
DISPUTED, HELD, REOPENED, LATER = "disputed", "held", "reopened", "later"


# Whether a row belongs to a unit in question, and in time: of the path to its learner-unit, and to its instant.
Inside = Callable[[str, str], Q | Exists]


def _parts(inside: Inside, apart: Q) -> Iterator[tuple[str, Any, str, Any]]:
    """(key, rows, path from a row to its learner-unit, what is added to the key) of all that units can have.

    `apart`: reviews that are the sample's own findings, and make no unit a special case.
    """
    own, decided = inside("learner_unit", "at"), inside("decision__learner_unit", "at")
    handed_in = SubmissionEvidence.objects.filter(inside("learner_unit", "submission__submitted_at"))
    taken = handed_in.exclude(submission__state__in=("draft", "withdrawn", "returned"))
    disputed = Review.objects.filter(decided, outcome="not_agreed").exclude(apart)
    yield METHOD, taken, "learner_unit", F("link__version__item__method")
    yield AFTER, Decision.objects.filter(own, outcome="not_yet_met"), "learner_unit", None
    yield COUNTERSIGNED, Countersignature.objects.filter(decided), "decision__learner_unit", None
    yield DISPUTED, disputed, "decision__learner_unit", None
    yield HELD, Hold.objects.filter(own), "learner_unit", None
    yield REOPENED, Reopening.objects.filter(own), "learner_unit", None
    yield LATER, DueExtension.objects.filter(own), "learner_unit", None


def _of(plan: SamplePlan, of: Any, until: dt.datetime) -> Iterator[tuple[str, Any, str, Any]]:
    """The parts of these units (`of`: a query of learner-unit ids) for one plan; what came later does not count."""
    return _parts(lambda unit, at: Q(**{f"{unit}__in": of, f"{at}__lte": until}), Q(item__plan=plan))


def _text(value: str) -> Value:
    return Value(value, output_field=CharField())


def who_has(plan: SamplePlan, of: Any, until: dt.datetime) -> Iterator[tuple[str, uuid.UUID]]:
    """(key, learner-unit) of everything that these units have, once each: 1 statement."""
    parts = [
        rows.order_by().values_list(_text(key), more or _text(""), F(f"{path}__uid"))
        for key, rows, path, more in _of(plan, of, until)
    ]
    for key, more, uid in parts[0].union(*parts[1:]):
        yield f"{key}{more}", uid


def how_many_have(plan: SamplePlan, of: Any, until: dt.datetime) -> dict[str, int]:
    """By key, how many of these units have it, counted by the database: 1 statement. Without AT_ONCE."""
    return _counted(_of(plan, of, until))


def how_many_sampled(plans: Collection[SamplePlan]) -> dict[str, int]:
    """By key, how many units in the samples of these plans had it when their plan was approved: 1 statement.

    A learner who left is left aside. Without AT_ONCE.
    """
    drawn = SampleItem.objects.filter(plan__in=plans).exclude(learner_unit__state="withdrawn").order_by()
    return _counted(
        _parts(
            lambda unit, at: Exists(drawn.filter(learner_unit=OuterRef(unit), plan__approval__at__gte=OuterRef(at))),
            Q(item__plan__in=plans),
        )
    )


def _counted(parts: Iterable[tuple[str, Any, str, Any]]) -> dict[str, int]:
    counts = [
        rows.order_by()
        .annotate(key_=_text(key), more_=more or _text(""))
        .values("key_", "more_")
        .annotate(n_=Count(path, distinct=True))
        .values_list("key_", "more_", "n_")
        for key, rows, path, more in parts
    ]
    return {f"{key}{more}": number for key, more, number in counts[0].union(*counts[1:])}


def contents_of(plan: SamplePlan, signed: Mapping[uuid.UUID, uuid.UUID], until: dt.datetime) -> str:
    """What a population holds (`signed`: who signed each unit of it off), as text: `key number`, sorted, one a line."""
    found = Counter(f"{TUTOR}{tutor}" for tutor in signed.values())
    inside = units_of(plan).order_by().values("pk")
    found.update(key for key, uid in who_has(plan, inside, until) if uid in signed)
    found[UNITS], found[AT_ONCE] = len(signed), len(signed) - found[AFTER]
    return "".join(f"{key} {number}\n" for key, number in sorted(found.items()) if number)


def read(text: str) -> dict[str, int]:
    """What `contents_of` wrote."""
    return {key: int(number) for key, number in (line.split(" ") for line in text.splitlines())}


def held_by(approval: PlanApproval) -> dict[str, int]:
    """By key, how many units of a frozen population have it; none of a plan that was approved before strata were kept.

    No statement. For a plan that was approved before this was counted, it is counted now, from its strata.
    """
    text = approval.contents
    if not text and approval.strata:
        text = contents_of(approval.plan, strata_from(approval.strata), approval.at)
    return read(text)


def tutors_in(contents: Mapping[str, int]) -> dict[uuid.UUID, int]:
    """How many units each tutor has in a population, by the tutor's uid."""
    return {uuid.UUID(key.removeprefix(TUTOR)): n for key, n in contents.items() if key.startswith(TUTOR)}


def those_with(
    key: str, signed: Mapping[uuid.UUID, uuid.UUID], found: Iterable[tuple[str, uuid.UUID]]
) -> set[uuid.UUID]:
    """Units of a population that have `key`; `found` as from `who_has`."""
    if key.startswith(TUTOR):
        return {uid for uid, tutor in signed.items() if key == f"{TUTOR}{tutor}"}
    wanted = AFTER if key == AT_ONCE else key
    have = {uid for one, uid in found if one == wanted and uid in signed}
    return set(signed) - have if key == AT_ONCE else have
