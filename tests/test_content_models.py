"""The database keeps what was published as it was published."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from content import models
from content.models import (
    Criterion,
    GlossaryTerm,
    LearningOutcome,
    Lesson,
    OutcomeText,
    Specification,
    Unit,
    UnitEdition,
)
from courseware.people.models import Centre

from .content_builders import tiny_unit, unit_412

pytestmark = pytest.mark.django_db
TABLES = [
    models.Unit,
    models.Specification,
    models.LearningOutcome,
    models.Criterion,
    models.UnitEdition,
    models.Lesson,
    models.OutcomeText,
    models.GlossaryTerm,
    models.Figure,
]


@pytest.mark.parametrize("model", TABLES)
def test_nothing_published_can_be_changed_or_deleted(model):
    unit_412()
    tiny_unit()
    table = model._meta.db_table
    column = next(f.column for f in model._meta.local_concrete_fields if not f.primary_key and not f.is_relation)
    before = list(model.objects.order_by("pk").values())
    for sql in (f'UPDATE "{table}" SET "{column}" = "{column}"', f'DELETE FROM "{table}"'):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    assert before
    assert list(model.objects.order_by("pk").values()) == before


def test_a_published_specification_takes_no_more_criteria_or_outcomes():
    specification = tiny_unit()
    outcome = specification.outcomes.get(number=1)
    with pytest.raises(DatabaseError, match="complete"), transaction.atomic():
        Criterion.objects.create(
            specification=specification, outcome=outcome, number="1.3", position=4, statement="Explain more"
        )
    with pytest.raises(DatabaseError, match="complete"), transaction.atomic():
        LearningOutcome.objects.create(specification=specification, number=3, statement="Know more")
    assert specification.criteria.count() == 3
    assert specification.outcomes.count() == 2


def _unpublished(specification: Specification) -> Specification:
    return Specification.objects.create(
        unit=specification.unit, digest="0" * 64, title="Next", level=1, credit_value=1, guided_learning_hours=1
    )


def test_a_criterion_and_its_outcome_belong_to_one_specification():
    specification = tiny_unit()
    draft = _unpublished(specification)
    with pytest.raises(DatabaseError, match="one specification"), transaction.atomic():
        Criterion.objects.create(
            specification=draft,
            outcome=specification.outcomes.get(number=1),
            number="1.1",
            position=1,
            statement="Explain",
        )
    assert draft.criteria.count() == 0


def test_an_edition_and_its_specification_belong_to_one_unit():
    tiny, other = tiny_unit(), unit_412()
    with pytest.raises(DatabaseError, match="one unit"), transaction.atomic():
        UnitEdition.objects.create(unit=tiny.unit, specification=other, number=2, lessons_digest="0" * 64, aim="x")
    assert tiny.unit.editions.count() == 1


def test_a_lesson_and_an_introduction_belong_to_the_editions_specification():
    tiny, other = tiny_unit(), unit_412()
    edition = UnitEdition.objects.create(unit=tiny.unit, specification=tiny, number=2, lessons_digest="0" * 64, aim="x")
    with pytest.raises(DatabaseError, match="one specification"), transaction.atomic():
        Lesson.objects.create(
            edition=edition, criterion=other.criteria.get(number="1.1"), slug="x", title="x", study_minutes=1, body="x"
        )
    with pytest.raises(DatabaseError, match="one specification"), transaction.atomic():
        OutcomeText.objects.create(edition=edition, outcome=other.outcomes.get(number=1), body="x")
    assert (edition.lessons.count(), edition.outcome_texts.count()) == (0, 0)


def test_a_code_is_once_in_the_house_and_once_per_owner():
    one, two = Centre.objects.create(name="One"), Centre.objects.create(name="Two")
    for owner in (None, one, two):
        Unit.objects.create(code="101", owner=owner)
        with pytest.raises(IntegrityError), transaction.atomic():
            Unit.objects.create(code="101", owner=owner)
    assert Unit.objects.count() == 3


def test_a_centre_may_use_the_houses_units_and_its_own():
    one, two = Centre.objects.create(name="One"), Centre.objects.create(name="Two")
    house = tiny_unit()
    units = {owner: Unit.objects.create(code="900", owner=owner) for owner in (one, two)}
    specs = {
        owner: Specification.objects.create(
            unit=unit, digest="0" * 64, title="Own", level=1, credit_value=1, guided_learning_hours=1
        )
        for owner, unit in units.items()
    }
    assert set(Unit.objects.available_to(one)) == {house.unit, units[one]}
    assert set(Specification.objects.available_to(one)) == {house, specs[one]}
    assert list(Unit.objects.of_the_house()) == [house.unit]


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (Unit, {"code": ""}),
        (Specification, {"digest": "0" * 64, "title": "", "level": 1, "credit_value": 1, "guided_learning_hours": 1}),
        (LearningOutcome, {"number": 0, "statement": "x"}),
        (LearningOutcome, {"number": 1, "statement": ""}),
        (UnitEdition, {"number": 0, "lessons_digest": "0" * 64, "aim": "x"}),
    ],
)
def test_what_can_never_be_false_is_refused(model, fields):
    specification = _unpublished(tiny_unit())
    parents = {"specification": specification, "unit": specification.unit}
    names = {field.name for field in model._meta.get_fields()}
    rows = model.objects.count()
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(**fields, **{k: v for k, v in parents.items() if k in names})
    assert model.objects.count() == rows


@pytest.mark.parametrize(
    "fields",
    [
        {"number": "1.1", "position": 2, "statement": "Explain"},
        {"number": "1.2", "position": 1, "statement": "Explain"},
        {"number": "1.2", "position": 0, "statement": "Explain"},
        {"number": "1.2", "position": 2, "statement": ""},
    ],
)
def test_a_criterion_has_a_number_a_place_and_a_statement_of_its_own(fields):
    specification = _unpublished(tiny_unit())
    outcome = LearningOutcome.objects.create(specification=specification, number=1, statement="Know")
    Criterion.objects.create(specification=specification, outcome=outcome, number="1.1", position=1, statement="Say")
    with pytest.raises(IntegrityError), transaction.atomic():
        Criterion.objects.create(specification=specification, outcome=outcome, **fields)
    assert specification.criteria.count() == 1


def test_a_term_and_a_lesson_are_there_once():
    edition = unit_412().editions.get()
    lesson, term = edition.lessons.order_by("pk")[0], edition.glossary_terms.order_by("pk")[0]
    again = {"slug": "x", "title": "x", "body": "x"}
    for model, fields in (
        (Lesson, again | {"criterion": lesson.criterion, "study_minutes": 1}),
        (Lesson, again | {"criterion": lesson.criterion, "study_minutes": 0}),
        (GlossaryTerm, again | {"slug": term.slug, "position": 99}),
        (GlossaryTerm, again | {"position": term.position}),
    ):
        rows = model.objects.count()
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.create(edition=edition, **fields)
        assert model.objects.count() == rows


def test_the_command_verb_is_the_first_word():
    assert tiny_unit().criteria.get(number="1.1").command_verb == "Identify"


def test_rows_say_what_they_are():
    specification = unit_412()
    edition = specification.editions.select_related("unit").get()
    assert str(edition) == "Unit 412, edition 1"
    assert str(specification) == "Retention Marketing"
    assert str(specification.outcomes.get(number=3)) == "3 Understand strategies for retention marketing"
    assert str(specification.criteria.get(number="1.1")) == "1.1 Illustrate the stages of a customer journey"
    assert str(edition.lessons.get(criterion__number="1.1")) == "The customer journey"
    assert str(edition.glossary_terms.get(slug="nps")) == "NPS"
    assert str(edition.outcome_texts.get(outcome__number=1)).startswith("Introduction to outcome")
    assert str(tiny_unit().editions.get().figures.get()) == "pot.svg"
