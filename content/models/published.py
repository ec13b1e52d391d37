"""What is taught, as published: insert-only, because decisions point to it.

A unit has editions. Editions whose specification digest is equal share one Specification with its outcomes and
criteria, so that a cohort follows newer lessons by itself and a decision never sees its criterion's text change.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from courseware.kit import clock
from courseware.kit.triggers import Trigger, guarded, insert_only
from courseware.people.models import Centre, User

digest_format = RegexValidator(r"\A[0-9a-f]{64}\Z", "a digest is 64 lower-case hex digits")


def _published() -> Trigger:
    """Refuses a row that would join a specification which an edition already uses."""
    return Trigger(
        "not_after_publication",
        "INSERT",
        when="EXISTS (SELECT 1 FROM content_unitedition e WHERE e.specification_id = NEW.specification_id)",
        says="a published specification is complete",
    )


def _of_the_editions_specification(what: str, table: str, column: str) -> Trigger:
    """Refuses a row of an edition that points by `column` into `table` to a row of another specification."""
    both = f"content_unitedition e JOIN {table} a ON a.specification_id = e.specification_id"
    return Trigger(
        "of_same_specification",
        "INSERT",
        when=f"NOT EXISTS (SELECT 1 FROM {both} WHERE e.id = NEW.edition_id AND a.id = NEW.{column})",
        says=f"{what} and its edition belong to one specification",
    )


class UnitQuerySet(models.QuerySet["Unit"]):
    """Units by who may use them."""

    def of_the_house(self) -> UnitQuerySet:
        """Units loaded from files, which every centre may use and none may change."""
        return self.filter(owner__isnull=True)

    def available_to(self, centre: Centre) -> UnitQuerySet:
        """The house's units and the centre's own."""
        return self.filter(Q(owner__isnull=True) | Q(owner=centre))


@insert_only
class Unit(models.Model):
    """A unit by its code; `owner` null means the house's."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(max_length=20)
    owner = models.ForeignKey(Centre, models.PROTECT, null=True, blank=True, related_name="units")

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ("code", "pk")
        constraints = (
            models.UniqueConstraint(fields=("code",), condition=Q(owner__isnull=True), name="unit_code_once_in_house"),
            models.UniqueConstraint(fields=("owner", "code"), name="unit_code_once_per_owner"),
            models.CheckConstraint(condition=~Q(code=""), name="unit_has_a_code"),
        )

    def __str__(self) -> str:
        return f"Unit {self.code}"


class SpecificationQuerySet(models.QuerySet["Specification"]):
    """Specifications by who may use them."""

    def available_to(self, centre: Centre) -> SpecificationQuerySet:
        """Specifications of the house's units and of the centre's own."""
        return self.filter(Q(unit__owner__isnull=True) | Q(unit__owner=centre))


