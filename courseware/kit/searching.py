"""Finding words in names and titles whatever their case and accents, in both databases alike.

`fold` says what counts as the same: ASCII and the letters of Latin-1 and Latin Extended-A without case and accents,
typographic quotes and dashes as plain ones, combining accents dropped. `Folded` is the same for a column.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import CharField, F, Func, Q, QuerySet, Value
from django.db.models.functions import Lower
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

LONGEST = 100  # characters of a question; the rest is left away
SHORTEST = 2
MOST_WORDS = 6
_PLAIN = {"ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ı": "i", "‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-"}
_DROPPED = "".join(map(chr, (*range(0x300, 0x30D), 0x327, 0x328)))


def _letters() -> dict[str, str]:
    found = dict(_PLAIN)
    for letter in map(chr, range(0xC0, 0x180)):
        base = unicodedata.normalize("NFD", letter)[0].lower()
        plain = _PLAIN.get(base, base)
        if plain != letter and len(plain) == 1:
            found[letter] = plain
    return found


_LETTERS = _letters()
_FROM, _TO = "".join(_LETTERS) + _DROPPED, "".join(_LETTERS.values())
_TABLE = str.maketrans(_FROM[: len(_TO)], _TO, _DROPPED) | {letter: letter + 32 for letter in range(65, 91)}


def fold(text: str | None) -> str | None:
    """`text` as it is compared; None for none."""
    return None if text is None else text.translate(_TABLE)


class Folded(Func):
    """A column of text as `fold` gives it."""

    output_field = CharField()
    arity = 1
    function = "courseware_fold"  # of this module, given to SQLite with every connection

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """The same by the database's own means."""
        (column,) = self.get_source_expressions()
        translated = Func(column, Value(_FROM), Value(_TO), function="TRANSLATE", output_field=CharField())
        return Lower(translated).as_sql(compiler, connection, **context)


def give_fold(connection: Any, **_kwargs: Any) -> None:
    """Give a new connection to SQLite the function that `Folded` names."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("courseware_fold", 1, fold, deterministic=True)


def words_of(question: str) -> tuple[str, ...]:
    """The folded words of what somebody typed, at most MOST_WORDS; none when it is too short to look for."""
    plain = "".join(" " if unicodedata.category(one) in ("Cc", "Cs") else one for one in question[: LONGEST * 2])
    folded = fold(unicodedata.normalize("NFC", plain)[:LONGEST]) or ""
    words = tuple(folded.split()[:MOST_WORDS])
    return words if sum(map(len, words)) >= SHORTEST else ()


def having(rows: QuerySet[Any], words: Iterable[str], *fields: str, plain: Sequence[str] = ()) -> QuerySet[Any]:
    """Those of `rows` in which every word stands in one of `fields`, folded, or of `plain`, whatever the case."""
    names = {f"_folded_{number}": Folded(F(field)) for number, field in enumerate(fields)}
    rows = rows.annotate(**names)
    for word in words:
        where = Q()
        for name in names:
            where |= Q(**{f"{name}__contains": word})
        for field in plain:
            where |= Q(**{f"{field}__icontains": word})
        rows = rows.filter(where)
    return rows


def marked(text: str, words: Iterable[str]) -> SafeString:
    """`text` as HTML, with `<mark>` around every place where one of the folded `words` stands."""
    hits = [False] * len(text)
    letters = [(fold(one) or "", place) for place, one in enumerate(text)]
    kept = [(letter, place) for letter, place in letters if letter]
    folded = "".join(letter for letter, _ in kept)
    for word in words:
        start = folded.find(word)
        while word and start >= 0:
            first, last = kept[start][1], kept[start + len(word) - 1][1]
            hits[first : last + 1] = [True] * (last + 1 - first)
            start = folded.find(word, start + 1)
    return format_html_join("", "{}", ((part,) for part in _parts(text, hits)))


def _parts(text: str, hits: Sequence[bool]) -> Iterable[str | SafeString]:
    begin = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or hits[place] != hits[begin]:
            part = text[begin:place]
            yield format_html_join("", "<mark>{}</mark>", ((part,),)) if hits[begin] else part
            begin = place


def around(text: str, words: Sequence[str], width: int = 160) -> str:
    """About `width` characters of `text` around the first place where a word stands, cut between words."""
    folded = text.lower()
    places = [place for place in (folded.find(word) for word in words) if place >= 0]
    middle = min(places, default=0)
    begin, end = max(0, middle - width // 3), min(len(text), middle + 2 * width // 3)
    part = text[begin:end]
    if begin and " " in part:
        part = "… " + part.split(" ", 1)[1]
    if end < len(text) and " " in part:
        part = part.rsplit(" ", 1)[0] + " …"
    return part
