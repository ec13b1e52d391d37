"""What an answer is: read from a form against a closed list, bounded, and the same by whatever path it came.

A form is only fields of text, so nothing nested can come in. What a person may well send (nothing chosen yet, words
where a number belongs) is `Unanswered`, and the page says so; what no page of ours sends is `Impossible`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

Form = Mapping[str, Sequence[str]]
Answer = dict[str, Any]
FIELDS: Final = 300
TRY: Final = 2_000  # characters of a try as it is stored
WORK: Final = 120_000  # characters of a work as it is stored
OURS: Final = frozenset(("csrfmiddlewaretoken", "key", "do"))


class Unanswered(Exception):
    """Something is still missing; `answer` holds what is there, `message` says what is not."""

    def __init__(self, message: str, answer: Answer) -> None:
        super().__init__(message)
        self.message = message
        self.answer = answer


class Impossible(Exception):
    """No page of ours sends this."""


@dataclass(frozen=True)
class Judgement:
    """What a try is worth: `marks` says of each part (its letter) whether it is right, `replies` what to say of it.

    `say` is about the whole.
    """

    right: bool
    marks: Mapping[str, bool] = field(default_factory=dict)
    replies: Mapping[str, str] = field(default_factory=dict)
    say: str = ""


def closed(form: Form, known: Iterable[str]) -> None:
    """Raise Impossible for a form with fields that are not `known`, or with too many."""
    if len(form) > FIELDS or not OURS.union(known).issuperset(form):
        raise Impossible("This form has fields that the page does not have.")


def one(form: Form, name: str, at_most: int = 40) -> str:
    """The one value of a field, empty when it was not sent. Raises Impossible for several, or a long one."""
    values = form.get(name, ())
    if len(values) > 1 or any(len(value) > at_most for value in values):
        raise Impossible(f"The field {name} has more in it than the page can send.")
    text = values[0] if values else ""
    if "\x00" in text:
        raise Impossible(f"The field {name} has a character that no keyboard sends.")
    return text


def picked(form: Form, name: str, allowed: Sequence[str]) -> str:
    """The one value of a field that offers `allowed`, empty when nothing was chosen."""
    value = one(form, name)
    if value and value not in allowed:
        raise Impossible(f"The field {name} offers no such choice.")
    return value


def some(form: Form, name: str, allowed: Sequence[str]) -> list[str]:
    """The values of a field of which several can be chosen, each once, in the order of `allowed`."""
    values = form.get(name, ())
    if len(set(values)) != len(values) or not set(allowed).issuperset(values):
        raise Impossible(f"The field {name} offers no such choice.")
    return [value for value in allowed if value in values]


def prose(form: Form, name: str, at_most: int) -> str:
    """A text that somebody wrote: line feeds alone, edges cut. Raises Impossible when it is longer than `at_most`."""
    return one(form, name, 2 * at_most).replace("\r\n", "\n").replace("\r", "\n").strip()[:at_most]


def written(answer: Mapping[str, Any], at_most: int) -> str:
    """An answer as it is stored: canonical JSON. Raises Impossible when it is longer than `at_most` characters."""
    text = json.dumps(answer, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    if len(text) > at_most:
        raise Impossible("This answer is longer than there is room for.")
    return text
