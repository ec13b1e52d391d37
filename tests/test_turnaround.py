"""Turnaround: what waits, how long feedback took, for whom it is told, and the centre's measure of late."""

from __future__ import annotations

import csv
import datetime as dt
import io
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.urls import reverse

from assessment.models import Cohort, LearnerUnit
from assessment.readings.turnaround import NOBODY, TutorRow, turnaround
from assessment.workflow import decisions
from courseware.kit import clock, workdays
from courseware.kit.verdict import NotNow, NotYours
from courseware.people import workflow
from courseware.people.models import Centre, Membership
from tests import make
from tests.people_builders import administrator_of, make_centre, make_member, newest, refuses
from tests.study_pages import client_of, cost_of, main_of

pytestmark = pytest.mark.django_db


@contextmanager
def ago(days: int) -> Iterator[None]:
    with clock.travel(clock.now() - dt.timedelta(days=days)):
        yield


def days_since(days: int) -> int:
    now = clock.now()
    return workdays.between_instants(now - dt.timedelta(days=days), now, "Europe/London")


def rows(user_of: Membership, cohort: Cohort) -> dict[str, TutorRow]:
    return {row.name: row for row in turnaround(make.fresh(user_of.user), cohort.centre, cohort).rows}


@pytest.fixture
def scene() -> tuple[Cohort, Membership, Membership, Membership]:
    """Two tutors of a demo centre: one marked quickly and slowly and lets somebody wait, one has a learner alone."""
    spec = make.specification()
    with ago(120):
        cohort = make.cohort(make_centre(demo=True), spec)
        tess, una = make.staff(cohort, "tutor", name="Tess"), make.staff(cohort, "tutor", name="Una", allocate=False)
        lead = make.staff(cohort, "lead_iqa")
        units = [make.learner_unit(cohort) for _ in range(3)]
        make.allocation(cohort, una, "tutor", units[2])
        long_ago = make.submission(units[0], make.criteria(units[0])[0])
        make.marked(long_ago, tess.user)  # outside the 90 days
    with ago(40):
        slow = make.submission(units[0], make.criteria(units[0])[1])
        quick = make.submission(units[1], make.criteria(units[1])[0])
        make.marked(quick, tess.user, "not_yet_met")
        make.submission(units[2], make.criteria(units[2])[0])
    with ago(10):
        make.marked(slow, tess.user)
    # What supersedes a released decision counts no more.
    old = quick.decisions.get()
    make.decision(quick, make.criteria(units[1])[0], tess.user, supersedes=old)
    decisions.release_feedback(by=tess.user, submission=quick)
    make.submission(units[1], make.criteria(units[1])[1])
    return cohort, tess, una, lead


def test_what_waits_and_how_long_feedback_took(scene: tuple[Cohort, Membership, Membership, Membership]) -> None:
    cohort, _tess, _una, lead = scene
    found = rows(lead, cohort)
    assert list(found) == ["Tess", "Una"]
    first = found["Tess"]
    slowly = workdays.between_instants(
        clock.now() - dt.timedelta(days=40), clock.now() - dt.timedelta(days=10), "Europe/London"
    )
    assert (first.waiting, first.oldest_days, first.late) == (1, 0, 0)
    assert (first.released, first.median, first.ninetieth) == (2, 0, slowly)
    second = found["Una"]
    assert (second.waiting, second.late, second.released, second.median) == (1, 1, 0, None)
    assert second.oldest_days == days_since(40)
    together = turnaround(make.fresh(lead.user), cohort.centre).together
    assert (together.waiting, together.late, together.released) == (2, 1, 2)


