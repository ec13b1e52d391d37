"""Captions of a recording: its learner adds them until it is submitted; readers of the version get them as WebVTT."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse

from assessment.demo.recordings import mp3
from assessment.models import AccessRecord, Caption, EvidenceVersion, LearnerUnit
from assessment.workflow import captions, evidence
from courseware.kit.captions import NotCaptions
from courseware.kit.verdict import NotNow, NotYours
from courseware.ledger.models import LedgerEntry
from courseware.people.models import User
from tests import make
from tests.people_builders import make_centre
from tests.study_pages import client_of, cost_of, main_of

pytestmark = pytest.mark.django_db
VTT = b"WEBVTT\n\n00:01.000 --> 00:02.000\nHello <b>there</b>\n"
WRITTEN = "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nHello there\n"


@pytest.fixture
def unit() -> LearnerUnit:
    return make.learner_unit()


def recording(unit: LearnerUnit) -> EvidenceVersion:
    learner = unit.learner.user
    kept = evidence.keep_upload(learner, unit, [mp3(2.0)], "talk.mp3")
    item = evidence.add_evidence(by=learner, learner_unit=unit, title="Talk", kept=kept, method="discussion")
    return make.latest(item)


def add(version: EvidenceVersion, data: bytes = VTT, language: str = "en", by: User | None = None) -> None:
    by = by or version.learner_unit.learner.user
    captions.add_caption(by=by, version=version, text=data.decode(), language=language)


def hand_in(unit: LearnerUnit, version: EvidenceVersion) -> Any:
    first = make.criteria(unit)[0]
    make.mapped(unit, first, item=version.item)
    draft = make.draft(unit, first, version=version)
    return make.submissions.submit(by=unit.learner.user, submission=draft, declared=True, others="none", ai_used=False)


def send(user: User, version: EvidenceVersion, data: bytes, **more: Any) -> Any:
    sent = {"key": uuid.uuid4(), "language": "en", "file": SimpleUploadedFile("talk.vtt", data), **more}
    return client_of(user).post(reverse("captions", args=[version.uid]), sent)


def test_captions_are_kept_as_we_write_them_and_one_set_a_language(unit: LearnerUnit) -> None:
    version = recording(unit)
    add(version)
    add(version, VTT.replace(b"Hello", b"Good day"), "cy")
    add(version, VTT.replace(b"Hello", b"Hi"))
    kept = dict(Caption.objects.order_by("pk").values_list("language", "text"))
    assert kept == {"en": WRITTEN.replace("Hello", "Hi"), "cy": WRITTEN.replace("Hello", "Good day")}
    entry = json.loads(LedgerEntry.objects.filter(verb="add_caption").latest("pk").text)
    assert entry["digests"]["captions"] == hashlib.sha256(kept["en"].encode()).hexdigest()


def test_what_is_refused_changes_nothing(unit: LearnerUnit) -> None:
    version, text = recording(unit), make.latest(make.text(unit))
    with pytest.raises(NotCaptions, match="Line 4"):
        add(version, b"WEBVTT\n\nNothing")
    with pytest.raises(NotNow, match="Choose the language"):
        add(version, language="xx")
    with pytest.raises(NotNow, match="Only a recording"):
        add(text)
    tutor, other = make.staff(unit.cohort, "tutor").user, make.learner_unit(unit.cohort).learner.user
    for user in (tutor, other):
        with pytest.raises(NotYours):
            add(version, by=user)
    assert not Caption.objects.exists()
    assert not LedgerEntry.objects.filter(verb="add_caption").exists()


def test_they_freeze_with_the_submission(unit: LearnerUnit) -> None:
    version = recording(unit)
    add(version)
    hand_in(unit, version)
    caption = Caption.objects.get()
    version.refresh_from_db()
    with pytest.raises(NotNow, match="stay as they are"):
        add(version, language="cy")
    with pytest.raises(NotNow, match="stay as they are"):
        captions.remove_caption(by=unit.learner.user, caption=caption)
    for act in (lambda: Caption.objects.update(text="WEBVTT"), Caption.objects.all().delete):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            act()
    assert Caption.objects.get().text == WRITTEN


def test_another_recording_takes_the_captions_of_the_old_one_away(unit: LearnerUnit) -> None:
    version = recording(unit)
    add(version)
    kept = evidence.keep_text(unit.learner.user, unit, "A text instead.")
    evidence.add_version(by=unit.learner.user, item=version.item, kept=kept)
    assert not Caption.objects.exists()


def test_only_readers_of_the_version_get_them_and_staff_leave_a_trace(unit: LearnerUnit) -> None:
    people = {role: make.staff(unit.cohort, role).user for role in ("tutor", "iqa", "admin")}
    other, away = make.learner_unit(unit.cohort).learner.user, make.staff(make.cohort(make_centre()), "tutor").user
    version = recording(unit)
    add(version)
    address = reverse("caption-file", args=[Caption.objects.get().uid])
    for user in people.values():  # a draft is its learner's alone
        assert client_of(user).get(address).status_code == 404
    hand_in(unit, version)
    for user in (unit.learner.user, people["tutor"], people["iqa"]):
        answer = client_of(user).get(address)
        assert (answer.status_code, answer.content.decode()) == (200, WRITTEN)
        assert answer["Content-Type"] == "text/vtt; charset=utf-8"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "private, no-cache"
    for user in (other, away, people["admin"]):
        assert client_of(user).get(address).status_code == 404
    assert set(AccessRecord.objects.order_by("pk").values_list("by__user", "what")) == {
        (people[role].pk, "shown") for role in ("tutor", "iqa")
    }


def test_the_page_adds_says_the_line_and_removes(unit: LearnerUnit) -> None:
    version, learner = recording(unit), unit.learner.user
    assert "Add or change captions" in main_of(learner, reverse("evidence", args=[version.item.uid]))
    refused = send(learner, version, b"WEBVTT\n\n00:02.000 --> 00:01.000\nHi")
    assert refused.status_code == 422
    assert "Line 3: a caption ends after it starts." in refused.content.decode()
    assert send(learner, version, b"").status_code == 422
    assert send(learner, version, VTT, language="xx").status_code == 422
    assert not Caption.objects.exists()
    assert send(learner, version, VTT).status_code == 303
    assert "English" in main_of(learner, reverse("captions", args=[version.uid]))
    remove = reverse("caption-remove", args=[Caption.objects.get().uid])
    client = client_of(learner)
    assert client.post(remove, {}).status_code == 303
    assert Caption.objects.exists()
    assert client.post(remove, {"key": uuid.uuid4()}).status_code == 303
    assert not Caption.objects.exists()
    assert LedgerEntry.objects.filter(verb="remove_caption").count() == 1


def test_the_page_costs_the_same_with_one_row_and_with_four(unit: LearnerUnit) -> None:
    version, learner = recording(unit), unit.learner.user
    address = reverse("captions", args=[version.uid])
    add(version)
    one = cost_of(learner, address)
    for language in ("cy", "pl", "ur"):
        add(version, language=language)
    assert cost_of(learner, address) == one <= 12
