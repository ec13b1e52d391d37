"""Going through a specification, piece by piece."""

from __future__ import annotations

import re

from . import marks
from .found import FOOT
from .marks import Mark, squeezed
from .outline import Criterion, Outcome, Outline, Text, capital

_gap = re.compile(r"\t+ *| {3,}| ?\| ?")
_inner = re.compile(r"\s+(?=[•●▪◦]\s)|\s+(?:/\s*)?(?=the (?:learner|student|candidate)s? can\s*(?::|$))", re.IGNORECASE)
_bulleted = re.compile(r"^(\s*[•●▪◦○‣■□➢✓o])\s+")


class Reader(Outline):
    """Goes through the pieces of a specification from above to below."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.furniture: frozenset[str] = frozenset()
        self.shapes: list[str] = []
        self.seen: set[str] = set()
        self.blank = False  # whether an empty line stands before this piece
        self.guiding = False  # within a section with guidance
        self.held: list[tuple[int, int, str]] = []  # pieces of guidance whose outcome is not known yet
        self.guided = -1  # the column with guidance
        self.labels: list[str] = []  # names of fields whose values come next
        self.waiting: tuple[int, int, Mark, str] | None = None  # a number that stands by itself
        self.aim = Text("aim")

    # A line, its cells, their pieces.

    def line(self, number: int, text: str) -> None:
        """Read one line (cleaned)."""
        self.number = number
        self.pieces.append([])
        if not text.strip():
            self.blank = True
            return
        shape = self.shapes[number - 1]
        if marks.is_page(text.strip()) or (shape in self.furniture and (shape in self.seen or self.outcomes)):
            self.use(FOOT)
            return
        self.seen.add(shape)
        cells = _gap.split(_bulleted.sub(r"\1 ", text.rstrip()))
        if not any(one.strip() for one in cells):
            self.use("line of a table")
        heads = [marks.is_heading(one) or marks.is_guidance_heading(one) for one in cells if one.strip()]
        if len(heads) > 1 and all(heads):
            self.guided = next((n for n, one in enumerate(cells) if marks.is_guidance_heading(one)), -1)
        for column, cell in enumerate(cells):
            for inner in _inner.split(cell.strip()):
                self._cell(inner, column, several=len(heads) > 1 or column > 0)

    def _cell(self, text: str, column: int, *, several: bool) -> None:
        if not text:
            return
        if several and column == self.guided and self.outcomes and not marks.is_guidance_heading(text):
            last = self.outcomes[-1]
            self.join((last.criteria[-1].guidance if last.criteria else last.guidance), text)
            return
        if self.guiding or self.labels:
            self._piece(text, column)
            return
        last_one = self.outcomes[-1] if self.outcomes else None
        at = (last_one.number, len(last_one.criteria)) if last_one else (0, 0)
        for part in marks.parts_of(text, *at):
            self._piece(part, column)

    def _piece(self, text: str, column: int) -> None:
        for way in (self._value, self._waited, self._aside, self._guidance, self._field, self._heading, self._marked):
            if way(text, column):
                break
        else:
            self._plain(text, column)
        self.blank = False

    # The ways, in order: each says whether the piece was its own.

    def _value(self, text: str, column: int) -> bool:
        """A value whose field was named before it."""
        if not self.labels or marks.label_of(text):
            return False
        name = self.labels[0]
        value = marks.figure_of(text) if name in marks.NUMBERS else text
        mark = marks.mark_of(text) if name in ("title", "aim", "sector") else None
        if not value or mark or marks.is_heading(text):
            self.labels.clear()
            return False
        self.labels.pop(0)
        self._set(name, value)
        return True

    def _set(self, name: str, value: str) -> None:
        if name == "aim":
            self.join(self.aim, value)
            self.target = self.aim
        elif name in self.fields and squeezed(self.fields[name]) != squeezed(value):
            self.leave(value)
        else:
            self.fields[name] = value.strip(" :")
            self.use(name)
            self.target = None

    def _waited(self, text: str, column: int) -> bool:
        """The words after a number that stood by itself."""
        if self.waiting is None:
            return False
        line, place, mark, said = self.waiting
        self.waiting = None
        other = marks.mark_of(text)
        heading = marks.is_heading(text) or marks.learner_of(text) == ("can", "")
        words = text[:1].isupper() or mark.kind != "item" or (marks.asks(text) and bool(self.outcomes))
        use = ""
        if not heading and words and (other is None or other.kind == "bullet"):
            use = self.open(Mark(mark.kind, mark.numbers, text, mark.outcome), column)
        if use:
            self.pieces[line - 1][place] = use
        else:
            self._lone(line, place, mark, said)
        return bool(use)

    def _aside(self, text: str, column: int) -> bool:
        """The heading of a part that has no place here ends whatever was going on."""
        if not marks.is_aside(text):
            return False
        self._release()
        self.guiding, self.target, self.columns = False, None, {}
        self.leave(text)
        return True

    def _guidance(self, text: str, column: int) -> bool:
        """A piece within a section with guidance."""
        if not self.guiding:
            return False
        mark = marks.mark_of(text)
        if mark and mark.kind in ("criterion", "outcome"):
            return self._guided_mark(mark, text)
        if marks.guidance_of(text) is not None or marks.is_heading(text) or marks.is_continued(text):
            return False
        if self.target is None:
            self.held.append((self.number, len(self.pieces[self.number - 1]), text))
            self.use("")
        else:
            self.join(self.target, mark.rest if mark and mark.kind == "bullet" else text)
        return True

    def _guided_mark(self, mark: Mark, text: str) -> bool:
        """A number within a section with guidance: of something known, or of the next outcome or criterion."""
        number = mark.numbers[0] if mark.kind == "outcome" else mark.outcome
        outcome = self.outcome_of(number)
        found: Criterion | Outcome | None = outcome
        if outcome and mark.kind == "criterion":
            found = next((c for c in outcome.criteria if c.number == f"{number}.{mark.numbers[0]}"), None)
        if found is None:
            self._end_guidance(mark)
            return False
        self._release()
        self.target = found.guidance
        same = not mark.rest or marks.is_continued(mark.rest) or found.text.says(mark.rest)
        self.join(found.guidance, "" if same else mark.rest)
        return True

    def _end_guidance(self, mark: Mark) -> None:
        """Guidance without a number that stands before the next outcome belongs to the one before it."""
        self.guiding, self.target = False, None
        if mark.kind == "outcome" and self.outcomes:
            text = self.outcomes[-1].guidance
            for line, place, words in self.held:
                text.add(words)
                self.pieces[line - 1][place] = text.use
            self.held = []
        self._release()

    def _release(self) -> None:
        self.unused += self.held
        self.held = []

    def _field(self, text: str, column: int) -> bool:
        """The fields of the unit: "Level: 3", "Unit title", "Unit 12: Bees"."""
        if pairs := marks.figures_of(text):
            clash = [name for name, value in pairs if self.fields.get(name, value) != value]
            if clash:
                self.leave(text)
                return True
            self.fields |= dict(pairs)
            self.use(", ".join(name for name, _ in pairs))
            return True
        if label := marks.label_of(text):
            self.labels.append(label)
            self.use("name of a field")
            return True
        given = marks.field_of(text)
        if given and (given[0] not in marks.NUMBERS or marks.figure_of(given[1])) and not self.outcomes:
            self._set(given[0], marks.figure_of(given[1]) if given[0] in marks.NUMBERS else given[1])
            return True
        return self._unit(text)

    def _unit(self, text: str) -> bool:
        unit = None if self.outcomes or len(text) > 200 else marks.unit_of(text)
        if unit is None or self.fields.get("title", unit[1]) != unit[1] or self.fields.get("code", unit[0]) != unit[0]:
            return False
        self.fields |= {"code": unit[0]} | ({"title": unit[1]} if unit[1] else {})
        self.use("code, title" if unit[1] else "code")
        return True

    def _heading(self, text: str, column: int) -> bool:
        """Headings of parts and columns, "The learner can:", guidance."""
        if marks.is_heading(text) or marks.is_continued(text):
            self.use("heading")
            self.target = None if self.target is self.aim else self.target
            return True
        rest = marks.guidance_of(text)
        if rest is not None:
            return self._begin_guidance(rest)
        said = marks.learner_of(text)
        return said is not None and self._learner(*said, column)

    def _begin_guidance(self, rest: str) -> bool:
        if not self.outcomes:
            if not rest:
                self.use("heading")
            return not rest
        self._release()
        self.guiding, self.target = True, None
        mark = marks.mark_of(rest)
        if mark and mark.kind in ("criterion", "outcome") and self._guided_mark(mark, rest):
            return True
        if not rest:
            self.use("heading")
            return True
        last = self.outcomes[-1]
        self.target = last.criteria[-1].guidance if last.criteria else last.guidance
        self.join(self.target, rest)
        return True

    def _learner(self, word: str, rest: str, column: int) -> bool:
        last = self.last
        if last and word == "can":
            last.listed = not last.dotted
        if not rest:
            self.use("heading")
            return True
        if word == "can" and last:
            return bool(self.open(Mark("bullet", (), rest), column))
        if last and not last.text.words:
            self.join(last.text, capital(rest))
            self.target = self.columns[column] = last.text
            return True
        return bool(self.open(Mark("outcome", (0,), rest), column)) if word == "will" else False

    def _marked(self, text: str, column: int) -> bool:
        """A numbered or bulleted outcome or criterion."""
        mark = marks.mark_of(text)
        if mark is None:
            return False
        if not mark.rest and mark.kind != "outcome":
            self.waiting = (self.number, len(self.pieces[self.number - 1]), mark, text)
            self.use("")
            return True
        return bool(self.open(mark, column))

    def _plain(self, text: str, column: int) -> None:
        """A piece without a mark: it goes on with what came before, or is not recognised."""
        last = self.last
        if last and last.listed and marks.asks(text) and self.open(Mark("bullet", (), text), column):
            return
        target = self.columns.get(column, self.target) if self.target is not self.aim else self.aim
        if target is not None and not self.guiding and self._goes_on(target, text):
            self.join(target, text if target.words else capital(text))
            return
        self.leave(text)

    def _goes_on(self, target: Text, text: str) -> bool:
        if target is self.aim or not target.words:
            return True
        small = text[:1].islower()
        return small or (not self.blank and not target.words[-1].endswith((".", ";", ":", "!", "?")))

    # The end.

    def finish(self) -> None:
        """Account for what still waits for something to come."""
        self._release()
        if self.waiting:
            self._lone(*self.waiting)

    def _lone(self, line: int, place: int, mark: Mark, said: str) -> None:
        """A number by itself: a page's, or of something that is not there."""
        if mark.kind == "item":
            self.pieces[line - 1][place] = "number of a page"
        else:
            self.unused.append((line, place, said))
