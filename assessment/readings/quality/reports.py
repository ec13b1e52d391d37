"""Reports on sampled units, and what quality assurance said to one tutor."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils.safestring import SafeString

from assessment.models import CHECKED, CHECKS, REVIEW_OUTCOMES, ItemRemark, ItemReport, Review, SampleItem
from assessment.permissions import quality as may
from courseware.kit.markdown import render
from courseware.people.models import Membership, User
from courseware.people.standing import in_force, standing_of

A_PAGE = 25
_ANSWERS = dict(CHECKED)


@dataclass(frozen=True)
class Report:
    """One report. `checks` are the lines of the checklist with their answers, in words and as their keys."""

    by: str
    at: dt.datetime
    learner: str
    unit: str
    checks: tuple[tuple[str, str, str], ...]
    strengths: SafeString
    development: SafeString
    typed: Mapping[str, str]

    @property
    def lacking(self) -> tuple[str, ...]:
        """The lines that were answered with No."""
        return tuple(line for line, _, key in self.checks if key == "no")


def with_remarks(reports: QuerySet[ItemReport]) -> QuerySet[Any]:
    """Reports with what they say (`strengths_text`, `development_text`), their author and their unit."""
    said = ItemRemark.objects.filter(report=OuterRef("pk")).order_by()
    texts = {f"{kind}_text": Subquery(said.filter(kind=kind).values("body__text")[:1]) for kind, _ in ItemRemark.KINDS}
    return reports.select_related("by", "item__learner_unit__learner").annotate(**texts)


def newest(item: SampleItem) -> Report | None:
    """The report that counts: 1 statement."""
    row = with_remarks(ItemReport.objects.filter(item=item)).order_by("-pk").first()
    return report_of(row) if row else None


def report_of(row: Any) -> Report:
    """A row of `with_remarks` as it is shown."""
    answers = {name: getattr(row, name) for name, _ in CHECKS}
    texts = {kind: getattr(row, f"{kind}_text") or "" for kind, _ in ItemRemark.KINDS}
    html = {kind: render(text, 4) if text else SafeString("") for kind, text in texts.items()}
    return Report(
        by=row.by.name,
        at=row.at,
        learner=row.item.learner_unit.learner.name,
        unit=row.item.learner_unit.unit_code,
        checks=tuple((label, _ANSWERS[answers[name]], answers[name]) for name, label in CHECKS),
        strengths=html["strengths"],
        development=html["development"],
        typed=answers | texts,
    )


# -- What one tutor was told -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """One review of a decision of the tutor's; `html` is what it says, if anything."""

    review: Review
    html: SafeString

    @property
    def asks(self) -> bool:
        """Whether there is something to act on: an action point that is not closed."""
        point = getattr(self.review, "action_point", None)
        return point is not None and point.state != "closed"


@dataclass(frozen=True)
class FeedbackPage:
    """What quality assurance said to one tutor: outcomes counted, reports, and reviews, newest first."""

    tutor: Membership | None
    own: bool
    counts: tuple[tuple[str, int], ...]
    reports: tuple[Report, ...]
    page: Page[Any]
    told: tuple[Told, ...]
    assures: bool
    teaches: bool  # a tutor somewhere

    @property
    def total(self) -> int:
        """How many decisions were reviewed."""
        return sum(number for _, number in self.counts)

    @property
    def to_act_on(self) -> tuple[Told, ...]:
        """The reviews of this page with something to act on."""
        return tuple(one for one in self.told if one.asks)

    @property
    def others(self) -> tuple[Told, ...]:
        """The reviews of this page that ask for nothing any more."""
        return tuple(one for one in self.told if not one.asks)


def tutors_for(user: User) -> QuerySet[Membership]:
    """Whose feedback `user` may know of: their own, and everybody's of a centre whose quality they assure."""
    centres = standing_of(user).centres_as(*may.QUALITY)
    return Membership.objects.filter(in_force() & Q(user=user) | Q(centre_id__in=centres))


def feedback_page(user: User, tutor: Membership | None, page: object) -> FeedbackPage:
    """What was said to `tutor`, or without one to `user` in every centre, of what they may read: 4 statements.

    Of a unit that was reported on twice, the newest report.
    """
    own = tutor is None or tutor.user_id == user.pk
    whose = _whose(user, tutor)
    reviews = Review.objects.filter(whose) if own else Review.objects.visible_to(user).filter(whose)
    found = {row["outcome"]: row["n"] for row in reviews.order_by().values("outcome").annotate(n=Count("pk"))}
    rows = reviews.select_related("body", "by", "decision__criterion", "item__learner_unit__learner", "action_point")
    shown: Page[Any] = Paginator(rows.order_by("-at", "-pk"), A_PAGE).get_page(page)  # type: ignore[arg-type]  # whatever
    return FeedbackPage(
        tutor=tutor,
        own=own,
        counts=tuple((key, found.get(key, 0)) for key, _ in REVIEW_OUTCOMES),
        reports=_reports_to(user, tutor),
        page=shown,
        told=tuple(Told(row, render(row.body.text, 4) if row.body else SafeString("")) for row in shown),
        assures=bool(standing_of(user).centres_as(*may.QUALITY)),
        teaches=bool(standing_of(user).centres_as("tutor")),
    )


def _whose(user: User, tutor: Membership | None) -> Q:
    """Reviews of what `tutor` decided; without one, of what `user` did in the centres that they belong to now."""
    if tutor is not None:
        return Q(decision__by=tutor)
    return Q(decision__by__in=Membership.objects.filter(in_force(), user=user).order_by().values("pk"))


def _reports_to(user: User, tutor: Membership | None) -> tuple[Report, ...]:
    """The newest reports on units in which the tutor decided something that was reviewed there."""
    latest = ItemReport.objects.filter(item=OuterRef("item")).order_by("-pk").values("pk")[:1]
    items = Review.objects.filter(_whose(user, tutor)).order_by().values("item")
    rows = ItemReport.objects.visible_to(user).filter(item__in=items, pk=Subquery(latest))
    return tuple(report_of(row) for row in with_remarks(rows).order_by("-pk")[:A_PAGE])
