"""The sampling report: what was planned, drawn and found, what was not sampled and why; who may read it; its cost."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from assessment.models import LearnerUnit, SampleItem, SamplePlan
from assessment.readings.quality import reports_left, reports_sampling
from assessment.readings.quality.plans import plans_for
from assessment.readings.quality.reports_sampling import SamplingReport, sampling_report
from assessment.workflow import cohorts, decisions, moving, quality, reviews
from assessment.workflow.amendments import add_substitute, add_target
from assessment.workflow.widening import answer_widening
from courseware.kit.verdict import NotNow
from tests import make
from tests.flat import flat
from tests.marking_pages import signed_in, statements
from tests.people_builders import administrator_of, make_member
from tests.quality_pages import Scene, current, item_of, reviewed, scene
from tests.test_interim_samples import begun, interim

pytestmark = pytest.mark.django_db


def address(plan: SamplePlan) -> str:
    return reverse("plan-report", args=(plan.uid,))


def report(here: Scene, plan: SamplePlan, member: Any = None) -> SamplingReport:
    user = make.fresh((member or here.lead).user)
    rows = plans_for(user, texts=True).select_related("cohort__specification__unit")
    return sampling_report(user, rows.get(pk=plan.pk))


def unsampled(plan: SamplePlan) -> list[LearnerUnit]:
    """Units of the population that are not in the sample, by name."""
    sampled = SampleItem.objects.filter(plan=plan).order_by().values("learner_unit")
    return list(LearnerUnit.objects.filter(cohort=plan.cohort).exclude(pk__in=sampled).order_by("learner__name", "pk"))


def finished(here: Scene, plan: SamplePlan) -> None:
    """Every item reviewed, closed and released, and the plan complete."""
    for item in plan.items.select_related("learner_unit", "plan", "reviewer").order_by("position"):
        make.reviewed(item)
        reviews.close_item(by=here.iqa.user, item=item)
        quality.release_unit(by=here.iqa.user, item=item)
    quality.complete_plan(by=here.lead.user, plan=plan)


def test_a_complete_plan_is_reported_with_the_sentence_of_its_page() -> None:
    here = scene(4)
    plan = here.approved(2)
    finished(here, plan)
    client = signed_in(here.lead)
    page, plans_page = flat(client.get(address(plan))), flat(client.get(reverse("plan", args=(plan.uid,))))
    sentence = plans_page.split('id="proves-h"', 1)[1].split("<strong>", 1)[1].split("</strong>", 1)[0]
    assert "2 of 4 units were reviewed and 0 were found wrong. We are 95 % sure that at most" in sentence
    assert sentence in page
    for words in (
        f"Sampling report, {here.cohort.centre.name}",
        f"<h1>{here.cohort.name}</h1>",
        "2: 2 drawn, 0 targeted",
        "Six decisions were reviewed: agreed 6,",
        "Two units drawn at random",
        "Every decision reviewed so far was agreed without advice.",
        "Not drawn: after the last place that was taken in the order of the draw",
        plan.secret_digest,
        plan.approval.population_digest,
        plan.approval.seed,
        f"seed=$(printf %s &quot;{plan.uid}:1:",
        "Planned, ",
        "Approved and drew, ",
        "Reviews 2 of 2 units",
        "Completed, ",
        "Helen Ashworth",
        "Martin Osei",
    ):
        assert words in page, words


def test_who_answers_for_it_is_named_in_the_role_used() -> None:
    here = scene(2)
    plan = make.plan(here.cohort, here.lead, 1)
    quality.approve_plan(by=here.lead.user, plan=plan)
    item = item_of(plan)
    assert [(one.did, one.name, one.role) for one in report(here, plan).people] == [
        ("Planned", "Martin Osei", "Lead IQA"),
        ("Approved and drew", "Martin Osei", "Lead IQA"),
        ("Reviews 1 of 1 units", "Martin Osei", "IQA"),
    ]
    make.reviewed(item)
    assert report(here, plan).people[-1].role == "Lead IQA"
    here.signed_off()
    planned, *_ = report(here, here.approved(1)).people
    assert (planned.name, planned.role) == ("Helen Ashworth", "IQA")


def test_numbers_by_tutor_findings_and_what_came_of_them() -> None:
    here = scene(3)
    other = make.staff(here.cohort, "tutor", name="Una Other")
    make.signed_off(make.learner_unit(here.cohort, name="Zed"), other.user)
    plan = here.approved(4)
    first, second = plan.items.select_related("learner_unit", "plan", "reviewer").order_by("position")[:2]
    reviewed(here, first, "not_agreed")
    reviewed(here, first, "agreed_with_advice", "1.2")
    reviewed(here, second, "not_agreed")
    quality.adjudicate(by=here.lead.user, review=second.reviews.get(), reason="It stands.")
    found = report(here, plan)
    assert [(part.tutor, part.population, part.sample) for part in found.parts] == [
        ("Daniel Hughes", 3, 3),
        ("Una Other", 1, 1),
    ]
    assert sum(part.wrong for part in found.parts) == 1
    assert [(one.outcome, one.settled, one.point) for one in found.findings] == [
        ("not_agreed", "", "open"),
        ("agreed_with_advice", "", ""),
        ("not_agreed", "Let stand by Martin Osei", "open"),
    ]
    assert found.units[0].counts == (0, 1, 0, 1)
    assert dict(found.outcomes) == {"Agreed": 0, "Agreed with advice": 1, "Action required": 0, "Not agreed": 2}
    assert found.left == ()
    page = flat(signed_in(here.lead).get(address(plan)))
    for words in ("Name the standard that you judged against.", "Add the standard to the feedback.", "Not yet earned"):
        assert words in page, words
    assert "Nothing: every unit of the cohort is in the sample." in page


def test_targeted_units_stand_apart_with_their_reason() -> None:
    here = scene(4)
    plan = here.approved(1)
    chosen = unsampled(plan)[-1]
    add_target(by=here.lead.user, plan=plan, learner_unit=chosen, reason="A *disputed* decision.")
    found = report(here, plan)
    assert (len(found.drawn), [unit.unit for unit in found.targeted]) == (1, [chosen.uid])
    assert [(part.sample, part.targeted) for part in found.parts] == [(2, 1)]
    assert [(one.version, one.kind, one.number, one.whose) for one in found.added] == [(2, "Targeted addition", 1, "")]
    page = flat(signed_in(here.iqa).get(address(plan)))
    assert "Units targeted" in page
    assert "A <em>disputed</em> decision." in page
    assert "2: 1 drawn, 1 targeted" in page


def test_widenings_and_substitutes_are_told_with_who_and_why() -> None:
    here = scene(8)
    plan = here.approved(2)
    items = list(plan.items.select_related("learner_unit__learner", "plan", "reviewer").order_by("position"))
    finding = reviewed(here, items[0], "not_agreed")
    assert [(one.answer, one.answered_by) for one in report(here, plan).widenings] == [("Not answered yet", "")]
    answer_widening(by=here.lead.user, proposal=finding.widening, accepted=False, reason="A slip, and a *new* form.")
    decisions.reopen(by=here.lead.user, learner_unit=items[1].learner_unit, reason="One more look.")
    cohorts.withdraw_learner(
        by=administrator_of(here.cohort.centre), learner_unit=items[1].learner_unit, reason="Moved away."
    )
    left = SampleItem.objects.select_related("learner_unit__learner", "plan").get(pk=items[1].pk)
    add_substitute(by=here.lead.user, item=left)
    found = report(here, plan)
    (declined,) = found.widenings
    assert (declined.answer, declined.answered_by) == ("Declined", "Martin Osei")
    assert "<em>new</em>" in declined.why
    (added,) = found.added
    assert (added.kind, added.whose) == ("Substitute", items[1].learner_unit.learner.name)
    assert "withdrawn" in {unit.state for unit in found.units}
    page = flat(signed_in(here.lead).get(address(plan)))
    assert "Declined by Martin Osei" in page
    assert "Version 2: substitute, 1 unit (" in page


def test_a_widening_that_was_taken_up_names_the_tutor_where_each_tutors_are_apart() -> None:
    here = scene(12)
    plan = here.approved(0, method="sure", confidence=95, tolerable=30)
    finding = reviewed(here, item_of(plan), "not_agreed")
    answer_widening(by=here.lead.user, proposal=finding.widening, accepted=True)
    found = report(here, plan)
    assert [(one.kind, one.whose) for one in found.added] == [("Widened", "Daniel Hughes")]
    assert [one.answer for one in found.widenings] == ["Taken up"]
    assert {unit.chosen for unit in found.drawn} == {"Drawn", "Drawn, widened"}
    page = flat(signed_in(here.lead).get(address(plan)))
    assert "As many of each tutor’s as it takes to be 95 % sure that fewer than 30 % are wrong" in page
    assert plan.approval.strata_digest in page


def test_what_was_not_sampled_is_told_with_why_and_what_became_of_it() -> None:
    here = scene(3)
    other = make.staff(here.cohort, "tutor", name="Una Other")
    theirs = make.learner_unit(here.cohort, name="Theirs")
    make.signed_off(theirs, other.user)
    plan = here.approved(0, method="tutor", tutor=here.tutor)
    quality.place_hold(by=here.lead.user, learner_unit=theirs, reason="A question.")
    make.learner_unit(here.cohort, name="Begun")
    gone = make.learner_unit(here.cohort, name="Gone")
    cohorts.withdraw_learner(by=administrator_of(here.cohort.centre), learner_unit=gone, reason="Left.")
    late = make.learner_unit(here.cohort, name="Late")
    make.signed_off(late, here.tutor.user)
    found = {one.learners: (one.inside, one.why, one.became) for one in report(here, plan).left}
    assert found == {
        ("Theirs",): (True, "Signed off by another tutor than the plan takes", "on_hold"),
        ("Begun",): (False, "In progress, so not signed off in the period", "in_progress"),
        ("Gone",): (False, "The learner left the unit", "withdrawn"),
        ("Late",): (False, "Signed off in another period, or in another plan", "signed_off"),
    }
    assert "Every unit of Daniel Hughes" in flat(signed_in(here.lead).get(address(plan)))


def test_who_moved_to_another_cohort_is_no_part_of_the_report() -> None:
    here = scene(1)
    plan = here.approved(1)
    unit = make.learner_unit(here.cohort, name="Mover")
    there = make.cohort(here.cohort.centre, here.cohort.specification)
    moving.move_learner(by=administrator_of(here.cohort.centre), learner_unit=unit, to=there, reason="Evenings.")
    assert report(here, plan).left == ()


def test_of_many_left_out_the_first_are_named_and_all_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    here = scene(4)
    plan = here.approved(1)
    monkeypatch.setattr(reports_left, "NAMED", 2)
    (one,) = report(here, plan).left
    assert (one.number, len(one.learners), one.more) == (3, 2, 1)
    assert "and 1 more" in flat(signed_in(here.lead).get(address(plan)))


def test_an_interim_report_makes_no_statement_of_certainty() -> None:
    here = scene(1)
    begun(here, "Ann")
    begun(here, "Bea")
    plan = interim(here, 1)
    found = report(here, plan)
    assert found.proves is None
    assert sorted(one.why for one in found.left) == [
        "Not drawn: after the last place that was taken in the order of the draw",
        "Signed off, and interim samples look at units in progress",
    ]
    page = flat(signed_in(here.lead).get(address(plan)))
    assert "It makes no statement of how sure we are" in page
    assert "% sure" not in page


def test_gaps_of_the_coverage_are_named() -> None:
    here = scene(3)
    other = make.staff(here.cohort, "tutor", name="Una Other")
    for number in range(3):
        make.signed_off(make.learner_unit(here.cohort, name=f"More {number}"), other.user)
    plan = here.approved(1)
    page = flat(signed_in(here.lead).get(address(plan)))
    missed = {"Daniel Hughes", "Una Other"} - {unit.tutor for unit in report(here, plan).units}
    assert f"the sample misses: tutor {missed.pop()} (3 units)" in page


# -- Who -------------------------------------------------------------------------------------------------------------


def test_before_approval_there_is_nothing_to_report() -> None:
    here = scene(1)
    plan = here.plan(1)
    answer = signed_in(here.lead).get(address(plan))
    assert answer.status_code == 409
    assert plan.secret not in answer.content.decode()
    with pytest.raises(NotNow):
        report(here, plan)


def test_nobody_of_another_centre_and_nobody_whose_work_is_sampled_learns_of_it() -> None:
    here, there = scene(1), scene(1)
    plan = here.approved()
    for member in (there.lead, there.iqa, here.tutor, here.units[0].learner):
        assert signed_in(member).get(address(plan)).status_code == 404


def test_what_a_reviewer_wrote_is_for_those_who_may_read_the_portfolio() -> None:
    here = scene(1)
    plan = here.approved()
    reviewed(here, item_of(plan), "not_agreed")
    stranger = make.staff(here.cohort, "iqa", allocate=False)
    for member, reads in ((here.lead, True), (here.iqa, True), (stranger, False)):
        page = flat(signed_in(member).get(address(plan)))
        assert ("Name the standard that you judged against." in page) is reads
        assert "Add the standard to the feedback." in page


def test_of_their_own_unit_nobody_is_told_anything() -> None:
    here = scene(0)
    both = make_member(here.cohort.centre, "learner", "iqa", name="Both Hats")
    make.signed_off(make.learner_unit(here.cohort, both), here.tutor.user)
    plan = here.approved()
    reviewed(here, item_of(plan), "not_agreed")
    found = report(here, plan, both)
    assert ([unit.counts for unit in found.units], found.findings) == ([None], ())
    assert not found.units[0].wrong
    page = flat(signed_in(both).get(address(plan)))
    assert "Your own unit" in page


def test_more_units_than_a_document_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    here = scene(2)
    plan = here.approved(2)
    monkeypatch.setattr(reports_sampling, "MOST", 1)
    answer = signed_in(here.lead).get(address(plan))
    assert (answer.status_code, "more than 1 units" in flat(answer)) == (409, True)


def cost(here: Scene, units: int) -> int:
    plan = here.approved(units)
    for item in plan.items.select_related("learner_unit", "plan", "reviewer").order_by("position"):
        reviewed(here, item, "not_agreed")
        reviewed(here, item, "action_required", "1.2")
    for _ in range(units):
        make.learner_unit(here.cohort)
    return statements(signed_in(here.lead), address(plan))


def test_a_report_takes_twelve_statements_at_1_and_at_4_units() -> None:
    assert (cost(scene(1), 1), cost(scene(4), 4)) == (12, 12)


def test_the_plans_page_and_the_page_of_reports_lead_to_it() -> None:
    here = scene(1)
    plan = here.approved()
    client = signed_in(here.iqa)
    for page in (reverse("plan", args=(plan.uid,)), reverse("reports")):
        assert f'href="{address(plan)}"' in flat(client.get(page))


def test_whatever_somebody_is_called_or_writes_is_text_in_every_document() -> None:
    name = "<img src=x onerror=alert(1)> & “Co”"
    here = scene(0)
    here.signed_off(name)
    plan = here.approved()
    item = item_of(plan)
    reviews.review_decision(
        by=here.iqa.user,
        item=item,
        decision=current(item),
        outcome="not_agreed",
        feedback="<script>alert(2)</script> Name it.",
        action="<b onclick=x>Do</b> it.",
    )
    make.report(item, strengths="<iframe src=//x></iframe> Kind.")
    client = signed_in(here.lead)
    for where in (
        address(plan),
        reverse("tutor-feedback-report", args=(here.tutor.uid,)),
        reverse("action-log"),
        reverse("cohort-tracking", args=(here.cohort.uid,)),
        reverse("quality-table", args=("reviews",)),
        reverse("quality-table", args=("feedback",)),
    ):
        page = flat(client.get(where))
        assert "&lt;img src=x onerror=alert(1)&gt; &amp; “Co”" in page, where
        main = page.split("<main", 1)[1].split("</main>", 1)[0]
        assert [tag for tag in ("<img", "<script", "<iframe", "<b onclick") if tag in main] == [], where
