"""May she plan, approve, review, answer, close, release, hold?"""

from __future__ import annotations

from collections.abc import Collection

from assessment.models import (
    ACTION_POINT_MOVES,
    ITEM_MOVES,
    LEARNER_UNIT_MOVES,
    PLAN_MOVES,
    ActionPoint,
    BlindJudgement,
    Cohort,
    Countersignature,
    Decision,
    Hold,
    LearnerUnit,
    Review,
    SampleItem,
    SamplePlan,
)
from courseware.kit.verdict import Verdict, not_now, not_yours, unless, yes
from courseware.people.models import Membership, RoleGrant, User
from courseware.people.standing import in_force, standing_of

from . import stages
from .base import as_role
from .decisions import unit_not_held
from .independence import against_reviewing, ties, unreviewable
from .tally import Tally, tally

QUALITY = ("iqa", "lead_iqa")


def can_see_quality(user: User) -> Verdict:
    """See the plans and what waits in quality assurance: an IQA or the lead IQA of any centre."""
    standing = standing_of(user)
    centres = standing.centres_as(*QUALITY)
    if not centres:
        return not_yours("Sampling plans are for IQAs and lead IQAs.")
    return yes("iqa", standing.membership_in(centres[0]))


def can_draft_plan(user: User, cohort: Cohort) -> Verdict:
    """Draft or change a plan: an IQA or the lead IQA of the centre."""
    return as_role(user, cohort.centre_id, QUALITY, "Only an IQA plans sampling.")


def can_change_plan(user: User, plan: SamplePlan) -> Verdict:
    """Change a plan while it is a draft."""
    verdict = as_role(user, plan.centre_id, QUALITY, "Only an IQA plans sampling.")
    if verdict and not PLAN_MOVES.allows("change_plan", plan.state):
        return not_now("An approved plan is never changed.")
    return verdict


def can_approve_plan(user: User, plan: SamplePlan, population: Collection[int]) -> Verdict:
    """Approve: the lead IQA, unless a decision in the population (ids of learner-units) is theirs."""
    verdict = as_role(user, plan.centre_id, ("lead_iqa",), "Only the lead IQA approves a sampling plan.")
    if not verdict:
        return verdict
    if not PLAN_MOVES.allows("approve_plan", plan.state):
        return not_now("This plan is approved already.")
    if not population:
        return not_now(
            "No unit of this cohort was signed off in this period and waits for sampling."
            if plan.stage == "summative"
            else "No unit of this cohort in progress had feedback released in this period."
        )
    inside = set(population)
    mine = Decision.objects.filter(learner_unit__cohort=plan.cohort_id, by=verdict.holder)
    if not inside.isdisjoint(mine.order_by().values_list("learner_unit_id", flat=True).distinct()):
        return not_yours("A decision in this population is yours, so another lead IQA approves the plan.")
    nobody = len(impossible(plan, population))
    if nobody:
        units = "1 unit" if nobody == 1 else f"{nobody} units"
        return not_now(f"Nobody could review {units} of this population. Below is why.")
    return verdict


def impossible(plan: SamplePlan, population: Collection[int]) -> dict[int, list[str]]:
    """Of the population, the units that no IQA of the centre may review under the plan's rules, with the reasons.

    By learner-unit id. 2 statements, and 1 for each kind of declared interest that an IQA holds.
    """
    known = plan.__dict__.get("_impossible")  # a page asks twice
    if known is None or known[0] != len(population):
        inside = set(population)
        units = LearnerUnit.objects.filter(cohort=plan.cohort_id, state=stages.COVERS[plan.stage])
        found = unreviewable(units, reviewers_in(plan.centre_id), plan.independence) if inside else {}
        known = (len(population), {unit: why for unit, why in found.items() if unit in inside})
        plan.__dict__["_impossible"] = known
    reasons: dict[int, list[str]] = known[1]
    return reasons


