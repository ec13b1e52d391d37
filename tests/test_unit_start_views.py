"""Beginning a unit in the browser, by forms alone: pasted, corrected, begun; packed, taken in, downloaded again."""

from __future__ import annotations

import html
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from content.authoring import writing
from content.authoring.archives import packed, unpacked
from content.canonical import files_of
from content.checks import check
from content.models import DraftFile, UnitDraft, UnitEdition
from content.publishing import publish, source_of
from courseware.people.models import Centre
from courseware.people.workflow import set_author
from tests import hostile_archives, make
from tests.people_builders import administrator_of, make_centre, make_member

from .content_builders import TINY

pytestmark = pytest.mark.django_db
COSTS = [5, 5, 5, 7]  # session, person and grants among them
PASTED = (Path(__file__).parent / "specifications" / "labelled.txt").read_text(encoding="utf-8")


@pytest.fixture
def centre() -> Centre:
    return make_centre()


def author(centre: Centre) -> Client:
    """The browser of a tutor who writes units."""
    member = make_member(centre, "tutor")
    set_author(by=administrator_of(centre), membership=member, author=True)
    client = Client()
    client.force_login(make.fresh(member.user))
    return client


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def key() -> dict[str, str]:
    return {"key": str(uuid.uuid4())}


def fields(answer: Any) -> dict[str, str]:
    """What the page's form holds, as a browser would send it."""
    page = answer.content.decode()
    form = page[page.index("<form", page.index("<main")) :]
    form = form[: form.index("</form>")]
    found: dict[str, str] = {}
    for tag in re.findall(r"<input\b[^>]*>", form):
        name, value = (re.search(rf'\b{what}="([^"]*)"', tag) for what in ("name", "value"))
        if name and name[1] != "csrfmiddlewaretoken":
            found[name[1]] = html.unescape(value[1]) if value else ""
    for name, value in re.findall(r'<textarea\b[^>]*\bname="([^"]+)"[^>]*>(.*?)</textarea>', form, flags=re.DOTALL):
        found[name] = html.unescape(value).removeprefix("\r\n").removeprefix("\n")
    return found


def paste(client: Client, words: str) -> Any:
    return client.post(reverse("unit-start"), {"pasted": words, **key()})


def check_it(client: Client, sent: dict[str, str]) -> Any:
    return client.post(reverse("unit-correct"), sent)


def upload(client: Client, data: bytes, **more: Any) -> Any:
    return client.post(reverse("unit-upload"), {"file": SimpleUploadedFile("u.zip", data), **key(), **more})


def nothing_begun() -> bool:
    return not UnitDraft.objects.exists() and not DraftFile.objects.exists()


def test_a_specification_is_pasted_corrected_and_begun_by_forms_alone(centre: Centre) -> None:
    client = author(centre)
    assert reverse("unit-upload") in text(client.get(reverse("unit-start")))
    answer = paste(client, PASTED + "\nAssessment method: portfolio\n")
    assert answer.status_code == 200
    assert "Three outcomes and 8 criteria were read" in text(answer)
    assert "Assessment method: portfolio" in text(answer)
    assert nothing_begun()
    sent = fields(answer)
    assert (sent["code"], sent["title"], sent["level"]) == ("12", "Keeping Bees in Towns", "3")
    sent["outline"] = sent["outline"].replace("Describe the work", "Ponder the work")
    answer = check_it(client, sent)
    assert answer.status_code == 422
    assert "1.1: ‘Ponder’" in text(answer) or "1.1: &#x27;Ponder&#x27; is not a known command verb." in text(answer)
    assert nothing_begun()
    sent = fields(answer)
    sent["outline"] = sent["outline"].replace("Ponder the work", "Outline the work")
    answer = check_it(client, sent)
    draft = UnitDraft.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (303, reverse("unit-draft", args=[draft.uid]))
    assert (draft.centre, draft.code, draft.files.count()) == (centre, "12", 12)
    source = writing.source_in(draft)
    assert source.criteria[0].statement == "Outline the work of queen, workers and drones in each season"
    assert source.criteria[0].title == "The work of queen, workers and drones in each season"
    begun = sum("not written yet" in file.text for file in draft.files.all())
    assert begun > 8
    overview = text(client.get(reverse("unit-draft", args=[draft.uid])))
    assert f"{begun} files are not written yet." in overview
    assert overview.count("To be written") == begun
    assert f"{begun} files are not written yet" in text(client.get(reverse("unit-draft-publish", args=[draft.uid])))


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("code", "", "Fill in “Unit number”"),
        ("code", "a b", "A unit number holds letters, digits, - and _ only."),
        ("level", "9", "Level: write a whole number from 1 to 8."),
        ("credit_value", "", "Fill in “Credit value”"),
        ("review_on", "soon", "Unit review date: write it like 31 December 2027."),
        ("outline", "1 Know bees\nName a bee", "Line 2: Begin the line with the number"),
        ("outline", "1 Know bees", "1: outcome 1 has no criterion."),
        ("outline", "1 Know bees\n1.1 " + "Name " * 120, "must not be longer than 500 characters"),
        ("outline", "1 Know bees\n1.1 Name a bee\n> " + "x " * 600, "must not be longer than 1000 characters"),
    ],
)
def test_what_is_not_right_yet_comes_back_beside_its_field_and_begins_nothing(
    centre: Centre, name: str, value: str, says: str
) -> None:
    client = author(centre)
    answer = check_it(client, fields(paste(client, PASTED)) | {name: value})
    assert answer.status_code == 422
    assert says in html.unescape(text(answer))
    assert fields(answer)[name].strip() == value.strip()
    assert "Keeping Bees in Towns" in fields(answer)["pasted"]
    assert nothing_begun()


