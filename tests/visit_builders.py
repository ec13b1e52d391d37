"""A centre with a visit, by the real verbs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from assessment.models import Cohort, LearnerUnit, Visit
from assessment.workflow import visits
from courseware.kit import clock
from courseware.people.models import Membership, User
from courseware.people.standing import forget
from tests import make
from tests.people_builders import administrator_of, make_member

DAY = dt.timedelta(days=1)


@dataclass
class Place:
    """A cohort with its tutor, IQA and lead IQA, and learners on its unit."""

    cohort: Cohort
    tutor: Membership
    iqa: Membership
    lead: Membership
    units: list[LearnerUnit] = field(default_factory=list)

    @property
    def admin(self) -> User:
        """The centre's administrator."""
        return administrator_of(self.cohort.centre)

    def opened(self, email: str = "eqa@example.org", **more: Any) -> Visit:
        """A visit that began a day ago and lasts another; of the cohort, unless something else is opened."""
        now = clock.now()
        sent: dict[str, Any] = {
            "email": email,
            "name": "Ruth Bell",
            "organisation": "Association of Awards",
            "purpose": "Yearly visit.",
            "starts_at": now - DAY,
            "ends_at": now + DAY,
        }
        if not more.keys() & {"cohorts", "learner_units"}:
            sent["cohorts"] = [self.cohort]
        visit = visits.open_visit(by=self.lead.user, centre=self.cohort.centre, **sent | more)
        return reread(visit)


def reread(visit: Visit) -> Visit:
    """The visit as a new request would read it."""
    forget()
    rows = Visit.objects.select_related("eqa__user", "eqa__centre", "centre", "body")
    return rows.get(pk=visit.pk)


def place(learners: int = 1) -> Place:
    """A new centre with so many learners."""
    cohort = make.cohort()
    here = Place(
        cohort,
        make.staff(cohort, "tutor", name="Daniel Hughes"),
        make.staff(cohort, "iqa", name="Imran Shah"),
        make_member(cohort.centre, "lead_iqa", name="Lena Quist"),
    )
    here.units = [make.learner_unit(cohort, name=f"Learner No {number}") for number in range(learners)]
    return here