def test_what_is_decided_and_not_released_still_keeps_its_learner_waiting() -> None:
    spec = make.specification()
    with ago(120):
        cohort = make.cohort(make_centre(demo=True), spec)
        tess, tim = (make.staff(cohort, "tutor", name=name) for name in ("Tess", "Tim"))
        lead = make.staff(cohort, "lead_iqa")
        unit = make.learner_unit(cohort)
    with ago(40):
        first, second = (make.submission(unit, criterion) for criterion in make.criteria(unit)[:2])
        make.decision(first, make.criteria(unit)[0], tess.user)
    with ago(3):
        make.decision(second, make.criteria(unit)[1], tim.user, "not_yet_met")
    found = rows(lead, cohort)
    for name in ("Tess", "Tim"):
        assert (found[name].waiting, found[name].unreleased, found[name].late) == (0, 1, 1)
        assert (found[name].oldest_days, found[name].released) == (days_since(40), 0)
    together = turnaround(make.fresh(lead.user), cohort.centre).together
    assert (together.waiting, together.unreleased, together.late) == (0, 2, 2)
    decisions.release_feedback(by=tess.user, submission=first)
    found = rows(lead, cohort)
    assert (found["Tess"].unreleased, found["Tess"].late, found["Tess"].released) == (0, 0, 1)
    assert found["Tess"].median == days_since(40)
    # What supersedes feedback that the learner has keeps nobody waiting.
    make.decision(first, make.criteria(unit)[0], tess.user, "not_yet_met", supersedes=first.decisions.get())
    assert rows(lead, cohort)["Tess"].unreleased == 0


def with_a_trainee() -> tuple[Membership, Membership, Membership, LearnerUnit]:
    """The countersigner, a trainee of theirs, the lead IQA, and a learner of the trainee, for 120 days."""
    spec = make.specification()
    with ago(120):
        cohort = make.cohort(make_centre(demo=True), spec)
        named = make.staff(cohort, "tutor", name="Una", allocate=False)
        trainee = make.staff(cohort, "tutor", name="Tim", trainee=True, countersigner=named)
        return named, trainee, make.staff(cohort, "lead_iqa"), make.learner_unit(cohort)


def test_what_a_trainee_has_to_decide_again_waits_for_a_decision() -> None:
    named, trainee, lead, unit = with_a_trainee()
    with ago(40):
        handed_in = make.submission(unit, make.criteria(unit)[0])
    decided = make.decision(handed_in, make.criteria(unit)[0], trainee.user)
    assert [(row.waiting, row.unreleased, row.late) for row in rows(lead, unit.cohort).values()] == [(0, 1, 1)]
    decisions.countersign(by=named.user, decision=decided, outcome="declined", feedback="Where is the example?")
    assert [(row.waiting, row.unreleased, row.late) for row in rows(lead, unit.cohort).values()] == [(1, 0, 1)]


def test_a_decision_that_was_to_supersede_released_feedback_keeps_nobody_waiting() -> None:
    named, trainee, lead, unit = with_a_trainee()
    first = make.criteria(unit)[0]
    with ago(40):
        handed_in = make.marked(make.submission(unit, first), trainee.user, "not_yet_met")
    anew = make.decision(handed_in, first, trainee.user, supersedes=handed_in.decisions.get())
    decisions.countersign(by=named.user, decision=anew, outcome="declined", feedback="Where is the example?")
    assert [(row.waiting, row.unreleased, row.late) for row in rows(lead, unit.cohort).values()] == [(0, 0, 0)]


def test_a_tutor_reads_their_own_and_no_others(scene: tuple[Cohort, Membership, Membership, Membership]) -> None:
    cohort, tess, una, _ = scene
    assert list(rows(tess, cohort)) == ["Tess"]
    assert list(rows(una, cohort)) == ["Una"]
    page = main_of(tess.user, reverse("cohort-turnaround", args=(cohort.uid,)))
    assert "Tess" in page
    assert "Una" not in page
    assert "All together" not in page
    idle = make_member(cohort.centre, "tutor", name="Idle")
    assert rows(idle, cohort)["Idle"].waiting == 0
    admin = main_of(administrator_of(cohort.centre), reverse("turnaround"))
    assert "Una" in admin
    assert "All together" in admin


def test_what_waits_for_nobody_is_told_too() -> None:
    cohort = make.cohort()
    unit = make.learner_unit(cohort)
    make.submission(unit, make.criteria(unit)[0])
    lead = make.staff(cohort, "lead_iqa")
    assert rows(lead, cohort)[NOBODY].waiting == 1


