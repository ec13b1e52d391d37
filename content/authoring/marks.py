"""What a piece of a specification begins with: a number, a bullet, a heading, the name of a field.

Each question is one regular expression without nested repetition, so that it takes time in proportion to the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from content.commands import MEANINGS, verb_of

WORDS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
STARTS: Final = ("understand", "know", "be")  # what an outcome begins with
ROMAN: Final = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_number = r"(\d{1,2}|[ivx]{1,4}|" + "|".join(WORDS) + ")"
_dash = r"(?:[-–—:]+\s+)?"

_criterion = re.compile(
    r"[\[(]?(?:for\s)?(?:(?:assessment\s)?criteri(?:on|a)\s?|a\.?c\.?\s?|lo\s?)?"
    r"(\d{1,2}|[ivx]{1,4})\s?\.\s?(\d{1,2})(?![\d]|\.\d|%)"
    rf"[\])]?[.):]?(?:\s+|$){_dash}(.*)",
    re.IGNORECASE,
)
_outcome = re.compile(
    rf"(?:learning\soutcome|outcome|l\.?o\.?)\s*(?:no\.?\s|number\s)?{_number}(?![\w.]*\d)\b[.):]?\s*{_dash}(.*)",
    re.IGNORECASE,
)
_unnumbered = re.compile(r"(?:learning\s)?outcome\s?[-–—:]\s+(.+)", re.IGNORECASE)
_alone = re.compile(r"(?:(?:assessment\s)?criterion|a\.?c\.?)\s?(\d{1,2})\b(?!\.\d)[.):]?\s*" + _dash + "(.*)", re.I)
_item = re.compile(r"[\[(]?(\d{1,2}|[ivxIVX]{1,4}|[a-zA-Z])(?:[.)\]:]+(?:\s+|$)|(?=\s+[A-Z])\s+|$)(.*)")
_bullet = re.compile(r"(?:[•●▪◦○‣⁃·■□➢✓*–—-]|o(?=\s))\s+(.+)")
_person = r"(?:the\s|a\s|each\s)?(?:learner|candidate|student|apprentice)s?"
_learner = re.compile(
    r"(?:(?:when|on|upon|after|by) (?:(?:awarded|successful|successfully|completing|completion|the|end|of|this|"
    r"credit|for|unit|module|a|having|completed|being),? ){1,8})?"
    rf"{_person}\s(will|can|should|must|shall|is able to)\b\s*[:…]?\s*(.*)",
    re.IGNORECASE,
)
_continued = re.compile(r"\(?\s*(?:continued|cont\.?|cont’d|cont'd)\s*\)?", re.IGNORECASE)
_page = re.compile(r"(?:page\s?)?\d{1,3}\s?(?:of|/)\s?\d{1,3}|page\s?\d{1,3}|[-–]\s?\d{1,3}\s?[-–]", re.IGNORECASE)
_guidance = re.compile(
    r"(?:indicative content|unit content|content|amplification|range|scope|(?:assessment |delivery |teaching |further "
    r"|additional )?guidance|(?:evidence|assessment) requirements|additional information|guidance notes)"
    r"(?:\s?(?:for|on|to|[-–—:])\s?(?=(?:learning outcome|outcome|lo|ac|assessment criteri|criteri|\d).{0,20}\d))?"
    r"\s*(?:(?<=\s)(?:for|on) (?:tutors|assessors|teachers|learners|the unit|this unit|each criterion|assessment))?"
    r"\s*(?::\s*|[-–—]\s+|$|(?=(?:learning outcome|outcome|lo|ac)\s?\d)|(?=\d\.\d))(.*)",
    re.IGNORECASE,
)
_aside = re.compile(
    r"(?:assessment methods?|grading|resources|references|(?:suggested |further )?reading|links|equipment|"
    r"employer engagement|relationship to .{0,80})\s*(?::.*)?",
    re.IGNORECASE,
)
HEADINGS: Final = frozenset(
    (
        "learning outcome|learning outcomes|learning outcome s|outcome|outcomes|assessment criteria|"
        "assessment criterion|criteria|criterion|lo|los|ac|acs|no|number|ref|lo and ac|"
        "learning outcomes and assessment criteria|"
        "outcomes and criteria|unit details|unit information|unit specification|knowledge|skills|the learner"
    ).split("|")
)
GUIDANCE_HEADINGS: Final = frozenset(
    "indicative content|guidance|assessment guidance|content|amplification|unit content|delivery guidance".split("|")
)

_hours = r"(?:\s?\((?:glh|tqt|tut|h|hrs|hours)\))?"
_FIELDS: Final = {
    "title": r"unit title|title of (?:the )?unit|title|unit",
    "code": r"unit (?:number|code|no\.?)",
    "reference": r"(?:ofqual |unit )?(?:accreditation |reference )(?:number|no\.?|code)|(?:unit |ofqual )?reference|"
    r"urn",
    "level": r"(?:unit |rqf )?level",
    "credit_value": r"(?:unit )?credit value|(?:unit )?credits?",
    "guided_learning_hours": rf"guided learning hours?{_hours}|guided learning|glh",
    "total_hours": rf"total (?:(?:qualification|unit|learning) )?(?:time|hours?){_hours}|notional learning hours|"
    r"tqt|tut",
    "sector": r"sector subject area|subject sector area|sector|ssa",
    "review_on": r"(?:unit )?(?:review|expiry) date",
    "aim": r"unit aims?(?: and purpose)?|aims?(?: and purpose)?|(?:unit )?purpose|unit (?:summary|overview)|overview",
}
NUMBERS: Final = frozenset(("level", "credit_value", "guided_learning_hours", "total_hours"))
_names = "|".join(f"(?P<{name}>{pattern})" for name, pattern in _FIELDS.items())
_label = re.compile(rf"(?:{_names})\s*[:=–-]?\s*", re.IGNORECASE)
_field = re.compile(rf"(?:{_names})\s*(?:[:=]\s*|\s[–-]\s+|(?=[A-Z]/\d{{3}}/\d{{4}}))(\S.*)", re.IGNORECASE)
_pair = re.compile(
    rf"(?:{_names})\s*[:=–-]?\s*(?P<n>\d{{1,4}})\b(?!\.\d)\s?(?:(?:hours?|hrs?|credits?|h)\b(?!\s*(?:value|[:\d])))?\s*"
    r"(?:[,;|/.]\s*|and\s+|$|(?=[a-z]))",
    re.IGNORECASE,
)
_reversed = re.compile(r"(\d{1,4})\s(credits?|guided learning hours|glh)\b[,;.]?\s*", re.IGNORECASE)
_unit = re.compile(r"unit\s([a-z]{0,3}\d[\w/-]{0,15}|[a-z]{1,2}\d{0,3})\s*(?:[:–—.-]\s*|\s)(\S.*)", re.IGNORECASE)
_unit_only = re.compile(r"unit\s([a-z]{0,3}\d[\w/-]{0,15})\s*:?", re.IGNORECASE)
_figure = re.compile(r"(\d{1,4})\s?(?:hours?|hrs?|credits?|h)?\.?", re.IGNORECASE)
_run = re.compile(
    r"(?<![\w.])(?P<pre>(?:learning\s)?outcome\s?|lo\s?|a\.?c\.?\s?)?(?P<o>\d{1,2})(?:\.(?P<c>\d{1,2}))?"
    r"(?P<end>[.):]?)\s+(?=(?P<word>[A-Za-z]+))",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Mark:
    """What a piece begins with, and the `rest` of it.

    `kind` is "criterion" (2.3), "alone" (AC 3), "outcome" (LO2), "item" (a bare number or letter) or "bullet".
    `numbers` are what the number may mean; `outcome` is the one before the point; `style` tells 1, I and i apart.
    """

    kind: str
    numbers: tuple[int, ...]
    rest: str
    outcome: int = 0
    style: str = ""


def value_of(text: str) -> int:
    """The number that a numeral, a Roman numeral or a word stands for; 0 for none."""
    text = text.lower()
    if text.isdecimal():
        return int(text)
    for names in (ROMAN, WORDS):
        if text in names:
            return names.index(text) + 1
    return 0


def mark_of(text: str) -> Mark | None:
    """The mark that `text` begins with, if any."""
    if found := _criterion.fullmatch(text):
        return Mark("criterion", (int(found[2]),), found[3], value_of(found[1]))
    if found := _outcome.fullmatch(text):
        return Mark("outcome", (value_of(found[1]),), found[2])
    if found := _unnumbered.fullmatch(text):
        return Mark("outcome", (0,), found[1])
    if found := _alone.fullmatch(text):
        return Mark("alone", (int(found[1]),), found[2])
    if found := _item.fullmatch(text):
        letter = ord(found[1].lower()) - 96 if len(found[1]) == 1 and found[1].isalpha() else 0
        numbers = tuple(n for n in (value_of(found[1]), letter) if n)
        style = "1" if found[1].isdecimal() else "I" if found[1].isupper() else "i"
        return Mark("item", numbers, found[2], style=style) if numbers else None
    found = _bullet.fullmatch(text)
    return Mark("bullet", (), found[1]) if found else None


def learner_of(text: str) -> tuple[str, str] | None:
    """`will` or `can`, and the rest, of a text that begins "The learner will ..."; None for any other."""
    found = _learner.fullmatch(text)
    if not found:
        return None
    return ("can" if found[1].lower() in ("can", "is able to") else "will"), found[2]


def guidance_of(text: str) -> str | None:
    """What follows the heading of a section with guidance; None for a text that is none."""
    found = _guidance.fullmatch(text)
    return found[1].strip() if found else None


def is_heading(text: str) -> bool:
    """Whether this only names a column or a part."""
    return squeezed(text) in HEADINGS


def is_guidance_heading(text: str) -> bool:
    """Whether this only names a column or a part with guidance."""
    return squeezed(text) in GUIDANCE_HEADINGS


def is_continued(text: str) -> bool:
    """Whether this only says that something goes on."""
    return _continued.fullmatch(text) is not None


def is_aside(text: str) -> bool:
    """Whether this begins a part that has no place in a unit's folder: methods of assessment, books."""
    return _aside.fullmatch(text) is not None