def reviewers_in(centre_id: int) -> list[Membership]:
    """Who may review in a centre: IQAs and lead IQAs now, by name. 1 statement."""
    held = RoleGrant.objects.filter(in_force(), role__in=QUALITY).order_by().values("membership")
    rows = Membership.objects.filter(in_force(), centre_id=centre_id, pk__in=held).order_by("name", "pk")
    return list(rows)


def can_complete_plan(user: User, plan: SamplePlan, known: Tally | None = None) -> Verdict:
    """Complete the plan and release its unsampled units: the lead IQA, once every item is closed and released.

    `known`: how its items stand, where a page has counted them already.
    """
    verdict = as_role(user, plan.centre_id, ("lead_iqa",), "Only the lead IQA completes a plan.")
    if not verdict:
        return verdict
    if not PLAN_MOVES.allows("complete_plan", plan.state):
        return not_now("Only an approved plan is completed.")
    items = tally(plan) if known is None else known
    if items.proposed:
        return not_now("A proposal to widen the sample waits for an answer.")
    unclosed = items.number(lambda one: stages.waits(plan.stage, one.state, one.unit))
    if unclosed:
        return not_now(f"{unclosed} of {items.number()} items {'is' if unclosed == 1 else 'are'} not closed yet.")
    unreleased = items.number(lambda one: one.unit == "signed_off") if plan.stage == "summative" else 0
    if unreleased:
        return not_now(f"{unreleased} sampled {'unit is' if unreleased == 1 else 'units are'} not released yet.")
    return verdict


def independence(holder: Membership, decision: Decision, rule: str = "ordinary") -> Verdict | None:
    """A refusal when `holder` decided or countersigned this criterion of this learner, ever; else None.

    Under the strict `rule` also when they taught the learner, and always when they declared an interest.
    """
    same = {"learner_unit": decision.learner_unit_id, "criterion": decision.criterion_id}
    if Decision.objects.filter(by=holder, **same).exists():
        return not_yours("You decided this criterion yourself, so another IQA reviews it.")
    if Countersignature.objects.filter(by=holder, **{f"decision__{k}": v for k, v in same.items()}).exists():
        return not_yours("You countersigned this criterion, so another IQA reviews it.")
    return close_to(holder, decision.learner_unit_id, rule)


def close_to(holder: Membership, learner_unit: int, rule: str) -> Verdict | None:
    """A refusal when `holder` taught the learner (strict `rule`), or declared an interest; else None. 1 statement."""
    unit = LearnerUnit.objects.filter(pk=learner_unit)
    tie = ties(unit, [holder.pk], rule).get(learner_unit, {}).get(holder.pk, "")
    tie = "close" if tie.startswith("close") else tie
    return not_yours(CLOSE[tie]) if tie in CLOSE else None


CLOSE = {
    "learner": "You are the learner, so another IQA reviews it.",
    "taught": "You taught this learner, and the plan’s rules are strict, so another IQA reviews it.",
    "close": "You declared an interest in this learner or in a colleague who decided here, so another IQA reviews it.",
}


def is_independent(holder: Membership, learner_unit: LearnerUnit, rule: str = "ordinary") -> bool:
    """Whether nothing ties `holder` to the learner-unit under `rule` (of INDEPENDENCE)."""
    return not against_reviewing(holder, learner_unit, rule)


def as_reviewer(user: User, item: SampleItem) -> Verdict:
    """Whether `user` is the reviewer of the item."""
    verdict = as_role(user, item.centre_id, QUALITY, "Only an IQA reviews.")
    if not verdict:
        return verdict
    if item.reviewer_id != verdict.holder.pk:
        return not_yours("Another IQA reviews this item.")
    return verdict


