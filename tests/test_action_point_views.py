"""Action points answered and closed, and disagreements settled."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from assessment.models import ActionPoint, LearnerUnit, SampleItem
from assessment.workflow import decisions, quality, reviews
from tests import make
from tests.flat import flat
from tests.marking_pages import form_of, signed_in
from tests.quality_pages import current, facts, point, reviewed, scene

pytestmark = pytest.mark.django_db


def address(of: ActionPoint) -> str:
    return reverse("action-point", args=(of.uid,))


def test_an_action_point_goes_back_and_forth_until_it_is_closed() -> None:
    here = scene(1)
    made, tutor, iqa = point(here), signed_in(here.tutor), signed_in(here.iqa)
    page = flat(tutor.get(address(made)))
    assert "Add the standard to the feedback." in page
    assert "Name the standard that you judged against." in page
    assert "The tutor has not answered yet." in flat(iqa.get(address(made)))
    steps: list[tuple[Any, dict[str, str], str]] = [
        (tutor, {"text": "Added ISO 10002."}, "answered"),
        (iqa, {"outcome": "reopened", "text": "The year is missing."}, "reopened"),
        (tutor, {"text": "Added the year."}, "answered"),
        (iqa, {"outcome": "closed", "text": ""}, "closed"),
    ]
    for client, typed, state in steps:
        answer = client.post(address(made), form_of(client, address(made)) | typed)
        assert (answer.status_code, answer["Location"]) == (303, address(made))
        assert ActionPoint.objects.get().state == state
    page = flat(iqa.get(address(made)))
    places = [page.index(text) for text in ("Added ISO 10002.", "The year is missing.", "Added the year.")]
    assert places == sorted(places)
    assert "It is closed already." in page
    before = facts()
    late = tutor.post(address(made), form_of(tutor, address(made), text="One more thing.", key=str(made.uid)))
    assert (late.status_code, facts()) == (409, before)


def test_a_text_is_needed_to_answer_and_to_reopen() -> None:
    here = scene(1)
    made, tutor, iqa = point(here), signed_in(here.tutor), signed_in(here.iqa)
    before = facts()
    answer = tutor.post(address(made), form_of(tutor, address(made), text="  "))
    assert (answer.status_code, facts()) == (422, before)
    reviews.answer_action_point(by=here.tutor.user, action_point=made, text="Done.")
    before = facts()
    for typed in ({"outcome": "reopened", "text": ""}, {"outcome": "", "text": "x"}, {"outcome": "lost", "text": "x"}):
        answer = iqa.post(address(made), form_of(iqa, address(made)) | typed)
        assert (answer.status_code, facts()) == (422, before)


def test_an_answer_that_the_iqa_has_not_read_is_not_judged() -> None:
    here = scene(1)
    made, iqa = point(here), signed_in(here.iqa)
    reviews.answer_action_point(by=here.tutor.user, action_point=made, text="First answer.")
    old = form_of(iqa, address(made), outcome="closed", text="Good.")
    reviews.judge_answer(by=here.iqa.user, action_point=made, outcome="reopened", text="More.")
    reviews.answer_action_point(by=here.tutor.user, action_point=made, text="Second answer.")
    before = facts()
    answer = iqa.post(address(made), old)
    page = flat(answer)
    assert (answer.status_code, facts()) == (409, before)
    assert "The tutor answered again while you were reading." in page
    assert "Good." in page
    assert iqa.post(address(made), {**old, "answer": str(made.uid)}).status_code == 404
    assert facts() == before


def test_nobody_answers_or_judges_for_another() -> None:
    here = scene(1)
    made = point(here)
    tutor, iqa, lead = signed_in(here.tutor), signed_in(here.iqa), signed_in(here.lead)
    sent = form_of(tutor, address(made), text="Done.")
    before = facts()
    assert (iqa.post(address(made), sent).status_code, facts()) == (403, before)
    assert tutor.post(address(made), sent).status_code == 303
    assert tutor.post(address(made), sent).status_code == 303  # a double click is the first answer
    before = facts()
    judged = form_of(iqa, address(made), outcome="closed", text="")
    for client in (tutor, lead):
        assert (client.post(address(made), judged).status_code, facts()) == (403, before)
    assert iqa.post(address(made), judged).status_code == 303
    before = facts()
    assert (iqa.post(address(made), judged).status_code, facts()) == (303, before)


def test_the_list_is_by_state_and_holds_ones_own() -> None:
    here = scene(1)
    item = here.item()
    first, second = (reviewed(here, item, "action_required", number).action_point for number in ("1.1", "1.2"))
    reviews.answer_action_point(by=here.tutor.user, action_point=second, text="Done.")
    for member in (here.tutor, here.iqa, here.lead):
        page = flat(signed_in(member).get(reverse("action-points")))
        assert page.index("Answered, with the IQA") < page.index(address(second)) < page.index("Open, with the tutor")
        assert page.index("Open, with the tutor") < page.index(address(first))
    for other in (make.staff(here.cohort, "tutor"), item.learner_unit.learner):
        client = signed_in(other)
        assert "No action points" in flat(client.get(reverse("action-points")))
        assert client.get(address(first)).status_code == 404


def test_a_tutor_who_left_the_learner_still_reads_what_was_asked_of_them() -> None:
    here = scene(1)
    made = point(here)
    stranger = flat(signed_in(make.staff(here.cohort, "iqa", allocate=False)).get(address(made)))
    assert "Add the standard to the feedback." in stranger
    assert "Name the standard that you judged against." not in stranger
    here.cohort.allocations.filter(membership=here.tutor).update(ends_at=made.at)
    assert "Name the standard" in flat(signed_in(here.tutor).get(address(made)))


# -- Disagreements -----------------------------------------------------------------------------------------------------


def settle(client: Any, review: Any, way: str, reason: str = "I read both.") -> Any:
    page = reverse("adjudicate", args=(review.uid,))
    return client.post(page, form_of(client, page, way=way, reason=reason))


def test_the_lead_lets_a_decision_stand() -> None:
    here = scene(1)
    review = reviewed(here, here.item(), "not_agreed")
    lead = signed_in(here.lead)
    assert review.hold is not None
    overview = flat(lead.get(reverse("quality")))
    assert "Settle it" in overview
    assert "Waits for the lead IQA" in flat(signed_in(here.iqa).get(reverse("quality")))
    page = flat(lead.get(reverse("adjudicate", args=(review.uid,))))
    assert make.FEEDBACK in page
    assert "Name the standard that you judged against." in page
    answer = settle(lead, review, "stands")
    assert (answer.status_code, answer["Location"]) == (303, reverse("item", args=(review.item.uid,)))
    review.hold.refresh_from_db()
    assert hasattr(review.hold, "lift")
    assert "Settle it" not in flat(lead.get(reverse("quality")))
    assert "The decision stands" in flat(lead.get(reverse("adjudicate", args=(review.uid,))))
    before = facts()
    sent = {"key": str(review.uid), "reason": "Again.", "way": "stands"}
    for way in ("stands", "reopen"):
        again = lead.post(reverse("adjudicate", args=(review.uid,)), {**sent, "way": way})
        assert (again.status_code, facts()) == (409, before)


def test_the_lead_reopens_the_unit_and_the_tutor_decides_again() -> None:
    here = scene(1)
    review = reviewed(here, here.item(), "not_agreed")
    lead = signed_in(here.lead)
    assert settle(lead, review, "reopen").status_code == 303
    assert LearnerUnit.objects.get().state == "in_progress"
    review.refresh_from_db()
    assert review.reopening.review == review
    assert "The unit was reopened" in flat(lead.get(reverse("adjudicate", args=(review.uid,))))
    old = current(SampleItem.objects.select_related("learner_unit").get())
    make.decision(old.submission, old.criterion, here.tutor.user, supersedes=old)
    before = facts()
    sent = {"key": str(review.uid), "reason": "Again.", "way": "reopen"}
    assert lead.post(reverse("adjudicate", args=(review.uid,)), sent).status_code == 409
    assert facts() == before


def test_a_disagreement_is_over_when_the_decision_was_superseded_for_another_cause() -> None:
    here = scene(1)
    item = here.item()
    review, other = reviewed(here, item, "not_agreed"), reviewed(here, item, "not_agreed", "1.2")
    decisions.reopen(by=here.lead.user, learner_unit=item.learner_unit, reason="Both.", review=other)
    old = current(item)
    make.decision(old.submission, old.criterion, here.tutor.user, supersedes=old)
    page = flat(signed_in(here.lead).get(reverse("adjudicate", args=(review.uid,))))
    assert "The decision was superseded" in page
    assert "<textarea" not in page


def test_a_disagreement_is_settled_with_a_reason_and_by_a_button() -> None:
    here = scene(1)
    review = reviewed(here, here.item(), "not_agreed")
    lead = signed_in(here.lead)
    before = facts()
    for way, reason in (("stands", " "), ("", "I read both."), ("forget", "I read both.")):
        assert (settle(lead, review, way, reason).status_code, facts()) == (422, before)


def test_only_the_lead_settles_and_never_as_a_party() -> None:
    here = scene(1)
    party = make.staff(here.cohort, "lead_iqa", roles=("lead_iqa", "iqa"), name="Party")
    plan = make.plan(here.cohort, party)
    quality.approve_plan(by=here.lead.user, plan=plan)
    item = SampleItem.objects.select_related("learner_unit", "plan").get()
    here.iqa = party
    review = reviewed(here, item, "not_agreed")
    page = reverse("adjudicate", args=(review.uid,))
    sent = {"key": str(review.uid), "reason": "Mine.", "way": "stands"}
    before = facts()
    for member, status in ((here.tutor, 403), (make.staff(here.cohort, "iqa"), 403), (item.learner_unit.learner, 404)):
        before = facts()
        client = signed_in(member)
        for way in ("stands", "reopen"):
            assert (client.post(page, {**sent, "way": way}).status_code, facts()) == (status, before)
        assert client.get(page).status_code == status
    client = signed_in(party)
    assert "You are a party to this disagreement" in flat(client.get(page))
    assert (client.post(page, sent).status_code, facts()) == (403, before)
    assert settle(client, review, "reopen").status_code == 303
