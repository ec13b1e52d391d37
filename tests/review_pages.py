"""What the tests of the spaced review share: a lesson begun, the form of a card as its page gives it, and time."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import time_machine

from assessment.models import LearnerUnit, ReviewAnswer, ReviewCard
from assessment.workflow import practice
from content import catalogue
from courseware.people.models import User
from tests.study_pages import client_of, page_of

REVIEW, CARD, RATE, UNDO = "/review/", "/review/card/", "/review/rate/", "/review/undo/"
_NEXT = dt.datetime.now(dt.UTC).year + 1
# A Monday morning in winter that is to come, so that nobody's role begins after it.
NOW = dt.datetime(_NEXT, 1, 14 - dt.date(_NEXT, 1, 7).weekday(), 9, 0, tzinfo=dt.UTC)
AGAIN, HARD, GOOD, EASY = 1, 2, 3, 4


@contextmanager
def at(days: float = 0, **more: float) -> Iterator[None]:
    """So long after the Monday morning on which these tests play."""
    with time_machine.travel(NOW + dt.timedelta(days=days, **more), tick=False):
        yield


def in_words(days: int) -> str:
    """The day so many days after that Monday, as pages say it."""
    when = NOW + dt.timedelta(days=days)
    return f"{when:%A} {when.day} {when:%B %Y}"


def begun(unit: LearnerUnit, number: str = "2.1") -> LearnerUnit:
    """The learner answers the first activity of a lesson: its cards can be asked from then on."""
    lesson = catalogue.lesson_page(unit.specification, number)
    found = next(one for one in lesson.activities if one.kind.practice and one.kind.name == "choice")
    asked = practice.Asked(unit, lesson.criterion_id, lesson.edition_id, found)
    practice.answer_activity(by=unit.learner.user, asked=asked, given={"chosen": ["a"]}, key=uuid.uuid4())
    return unit


def form_of(user: User, address: str = CARD, action: str = RATE) -> dict[str, str]:
    """The hidden fields of the form that leads to `action`."""
    page = page_of(user, address)
    (form,) = re.findall(rf'<form[^>]*action="{action}".*?</form>', page, re.DOTALL)
    fields = re.findall(r'type="hidden"\s+name="([^"]+)"\s+value="([^"]*)"', form)
    return {name: value for name, value in fields if name != "csrfmiddlewaretoken"}


def rate(user: User, rating: int = GOOD, **more: str) -> Any:
    """Rate the card that is asked next."""
    return client_of(user).post(RATE, {**form_of(user), "rating": str(rating), **more})


def undo(user: User, **more: str) -> Any:
    """Take the last rating back."""
    address = CARD if client_of(user).get(CARD).status_code == 200 else REVIEW
    return client_of(user).post(UNDO, {**form_of(user, address, UNDO), **more})


def kept() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Every card and rating as the database has them."""
    return list(ReviewCard.objects.order_by("pk").values()), list(ReviewAnswer.objects.order_by("pk").values())
