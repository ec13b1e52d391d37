"""Publishing: from a checked unit to the rows of an edition, and back.

The same source twice changes nothing. When only lessons differ, the new edition shares specification, outcomes and
criteria with the earlier one; when the specification differs, they are new rows and the old ones stay.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import CharField, F, IntegerField, TextField, Value
from django.db.models.functions import Cast

from courseware.kit import clock
from courseware.kit.chance import sha256_hex
from courseware.kit.rasters import digest_of
from courseware.kit.verdict import not_now
from courseware.ledger.append import HOUSE, Act, append, open_chain
from courseware.people.models import Centre, User

from .canonical import lessons_digest, specification_digest
from .models import (
    Criterion,
    Figure,
    GlossaryTerm,
    LearningOutcome,
    Lesson,
    OutcomeText,
    Picture,
    Specification,
    Unit,
    UnitEdition,
)
from .pictures import named_by
from .schema import CriterionSource, FigureSource, OutcomeSource, TermSource, UnitSource
from .shelf import keep_figures


@transaction.atomic
def publish(source: UnitSource) -> UnitEdition:
    """The house's newest edition of this unit with exactly this text; made, and recorded, if it is not there yet.

    Expects a source that `checks.check` returned. Raises ValueError when something new would be published at another
    time than now: the house's record is never backdated, not even for a demo.
    """
    unit = _locked(source.code, None)
    newest = newest_of(unit)
    if newest and says_the_same(newest, source):
        return newest
    if clock.is_travelling():
        raise ValueError("a unit is published now or not at all")
    edition = _edition(unit, source, newest)
    open_chain(HOUSE)
    append(HOUSE, Act("publish_edition", by=None, **_told(edition)))
    return edition


@transaction.atomic
def publish_for(centre: Centre, source: UnitSource, *, by: User, role: str, note: str) -> UnitEdition:
    """A new edition of the centre's own unit, recorded in the centre's chain. `note` says what is new.

    Expects a source that `checks.check` returned, and that whoever calls has asked `by` may. Raises Refused (NotNow)
    when the newest edition says the same.
    """
    unit = _locked(source.code, centre)
    newest = newest_of(unit)
    if newest and says_the_same(newest, source):
        not_now(f"Nothing differs from edition {newest.number}, so there is nothing to publish.").require()
    edition = _edition(unit, source, newest, published_by=by, note=note)
    told = _told(edition)
    told["digests"]["note"] = sha256_hex(note)
    append(centre.uid, Act("publish_edition", by=by.uid, role=role, **told))
    return edition


def _locked(code: str, owner: Centre | None) -> Unit:
    Unit.objects.get_or_create(code=code, owner=owner)
    return Unit.objects.select_for_update().get(code=code, owner=owner)


def newest_of(unit: Unit) -> UnitEdition | None:
    """The newest edition of a unit, its specification fetched; withdrawn ones count."""
    return unit.editions.select_related("specification").order_by("-number").first()


def says_the_same(edition: UnitEdition, source: UnitSource) -> bool:
    """Whether `edition` was published with exactly this text."""
    digests = (specification_digest(source), lessons_digest(source))
    return (edition.specification.digest, edition.lessons_digest) == digests


def _edition(unit: Unit, source: UnitSource, newest: UnitEdition | None, **more: Any) -> UnitEdition:
    edition = UnitEdition.objects.create(
        unit=unit,
        specification=_specification(unit, source, specification_digest(source)),
        number=newest.number + 1 if newest else 1,
        lessons_digest=lessons_digest(source),
        aim=source.aim,
        **more,
    )
    _lessons(edition, source)
    return edition


def _told(edition: UnitEdition) -> dict[str, Any]:
    """What a record's entry says of an edition that was published."""
    specification = edition.specification
    return {
        "result": edition.uid,
        "subjects": {"unit": edition.unit.uid, "specification": specification.uid, "edition": edition.uid},
        "digests": {"specification": specification.digest, "lessons": edition.lessons_digest},
        "notes": {"number": edition.number},
    }


def _specification(unit: Unit, source: UnitSource, digest: str) -> Specification:
    known = unit.specifications.filter(digest=digest).first()
    if known:
        return known
    specification = Specification.objects.create(
        unit=unit,
        digest=digest,
        title=source.title,
        level=source.level,
        credit_value=source.credit_value,
        guided_learning_hours=source.guided_learning_hours,
        reference=source.reference,
        review_on=source.review_on,
        sector=source.sector,
    )
    position = 0
    for outcome in source.outcomes:
        row = LearningOutcome.objects.create(
            specification=specification, number=outcome.number, statement=outcome.statement
        )
        for criterion in outcome.criteria:
            position += 1
            Criterion.objects.create(
                specification=specification,
                outcome=row,
                number=criterion.number,
                position=position,
                statement=criterion.statement,
                guidance=criterion.guidance,
            )
    return specification


