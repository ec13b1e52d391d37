"""Dates: a cohort's own, what is due when, one learner's later date, and what is late."""

from __future__ import annotations

import datetime as dt
import uuid
import zoneinfo
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from assessment.models import Cohort, DueDate, DueExtension, LearnerUnit
from assessment.readings import proof_cohorts
from assessment.readings.proof import steps
from assessment.workflow import cohorts, deadlines, moving, submissions
from assessment.workflow.due import Due, DueBook, is_after
from content.models import Criterion, LearningOutcome
from courseware.kit import clock
from courseware.kit.verdict import NotNow, NotYours, Stale
from courseware.ledger.models import LedgerEntry
from courseware.people.models import User
from tests import make
from tests.people_builders import administrator_of, make_centre, make_member

FIRST, SECOND, THIRD = dt.date(2026, 10, 5), dt.date(2026, 10, 12), dt.date(2026, 10, 19)
BEGAN = dt.datetime(2005, 1, 1, tzinfo=dt.UTC)
ZONES = ("Europe/London", "America/Sao_Paulo", "America/Havana", "Pacific/Apia", "Asia/Kathmandu", "UTC")


@pytest.fixture
def cohort(db: None) -> Cohort:
    return make.cohort()


def admin(of: Cohort) -> User:
    return administrator_of(of.centre)


def parts(of: Cohort) -> tuple[list[LearningOutcome], list[Criterion]]:
    outcomes = LearningOutcome.objects.filter(specification=of.specification).order_by("number")
    return list(outcomes), list(Criterion.objects.filter(specification=of.specification).order_by("position"))


def whole() -> bool:
    return [fault for step in steps() for fault in step.faults()] == []


def change(of: Cohort, by: User | None = None, **more: Any) -> Cohort:
    sent = {"name": of.name, "starts_on": of.starts_on, "ends_on": of.ends_on} | more
    return deadlines.change_cohort(by=by or admin(of), cohort=of, **sent)


# -- The cohort's own dates --------------------------------------------------------------------------------------------


def test_name_and_dates_of_a_cohort_change_and_the_record_says_so(cohort: Cohort) -> None:
    change(cohort, name="Autumn", ends_on=dt.date(2027, 1, 31), seen=deadlines.cohort_digest(cohort))
    cohort.refresh_from_db()
    assert (cohort.name, cohort.ends_on) == ("Autumn", dt.date(2027, 1, 31))
    entry = LedgerEntry.objects.latest("pk")
    assert entry.verb == "change_cohort"
    assert '"ends_on":20270131,"moved":false,"renamed":true,"starts_on":20260907' in entry.text
    assert "Autumn" not in entry.text


def test_the_site_of_a_cohort_is_part_of_what_was_read(cohort: Cohort) -> None:
    seen = deadlines.cohort_digest(cohort)
    change(cohort, site=" Canal Street ", seen=seen)
    cohort.refresh_from_db()
    assert cohort.site == "Canal Street"
    entry = LedgerEntry.objects.latest("pk")
    assert '"moved":true,"renamed":false' in entry.text
    assert "Canal" not in entry.text
    with pytest.raises(Stale, match="while you were reading"):
        change(cohort, site="Mill Lane", seen=seen)
    with pytest.raises(NotNow, match="Nothing is changed"):
        change(cohort, site="Canal Street")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({}, "Nothing is changed"),
        ({"ends_on": dt.date(2026, 9, 1)}, "ends before it starts"),
        ({"ends_on": dt.date(2200, 1, 1)}, "Choose a date before 2200"),
        ({"starts_on": dt.date.max, "ends_on": None}, "Choose a date before 2200"),
        ({"name": "Taken"}, "There is a cohort called Taken"),
        ({"starts_on": dt.date(2026, 10, 6)}, "due before that start"),
    ],
)
def test_a_change_of_a_cohort_that_cannot_be_is_refused_and_changes_nothing(
    cohort: Cohort, more: dict[str, Any], says: str
) -> None:
    make.cohort(cohort.centre, name="Taken")
    make.due(cohort, (parts(cohort)[1][0], FIRST))
    before = (Cohort.objects.values().get(pk=cohort.pk), LedgerEntry.objects.count())
    with pytest.raises(NotNow, match=says):
        change(cohort, **more)
    assert (Cohort.objects.values().get(pk=cohort.pk), LedgerEntry.objects.count()) == before


