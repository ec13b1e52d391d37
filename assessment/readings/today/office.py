"""The administrator's Today, and what an EQA may look into. One statement for both."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from assessment.models import Allocation, Cohort, LearnerUnit, Visit
from assessment.readings.alone import NEEDED, left_alone
from assessment.readings.waiting import held
from courseware.kit import words
from courseware.kit.clock import now
from courseware.people.models import RoleGrant, User
from courseware.people.standing import in_force, standing_of

from .rows import Line, RoleToday, Row, columns, first_rows, section


def office_queries(user: User, today: dt.date) -> list[QuerySet[Any, Any]]:
    """Everything that waits for `user` as an administrator, and the cohorts that they may look into as an EQA."""
    queries = []
    centres = standing_of(user).centres_as("admin")
    if centres:
        queries += [_without_tutor(centres, today), _without_cohort(centres), _past_review(centres, today)]
        queries += [_alone(centres, role) for role in NEEDED]
    looks_in = held(user, "eqa")
    if looks_in:
        visits = Visit.objects.filter(eqa_id__in=looks_in, ends_at__gt=now()).exclude(ends_at=F("starts_at"))
        queries.append(columns(visits, "visit", who="centre__name", what="organisation", since="starts_at"))
        granted = Allocation.objects.in_force().filter(
            role="eqa", membership_id__in=looks_in, learner_unit__isnull=True
        )
        queries.append(
            columns(
                granted,
                "granted",
                uid="cohort__uid",
                who="cohort__name",
                what="cohort__specification__title",
                number="cohort__specification__unit__code",
                since="starts_at",
            )
        )
    return queries


_office_rows = first_rows(office_queries)


def office_rows(user: User) -> list[Row]:
    """What waits for `user` as an administrator, and what they may look into as an EQA: 1 statement, or none."""
    return _office_rows(user, timezone.localdate(now()))


def _running(centres: list[int], today: dt.date) -> QuerySet[Any]:
    return Cohort.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=today), centre_id__in=centres)


def _without_tutor(centres: list[int], today: dt.date) -> Any:
    tutors = Allocation.objects.in_force().filter(cohort=OuterRef("pk"), learner_unit__isnull=True, role="tutor")
    learners = LearnerUnit.objects.filter(cohort=OuterRef("pk"), state="in_progress").order_by()
    cohorts = _running(centres, today).filter(~Exists(tutors.order_by()), ~Exists(learners))
    return columns(cohorts, "no_tutor", who="name", what="specification__unit__code", since="made_at")


def _alone(centres: list[int], role: str) -> Any:
    """Learners for whom nobody is there in `role` now, by cohort."""
    units = left_alone(LearnerUnit.objects.filter(centre_id__in=centres), role)
    kind = f"alone_{role}"
    return columns(
        units, kind, uid="cohort__uid", who="cohort__name", what="unit_code", since="joined_at", grouped=True
    )


def _without_cohort(centres: list[int]) -> Any:
    """Learners of the centre who have never been started on a unit."""
    started = LearnerUnit.objects.filter(learner=OuterRef("membership")).order_by()
    grants = RoleGrant.objects.filter(
        in_force(), in_force("membership__"), ~Exists(started), role="learner", membership__centre_id__in=centres
    )
    return columns(
        grants,
        "no_cohort",
        uid="membership__uid",
        centre="membership__centre_id",
        who="membership__name",
        since="starts_at",
    )


def _past_review(centres: list[int], today: dt.date) -> Any:
    """Units that running cohorts take although the awarding organisation's review date has passed."""
    cohorts = _running(centres, today).filter(specification__review_on__lt=today)
    return columns(
        cohorts,
        "review_date",
        uid="specification__uid",
        who="specification__title",
        what="specification__unit__code",
        since="made_at",
        grouped=True,
    )


def admin_today(rows: list[Row]) -> RoleToday:
    """What waits for an administrator."""
    kinds = (
        ("alone_tutor", "Learners without a tutor", _alone_tutor, "cohorts", "See every cohort"),
        ("alone_iqa", "Learners without an IQA", _alone_iqa, "cohorts", "See every cohort"),
        ("no_tutor", "Cohorts without a tutor", _no_tutor, "cohorts", "See every cohort"),
        ("no_cohort", "Learners in no cohort", _no_cohort, "member-list", "See everybody"),
        ("review_date", "Review date passed", _review_date, "cohorts", "See every cohort"),
    )
    sections = (section(rows, key, title, line, reverse(name), every) for key, title, line, name, every in kinds)
    return RoleToday(
        "admin",
        "Running the centre",
        tuple(one for one in sections if one.total),
        "Everything is in its place",
        "Every learner has a cohort, a tutor and an IQA.",
        reverse("cohorts"),
        "See cohorts",
    )


def _alone_tutor(row: Row) -> Line:
    return Line(
        f"{words.how_many(row.count, 'learner has', 'learners have')} no tutor in {row.who}",
        f"Unit {row.what}. Nobody may mark what they hand in: there is no tutor, or only one who declared an interest. "
        "The first joined on",
        reverse("cohort-allocate", args=(row.uid,)),
        "Allocate a tutor",
        row.since,
    )


def _alone_iqa(row: Row) -> Line:
    return Line(
        f"{words.how_many(row.count, 'learner has', 'learners have')} no IQA in {row.who}",
        f"Unit {row.what}. Nobody may sample what is decided there: there is no IQA, or only one who declared an "
        "interest. The first joined on",
        reverse("cohort-allocate", args=(row.uid,)),
        "Allocate an IQA",
        row.since,
    )


def _no_tutor(row: Row) -> Line:
    return Line(
        f"{row.who} has no tutor",
        f"Unit {row.what}. Nobody can mark what its learners hand in. Made on",
        reverse("cohort-allocate", args=(row.uid,)),
        "Allocate a tutor",
        row.since,
    )


def _no_cohort(row: Row) -> Line:
    return Line(f"{row.who} is in no cohort", "A learner since", reverse("cohorts"), "Choose a cohort", row.since)


def _review_date(row: Row) -> Line:
    cohorts = "one cohort takes" if row.count == 1 else f"{row.count} cohorts take"
    return Line(
        f"The review date of unit {row.what} has passed",
        f"{row.who}: {cohorts} it. Check with the awarding organisation that it is still open for registration.",
        reverse("unit-map", args=(row.what,)),
        "See the unit",
    )


def _granted(row: Row) -> Line:
    return Line(row.who, f"Unit {row.number}, {row.what}. Yours to look into since", _cohort(row), "Look in", row.since)


def _visit(row: Row) -> Line:
    url = reverse("room", args=(row.uid,))
    text = f"For {row.what}. Open to you" if row.since <= now() else f"For {row.what}. It opens"
    return Line(f"Your visit to {row.who}", f"{text} from", url, "Go to the room", row.since)


def eqa_today(rows: list[Row]) -> RoleToday:
    """What an EQA was granted."""
    visits = section(rows, "visit", "Your visits", _visit, reverse("cohorts"), "See every cohort")
    granted = section(rows, "granted", "Cohorts open to you", _granted, reverse("cohorts"), "See every cohort")
    return RoleToday(
        "eqa",
        "External quality assurance",
        tuple(one for one in (visits, granted) if one.total),
        "No visit is open to you",
        "The centre’s lead IQA opens a visit to you and invites you by e-mail. It appears here then.",
    )


def _cohort(row: Row) -> str:
    return reverse("cohort", args=(row.uid,))
