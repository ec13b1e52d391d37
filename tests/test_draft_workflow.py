"""Text that is still being written: kept as one types, by the person alone, for what they may act on."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from assessment.models import ActionPoint, Draft, EvidenceVersion, LearnerUnit
from assessment.workflow import comments, drafts, quality
from assessment.workflow.drafts import LIMIT, can_save_draft, clear_draft, offered, save_draft
from courseware.kit import clock
from courseware.kit.verdict import NotNow, NotYours, Stale
from courseware.ledger.models import LedgerEntry
from courseware.people.models import Membership, User
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit() -> LearnerUnit:
    return make.learner_unit()


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(make.fresh(user))
    return client


def post(client: Client, **sent: Any) -> Any:
    return client.post(reverse("draft-save"), sent, headers={"X-Requested-With": "XMLHttpRequest"})


def test_a_text_is_kept_revision_by_revision_and_leaves_no_entry(unit: LearnerUnit) -> None:
    about, by, entries = f"evidence-{unit.uid}", unit.learner.user, LedgerEntry.objects.count()
    assert save_draft(by=by, about=about, text="One", revision=0).revision == 1
    assert save_draft(by=by, about=about, text="One, two", revision=1).revision == 2
    assert save_draft(by=by, about=about, text="One, two", revision=1).revision == 2  # an answer that was lost
    assert (offered(by, about).text, offered(by, about).revision) == ("One, two", 2)
    assert LedgerEntry.objects.count() == entries


def test_what_arrives_last_is_shown_and_what_stood_there_is_kept_and_offered(unit: LearnerUnit) -> None:
    about, by = f"evidence-{unit.uid}", unit.learner.user
    phone = save_draft(by=by, about=about, text="From the phone", revision=0)
    desk = save_draft(by=by, about=about, text="From the desk", revision=0)
    assert (desk.text, desk.revision, desk.older, desk.older_at) == (
        "From the desk",
        2,
        "From the phone",
        phone.saved_at,
    )
    found = offered(by, about)
    assert (found.text, found.older, found.older_at) == ("From the desk", "From the phone", phone.saved_at)
    longer = save_draft(by=by, about=about, text="From the desk, more", revision=2)
    assert (longer.older, longer.revision) == ("From the phone", 3)


def test_two_devices_that_take_turns_lose_nothing(unit: LearnerUnit) -> None:
    about, by = f"evidence-{unit.uid}", unit.learner.user
    save_draft(by=by, about=about, text="Phone", revision=0)
    save_draft(by=by, about=about, text="Desk", revision=0)
    again = save_draft(by=by, about=about, text="Phone, and on", revision=1)  # goes on from the older one
    assert (again.text, again.older) == ("Phone, and on", "Desk")
    with pytest.raises(Stale) as refused:
        save_draft(by=by, about=about, text="Tablet", revision=0)  # would push the desk's away
    assert (refused.value.current.text, refused.value.current.revision) == ("Phone, and on", 3)
    draft = Draft.objects.get()
    assert (draft.text, draft.older) == ("Phone, and on", "Desk")


def test_the_older_text_can_be_taken_and_changes_places_or_be_let_go_of(unit: LearnerUnit) -> None:
    about, by = f"evidence-{unit.uid}", unit.learner.user
    save_draft(by=by, about=about, text="Phone", revision=0)
    save_draft(by=by, about=about, text="Desk", revision=0)
    taken = save_draft(by=by, about=about, text="Phone", revision=2)
    assert (taken.text, taken.older) == ("Phone", "Desk")
    drafts.drop_older(by=by, about=about)
    assert (offered(by, about).text, offered(by, about).older, offered(by, about).older_at) == ("Phone", "", None)
    with pytest.raises(NotYours):
        drafts.drop_older(by=make.learner_unit(unit.cohort).learner.user, about=about)


def test_a_used_text_takes_the_older_one_with_it(unit: LearnerUnit) -> None:
    about, by = f"evidence-{unit.uid}", unit.learner.user
    save_draft(by=by, about=about, text="Phone", revision=0)
    save_draft(by=by, about=about, text="Desk", revision=0)
    clear_draft(by, about)
    assert Draft.objects.get().older == ""
    save_draft(by=by, about=about, text="New", revision=3)
    assert (offered(by, about).text, offered(by, about).older) == ("New", "")


def test_an_older_text_from_before_it_was_used_is_not_offered(unit: LearnerUnit) -> None:
    about, by = f"evidence-{unit.uid}", unit.learner.user
    save_draft(by=by, about=about, text="Phone", revision=0)
    between = clock.now()
    save_draft(by=by, about=about, text="Desk", revision=0)
    assert (offered(by, about, since=between).text, offered(by, about, since=between).older) == ("Desk", "")


def test_a_text_that_was_used_is_not_offered_and_a_late_save_does_not_bring_it_back(unit: LearnerUnit) -> None:
    about, by = f"evidence-{unit.uid}", unit.learner.user
    clear_draft(by, about)
    assert offered(by, about) == drafts.Offered()
    save_draft(by=by, about=about, text="Words", revision=0)
    clear_draft(by, about)
    clear_draft(by, about)
    assert (offered(by, about).text, offered(by, about).revision) == ("", 2)
    with pytest.raises(Stale):
        save_draft(by=by, about=about, text="Words, late", revision=1)


def test_a_text_older_than_what_it_became_is_not_offered(unit: LearnerUnit) -> None:
    about, by = f"evidence-{unit.uid}", unit.learner.user
    save_draft(by=by, about=about, text="Words", revision=0)
    assert offered(by, about, since=clock.now()).text == ""
    assert offered(by, about, since=Draft.objects.get().saved_at.replace(year=2020)).text == "Words"


def test_two_windows_that_begin_at_once_are_told_apart(unit: LearnerUnit, monkeypatch: pytest.MonkeyPatch) -> None:
    about, by, real = f"evidence-{unit.uid}", unit.learner.user, drafts._kept
    save_draft(by=by, about=about, text="First", revision=0)
    calls = iter([IntegrityError])  # the other window's row came between reading and writing

    def collides(*sent: Any) -> Draft:
        for fault in calls:
            raise fault
        return real(*sent)

    monkeypatch.setattr(drafts, "_kept", collides)
    assert save_draft(by=by, about=about, text="Second", revision=0).older == "First"


def test_a_text_has_a_greatest_length(unit: LearnerUnit) -> None:
    with pytest.raises(NotNow, match="at most 100,000 characters"):
        save_draft(by=unit.learner.user, about=f"evidence-{unit.uid}", text="x" * (LIMIT + 1), revision=0)


@pytest.mark.parametrize(
    "about",
    [
        "",
        "evidence",
        "evidence-",
        "evidence-x",
        "nothing-{unit}",
        "evidence-{unit}-{unit}",
        "decision-{unit}",
        "evidence-{unit} ",
        "evidence-{other}",
        "version-{other}",
        "submission-{other}",
        "decision-{other}-{other}",
        "return-{other}",
        "countersign-{other}",
        "review-{other}-{other}",
        "answer-{other}",
        "judge-{other}",
        "reply-{other}",
        "link-{other}",
        "link-version-{other}",
        "why-{other}-{other}",
        "settle-{other}",
        "reopen-{other}",
        "hold-{other}",
        "lift-{other}",
        "withdraw-{other}",
        "note-{other}-{other}",
        "comment-{other}",
        "bank-{other}",
    ],
)
def test_nothing_is_kept_about_what_is_not_there(unit: LearnerUnit, about: str) -> None:
    about = about.format(unit=unit.uid, other=uuid.uuid4())
    with pytest.raises(NotYours, match="nothing here"):
        save_draft(by=unit.learner.user, about=about, text="Words", revision=0)
    assert not Draft.objects.exists()


def test_each_text_is_for_those_who_may_act_on_what_it_is_about(unit: LearnerUnit) -> None:
    tutor, iqa, lead = (make.staff(unit.cohort, role) for role in ("tutor", "iqa", "lead_iqa"))
    other = make.learner_unit(unit.cohort)
    criterion, *_ = make.criteria(unit)
    item = make.text(unit)
    handed_in = make.submission(unit)
    version = make.latest(item)
    own = [f"{word}-{unit.uid}" for word in ("evidence", "link", "submission")]
    own += [f"version-{item.uid}", f"link-version-{item.uid}", f"why-{version.uid}-{criterion.uid}"]
    tutors = [f"decision-{handed_in.uid}-{criterion.uid}", f"return-{handed_in.uid}"]
    allowed = {unit.learner.user: own, tutor.user: tutors}
    for user in (unit.learner.user, tutor.user, iqa.user, lead.user, other.learner.user):
        for about in (*own, *tutors):
            assert bool(can_save_draft(user, about)) == (about in allowed.get(user, [])), (user, about)
    assert not can_save_draft(tutor.user, f"decision-{handed_in.uid}-{uuid.uuid4()}")
    assert not can_save_draft(unit.learner.user, f"why-{version.uid}-{uuid.uuid4()}")


def test_notes_and_comments_are_written_by_tutors_of_the_learner_and_of_the_centre(unit: LearnerUnit) -> None:
    tutor, iqa = (make.staff(unit.cohort, role) for role in ("tutor", "iqa"))
    elsewhere = make.staff(make.cohort(), "tutor")
    criterion, *_ = make.criteria(unit)
    make.submission(unit, criterion)
    version = EvidenceVersion.objects.get(learner_unit=unit)
    own = comments.add_comment(by=tutor.user, centre_id=unit.centre_id, text="Well seen.", outcome="", shared=False)
    abouts = (f"note-{version.uid}-{criterion.uid}", f"comment-{own.uid}", f"bank-{unit.centre.uid}")
    for user in (tutor.user, iqa.user, elsewhere.user, unit.learner.user):
        assert [bool(can_save_draft(user, about)) for about in abouts] == [user == tutor.user] * 3
    assert not can_save_draft(tutor.user, f"note-{version.uid}-{uuid.uuid4()}")


def test_quality_assurers_and_tutors_write_to_each_other(unit: LearnerUnit) -> None:
    tutor, iqa, lead = (make.staff(unit.cohort, role) for role in ("tutor", "iqa", "lead_iqa"))
    criterion, *_ = make.criteria(unit)
    make.signed_off(unit, tutor.user)
    item = make.item(unit.cohort, iqa, lead)
    for word in ("review", "action"):
        about = f"{word}-{item.uid}-{criterion.uid}"
        assert can_save_draft(iqa.user, about)
        assert not can_save_draft(tutor.user, about)
        assert not can_save_draft(lead.user, about)
    make.reviewed(item, "action_required")
    point = ActionPoint.objects.order_by("pk").first()
    assert point is not None
    assert can_save_draft(tutor.user, f"answer-{point.uid}")
    assert not can_save_draft(iqa.user, f"answer-{point.uid}")
    assert not can_save_draft(tutor.user, f"judge-{point.uid}")


def test_acts_on_a_whole_unit_are_written_by_those_who_may_do_them(unit: LearnerUnit) -> None:
    people = {role: make.staff(unit.cohort, role).user for role in ("tutor", "iqa", "lead_iqa", "admin")}
    iqa, lead = (Membership.objects.get(user=people[role]) for role in ("iqa", "lead_iqa"))

    def who(word: str, uid: uuid.UUID) -> list[str]:
        return [role for role, user in people.items() if can_save_draft(user, f"{word}-{uid}")]

    assert (who("withdraw", unit.uid), who("move", unit.uid), who("reopen", unit.uid)) == (["admin"], ["admin"], [])
    assert who("extend", unit.uid) == ["tutor", "admin"]
    make.signed_off(unit, people["tutor"])
    assert who("reopen", unit.uid) == who("hold", unit.uid) == ["lead_iqa"]
    held = quality.place_hold(by=people["lead_iqa"], learner_unit=unit, reason="Wait.")
    assert who("lift", held.uid) == ["lead_iqa"]
    quality.lift_hold(by=people["lead_iqa"], hold=held, reason="Done.")
    item = make.item(unit.cohort, iqa, lead)
    make.reviewed(item, "not_agreed")
    review = item.reviews.order_by("pk")[0]
    assert who("settle", review.uid) == ["lead_iqa"]


def test_a_countersigner_writes_about_a_trainees_decision() -> None:
    cohort = make.cohort()
    qualified = make.staff(cohort, "tutor")
    trainee = make.staff(cohort, "tutor", trainee=True, countersigner=qualified)
    unit = make.learner_unit(cohort)
    criterion, *_ = make.criteria(unit)
    decision = make.decision(make.submission(unit, criterion), criterion, trainee.user)
    assert can_save_draft(qualified.user, f"countersign-{decision.uid}")
    assert not can_save_draft(trainee.user, f"countersign-{decision.uid}")


def test_once_the_unit_is_signed_off_the_refusal_says_so(unit: LearnerUnit) -> None:
    tutor = make.staff(unit.cohort, "tutor")
    make.signed_off(unit, tutor.user)
    with pytest.raises(NotNow, match="signed off"):
        save_draft(by=unit.learner.user, about=f"evidence-{unit.uid}", text="Words", revision=0)


# -- The address -------------------------------------------------------------------------------------------------------


def test_the_script_gets_the_time_and_the_revision(unit: LearnerUnit) -> None:
    client, about = client_of(unit.learner.user), f"evidence-{unit.uid}"
    answer = post(client, about=about, text="One\r\ntwo\x00", revision="0")
    assert (answer.status_code, answer.json()["revision"], len(answer.json()["saved_at"])) == (200, 1, 5)
    assert Draft.objects.get().text == "One\ntwo"
    assert "older" not in answer.json()
    newer = post(client, about=about, text="Other", revision="0")
    assert {"revision": 2, "older": "One\ntwo"}.items() <= newer.json().items()
    assert len(newer.json()["older_at"]) == 5
    for revision in ("x", "-1", "9" * 40, "²", ""):
        third = post(client, about=about, text="A third", revision=revision)
        assert third.status_code == 409
        assert {"text": "Other", "revision": "2"}.items() <= third.json().items()
    assert "older" not in post(client, about=about, text="Other, more", revision="2").json()
    assert post(client, about=about, drop="1").json() == {}
    assert (Draft.objects.get().text, Draft.objects.get().older) == ("Other, more", "")
    assert post(client, about="x", text="Other", revision="0").status_code == 403
    assert post(Client(), about=about, text="Other", revision="0").status_code == 401
    assert client.get(reverse("draft-save")).status_code == 405


def test_a_page_of_one_person_saves_nothing_for_the_next_who_signs_in_on_the_device(unit: LearnerUnit) -> None:
    """Two tutors of one cohort may both write about the claim; the first one's page goes on sending."""
    first, second = make.staff(unit.cohort, "tutor"), make.staff(unit.cohort, "tutor")
    criterion, *_ = make.criteria(unit)
    sent = {
        "about": f"decision-{make.submission(unit, criterion).uid}-{criterion.uid}",
        "text": "Mine",
        "revision": "0",
    }
    answer = post(client_of(second.user), **sent, who=str(first.user.uid)[:8])
    assert (answer.status_code, answer.json()["reason"]) == (
        403,
        "This page was opened by somebody else. Open it again.",
    )
    assert not Draft.objects.exists()
    assert post(client_of(second.user), **sent, who=str(second.user.uid)[:8]).status_code == 200


def test_somebody_elses_text_is_never_seen(unit: LearnerUnit) -> None:
    """Two tutors of one cohort write about the same claim, each for themselves."""
    first, second = make.staff(unit.cohort, "tutor"), make.staff(unit.cohort, "tutor")
    criterion, *_ = make.criteria(unit)
    about = f"decision-{make.submission(unit, criterion).uid}-{criterion.uid}"
    post(client_of(first.user), about=about, text="Mine alone", revision="0")
    answer = post(client_of(second.user), about=about, text="And mine", revision="0")
    assert (answer.status_code, answer.json()["revision"]) == (200, 1)
    assert offered(second.user, about).text == "And mine"
