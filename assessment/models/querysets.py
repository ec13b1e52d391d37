"""Who may know that a row exists. Built from subqueries, so that a filter never doubles a row.

A learner sees what is theirs. Staff see what they are allocated to; a lead IQA their centre; an administrator the
progress of the centre's learners, never evidence, decisions or feedback.
"""

from __future__ import annotations

from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from assessment.models import written
from courseware.kit import clock
from courseware.people.models import User
from courseware.people.standing import in_force, standing_of


def _held(user: User, *roles: str) -> list[int]:
    """Membership ids in which `user` holds any of `roles` now."""
    standing = standing_of(user)
    return [standing.memberships[centre].pk for centre in standing.centres_as(*roles)]


def readable(user: User, path: str = "") -> Q:
    """On learner-units, or rows that reach one over `path`: `user` may read its portfolio (evidence, decisions,
    feedback). The learner, who is allocated, who leads the centre, who reviews it, and who countersigns in it.
    """
    where = Q(written.learned_by(user.pk, path))
    for role in ("tutor", "iqa", "eqa"):
        held = _held(user, role)
        if held:
            where |= Q(written.allocated(role, held, path))
    leads = standing_of(user).centres_as("lead_iqa")
    if leads:
        where |= Q(**{f"{path}__centre_id__in" if path else "centre_id__in": leads})
    reviews_as = _held(user, "iqa", "lead_iqa")
    if reviews_as:
        where |= Q(written.sampled(reviews_as, path))
    countersigns_as = _held(user, "tutor")
    if countersigns_as:
        where |= Q(written.countersigned(countersigns_as, path))
    return where


class AllocationQuerySet(models.QuerySet[Any]):
    """Allocations."""

    def in_force(self) -> Self:
        """From and until hold the present instant."""
        return self.filter(in_force())

    def visible_to(self, user: User) -> Self:
        """Own ones, and those of the centres that one administers or leads."""
        return self.filter(
            Q(membership__user_id=user.pk) | Q(centre_id__in=standing_of(user).centres_as("admin", "lead_iqa"))
        )


class CohortQuerySet(models.QuerySet[Any]):
    """Cohorts."""

    def visible_to(self, user: User) -> Self:
        """Those of a centre that one administers or leads, and those that one is allocated to; no learner's page."""
        allocation = apps.get_model("assessment", "Allocation")
        staffed = allocation.objects.in_force().filter(
            cohort=OuterRef("pk"), membership_id__in=_held(user, "tutor", "iqa", "eqa")
        )
        where = Q(centre_id__in=standing_of(user).centres_as("admin", "lead_iqa")) | Q(Exists(staffed))
        held = _held(user, "eqa")
        if held:
            where |= Q(written.opened_cohort(held))
        return self.filter(where)

    def with_visit(self, user: User) -> Self:
        """Each with the visit that opens it as a whole to `user`, where they are an EQA somewhere, as `_visit`."""
        held = _held(user, "eqa")
        return self.annotate(_visit=written.visit_to_cohort(held)) if held else self


class LearnerImportQuerySet(models.QuerySet[Any]):
    """Lists of learners that are being brought in."""

    def visible_to(self, user: User) -> Self:
        """Administrators of the centre."""
        return self.filter(centre_id__in=standing_of(user).centres_as("admin"))


class LearnerUnitQuerySet(models.QuerySet[Any]):
    """Learner-units."""

    @staticmethod
    def allocated(user: User, role: str) -> Q:
        """Allocated to `user` in `role` now; a row for the learner-unit replaces the cohort's rows of the role."""
        held = _held(user, role)
        return Q(written.allocated(role, held)) if held else Q(pk__in=())

    @staticmethod
    def visit_to(user: User) -> written.Counted:
        """The id of the visit that opens a learner-unit to `user`, an EQA, now."""
        return written.visit_to(_held(user, "eqa"))

    def allocated_to(self, user: User, *roles: str) -> Self:
        """Those for which `user` is responsible in any of `roles`."""
        if not _held(user, *roles):
            return self.none()
        where = Q()
        for role in roles:
            if _held(user, role):
                where |= self.allocated(user, role)
        return self.filter(where)

    def readable_by(self, user: User) -> Self:
        """Those whose portfolio (evidence, decisions, feedback) `user` may read."""
        return self.filter(readable(user))

    def visible_to(self, user: User) -> Self:
        """Those that `user` may know of: whose portfolio is readable, and, as progress only, an administrator's."""
        administers = standing_of(user).centres_as("admin")
        if not administers:
            return self.readable_by(user)
        return self.filter(Q(centre_id__in=administers) | readable(user))


