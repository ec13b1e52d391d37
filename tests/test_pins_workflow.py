"""Pins and notes: what may be pinned, by whom, until when; and the record that proves them."""

from __future__ import annotations

import uuid
from dataclasses import asdict, replace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessment.demo import samples
from assessment.forms.pins import NoteForm, PinForm, PlaceForm, seconds_of
from assessment.models import EvidenceLink, EvidenceVersion, LearnerUnit, NoteDraft, Pin, Submission
from assessment.models.pins import WHOLE, Place, clock_words
from assessment.readings.proof import steps
from assessment.workflow import evidence, submissions
from assessment.workflow.pins import (
    MOST_PINS,
    Spot,
    add_pin,
    pins_digest,
    places_in,
    remove_note,
    remove_pin,
    save_note,
)
from courseware.kit import tasks, triggers
from courseware.kit.verdict import NotNow, NotYours
from courseware.ledger.append import canonical
from courseware.ledger.models import LedgerEntry
from tests import files, make

pytestmark = pytest.mark.django_db
PARAGRAPH = Spot("paragraph", 2)


@pytest.fixture
def unit() -> LearnerUnit:
    return make.learner_unit()


def link_of(unit: LearnerUnit) -> EvidenceLink:
    return make.mapped(unit, make.criteria(unit)[0]).links.get()


def file_of(unit: LearnerUnit, name: str, data: bytes) -> EvidenceLink:
    """A mapping of a file that the worker has prepared."""
    kept = evidence.keep_upload(unit.learner.user, unit, SimpleUploadedFile(name, data), name)
    item = evidence.add_evidence(by=unit.learner.user, learner_unit=unit, title=name, kept=kept)
    tasks.run_due()
    return make.mapped(unit, make.criteria(unit)[0], item=item).links.get()


def handed_in(unit: LearnerUnit, link: EvidenceLink) -> Submission:
    criterion = make.criteria(unit)[0]
    by = unit.learner.user
    made = submissions.draft_submission(by=by, learner_unit=unit, criteria=[criterion], links=[link])
    return submissions.submit(by=by, submission=made, declared=True, others="none", ai_used=False)


def faults() -> list[str]:
    step = next(step for step in steps() if step.name == "Facts and record entries name each other")
    return list(step.faults())


# -- The learner's pins ------------------------------------------------------------------------------------------------


def test_a_learner_pins_a_place_and_takes_it_away(unit: LearnerUnit) -> None:
    link, by = link_of(unit), unit.learner.user
    pin = add_pin(by=by, link=link, spot=PARAGRAPH, says="  The \x00second\n stage. ")
    assert (pin.number, pin.says, pin.centre_id, pin.learner_unit_id) == (
        2,
        "The second stage.",
        unit.centre_id,
        unit.pk,
    )
    assert add_pin(by=by, link=link, spot=PARAGRAPH) == pin, "the same place is the same pin"
    assert add_pin(by=by, link=link, spot=Spot("paragraph", 3)) != pin
    remove_pin(by=by, pin=pin)
    remove_pin(by=by, pin=pin)
    assert link.pins.count() == 1
    assert not LedgerEntry.objects.filter(verb__contains="pin").exists()


def test_nobody_else_pins_what_a_learner_claims(unit: LearnerUnit) -> None:
    link = link_of(unit)
    pin = add_pin(by=unit.learner.user, link=link, spot=PARAGRAPH)
    for other in (make.staff(unit.cohort, "tutor"), make.learner_unit(unit.cohort).learner):
        with pytest.raises(NotYours):
            add_pin(by=other.user, link=link, spot=Spot("paragraph", 9))
        with pytest.raises(NotYours):
            remove_pin(by=other.user, pin=pin)
    assert [one.number for one in link.pins.order_by("pk")] == [2]


def test_pins_stay_as_they_were_handed_in(unit: LearnerUnit) -> None:
    link, by = link_of(unit), unit.learner.user
    pin = add_pin(by=by, link=link, spot=PARAGRAPH)
    handed_in(unit, link)
    for act in (lambda: add_pin(by=by, link=link, spot=Spot("paragraph", 9)), lambda: remove_pin(by=by, pin=pin)):
        with pytest.raises(NotNow, match="handed in"):
            act()
    assert link.pins.count() == 1


