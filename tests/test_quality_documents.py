"""Documents of quality assurance: what they say, who may read which, what they cost."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from assessment.readings.grid.filters import Filters
from assessment.readings.quality import reports_cohort, reports_points, reports_tutor
from assessment.readings.quality.reports_cohort import tracking
from assessment.readings.quality.reports_made import Period, made
from assessment.workflow import decisions, quality, reviews
from tests import make
from tests.flat import flat
from tests.marking_pages import signed_in, statements
from tests.people_builders import make_centre, make_member
from tests.quality_pages import Scene, item_of, reviewed, scene
from tests.test_quality_tables import told

pytestmark = pytest.mark.django_db
LOG = reverse("action-log")


def feedback_of(here: Scene) -> str:
    return reverse("tutor-feedback-report", args=(here.tutor.uid,))


def tracking_of(here: Scene) -> str:
    return reverse("cohort-tracking", args=(here.cohort.uid,))


# -- The head ----------------------------------------------------------------------------------------------------------


def test_a_document_says_who_made_it_in_the_role_that_comes_first() -> None:
    centre = make_centre()
    both = make_member(centre, "tutor", "lead_iqa", name="Martin Osei")
    found = made(make.fresh(both.user), centre)
    assert (found.by, found.role, found.centre) == ("Martin Osei", "Lead IQA", centre)
    stranger = made(make.fresh(both.user), make_centre())
    assert (stranger.by, stranger.role) == ("", "")


@pytest.mark.parametrize(
    ("sent", "period"),
    [
        ({"from": "2026-01-05", "until": "2026-03-01"}, (dt.date(2026, 1, 5), dt.date(2026, 3, 1))),
        ({"from": "2026-03-01", "until": "2026-01-05"}, (dt.date(2026, 1, 5), dt.date(2026, 3, 1))),
        ({"from": "soon", "until": "2026-03-01"}, (dt.date(2025, 3, 1), dt.date(2026, 3, 1))),
        ({"from": "0001-01-01", "until": "9999-12-31"}, (dt.date(2025, 6, 30), dt.date(2026, 6, 30))),
        ({}, (dt.date(2025, 6, 30), dt.date(2026, 6, 30))),
    ],
)
def test_a_period_is_two_days_in_order_and_otherwise_the_last_year(sent: dict[str, str], period: Any) -> None:
    centre = make_centre()
    with time_machine.travel("2026-06-30T12:00:00+00:00", tick=False):
        found = Period.of(sent, centre)
    assert (found.begins, found.ends) == period


def test_a_period_ends_with_its_last_day_in_the_centres_zone() -> None:
    here = scene(1)
    point = reviewed(here, here.item(), "action_required").action_point
    day = point.at.astimezone(zoneinfo.ZoneInfo(here.cohort.centre.zone)).date()
    for begins, ends, found in ((day, day, True), (day - dt.timedelta(3), day - dt.timedelta(1), False)):
        sent = {"from": str(begins), "until": str(ends), "state": "open"}
        page = flat(signed_in(here.lead).get(LOG, sent))
        assert ("Add the standard to the feedback." in page) is found


# -- What the tutor is told --------------------------------------------------------------------------------------------


def test_a_tutors_report_holds_units_findings_remarks_and_points() -> None:
    here = scene(1)
    told(here)
    page = flat(signed_in(here.tutor).get(feedback_of(here)))
    for words in (
        "<h1>Daniel Hughes</h1>",
        "Made by Daniel Hughes, Tutor,",
        "3: agreed 1, agreed with advice 0, action required 1, not agreed 1",
        "Maya Okafor, Unit 101",
        "Clear and kind.",
        "@Home: name the standard.",
        "Name the standard that you judged against.",
        "Reopened by Helen Ashworth",
        "Read by Daniel Hughes, on",
    ):
        assert words in page, words
    assert page.count("Add the standard to the feedback.") == 2


def test_what_the_lead_iqa_made_of_a_disagreement_is_told() -> None:
    here = scene(2)
    first, second = here.approved(2).items.select_related("learner_unit", "plan", "reviewer").order_by("position")
    for item in (first, second):
        reviewed(here, item, "not_agreed")
    decisions.reopen(
        by=here.lead.user, learner_unit=first.learner_unit, reason="Mark it again.", review=first.reviews.get()
    )
    quality.adjudicate(by=here.lead.user, review=second.reviews.get(), reason="It stands.")
    page = flat(signed_in(here.lead).get(feedback_of(here)))
    assert "Reopened by Martin Osei" in page
    assert "Let stand by Martin Osei" in page
    assert "not agreed 2" in page


def test_a_tutor_nobody_reviewed_in_the_period_is_told_so() -> None:
    here = scene(1)
    told(here)
    page = flat(signed_in(here.lead).get(feedback_of(here), {"from": "2020-01-01", "until": "2020-12-31"}))
    assert "No decision of Daniel Hughes was reviewed in this period." in page
    assert "None in this period, and none left open from before." in page
    assert "Strengths and development" not in page


def test_an_iqa_reads_only_of_portfolios_that_they_may_read() -> None:
    here = scene(1)
    told(here)
    stranger = make.staff(here.cohort, "iqa", allocate=False)
    page = flat(signed_in(stranger).get(feedback_of(here)))
    assert "No decision of Daniel Hughes was reviewed" in page
    assert "Clear and kind." not in page
    assert "Clear and kind." in flat(signed_in(here.iqa).get(feedback_of(here)))


def test_another_tutor_and_another_centre_do_not_learn_of_the_report() -> None:
    here, there = scene(1), scene(1)
    told(here)
    other = make.staff(here.cohort, "tutor", allocate=False)
    for member in (other, there.lead, there.iqa, there.tutor):
        assert signed_in(member).get(feedback_of(here)).status_code == 404


# -- The log -----------------------------------------------------------------------------------------------------------


def shown(member: Any, **sent: str) -> str:
    answer = signed_in(member).get(LOG, sent)
    assert answer.status_code == 200
    return flat(answer)


def test_the_log_is_narrowed_to_what_is_open_overdue_or_closed() -> None:
    here = scene(1)
    item = here.item()
    first = reviewed(here, item, "action_required").action_point
    reviewed(here, item, "not_agreed", "1.2")
    reviews.answer_action_point(by=here.tutor.user, action_point=first, text="Added to the record.")
    reviews.judge_answer(by=here.iqa.user, action_point=first, outcome="closed", text="Now it says so.")
    page = shown(here.lead)
    assert "2, 1 closed, 0 overdue" in page
    for words in ("1.1 Maya Okafor", "1.2 Maya Okafor", "Added to the record.", "Now it says so.", "No answer yet"):
        assert words in page
    assert ("1.1 Maya" in shown(here.lead, state="closed"), "1.2 Maya" in shown(here.lead, state="closed")) == (
        True,
        False,
    )
    assert ("1.1 Maya" in shown(here.lead, state="open"), "1.2 Maya" in shown(here.lead, state="open")) == (False, True)
    assert "There is no action point of this kind." in shown(here.lead, state="overdue")
    assert "1.1 Maya" in shown(here.lead, state="nonsense")
    with time_machine.travel(first.at + dt.timedelta(days=12)):
        page = shown(here.lead, state="overdue")
        assert ("1, 0 closed, 1 overdue" in page, "Was due" in page) == (True, True)


def test_what_was_left_open_from_before_the_period_is_in_the_log_and_what_came_after_is_not() -> None:
    here = scene(1)
    point = reviewed(here, here.item(), "action_required").action_point
    later = point.at.date() + dt.timedelta(days=30)
    sent = {"from": str(later), "until": str(later + dt.timedelta(days=5))}
    assert "1.1 Maya Okafor" in shown(here.lead, **sent)
    reviews.answer_action_point(by=here.tutor.user, action_point=point, text="Done.")
    reviews.judge_answer(by=here.iqa.user, action_point=point, outcome="closed")
    assert "1.1 Maya Okafor" not in shown(here.lead, **sent)


def test_each_reads_their_own_log_and_nobody_elses() -> None:
    here, there = scene(1), scene(1)
    told(here)
    other = make.staff(here.cohort, "tutor", allocate=False)
    for member, known in ((here.tutor, True), (here.iqa, True), (here.lead, True), (other, False), (there.lead, False)):
        assert ("Maya Okafor" in shown(member)) is known
    for role in ("learner", "admin", "eqa"):
        assert signed_in(make_member(here.cohort.centre, role)).get(LOG).status_code == 403


def test_a_text_that_was_disposed_of_leaves_its_place_empty() -> None:
    here = scene(1)
    point = reviewed(here, here.item(), "action_required").action_point
    row = reports_points.points_for(make.fresh(here.lead.user)).get(pk=point.pk)
    row.body = None
    for name in ("answer_text", "answer_by", "answer_at", "verdict", "verdict_text", "verdict_by", "verdict_at"):
        setattr(row, name, None)
    assert reports_points._point(row).asked == ""


# -- Tracking ----------------------------------------------------------------------------------------------------------


def test_tracking_says_where_each_stands_what_is_late_and_who_assesses() -> None:
    cohort = make.cohort()
    tutor, lead = make.staff(cohort, "tutor", name="Daniel Hughes"), make.staff(cohort, "lead_iqa")
    single = make.staff(cohort, "tutor", allocate=False, name="Una Other")
    early, marked = make.learner_unit(cohort, name="Early"), make.learner_unit(cohort, name="Marked")
    make.allocation(cohort, single, "tutor", early)
    first, second, third = make.criteria(early)
    today = dt.datetime.now(dt.UTC).date()
    make.due(cohort, (first, today - dt.timedelta(days=9)), (second, today + dt.timedelta(days=9)))
    make.submission(marked, first)
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=40)):
        page = flat(signed_in(lead).get(reverse("cohort-tracking", args=(cohort.uid,))))
        found = tracking(make.fresh(lead.user), _read(cohort), Filters())
    assert [(one.name, one.overdue, one.waiting) for one in found.behind] == [
        ("Early", (first.number, second.number), ()),
        ("Marked", (second.number,), (first.number,)),
    ]
    assert [(one.number, one.due_on is None, one.past) for one in found.criteria] == [
        (first.number, False, True),
        (second.number, False, True),
        (third.number, True, False),
    ]
    assert found.staff == (("Tutors", "Daniel Hughes, Una Other (one learner)"),)
    assert [row.tutors for row in found.rows] == ["Una Other", tutor.name]
    for words in ("A learner’s own later date counts instead", "0 of 3", "No date", "Una Other (one learner)"):
        assert words in page, words


def _read(cohort: Any) -> Any:
    return type(cohort).objects.select_related("centre", "specification__unit").get(pk=cohort.pk)


def test_tracking_is_narrowed_as_the_grid_is_and_says_so() -> None:
    here = scene(2)
    client = signed_in(here.lead)
    page = flat(client.get(tracking_of(here), {"text": "maya", "state": "signed_off", "tutor": str(here.tutor.uid)}))
    assert "narrowed to: name with “maya”; tutor Daniel Hughes; Signed off" in page
    assert ("Maya Okafor" in page, "Learner Number 1" in page) == (True, False)
    page = flat(client.get(tracking_of(here), {"status": "late", "tutor": str(here.iqa.user.pk)}))
    assert "No learner of this cohort fits." in page
    assert f"{tracking_of(here)}?state=signed_off" in flat(
        client.get(reverse("cohort", args=(here.cohort.uid,)), {"state": "signed_off"})
    )
    unknown = flat(client.get(tracking_of(here), {"tutor": "00000000-0000-4000-8000-000000000000"}))
    assert "tutor unknown" in unknown


def test_nothing_late_and_no_dates_are_said() -> None:
    here = scene(1)
    page = flat(signed_in(here.lead).get(tracking_of(here)))
    assert "Nothing: no due date is past without a hand-in" in page
    assert "own later date" not in page


def test_more_than_a_document_holds_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    here = scene(2)
    told(here, 2)
    client = signed_in(here.lead)
    for module, address, words in (
        (reports_points, LOG, "more than 1 action points"),
        (reports_tutor, feedback_of(here), "more than 1 reviews"),
        (reports_cohort, tracking_of(here), "more than 1 learners"),
    ):
        monkeypatch.setattr(module, "MOST", 1)
        answer = client.get(address)
        assert (answer.status_code, words in flat(answer)) == (409, True)
        monkeypatch.undo()


# -- Budgets -----------------------------------------------------------------------------------------------------------


def costs(here: Scene, units: int) -> dict[str, int]:
    told(here, units)
    lead, tutor, iqa = signed_in(here.lead), signed_in(here.tutor), signed_in(here.iqa)
    return {
        "log": statements(tutor, LOG),
        "feedback": statements(iqa, feedback_of(here)),
        "own feedback": statements(tutor, feedback_of(here)),
        "tracking": statements(lead, tracking_of(here)),
        "reports": statements(lead, reverse("reports")),
    }


BUDGET = {"log": 6, "feedback": 9, "own feedback": 9, "tracking": 11, "reports": 8}


def test_each_document_costs_the_same_at_1_and_at_4_rows() -> None:
    assert costs(scene(1), 1) == BUDGET
    assert costs(scene(4), 4) == BUDGET
    assert max(BUDGET.values()) <= 12


def test_the_pages_concerned_lead_to_their_documents() -> None:
    here = scene(1)
    told(here)
    assert item_of(here.cohort.plans.get()).learner_unit == here.units[0]
    client = signed_in(here.lead)
    for page, document in (
        (reverse("quality"), reverse("reports")),
        (reverse("action-points"), LOG),
        (reverse("tutor-feedback", args=(here.tutor.uid,)), feedback_of(here)),
        (reverse("cohort", args=(here.cohort.uid,)), tracking_of(here)),
        (reverse("reports"), feedback_of(here)),
        (reverse("reports"), tracking_of(here)),
        (reverse("reports"), LOG),
        (reverse("reports"), reverse("strategy")),
        (reverse("reports"), reverse("independence")),
    ):
        assert f'href="{document}"' in flat(client.get(page)), page
    learner = signed_in(here.units[0].learner)
    assert LOG not in flat(learner.get(reverse("action-points")))
    assert reverse("reports") not in flat(learner.get(reverse("own-quality-feedback")))
    assert reverse("reports") in flat(signed_in(here.tutor).get(reverse("own-quality-feedback")))
