"""Terms: the entries of a unit's glossary, and what a lesson shows of them and of its figures.

An entry begins with its definition; then come parts with headings of their own. A lesson's link to a term opens the
definition in place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import CharField, F, TextField, Value
from django.utils.safestring import SafeString

from courseware.kit.markdown import POPOVER, render

from .models import Figure, GlossaryTerm, Specification, UnitEdition
from .pictures import markup_for, named_by
from .schema import FigureSource, TermSource

# The parts of a full entry, in this order, below the definition.
PARTS: Final = (
    "Benefits",
    "Common pitfalls",
    "Compared with",
    "Tools",
    "Good practice",
    "Questions asked",
    "Related terms",
    "Where it applies",
)
_term = re.compile(r"\]\((\.\./glossary\.md#([a-z0-9-]+))\)")
_lesson = re.compile(r"\]\(((?:\.\./)?(?:\d+/)?(\d+\.\d+)-[a-z0-9-]+\.md)\)")
_related = re.compile(r"\]\((#([a-z0-9-]+))\)")
_sentence = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")  # between two sentences
_indent = re.compile(r"\n\s+")  # helps whoever reads the file, and would travel with every page
_figure = re.compile(r"\]\(\.\./figures/([a-z0-9-]+\.(?:svg|webp))[\s)]")


@dataclass(frozen=True)
class Preview:
    """A term as a lesson shows it in place, by the first sentence of its entry.

    `name` is the id of what opens, `url` leads to the whole entry.
    """

    name: str
    title: str
    html: SafeString
    url: str


@dataclass(frozen=True)
class Beside:
    """What stands beside a lesson's text: figures, where its links lead, and the terms that it links to."""

    pictures: tuple[tuple[str, str], ...]
    links: tuple[tuple[str, str], ...]
    previews: tuple[Preview, ...]


@dataclass(frozen=True)
class Term:
    """A term in the list: its definition as HTML, and the address of its entry."""

    slug: str
    title: str
    html: SafeString
    url: str


@dataclass(frozen=True)
class Entry:
    """A whole entry as HTML, and the terms before and after it in the list."""

    slug: str
    title: str
    html: SafeString
    previous: Term | None
    next: Term | None


def definition_of(body: str) -> str:
    """What stands before the first heading of an entry (Markdown)."""
    return re.split(r"^#", body, maxsplit=1, flags=re.MULTILINE)[0].strip()


def parts_of(body: str) -> dict[str, str]:
    """The parts of an entry (Markdown) by their headings, in order; of two with one heading the last."""
    found = re.findall(r"^### (.+)$", body, flags=re.MULTILINE)
    texts = re.split(r"^### .+$", body, flags=re.MULTILINE)[1:]
    return {title: text.strip() for title, text in zip(found, texts, strict=True)}


def terms_in(lesson: str) -> list[str]:
    """The terms that a lesson (Markdown) links to, in order."""
    return [slug for _, slug in _term.findall(lesson)]


def lessons_of(body: str) -> list[str]:
    """The numbers of the criteria whose lessons an entry links to, in order."""
    return [number for _, number in _lesson.findall(body)]


def gaps_in(body: str) -> Iterator[str]:
    """What an entry lacks of its parts, a sentence each."""
    found = re.findall(r"^### (.+)$", body, flags=re.MULTILINE)
    if not definition_of(body):
        yield "an entry begins with its definition"
    if tuple(found) != PARTS:
        yield f"an entry has the parts {', '.join(PARTS)}, in this order"
    parts = parts_of(body)
    for title, text in parts.items():
        if not text:
            yield f"the part {title} says nothing"
    if len(_related.findall(parts.get("Related terms", ""))) < 2:
        yield "an entry names two related terms or more: [word](#term)"
    if not _lesson.search(parts.get("Where it applies", "")):
        yield "an entry leads to a lesson in which it is used: [lesson](1/1.1-name.md)"


def leads_of(body: str, base: str) -> list[tuple[str, str]]:
    """Where an entry's links to terms and lessons lead, below the address of the unit's map."""
    found = {href: f"{base}glossary/{slug}/" for href, slug in _related.findall(body)}
    return list((found | {href: f"{base}{number}/" for href, number in _lesson.findall(body)}).items())


