"""The timeline: every verb is classified, every entry is told to who may read it, and to nobody else."""

from __future__ import annotations

import ast
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.urls import reverse

from assessment.models import ActionPoint, LearnerUnit, Review, SampleItem, Submission
from assessment.readings.learner_units import units_for
from assessment.readings.timeline import NOT_ABOUT_A_UNIT, RULES, Rule, timeline
from assessment.readings.timeline.page import audiences, sentence_for
from assessment.readings.timeline.rules import ADMIN, LEARNER, QUALITY, READER, UNKNOWN, fields_of
from assessment.workflow import cohorts, deadlines, decisions, evidence, moving, quality, reviews, submissions
from courseware.ledger.models import LedgerEntry
from courseware.people.models import Membership, User
from tests import make
from tests.people_builders import administrator_of, make_centre, make_member
from tests.study_pages import client_of, cost_of, main_of, page_of

ROOT = Path(__file__).parents[1]
db = pytest.mark.django_db


# -- No verb without a rule --------------------------------------------------------------------------------------------


def _words(node: ast.expr) -> Iterator[str]:
    """What an expression comes to, where it is written out: a text, or one of two."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _words(node.body)
        yield from _words(node.orelse)
    else:
        raise AssertionError(f"the verb of an entry is not written out: {ast.unparse(node)}")


def recorded_verbs() -> set[str]:
    """Every verb that a function of `assessment/workflow` records, read from its source."""
    found: set[str] = set()
    for path in sorted((ROOT / "assessment/workflow").rglob("*.py")):
        tree = ast.parse(path.read_text())
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        passing: dict[str, int] = {"record": 1}  # function and which argument of it is the verb
        for function in functions:
            names = [one.arg for one in function.args.args]
            for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
                if isinstance(call.func, ast.Name) and call.func.id == "record":
                    verb = call.args[1]
                    if isinstance(verb, ast.Name) and verb.id in names:
                        passing[function.name] = names.index(verb.id)
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if isinstance(call.func, ast.Name) and call.func.id in passing:
                verb = call.args[passing[call.func.id]]
                found |= set() if isinstance(verb, ast.Name) else set(_words(verb))
    return found


def test_every_verb_that_the_record_holds_is_classified_and_no_other() -> None:
    found = recorded_verbs()
    assert {"decide", "add_version", "close_action_point", "place_hold"} <= found  # the scan finds what is there
    assert found == set(RULES) | NOT_ABOUT_A_UNIT
    assert not set(RULES) & NOT_ABOUT_A_UNIT


@pytest.mark.parametrize("verb", sorted(RULES))
def test_a_rule_says_something_to_somebody(verb: str) -> None:
    rule = RULES[verb]
    assert bool(rule.staff) == bool(rule.to)
    assert rule.staff or rule.learner
    assert all(sentence.endswith(".") for sentence in (rule.staff, rule.learner) if sentence)


HIDDEN = {
    "withdraw_decision",
    "countersign",
    "approve_plan",
    "add_target",
    "add_substitute",
    "assign_reviewer",
    "judge_blind",
    "report_item",
    "review_decision",
    "answer_action_point",
    "close_action_point",
    "reopen_action_point",
    "close_item",
    "place_hold",
    "lift_hold",
    "adjudicate",
}


def test_what_a_learner_never_reads_is_this_and_nothing_else() -> None:
    assert {verb for verb, rule in RULES.items() if not rule.learner} == HIDDEN
    assert sentence_for(UNKNOWN, frozenset({LEARNER})) == ""
    assert sentence_for(UNKNOWN, frozenset({READER, ADMIN})) == ""
    assert sentence_for(UNKNOWN, frozenset({QUALITY})) == UNKNOWN.staff


def test_sampled_or_not_reads_alike_to_everybody() -> None:
    assert RULES["release_unit"] == RULES["complete_plan"]


def test_who_is_also_the_learner_reads_as_the_learner_only() -> None:
    rule = Rule("For staff.", frozenset({READER}))
    assert sentence_for(rule, frozenset({LEARNER, READER})) == ""
    assert fields_of("{number} by {member}.") == {"number", "member"}


# -- What everybody reads ----------------------------------------------------------------------------------------------


class Story:
    """One learner's unit, with everybody around it."""

    def __init__(self) -> None:
        self.cohort = make.cohort()
        self.people = {role: make.staff(self.cohort, role) for role in ("tutor", "iqa", "lead_iqa", "eqa")}
        self.trainee = make.staff(self.cohort, "tutor", trainee=True, countersigner=self.people["tutor"])
        self.unit = make.learner_unit(self.cohort, name="Maya Okafor")
        self.admin = administrator_of(self.cohort.centre)

    def user(self, who: str) -> User:
        if who == "learner":
            return self.unit.learner.user
        return self.admin if who == "admin" else self.people[who].user

    def reads(self, who: str) -> list[str]:
        """The sentences that somebody reads, newest first."""
        user = make.fresh(self.user(who))
        unit = units_for(user).get(pk=self.unit.pk)
        return [line.text for line in timeline(user, unit, 1).lines]


