"""Widening: a finding proposes the fewest more that prove the target again, the lead IQA answers, the draw goes on."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from math import comb
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from assessment.models import (
    PlanAmendment,
    Review,
    SampleItem,
    SamplePlan,
    WideningAnswer,
    WideningProposal,
)
from assessment.permissions.tally import tally
from assessment.readings.proof import steps
from assessment.readings.quality.proves import proves
from assessment.sampling import Stratum, most_wrong_after, most_wrong_overall, smallest_sample, widened
from assessment.workflow import amendments, drafts, draw, quality
from assessment.workflow.amendments import add_target
from assessment.workflow.base import write_body
from assessment.workflow.widening import answer_widening, target_of
from courseware.kit.verdict import NotNow, NotYours
from tests import make
from tests.flat import flat
from tests.marking_pages import form_of, signed_in
from tests.quality_pages import Scene, facts, item_of, reviewed, scene
from tests.test_record_database import body, fact, refuses

SURE, TENTH = Fraction(95, 100), Fraction(1, 10)


# -- The arithmetic ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("population", [5, 12, 30, 61])
@pytest.mark.parametrize("found", [0, 1, 2])
@pytest.mark.parametrize("tolerable", [Fraction(1, 10), Fraction(1, 4), Fraction(1, 2)])
def test_it_is_the_fewest_that_prove_the_target_again(population: int, found: int, tolerable: Fraction) -> None:
    strata = [Stratum(population, max(2, found), found), Stratum(20, 15, 0)]
    size = widened(strata, 0, tolerable=tolerable, confidence=SURE)
    limit = tolerable * (population + 20)

    def proved(drawn: int) -> bool:
        return most_wrong_overall([Stratum(population, drawn, found), strata[1]], SURE) < limit

    least = next((n for n in range(strata[0].drawn, population) if proved(n)), population)
    assert size == least


def test_the_whole_stratum_is_the_most_there_is() -> None:
    assert widened([Stratum(4, 1, 1)], 0, tolerable=TENTH, confidence=SURE) == 4
    assert widened([Stratum(4, 4, 1)], 0, tolerable=TENTH, confidence=SURE) == 4
    alone = smallest_sample(population=100, tolerable=TENTH, confidence=SURE, found=1)
    assert widened([Stratum(100, 29, 1)], 0, tolerable=TENTH, confidence=SURE) == alone == 39


def too_low(population: int, wrong: int, confidence: Fraction, *, as_if_planned: bool) -> Fraction:
    """The exact chance, over all draws, that a plan which is widened after every finding ends with too low a bound."""
    size = smallest_sample(population=population, tolerable=TENTH, confidence=confidence)

    def drawing(more: int, drawn: int, found: int) -> dict[int, Fraction]:
        rest, left, new = population - drawn, wrong - found, more - drawn
        least, most = max(0, new - (rest - left)), min(left, new)
        return {
            k: Fraction(comb(left, k) * comb(rest - left, new - k), comb(rest, new)) for k in range(least, most + 1)
        }

    now = {(size, found, found): chance for found, chance in drawing(size, 0, 0).items()}
    missed = Fraction(0)
    while now:
        after: Counter[tuple[int, int, int]] = Counter()
        for (drawn, found, early), chance in now.items():
            whole = [Stratum(population, drawn, found)]
            wider = widened(whole, 0, tolerable=TENTH, confidence=confidence) if found else drawn
            if wider > drawn:
                for new, share in drawing(wider, drawn, found).items():
                    after[wider, found + new, early] += chance * share  # type: ignore[assignment]
                continue
            first = [Stratum(population, size, early)]
            stated = most_wrong_overall(whole, confidence)
            if not as_if_planned:
                stated = most_wrong_after(first, whole, confidence)
            missed += chance * (stated < wrong)
        now = dict(after)  # type: ignore[arg-type]
    return missed


@pytest.mark.parametrize(("population", "confidence"), [(20, SURE), (40, Fraction(9, 10)), (60, SURE)])
def test_what_is_stated_after_a_widening_keeps_its_confidence_for_every_number_of_wrong_units(
    population: int, confidence: Fraction
) -> None:
    """Every course of such a plan counted, none drawn by chance. As if planned so, it would state too little."""
    numbers = range(population // 4)
    assert max(too_low(population, wrong, confidence, as_if_planned=False) for wrong in numbers) <= 1 - confidence
    if population > 20:
        assert max(too_low(population, wrong, confidence, as_if_planned=True) for wrong in numbers) > 2 * (
            1 - confidence
        )


def test_what_is_certain_cuts_the_bound_of_the_first_draw() -> None:
    first = [Stratum(20, 4, 1)]
    assert most_wrong_after(first, [Stratum(20, 6, 1)], SURE) == most_wrong_overall(first, SURE)
    assert most_wrong_after(first, [Stratum(20, 18, 3)], SURE) == 5, "two are not reviewed"
    assert most_wrong_after(first, [Stratum(20, 20, 3)], SURE) == 3, "nothing is left to chance"
    assert most_wrong_after([Stratum(100, 60)], [Stratum(100, 99, 30)], SURE) == 30, "more were found than it left open"


# -- The proposal ------------------------------------------------------------------------------------------------------


def whole() -> bool:
    return [fault for step in steps() for fault in step.faults()] == []


def finding(here: Scene, size: int = 1, **more: Any) -> tuple[SamplePlan, SampleItem, Review]:
    """A plan with a decision that was not agreed in its first item."""
    plan = here.approved(size, **more)
    item = item_of(plan)
    return plan, item, reviewed(here, item, "not_agreed")


def completable(here: Scene, plan: SamplePlan) -> str:
    """Why the plan is not completed."""
    with pytest.raises(NotNow) as refused:
        quality.complete_plan(by=here.lead.user, plan=plan)
    return refused.value.reason


@pytest.mark.django_db
def test_not_agreed_proposes_and_the_plan_waits_for_the_answer() -> None:
    here = scene(4)
    plan, item, review = finding(here)
    proposal = WideningProposal.objects.get()
    assert (proposal.review, proposal.plan, proposal.tutor) == (review, plan, here.tutor)
    assert (proposal.drawn, proposal.proposed, proposal.by) == (1, 4, here.iqa)
    assert "waits for an answer" in completable(here, plan)
    page = flat(signed_in(here.lead).get(reverse("plan", args=(plan.uid,))))
    assert "1 to 4 units" in page
    assert "Answer the proposal" in page
    assert "Waits for the lead IQA." in flat(signed_in(here.iqa).get(reverse("plan", args=(plan.uid,))))
    for address, says in ((reverse("quality"), "Samples to widen, or not"), ("/", "Widen the sample of")):
        assert says in flat(signed_in(here.lead).get(address))
    # The unit is wrong already: a second finding in it proposes nothing more.
    reviewed(here, item, "not_agreed", "1.2")
    assert WideningProposal.objects.count() == 1
    assert whole()


@pytest.mark.django_db
def test_accepted_the_next_of_the_same_order_become_items_and_the_page_says_the_new_numbers() -> None:
    here = scene(4)
    plan, item, _ = finding(here)
    proposal, client = WideningProposal.objects.get(), signed_in(here.lead)
    address = reverse("widening", args=(proposal.uid,))
    assert "to be 95 % sure that fewer than 10 %" in " ".join(flat(client.get(address)).split())
    sent = form_of(client, address, way="accept")
    assert client.post(address, sent)["Location"] == reverse("plan", args=(plan.uid,))
    assert client.post(address, sent).status_code == 303  # a double click
    items = list(plan.items.select_related("learner_unit").order_by("position"))
    order = draw.draw_order(plan.approval.seed, [unit.uid for unit in here.units])
    assert [(one.key, one.learner_unit.uid) for one in items] == order
    assert [one.chosen for one in items] == ["drawn", "widened", "widened", "widened"]
    assert {one.reviewer for one in items} == {here.iqa}
    amendment = PlanAmendment.objects.get()
    assert (amendment.kind, amendment.version, amendment.added, amendment.proposal) == ("widen", 2, 3, proposal)
    found = proves(plan, Counter(draw.strata_of(plan.approval).values()), tally(plan))
    assert found is not None
    assert (found.drawn, found.found, found.population) == (4, 1, 4)
    page = flat(client.get(reverse("plan", args=(plan.uid,))))
    assert "Widened" in page
    assert "4 of 4 items are not closed yet" in completable(here, plan)
    again = sent | {"key": str(item.uid)}
    before = facts()
    answer = client.post(address, again)
    assert (answer.status_code, facts()) == (409, before)
    assert "This proposal has its answer." in flat(answer)
    assert whole()


@pytest.mark.django_db
def test_declined_with_a_reason_that_the_plan_says() -> None:
    here = scene(4)
    plan, _, _ = finding(here)
    proposal, client = WideningProposal.objects.get(), signed_in(here.lead)
    address = reverse("widening", args=(proposal.uid,))
    drafts.save_draft(by=here.lead.user, about=f"widening-{proposal.uid}", text="Half a reason.", revision=0)
    assert "Half a reason." in flat(client.get(address))
    with pytest.raises(NotYours):
        drafts.save_draft(by=here.tutor.user, about=f"widening-{proposal.uid}", text="Mine.", revision=0)
    before = facts()
    for typed in ({"way": "decline"}, {"way": ""}, {"way": "decline", "reason": " \u200b"}):
        answer = client.post(address, form_of(client, address, **({"reason": ""} | typed)))
        assert (answer.status_code, facts()) == (422, before)
    with pytest.raises(NotNow, match="why the sample is not widened"):
        answer_widening(by=here.lead.user, proposal=proposal, accepted=False, reason=" ")
    sent = form_of(client, address, way="decline", reason="The tutor left; the cohort is re-marked.")
    assert client.post(address, sent).status_code == 303
    assert plan.items.count() == 1
    page = flat(client.get(reverse("plan", args=(plan.uid,))))
    assert "The tutor left; the cohort is re-marked." in page
    assert "waits for an answer" not in completable(here, plan)
    assert whole()


@pytest.mark.django_db
def test_only_the_lead_iqa_answers_and_nobody_outside_knows() -> None:
    here = scene(4)
    plan, _, _ = finding(here)
    proposal = WideningProposal.objects.get()
    address = reverse("widening", args=(proposal.uid,))
    sent = form_of(signed_in(here.lead), address, way="accept")
    for who, status in ((here.iqa, 403), (here.tutor, 404), (scene(0).lead, 404)):
        client = signed_in(who)
        before = facts()
        assert (client.get(address).status_code, client.post(address, sent).status_code) == (status, status)
        assert facts() == before
    with pytest.raises(NotYours, match="Only the lead IQA widens"):
        answer_widening(by=here.iqa.user, proposal=proposal, accepted=True)
    assert plan.items.count() == 1


@pytest.mark.django_db
def test_where_each_tutors_units_are_drawn_apart_that_tutors_are_widened() -> None:
    here = scene(14)
    other = make.staff(here.cohort, "tutor", name="Sunita Rao")
    for _ in range(14):
        unit = make.learner_unit(here.cohort)
        make.signed_off(unit, other.user)
    plan = here.approved(1, method="sure", confidence=80, tolerable=30)
    signed = draw.strata_of(plan.approval)
    items = list(plan.items.select_related("learner_unit", "plan").order_by("position"))
    mine = [one for one in items if signed[one.learner_unit.uid] == other.uid]
    assert 0 < len(mine) < 14
    reviewed(here, mine[0], "not_agreed")
    proposal = WideningProposal.objects.get()
    assert (proposal.tutor, proposal.drawn) == (other, len(mine))
    assert len(mine) < proposal.proposed <= 14
    answer_widening(by=here.lead.user, proposal=proposal, accepted=True, reason="As proposed.")
    added = plan.items.filter(chosen="widened").select_related("learner_unit")
    assert added.count() == proposal.proposed - len(mine)
    assert {signed[one.learner_unit.uid] for one in added.order_by("position")} == {other.uid}
    assert PlanAmendment.objects.get().tutor == other
    assert whole()


@pytest.mark.django_db
def test_nothing_is_proposed_where_there_is_nothing_to_widen() -> None:
    here = scene(2)
    finding(here, 2)  # everybody is drawn
    assert not WideningProposal.objects.exists()
    one = scene(2)
    finding(one, method="tutor", tutor=one.tutor)  # all of a tutor's
    assert not WideningProposal.objects.exists()
    targeted = scene(3)
    plan = targeted.approved(1)
    left = next(unit for unit in targeted.units if not plan.items.filter(learner_unit=unit).exists())
    add_target(by=targeted.lead.user, plan=plan, learner_unit=left, reason="A dispute.")
    reviewed(targeted, SampleItem.objects.select_related("plan", "learner_unit").get(chosen="targeted"), "not_agreed")
    assert not WideningProposal.objects.exists()


@pytest.mark.django_db
def test_what_was_widened_meanwhile_is_not_widened_again() -> None:
    here = scene(30)
    plan = here.approved(2)
    first, second = plan.items.select_related("plan", "learner_unit").order_by("position")
    reviewed(here, first, "not_agreed")
    reviewed(here, second, "not_agreed")
    small, large = WideningProposal.objects.order_by("pk")
    assert small.proposed < large.proposed
    answer_widening(by=here.lead.user, proposal=large, accepted=True)
    assert plan.items.count() == large.proposed
    before = facts()
    with pytest.raises(NotNow, match="holds as many already"):
        answer_widening(by=here.lead.user, proposal=small, accepted=True)
    assert facts() == before
    answer_widening(by=here.lead.user, proposal=small, accepted=False, reason="It is widened further already.")
    assert WideningAnswer.objects.count() == 2
    assert whole()


@pytest.mark.django_db
def test_the_target_is_the_plans_own_or_that_of_its_strategy() -> None:
    here = scene(0)
    plan = here.plan(1)
    assert (target_of(plan).confidence, target_of(plan).tolerable) == (SURE, TENTH)
    own = here.plan(1, method="sure", confidence=80, tolerable=25)
    assert (target_of(own).confidence, target_of(own).tolerable) == (Fraction(4, 5), Fraction(1, 4))


@pytest.mark.django_db
def test_the_database_takes_no_proposal_of_another_plan_or_for_less_and_no_second_answer() -> None:
    here = scene(4)
    plan, _, review = finding(here)
    proposal = WideningProposal.objects.get()
    second = here.signed_off("Somebody Else")
    other = here.approved(1)
    assert second.sample_items.get().plan == other
    own = fact(here.iqa, "iqa") | {"tutor": here.tutor, "drawn": 1, "proposed": 2}
    late = reviewed(here, item_of(other), "agreed")
    assert refuses(lambda: WideningProposal.objects.create(**own, plan=plan, review=late))
    assert refuses(lambda: WideningProposal.objects.create(**own, plan=plan, review=review)), "once a review"
    assert refuses(lambda: WideningProposal.objects.create(**(own | {"proposed": 1}), plan=other, review=late))
    lead = fact(here.lead, "lead_iqa")
    assert refuses(lambda: WideningAnswer.objects.create(**lead, proposal=proposal, accepted=False)), "no reason"
    assert not refuses(
        lambda: WideningAnswer.objects.create(**lead, proposal=proposal, accepted=False, **body(here.lead))
    )
    assert refuses(lambda: WideningAnswer.objects.create(**lead, proposal=proposal, accepted=True))
    assert refuses(lambda: WideningProposal.objects.filter(pk=proposal.pk).update(proposed=3))


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["count", "sure"])
def test_after_all_reviews_the_page_states_what_the_first_draw_proves(method: str) -> None:
    here = scene(12)
    rules = {"size": None, "confidence": 80, "tolerable": 40} if method == "sure" else {"size": 2}
    plan = here.approved(method=method, **rules)
    first = list(plan.items.order_by("position"))
    make.reviewed(first[0], "not_agreed")
    with transaction.atomic():
        locked = amendments.lock_plan(plan)
        verdict = amendments.may.can_amend_plan(here.lead.user, locked).require()
        body = write_body(plan.centre_id, "One was not agreed.", "")
        amendments.amend(locked, verdict, "widen", amendments.next_units(locked, 3), body)
    for item in plan.items.exclude(pk=first[0].pk).order_by("position"):
        make.reviewed(item)
    units = Counter(draw.strata_of(plan.approval).values())
    found = proves(plan, units, tally(plan))
    assert found is not None
    assert (found.drawn, found.first, found.widened, found.found) == (len(first) + 3, len(first), 3, 1)
    share = Fraction(plan.confidence or 95, 100)
    early, late = Stratum(12, len(first), 1), Stratum(12, len(first) + 3, 1)
    assert found.bound == most_wrong_after([early], [late], share) > most_wrong_overall([late], share)
    shown = " ".join(flat(signed_in(here.lead).get(reverse("plan", args=(plan.uid,)))).split())
    assert "The sample was widened by 3 because of what was found." in shown