def beside_of(edition: UnitEdition, body: str, base: str) -> Beside:
    """What stands beside a lesson. 1 statement, none for a text with neither figure nor term."""
    names, slugs = needed_by(body)
    rows: list[tuple[str, str, str, str]] = []
    if names or slugs:
        text = TextField()
        figures = Figure.objects.filter(edition=edition, name__in=names).order_by()
        terms = GlossaryTerm.objects.filter(edition=edition, slug__in=slugs).order_by()
        both = figures.annotate(
            _what=Value("figure", text), _name=F("name"), _title=Value("", CharField()), _text=F("svg")
        )
        others = terms.annotate(_what=Value("term", text), _name=F("slug"), _title=F("title"), _text=F("body"))
        columns = ("_what", "_name", "_title", "_text")
        rows = list(both.values_list(*columns).union(others.values_list(*columns), all=True).order_by("_name"))
    return beside_from(
        body,
        base,
        [FigureSource(name, svg) for what, name, _, svg in rows if what == "figure"],
        [TermSource(title, name, said) for what, name, title, said in rows if what == "term"],
    )


def needed_by(body: str) -> tuple[set[str], set[str]]:
    """The names of the figures that a lesson shows, and the slugs of the terms that it links to."""
    return set(_figure.findall(body)), set(terms_in(body))


def beside_from(body: str, base: str, figures: Iterable[FigureSource], terms: Iterable[TermSource]) -> Beside:
    """What stands beside a lesson, of the figures and terms at hand; others are left out."""
    names, slugs = needed_by(body)
    links = {href: f"{base}{number}/" for href, number in _lesson.findall(body)}
    links |= {href: f"{POPOVER}term-{slug}" for href, slug in _term.findall(body)}
    return Beside(
        tuple((f"../figures/{one.name}", _markup(one, base)) for one in figures if one.name in names),
        tuple(links.items()),
        tuple(_preview(one.slug, one.title, one.body, base) for one in terms if one.slug in slugs),
    )


def _markup(figure: FigureSource, base: str) -> str:
    """What stands in the page for a figure; pictures lie below `base`, or what of it is no anchor."""
    picture = named_by(figure.svg)
    if picture:
        return markup_for(figure.name, picture, base.partition("#")[0])
    return _indent.sub("\n", figure.svg)


def _preview(slug: str, title: str, body: str, base: str) -> Preview:
    said = _sentence.split(definition_of(body), maxsplit=1)[0]
    return Preview(f"term-{slug}", title, render(said, 4, links=leads_of(said, base)), f"{base}glossary/{slug}/")


def _rows(specification: Specification) -> Sequence[GlossaryTerm]:
    edition = UnitEdition.objects.in_force().filter(specification=specification).order_by("-number").values("pk")[:1]
    return list(GlossaryTerm.objects.filter(edition__in=edition).order_by("position"))


def _listed(row: GlossaryTerm, base: str) -> Term:
    said = definition_of(row.body)
    url = f"{base}glossary/{row.slug}/"
    return Term(row.slug, row.title, render(said, 3, links=leads_of(said, base)), url)


def glossary(specification: Specification, base: str = "", find: str = "") -> tuple[Term, ...]:
    """The terms in the order of the file; with `find`, those in whose title or text every word of it occurs.

    Links lead below `base`, the address of the unit's map. 1 statement.
    """
    words = find.casefold().split()
    rows = [row for row in _rows(specification) if all(word in f"{row.title} {row.body}".casefold() for word in words)]
    # What is looked for is more likely the term that is called so than one that mentions it.
    rows.sort(key=lambda row: not all(word in row.title.casefold() for word in words) if words else row.position)
    return tuple(_listed(row, base) for row in rows)


def entry(specification: Specification, slug: str, base: str = "") -> Entry:
    """The whole entry of a term. 1 statement. Raises GlossaryTerm.DoesNotExist for one that is not there."""
    rows = _rows(specification)
    place = next((n for n, row in enumerate(rows) if row.slug == slug), None)
    if place is None:
        raise GlossaryTerm.DoesNotExist(slug)
    row = rows[place]
    return Entry(
        row.slug,
        row.title,
        render(row.body, 2, links=leads_of(row.body, base)),
        _listed(rows[place - 1], base) if place else None,
        _listed(rows[place + 1], base) if place + 1 < len(rows) else None,
    )
