"""What a unit is made of, changed in a draft: criteria, outcomes and a glossary put in, and files taken out.

Outcomes count 1, 2, 3 and criteria 1.1, 1.2, without a gap. So what follows a criterion that is put in or taken out
gets another number, in its file's name, in its front matter and in every link that leads to it. What the texts say of
a number in words is left to the author.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import CharField, Max, Value
from django.db.models.functions import Cast, Concat

from content.canonical import criterion_path, criterion_text, glossary_text, outcome_path, outcome_text
from content.loader import is_lesson, is_outcome
from content.models import DraftFile, UnitDraft
from content.schema import OutcomeSource, TermSource
from courseware.kit import clock
from courseware.kit.chance import sha256_hex
from courseware.kit.verdict import Stale, not_now
from courseware.people.models import User

from .draft import NO_INTRODUCTION, CriterionDraft, criterion_for
from .files import taken_apart
from .numbering import (
    GLOSSARY,
    MOST,
    counted,
    leads_to,
    lessons_of,
    linked,
    number_of,
    numbered,
    outcome_places_in,
    outcomes_counted,
    outcomes_of,
    places_in,
    without,
)
from .pages import in_order, label_of
from .writing import fits, locked, texts_of

GONE: Final = "The unit was changed meanwhile. Choose the number again."
FULL: Final = f"A unit has at most {MOST} outcomes."
UNIT: Final = "unit.md"


@dataclass(frozen=True)
class Removal:
    """What would be taken out with a file: paths, what gets another number (old and new path), who links to it.

    `seen` is the state of what would be taken out, `refusal` why it cannot be ("" when it can).
    """

    draft: UnitDraft
    path: str
    title: str
    paths: tuple[str, ...]
    moved: Mapping[str, str]
    linking: tuple[str, ...]
    seen: str
    refusal: str

    @property
    def label(self) -> str:
        """What is taken out, in words."""
        return label_of(self.path)

    @property
    def what(self) -> str:
        """What is taken out, with what goes along, in words: `criterion 1.1 and its lesson`."""
        if is_lesson(self.path):
            return f"criterion {number_of(self.path)} and its lesson"
        if is_outcome(self.path):
            return f"{self.label.lower()} and its lessons"
        return "the glossary" if self.path == GLOSSARY else f"the file {self.path}"

    @property
    def lessons(self) -> list[str]:
        """The labels of the lessons that go with an outcome."""
        return [label_of(path) for path in self.paths if path != self.path]

    @property
    def renumbered(self) -> list[tuple[str, str]]:
        """What gets another number, in words, as it is called now and then."""
        return [(label_of(old), label_of(new)) for old, new in self.moved.items()]

    @property
    def linked_from(self) -> list[tuple[str, str]]:
        """The path and the label of what links to, or shows, what would be gone."""
        return [(path, label_of(path)) for path in self.linking]


@transaction.atomic
def add_criterion(*, by: User, draft: UnitDraft, number: str, statement: str) -> DraftFile:
    """One more criterion with a lesson to write; what has `number` now and what follows it move on by one.

    Raises NotYours, NotNow (put away; no such place any more; another criterion says the same), ValidationError when
    the unit would have too many files.
    """
    draft = locked(by, draft)
    texts = texts_of(draft)
    if number not in {place.number for place in places_in(texts)}:
        not_now(GONE).require()
    criterion = criterion_for(number, CriterionDraft(_said_once(texts, statement)))
    top, _, part = number.partition(".")
    around: list[str | None] = [*lessons_of(texts, top)]
    around.insert(int(part) - 1, None)
    _move(by, draft, counted(top, around))
    return _create(by, draft, criterion_path(criterion), criterion_text(criterion))


@transaction.atomic
def add_outcome(*, by: User, draft: UnitDraft, number: str, statement: str, criterion: str) -> DraftFile:
    """One more outcome with its first criterion; what has `number` now and what follows it move on by one. The
    outcome's file.

    Raises NotYours, NotNow (put away; no such place any more; another criterion says the same), ValidationError when
    the unit would have too many files.
    """
    draft = locked(by, draft)
    texts = texts_of(draft)
    places = outcome_places_in(texts)
    if number not in {place.number for place in places}:
        not_now(GONE if places else FULL).require()
    first = criterion_for(f"{number}.1", CriterionDraft(_said_once(texts, criterion)))
    outcome = OutcomeSource(int(number), " ".join(statement.split()), NO_INTRODUCTION, (first,))
    files = {outcome_path(outcome): outcome_text(outcome), criterion_path(first): criterion_text(first)}
    around: list[str | None] = [*outcomes_of(texts)]
    around.insert(int(number) - 1, None)
    _move(by, draft, outcomes_counted(texts, around))
    rows = [_create(by, draft, path, text) for path, text in files.items()]
    return rows[0]


@transaction.atomic
def add_glossary(*, by: User, draft: UnitDraft, term: str, definition: str) -> DraftFile:
    """A glossary with its first term. Raises NotYours, NotNow (put away; there is one), ValidationError."""
    draft = locked(by, draft)
    if draft.files.filter(path=GLOSSARY).exists():
        not_now("The unit has a glossary already. Write the term into it.").require()
    return _create(by, draft, GLOSSARY, glossary_text([TermSource(" ".join(term.split()), "", definition)]))


def removal_of(draft: UnitDraft, path: str) -> Removal:
    """What taking out the draft's file at `path` would do. 1 statement."""
    texts = texts_of(draft)
    paths, moved = without(texts, path)
    gone = set(paths)
    linking = [one for one, text in texts.items() if one not in gone and leads_to(one, text, gone)]
    return Removal(
        draft=draft,
        path=path,
        title=taken_apart(path, texts[path]).values.get("statement", ""),
        paths=paths,
        moved=moved,
        linking=tuple(sorted(linking, key=in_order)),
        seen=_state(texts, paths),
        refusal=_refusal(texts, path),
    )