def is_page(text: str) -> bool:
    """Whether this is the number of a page."""
    return _page.fullmatch(text) is not None


def squeezed(text: str) -> str:
    """The words of a text, small, one space between."""
    return " ".join(re.findall(r"\w+", text.lower()))


def label_of(text: str) -> str:
    """The field that `text` names and nothing else; empty for none."""
    found = _label.fullmatch(text)
    return _name(found) if found else ""


def figures_of(text: str) -> list[tuple[str, str]]:
    """The fields of numbers with their values, if `text` holds nothing else ("Level: 3, 4 credits")."""
    pairs: list[tuple[str, str]] = []
    at = 0
    while at < len(text) and len(pairs) < 8:
        if found := _pair.match(text, at):
            pairs.append((_name(found), found["n"]))
        elif found := _reversed.match(text, at):
            pairs.append(("credit_value" if found[2][0] in "cC" else "guided_learning_hours", found[1]))
        else:
            return []
        at = found.end()
    return pairs if at == len(text) and all(name in NUMBERS for name, _ in pairs) else []


def field_of(text: str) -> tuple[str, str] | None:
    """The field and the value of "Unit title: Bees"."""
    found = _field.fullmatch(text)
    return (_name(found), str(found[found.re.groups])) if found else None


def unit_of(text: str) -> tuple[str, str] | None:
    """The code and the title (perhaps empty) of "Unit 12: Bees"."""
    if found := _unit_only.fullmatch(text):
        return found[1], ""
    found = _unit.fullmatch(text)
    return (found[1], found[2].strip()) if found else None


