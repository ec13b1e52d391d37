"""The review desk: each decision reviewed as its tutor made it, on the item it belongs to, by somebody independent."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessment.models import AccessRecord, ActionPoint, Decision, LearnerUnit, Review, SampleItem
from assessment.workflow import decisions, drafts, reviews
from tests import make
from tests.flat import flat
from tests.marking_pages import form_of, signed_in
from tests.quality_pages import Scene, current, desk, facts, item_of, reviewed, scene

pytestmark = pytest.mark.django_db
TEXT = "Name the standard that you judged against."


def press(client: Client, item: SampleItem, number: str = "1.1", outcome: str = "agreed", **more: str) -> Any:
    """Open the desk, choose, write, press Record."""
    address = desk(item, number)
    return client.post(address, form_of(client, address, outcome=outcome, **more))


def test_an_item_goes_from_the_first_review_to_an_achieved_unit() -> None:
    here = scene(1)
    item, client = here.item(), signed_in(here.iqa)
    page = flat(client.get(desk(item)))
    assert "Record and go to 1.2" in page
    assert 'value="agreed" checked' not in page
    assert make.FEEDBACK in page
    answer = press(client, item, next="1.2")
    assert (answer.status_code, answer["Location"]) == (303, desk(item, "1.2"))
    assert "Recorded: Agreed on 1.1 of Maya Okafor." in flat(client.get(desk(item, "1.2")))
    press(client, item, "1.2", "agreed_with_advice", feedback=TEXT, next="2.1")
    assert "Record and go to the item" in flat(client.get(desk(item, "2.1")))
    answer = press(client, item, "2.1", next="item")
    assert answer["Location"] == reverse("item", args=(item.uid,))
    outcomes = Review.objects.order_by("pk").values_list("outcome", flat=True)
    assert list(outcomes) == ["agreed", "agreed_with_advice", "agreed"]
    assert "Write the report" in flat(client.get(answer["Location"]))
    make.report(item)
    for name, says in (("item-close", "Closed: the item"), ("unit-release", "Released: Unit 101 of Maya Okafor")):
        address = reverse(name, args=(item.uid,))
        asked = client.get(address)
        assert asked.status_code == 200
        done = client.post(address, form_of(client, address))
        assert (done.status_code, done["Location"]) == (303, reverse("item", args=(item.uid,)))
        assert says in flat(client.get(done["Location"]))
    assert LearnerUnit.objects.get().state == "achieved"
    assert "Unit released." in flat(client.get(reverse("item", args=(item.uid,))))


@pytest.mark.parametrize(
    ("outcome", "typed", "says"),
    [
        ("", {}, "Choose an outcome"),
        ("perfect", {}, "Choose an outcome"),
        ("agreed_with_advice", {"feedback": " \u200b"}, "Write feedback for the tutor"),
        ("action_required", {"feedback": TEXT}, "Say what the tutor must do"),
        ("not_agreed", {"action": "Decide again."}, "Write feedback for the tutor"),
        ("agreed", {"action": "Write more."}, "An action point needs Action required or Not agreed"),
    ],
)
def test_each_outcome_needs_its_texts_and_drops_none(outcome: str, typed: dict[str, str], says: str) -> None:
    here = scene(1)
    item, client = here.item(), signed_in(here.iqa)
    before = facts()
    answer = press(client, item, outcome=outcome, **typed)
    page = unescape(flat(answer))
    assert (answer.status_code, facts()) == (422, before)
    assert says in page
    assert all(text in page for text in typed.values())


def test_opening_the_desk_is_on_record_and_changes_nothing_else() -> None:
    here = scene(1)
    item = here.item()
    before = facts()
    assert signed_in(here.iqa).get(desk(item)).status_code == 200
    row = AccessRecord.objects.get()
    assert (row.by, row.what, row.learner_unit) == (here.iqa, "shown", item.learner_unit)
    assert facts() == before


def test_a_double_click_records_one_review() -> None:
    here = scene(1)
    item, client = here.item(), signed_in(here.iqa)
    sent = form_of(client, desk(item), outcome="action_required", feedback=TEXT, action="Add it.")
    first = client.post(desk(item), sent)
    before = facts()
    second = client.post(desk(item), sent)
    assert (first.status_code, second.status_code, facts()) == (303, 303, before)
    assert (Review.objects.count(), ActionPoint.objects.count()) == (1, 1)
    again = client.post(desk(item), {**sent, "key": "7b7c2f2e-70a5-4a5a-9f0d-3f9a1f6d0c11"})
    assert (again.status_code, facts()) == (409, before)
    assert "You reviewed this decision already." in flat(again)


def test_a_decision_of_another_item_or_criterion_is_never_reviewed_by_this_form() -> None:
    here = scene(2)
    plan, client = here.approved(2), signed_in(here.iqa)
    item, other = SampleItem.objects.select_related("learner_unit__learner").filter(plan=plan).order_by("position")
    own = form_of(client, desk(item), outcome="agreed")
    theirs = form_of(client, desk(other), outcome="agreed")
    second = form_of(client, desk(item, "1.2"), outcome="agreed")
    before = facts()
    for address, sent in (
        (desk(item), theirs),
        (desk(item), {**own, "decision": theirs["decision"]}),
        (desk(item), {**own, "item": theirs["item"]}),
        (desk(item), second),
        (desk(item), {**own, "decision": ""}),
        (desk(item), {**own, "decision": "none"}),
    ):
        assert (client.post(address, sent).status_code, facts()) == (409, before)
    nowhere = {**own, "decision": "7b7c2f2e-70a5-4a5a-9f0d-3f9a1f6d0c11"}
    assert (client.post(desk(item), nowhere).status_code, facts()) == (404, before)
    assert client.get(desk(item, "9.9")).status_code == 404


def superseded(here: Scene, item: SampleItem, tutor: Any = None) -> Decision:
    """The unit reopened, 1.1 decided anew and released, and the unit signed off again."""
    unit, tutor = item.learner_unit, tutor or here.tutor
    decisions.reopen(by=here.lead.user, learner_unit=unit, reason="To look again.")
    old = current(item)
    fresh = make.decision(old.submission, old.criterion, tutor.user, supersedes=old, feedback="Now with the standard.")
    decisions.release_feedback(by=tutor.user, submission=old.submission)
    decisions.sign_off(by=here.tutor.user, learner_unit=unit)
    return fresh


def test_a_decision_superseded_meanwhile_is_shown_and_the_text_is_kept() -> None:
    here = scene(1)
    item, client = here.item(), signed_in(here.iqa)
    sent = form_of(client, desk(item), outcome="agreed_with_advice", feedback=TEXT)
    fresh = superseded(here, item)
    before = facts()
    answer = client.post(desk(item), sent)
    page = flat(answer)
    assert (answer.status_code, facts()) == (409, before)
    assert "This decision was superseded." in page
    assert TEXT in page
    assert "Now with the standard." in page
    assert str(fresh.uid) in page
    assert 'value="agreed_with_advice" id="id_outcome_1" checked' in " ".join(page.split())
    assert client.post(desk(item), {**sent, "decision": str(fresh.uid)}).status_code == 303
    assert Review.objects.get().decision == fresh


def test_a_reopened_unit_is_not_reviewed_until_it_is_signed_off_again() -> None:
    here = scene(1)
    item, client = here.item(), signed_in(here.iqa)
    sent = form_of(client, desk(item), outcome="agreed_with_advice", feedback=TEXT)
    decisions.reopen(by=here.lead.user, learner_unit=item.learner_unit, reason="To look again.")
    before = facts()
    answer = client.post(desk(item), sent)
    page = flat(answer)
    assert (answer.status_code, facts()) == (409, before)
    assert "The unit was reopened." in page
    assert TEXT in page
    assert "The unit was reopened." in flat(client.get(desk(item)))
    assert "The unit was reopened" in flat(client.get(reverse("item", args=(item.uid,))))


def test_nobody_reviews_what_they_decided_whatever_they_send() -> None:
    here = scene(1)
    here.iqa = make.staff(here.cohort, "tutor", roles=("tutor", "iqa"), name="Both Hats")
    item = here.item()
    fresh = superseded(here, item, tutor=here.iqa)
    client = signed_in(here.iqa)
    page = flat(client.get(desk(item)))
    assert "You decided this criterion yourself" in page
    assert "review-form" not in page
    sent = form_of(client, desk(item, "1.2"), outcome="agreed") | {"decision": str(fresh.uid)}
    before = facts()
    assert (client.post(desk(item), sent).status_code, facts()) == (403, before)
    assert press(client, item, "1.2").status_code == 303


def test_only_the_reviewer_reviews_closes_and_releases() -> None:
    here = scene(1)
    item, mine = here.item(), signed_in(here.iqa)
    sent = form_of(mine, desk(item), outcome="agreed")
    key = {"key": sent["key"]}
    allocated = signed_in(make.staff(here.cohort, "iqa"))
    for client in (signed_in(here.lead), allocated):
        before = facts()
        assert "Another IQA reviews this item." in flat(client.get(desk(item)))
        assert (client.post(desk(item), sent).status_code, facts()) == (403, before)
        for name in ("item-close", "unit-release"):
            address = reverse(name, args=(item.uid,))
            assert (client.get(address).status_code, client.post(address, key).status_code) == (403, 403)
        assert facts() == before
    stranger = signed_in(make.staff(here.cohort, "iqa", allocate=False))
    shown = stranger.get(reverse("item", args=(item.uid,)))
    assert shown.status_code == 200
    assert "Another IQA reviews this unit" in flat(shown)
    assert "<table" not in flat(shown)
    before = facts()
    assert (stranger.get(desk(item)).status_code, stranger.post(desk(item), sent).status_code) == (404, 404)
    assert facts() == before


def test_no_step_is_skipped() -> None:
    here = scene(1)
    item, client = here.item(), signed_in(here.iqa)
    close, release = (reverse(name, args=(item.uid,)) for name in ("item-close", "unit-release"))

    def refused(address: str, says: str) -> None:
        sent = form_of(client, address)
        before = facts()
        answer = client.post(address, sent)
        assert (answer.status_code, facts()) == (409, before)
        assert says in flat(answer)
        assert says in flat(client.get(address))

    refused(close, "Review every criterion first.")
    refused(release, "Close the item first.")
    point = reviewed(here, item, "action_required").action_point
    for number in ("1.2", "2.1"):
        reviewed(here, item, "agreed", number)
    refused(close, "An action point is still open.")
    reviews.answer_action_point(by=here.tutor.user, action_point=point, text="Added.")
    refused(close, "An action point is still open.")
    reviews.judge_answer(by=here.iqa.user, action_point=point, outcome="closed")
    refused(release, "Close the item first.")
    refused(close, "Write the report on this unit first.")
    make.report(item)
    reviews.close_item(by=here.iqa.user, item=item)
    refused(close, "This item is closed already.")
    assert client.get(desk(item)).status_code == 200


def test_drafts_are_offered_until_the_review_is_recorded() -> None:
    here = scene(1)
    item, client = here.item(), signed_in(here.iqa)
    criterion = current(item).criterion
    for word, text in (("review", "Half a thought."), ("action", "Half an act.")):
        about = f"{word}-{item.uid}-{criterion.uid}"
        saved = client.post(reverse("draft-save"), {"about": about, "text": text, "revision": "0"})
        assert saved.status_code == 200
    page = flat(client.get(desk(item)))
    assert "Half a thought." in page
    assert "Half an act." in page
    press(client, item, outcome="not_agreed", feedback=TEXT, action="Decide again.", next="stay")
    assert "Half a" not in flat(client.get(desk(item)))
    superseded(here, item)
    assert "Half a" not in flat(client.get(desk(item)))
    assert drafts.offered(here.iqa.user, f"review-{item.uid}-{criterion.uid}").text == "Half a thought."


def test_what_was_reviewed_stays_beside_the_new_decision() -> None:
    here = scene(1)
    item, client = here.item(), signed_in(here.iqa)
    reviewed(here, item, "not_agreed")
    shown = flat(client.get(desk(item)))
    assert "Not agreed" in shown
    assert "The action point for Daniel Hughes" in shown
    superseded(here, item)
    assert "Decision before: Not agreed" in flat(client.get(reverse("item", args=(item.uid,))))
    page = flat(client.get(desk(item)))
    assert "IQA review: Not agreed." in page
    assert "review-form" in page


def test_a_next_that_no_button_offers_leads_to_the_item() -> None:
    here = scene(1)
    item, client = here.item(), signed_in(here.iqa)
    answer = press(client, item, next="//elsewhere.example/")
    assert answer["Location"] == reverse("item", args=(item.uid,))


def test_an_iqa_who_is_also_a_learner_never_opens_their_own_item() -> None:
    here = scene(0)
    both = make.staff(here.cohort, "iqa", roles=("iqa", "learner"), name="Both Hats")
    unit = make.learner_unit(here.cohort, learner=both)
    make.signed_off(unit, here.tutor.user)
    item = item_of(here.approved())
    client = signed_in(both)
    assert client.get(desk(item)).status_code == 404
    assert "<table" not in flat(client.get(reverse("item", args=(item.uid,))))