def is_staff_somewhere(user: User) -> bool:
    """Whether `user` holds any role but learner; saves staff subqueries on learners' pages."""
    return any(held - {"learner", "admin"} for held in standing_of(user).roles.values())


class EvidenceItemQuerySet(models.QuerySet[Any]):
    """Evidence items."""

    def visible_to(self, user: User) -> Self:
        """The learner's own; staff see an item once a version of it was submitted."""
        own = Q(learner_unit__learner__user_id=user.pk)
        if not is_staff_somewhere(user):
            return self.filter(own)
        version = apps.get_model("assessment", "EvidenceVersion")
        handed_in = version.objects.filter(item=OuterRef("pk")).exclude(state="draft")
        return self.filter(own | (readable(user, "learner_unit") & Q(Exists(handed_in))))


class EvidenceVersionQuerySet(models.QuerySet[Any]):
    """Evidence versions."""

    def visible_to(self, user: User) -> Self:
        """The learner's own; staff see those submitted."""
        own = Q(learner_unit__learner__user_id=user.pk)
        if not is_staff_somewhere(user):
            return self.filter(own)
        return self.filter(own | (readable(user, "learner_unit") & ~Q(state="draft")))


class EvidenceLinkQuerySet(models.QuerySet[Any]):
    """Mappings."""

    def visible_to(self, user: User) -> Self:
        """As their versions."""
        own = Q(learner_unit__learner__user_id=user.pk)
        if not is_staff_somewhere(user):
            return self.filter(own)
        return self.filter(own | (readable(user, "learner_unit") & ~Q(version__state="draft")))


class SubmissionQuerySet(models.QuerySet[Any]):
    """Submissions."""

    def visible_to(self, user: User) -> Self:
        """The learner's own; staff see those handed in."""
        own = Q(learner_unit__learner__user_id=user.pk)
        if not is_staff_somewhere(user):
            return self.filter(own)
        return self.filter(own | (readable(user, "learner_unit") & ~Q(state="draft")))


class DecisionQuerySet(models.QuerySet[Any]):
    """Decisions."""

    def standing(self) -> Self:
        """Not withdrawn, oldest first."""
        return self.filter(withdrawal__isnull=True).order_by("pk")

    def visible_to(self, user: User) -> Self:
        """A learner sees released ones of their own; staff all of the portfolios they may read."""
        own = Q(learner_unit__learner__user_id=user.pk, release__isnull=False)
        if not is_staff_somewhere(user):
            return self.filter(own)
        staff = readable(user, "learner_unit") & ~Q(learner_unit__learner__user_id=user.pk)
        return self.filter(own | staff)


class PinQuerySet(models.QuerySet[Any]):
    """Learners' pins."""

    def visible_to(self, user: User) -> Self:
        """As the versions that they are on."""
        own = Q(learner_unit__learner__user_id=user.pk)
        if not is_staff_somewhere(user):
            return self.filter(own)
        return self.filter(own | (readable(user, "learner_unit") & ~Q(link__version__state="draft")))


class OfDecisionQuerySet(models.QuerySet[Any]):
    """What belongs to a decision: tutors' notes, learners' replies."""

    def visible_to(self, user: User) -> Self:
        """As the decision: the learner's own once released, staff those of the portfolios that they may read."""
        own = Q(learner_unit__learner__user_id=user.pk, decision__release__isnull=False)
        if not is_staff_somewhere(user):
            return self.filter(own)
        staff = readable(user, "learner_unit") & ~Q(learner_unit__learner__user_id=user.pk)
        return self.filter(own | staff)


class SamplePlanQuerySet(models.QuerySet[Any]):
    """Sampling plans."""

    def visible_to(self, user: User) -> Self:
        """Quality assurers of the centre; nobody whose work is sampled."""
        return self.filter(centre_id__in=standing_of(user).centres_as("iqa", "lead_iqa"))


class SampleItemQuerySet(models.QuerySet[Any]):
    """Sample items."""

    def visible_to(self, user: User) -> Self:
        """As their plans."""
        return self.filter(centre_id__in=standing_of(user).centres_as("iqa", "lead_iqa"))


class ReviewQuerySet(models.QuerySet[Any]):
    """IQA reviews."""

    def visible_to(self, user: User) -> Self:
        """Staff who may read the portfolio; never the learner."""
        if not is_staff_somewhere(user):
            return self.none()
        return self.filter(readable(user, "item__learner_unit")).exclude(item__learner_unit__learner__user_id=user.pk)


