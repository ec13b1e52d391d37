"""The external quality assurer's room: a visit, what it opens, how it changed, what was written and opened in it.

Everything is a fact, but for `Visit.ends_at`, which follows the newest change, and notes that nobody has shared yet.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from courseware.kit import clock
from courseware.kit.triggers import Trigger, guarded, insert_only

from .base import CentreRow, Fact
from .body import BODY_KNOWN, WithBody, body_needed
from .cohorts import Cohort, LearnerUnit
from .querysets import VisitQuerySet, VisitRowQuerySet

VISIT_CHANGES = (
    ("extended", "Extended"),
    ("ended", "Ended early"),
    ("withdrawn", "Withdrawn"),
)
ROOM_PAGES = (
    ("room", "The room"),
    ("pack", "The pack, to print"),
    ("learner", "A learner’s work"),
    ("timeline", "The timeline of a learner’s unit"),
    ("record", "The record of a learner’s unit"),
    ("submission", "A hand-in"),
    ("cohort", "A cohort"),
)


@guarded(
    BODY_KNOWN,
    Trigger("no_delete", "DELETE", says="a visit is never deleted"),
    Trigger("frozen", "UPDATE", when="{changed}", says="a visit is never changed", may_change=("ends_at",)),
    Trigger(
        "ends_by_fact",
        "UPDATE",
        when=(
            "NEW.ends_at <> OLD.ends_at AND NOT EXISTS (SELECT 1 FROM assessment_visitchange c "
            "WHERE c.id = (SELECT MAX(n.id) FROM assessment_visitchange n WHERE n.visit_id = NEW.id) "
            "AND c.ended_before = OLD.ends_at AND c.ends_at = NEW.ends_at)"
        ),
        says="a visit ends otherwise only by a change on record",
    ),
)
class Visit(Fact, WithBody):
    """An EQA may read what its scope names from `starts_at` until `ends_at`; the body is its purpose."""

    eqa = models.ForeignKey("people.Membership", models.PROTECT, related_name="visits")
    organisation = models.CharField(max_length=120)  # the awarding organisation
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    objects = VisitQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_at", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="visit_ends_after_start"),
            models.CheckConstraint(condition=~Q(organisation=""), name="visit_names_its_organisation"),
            body_needed("visit_says_what_for"),
        )
        indexes = (models.Index(fields=("centre", "starts_at"), name="visit_by_centre"),)

    def __str__(self) -> str:
        return f"Visit of {self.eqa} for {self.organisation}"


@guarded(
    BODY_KNOWN,
    Trigger(
        "while_it_lasts",
        "INSERT",
        when="NEW.at >= (SELECT v.ends_at FROM assessment_visit v WHERE v.id = NEW.visit_id)",
        says="a visit that has ended is not changed any more",
    ),
)
@insert_only
class VisitChange(Fact, WithBody):
    """The visit ends otherwise than it did: later, now, or never begins; the body says why."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=9, choices=VISIT_CHANGES)
    ended_before = models.DateTimeField()  # `Visit.ends_at` until now
    ends_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=[key for key, _ in VISIT_CHANGES]), name="visit_change_known"),
            models.CheckConstraint(
                condition=Q(kind="extended", ends_at__gt=F("ended_before"))
                | ~Q(kind="extended") & Q(ends_at__lte=F("ended_before")),
                name="visit_change_extends_or_ends",
            ),
            body_needed("visit_withdrawn_says_why", unless=~Q(kind="withdrawn")),
        )


@guarded(BODY_KNOWN)
@insert_only
class VisitRequest(Fact, WithBody):
    """The EQA asks to see more; the body names the cohorts or learners, and says why."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="requests")

    objects = VisitRowQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (body_needed("visit_request_says_what"),)


@guarded(BODY_KNOWN)
@insert_only
class VisitAnswer(Fact, WithBody):
    """The lead IQA grants what was asked for, or declines it with the reason."""

    request = models.OneToOneField(VisitRequest, models.PROTECT, related_name="answer")
    granted = models.BooleanField()

    class Meta:
        constraints = (body_needed("visit_declined_says_why", unless=Q(granted=True)),)


@guarded(
    Trigger(
        "while_it_lasts",
        "INSERT",
        when="NEW.at >= (SELECT v.ends_at FROM assessment_visit v WHERE v.id = NEW.visit_id)",
        says="a visit that has ended is not widened any more",
    ),
    Trigger(
        "of_the_centre",
        "INSERT",
        when=(
            "(NEW.cohort_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM assessment_cohort c JOIN assessment_visit v "
            "ON v.centre_id = c.centre_id WHERE c.id = NEW.cohort_id AND v.id = NEW.visit_id)) OR "
            "(NEW.learner_unit_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM assessment_learnerunit u "
            "JOIN assessment_visit v ON v.centre_id = u.centre_id "
            "WHERE u.id = NEW.learner_unit_id AND v.id = NEW.visit_id))"
        ),
        says="a visit opens what belongs to its own centre",
    ),
    Trigger(
        "granted_to_it",
        "INSERT",
        when=(
            "NEW.answer_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM assessment_visitanswer a "
            "JOIN assessment_visitrequest r ON r.id = a.request_id "
            "WHERE a.id = NEW.answer_id AND a.granted AND r.visit_id = NEW.visit_id)"
        ),
        says="more is opened only by a request of the same visit that was granted",
    ),
)
@insert_only
class VisitScope(CentreRow):
    """One thing that the visit opens: a whole cohort, later joiners included, or one learner's unit."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="scope")
    cohort = models.ForeignKey(Cohort, models.PROTECT, null=True, related_name="+")
    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, null=True, related_name="+")
    answer = models.ForeignKey(VisitAnswer, models.PROTECT, null=True, related_name="opened")
    at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(cohort__isnull=False) ^ Q(learner_unit__isnull=False), name="visit_scope_is_one_thing"
            ),
            models.UniqueConstraint(fields=("visit", "cohort"), name="visit_scope_cohort_once"),
            models.UniqueConstraint(fields=("visit", "learner_unit"), name="visit_scope_learner_once"),
        )


@guarded(
    *(
        Trigger(
            f"shared_{event.lower()}",
            event,
            when="EXISTS (SELECT 1 FROM assessment_visitnoteshare s WHERE s.note_id = OLD.id)",
            says="a note that was shared stays as it is",
        )
        for event in ("UPDATE", "DELETE")
    )
)
class VisitNote(CentreRow):
    """The EQA's own note: theirs to change and to read until they share it. Not part of the record before that."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="notes")
    text = models.TextField()
    made_at = models.DateTimeField(default=clock.now, editable=False)
    changed_at = models.DateTimeField(default=clock.now)

    objects = VisitRowQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        constraints = (models.CheckConstraint(condition=~Q(text=""), name="visit_note_says_something"),)


@guarded(BODY_KNOWN)
@insert_only
class VisitNoteShare(Fact, WithBody):
    """The EQA lets the centre read a note; the body is the note as it was then, for good."""

    note = models.OneToOneField(VisitNote, models.PROTECT, related_name="share")

    class Meta:
        constraints = (body_needed("visit_share_says_something"),)


@insert_only
class RoomOpening(CentreRow):
    """The EQA opened a page in a visit; evidence and files are in `AccessRecord`. Outside the chain."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="openings")
    page = models.CharField(max_length=10, choices=ROOM_PAGES)
    learner_unit = models.ForeignKey(LearnerUnit, models.PROTECT, null=True, related_name="+")
    cohort = models.ForeignKey(Cohort, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("-at", "-pk")
        indexes = (models.Index(fields=("visit", "at"), name="room_opening_by_visit"),)
