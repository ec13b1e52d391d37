"""What an entry of the record is news of, and for whom: one function a verb, and what each verb settles.

Whoever did it is never told. Whether somebody may be told, `telling` asks; here is only who waits for it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.db.models import Q

from assessment.models import (
    ActionPoint,
    Allocation,
    Decision,
    DeclaredInterest,
    LearnerUnit,
    PlanApproval,
    Review,
    SampleItem,
    SamplePlan,
    SamplingStrategy,
    StandardisationExercise,
    VisitRequest,
)
from assessment.permissions.base import as_tutor
from assessment.permissions.decisions import can_countersign
from assessment.permissions.independence import against_assessing
from courseware.people.models import Membership
from courseware.people.standing import in_force, standing_of

from .entry import Entry, News, unit_of
from .moves import extend, move_learner, move_to_edition, set_due_dates


def _tutors(unit: LearnerUnit) -> tuple[Membership, ...]:
    """The tutors who are responsible for the learner now."""
    rows = Allocation.objects.in_force().filter(Q(learner_unit=unit) | Q(learner_unit__isnull=True), role="tutor")
    members = Membership.objects.filter(pk__in=rows.filter(cohort=unit.cohort_id).order_by().values("membership"))
    return tuple(one for one in members.select_related("user").order_by("pk") if as_tutor(one.user, unit))


def _holding(centre_id: int, role: str) -> tuple[Membership, ...]:
    held = Q(pk__in=Membership.objects.filter(in_force("grants__"), grants__role=role).order_by().values("pk"))
    return tuple(Membership.objects.filter(held, in_force(), centre=centre_id).select_related("user").order_by("pk"))


def _learner(kind: str, unit: LearnerUnit, subject: uuid.UUID | None = None) -> News:
    return News(kind, (unit.learner,), subject or unit.uid, unit.unit_code, unit)


def _submission(kind: str, unit: LearnerUnit, subject: uuid.UUID) -> list[News]:
    """For its tutors, but for those whom an interest keeps from marking it while there is another."""
    tutors = _tutors(unit)
    able = tuple(one for one in tutors if against_assessing(one.user, unit) is None)
    return [News(kind, able or tutors, subject, unit.unit_code, unit)]


def submit(entry: Entry) -> list[News]:
    """Handed in: its tutors."""
    return _submission("submission_new", entry.unit, entry.result)


def withdraw_submission(entry: Entry) -> list[News]:
    """Taken back: its tutors."""
    return _submission("submission_withdrawn", entry.unit, entry.subject("submission"))


def return_submission(entry: Entry) -> list[News]:
    """Given back unmarked: the learner."""
    return [_learner("submission_returned", entry.unit, entry.subject("submission"))]


def decide(entry: Entry) -> list[News]:
    """A trainee's Met: who countersigns. The one named for it, or else everybody who may."""
    if not entry.told["trainee"] or entry.told["notes"]["outcome"] != "met":
        return []
    decision = Decision.objects.select_related("by__countersigner__user", "learner_unit").get(uid=entry.result)
    named = (decision.by.countersigner,) if decision.by.countersigner else ()
    for candidates in (named, _tutors(entry.unit)):
        able = tuple(one for one in candidates if can_countersign(one.user, decision))
        if able:
            return [News("countersign_request", able, decision.uid, entry.unit.unit_code, entry.unit)]
    return []


def countersign(entry: Entry) -> list[News]:
    """Confirmed or declined: who decided."""
    decision = Decision.objects.select_related("by__user", "submission").get(uid=entry.subject("decision"))
    kind = "countersign_confirmed" if entry.told["notes"]["outcome"] == "confirmed" else "countersign_declined"
    return [News(kind, (decision.by,), decision.submission.uid, entry.unit.unit_code, entry.unit)]


def release_feedback(entry: Entry) -> list[News]:
    """Released: the learner."""
    return [_learner("feedback_released", entry.unit, entry.result)]


def acknowledge_feedback(entry: Entry) -> list[News]:
    """The learner says something to feedback: who decided. That it was read, without a word, stands on the desk."""
    if "text" not in entry.told["digests"]:
        return []
    decision = Decision.objects.select_related("by__user").get(uid=entry.subject("decision"))
    return [News("feedback_reply", (decision.by,), decision.uid, entry.unit.unit_code, entry.unit)]


def _frames(unit: LearnerUnit) -> list[str]:
    """The populations of the approved plans that are still open."""
    approvals = PlanApproval.objects.filter(
        plan__cohort=unit.cohort_id, plan__state="approved", plan__stage="summative"
    ).order_by("pk")
    return list(approvals.values_list("population", flat=True))