@db
def test_a_line_says_what_who_in_which_role_and_what_proves_it() -> None:
    story = Story()
    first = make.criteria(story.unit)[0]
    made = make.submission(story.unit, first)
    make.marked(made, story.people["tutor"].user)
    user = make.fresh(story.user("learner"))
    lines = timeline(user, units_for(user).get(pk=story.unit.pk), 1).lines
    assert [line.text for line in lines] == [
        "Released feedback on 1.1.",
        "Decided 1.1: Met, attempt 1.",
        "Handed in submission 1: 1.1.",
        "Worked on submission 1 as a draft.",
        *[line.text for line in lines[4:6]],
        "Started on the unit.",
    ]
    assert lines[4].text.startswith("Said what version 1 of “Note")
    assert lines[4].text.endswith("shows, for one criterion.")
    tutor = story.people["tutor"].name
    assert (lines[0].by, lines[2].by, lines[-1].by) == (f"{tutor}, tutor", "Maya Okafor, learner", "the centre")
    entry = LedgerEntry.objects.get(about=story.unit.uid, verb="decide")
    assert (lines[1].number, lines[1].digest, lines[1].at) == (entry.number, entry.digest, entry.at)
    page = page_of(user, reverse("learner-timeline", args=(story.unit.uid,)))
    assert entry.digest in page
    assert f"Entry {entry.number}" in page
    staff = main_of(story.admin, reverse("learner-timeline", args=(story.unit.uid,)))
    assert "Timeline of Maya Okafor" in staff
    assert "Ada Admin, centre administrator" in staff
    assert "1.1" not in staff


@db
def test_links_lead_to_the_timeline() -> None:
    story = Story()
    make.text(story.unit)
    address = reverse("learner-timeline", args=(story.unit.uid,))
    learner = story.user("learner")
    assert address in page_of(learner, reverse("unit-map", args=(story.unit.unit_code,)))
    assert address in page_of(learner, reverse("portfolio"))
    assert address in page_of(story.user("iqa"), reverse("learner-unit", args=(story.unit.uid,)))


READERS = {"tutor", "iqa", "lead_iqa", "eqa"}
ASSURERS = {"iqa", "lead_iqa"}
Acts = Iterator[tuple[str, Callable[[], object], set[str]]]


def _before_release(story: Story, made: Submission) -> Acts:
    """Acts that a learner may know nothing of, one after the other, and the staff who read of each."""
    tutor, trainee, lead = story.people["tutor"].user, story.trainee.user, story.people["lead_iqa"].user
    first, second, third = make.criteria(story.unit)
    yield "decide", lambda: make.decision(made, first, tutor), READERS
    yield "decide", lambda: make.decision(made, second, tutor), READERS
    yield "decide", lambda: make.decision(made, third, tutor), READERS
    taken = story.unit.decisions.get(criterion=third)
    yield "withdraw_decision", lambda: decisions.withdraw_decision(by=tutor, decision=taken), READERS
    yield "decide", lambda: make.decision(made, third, trainee, supersedes=taken), READERS
    met = story.unit.decisions.get(supersedes=taken)
    yield "countersign", lambda: decisions.countersign(by=tutor, decision=met, outcome="confirmed"), READERS
    unit, everybody = story.unit, READERS | {"admin"}
    yield "place_hold", lambda: quality.place_hold(by=lead, learner_unit=unit, reason="A question."), everybody
    yield "lift_hold", lambda: quality.lift_hold(by=lead, hold=unit.holds.get(), reason="Answered."), everybody
    yield "allocate", lambda: make.allocation(story.cohort, story.people["eqa"], "eqa", unit), everybody