def test_it_is_for_staff_who_mark_assure_or_administer(
    scene: tuple[Cohort, Membership, Membership, Membership],
) -> None:
    cohort, *_ = scene
    for role in ("eqa", "learner"):
        with pytest.raises(NotYours):
            turnaround(make_member(cohort.centre, role).user, cohort.centre)
    with pytest.raises(NotYours):
        turnaround(administrator_of(make_centre()), cohort.centre)


def test_only_who_may_see_it_is_led_to_it(scene: tuple[Cohort, Membership, Membership, Membership]) -> None:
    cohort, tess, *_ = scene
    eqa = make.staff(cohort, "eqa")
    for address in (reverse("cohorts"), reverse("cohort", args=(cohort.uid,))):
        assert "Turnaround" in main_of(tess.user, address)
        assert "Turnaround" not in main_of(eqa.user, address)


def test_files_hold_what_the_page_shows(scene: tuple[Cohort, Membership, Membership, Membership]) -> None:
    cohort, tess, _, lead = scene

    def lines(member: Membership, name: str, *args: object) -> list[list[str]]:
        sent = client_of(member.user).get(reverse(name, args=args)).getvalue().decode("utf-8-sig")
        return list(csv.reader(io.StringIO(sent, newline="")))

    found = lines(lead, "cohort-turnaround-file", cohort.uid, "csv")
    assert [line[:2] for line in found] == [
        ["Tutor", "Waiting now"],
        ["Tess", "1"],
        ["Una", "1"],
        ["All together", "2"],
    ]
    assert [line[0] for line in lines(tess, "turnaround-file", "csv")] == ["Tutor", "Tess"]
    assert client_of(lead.user).get(reverse("turnaround-file", args=("xlsx",))).getvalue()[:2] == b"PK"
    assert client_of(lead.user).get(reverse("turnaround-file", args=("pdf",))).status_code == 404


@pytest.mark.parametrize("many", [1, 4])
def test_the_page_costs_the_same_however_much_waits(many: int) -> None:
    cohort = make.cohort()
    tutor, lead = make.staff(cohort, "tutor"), make.staff(cohort, "lead_iqa")
    for _ in range(many):
        unit = make.learner_unit(cohort)
        make.marked(make.submission(unit, make.criteria(unit)[0]), tutor.user)
        make.submission(unit, make.criteria(unit)[1])
    address = reverse("cohort-turnaround", args=(cohort.uid,))
    assert [cost_of(member.user, address) for member in (tutor, lead)] == [9, 9]
    assert cost_of(lead.user, reverse("turnaround")) == 8


# -- The centre's measure ----------------------------------------------------------------------------------------------


def test_an_administrator_sets_the_measure_and_it_is_recorded() -> None:
    centre = make_centre()
    client = client_of(administrator_of(centre))
    address = reverse("turnaround-set", args=(centre.uid,))
    assert 'value="10"' in client.get(address).content.decode()
    answer = client.post(address, {"days": "7", "key": uuid.uuid4()})
    assert (answer.status_code, answer.headers["Location"]) == (303, reverse("turnaround"))
    assert Centre.objects.get(pk=centre.pk).turnaround_days == 7
    told = newest(centre)
    assert (told["verb"], told["notes"]) == ("set_turnaround", {"days": 7, "days_before": 10})
    assert "longer than 7 working days" in main_of(administrator_of(centre), reverse("turnaround"))
    for wrong in ("", "0", "61", "soon"):
        assert client.post(address, {"days": wrong, "key": uuid.uuid4()}).status_code == 422
    assert Centre.objects.get(pk=centre.pk).turnaround_days == 7


def test_nobody_else_sets_it_and_no_number_out_of_reason_is_kept() -> None:
    centre = make_centre()
    lead = make_member(centre, "lead_iqa").user
    refuses(NotYours, lambda: workflow.set_turnaround(by=lead, centre=centre, days=5))
    admin = administrator_of(centre)
    for days in (0, 61):
        refuses(NotNow, lambda days=days: workflow.set_turnaround(by=admin, centre=centre, days=days))
