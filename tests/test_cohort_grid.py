"""The cohort's grid: what it says of each learner, how it is narrowed and ordered, what it costs and weighs."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from assessment.models import Cohort, CriterionStatus, LearnerUnit
from assessment.readings.cohorts import allocations_of
from assessment.readings.grid import grid, grid_table
from assessment.readings.grid.filters import Filters
from assessment.readings.lateness import Lateness
from assessment.workflow import cohorts, deadlines, decisions, quality
from courseware.kit import clock
from courseware.people.models import Membership, User
from tests import make
from tests.people_builders import administrator_of, make_centre, make_member
from tests.study_pages import U412, client_of, cost_of, main_of, page_of, weight_of

pytestmark = pytest.mark.django_db


@contextmanager
def ago(days: int) -> Iterator[None]:
    """As it was `days` days ago; the centre must be a demo."""
    with clock.travel(clock.now() - dt.timedelta(days=days)):
        yield


def old_cohort(days: int = 60) -> Cohort:
    """A cohort of a demo centre, made `days` days ago."""
    spec = make.specification()
    with ago(days):
        return make.cohort(make_centre(demo=True), spec)


def address(cohort: Cohort, query: str = "") -> str:
    return reverse("cohort", args=(cohort.uid,)) + query


def names(user: User, cohort: Cohort, **chosen: str) -> list[str]:
    """The learners that the filters leave, in the order of the grid."""
    filters = Filters.of(chosen)
    rows = grid(make.fresh(user), cohort, filters, 1, allocations_of(cohort)).rows
    return [row.name for row in rows]


@pytest.fixture
def scene() -> tuple[Cohort, Membership, dict[str, LearnerUnit]]:
    """Four learners: one who waits long, one met and one not, one with nothing, one who left."""
    cohort = old_cohort()
    units = {}
    with ago(50):
        tutor = make.staff(cohort, "tutor", name="Tess Tutor")
        for name in ("Ann", "Ben", "Cai", "Dee"):
            units[name] = make.learner_unit(cohort, name=name)
    with ago(40):
        make.submission(units["Ann"], make.criteria(units["Ann"])[0])
    with ago(30):
        first, second, _ = make.criteria(units["Ben"])
        make.marked(make.submission(units["Ben"], first), tutor.user)
        make.marked(make.submission(units["Ben"], second), tutor.user, "not_yet_met")
    make.submission(units["Ben"], make.criteria(units["Ben"])[2])
    cohorts.withdraw_learner(by=administrator_of(cohort.centre), learner_unit=units["Dee"], reason="Moved away.")
    return cohort, tutor, units


def test_each_row_says_where_the_learner_stands(scene: tuple[Cohort, Membership, dict[str, LearnerUnit]]) -> None:
    cohort, tutor, units = scene
    found = grid(make.fresh(tutor.user), cohort, Filters(), 1, allocations_of(cohort))
    ann, ben, cai, dee = found.rows
    assert [cell.status for cell in ann.cells] == ["awaiting_marking", "not_started", "not_started"]
    assert (ann.met, ann.waiting, ann.late, ann.state) == (0, 1, True, "in_progress")
    waited = Lateness.at(cohort.centre).waited(clock.now() - dt.timedelta(days=40))
    assert 20 < waited <= 30  # six weeks without two days, and bank holidays among them
    assert ann.cells[0].word == f"1.1 Awaiting marking, {waited} working days, late"
    assert [cell.status for cell in ben.cells] == ["met", "not_yet_met", "awaiting_marking"]
    assert (ben.met, ben.waiting, ben.late, ben.waited) == (1, 1, False, "since today")
    assert ben.cells[2].word.endswith("Awaiting marking, since today")
    assert (cai.met, cai.waiting, cai.active_at, cai.tutors) == (0, 0, None, "Tess Tutor")
    assert dee.state == "withdrawn"
    assert [(one.name, one.number, one.late) for one in found.longest] == [
        ("Ann", "1.1", True),
        ("Ben", units["Ben"].specification.criteria.get(position=3).number, False),
    ]
    page = main_of(tutor.user, address(cohort))
    assert "1 of 3 met" in page
    assert "Longest waiting" in page


def test_what_is_decided_and_not_released_is_told_as_waiting(
    scene: tuple[Cohort, Membership, dict[str, LearnerUnit]],
) -> None:
    cohort, tutor, units = scene
    ann = units["Ann"]
    decided = make.decision(ann.submissions.get(), make.criteria(ann)[0], tutor.user)
    found = grid(make.fresh(tutor.user), cohort, Filters(), 1, allocations_of(cohort))
    row = found.rows[0]
    waited = Lateness.at(cohort.centre).waited(clock.now() - dt.timedelta(days=40))
    assert (row.met, row.waiting, row.late) == (1, 1, True)
    assert row.cells[0].word == f"1.1 Met, not released, {waited} working days, late"
    assert row.cells[0].waits
    assert (found.longest[0].name, found.longest[0].late) == ("Ann", True)
    assert names(tutor.user, cohort, status="late") == ["Ann"]
    decisions.release_feedback(by=tutor.user, submission=decided.submission)
    row = grid(make.fresh(tutor.user), cohort, Filters(), 1, allocations_of(cohort)).rows[0]
    assert (row.waiting, row.late, row.cells[0].word, row.cells[0].waits) == (0, False, "1.1 Met", False)
    assert names(tutor.user, cohort, status="late") == []


def test_of_a_learner_who_left_nothing_waits(scene: tuple[Cohort, Membership, dict[str, LearnerUnit]]) -> None:
    cohort, tutor, units = scene
    ann = units["Ann"]
    make.decision(ann.submissions.get(), make.criteria(ann)[0], tutor.user)
    cohorts.withdraw_learner(by=administrator_of(cohort.centre), learner_unit=ann, reason="Moved away.")
    row = grid(make.fresh(tutor.user), cohort, Filters(), 1, allocations_of(cohort)).rows[0]
    assert (row.waiting, row.late, row.cells[0].late, row.cells[0].word) == (0, False, False, "1.1 Met")


CHOICES: list[tuple[dict[str, str], list[str]]] = [
    ({}, ["Ann", "Ben", "Cai", "Dee"]),
    ({"text": "  aN "}, ["Ann"]),
    ({"text": "%"}, []),
    ({"status": "late"}, ["Ann"]),
    ({"status": "awaiting_marking"}, ["Ann", "Ben"]),
    ({"status": "met"}, ["Ben"]),
    ({"status": "nonsense"}, ["Ann", "Ben", "Cai", "Dee"]),
    ({"state": "withdrawn"}, ["Dee"]),
    ({"state": "in_progress"}, ["Ann", "Ben", "Cai"]),
    ({"state": "on_hold"}, []),
    ({"tutor": "nonsense"}, ["Ann", "Ben", "Cai", "Dee"]),
    ({"sort": "most"}, ["Ben", "Ann", "Cai", "Dee"]),
    ({"sort": "fewest"}, ["Ann", "Cai", "Dee", "Ben"]),
    ({"sort": "waiting"}, ["Ann", "Ben", "Cai", "Dee"]),
    ({"sort": "recent"}, ["Ben", "Ann", "Cai", "Dee"]),
    ({"sort": "quiet"}, ["Cai", "Dee", "Ann", "Ben"]),
]


def test_the_grid_is_narrowed_and_ordered(scene: tuple[Cohort, Membership, dict[str, LearnerUnit]]) -> None:
    cohort, tutor, _ = scene
    for chosen, left in CHOICES:
        assert names(tutor.user, cohort, **chosen) == left, chosen
        table = grid_table(make.fresh(tutor.user), cohort, Filters.of(chosen), allocations_of(cohort))
        assert [row[0] for row in table.rows] == left, chosen


def test_what_is_past_its_due_date_and_not_handed_in_is_told() -> None:
    cohort = make.cohort()
    first, second, third = cohort.specification.criteria.order_by("position")
    early, given, prompt = (make.learner_unit(cohort, name=name) for name in ("Early", "Given", "Prompt"))
    today = dt.datetime.now(dt.UTC).date()
    past, later = today - dt.timedelta(days=9), today + dt.timedelta(days=9)
    make.due(cohort, (first, past), (second, later))
    admin = administrator_of(cohort.centre)
    deadlines.extend(by=admin, learner_unit=given, criteria=[first], due_on=later, reason="Ill.")
    make.submission(prompt, first)
    rows = grid(admin, cohort, Filters(), 1, allocations_of(cohort)).rows
    assert {row.name: row.overdue for row in rows} == {"Early": 1, "Given": 0, "Prompt": 0}
    assert names(admin, cohort, status="overdue") == ["Early"]
    words = {row.name: [cell.word for cell in row.cells] for row in rows}
    assert words["Early"] == [
        f"{first.number} Not started, was due {past.day} {past:%B}",
        f"{second.number} Not started, due {later.day} {later:%B}",
        f"{third.number} Not started",
    ]
    assert words["Given"][0] == f"{first.number} Not started, due {later.day} {later:%B}"
    assert words["Prompt"][0] == f"{first.number} Awaiting marking, since today"
    assert early.state == "in_progress"


def test_a_tutor_of_one_learner_replaces_the_cohorts(scene: tuple[Cohort, Membership, dict[str, LearnerUnit]]) -> None:
    cohort, tutor, units = scene
    other = make.staff(cohort, "tutor", name="Una Other", allocate=False)
    make.allocation(cohort, other, "tutor", units["Ben"])
    admin = administrator_of(cohort.centre)
    assert names(admin, cohort, tutor=str(other.uid)) == ["Ben"]
    assert names(admin, cohort, tutor=str(tutor.uid)) == ["Ann", "Cai", "Dee"]
    rows = grid(admin, cohort, Filters(), 1, allocations_of(cohort)).rows
    assert [row.tutors for row in rows] == ["Tess Tutor", "Una Other", "Tess Tutor", "Tess Tutor"]


def test_what_is_on_hold_ready_reopened_and_signed_off_is_told_apart() -> None:
    cohort = make.cohort()
    tutor, lead = make.staff(cohort, "tutor"), make.staff(cohort, "lead_iqa")
    ready, held, again, done = (make.learner_unit(cohort, name=name) for name in ("Ready", "Held", "Again", "Done"))
    make.marked(make.submission(ready), tutor.user)
    quality.place_hold(by=lead.user, learner_unit=held, reason="A question of authenticity.")
    make.signed_off(again, tutor.user)
    decisions.reopen(by=lead.user, learner_unit=again, reason="One more look.")
    CriterionStatus.objects.filter(learner_unit=again, position=1).update(status="under_query")
    make.signed_off(done, tutor.user)
    rows = grid(make.fresh(lead.user), cohort, Filters(), 1, allocations_of(cohort)).rows
    states = {row.name: row.state for row in rows}
    assert states == {"Ready": "ready_for_sign_off", "Held": "on_hold", "Again": "reopened", "Done": "signed_off"}
    for name, state in states.items():
        assert names(lead.user, cohort, state=state) == [name]


def test_of_their_own_work_nobody_sees_more_than_a_learner_does() -> None:
    cohort = make.cohort()
    tutor, lead = make.staff(cohort, "tutor"), make.staff(cohort, "lead_iqa")
    both = make_member(cohort.centre, "learner", "lead_iqa", name="Both")
    unit = make.learner_unit(cohort, both)
    handed_in = make.submission(unit, make.criteria(unit)[0])
    before = main_of(both.user, address(cohort))
    make.decision(handed_in, make.criteria(unit)[0], tutor.user)
    quality.place_hold(by=lead.user, learner_unit=unit, reason="A question.")
    assert main_of(both.user, address(cohort)) == before
    for chosen in ({"status": "met"}, {"status": "late"}, {"state": "on_hold"}):
        assert names(both.user, cohort, **chosen) == []
    assert names(lead.user, cohort, status="met") == ["Both"]


def test_downloads_hold_what_the_page_shows_and_no_formula(
    scene: tuple[Cohort, Membership, dict[str, LearnerUnit]],
) -> None:
    cohort, tutor, _ = scene
    make.learner_unit(cohort, name="=HYPERLINK(A1)")
    client = client_of(tutor.user)
    sent = client.get(reverse("cohort-grid", args=(cohort.uid, "csv")) + "?state=in_progress&sort=most")
    rows = list(csv.reader(io.StringIO(sent.getvalue().decode("utf-8-sig"), newline="")))
    assert rows[0][:5] == ["Learner", "Unit progress", "Criteria met", "Criteria", "1.1"]
    assert [row[0] for row in rows[1:]] == ["Ben", "'=HYPERLINK(A1)", "Ann", "Cai"]
    assert rows[1][2:6] == ["1", "3", "Met", "Not yet met"]
    book = client.get(reverse("cohort-grid", args=(cohort.uid, "xlsx")))
    sheet = load_workbook(io.BytesIO(book.getvalue())).worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "b", "d"}
    assert "'=HYPERLINK(A1)" in {cell.value for cell in cells}
    assert client.get(reverse("cohort-grid", args=(cohort.uid, "pdf"))).status_code == 404


def test_choices_are_kept_in_the_links_to_pages_and_downloads() -> None:
    cohort = make.cohort()
    for _ in range(51):
        make.learner_unit(cohort)
    admin = administrator_of(cohort.centre)
    page = page_of(admin, address(cohort, "?sort=quiet&text=Learner"))
    assert "?sort=quiet&amp;text=Learner&amp;page=2" in page
    assert "/grid/csv/?text=Learner&amp;sort=quiet" in page
    assert len(re.findall(r'scope="row" class="who"', page)) == 50
    second = page_of(admin, address(cohort, "?sort=quiet&text=Learner&page=2"))
    assert len(re.findall(r'scope="row" class="who"', second)) == 1
    assert "Nobody fits" in page_of(admin, address(cohort, "?text=nobody"))


@pytest.mark.parametrize("rows", [1, 4])
def test_the_page_costs_the_same_however_many_there_are(rows: int) -> None:
    cohort = make.cohort()
    tutor, iqa, lead = (make.staff(cohort, role) for role in ("tutor", "iqa", "lead_iqa"))
    for _ in range(rows):
        unit = make.learner_unit(cohort)
        make.submission(unit, make.criteria(unit)[0])
    query = "?status=late&state=in_progress&sort=waiting&text=e"
    for member in (tutor, iqa, lead):
        assert cost_of(member.user, address(cohort)) == 12, member
        assert cost_of(member.user, address(cohort, query)) <= 12, member
    assert cost_of(administrator_of(cohort.centre), address(cohort)) == 11
    for kind in ("csv", "xlsx"):
        assert cost_of(tutor.user, reverse("cohort-grid", args=(cohort.uid, kind))) == 8


def test_fifty_learners_by_seventeen_criteria_cost_as_much_and_weigh_thirty_kilobytes_at_most() -> None:
    cohort = make.cohort(spec=make.specification(U412))
    tutor = make.staff(cohort, "tutor")
    states = [
        "met",
        "met_iqa_agreed",
        "not_yet_met",
        "awaiting_marking",
        "awaiting_countersignature",
        "evidence_linked",
    ]
    for number in range(50):
        unit = make.learner_unit(cohort, name=f"Learner Whose-Name-Is {number}")
        for place in CriterionStatus.objects.filter(learner_unit=unit).order_by("position"):
            place.status = states[(number * 7 + place.position * place.position) % len(states)]
            place.save(update_fields=["status"])
    page = page_of(tutor.user, address(cohort))
    assert page.count('class="cell') == 50 * 17
    assert cost_of(tutor.user, address(cohort)) == 12
    assert weight_of(tutor.user, address(cohort)) <= 30_000


# -- From a cell to where one may read ---------------------------------------------------------------------------------


def test_a_cell_leads_to_the_desk_the_learners_own_page_or_the_row_of_progress(
    scene: tuple[Cohort, Membership, dict[str, LearnerUnit]],
) -> None:
    cohort, tutor, units = scene
    unit = units["Ann"]
    handed_in = unit.submissions.get()
    third = make.criteria(unit)[2].number

    def leads(user: User, number: str) -> str:
        answer = client_of(user).get(reverse("learner-criterion", args=(unit.uid, number)))
        assert answer.status_code == 302
        return str(answer.headers["Location"])

    assert leads(tutor.user, "1.1") == reverse("marking-desk", args=(handed_in.uid, "1.1"))
    assert leads(tutor.user, third) == reverse("learner-unit", args=(unit.uid,)) + f"#c-{third}"
    admin = administrator_of(cohort.centre)
    assert leads(admin, "1.1") == reverse("learner-unit", args=(unit.uid,)) + "#c-1.1"
    assert leads(unit.learner.user, "1.1") == reverse("criterion", args=(unit.unit_code, "1.1")) + f"?in={unit.uid}"
    assert 'id="c-1.1"' in page_of(admin, reverse("learner-unit", args=(unit.uid,)))
    for user in (tutor.user, admin, unit.learner.user):
        assert client_of(user).get(leads(user, "1.1")).status_code == 200
    assert client_of(tutor.user).get(reverse("learner-criterion", args=(unit.uid, "9.9"))).status_code == 404
    ben = units["Ben"]  # decided, nothing open on 1.1
    decided = ben.submissions.get(number=1)
    answer = client_of(tutor.user).get(reverse("learner-criterion", args=(ben.uid, "1.1")))
    assert answer.headers["Location"] == reverse("marking-desk", args=(decided.uid, "1.1"))


def test_another_centre_learns_nothing_of_the_grid(scene: tuple[Cohort, Membership, dict[str, LearnerUnit]]) -> None:
    cohort, _, units = scene
    stranger = client_of(administrator_of(make_centre()))
    for name, args in (
        ("cohort", (cohort.uid,)),
        ("cohort-grid", (cohort.uid, "csv")),
        ("learner-criterion", (units["Ann"].uid, "1.1")),
    ):
        assert stranger.get(reverse(name, args=args)).status_code == 404
