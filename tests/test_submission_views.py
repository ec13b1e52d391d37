"""The learner's hand-in in the browser: putting it together, declaring, submitting, reading, taking back."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessment.models import (
    Declaration,
    Draft,
    EvidenceVersion,
    LearnerUnit,
    Submission,
    SubmissionEvidence,
    SubmissionWithdrawal,
)
from assessment.workflow import decisions, submissions
from content.models import Criterion
from courseware.ledger.models import LedgerEntry
from courseware.people.models import Membership, User
from tests import make
from tests.people_builders import administrator_of

pytestmark = pytest.mark.django_db


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(make.fresh(user))
    return client


@pytest.fixture
def tutor(unit: LearnerUnit) -> Membership:
    return make.staff(unit.cohort, "tutor")


@pytest.fixture
def unit() -> LearnerUnit:
    return make.learner_unit()


@pytest.fixture
def learner(unit: LearnerUnit) -> Client:
    return client_of(unit.learner.user)


def address_of(unit: LearnerUnit) -> str:
    return reverse("submission-draft", args=[unit.uid])


def key() -> str:
    return str(uuid.uuid4())


def choices(*criteria: Criterion, version: EvidenceVersion) -> dict[str, Any]:
    links = version.links.filter(criterion__in=criteria).order_by("pk")
    return {"criteria": [str(c.uid) for c in criteria], "links": [str(link.uid) for link in links], "key": key()}


DECLARED = {"ai": "no", "others": "none", "declared": "on", "submit": "1"}


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


# -- Putting it together -----------------------------------------------------------------------------------------------


def test_with_nothing_mapped_the_page_says_what_to_do(unit: LearnerUnit, learner: Client) -> None:
    page = text_of(learner.get(address_of(unit)))
    assert "Nothing to submit yet" in page
    assert "No criterion chosen yet" in page


def test_what_has_to_be_said_before_submitting_is_not_called_optional(unit: LearnerUnit, learner: Client) -> None:
    page = " ".join(re.sub(r"<[^>]+>", " ", learner.get(address_of(unit)).content.decode()).split())
    assert "Did you use an AI tool in any of this work? Using one" in page
    assert "could name other people? Names" in page
    assert "what you did with the answer (optional)" in page


def test_what_has_evidence_stands_chosen_at_first(unit: LearnerUnit, learner: Client, tutor: Membership) -> None:
    first, second, *_ = make.criteria(unit)
    make.mapped(unit, first, second)
    answer = learner.get(address_of(unit))
    assert "You hand in 1 version for 2 criteria. After that it is frozen." in text_of(answer)
    assert answer.context["picked"].criteria == {str(first.uid), str(second.uid)}
    assert tutor.name in text_of(answer)
    one = learner.get(address_of(unit) + f"?criterion={second.number}")
    assert one.context["picked"].criteria == {str(second.uid)}
    assert not Submission.objects.exists()  # a look writes nothing


def test_half_a_form_is_saved_and_comes_back(unit: LearnerUnit, learner: Client) -> None:
    first, second, *_ = make.criteria(unit)
    version = make.mapped(unit, first, second)
    sent = choices(first, version=version) | {"ai": "yes", "ai_text": "An assistant, for", "save": "1"}
    answer = learner.post(address_of(unit), sent)
    assert (answer.status_code, answer["Location"]) == (303, reverse("unit-map", args=[unit.unit_code]))
    page = client_of(unit.learner.user).get(address_of(unit))
    assert page.context["picked"].criteria == {str(first.uid)}
    assert "An assistant, for" in text_of(page)
    assert Submission.objects.get().state == "draft"
    assert not Declaration.objects.exists()
    learner.post(address_of(unit), {"save": "1", "key": key(), "revision": "1"})
    assert client_of(unit.learner.user).get(address_of(unit)).context["picked"].criteria == frozenset()


def test_a_save_from_an_older_window_overwrites_no_newer_text(unit: LearnerUnit, learner: Client) -> None:
    first, *_ = make.criteria(unit)
    sent = choices(first, version=make.mapped(unit, first))
    learner.post(address_of(unit), sent | {"ai": "yes", "ai_text": "Newer", "save": "1", "revision": "0"})
    old = {"key": key(), "ai": "yes", "ai_text": "Older", "save": "1", "revision": "0"}
    answer = learner.post(address_of(unit), old)
    assert answer.status_code == 303
    draft = Draft.objects.get()
    assert (draft.text, draft.older) == ("Older", "Newer")  # what came last is shown, the other is kept and offered
    page = text_of(client_of(unit.learner.user).get(address_of(unit)))
    assert "Older</textarea>" in page
    assert "Newer</textarea>" in page
    third = learner.post(address_of(unit), old | {"key": key(), "ai_text": "A third"})
    assert third.status_code == 409
    assert (Draft.objects.get().text, Draft.objects.get().older) == ("Older", "Newer")


def test_the_checklist_follows_the_choices_and_writes_nothing(unit: LearnerUnit, learner: Client) -> None:
    first, second, third, *_ = make.criteria(unit)
    version = make.mapped(unit, first)
    sent = choices(first, second, version=version) | {"look": "1", "ai": "yes"}
    part = text_of(learner.post(address_of(unit), sent, headers={"HX-Request": "true"}))
    assert part.startswith('<div id="submission-check"')
    for said in (
        "Two criteria chosen",
        f"No evidence chosen for {second.number}",
        "Say how AI was used",
        "could name other people",
        "not yet",
    ):
        assert said in part
    sent = choices(first, version=version) | {"look": "1", "ai": "no", "others": "consent", "declared": "on"}
    part = text_of(learner.post(address_of(unit), sent))
    for said in (
        f"{first.number} has evidence",
        "Use of AI stated",
        "Other people’s details looked for",
        "Declaration ticked",
    ):
        assert said in part
    assert "missing" not in part
    make.submission(unit, third)
    part = text_of(learner.post(address_of(unit), {"criteria": [str(third.uid), str(first.uid)], "look": "1"}))
    assert f"{third.number} cannot be handed in now" in part
    assert Submission.objects.filter(state="draft").count() == 0


# -- Submitting --------------------------------------------------------------------------------------------------------


def test_submitting_saves_the_draft_and_hands_it_in_with_its_declaration(
    unit: LearnerUnit, learner: Client, tutor: Membership
) -> None:
    first, second, *_ = make.criteria(unit)
    version = make.mapped(unit, first, second)
    sent = choices(first, second, version=version) | DECLARED | {"ai": "yes", "ai_text": "Headings only."}
    answer = learner.post(address_of(unit), sent, follow=True)
    submission = Submission.objects.get()
    assert answer.redirect_chain == [(reverse("submission", args=[submission.uid]), 303)]
    assert f"Submitted for marking: {first.number} and {second.number}." in text_of(answer)
    declaration = Declaration.objects.select_related("body").get()
    assert declaration.body is not None
    assert (submission.state, declaration.ai_used, declaration.body.text) == ("submitted", True, "Headings only.")
    assert EvidenceVersion.objects.get().state == "submitted"
    page = text_of(learner.get(reverse("submission", args=[submission.uid])))
    assert "This is my own work." in page
    assert "Headings only." in page
    assert "Other people in it: Nothing about other people" in re.sub(r"</?strong>", "", page)
    assert client_of(tutor.user).get(reverse("submission", args=[submission.uid])).status_code == 200


def test_a_form_submitted_twice_hands_in_once(unit: LearnerUnit, learner: Client) -> None:
    first, *_ = make.criteria(unit)
    sent = choices(first, version=make.mapped(unit, first)) | DECLARED
    answers = [learner.post(address_of(unit), sent) for _ in range(3)]
    assert {answer["Location"] for answer in answers} == {reverse("submission", args=[Submission.objects.get().uid])}
    assert LedgerEntry.objects.filter(verb="submit").count() == 1


def test_an_old_page_sent_again_hands_in_what_it_shows(unit: LearnerUnit, learner: Client) -> None:
    """Saved, saved otherwise, then the first page (with its key) submitted: that choice is handed in."""
    first, second, *_ = make.criteria(unit)
    version = make.mapped(unit, first, second)
    old = choices(first, version=version)
    learner.post(address_of(unit), old | {"save": "1"})
    learner.post(address_of(unit), choices(second, version=version) | {"save": "1"})
    learner.post(address_of(unit), old | DECLARED)
    submission = Submission.objects.get()
    assert submission.state == "submitted"
    assert [claim.criterion for claim in submission.claims.select_related("criterion")] == [first]


@pytest.mark.parametrize(
    ("left_out", "said"),
    [
        ("criteria", "Choose at least one criterion"),
        ("links", "has no evidence in this submission"),
        ("ai", "Say whether you used an AI tool"),
        ("ai_text", "Say which AI tool you used, and how"),
        ("others", "Say whether anything could name other people"),
        ("declared", "Declare that the work is your own"),
    ],
)
def test_what_is_missing_is_said_and_the_rest_is_kept(
    unit: LearnerUnit, learner: Client, left_out: str, said: str
) -> None:
    first, *_ = make.criteria(unit)
    sent = choices(first, version=make.mapped(unit, first)) | DECLARED | {"ai": "yes", "ai_text": "Headings."}
    del sent[left_out]
    answer = learner.post(address_of(unit), sent)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert Submission.objects.get().state == "draft"
    assert not Declaration.objects.exists()
    if left_out == "declared":
        assert "Headings." in text_of(answer)


def test_what_is_met_or_with_the_tutor_cannot_be_chosen_and_says_why(
    unit: LearnerUnit, learner: Client, tutor: Membership
) -> None:
    first, second, third, *_ = make.criteria(unit)
    make.marked(make.submission(unit, first), tutor.user)
    waiting = make.submission(unit, second)
    version = make.mapped(unit, first, second, third)
    page = learner.get(address_of(unit))
    assert "It is met already." in text_of(page)
    assert "It is with your tutor already." in text_of(page)
    assert f'value="{first.uid}"' not in text_of(page)
    assert page.context["picked"].criteria == {str(third.uid)}
    for criterion, said in ((first, "is met already"), (second, "is with your tutor already")):
        answer = learner.post(address_of(unit), choices(criterion, version=version) | DECLARED)
        assert answer.status_code == 422
        assert said in text_of(answer)
    make.decision(waiting, second, tutor.user, "met")
    assert "It is with your" in text_of(learner.get(address_of(unit)))
    assert Submission.objects.exclude(state="draft").count() == 2


def test_after_not_yet_met_a_new_version_is_handed_in_and_both_attempts_stay_readable(
    unit: LearnerUnit, learner: Client, tutor: Membership
) -> None:
    first, *_ = make.criteria(unit)
    old = make.submission(unit, first)
    decision = make.decision(old, first, tutor.user, "not_yet_met", feedback="Carry the map past the purchase.")
    page = text_of(learner.get(reverse("submission", args=[old.uid])))
    assert "Carry the map" not in page  # not released yet
    assert "Awaiting marking" in page
    staff = text_of(client_of(tutor.user).get(reverse("submission", args=[old.uid])))
    assert "Not released to the learner yet" in staff
    decisions.release_feedback(by=tutor.user, submission=old)
    item = EvidenceVersion.objects.get().item
    write = reverse("evidence-write", args=[unit.uid]) + f"?item={item.uid}"
    learner.post(write, {"text": "The whole map.", "key": key()})
    page = text_of(learner.get(address_of(unit)))
    assert "version 2" in page
    assert "version 1" not in page
    assert "Attempt 2" in page
    sent = choices(first, version=make.latest(item)) | DECLARED
    learner.post(address_of(unit), sent)
    new = Submission.objects.get(number=2)
    assert new.claims.get().attempt == 2
    page = text_of(learner.get(reverse("submission", args=[old.uid])))
    assert "Carry the map past the purchase." in page
    assert "Referred" in page
    assert reverse("submission", args=[new.uid]) in page
    assert decision.attempt == 1


def test_an_older_version_stays_offered_while_the_draft_holds_it(unit: LearnerUnit, learner: Client) -> None:
    first, *_ = make.criteria(unit)
    submitted = make.submission(unit, first)
    submissions.withdraw_submission(by=unit.learner.user, submission=submitted)
    version = EvidenceVersion.objects.get()
    learner.post(address_of(unit), choices(first, version=version) | {"save": "1"})
    write = reverse("evidence-write", args=[unit.uid]) + f"?item={version.item.uid}"
    learner.post(write, {"text": "The whole map.", "key": key()})
    page = text_of(learner.get(address_of(unit)))
    assert "There is a newer version." in page
    assert "version 2" in page


def test_a_version_that_nobody_can_open_cannot_be_handed_in(unit: LearnerUnit, learner: Client) -> None:
    first, *_ = make.criteria(unit)
    version = make.mapped(unit, first)
    EvidenceVersion.objects.update(state="quarantined")
    page = text_of(learner.get(address_of(unit)))
    assert "It cannot be opened. Add it again as a new version." in page
    answer = learner.post(address_of(unit), choices(first, version=version) | DECLARED)
    assert answer.status_code == 422
    assert not SubmissionEvidence.objects.exists()


# -- Attacks -----------------------------------------------------------------------------------------------------------


def test_other_peoples_uids_are_handed_in_by_nobody(unit: LearnerUnit, learner: Client) -> None:
    first, *_ = make.criteria(unit)
    version = make.mapped(unit, first)
    theirs = make.mapped(make.learner_unit(unit.cohort), first)
    sent = choices(first, version=version) | DECLARED
    sent["links"] = [*sent["links"], str(theirs.links.get().uid), "x", "' OR 1=1"]
    answer = learner.post(address_of(unit), sent)
    assert answer.status_code == 422
    assert "It changed since you opened this page" in text_of(answer)
    assert not Submission.objects.exists()


def test_only_the_learner_puts_a_submission_together(unit: LearnerUnit, tutor: Membership) -> None:
    first, *_ = make.criteria(unit)
    sent = choices(first, version=make.mapped(unit, first)) | DECLARED
    other = make.learner_unit(unit.cohort).learner
    elsewhere = make.staff(make.cohort(), "tutor")
    entries = LedgerEntry.objects.count()
    for user, status in (
        (tutor.user, 403),
        (administrator_of(unit.centre), 403),
        (other.user, 404),
        (elsewhere.user, 404),
    ):
        client = client_of(user)
        assert client.get(address_of(unit)).status_code == status
        assert client.post(address_of(unit), sent).status_code == status
    assert Client().get(address_of(unit)).status_code == 302
    assert (Submission.objects.count(), LedgerEntry.objects.count()) == (0, entries)


def test_a_submission_is_read_by_those_who_may_and_a_draft_by_nobody(unit: LearnerUnit, tutor: Membership) -> None:
    first, second, *_ = make.criteria(unit)
    handed_in = make.submission(unit, first)
    draft = make.draft(unit, second)
    other = make.learner_unit(unit.cohort).learner
    elsewhere = make.staff(make.cohort(), "tutor")
    expected = {
        tutor.user: 200,
        make.staff(unit.cohort, "eqa").user: 200,
        administrator_of(unit.centre): 404,
        other.user: 404,
        elsewhere.user: 404,
    }
    for user, status in expected.items():
        client = client_of(user)
        assert client.get(reverse("submission", args=[handed_in.uid])).status_code == status
        assert client.get(reverse("submission", args=[draft.uid])).status_code == 404
        answer = client.post(reverse("submission-withdraw", args=[handed_in.uid]), {"key": key()})
        assert answer.status_code == (403 if status == 200 else 404)
    assert not SubmissionWithdrawal.objects.exists()
    assert client_of(unit.learner.user).get(reverse("submission", args=[draft.uid])).status_code == 404


def test_a_closed_unit_takes_no_submission(unit: LearnerUnit, learner: Client, tutor: Membership) -> None:
    version = make.mapped(unit, make.criteria(unit)[0])
    make.signed_off(unit, tutor.user)
    entries = LedgerEntry.objects.count()
    assert learner.get(address_of(unit)).status_code == 409
    answer = learner.post(address_of(unit), choices(make.criteria(unit)[0], version=version) | DECLARED)
    assert answer.status_code == 409
    assert "signed off" in text_of(answer)
    assert LedgerEntry.objects.count() == entries


def test_a_form_without_its_key_is_not_taken(unit: LearnerUnit, learner: Client) -> None:
    first, *_ = make.criteria(unit)
    sent = choices(first, version=make.mapped(unit, first)) | DECLARED | {"key": "x"}
    assert learner.post(address_of(unit), sent).status_code == 422
    assert not Submission.objects.exists()


# -- Taking back, giving back ------------------------------------------------------------------------------------------


def test_a_submission_is_withdrawn_until_marking_starts(unit: LearnerUnit, learner: Client, tutor: Membership) -> None:
    first, second, *_ = make.criteria(unit)
    submission = make.submission(unit, first, second)
    address = reverse("submission-withdraw", args=[submission.uid])
    assert "Withdraw submission 1?" in text_of(learner.get(address))
    assert learner.post(address, {}).status_code == 422
    once = key()
    assert [learner.post(address, {"key": once}).status_code for _ in range(2)] == [303, 303]
    page = text_of(learner.get(reverse("submission", args=[submission.uid])))
    assert "It counts as no attempt" in page
    assert SubmissionWithdrawal.objects.count() == 1
    assert learner.get(address).status_code == 409
    again = make.submission(unit, first)
    make.decision(again, first, tutor.user)
    address = reverse("submission-withdraw", args=[again.uid])
    assert learner.get(address).status_code == 409
    assert learner.post(address, {"key": key()}).status_code == 409
    assert "Withdraw it" not in text_of(learner.get(reverse("submission", args=[again.uid])))
    assert SubmissionWithdrawal.objects.count() == 1


def test_a_withdrawn_hand_in_sent_again_from_its_old_page_is_said_to_be_old(unit: LearnerUnit, learner: Client) -> None:
    first, *_ = make.criteria(unit)
    sent = choices(first, version=make.mapped(unit, first)) | DECLARED
    learner.post(address_of(unit), sent)
    submissions.withdraw_submission(by=unit.learner.user, submission=Submission.objects.get())
    answer = learner.post(address_of(unit), sent, follow=True)
    assert "This was handed in before" in text_of(answer)
    assert Submission.objects.get().state == "withdrawn"


def test_a_returned_submission_shows_its_reason(unit: LearnerUnit, learner: Client, tutor: Membership) -> None:
    first, *_ = make.criteria(unit)
    submission = make.submission(unit, first)
    submissions.return_submission(by=tutor.user, submission=submission, reason="Page 2 is <b>missing</b>.")
    page = text_of(learner.get(reverse("submission", args=[submission.uid])))
    assert "Returned unmarked" in page
    assert "Page 2 is &lt;b&gt;missing&lt;/b&gt;." in page
    assert tutor.name in page


def test_a_withdrawn_decision_is_no_news_to_the_learner(unit: LearnerUnit, learner: Client, tutor: Membership) -> None:
    first, *_ = make.criteria(unit)
    submission = make.submission(unit, first)
    decision = make.decision(submission, first, tutor.user)
    decisions.withdraw_decision(by=tutor.user, decision=decision)
    address = reverse("submission", args=[submission.uid])
    assert "withdrawn" not in text_of(learner.get(address))
    assert "was withdrawn" in text_of(client_of(tutor.user).get(address))


# -- Budgets -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 3])
def test_pages_ask_a_fixed_number_of_times(
    rows: int, unit: LearnerUnit, learner: Client, tutor: Membership, django_assert_num_queries: Any
) -> None:
    chosen = make.criteria(unit)[:rows]
    for _ in range(rows):
        submission = make.submission(unit, *chosen)
        make.marked(submission, tutor.user, "not_yet_met")
    for _ in range(rows):
        make.draft(unit, *chosen)
    waiting = make.submission(unit, *chosen)
    budgets = {
        address_of(unit): 10,
        reverse("submission", args=[submission.uid]): 9,
        reverse("submission-withdraw", args=[waiting.uid]): 9,
    }
    for address, budget in budgets.items():
        with django_assert_num_queries(budget, info=address):
            assert learner.get(address).status_code == 200
    staff = client_of(tutor.user)
    with django_assert_num_queries(11):
        assert staff.get(reverse("submission", args=[submission.uid])).status_code == 200
