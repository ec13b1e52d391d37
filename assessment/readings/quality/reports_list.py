"""The page of reports: every document and table of quality assurance, with what it is for."""

from __future__ import annotations

from dataclasses import dataclass

from assessment.models import Cohort, SamplePlan
from assessment.permissions import quality as may
from courseware.people.models import Centre, Membership, User
from courseware.people.standing import standing_of

from .exports import OF_THE_CENTRE, TOLD, centre_for
from .risk import tutors_in

SHOWN = 100  # tutors, cohorts and plans that the page names at most


@dataclass(frozen=True)
class TableLine:
    """A table that the reader may take away."""

    name: str
    title: str
    about: str


@dataclass(frozen=True)
class ReportsPage:
    """The page of one centre. `assures`: the reader is an IQA or lead IQA there, and not a tutor only.

    `tutors`, `cohorts` and `plans`: of whom and what there is a report, the newest; `own`: the reader, if a tutor.
    """

    centre: Centre
    assures: bool
    own: Membership | None
    tutors: tuple[Membership, ...]
    cohorts: tuple[Cohort, ...]
    plans: tuple[SamplePlan, ...]
    tables: tuple[TableLine, ...]


def reports_page(user: User, chosen: object) -> ReportsPage:
    """What there is to read and to take away of the chosen centre: 3 statements. Raises NotYours."""
    centre = centre_for(user, chosen, *TOLD)
    standing = standing_of(user)
    assures = standing.has(centre.pk, *may.QUALITY)
    cohorts = Cohort.objects.visible_to(user).filter(centre=centre).order_by("-starts_on", "name", "pk")
    plans = SamplePlan.objects.visible_to(user).filter(centre=centre, approval__isnull=False).defer("secret")
    return ReportsPage(
        centre=centre,
        assures=assures,
        own=standing.membership_in(centre.pk) if standing.has(centre.pk, "tutor") else None,
        tutors=tuple(tutors_in(centre)[:SHOWN]) if assures else (),
        cohorts=tuple(cohorts[:SHOWN]),
        plans=tuple(plans.select_related("cohort").order_by("-period_until", "-pk")[:SHOWN]) if assures else (),
        tables=tuple(
            TableLine(name, kind.title, kind.about)
            for name, kind in OF_THE_CENTRE.items()
            if assures or name == "action-points"
        ),
    )
