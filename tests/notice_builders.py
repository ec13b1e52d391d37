"""What the tests of notices share: somebody in every role, and who was told of what."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from assessment import notices
from assessment.models import Cohort, LearnerUnit, Letter, Notice
from assessment.notices import post
from courseware.kit import clock
from courseware.people.models import Membership
from tests import make
from tests.people_builders import make_member


@dataclass
class Scene:
    """A cohort with one of everybody, each allocated where their role is; `off` is a tutor of the centre who is not."""

    cohort: Cohort
    unit: LearnerUnit
    people: dict[str, Membership]

    def user(self, who: str) -> Any:
        """Somebody's account, as a new request would read it."""
        return make.fresh(self.people[who].user)

    def told(self) -> set[tuple[str, str]]:
        """Who holds an unread notice of which kind, after the record was read on."""
        notices.follow()
        names = {member.pk: who for who, member in self.people.items()}
        rows = Notice.objects.unread().order_by("pk").values_list("recipient_id", "kind")
        return {(names.get(recipient, "somebody else"), kind) for recipient, kind in rows}

    def news(self, act: Any) -> set[tuple[str, str]]:
        """What `act` is news of, and to whom: everything before it is read first."""
        notices.follow()
        Notice.objects.unread().update(read_at=clock.now())
        act()
        return self.told()


def scene() -> Scene:
    """A learner on unit 101, and the staff of the cohort; a peer, and a tutor who has no part in it."""
    cohort = make.cohort()
    tutor = make.staff(cohort, "tutor", name="Daniel Hughes")
    people = {
        "tutor": tutor,
        "trainee": make.staff(cohort, "tutor", trainee=True, countersigner=tutor, name="Priya Shah"),
        "iqa": make.staff(cohort, "iqa", name="Sunita Rao"),
        "lead": make.staff(cohort, "lead_iqa", name="Ruth Lindqvist"),
        "eqa": make.staff(cohort, "eqa", name="Owen Pryce"),
        "off": make.staff(cohort, "tutor", allocate=False, name="Colin Marsh"),
    }
    unit = make.learner_unit(cohort, name="Maya Okafor")
    people |= {"learner": unit.learner, "peer": make.learner_unit(cohort, name="Tomasz Nowak").learner}
    return Scene(cohort, unit, people)


def letters_later(**later: float) -> int:
    """How many letters go when the worker comes round after this time (hours, minutes); all by then are due."""
    past = dt.timedelta(**later)
    Notice.objects.update(due_at=clock.now() - dt.timedelta(seconds=1))
    Letter.objects.filter(state="waiting").update(next_at=clock.now() - past)
    notices.write_letters()
    return notices.send_letters()


def another(here: Scene, *roles: str, **more: Any) -> Membership:
    """Somebody else of the centre."""
    return make_member(here.cohort.centre, *roles, **more)


def given_up(member: Membership) -> Letter:
    """A letter to somebody that was tried in vain until it was given up; the administrators know."""
    letter = Letter.objects.create(centre=member.centre, recipient=member, tries=post.TRIES)
    post._failed(letter, post.Fault("The mail server did not answer.", everywhere=True))
    letter.refresh_from_db()
    return letter