def _sampled(story: Story) -> Acts:
    """The same of quality assurance, once the unit is signed off."""
    lead, iqa = story.people["lead_iqa"].user, story.people["iqa"]
    plan = make.plan(story.cohort, iqa)
    yield "approve_plan", lambda: quality.approve_plan(by=lead, plan=plan), ASSURERS
    item = SampleItem.objects.select_related("learner_unit", "plan").get(plan=plan)
    other = make.staff(story.cohort, "iqa")
    yield "assign_reviewer", lambda: quality.assign_reviewer(by=lead, item=item, reviewer=other), ASSURERS
    quality.assign_reviewer(by=lead, item=item, reviewer=iqa)
    yield from _reviewed(story, item)


def _reviewed(story: Story, item: SampleItem) -> Acts:
    tutor, lead, iqa = story.people["tutor"].user, story.people["lead_iqa"].user, story.people["iqa"].user
    current = [row.current for row in story.unit.statuses.select_related("current").order_by("position")]

    def review(number: int, outcome: str) -> object:
        return reviews.review_decision(
            by=iqa,
            item=SampleItem.objects.get(pk=item.pk),
            decision=current[number],
            outcome=outcome,
            feedback="" if outcome == "agreed" else "See it.",
            action="" if outcome == "agreed" else "Write it.",
        )

    def judge(outcome: str) -> object:
        point = ActionPoint.objects.get()
        text = "" if outcome == "closed" else "More."
        return reviews.judge_answer(by=iqa, action_point=point, outcome=outcome, text=text)

    points = {"tutor", *ASSURERS}
    yield "review_decision", lambda: review(0, "agreed"), READERS
    yield "review_decision", lambda: review(1, "action_required"), READERS
    point = Review.objects.get(outcome="action_required").action_point
    yield "answer", lambda: reviews.answer_action_point(by=tutor, action_point=point, text="Done."), points
    yield "reopen_action_point", lambda: judge("reopened"), points
    point.refresh_from_db()
    reviews.answer_action_point(by=tutor, action_point=point, text="Done again.")
    yield "close_action_point", lambda: judge("closed"), points
    yield "review_decision", lambda: review(2, "not_agreed"), READERS
    dispute = Review.objects.get(outcome="not_agreed")
    yield "adjudicate", lambda: quality.adjudicate(by=lead, review=dispute, reason="It stands."), READERS


@db
def test_a_hidden_act_changes_nothing_of_what_the_learner_reads_and_tells_those_it_is_for() -> None:
    story = Story()
    made = make.submission(story.unit)
    tutor = story.people["tutor"].user
    _try(story, _before_release(story, made))
    for by in (story.trainee.user, tutor):
        decisions.release_feedback(by=by, submission=made)
    decisions.sign_off(by=tutor, learner_unit=story.unit)
    _try(story, _sampled(story))


def _try(story: Story, acts: Acts) -> None:
    """Each act, and who reads something new after it: never the learner, always those it is for."""
    address = reverse("learner-timeline", args=(story.unit.uid,))
    for name, act, to in acts:
        before = {who: story.reads(who) for who in ("learner", "admin", *READERS)}
        page = main_of(story.user("learner"), address)
        act()
        after = {who: story.reads(who) for who in before}
        assert main_of(story.user("learner"), address) == page, name
        assert {who for who in before if after[who] != before[who]} == to, name


