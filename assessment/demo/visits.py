"""The external quality assurer at the first centre: a visit to the spring cohort long over, one to the autumn's now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from assessment.models import Visit
from assessment.workflow import room, visits
from courseware.kit import clock

from .builder import At, Builder, Story

ORGANISATION = "Pennine Awards"
THIN = """\
Decisions on outcome 1 are sound, and the feedback says what to do next.

In 2.3 two learners were told **what** is missing, but not *where* it would show. I would like to see that at the next
visit."""
QUESTION = "Kai has two attempts at 1.1 with nearly the same feedback. Ask Daniel how the second one was discussed."


def stories(b: Builder) -> Iterator[Story]:
    """Both visits of Ruth Bell."""
    yield _spring(b)
    yield _autumn(b)


def _opened(b: Builder, cohort: str, purpose: str, days: int) -> Visit:
    return visits.open_visit(
        by=b.user("lead"),
        centre=b.centre,
        email="eqa@demo.example",
        name="Ruth Bell",
        organisation=ORGANISATION,
        purpose=purpose,
        starts_at=clock.now(),
        ends_at=clock.now() + dt.timedelta(days=days),
        cohorts=[b.cohorts[cohort]],
    )


def _spring(b: Builder) -> Story:
    """Three days, an extra learner asked for and declined, a note shared."""
    yield At(62, 8)
    visit = _opened(b, "spring", "Yearly visit, spring cohort.", 3)
    yield At(61, 10, 15)
    asked = room.ask_for_more(by=b.user("eqa"), visit=visit, text="Retention Marketing, autumn\nTo see a cohort begin.")
    yield At(61, 15)
    reason = "Nothing of that cohort is decided yet. We open it at the next visit."
    room.answer_request(by=b.user("lead"), request=asked, granted=False, reason=reason)
    yield At(60, 16, 30)
    note = room.write_note(by=b.user("eqa"), visit=visit, text=THIN)
    room.share_note(by=b.user("eqa"), note=note, seen=note.text)


def _autumn(b: Builder) -> Story:
    """Open now, with a note that nobody else reads, and a request that waits."""
    yield At(2, 8)
    visit = _opened(b, "autumn", "Yearly visit, autumn cohort; action points of the last visit.", 14)
    yield At(1, 11)
    room.write_note(by=b.user("eqa"), visit=visit, text=QUESTION)
    room.ask_for_more(
        by=b.user("eqa"), visit=visit, text="Jade Turner\nShe left the spring cohort; I would like to see how."
    )
