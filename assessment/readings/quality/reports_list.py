"""The page of reports: every document and table of quality assurance, with what it is for."""

from __future__ import annotations

from dataclasses import dataclass

from assessment.permissions import quality as may
from courseware.people.models import Centre, User
from courseware.people.standing import standing_of

from .exports import OF_THE_CENTRE, TOLD, centre_for


@dataclass(frozen=True)
class TableLine:
    """A table that the reader may take away."""

    name: str
    title: str
    about: str


@dataclass(frozen=True)
class ReportsPage:
    """The page of one centre. `assures`: the reader is an IQA or lead IQA there, and not a tutor only."""

    centre: Centre
    assures: bool
    tables: tuple[TableLine, ...]


def reports_page(user: User, chosen: object) -> ReportsPage:
    """What there is to read and to take away of the chosen centre. Raises NotYours."""
    centre = centre_for(user, chosen, *TOLD)
    assures = standing_of(user).has(centre.pk, *may.QUALITY)
    return ReportsPage(
        centre=centre,
        assures=assures,
        tables=tuple(
            TableLine(name, kind.title, kind.about)
            for name, kind in OF_THE_CENTRE.items()
            if assures or name == "action-points"
        ),
    )