def test_two_administrators_do_not_overwrite_each_other(cohort: Cohort) -> None:
    seen, dates = deadlines.cohort_digest(cohort), deadlines.dates_digest(deadlines.current_dates(cohort))
    change(cohort, name="Hers")
    make.due(cohort, (parts(cohort)[1][0], FIRST))
    with pytest.raises(Stale, match="while you were reading"):
        change(cohort, name="His", seen=seen)
    with pytest.raises(Stale, match="while you were reading"):
        deadlines.set_due_dates(by=admin(cohort), cohort=cohort, dates=[(parts(cohort)[1][0], SECOND)], seen=dates)
    assert Cohort.objects.get(pk=cohort.pk).name == "Hers"
    assert DueDate.objects.get().due_on == FIRST


@pytest.mark.parametrize("role", ["learner", "tutor", "iqa", "lead_iqa", "eqa"])
def test_only_an_administrator_changes_a_cohort_and_its_dates(cohort: Cohort, role: str) -> None:
    member = make.staff(cohort, role)
    with pytest.raises(NotYours):
        change(cohort, by=member.user, name="Mine")
    with pytest.raises(NotYours):
        deadlines.set_due_dates(by=member.user, cohort=cohort, dates=[(parts(cohort)[1][0], FIRST)])
    assert not DueDate.objects.exists()


# -- Due dates ---------------------------------------------------------------------------------------------------------


def test_an_outcomes_date_holds_for_its_criteria_without_their_own(cohort: Cohort) -> None:
    outcomes, criteria = parts(cohort)
    unit = make.learner_unit(cohort)
    make.due(cohort, (outcomes[0], FIRST), (criteria[1], SECOND))
    book = DueBook([unit])
    assert [book.of(unit, one.pk) for one in criteria] == [Due(FIRST), Due(SECOND), None]
    assert whole()


def test_a_changed_date_is_a_new_row_and_what_held_before_can_be_asked(cohort: Cohort) -> None:
    outcomes, criteria = parts(cohort)
    unit = make.learner_unit(cohort)
    make.due(cohort, (outcomes[0], FIRST), (criteria[0], SECOND))
    then = clock.now()
    make.due(cohort, (criteria[0], THIRD), (outcomes[0], FIRST))
    make.due(cohort, (criteria[0], None))
    rows = list(DueDate.objects.filter(criterion=criteria[0]).order_by("pk"))
    assert [row.due_on for row in rows] == [SECOND, THIRD, None]
    assert [row.supersedes for row in rows] == [None, rows[0], rows[1]]
    assert DueDate.objects.filter(outcome=outcomes[0]).count() == 1
    book = DueBook([unit])
    assert book.of(unit, criteria[0].pk, then) == Due(SECOND)
    assert book.of(unit, criteria[0].pk) == Due(FIRST)
    assert whole()


def test_dates_that_cannot_be_are_refused_and_change_nothing(cohort: Cohort) -> None:
    criterion = parts(cohort)[1][0]
    make.due(cohort, (criterion, FIRST))
    foreign = parts(make.cohort(spec=make.specification(make.HOUSE)))[1][0]
    for target, date, says in [
        (criterion, FIRST, "Nothing is changed"),
        (criterion, dt.date(2026, 9, 6), "1.1 would be due before the cohort starts"),
        (criterion, dt.date(2200, 1, 1), "Choose a date before 2200"),
        (criterion, dt.date.max, "Choose a date before 2200"),
        (foreign, SECOND, "another unit"),
    ]:
        with pytest.raises(NotNow, match=says):
            make.due(cohort, (target, date))
    assert DueDate.objects.get().due_on == FIRST


def test_the_same_form_twice_sets_dates_once(cohort: Cohort) -> None:
    sent: dict[str, Any] = {"cohort": cohort, "dates": [(parts(cohort)[1][0], FIRST)], "key": uuid.uuid4()}
    first = deadlines.set_due_dates(by=admin(cohort), **sent)
    assert deadlines.set_due_dates(by=admin(cohort), **sent) == first
    assert DueDate.objects.count() == 1


