"""Which number was worked out, and whether it is right."""

from __future__ import annotations

import re
from decimal import Decimal

from content.activities.answers import Answer, Form, Impossible, Judgement, Unanswered, closed, one
from content.activities.base import Data

_number = re.compile(r"[-−]?(?:\d{1,3}(?:,\d{3})+|\d{1,12})?(?:\.\d{1,6})?")
_around = re.compile(r"[\s£€$%]+")
_machine = re.compile(r"[-+]?(?:nan|inf|infinity|0x.*|\d.*e[-+]?\d+)", re.IGNORECASE)


def read(data: Data, form: Form) -> Answer:
    """`{"number": "12.5"}`, however it was typed: `12.50`, `£12.5`, `12.5 %`."""
    closed(form, ["number"])
    typed = one(form, "number").strip()
    bare = _around.sub("", typed.removesuffix(data.get("unit", "") or " "))
    if not bare:
        raise Unanswered("Write a number first.", {})
    if _machine.fullmatch(bare):
        raise Impossible("That is not a number that this question can have as its answer.")
    if not _number.fullmatch(bare) or not any(sign.isdecimal() for sign in bare):
        raise Unanswered("Write a number, such as 12 or 12.5.", {"number": typed})
    value = Decimal(bare.replace(",", "").replace("−", "-"))
    exact = f"{value:f}"
    return {"number": (exact.rstrip("0").rstrip(".") if "." in exact else exact) if value else "0"}


def judge(data: Data, answer: Answer) -> Judgement:
    """Right within the tolerance; a number that comes from a known mistake is told which."""
    number = Decimal(answer["number"])
    tolerance = data.get("tolerance", Decimal(0))
    if abs(number - data["answer"]) <= tolerance:
        return Judgement(right=True, say=data["right"])
    known = {mistake["answer"]: mistake["reply"] for mistake in data["mistakes"]}
    near = next((reply for value, reply in known.items() if abs(number - value) <= tolerance), "")
    return Judgement(right=False, say=near or data["wrong"])
