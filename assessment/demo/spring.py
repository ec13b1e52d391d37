"""The spring cohort: most of it achieved, two disputes, a hold, and hand-ins that wait too long for their tutor."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from assessment.models import ActionPoint, Review, SampleItem, SamplePlan
from assessment.workflow import cohorts, decisions, quality, reviews
from courseware.kit import clock

from . import prose
from .arcs import completes, hands_in
from .builder import At, Builder, Story

COHORT = "Retention Marketing, spring"
LEARNERS = (
    ("amara", "Amara Nwosu"),
    ("callum", "Callum Reid"),
    ("dilys", "Dilys Morgan"),
    ("farid", "Farid Haddad"),
    ("hannah", "Hannah Price"),
    ("ibrahim", "Ibrahim Yusuf"),
    ("jade", "Jade Turner"),
    ("kofi", "Kofi Boateng"),
    ("lowri", "Lowri Evans"),
    ("marek", "Marek Nowak"),
)


def stories(b: Builder) -> Iterator[Story]:
    """Everything that happens in the spring cohort, taught by Sunita Rao, sampled by Gareth Lloyd."""
    yield _opens(b)
    yield completes(b, "amara", prose.MILLRACE, 190, "sunita")
    yield completes(b, "callum", prose.GREENGATE, 188, "sunita")
    yield completes(b, "dilys", prose.HOLLIN, 186, "sunita", after=5)
    yield completes(b, "farid", prose.FOXGLOVE, 185, "sunita")
    yield _first_plan(b)
    yield completes(b, "hannah", prose.CANALSIDE, 120, "sunita")
    yield completes(b, "ibrahim", prose.LANTERN, 118, "sunita", after=6)
    yield _disputes(b)
    yield hands_in(b, "jade", prose.HIGHFELL, ["1.1", "1.2"], 170, tutor="sunita")
    yield _jade_leaves(b)
    yield from _waits_too_long(b)
    yield _marek(b)


def _opens(b: Builder) -> Story:
    yield At(217, 9, 30)
    b.cohort("spring", COHORT, 215, 40)
    b.allocate("spring", "sunita", "tutor")
    b.allocate("spring", "gareth", "iqa")
    for who, name in LEARNERS:
        b.join("spring", f"{who}@demo.example", name)
    b.due("spring", o1=-130, o2=-70, o3=-35)


def _plan(b: Builder, days_back: int, size: int) -> SamplePlan:
    today = clock.now().date()
    rules = quality.Rules(today - dt.timedelta(days=days_back), today, "count", size, None, b.members["gareth"])
    return quality.draft_plan(by=b.user("gareth"), cohort=b.cohorts["spring"], rules=rules)


def _first_plan(b: Builder) -> Story:
    """Two of four drawn: advice on one, an action point on the other, both released; the plan releases the rest."""
    yield At(150, 10)
    plan = _plan(b, 60, 2)
    yield At(149, 15)
    quality.approve_plan(by=b.user("lead"), plan=plan)
    first, second = b.items(plan).values()
    yield At(146, 9, 40)
    _reviewed(b, first, "2.3", "agreed_with_advice", prose.POLICY_ADVICE)
    b.report(first, "gareth", prose.REPORT_GOOD)
    reviews.close_item(by=b.user("gareth"), item=first)
    quality.release_unit(by=b.user("gareth"), item=first)
    yield At(145, 9, 50)
    raised = _reviewed(b, second, "1.3", "action_required", prose.FIGURES_ACTION, prose.FIGURES_TO_DO)
    yield At(143, 12, 30)
    point = ActionPoint.objects.get(review=raised)
    reviews.answer_action_point(by=b.user("sunita"), action_point=point, text=prose.FIGURES_DONE)
    yield At(141, 9, 15)
    reviews.judge_answer(by=b.user("gareth"), action_point=point, outcome="closed")
    b.report(second, "gareth", prose.REPORT_GOOD, prose.REPORT_FEEDBACK, no=("feedback",))
    reviews.close_item(by=b.user("gareth"), item=second)
    quality.release_unit(by=b.user("gareth"), item=second)
    yield At(140, 14)
    quality.complete_plan(by=b.user("lead"), plan=plan)


def _reviewed(b: Builder, item: SampleItem, number: str, outcome: str, feedback: str, action: str = "") -> Review:
    """Everything agreed, but for one criterion."""
    b.agree(item, "gareth", but=(number,))
    decision = item.learner_unit.statuses.get(criterion=b.criteria[number]).current
    if decision is None:
        raise ValueError(f"{number} is decided before the item is reviewed")
    review: Review = reviews.review_decision(
        by=b.user("gareth"), item=item, decision=decision, outcome=outcome, feedback=feedback, action=action
    )
    return review


def _disputes(b: Builder) -> Story:
    """Hannah's 2.4 is not agreed, reopened, superseded and signed off again; Ibrahim's 3.5 waits for the lead IQA."""
    yield At(90, 10)
    plan = _plan(b, 40, 2)
    yield At(89, 14, 20)
    quality.approve_plan(by=b.user("lead"), plan=plan)
    items = b.items(plan)
    hannah, ibrahim = items[b.units["hannah"].pk], items[b.units["ibrahim"].pk]
    yield At(85, 10, 30)
    review = _reviewed(b, hannah, "2.4", "not_agreed", prose.CRISIS_NOT_AGREED, prose.CRISIS_TO_DO)
    yield At(83, 9)
    decisions.reopen(
        by=b.user("lead"), learner_unit=hannah.learner_unit, reason="I read it as the IQA does.", review=review
    )
    yield At(81, 17, 5)
    old = review.decision
    decisions.decide(
        by=b.user("sunita"),
        learner_unit=hannah.learner_unit,
        submission=old.submission,
        criterion=old.criterion,
        outcome="not_yet_met",
        feedback=prose.CRISIS_SUPERSEDED,
        supersedes=old,
    )
    decisions.release_feedback(by=b.user("sunita"), submission=old.submission)
    yield from hands_in(b, "hannah", prose.CANALSIDE, ["2.4"], 74, tutor="sunita")
    yield At(71, 16)
    decisions.sign_off(by=b.user("sunita"), learner_unit=hannah.learner_unit)
    point = ActionPoint.objects.get(review=review)
    reviews.answer_action_point(by=b.user("sunita"), action_point=point, text=prose.CRISIS_DONE)
    yield At(69, 9, 30)
    reviews.judge_answer(by=b.user("gareth"), action_point=point, outcome="closed")
    newest = hannah.learner_unit.statuses.get(criterion=old.criterion).current
    if newest is None:
        raise ValueError("2.4 is decided again before the unit is signed off again")
    reviews.review_decision(by=b.user("gareth"), item=hannah, decision=newest, outcome="agreed")
    b.report(hannah, "gareth", prose.REPORT_GOOD, prose.REPORT_EVIDENCE, no=("varcs",))
    reviews.close_item(by=b.user("gareth"), item=hannah)
    quality.release_unit(by=b.user("gareth"), item=hannah)
    yield At(4, 11)
    _reviewed(b, ibrahim, "3.5", "not_agreed", prose.COMPARISON_NOT_AGREED, prose.COMPARISON_TO_DO)


def _jade_leaves(b: Builder) -> Story:
    yield At(140, 9, 10)
    cohorts.withdraw_learner(by=b.admin, learner_unit=b.units["jade"], reason=prose.MOVED_AWAY)


def _waits_too_long(b: Builder) -> Iterator[Story]:
    """Sunita Rao is late: hand-ins of a month ago that nobody has opened."""
    yield hands_in(b, "kofi", prose.HIGHFELL, ["1.1", "1.2", "1.3", "1.4", "1.5"], 110, tutor="sunita", after=16)
    yield hands_in(b, "kofi", prose.HIGHFELL, ["2.1", "2.2", "2.6"], 26)
    yield hands_in(b, "lowri", prose.SADDLER, ["1.1", "1.2"], 96, tutor="sunita", after=14)
    yield hands_in(b, "lowri", prose.SADDLER, ["1.3", "1.5", "2.7"], 33)


def _marek(b: Builder) -> Story:
    """Everything met, and on hold: a witness statement is being checked."""
    for week, outcome in enumerate("123"):
        numbers = [number for number in b.criteria if number.startswith(outcome)]
        yield from hands_in(b, "marek", prose.QUARRY, numbers, 60 - 9 * week, tutor="sunita", after=8)
    yield At(31, 13)
    quality.place_hold(by=b.user("lead"), learner_unit=b.units["marek"], reason=prose.AUTHENTICITY_HOLD)