def sign_off(entry: Entry) -> list[News]:
    """Signed off: the learner; the reviewer of a unit sampled before, or else the lead IQAs, who plan sampling."""
    unit = entry.unit
    items = SampleItem.objects.filter(learner_unit=unit, plan__state="approved", reviewer__isnull=False)
    again = [
        News("review_goes_on", (item.reviewer,), item.uid, unit.unit_code)
        for item in items.select_related("reviewer__user").order_by("pk")
    ]
    planned = any(str(unit.uid) in text.split() for text in _frames(unit))
    leads = _holding(unit.centre_id, "lead_iqa")
    to_plan = [] if planned else [News("unit_to_plan", leads, unit.cohort.uid, unit.unit_code, cohort=unit.cohort)]
    return [_learner("unit_signed_off", unit), *again, *to_plan]


def reopen(entry: Entry) -> list[News]:
    """Reopened: the learner, the tutors, and the reviewer whose review asked for it."""
    unit = entry.unit
    news = [_learner("unit_reopened", unit), News("unit_back", _tutors(unit), unit.uid, unit.unit_code, unit)]
    return news + (_settled(entry) if "review" in entry.told["subjects"] else [])


def _settled(entry: Entry) -> list[News]:
    review = Review.objects.select_related("by__user", "item").get(uid=entry.subject("review"))
    return [News("disagreement_settled", (review.by,), review.item.uid, entry.unit.unit_code)]


def _released(unit: LearnerUnit) -> list[News]:
    tutors = News("unit_released", _tutors(unit), unit.uid, unit.unit_code, unit)
    return [_learner("unit_achieved", unit), tutors]


def release_unit(entry: Entry) -> list[News]:
    """Achieved: the learner and the tutors."""
    return _released(entry.unit)


def complete_plan(entry: Entry) -> list[News]:
    """The rest of a plan is achieved: every learner of it, and their tutors."""
    return [news for uid in entry.told["subjects"]["released"] for news in _released(unit_of(uid))]


def withdraw_learner(entry: Entry) -> list[News]:
    """The learner leaves the unit: the learner."""
    return [_learner("unit_withdrawn", entry.unit)]


def allocate(entry: Entry) -> list[News]:
    """Made responsible: that person."""
    return [_allocated(entry.result)]


def hand_over(entry: Entry) -> list[News]:
    """Somebody's duties go to others: those who are responsible now, or review now."""
    return [_allocated(uuid.UUID(uid)) for uid in entry.told["subjects"].get("started", ())] + _to_review(entry)


def _to_review(entry: Entry) -> list[News]:
    """The items that the entry names: who reviews each."""
    uids = entry.told["subjects"].get("items", ())
    items = SampleItem.objects.filter(uid__in=uids, reviewer__isnull=False)
    rows = items.select_related("reviewer__user", "learner_unit").order_by("pk")
    return [News("item_assigned", (item.reviewer,), item.uid, item.learner_unit.unit_code) for item in rows]


def add_target(entry: Entry) -> list[News]:
    """A unit was added to a sample: who reviews it."""
    return _to_review(entry)


def add_substitute(entry: Entry) -> list[News]:
    """The next unit was drawn for a learner who left: who reviews it."""
    return _to_review(entry)


def _allocated(uid: uuid.UUID) -> News:
    rows = Allocation.objects.select_related("membership__user", "cohort__specification__unit", "learner_unit")
    made = rows.get(uid=uid)
    code = made.cohort.specification.unit.code
    return News("allocated", (made.membership,), made.uid, code, made.learner_unit, made.cohort, made.role)


def _plan(entry: Entry, uid: uuid.UUID) -> tuple[SamplePlan, str]:
    plan = SamplePlan.objects.select_related("cohort__specification__unit").get(uid=uid)
    return plan, plan.cohort.specification.unit.code


def draft_plan(entry: Entry) -> list[News]:
    """A draft: the lead IQAs, who approve."""
    plan, code = _plan(entry, entry.result)
    return [News("plan_drafted", _holding(plan.centre_id, "lead_iqa"), plan.uid, code)]


def approve_plan(entry: Entry) -> list[News]:
    """Approved: who reviews what was drawn."""
    plan, code = _plan(entry, entry.subject("plan"))
    drawn = SampleItem.objects.filter(plan=plan, reviewer__isnull=False).order_by().values("reviewer")
    reviewers = Membership.objects.filter(pk__in=drawn).select_related("user").order_by("pk")
    return [News("plan_approved", tuple(reviewers), plan.uid, code)]


