"""The Unique Learner Number: ten digits that the Learning Records Service gives a learner, the last a check digit."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError

LENGTH = 10
UNKNOWN = "9999999999"  # what returns of learner data write while no number is known


def check_digit(first_nine: str) -> str:
    """The tenth digit for nine; empty where no number with these nine exists.

    The nine are multiplied by 10, 9 ... 2 and added; the check digit is ten less the remainder of that sum by eleven.
    With remainder 0 there is none. As the Learning Records Service gives it, published in the coding manual of the
    Higher Education Statistics Agency for the Student record (C17051, field ULN), whose example is 9276308686.
    """
    remainder = sum(int(digit) * weight for digit, weight in zip(first_nine, range(10, 1, -1), strict=True)) % 11
    return str(10 - remainder) if remainder else ""


def fault_of(number: str) -> str:
    """What is the matter with ten characters meant as a ULN: "letters", "length", "zero", "unknown", "checksum", or
    nothing.
    """
    if not (number.isascii() and number.isdigit()):
        return "letters"
    if len(number) != LENGTH:
        return "length"
    if number[0] == "0":
        return "zero"
    if number == UNKNOWN:
        return "unknown"
    return "" if check_digit(number[:-1]) == number[-1] else "checksum"


SAYS = {
    "letters": "A ULN has digits only. Copy it from the learner's record again.",
    "length": "A ULN has ten digits. Copy all of them.",
    "zero": "A ULN never begins with 0. Copy it from the learner's record again.",
    "unknown": "9999999999 stands for a ULN that is not known yet. Leave it empty until it is.",
    "checksum": "This is no ULN: its last digit does not fit the others, so a digit is mistyped. Check each of them.",
}


def tidy(text: str) -> str:
    """`text` without the spaces and hyphens that people set between digits; full-width digits as plain ones."""
    return "".join(
        one for one in unicodedata.normalize("NFKC", text) if not one.isspace() and one not in "-\u2010\u2011"
    )


def clean_uln(text: str) -> str:
    """`text` as a ULN, spaces and hyphens left out; empty stays empty. Raises ValidationError with what to do."""
    number = tidy(text)
    fault = fault_of(number) if number else ""
    if fault:
        raise ValidationError(SAYS[fault])
    return number
