"""What the verbs refuse, each with the sentence that the person reads, and nothing changed by it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from assessment.models import ActionPoint, Decision, EvidenceVersion, LearnerUnit, Review, SampleItem
from assessment.permissions.decisions import can_decide
from assessment.permissions.evidence import can_read_version
from assessment.readings import marking, waiting
from assessment.workflow import cohorts, decisions, derive, evidence, quality, reviews, submissions
from assessment.workflow.base import lock_learner_unit
from content.models import Specification, Unit
from courseware.kit import clock
from courseware.kit.verdict import NotNow, NotYours, Refused, Stale
from courseware.ledger.models import LedgerEntry
from courseware.people import workflow as people
from courseware.people.models import Membership
from tests import make
from tests.people_builders import administrator_of, make_centre, make_member

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 9, 7)


@dataclass
class Scene:
    """One cohort of the tiny unit with its staff and one learner; `stranger` belongs to another centre."""

    unit: LearnerUnit
    tutor: Membership
    iqa: Membership
    lead: Membership
    stranger: Membership

    @property
    def admin(self) -> Any:
        return administrator_of(self.unit.centre)

    @property
    def first(self) -> Any:
        return make.criteria(self.unit)[0]


@pytest.fixture
def here() -> Scene:
    cohort = make.cohort()
    tutor, iqa, lead = (make.staff(cohort, role) for role in ("tutor", "iqa", "lead_iqa"))
    return Scene(make.learner_unit(cohort), tutor, iqa, lead, make_member(make_centre(), "tutor", "iqa", "learner"))


def refused(says: str, act: Callable[[], object], kind: type[Refused] = NotNow) -> None:
    """`act` is refused with a sentence that holds `says`, and the record is as long as before."""
    before = LedgerEntry.objects.count()
    with pytest.raises(kind, match=says):
        act()
    assert LedgerEntry.objects.count() == before


# -- Cohorts -----------------------------------------------------------------------------------------------------------


def test_what_is_refused_about_cohorts(here: Scene) -> None:
    cohort, centre = here.unit.cohort, here.unit.centre

    def make_cohort(**more: Any) -> Callable[[], object]:
        sent = {"centre": centre, "name": "Winter", "specification": cohort.specification, "starts_on": TODAY} | more
        return lambda: cohorts.make_cohort(by=here.admin, **sent)

    refused("ends before it starts", make_cohort(ends_on=TODAY - dt.timedelta(days=1)))
    refused("Choose a date before 2200", make_cohort(ends_on=dt.date(2200, 1, 1)))
    refused("Choose a date before 2200", make_cohort(starts_on=dt.date.max))
    refused("There is a cohort called", make_cohort(name=cohort.name))
    theirs = Specification.objects.create(
        unit=Unit.objects.create(code="900", owner=here.stranger.centre),
        digest="0" * 64,
        title="Theirs",
        level=1,
        credit_value=1,
        guided_learning_hours=1,
    )
    refused("belongs to another centre", make_cohort(specification=theirs))
    refused("administrator of this centre", lambda: make_cohort_by(here.tutor, cohort), NotYours)
    learner = make_member(centre, "learner")
    add = lambda who, by=here.admin: cohorts.add_learner(by=by, cohort=cohort, learner=who)  # noqa: E731 - said briefly
    refused("is not a learner at this centre", lambda: add(here.tutor))
    refused("is on unit 101 at this centre already", lambda: add(here.unit.learner))
    refused("does not belong to this centre", lambda: add(here.stranger), NotYours)
    refused("adds learners", lambda: add(learner, here.tutor.user), NotYours)


def make_cohort_by(member: Membership, cohort: Any) -> object:
    return cohorts.make_cohort(
        by=member.user, centre=cohort.centre, name="Mine", specification=cohort.specification, starts_on=TODAY
    )


def test_what_is_refused_about_allocations_and_leaving(here: Scene) -> None:
    cohort = here.unit.cohort
    elsewhere = make.learner_unit(make.cohort(here.unit.centre, spec=cohort.specification))

    def allocate(member: Membership = here.tutor, role: str = "tutor", **more: Any) -> Callable[[], object]:
        return lambda: cohorts.allocate(by=here.admin, cohort=cohort, member=member, role=role, **more)

    refused("is in another cohort", allocate(learner_unit=elsewhere))
    refused("does not hold this role", allocate(role="iqa"))
    refused("is allocated here already", allocate())
    refused("does not belong to this centre", allocate(here.stranger), NotYours)
    held = cohort.allocations.get(membership=here.tutor)
    refused("allocates staff", lambda: cohorts.end_allocation(by=here.tutor.user, allocation=held), NotYours)
    cohorts.end_allocation(by=here.admin, allocation=held)
    refused("has ended already", lambda: cohorts.end_allocation(by=here.admin, allocation=held))
    leave = lambda by, why="Moved away.": cohorts.withdraw_learner(  # noqa: E731 - said briefly
        by=by, learner_unit=here.unit, reason=why
    )
    refused("withdraws learners", lambda: leave(here.tutor.user), NotYours)
    refused("Say why the learner is withdrawn", lambda: leave(here.admin, "\u200b \n"))
    leave(here.admin)
    refused("only while it is in progress", lambda: leave(here.admin))


# -- Evidence and submissions ------------------------------------------------------------------------------------------


def test_what_is_refused_of_evidence(here: Scene) -> None:
    unit, learner = here.unit, here.unit.learner.user
    refused("Write something", lambda: evidence.keep_text(learner, unit, " \u2060\n"))
    link = lambda url="https://example.org", what="A map.", on=TODAY: evidence.keep_link(  # noqa: E731 - said briefly
        learner, unit, url, what, on
    )
    refused("beginning with https", lambda: link("javascript:alert(1)"))
    refused("still to come", lambda: link(on=clock.now().date() + dt.timedelta(days=3)))
    refused("Say what is there", lambda: link(what="\u200b"))
    assert link().kind == "link"
    kept = evidence.keep_text(learner, unit, "What I saw.")
    refused("a title", lambda: evidence.add_evidence(by=learner, learner_unit=unit, title=" \u200b ", kept=kept))
    refused("Only the learner", lambda: evidence.keep_text(here.tutor.user, unit, "Mine."), NotYours)
    item = make.text(unit)
    elsewhere = make.criteria(make.learner_unit(make.cohort(spec=make.specification(make.HOUSE))))[0]
    mapped = lambda why, criterion=here.first: evidence.map_evidence(  # noqa: E731 - said briefly
        by=learner, version=make.latest(item), reasons=[(criterion, why)]
    )
    refused("another unit", lambda: mapped("It shows it.", elsewhere))
    refused(r"how this shows 1\.1", lambda: mapped("  "))
    make.submission(unit, here.first)
    handed_in = unit.evidence.exclude(pk=item.pk).get()
    refused("stays as it is", lambda: evidence.rename_evidence(by=learner, item=handed_in, title="Another"))
    refused("stays as it is", lambda: evidence.remove_evidence(by=learner, item=handed_in))


def test_evidence_can_be_renamed_remapped_and_removed_while_nothing_was_submitted(here: Scene) -> None:
    learner = here.unit.learner.user
    first, second, *_ = make.criteria(here.unit)
    version = make.mapped(here.unit, first, second)
    draft = make.draft(here.unit, first, version=version)
    evidence.map_evidence(by=learner, version=version, reasons=[(first, "The third line shows it.")])
    assert make.status(here.unit, second) == "not_started"
    assert version.links.get().why == "The third line shows it."
    evidence.map_evidence(by=learner, version=version, reasons=[(first, "The third line shows it.")])
    assert version.links.get().why == "The third line shows it."
    evidence.map_evidence(by=learner, version=version, reasons=[])
    assert not draft.evidence.exists()
    evidence.map_evidence(by=learner, version=version, reasons=[(second, "It shows it.")])
    item = evidence.rename_evidence(by=learner, item=version.item, title="  A  better title ")
    assert item.title == "A better title"
    evidence.remove_evidence(by=learner, item=item)
    assert make.status(here.unit, second) == "not_started"


def test_what_is_refused_of_submissions(here: Scene) -> None:
    unit, learner = here.unit, here.unit.learner.user
    other = make.learner_unit(unit.cohort)
    theirs = list(make.mapped(other, here.first).links.order_by("pk"))
    foreign = make.criteria(make.learner_unit(make.cohort(spec=make.specification(make.HOUSE))))
    draft = lambda criteria, links: submissions.draft_submission(  # noqa: E731 - said briefly
        by=learner, learner_unit=unit, criteria=criteria, links=links
    )
    refused("evidence belongs to another unit", lambda: draft([here.first], theirs))
    refused("criterion belongs to another unit", lambda: draft(foreign[:1], []))
    empty = draft([], [])
    send = lambda made, declared=True, others="none", ai=False, text="": submissions.submit(  # noqa: E731 - said briefly
        by=learner, submission=made, declared=declared, others=others, ai_used=ai, ai_text=text
    )
    refused("Choose at least one criterion", lambda: send(empty))
    bare = draft([here.first], [])
    refused(r"1\.1 has no evidence in this submission", lambda: send(bare))
    ready = make.draft(unit, here.first)
    refused("Declare that the work is your own", lambda: send(ready, declared=False))
    for others in ("", "perhaps"):
        refused("could name other people", lambda: send(ready, others=others))  # noqa: B023 - called at once
    refused("which AI tool", lambda: send(ready, ai=True, text=" \u200b"))
    handed_in = send(ready)
    refused("submitted already", lambda: send(handed_in))
    again = make.draft(unit, here.first)
    refused(r"1\.1 is with your tutor already", lambda: send(again))
    make.marked(handed_in, here.tutor.user)
    refused(r"1\.1 is met already", lambda: send(again))
    refused("Marking has started", lambda: submissions.withdraw_submission(by=learner, submission=handed_in))
    back = lambda: submissions.return_submission(  # noqa: E731 - said briefly
        by=here.tutor.user, submission=handed_in, reason="Another file."
    )
    refused("nobody has started to mark", back)


def test_what_cannot_be_opened_is_not_handed_in(here: Scene) -> None:
    version = make.mapped(here.unit, here.first)
    draft = make.draft(here.unit, here.first, version=version)
    EvidenceVersion.objects.filter(pk=version.pk).update(state="quarantined")
    assert submissions.missing_from(draft) == [f"{version.item.title} cannot be opened. Add it again as a new version."]


def test_a_criterion_that_waits_for_a_countersignature_is_with_the_centre(here: Scene) -> None:
    trainee = make.staff(here.unit.cohort, "tutor", trainee=True, countersigner=here.tutor)
    make.decision(make.submission(here.unit, here.first), here.first, trainee.user)
    again = make.draft(here.unit, here.first)
    assert submissions.missing_from(again) == ["1.1 is with your centre already."]


def test_a_learner_whose_role_ended_hands_nothing_in_and_reads_on(here: Scene) -> None:
    version = make.mapped(here.unit, here.first)
    people.end_role(by=here.admin, grant=here.unit.learner.grants.get(role="learner"))
    people.grant_role(by=here.admin, membership=here.unit.learner, role="eqa")
    learner = make.fresh(here.unit.learner.user)
    refused("not a learner at this centre any more", lambda: evidence.keep_text(learner, here.unit, "Late."), NotYours)
    assert list(EvidenceVersion.objects.visible_to(learner)) == [version]


def test_an_administrator_reads_no_evidence(here: Scene) -> None:
    version = make.mapped(here.unit, here.first)
    verdict = can_read_version(here.admin, version)
    assert (bool(verdict), verdict.reason) == (False, "This evidence is not yours to read.")


def test_who_decides_is_asked_of_each_person_also_on_a_row_that_another_read(here: Scene) -> None:
    handed_in = make.submission(here.unit)  # its learner-unit was read, and locked, for the learner
    for reviewers in (None, set[int]()):
        assert can_decide(here.tutor.user, handed_in, here.first.pk, reviewers)
        assert not can_decide(here.iqa.user, handed_in, here.first.pk, reviewers)


# -- Decisions ---------------------------------------------------------------------------------------------------------


def test_what_is_refused_of_decisions(here: Scene) -> None:
    handed_in = make.submission(here.unit)
    first, second, *_ = make.criteria(here.unit)
    tutor = here.tutor.user
    refused("Met or Not yet met", lambda: make.decision(handed_in, first, tutor, "perhaps"))
    foreign = make.criteria(make.learner_unit(make.cohort(spec=make.specification(make.HOUSE))))[0]
    refused("another unit", lambda: make.decision(handed_in, foreign, tutor))
    made = make.decision(handed_in, first, tutor)
    refused("decided this while you were writing", lambda: make.decision(handed_in, first, tutor), Stale)
    colleague = make.staff(here.unit.cohort, "tutor")
    withdraw = lambda by: decisions.withdraw_decision(by=by, decision=made)  # noqa: E731 - said briefly
    refused("Only the tutor who decided", lambda: withdraw(colleague.user), NotYours)
    refused("Only a tutor allocated", lambda: withdraw(here.iqa.user), NotYours)
    withdraw(tutor)
    refused("withdrawn already", lambda: withdraw(tutor))
    refused("no feedback of yours", lambda: decisions.release_feedback(by=colleague.user, submission=handed_in))
    released = make.decision(handed_in, second, tutor)
    decisions.release_feedback(by=tutor, submission=handed_in, decision=released)
    refused("has this feedback", lambda: decisions.withdraw_decision(by=tutor, decision=released))
    refused("no feedback of yours", lambda: decisions.release_feedback(by=tutor, submission=handed_in))


def test_what_is_refused_of_an_older_submission(here: Scene) -> None:
    tutor = here.tutor.user
    old = make.marked(make.submission(here.unit, here.first), tutor, "not_yet_met")
    seen = old.decisions.get()
    again = make.submission(here.unit, here.first)
    change = lambda: make.decision(old, here.first, tutor, supersedes=seen)  # noqa: E731 - said briefly
    refused("newer submission claims", change)
    make.decision(again, here.first, tutor)
    refused("later submission decided", change)


def test_what_is_refused_of_countersignatures(here: Scene) -> None:
    cohort, unit = here.unit.cohort, here.unit
    trainee = make.staff(cohort, "tutor", trainee=True, countersigner=here.tutor)
    second_trainee = make.staff(cohort, "tutor", trainee=True, countersigner=here.tutor)
    apart = make.staff(cohort, "tutor", allocate=False)
    first, second, *_ = make.criteria(unit)
    handed_in = make.submission(unit)
    met = make.decision(handed_in, first, trainee.user)
    unmet = make.decision(handed_in, second, trainee.user, "not_yet_met")

    def sign(by: Membership, what: Decision = met, outcome: str = "confirmed") -> Callable[[], object]:
        return lambda: decisions.countersign(by=by.user, decision=what, outcome=outcome, feedback="")

    refused("Only a qualified tutor", sign(here.iqa), NotYours)
    refused("does not countersign", sign(second_trainee), NotYours)
    refused("named countersigner", sign(apart), NotYours)
    refused("Only a trainee tutor's Met", sign(here.tutor, unmet))
    refused("confirm or decline", sign(here.tutor, outcome="perhaps"))
    refused("why you decline", sign(here.tutor, outcome="declined"))
    sign(here.tutor)()
    refused("has its countersignature", sign(here.tutor))
    refused("is countersigned", lambda: decisions.withdraw_decision(by=trainee.user, decision=met))
    gone = make.decision(handed_in, make.criteria(unit)[2], trainee.user)
    decisions.withdraw_decision(by=trainee.user, decision=gone)
    refused("does not count any more", sign(here.tutor, gone))
    own = make.decision(make.submission(make.learner_unit(cohort)), first, here.tutor.user)
    refused("Nobody countersigns their own", sign(here.tutor, own), NotYours)


def test_a_tutor_who_learns_does_not_assess_their_own_work(here: Scene) -> None:
    both = make.staff(here.unit.cohort, "tutor", roles=("tutor", "learner"))
    own = make.learner_unit(here.unit.cohort, both)
    handed_in = make.submission(own)
    refused("assesses their own work", lambda: make.decision(handed_in, here.first, both.user), NotYours)


def test_what_is_refused_of_signing_off_and_reopening(here: Scene) -> None:
    unit, tutor, lead = here.unit, here.tutor.user, here.lead.user
    sign = lambda by=tutor: decisions.sign_off(by=by, learner_unit=unit)  # noqa: E731 - said briefly
    trainee = make.staff(unit.cohort, "tutor", trainee=True, countersigner=here.tutor)
    refused(r"3 criteria are not met yet: 1\.1, 1\.2 and 2\.1", sign)
    refused("trainee tutor does not sign", lambda: sign(trainee.user), NotYours)
    reopen = lambda by=lead, **more: decisions.reopen(  # noqa: E731 - said briefly
        by=by, learner_unit=unit, reason="To look again.", **more
    )
    refused("Only a signed-off unit", reopen)
    make.marked(make.submission(unit), tutor)
    hold = quality.place_hold(by=lead, learner_unit=unit, reason="A question.")
    refused("on hold", sign)
    refused("lifts a hold", lambda: quality.lift_hold(by=tutor, hold=hold, reason="Done."), NotYours)
    refused("puts a unit on hold", lambda: quality.place_hold(by=tutor, learner_unit=unit, reason="Why."), NotYours)
    quality.lift_hold(by=lead, hold=hold, reason="Answered.")
    refused("lifted already", lambda: quality.lift_hold(by=lead, hold=hold, reason="Again."))
    sign()
    refused("Signed off|signed off", sign)
    refused("Only the lead IQA reopens", lambda: reopen(tutor), NotYours)
    item = make.reviewed(make.item(unit.cohort, here.iqa, here.lead))
    agreed = Review.objects.filter(item=item).earliest("pk")
    refused("does not ask for reopening", lambda: reopen(review=agreed))
    reviews.close_item(by=here.iqa.user, item=item)
    quality.release_unit(by=here.iqa.user, item=item)
    refused("in progress or signed off", lambda: quality.place_hold(by=lead, learner_unit=unit, reason="Late."))
    unit.refresh_from_db()
    learner = unit.learner.user
    refused("evidence cannot change", lambda: evidence.keep_text(learner, unit, "Late."))


# -- Quality -----------------------------------------------------------------------------------------------------------


def test_what_is_refused_of_plans(here: Scene) -> None:
    cohort, iqa, lead = here.unit.cohort, here.iqa, here.lead
    rules = make.rules(iqa, 1)

    def draft(**more: Any) -> Callable[[], object]:
        return lambda: quality.draft_plan(by=iqa.user, cohort=cohort, rules=replace(rules, **more))

    refused("ends before it begins", draft(period_until=rules.period_from - dt.timedelta(days=1)))
    refused("1 or more", draft(size=0))
    refused("Choose the tutor", draft(method="tutor"))
    refused("does not belong to this centre", draft(reviewer=here.stranger))
    refused("is not an IQA", draft(reviewer=here.tutor))
    refused("Only an IQA", lambda: quality.draft_plan(by=here.tutor.user, cohort=cohort, rules=rules), NotYours)
    plan = make.plan(cohort, iqa)
    refused("Only the lead IQA", lambda: quality.approve_plan(by=iqa.user, plan=plan), NotYours)
    refused("waits for sampling", lambda: quality.approve_plan(by=lead.user, plan=plan))
    refused("Only an approved plan", lambda: quality.complete_plan(by=lead.user, plan=plan))
    refused("Only the lead IQA", lambda: quality.complete_plan(by=iqa.user, plan=plan), NotYours)
    make.signed_off(here.unit, here.tutor.user)
    other = make.staff(cohort, "tutor")
    theirs = make.plan(cohort, iqa, size=0, method="tutor", tutor=other)
    refused("signed nothing off", lambda: quality.approve_plan(by=lead.user, plan=theirs))


def test_a_lead_who_decided_in_the_population_does_not_approve(here: Scene) -> None:
    both = make.staff(here.unit.cohort, "tutor", roles=("tutor", "lead_iqa"))
    make.signed_off(here.unit, both.user)
    plan = make.plan(here.unit.cohort, here.iqa)
    refused("another lead IQA approves", lambda: quality.approve_plan(by=both.user, plan=plan), NotYours)


def test_what_is_refused_of_items_and_reviews(here: Scene) -> None:  # noqa: PLR0915 - one item, from draw to close
    unit, cohort, iqa, lead = here.unit, here.unit.cohort, here.iqa, here.lead
    other = make.learner_unit(cohort)
    make.signed_off(unit, here.tutor.user)
    item = make.item(cohort, iqa, lead)
    colleague = make.staff(cohort, "iqa", roles=("iqa", "tutor"))
    make.allocation(cohort, colleague, "tutor")
    elsewhere = make.decision(make.submission(other), here.first, here.tutor.user)
    first, second, third = (row.current for row in unit.statuses.select_related("current").order_by("position"))

    def review(by: Membership = iqa, what: Any = first, outcome: str = "agreed", **more: Any) -> Callable[[], object]:
        return lambda: reviews.review_decision(by=by.user, item=item, decision=what, outcome=outcome, **more)

    def assign(to: Membership, by: Membership = lead) -> Callable[[], object]:
        return lambda: quality.assign_reviewer(by=by.user, item=item, reviewer=to)

    refused("Only the lead IQA assigns", assign(colleague, iqa), NotYours)
    refused("is not an IQA", assign(here.tutor))
    refused("is not an IQA", assign(here.stranger))
    refused("Another IQA reviews", review(colleague), NotYours)
    refused("Only an IQA reviews", review(here.tutor), NotYours)
    refused("another learner", review(what=elsewhere), NotYours)
    refused("Choose an outcome", review(outcome="perhaps"))
    refused("feedback for the tutor", review(outcome="agreed_with_advice", feedback=" "))
    refused("what the tutor must do", review(outcome="action_required", feedback="Thin.", action="\u200b"))
    refused("Review every criterion first", lambda: reviews.close_item(by=iqa.user, item=item))
    refused("Close the item first", lambda: quality.release_unit(by=iqa.user, item=item))
    review()()
    refused("reviewed this decision already", review())
    refused("the reviewer stays", assign(colleague))
    review(what=second)()
    review(what=third, outcome="not_agreed", feedback="Missing.", action="Add it.")()
    point, disagreement = ActionPoint.objects.get(), Review.objects.get(outcome="not_agreed")
    close = lambda: reviews.close_item(by=iqa.user, item=item)  # noqa: E731 - said briefly
    refused("action point is still open", close)
    hold = disagreement.hold
    refused("Reopen the unit or adjudicate", lambda: quality.lift_hold(by=lead.user, hold=hold, reason="Done."))
    judge = lambda outcome="closed", text="": reviews.judge_answer(  # noqa: E731 - said briefly
        by=iqa.user, action_point=point, outcome=outcome, text=text
    )
    refused("has not answered yet", judge)
    answer = lambda by=here.tutor: reviews.answer_action_point(  # noqa: E731 - said briefly
        by=by.user, action_point=point, text="Added."
    )
    refused("Only the tutor it is for", lambda: answer(colleague), NotYours)
    answer()
    refused("has its answer", answer)
    refused("close or reopen", lambda: judge("perhaps"))
    refused("what is still missing", lambda: judge("reopened"))
    judge()
    refused("closed already", judge)
    refused("still stands", close)
    settle = lambda by, why="It stands.": quality.adjudicate(by=by.user, review=disagreement, reason=why)  # noqa: E731
    refused("Only the lead IQA adjudicates", lambda: settle(iqa), NotYours)
    refused("why the decision stands", lambda: settle(lead, " "))
    settle(lead)
    refused("does not wait for adjudication", lambda: settle(lead))
    refused("Write the report", close)
    make.report(item)
    close()
    refused("This item is closed", review(what=second))
    refused("closed already", close)
    refused("1 sampled unit is not released", lambda: quality.complete_plan(by=lead.user, plan=item.plan))


def test_a_reopened_unit_holds_up_its_item(here: Scene) -> None:
    make.signed_off(here.unit, here.tutor.user)
    item = make.reviewed(make.item(here.unit.cohort, here.iqa, here.lead))
    decisions.reopen(by=here.lead.user, learner_unit=here.unit, reason="To look again.")
    refused("closes after the new sign-off", lambda: reviews.close_item(by=here.iqa.user, item=item))
    current = Decision.objects.earliest("pk")
    again = lambda: reviews.review_decision(  # noqa: E731 - said briefly
        by=here.iqa.user, item=item, decision=current, outcome="agreed"
    )
    refused("goes on after the new sign-off", again)
    refused("1 of 1 items is not closed", lambda: quality.complete_plan(by=here.lead.user, plan=item.plan))


def test_who_decided_or_countersigned_since_reviews_no_more(here: Scene) -> None:
    cohort, unit, lead = here.unit.cohort, here.unit, here.lead.user
    both = make.staff(cohort, "iqa", roles=("iqa", "tutor"))
    trainee = make.staff(cohort, "tutor", trainee=True, countersigner=both)
    make.signed_off(unit, here.tutor.user)
    item = make.item(cohort, both, here.lead)
    first, second, third = (row.current for row in unit.statuses.select_related("current").order_by("position"))
    reviews.review_decision(by=both.user, item=item, decision=first, outcome="agreed")
    decisions.reopen(by=lead, learner_unit=unit, reason="To look again.")
    make.allocation(cohort, both, "tutor")
    submission, criteria = first.submission, make.criteria(unit)
    refused("You reviewed this criterion", lambda: make.decision(submission, criteria[0], both.user), NotYours)
    newest = make.decision(submission, criteria[0], trainee.user, supersedes=first)
    sign = lambda what: decisions.countersign(by=both.user, decision=what, outcome="confirmed")  # noqa: E731
    refused("You reviewed this criterion", lambda: sign(newest), NotYours)
    assert not waiting.decisions_to_countersign(make.fresh(both.user)).exists()
    assert not marking.to_countersign(make.fresh(both.user))
    assert waiting.decisions_to_countersign(make.fresh(here.tutor.user)).get() == newest
    decisions.countersign(by=here.tutor.user, decision=newest, outcome="confirmed")
    own = make.decision(submission, criteria[1], both.user, supersedes=second)
    signed = make.decision(submission, criteria[2], trainee.user, supersedes=third)
    sign(signed)
    for by in (both, trainee):
        decisions.release_feedback(by=by.user, submission=submission)
    decisions.sign_off(by=here.tutor.user, learner_unit=unit)
    review = lambda what: reviews.review_decision(  # noqa: E731 - said briefly
        by=both.user, item=item, decision=what, outcome="agreed"
    )
    refused("You decided this criterion", lambda: review(own), NotYours)
    refused("You countersigned this criterion", lambda: review(signed), NotYours)


def test_a_decision_reviewed_in_two_plans_is_one_decision_with_two_reviews(here: Scene) -> None:
    make.signed_off(here.unit, here.tutor.user)
    item = make.reviewed(make.item(here.unit.cohort, here.iqa, here.lead))
    second = make.plan(here.unit.cohort, here.iqa)
    again = SampleItem.objects.create(
        centre=here.unit.centre, plan=second, learner_unit=here.unit, position=1, key="0" * 64, reviewer=here.iqa
    )
    decision = item.reviews.earliest("pk").decision
    Review.objects.create(
        centre=here.unit.centre,
        by=here.iqa,
        role="iqa",
        item=again,
        decision=decision,
        outcome="agreed",
        at=clock.now(),
    )
    found = derive.decisions_on(here.unit.pk, decision.criterion_id)[decision.criterion_id]
    assert [len(judged.reviews) for judged in found] == [2]
    client = Client()
    client.force_login(make.fresh(here.iqa.user))
    desk = client.get(reverse("marking-desk", args=(decision.submission.uid, decision.criterion.number)))
    assert desk.status_code == 200


def test_a_unit_is_not_signed_off_over_a_superseding_decision_that_nobody_released(here: Scene) -> None:
    tutor = here.tutor.user
    handed_in = make.marked(make.submission(here.unit), tutor)
    old = handed_in.decisions.get(criterion=here.first)
    newest = make.decision(handed_in, here.first, tutor, supersedes=old)
    sign = lambda: decisions.sign_off(by=tutor, learner_unit=here.unit)  # noqa: E731 - said briefly
    refused(r"Release the feedback on 1\.1 first", sign)
    item = SampleItem.objects.create(
        centre=here.unit.centre,
        plan=make.plan(here.unit.cohort, here.iqa),
        learner_unit=here.unit,
        position=1,
        key="0" * 64,
        reviewer=here.iqa,
    )
    Review.objects.create(
        centre=here.unit.centre, by=here.iqa, role="iqa", item=item, decision=newest, outcome="agreed", at=clock.now()
    )
    refused("was reviewed", lambda: decisions.withdraw_decision(by=tutor, decision=newest))
    decisions.release_feedback(by=tutor, submission=handed_in)
    sign()


# -- Time --------------------------------------------------------------------------------------------------------------


def test_only_a_demo_centre_is_built_at_past_instants(here: Scene) -> None:
    before = LedgerEntry.objects.count()
    with clock.travel(clock.now()), pytest.raises(ImproperlyConfigured, match="demo centre"):
        cohorts.make_cohort(
            by=here.admin,
            centre=here.unit.centre,
            name="Past",
            specification=here.unit.specification,
            starts_on=TODAY,
        )
    assert LedgerEntry.objects.count() == before
    with clock.travel(clock.now() - dt.timedelta(days=1)):
        demo = people.found_centre(name="A demo", admin_email="a@demo.example", admin_name="Ada", demo=True)
    assert LedgerEntry.objects.latest("pk").at < clock.now() - dt.timedelta(hours=23)
    assert demo.demo


def test_a_learner_unit_that_is_not_there_is_not_locked(here: Scene) -> None:
    unit = make.learner_unit()
    with pytest.raises(LearnerUnit.DoesNotExist):
        lock_learner_unit(unit.pk + 1, unit.learner.user)