def can_assign_reviewer(user: User, item: SampleItem) -> Verdict:
    """Name the item's reviewer: the lead IQA, before the review begins."""
    verdict = as_role(user, item.centre_id, ("lead_iqa",), "Only the lead IQA assigns a reviewer.")
    if verdict and item.reviewer_id is not None and not ITEM_MOVES.allows("assign_reviewer", item.state):
        return not_now("The review has begun, so the reviewer stays.")
    return verdict


def can_review(
    user: User,
    item: SampleItem,
    decision: Decision,
    *,
    makers: Collection[int] | None = None,
    judged: bool | None = None,
) -> Verdict:
    """Review one decision of an item: its reviewer, who never decided or countersigned that criterion.

    In a blind review the reviewer has judged the evidence before. `makers`: ids of the memberships that decided or
    countersigned, `judged`: whether the reviewer has judged, where a page has read them already.
    """
    verdict = _in_review(user, item, decision, makers)
    if verdict and item.plan.blind and not _judged(verdict, item, decision, judged):
        return not_now("This review is blind first: judge the evidence before the decision is shown.")
    return verdict


def can_judge_blind(
    user: User,
    item: SampleItem,
    decision: Decision,
    *,
    makers: Collection[int] | None = None,
    judged: bool | None = None,
    reviewed: bool | None = None,
) -> Verdict:
    """Judge the evidence before the tutor's decision is shown: who reviews it, once, where the plan is blind."""
    verdict = _in_review(user, item, decision, makers)
    if not verdict:
        return verdict
    if not item.plan.blind:
        return not_now("This review is not blind.")
    if _judged(verdict, item, decision, judged):
        return not_now("You judged this evidence already, and the decision was shown to you.")
    if decision.reviews.filter(item=item).exists() if reviewed is None else reviewed:
        return not_now("This decision is reviewed already.")
    return verdict


def _judged(verdict: Verdict, item: SampleItem, decision: Decision, known: bool | None) -> bool:
    if known is not None:
        return known
    return BlindJudgement.objects.filter(item=item, decision=decision, by=verdict.holder).exists()


def _in_review(user: User, item: SampleItem, decision: Decision, makers: Collection[int] | None) -> Verdict:
    """Whether `user` is the independent reviewer of a decision that can be reviewed now."""
    verdict = as_reviewer(user, item)
    if not verdict:
        return verdict
    if decision.learner_unit_id != item.learner_unit_id:
        return not_yours("This decision belongs to another learner.")
    own = None
    if makers is None or verdict.holder.pk in makers:
        own = independence(verdict.holder, decision, item.plan.independence)
    elif getattr(item, "is_close", False):  # read with the item
        own = not_yours(CLOSE["close"])
    if own is not None:
        return own
    if not ITEM_MOVES.allows("review_decision", item.state):
        return not_now("This item is closed.")
    reopened = "The unit was reopened. The review goes on after the new sign-off."
    return unless(verdict, stages.not_under_review(item, reopened))


def can_report_item(user: User, item: SampleItem) -> Verdict:
    """Report on an item, or correct the report by a new one: its reviewer, from the first review until it closes."""
    verdict = as_reviewer(user, item)
    if verdict and item.state == "selected":
        return not_now("Review a criterion first: the report says what you found.")
    if verdict and item.state == "closed":
        return not_now("This item is closed, and its report with it.")
    return verdict


def can_close_item(user: User, item: SampleItem, *, reported: bool | None = None) -> Verdict:
    """Close an item: its reviewer, once all is reviewed, answered, reported on and signed off.

    `reported`: whether there is a report, where a page has read it already.
    """
    verdict = as_reviewer(user, item)
    if not verdict:
        return verdict
    if not ITEM_MOVES.allows("close_item", item.state):
        done = "This item is closed already." if item.state == "closed" else "Review every criterion first."
        return not_now(done)
    if item.action_points.exclude(state="closed").exists():
        return not_now("An action point is still open.")
    reopened = stages.not_under_review(item, "The unit is reopened. The item closes after the new sign-off.")
    if reopened is not None:
        return reopened
    open_query = Review.objects.filter(
        item=item, outcome="not_agreed", adjudication__isnull=True, decision__superseded_by__isnull=True
    )
    if open_query.exists():
        return not_now(
            "You did not agree with a decision that still stands. The lead IQA reopens the unit or adjudicates."
        )
    if not (item.reports.exists() if reported is None else reported):
        return not_now("Write the report on this unit first.")
    return verdict


