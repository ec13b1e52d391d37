"""What changed between two versions: words of texts in bounded time, what is known of files; for who may see both."""

from __future__ import annotations

import time

import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment.models import AccessRecord, EvidenceVersion, LearnerUnit
from assessment.workflow import evidence
from courseware.kit import storage
from courseware.kit.differences import MOST_CHARACTERS, MOST_WORDS, Piece, difference
from tests import make
from tests.study_pages import client_of, cost_of, main_of, page_of

OLD = "The map has two stages.\nHana heard of it from a friend.\n"
NEW = "The map has three clear stages.\nHana heard of it from a friend.\nShe came back.\n"


def test_words_that_changed_are_told_apart() -> None:
    found = difference(OLD, NEW)
    assert found.pieces == (
        Piece("same", "The map has "),
        Piece("gone", "two "),
        Piece("new", "three clear "),
        Piece("same", "stages.\nHana heard of it from a friend.\n"),
        Piece("new", "She came back.\n"),
    )
    assert (found.added, found.removed, found.places) == (5, 1, 2)


@settings(max_examples=60, deadline=None)
@given(st.text("ab \n", max_size=60), st.text("ab \n", max_size=60))
def test_both_texts_can_be_read_out_of_it_again(old: str, new: str) -> None:
    pieces = difference(old, new).pieces
    assert pieces is not None
    assert "".join(piece.text for piece in pieces if piece.kind != "new") == old
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == new


def test_nothing_changed() -> None:
    found = difference(OLD, OLD)
    assert (found.pieces, found.added, found.removed, found.places) == ((Piece("same", OLD),), 0, 0, 0)
    assert difference("", "").pieces == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a " * 99_999, "a " * 99_998 + "b"),
        ("a\n" * 3_999, "b\n" + "a\n" * 3_998),
        (("a b " * 400 + "\n") * 100, ("b a " * 400 + "\n") * 100),
        ("".join(f"{n}\n" for n in range(3_999)), "".join(f"{n}\n" for n in reversed(range(3_999)))),
    ],
)
def test_texts_made_to_take_long_do_not(old: str, new: str) -> None:
    began = time.process_time()
    assert difference(old, new).pieces
    assert time.process_time() - began < 8


def test_what_is_too_long_is_not_compared_and_a_long_stretch_changes_as_a_whole() -> None:
    assert difference("a" * (MOST_CHARACTERS + 1), "a").pieces is None
    assert difference("\n" * 4_001, "a").pieces is None
    assert (difference("\n" * 4_001, "a").added, difference("\n" * 4_001, "a").places) == (0, 0)
    long = " ".join(f"w{n}" for n in range(MOST_WORDS + 1))
    assert difference(long, f"{long} more").pieces == (Piece("gone", long), Piece("new", f"{long} more"))


# -- The page ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def unit() -> LearnerUnit:
    return make.learner_unit()


def two(unit: LearnerUnit, *, text: str = NEW) -> tuple[EvidenceVersion, EvidenceVersion]:
    """An item whose first version was handed in and referred, and whose second is a draft."""
    first, learner = make.criteria(unit)[0], unit.learner.user
    item = make.text(unit, "Map", OLD)
    version = make.mapped(unit, first, item=item)
    draft = make.draft(unit, first, version=version)
    make.submissions.submit(by=learner, submission=draft, declared=True, others="none", ai_used=False)
    evidence.add_version(by=learner, item=item, kept=evidence.keep_text(learner, unit, text))
    return item.versions.get(number=1), item.versions.get(number=2)


def address(version: EvidenceVersion) -> str:
    return reverse("version-changes", args=[version.uid])


@pytest.mark.django_db
def test_the_learner_sees_the_words_and_a_summary(unit: LearnerUnit) -> None:
    one, new = two(unit, text=NEW.replace("clear", "<b>clear</b>"))
    html = page_of(unit.learner.user, address(new))
    assert "<del>two </del>" in html
    assert "<ins>three &lt;b&gt;clear&lt;/b&gt; </ins>" in html
    page = main_of(unit.learner.user, address(new))
    assert "From version 1 to version 2: 5 words added, 1 taken out, in 2 places." in page
    assert "is the first" in main_of(unit.learner.user, address(one))
    assert "What changed" in main_of(unit.learner.user, reverse("evidence", args=[new.item.uid]))


@pytest.mark.django_db
def test_staff_see_it_once_both_were_handed_in_and_leave_a_trace(unit: LearnerUnit) -> None:
    tutor, admin = make.staff(unit.cohort, "tutor"), make.staff(unit.cohort, "admin")
    other = make.learner_unit(unit.cohort).learner.user
    one, new = two(unit)
    assert client_of(tutor.user).get(address(new)).status_code == 404
    make.marked(unit.submissions.get(), tutor.user, "not_yet_met")
    first = make.criteria(unit)[0]
    draft = make.draft(unit, first, version=new)
    make.submissions.submit(by=unit.learner.user, submission=draft, declared=True, others="none", ai_used=False)
    assert "5 words added" in main_of(tutor.user, address(new))
    assert set(AccessRecord.objects.order_by("pk").values_list("version", flat=True)) == {one.pk, new.pk}
    for user in (other, admin.user):
        assert client_of(user).get(address(new)).status_code == 404


@pytest.mark.django_db
def test_of_other_things_it_says_what_is_known_of_both(unit: LearnerUnit) -> None:
    learner = unit.learner.user
    one, new = two(unit)
    link = evidence.keep_link(learner, unit, "https://example.org", "A map.", new.made_at.date())
    evidence.add_version(by=learner, item=new.item, kept=link)
    page = main_of(learner, address(new))
    assert "cannot be compared word by word" in page
    assert "Written here" in page
    assert "Link" in page
    again = evidence.keep_text(learner, unit, OLD)
    evidence.add_version(by=learner, item=new.item, kept=again)
    assert "are the same" in main_of(learner, address(new))
    long = evidence.keep_text(learner, unit, "a" * (MOST_CHARACTERS + 1))
    evidence.add_version(by=learner, item=new.item, kept=long)
    assert "too long to compare" in main_of(learner, address(new))
    new.refresh_from_db()
    path = storage.evidence().path(
        EvidenceVersion.objects.select_related("centre", "learner_unit").get(pk=one.pk).address
    )
    path.chmod(0o644)
    path.write_bytes(b"changed")
    assert "cannot be compared" in main_of(learner, address(new))
    path.unlink()
    assert "cannot be compared" in main_of(learner, address(new))


@pytest.mark.django_db
def test_what_nobody_may_open_is_not_compared(unit: LearnerUnit) -> None:
    one, new = two(unit)
    EvidenceVersion.objects.filter(pk=one.pk).update(state="quarantined")
    assert "cannot be compared" in main_of(unit.learner.user, address(new))


@pytest.mark.django_db
def test_the_page_costs_the_same_with_two_versions_and_with_four(unit: LearnerUnit) -> None:
    learner, first = unit.learner.user, make.criteria(unit)[0]
    tutor = make.staff(unit.cohort, "tutor")
    _, new = two(unit)
    cost = cost_of(learner, address(new))
    for number in range(2):
        make.marked(unit.submissions.latest("number"), tutor.user, "not_yet_met")
        draft = make.draft(unit, first, version=new)
        make.submissions.submit(by=learner, submission=draft, declared=True, others="none", ai_used=False)
        kept = evidence.keep_text(learner, unit, f"{NEW} {number}")
        evidence.add_version(by=learner, item=new.item, kept=kept)
        new = make.latest(new.item)
    assert cost_of(learner, address(new)) == cost <= 12
