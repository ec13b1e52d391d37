"""A unit as its canonical files, and as the two digests that pin it.

`specification_digest` covers what is decided upon: the specification's fields, outcomes, criteria and guidance.
`lessons_digest` covers everything else: aim, introductions, lessons with titles and minutes, glossary and figures.
Each is the SHA-256 of canonical JSON text (sorted keys, no spaces, UTF-8).
"""

from __future__ import annotations

from collections.abc import Iterable

from courseware.kit.chance import sha256_hex
from courseware.ledger.append import canonical

from .frontmatter import write
from .schema import (
    CRITERION_KEYS,
    OUTCOME_KEYS,
    UNIT_KEYS,
    CriterionSource,
    OutcomeSource,
    Scalar,
    TermSource,
    UnitSource,
)

VERSION = 1  # of both documents; a change of their shape gives every unit new digests


def specification_digest(unit: UnitSource) -> str:
    """SHA-256 (hex) of what decisions rest on; equal exactly when specification, criteria and guidance are equal."""
    return sha256_hex(
        canonical(
            {
                "v": VERSION,
                "code": unit.code,
                "title": unit.title,
                "level": unit.level,
                "credit_value": unit.credit_value,
                "guided_learning_hours": unit.guided_learning_hours,
                "reference": unit.reference,
                "review_on": unit.review_on.isoformat() if unit.review_on else None,
                "sector": unit.sector,
                "outcomes": [
                    {
                        "number": outcome.number,
                        "statement": outcome.statement,
                        "criteria": [
                            {"number": c.number, "statement": c.statement, "guidance": c.guidance}
                            for c in outcome.criteria
                        ],
                    }
                    for outcome in unit.outcomes
                ],
            }
        )
    )


def lessons_digest(unit: UnitSource) -> str:
    """SHA-256 (hex) of what is taught; equal exactly when nothing outside the specification differs."""
    return sha256_hex(
        canonical(
            {
                "v": VERSION,
                "aim": unit.aim,
                "introductions": [[outcome.number, outcome.introduction] for outcome in unit.outcomes],
                "lessons": [
                    # Whether a lesson is complete stands only where it is: older editions keep their digests.
                    [c.number, c.slug, c.title, c.study_minutes, c.lesson, *(["complete"] if c.complete else [])]
                    for c in unit.criteria
                ],
                "glossary": [[term.title, term.body] for term in unit.glossary],
                "figures": [[figure.name, figure.svg] for figure in unit.figures],
            }
        )
    )


def criterion_path(criterion: CriterionSource) -> str:
    """Where a criterion's file is within the unit's folder, `1/1.1-customer-journey.md`."""
    return f"{criterion.number.partition('.')[0]}/{criterion.number}-{criterion.slug}.md"


def outcome_path(outcome: OutcomeSource) -> str:
    """Where an outcome's file is within the unit's folder, `1/outcome.md`."""
    return f"{outcome.number}/outcome.md"


def criterion_text(criterion: CriterionSource) -> str:
    """The canonical file of a criterion with its lesson."""
    return write({name: getattr(criterion, name) for name in CRITERION_KEYS}, criterion.lesson, CRITERION_KEYS)


def outcome_text(outcome: OutcomeSource) -> str:
    """The canonical file of an outcome with its introduction; its criteria have files of their own."""
    head: dict[str, Scalar | None] = {"number": outcome.number, "statement": outcome.statement}
    return write(head, outcome.introduction, OUTCOME_KEYS)


def glossary_text(terms: Iterable[TermSource]) -> str:
    """The canonical file of a glossary."""
    return "\n".join(["# Glossary\n", *(f"## {term.title}\n\n{term.body}\n" for term in terms)])


def files_of(unit: UnitSource) -> dict[str, str]:
    """Every file of the unit's folder, path to text, in the one form that a dump writes and the check asks for."""
    files = {"unit.md": write({name: getattr(unit, name) for name in UNIT_KEYS}, unit.aim, UNIT_KEYS)}
    for outcome in unit.outcomes:
        files[outcome_path(outcome)] = outcome_text(outcome)
        for c in outcome.criteria:
            files[criterion_path(c)] = criterion_text(c)
    if unit.glossary:
        files["glossary.md"] = glossary_text(unit.glossary)
    return files | {f"figures/{figure.name}": figure.svg for figure in unit.figures}