def test_a_mapping_that_is_gone_takes_no_pin_and_takes_its_pins_along(unit: LearnerUnit) -> None:
    link, by = link_of(unit), unit.learner.user
    add_pin(by=by, link=link, spot=PARAGRAPH)
    evidence.map_evidence(by=by, version=link.version, reasons=[])
    assert not Pin.objects.exists()
    with pytest.raises(NotNow, match="taken away meanwhile"):
        add_pin(by=by, link=link, spot=PARAGRAPH)
    again = link_of(unit)
    add_pin(by=by, link=again, spot=PARAGRAPH)
    evidence.remove_evidence(by=by, item=again.version.item)
    assert not Pin.objects.exists()


def test_pins_go_with_the_bytes_that_they_point_into(unit: LearnerUnit) -> None:
    link, by = link_of(unit), unit.learner.user
    add_pin(by=by, link=link, spot=PARAGRAPH)
    evidence.add_version(by=by, item=link.version.item, kept=evidence.keep_text(by, unit, "Other words."))
    assert not Pin.objects.exists()
    assert EvidenceLink.objects.filter(pk=link.pk).exists()


def test_a_place_is_of_the_kind_that_the_evidence_has(unit: LearnerUnit) -> None:
    link, by = link_of(unit), unit.learner.user
    with pytest.raises(NotNow, match="Point to a paragraph"):
        add_pin(by=by, link=link, spot=Spot("page", 1))
    archive = file_of(unit, "all.zip", files.zipped({"a.txt": "x"}))
    with pytest.raises(NotNow, match="Nothing can be pinned"):
        add_pin(by=by, link=archive, spot=Spot("page", 1))
    pages = file_of(unit, "map.pdf", samples.pdf("Map", ["One.", "\f", "Two."]))
    with pytest.raises(NotNow, match="There are 2 pages here, so there is no 3"):
        add_pin(by=by, link=pages, spot=Spot("page", 3))
    photo = file_of(unit, "a.png", files.image())
    with pytest.raises(NotNow, match="There is one page here, so there is no 2"):
        add_pin(by=by, link=photo, spot=Spot("page", 2))
    assert not Pin.objects.exists()
    region = add_pin(by=by, link=pages, spot=Spot("page", 2, 100, 200, 300, 400))
    assert Place.words_of(vars(region)) == "page 2, a part of it"


def test_places_are_known_before_the_worker_comes(unit: LearnerUnit) -> None:
    rows = EvidenceVersion.objects.select_related("centre", "learner_unit")
    made = {}
    for name, data in {
        "a.csv": b"a,b\n1,2\n",
        "a.txt": b"Words.",
        "a.png": files.image(),
        "a.mp3": files.mp3(1),
        "a.docx": samples.docx("Plan", ["Words."]),
    }.items():
        kept = evidence.keep_upload(unit.learner.user, unit, SimpleUploadedFile(name, data), name)
        item = evidence.add_evidence(by=unit.learner.user, learner_unit=unit, title=name, kept=kept)
        made[name] = rows.get(item=item)
    before = {name: places_in(version) for name, version in made.items()}
    assert before == {
        "a.csv": ("cell", 0),
        "a.txt": ("paragraph", 0),
        "a.png": ("page", 0),
        "a.mp3": ("time", 0),
        "a.docx": ("", 0),
    }
    tasks.run_due()
    assert places_in(made["a.docx"]) == ("paragraph", 2)
    assert places_in(made["a.png"]) == ("page", 1)
    assert places_in(replace_kind(made["a.txt"], "link")) == ("", 0)


def replace_kind(version: EvidenceVersion, kind: str) -> EvidenceVersion:
    version.kind = kind
    return version


