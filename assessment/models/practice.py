"""Practice: a learner's own tries and works. Private, outside the record, and theirs to clear.

A try is inserted and never edited, because mastery counts what was answered at the time; a learner who starts over
takes their tries away. A work (an essay, a map, a thought) is one row that grows.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Count, Exists, Expression, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from courseware.kit import clock
from courseware.kit.triggers import Trigger, guarded
from courseware.people.models import User

from .base import CentreRow, same_unit, while_open
from .cohorts import LearnerUnit


class AnswerQuerySet(QuerySet["Answer"]):
    """Tries by who may read them: the learner, and nobody else."""

    def visible_to(self, user: User) -> AnswerQuerySet:
        """The tries of `user`'s own learner-units."""
        return self.filter(learner_unit__learner__user=user)


class WorkQuerySet(QuerySet["Work"]):
    """Works by who may read them: the learner, and nobody else."""

    def visible_to(self, user: User) -> WorkQuerySet:
        """The works of `user`'s own learner-units."""
        return self.filter(learner_unit__learner__user=user)


LAST, ENOUGH = 5, 4  # mastery: so many right, each of another activity, among the last so many tries


def mastery() -> dict[str, Expression | Exists]:
    """Annotations for rows that have a learner_unit and a criterion: `tried`, and `mastered` of the last tries."""
    here = {"learner_unit": OuterRef("learner_unit"), "criterion": OuterRef("criterion")}
    outer = {name: OuterRef(OuterRef(name)) for name in here}
    last = Answer.objects.filter(**outer).order_by("-at", "-pk").values("pk")[:LAST]
    right = Answer.objects.filter(**here, pk__in=Subquery(last), right=True).order_by().values("criterion")
    count = right.annotate(_count=Count("activity", distinct=True)).values("_count")
    return {
        "tried": Exists(Answer.objects.filter(**here).order_by()),
        "mastered": Coalesce(Subquery(count, output_field=models.IntegerField()), 0),
    }


class PracticeRow(CentreRow):
    """What a learner answered: to which activity, as it stood in which edition (`block`: digest of its text)."""

    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, related_name="+")
    criterion = models.ForeignKey("content.Criterion", models.PROTECT, related_name="+")
    edition = models.ForeignKey("content.UnitEdition", models.PROTECT, related_name="+")
    activity = models.SlugField(max_length=40)
    kind = models.CharField(max_length=20)
    block = models.CharField(max_length=64)
    answer = models.TextField()  # canonical JSON, as content.activities.answers writes it
    at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        abstract = True


@guarded(Trigger("never_edited", "UPDATE", says="a try at an activity is never edited"))
class Answer(PracticeRow):
    """One try at an activity in which something is right; `number` counts the tries at it from 1."""

    number = models.PositiveIntegerField()
    right = models.BooleanField()

    objects = AnswerQuerySet.as_manager()

    class Meta:
        ordering = ("learner_unit", "-at", "-pk")
        indexes = (models.Index(fields=("learner_unit", "criterion", "-at"), name="answer_newest"),)
        constraints = (models.CheckConstraint(condition=Q(number__gte=1), name="answer_number_from_one"),)


class Work(PracticeRow):
    """An answer that grows: one row per activity, saved again and again. Never read by staff."""

    objects = WorkQuerySet.as_manager()

    class Meta:
        ordering = ("learner_unit", "criterion", "activity")
        constraints = (
            models.UniqueConstraint(fields=("learner_unit", "criterion", "activity"), name="work_once_per_activity"),
        )


_SUBMITTED = "(SELECT v.state FROM assessment_evidenceversion v WHERE v.id = OLD.version_id) <> 'draft'"


@guarded(
    Trigger("frozen", "UPDATE", when=_SUBMITTED, says="where submitted evidence came from is never changed"),
    Trigger("no_delete", "DELETE", says="where evidence came from is never deleted"),
    same_unit("version", "assessment_evidenceversion"),
    *while_open("INSERT", "UPDATE"),
)
class EvidenceSource(CentreRow):
    """That a version was made by an activity: of which criterion, as it stood in which edition.

    `sha256` is that of the bytes that were made: a draft that its learner wrote anew has others, and is their own.
    """

    version = models.OneToOneField("assessment.EvidenceVersion", models.PROTECT, related_name="source")
    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, related_name="+")
    criterion = models.ForeignKey("content.Criterion", models.PROTECT, related_name="+")
    edition = models.ForeignKey("content.UnitEdition", models.PROTECT, related_name="+")
    activity = models.SlugField(max_length=40)
    title = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("learner_unit", "-pk")

    def __str__(self) -> str:
        where = f"criterion {self.criterion.number}, edition {self.edition.number} of the unit"
        return f"Made with the activity “{self.title}” of {where}."
