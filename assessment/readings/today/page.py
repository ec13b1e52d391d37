"""One page for everything that a person is: at most eight statements beside the frame's two."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from assessment.readings.shell import OVER, Frame
from courseware.kit import clock, words
from courseware.people.models import Centre
from courseware.people.standing import standing_of

from .learning import LearnerToday, learner_today
from .office import admin_today, eqa_today, office_rows
from .quality import iqa_today, lead_today, quality_rows, unplanned
from .rows import RoleToday, Row, elsewhere
from .tutor import tutor_rows, tutor_today

_BUILD: dict[str, Callable[[list[Row]], RoleToday]] = {
    "tutor": tutor_today,
    "iqa": iqa_today,
    "lead_iqa": lead_today,
    "admin": admin_today,
    "eqa": eqa_today,
}


@dataclass(frozen=True)
class Elsewhere:
    """How many things wait in a centre that is not the chosen one."""

    centre: Centre
    count: int


@dataclass(frozen=True)
class TodayPage:
    """Today for one person: the learner's part (None for who learns nothing), a part per other role, other centres."""

    frame: Frame
    learner: LearnerToday | None
    roles: tuple[RoleToday, ...]
    elsewhere: tuple[Elsewhere, ...]

    @property
    def now(self) -> dt.datetime:
        """The present instant."""
        return clock.now()

    @property
    def several(self) -> bool:
        """Whether each part has to say in which role it speaks."""
        return len(self.roles) + bool(self.learner) > 1

    @property
    def total(self) -> int:
        """How many things wait here; a cohort open to an EQA does not."""
        learning = len(self.learner.acts) if self.learner else 0
        return learning + sum(role.total for role in self.roles if role.key != "eqa")

    @property
    def heading(self) -> str:
        """`Three things wait for you`."""
        if not self.total:
            return "Nothing waits for you"
        waits = f"{words.how_many(self.total, 'thing waits', 'things wait')} for you"
        return f"At least {waits}" if any(role.or_more for role in self.roles) else waits

    @property
    def has_any(self) -> bool:
        """Whether the person is anything anywhere, now or, as a learner, before."""
        return bool(self.learner or self.roles)


def today_page(frame: Frame) -> TodayPage:
    """Everything that waits for `frame`'s reader. Lists are those of the chosen centre; others are counted.

    3 statements for a learner, 1 each for tutor, quality assurers, and administrator with EQA, 2 more for a lead IQA.
    """
    user, centre = frame.user, frame.centre
    here = [unit for unit in frame.learner_units if unit.centre == centre]
    learner = None
    if here or "learner" in frame.roles:
        # Units that were left are shown only to somebody who has no other: there is nothing to do in them.
        learner = learner_today(user, [unit for unit in here if unit.state not in OVER] or here)
    rows = [
        *tutor_rows(user),
        *quality_rows(user),
        *unplanned(user),
        *office_rows(user),
    ]
    centre_id = centre.pk if centre else None
    own = [row for row in rows if row.centre_id == centre_id]
    roles = tuple(build(own) for role, build in _BUILD.items() if role in frame.roles)
    memberships = standing_of(user).memberships
    others = tuple(Elsewhere(memberships[pk].centre, count) for pk, count in sorted(elsewhere(rows, centre_id).items()))
    return TodayPage(frame, learner, roles, others)
