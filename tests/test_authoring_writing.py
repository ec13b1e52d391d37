"""Writing units: who may, two who write one file, and what becomes of it when it is published."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from content.authoring import structure, writing
from content.canonical import files_of
from content.checks import check
from content.models import DraftFile, UnitDraft, UnitEdition
from content.publishing import digest_faults, publish, source_of
from content.schema import FaultyUnit
from courseware.kit.verdict import NotNow, NotYours, Stale
from courseware.ledger.models import LedgerEntry
from courseware.people.models import Centre, Membership, User
from courseware.people.workflow import set_author
from tests import make
from tests.people_builders import administrator_of, make_centre, make_member

from .content_builders import TINY

pytestmark = pytest.mark.django_db
LESSON = "1/1.1-leaves-and-water.md"


def author_of(centre: Centre) -> User:
    """A tutor of the centre whom its administrator lets write units."""
    member = make_member(centre, "tutor")
    set_author(by=administrator_of(centre), membership=member, author=True)
    return make.fresh(member.user)


@pytest.fixture
def centre() -> Centre:
    return make_centre()


@pytest.fixture
def house() -> UnitEdition:
    return publish(check(TINY))


def change(by: User, draft: UnitDraft, path: str, old: str, new: str) -> DraftFile:
    row = draft.files.get(path=path)
    assert old in row.text
    return writing.save_file(by=by, draft=draft, path=path, text=row.text.replace(old, new), seen=row.revision)


def publish_it(by: User, draft: UnitDraft, note: str = "Plainer words.", **more: Any) -> UnitEdition:
    told = {"by": by, "draft": draft, "note": note, "seen": writing.state_of(draft)}
    return writing.publish_draft(**told | more)


def test_only_a_tutor_with_the_right_writes_and_only_for_their_centre(centre: Centre, house: UnitEdition) -> None:
    others: list[Membership] = [make_member(centre, role) for role in ("tutor", "learner", "iqa", "lead_iqa", "admin")]
    others.append(make_member(centre, "iqa"))
    Membership.objects.filter(pk=others[-1].pk).update(author=True)  # the right without the role
    away = author_of(make_centre())
    draft = writing.begin_draft(by=author_of(centre), centre=centre, edition=house)
    seen = structure.removal_of(draft, LESSON).seen
    for by in [*(make.fresh(one.user) for one in others), away]:
        for act in (
            lambda by=by: writing.begin_draft(by=by, centre=centre, edition=house),
            lambda by=by: writing.begin_unit(by=by, centre=centre, code="N1", files={}),
            lambda by=by: writing.save_file(by=by, draft=draft, path="unit.md", text="x", seen=1),
            lambda by=by: structure.remove_part(by=by, draft=draft, path=LESSON, seen=seen),
            lambda by=by: writing.put_away(by=by, draft=draft),
            lambda by=by: publish_it(by, draft),
            lambda by=by: writing.restore_edition(by=by, centre=centre, edition=house, note="x"),
        ):
            with pytest.raises(NotYours):
                act()
    assert UnitDraft.objects.count() == 1
    assert writing.texts_of(draft) == files_of(check(TINY))


def test_the_right_ends_with_the_tutor_role_and_when_it_is_taken(centre: Centre, house: UnitEdition) -> None:
    by = author_of(centre)
    draft = writing.begin_draft(by=by, centre=centre, edition=house)
    assert list(UnitDraft.objects.visible_to(by)) == [draft]
    set_author(by=administrator_of(centre), membership=by.memberships.get(), author=False)
    by = make.fresh(by)
    assert not UnitDraft.objects.visible_to(by).exists()
    with pytest.raises(NotYours):
        change(by, draft, LESSON, "Leaves", "Leaf")


def test_another_centres_own_unit_is_not_to_be_copied(centre: Centre) -> None:
    there = make_centre()
    own = publish_it(by := author_of(there), change_of(by, there), note="Ours.")
    with pytest.raises(NotYours, match="another centre"):
        writing.begin_draft(by=author_of(centre), centre=centre, edition=own)


def change_of(by: User, centre: Centre) -> UnitDraft:
    """A draft of the house's unit in which one lesson says more."""
    draft = writing.begin_draft(by=by, centre=centre, edition=publish(check(TINY)))
    change(by, draft, LESSON, "Leaves, fresh", "Warm hands. Leaves, fresh")
    return draft


