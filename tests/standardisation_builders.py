"""What the tests of standardisation share: a centre with its staff, work handed in, and an exercise walked by verbs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from assessment.models import (
    AgreedOutcome,
    Body,
    Cohort,
    Discussion,
    ExerciseAttendance,
    ExerciseCompletion,
    ExerciseItem,
    ExerciseJudgement,
    ExerciseMeeting,
    ExerciseParticipant,
    StandardisationExercise,
    Submission,
)
from assessment.workflow import standardisation as verbs
from content.models import Criterion
from courseware.kit import clock
from courseware.ledger.models import LedgerEntry
from courseware.people.models import Membership
from tests import make

FACTS = (
    AgreedOutcome,
    Body,
    Discussion,
    ExerciseAttendance,
    ExerciseCompletion,
    ExerciseItem,
    ExerciseJudgement,
    ExerciseMeeting,
    ExerciseParticipant,
    LedgerEntry,
    StandardisationExercise,
)


def facts() -> list[Any]:
    """Everything that a refusal must leave as it was."""
    return [list(model._default_manager.order_by("pk").values()) for model in FACTS]


@dataclass
class Scene:
    """A centre: two tutors, an IQA who convenes, the lead IQA; and what learners handed in for 1.1."""

    cohort: Cohort
    criterion: Criterion
    daniel: Membership  # tutor of the cohort, who decided everything
    sunita: Membership  # tutor, not allocated
    helen: Membership  # IQA
    martin: Membership  # lead IQA
    work: list[Submission]

    def asked(self, **more: Any) -> verbs.Asked:
        """An exercise on all the work, judged by both tutors and the lead IQA."""
        told: dict[str, Any] = {
            "title": "What is enough for 1.1",
            "why": "We read “illustrate” differently.",
            "submissions": self.work,
            "members": [self.daniel, self.sunita, self.martin],
        }
        return verbs.Asked(**(told | more))

    def opened(self, **more: Any) -> StandardisationExercise:
        """An exercise opened by the IQA."""
        return verbs.open_exercise(
            by=self.helen.user, centre=self.cohort.centre, criterion=self.criterion, asked=self.asked(**more)
        )

    def judged(self, exercise: StandardisationExercise, *rows: str) -> None:
        """By item, what each participant says in the order invited: "m", "n", or "-" for nothing."""
        members = [one.member for one in exercise.participants.select_related("member__user").order_by("pk")]
        for item, row in zip(items_of(exercise), rows, strict=True):
            for member, said in zip(members, row, strict=True):
                if said != "-":
                    judge(item, member, "met" if said == "m" else "not_yet_met")

    def discussed(self, *rows: str) -> StandardisationExercise:
        """An exercise whose discussion the lead IQA opened after these judgements (see `judged`)."""
        exercise = self.opened()
        self.judged(exercise, *(rows or ("mmm",) * len(self.work)))
        reason = "Nobody else comes." if any("-" in row for row in rows) else ""
        verbs.open_discussion(by=self.martin.user, exercise=exercise, reason=reason)
        return fresh(exercise)

    def settled(self, *rows: str) -> StandardisationExercise:
        """An exercise with an outcome for every item and a meeting."""
        exercise = self.discussed(*rows)
        for item in items_of(exercise):
            verbs.agree_outcome(by=self.helen.user, item=item, outcome="met", reason="Two stages are shown.")
        met(exercise, self.helen, [self.daniel, self.sunita])
        return exercise


def scene(works: int = 2) -> Scene:
    """A centre where `works` learners each handed in for 1.1, decided and released by its tutor."""
    cohort = make.cohort()
    daniel = make.staff(cohort, "tutor", name="Daniel Hughes")
    made = Scene(
        cohort,
        Criterion.objects.filter(specification=cohort.specification).earliest("position"),
        daniel,
        make.staff(cohort, "tutor", allocate=False, name="Sunita Rao"),
        make.staff(cohort, "iqa", name="Helen Ashworth"),
        make.staff(cohort, "lead_iqa", name="Martin Osei"),
        [],
    )
    for number in range(works):
        unit = make.learner_unit(cohort, name="Maya Okafor" if number == 0 else f"Learner Number {number}")
        handed_in = make.submission(unit, made.criterion)
        make.marked(handed_in, daniel.user)
        made.work.append(Submission.objects.get(pk=handed_in.pk))
    return made


def fresh(exercise: StandardisationExercise) -> StandardisationExercise:
    """The exercise as a new request reads it."""
    found: StandardisationExercise = StandardisationExercise.objects.select_related("discussion", "completion").get(
        pk=exercise.pk
    )
    return found


def items_of(exercise: StandardisationExercise) -> list[ExerciseItem]:
    """Its items in order, with the exercise as it is now."""
    rows = list(exercise.items.select_related("learner_unit").order_by("position"))
    for row in rows:
        row.exercise = fresh(exercise)
    return rows


def judge(item: ExerciseItem, member: Membership, outcome: str = "met", **more: Any) -> ExerciseJudgement:
    """One judgement."""
    told: dict[str, Any] = {"reason": f"{member.name} sees two stages.", "outcome": outcome} | more
    return verbs.judge_item(by=make.fresh(member.user), item=item, **told)


def met(exercise: StandardisationExercise, by: Membership, members: list[Membership], **more: Any) -> ExerciseMeeting:
    """A meeting of 45 minutes, held today."""
    told: dict[str, Any] = {"held_on": clock.now().date() - dt.timedelta(days=1), "minutes": 45}
    told |= {"notes": "We compared what illustrate asks for.", "members": members} | more
    return verbs.record_meeting(by=by.user, exercise=exercise, met=verbs.Met(**told))


def completed(exercise: StandardisationExercise, by: Membership) -> ExerciseCompletion:
    """The exercise completed with a change to practice."""
    return verbs.complete_exercise(by=by.user, exercise=exercise, change="We ask for two stages with an example each.")
