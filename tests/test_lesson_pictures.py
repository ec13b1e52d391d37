"""A picture in a lesson: from an author's machine to a learner's page, by the same rules as the lesson."""

from __future__ import annotations

import html
import io
import re
from pathlib import Path

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from assessment.views.author import pictures
from content.authoring import picturing, structure, writing
from content.authoring.archives import unit_in
from content.authoring.picturing import add_picture, line_of
from content.canonical import files_of, lessons_digest, specification_digest
from content.checks import check
from content.models import Picture, UnitDraft
from content.pictures import named_by
from content.publishing import digest_faults, publish, source_of
from content.schema import FaultyUnit
from courseware.kit import clock, rasters
from courseware.kit.markdown import render
from courseware.kit.verdict import NotYours, Stale
from courseware.people.models import User
from tests import make
from tests.people_builders import make_centre, make_member
from tests.study_pages import client_of, cost_of, page_of

from .content_builders import TINY, change, copy_of_tiny, raster
from .files import image
from .test_author_views import SCRIPT, fields
from .test_authoring_writing import LESSON, author_of, change_of, publish_it

pytestmark = pytest.mark.django_db


def sent(data: bytes = b"", name: str = "image.png", **more: str) -> dict[str, object]:
    """What the panel sends; the browser's word for what it is counts for nothing."""
    return {"picture": SimpleUploadedFile(name, data, "image/png"), "words": "A warm pot", "caption": ""} | more


def test_a_picture_goes_from_an_authors_machine_to_a_learners_page() -> None:
    centre = make_centre()
    by, away = author_of(centre), author_of(make_centre())
    draft = change_of(by, centre)
    _put_in(by, draft)
    assert client_of(away).post(f"/author/{draft.uid}/picture/{LESSON}", sent(image())).status_code == 404
    _previewed(by, away, draft)
    _read(by, away, draft)


def _put_in(by: User, draft: UnitDraft) -> None:
    client, add = client_of(by), f"/author/{draft.uid}/picture/{LESSON}"
    # A script gets the line; without words, or without a picture, the sentence that is missing, and nothing is kept.
    for given, says in (
        (sent(image(), words=""), "Say what the picture shows"),
        (sent(b""), rasters.EMPTY),
        (sent(b"<svg/>"), rasters.NO_PICTURE),
        ({"words": "A pot"}, "Choose a picture."),
    ):
        answer = client.post(add, given, headers=SCRIPT)
        assert answer.status_code == 422
        assert says in answer.json()["reason"]
    assert not Picture.objects.exists()
    said = client.post(add, sent(image(size=(300, 200)), caption='"Warm" first'), headers=SCRIPT).json()
    assert said["line"] == '![A warm pot](../figures/a-warm-pot.webp "\\"Warm\\" first")'

    # Without a script the editor comes back with what was typed and the line below it, not saved.
    typed = fields(draft, LESSON, body="Warm it.")
    answer = client.post(add, typed | sent(image(size=(300, 200))))
    assert answer.status_code == 200
    assert "Warm it.\n\n![A warm pot](../figures/a-warm-pot.webp)</textarea>" in html.unescape(answer.content.decode())
    assert "Warm it." not in draft.files.get(path=LESSON).text
    answer = client.post(add, typed | sent(b"no picture"))
    assert answer.status_code == 422
    assert "Warm it.</textarea>" in answer.content.decode()
    assert rasters.NO_PICTURE in html.unescape(answer.content.decode())
    assert draft.files.filter(path__startswith="figures/", path__endswith=".webp").count() == 1
    assert client.post(f"/author/{draft.uid}/picture/1/outcome.md", sent(image())).status_code == 404
    # The clock stands still: a minute that turns over between two of these begins to count anew.
    with pytest.MonkeyPatch.context() as patch, time_machine.travel(clock.now(), tick=False):
        patch.setattr("courseware.kit.editor.views.PER_MINUTE", pictures.PREVIEWS)
        assert client.post(add, sent(image()), headers=SCRIPT).status_code == 429
        answer = client.post(add, typed | sent(image()))
        assert answer.status_code == 422
        assert pictures.PAUSE in answer.content.decode()
        assert "Warm it.</textarea>" in answer.content.decode()


