"""Each verb of the record: who is told of it, that nobody else is, and that it is told once or not at all."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError, transaction

from assessment import notices
from assessment.models import (
    ActionPoint,
    Allocation,
    Decision,
    LearnerUnit,
    Notice,
    NoticeCursor,
    Review,
    SampleItem,
    SamplePlan,
    VisitRequest,
)
from assessment.notices import telling
from assessment.notices.kinds import KINDS, page_of, title_of
from assessment.notices.news import NEWS, SETTLES
from assessment.workflow import (
    amendments,
    cohorts,
    deadlines,
    decisions,
    moving,
    quality,
    replies,
    reviews,
    risk,
    room,
    standardisation,
    submissions,
    visits,
)
from assessment.workflow.edition_moves import move_cohort_to_edition
from assessment.workflow.strategy import StrategyRules, set_strategy
from courseware.kit import clock
from courseware.kit.verdict import Refused
from courseware.ledger.models import ChainHead, LedgerEntry
from courseware.people import workflow as people
from courseware.people.models import User
from tests import make
from tests.edition_builders import second_edition
from tests.notice_builders import Scene, another, scene
from tests.people_builders import administrator_of, gone, make_centre
from tests.study_pages import client_of

pytestmark = pytest.mark.django_db


def handed_in(here: Scene) -> Any:
    return make.submission(here.unit)


def signed(here: Scene) -> None:
    make.signed_off(here.unit, here.people["tutor"].user)


def drawn(here: Scene) -> SampleItem:
    signed(here)
    return make.item(here.cohort, here.people["iqa"], here.people["lead"])


def raised(here: Scene, outcome: str = "action_required") -> ActionPoint:
    item = drawn(here)
    decision = Decision.objects.filter(learner_unit=here.unit).order_by("pk")[0]
    reviews.review_decision(
        by=here.user("iqa"),
        item=item,
        decision=decision,
        outcome=outcome,
        feedback="See 1.1.",
        action="Say what you saw.",
    )
    return ActionPoint.objects.get()


def answered(here: Scene, outcome: str = "action_required") -> ActionPoint:
    point = raised(here, outcome)
    reviews.answer_action_point(by=here.user("tutor"), action_point=point, text="I wrote what I saw.")
    return ActionPoint.objects.get(pk=point.pk)


def closed(here: Scene) -> SampleItem:
    item = make.reviewed(drawn(here))
    reviews.close_item(by=here.user("iqa"), item=item)
    item.refresh_from_db()
    return item


def trained(here: Scene, outcome: str = "met") -> Decision:
    submission = handed_in(here)
    return make.decision(submission, make.criteria(here.unit)[0], here.user("trainee"), outcome)


def judged(here: Scene, outcome: str) -> Callable[[], Any]:
    point = answered(here)
    return lambda: reviews.judge_answer(by=here.user("iqa"), action_point=point, outcome=outcome, text="Say when.")


def release_two(here: Scene) -> Callable[[], Any]:
    submission = handed_in(here)
    for criterion in make.criteria(here.unit)[:2]:
        make.decision(submission, criterion, here.user("tutor"))
    return lambda: decisions.release_feedback(by=here.user("tutor"), submission=submission)


def replying(here: Scene, text: str) -> Callable[[], Any]:
    release_two(here)()
    decision = Decision.objects.order_by("pk")[0]
    return lambda: replies.acknowledge_feedback(by=here.user("learner"), decision=decision, text=text)


def give_back(here: Scene) -> Callable[[], Any]:
    submission = handed_in(here)
    return lambda: submissions.return_submission(by=here.user("tutor"), submission=submission, reason="It is empty.")


def take_back(here: Scene) -> Callable[[], Any]:
    submission = handed_in(here)
    return lambda: submissions.withdraw_submission(by=here.user("learner"), submission=submission)


def signing(here: Scene) -> Callable[[], Any]:
    make.marked(handed_in(here), here.user("tutor"))
    return lambda: decisions.sign_off(by=here.user("tutor"), learner_unit=here.unit)


def standardising(here: Scene) -> Callable[[], Any]:
    criterion = make.criteria(here.unit)[0]
    work, members = make.submission(here.unit, criterion), [here.people["tutor"], here.people["lead"]]
    asked = standardisation.Asked("What is enough", "We differ.", [work], members)
    return lambda: standardisation.open_exercise(
        by=here.user("iqa"), centre=here.cohort.centre, criterion=criterion, asked=asked
    )


def inviting(here: Scene) -> Callable[[], Any]:
    exercise, more = standardising(here)(), [here.people["off"], here.people["iqa"]]
    return lambda: standardisation.invite_to_exercise(by=here.user("iqa"), exercise=exercise, members=more)


def discussing(here: Scene) -> Callable[[], Any]:
    exercise = standardising(here)()
    return lambda: standardisation.open_discussion(by=here.user("lead"), exercise=exercise, reason="Time is up.")


def signing_again(here: Scene) -> Callable[[], Any]:
    drawn(here)
    decisions.reopen(by=here.user("lead"), learner_unit=here.unit, reason="A second look.")
    return lambda: decisions.sign_off(by=here.user("tutor"), learner_unit=here.unit)


def reopening(here: Scene) -> Callable[[], Any]:
    signed(here)
    return lambda: decisions.reopen(by=here.user("lead"), learner_unit=here.unit, reason="A second look.")


def reopening_after_review(here: Scene) -> Callable[[], Any]:
    raised(here, "not_agreed")
    review = Review.objects.order_by("pk")[0]
    return lambda: decisions.reopen(by=here.user("lead"), learner_unit=here.unit, reason="Look.", review=review)


def standing(here: Scene) -> Callable[[], Any]:
    raised(here, "not_agreed")
    review = Review.objects.order_by("pk")[0]
    return lambda: quality.adjudicate(by=here.user("lead"), review=review, reason="It is enough.")


def completing(here: Scene) -> Callable[[], Any]:
    peer = LearnerUnit.objects.get(learner=here.people["peer"])
    make.signed_off(peer, here.people["tutor"].user)
    item = closed(here)
    quality.release_unit(by=here.user("iqa"), item=item)
    return lambda: quality.complete_plan(by=here.user("lead"), plan=SamplePlan.objects.get())


def releasing(here: Scene) -> Callable[[], Any]:
    item = closed(here)
    return lambda: quality.release_unit(by=here.user("iqa"), item=item)


def reviewing(here: Scene, outcome: str) -> Callable[[], Any]:
    item = drawn(here)
    return lambda: make.reviewed(item, outcome)


def approving(here: Scene) -> Callable[[], Any]:
    signed(here)
    plan = make.plan(here.cohort, here.people["iqa"])
    return lambda: quality.approve_plan(by=here.user("lead"), plan=plan)


def reassigning(here: Scene) -> Callable[[], Any]:
    item, other = drawn(here), another(here, "iqa")
    here.people["second"] = other
    return lambda: quality.assign_reviewer(by=here.user("lead"), item=item, reviewer=other)


def answering(here: Scene) -> Callable[[], Any]:
    point = raised(here)
    return lambda: reviews.answer_action_point(by=here.user("tutor"), action_point=point, text="Done.")


def countersigning(here: Scene, outcome: str) -> Callable[[], Any]:
    decision = trained(here)
    return lambda: decisions.countersign(
        by=here.user("tutor"), decision=decision, outcome=outcome, feedback="See 1.1 again."
    )


def marking(here: Scene) -> Callable[[], Any]:
    submission = handed_in(here)
    return lambda: make.decision(submission, make.criteria(here.unit)[0], here.user("tutor"))


def deciding_no_more(here: Scene) -> Callable[[], Any]:
    decision = trained(here)
    return lambda: decisions.withdraw_decision(by=here.user("trainee"), decision=decision)


def superseding(here: Scene) -> Callable[[], Any]:
    old = trained(here)
    return lambda: make.decision(old.submission, old.criterion, here.user("tutor"), "not_yet_met", supersedes=old)


def allocating(here: Scene, role: str, alone: bool = False) -> Callable[[], Any]:
    here.people["new"] = another(here, role)
    unit = here.unit if alone else None
    return lambda: make.allocation(here.cohort, here.people["new"], role, unit)


def handing_over(here: Scene) -> Callable[[], Any]:
    item, admin = drawn(here), administrator_of(here.cohort.centre)
    here.people["second"] = another(here, "iqa")
    duties = [item, here.people["iqa"].allocations.get()]
    return lambda: moving.hand_over(
        by=admin, leaving=here.people["iqa"], takeovers=[(duty, here.people["second"]) for duty in duties]
    )


def leaving(here: Scene) -> Callable[[], Any]:
    admin = administrator_of(here.cohort.centre)
    return lambda: cohorts.withdraw_learner(by=admin, learner_unit=here.unit, reason="Moved away.")


def later(here: Scene) -> Callable[[], Any]:
    first, *_ = make.criteria(here.unit)
    make.due(here.cohort, (first, dt.date(2027, 3, 1)))
    return lambda: deadlines.extend(
        by=here.user("tutor"), learner_unit=here.unit, criteria=[first], due_on=dt.date(2027, 4, 1), reason="Ill."
    )


def moved(here: Scene) -> Callable[[], Any]:
    to = make.cohort(here.cohort.centre, here.cohort.specification)
    here.people |= {f"to {role}": make.staff(to, role) for role in ("tutor", "iqa", "eqa")}
    make.allocation(to, here.people["tutor"], "tutor")
    admin = administrator_of(to.centre)
    return lambda: moving.move_learner(by=admin, learner_unit=here.unit, to=to, reason="Evenings suit better.")


def to_another_edition(here: Scene) -> Callable[[], Any]:
    """A cohort with a due date, which its learners take along and are not told of once more."""
    make.due(here.cohort, (make.criteria(here.unit)[0], dt.date(2027, 3, 1)))
    edition, admin = second_edition(), administrator_of(here.cohort.centre)
    return lambda: move_cohort_to_edition(
        by=admin, cohort=here.cohort, edition=edition, name="Second edition", reason="1.2 was not clear."
    )


def later_and_signing(here: Scene) -> Callable[[], Any]:
    later(here)()
    return lambda: signed(here)


def moved_on(here: Scene) -> Callable[[], Any]:
    moved(here)()
    by, unit = administrator_of(here.cohort.centre), LearnerUnit.objects.get(pk=here.unit.pk)
    third = make.cohort(here.cohort.centre, here.cohort.specification)
    return lambda: moving.move_learner(by=by, learner_unit=unit, to=third, reason="Mornings, after all.")


def _one_of_two(here: Scene) -> tuple[SampleItem, LearnerUnit]:
    """A plan that drew one of the two signed-off units: the item, and the unit that was left."""
    peer = LearnerUnit.objects.get(learner=here.people["peer"])
    make.signed_off(peer, here.user("tutor"))
    item = drawn(here)
    return item, peer if item.learner_unit_id == here.unit.pk else here.unit


def targeting(here: Scene) -> Callable[[], Any]:
    item, rest = _one_of_two(here)
    by = here.user("lead")
    return lambda: amendments.add_target(by=by, plan=item.plan, learner_unit=rest, reason="New to this unit.")


def substituting(here: Scene) -> Callable[[], Any]:
    item, _ = _one_of_two(here)
    unit = item.learner_unit
    decisions.reopen(by=here.user("lead"), learner_unit=unit, reason="They leave.")
    cohorts.withdraw_learner(by=administrator_of(unit.centre), learner_unit=unit, reason="Left.")
    return lambda: amendments.add_substitute(by=here.user("lead"), item=item)


def asking(here: Scene) -> Callable[[], Any]:
    now, eqa = clock.now(), here.people["eqa"].user
    visit = visits.open_visit(
        by=here.user("lead"),
        centre=here.cohort.centre,
        email=eqa.email,
        name="Owen Pryce",
        organisation="Association of Awards",
        purpose="Yearly visit.",
        starts_at=now - dt.timedelta(days=1),
        ends_at=now + dt.timedelta(days=1),
        cohorts=[here.cohort],
    )
    return lambda: room.ask_for_more(by=make.fresh(visit.eqa.user), visit=visit, text="The other cohort too.")


def declaring(here: Scene, by: str, holder: str) -> Callable[[], Any]:
    learner = here.people["learner"]
    return lambda: risk.declare_interest(
        by=here.user(by), holder=here.people[holder], learner=learner, reason="A neighbour."
    )


T: list[tuple[str, Callable[[Scene], Callable[[], Any]], set[tuple[str, str]]]] = [
    ("submit", lambda h: lambda: handed_in(h), {("tutor", "submission_new"), ("trainee", "submission_new")}),
    (
        "withdraw_submission",
        take_back,
        {("tutor", "submission_withdrawn"), ("trainee", "submission_withdrawn")},
    ),
    ("return_submission", give_back, {("learner", "submission_returned")}),
    ("decide: a trainee's Met", lambda h: lambda: trained(h), {("tutor", "countersign_request")}),
    ("decide: a trainee's Not yet met", lambda h: lambda: trained(h, "not_yet_met"), set()),
    ("countersign: confirmed", lambda h: countersigning(h, "confirmed"), {("trainee", "countersign_confirmed")}),
    ("countersign: declined", lambda h: countersigning(h, "declined"), {("trainee", "countersign_declined")}),
    ("release_feedback", release_two, {("learner", "feedback_released")}),
    ("acknowledge_feedback", lambda h: replying(h, "What is a touchpoint?"), {("tutor", "feedback_reply")}),
    ("acknowledge_feedback: without a word", lambda h: replying(h, " "), set()),
    ("sign_off", signing, {("learner", "unit_signed_off"), ("lead", "unit_to_plan")}),
    ("sign_off: again", signing_again, {("learner", "unit_signed_off"), ("iqa", "review_goes_on")}),
    (
        "reopen",
        reopening,
        {("learner", "unit_reopened"), ("tutor", "unit_back"), ("trainee", "unit_back")},
    ),
    (
        "reopen: after a review",
        reopening_after_review,
        {
            ("learner", "unit_reopened"),
            ("tutor", "unit_back"),
            ("trainee", "unit_back"),
            ("iqa", "disagreement_settled"),
        },
    ),
    ("adjudicate", standing, {("iqa", "disagreement_settled")}),
    (
        "release_unit",
        releasing,
        {("learner", "unit_achieved"), ("tutor", "unit_released"), ("trainee", "unit_released")},
    ),
    ("withdraw_learner", leaving, {("learner", "unit_withdrawn")}),
    ("extend", later, {("learner", "date_later")}),
    (
        "set_due_dates",
        lambda h: lambda: make.due(h.cohort, (make.criteria(h.unit)[0], dt.date(2027, 3, 1))),
        {("learner", "dates_changed"), ("peer", "dates_changed")},
    ),
    (
        "move_learner",
        moved,
        {
            ("learner", "cohort_moved"),
            ("to tutor", "learner_came"),
            ("to iqa", "learner_came"),
            ("trainee", "learner_left"),
            ("iqa", "learner_left"),
        },
    ),
    (
        "move_to_edition",
        to_another_edition,
        {
            ("learner", "edition_moved"),
            ("peer", "edition_moved"),
            *((who, "allocated") for who in ("tutor", "trainee", "iqa", "eqa")),
        },
    ),
    ("allocate", lambda h: allocating(h, "tutor"), {("new", "allocated")}),
    ("allocate: to one learner", lambda h: allocating(h, "iqa", alone=True), {("new", "allocated")}),
    ("hand_over", handing_over, {("second", "allocated"), ("second", "item_assigned")}),
    ("allocate: an EQA", lambda h: allocating(h, "eqa"), {("new", "allocated")}),
    (
        "draft_plan",
        lambda h: lambda: make.plan(h.cohort, h.people["iqa"]),
        {("lead", "plan_drafted")},
    ),
    ("approve_plan", approving, {("iqa", "plan_approved")}),
    ("add_target", targeting, {("iqa", "item_assigned")}),
    ("add_substitute", substituting, {("iqa", "item_assigned")}),
    ("assign_reviewer", reassigning, {("second", "item_assigned")}),
    ("review_decision: agreed", lambda h: reviewing(h, "agreed"), set()),
    ("review_decision: action", lambda h: reviewing(h, "action_required"), {("tutor", "action_point_raised")}),
    (
        "review_decision: not agreed",
        lambda h: reviewing(h, "not_agreed"),
        {("tutor", "action_point_raised"), ("lead", "not_agreed")},
    ),
    ("answer_action_point", answering, {("iqa", "action_point_answered")}),
    ("close_action_point", lambda h: judged(h, "closed"), {("tutor", "action_point_closed")}),
    (
        "open_exercise",
        standardising,
        {("tutor", "standardisation_invited"), ("lead", "standardisation_invited")},
    ),
    ("invite_to_exercise", inviting, {("off", "standardisation_invited")}),
    ("open_discussion", discussing, {("tutor", "standardisation_discussed")}),
    ("reopen_action_point", lambda h: judged(h, "reopened"), {("tutor", "action_point_reopened")}),
    ("ask_for_more", asking, {("lead", "visit_asked")}),
    (
        "set_strategy",
        lambda h: (
            lambda: set_strategy(
                by=h.user("lead"), centre=h.cohort.centre, rules=StrategyRules(run=3), reason="Few units.", seen=0
            )
        ),
        {("iqa", "strategy_set")},
    ),
    ("declare_interest", lambda h: declaring(h, "tutor", "tutor"), {("lead", "interest_declared")}),
    ("declare_interest: by another", lambda h: declaring(h, "lead", "iqa"), {("iqa", "interest_of_yours")}),
    ("declare_interest: of a tutor", lambda h: declaring(h, "lead", "off"), {("off", "interest_of_yours")}),
    ("declare_interest: the lead's own", lambda h: declaring(h, "lead", "lead"), set()),
]


OF_NO_UNIT = {"visit_asked", "strategy_set", "interest_declared", "interest_of_yours"}


def test_a_request_that_is_answered_needs_no_reading_any_more() -> None:
    here = scene()
    assert here.news(asking(here)) == {("lead", "visit_asked")}
    asked = VisitRequest.objects.select_related("visit").get()
    room.answer_request(by=here.user("lead"), request=asked, granted=False, reason="Enough.")
    assert here.told() == set()


@pytest.mark.parametrize(("arrange", "expected"), [row[1:] for row in T], ids=[row[0] for row in T])
def test_a_verb_is_told_to_those_who_wait_for_it_and_to_nobody_else(
    arrange: Callable[[Scene], Callable[[], Any]], expected: set[tuple[str, str]]
) -> None:
    here = scene()
    act = arrange(here)
    assert here.news(act) == expected
    # Each opens where it is dealt with, for whom it was told, and is in words with nothing left to fill in.
    for notice in Notice.objects.unread().select_related("recipient__user", "learner_unit__learner", "cohort"):
        assert client_of(notice.recipient.user).get(page_of(notice), follow=True).status_code == 200, notice.kind
        assert "{" not in title_of(notice)
        assert notice.unit_code == ("" if notice.kind in OF_NO_UNIT else "101")


def test_the_rest_of_a_plan_is_told_to_each_of_its_learners_and_their_tutors() -> None:
    here = scene()
    act = completing(here)
    sampled = SampleItem.objects.get().learner_unit
    other = "peer" if sampled == here.unit else "learner"
    assert here.news(act) == {(other, "unit_achieved"), ("tutor", "unit_released"), ("trainee", "unit_released")}


def test_every_verb_of_the_table_is_tried_and_every_kind_is_told_somewhere() -> None:
    tried = {name.partition(":")[0] for name, _, _ in T} | {"complete_plan"}
    assert tried == set(NEWS)
    assert {kind for _, _, told in T for _, kind in told} | {"mail_undelivered", "action_point_overdue"} == set(KINDS)
    assert set(SETTLES) - set(NEWS) == {"withdraw_decision", "end_allocation", "answer_request"}


# -- Once, or not at all -----------------------------------------------------------------------------------------------


def test_a_verb_that_is_refused_or_rolled_back_tells_nobody() -> None:
    here = scene()
    submission = handed_in(here)

    def act() -> None:
        with pytest.raises(Refused):
            submissions.return_submission(by=here.user("off"), submission=submission, reason="No.")
        with transaction.atomic():
            submissions.return_submission(by=here.user("tutor"), submission=submission, reason="It is empty.")
            transaction.set_rollback(True)

    assert here.news(act) == set()
    # The same act tells somebody once it stands.
    assert here.news(
        lambda: submissions.return_submission(by=here.user("tutor"), submission=submission, reason="So.")
    ) == {("learner", "submission_returned")}


def test_a_form_sent_twice_is_told_once() -> None:
    here = scene()
    submission, key = handed_in(here), uuid.uuid4()
    for criterion in make.criteria(here.unit):
        make.decision(submission, criterion, here.user("tutor"))

    def act() -> None:
        for _ in range(2):
            decisions.release_feedback(by=here.user("tutor"), submission=submission, key=key)

    assert here.news(act) == {("learner", "feedback_released")}
    assert Notice.objects.unread().get().times == 1
    before = Notice.objects.count()
    assert (notices.follow(), Notice.objects.count()) == (0, before)


def test_what_happens_again_before_it_is_read_makes_the_notice_newer_and_not_more() -> None:
    here = scene()
    submission = handed_in(here)
    first, second, third = make.criteria(here.unit)

    def act() -> None:
        for criterion in (first, second, third):
            made = make.decision(submission, criterion, here.user("tutor"))
            decisions.release_feedback(by=here.user("tutor"), submission=submission, decision=made)

    here.news(act)
    told = Notice.objects.unread().get()
    assert (told.times, told.at > told.made_at) == (3, True)
    # Once it is read, what comes later is another.
    Notice.objects.update(read_at=clock.now())
    make.decision(submission, first, here.user("tutor"), supersedes=Decision.objects.get(criterion=first))
    decisions.release_feedback(by=here.user("tutor"), submission=submission)
    assert here.told() == {("learner", "feedback_released")}
    assert Notice.objects.filter(kind="feedback_released").count() == 2


def test_the_record_is_read_in_batches_and_each_entry_once(monkeypatch: pytest.MonkeyPatch) -> None:
    here = scene()
    monkeypatch.setattr(telling, "BATCH", 3)
    entries = LedgerEntry.objects.filter(chain=here.cohort.centre.uid).count()
    assert entries > 7
    assert notices.follow() == entries
    assert NoticeCursor.objects.get().number == ChainHead.objects.get(chain=here.cohort.centre.uid).number
    assert Notice.objects.filter(kind="allocated").count() == 4


def test_an_entry_that_cannot_be_understood_holds_up_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    here = scene()

    def broken(entry: object) -> None:
        raise KeyError("subjects")

    monkeypatch.setitem(NEWS, "submit", broken)
    assert here.news(lambda: (handed_in(here), give_back(scene())())) == {
        ("somebody else", "submission_returned"),
    } | {("somebody else", kind) for kind in ("allocated",)}
    assert "nobody was told of entry" in caplog.text


def test_a_database_that_is_away_costs_no_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    here = scene()
    notices.follow()
    handed_in(here)
    real = NEWS["submit"]

    def away(entry: object) -> None:
        raise OperationalError("the server closed the connection")

    monkeypatch.setitem(NEWS, "submit", away)
    with pytest.raises(OperationalError):
        notices.follow()
    monkeypatch.setitem(NEWS, "submit", real)
    assert ("tutor", "submission_new") in here.told()


# -- Nobody who may not know -------------------------------------------------------------------------------------------


def test_whoever_left_or_is_closed_out_is_told_nothing() -> None:
    here = scene()
    notices.follow()
    gone(here.people["tutor"])
    User.objects.filter(pk=here.people["trainee"].user_id).update(is_active=False)
    assert here.news(lambda: handed_in(here)) == set()


def test_a_learner_who_left_the_centre_is_told_nothing_more() -> None:
    here = scene()
    act = release_two(here)
    people.end_membership(by=administrator_of(here.cohort.centre), membership=here.people["learner"])
    assert here.news(act) == set()


def test_a_tutor_of_one_learner_is_told_instead_of_the_cohorts() -> None:
    here = scene()
    make.allocation(here.cohort, here.people["off"], "tutor", here.unit)
    assert here.news(lambda: handed_in(here)) == {("off", "submission_new")}


def test_what_an_interest_keeps_a_tutor_from_is_told_to_the_other_while_there_is_one() -> None:
    here = scene()
    for criterion, name, told in zip(
        make.criteria(here.unit), ("trainee", "tutor"), ({"tutor"}, {"tutor", "trainee"}), strict=False
    ):
        holder, learner = here.people[name], here.unit.learner
        risk.declare_interest(by=here.user("lead"), holder=holder, learner=learner, reason="A neighbour.")
        notices.follow()
        news = here.news(partial(make.submission, here.unit, criterion))
        assert news == {(one, "submission_new") for one in told}
        taken_back = partial(
            submissions.withdraw_submission, by=here.user("learner"), submission=here.unit.submissions.latest("pk")
        )
        assert here.news(taken_back) == {(one, "submission_withdrawn") for one in told}


def test_nobody_is_told_of_what_they_did_or_asked_to_judge_their_own() -> None:
    here = scene()
    cohorts.allocate(
        by=administrator_of(here.cohort.centre), cohort=here.cohort, member=here.people["off"], role="tutor"
    )
    alone = another(here, "tutor", "learner")
    here.people["both"] = alone
    make.allocation(here.cohort, alone, "tutor")
    own = make.learner_unit(here.cohort, alone)
    assert here.news(lambda: make.submission(own)) == {
        ("tutor", "submission_new"),
        ("trainee", "submission_new"),
        ("off", "submission_new"),
    }
    assert here.news(lambda: make.plan(here.cohort, here.people["lead"])) == set()


def test_without_a_named_countersigner_every_qualified_tutor_of_the_learner_is_asked() -> None:
    here = scene()
    make.allocation(here.cohort, here.people["off"], "tutor")
    admin = administrator_of(here.cohort.centre)
    people.set_trainee(by=admin, membership=here.people["trainee"], trainee=True, countersigner=here.people["tutor"])
    gone(here.people["tutor"])
    assert here.news(lambda: trained(here)) == {("off", "countersign_request")}
    gone(here.people["off"])
    second = make.decision
    submission = Decision.objects.get().submission
    assert here.news(lambda: second(submission, make.criteria(here.unit)[1], here.user("trainee"))) == set()


def test_another_centre_hears_nothing() -> None:
    here, there = scene(), make.cohort(make_centre())
    far = {role: make.staff(there, role) for role in ("tutor", "iqa", "lead_iqa", "eqa")}
    notices.follow()
    answered(here, "not_agreed")
    notices.follow()
    kinds = set(Notice.objects.filter(centre=there.centre).values_list("kind", flat=True).order_by())
    assert kinds == {"allocated"}
    assert not Notice.objects.filter(recipient__in=far.values()).exclude(kind="allocated").exists()


# -- What is settled ---------------------------------------------------------------------------------------------------

SETTLED: list[tuple[str, Callable[[Scene], Callable[[], Any]], tuple[str, str]]] = [
    ("a hand-in taken back", take_back, ("tutor", "submission_new")),
    ("a hand-in given back", give_back, ("trainee", "submission_new")),
    (
        "a hand-in that somebody began to mark",
        marking,
        ("trainee", "submission_new"),
    ),
    ("a countersignature given", lambda h: countersigning(h, "confirmed"), ("tutor", "countersign_request")),
    (
        "a decision withdrawn",
        deciding_no_more,
        ("tutor", "countersign_request"),
    ),
    (
        "a decision superseded",
        superseding,
        ("tutor", "countersign_request"),
    ),
    ("an action point answered", answering, ("tutor", "action_point_raised")),
    ("an answer judged", lambda h: judged(h, "closed"), ("iqa", "action_point_answered")),
    ("an answer sent back", lambda h: judged(h, "reopened"), ("iqa", "action_point_answered")),
    ("a disagreement reopened", reopening_after_review, ("lead", "not_agreed")),
    ("a disagreement adjudicated", standing, ("lead", "not_agreed")),
    ("a plan approved", approving, ("lead", "plan_drafted")),
    ("a unit planned", approving, ("lead", "unit_to_plan")),
    ("a review begun", lambda h: reviewing(h, "agreed"), ("iqa", "plan_approved")),
    ("a unit signed off again", signing_again, ("tutor", "unit_back")),
    ("an allocation handed over", handing_over, ("iqa", "allocated")),
    ("a unit reopened", reopening, ("learner", "unit_signed_off")),
    ("a later date, once the unit is signed off", later_and_signing, ("learner", "date_later")),
    ("a learner who came and went on", moved_on, ("to tutor", "learner_came")),
    ("a unit achieved", releasing, ("learner", "unit_signed_off")),
    ("a learner withdrawn", lambda h: (handed_in(h), leaving(h))[1], ("tutor", "submission_new")),
    (
        "an allocation ended",
        lambda h: (
            lambda: cohorts.end_allocation(
                by=administrator_of(h.cohort.centre), allocation=Allocation.objects.get(membership=h.people["eqa"])
            )
        ),
        ("eqa", "allocated"),
    ),
]


@pytest.mark.parametrize(("arrange", "gone"), [row[1:] for row in SETTLED], ids=[row[0] for row in SETTLED])
def test_what_is_dealt_with_waits_no_more(arrange: Callable[[Scene], Callable[[], Any]], gone: tuple[str, str]) -> None:
    here = scene()
    act = arrange(here)
    assert gone in here.told()
    act()
    assert gone not in here.told()


def test_an_item_given_to_somebody_else_waits_for_the_first_no_more() -> None:
    here = scene()
    reassigning(here)()
    item, third = SampleItem.objects.get(), another(here, "iqa")
    here.people["third"] = third
    assert ("second", "item_assigned") in here.told()
    quality.assign_reviewer(by=here.user("lead"), item=item, reviewer=third)
    assert {pair for pair in here.told() if pair[1] == "item_assigned"} == {("third", "item_assigned")}


# -- Seeing them -------------------------------------------------------------------------------------------------------


def test_a_notice_is_seen_by_its_recipient_alone_and_while_they_may_know_of_it() -> None:
    here = scene()
    answered(here, "not_agreed")
    handed_in(Scene(here.cohort, LearnerUnit.objects.get(learner=here.people["peer"]), here.people))
    here.told()
    seen = {who: set(Notice.objects.visible_to(here.user(who))) for who in here.people}
    for who, mine in seen.items():
        assert mine == set(Notice.objects.filter(recipient=here.people[who])), who
    assert all(seen[who] for who in ("tutor", "lead", "learner"))
    admin = administrator_of(here.cohort.centre)
    theirs = Allocation.objects.in_force().filter(membership__in=(here.people["tutor"], here.people["trainee"]))
    for allocation in theirs.order_by("pk"):  # also the trainee's, whose countersigner reads along
        cohorts.end_allocation(by=admin, allocation=allocation)
    # The action point is still the tutor's to deal with; learners are not.
    left = {notice.kind for notice in Notice.objects.visible_to(here.user("tutor"))}
    assert left == {"action_point_raised"}
    for who in ("tutor", "lead"):
        gone(here.people[who])
        assert not Notice.objects.visible_to(here.user(who)).exists()
