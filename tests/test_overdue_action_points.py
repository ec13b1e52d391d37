"""Action points have a last day: shown, listed first once it is over, and reminded of once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from assessment.models import ActionPoint, Notice
from assessment.notices.overdue import KIND, remind
from assessment.workflow import reviews
from assessment.workflow.strategy import StrategyRules, set_strategy
from courseware.kit import clock
from courseware.people.models import Membership
from tests.flat import flat
from tests.marking_pages import signed_in
from tests.quality_pages import Scene, point, reviewed, scene

pytestmark = pytest.mark.django_db
LIST = reverse("action-points")


def page(here: Scene, who: Membership | None = None) -> str:
    return flat(signed_in(who or here.tutor).get(LIST))


def own(raised: ActionPoint) -> str:
    return reverse("action-point", args=(raised.uid,))


def later(days: int) -> Any:
    return time_machine.travel(clock.now() + dt.timedelta(days=days), tick=False)


def reminders() -> int:
    return Notice.objects.filter(kind=KIND).count()


def test_it_is_due_ten_days_after_it_was_raised_and_overdue_the_day_after() -> None:
    here = scene(1)
    raised = point(here)
    assert "An answer is due" in " ".join(flat(signed_in(here.tutor).get(own(raised))).split())
    with later(10):
        assert "Overdue" not in page(here)
        assert remind() == 0
    with later(11):
        shown = page(here)
        assert "Overdue, with the tutor" in shown
        assert "Was due" in shown
        assert "Overdue: an answer was due" in flat(signed_in(here.tutor).get(own(raised)))
        assert (remind(), remind(), reminders()) == (1, 0, 1)
        told = Notice.objects.get(kind=KIND)
        assert (told.recipient, told.subject, told.unit_code) == (here.tutor, raised.uid, "101")


def test_the_days_are_those_of_the_strategy_in_force_when_it_was_raised() -> None:
    here = scene(1)
    rules = StrategyRules(answer_days=3)
    set_strategy(by=here.lead.user, centre=here.cohort.centre, rules=rules, reason="Sooner.", seen=0)
    raised = point(here)
    with later(1):
        rules = StrategyRules(answer_days=30)
        set_strategy(by=here.lead.user, centre=here.cohort.centre, rules=rules, reason="Later.", seen=1)
    with later(4):
        assert "Overdue, with the tutor" in page(here)
        assert remind() == 1
    assert raised.state == "open"


def test_an_answer_ends_it_and_a_reopened_one_begins_anew() -> None:
    here = scene(1)
    raised = point(here)
    with later(11):
        assert remind() == 1
        reviews.answer_action_point(by=here.tutor.user, action_point=raised, text="Done.")
        assert remind() == 0
        assert "Overdue" not in page(here)
        assert "is due" not in flat(signed_in(here.tutor).get(own(raised)))
        reviews.judge_answer(by=here.iqa.user, action_point=raised, outcome="reopened", text="More.")
        assert "Overdue" not in page(here)
    with later(22):
        assert "Overdue, with the tutor" in page(here)
        assert remind() == 1
        assert remind() == 0


def test_an_overdue_one_comes_before_everything_else() -> None:
    here = scene(2)
    plan = here.approved(2)
    first, second = plan.items.select_related("learner_unit", "plan").order_by("position")
    old = reviewed(here, first, "action_required").action_point
    with later(11):
        new = reviewed(here, second, "action_required").action_point
        reviews.answer_action_point(by=here.tutor.user, action_point=new, text="Done.")
        shown = page(here, here.iqa)
        assert shown.index(str(old.uid)) < shown.index(str(new.uid))
        assert shown.index("Overdue, with the tutor") < shown.index("Answered, with the IQA")
    shown = page(here, here.iqa)
    assert shown.index(str(new.uid)) < shown.index(str(old.uid))
    assert "Overdue" not in page(scene(0))
