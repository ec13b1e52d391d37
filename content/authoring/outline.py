"""The outline of a specification while it is read: outcomes and criteria, and what each piece was used for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from . import marks
from .marks import Mark, squeezed
from .plain import Note

MOST: Final = 99  # outcomes, and criteria of one outcome


@dataclass
class Text:
    """Something that grows while it is read: its words, and how a piece that joins it is listed."""

    use: str
    words: list[str] = field(default_factory=list)
    size: int = 0

    def add(self, words: str) -> None:
        """Let it go on with `words`."""
        if words:
            self.words.append(words)
            self.size += len(words) + 1

    def says(self, words: str) -> bool:
        """Whether it says the same as `words`; asked without joining what is far longer or shorter."""
        return abs(self.size - len(words)) < 100 and squeezed(words) == squeezed(str(self))

    def __str__(self) -> str:
        return re.sub(r"(?<=\w-) (?=[a-z])", "", " ".join(self.words))


@dataclass
class Criterion:
    """A criterion so far, by the number that the specification gives it."""

    number: str
    text: Text
    guidance: Text


@dataclass
class Outcome:
    """An outcome so far. `style` is that of the number by which it was listed.

    `listed` says that its criteria have no outcome's number before theirs, `dotted` that they have.
    """

    number: int
    text: Text
    guidance: Text
    criteria: list[Criterion] = field(default_factory=list)
    style: str = ""
    listed: bool = False
    dotted: bool = False


class Sheet:
    """What each piece of each line was used for, and where text goes on."""

    def __init__(self) -> None:
        self.notes: list[Note] = []
        self.pieces: list[list[str]] = []  # of each line, what its pieces were used for
        self.unused: list[tuple[int, int, str]] = []  # line, place in it, text
        self.number = 0
        self.columns: dict[int, Text] = {}
        self.target: Text | None = None

    def use(self, what: str) -> None:
        """The piece was used for this."""
        self.pieces[self.number - 1].append(what)

    def leave(self, text: str) -> None:
        """The piece was not recognised."""
        self.unused.append((self.number, len(self.pieces[self.number - 1]), text))
        self.use("")

    def join(self, text: Text, words: str) -> None:
        """The piece joins `text`, with these words of it."""
        text.add(words)
        self.use(text.use)

    def start(self, text: Text, words: str, column: int) -> None:
        """The piece begins `text`: what stands in this column, and below it, goes on with it."""
        self.join(text, words)
        for other in [one for one in self.columns if one > column]:
            del self.columns[other]
        self.target = self.columns[column] = text

    def note(self, message: str) -> None:
        """Something to look at in this line."""
        self.notes.append(Note(self.number, message))


class Outline(Sheet):
    """Opens outcomes and criteria."""

    def __init__(self) -> None:
        super().__init__()
        self.outcomes: list[Outcome] = []

    @property
    def last(self) -> Outcome | None:
        """The outcome that was begun last."""
        return self.outcomes[-1] if self.outcomes else None

    def outcome_of(self, number: int) -> Outcome | None:
        """The outcome with this number."""
        return next((one for one in self.outcomes if one.number == number), None)

    def open(self, mark: Mark, column: int) -> str:
        """Begin what `mark` announces; what the piece was used for, "" when it is nothing of the sort."""
        if mark.kind == "outcome":
            return self._outcome(mark, column)
        last = self.last
        if mark.kind == "criterion":
            return self._dotted(mark, column)
        count = len(last.criteria) + 1 if last else 0
        if mark.kind == "bullet":
            fits = last is not None and (last.listed or not last.criteria) and not last.dotted and marks.asks(mark.rest)
            return self._criterion(last, count, mark.rest, column) if fits and last else ""
        if last and not last.dotted and count in mark.numbers and _lists(last, mark):
            return self._criterion(last, count, mark.rest, column)
        if mark.kind != "item":
            return ""
        if any(one.number in mark.numbers and one.text.says(mark.rest) for one in self.outcomes):
            self.use("repeated")
            return "repeated"
        if len(self.outcomes) + 1 in mark.numbers and mark.rest[:1].isalpha():
            told = Mark("outcome", (len(self.outcomes) + 1,), mark.rest, style=mark.style)
            return self._outcome(told, column, listed=False)
        return ""

    def _outcome(self, mark: Mark, column: int, *, listed: bool = True) -> str:
        number = mark.numbers[0] or len(self.outcomes) + 1
        said = marks.learner_of(mark.rest)
        rest = said[1] if said else mark.rest
        known = self.outcome_of(number)
        if known:
            if not rest or marks.is_continued(rest) or known.text.says(rest):
                self.use("repeated")
            else:
                self.note(f"Outcome {number} is there twice.")
                self.leave(f"{number} {rest}")
            return "repeated"
        if not 1 <= number <= MOST:
            return ""
        if number != len(self.outcomes) + 1:
            self.note(f"Outcome {len(self.outcomes) + 1} is missing before outcome {number}.")
        use = f"outcome {number}"
        outcome = Outcome(number, Text(use), Text(f"guidance on {use}"), style=mark.style, listed=listed)
        self.outcomes.append(outcome)
        self.start(outcome.text, capital(rest), column)
        return use

    def _dotted(self, mark: Mark, column: int) -> str:
        outcome = self.outcome_of(mark.outcome)
        if outcome is None:
            if mark.outcome != len(self.outcomes) + 1:
                return ""
            self.note(f"The text of outcome {mark.outcome} was not found before its criteria.")
            use = f"outcome {mark.outcome}"
            outcome = Outcome(mark.outcome, Text(use), Text(f"guidance on {use}"))
            self.outcomes.append(outcome)
        outcome.dotted, outcome.listed = True, False
        return self._criterion(outcome, mark.numbers[0], mark.rest, column)

    def _criterion(self, outcome: Outcome, place: int, rest: str, column: int) -> str:
        number = f"{outcome.number}.{place}"
        said = marks.learner_of(rest)
        rest = said[1] if said and said[1] else rest
        known = next((one for one in outcome.criteria if one.number == number), None)
        if known:
            if known.text.says(rest):
                self.use("repeated")
            else:
                self.note(f"Criterion {number} is there twice.")
                self.leave(f"{number} {rest}")
            return "repeated"
        if not 1 <= place <= MOST:
            return ""
        if place != len(outcome.criteria) + 1:
            self.note(f"A criterion is missing before {number}, or they are out of order.")
        use = f"criterion {number}"
        criterion = Criterion(number, Text(use), Text(f"guidance on {number}"))
        outcome.criteria.append(criterion)
        self.start(criterion.text, capital(rest), column)
        return use


def _lists(outcome: Outcome, mark: Mark) -> bool:
    """Whether `mark`, which has the next criterion's number, is in the manner of this outcome's criteria."""
    if mark.kind == "alone":
        return True
    if outcome.style:
        return mark.style != outcome.style
    return outcome.listed and marks.asks(mark.rest)


def capital(text: str) -> str:
    """The text with a capital letter at its beginning."""
    return text[:1].upper() + text[1:]
