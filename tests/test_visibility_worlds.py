"""Who may read a portfolio, as SQL, beside the same rule written out in plain words: they never differ."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest
from django.db import transaction

from assessment.models import Allocation, LearnerUnit, SampleItem, Submission
from courseware.kit import clock
from courseware.people.models import Membership
from courseware.people.standing import kept, standing_of
from tests import make
from tests.people_builders import make_centre, make_member

pytestmark = pytest.mark.django_db
ROLES = ("tutor", "iqa", "eqa")
HOUR = dt.timedelta(hours=1)


def _in_force(row: Allocation) -> bool:
    now = clock.now()
    return row.starts_at <= now and (row.ends_at is None or row.ends_at > now)


def _responsible(unit: LearnerUnit, role: str, rows: list[Allocation]) -> list[Membership]:
    """Who is allocated: those of the learner-unit, or, without any, those of its cohort."""
    rows = [row for row in rows if row.role == role and _in_force(row)]
    own = [row for row in rows if row.learner_unit_id == unit.pk]
    whole = [row for row in rows if row.learner_unit_id is None and row.cohort_id == unit.cohort_id]
    return [row.membership for row in own or whole]


def _reads(member: Membership, unit: LearnerUnit, rows: list[Allocation], items: list[SampleItem]) -> bool:
    held = standing_of(member.user).roles.get(member.centre_id, frozenset())
    if unit.learner_id == member.pk or ("lead_iqa" in held and unit.centre_id == member.centre_id):
        return True
    if any(role in held and member in _responsible(unit, role, rows) for role in ROLES):
        return True
    if held & {"iqa", "lead_iqa"} and any(
        item.learner_unit_id == unit.pk and item.reviewer_id == member.pk for item in items
    ):
        return True
    trainees = [one for one in _responsible(unit, "tutor", rows) if one.trainee]
    return "tutor" in held and any(one.countersigner_id == member.pk for one in trainees)


@pytest.fixture
def world() -> tuple[list[Membership], list[LearnerUnit]]:
    """Everybody who could read, in two centres, and learners in three cohorts; one of them sampled."""
    first = make.cohort()
    second, far = make.cohort(first.centre), make.cohort(make_centre())
    tutor, iqa = make.staff(first, "tutor", allocate=False), make.staff(first, "iqa", allocate=False)
    lead = make.staff(first, "lead_iqa", allocate=False)
    make.signed_off(make.learner_unit(first), make.staff(first, "tutor").user)
    drawn = make.item(first, iqa, lead)
    units = [drawn.learner_unit, make.learner_unit(first), make.learner_unit(second), make.learner_unit(far)]
    for unit in units[1:]:
        make.submission(unit)
    people = [
        tutor,
        iqa,
        lead,
        make_member(first.centre, "tutor", trainee=True, countersigner=tutor),
        make_member(first.centre, "eqa", "iqa"),
        make_member(first.centre, "admin"),
        make.staff(far, "tutor", allocate=False),
        units[1].learner,
        units[3].learner,
    ]
    return [Membership.objects.select_related("user").get(pk=one.pk) for one in people], units


def _allocate(luck: random.Random, people: list[Membership], units: list[LearnerUnit]) -> None:
    for _ in range(luck.randint(0, 7)):
        unit, member, role = luck.choice(units), luck.choice(people[:7]), luck.choice(ROLES)
        begins, ends = luck.choice(((-2, None), (-2, 2), (-3, -1), (1, None)))
        one = luck.choice((unit, None))
        same = {"cohort_id": unit.cohort_id, "learner_unit": one, "membership": member, "role": role}
        if not Allocation.objects.filter(ends_at__isnull=True, **same).exists():
            Allocation.objects.create(
                centre_id=unit.centre_id,
                starts_at=clock.now() + begins * HOUR,
                ends_at=None if ends is None else clock.now() + ends * HOUR,
                **same,
            )


def test_the_statements_find_what_the_rule_says_in_every_world(world: Any) -> None:
    people, units = world
    items = list(SampleItem.objects.order_by("pk"))
    pks = [unit.pk for unit in units]
    seen = set()
    for seed in range(40):
        with transaction.atomic(), kept():
            _allocate(random.Random(seed), people, units)
            rows = list(Allocation.objects.select_related("membership").order_by("pk"))
            for member in people:
                user = member.user
                meant = {unit.pk for unit in units if _reads(member, unit, rows, items)}
                found = LearnerUnit.objects.filter(pk__in=pks).readable_by(user).order_by("pk")
                assert list(found.values_list("pk", flat=True)) == sorted(meant), seed
                over = Submission.objects.filter(learner_unit__in=pks).visible_to(user).order_by("learner_unit")
                assert set(over.values_list("learner_unit", flat=True)) == meant, seed
                for role in ROLES:
                    held = role in standing_of(user).roles[member.centre_id]
                    own = {unit.pk for unit in units if held and member in _responsible(unit, role, rows)}
                    found = LearnerUnit.objects.filter(pk__in=pks).allocated_to(user, role).order_by("pk")
                    assert list(found.values_list("pk", flat=True)) == sorted(own), seed
                seen.add((member.pk, len(meant)))
            transaction.set_rollback(True)
    assert len(seen) > len(people) + 5  # worlds differ: the rule is asked both ways