def test_nothing_pasted_and_too_much_pasted_are_told(centre: Centre) -> None:
    client = author(centre)
    for words, says in (("", "Paste the specification."), ("x" * 100_001, "longer than 100,000 characters")):
        answer = paste(client, words)
        assert answer.status_code == 422
        assert says in text(answer)


def test_a_paste_of_nothing_but_markup_is_shown_as_text(centre: Centre) -> None:
    answer = paste(
        author(centre), "Unit 1: Bees\n1. Know <script>sentinel()</script>\n1.1 Name <b>a</b> bee\n<img src=x>"
    )
    assert "<script>sentinel" not in answer.content.decode()
    assert "<img src=x>" not in answer.content.decode()
    assert "Know &lt;script&gt;sentinel()" in text(answer)


def test_a_page_of_pieces_that_were_not_recognised_stays_short(centre: Centre) -> None:
    answer = paste(author(centre), "Bees\n" + "".join(f"A sentence {'x' * n} of a novel.\n" for n in range(300)))
    assert text(answer).count("of a novel.</li>") == 100
    assert "And 200 more.</p>" in text(answer)


def test_what_was_taken_for_the_foot_of_pages_is_shown(centre: Centre) -> None:
    answer = paste(author(centre), (Path(__file__).parent / "specifications" / "pages.txt").read_text())
    assert "Line 9: Version 2.1 © Brookside Awards 2025" not in text(answer)
    assert "Line 7: Version 2.1 © Brookside Awards 2025" in text(answer)


def test_a_unit_that_is_being_written_is_not_begun_twice(centre: Centre) -> None:
    client = author(centre)
    sent = fields(paste(client, PASTED))
    assert check_it(client, sent).status_code == 303
    answer = check_it(client, sent)
    assert answer.status_code == 409
    assert "Unit 12 is being written already." in text(answer)
    assert UnitDraft.objects.count() == 1


def test_a_packed_unit_is_taken_in_and_downloaded_to_the_byte(centre: Centre) -> None:
    client = author(centre)
    data = packed(files_of(check(TINY)), "101")
    answer = upload(client, data)
    draft = UnitDraft.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (303, reverse("unit-draft", args=[draft.uid]))
    got = client.get(reverse("unit-draft-download", args=[draft.uid]))
    assert (got.headers["Content-Type"], got.headers["X-Content-Type-Options"]) == ("application/zip", "nosniff")
    assert got.headers["Content-Disposition"] == 'attachment; filename="unit-101-draft.zip"'
    assert got.content == data


def test_what_the_loader_publishes_and_what_the_browser_publishes_have_the_same_digests(centre: Centre) -> None:
    client = author(centre)
    house = publish(check(TINY))
    data = client.get(reverse("edition-download", args=[house.uid])).content
    upload(client, data)
    draft = UnitDraft.objects.get()
    own = writing.publish_draft(
        by=draft.made_by, draft=draft, note="Ours now.", seen=writing.state_of(draft), key=uuid.uuid4()
    )
    assert (own.specification.digest, own.lessons_digest) == (house.specification.digest, house.lessons_digest)
    assert source_of(own) == source_of(house)
    assert client.get(reverse("edition-download", args=[own.uid])).content == data


