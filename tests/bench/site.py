"""The centre that is measured: Unit 412, cohorts of at most 200, learners at every stage."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.management import call_command
from django.urls import reverse

from assessment.models import Decision, LearnerUnit, SampleItem, Submission
from assessment.workflow import decisions, quality
from content.models import Lesson
from courseware.kit.markdown import render
from courseware.people.models import User
from tests import make
from tests.bench.many import multiply
from tests.people_builders import make_centre

A_COHORT = 200


@dataclass(frozen=True)
class Asked:
    """Who asks for what, and how much prose is in it. `form` gives what is posted, each time anew."""

    name: str
    user: User
    path: str
    text: int = 0
    form: Callable[[], dict[str, Any]] | None = None


def build(learners: int) -> list[Asked]:
    """A centre of so many learners (a multiple of 8), and what is asked of it."""
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    spec = make.specification(make.HOUSE)
    centre = make_centre("Mill Lane College")
    first = make.cohort(centre, spec, "Autumn")
    tutor, iqa = make.staff(first, "tutor"), make.staff(first, "iqa")
    lead = make.staff(first, "lead_iqa", allocate=False)
    done = [make.learner_unit(first) for _ in range(2)]
    for unit in done:
        make.signed_off(unit, tutor.user)
    plan = make.plan(first, iqa, 2)
    quality.approve_plan(by=lead.user, plan=plan)
    stages = [_waiting(make.learner_unit(first), tutor.user) for _ in range(5)]
    stages += [make.learner_unit(first), _begun(make.learner_unit(first), tutor.user), make.learner_unit(first)]
    make.marked(make.submission(stages[-1]), tutor.user)
    others = [make.cohort(centre, spec) for _ in range((learners - 1) // A_COHORT)]
    here = min(learners, A_COHORT) // 8 - 1
    multiply(stages, [first] * here + [cohort for cohort in others for _ in range(A_COHORT // 8)])
    drawn = SampleItem.objects.filter(plan=plan).order_by("pk")[0]
    return _asked(stages[0], tutor.user, iqa.user, lead.user, drawn)


def _begun(unit: LearnerUnit, tutor: User) -> LearnerUnit:
    """Two criteria decided and given back, one of them not yet met."""
    first, second = make.criteria(unit)[:2]
    handed_in = make.submission(unit, first, second)
    make.decision(handed_in, first, tutor)
    make.decision(handed_in, second, tutor, "not_yet_met")
    decisions.release_feedback(by=tutor, submission=handed_in)
    return unit


def _waiting(unit: LearnerUnit, tutor: User) -> LearnerUnit:
    """The same, and four more handed in."""
    make.submission(_begun(unit, tutor), *make.criteria(unit)[2:6])
    return unit


def _asked(unit: LearnerUnit, tutor: User, iqa: User, lead: User, drawn: SampleItem) -> list[Asked]:
    learner, code = unit.learner.user, unit.unit_code
    waiting = Submission.objects.filter(learner_unit=unit).order_by("-pk")[0]
    third = make.criteria(unit)[2]
    lesson = Lesson.objects.get(criterion=make.criteria(unit)[0], edition__specification=unit.specification)
    desk = reverse("marking-desk", args=[waiting.uid, third.number])

    def decision() -> dict[str, Any]:
        """The next decision, in place of the one on record."""
        newest = Decision.objects.filter(submission=waiting, criterion=third).order_by("-pk").first()
        outcome = "not_yet_met" if newest and newest.outcome == "met" else "met"
        return {
            "key": str(uuid.uuid4()),
            "learner_unit": unit.uid,
            "submission": waiting.uid,
            "criterion": third.uid,
            "supersedes": newest.uid if newest else "",
            "outcome": outcome,
            "reason": "insufficient" if outcome == "not_yet_met" else "",
            "feedback": make.FEEDBACK,
        }

    return [
        Asked("start page, learner", learner, reverse("today")),
        Asked("start page, tutor", tutor, reverse("today")),
        Asked("start page, lead IQA", lead, reverse("today")),
        Asked("unit map", learner, reverse("unit-map", args=[code])),
        Asked("criterion page", learner, reverse("criterion", args=[code, "1.1"]), text=len(render(lesson.body))),
        Asked("marking queue", tutor, reverse("marking")),
        Asked("marking page", tutor, desk),
        Asked("cohort grid", tutor, reverse("cohort", args=[unit.cohort.uid])),
        Asked("sample item", iqa, reverse("item", args=[drawn.uid])),
        Asked("saving a decision", tutor, desk, form=decision),
    ]