class ItemReportQuerySet(models.QuerySet[Any]):
    """Reviewers' reports on sampled units."""

    def visible_to(self, user: User) -> Self:
        """Staff who may read the portfolio, and the tutors who decided in the unit; never the learner."""
        if not is_staff_somewhere(user):
            return self.none()
        made = apps.get_model("assessment", "Decision").objects.filter(by_id__in=_held(user, "tutor")).order_by()
        decided = Q(item__learner_unit__in=made.values("learner_unit"))
        rows = self.filter(readable(user, "item__learner_unit") | decided)
        return rows.exclude(item__learner_unit__learner__user_id=user.pk)


class ActionPointQuerySet(models.QuerySet[Any]):
    """Action points."""

    def for_tutor(self, user: User) -> Self:
        """Those that `user` answers: their own, and of learners who are theirs now when the tutor it was for is gone.

        Never of an item that they review themselves.
        """
        held = _held(user, "tutor")
        if not held:
            return self.none()
        allocation = apps.get_model("assessment", "Allocation")
        rows = allocation.objects.filter(in_force(), in_force("membership__"), role="tutor").order_by()
        theirs = rows.filter(membership=OuterRef("tutor"))
        one, whole = OuterRef("item__learner_unit"), OuterRef("item__learner_unit__cohort")
        reaches = Exists(theirs.filter(learner_unit=one)) | (
            Exists(theirs.filter(cohort=whole, learner_unit__isnull=True)) & ~Exists(rows.filter(learner_unit=one))
        )
        units = apps.get_model("assessment", "LearnerUnit").objects.allocated_to(user, "tutor")
        taken_over = Q(item__learner_unit__in=units.order_by().values("pk")) & ~Q(reaches)
        return self.filter(Q(tutor_id__in=held) | (taken_over & ~Q(item__reviewer_id__in=held)))

    def visible_to(self, user: User) -> Self:
        """The tutor it is for (or who took over), and the centre's quality assurers."""
        standing = standing_of(user)
        own = self.model._default_manager.for_tutor(user).order_by().values("pk")
        return self.filter(Q(pk__in=own) | Q(centre_id__in=standing.centres_as("iqa", "lead_iqa")))


ASSURE = ("iqa", "lead_iqa")
JUDGE = ("tutor", "iqa", "lead_iqa")  # in which of these roles somebody takes part in standardisation


class ExerciseQuerySet(models.QuerySet[Any]):
    """Standardisation exercises."""

    def visible_to(self, user: User) -> Self:
        """Those of the centres where one assures quality, and those that one is invited to."""
        held = _held(user, *JUDGE)
        invited = apps.get_model("assessment", "ExerciseParticipant").objects.filter(
            exercise=OuterRef("pk"), member_id__in=held
        )
        assured = Q(centre_id__in=standing_of(user).centres_as(*ASSURE))
        return self.filter(assured | Exists(invited)) if held else self.none()


class ExerciseJudgementQuerySet(models.QuerySet[Any]):
    """Judgements in standardisation."""

    def visible_to(self, user: User) -> Self:
        """One's own; all once the discussion is open, for those who may know of the exercise; nobody's before."""
        held = _held(user, *JUDGE)
        if not held:
            return self.none()
        known = apps.get_model("assessment", "StandardisationExercise").objects.visible_to(user).order_by()
        opened = Q(item__exercise__in=known.filter(discussion__isnull=False).values("pk"))
        return self.filter(Q(by_id__in=held) | opened)


class VisitQuerySet(models.QuerySet[Any]):
    """Visits of external quality assurers."""

    def in_force(self) -> Self:
        """From and until hold the present instant."""
        now = clock.now()
        return self.filter(starts_at__lte=now, ends_at__gt=now)

    def of_eqa(self, user: User) -> Self:
        """One's own, also before they begin and after they ended, while the centre knows one as an EQA."""
        return self.filter(eqa_id__in=_held(user, "eqa"))

    def visible_to(self, user: User) -> Self:
        """One's own, and those of the centres whose quality one assures."""
        return self.filter(
            Q(eqa_id__in=_held(user, "eqa")) | Q(centre_id__in=standing_of(user).centres_as("iqa", "lead_iqa"))
        )


class VisitRowQuerySet(models.QuerySet[Any]):
    """What was written in a visit: requests, and notes."""

    def visible_to(self, user: User) -> Self:
        """The EQA's own; the centre's quality assurers read requests, and of notes those that were shared."""
        centres = standing_of(user).centres_as("iqa", "lead_iqa")
        shared = {"share__isnull": False} if self.model.__name__ == "VisitNote" else {}
        return self.filter(Q(visit__eqa_id__in=_held(user, "eqa")) | Q(centre_id__in=centres, **shared))
