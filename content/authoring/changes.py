"""What publishing a draft changes: file by file, and for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from content.canonical import files_of, specification_digest
from content.models import Specification, UnitEdition
from content.publishing import source_of
from courseware.kit.differences import Difference, Piece, difference

from .lineage import came_from
from .pages import DraftPage, change_from, in_order, label_of

NEAR = 3  # lines shown before and after a change
CUT = "[…]\n"


@dataclass(frozen=True)
class Change:
    """One file against the edition: what it is, what it was called there if not the same, and both texts as one."""

    path: str
    label: str
    change: str
    words: Difference
    was: str = ""

    @property
    def how(self) -> str:
        """What became of it, in words: `changed`; `renumbered, was Lesson 1.2`."""
        return self.change.lower() + (f", was {self.was}" if self.was else "")

    @property
    def is_whole(self) -> bool:
        """Whether the file is new or gone, so that there is nothing to compare it with."""
        return self.change in ("New", "Gone")

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """What to show of both texts: what changed, and a few lines around it."""
        return near(self.words.pieces or ())


@dataclass(frozen=True)
class EditionPage:
    """An edition beside the one before it (None for the first)."""

    edition: UnitEdition
    before: UnitEdition | None
    is_newest: bool
    changes: tuple[Change, ...]

    @property
    def same_specification(self) -> bool:
        """Whether cohorts on the one before read this one by themselves."""
        return self.before is not None and self.before.specification_id == self.edition.specification_id


def edition_page(edition: UnitEdition) -> EditionPage:
    """What an edition changed, file by file. 8 statements."""
    rows = UnitEdition.objects.filter(unit=edition.unit_id).select_related("unit", "specification")
    before = rows.filter(number__lt=edition.number).order_by("-number").first()
    old = files_of(source_of(before)) if before else {}
    new = files_of(source_of(edition))
    return EditionPage(
        edition,
        before,
        not rows.filter(number__gt=edition.number).exists(),
        _changes(old, new, came_from(old, new)) if before else (),
    )


def changes_of(page: DraftPage) -> tuple[Change, ...]:
    """What publishing would change, file by file; figures are named and not compared. No statement."""
    return _changes(page.before, page.now, page.was)


def _changes(before: Mapping[str, str], now: Mapping[str, str], was: Mapping[str, str]) -> tuple[Change, ...]:
    gone = {path: _change(path, before[path], None) for path in before if path not in was.values()}
    there = [_change(path, before.get(was.get(path, "")), text, was.get(path, path)) for path, text in now.items()]
    changes = [*gone.values(), *(one for one in there if one.change)]
    return tuple(sorted(changes, key=lambda one: (in_order(one.path)[1], one.change != "Gone", one.path)))


def _change(path: str, before: str | None, now: str | None, was: str = "") -> Change:
    moved = bool(was) and was != path
    what = "Gone" if now is None else change_from(before, now, moved=moved and before is not None)
    words = _compared(path, before or "", now or "") if what else Difference(None)
    return Change(path, label_of(path), what, words, label_of(was) if moved else "")


def _compared(path: str, before: str, now: str) -> Difference:
    if path.startswith("figures/"):
        return Difference(None)
    return difference(before, now)


def near(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """The pieces of a difference with long stretches that are the same cut down to what is near a change."""
    last = len(pieces) - 1
    return tuple(_cut(piece, at == 0, at == last) if piece.kind == "same" else piece for at, piece in enumerate(pieces))


def _cut(piece: Piece, is_first: bool, is_last: bool) -> Piece:
    lines = piece.text.splitlines(keepends=True)
    head = lines[: 0 if is_first else NEAR]
    tail = lines[len(lines) - (0 if is_last else NEAR) :]
    if len(lines) <= len(head) + len(tail) + 1:
        return piece
    return Piece("same", "".join([*head, CUT, *tail]))


@dataclass(frozen=True)
class Effect:
    """What publishing means: whether the unit is the centre's own already, and whose cohorts read on by themselves.

    `follows` is the specification whose cohorts get the new lessons; None when no cohort does.
    """

    own: bool
    follows: Specification | None


def effect_of(page: DraftPage) -> Effect:
    """What publishing the draft would mean for cohorts (lessons only: those of its specification follow)."""
    base, source = page.draft.base, page.source
    own = base is not None and base.unit.owner_id == page.draft.centre_id
    same = bool(base and source and base.specification.digest == specification_digest(source))
    return Effect(own, base.specification if base and own and same else None)
