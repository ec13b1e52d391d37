"""From a specification that a tutor corrected to the folder of a new unit, one lesson file per criterion.

A lesson begins as a skeleton: the parts that a complete lesson has, each with a line that says what to write there.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

from django.utils.text import slugify

from content.canonical import files_of
from content.commands import meaning_of, verb_of
from content.complete import ASKED, CLOSING, OPENING, SAMPLES
from content.schema import CriterionSource, OutcomeSource, UnitSource

from .found import Recognised

MINUTES: Final = 30  # what a lesson is put down with until it is written
TITLE: Final = 60  # characters of the title that a lesson gets from its criterion
NO_AIM: Final = "What this unit is for is not written yet."
NO_INTRODUCTION: Final = "The introduction to this outcome is not written yet."
NO_LESSON: Final = "This lesson is not written yet. Put your own text in the place of each line below."
_mistakes, _asked, _recap, _sources = CLOSING
_special = re.compile(r"([\\`*_\[\]<>#~!|&:@+=$-])")
_counted = re.compile(r"^(\d+)([.)])")
DATES: Final = ("%d %B %Y", "%d %b %Y", "%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d", "%d-%m-%Y")


@dataclass(frozen=True)
class CriterionDraft:
    """A criterion as corrected."""

    statement: str
    guidance: str = ""


@dataclass(frozen=True)
class OutcomeDraft:
    """An outcome as corrected; `guidance` becomes its introduction."""

    statement: str
    criteria: tuple[CriterionDraft, ...]
    guidance: str = ""


@dataclass(frozen=True)
class NewUnit:
    """A specification as corrected. Outcomes and criteria are numbered by their places; 0 is a number not known."""

    code: str
    title: str
    level: int
    credit_value: int
    guided_learning_hours: int
    outcomes: tuple[OutcomeDraft, ...]
    reference: str = ""
    review_on: dt.date | None = None
    sector: str = ""
    aim: str = ""


def drafted(found: Recognised) -> NewUnit:
    """What was recognised, to be corrected."""
    text = found.fields
    return NewUnit(
        code=re.sub(r"[^A-Za-z0-9_-]+", "-", text.get("code", "")).strip("-")[:20],
        title=text.get("title", ""),
        level=int(text.get("level", 0)),
        credit_value=int(text.get("credit_value", 0)),
        guided_learning_hours=int(text.get("guided_learning_hours", 0)),
        outcomes=tuple(
            OutcomeDraft(
                one.statement, tuple(CriterionDraft(c.statement, c.guidance) for c in one.criteria), one.guidance
            )
            for one in found.outcomes
        ),
        reference=text.get("reference", ""),
        review_on=date_of(text.get("review_on", "")),
        sector=text.get("sector", ""),
        aim=text.get("aim", ""),
    )


def date_of(text: str) -> dt.date | None:
    """The date in `31 December 2027`, `31/12/2027` and the like; None for anything else."""
    for form in DATES:
        try:
            return dt.datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    return None


def source_for(draft: NewUnit) -> UnitSource:
    """The unit with a skeleton for each lesson."""
    return UnitSource(
        code=draft.code,
        title=draft.title,
        level=draft.level,
        credit_value=draft.credit_value,
        guided_learning_hours=draft.guided_learning_hours,
        reference=draft.reference,
        review_on=draft.review_on,
        sector=draft.sector,
        aim=literal(draft.aim) or NO_AIM,
        outcomes=tuple(
            OutcomeSource(
                number,
                outcome.statement,
                literal(outcome.guidance) or NO_INTRODUCTION,
                tuple(criterion_for(f"{number}.{place}", one) for place, one in enumerate(outcome.criteria, 1)),
            )
            for number, outcome in enumerate(draft.outcomes, 1)
        ),
    )


def files_for(draft: NewUnit) -> dict[str, str]:
    """The files of the new unit's folder, by their paths, in canonical form."""
    return files_of(source_for(draft))


def criterion_for(number: str, draft: CriterionDraft) -> CriterionSource:
    """The criterion with this number, its lesson a skeleton."""
    title = title_of(draft.statement)
    return CriterionSource(
        number=number,
        statement=draft.statement,
        guidance=draft.guidance,
        title=title,
        study_minutes=MINUTES,
        slug=slug_of(title),
        lesson=skeleton(draft.statement),
    )


def title_of(statement: str) -> str:
    """A title for the lesson on a criterion: what it is about, without its command verb."""
    words = statement.split()
    about = words[1:] if len(words) > 1 else words
    if len(about) > 1 and about[0].lower() in ("out", "up"):  # carry out, set up
        about = about[1:]
    kept: list[str] = []
    while about and len(" ".join([*kept, about[0]])) <= TITLE:
        kept.append(about.pop(0))
    while (
        len(kept) > 1 and about and kept[-1].lower() in ("and", "or", "of", "the", "a", "an", "to", "for", "in", "with")
    ):
        kept.pop()
    title = " ".join(kept).rstrip(",;:") or statement[:TITLE].strip()
    return title[:1].upper() + title[1:]


def slug_of(title: str) -> str:
    """How a lesson's file is named for its title."""
    words = [word for word in re.split(r"[-_]+", slugify(title)) if word]
    while len("-".join(words)) > 50:
        words.pop()
    return "-".join(words) or "lesson"


def literal(text: str) -> str:
    """Plain text as Markdown that shows it as it is."""
    return _counted.sub(r"\1\\\2", _special.sub(r"\\\1", " ".join(text.split())))


def is_skeleton(text: str) -> bool:
    """Whether nobody has written this lesson, introduction or aim (Markdown) yet."""
    return any(one in text for one in (NO_AIM, NO_INTRODUCTION, NO_LESSON))


def skeleton(statement: str) -> str:
    """A lesson that says what to write where, for this criterion."""
    verb = verb_of(statement)
    meaning = meaning_of(verb).lower().rstrip(".") or "what its words say"
    parts = [
        (NO_LESSON, ""),
        (f"## {OPENING}", "A concrete case: somebody at work for whom it went well or badly, and why."),
        ("## The first idea", "What a learner has to understand first. Give the section a title of its own."),
        ("## The second idea", "What follows from it. Put an activity right after the idea that it practises."),
        (f"## {_mistakes}", "What learners get wrong, and why it is wrong."),
        (f"## {ASKED}", f"*{_word(verb)}* asks for this: {literal(meaning)}. Say what that means for this criterion."),
        (f"### {SAMPLES[0]}", "> A paragraph from evidence that meets the criterion."),
        (f"### {SAMPLES[1]}", "> A paragraph from evidence that does not meet it yet. Below it, compare the two."),
        (f"## {_recap}", "What to remember, in three or four sentences."),
        (f"## {_sources}", "- Title of a source, its year, and where it is found."),
    ]
    return "\n\n".join(piece for part in parts for piece in part if piece)


def _word(verb: str) -> str:
    return literal(verb.capitalize()) or "The criterion"