def test_beginning_twice_is_one_draft_and_leaves_what_was_written(centre: Centre, house: UnitEdition) -> None:
    by = author_of(centre)
    draft = change_of(by, centre)
    assert writing.begin_draft(by=author_of(centre), centre=centre, edition=house) == draft
    assert "Warm hands" in draft.files.get(path=LESSON).text
    with pytest.raises(NotNow, match="is being written already"):
        writing.begin_unit(by=by, centre=centre, code="101", files={})
    writing.put_away(by=by, draft=draft)
    with pytest.raises(NotNow, match="put away"):
        change(by, draft, LESSON, "Warm", "Cold")
    fresh = writing.begin_draft(by=by, centre=centre, edition=house)
    assert fresh != draft
    assert "Warm hands" not in fresh.files.get(path=LESSON).text


def test_of_two_who_write_one_file_the_second_is_told_and_neither_loses_a_word(centre: Centre) -> None:
    one, two = author_of(centre), author_of(centre)
    draft = change_of(one, centre)
    row = draft.files.get(path=LESSON)
    seen = structure.removal_of(draft, LESSON).seen
    writing.save_file(by=one, draft=draft, path=LESSON, text=row.text + "First.\n", seen=row.revision)
    with pytest.raises(Stale) as told:
        writing.save_file(by=two, draft=draft, path=LESSON, text=row.text + "Second.\n", seen=row.revision)
    assert told.value.current.text.endswith("First.\n")
    assert told.value.current.changed_by == one
    # Another file of the same draft is nobody's trouble, and the same text again is no change.
    change(two, draft, "2/outcome.md", "Now do it.", "Now you.")
    again = writing.save_file(by=two, draft=draft, path=LESSON, text=row.text + "First.\r\n", seen=1)
    assert again.changed_by == one
    with pytest.raises(Stale):
        structure.remove_part(by=two, draft=draft, path=LESSON, seen=seen)
    with pytest.raises(Stale) as gone:
        writing.save_file(by=two, draft=draft, path="1/1.3-new.md", text="x", seen=4)
    assert gone.value.current is None


@pytest.mark.parametrize(
    "path", ["../unit.md", "/etc/passwd", "1/1.1.md", "figures/a.png", "x.md", "1/1.1-A.md", "unit.md\0", ""]
)
def test_what_is_no_file_of_a_unit_is_not_kept(centre: Centre, path: str) -> None:
    by = author_of(centre)
    draft = change_of(by, centre)
    with pytest.raises(ValidationError, match="No file of a unit"):
        writing.save_file(by=by, draft=draft, path=path, text="x", seen=0)


