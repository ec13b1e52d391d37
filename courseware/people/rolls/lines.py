"""What becomes of each line of a list of learners, and what is the matter with one that is left out."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.core.exceptions import ValidationError

from courseware.people import uln as numbers
from courseware.people.names import LONGEST, clean_email, clean_name

from .columns import heading

GOOD = {
    "new": "Is added to the centre, invited, and starts the unit.",
    "joins": "Is in the centre already, as {detail}, and starts the unit.",
    "numbered": "Is in this cohort already. The ULN is written down.",
    "here": "Is in this cohort already: nothing to do.",
}
CHANGES = ("new", "joins", "numbered")

BAD = {
    # Of the line as a whole.
    "quote": "A quotation mark opens in this line and never closes. Remove it, or close it.",
    "long": "This line has more than 5,000 characters. Look whether lines have run together.",
    "wide": "The cells of this line are shifted. A name with a comma in it needs quotation marks around it.",
    "headings": "This line repeats the headings. Remove it.",
    "broken": "A cell goes over several lines. Write name, address and ULN in one line.",
    "control": "There are characters in it that cannot be seen. Type the line again.",
    "turning": "There are characters in it that turn the reading direction round. Type the name again.",
    "garbled": "Some letters were lost when the file was saved. Save it as “CSV UTF-8”, or type the line again.",
    "formula": "A cell holds a formula, or begins like one (=, +, -). Write what it comes to.",
    "error": "A cell holds an error of the spreadsheet ({detail}). Write the value.",
    "swapped": "The address stands where the name belongs. Change the two round.",
    # Of the name.
    "no_name": "There is no name. Write the name as it is to stand on the certificate.",
    "name_long": f"The name has more than {LONGEST} characters. Shorten it.",
    "name_letters": "The name has no letter in it. Write the name.",
    "name_address": "The name is an e-mail address. Write the person's name.",
    # Of the address.
    "no_email": "There is no e-mail address. The invitation needs one.",
    "two_addresses": "There is more than one address. Keep the one that the learner reads.",
    "email_space": "There is a space inside the address. Remove it.",
    "email_long": "The address is longer than addresses can be. Look whether something has run together.",
    "email_at": "The address has no @ in it. Write it like name@example.org.",
    "email_domain": "What stands after the @ is no complete address. Write it like name@example.org.",
    "email_form": "This is no e-mail address. Write it like name@example.org.",
    # Of the ULN.
    "uln_rounded": "The spreadsheet rounded the ULN ({detail}). Format the column as text and write all ten digits.",
    "uln_letters": numbers.SAYS["letters"],
    "uln_length": "The ULN has {detail} digits and not ten. Copy all of them.",
    "uln_zero": numbers.SAYS["zero"],
    "uln_unknown": numbers.SAYS["unknown"],
    "uln_checksum": "This is no ULN: its last digit does not fit the others. Check each of them.",
    # Of lines beside each other.
    "repeated": "Line {detail} says the same. This one is not needed.",
    "two_names": "Line {detail} has the same address with another name. Keep the one that is right.",
    "two_ulns": "Line {detail} has the same person with another ULN. Keep the one that is right.",
    "uln_shared": "Line {detail} has the same ULN with another address. Check both.",
    # Of what the centre knows.
    "uln_taken": "{detail} has this ULN at your centre. Check both numbers.",
    "uln_differs": "Your centre knows this learner with another ULN. Correct it on their page if this one is right.",
    "left": "This person has left your centre. Bring them back under People first.",
    "not_learner": "{detail} is in your centre, but not as a learner. Give them the role on their page first.",
    "elsewhere": "Is on this unit already, in the cohort {detail}. Move them there instead.",
}
SAYS = GOOD | BAD
_ERROR = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|####*)")
_ROUNDED = re.compile(r"\d([.,]\d+)?[eE]\+?\d+")
_TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LOCAL = 64  # the longest part before the @ that mail is delivered to (RFC 5321, 4.5.3.1.1)


@dataclass(frozen=True)
class Entry:
    """One line as it stands in the list: where, and what was read as name, address and ULN."""

    number: int
    name: str
    email: str
    uln: str = ""
    fault: str = ""  # of the line as a whole: "quote", "long" or "wide"


@dataclass(frozen=True)
class Person:
    """What a centre knows of one of its people. `cohort` is where they are on the unit now; "this" is this one."""

    name: str
    uln: str = ""
    here: bool = True
    learner: bool = True
    cohort: str = ""


@dataclass(frozen=True)
class Known:
    """What a centre knows of its people, by address; nothing about accounts, and nothing of another centre."""

    people: Mapping[str, Person]

    @property
    def numbers(self) -> dict[str, str]:
        """Whose address each ULN belongs to."""
        return {one.uln: email for email, one in self.people.items() if one.uln}


@dataclass(frozen=True)
class Checked:
    """What becomes of a line: a key of SAYS, what its sentence names, and the values as they would be kept."""

    number: int
    kind: str
    detail: str
    name: str
    email: str
    uln: str

    @property
    def says(self) -> str:
        """The sentence for the person who brought the list."""
        return sentence(self.kind, self.detail)


def sentence(kind: str, detail: str) -> str:
    """The sentence of a kind."""
    return SAYS[kind].replace("{detail}", detail)


def check(entries: Sequence[Entry], known: Known) -> list[Checked]:
    """What becomes of each line, in their order: every entry gives one answer."""
    alone = [_alone(entry) for entry in entries]
    beside = _beside([one for one in alone if not one.kind])
    numbered = known.numbers
    return [_known(beside.get(one.number, one), known, numbered) for one in alone]


def _alone(entry: Entry) -> Checked:
    """The first thing that is the matter with a line by itself; no kind when there is none."""
    kind, detail = _whole(entry) or _of_name(entry) or _of_email(entry.email) or _of_uln(entry.uln) or ("", "")
    if kind:
        return Checked(entry.number, kind, detail[:200], entry.name, entry.email, entry.uln)
    return Checked(entry.number, "", "", clean_name(entry.name), clean_email(entry.email), numbers.tidy(entry.uln))


Fault = tuple[str, str] | None


def _whole(entry: Entry) -> Fault:
    if entry.fault:
        return entry.fault, ""
    cells = (entry.name, entry.email, entry.uln)
    unseen = _unseen("".join(cells))
    if unseen:
        return unseen, ""
    if heading(entry.email) == "email" or (heading(entry.name) == "name" and heading(entry.uln) == "uln"):
        return "headings", ""
    for cell in cells:
        if cell[:1] in ("=", "+", "-"):
            return "formula", ""
        if _ERROR.fullmatch(cell):
            return "error", cell
    if "@" not in entry.email and "@" in entry.uln:
        return "wide", ""
    return ("swapped", "") if "@" in entry.name and "@" not in entry.email and entry.email else None


def _unseen(text: str) -> str:
    if "\n" in text or "\r" in text:
        return "broken"
    if any(unicodedata.category(one) in ("Cc", "Cs", "Co", "Cn") for one in text):
        return "control"
    if any(one in _TURNING for one in text):
        return "turning"
    return "garbled" if "\ufffd" in text else ""


def _of_name(entry: Entry) -> Fault:
    name = entry.name.strip()
    if not name:
        return "no_name", ""
    if "@" in name:
        return "name_address", ""
    if len(unicodedata.normalize("NFC", " ".join(name.split()))) > LONGEST:
        return "name_long", ""
    return None if any(one.isalpha() for one in name) else ("name_letters", "")


def _of_email(text: str) -> Fault:
    email = text.strip()
    if not email:
        return "no_email", ""
    if email.count("@") > 1 and re.search(r"[\s,;/]", email):
        return "two_addresses", ""
    if re.search(r"\s", email):
        return "email_space", ""
    local, at, domain = email.rpartition("@")
    if not at:
        return "email_at", ""
    if len(email) > 254 or len(local) > _LOCAL:
        return "email_long", ""
    if "." not in domain.strip("."):
        return "email_domain", ""
    try:
        clean_email(email)
    except ValidationError:
        return "email_form", ""
    return None


def _of_uln(text: str) -> Fault:
    if _ROUNDED.fullmatch(text.strip()):
        return "uln_rounded", text.strip()
    number = numbers.tidy(text)
    fault = numbers.fault_of(number) if number else ""
    return (f"uln_{fault}", str(len(number))) if fault else None


def _beside(lines: Iterable[Checked]) -> dict[int, Checked]:
    """The lines, by number, each with what is the matter with it beside the others."""
    by_email: dict[str, list[Checked]] = defaultdict(list)
    by_uln: dict[str, list[Checked]] = defaultdict(list)
    for one in lines:
        by_email[one.email].append(one)
        by_uln[one.uln].append(one)
    names = {email: _Apart(same, lambda one: one.name.casefold()) for email, same in by_email.items()}
    ulns = {email: _Apart([one for one in same if one.uln], lambda one: one.uln) for email, same in by_email.items()}
    owners = {uln: _Apart(same, lambda one: one.email) for uln, same in by_uln.items() if uln}
    found = {}
    for one in (one for same in by_email.values() for one in same):
        first = by_email[one.email][0]
        against = (
            ("two_names", names[one.email].from_(one)),
            ("two_ulns", ulns[one.email].from_(one) if one.uln else None),
            ("uln_shared", owners[one.uln].from_(one) if one.uln else None),
            ("repeated", first if first is not one else None),
        )
        kind, other = next(((kind, other) for kind, other in against if other), ("", None))
        found[one.number] = replace(one, kind=kind, detail=str(other.number) if other else "")
    return found


class _Apart:
    """Of lines that belong together: the first, and the first that differs from it in what `by` tells."""

    def __init__(self, lines: Sequence[Checked], by: Callable[[Checked], str]) -> None:
        self._by = by
        self._first = lines[0] if lines else None
        self._other = next((one for one in lines if by(one) != by(lines[0])), None)

    def from_(self, line: Checked) -> Checked | None:
        """A line that differs from `line`, if there is one."""
        differs = self._first is not None and self._by(self._first) != self._by(line)
        return self._first if differs else self._other


def _known(line: Checked, known: Known, numbered: Mapping[str, str]) -> Checked:
    """The line with what becomes of it, by what the centre knows."""
    if line.kind:
        return line
    person = known.people.get(line.email)
    kind, detail = _of_person(line, person)
    owner = numbered.get(line.uln, line.email) if line.uln else line.email
    if kind in CHANGES and owner != line.email:
        kind, detail = "uln_taken", known.people[owner].name
    return replace(line, kind=kind, detail=detail)


def _of_person(line: Checked, person: Person | None) -> tuple[str, str]:
    if person is None:
        return "new", ""
    if not person.here:
        return "left", ""
    if not person.learner:
        return "not_learner", person.name
    if line.uln and person.uln and line.uln != person.uln:
        return "uln_differs", ""
    if person.cohort == "this":
        return ("numbered", "") if line.uln and not person.uln else ("here", "")
    return ("elsewhere", person.cohort) if person.cohort else ("joins", person.name)