def _previewed(by: User, away: User, draft: UnitDraft) -> None:
    """The preview shows it, to the draft's authors alone."""
    client, editor = client_of(by), f"/author/{draft.uid}/edit/{LESSON}"
    line = line_of("figures/a-warm-pot.webp", "A warm pot", '"Warm" first')
    assert client.post(editor, fields(draft, LESSON, body=f"Warm it.\n\n{line}")).status_code == 303
    page = page_of(by, editor)
    found = re.search(r'<img src="([^"]+)" alt="A warm pot" width="300" height="200" loading="lazy">', page)
    assert found
    assert "<figcaption>&quot;Warm&quot; first</figcaption>" in page or '<figcaption>"Warm" first</figcaption>' in page
    assert client.get(found[1]).status_code == 200
    assert client_of(away).get(found[1]).status_code == 404
    assert client.get(f"/author/{draft.uid}/pictures/tea.webp").status_code == 404


def _read(by: User, away: User, draft: UnitDraft) -> None:
    """Published, a learner of the unit sees it, and nobody who does not read the unit."""
    edition = publish_it(by, draft)
    cohort = make.cohort(draft.centre, spec=edition.specification)
    unit = make.learner_unit(cohort)
    page = page_of(unit.learner.user, "/units/101/1.1/")
    found = re.search(r'<img src="(/units/101/pictures/a-warm-pot.webp\?v=[0-9a-f]{8})" alt="A warm pot" ', page)
    assert found
    reader = client_of(unit.learner.user)
    answer = reader.get(found[1])
    assert Image.open(io.BytesIO(answer.content)).size == (300, 200)
    assert answer["Content-Type"] == "image/webp"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "private, max-age=86400, immutable"
    assert reader.get(found[1], headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert reader.get(found[1].partition("?")[0])["Cache-Control"] == "private, no-cache"
    assert reader.get(found[1][:-1] + "%00z").status_code == 404
    assert reader.get("/units/101/pictures/pot.svg").status_code == 404
    assert page_of(by, "/units/101/1.1/").count(found[1]) == 1
    assert client_of(by).get(found[1]).status_code == 200
    stranger = make.learner_unit(make.cohort(make_centre())).learner.user  # reads the house's unit of that code
    nobody = make_member(make_centre(), "learner").user
    for other in (away, stranger, nobody):
        assert client_of(other).get(found[1]).status_code == 404


def test_a_picture_costs_the_same_whatever_there_is_and_a_lesson_no_statement_more(tmp_path: Path) -> None:
    folder = copy_of_tiny(tmp_path)
    plain = make.learner_unit(make.cohort(spec=publish(check(folder)).specification)).learner.user
    page_of(plain, "/units/101/1.1/")  # a first look is kept
    before = cost_of(plain, "/units/101/1.1/")
    lines = []
    for number in range(20, 24):
        (folder / f"figures/p{number}.webp").write_bytes(raster(number).data)
        lines.append(f"![Pot {number}](../figures/p{number}.webp)")
    change(folder, LESSON, "![", "\n\n".join([*lines, "!["]))
    publish(check(folder))
    assert cost_of(plain, "/units/101/1.1/") == before
    assert page_of(plain, "/units/101/1.1/").count("<img ") == 4
    for number in (20, 23):
        assert cost_of(plain, f"/units/101/pictures/p{number}.webp") == 6


def test_by_folder_archive_and_browser_it_is_the_same_edition(tmp_path: Path) -> None:
    centre, elsewhere = make_centre(), make_centre()
    by = author_of(centre)
    draft = change_of(by, centre)
    row = add_picture(by=by, draft=draft, raster=raster(), words="Übung: ein Pot, & mehr!")
    assert row.path == "figures/ubung-ein-pot-mehr.webp"
    text = draft.files.get(path=LESSON)
    writing.save_file(by=by, draft=draft, path=LESSON, text=f"{text.text}\n{line_of(row.path, 'A pot')}\n", seen=1 + 1)
    own = publish_it(by, draft)
    digests = (own.specification.digest, own.lessons_digest)

    client = client_of(by)
    for address in (f"/author/edition/{own.uid}/download/", f"/author/{draft.uid}/download/"):
        data = client.get(address).content
        again = unit_in(data)
        assert (specification_digest(again), lessons_digest(again)) == digests
        assert raster().data in data
    other = author_of(elsewhere)
    packed = SimpleUploadedFile("u.zip", data, "application/zip")
    answer = client_of(other).post("/author/upload/", {"centre": elsewhere.uid, "file": packed, "key": own.uid})
    assert answer.status_code in (302, 303)
    theirs = UnitDraft.objects.get(centre=elsewhere)
    taken = publish_it(other, theirs)
    assert (taken.specification.digest, taken.lessons_digest) == digests
    assert Picture.objects.count() == 1

    house = publish(again)  # as load_unit does with a folder
    call_command("dump_unit", "101", str(tmp_path / "101"), stdout=io.StringIO())
    assert (tmp_path / "101" / row.path).read_bytes() == raster().data
    assert publish(check(tmp_path / "101")) == house
    assert files_of(source_of(house)) == files_of(check(tmp_path / "101"))
    assert digest_faults() == []

    # A picture changed in the folder is another edition's: its digest says so.
    (tmp_path / "101" / row.path).write_bytes(raster(25).data)
    assert lessons_digest(check(tmp_path / "101")) != house.lessons_digest


def test_bytes_that_changed_or_are_gone_are_found() -> None:
    centre = make_centre()
    by = author_of(centre)
    draft = change_of(by, centre)
    row = add_picture(by=by, draft=draft, raster=raster(), words="A pot")
    text = draft.files.get(path=LESSON)
    writing.save_file(by=by, draft=draft, path=LESSON, text=f"{text.text}\n{line_of(row.path, 'A pot')}\n", seen=2)
    publish_it(by, draft)
    Picture.objects.bulk_create([Picture(digest="f" * 64, data=b"other")])
    assert digest_faults() == ["Picture ffffffff: the bytes do not match their digest"]
    forged = line_of("figures/x.webp", "x")
    draft.files.create(path="figures/x.webp", text=f"picture sha256:{'e' * 64} 2x2 9\n", changed_by=by)
    writing.save_file(
        by=by, draft=draft, path="2/2.1-serving.md", text=_with(draft, "2/2.1-serving.md", forged), seen=1
    )
    own = publish_it(by, draft)
    assert f"{own}: the picture x.webp is gone" in digest_faults()


def _with(draft: UnitDraft, path: str, line: str) -> str:
    return f"{draft.files.get(path=path).text}\n{line}\n"


def test_a_picture_is_no_text_and_is_taken_out_by_the_revision_that_was_seen() -> None:
    centre = make_centre()
    by = author_of(centre)
    draft = change_of(by, centre)
    row = add_picture(by=by, draft=draft, raster=raster(), words="A pot")
    assert add_picture(by=by, draft=draft, raster=raster(), words="Another name") == row
    assert add_picture(by=by, draft=draft, raster=raster(25), words="A pot").path == "figures/a-pot-2.webp"
    assert add_picture(by=by, draft=draft, raster=raster(26), words="?!").path == "figures/picture.webp"
    long = add_picture(by=by, draft=draft, raster=raster(27), words="Long " * 40 + "x" * 90)
    assert len(long.path) <= 60
    with pytest.raises(ValidationError, match="not written as text"):
        writing.save_file(by=by, draft=draft, path=row.path, text=row.text, seen=1)
    with pytest.raises(NotYours):
        add_picture(by=author_of(make_centre()), draft=draft, raster=raster(28), words="A pot")
    address = f"/author/{draft.uid}/edit/{row.path}"
    client = client_of(by)
    page = client.get(address).content.decode()
    assert "No lesson shows it" in page
    assert "![What it shows](../figures/a-pot.webp)" in page
    text = draft.files.get(path=LESSON)
    writing.save_file(by=by, draft=draft, path=LESSON, text=f"{text.text}\n{line_of(row.path, 'A pot')}\n", seen=2)
    assert "Lesson 1.1" in client.get(address).content.decode()
    with pytest.raises(Stale):
        structure.remove_part(by=by, draft=draft, path=row.path, seen="7")
    key = str(draft.uid)
    seen = structure.removal_of(draft, row.path).seen
    assert client.post(address, {"seen": "7", "key": key}).status_code == 409
    assert client.post(address, {"seen": seen, "key": key}).status_code == 303
    assert client.get(address).status_code == 404
    draft.files.create(path="figures/odd.webp", text="no line", changed_by=by)
    assert client.get(f"/author/{draft.uid}/edit/figures/odd.webp").status_code == 404
    with pytest.raises(FaultyUnit, match=r"there is no figure '../figures/a-pot\.webp'"):
        writing.source_in(draft)


def test_the_pictures_of_a_unit_are_bounded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    centre = make_centre()
    by: User = author_of(centre)
    draft = change_of(by, centre)
    with monkeypatch.context() as patch:
        patch.setattr(picturing, "TOGETHER", 10)
        with pytest.raises(ValidationError, match="together at most"):
            add_picture(by=by, draft=draft, raster=raster(), words="A pot")
        patch.setattr(picturing, "FILES", 1)
        with pytest.raises(ValidationError, match="at most 1 files"):
            add_picture(by=by, draft=draft, raster=raster(), words="A pot")
    folder = copy_of_tiny(tmp_path)
    (folder / "figures/pot.webp").write_bytes(raster().data)
    monkeypatch.setattr("content.loader.TOGETHER", 10)
    with pytest.raises(FaultyUnit, match=r"figures/pot\.webp:1: the pictures of a unit are together at most 0 MB"):
        check(folder)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("![", "![](../figures/pot.webp)\n\n![", "1/1.1-leaves-and-water.md:10: a figure needs words between"),
        ("![", "![Pot](../figures/cup.webp)\n\n![", "1/1.1-leaves-and-water.md:10: there is no figure"),
        ("![", "See ![Pot](../figures/pot.webp) here.\n\n![", "1/1.1-leaves-and-water.md:10: a figure is a paragraph"),
    ],
)
def test_a_picture_without_words_or_in_a_line_is_a_fault(tmp_path: Path, old: str, new: str, says: str) -> None:
    folder = copy_of_tiny(tmp_path)
    (folder / "figures/pot.webp").write_bytes(raster().data)
    change(folder, LESSON, old, new)
    with pytest.raises(FaultyUnit) as faulty:
        check(folder)
    assert str(faulty.value).startswith(says)