def test_the_database_refuses_dates_that_make_no_sense(cohort: Cohort) -> None:
    outcomes, criteria = parts(cohort)
    first = make.due(cohort, (criteria[0], FIRST))
    foreign = parts(make.cohort(spec=make.specification(make.HOUSE)))[1][0]
    by = admin(cohort).memberships.get()
    stamp: dict[str, Any] = {"centre": cohort.centre, "cohort": cohort, "by": by, "role": "admin", "due_on": SECOND}
    for wrong in (
        {"criterion": foreign},
        {"criterion": criteria[0]},  # a second first
        {"criterion": criteria[1], "supersedes": first},
        {"outcome": outcomes[0], "supersedes": first},
        {"criterion": criteria[1], "outcome": outcomes[0]},
        {},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            DueDate.objects.create(**stamp, **wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        DueDate.objects.update(due_on=THIRD)
    assert DueDate.objects.get().due_on == FIRST


def test_the_proof_names_dates_that_the_record_does_not(cohort: Cohort) -> None:
    criterion = parts(cohort)[1][0]
    by = admin(cohort).memberships.get()
    stray = DueDate.objects.create(
        centre=cohort.centre, cohort=cohort, criterion=criterion, due_on=FIRST, by=by, role="admin"
    )
    assert [fault for step in steps() for fault in step.faults()] == [
        f"due date {stray.uid}: no record entry names it"
    ] * 2


def test_the_proof_names_dates_that_are_not_what_the_record_digested(
    cohort: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.due(cohort, (parts(cohort)[1][0], FIRST))
    monkeypatch.setattr(proof_cohorts, "dates_text", lambda rows: f"{len(rows)} others")
    (fault,) = proof_cohorts.date_faults()
    assert fault.endswith("its due dates are gone or are others")


# -- One learner's later date ------------------------------------------------------------------------------------------


def extend(unit: LearnerUnit, due_on: dt.date = SECOND, by: User | None = None, **more: Any) -> DueExtension:
    sent: dict[str, Any] = {"criteria": make.criteria(unit)[:1], "reason": "Two weeks in hospital."} | more
    return deadlines.extend(by=by or admin(unit.cohort), learner_unit=unit, due_on=due_on, **sent)


def test_a_later_date_holds_for_one_learner_and_never_shortens(cohort: Cohort) -> None:
    unit, other = make.learner_unit(cohort), make.learner_unit(cohort)
    first = make.criteria(unit)[0]
    make.due(cohort, (first, FIRST))
    tutor = make.staff(cohort, "tutor")
    made = extend(unit, by=tutor.user, kind="adjustment")
    assert (made.role, made.kind, made.body.text if made.body else "") == (
        "tutor",
        "adjustment",
        "Two weeks in hospital.",
    )
    book = DueBook([unit, other])
    assert [book.of(one, first.pk) for one in (unit, other)] == [Due(SECOND, extended=True), Due(FIRST)]
    again = extend(unit, THIRD)
    assert again.supersedes == made
    assert DueBook([unit]).of(unit, first.pk) == Due(THIRD, extended=True)
    make.due(cohort, (first, dt.date(2026, 11, 1)))
    assert DueBook([unit]).of(unit, first.pk) == Due(dt.date(2026, 11, 1))
    assert "hospital" not in LedgerEntry.objects.filter(verb="extend").earliest("pk").text
    assert whole()


def test_a_later_date_that_cannot_be_is_refused_and_changes_nothing(cohort: Cohort) -> None:
    unit = make.learner_unit(cohort)
    first, second, _ = make.criteria(unit)
    make.due(cohort, (first, FIRST))
    foreign = parts(make.cohort(spec=make.specification(make.HOUSE)))[1][0]
    for more, says in [
        ({"criteria": []}, "at least one criterion"),
        ({"criteria": [second]}, "1.2 has no due date"),
        ({"criteria": [foreign]}, "another unit"),
        ({"due_on": FIRST}, "due on 05.10.2026. An extension is a later date"),
        ({"due_on": dt.date(2200, 1, 1)}, "Choose a date before 2200"),
        ({"kind": "gift"}, "Choose whether"),
        ({"reason": "  "}, "Say why the date is later"),
    ]:
        with pytest.raises(NotNow, match=says):
            extend(unit, **more)
    assert not DueExtension.objects.exists()


def test_who_may_give_a_later_date(cohort: Cohort) -> None:
    unit = make.learner_unit(cohort)
    make.due(cohort, (make.criteria(unit)[0], FIRST))
    others = [make.staff(cohort, role) for role in ("iqa", "lead_iqa", "eqa")]
    idle = make_member(cohort.centre, "tutor")
    both = make_member(cohort.centre, "learner", "admin")
    own = make.learner_unit(cohort, both)
    for user, of in [(unit.learner.user, unit), (idle.user, unit), *((one.user, unit) for one in others)]:
        with pytest.raises(NotYours, match="Only an administrator or a tutor"):
            extend(of, by=user)
    with pytest.raises(NotYours, match="Nobody gives themselves"):
        extend(own, by=both.user)
    cohorts.withdraw_learner(by=admin(cohort), learner_unit=unit, reason="Left.")
    with pytest.raises(NotNow, match="not in progress"):
        extend(unit)
    assert not DueExtension.objects.exists()


# -- Late --------------------------------------------------------------------------------------------------------------


@given(
    instant=st.integers(0, 25 * 365 * 86400).map(lambda s: BEGAN + dt.timedelta(seconds=s)),
    back=st.integers(-2, 2),
    zone=st.sampled_from(ZONES),
)
def test_late_is_after_the_end_of_the_day_in_the_centres_zone(instant: dt.datetime, back: int, zone: str) -> None:
    due_on = instant.astimezone(zoneinfo.ZoneInfo(zone)).date() + dt.timedelta(days=back)
    ends = dt.datetime.combine(due_on + dt.timedelta(days=1), dt.time.min, zoneinfo.ZoneInfo(zone))
    assert is_after(instant, due_on, zone) is (instant >= ends.astimezone(dt.UTC))


@pytest.mark.parametrize(
    ("instant", "late"),
    [
        (dt.datetime(2026, 10, 25, 23, 59, 59, tzinfo=dt.UTC), False),  # winter time began this night
        (dt.datetime(2026, 10, 26, 0, 0, tzinfo=dt.UTC), True),
        (dt.datetime(2026, 10, 24, 23, 30, tzinfo=dt.UTC), False),  # 0:30 on the 25th in London
    ],
)
def test_the_day_that_has_25_hours_ends_when_it_ends(instant: dt.datetime, late: bool) -> None:
    assert is_after(instant, dt.date(2026, 10, 25), "Europe/London") is late


def october(day: int) -> dt.datetime:
    return dt.datetime(2026, 10, day, 12, tzinfo=dt.UTC)


@pytest.mark.django_db
def test_nobody_becomes_late_by_a_date_that_changed_afterwards_and_a_later_one_lifts_it() -> None:
    spec = make.specification()
    with clock.travel(october(1)):
        cohort = make.cohort(make_centre(demo=True), spec)
        unit = make.learner_unit(cohort)
        first, second, _ = make.criteria(unit)
        make.due(cohort, (first, dt.date(2026, 10, 20)))
    with clock.travel(october(12)):
        make.due(cohort, (first, dt.date(2026, 10, 7)))
    book = DueBook([unit])
    assert [book.is_late(unit, first.pk, october(day)) for day in (10, 20, 25)] == [False, True, True]
    assert not book.is_late(unit, second.pk, october(25))
    assert not book.is_late(unit, first.pk, october(25), attempt=2)
    assert book.is_over(unit, first.pk)
    extend(unit, dt.date(2026, 10, 30))
    assert not DueBook([unit]).is_late(unit, first.pk, october(25))
    make.due(cohort, (first, None))
    assert DueBook([unit]).of(unit, first.pk) == Due(dt.date(2026, 10, 30), extended=True)
    assert whole()


def test_who_moved_has_the_new_cohorts_dates_and_was_on_time_by_the_old_ones(cohort: Cohort) -> None:
    other = make.cohort(cohort.centre, cohort.specification)
    unit = make.learner_unit(cohort)
    first = make.criteria(unit)[0]
    make.due(cohort, (first, dt.date(2099, 10, 5)))
    make.due(other, (first, SECOND))
    before = clock.now()
    moving.move_learner(by=admin(cohort), learner_unit=unit, to=other, reason="Evenings.")
    unit = LearnerUnit.objects.select_related("centre").get(pk=unit.pk)
    book = DueBook([unit])
    assert [book.of(unit, first.pk, at) for at in (before, None)] == [Due(dt.date(2099, 10, 5)), Due(SECOND)]
    assert not book.is_late(unit, first.pk, before)
    assert book.is_over(unit, first.pk)


@pytest.mark.django_db
def test_a_submission_counts_from_the_instant_at_which_it_arrived(monkeypatch: pytest.MonkeyPatch) -> None:
    unit = make.learner_unit()
    made = make.draft(unit, make.criteria(unit)[0])
    now = clock.now
    ticks = iter([before := now()])
    monkeypatch.setattr(clock, "now", lambda: next(ticks, None) or now())
    handed_in = submissions.submit(by=unit.learner.user, submission=made, declared=True, others="none", ai_used=False)
    assert handed_in.submitted_at == before


def test_no_unit_needs_no_statement(django_assert_num_queries: Any, cohort: Cohort) -> None:
    units = [make.learner_unit(cohort) for _ in range(4)]
    with django_assert_num_queries(0):
        DueBook([])
    for some in (units[:1], units):
        with django_assert_num_queries(1):
            DueBook(some)
