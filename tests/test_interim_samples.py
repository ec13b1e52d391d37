"""Interim samples: units in progress, reviewed before sign-off, closed without one, and nothing released by them."""

from __future__ import annotations

import datetime as dt
import re
from functools import partial

import pytest
from django.urls import reverse

from assessment.models import ActionPoint, Hold, ItemClosure, LearnerUnit, SampleItem, SamplePlan, UnitRelease
from assessment.permissions import duties
from assessment.readings.proof import steps
from assessment.readings.quality.plans import completing
from assessment.readings.today.quality import unplanned
from assessment.workflow import cohorts, decisions, draw, quality, reviews
from courseware.kit.verdict import NotNow
from tests import make
from tests.flat import flat
from tests.marking_pages import form_of, signed_in
from tests.people_builders import administrator_of
from tests.quality_pages import Scene, current, desk, facts, item_of, reviewed, scene
from tests.test_record_database import fact, refuses

pytestmark = pytest.mark.django_db


def begun(here: Scene, name: str = "Maya Okafor", outcome: str = "met") -> LearnerUnit:
    """A unit in progress: 1.1 decided and released."""
    unit = make.learner_unit(here.cohort, name=name)
    first = make.criteria(unit)[0]
    made = make.submission(unit, first)
    make.decision(made, first, here.tutor.user, outcome)
    decisions.release_feedback(by=here.tutor.user, submission=made)
    return unit


def interim(here: Scene, size: int = 1) -> SamplePlan:
    """An approved interim plan."""
    return here.approved(size, stage="interim")


def whole() -> bool:
    return [fault for step in steps() for fault in step.faults()] == []


def test_it_covers_units_in_progress_with_feedback_released_in_the_period() -> None:
    here = scene(1)  # one is signed off: not its business
    unit = begun(here)
    nothing = make.learner_unit(here.cohort)
    decided = make.learner_unit(here.cohort)
    first = make.criteria(decided)[0]
    make.decision(make.submission(decided, first), first, here.tutor.user)
    plan = here.plan(1, stage="interim")
    frame = draw.frame_of(plan)
    assert frame.units == {unit.uid: unit.pk}
    assert nothing.uid not in frame.units
    assert frame.signed == {unit.uid: here.tutor.uid}
    plan.period_from = plan.period_until = dt.date(2020, 1, 1)
    assert draw.frame_of(plan).units == {}
    quality.approve_plan(by=here.lead.user, plan=here.plan(1, stage="interim"))
    assert draw.frame_of(here.plan(1, stage="interim")).units == {}  # it is in another one
    assert set(draw.frame_of(here.plan(1)).units.values()) == {
        unit.pk for unit in here.units
    }  # and a summative one does not care
    assert whole()


def test_a_plan_for_nobody_and_a_stage_that_there_is_not_are_refused() -> None:
    here = scene(1)
    with pytest.raises(NotNow, match="in progress had feedback released"):
        interim(here)
    with pytest.raises(NotNow, match="interim or summative"):
        here.plan(1, stage="final")


def test_it_is_reviewed_in_progress_closed_without_a_sign_off_and_completed_without_release() -> None:
    here = scene(0)
    unit, other = begun(here), begun(here, "Noor Haddad")
    plan = interim(here)
    item, client = item_of(plan), signed_in(here.iqa)
    shown = flat(client.get(reverse("item", args=(item.uid,))))
    assert "The unit was reopened" not in shown
    assert "Release the unit" not in shown
    assert "Review" in shown
    assert client.post(desk(item), form_of(client, desk(item), outcome="agreed")).status_code == 303
    make.report(item)
    reviews.close_item(by=here.iqa.user, item=item)
    closure = ItemClosure.objects.get()
    assert (closure.sign_off, SampleItem.objects.get().state) == (None, "closed")
    before = facts()
    with pytest.raises(NotNow, match="An interim sample releases no unit"):
        quality.release_unit(by=here.iqa.user, item=item)
    assert facts() == before
    lead = signed_in(here.lead)
    assert "An interim sample releases nothing." in flat(lead.get(reverse("plan", args=(plan.uid,))))
    assert completing(plan).released == ()
    quality.complete_plan(by=here.lead.user, plan=plan)
    assert {one.state for one in LearnerUnit.objects.order_by("pk")} == {"in_progress"}
    assert not UnitRelease.objects.exists()
    assert {unit.pk, other.pk} == set(LearnerUnit.objects.order_by().values_list("pk", flat=True))
    assert whole()


