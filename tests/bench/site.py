"""The centre that is measured: Unit 412, cohorts of at most 200, learners at every stage."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.management import call_command
from django.urls import reverse

from assessment.models import Cohort, Decision, LearnerUnit, SampleItem, Submission
from assessment.workflow import decisions, quality
from content.models import Criterion, Lesson
from courseware.kit.markdown import render
from courseware.people.models import User
from tests import make
from tests.bench.many import multiply
from tests.people_builders import make_centre

A_COHORT = 200
EACH = 17  # submissions of one learner, a criterion each


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


def build_waiting(*counts: int) -> list[list[Asked]]:
    """For each of `counts` a tutor of a cohort for whom so many submissions wait, and what is asked of their desk."""
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    centre, spec = make_centre("Mill Lane College"), make.specification(make.HOUSE)
    return [_tutor_with(count, make.cohort(centre, spec)) for count in counts]


def _tutor_with(submissions: int, cohort: Cohort) -> list[Asked]:
    """A criterion a submission: EACH of one learner, copied; the rest, and the one that is opened, of their own."""
    tutor, here = make.staff(cohort, "tutor"), make.learner_unit(cohort)
    first = make.criteria(here)[0]
    make.submission(here, first)
    learners, rest = divmod(submissions - 1, EACH)
    if learners:
        each = make.learner_unit(cohort)
        for criterion in make.criteria(each):
            make.submission(each, criterion)
        multiply([each], [cohort] * (learners - 1))
    for _ in range(rest):
        make.submission(make.learner_unit(cohort), first)
    return _asked_of_desk(here, tutor.user)


def _asked_of_desk(unit: LearnerUnit, tutor: User) -> list[Asked]:
    waiting, first = Submission.objects.get(learner_unit=unit), make.criteria(unit)[0]
    desk = reverse("marking-desk", args=[waiting.uid, first.number])
    along = f"{desk}?criterion={first.number}&unit={unit.unit_code}"
    return [
        Asked("start page, tutor", tutor, reverse("today")),
        Asked("marking queue", tutor, reverse("marking")),
        Asked("marking queue, one criterion", tutor, f"{reverse('marking')}?criterion={first.number}"),
        Asked("marking page", tutor, desk),
        Asked("marking page, one criterion", tutor, along),
        Asked("saving a decision", tutor, desk, form=_decision(unit, waiting, first)),
    ]


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
        Asked("saving a decision", tutor, desk, form=_decision(unit, waiting, third)),
    ]


def _decision(unit: LearnerUnit, waiting: Submission, criterion: Criterion) -> Callable[[], dict[str, Any]]:
    """A form that decides the criterion anew, each time in place of the decision on record."""

    def decision() -> dict[str, Any]:
        newest = Decision.objects.filter(submission=waiting, criterion=criterion).order_by("-pk").first()
        outcome = "not_yet_met" if newest and newest.outcome == "met" else "met"
        return {
            "key": str(uuid.uuid4()),
            "learner_unit": unit.uid,
            "submission": waiting.uid,
            "criterion": criterion.uid,
            "supersedes": newest.uid if newest else "",
            "outcome": outcome,
            "reason": "insufficient" if outcome == "not_yet_met" else "",
            "feedback": make.FEEDBACK,
        }

    return decision