def assign_reviewer(entry: Entry) -> list[News]:
    """An item's reviewer is named: that person."""
    member = Membership.objects.select_related("user").get(uid=entry.subject("reviewer"))
    return [News("item_assigned", (member,), entry.result, entry.unit.unit_code)]


def review_decision(entry: Entry) -> list[News]:
    """An action point was raised: its tutor; and where the IQA did not agree, the lead IQAs."""
    point = ActionPoint.objects.select_related("tutor__user", "review").filter(review__uid=entry.result).first()
    if point is None:
        return []
    unit = entry.unit
    news = [News("action_point_raised", (point.tutor,), point.uid, unit.unit_code)]
    if point.review.outcome == "not_agreed":
        leads = _holding(unit.centre_id, "lead_iqa")
        news.append(News("not_agreed", leads, point.review.uid, unit.unit_code, unit))
    return news


def _point(entry: Entry) -> ActionPoint:
    rows = ActionPoint.objects.select_related("tutor__user", "item")
    point: ActionPoint = rows.get(uid=entry.subject("action_point"))
    return point


def answer_action_point(entry: Entry) -> list[News]:
    """Answered: the reviewer."""
    point = _point(entry)
    reviewers = Membership.objects.filter(sample_items=point.item).select_related("user").order_by("pk")
    return [News("action_point_answered", tuple(reviewers), point.uid, entry.unit.unit_code)]


def close_action_point(entry: Entry) -> list[News]:
    """The answer satisfies: the tutor."""
    point = _point(entry)
    return [News("action_point_closed", (point.tutor,), point.uid, entry.unit.unit_code)]


def reopen_action_point(entry: Entry) -> list[News]:
    """The answer does not satisfy: the tutor."""
    point = _point(entry)
    return [News("action_point_reopened", (point.tutor,), point.uid, entry.unit.unit_code)]


def adjudicate(entry: Entry) -> list[News]:
    """The decision stands: the reviewer."""
    return _settled(entry)


def _to_take_part(kind: str, exercise: uuid.UUID, *only: str) -> list[News]:
    """Those who take part (`only`: of these uids), as tutors where they are and otherwise as quality assurers."""
    row = StandardisationExercise.objects.select_related("criterion__specification__unit").get(uid=exercise)
    members = Membership.objects.filter(exercises__exercise=row).select_related("user").order_by("pk")
    to: dict[str, list[Membership]] = {"tutor": [], "iqa": []}
    for one in members.filter(uid__in=only) if only else members:
        to["tutor" if standing_of(one.user).has(one.centre_id, "tutor") else "iqa"].append(one)
    code = row.criterion.specification.unit.code
    return [News(kind, tuple(found), row.uid, code, role=role) for role, found in to.items() if found]


def open_exercise(entry: Entry) -> list[News]:
    """Invited to judge: who was."""
    return _to_take_part("standardisation_invited", entry.result)


def invite_to_exercise(entry: Entry) -> list[News]:
    """Invited later: who was."""
    return _to_take_part("standardisation_invited", entry.result, *entry.told["subjects"]["members"])


def open_discussion(entry: Entry) -> list[News]:
    """The judgements are open: everybody who takes part."""
    return _to_take_part("standardisation_discussed", entry.subject("exercise"))


def ask_for_more(entry: Entry) -> list[News]:
    """An EQA asks to see more: the lead IQAs, who answer."""
    asked = VisitRequest.objects.get(uid=entry.result)
    return [News("visit_asked", _holding(asked.centre_id, "lead_iqa"), asked.uid, "")]


def _of_quality(kind: str, centre_id: int, subject: uuid.UUID) -> list[News]:
    """Everybody who assures quality in the centre, each once."""
    leads = _holding(centre_id, "lead_iqa")
    others = tuple(one for one in _holding(centre_id, "iqa") if one not in leads)
    return [
        News(kind, found, subject, "", role=role) for found, role in ((leads, "lead_iqa"), (others, "iqa")) if found
    ]


def set_strategy(entry: Entry) -> list[News]:
    """Another version of the strategy is in force: who assures quality by it."""
    version = SamplingStrategy.objects.get(uid=entry.result)
    return _of_quality("strategy_set", version.centre_id, version.uid)


