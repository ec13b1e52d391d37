"""How a centre samples: its strategy, version after version, and what it knows of its staff.

Everything here is a fact: a change is a new row, and the newest counts.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from courseware.kit.triggers import Trigger, guarded, insert_only

from .base import Fact
from .body import BODY_KNOWN, WithBody, body_needed

SUREST, LEAST_SURE, USUALLY_SURE = 99, 80, 95  # per cent
MOST_TOLERABLE, USUALLY_TOLERABLE = 50, 10  # per cent of the units
LONGEST_RUN, USUAL_RUN = 200, 10  # units clear in a row
RAREST, USUALLY_ONE_IN = 50, 5  # of a tutor whose work is clear, one unit in so many
LONGEST_ANSWER, USUAL_ANSWER = 60, 10  # days that a tutor has to answer an action point
INDEPENDENCE = (
    ("ordinary", "Nobody reviews what they decided or countersigned"),
    ("strict", "Nobody reviews a learner whom they taught either"),
)
RATINGS_OF_TUTORS = (
    ("computed", "As computed"),
    ("low", "Low risk"),
    ("medium", "Medium risk"),
    ("high", "High risk"),
)
QUALIFIED_AS = (
    ("assessor", "Assessing"),
    ("iqa", "Quality assurance"),
    ("subject", "The subject"),
)


@guarded(BODY_KNOWN)
@insert_only
class SamplingStrategy(Fact, WithBody):
    """One version of a centre's sampling strategy; its body says why it changed. A centre without one has the usual."""

    version = models.PositiveIntegerField()  # from 1
    confidence = models.PositiveSmallIntegerField(default=USUALLY_SURE)  # per cent
    tolerable = models.PositiveSmallIntegerField(default=USUALLY_TOLERABLE)  # per cent of the units
    # Continuous sampling of each tutor: everything until so many are clear in a row, then one in so many.
    run = models.PositiveSmallIntegerField(default=USUAL_RUN)
    one_in = models.PositiveSmallIntegerField(default=USUALLY_ONE_IN)
    independence = models.CharField(max_length=8, choices=INDEPENDENCE, default="ordinary")
    blind = models.BooleanField(default=False)  # the reviewer judges before the tutor's decision is shown
    interim = models.PositiveSmallIntegerField(default=0)  # per cent of units in progress that interim samples take
    # Per cent of each tutor's units signed off that a sample drawn at random takes at least.
    summative = models.PositiveSmallIntegerField(default=0, db_default=0)
    answer_days = models.PositiveSmallIntegerField(default=USUAL_ANSWER)
    # What every period's sample covers, besides every tutor.
    cover_criteria = models.BooleanField(default=True)
    cover_methods = models.BooleanField(default=True)
    cover_sites = models.BooleanField(default=True)
    cover_outcomes = models.BooleanField(default=True)  # met at once, met after Not yet met, countersigned
    cover_special = models.BooleanField(default=True)  # disputed, on hold, with later dates

    class Meta:
        verbose_name_plural = "sampling strategies"
        ordering = ("centre", "-version")
        constraints = (
            models.UniqueConstraint(fields=("centre", "version"), name="strategy_version_once"),
            models.CheckConstraint(
                condition=Q(confidence__range=(LEAST_SURE, SUREST), tolerable__range=(1, MOST_TOLERABLE)),
                name="strategy_target_in_reason",
            ),
            models.CheckConstraint(
                condition=Q(run__range=(1, LONGEST_RUN), one_in__range=(2, RAREST)), name="strategy_run_in_reason"
            ),
            models.CheckConstraint(
                condition=Q(interim__range=(0, 100), answer_days__range=(1, LONGEST_ANSWER)),
                name="strategy_shares_in_reason",
            ),
            models.CheckConstraint(condition=Q(summative__range=(0, 100)), name="strategy_summative_in_reason"),
            models.CheckConstraint(
                condition=Q(independence__in=[key for key, _ in INDEPENDENCE]), name="strategy_independence_known"
            ),
            body_needed("strategy_says_why"),
        )

    def __str__(self) -> str:
        return f"Sampling strategy, version {self.version}"


@guarded(BODY_KNOWN)
@insert_only
class TutorRating(Fact, WithBody):
    """The lead IQA's own rating of a tutor's risk, with its reason, beside the computed one. The newest counts."""

    tutor = models.ForeignKey("people.Membership", models.PROTECT, related_name="risk_ratings")
    level = models.CharField(max_length=8, choices=RATINGS_OF_TUTORS)

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(level__in=[key for key, _ in RATINGS_OF_TUTORS]), name="tutor_rating_known"
            ),
            body_needed("tutor_rating_says_why"),
        )


@insert_only
class StaffQualification(Fact):
    """What a member of staff holds: a title, of what it qualifies them, from, and until when if it expires.

    `awarded_on` and `expires_on` are dates on the certificate, both in the centre's zone.
    """

    holder = models.ForeignKey("people.Membership", models.PROTECT, related_name="qualifications")
    title = models.CharField(max_length=160)
    held_as = models.CharField(max_length=8, choices=QUALIFIED_AS)
    awarded_on = models.DateField()
    expires_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("holder", "-awarded_on", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(held_as__in=[key for key, _ in QUALIFIED_AS]), name="staff_qualification_known"
            ),
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(expires_on__gte=F("awarded_on")),
                name="staff_qualification_expires_after_award",
            ),
        )


@insert_only
class QualificationRemoval(Fact):
    """A qualification was recorded wrongly, or is held no more."""

    qualification = models.OneToOneField(StaffQualification, models.PROTECT, related_name="removal")


@guarded(
    BODY_KNOWN,
    Trigger(
        "of_somebody_else",
        "INSERT",
        when="NEW.holder_id = NEW.learner_id OR NEW.holder_id = NEW.colleague_id",
        says="an interest is in somebody else's work",
    ),
)
@insert_only
class DeclaredInterest(Fact, WithBody):
    """`holder` is close to a learner, or to a colleague whose decisions they therefore do not review; with the reason.

    Whoever is close to a learner does not review that learner's work.
    """

    holder = models.ForeignKey("people.Membership", models.PROTECT, related_name="interests")
    learner = models.ForeignKey("people.Membership", models.PROTECT, null=True, related_name="+")
    colleague = models.ForeignKey("people.Membership", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(learner__isnull=False) ^ Q(colleague__isnull=False), name="interest_in_one_person"
            ),
            body_needed("interest_says_why"),
        )


@guarded(BODY_KNOWN)
@insert_only
class InterestEnd(Fact, WithBody):
    """A declared interest is over, with the reason."""

    interest = models.OneToOneField(DeclaredInterest, models.PROTECT, related_name="end")

    class Meta:
        constraints = (body_needed("interest_end_says_why"),)