def test_files_are_bounded(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    by = author_of(centre)
    draft = change_of(by, centre)
    for text, says in (("x" * 100_001, "at most 100,000 bytes"), ("é" * 60_000, "bytes"), ("a\0", "no keyboard")):
        with pytest.raises(ValidationError, match=says):
            writing.save_file(by=by, draft=draft, path=LESSON, text=text, seen=2)
    monkeypatch.setattr(writing, "FILES", draft.files.count())
    with pytest.raises(ValidationError, match="at most"):
        writing.save_file(by=by, draft=draft, path="1/1.3-new.md", text="x", seen=0)
    writing.save_file(by=by, draft=draft, path=LESSON, text="x", seen=2)


def test_the_file_that_says_what_the_unit_is_stays_and_others_go(centre: Centre) -> None:
    by = author_of(centre)
    draft = change_of(by, centre)
    with pytest.raises(NotNow, match="what the unit is"):
        structure.remove_part(by=by, draft=draft, path="unit.md", seen=structure.removal_of(draft, "unit.md").seen)
    seen = structure.removal_of(draft, "figures/pot.svg").seen
    structure.remove_part(by=by, draft=draft, path="figures/pot.svg", seen=seen)
    structure.remove_part(by=by, draft=draft, path="figures/pot.svg", seen=seen)
    assert not draft.files.filter(path="figures/pot.svg").exists()


def test_publishing_makes_the_centres_own_edition_and_touches_nothing_of_the_house(
    centre: Centre, house: UnitEdition
) -> None:
    by = author_of(centre)
    draft = change_of(by, centre)
    edition = publish_it(by, draft)
    assert (edition.unit.owner, edition.unit.code, edition.number) == (centre, "101", 1)
    assert (edition.published_by, edition.note) == (by, "Plainer words.")
    assert edition.specification.digest == house.specification.digest
    assert edition.specification != house.specification
    assert "Warm hands" in edition.lessons.get(criterion__number="1.1").body
    assert source_of(house) == check(TINY)
    assert digest_faults() == []
    entry = LedgerEntry.objects.filter(chain=centre.uid, verb="publish_edition").get()
    assert (entry.by, entry.result) == (by.uid, edition.uid)
    draft.refresh_from_db()
    assert draft.base == edition
    # It goes on from there: nothing differs, then lessons do, and the specification is shared.
    with pytest.raises(NotNow, match="Nothing differs from edition 1"):
        publish_it(by, draft)
    change(by, draft, LESSON, "Warm hands", "Cold hands")
    second = publish_it(by, draft)
    assert (second.number, second.specification) == (2, edition.specification)


def test_a_repeated_form_gives_the_first_answer(centre: Centre) -> None:
    by, key = author_of(centre), uuid.uuid4()
    draft = change_of(by, centre)
    seen = writing.state_of(draft)
    first = publish_it(by, draft, seen=seen, key=key)
    assert publish_it(by, draft, seen=seen, key=key) == first
    assert UnitEdition.objects.filter(unit__owner=centre).count() == 1


def test_what_was_changed_since_it_was_shown_is_not_published(centre: Centre) -> None:
    by = author_of(centre)
    draft = change_of(by, centre)
    seen = writing.state_of(draft)
    change(by, draft, LESSON, "Warm", "Cold")
    with pytest.raises(NotNow, match="changed while you looked"):
        publish_it(by, draft, seen=seen)


def test_a_draft_with_a_fault_is_not_published_and_the_fault_has_its_line(centre: Centre) -> None:
    by = author_of(centre)
    draft = change_of(by, centre)
    change(by, draft, LESSON, "Warm hands.", "<b>Warm</b> hands.")
    with pytest.raises(FaultyUnit) as told:
        publish_it(by, draft)
    assert [(fault.path, "HTML" in fault.message) for fault in told.value.faults] == [(LESSON, True)]
    assert not UnitEdition.objects.filter(unit__owner=centre).exists()
    assert not LedgerEntry.objects.filter(verb="publish_edition", chain=centre.uid).exists()


def test_a_note_is_asked_for_and_a_code_stays(centre: Centre) -> None:
    by = author_of(centre)
    draft = change_of(by, centre)
    for note in ("", "  ", "x" * 1001):
        with pytest.raises(ValidationError, match="Say what is new"):
            publish_it(by, draft, note=note)
    change(by, draft, "unit.md", 'code: "101"', "code: T101")
    with pytest.raises(ValidationError, match="code is 101; unit"):
        publish_it(by, draft)


def test_canonical_form_is_the_machines_work_and_not_the_authors(centre: Centre) -> None:
    by = author_of(centre)
    draft = change_of(by, centre)
    change(by, draft, "2/2.1-serving.md", "stem: Put the steps in order.", "stem: >-\n  Put the steps\n  in order.")
    edition = publish_it(by, draft)
    assert "stem: Put the steps in order." in edition.lessons.get(criterion__number="2.1").body
    assert "stem: Put the steps in order." in draft.files.get(path="2/2.1-serving.md").text


def test_an_older_edition_is_restored_as_a_new_one(centre: Centre) -> None:
    by = author_of(centre)
    draft = change_of(by, centre)
    first = publish_it(by, draft)
    change(by, draft, LESSON, "Warm hands", "Cold hands")
    publish_it(by, draft)
    third = writing.restore_edition(by=by, centre=centre, edition=first, note="Back to warm hands.")
    assert third.number == 3
    assert source_of(third) == source_of(first)
    assert "Cold hands" in draft.files.get(path=LESSON).text
    with pytest.raises(NotNow, match="Nothing differs"):
        writing.restore_edition(by=by, centre=centre, edition=first, note="Again.")
    with pytest.raises(NotYours, match="the centre's own unit"):
        writing.restore_edition(by=by, centre=centre, edition=publish(check(TINY)), note="x")


def test_the_browser_and_load_unit_give_one_edition_to_the_hash(centre: Centre, tmp_path: Any) -> None:
    by = author_of(centre)
    draft = change_of(by, centre)
    own = publish_it(by, draft)
    for path, text in files_of(source_of(own)).items():
        where = tmp_path / "101" / path
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_text(text)
    call_command("load_unit", tmp_path / "101")
    loaded = UnitEdition.objects.filter(unit__owner=None).order_by("-number")[0]
    assert (loaded.lessons_digest, loaded.specification.digest) == (own.lessons_digest, own.specification.digest)