def test_what_is_read_out_is_an_attribute_that_no_word_leaves() -> None:
    shown = [("../figures/a.webp", '<img src="/a" alt="\ue000">')]
    for words, title in (('"><script>x</script>', '"><b>'), ("&quot; onload=x", "&lt;"), ("*a* \\]", "'")):
        line = line_of("figures/a.webp", words, title)
        made = render(line, pictures=shown)
        found = re.fullmatch(
            r'<figure><img src="/a" alt="([^"<>]*)"><figcaption>([^<>]*)</figcaption></figure>\n', made
        )
        assert found, made
        assert html.unescape(found[1]) == words.replace("\\]", "\\]")
        assert html.unescape(found[2]) == title
    assert render("![a](../figures/a.webp)", pictures=shown) == '<figure><img src="/a" alt="a"></figure>\n'
    inside = 'a [t](#x) ![b](../figures/a.webp "c") d'
    opened = render(inside, pictures=shown, links=[("#x", "popover:term-t")])
    assert "<img" not in opened
    assert opened.endswith("</button> b d</p>\n")


def test_a_line_names_a_picture_and_nothing_else_does() -> None:
    named = named_by(f"picture sha256:{'a' * 64} 3x4 50\n")
    assert named
    assert (named.digest, named.width, named.height, named.size) == ("a" * 64, 3, 4, 50)
    for text in ("", f"picture sha256:{'a' * 64} 3x4 50", f"x picture sha256:{'a' * 64} 3x4 50\n", "<svg/>"):
        assert named_by(text) is None


def test_a_lesson_without_pictures_asks_for_none() -> None:
    edition = publish(check(TINY))
    with CaptureQueriesContext(connection) as asked:
        files_of(source_of(edition))
    assert not any("content_picture" in one["sql"] for one in asked)