@pytest.mark.parametrize(
    "name", ["a link", "a bomb", "a password", "a figure with a script", "lines that end as on Windows"]
)
def test_a_packed_unit_with_a_trap_or_a_fault_is_told_and_begins_nothing(centre: Centre, name: str) -> None:
    make_it, says = hostile_archives.ARCHIVES[name]
    answer = upload(author(centre), make_it())
    assert answer.status_code == 422
    assert (says if isinstance(says, str) else says[0]) in html.unescape(text(answer))
    assert nothing_begun()


def test_an_archive_may_take_the_place_of_a_draft_whose_text_is_kept(centre: Centre) -> None:
    client = author(centre)
    data = packed(files_of(check(TINY)), "101")
    assert upload(client, data, over="on").status_code == 303
    old = UnitDraft.objects.get()
    answer = upload(client, data)
    assert answer.status_code == 409
    assert "Unit 101 is being written already." in text(answer)
    assert UnitDraft.objects.get().put_away_at is None
    base = publish(check(TINY))
    UnitDraft.objects.filter(pk=old.pk).update(base=base)
    other = hostile_archives.changed("unit.md", b"Learn to make", b"Learn how to make")
    assert upload(client, other, over="on").status_code == 303
    old.refresh_from_db()
    new = UnitDraft.objects.open().get()
    assert old.put_away_at is not None
    assert (new.base, old.files.count()) == (base, new.files.count())
    assert "Learn how to make" in new.files.get(path="unit.md").text
    assert "Learn to make" in old.files.get(path="unit.md").text


def test_no_file_is_told(centre: Centre) -> None:
    answer = author(centre).post(reverse("unit-upload"), key())
    assert answer.status_code == 422
    assert "Choose a file" in text(answer)


def test_only_who_writes_units_begins_them_and_only_for_their_centre(centre: Centre) -> None:
    client, other = author(centre), make_centre()
    sent = fields(paste(client, PASTED)) | {"centre": str(other.uid)}
    assert check_it(client, sent).status_code == 404
    assert upload(client, packed(files_of(check(TINY)), "101"), centre=str(other.uid)).status_code == 404
    tutor = Client()
    tutor.force_login(make.fresh(make_member(centre, "tutor").user))
    assert [tutor.get(reverse(name)).status_code for name in ("unit-start", "unit-upload")] == [403, 403]
    assert paste(tutor, PASTED).status_code == 403
    assert nothing_begun()


def test_another_centres_draft_and_edition_are_not_there(centre: Centre) -> None:
    client = author(centre)
    upload(client, packed(files_of(check(TINY)), "101"))
    draft = UnitDraft.objects.get()
    writing.publish_draft(by=draft.made_by, draft=draft, note="So.", seen=writing.state_of(draft))
    edition = UnitEdition.objects.get()
    far = author(make_centre())
    assert far.get(reverse("unit-draft-download", args=[draft.uid])).status_code == 404
    assert far.get(reverse("edition-download", args=[edition.uid])).status_code == 404
    assert client.get(reverse("edition-download", args=[edition.uid])).status_code == 200


def test_a_draft_with_faults_is_downloaded_as_it_stands(centre: Centre) -> None:
    client = author(centre)
    upload(client, packed(files_of(check(TINY)), "101"))
    draft = UnitDraft.objects.get()
    row = draft.files.get(path="1/1.1-leaves-and-water.md")
    writing.save_file(by=draft.made_by, draft=draft, path=row.path, text="Not a lesson yet", seen=row.revision)
    data = client.get(reverse("unit-draft-download", args=[draft.uid])).content
    assert unpacked(data)[row.path] == b"Not a lesson yet"


@pytest.mark.parametrize("rows", [1, 4])
def test_the_pages_cost_the_same_however_many_drafts_and_units_there_are(centre: Centre, rows: int) -> None:
    client = author(centre)
    edition = publish(check(TINY))
    for n in range(rows):
        answer = check_it(client, fields(paste(client, PASTED)) | {"code": f"{n}"})
        assert answer.status_code == 303
    by = UnitDraft.objects.order_by("pk")
    costs = []
    for address in (
        reverse("unit-start"),
        reverse("unit-upload"),
        reverse("unit-draft-download", args=[by[0].uid]),
        reverse("edition-download", args=[edition.uid]),
    ):
        client.get(address)
        with CaptureQueriesContext(connection) as told:
            assert client.get(address).status_code == 200
        costs.append(len(told))
    assert costs == COSTS
