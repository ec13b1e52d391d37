"""The spaced review: what a learner remembers of a card, and how they rated it. Private, and outside the record.

A card's row is where its memory stands now; a rating is kept with what stood before, so that it can be taken back.
"""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable

from courseware.kit import clock
from courseware.people.models import User

from .base import CentreRow
from .cohorts import LearnerUnit
from .practice import Answer

RATINGS = ((1, "Again"), (2, "Hard"), (3, "Good"), (4, "Easy"))
MEMORY_STATES = ((1, "Learning"), (2, "Review"), (3, "Relearning"))


class ReviewCardQuerySet(QuerySet["ReviewCard"]):
    """Cards by who may know of them: the learner, and nobody else."""

    def visible_to(self, user: User) -> ReviewCardQuerySet:
        """The cards of `user`'s own learner-units."""
        return self.filter(learner_unit__learner__user=user)


class ReviewAnswerQuerySet(QuerySet["ReviewAnswer"]):
    """Ratings by who may know of them: the learner, and nobody else."""

    def visible_to(self, user: User) -> ReviewAnswerQuerySet:
        """The ratings of `user`'s own learner-units."""
        return self.filter(card__learner_unit__learner__user=user)


class ReviewCard(CentreRow):
    """One card of one learner-unit, from its first rating on.

    `key` names what is asked (content.cards), `edition` is the one in which it was rated last. `state`, `step`,
    `stability` (days) and `difficulty` (1 to 10) are those of the scheduler; `rated` counts the ratings.
    """

    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, related_name="+")
    key = models.CharField(max_length=120)
    edition = models.ForeignKey("content.UnitEdition", models.PROTECT, related_name="+")
    state = models.PositiveSmallIntegerField(choices=MEMORY_STATES)
    step = models.PositiveSmallIntegerField(null=True)
    stability = models.FloatField()
    difficulty = models.FloatField()
    due = models.DateTimeField()
    last_at = models.DateTimeField()
    begun_at = models.DateTimeField(default=clock.now, editable=False)
    rated = models.PositiveIntegerField()

    objects = ReviewCardQuerySet.as_manager()

    class Meta:
        ordering = ("learner_unit", "due", "pk")
        indexes = (models.Index(fields=("learner_unit", "last_at"), name="review_card_rated_last"),)
        constraints = (
            models.UniqueConstraint(fields=("learner_unit", "key"), name="review_card_once"),
            models.CheckConstraint(condition=Q(state__in=[key for key, _ in MEMORY_STATES]), name="review_card_state"),
            models.CheckConstraint(condition=Q(rated__gte=1), name="review_card_begins_with_a_rating"),
            models.CheckConstraint(condition=Q(due__gt=models.F("last_at")), name="review_card_comes_later"),
        )


class ReviewAnswer(CentreRow):
    """One rating of a card; `number` counts from 1. `before` is the card as it stood, as JSON; empty for the first."""

    card = models.ForeignKey(ReviewCard, models.PROTECT, related_name="answers")
    edition = models.ForeignKey("content.UnitEdition", models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    rating = models.PositiveSmallIntegerField(choices=RATINGS)
    before = models.TextField(blank=True)
    at = models.DateTimeField(default=clock.now, editable=False)

    objects = ReviewAnswerQuerySet.as_manager()

    class Meta:
        ordering = ("card", "number")
        constraints = (
            models.UniqueConstraint(fields=("card", "number"), name="review_answer_number_once"),
            models.CheckConstraint(condition=Q(rating__in=[key for key, _ in RATINGS]), name="review_answer_rating"),
        )


def asks(since: dt.datetime, until: dt.datetime) -> Combinable:
    """Whether the review has something for the learner-unit of a criterion's status.

    Something is due before `until` and nothing was rated since `since`; or nothing ever was, and this criterion was
    practised or worked on.
    """
    here = ReviewCard.objects.filter(learner_unit=OuterRef("learner_unit")).order_by()
    tried = Answer.objects.filter(learner_unit=OuterRef("learner_unit"), criterion=OuterRef("criterion")).order_by()
    due, today = here.filter(due__lt=until), here.filter(last_at__gte=since)
    begun = Exists(tried) | ~Q(learner_status="not_started")
    return (Exists(due) & ~Exists(today)) | (begun & ~Exists(here))
