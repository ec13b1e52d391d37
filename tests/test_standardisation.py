"""Standardisation by its verbs: who may, what is refused, who sees which judgement when, what the database refuses."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from assessment.models import (
    AgreedOutcome,
    Discussion,
    ExerciseCompletion,
    ExerciseItem,
    ExerciseJudgement,
    ExerciseMeeting,
    ExerciseParticipant,
    StandardisationExercise,
    Submission,
)
from assessment.permissions import standardisation as may
from assessment.readings.proof import steps
from assessment.workflow import evidence, submissions
from assessment.workflow import standardisation as verbs
from courseware.kit import clock
from courseware.kit.verdict import NotNow, NotYours, Refused
from courseware.ledger.models import LedgerEntry
from courseware.people.models import Membership, User
from tests import make
from tests.people_builders import gone, make_centre, make_member
from tests.standardisation_builders import (
    FACTS,
    Scene,
    completed,
    facts,
    fresh,
    items_of,
    judge,
    met,
    scene,
)
from tests.test_record_database import body, fact

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Scene:
    return scene()


def refused(error: type[Refused], act: Callable[[], object], says: str = "") -> None:
    """`act` raises `error` with `says` in its sentence, and nothing changed."""
    before = facts()
    with pytest.raises(error, match=says or None):
        act()
    assert facts() == before


def entry(verb: str) -> dict[str, Any]:
    """The newest record entry of a verb."""
    rows = [json.loads(text) for text in LedgerEntry.objects.order_by("-pk").values_list("text", flat=True)]
    found: dict[str, Any] = next(row for row in rows if row["verb"] == verb)
    return found


def refuses(act: Callable[[], object]) -> bool:
    """Whether the database refuses it."""
    try:
        with transaction.atomic():
            act()
    except DatabaseError:
        return True
    return False


# -- Opening -----------------------------------------------------------------------------------------------------------


def test_an_exercise_holds_its_work_in_order_and_who_was_invited(here: Scene) -> None:
    exercise = here.opened()
    assert [item.submission for item in items_of(exercise)] == here.work
    assert [item.position for item in items_of(exercise)] == [1, 2]
    rows = exercise.participants.order_by("pk")
    assert [row.member for row in rows] == [here.daniel, here.sunita, here.martin]
    assert (fresh(exercise).state, exercise.by, exercise.role) == ("judging", here.helen, "iqa")
    assert str(exercise) == exercise.title
    told = entry("open_exercise")
    assert told["about"] is None, "no learner's timeline tells that their work is judged"
    assert told["subjects"]["members"] == [str(one.uid) for one in (here.daniel, here.sunita, here.martin)]


def test_only_quality_assurers_of_the_centre_open_one(here: Scene) -> None:
    other = make_centre()
    outside = make_member(other, "lead_iqa")
    learner = here.work[0].learner_unit.learner
    admin = make.administrator_of(here.cohort.centre)
    for user in (here.daniel.user, outside.user, learner.user, admin):
        refused(
            NotYours,
            lambda user=user: verbs.open_exercise(
                by=user, centre=here.cohort.centre, criterion=here.criterion, asked=here.asked()
            ),
        )
    assert may.can_open_exercise(here.martin.user, here.cohort.centre_id).role == "lead_iqa"


def test_what_does_not_make_an_exercise_is_refused(here: Scene) -> None:
    other = scene(1)
    draft = make.draft(make.learner_unit(here.cohort), here.criterion)
    gone(leaver := make.staff(here.cohort, "tutor"))
    second = make.criteria(here.work[0].learner_unit)[1]
    elsewhere = make.submission(make.learner_unit(here.cohort), second)
    for says, more in (
        ("title", {"title": " \u200b"}),
        ("title", {"title": "x" * 121}),
        ("from 1 to 12", {"submissions": []}),
        ("from 1 to 12", {"submissions": here.work * 7}),
        ("Invite two", {"members": [here.daniel]}),
        ("Invite two", {"members": [here.daniel, here.daniel]}),
        ("not handed in", {"submissions": [here.work[0], draft]}),
        ("not handed in", {"submissions": [elsewhere]}),
        ("not handed in", {"submissions": other.work}),
        ("is there twice", {"submissions": [here.work[0], here.work[0]]}),
        ("is not a tutor or IQA", {"members": [here.daniel, leaver]}),
        ("is not a tutor or IQA", {"members": [here.daniel, other.sunita]}),
        ("is not a tutor or IQA", {"members": [here.daniel, here.work[0].learner_unit.learner]}),
        ("Say why", {"why": " "}),
    ):
        refused(NotNow, lambda more=more: here.opened(**more), says)


def test_work_that_cannot_be_shown_without_its_file_is_not_taken(here: Scene) -> None:
    unit = make.learner_unit(here.cohort)
    kept = evidence.keep_link(unit.learner.user, unit, "https://example.org/maya", "My page", clock.now().date())
    item = evidence.add_evidence(by=unit.learner.user, learner_unit=unit, title="My page", kept=kept)
    handed_in = make.draft(unit, here.criterion, version=make.mapped(unit, here.criterion, item=item))
    sent = submissions.submit(by=unit.learner.user, submission=handed_in, declared=True, others="none", ai_used=False)
    refused(NotNow, lambda: here.opened(submissions=[*here.work, sent]), "without its file")


def test_more_people_are_invited_while_it_is_judged(here: Scene) -> None:
    exercise = here.opened(members=[here.daniel, here.sunita])
    verbs.invite_to_exercise(by=here.helen.user, exercise=exercise, members=[here.martin])
    assert exercise.participants.filter(member=here.martin).exists()

    def invite(by: Membership, *members: Membership) -> Callable[[], object]:
        return lambda: verbs.invite_to_exercise(by=by.user, exercise=exercise, members=members)

    refused(NotNow, invite(here.helen, here.martin), "does not take part yet")
    refused(NotNow, invite(here.helen), "does not take part yet")
    refused(NotYours, invite(here.daniel, here.helen), "who opened this exercise")
    refused(NotYours, invite(make.staff(here.cohort, "iqa"), here.helen), "who opened this exercise")
    here.judged(exercise, "mmm", "mmm")
    verbs.open_discussion(by=here.helen.user, exercise=exercise)
    refused(NotNow, invite(here.martin, here.helen), "The discussion is open")


# -- Judging alone -----------------------------------------------------------------------------------------------------


def test_a_judgement_is_made_once_by_who_was_invited(here: Scene) -> None:
    exercise = here.opened()
    item = items_of(exercise)[0]
    made = judge(item, here.sunita, "not_yet_met")
    assert (made.outcome, made.by, made.role) == ("not_yet_met", here.sunita, "tutor")
    assert entry("judge_item")["about"] is None
    refused(NotNow, lambda: judge(item, here.sunita), "is never changed")
    refused(NotNow, lambda: judge(item, here.daniel, "maybe"), "Choose Met")
    refused(NotNow, lambda: judge(item, here.daniel, reason=" "), "what in the evidence")
    for nobody in (here.helen, make.staff(here.cohort, "tutor"), item.learner_unit.learner):
        refused(NotYours, lambda nobody=nobody: judge(item, nobody), "Only who was invited")


def test_who_is_staff_no_more_judges_no_more(here: Scene) -> None:
    item = items_of(here.opened())[0]
    here.sunita.grants.update(ends_at=clock.now())
    refused(NotYours, lambda: judge(item, here.sunita), "Only who was invited")
    gone(here.daniel)
    refused(NotYours, lambda: judge(item, here.daniel), "Only who was invited")


def test_nobody_judges_their_own_work(here: Scene) -> None:
    both = make_member(here.cohort.centre, "learner", "tutor")
    unit = make.learner_unit(here.cohort, both)
    own = make.submission(unit, here.criterion)
    exercise = here.opened(submissions=[Submission.objects.get(pk=own.pk)], members=[here.daniel, both])
    (item,) = items_of(exercise)
    refused(NotYours, lambda: judge(item, both), "their own work")
    assert refuses(lambda: ExerciseJudgement.objects.create(item=item, outcome="met", **fact(both), **body(both)))
    judge(item, here.daniel)


def seen(user: User) -> set[str]:
    """Whose judgements somebody may know of."""
    rows = ExerciseJudgement.objects.visible_to(make.fresh(user)).select_related("by").order_by("pk")
    return {row.by.name for row in rows}


def test_nobody_sees_anothers_judgement_before_the_discussion_not_even_the_lead_who_takes_part(here: Scene) -> None:
    exercise = here.opened()
    here.judged(exercise, "mn-", "m-n")
    assert {one.name: seen(one.user) for one in (here.daniel, here.sunita, here.helen, here.martin)} == {
        "Daniel Hughes": {"Daniel Hughes"},
        "Sunita Rao": {"Sunita Rao"},
        "Helen Ashworth": set(),
        "Martin Osei": {"Martin Osei"},
    }
    verbs.open_discussion(by=here.martin.user, exercise=exercise, reason="Time is up.")
    everybody = {"Daniel Hughes", "Sunita Rao", "Martin Osei"}
    uninvited = make.staff(here.cohort, "tutor")
    for one in (here.daniel, here.sunita, here.helen, here.martin):
        assert seen(one.user) == everybody
    for user in (uninvited.user, make.administrator_of(here.cohort.centre), here.work[0].learner_unit.learner.user):
        assert seen(user) == set()


def exercises_of(member: Membership) -> list[StandardisationExercise]:
    """The exercises that somebody may know of."""
    return list(StandardisationExercise.objects.visible_to(make.fresh(member.user)).order_by("pk"))


def test_an_exercise_is_known_to_who_takes_part_and_to_the_quality_assurers_of_its_centre(here: Scene) -> None:
    exercise = here.opened(members=[here.daniel, here.sunita])
    other = scene(1)
    uninvited, eqa = make.staff(here.cohort, "tutor"), make.staff(here.cohort, "eqa")
    for one in (here.daniel, here.sunita, here.helen, here.martin):
        assert exercises_of(one) == [exercise]
    for one in (uninvited, eqa, here.work[0].learner_unit.learner, other.martin, other.daniel):
        assert exercises_of(one) == []
    here.sunita.grants.update(ends_at=clock.now())
    assert exercises_of(here.sunita) == []


def test_the_evidence_is_for_who_takes_part_and_who_runs_it(here: Scene) -> None:
    exercise = here.opened(members=[here.daniel, here.sunita])
    allowed = (here.daniel, here.sunita, here.helen, here.martin)
    assert [may.can_read_item(one.user, exercise).role for one in allowed] == ["tutor", "tutor", "iqa", "lead_iqa"]
    for one in (make.staff(here.cohort, "iqa"), make.staff(here.cohort, "tutor"), scene(1).martin):
        verdict = may.can_read_item(one.user, exercise)
        assert (verdict.kind, "takes part" in verdict.reason) == ("not_yours", True)


# -- The discussion ----------------------------------------------------------------------------------------------------


def test_the_discussion_opens_once_everybody_has_judged(here: Scene) -> None:
    exercise = here.opened()
    here.judged(exercise, "mmm", "mm-")

    def opening(by: Membership, reason: str = "") -> Callable[[], object]:
        return lambda: verbs.open_discussion(by=by.user, exercise=exercise, reason=reason)

    refused(NotNow, opening(here.helen, "Now."), "The lead IQA can close judging")
    refused(NotYours, opening(here.daniel), "who opened this exercise")
    refused(NotNow, opening(here.martin), "Say why judging is closed")
    judge(items_of(exercise)[1], here.martin)
    opening(here.helen, "not asked")()
    made = Discussion.objects.get()
    assert (made.body, made.by, fresh(exercise).state) == (None, here.helen, "discussion")
    refused(NotNow, opening(here.martin), "open already")
    refused(NotNow, lambda: judge(items_of(exercise)[0], here.daniel), "The discussion is open")


def test_closing_early_records_who_has_not_judged(here: Scene) -> None:
    here.discussed("mn-", "m-n")
    told = entry("open_discussion")
    assert told["subjects"]["missing"] == sorted([str(here.sunita.uid), str(here.martin.uid)])
    assert told["notes"]["missing"] == 2
    assert Discussion.objects.get().body.text == "Nobody else comes."


def test_outcomes_meetings_and_completion_follow_the_discussion(here: Scene) -> None:
    exercise = here.opened()
    item = items_of(exercise)[0]

    def agree(by: Membership, outcome: str = "met", reason: str = "Two stages.") -> Callable[[], object]:
        return lambda: verbs.agree_outcome(by=by.user, item=item, outcome=outcome, reason=reason)

    refused(NotNow, agree(here.helen), "Judging goes on")
    refused(NotNow, lambda: met(exercise, here.helen, [here.daniel]), "Judging goes on")
    refused(NotNow, lambda: completed(exercise, here.helen), "Judging goes on")
    here.judged(exercise, "mnm", "mmm")
    verbs.open_discussion(by=here.helen.user, exercise=exercise)
    refused(NotYours, agree(here.daniel), "who opened this exercise")
    refused(NotNow, agree(here.helen, "maybe"), "Choose what was agreed")
    refused(NotNow, agree(here.helen, reason=""), "Say why")
    refused(NotNow, lambda: completed(exercise, here.helen), "every item first")
    agree(here.helen, "not_settled")()
    agree(here.martin, "not_yet_met")()
    outcomes = list(AgreedOutcome.objects.order_by("pk").values_list("outcome", flat=True))
    assert outcomes == ["not_settled", "not_yet_met"], "a correction is a new row"
    verbs.agree_outcome(by=here.helen.user, item=items_of(exercise)[1], outcome="met", reason="Clear.")
    refused(NotNow, lambda: completed(exercise, here.helen), "Record the meeting")
    made = met(exercise, here.helen, [here.daniel, here.helen])
    assert [row.member for row in made.attendances.order_by("pk")] == [here.daniel, here.helen]
    refused(NotYours, lambda: completed(exercise, here.sunita), "who opened this exercise")
    done = completed(exercise, here.helen)
    assert done.body is not None
    assert fresh(exercise).state == "complete"
    refused(NotNow, lambda: completed(exercise, here.helen), "is complete")
    refused(NotNow, agree(here.helen), "is complete")
    refused(NotNow, lambda: met(exercise, here.helen, [here.daniel]), "is complete")


def test_what_is_no_meeting_is_refused(here: Scene) -> None:
    exercise = here.discussed()
    tomorrow = clock.now().date() + dt.timedelta(days=2)
    for says, more in (
        ("once it was held", {"held_on": tomorrow}),
        ("1 to 480", {"minutes": 0}),
        ("1 to 480", {"minutes": 481}),
        ("who was there", {"members": []}),
        ("not staff of this centre", {"members": [here.work[0].learner_unit.learner]}),
        ("talked about", {"notes": " "}),
    ):
        told = {"members": [here.daniel]} | more
        refused(NotNow, lambda told=told: met(exercise, here.helen, told.pop("members"), **told), says)


def test_somebody_who_left_after_judging_was_at_the_meeting_all_the_same(here: Scene) -> None:
    exercise = here.discussed()
    gone(here.sunita)
    made = met(exercise, here.helen, [here.sunita])
    assert made.attendances.get().member == here.sunita


def test_a_form_sent_twice_counts_once(here: Scene) -> None:
    exercise = here.opened()
    key = uuid.uuid4()
    item = items_of(exercise)[0]
    told: dict[str, Any] = {"by": here.daniel.user, "item": item, "outcome": "met", "reason": "Shown.", "key": key}
    assert verbs.judge_item(**told) == verbs.judge_item(**told)
    assert ExerciseJudgement.objects.count() == 1


def test_the_record_proves_itself_with_an_exercise_in_it(here: Scene) -> None:
    completed(here.settled("mn-", "mmm"), here.helen)
    assert [fault for step in steps() for fault in step.faults()] == []


# -- What the database refuses -----------------------------------------------------------------------------------------


def test_sql_takes_no_judgement_of_the_uninvited_and_none_after_the_discussion_is_open(here: Scene) -> None:
    exercise = here.opened()
    item = items_of(exercise)[0]

    def judging(by: Membership) -> Callable[[], object]:
        return lambda: ExerciseJudgement.objects.create(item=item, outcome="met", **fact(by), **body(by))

    assert refuses(judging(here.helen))
    assert not refuses(judging(here.daniel))
    assert refuses(judging(here.daniel)), "twice"
    why = body(here.martin)
    assert refuses(lambda: Discussion.objects.create(exercise=exercise, **fact(here.martin))), "early, without a reason"
    assert not refuses(lambda: Discussion.objects.create(exercise=exercise, **fact(here.martin), **why))
    assert refuses(judging(here.sunita))
    assert refuses(
        lambda: ExerciseParticipant.objects.create(exercise=exercise, member=here.helen, **fact(here.martin))
    )


def test_sql_adds_no_item_that_was_not_handed_in_for_it_and_none_once_somebody_judged(here: Scene) -> None:
    exercise = here.opened(submissions=here.work[:1])
    unit = make.learner_unit(here.cohort)
    second = make.submission(unit, make.criteria(unit)[1])

    def adding(submission: Submission) -> Callable[[], object]:
        row = {"exercise": exercise, "position": 2, "submission": submission, "centre_id": exercise.centre_id}
        return lambda: ExerciseItem.objects.create(**row, learner_unit_id=submission.learner_unit_id)

    assert refuses(adding(second)), "not for this criterion"
    other = {"exercise": exercise, "position": 2, "submission": here.work[1], "centre_id": exercise.centre_id}
    assert refuses(lambda: ExerciseItem.objects.create(**other, learner_unit=here.work[0].learner_unit))
    judge(items_of(exercise)[0], here.daniel)
    assert refuses(adding(here.work[1])), "after a judgement"


def test_sql_records_no_outcome_meeting_or_completion_out_of_turn(here: Scene) -> None:
    exercise = here.opened()
    item = items_of(exercise)[0]
    told = fact(here.helen, "iqa")

    def outcome() -> object:
        return AgreedOutcome.objects.create(item=item, outcome="met", **told, **body(here.helen))

    def meeting() -> object:
        day = clock.now().date()
        more = {"exercise": exercise, "held_on": day, "minutes": 5}
        return ExerciseMeeting.objects.create(**more, **told, **body(here.helen))

    def completion() -> object:
        return ExerciseCompletion.objects.create(exercise=exercise, **told, **body(here.helen))

    assert [refuses(act) for act in (outcome, meeting, completion)] == [True, True, True]
    here.judged(exercise, "mmm", "mmm")
    verbs.open_discussion(by=here.helen.user, exercise=exercise)
    assert [refuses(act) for act in (completion, outcome, meeting, completion)] == [True, False, False, True]
    verbs.agree_outcome(by=here.helen.user, item=items_of(exercise)[1], outcome="met", reason="Clear.")
    assert [refuses(act) for act in (completion, outcome, meeting, completion)] == [False, True, True, True]


def test_no_fact_of_an_exercise_is_ever_changed_or_deleted(here: Scene) -> None:
    completed(here.settled(), here.helen)
    for model in FACTS:
        row = model._default_manager.order_by("pk").first()
        assert row is not None, model
        same: Any = model._default_manager.filter(pk=row.pk)
        key = model._meta.pk.attname
        assert refuses(lambda same=same, key=key, row=row: same.update(**{key: row.pk})), model
        assert refuses(lambda same=same: same._raw_delete(same.db)), model
