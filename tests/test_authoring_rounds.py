"""Whatever is edited and published: written out and loaded again, by folder or by archive, it has the same digests."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from content.authoring import numbering, structure, writing
from content.authoring.archives import packed, unit_in
from content.authoring.picturing import add_picture, line_of
from content.canonical import files_of, lessons_digest, specification_digest
from content.checks import check
from content.frontmatter import write
from content.models import UnitDraft, UnitEdition
from content.publishing import digest_faults, publish, source_of
from content.schema import CRITERION_KEYS, FaultyUnit
from content.shelf import whole
from courseware.kit.verdict import NotNow
from courseware.people.models import User
from courseware.people.workflow import set_author
from tests import make
from tests.people_builders import administrator_of, make_centre, make_member

from .content_builders import TINY, raster
from .content_builders import source_of as read_once
from .test_content_loader import awkward

pytestmark = [pytest.mark.django_db, pytest.mark.unmeasured]
Edit = Callable[[User, UnitDraft], None]
words = st.lists(st.one_of(awkward, st.sampled_from(["tea", "pot", "warm"])), min_size=1, max_size=8)
line = words.map(" ".join).map(str.strip).filter(bool)
paragraph = line.map(lambda text: f"So: {text}".replace("<", "").replace("[", "").replace("&", ""))


def save(by: User, draft: UnitDraft, path: str, text: str) -> None:
    row = draft.files.filter(path=path).first()
    writing.save_file(by=by, draft=draft, path=path, text=text, seen=row.revision if row else 0)


def _in_file(path: str, change: Callable[[str], str]) -> Edit:
    def edit(by: User, draft: UnitDraft) -> None:
        row = draft.files.filter(path=path).first()
        if row:
            save(by, draft, path, change(row.text))

    return edit


def _criterion(place: int, statement: str) -> Edit:
    number = f"2.{place}"
    values = {"number": number, "statement": f"Explain {statement}"[:400], "title": f"Tea {place}", "study_minutes": 5}
    text = write(values, "A text of its own.", CRITERION_KEYS)
    return lambda by, draft: save(by, draft, f"2/{number}-more.md", text)


def _remove(path: str) -> Edit:
    def edit(by: User, draft: UnitDraft) -> None:
        if draft.files.filter(path=path).exists() and not (gone := structure.removal_of(draft, path)).refusal:
            structure.remove_part(by=by, draft=draft, path=path, seen=gone.seen)

    return edit


def _picture(path: str, side: int) -> Edit:
    """A picture of one of three sizes, put into a lesson."""

    def edit(by: User, draft: UnitDraft) -> None:
        lesson = draft.files.filter(path=path).first()
        if lesson is None:  # taken out, or it has another number
            return
        row = add_picture(by=by, draft=draft, raster=raster(side), words="A pot")
        line = line_of(row.path, 'A [pot] & "cup"', 'Seen "warm"')
        save(by, draft, path, f"{lesson.text}\n{line}\n")

    return edit


def _put_in(which: int, statement: str) -> Edit:
    """One more criterion, at one of the places that there are."""

    def edit(by: User, draft: UnitDraft) -> None:
        places = numbering.places_in(writing.texts_of(draft))
        number = places[which % len(places)].number
        with contextlib.suppress(NotNow):  # it says what another one says
            structure.add_criterion(by=by, draft=draft, number=number, statement=f"Explain {statement}"[:400])

    return edit


def _outcome(which: int, statement: str) -> Edit:
    """One more outcome, at one of the places that there are."""

    def edit(by: User, draft: UnitDraft) -> None:
        places = numbering.outcome_places_in(writing.texts_of(draft))
        number, says = places[which % len(places)].number, f"Describe {statement}"[:400]
        with contextlib.suppress(NotNow):
            structure.add_outcome(
                by=by, draft=draft, number=number, statement=f"Know {statement}"[:400], criterion=says
            )

    return edit


LESSONS = ["1/1.1-leaves-and-water.md", "1/1.2-heat-and-time.md"]
edits: st.SearchStrategy[Edit] = st.one_of(
    st.builds(lambda path, text: _in_file(path, lambda old: f"{old}\n{text}\n"), st.sampled_from(LESSONS), paragraph),
    st.builds(
        lambda text: _in_file("unit.md", lambda old: old.replace("Making a Pot", f"Making a {text} Pot")),
        st.sampled_from(["Large", "Warm", "'Good'", "Round"]),
    ),
    st.builds(
        lambda text: _in_file("glossary.md", lambda old: f"{old}\n## {text}\n\nA word for it.\n"),
        st.from_regex(r"[A-Z][a-z]{2,9}", fullmatch=True),
    ),
    st.builds(_picture, st.sampled_from(LESSONS), st.integers(20, 22)),
    st.builds(_remove, st.just("figures/a-pot.webp")),
    st.builds(_criterion, st.integers(2, 4), line),
    st.builds(_remove, st.sampled_from([f"2/2.{n}-more.md" for n in (2, 3, 4)])),
    st.builds(_remove, st.sampled_from([LESSONS[0], "2/outcome.md", "3/outcome.md"])),
    st.builds(_put_in, st.integers(0, 9), line),
    st.builds(_outcome, st.integers(0, 9), line),
)


def published(by: User, draft: UnitDraft) -> UnitEdition | None:
    """The edition, if the draft has no fault and says something new."""
    try:
        with transaction.atomic():
            return writing.publish_draft(
                by=by, draft=draft, note="New.", seen=writing.state_of(draft), key=uuid.uuid4()
            )
    except (FaultyUnit, NotNow):
        return None


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(edits, min_size=1, max_size=4), min_size=1, max_size=3))
def test_any_edits_published_written_out_and_loaded_have_the_same_digests(tmp_path_factory, rounds):
    with transaction.atomic():
        centre = make_centre()
        member = make_member(centre, "tutor")
        set_author(by=administrator_of(centre), membership=member, author=True)
        by = make.fresh(member.user)
        draft = writing.begin_draft(by=by, centre=centre, edition=publish(read_once(TINY)))
        for changes in rounds:
            for change in changes:
                change(by, draft)
            edition = published(by, draft)
            if edition is None:
                continue
            files = files_of(source_of(edition))
            folder = tmp_path_factory.mktemp("unit")
            for path, data in whole(files).items():
                (folder / path).parent.mkdir(exist_ok=True)
                (folder / path).write_bytes(data)
            for again in (check(folder), unit_in(packed(whole(files), "101")), writing.source_in(draft)):
                assert specification_digest(again) == edition.specification.digest
                assert lessons_digest(again) == edition.lessons_digest
                assert files_of(again) == files
            assert digest_faults() == []
        transaction.set_rollback(True)


def test_the_edits_of_that_test_do_lead_to_editions_of_both_kinds():
    centre = make_centre()
    member = make_member(centre, "tutor")
    set_author(by=administrator_of(centre), membership=member, author=True)
    by = make.fresh(member.user)
    house = publish(read_once(TINY))
    draft = writing.begin_draft(by=by, centre=centre, edition=house)
    first = None
    for change in (
        _picture(LESSONS[1], 21),
        _in_file(LESSONS[0], lambda old: f"{old}\nSo: tea\n"),
        _criterion(2, "tea"),
        _remove("2/2.2-more.md"),
    ):
        change(by, draft)
        edition = published(by, draft)
        assert edition is not None
        first = first or edition
    assert (edition.number, edition.specification) == (4, first.specification)
    assert first.specification.digest == house.specification.digest
