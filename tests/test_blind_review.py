"""A blind review: the evidence is judged before the tutor's decision is shown, and both stay side by side."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessment.models import BlindJudgement, Draft, NoteDraft, Review, SampleItem
from assessment.readings.proof import steps
from assessment.workflow import blind, decisions, drafts, quality
from courseware.kit.verdict import NotNow, NotYours, Refused
from tests import make
from tests.flat import flat
from tests.marking_pages import form_of, signed_in, statements
from tests.quality_pages import Scene, current, desk, facts, item_of, reviewed, scene
from tests.test_record_database import body, fact, refuses
from tests.test_review_views import superseded

pytestmark = pytest.mark.django_db
NOTE = "The log covers two weeks; the criterion asks for four."


def judge(client: Client, item: SampleItem, number: str = "1.1", judged: str = "met", **more: str) -> Any:
    """Open the desk, choose, press Record and show the decision."""
    address = desk(item, number)
    return client.post(address, form_of(client, address, judged=judged, **more))


def judged(here: Scene, item: SampleItem, number: str = "1.1") -> BlindJudgement:
    """The evidence for one criterion judged by the IQA."""
    return blind.judge_blind(by=here.iqa.user, item=item, decision=current(item, number), outcome="met")


def test_nothing_of_the_decision_is_on_the_desk_or_the_item_before_the_judgement() -> None:
    here = scene(1)
    item, client = here.item(blind=True), signed_in(here.iqa)
    for address in (desk(item), reverse("item", args=(item.uid,))):
        page = client.get(address).content.decode()
        main = page.partition("<main")[2]
        assert "Blind first" in main
        for telling in (make.FEEDBACK, here.tutor.name, "Attempt", 'id="history"', "review-form", "learner-units/"):
            assert telling not in main, (address, telling)
    assert "Shown once you have judged" in flat(client.get(reverse("item", args=(item.uid,))))
    assert "Why it shows 1.1:" in flat(client.get(desk(item)))
    # It is there for those who do not review, so it could have been on the page.
    lead = flat(signed_in(here.lead).get(desk(item)))
    assert make.FEEDBACK in lead
    assert "Decided by Daniel Hughes" in lead


def signed_off_with_notes(here: Scene, **notes: str) -> None:
    """Maya Okafor's unit, signed off, with a note of the tutor's on the evidence for each criterion (by position)."""
    unit = make.learner_unit(here.cohort, name="Maya Okafor")
    submission = make.submission(unit)
    for claim in submission.claims.order_by("criterion__position"):
        says = notes.get(f"at_{claim.criterion.position}")
        version = submission.evidence.filter(link__criterion=claim.criterion).order_by("pk")[0].link.version
        own = {"user": here.tutor.user, "submission": submission, "criterion": claim.criterion, "version": version}
        if says:
            NoteDraft.objects.create(place="paragraph", number=1, uid=uuid.uuid4(), text=says, **own)
    make.marked(submission, here.tutor.user)
    decisions.sign_off(by=here.tutor.user, learner_unit=unit)


def test_the_tutors_notes_stand_in_the_evidence_once_the_decision_may_be_read() -> None:
    here = scene(0)
    signed_off_with_notes(here, at_1="Here the stages are named.", at_2="And this is for another.")
    item, client = here.item(blind=True), signed_in(here.iqa)
    assert "Here the stages are named." not in flat(client.get(desk(item)))
    assert "Here the stages are named." in flat(signed_in(here.lead).get(desk(item)))
    judge(client, item)
    page = flat(client.get(desk(item)))
    assert "Here the stages are named." in page
    assert "Note by Daniel Hughes" in page
    assert "for another." not in page
    assert 'class="pinning' not in page


def test_both_are_shown_side_by_side_and_the_review_follows() -> None:
    here = scene(1)
    item, client = here.item(blind=True), signed_in(here.iqa)
    answer = judge(client, item, judged="not_yet_met", note=NOTE)
    assert (answer.status_code, answer["Location"]) == (303, desk(item))
    page = flat(client.get(desk(item)))
    assert "You judged 1.1: Not yet met. The decision is shown now." in page
    for shown in (make.FEEDBACK, NOTE, "The tutor decided otherwise.", "review-form", "Decided by Daniel Hughes"):
        assert shown in page
    assert client.post(desk(item), form_of(client, desk(item), outcome="agreed")).status_code == 303
    page = flat(client.get(desk(item)))
    assert NOTE in page
    assert "Blind first" in flat(client.get(desk(item, "1.2")))  # each criterion for itself
    judge(client, item, "1.2")
    assert "The tutor decided the same." in flat(client.get(desk(item, "1.2")))
    fact = BlindJudgement.objects.get(decision=current(item))
    assert (fact.outcome, fact.by, fact.body.text) == ("not_yet_met", here.iqa, NOTE)
    assert [fault for step in steps() for fault in step.faults()] == []


def test_the_record_tells_assurers_of_it_and_not_the_learner() -> None:
    here = scene(1)
    item = here.item(blind=True)
    judged(here, item)
    wanted = "Judged the evidence for 1.1 before the decision was shown: Met."
    for member, told in ((here.iqa, True), (here.lead, True), (here.tutor, False), (item.learner_unit.learner, False)):
        page = flat(signed_in(member).get(reverse("learner-timeline", args=(item.learner_unit.uid,))))
        assert (member.name, wanted in page) == (member.name, told)


def test_no_review_comes_before_the_judgement_whatever_is_sent() -> None:
    here = scene(1)
    item, client = here.item(blind=True), signed_in(here.iqa)
    sent = form_of(client, desk(item), outcome="agreed")
    sent.pop("blind")
    before = facts()
    for outcome in ("agreed", "perfect", "not_agreed"):
        answer = client.post(desk(item), sent | {"outcome": outcome})
        assert (answer.status_code, facts()) == (409, before)
        assert "judge the evidence before the decision is shown" in flat(answer)
        assert make.FEEDBACK not in answer.content.decode()
    with pytest.raises(NotNow, match="blind first"):
        reviewed(here, item, "agreed")


def test_an_outcome_that_there_is_not_is_refused_and_the_note_is_kept() -> None:
    here = scene(1)
    item, client = here.item(blind=True), signed_in(here.iqa)
    before = facts()
    for outcome in ("", "agreed"):
        answer = judge(client, item, judged=outcome, note=NOTE)
        assert (answer.status_code, facts()) == (422, before)
        assert "Choose Met or Not yet met" in flat(answer)
        assert NOTE in flat(answer)
        assert make.FEEDBACK not in answer.content.decode()
    with pytest.raises(NotNow, match="Choose Met or Not yet met"):
        blind.judge_blind(by=here.iqa.user, item=item, decision=current(item), outcome="agreed")


def test_it_is_judged_once_and_only_by_the_reviewer() -> None:
    here = scene(1)
    item, client = here.item(blind=True), signed_in(here.iqa)
    sent = form_of(client, desk(item), judged="met")
    before = facts()
    for who, status in ((here.lead, 403), (here.tutor, 404), (make.staff(here.cohort, "iqa"), 403)):
        before = facts()
        assert (signed_in(who).post(desk(item), sent).status_code, facts()) == (status, before)
    assert client.post(desk(item), sent).status_code == 303
    before = facts()
    assert (client.post(desk(item), sent).status_code, facts()) == (303, before)  # the same form again
    other = sent | {"key": "7b7c2f2e-70a5-4a5a-9f0d-3f9a1f6d0c11", "judged": "not_yet_met"}
    answer = client.post(desk(item), other)
    assert (answer.status_code, facts()) == (409, before)
    assert "You judged this evidence already" in flat(answer)
    assert (client.post(desk(item), other | {"judged": ""}).status_code, facts()) == (409, before)
    reviewed(here, item, "agreed")
    with pytest.raises(NotNow, match="judged this evidence already"):
        judged(here, item)


def test_a_plan_that_is_not_blind_takes_no_judgement() -> None:
    here = scene(1)
    item = here.item()
    with pytest.raises(NotNow, match="not blind"):
        judged(here, item)
    assert not BlindJudgement.objects.exists()


def test_who_takes_the_item_over_judges_too() -> None:
    here = scene(1)
    item = here.item(blind=True)
    judged(here, item)
    other = make.staff(here.cohort, "iqa", name="Priya Raman")
    quality.assign_reviewer(by=here.lead.user, item=item, reviewer=other)
    client = signed_in(other)
    assert make.FEEDBACK not in client.get(desk(item)).content.decode()
    assert judge(client, item, judged="not_yet_met").status_code == 303
    assert BlindJudgement.objects.count() == 2
    assert "The tutor decided otherwise." in flat(client.get(desk(item)))


def test_a_decision_that_somebody_reviewed_before_the_item_was_handed_over_is_open() -> None:
    here = scene(1)
    item = here.item(blind=True)
    judged(here, item)
    reviewed(here, item, "agreed")
    other = make.staff(here.cohort, "iqa")
    SampleItem.objects.filter(pk=item.pk).update(reviewer=other)
    taken = item_of(item.plan)
    assert make.FEEDBACK in signed_in(other).get(desk(item)).content.decode()
    with pytest.raises(NotNow, match="reviewed already"):
        blind.judge_blind(by=other.user, item=taken, decision=current(taken), outcome="met")


def test_a_superseding_decision_is_judged_blind_again_and_no_text_is_lost() -> None:
    here = scene(1)
    item, client = here.item(blind=True), signed_in(here.iqa)
    blank = form_of(client, desk(item), judged="met", note=NOTE)
    judged(here, item)
    sent = form_of(client, desk(item), outcome="agreed_with_advice", feedback="Say which standard.")
    superseded(here, item)
    before = facts()
    answer = client.post(desk(item), sent)
    assert (answer.status_code, facts()) == (409, before)
    assert "This decision was superseded." in flat(answer)
    assert "Now with the standard." not in answer.content.decode()
    again = client.post(desk(item), blank | {"decision": str(current(item).uid)})
    assert again.status_code == 303
    page = flat(client.get(desk(item)))
    assert "Say which standard." in page
    assert "Now with the standard." in page


def test_a_judgement_of_a_decision_that_no_longer_counts_is_refused_with_its_note() -> None:
    here = scene(1)
    item, client = here.item(blind=True), signed_in(here.iqa)
    sent = form_of(client, desk(item), judged="not_yet_met", note=NOTE)
    superseded(here, item)
    before = facts()
    answer = client.post(desk(item), sent)
    page = flat(answer)
    assert (answer.status_code, facts()) == (409, before)
    assert NOTE in page
    assert 'value="not_yet_met" id="id_judged_1" checked' in " ".join(page.split())
    assert "Now with the standard." not in page


def test_the_note_is_kept_while_one_writes_and_used_up_by_the_judgement() -> None:
    here = scene(1)
    item, client = here.item(blind=True), signed_in(here.iqa)
    about = f"blind-{item.uid}-{current(item).criterion.uid}"
    drafts.save_draft(by=here.iqa.user, about=about, text=NOTE, revision=0)
    assert NOTE in flat(client.get(desk(item)))
    judge(client, item)
    assert Draft.objects.get(about=about).text == ""
    with pytest.raises(NotYours):
        drafts.save_draft(by=here.tutor.user, about=about, text=NOTE, revision=0)


def test_nobody_judges_what_they_decided_blind_either() -> None:
    here = scene(1)
    here.iqa = make.staff(here.cohort, "tutor", roles=("tutor", "iqa"), name="Both Hats")
    item = here.item(blind=True)
    superseded(here, item, tutor=here.iqa)
    before = facts()
    with pytest.raises(Refused):
        judged(here, item)
    page = flat(signed_in(here.iqa).get(desk(item)))
    assert "You decided this criterion yourself" in page
    assert "blind-form" not in page
    assert facts() == before


def test_the_database_takes_no_review_before_the_judgement_and_no_judgement_after_it() -> None:
    here = scene(1)
    item = here.item(blind=True)
    decision, own = current(item), {"item": item, "decision": current(item)}

    def review(by: Any) -> Review:
        return Review.objects.create(**fact(by, "iqa"), **own, outcome="agreed")

    def judgement(by: Any, **more: Any) -> BlindJudgement:
        return BlindJudgement.objects.create(**fact(by, "iqa"), **(own | {"outcome": "met"} | more))

    other = make.staff(here.cohort, "iqa")
    assert refuses(partial(review, here.iqa))
    assert refuses(partial(judgement, here.iqa, outcome="agreed"))
    assert refuses(partial(judgement, here.tutor)), "who decided it judges nothing"
    elsewhere = here.signed_off("Somebody Else")
    stray = elsewhere.statuses.get(criterion=decision.criterion).current
    assert refuses(partial(judgement, here.iqa, decision=stray)), "another learner's decision"
    assert not refuses(partial(judgement, here.iqa, **body(here.iqa)))
    assert refuses(partial(judgement, here.iqa)), "once"
    assert refuses(partial(review, other)), "each reviewer judges for themselves"
    assert not refuses(partial(review, here.iqa))
    assert refuses(partial(judgement, other)), "after the review it is not blind"


@pytest.mark.parametrize("done", [False, True])
def test_the_blind_desk_costs_no_more_than_the_open_one(done: bool) -> None:
    here = scene(1)
    item, client = here.item(blind=True), signed_in(here.iqa)
    if done:
        judged(here, item)
    assert statements(client, desk(item)) == 11
    sent = form_of(client, desk(item), **({"outcome": "agreed"} if done else {"judged": "met"}))
    assert statements(client, desk(item), **sent) == (23 if done else 18)