def test_not_agreed_in_progress_needs_no_reopening_but_a_new_decision() -> None:
    here = scene(0)
    begun(here)
    item = item_of(interim(here))
    reviewed(here, item, "not_agreed")
    assert not Hold.objects.exists()  # in progress nothing can be released
    point, old = ActionPoint.objects.get(), current(item)
    make.report(item, development="Say what is missing.")
    with pytest.raises(NotNow, match="action point is still open"):
        reviews.close_item(by=here.iqa.user, item=item)
    reviews.answer_action_point(by=here.tutor.user, action_point=point, text="Done.")
    reviews.judge_answer(by=here.iqa.user, action_point=point, outcome="closed")
    with pytest.raises(NotNow, match="still stands"):
        reviews.close_item(by=here.iqa.user, item=item)
    make.decision(old.submission, old.criterion, here.tutor.user, "not_yet_met", supersedes=old)
    assert SampleItem.objects.get().state == "in_review"
    reviewed(here, item, "agreed")
    reviews.close_item(by=here.iqa.user, item=item)
    assert whole()


def test_it_goes_on_after_sign_off_and_ends_when_the_unit_is_achieved() -> None:
    here = scene(0)
    unit = here.signed_off("Maya Okafor")
    early = begun(here, "Noor Haddad")
    item = item_of(interim(here))
    assert item.learner_unit == early
    rest = make.criteria(early)[1:]
    made = make.submission(early, *rest)
    for criterion in rest:
        make.decision(made, criterion, here.tutor.user)
    decisions.release_feedback(by=here.tutor.user, submission=made)
    decisions.sign_off(by=here.tutor.user, learner_unit=early)
    reviewed(here, item, "not_agreed")
    assert Hold.objects.count() == 1  # signed off it could be released
    assert [row.count for row in unplanned(here.lead.user)] == [2]  # an interim plan covers nobody for release
    summative = here.approved(2)
    assert summative.items.count() == 2
    review = item.reviews.get()
    quality.adjudicate(by=here.lead.user, review=review, reason="It stands.")
    point = ActionPoint.objects.get()
    reviews.answer_action_point(by=here.tutor.user, action_point=point, text="Done.")
    reviews.judge_answer(by=here.iqa.user, action_point=point, outcome="closed")
    for one in summative.items.select_related("learner_unit", "plan", "reviewer").order_by("position"):
        reviews.close_item(by=here.iqa.user, item=make.reviewed(one))
        quality.release_unit(by=here.iqa.user, item=one)
    with pytest.raises(NotNow, match="its interim review is over"):
        reviewed(here, SampleItem.objects.select_related("learner_unit", "plan").get(pk=item.pk), "agreed", "1.2")
    assert not duties.items_held(here.iqa).filter(pk=item.pk).exists()
    quality.complete_plan(by=here.lead.user, plan=item.plan)
    assert LearnerUnit.objects.get(pk=unit.pk).state == "achieved"
    assert whole()


def test_a_learner_who_leaves_holds_no_interim_plan_up() -> None:
    here = scene(0)
    begun(here)
    item = item_of(interim(here))
    with pytest.raises(NotNow, match="1 of 1 items is not closed"):
        quality.complete_plan(by=here.lead.user, plan=item.plan)
    cohorts.withdraw_learner(
        by=administrator_of(here.cohort.centre), learner_unit=item.learner_unit, reason="Moved away."
    )
    quality.complete_plan(by=here.lead.user, plan=item.plan)
    assert SamplePlan.objects.get().state == "complete"


def test_the_database_releases_nothing_through_an_interim_plan() -> None:
    here = scene(0)
    begun(here)
    plan = interim(here)
    units = [here.signed_off(name) for name in ("Noor Haddad", "Ines Brandt")]
    drawn = here.approved(1)
    unit = next(unit for unit in units if not drawn.items.filter(learner_unit=unit).exists())
    row = fact(here.iqa, "iqa") | {"sign_off": unit.sign_offs.get(), "learner_unit": unit}
    assert refuses(partial(UnitRelease.objects.create, **row, plan=plan))
    assert not refuses(partial(UnitRelease.objects.create, **row, plan=drawn))


def test_the_form_of_a_plan_asks_for_the_stage_and_counts_it() -> None:
    here = scene(1)
    begun(here), begun(here, "Noor Haddad")
    client, address = signed_in(here.iqa), reverse("plan-add", args=(here.cohort.uid,))
    today = dt.datetime.now(dt.UTC).date()
    typed = {
        "stage": "interim",
        "period_from": str(today - dt.timedelta(days=9)),
        "period_until": str(today + dt.timedelta(days=1)),
        "method": "count",
        "size": "1",
        "reviewer": str(here.iqa.uid),
    }
    counted = flat(client.post(address, form_of(client, address, **typed, count="1")))
    assert '<p class="big">2</p>' in counted
    assert "in progress, with feedback released" in counted
    assert "What this sample lets us say" not in counted
    assert client.post(address, form_of(client, address, **typed)).status_code == 303
    plan = SamplePlan.objects.get()
    assert plan.stage == "interim"
    page = flat(client.get(reverse("plan", args=(plan.uid,))))
    assert "Interim: units in progress, feedback released" in page
    change = " ".join(client.get(reverse("plan-change", args=(plan.uid,))).content.decode().split())
    assert re.search(r'value="interim"[^>]* checked', change)