def can_release_unit(user: User, item: SampleItem) -> Verdict:
    """Make a sampled unit achieved: its reviewer, once the item is closed and nothing is on hold."""
    verdict = as_reviewer(user, item)
    if not verdict:
        return verdict
    if item.plan.stage == "interim":
        return not_now("An interim sample releases no unit.")
    if item.state != "closed":
        return not_now("Close the item first.")
    if not LEARNER_UNIT_MOVES.allows("release_unit", item.learner_unit.state):
        return not_now(f"The unit is {LEARNER_UNIT_MOVES.label(item.learner_unit.state).lower()}.")
    return unless(verdict, unit_not_held(item.learner_unit))


def can_answer_action_point(user: User, action_point: ActionPoint) -> Verdict:
    """Answer an action point: the tutor it is for; once that one is gone, a tutor who took the learner over."""
    verdict = as_role(user, action_point.centre_id, ("tutor",), "Only the tutor it is for answers an action point.")
    if not verdict or not _answers(user, verdict.holder, action_point):
        return not_yours("Only the tutor it is for answers an action point.")
    if not ACTION_POINT_MOVES.allows("answer_action_point", action_point.state):
        return not_now("This action point has its answer.")
    return verdict


def _answers(user: User, holder: Membership, action_point: ActionPoint) -> bool:
    return action_point.tutor_id == holder.pk or ActionPoint.objects.for_tutor(user).filter(pk=action_point.pk).exists()


def can_judge_answer(user: User, action_point: ActionPoint) -> Verdict:
    """Close or reopen an answered action point: the reviewer of its item."""
    verdict = as_reviewer(user, action_point.item)
    if verdict and not ACTION_POINT_MOVES.allows("close_action_point", action_point.state):
        return not_now("The tutor has not answered yet." if action_point.state != "closed" else "It is closed already.")
    return verdict


def can_adjudicate(user: User, review: Review) -> Verdict:
    """Let a decision stand that the reviewer did not agree with: the lead IQA, not the one who reviewed or decided."""
    verdict = as_role(user, review.centre_id, ("lead_iqa",), "Only the lead IQA adjudicates.")
    if not verdict:
        return verdict
    if verdict.holder.pk in (review.by_id, review.decision.by_id):
        return not_yours("You are a party to this disagreement, so another lead IQA adjudicates.")
    if review.outcome != "not_agreed" or hasattr(review, "adjudication") or hasattr(review, "reopening"):
        return not_now("This review does not wait for adjudication.")
    return verdict


def can_hold(user: User, learner_unit: LearnerUnit) -> Verdict:
    """Put a unit on hold, with a reason: the lead IQA, before it is achieved."""
    verdict = as_role(user, learner_unit.centre_id, ("lead_iqa",), "Only the lead IQA puts a unit on hold.")
    if verdict and learner_unit.state not in ("in_progress", "signed_off"):
        return not_now("Only a unit that is in progress or signed off is put on hold.")
    return verdict


def can_lift_hold(user: User, hold: Hold) -> Verdict:
    """Lift a hold: the lead IQA. One that a review placed is lifted by reopening or adjudicating."""
    verdict = as_role(user, hold.centre_id, ("lead_iqa",), "Only the lead IQA lifts a hold.")
    if not verdict:
        return verdict
    if hasattr(hold, "lift"):
        return not_now("This hold is lifted already.")
    if hold.review_id is not None:
        return not_now("An IQA did not agree with a decision. Reopen the unit or adjudicate; that lifts the hold.")
    return verdict
