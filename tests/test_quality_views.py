"""What waits in quality assurance, and what each of its pages costs."""

from __future__ import annotations

import pytest
from django.urls import reverse

from assessment.models import SampleItem
from assessment.workflow import quality, reviews
from tests import make
from tests.flat import flat
from tests.marking_pages import signed_in, statements
from tests.people_builders import make_member
from tests.quality_pages import Scene, desk, item_of, reviewed, scene

pytestmark = pytest.mark.django_db
QUALITY = "/quality/"


def shown(member: object) -> str:
    answer = signed_in(member).get(QUALITY)
    assert answer.status_code == 200
    return flat(answer)


def test_an_empty_centre_says_what_would_be_here() -> None:
    here = scene(0)
    for member in (here.iqa, here.lead):
        page = shown(member)
        for words in ("Nothing waits for you", "No sampling plan yet", "None. When an IQA", "None. Every unit that is"):
            assert words in page


def test_units_in_no_plan_are_counted_by_cohort_until_a_plan_is_approved() -> None:
    here = scene(2)
    other = make.cohort(here.cohort.centre, here.cohort.specification, name="Spring")
    make.signed_off(make.learner_unit(other), make.staff(other, "tutor").user)
    lead, iqa = shown(here.lead), shown(here.iqa)
    assert "Two signed-off units, the first since" in lead
    assert "One signed-off unit, the first since" in lead
    assert reverse("plan-add", args=(here.cohort.uid,)) in iqa
    assert "Spring" not in iqa  # not allocated there
    plan = here.plan(1)
    assert "Two signed-off units" in shown(here.lead)
    assert "Drafted by Helen Ashworth" in shown(here.lead)
    quality.approve_plan(by=here.lead.user, plan=plan)
    assert "Two signed-off units" not in shown(here.lead)


def test_what_waits_moves_from_review_to_close_to_release_to_completion() -> None:
    here = scene(1)
    item = here.item()
    assert "To review" in shown(here.iqa)
    reviewed(here, item, "agreed")
    point = reviewed(here, item, "action_required", "1.2").action_point
    reviewed(here, item, "agreed", "2.1")
    assert "Nothing waits for you" in shown(here.iqa)
    reviews.answer_action_point(by=here.tutor.user, action_point=point, text="Done.")
    assert "Daniel Hughes answered" in shown(here.iqa)
    reviews.judge_answer(by=here.iqa.user, action_point=point, outcome="closed")
    assert "Reviewed, and ready to close" in shown(here.iqa)
    make.report(item)
    reviews.close_item(by=here.iqa.user, item=item)
    assert "Closed, and ready to release" in shown(here.iqa)
    quality.release_unit(by=here.iqa.user, item=item)
    assert "Nothing waits for you" in shown(here.iqa)
    assert "Plans ready to complete" in shown(here.lead)
    quality.complete_plan(by=here.lead.user, plan=item.plan)
    page = shown(here.lead)
    assert "Nothing waits for you" in page
    assert "1 of 1" in page
    assert "Complete" in page


def test_another_centres_plans_stay_there_and_the_switch_leads_to_them() -> None:
    here, there = scene(1), scene(1)
    mine, theirs = here.approved(), there.approved()
    assert str(mine.uid) in shown(here.lead)
    assert str(theirs.uid) not in shown(here.lead)
    both = make_member(there.cohort.centre, "lead_iqa", email=here.lead.user.email, name="Martin Osei")
    client = signed_in(both)
    for chosen, plan in ((here.cohort.centre, mine), (there.cohort.centre, theirs)):
        session = client.session
        session["centre"] = str(chosen.uid)
        session.save()
        page = flat(client.get(QUALITY))
        assert [str(one.uid) in page for one in (mine, theirs)] == [plan == mine, plan == theirs]


# -- Budgets -----------------------------------------------------------------------------------------------------------


def costs(here: Scene, plan: object) -> dict[str, int]:
    """Statements of each page, for its dearest reader: one whose role is asked for in every way."""
    item = item_of(plan)
    review = reviewed(here, item, "not_agreed")
    reviewed(here, item, "action_required", "1.2")
    point = reverse("action-point", args=(review.action_point.uid,))
    iqa, lead, tutor = signed_in(here.iqa), signed_in(here.lead), signed_in(here.tutor)
    draft = here.plan(1)
    lead.get(desk(item, "2.1"))  # what is known of an edition is read once in a process
    return {
        "quality": statements(lead, QUALITY),
        "plan-add": statements(iqa, reverse("plan-add", args=(here.cohort.uid,))),
        "plan-change": statements(iqa, reverse("plan-change", args=(draft.uid,))),
        "plan-draft": statements(lead, reverse("plan", args=(draft.uid,))),
        "plan": statements(lead, reverse("plan", args=(plan.uid,))),
        "plan-complete": statements(lead, reverse("plan-complete", args=(plan.uid,))),
        "plan-frame": statements(lead, reverse("plan-frame", args=(plan.uid,))),
        "item": statements(iqa, reverse("item", args=(item.uid,))),
        "item-reviewer": statements(lead, reverse("item-reviewer", args=(item.uid,))),
        "review": statements(iqa, desk(item, "2.1")),
        "review-lead": statements(lead, desk(item, "2.1")),
        "action-points": statements(tutor, reverse("action-points")),
        "action-point": statements(tutor, point),
        "adjudicate": statements(lead, reverse("adjudicate", args=(review.uid,))),
    }


BUDGET = {
    "quality": 11,
    "plan-add": 12,
    "plan-change": 11,
    "plan-draft": 9,
    "plan": 11,
    "plan-complete": 8,
    "plan-frame": 4,
    "item": 9,
    "item-reviewer": 8,
    "review": 11,
    "review-lead": 11,
    "action-points": 7,
    "action-point": 8,
    "adjudicate": 7,
}


def test_each_page_costs_the_same_at_1_and_at_4_rows() -> None:
    one = scene(1)
    assert costs(one, one.approved(1)) == BUDGET
    four = scene(4)
    for _ in range(3):
        make.plan(four.cohort, four.iqa)
    assert costs(four, four.approved(4)) == BUDGET
    assert max(BUDGET.values()) <= 12


def test_a_reviewer_who_is_allocated_nowhere_stays_within_the_budget() -> None:
    here = scene(1)
    stranger = make.staff(here.cohort, "iqa", allocate=False)
    plan = make.plan(here.cohort, stranger)
    quality.approve_plan(by=here.lead.user, plan=plan)
    item = item_of(plan)
    assert item.reviewer == stranger
    assert statements(signed_in(stranger), desk(item)) == 12
    assert statements(signed_in(stranger), reverse("item", args=(item.uid,))) == 9


def test_a_plan_of_many_items_costs_what_a_plan_of_few_does(torture: bool) -> None:
    many = 40 if torture else 8
    here = scene(many)
    plan = here.approved(many)
    assert SampleItem.objects.count() == many
    assert statements(signed_in(here.lead), reverse("plan", args=(plan.uid,))) == BUDGET["plan"]
    assert statements(signed_in(here.iqa), QUALITY) == BUDGET["quality"]