@transaction.atomic
def remove_part(*, by: User, draft: UnitDraft, path: str, seen: str) -> UnitDraft:
    """Take out a file, an outcome with all its lessons; what follows a criterion or an outcome moves up by one.

    `seen` is the `Removal.seen` that was shown. Raises NotYours, NotNow (put away; the unit needs it) and Stale when
    what would be gone was changed meanwhile.
    """
    draft = locked(by, draft)
    texts = texts_of(draft)
    if path not in texts:
        return draft  # by the same button before
    if refusal := _refusal(texts, path):
        not_now(refusal).require()
    paths, moved = without(texts, path)
    if _state(texts, paths) != seen:
        raise Stale("Somebody changed this while you looked at it. Look at it again before you remove it.")
    draft.files.filter(path__in=paths).delete()
    _move(by, draft, moved)
    return draft


def moved_row(draft: UnitDraft, path: str) -> DraftFile | None:
    """The lesson that was at `path` before its number changed; None when that is not certain. 1 statement."""
    name = path.partition("-")[2]
    if not is_lesson(path):
        return None
    rows = [row for row in draft.files.filter(path__endswith=f"-{name}") if row.path.partition("-")[2] == name]
    return rows[0] if len(rows) == 1 else None


def _said_once(texts: Mapping[str, str], statement: str) -> str:
    """`statement` on one line; NotNow when a criterion says it already (the same button pressed twice)."""
    statement = " ".join(statement.split())
    for path in sorted(filter(is_lesson, texts), key=in_order):
        if taken_apart(path, texts[path]).values.get("statement", "").casefold() == statement.casefold():
            not_now(f"Criterion {number_of(path)} says this already.").require()
    return statement


def _refusal(texts: Mapping[str, str], path: str) -> str:
    if path == UNIT:
        return "This file says what the unit is. Change it, or put the draft away."
    if is_lesson(path) and len(lessons_of(texts, path.partition("/")[0])) == 1:
        return "It is the outcome’s only criterion. Add another one first, or remove the outcome."
    if is_outcome(path) and sum(map(is_outcome, texts)) == 1:
        return "It is the unit’s only outcome. Add another one first."
    return ""


def _state(texts: Mapping[str, str], paths: Iterable[str]) -> str:
    return sha256_hex("\0".join(f"{path}\0{texts[path]}" for path in paths))


def _move(by: User, draft: UnitDraft, moved: Mapping[str, str]) -> None:
    """Give files other paths, and write their numbers and every link to them anew."""
    if not moved:
        return
    rows = list(draft.files.all())
    # Nobody's open editor has seen a revision of a file that is now at the path of another one.
    revision = max(row.revision for row in rows) + 1
    changed = []
    for row in rows:
        text = linked(row.path, row.text, moved)
        path = moved.get(row.path, row.path)
        if path != row.path:
            text = numbered(path, text)
        if (path, text) == (row.path, row.text):
            continue
        row.path, row.text, row.revision, row.changed_by, row.changed_at = path, text, revision, by, clock.now()
        changed.append(row)
    # Out of the way of one another first: a path is there once.
    aside = Concat(Value("moving/"), Cast("pk", CharField()))
    draft.files.filter(pk__in=[row.pk for row in changed]).update(path=aside)
    DraftFile.objects.bulk_update(changed, ("path", "text", "revision", "changed_by", "changed_at"))


def _create(by: User, draft: UnitDraft, path: str, text: str) -> DraftFile:
    fits(draft, path, text)
    revision = (draft.files.aggregate(newest=Max("revision"))["newest"] or 0) + 1
    return DraftFile.objects.create(draft=draft, path=path, text=text, revision=revision, changed_by=by)