@db
def test_nobody_on_staff_reads_of_drafts() -> None:
    story = Story()
    first = make.criteria(story.unit)[0]
    before = {who: story.reads(who) for who in ("tutor", "iqa", "lead_iqa", "eqa", "admin")}
    learner = story.user("learner")
    item = make.text(story.unit, "Kept")
    evidence.rename_evidence(by=learner, item=item, title="Kept longer")
    gone = make.text(story.unit, "Gone")
    evidence.remove_evidence(by=learner, item=gone)
    draft = make.draft(story.unit, first, version=make.mapped(story.unit, first, item=item))
    assert {who: story.reads(who) for who in before} == before
    assert story.reads("learner")[:6] == [
        "Worked on submission 1 as a draft.",
        "Said what version 1 of “Kept longer” shows, for one criterion.",
        "Removed “Gone”.",
        "Added “Gone”.",
        "Gave “Kept longer” its title.",
        "Added “Kept longer”.",
    ]
    sent = submissions.submit(by=learner, submission=draft, declared=True, others="none", ai_used=False)
    assert story.reads("tutor")[:3] == [
        "Handed in submission 1: 1.1.",
        "Said what version 1 of “Kept longer” shows, for one criterion.",
        "Added “Kept longer”.",
    ]
    submissions.withdraw_submission(by=learner, submission=sent)
    assert story.reads("tutor")[0] == story.reads("learner")[0] == "Took back submission 1."


@db
def test_responsibility_reopening_and_leaving_are_told_to_the_learner_without_names() -> None:
    story = Story()
    admin, lead = story.admin, story.people["lead_iqa"].user
    tutor = make_member(story.cohort.centre, "tutor", name="Tess Tutor")
    given = make.allocation(story.cohort, tutor, "tutor", story.unit)
    assert story.reads("learner")[0] == "Tess Tutor became your tutor."
    assert story.reads("admin")[0] == "Made Tess Tutor responsible as tutor."
    cohorts.end_allocation(by=admin, allocation=given)
    assert story.reads("learner")[0] == "Tess Tutor is not your tutor any more."
    assert story.reads("admin")[0] == "Ended the responsibility of Tess Tutor as tutor."
    make.signed_off(story.unit, story.people["tutor"].user)
    assert story.reads("learner")[0] == "Signed the unit off: every criterion is met."
    decisions.reopen(by=lead, learner_unit=story.unit, reason="Once more.")
    assert story.reads("learner")[0] == story.reads("eqa")[0] == "Reopened the unit."
    cohorts.withdraw_learner(by=admin, learner_unit=story.unit, reason="Secret reason.")
    page = main_of(story.user("learner"), reverse("learner-timeline", args=(story.unit.uid,)))
    assert "Withdrawn from the unit." in page
    for hidden in (story.people["lead_iqa"].name, "Ada Admin", "Secret reason"):
        assert hidden not in page


@db
def test_a_later_date_and_a_move_are_told_to_the_learner() -> None:
    story = Story()
    first, second, _ = make.criteria(story.unit)
    before, later = dt.date(2026, 10, 1), dt.date(2026, 11, 7)
    dates = [(first, before), (second, before)]
    deadlines.set_due_dates(by=story.admin, cohort=story.cohort, dates=dates)
    assert story.reads("learner") == ["Started on the unit."]
    unit, criteria = story.unit, [first, second]
    deadlines.extend(by=story.admin, learner_unit=unit, criteria=criteria, due_on=later, reason="Ill.")
    assert story.reads("learner")[0] == "Changed the due date for two criteria: Saturday 7 November 2026."
    told = "Changed the due date for two criteria of this learner: Saturday 7 November 2026."
    assert story.reads("tutor")[0] == told
    other = make.cohort(story.cohort.centre, story.cohort.specification)
    moving.move_learner(by=story.admin, learner_unit=story.unit, to=other, reason="Evenings suit better.")
    assert story.reads("learner")[0] == story.reads("admin")[0] == "Moved to another cohort."


