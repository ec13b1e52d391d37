"""Text that is still being written: kept as one types, by the person alone, for what they may act on."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from assessment.models import ActionPoint, Draft, LearnerUnit
from assessment.workflow import drafts
from assessment.workflow.drafts import LIMIT, can_save_draft, clear_draft, offered, save_draft
from courseware.kit import clock
from courseware.kit.verdict import NotNow, NotYours, Stale
from courseware.ledger.models import LedgerEntry
from courseware.people.models import User
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


def test_an_old_revision_is_refused_with_the_newer_text(unit: LearnerUnit) -> None:
    about, by = f"evidence-{unit.uid}", unit.learner.user
    save_draft(by=by, about=about, text="From the phone", revision=0)
    with pytest.raises(Stale) as refused:
        save_draft(by=by, about=about, text="From the desk", revision=0)
    assert (refused.value.current.text, refused.value.current.revision) == ("From the phone", 1)
    assert Draft.objects.get().text == "From the phone"


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
    about, by = f"evidence-{unit.uid}", unit.learner.user
    save_draft(by=by, about=about, text="First", revision=0)

    def collides(*_: Any) -> Draft:
        raise IntegrityError

    monkeypatch.setattr(drafts, "_kept", collides)  # the other window's row came between reading and writing
    with pytest.raises(Stale) as refused:
        save_draft(by=by, about=about, text="Second", revision=0)
    assert refused.value.current.text == "First"


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
    own = [f"evidence-{unit.uid}", f"version-{item.uid}", f"submission-{unit.uid}"]
    tutors = [f"decision-{handed_in.uid}-{criterion.uid}", f"return-{handed_in.uid}"]
    allowed = {unit.learner.user: own, tutor.user: tutors}
    for user in (unit.learner.user, tutor.user, iqa.user, lead.user, other.learner.user):
        for about in (*own, *tutors):
            assert bool(can_save_draft(user, about)) == (about in allowed.get(user, [])), (user, about)
    assert not can_save_draft(tutor.user, f"decision-{handed_in.uid}-{uuid.uuid4()}")


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
    newer = post(client, about=about, text="Other", revision="0")
    assert newer.status_code == 409
    assert {"text": "One\ntwo", "revision": "1"}.items() <= newer.json().items()
    for revision in ("x", "-1", "9" * 40, "²", ""):
        assert post(client, about=about, text="Other", revision=revision).status_code == 409
    assert post(client, about="x", text="Other", revision="0").status_code == 403
    assert post(Client(), about=about, text="Other", revision="0").status_code == 401
    assert client.get(reverse("draft-save")).status_code == 405


def test_somebody_elses_text_is_never_seen(unit: LearnerUnit) -> None:
    """Two tutors of one cohort write about the same claim, each for themselves."""
    first, second = make.staff(unit.cohort, "tutor"), make.staff(unit.cohort, "tutor")
    criterion, *_ = make.criteria(unit)
    about = f"decision-{make.submission(unit, criterion).uid}-{criterion.uid}"
    post(client_of(first.user), about=about, text="Mine alone", revision="0")
    answer = post(client_of(second.user), about=about, text="And mine", revision="0")
    assert (answer.status_code, answer.json()["revision"]) == (200, 1)
    assert offered(second.user, about).text == "And mine"
