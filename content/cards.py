"""Cards: what an edition has to ask again later, a question and its answer each.

One for every term of the glossary that a lesson leads to, one for every key point of a `points` block. A card keeps
its key through all editions of a specification: the words may change, what is asked stays the same thing.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.safestring import SafeString

from courseware.kit.markdown import line, render

from .activities.blocks import activities_in
from .glossary import definition_of, leads_of, lessons_of, parts_of, terms_in
from .models import GlossaryTerm, Lesson, Specification, UnitEdition

TERM, POINT = "term", "point"
KEPT: Final = 16  # editions whose cards a process remembers
CONFUSED: Final = ("Compared with", "Common pitfalls")  # the parts of an entry that say what it is taken for


@dataclass(frozen=True)
class Place:
    """A lesson that a card belongs to: its criterion's number and its title."""

    number: str
    title: str


@dataclass(frozen=True)
class Card:
    """One question. `name` is the term or the question; texts are Markdown.

    `parts` stand below the answer, each with a heading. `places` are its lessons in the unit's order, at least one.
    `slug` names the term's entry, empty for a key point.
    """

    key: str
    name: str
    answer: str
    parts: tuple[tuple[str, str], ...]
    places: tuple[Place, ...]
    slug: str = ""

    @property
    def ask(self) -> SafeString:
        """The question as HTML, within a line."""
        return line(f"What does “{self.name}” mean?" if self.slug else self.name)

    def told(self, base: str) -> SafeString:
        """The answer as HTML; links lead below `base`, the address of the unit's map."""
        return render(self.answer, 3, links=leads_of(self.answer, base))

    def more(self, base: str) -> list[tuple[str, SafeString]]:
        """What stands below the answer: headings, and HTML as `told` gives it."""
        return [(title, render(text, 3, links=leads_of(text, base))) for title, text in self.parts]

    def place_among(self, numbers: Iterable[str]) -> Place:
        """The first of its lessons that is one of `numbers`; the first of all when none is."""
        wanted = set(numbers)
        return next((place for place in self.places if place.number in wanted), self.places[0])


_known: dict[uuid.UUID, tuple[Card, ...]] = {}


def forget() -> None:
    """Forget the cards that this process remembers."""
    _known.clear()


def editions_of(specifications: Iterable[Specification]) -> dict[int, UnitEdition]:
    """The newest edition of each of `specifications`, by the specification's id. 1 statement."""
    ids = sorted({one.pk for one in specifications})
    rows = UnitEdition.objects.in_force().filter(specification__in=ids).order_by("number")
    return {row.specification_id: row for row in rows}


def cards_of(editions: Iterable[UnitEdition]) -> dict[int, tuple[Card, ...]]:
    """The cards of each edition by its id, in the order in which they are learnt: lesson by lesson, points first.

    2 statements for those whose cards this process does not remember, else none. Editions never change.
    """
    wanted = {edition.pk: edition.uid for edition in editions}
    found = {pk: _known.get(uid) for pk, uid in wanted.items()}
    missing = sorted(pk for pk, cards in found.items() if cards is None)
    for pk, cards in _read(missing) if missing else ():
        found[pk] = _known[wanted[pk]] = cards
    for uid in list(_known)[:-KEPT]:
        _known.pop(uid, None)
    return {pk: cards or () for pk, cards in found.items()}


def _read(editions: Sequence[int]) -> Iterator[tuple[int, tuple[Card, ...]]]:
    lessons: dict[int, list[tuple[Place, str]]] = {pk: [] for pk in editions}
    rows = Lesson.objects.filter(edition__in=editions).order_by("criterion__position", "pk")
    for pk, number, title, body in rows.values_list("edition_id", "criterion__number", "title", "body"):
        lessons[pk].append((Place(number, title), body))
    terms: dict[int, dict[str, tuple[str, str]]] = {pk: {} for pk in editions}
    words = GlossaryTerm.objects.filter(edition__in=editions).order_by("position", "pk")
    for pk, slug, title, body in words.values_list("edition_id", "slug", "title", "body"):
        terms[pk][slug] = (title, body)
    for pk in editions:
        yield pk, tuple(_cards(lessons[pk], terms[pk]))


def _cards(lessons: Sequence[tuple[Place, str]], terms: Mapping[str, tuple[str, str]]) -> Iterator[Card]:
    """A term comes with the first lesson that leads to it; one that no lesson leads to, with those it names itself."""
    places: dict[str, list[Place]] = {}
    for place, body in lessons:
        for slug in terms_in(body):
            places.setdefault(slug, []).append(place)
    for slug, (_title, body) in terms.items():
        if slug not in places:
            named = set(lessons_of(body))
            places[slug] = [place for place, _ in lessons if place.number in named]
    for place, body in lessons:
        yield from _points(place, body)
        for slug, (title, text) in terms.items():
            if places[slug][:1] == [place]:
                parts = parts_of(text)
                more = tuple((name, parts[name]) for name in CONFUSED if name in parts)
                yield Card(f"{TERM}:{slug}", title, definition_of(text), more, tuple(places[slug]), slug)


def _points(place: Place, body: str) -> Iterator[Card]:
    for activity in activities_in(body):
        if activity.kind.name == "points":
            for point in activity.data["points"]:
                key = f"{POINT}:{place.number}:{activity.id}:{point['name']}"
                yield Card(key, point["ask"], point["answer"], (), (place,))