@insert_only
class Specification(models.Model):
    """The official standard of a unit as it was when published; `digest` covers outcomes, criteria and guidance too.

    `guided_learning_hours` in hours; `review_on` is the awarding organisation's date for looking at the unit again.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="specifications")
    digest = models.CharField(max_length=64, validators=[digest_format])
    title = models.CharField(max_length=200)
    level = models.PositiveSmallIntegerField()
    credit_value = models.PositiveSmallIntegerField()
    guided_learning_hours = models.PositiveSmallIntegerField()
    reference = models.CharField("unit reference number", max_length=40, blank=True)
    review_on = models.DateField("unit review date", null=True, blank=True)
    sector = models.CharField(max_length=120, blank=True)

    objects = SpecificationQuerySet.as_manager()

    class Meta:
        ordering = ("unit_id", "pk")
        constraints = (
            models.UniqueConstraint(fields=("unit", "digest"), name="specification_once_per_unit"),
            models.CheckConstraint(condition=~Q(title=""), name="specification_has_a_title"),
        )

    def __str__(self) -> str:
        return self.title


@guarded(_published())
@insert_only
class LearningOutcome(models.Model):
    """ "The learner will": one outcome, `number` counting from 1."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    specification = models.ForeignKey(Specification, models.PROTECT, related_name="outcomes")
    number = models.PositiveSmallIntegerField()
    statement = models.TextField()

    class Meta:
        verbose_name = "learning outcome"
        ordering = ("specification_id", "number")
        constraints = (
            models.UniqueConstraint(fields=("specification", "number"), name="outcome_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="outcome_number_from_one"),
            models.CheckConstraint(condition=~Q(statement=""), name="outcome_has_a_statement"),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.statement}"


@guarded(
    _published(),
    Trigger(
        "outcome_of_same_specification",
        "INSERT",
        when=(
            "NOT EXISTS (SELECT 1 FROM content_learningoutcome o WHERE o.id = NEW.outcome_id "
            "AND o.specification_id = NEW.specification_id)"
        ),
        says="a criterion and its outcome belong to one specification",
    ),
)
@insert_only
class Criterion(models.Model):
    """ "The learner can": what is decided. `position` counts from 1 through the whole specification."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    specification = models.ForeignKey(Specification, models.PROTECT, related_name="criteria")
    outcome = models.ForeignKey(LearningOutcome, models.PROTECT, related_name="criteria")
    number = models.CharField(max_length=7)
    position = models.PositiveSmallIntegerField()
    statement = models.TextField()
    guidance = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "criteria"
        ordering = ("specification_id", "position")
        constraints = (
            models.UniqueConstraint(fields=("specification", "number"), name="criterion_number_once"),
            models.UniqueConstraint(fields=("specification", "position"), name="criterion_position_once"),
            models.CheckConstraint(condition=Q(position__gte=1), name="criterion_position_from_one"),
            models.CheckConstraint(condition=~Q(statement=""), name="criterion_has_a_statement"),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.statement}"

    @property
    def command_verb(self) -> str:
        """The first word of the statement; it sets what sufficient evidence is."""
        return self.statement.split(maxsplit=1)[0]


class UnitEditionQuerySet(models.QuerySet["UnitEdition"]):
    """Editions by whether they are taught."""

    def usable_in(self, centres: Collection[int]) -> UnitEditionQuerySet:
        """Those of the house's units, and of units of these centres."""
        return self.filter(Q(unit__owner__isnull=True) | Q(unit__owner__in=centres))

    def in_force(self) -> UnitEditionQuerySet:
        """Those that nobody has withdrawn."""
        return self.filter(withdrawal__isnull=True)


@guarded(
    Trigger(
        "specification_of_same_unit",
        "INSERT",
        when=(
            "NOT EXISTS (SELECT 1 FROM content_specification s WHERE s.id = NEW.specification_id "
            "AND s.unit_id = NEW.unit_id)"
        ),
        says="an edition and its specification belong to one unit",
    )
)
@insert_only
class UnitEdition(models.Model):
    """A unit's whole text as published at one time, pinned by two digests: its specification's and `lessons_digest`.

    `number` counts from 1 per unit; `aim` is Markdown. `note` says what is new, in the words of who published it. The
    house's editions come from files, and have neither.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="editions")
    specification = models.ForeignKey(Specification, models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField()
    lessons_digest = models.CharField(max_length=64, validators=[digest_format])
    aim = models.TextField()
    published_at = models.DateTimeField(default=clock.now, editable=False)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="editions")
    note = models.TextField(blank=True, default="", db_default="")

    objects = UnitEditionQuerySet.as_manager()

    class Meta:
        verbose_name = "unit edition"
        ordering = ("unit_id", "number")
        constraints = (
            models.UniqueConstraint(fields=("unit", "number"), name="edition_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="edition_number_from_one"),
        )
        indexes = (models.Index(fields=("specification", "-number"), name="edition_newest"),)

    def __str__(self) -> str:
        return f"{self.unit}, edition {self.number}"


@guarded(_of_the_editions_specification("a lesson", "content_criterion", "criterion_id"))
@insert_only
class Lesson(models.Model):
    """The teaching text for one criterion in one edition; `body` is Markdown, `slug` names its file."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    edition = models.ForeignKey(UnitEdition, models.PROTECT, related_name="lessons")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="lessons")
    slug = models.SlugField(max_length=80)
    title = models.CharField(max_length=80)
    study_minutes = models.PositiveSmallIntegerField()
    body = models.TextField()
    complete = models.BooleanField(default=False)

    class Meta:
        ordering = ("edition_id", "criterion_id")
        constraints = (
            models.UniqueConstraint(fields=("edition", "criterion"), name="lesson_once_per_criterion"),
            models.CheckConstraint(condition=Q(study_minutes__gte=1), name="lesson_takes_time"),
        )

    def __str__(self) -> str:
        return self.title


@guarded(_of_the_editions_specification("an introduction", "content_learningoutcome", "outcome_id"))
@insert_only
class OutcomeText(models.Model):
    """The introduction to one learning outcome in one edition; `body` is Markdown."""

    edition = models.ForeignKey(UnitEdition, models.PROTECT, related_name="outcome_texts")
    outcome = models.ForeignKey(LearningOutcome, models.PROTECT, related_name="texts")
    body = models.TextField()

    class Meta:
        verbose_name = "outcome introduction"
        ordering = ("edition_id", "outcome_id")
        constraints = (models.UniqueConstraint(fields=("edition", "outcome"), name="outcome_text_once"),)

    def __str__(self) -> str:
        return f"Introduction to outcome {self.outcome_id}"


@insert_only
class GlossaryTerm(models.Model):
    """One term of an edition's glossary; `body` is Markdown, `position` its place in the file from 1."""

    edition = models.ForeignKey(UnitEdition, models.PROTECT, related_name="glossary_terms")
    slug = models.SlugField(max_length=80)
    title = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField()
    body = models.TextField()

    class Meta:
        verbose_name = "glossary term"
        ordering = ("edition_id", "position")
        constraints = (
            models.UniqueConstraint(fields=("edition", "slug"), name="term_once_per_edition"),
            models.UniqueConstraint(fields=("edition", "position"), name="term_position_once"),
        )

    def __str__(self) -> str:
        return self.title


@insert_only
class Figure(models.Model):
    """A figure of an edition: the SVG as it stood in the unit's folder, or the line that names a `Picture`.

    `name` is its file name, checked on load.
    """

    edition = models.ForeignKey(UnitEdition, models.PROTECT, related_name="figures")
    name = models.CharField(max_length=80)
    svg = models.TextField()

    class Meta:
        ordering = ("edition_id", "name")
        constraints = (models.UniqueConstraint(fields=("edition", "name"), name="figure_once_per_edition"),)

    def __str__(self) -> str:
        return self.name
