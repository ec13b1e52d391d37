"""The learner's evidence in the browser: adding it in three ways, reading it, replacing it, saying what it shows."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from assessment.demo import recordings, samples
from assessment.models import AccessRecord, Draft, EvidenceItem, EvidenceLink, EvidenceVersion, LearnerUnit
from assessment.readings.evidence import showable, shown, shown_list
from assessment.views.evidence.sending import mapping_address
from assessment.workflow import evidence as workflow
from assessment.workflow.drafts import save_draft
from assessment.workflow.previews import prepare_preview
from courseware.kit import clock, storage, tasks
from courseware.ledger.models import LedgerEntry
from courseware.people.models import User
from tests import files, make

pytestmark = pytest.mark.django_db


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(make.fresh(user))
    return client


@pytest.fixture
def unit() -> LearnerUnit:
    return make.learner_unit()


@pytest.fixture
def learner(unit: LearnerUnit) -> Client:
    return client_of(unit.learner.user)


def upload(name: str, data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def key() -> str:
    return str(uuid.uuid4())


def send(client: Client, unit: LearnerUnit, *sent: SimpleUploadedFile, query: str = "", once: str = "") -> Any:
    address = reverse("evidence-upload", args=[unit.uid]) + query
    return client.post(address, {"file": list(sent), "key": once or key()})


def item_with(unit: LearnerUnit, name: str, data: bytes) -> EvidenceItem:
    kept = workflow.keep_upload(unit.learner.user, unit, upload(name, data), name)
    return workflow.add_evidence(by=unit.learner.user, learner_unit=unit, title=name, kept=kept)


def page_of(client: Client, item: EvidenceItem) -> str:
    return " ".join(client.get(reverse("evidence", args=[item.uid])).content.decode().split())


# -- Writing -----------------------------------------------------------------------------------------------------------


def test_a_text_written_here_becomes_a_draft_version_and_leads_to_mapping(unit: LearnerUnit, learner: Client) -> None:
    address = reverse("evidence-write", args=[unit.uid])
    assert learner.get(address + "?criterion=1.1").status_code == 200
    sent = {"title": " My  map ", "text": "# The map\n\nSeven stages.", "key": key(), "revision": "0"}
    answer = learner.post(address + "?criterion=1.1", sent)
    version = EvidenceVersion.objects.get()
    assert (answer.status_code, version.kind, version.state) == (303, "text", "draft")
    assert answer["Location"] == reverse("evidence-map", args=[version.uid]) + "?criterion=1.1"
    assert version.item.title == "My map"
    page = learner.get(reverse("evidence-map", args=[version.uid]) + "?criterion=1.1").content.decode()
    assert page.count(" checked") == 1
    assert '-p1">The map</h3>' in page_of(learner, version.item)


def test_a_form_sent_twice_makes_one_item(unit: LearnerUnit, learner: Client) -> None:
    sent = {"title": "Map", "text": "Seven stages.", "key": key()}
    first, second = (learner.post(reverse("evidence-write", args=[unit.uid]), sent) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert EvidenceItem.objects.count() == 1


def test_a_text_of_nothing_visible_is_refused_and_what_was_typed_stays(unit: LearnerUnit, learner: Client) -> None:
    sent = {"title": "My own title", "text": " \u200b ", "key": key()}
    answer = learner.post(reverse("evidence-write", args=[unit.uid]), sent)
    assert answer.status_code == 422
    assert "Write something before you save it" in answer.content.decode()
    assert "My own title" in answer.content.decode()
    assert not EvidenceItem.objects.exists()


def test_a_text_larger_than_the_store_takes_comes_back_whole(unit: LearnerUnit, learner: Client) -> None:
    long = "\U0001f600" * 99_990 + " end"  # four bytes each, and twice that would still be a form
    monkey = pytest.MonkeyPatch()
    monkey.setattr(workflow, "TEXT_LIMIT", 1000)
    answer = learner.post(reverse("evidence-write", args=[unit.uid]), {"title": "Long", "text": long, "key": key()})
    monkey.undo()
    assert answer.status_code == 422
    assert "larger than" in answer.content.decode()
    assert " end</textarea>" in answer.content.decode()


def test_the_preview_button_shows_the_text_and_saves_nothing(unit: LearnerUnit, learner: Client) -> None:
    sent = {"title": "Map", "text": "**bold**", "key": key(), "preview": "text"}
    answer = learner.post(reverse("evidence-write", args=[unit.uid]), sent)
    assert answer.status_code == 200
    assert "<strong>bold</strong>" in answer.content.decode()
    assert not EvidenceItem.objects.exists()


def test_the_autosaved_text_is_offered_on_any_device_and_gone_once_saved(unit: LearnerUnit, learner: Client) -> None:
    about = f"evidence-{unit.uid}"
    save_draft(by=unit.learner.user, about=about, text="Half a thought", revision=0)
    address = reverse("evidence-write", args=[unit.uid])
    page = client_of(unit.learner.user).get(address).content.decode()
    assert "Half a thought" in page
    assert 'revision="1"' in page
    learner.post(address, {"title": "Map", "text": "A whole thought.", "key": key()})
    page = learner.get(address).content.decode()
    assert "Half a thought" not in page
    assert 'revision="2"' in page
    assert Draft.objects.get().text == ""


def test_a_new_version_starts_from_the_last_text_and_a_newer_draft_goes_first(
    unit: LearnerUnit, learner: Client
) -> None:
    item = make.text(unit, "Map", "The first words.")
    address = reverse("evidence-write", args=[unit.uid]) + f"?item={item.uid}"
    assert "The first words." in learner.get(address).content.decode()
    save_draft(by=unit.learner.user, about=f"version-{item.uid}", text="Better words.", revision=0)
    page = learner.get(address).content.decode()
    assert "Better words." in page
    assert "The first words." not in page
    answer = learner.post(address, {"text": "The best words.", "key": key()})
    assert answer["Location"] == reverse("evidence-map", args=[make.latest(item).uid])
    assert "The best words." in learner.get(address).content.decode()
    assert item.versions.count() == 1  # the draft was replaced


def test_a_lost_text_starts_empty(unit: LearnerUnit, learner: Client) -> None:
    item = make.text(unit, "Map", "The first words.")
    version = EvidenceVersion.objects.select_related("centre", "learner_unit").get()
    storage.evidence().path(version.address).unlink()
    assert learner.get(reverse("evidence-write", args=[unit.uid]) + f"?item={item.uid}").status_code == 200
    assert "not where the record says" in page_of(learner, item)


# -- Files -------------------------------------------------------------------------------------------------------------


def test_one_file_is_named_after_itself_and_leads_to_mapping(unit: LearnerUnit, learner: Client) -> None:
    answer = send(learner, unit, upload("larkspur_journey_map-v2.pdf", samples.pdf("Map", ["One."])))
    version = EvidenceVersion.objects.select_related("item").get()
    assert answer["Location"] == reverse("evidence-map", args=[version.uid])
    assert (version.item.title, version.format) == ("larkspur journey map-v2", "pdf")
    page = learner.get(answer["Location"]).content.decode()
    assert 'value="larkspur journey map-v2"' in page


def test_of_several_files_the_good_ones_are_saved_and_each_refused_one_is_named(
    unit: LearnerUnit, learner: Client, settings: Any
) -> None:
    settings.EVIDENCE_MAX_BYTES = 3000
    before = set(storage.evidence().partials(older_than=-1))  # what other tests left half way
    answer = send(
        learner,
        unit,
        upload("notes.txt", b"What I saw."),
        upload("empty.pdf", b""),
        upload("film.mp4", b"x" * 5000),
        upload("page.html", files.HTML),
        upload("picture.svg", files.SVG),
    )
    page = " ".join(answer.content.decode().split())
    assert answer.status_code == 422
    assert [item.title for item in EvidenceItem.objects.all()] == ["notes"]
    assert "One file saved, 4 not taken" in page
    for name in ("empty.pdf", "film.mp4", "page.html", "picture.svg"):
        assert f'<span class="upload__name">{name}</span>' in page
    assert "is empty" in page
    assert "larger than" in page
    assert "Error: Add files" in page
    assert set(storage.evidence().partials(older_than=-1)) == before


def test_several_good_files_are_mapped_one_after_the_other(unit: LearnerUnit, learner: Client) -> None:
    answer = send(
        learner, unit, upload("a.txt", b"A"), upload("b.txt", b"B"), upload("c.txt", b"C"), query="?criterion=1.2"
    )
    titles = []
    for _ in range(3):
        address = answer["Location"]
        page = learner.get(address)
        assert page.status_code == 200
        assert page.content.decode().count(" checked") == 1
        titles.append(page.context["page"].version.item.title)
        answer = learner.post(address, {"title": titles[-1], "use-1.2": "on", "why-1.2": "It shows it.", "key": key()})
    assert titles == ["a", "b", "c"]
    assert answer["Location"] == reverse("evidence", args=[EvidenceItem.objects.get(title="c").uid])
    assert EvidenceLink.objects.filter(criterion__number="1.2").count() == 3


def test_the_same_upload_sent_twice_saves_each_file_once(unit: LearnerUnit, learner: Client) -> None:
    once = key()
    for _ in range(2):
        send(learner, unit, upload("a.txt", b"A"), upload("b.txt", b"B"), once=once)
    assert EvidenceItem.objects.count() == 2


def test_no_file_at_all_is_said(unit: LearnerUnit, learner: Client) -> None:
    answer = send(learner, unit)
    assert answer.status_code == 422
    assert "Choose at least one file" in answer.content.decode()


def test_a_version_is_one_file(unit: LearnerUnit, learner: Client) -> None:
    item = make.text(unit)
    query = f"?item={item.uid}"
    assert "multiple" not in learner.get(reverse("evidence-upload", args=[unit.uid]) + query).content.decode()
    none = learner.post(reverse("evidence-upload", args=[unit.uid]) + query, {"key": key()})
    assert none.status_code == 422
    two = send(learner, unit, upload("a.txt", b"A"), upload("b.txt", b"B"), query=query)
    assert "Choose one file" in two.content.decode()
    make.submission(unit, make.criteria(unit)[0])
    done = send(learner, unit, upload("better.txt", b"Better."), query=query)
    assert done.status_code == 303
    assert make.latest(item).file_name == "better.txt"


def test_hostile_names_and_titles_stay_text(unit: LearnerUnit, learner: Client) -> None:
    name = '../../<img src=x onerror=alert(1)>"\u202egpj.txt'
    send(learner, unit, upload(name, b"Words."))
    item = EvidenceItem.objects.get()
    page = page_of(learner, item)
    assert "<img src=x" not in page
    assert "\u202e" not in page
    address = reverse("evidence-rename", args=[item.uid])
    assert learner.post(address, {"title": "<script>alert(1)</script>", "key": key()}).status_code == 303
    assert "<script>alert(1)" not in page_of(learner, item)


def test_hostile_markdown_is_harmless(unit: LearnerUnit, learner: Client) -> None:
    words = "<script>alert(1)</script> [x](javascript:alert(1)) ![y](https://elsewhere.example/z.png) <svg onload=a>"
    page = page_of(learner, make.text(unit, words=words))
    shown = page[page.index('class="version__text"') :]
    assert "<script>alert" not in shown
    assert 'href="javascript' not in shown
    assert "<img" not in shown
    assert "<svg onload" not in shown


# -- Links -------------------------------------------------------------------------------------------------------------


LINK = {"title": "Sign", "url": "https://larkspur.example/menu", "what": "The menu board.", "seen_on": "2026-11-02"}


def test_an_address_is_kept_with_what_is_there_and_when_it_was_seen(unit: LearnerUnit, learner: Client) -> None:
    address = reverse("evidence-link", args=[unit.uid])
    assert learner.get(address).status_code == 200
    answer = learner.post(address, LINK | {"key": key()})
    version = EvidenceVersion.objects.select_related("item").get()
    assert answer["Location"] == reverse("evidence-map", args=[version.uid])
    page = page_of(learner, version.item)
    assert '<a href="https://larkspur.example/menu" rel="noopener noreferrer nofollow" >' in page
    assert "Monday 2 November 2026" in page


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "ftp://a.example", "https://", "//a.example", "https://a b.example"],
)
def test_other_addresses_are_refused_and_what_was_typed_stays(unit: LearnerUnit, learner: Client, url: str) -> None:
    answer = learner.post(reverse("evidence-link", args=[unit.uid]), LINK | {"url": url, "key": key()})
    assert answer.status_code == 422
    assert "The menu board." in answer.content.decode()
    assert not EvidenceItem.objects.exists()


def test_a_day_still_to_come_is_refused_at_its_field(unit: LearnerUnit, learner: Client) -> None:
    day = (clock.now().date() + dt.timedelta(days=9)).isoformat()
    answer = learner.post(reverse("evidence-link", args=[unit.uid]), LINK | {"seen_on": day, "key": key()})
    assert answer.status_code == 422
    assert "still to come" in answer.context["form"].errors["seen_on"][0]


def test_a_link_can_be_the_next_version(unit: LearnerUnit, learner: Client) -> None:
    item = make.text(unit)
    sent = {name: value for name, value in LINK.items() if name != "title"}
    query = f"?item={item.uid}"
    answer = learner.post(reverse("evidence-link", args=[unit.uid]) + query, sent | {"key": key()})
    assert answer.status_code == 303
    assert make.latest(item).kind == "link"


# -- An item -----------------------------------------------------------------------------------------------------------


def test_every_version_stays_readable(unit: LearnerUnit, learner: Client) -> None:
    item = make.text(unit, "Map", "The first words.")
    first, *_ = make.criteria(unit)
    make.draft(unit, first, version=make.mapped(unit, first, item=item))
    from assessment.workflow import submissions

    submissions.submit(
        by=unit.learner.user, submission=unit.submissions.get(), declared=True, others="none", ai_used=False
    )
    learner.post(reverse("evidence-write", args=[unit.uid]) + f"?item={item.uid}", {"text": "Second.", "key": key()})
    page = page_of(learner, item)
    assert "Two versions" in page
    old = item.versions.get(number=1)
    old_page = learner.get(reverse("evidence-version", args=[old.uid])).content.decode()
    assert "The first words." in old_page
    assert "There is a newer version" in old_page
    assert "so it stays as it is" in page  # no renaming, no removing, and why


def test_an_item_is_renamed_and_removed_while_nothing_was_submitted(unit: LearnerUnit, learner: Client) -> None:
    first, *_ = make.criteria(unit)
    version = make.mapped(unit, first)
    item = version.item
    rename, remove = (reverse(name, args=[item.uid]) for name in ("evidence-rename", "evidence-remove"))
    assert learner.get(rename).status_code == 200
    assert learner.post(rename, {"title": "", "key": key()}).status_code == 422
    assert learner.post(rename, {"title": "Better", "key": key()}).status_code == 303
    assert "Remove Better from your portfolio?" in learner.get(remove).content.decode()
    assert learner.post(remove, {}).status_code == 422
    once = key()
    assert [learner.post(remove, {"key": once}).status_code for _ in range(2)] == [303, 303]
    assert make.status(unit, first) == "not_started"
    assert learner.get(reverse("evidence", args=[item.uid])).status_code == 404
    assert learner.get(reverse("evidence-version", args=[version.uid])).status_code == 404
    assert learner.get(reverse("version-file", args=[version.uid])).status_code == 404
    assert learner.get(reverse("evidence-map", args=[version.uid])).status_code == 404
    assert LedgerEntry.objects.filter(verb="remove_evidence").count() == 1


def test_what_was_submitted_is_neither_renamed_nor_removed(unit: LearnerUnit, learner: Client) -> None:
    item = make.text(unit, "Map")
    first, *_ = make.criteria(unit)
    make.mapped(unit, first, item=item)
    make.submission(unit, first)
    item.refresh_from_db()
    handed = EvidenceVersion.objects.exclude(state="draft").get().item
    for name, sent in (("evidence-rename", {"title": "Other"}), ("evidence-remove", {})):
        address = reverse(name, args=[handed.uid])
        assert learner.get(address).status_code == 409
        assert learner.post(address, {**sent, "key": key()}).status_code == 409
    handed.refresh_from_db()
    assert (handed.title != "Other", handed.removed_at) == (True, None)


# -- Mapping -----------------------------------------------------------------------------------------------------------


def test_a_tick_needs_its_sentence_and_nothing_else_is_lost(unit: LearnerUnit, learner: Client) -> None:
    version = make.latest(make.text(unit, "Map"))
    address = reverse("evidence-map", args=[version.uid])
    sent = {"title": "Map", "use-1.1": "on", "why-1.1": "Page 2.", "use-1.2": "on", "why-1.2": " ", "key": key()}
    answer = learner.post(address, sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Say in a sentence how this shows 1.2" in page
    assert "Page 2." in page
    assert not EvidenceLink.objects.exists()
    answer = learner.post(address, sent | {"why-1.2": "Page 3.", "title": "Map, second try"})
    assert answer.status_code == 303
    assert [(link.criterion.number, link.why) for link in EvidenceLink.objects.order_by("criterion__position")] == [
        ("1.1", "Page 2."),
        ("1.2", "Page 3."),
    ]
    assert EvidenceItem.objects.get().title == "Map, second try"
    learner.post(address, {"title": "Map, second try", "why-1.1": "Page 2.", "key": key()})
    assert not EvidenceLink.objects.exists()


def test_a_mapping_that_was_handed_in_is_shown_and_stays(unit: LearnerUnit, learner: Client) -> None:
    first, second, *_ = make.criteria(unit)
    make.submission(unit, first)
    version = EvidenceVersion.objects.get()
    address = reverse("evidence-map", args=[version.uid])
    page = learner.get(address).content.decode()
    assert "Handed in: It shows 1.1 with an example." in page
    assert 'name="use-1.1"' not in page
    assert 'name="title"' not in page
    sent = {"use-1.1": "", "why-1.1": "changed", "use-1.2": "on", "why-1.2": "Too.", "title": "Other", "key": key()}
    assert learner.post(address, sent).status_code == 303
    assert {link.criterion_id: link.why for link in version.links.order_by("pk")} == {
        first.pk: "It shows 1.1 with an example.",
        second.pk: "Too.",
    }
    assert EvidenceItem.objects.get().title != "Other"


# -- In place ----------------------------------------------------------------------------------------------------------


def test_a_pdf_is_prepared_by_the_worker_and_shown_as_pictures_with_its_words(
    unit: LearnerUnit, learner: Client
) -> None:
    item = item_with(unit, "map.pdf", samples.pdf("The journey", ["Seven stages."]))
    version = make.latest(item)
    page = page_of(learner, item)
    assert "Being prepared" in page
    assert "Look again" in page
    assert learner.get(reverse("version-page", args=[version.uid, 1])).status_code == 404
    assert tasks.run_due() == 1
    version.refresh_from_db()
    assert (version.preview.state, version.preview.pages) == ("ready", 1)
    part = learner.get(reverse("evidence-version", args=[version.uid]), headers={"HX-Request": "true"})
    assert part.content.decode().lstrip().startswith("<section")
    assert "Seven stages." in part.content.decode()
    picture = learner.get(reverse("version-page", args=[version.uid, 1]))
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/webp")
    assert picture["Content-Security-Policy"] == "default-src 'none'; sandbox"
    again = learner.get(reverse("version-page", args=[version.uid, 1]), headers={"If-None-Match": picture["ETag"]})
    assert again.status_code == 304
    for number in (0, 2, 99999):
        assert learner.get(reverse("version-page", args=[version.uid, number])).status_code == 404


def test_preparing_twice_is_preparing_once(unit: LearnerUnit) -> None:
    version = make.latest(item_with(unit, "photo.png", files.image()))
    tasks.run_due()
    prepare_preview.func(str(version.uid))
    prepare_preview.func(str(uuid.uuid4()))
    version.preview.refresh_from_db()
    assert version.preview.state == "ready"


def test_a_picture_is_shown_as_a_copy(unit: LearnerUnit, learner: Client) -> None:
    item = item_with(unit, "photo.png", files.image())
    tasks.run_due()
    version = make.latest(item)
    assert reverse("version-page", args=[version.uid, 1]) in page_of(learner, item)
    assert learner.get(reverse("version-page", args=[version.uid, 1])).content[8:12] == b"WEBP"
    folder = storage.derived().folder(EvidenceVersion.objects.select_related("centre", "learner_unit").get().address)
    (folder / "copy.webp").unlink()
    assert learner.get(reverse("version-page", args=[version.uid, 1])).status_code == 404
    storage.derived().forget(EvidenceVersion.objects.select_related("centre", "learner_unit").get().address)
    assert "Download it to open it" in page_of(learner, item)


def test_a_word_document_is_shown_as_text(unit: LearnerUnit, learner: Client) -> None:
    item = item_with(unit, "audit.docx", samples.docx("Audit", ["Tools <b>and</b> data."]))
    tasks.run_due()
    page = page_of(learner, item)
    assert "Tools &lt;b&gt;and&lt;/b&gt; data." in page


def test_what_cannot_be_prepared_is_tried_again_and_said(unit: LearnerUnit, learner: Client) -> None:
    item = item_with(unit, "map.pdf", samples.pdf("Map", ["One."]))
    version = EvidenceVersion.objects.select_related("centre", "learner_unit").get()
    path = storage.evidence().path(version.address)
    data = path.read_bytes()
    path.unlink()
    with pytest.raises(FileNotFoundError):
        prepare_preview.func(str(version.uid))
    assert "It is tried again" in page_of(learner, item)
    path.write_bytes(data + b"x")
    prepare_preview.func(str(version.uid))
    assert "not those on record" in page_of(learner, item)
    path.write_bytes(data)
    prepare_preview.func(str(version.uid))
    version.preview.refresh_from_db()
    assert version.preview.state == "ready"


def test_sound_and_film_play_in_place(unit: LearnerUnit, learner: Client) -> None:
    sound = item_with(unit, "talk.mp3", recordings.mp3(1.0))
    assert f'<audio controls preload="metadata" src="{reverse("version-file", args=[make.latest(sound).uid])}"' in (
        page_of(learner, sound)
    )
    film = item_with(unit, "walk.webm", recordings.webm([Image.new("RGB", (64, 48), "navy")] * 2))
    assert "<video controls" in page_of(learner, film)


def test_tables_and_plain_texts_are_shown_escaped(unit: LearnerUnit, learner: Client) -> None:
    table = page_of(learner, item_with(unit, "churn.csv", b"Month;Churn\nJanuary;<b>4</b>\nFebruary\n"))
    assert '-c1-A1">Month</td>' in table
    assert '-c1-B2">&lt;b&gt;4&lt;/b&gt;</td>' in table
    plain = page_of(learner, item_with(unit, "notes.txt", b"a <i>b</i>\nc"))
    assert "a &lt;i&gt;b&lt;/i&gt;</span>" in plain
    many = "\n".join(["a,b", *(f"{n},{n}" for n in range(12_344))]).encode()
    assert "The first 500 of 12,345 rows are shown" in page_of(learner, item_with(unit, "many.csv", many))
    assert "only one line" in page_of(learner, item_with(unit, "one.csv", b"only one line"))


def test_a_text_that_cannot_be_read_any_more_is_said_to_be(unit: LearnerUnit) -> None:
    make.latest(item_with(unit, "notes.txt", b"Words."))
    version = showable(EvidenceVersion.objects.order_by("pk")).get()
    path = storage.evidence().path(version.address)
    path.chmod(0o600)
    path.write_bytes(b"\x00\xff\xfe\x81" * 9)
    assert "not those on record" in shown(version).note
    version.size = 10**9  # too large to be compared each time it is shown
    assert (shown(version).way, shown(version).note) == ("download", "It cannot be shown here. Download it to open it.")
    path.unlink()
    assert shown_list([version], unit.learner.user)[0].way == "gone"


def test_odd_tables_are_shown_as_far_as_they_go(unit: LearnerUnit, learner: Client) -> None:
    page = page_of(learner, item_with(unit, "gaps.csv", b"a,b\n\n1,2\n"))
    assert page.count("<tr>") == 3  # with the letters of the columns
    huge = b"a,b\n" + b'"' + b"x" * 140_000 + b'"\n'  # one cell beyond what the reader of tables takes
    assert "version__plain" in page_of(learner, item_with(unit, "huge.csv", huge))


def test_a_document_with_a_password_or_with_more_pages_than_are_drawn_says_so(
    unit: LearnerUnit, learner: Client
) -> None:
    locked = item_with(unit, "locked.pdf", files.locked_pdf())
    tasks.run_due()
    assert make.latest(locked).preview.state == "failed"
    assert "A password locks this file" in page_of(learner, locked)
    long = item_with(unit, "long.pdf", samples.pdf("Long", ["Words. " * 500] * 60))
    tasks.run_due()
    version = showable(EvidenceVersion.objects.filter(item=long)).get()
    assert version.preview.state == "partial"
    assert f"Pages 1 to 50 of {version.preview.of_pages} are shown" in page_of(learner, long)
    (storage.derived().folder(version.address) / "page-1.json").unlink()
    assert shown(version).pages[0].lines == ()


def test_a_link_is_downloaded_as_what_is_on_record(unit: LearnerUnit, learner: Client) -> None:
    learner.post(reverse("evidence-link", args=[unit.uid]), LINK | {"key": key()})
    answer: Any = learner.get(reverse("version-file", args=[EvidenceVersion.objects.get().uid]))
    assert b'"seen_on":"2026-11-02"' in b"".join(answer.streaming_content)
    assert answer["Content-Disposition"] == 'attachment; filename="Sign.json"'


def test_a_file_is_downloaded_as_it_came_and_under_its_own_name(unit: LearnerUnit, learner: Client) -> None:
    data = recordings.mp3(0.2)
    item = item_with(unit, "visits in May.mp3", data)
    answer: Any = learner.get(reverse("version-file", args=[make.latest(item).uid]))
    assert b"".join(answer.streaming_content) == data
    assert answer["Content-Disposition"] == 'attachment; filename="visits in May.mp3"'


def test_everything_else_is_a_download(unit: LearnerUnit, learner: Client) -> None:
    item = item_with(unit, "figures.mp3", recordings.mp3(0.2))
    EvidenceVersion.objects.filter(item=item).update(format="pdf")  # as one that no worker was told of
    page = page_of(learner, item)
    assert "Download it to open it" in page
    assert reverse("version-file", args=[make.latest(item).uid]) in page


# -- Budgets -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 4])
def test_pages_ask_a_fixed_number_of_times(
    rows: int, unit: LearnerUnit, learner: Client, django_assert_num_queries: Any
) -> None:
    item = make.text(unit)
    make.mapped(unit, *make.criteria(unit)[:rows], item=item)
    for _ in range(rows - 1):
        make.mapped(unit, *make.criteria(unit)[:rows], item=make.text(unit))
    version = make.latest(item)
    budgets = {
        reverse("evidence", args=[item.uid]): 8,
        reverse("evidence-version", args=[version.uid]): 8,
        reverse("evidence-map", args=[version.uid]): 11,
        reverse("evidence-rename", args=[item.uid]): 8,
        reverse("evidence-write", args=[unit.uid]): 6,
        reverse("evidence-write", args=[unit.uid]) + f"?item={item.uid}": 8,
        reverse("evidence-upload", args=[unit.uid]): 9,
        reverse("version-file", args=[version.uid]): 4,
    }
    learner.get(reverse("portfolio"))  # a look is noted once a visit
    for address, budget in budgets.items():
        with django_assert_num_queries(budget, info=address):
            answer: Any = learner.get(address)
        assert answer.status_code == 200
        if answer.streaming:
            assert b"".join(answer.streaming_content)
    assert not AccessRecord.objects.exists()


@pytest.mark.parametrize("rows", [1, 4])
def test_showing_many_versions_is_one_statement(rows: int, unit: LearnerUnit, django_assert_num_queries: Any) -> None:
    for number in range(rows):
        item_with(unit, f"photo-{number}.png", files.image(size=(60, 40 + number)))
    with django_assert_num_queries(1):
        found = shown_list(showable(EvidenceVersion.objects.order_by("pk")))
    assert [one.way for one in found] == ["waiting"] * rows


def test_of_very_many_files_as_many_are_gone_through_as_an_address_holds() -> None:
    address = mapping_address([str(uuid.uuid4()) for _ in range(200)], "1.2")
    assert len(address) < 2500
    assert address.count("%2C") == 48
