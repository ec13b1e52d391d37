"""The pages about dates: a cohort's own, what is due when, a later date; and where learners and staff read them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.urls import reverse

from assessment.models import Cohort, DueDate, DueExtension, LearnerUnit
from assessment.readings.cohort_dates import dates_page, evenly
from assessment.workflow import deadlines, submissions
from content.models import LearningOutcome
from courseware.kit import clock
from tests import make
from tests.flat import flat
from tests.marking_pages import BY_CURSOR, signed_in, statements
from tests.people_builders import administrator_of, make_centre
from tests.study_pages import main_of

pytestmark = pytest.mark.django_db
AHEAD, LATER, BEHIND = dt.date(2099, 11, 14), dt.date(2099, 11, 21), dt.date(2026, 10, 5)


@pytest.fixture
def cohort() -> Cohort:
    return make.cohort()


def page(cohort: Cohort, **typed: Any) -> Any:
    return signed_in(administrator_of(cohort.centre)).get(reverse("cohort-due-dates", args=[cohort.uid]), typed)


def send(cohort: Cohort, **typed: Any) -> Any:
    address = reverse("cohort-due-dates", args=[cohort.uid])
    return signed_in(administrator_of(cohort.centre)).post(address, {"key": uuid.uuid4(), **typed})


# -- Setting them ------------------------------------------------------------------------------------------------------


def test_dates_are_typed_looked_at_and_set(cohort: Cohort) -> None:
    assert "What changes" not in flat(page(cohort))
    typed = {"o1": "2099-11-14", "c3": "2099-11-21", "seen": dates_page(cohort).seen}
    shown = send(cohort, **typed)
    assert shown.status_code == 200
    words = flat(shown)
    assert "Learning outcome 1" in words
    assert "Saturday 14 November 2099" in words
    assert "Nothing of it is set yet" in words
    assert not DueDate.objects.exists()
    answer = send(cohort, **typed, save="1")
    assert (answer.status_code, answer["Location"]) == (303, reverse("cohort", args=[cohort.uid]))
    assert {(row.outcome_id is None, row.due_on) for row in DueDate.objects.order_by("pk")} == {
        (False, AHEAD),
        (True, LATER),
    }
    assert 'value="2099-11-14"' in page(cohort).content.decode()
    assert "Nothing: these dates hold already" in flat(send(cohort, **typed))
    assert send(cohort, **typed, save="1").status_code == 409


def test_dates_spread_evenly_fill_the_form_and_set_nothing(cohort: Cohort) -> None:
    shown = page(cohort, first="2099-11-01", last="2099-11-21", over="criteria")
    form = shown.context["form"]
    assert [form[name].value() for name in ("o1", "c1", "c2", "o2", "c3")] == [
        None,
        dt.date(2099, 11, 1),
        dt.date(2099, 11, 11),
        None,
        LATER,
    ]
    assert "Set these due dates" in flat(shown)
    form = page(cohort, first="2099-11-14", last="2099-11-21", over="outcomes").context["form"]
    assert [form[name].value() for name in ("o1", "c1", "o2")] == [AHEAD, None, LATER]
    wrong = page(cohort, first="2099-11-21", last="2099-11-14", over="criteria")
    assert wrong.status_code == 422
    assert "The last date lies before the first" in flat(wrong)
    assert page(cohort, first="soon", last="", over="everything").status_code == 422
    assert not DueDate.objects.exists()


def test_days_are_spread_as_evenly_as_whole_days_allow() -> None:
    assert evenly(AHEAD, LATER, 0) == []
    assert evenly(AHEAD, LATER, 1) == [LATER]
    assert [day.day for day in evenly(AHEAD, LATER, 4)] == [14, 16, 19, 21]
    assert evenly(AHEAD, AHEAD, 3) == [AHEAD] * 3


@pytest.mark.parametrize(
    ("typed", "status", "says"),
    [
        ({"c1": "soon"}, 422, "Write the date for 1.1"),
        ({"c1": "2020-01-01", "save": "1"}, 409, "before the cohort starts"),
        ({"c1": "2099-11-14", "seen": "0" * 64, "save": "1"}, 409, "while you were reading"),
    ],
)
def test_dates_with_a_fault_come_back_with_its_reason(
    cohort: Cohort, typed: dict[str, str], status: int, says: str
) -> None:
    answer = send(cohort, **typed)
    assert answer.status_code == status
    assert says in flat(answer)
    assert not DueDate.objects.exists()


@pytest.mark.parametrize("rows", [1, 4])
def test_the_page_costs_the_same_however_often_dates_changed(cohort: Cohort, rows: int) -> None:
    outcome = LearningOutcome.objects.get(specification=cohort.specification, number=1)
    for step in range(rows):
        make.due(cohort, (outcome, AHEAD + dt.timedelta(days=step)))
        make.cohort(cohort.centre)
    client = signed_in(administrator_of(cohort.centre))
    client.get("/")
    assert statements(client, reverse("cohort-due-dates", args=[cohort.uid])) == 8
    assert statements(client, reverse("cohort-change", args=[cohort.uid])) == 5


def test_a_cohort_is_changed_on_its_page(cohort: Cohort) -> None:
    client = signed_in(administrator_of(cohort.centre))
    address = reverse("cohort-change", args=[cohort.uid])
    sent = {"name": "Autumn", "starts_on": "2026-09-07", "ends_on": "2027-01-31"}
    sent["seen"] = deadlines.cohort_digest(cohort)
    assert cohort.name in flat(client.get(address))
    assert client.post(address, sent | {"ends_on": "2026-01-01", "key": uuid.uuid4()}).status_code == 422
    assert client.post(address, sent | {"key": uuid.uuid4()}).status_code == 303
    assert Cohort.objects.get().name == "Autumn"
    assert client.post(address, sent | {"name": "His", "key": uuid.uuid4()}).status_code == 409
    assert Cohort.objects.get().name == "Autumn"


# -- A later date ------------------------------------------------------------------------------------------------------


def test_a_tutor_gives_a_later_date_and_everybody_reads_what_is_theirs(cohort: Cohort) -> None:
    unit, tutor = make.learner_unit(cohort), make.staff(cohort, "tutor")
    first, second, _ = make.criteria(unit)
    make.due(cohort, (first, AHEAD), (second, AHEAD))
    client, address = signed_in(tutor), reverse("extend", args=[unit.uid])
    sent = {"criteria": [first.uid, second.uid], "due_on": "2099-11-21", "kind": "adjustment", "reason": "More time."}
    assert client.post(address, {"key": uuid.uuid4()}).status_code == 422
    assert client.post(address, sent | {"due_on": "2026-11-01", "key": uuid.uuid4()}).status_code == 409
    assert not DueExtension.objects.exists()
    assert client.post(address, sent | {"key": uuid.uuid4()}).status_code == 303
    page_of_unit = reverse("learner-unit", args=[unit.uid])
    staff = main_of(tutor.user, page_of_unit)
    assert "Reasonable adjustment to Saturday 21 November 2099: 1.1, 1.2. More time." in staff
    assert "21 November 2099, a later date" in staff
    assert "More time" in main_of(administrator_of(cohort.centre), page_of_unit)
    assert "a later date" in main_of(make.staff(cohort, "eqa").user, page_of_unit)
    own = main_of(unit.learner.user, "/units/101/1.1/")
    assert "Due Saturday 21 November 2099, a later date for you" in own
    other = make.learner_unit(cohort)
    assert "Due Saturday 14 November 2099" in main_of(other.learner.user, "/units/101/1.1/")
    assert "More time" not in main_of(other.learner.user, "/units/101/1.1/")


@pytest.mark.parametrize("rows", [1, 4])
def test_the_staff_page_costs_the_same_whatever_was_extended(cohort: Cohort, rows: int) -> None:
    unit, tutor = make.learner_unit(cohort), make.staff(cohort, "tutor")
    first = make.criteria(unit)[0]
    make.due(cohort, (first, AHEAD))
    for step in range(1, rows + 1):
        deadlines.extend(
            by=tutor.user,
            learner_unit=unit,
            criteria=[first],
            due_on=AHEAD + dt.timedelta(days=step),
            reason="More time.",
        )
    client = signed_in(tutor)
    client.get("/")
    assert statements(client, reverse("learner-unit", args=[unit.uid])) == 12
    assert statements(client, reverse("extend", args=[unit.uid])) == 8 - BY_CURSOR


# -- What the learner reads --------------------------------------------------------------------------------------------


def test_the_map_and_today_say_what_is_due_next_and_what_was(cohort: Cohort) -> None:
    unit = make.learner_unit(cohort)
    first, second, third = make.criteria(unit)
    make.due(cohort, (first, BEHIND), (second, AHEAD), (third, LATER))
    for address in ("/", "/units/101/"):
        words = main_of(unit.learner.user, address)
        assert "1.1 was due before today. Hand it in when you can: your tutor marks it as always." in words
        assert "Next due: 1.2, Saturday 14 November 2099." in words
    words = main_of(unit.learner.user, "/units/101/")
    assert "Was due 5 October" in words
    assert "Due 14 November 2099" in words
    assert "Was due Monday 5 October 2026" in main_of(unit.learner.user, "/units/101/1.1/")
    make.due(cohort, (second, BEHIND))
    assert "1.1 and 1.2 were due before today. Hand them in" in main_of(unit.learner.user, "/")


def test_after_feedback_a_date_that_passed_says_nothing_any_more(cohort: Cohort) -> None:
    unit, tutor = make.learner_unit(cohort), make.staff(cohort, "tutor")
    first = make.criteria(unit)[0]
    make.due(cohort, (first, BEHIND))
    make.marked(make.submission(unit, first), tutor.user, "not_yet_met")
    assert "due" not in main_of(unit.learner.user, "/units/101/").lower()
    make.due(cohort, (first, AHEAD))
    assert "Next due: 1.1" in main_of(unit.learner.user, "/units/101/")


def test_what_is_handed_in_late_is_told_and_taken(cohort: Cohort) -> None:
    unit, tutor = make.learner_unit(cohort), make.staff(cohort, "tutor")
    first, second, _ = make.criteria(unit)
    make.due(cohort, (first, BEHIND), (second, AHEAD))
    staff = reverse("learner-unit", args=[unit.uid])
    assert flat(signed_in(tutor).get(staff)).count("Not handed in yet") == 1
    made = make.draft(unit, first, second)
    words = main_of(unit.learner.user, reverse("submission-draft", args=[unit.uid]))
    assert "Was due Monday 5 October 2026" in words
    assert "Due Saturday 14 November 2099" in words
    assert "1.1 is handed in after the due date, and marked as always." in words
    submissions.submit(by=unit.learner.user, submission=made, declared=True, others="none", ai_used=False)
    words = flat(signed_in(tutor).get(staff))
    assert "After the due date: 1.1" in words
    assert "Not handed in yet" not in words


def test_several_that_are_late_are_told_together(cohort: Cohort) -> None:
    unit = make.learner_unit(cohort)
    first, second, _ = make.criteria(unit)
    make.due(cohort, (first, BEHIND), (second, BEHIND))
    make.draft(unit, first, second)
    words = main_of(unit.learner.user, reverse("submission-draft", args=[unit.uid]))
    assert "1.1 and 1.2 are handed in after the due date" in words


def test_without_dates_no_page_speaks_of_them(cohort: Cohort) -> None:
    unit, tutor = make.learner_unit(cohort), make.staff(cohort, "tutor")
    for user, address in [
        (unit.learner.user, "/"),
        (unit.learner.user, "/units/101/"),
        (unit.learner.user, "/units/101/1.1/"),
        (tutor.user, reverse("learner-unit", args=[unit.uid])),
    ]:
        assert "due" not in main_of(user, address).lower().split()


def test_the_due_book_and_the_pages_say_the_same() -> None:
    """The two ways to ask for a date, with history and without, give one answer."""
    from assessment.readings.study_rows import places_of
    from assessment.workflow.due import DueBook

    old = make.cohort(make_centre())
    unit = make.learner_unit(old)
    first, second, _ = make.criteria(unit)
    outcome = LearningOutcome.objects.get(specification=old.specification, number=2)
    make.due(old, (first, AHEAD), (outcome, LATER))
    make.due(old, (first, None), (second, AHEAD))
    by = administrator_of(old.centre)
    deadlines.extend(by=by, learner_unit=unit, criteria=[second], due_on=LATER, reason="More time.")
    unit = LearnerUnit.objects.select_related("centre").get(pk=unit.pk)
    book = DueBook([unit])
    told = {place.criterion_id: place.due for place in places_of([unit])}
    assert told == {criterion.pk: book.of(unit, criterion.pk) for criterion in make.criteria(unit)}
    assert [due.on if due else None for due in told.values()] == [None, LATER, LATER]
    assert clock.now().date() < AHEAD