@db
def test_a_release_with_the_rest_of_a_plan_is_on_the_timeline_as_any_other() -> None:
    story = Story()
    other = make.learner_unit(story.cohort)
    for unit in (story.unit, other):
        make.signed_off(unit, story.people["tutor"].user)
    item = make.item(story.cohort, story.people["iqa"], story.people["lead_iqa"])
    iqa = story.people["iqa"].user
    reviews.close_item(by=iqa, item=make.reviewed(item))
    assert LedgerEntry.objects.filter(verb="close_item", about=item.learner_unit.uid).exists()
    quality.release_unit(by=iqa, item=SampleItem.objects.get(pk=item.pk))
    quality.complete_plan(by=story.people["lead_iqa"].user, plan=item.plan)
    sampled, rest = item.learner_unit, ({story.unit, other} - {item.learner_unit}).pop()
    said = {}
    for unit in (sampled, rest):
        story.unit = LearnerUnit.objects.select_related("learner__user").get(pk=unit.pk)
        said[unit] = story.reads("learner")[0]
        assert story.reads("lead_iqa").count("Unit released: it is achieved.") == 1
    assert said[sampled] == said[rest] == "Unit released: it is achieved."
    story.unit = sampled
    assert "Closed the review of the sampled unit." in story.reads("lead_iqa")
    assert "Closed the review of the sampled unit." not in story.reads("tutor")


@db
def test_that_a_tutor_was_a_trainee_is_for_staff() -> None:
    story = Story()
    first = make.criteria(story.unit)[0]
    make.marked(make.submission(story.unit, first), story.trainee.user, "not_yet_met")
    address = reverse("learner-timeline", args=(story.unit.uid,))
    assert f"{story.trainee.name}, trainee tutor" in main_of(story.user("iqa"), address)
    assert "trainee" not in main_of(story.user("learner"), address).replace(story.trainee.name, "")


@db
def test_a_learner_who_is_staff_too_reads_their_own_as_a_learner() -> None:
    story = Story()
    both = make_member(story.cohort.centre, "learner", "lead_iqa", "admin")
    unit = make.learner_unit(story.cohort, both)
    user = make.fresh(both.user)
    assert audiences(user, units_for(user).get(pk=unit.pk)) == {LEARNER}
    assert audiences(user, units_for(user).get(pk=story.unit.pk)) == {READER, QUALITY, ADMIN}


@db
def test_a_verb_without_a_rule_is_told_to_assurers_only(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story()
    make.submission(story.unit, make.criteria(story.unit)[0])
    monkeypatch.delitem(RULES, "submit")
    assert story.reads("lead_iqa")[0] == "Recorded: submit."
    assert "Recorded: submit." not in [*story.reads("tutor"), *story.reads("learner"), *story.reads("admin")]


@db
@pytest.mark.parametrize("rows", [1, 4])
def test_a_timeline_costs_the_same_however_long_it_is(rows: int) -> None:
    story = Story()
    first, *_ = make.criteria(story.unit)
    for _ in range(rows):
        make.marked(make.submission(story.unit, first), story.people["tutor"].user, "not_yet_met")
    address = reverse("learner-timeline", args=(story.unit.uid,))
    costs = {who: cost_of(story.user(who), address) for who in ("learner", "tutor", "iqa", "lead_iqa", "eqa", "admin")}
    assert costs == {"learner": 10, "tutor": 12, "iqa": 12, "lead_iqa": 12, "eqa": 11, "admin": 7}


@db
def test_a_long_timeline_comes_in_pages_of_fifty() -> None:
    story = Story()
    for _ in range(52):
        make.text(story.unit)
    address = reverse("learner-timeline", args=(story.unit.uid,))
    assert page_of(story.user("learner"), address).count('class="entry"') == 50
    assert page_of(story.user("learner"), address + "?page=2").count('class="entry"') == 3


@db
def test_another_centre_and_another_learner_learn_nothing() -> None:
    story = Story()
    peer: Membership = make.learner_unit(story.cohort).learner
    address = reverse("learner-timeline", args=(story.unit.uid,))
    for user in (peer.user, administrator_of(make_centre())):
        assert client_of(user).get(address).status_code == 404