def figure_of(text: str) -> str:
    """The number in "30 hours"; empty for anything else."""
    found = _figure.fullmatch(text)
    return found[1] if found else ""


def _name(found: re.Match[str]) -> str:
    return next(name for name in _FIELDS if found[name])


def asks(text: str) -> bool:
    """Whether the text begins with a command verb."""
    return verb_of(text).strip(":,.;") in MEANINGS


def parts_of(text: str, outcome: int, criterion: int) -> Iterator[str]:
    """The pieces of a text in which several criteria stand one after the other.

    It is divided before the number that comes next after `outcome`.`criterion`, and so on, where a sentence ends or a
    command verb follows.
    """
    start = 0
    for found in _run.finditer(text):
        o, c = int(found["o"]), int(found["c"] or 0)
        nexts = {(outcome, criterion + 1), (outcome + 1, 1)} if found["c"] else {(outcome + 1, 0)}
        if (o, c) not in nexts or not (found["c"] or found["pre"] or found["end"]):
            continue
        before = text[start : found.start()].rstrip()
        opens = found["word"].lower() in (MEANINGS if found["c"] else STARTS)
        if before and before[-1] not in ".;:,|/)" and not opens:
            continue
        if before:
            yield before
        start = found.start()
        outcome, criterion = o, c
    yield text[start:].strip()
