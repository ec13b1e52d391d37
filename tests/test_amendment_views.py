"""The plan's page after the draw: what the sample covers, what is missing, and how it is added."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from assessment.models import Cohort, LearnerUnit, PlanAmendment, PlanApproval, SampleItem, SamplePlan
from assessment.readings.quality import plans
from assessment.readings.quality.coverage import first_with
from assessment.readings.quality.plans import plan_page, plans_for
from assessment.workflow import decisions, quality
from assessment.workflow.strategy import StrategyRules, set_strategy
from courseware.kit import triggers
from tests import make
from tests.flat import flat
from tests.marking_pages import form_of, signed_in, statements
from tests.quality_pages import Scene, facts, item_of, scene
from tests.test_amendments import faults, leaves, order

pytestmark = pytest.mark.django_db


def covered(here: Scene, plan: SamplePlan) -> dict[str, Any]:
    user = make.fresh(here.lead.user)
    return {one.name: one for one in plan_page(user, plans_for(user).get(pk=plan.pk)).coverage}


def varied() -> tuple[Scene, LearnerUnit]:
    """Four alike, and one of another tutor, met after Not yet met, that was on hold once."""
    here = scene(4)
    other = make.staff(here.cohort, "tutor", name="Sunita Rao")
    odd = make.learner_unit(here.cohort, name="Odd One")
    quality.place_hold(by=here.lead.user, learner_unit=odd, reason="A question.")
    quality.lift_hold(by=here.lead.user, hold=odd.holds.get(), reason="Answered.")
    make.marked(make.submission(odd), other.user, "not_yet_met")
    make.marked(make.submission(odd), other.user)
    decisions.sign_off(by=other.user, learner_unit=odd)
    make.submission(make.learner_unit(here.cohort))  # in progress, and so in no population
    return here, odd


def test_gaps_are_named_and_the_first_of_the_draw_that_has_what_is_missing_is_offered() -> None:
    here, odd = varied()
    plan = here.approved(method="tutor", size=None, tutor=here.tutor)
    found = covered(here, plan)
    told = {name: (one.kind, one.population, one.sample) for name, one in found.items()}
    assert told == {
        "Daniel Hughes": ("Tutor", 4, 4),
        "Sunita Rao": ("Tutor", 1, 0),
        "Product of work": ("Method", 5, 4),
        "Met at once": ("Outcome", 4, 4),
        "Met after Not yet met": ("Outcome", 1, 0),
        "Once on hold": ("Special case", 1, 0),
    }
    lead, iqa = signed_in(here.lead), signed_in(here.iqa)
    page = reverse("plan", args=(plan.uid,))
    assert "Add one" in flat(lead.get(page))
    assert "Add one" not in flat(iqa.get(page))
    assert statements(lead, page) == 11
    address = reverse("plan-target", args=(plan.uid, odd.uid))
    for name in ("Sunita Rao", "Met after Not yet met", "Once on hold"):
        leads = lead.get(reverse("plan-gap", args=(plan.uid, found[name].key)))
        assert (leads.status_code, leads["Location"]) == (303, address)
    approval = PlanApproval.objects.select_related("plan").get()
    rest = set(order(plan)) - {unit.uid for unit in here.units}
    for key in ("site", "at_once", "method:product", "reopened"):
        assert first_with(approval, key) in (rest if key in ("site", "method:product") else {None})
    gone = lead.get(reverse("plan-gap", args=(plan.uid, "reopened")))
    assert "No unit that has it is left to add." in flat(gone)
    assert iqa.get(reverse("plan-gap", args=(plan.uid, "reopened"))).status_code == 403
    before = facts()
    assert (iqa.post(address, form_of(lead, address, reason="So.")).status_code, facts()) == (403, before)
    assert (lead.post(address, form_of(lead, address)).status_code, facts()) == (422, before)
    typed = form_of(lead, address, reason="The only one of this tutor.")
    for _ in range(2):
        assert lead.post(address, typed).status_code == 303
    assert PlanAmendment.objects.get().kind == "target"
    shown = flat(lead.get(page))
    assert "targeted, version 2" in shown
    assert "it is at version 2" in shown
    assert not any(one.gap for one in covered(here, plan).values())
    assert lead.get(reverse("plan-target", args=(plan.uid, scene(1).units[0].uid))).status_code == 404


def test_what_the_strategy_leaves_out_is_not_asked_for() -> None:
    here, _ = varied()
    Cohort.objects.filter(pk=here.cohort.pk).update(site="Canal Street")
    rules = StrategyRules(cover_methods=False, cover_sites=False, cover_outcomes=False, cover_special=False)
    set_strategy(by=here.lead.user, centre=here.cohort.centre, rules=rules, reason="Small.", seen=0)
    plan = here.approved(1)
    assert set(covered(here, plan)) == {"Daniel Hughes", "Sunita Rao"}


def test_the_site_of_the_cohort_is_covered_by_any_unit() -> None:
    here, _ = varied()
    Cohort.objects.filter(pk=here.cohort.pk).update(site="Canal Street")
    site = covered(here, here.approved(1))["Canal Street"]
    assert (site.kind, site.population, site.sample) == ("Site", 5, 1)


def test_the_next_unit_comes_in_for_a_learner_who_left_by_one_act() -> None:
    here = scene(3)
    plan = here.approved(1)
    item, lead = item_of(plan), signed_in(here.lead)
    leaves(here, item.learner_unit)
    page = reverse("plan", args=(plan.uid,))
    assert "Draw the next" in flat(lead.get(page))
    assert "Draw the next" not in flat(signed_in(here.iqa).get(page))
    address = reverse("item-substitute", args=(item.uid,))
    before = facts()
    assert (lead.post(address, {}).status_code, facts()) == (422, before)
    assert lead.post(address, form_of(lead, address)).status_code == 303
    assert SampleItem.objects.get(chosen="substitute").learner_unit.uid == order(plan)[1]
    shown = flat(lead.get(page))
    assert "substitute, version 2" in shown
    assert "Draw the next" not in shown
    assert "This item has its substitute already." in flat(lead.get(address))


def test_a_sample_is_shown_fifty_at_a_time_and_counted_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "AT_ONCE", 2)
    here = scene(5)
    plan, lead = here.approved(5), signed_in(here.lead)
    make.reviewed(item_of(plan))
    address = reverse("plan", args=(plan.uid,))
    names = list(plan.items.order_by("position").values_list("learner_unit__learner__name", flat=True))
    for number, shown in (("1", names[:2]), ("2", names[2:4]), ("3", names[4:]), ("9", names[4:])):
        page = flat(lead.get(address, {"page": number}))
        table = page.partition('id="items-h"')[2].partition("</table>")[0]
        assert [name for name in names if name in table] == shown
        assert "Drawn: 5 of 5" in table
        assert "0 closed, 5 to do" in table
        assert "1 of 5 units are reviewed" in " ".join(page.split())
        assert 'aria-label="Pages of units"' in page
    assert statements(lead, f"{address}?page=2") == 11


def test_who_waits_for_a_reviewer_on_another_page_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "AT_ONCE", 1)
    here = scene(2)
    plan, lead = here.approved(2), signed_in(here.lead)
    item = item_of(plan)
    SampleItem.objects.filter(pk=item.pk).update(reviewer=None)
    address = reverse("plan", args=(plan.uid,))
    here_too, there = (" ".join(flat(lead.get(address, {"page": number})).split()) for number in "12")
    assert "Choose a reviewer for" in here_too
    assert "on another page" not in here_too
    assert "Choose a reviewer for" not in there
    assert "One unit waits for a reviewer" in there
    assert "They stand on another page of the units." in there


def test_what_a_plan_approved_before_it_was_counted_holds_is_counted_from_its_strata() -> None:
    here, odd = varied()
    plan = here.approved(method="tutor", size=None, tutor=here.tutor)
    before = covered(here, plan)
    kept = PlanApproval.objects.get().contents
    triggers.drop(connection)
    PlanApproval.objects.update(contents="")
    decisions.reopen(by=here.lead.user, learner_unit=odd, reason="Later, and so not counted.")
    assert covered(here, plan) == before
    for text in ("units 4\n", f"{kept}held 99\n", "nothing\n"):
        PlanApproval.objects.update(contents=text)
        assert "what it counted is not in its strata" in faults()
    PlanApproval.objects.update(contents=kept)
    SampleItem.objects.update(tutor=here.lead)
    assert "an item is not of the tutor whom the strata name" in faults()
