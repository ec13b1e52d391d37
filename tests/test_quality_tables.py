"""Tables of quality assurance: what they hold, who may take them away, what they cost; and nothing is a formula."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from assessment.readings.quality.exports import OF_A_PLAN, OF_THE_CENTRE
from assessment.workflow import reviews, risk
from assessment.workflow.strategy import StrategyRules, set_strategy
from tests import make, standardisation_builders
from tests.flat import flat
from tests.marking_pages import signed_in, statements
from tests.people_builders import make_member
from tests.quality_pages import Scene, item_of, reviewed, scene

pytestmark = pytest.mark.django_db
HOSTILE = ("=1+1", "+1", "-2", "@SUM(A1)", "\tx", "\uff1d1", "<b>&\"'")


def address(name: str, kind: str = "", plan: Any = None) -> str:
    where = (plan.uid, name) if plan else (name,)
    base = "plan-table" if plan else "quality-table"
    return reverse(f"{base}-file", args=(*where, kind)) if kind else reverse(base, args=where)


def csv_of(client: Any, name: str, plan: Any = None) -> list[dict[str, str]]:
    answer = client.get(address(name, "csv", plan))
    assert answer.status_code == 200
    raw = answer.getvalue()
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def tight(answer: Any) -> str:
    """The HTML of an answer without white space between words and tags."""
    return flat(answer).replace("> ", ">").replace(" <", "<")


def sheet_of(client: Any, name: str, plan: Any = None) -> list[dict[str, Any]]:
    """The rows of a workbook by column, after the check that no cell is a formula."""
    answer = client.get(address(name, "xlsx", plan))
    book = load_workbook(io.BytesIO(answer.getvalue()))
    head, *rows = [list(row) for row in book.worksheets[0].iter_rows()]
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n", "d", "b"}
    names = [cell.value for cell in head]
    return [dict(zip(names, [cell.value for cell in row], strict=True)) for row in rows]


def told(here: Scene, units: int = 1) -> Any:
    """Everything that a table can hold: a plan with findings, an answer, a report, and what is known of staff."""
    for _ in range(units - len(here.units)):
        here.signed_off()
    plan = here.approved(units)
    for item in plan.items.select_related("learner_unit", "plan", "reviewer").order_by("position"):
        found = reviewed(here, item, "not_agreed")
        reviewed(here, item, "agreed", "1.2")
        point = reviewed(here, item, "action_required", "2.1").action_point
        reviews.answer_action_point(by=here.tutor.user, action_point=point, text="-Done")
        reviews.judge_answer(by=here.iqa.user, action_point=point, outcome="reopened", text="Not yet.")
        make.report(item, development="@Home: name the standard.")
        assert found.outcome == "not_agreed"
    for _ in range(units):
        held = {"title": "=Assessor", "held_as": "assessor", "awarded_on": dt.date(2026, 3, 1)}
        risk.record_qualification(by=here.lead.user, holder=here.tutor, **held)
        colleague = make.staff(here.cohort, "tutor")
        risk.declare_interest(by=here.lead.user, holder=here.iqa, colleague=colleague, reason="+Kin")
    return plan


STANDARD = ("standardisation", "judgements", "attendance")


def versions(here: Scene, number: int) -> None:
    """So many versions of the strategy."""

    for version in range(number):
        set_strategy(
            by=here.lead.user,
            centre=here.cohort.centre,
            rules=StrategyRules(confidence=90 + version),
            reason="=Because",
            seen=version,
        )


def test_every_table_has_its_page_its_csv_and_its_workbook() -> None:
    here = scene(1)
    plan = told(here)
    versions(here, 1)
    client = signed_in(here.lead)
    page = flat(client.get(reverse("reports")))
    for name, kind in OF_THE_CENTRE.items():
        assert kind.title in page
        if name in STANDARD:
            continue
        shown = tight(client.get(address(name)))
        rows = csv_of(client, name)
        assert rows, name
        assert f"<h1>{kind.title}</h1>" in shown
        assert [
            where for where in (address(name, "csv"), address(name, "xlsx")) if f'href="{where}"' not in shown
        ] == []
        assert [head for head in rows[0] if f">{head}<" not in shown] == []
        assert len(sheet_of(client, name)) == len(rows)
    for name in OF_A_PLAN:
        assert len(sheet_of(client, name, plan)) == len(csv_of(client, name, plan)) > 0
        shown = flat(client.get(address(name, plan=plan)))
        assert here.cohort.name in shown
        assert f'href="{address(name, "xlsx", plan)}"' in shown


def test_an_empty_table_says_so_and_downloads_its_head() -> None:
    here = scene(0)
    client = signed_in(here.lead)
    for name in ("plans", "items", "reviews", "criteria", "action-points", "feedback", "interests", "strategy"):
        assert "Nothing here yet" in flat(client.get(address(name)))
        assert csv_of(client, name) == []
        head = client.get(address(name, "csv")).getvalue().decode("utf-8-sig").splitlines()
        assert len(head) == 1
    draft = make.plan(here.cohort, here.iqa)
    assert "Nothing here yet" in flat(client.get(address("coverage", plan=draft)))


def test_what_the_tables_say_is_what_happened() -> None:
    here = scene(1)
    plan = told(here)
    versions(here, 1)
    client = signed_in(here.lead)
    (row,) = sheet_of(client, "plans")
    assert (row["Cohort"], row["State"], row["Population"], row["In the sample"]) == (
        here.cohort.name,
        "Approved",
        1,
        1,
    )
    assert (row["Drafted by"], row["Approved by"], row["Completed by"]) == ("Helen Ashworth", "Martin Osei", None)
    assert (row["From"].date(), row["Blind first"]) == (plan.period_from, False)
    assert isinstance(row["Approved"], dt.datetime)
    (row,) = sheet_of(client, "items")
    assert row == sheet_of(client, "items", plan)[0]
    assert (row["Learner"], row["Place"], row["Tutor"], row["Reviewer"]) == (
        "Maya Okafor",
        1,
        "Daniel Hughes",
        "Helen Ashworth",
    )
    counts = [row[f"{word}, criteria"] for word in ("Agreed", "Agreed with advice", "Action required", "Not agreed")]
    assert (counts, row["Action points open"], row["How it came in"]) == ([1, 0, 1, 1], 2, "Drawn")
    rows = {one["Criterion"]: one for one in csv_of(client, "reviews")}
    assert [rows[number]["Outcome"] for number in ("1.1", "1.2", "2.1")] == ["Not agreed", "Agreed", "Action required"]
    assert (rows["2.1"]["Action point"], rows["1.2"]["Action point"], rows["1.1"]["Decision"]) == (
        "Reopened",
        "",
        "Met",
    )
    rows = {one["Criterion"]: one for one in sheet_of(client, "criteria")}
    assert [rows["1.1"][name] for name in ("Reviewed", "Tutors", "Not agreed", "Agreed")] == [1, 1, 1, 0]
    rows = {one["Criterion"]: one for one in sheet_of(client, "action-points")}
    point = rows["2.1"]
    assert (point["State"], point["Overdue"], point["Answer"], point["Verdict"]) == (
        "Reopened",
        False,
        "'-Done",
        "Reopened",
    )
    assert (point["What was said of the answer"], point["Verified by"]) == ("Not yet.", "Helen Ashworth")
    assert point["Due"].date() == (point["Verified"] + dt.timedelta(days=10)).date()
    assert (rows["1.1"]["Answer"], rows["1.1"]["Verdict"]) == (None, None)
    (row,) = sheet_of(client, "feedback")
    assert (row["What was good"], row["What to develop"]) == ("Clear and kind.", "'@Home: name the standard.")
    assert (row["The records are complete"], row["Replaced by a newer one"]) == ("Yes", False)
    (row,) = sheet_of(client, "qualifications")
    assert (row["Who"], row["Qualification"], row["For"], row["Awarded"].date()) == (
        "Daniel Hughes",
        "'=Assessor",
        "Assessing",
        dt.date(2026, 3, 1),
    )
    (row,) = sheet_of(client, "interests")
    assert (row["Who"], row["As"], row["Why"], row["Ended"]) == ("Helen Ashworth", "Colleague", "'+Kin", None)
    (row,) = sheet_of(client, "strategy")
    assert (row["Version"], row["Sure, per cent"], row["Why"], row["Covers sites"]) == (1, 90, "'=Because", True)
    rows = sheet_of(client, "independence")
    assert [row["Number"] for row in rows if row["Part"] == "Rule"] == [0, 0, 0, 0, 0]
    assert [(row["Who"], row["Number"]) for row in rows if row["Part"] == "Reviewer"] == [("Helen Ashworth", 3)]
    rows = {row["Tutor"]: row for row in sheet_of(client, "risk")}
    assert (rows["Daniel Hughes"]["Found wrong"], rows["Daniel Hughes"]["Due for review"]) == (1, "Every unit")
    rows = {row["What"]: row for row in sheet_of(client, "coverage", plan)}
    assert (
        rows["Daniel Hughes"]["Units"],
        rows["Daniel Hughes"]["In the sample"],
        rows["Daniel Hughes"]["Missed"],
    ) == (
        1,
        1,
        False,
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_is_a_formula_or_markup(name: str) -> None:
    here = scene(0)
    here.signed_off(name.strip() if name != "\tx" else "=x")
    told(here)
    client = signed_in(here.lead)
    for table in ("items", "reviews", "action-points", "feedback"):
        assert "<b>&" not in client.get(address(table)).content.decode()
        for rows in (csv_of(client, table), sheet_of(client, table)):
            assert not str(rows[0]["Learner"]).startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d"))


def test_a_tutor_takes_away_their_own_action_points_and_nothing_else() -> None:
    here = scene(1)
    told(here)
    other = make.staff(here.cohort, "tutor", allocate=False)
    client = signed_in(here.tutor)
    assert {row["Tutor"] for row in csv_of(client, "action-points")} == {"Daniel Hughes"}
    assert csv_of(signed_in(other), "action-points") == []
    page = flat(client.get(reverse("reports")))
    assert ("Action points" in page, "Declared interests" in page) == (True, False)
    for name in OF_THE_CENTRE:
        if name != "action-points":
            assert client.get(address(name)).status_code == 403
            assert client.get(address(name, "xlsx")).status_code == 403


def test_an_iqa_takes_away_reviews_only_of_portfolios_that_they_may_read() -> None:
    here = scene(1)
    told(here)
    stranger = make.staff(here.cohort, "iqa", allocate=False)
    client = signed_in(stranger)
    for name in ("reviews", "criteria", "feedback"):
        assert csv_of(client, name) == []
        assert csv_of(signed_in(here.iqa), name) != []
    assert len(csv_of(client, "plans")) == 1


def test_nobody_takes_away_another_centres_tables_or_their_own_sample() -> None:
    here, there = scene(1), scene(1)
    plan = told(here)
    client = signed_in(there.lead)
    for name in OF_A_PLAN:
        assert client.get(address(name, plan=plan)).status_code == 404
        assert client.get(address(name, "csv", plan)).status_code == 404
    for name in OF_THE_CENTRE:
        rows = csv_of(client, name)
        assert not [row for row in rows if {"Maya Okafor", "Daniel Hughes", "Helen Ashworth"} & set(row.values())] or (
            name in ("coverage", "risk", "independence")  # each centre has a tutor of that name
        )
    both = make_member(here.cohort.centre, "learner", "iqa", name="Both")
    unit = make.learner_unit(here.cohort, both)
    make.signed_off(unit, here.tutor.user)
    second = here.approved(1)
    assert item_of(second).learner_unit_id == unit.pk
    assert {row["Learner"] for row in csv_of(signed_in(both), "items")} == {"Maya Okafor"}


def test_a_table_of_another_name_or_kind_is_not_found() -> None:
    here = scene(1)
    plan = here.approved()
    client = signed_in(here.lead)
    for where in (
        address("secrets"),
        address("secrets", "csv"),
        address("plans", "pdf"),
        address("plans", plan=plan),
        address("items", "pdf", plan),
        address("plans", "csv", plan),
    ):
        assert client.get(where).status_code == 404


def costs(here: Scene, units: int) -> dict[str, int]:
    """Statements of each table, as a page and as a file."""
    plan = told(here, units)
    versions(here, units)
    client = signed_in(here.lead)
    names = [name for name in OF_THE_CENTRE if name not in STANDARD]
    found = {name: statements(client, address(name)) for name in names}
    found |= {f"{name}.csv": statements(client, address(name, "csv")) for name in names}
    found |= {f"plan.{name}": statements(client, address(name, plan=plan)) for name in OF_A_PLAN}
    return found | {"reports": statements(client, reverse("reports"))}


BUDGET = {
    "plans": 7,
    "items": 7,
    "reviews": 7,
    "criteria": 7,
    "action-points": 7,
    "feedback": 7,
    "coverage": 10,
    "risk": 12,
    "qualifications": 7,
    "interests": 6,
    "independence": 12,
    "strategy": 7,
    "plans.csv": 4,
    "items.csv": 4,
    "reviews.csv": 4,
    "criteria.csv": 4,
    "action-points.csv": 4,
    "feedback.csv": 4,
    "coverage.csv": 8,
    "risk.csv": 10,
    "qualifications.csv": 4,
    "interests.csv": 4,
    "independence.csv": 10,
    "strategy.csv": 4,
    "plan.items": 8,
    "plan.coverage": 9,
    "reports": 8,
}


def test_each_table_costs_the_same_at_1_and_at_4_rows() -> None:
    assert costs(scene(1), 1) == BUDGET
    assert costs(scene(4), 4) == BUDGET
    assert max(BUDGET.values()) <= 12


def test_a_long_table_is_shown_by_pages_and_downloaded_whole() -> None:
    here = scene(0)
    for number in range(51):
        held = {"title": f"Award {number}", "held_as": "subject", "awarded_on": dt.date(2026, 3, 1)}
        risk.record_qualification(by=here.lead.user, holder=here.tutor, **held)
    client = signed_in(here.lead)
    first, second = (tight(client.get(address("qualifications"), {"page": page})) for page in (1, 2))
    assert ("Award 50<" in first, "Award 0<" in first) == (True, False)
    assert ("Award 50<" in second, "Award 0<" in second) == (False, True)
    assert len(csv_of(client, "qualifications")) == 51


# -- Standardisation ---------------------------------------------------------------------------------------------------


def test_standardisation_is_taken_away_without_a_learners_name_and_only_what_was_discussed() -> None:
    here = standardisation_builders.scene(works=1)
    client = signed_in(here.helen)
    for name in STANDARD:
        assert "Nothing here yet" in flat(client.get(address(name)))
    waiting = here.opened(title="Still judged")
    standardisation_builders.judge(standardisation_builders.items_of(waiting)[0], here.daniel)
    done = here.settled("mnm")
    standardisation_builders.completed(done, here.helen)
    rows = {row["Exercise"]: row for row in sheet_of(client, "standardisation")}
    numbers = ("Pieces of work", "People", "Judgements", "Meetings", "Minutes")
    assert [rows["Still judged"][name] for name in numbers] == [1, 3, 1, 0, 0]
    assert [rows[done.title][name] for name in numbers] == [1, 3, 3, 1, 45]
    assert (rows[done.title]["State"], rows["Still judged"]["State"]) == ("Complete", "Judging")
    assert rows[done.title]["Change to practice"] == "We ask for two stages with an example each."
    told = [(row["Who"], row["Judged"], row["Agreed in the discussion"]) for row in sheet_of(client, "judgements")]
    assert told == [
        ("Daniel Hughes", "Met", "Met"),
        ("Martin Osei", "Met", "Met"),
        ("Sunita Rao", "Not yet met", "Met"),
    ]
    people = [(row["Who"], row["Minutes"], type(row["Held"])) for row in sheet_of(client, "attendance")]
    assert people == [("Daniel Hughes", 45, dt.datetime), ("Sunita Rao", 45, dt.datetime)]
    for name in STANDARD:
        assert "Maya Okafor" not in client.get(address(name, "csv")).getvalue().decode()
        assert signed_in(here.daniel).get(address(name)).status_code == 403
        assert csv_of(signed_in(scene(0).lead), name) == []


def test_tables_of_standardisation_cost_the_same_at_1_and_at_4_rows() -> None:
    costs_found = []
    for number in (1, 4):
        here = standardisation_builders.scene(works=1)
        for _ in range(number):
            here.settled("mnm")
        client = signed_in(here.helen)
        costs_found.append([statements(client, address(name)) for name in STANDARD])
    assert costs_found == [[7, 7, 7], [7, 7, 7]]
