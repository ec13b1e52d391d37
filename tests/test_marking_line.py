"""What the database counts, ranks and cuts off, beside the same worked out row by row: they never differ."""

from __future__ import annotations

import itertools
import uuid
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models import Q

from assessment.models import CriterionStatus, Submission
from assessment.readings import marking
from assessment.readings.marking_line import Filters, Place, place_in_queue, waiting_for
from assessment.readings.proof import _statuses
from assessment.readings.today.rows import SHOWN, Row, elsewhere, rows_of
from assessment.readings.today.tutor import tutor_queries, tutor_rows
from assessment.workflow import decisions
from courseware.kit import clock
from courseware.people.models import User
from courseware.people.standing import kept
from tests import make
from tests.people_builders import make_centre, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def tutor() -> User:
    """Somebody with two cohorts in a centre and one in another; learners wait in all of them, some half marked."""
    here = make.cohort()
    member = make.staff(here, "tutor")
    second, far = make.cohort(here.centre), make.cohort(make_centre())
    make.allocation(second, member, "tutor")
    make.allocation(far, make_member(far.centre, "tutor", email=member.user.email), "tutor")
    trainee = make.staff(here, "tutor", trainee=True, countersigner=member)
    for number, cohort in enumerate((here, second, far, here, here, here, here, here)):
        unit = make.learner_unit(cohort)
        first, *others = make.criteria(unit)
        handed_in = make.submission(unit, first, *others[: number % 3])
        if number == 3:
            made = make.decision(handed_in, first, trainee.user)
            decisions.countersign(by=member.user, decision=made, outcome="declined", feedback="Look again.")
        if number == 4:
            make.decision(handed_in, first, member.user)
            make.submission(unit, others[1])
    return User.objects.get(pk=member.user_id)


def _rows(user: User, filters: Filters) -> list[Any]:
    """The narrowed queue, row by row."""
    named = waiting_for(user).select_related("learner_unit__cohort", "learner_unit__learner", "criterion", "waits_in")
    return [
        row
        for row in named
        if str(row.learner_unit.cohort.uid) == (filters.cohort or str(row.learner_unit.cohort.uid))
        and row.criterion.number == (filters.criterion or row.criterion.number)
        and str(row.learner_unit.learner.uid) == (filters.learner or str(row.learner_unit.learner.uid))
    ]


def _place(rows: list[Any], submission: Submission) -> Place:
    line: dict[uuid.UUID, str] = {}
    for row in rows:
        line.setdefault(row.waits_in.uid, row.criterion.number)
    pairs = list(line.items())
    if submission.uid not in line:
        return Place(0, len(pairs), False, False, None, pairs[0] if pairs else None)
    here = list(line).index(submission.uid)
    return Place(
        here + 1,
        len(pairs),
        False,
        False,
        pairs[here - 1] if here else None,
        pairs[here + 1] if here + 1 < len(pairs) else None,
    )


def test_places_choices_and_lengths_are_those_of_the_rows(tutor: User) -> None:
    with kept():
        every = _rows(tutor, Filters())
        cohorts = {str(row.learner_unit.cohort.uid): row.learner_unit.cohort.name for row in every}
        learners = {str(row.learner_unit.learner.uid): row.learner_unit.learner.name for row in every}
        numbers = dict.fromkeys(row.criterion.number for row in sorted(every, key=lambda row: row.position))
        submissions = list(Submission.objects.order_by("pk"))
        places = set()
        every_choice = itertools.product(("", *cohorts), ("", *numbers, "9.9"), ("", *list(learners)[:2]))
        for turn, chosen in enumerate(every_choice):
            filters = Filters(*chosen)
            rows = _rows(tutor, filters)
            for submission in submissions if turn == 0 else submissions[turn % 5 :: 5]:
                place = place_in_queue(tutor, filters, submission)
                assert place == _place(rows, submission)
                places.add(place.number)
            queue = marking.queue(tutor, filters, 1)
            assert (queue.total, queue.page.paginator.count) == (len(every), len(rows))
            assert [(claim.submission, claim.number, claim.again) for claim in queue.claims] == [
                (row.waits_in.uid, row.criterion.number, row.open_submission_id is None) for row in rows
            ]
            assert dict(queue.options.cohorts) == cohorts
            assert dict(queue.options.learners) == learners
            assert [number for number, _ in queue.options.criteria] == list(numbers)
    assert places >= {0, 1, 2, 3}


def test_the_first_rows_of_today_are_the_first_of_all(tutor: User) -> None:
    with kept():
        every, first = rows_of(tutor_queries(tutor)), tutor_rows(tutor)
        groups: dict[tuple[str, int], list[Row]] = {}
        for row in every:
            groups.setdefault((row.kind, row.centre_id), []).append(row)
        for (kind, centre), rows in groups.items():
            shown = [row for row in first if (row.kind, row.centre_id) == (kind, centre)]
            assert [row.uid for row in shown] == [row.uid for row in rows[:SHOWN]]
            assert {row.of for row in shown} == {len(rows)}
        assert {(row.kind, row.centre_id) for row in first} == set(groups)
        assert max(map(len, groups.values())) > SHOWN
        for centre in {row.centre_id for row in every}:
            counted: dict[int, int] = {}
            for row in every:
                if row.centre_id != centre:
                    counted[row.centre_id] = counted.get(row.centre_id, 0) + 1
            assert elsewhere(first, centre) == counted


def test_what_waits_is_what_the_facts_say(tutor: User) -> None:
    claims = Q(open_submission__isnull=False) | Q(status="awaiting_marking")
    by_facts = set(CriterionStatus.objects.filter(claims).order_by().values_list("pk", flat=True))
    assert by_facts
    assert set(CriterionStatus.objects.filter(waits_since__isnull=False).order_by().values_list("pk", flat=True)) == (
        by_facts
    )


@pytest.mark.parametrize("moved", ["waits_since", "waits_with", "waits_in"])
def test_what_is_kept_as_waiting_elsewhere_is_found(tutor: User, moved: str) -> None:
    status = CriterionStatus.objects.filter(open_submission__isnull=False).order_by("pk")[0]
    other = CriterionStatus.objects.exclude(waits_with=status.waits_with).filter(waits_since__isnull=False)
    values = {"waits_since": clock.now(), "waits_with": other.order_by("pk")[0].waits_with, "waits_in": None}
    changed = {moved: values[moved]} if moved != "waits_in" else dict.fromkeys(values)
    assert not list(_statuses())
    CriterionStatus.objects.filter(pk=status.pk).update(**changed)
    assert len(list(_statuses())) == 1


def test_a_criterion_waits_wholly_or_not_at_all(tutor: User) -> None:
    with pytest.raises(IntegrityError, match="criterion_waits_wholly"):
        CriterionStatus.objects.filter(waits_since__isnull=False).update(waits_with=None)
