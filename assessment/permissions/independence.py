"""What ties somebody to a learner-unit, so that they do not review it. Computed from what people did, never set.

Always: its learner; who decided or countersigned anything in it; who declared an interest in its learner, or in a
colleague who decided anything in it. Under strict rules also who taught the learner: was their tutor, or their
cohort's while they were in it, or gave a submission of theirs back.

Whoever declared an interest in a learner does not assess them either: decides, countersigns and signs off nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import CharField, F, Q, QuerySet, Value

from assessment.models import Countersignature, Decision, DeclaredInterest, LearnerUnit, SubmissionReturn
from courseware.kit.verdict import Verdict, not_yours
from courseware.people.models import Membership, User

from .base import is_close

# By tie, in the order in which one is named when there are several.
REASONS = {
    "learner": "{name} is the learner of this unit.",
    "decided": "{name} decided something in this unit.",
    "countersigned": "{name} countersigned something in this unit.",
    "taught": "{name} taught this learner, and the plan’s rules are strict.",
    "close_to_learner": "{name} declared an interest in this learner.",
    "close_to_colleague": "{name} declared an interest in a colleague who decided in this unit.",
}
Ties = Mapping[int, Mapping[int, str]]  # learner-unit id: membership id: key of REASONS


def _tied(kind: str, rows: Any, unit: str, member: str) -> Any:
    """(kind, unit or person, member) of `rows`; the columns are called alike in every part of a union."""
    return rows.order_by().values_list(Value(kind, output_field=CharField()), F(unit), F(member))


def ties(units: QuerySet[LearnerUnit], members: Collection[int], rule: str) -> Ties:
    """What ties each of `members` (ids of memberships) to each of `units`; `rule` is of INDEPENDENCE.

    1 statement, and one more where any of them holds a declared interest.
    """
    inside = units.order_by().values("pk")
    by = {"by__in": members}
    parts = [
        _tied("learner", units.filter(learner__in=members), "pk", "learner_id"),
        _tied("decided", Decision.objects.filter(learner_unit__in=inside, **by), "learner_unit_id", "by_id"),
        _tied(
            "countersigned",
            Countersignature.objects.filter(decision__learner_unit__in=inside, **by),
            "decision__learner_unit_id",
            "by_id",
        ),
        *(_tied(f"close_to_{who}", _interests(members, who), f"{who}_id", "holder_id") for who in _INTERESTS),
    ]
    if rule == "strict":
        parts += _taught(units, inside, members)
    found: dict[int, dict[int, str]] = {}
    close: dict[str, dict[int, set[int]]] = {}
    # Sorted by tie, so that the first one said of a person is the one that is named.
    for kind, subject, member in sorted(parts[0].union(*parts[1:]), key=lambda row: list(REASONS).index(row[0])):
        if kind.startswith("close_to_"):
            close.setdefault(kind, {}).setdefault(subject, set()).add(member)
        else:
            found.setdefault(subject, {}).setdefault(member, kind)
    for kind, unit, person in _near(units, inside, close):
        for member in close[kind][person]:
            found.setdefault(unit, {}).setdefault(member, kind)
    return found


_INTERESTS = ("learner", "colleague")


def _interests(members: Collection[int], who: str) -> QuerySet[DeclaredInterest]:
    return DeclaredInterest.objects.filter(holder__in=members, end__isnull=True, **{f"{who}__isnull": False})


def _near(units: QuerySet[LearnerUnit], inside: Any, close: Mapping[str, Collection[int]]) -> Any:
    """(kind, unit, person) of the units that one of the people learns, or decided in: 1 statement, 0 for nobody.

    Sorted as the kinds are said: an interest in the learner is named before one in a colleague.
    """
    learns = units.filter(learner__in=close.get("close_to_learner", ()))
    decided = Decision.objects.filter(learner_unit__in=inside, by__in=close.get("close_to_colleague", ()))
    parts = {
        "close_to_learner": _tied("close_to_learner", learns, "pk", "learner_id"),
        "close_to_colleague": _tied("close_to_colleague", decided, "learner_unit_id", "by_id"),
    }
    first, *rest = [parts[kind] for kind in parts if kind in close] or [LearnerUnit.objects.none()]
    return sorted(first.union(*rest), key=lambda row: list(REASONS).index(row[0]))


def _taught(units: QuerySet[LearnerUnit], inside: Any, members: Collection[int]) -> list[Any]:
    """Own tutors, the tutors of the cohorts that the learner was in meanwhile, and who gave a submission back."""
    gone = SubmissionReturn.objects.filter(submission__learner_unit__in=inside, by__in=members)
    parts = [_tied("taught", gone, "submission__learner_unit_id", "by_id")]
    for path in ("allocations", "cohort__allocations", "moves__from_cohort__allocations"):
        tutor = Q(**{f"{path}__role": "tutor", f"{path}__membership__in": members})
        if path != "allocations":
            ends = f"{path}__ends_at"
            tutor &= Q(**{f"{path}__learner_unit__isnull": True})
            tutor &= Q(**{f"{ends}__isnull": True}) | Q(**{f"{ends}__gt": F("joined_at")})
        parts.append(_tied("taught", units.filter(tutor), "pk", f"{path}__membership_id"))
    return parts


def against_reviewing(holder: Membership, learner_unit: LearnerUnit, rule: str) -> str:
    """Why `holder` does not review `learner_unit` under `rule`, as a sentence; empty when nothing is against it."""
    one = ties(LearnerUnit.objects.filter(pk=learner_unit.pk), [holder.pk], rule).get(learner_unit.pk, {})
    return REASONS[one[holder.pk]].format(name=holder.name) if holder.pk in one else ""


INTERESTED = "You declared an interest in this learner, so another tutor assesses this work."


def against_assessing(user: User, learner_unit: LearnerUnit) -> Verdict | None:
    """A refusal when `user` declared an interest in the learner: they judge nothing of theirs until it has ended.

    No statement where the unit was read with what `user` is responsible for.
    """
    return not_yours(INTERESTED) if is_close(user, learner_unit) else None


def not_assessed_by(member: Membership, units: QuerySet[LearnerUnit]) -> list[str]:
    """Names of the learners of `units` whose work `member` may not judge, having declared an interest. 1 statement."""
    people = _interests([member.pk], "learner").order_by().values("learner")
    found = units.filter(learner__in=people).order_by("learner__name", "learner")
    return list(found.values_list("learner__name", flat=True).distinct())


def unreviewable(units: QuerySet[LearnerUnit], reviewers: Collection[Membership], rule: str) -> dict[int, list[str]]:
    """Of `units`, those that none of `reviewers` may review: learner-unit id, and the reason for each of them."""
    found = ties(units, [one.pk for one in reviewers], rule)
    return {
        unit: [REASONS[tied[one.pk]].format(name=one.name) for one in reviewers]
        for unit, tied in found.items()
        if all(one.pk in tied for one in reviewers)
    }