def test_a_mapping_holds_so_many_pins_and_no_more(unit: LearnerUnit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assessment.workflow.pins.MOST_PINS", 2)
    link, by = link_of(unit), unit.learner.user
    for number in (1, 2):
        add_pin(by=by, link=link, spot=Spot("paragraph", number))
    with pytest.raises(NotNow, match="There are 2 pins already"):
        add_pin(by=by, link=link, spot=Spot("paragraph", 3))
    assert MOST_PINS >= 20
    assert link.pins.count() == 2


# -- The record --------------------------------------------------------------------------------------------------------


def test_the_entry_of_a_submission_holds_a_digest_of_its_pins_and_the_proof_finds_others(unit: LearnerUnit) -> None:
    link, by = link_of(unit), unit.learner.user
    for number in (2, 1):
        add_pin(by=by, link=link, spot=Spot("paragraph", number), says="Here.")
    made = handed_in(unit, link)
    entry = LedgerEntry.objects.get(verb="submit")
    assert f'"pins":"{pins_digest(made)}"' in entry.text
    assert "Here." not in entry.text
    assert faults() == []
    triggers.drop(connection)
    try:
        Pin.objects.filter(number=1).update(says="There.")
        assert [fault for fault in faults() if "pins" in fault] == [
            f"submission {made.uid}: its pins are not those that its record entry names"
        ]
        Pin.objects.all().delete()
        assert any("pins are not those" in fault for fault in faults())
    finally:
        triggers.install(connection)


def test_a_submission_without_pins_says_nothing_of_them(unit: LearnerUnit) -> None:
    link = link_of(unit)
    made = handed_in(unit, link)
    assert '"pins"' not in LedgerEntry.objects.get(verb="submit").text
    assert pins_digest(made) == ""
    assert faults() == []
    triggers.drop(connection)
    try:
        Pin.objects.create(centre_id=unit.centre_id, learner_unit=unit, link=link, **asdict(PARAGRAPH))
        assert any("pins are not those" in fault for fault in faults()), "slipped in afterwards"
    finally:
        Pin.objects.all().delete()
        triggers.install(connection)


# -- The tutor's notes -------------------------------------------------------------------------------------------------


def test_a_tutor_pins_notes_for_a_decision_still_to_come(unit: LearnerUnit) -> None:
    tutor = make.staff(unit.cohort, "tutor").user
    criterion = make.criteria(unit)[0]
    link = link_of(unit)
    made = handed_in(unit, link)
    about: dict[str, Any] = {"submission": made, "criterion": criterion, "version": link.version}
    note = save_note(by=tutor, spot=PARAGRAPH, text=" Name it.\x00 ", **about)
    again = save_note(by=tutor, spot=PARAGRAPH, text="Name the stage.", **about)
    assert (again.pk, NoteDraft.objects.get().text) == (note.pk, "Name the stage.")
    other = make.staff(unit.cohort, "tutor").user
    assert save_note(by=other, spot=PARAGRAPH, text="", **about).pk != note.pk
    remove_note(by=other, note=note.uid)
    assert NoteDraft.objects.filter(pk=note.pk).exists(), "another's"
    remove_note(by=tutor, note=note.uid)
    remove_note(by=tutor, note=note.uid)
    assert NoteDraft.objects.count() == 1


def test_notes_are_for_what_was_handed_in_by_whoever_may_decide(
    unit: LearnerUnit, monkeypatch: pytest.MonkeyPatch
) -> None:
    tutor = make.staff(unit.cohort, "tutor").user
    first, second = make.criteria(unit)[:2]
    link = link_of(unit)
    made = handed_in(unit, link)
    about: dict[str, Any] = {"submission": made, "criterion": first, "version": link.version, "text": "x"}
    with pytest.raises(NotYours):
        save_note(by=unit.learner.user, spot=PARAGRAPH, **about)
    with pytest.raises(NotYours):
        save_note(by=make.staff(unit.cohort, "iqa").user, spot=PARAGRAPH, **about)
    for wrong, words in (
        ({"version": make.latest(make.text(unit))}, "not part of the submission"),
        ({"criterion": second}, "does not claim"),
        ({"spot": Spot("page", 1)}, "Point to a paragraph"),
    ):
        with pytest.raises(NotNow, match=words):
            save_note(**({"by": tutor, "spot": PARAGRAPH} | about | wrong))
    assert not NoteDraft.objects.exists()
    monkeypatch.setattr("assessment.workflow.pins.MOST_PINS", 1)
    save_note(by=tutor, spot=PARAGRAPH, **about)
    with pytest.raises(NotNow, match="There are 1 notes already"):
        save_note(by=tutor, spot=Spot("paragraph", 3), **about)
    submissions.withdraw_submission(by=unit.learner.user, submission=Submission.objects.get(pk=made.pk))
    with pytest.raises(NotNow, match="not waiting"):
        save_note(by=tutor, spot=PARAGRAPH, **about)


# -- Places as they are typed ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "sent", "spot"),
    [
        ("page", {"page": "4"}, Spot("page", 4)),
        ("page", {"page": "4", "x": "0", "y": "9", "width": "10000", "height": "1"}, Spot("page", 4, 0, 9, WHOLE, 1)),
        ("paragraph", {"paragraph": " 12 "}, Spot("paragraph", 12)),
        ("cell", {"sheet": "2", "cell": " $b$4 "}, Spot("cell", 2, cell="B4")),
        ("cell", {"cell": "aa10"}, Spot("cell", 1, cell="AA10")),
        ("time", {"time": "1:05"}, Spot("time", from_ms=65_000)),
        ("time", {"time": "1:01:05"}, Spot("time", from_ms=3_665_000)),
        ("time", {"time": "65.5"}, Spot("time", from_ms=65_000)),
    ],
)
def test_a_place_is_read_as_people_write_it(place: str, sent: dict[str, str], spot: Spot) -> None:
    form = NoteForm(sent, place=place)
    assert form.is_valid(), form.errors
    assert form.spot == spot