def _lessons(edition: UnitEdition, source: UnitSource) -> None:
    outcomes = {row.number: row for row in edition.specification.outcomes.order_by("number")}
    criteria = {row.number: row for row in edition.specification.criteria.order_by("position")}
    OutcomeText.objects.bulk_create(
        OutcomeText(edition=edition, outcome=outcomes[o.number], body=o.introduction) for o in source.outcomes
    )
    Lesson.objects.bulk_create(
        Lesson(
            edition=edition,
            criterion=criteria[c.number],
            slug=c.slug,
            title=c.title,
            study_minutes=c.study_minutes,
            body=c.lesson,
            complete=c.complete,
        )
        for c in source.criteria
    )
    GlossaryTerm.objects.bulk_create(
        GlossaryTerm(edition=edition, slug=term.slug, title=term.title, position=place, body=term.body)
        for place, term in enumerate(source.glossary, 1)
    )
    keep_figures(source.figures)
    Figure.objects.bulk_create(Figure(edition=edition, name=f.name, svg=f.svg) for f in source.figures)


def source_of(edition: UnitEdition) -> UnitSource:
    """The unit as it was published in `edition`: equal to the source that was loaded."""
    spec = edition.specification
    glossary, figures = _beside(edition)
    texts = list(edition.outcome_texts.select_related("outcome").order_by("outcome__number"))
    lessons: dict[int, list[CriterionSource]] = {text.outcome.number: [] for text in texts}
    for lesson in edition.lessons.select_related("criterion__outcome").order_by("criterion__position"):
        criterion = lesson.criterion
        lessons[criterion.outcome.number].append(
            CriterionSource(
                number=criterion.number,
                statement=criterion.statement,
                guidance=criterion.guidance,
                title=lesson.title,
                study_minutes=lesson.study_minutes,
                slug=lesson.slug,
                lesson=lesson.body,
                complete=lesson.complete,
            )
        )
    return UnitSource(
        code=edition.unit.code,
        title=spec.title,
        level=spec.level,
        credit_value=spec.credit_value,
        guided_learning_hours=spec.guided_learning_hours,
        reference=spec.reference,
        review_on=spec.review_on,
        sector=spec.sector,
        aim=edition.aim,
        outcomes=tuple(
            OutcomeSource(text.outcome.number, text.outcome.statement, text.body, tuple(lessons[text.outcome.number]))
            for text in texts
        ),
        glossary=glossary,
        figures=figures,
    )


def _beside(edition: UnitEdition) -> tuple[tuple[TermSource, ...], tuple[FigureSource, ...]]:
    """The edition's terms in the order of their file, and its figures by name. 1 statement."""
    text = TextField()
    terms = edition.glossary_terms.order_by().annotate(
        _title=F("title"), _name=Cast("slug", text), _text=F("body"), _place=F("position")
    )
    figures = edition.figures.order_by().annotate(
        _title=Value("", CharField()), _name=Cast("name", text), _text=F("svg"), _place=Value(0, IntegerField())
    )
    columns = ("_place", "_title", "_name", "_text")
    rows = list(terms.values_list(*columns).union(figures.values_list(*columns), all=True).order_by("_place"))
    return (
        tuple(TermSource(title, name, body) for place, title, name, body in rows if place),
        # Sorted here: a database may order - and . in names as its language does.
        tuple(sorted((FigureSource(name, svg) for place, _, name, svg in rows if not place), key=lambda f: f.name)),
    )


def digest_faults() -> list[str]:
    """Editions whose rows no longer give the digests they were published with, one sentence each; none is the rule."""
    faults: list[str] = []
    for edition in UnitEdition.objects.select_related("unit", "specification").order_by(
        "unit__code", "unit_id", "number"
    ):
        source = source_of(edition)
        if specification_digest(source) != edition.specification.digest:
            faults.append(f"{edition}: the specification does not match its digest")
        if lessons_digest(source) != edition.lessons_digest:
            faults.append(f"{edition}: the lessons do not match their digest")
        faults += [f"{edition}: the picture {name} is gone" for name in _without_bytes(source)]
    for digest, data in Picture.objects.order_by("pk").values_list("digest", "data").iterator(chunk_size=20):
        if digest_of(bytes(data)) != digest:
            faults.append(f"Picture {digest[:8]}: the bytes do not match their digest")
    return faults


def _without_bytes(source: UnitSource) -> list[str]:
    """The names of the pictures of which nothing is kept. 1 statement, none for a unit without pictures."""
    named = {figure.name: picture.digest for figure in source.figures if (picture := named_by(figure.svg))}
    if not named:
        return []
    kept = set(Picture.objects.filter(digest__in=named.values()).order_by().values_list("digest", flat=True))
    return [name for name, digest in named.items() if digest not in kept]
