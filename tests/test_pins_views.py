"""Pins and notes in the browser: the learner's page for them, the tutor's desk, and what each may read in place."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.test import Client
from django.urls import reverse

from assessment.demo import samples
from assessment.models import AccessRecord, Caption, EvidenceVersion, LearnerUnit, NoteDraft, Pin, Preview
from assessment.readings.pinning import on_desk
from assessment.workflow import decisions, evidence, submissions
from assessment.workflow.pins import Spot, add_pin, save_note
from courseware.kit import storage, tasks
from tests import files, make
from tests.marking_pages import signed_in, statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit() -> LearnerUnit:
    return make.learner_unit()


def file_of(unit: LearnerUnit, name: str, data: bytes, *, prepared: bool = True) -> EvidenceVersion:
    kept = evidence.keep_upload(unit.learner.user, unit, SimpleUploadedFile(name, data), name)
    item = evidence.add_evidence(by=unit.learner.user, learner_unit=unit, title=name, kept=kept)
    if prepared:
        tasks.run_due()
    return make.mapped(unit, make.criteria(unit)[0], item=item)


def pages(unit: LearnerUnit) -> EvidenceVersion:
    return file_of(unit, "map.pdf", samples.pdf("The journey", ["Seven stages.", "\f", "Two days after."]))


def hand_in(unit: LearnerUnit, version: EvidenceVersion) -> Any:
    by, criterion = unit.learner.user, make.criteria(unit)[0]
    links = list(version.links.order_by("pk"))
    made = submissions.draft_submission(by=by, learner_unit=unit, criteria=[criterion], links=links)
    return submissions.submit(by=by, submission=made, declared=True, others="none", ai_used=False)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


# -- The learner -------------------------------------------------------------------------------------------------------


def test_a_learner_pins_a_part_of_a_page_and_finds_it_there(unit: LearnerUnit) -> None:
    version, client = pages(unit), signed_in(unit.learner)
    address = reverse("evidence-pins", args=[version.uid])
    assert address in text(client.get(reverse("evidence", args=[version.item.uid])))
    link = version.links.get()
    sent = {"link": link.uid, "page": "2", "x": "1000", "y": "1000", "width": "5000", "height": "500", "says": "Here."}
    answer = client.post(address, sent)
    assert (answer.status_code, answer["Location"]) == (303, address)
    page = text(client.get(address))
    anchor = f"v{version.uid.hex[:8]}"
    assert f'href="#{anchor}-m1"' in page
    assert f'id="{anchor}-m1"' in page
    assert 'x="119" y="168" width="595" height="84"' in page
    assert "page 2, a part of it" in page
    assert "Here." in page
    assert 'textLength="' in page
    assert re.search(r">\s*Two days after\.\s*</text>", page)
    pin = Pin.objects.get()
    removed = client.post(reverse("pin-remove", args=[pin.uid]), {"key": uuid.uuid4()})
    assert (removed.status_code, Pin.objects.count()) == (303, 0)


def test_half_a_place_comes_back_with_what_was_typed(unit: LearnerUnit) -> None:
    version, client = pages(unit), signed_in(unit.learner)
    address = reverse("evidence-pins", args=[version.uid])
    link = version.links.get()
    answer = client.post(address, {"link": link.uid, "page": "x", "says": "The second stage."})
    assert answer.status_code == 422
    assert "Give the number of the page" in text(answer)
    assert 'value="The second stage."' in text(answer)
    answer = client.post(address, {"link": link.uid, "page": "9"})
    assert answer.status_code == 422
    assert "There are 2 pages here" in text(answer)
    assert client.post(address, {"link": uuid.uuid4(), "page": "1"}).status_code == 404
    assert not Pin.objects.exists()


def test_a_page_for_pins_says_why_there_is_no_form(unit: LearnerUnit) -> None:
    client = signed_in(unit.learner)
    loose = make.latest(make.text(unit))
    assert "Say first which criteria it shows" in text(client.get(reverse("evidence-pins", args=[loose.uid])))
    archive = file_of(unit, "all.zip", files.zipped({"a.txt": "x"}))
    assert "cannot be pinned" in text(client.get(reverse("evidence-pins", args=[archive.uid])))
    version = pages(unit)
    hand_in(unit, version)
    page = text(client.get(reverse("evidence-pins", args=[version.uid])))
    assert "was handed in, so its pins stay as they are" in page
    assert "data-pins" not in page


@pytest.mark.parametrize(
    ("name", "data", "sent", "target"),
    [
        ("plan.docx", samples.docx("Plan", ["Words."]), {"paragraph": "2"}, "p2"),
        ("notes.txt", b"One.\n\nTwo.", {"paragraph": "2"}, "p2"),
        ("churn.csv", b"a,b\n1,2\n", {"sheet": "1", "cell": "b2"}, "c1-B2"),
        ("figures.xlsx", samples.xlsx("Figures", [["a", 1], ["b", 2]]), {"sheet": "1", "cell": "A2"}, "c1-A2"),
        ("photo.png", files.image(), {"page": "1"}, "s1"),
        ("talk.mp3", files.mp3(1), {"time": "0:01"}, "play"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_kind_of_evidence_has_its_places(
    unit: LearnerUnit, name: str, data: bytes, sent: dict[str, str], target: str
) -> None:
    version, client = file_of(unit, name, data), signed_in(unit.learner)
    address = reverse("evidence-pins", args=[version.uid])
    assert client.post(address, {"link": version.links.get().uid, **sent}).status_code == 303
    page = text(client.get(address))
    anchor = f"v{version.uid.hex[:8]}"
    assert f'href="#{anchor}-{target}"' in page
    assert page.count(f'id="{anchor}-{target}"') == 1
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_a_text_written_here_has_numbered_paragraphs(unit: LearnerUnit) -> None:
    item = make.text(unit, words="# Plan\n\nOne <p> two.\n\n- point\n\n<https://x/<p>>")
    version, client = make.mapped(unit, make.criteria(unit)[0], item=item), signed_in(unit.learner)
    for says in ("First.", "Again."):
        number = "2" if says == "First." else "3"
        add_pin(by=unit.learner.user, link=version.links.get(), spot=Spot("paragraph", int(number)), says=says)
    page = text(client.get(reverse("evidence-version", args=[version.uid])))
    anchor = f"v{version.uid.hex[:8]}"
    assert f'<p id="{anchor}-p2" data-marks="1">One &lt;p&gt; two.</p>' in page
    assert f'id="{anchor}-p3" data-marks="2"' in page


# -- Staff -------------------------------------------------------------------------------------------------------------


def test_a_tutor_sees_the_pins_on_the_desk_and_pins_a_note_that_the_learner_reads_once_it_is_released(
    unit: LearnerUnit,
) -> None:
    tutor = make.staff(unit.cohort, "tutor")
    version, criterion = pages(unit), make.criteria(unit)[0]
    add_pin(by=unit.learner.user, link=version.links.get(), spot=Spot("page", 2), says="The card.")
    submission = hand_in(unit, version)
    desk, client = reverse("marking-desk", args=[submission.uid, criterion.number]), signed_in(tutor)
    assert "The card." in text(client.get(desk))
    address = reverse("note-save", args=[version.uid, submission.uid, criterion.number])
    assert f'action="{address}"' in text(client.get(desk))
    answer = client.post(address, {"page": "1", "text": "Name the stage."})
    assert (answer.status_code, answer["Location"]) == (303, f"{desk}#version-{version.uid}")
    assert "Name the stage." in text(client.get(desk))
    part = client.post(address, {"page": "2", "text": "And this one."}, headers={"HX-Request": "true"})
    assert part.content.decode().lstrip().startswith("<section")
    assert "Name the stage." in text(part)
    assert "And this one." in text(part)
    learner, evidence_page = signed_in(unit.learner), reverse("evidence-version", args=[version.uid])
    other = signed_in(make.staff(unit.cohort, "tutor"))
    assert "Name the stage." not in text(learner.get(evidence_page))
    assert "Name the stage." not in text(other.get(desk)), "a note in writing is its writer's"
    note = NoteDraft.objects.get(text="And this one.")
    remove = reverse("note-remove", args=[note.uid])
    assert [client.post(remove, {"key": uuid.uuid4()}).status_code for _ in range(2)] == [303, 404]
    decided = make.decision(submission, criterion, tutor.user)
    assert decided.notes.count() == 1
    assert "Name the stage." not in text(learner.get(evidence_page)), "not released"
    assert "Name the stage." in text(client.get(evidence_page)), "one's own"
    assert "Name the stage." not in text(other.get(evidence_page))
    decisions.release_feedback(by=tutor.user, submission=submission)
    page = text(learner.get(evidence_page))
    assert "Name the stage." in page
    assert f"Note by {tutor.name}" in page


def test_a_note_without_a_place_comes_back_with_its_words(unit: LearnerUnit) -> None:
    tutor = make.staff(unit.cohort, "tutor")
    version, criterion = pages(unit), make.criteria(unit)[0]
    submission, client = hand_in(unit, version), signed_in(tutor)
    address = reverse("note-save", args=[version.uid, submission.uid, criterion.number])
    for sent, says in (({"page": ""}, "Say which page"), ({"page": "7"}, "There are 2 pages here")):
        answer = client.post(address, {**sent, "text": "Name the stage."})
        assert answer.status_code == 422
        assert says in text(answer)
        assert "Name the stage.</textarea>" in text(answer)
    assert client.post(reverse("note-save", args=[version.uid, submission.uid, "9.9"]), {}).status_code == 404
    gone = make.latest(make.text(unit))
    assert client.post(reverse("note-save", args=[gone.uid, submission.uid, criterion.number]), {}).status_code == 404
    assert not NoteDraft.objects.exists()
    assert signed_in(make.staff(unit.cohort, "iqa")).post(address, {"page": "1"}).status_code == 403


def test_who_countersigns_reads_the_notes_of_the_decision(unit: LearnerUnit) -> None:
    tutor = make.staff(unit.cohort, "tutor")
    trainee = make.staff(unit.cohort, "tutor", trainee=True, countersigner=tutor)
    version, criterion = pages(unit), make.criteria(unit)[0]
    submission = hand_in(unit, version)
    about: dict[str, Any] = {"submission": submission, "criterion": criterion, "version": version}
    save_note(by=trainee.user, spot=Spot("page", 2), text="Name the stage.", **about)
    decision = make.decision(submission, criterion, trainee.user)
    client = signed_in(tutor)
    assert "Name the stage." in text(client.get(reverse("countersign", args=[decision.uid])))
    assert "Name the stage." not in text(client.get(reverse("marking-desk", args=[submission.uid, criterion.number])))


# -- Words, captions, preparing ----------------------------------------------------------------------------------------


def test_the_words_of_a_page_are_a_page_of_their_own_and_a_part_of_it(unit: LearnerUnit) -> None:
    version, client = pages(unit), signed_in(unit.learner)
    address = reverse("version-words", args=[version.uid, 1])
    assert "The journey<br>Seven stages." in text(client.get(address))
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith("<div")
    assert client.get(reverse("version-words", args=[version.uid, 9])).status_code == 404
    hand_in(unit, version)
    tutor = make.staff(unit.cohort, "tutor")
    assert signed_in(tutor).get(address).status_code == 200
    assert AccessRecord.objects.get().by == tutor


def test_captions_are_a_track_for_whoever_may_play_the_recording(unit: LearnerUnit) -> None:
    version = file_of(unit, "talk.mp3", files.mp3(1))
    made = Caption.objects.create(
        centre_id=unit.centre_id, learner_unit=unit, version=version, language="en", text="WEBVTT\n\n"
    )
    client, address = signed_in(unit.learner), reverse("caption-file", args=[made.uid])
    page = text(client.get(reverse("evidence-version", args=[version.uid])))
    assert f'<track kind="captions" src="{address}" srclang="en"' in page
    answer = client.get(address)
    assert (answer.content, answer["Content-Type"]) == (b"WEBVTT\n\n", "text/vtt; charset=utf-8")
    assert signed_in(make.learner_unit(unit.cohort).learner).get(address).status_code == 404


def test_what_could_not_be_prepared_can_be_tried_again(unit: LearnerUnit) -> None:
    version, client = pages(unit), signed_in(unit.learner)
    Preview.objects.filter(version=version).update(state="failed", note="It could not be drawn.")
    row = EvidenceVersion.objects.select_related("centre", "learner_unit").get(pk=version.pk)
    storage.derived().forget(row.address)
    page, address = reverse("evidence-version", args=[version.uid]), reverse("version-prepare", args=[version.uid])
    assert f'action="{address}"' in text(client.get(page))
    for _ in range(2):
        assert client.post(address)["Location"] == page
    assert "Being prepared" in text(client.get(page))
    assert tasks.run_due() == 1
    assert "Seven stages." in text(client.get(page))
    Preview.objects.all().delete()
    client.post(address)
    assert Preview.objects.get().state == "waiting"
    words = make.latest(make.text(unit))
    assert client.post(reverse("version-prepare", args=[words.uid])).status_code == 409


def test_a_page_stops_looking_whether_the_worker_is_done(unit: LearnerUnit) -> None:
    version, client = file_of(unit, "map.pdf", samples.pdf("Map", ["x"]), prepared=False), signed_in(unit.learner)
    address = reverse("evidence-version", args=[version.uid])
    assert 'tries=1"' in text(client.get(address))
    assert 'tries=40"' in text(client.get(address + "?tries=39"))
    last = text(client.get(address + "?tries=40"))
    assert "hx-get" not in last.partition("<section")[2]
    assert "Look again" in last
    assert 'tries=1"' in text(client.get(address + "?tries=x"))


def test_a_version_that_is_ready_late_comes_to_the_open_desk_with_the_form_for_a_note(unit: LearnerUnit) -> None:
    tutor = make.staff(unit.cohort, "tutor")
    version = file_of(unit, "map.pdf", samples.pdf("Map", ["x"]), prepared=False)
    submission, criterion, client = hand_in(unit, version), make.criteria(unit)[0], signed_in(tutor)
    address = reverse("note-save", args=[version.uid, submission.uid, criterion.number])
    desk = text(client.get(reverse("marking-desk", args=[submission.uid, criterion.number])))
    assert f'hx-get="{address}?tries=1"' in desk
    assert f'action="{address}"' not in desk
    still = text(client.get(address + "?tries=1", headers={"HX-Request": "true"}))
    assert f'hx-get="{address}?tries=2"' in still
    tasks.run_due()
    ready = client.get(address + "?tries=2", headers={"HX-Request": "true"})
    assert ready.content.decode().lstrip().startswith("<section")
    assert f'action="{address}"' in text(ready)
    assert "hx-get=" not in text(ready).partition(">")[0]


def test_a_picture_that_is_fetched_ahead_is_noted_as_that(unit: LearnerUnit) -> None:
    version, client = pages(unit), signed_in(make.staff(unit.cohort, "tutor"))
    hand_in(unit, version)
    picture = reverse("version-page", args=[version.uid, 1])
    noted = AccessRecord.objects.filter(version=version).order_by("pk").values_list("what", flat=True)
    assert client.get(picture, headers={"X-Ahead": "yes"}).status_code == 200
    assert list(noted.all()) == ["ahead"]
    assert client.get(picture).status_code == 200
    assert list(noted.all()) == ["ahead", "shown"]


def test_a_copy_that_lost_a_file_can_be_prepared_again(unit: LearnerUnit) -> None:
    version, client = file_of(unit, "plan.docx", samples.docx("Plan", ["Words."])), signed_in(unit.learner)
    row = EvidenceVersion.objects.select_related("centre", "learner_unit").get(pk=version.pk)
    (storage.derived().folder(row.address) / "document.html").unlink()
    page = text(client.get(reverse("evidence-version", args=[version.uid])))
    assert "It cannot be shown here" in page
    assert "Prepare it for showing again" in page


def test_the_desk_has_no_version_that_is_not_there(unit: LearnerUnit) -> None:
    tutor = make.staff(unit.cohort, "tutor")
    submission = hand_in(unit, pages(unit))
    with pytest.raises(Http404):
        on_desk(make.fresh(tutor.user), uuid.uuid4(), submission, make.criteria(unit)[0])


# -- What it costs -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 4])
def test_pages_of_pins_cost_the_same_however_many_there_are(unit: LearnerUnit, rows: int) -> None:
    tutor = make.staff(unit.cohort, "tutor")
    version, criterion = pages(unit), make.criteria(unit)[0]
    spots = [Spot("page", 1, n, 0, 100, 100) for n in range(rows)]
    for spot in spots:
        add_pin(by=unit.learner.user, link=version.links.get(), spot=spot)
    learner: Client = signed_in(unit.learner)
    learner.get(reverse("portfolio"))
    for name, most in (("evidence-pins", 6), ("evidence-version", 8)):
        assert statements(learner, reverse(name, args=[version.uid])) == most, name
    submission = hand_in(unit, version)
    for spot in spots:
        save_note(by=tutor.user, submission=submission, criterion=criterion, version=version, spot=spot, text="x")
    client = signed_in(tutor)
    client.get(reverse("marking"))
    assert statements(client, reverse("marking-desk", args=[submission.uid, criterion.number])) == 12