@pytest.mark.parametrize(
    ("place", "sent", "field"),
    [
        ("page", {}, "page"),
        ("page", {"page": "0"}, "page"),
        ("page", {"page": "1", "x": "1"}, "page"),
        ("page", {"page": "1", "x": "5001", "y": "0", "width": "5000", "height": "10"}, "page"),
        ("page", {"page": "1", "x": "0", "y": "0", "width": "0", "height": "10"}, "width"),
        ("paragraph", {"paragraph": "x"}, "paragraph"),
        ("cell", {"cell": "4B"}, "cell"),
        ("cell", {}, "cell"),
        ("time", {"time": "soon"}, "time"),
        ("time", {"time": "99:00:00:00"}, "time"),
    ],
)
def test_half_a_place_is_said_at_its_field(place: str, sent: dict[str, str], field: str) -> None:
    form = NoteForm(sent, place=place)
    assert not form.is_valid()
    assert field in form.errors


def test_a_pin_says_of_which_mapping_it_is() -> None:
    form = PinForm({"paragraph": "1"}, place="paragraph")
    assert form.errors["link"] == ["Choose the criterion that it shows"]
    assert PinForm({"paragraph": "1", "link": str(uuid.uuid4())}, place="paragraph").is_valid()
    assert PlaceForm({}, place="").is_valid(), "evidence without places; the verb refuses"


_whole = st.integers(-5, WHOLE + 5)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(x=_whole, y=_whole, width=_whole, height=_whole, page=st.integers(-1, 10**7))
def test_a_region_that_is_taken_lies_inside_its_page(x: int, y: int, width: int, height: int, page: int) -> None:
    form = NoteForm({"page": page, "x": x, "y": y, "width": width, "height": height}, place="page")
    inside = 0 <= x <= WHOLE - width and 0 <= y <= WHOLE - height and width >= 1 and height >= 1
    assert form.is_valid() == (inside and 1 <= page <= 10**6)
    if form.is_valid():
        assert form.spot == Spot("page", page, x, y, width, height)


@given(seconds=st.integers(0, 359_999))
def test_a_time_is_read_as_it_is_written(seconds: int) -> None:
    assert seconds_of(clock_words(seconds * 1000)) == seconds


@given(text=st.text(max_size=15))
def test_any_text_is_a_time_or_none(text: str) -> None:
    found = seconds_of(text)
    assert found is None or 0 <= found < 360_000


def test_the_order_of_pins_in_the_database_does_not_change_their_digest(unit: LearnerUnit) -> None:
    link, by = link_of(unit), unit.learner.user
    pin = add_pin(by=by, link=link, spot=PARAGRAPH)
    made = submissions.draft_submission(by=by, learner_unit=unit, criteria=[link.criterion], links=[link])
    before = pins_digest(made)
    other = add_pin(by=by, link=link, spot=Spot("paragraph", 1))
    assert pins_digest(made) != before
    remove_pin(by=by, pin=other)
    assert pins_digest(made) == before
    assert canonical({"a": str(replace(PARAGRAPH, number=1).number)})
    assert pin.words_of(vars(pin)) == "paragraph 2"