def declare_interest(entry: Entry) -> list[News]:
    """Declared: the lead IQAs, who name reviewers, and the one whose interest it is, where another declared it."""
    interest = DeclaredInterest.objects.select_related("holder__user").get(uid=entry.result)
    leads = _holding(interest.centre_id, "lead_iqa")
    news = [News("interest_declared", leads, interest.uid, "")]
    if interest.holder in leads:
        return news
    role = "iqa" if standing_of(interest.holder.user).has(interest.centre_id, "iqa") else "tutor"
    return [*news, News("interest_of_yours", (interest.holder,), interest.uid, "", role=role)]


NEWS: dict[str, Callable[[Entry], list[News]]] = {
    function.__name__: function
    for function in (
        submit,
        withdraw_submission,
        return_submission,
        decide,
        countersign,
        release_feedback,
        acknowledge_feedback,
        sign_off,
        reopen,
        release_unit,
        complete_plan,
        withdraw_learner,
        allocate,
        hand_over,
        draft_plan,
        approve_plan,
        add_target,
        add_substitute,
        assign_reviewer,
        review_decision,
        answer_action_point,
        close_action_point,
        reopen_action_point,
        adjudicate,
        open_exercise,
        invite_to_exercise,
        open_discussion,
        ask_for_more,
        set_strategy,
        declare_interest,
        extend,
        set_due_dates,
        move_learner,
        move_to_edition,
    )
}


# -- What is dealt with, so that nobody need read it any more ----------------------------------------------------------


def _about(subject: uuid.UUID, *kinds: str) -> Q:
    return Q(kind__in=kinds, subject=subject)


def _decided(entry: Entry) -> Q:
    superseded = entry.told["subjects"].get("supersedes")
    handed_in = _about(entry.subject("submission"), "submission_new", "countersign_declined")
    return handed_in | _about(uuid.UUID(superseded), "countersign_request") if superseded else handed_in


def _of_the_plan(entry: Entry) -> Q:
    plan = SamplePlan.objects.select_related("cohort").get(uid=entry.subject("plan"))
    return _about(plan.uid, "plan_drafted") | _about(plan.cohort.uid, "unit_to_plan")


def _of_the_reviewer(entry: Entry) -> Q:
    item = SampleItem.objects.select_related("plan").get(uid=entry.subject("item"))
    begun = _about(item.uid, "item_assigned", "review_goes_on") | _about(item.plan.uid, "plan_approved")
    return begun & Q(recipient__uid=entry.row.by)


def _reopened(entry: Entry) -> Q:
    signed = _about(entry.unit.uid, "unit_signed_off")
    return signed | _about(entry.subject("review"), "not_agreed") if "review" in entry.told["subjects"] else signed


def _answers(entry: Entry) -> Q:
    return _about(entry.subject("action_point"), "action_point_answered")


def _answered(entry: Entry) -> Q:
    return _about(entry.subject("action_point"), "action_point_raised", "action_point_reopened", "action_point_overdue")


SETTLES: dict[str, Callable[[Entry], Q]] = {
    "decide": _decided,
    "withdraw_submission": lambda e: _about(e.subject("submission"), "submission_new"),
    "return_submission": lambda e: _about(e.subject("submission"), "submission_new"),
    "withdraw_decision": lambda e: _about(e.subject("decision"), "countersign_request"),
    "countersign": lambda e: _about(e.subject("decision"), "countersign_request"),
    "release_feedback": lambda e: _about(e.result, "countersign_confirmed"),
    "sign_off": lambda e: _about(e.unit.uid, "unit_reopened", "unit_back", "date_later", "dates_changed"),
    "reopen": _reopened,
    "release_unit": lambda e: _about(e.unit.uid, "unit_signed_off"),
    "withdraw_learner": lambda e: Q(learner_unit=e.unit),
    "move_learner": lambda e: _about(e.unit.uid, "learner_came"),
    "move_to_edition": lambda e: _about(e.unit.uid, "learner_came", "dates_changed", "date_later"),
    "end_allocation": lambda e: _about(e.result, "allocated"),
    "hand_over": lambda e: Q(kind="allocated", subject__in=e.told["subjects"].get("ended", [])),
    "approve_plan": _of_the_plan,
    "assign_reviewer": lambda e: _about(e.result, "item_assigned") & ~Q(recipient__uid=e.subject("reviewer")),
    "review_decision": _of_the_reviewer,
    "answer_action_point": _answered,
    "close_action_point": _answers,
    "reopen_action_point": _answers,
    "adjudicate": lambda e: _about(e.subject("review"), "not_agreed"),
    "answer_request": lambda e: _about(e.subject("request"), "visit_asked"),
    "open_discussion": lambda e: _about(e.subject("exercise"), "standardisation_invited"),
}
