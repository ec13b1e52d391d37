"""Today: what waits for each role, in which order, one click away, and what it costs."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from assessment.models import ActionPoint, LearnerUnit
from assessment.workflow import cohorts, decisions, quality, reviews, submissions
from assessment.workflow.standardisation import open_discussion
from courseware.people.models import User
from courseware.people.workflow import end_membership, end_role
from tests import make
from tests.people_builders import administrator_of, make_centre, make_member
from tests.standardisation_builders import items_of, judge
from tests.standardisation_builders import scene as standardisation
from tests.study_pages import U412, client_of, cost_of, main_of, own_unit_of, page_of

pytestmark = pytest.mark.django_db

ROLES = ("learner", "tutor", "iqa", "lead_iqa", "eqa", "admin")


def opens(user: User, address: str) -> bool:
    """Whether `address` stands on Today and the page behind it is there for `user`."""
    assert f'href="{address}"' in page_of(user, "/"), address
    return client_of(user).get(address, follow=True).status_code == 200


# -- The learner -------------------------------------------------------------------------------------------------------


def test_a_new_learner_is_sent_to_the_first_lesson() -> None:
    unit = make.learner_unit()
    user = unit.learner.user
    words = main_of(user, "/")
    assert "One thing waits for you" in words
    assert "Start with 1.1, Leaves and water" in words
    assert "0 of 3 criteria met" in words
    assert opens(user, "/units/101/1.1/")


def test_what_waits_for_a_learner_stands_in_order() -> None:
    cohort = make.cohort(name="Tuesdays")
    tutor = make.staff(cohort, "tutor", name="Daniel Hughes")
    unit = make.learner_unit(cohort)
    user = unit.learner.user
    first, second, third = make.criteria(unit)
    make.draft(unit, third)
    assert "Finish your submission for 2.1" in main_of(user, "/")
    submissions.submit(by=user, submission=unit.submissions.get(), declared=True, others="none", ai_used=False)
    returned = unit.submissions.get()
    submissions.return_submission(by=tutor.user, submission=returned, reason="The sheet is empty.")
    make.marked(make.submission(unit, second), tutor.user, "not_yet_met")
    make.mapped(unit, first)
    words = main_of(user, "/")
    order = ("Submit 2.1 again", "Add what is missing for 1.2", "Submit what you have for 1.1")
    assert [words.index(title) for title in order] == sorted(words.index(title) for title in order)
    assert "Three things wait for you" in words
    assert "The sheet is empty." in words
    assert "Daniel Hughes gave you feedback on attempt 1." in words
    assert "Your tutor returned 2.1 unmarked." in words
    assert page_of(user, "/").count("btn--primary") == 1
    for address in (
        f"/submissions/{returned.uid}/",
        f"/evidence/{unit.uid}/write/?criterion=1.2",
        "/units/101/1.2/#feedback",
        f"/submissions/{unit.uid}/new/?criterion=1.1",
        "/units/101/",
    ):
        assert opens(user, address), address


def test_a_new_version_after_feedback_is_submitted_not_asked_for_again() -> None:
    cohort = make.cohort()
    tutor = make.staff(cohort, "tutor")
    unit = make.learner_unit(cohort)
    first, second, _ = make.criteria(unit)
    make.marked(make.submission(unit, first, second), tutor.user, "not_yet_met")
    make.mapped(unit, first)
    words = main_of(unit.learner.user, "/")
    assert "Submit 1.1 again" in words
    assert "Add what is missing for 1.2" in words
    make.draft(unit, first)
    assert "Submit 1.1 again" not in main_of(unit.learner.user, "/")


def test_an_empty_draft_submission_is_gone_on_with() -> None:
    unit = make.learner_unit()
    submissions.draft_submission(by=unit.learner.user, learner_unit=unit, criteria=[], links=[])
    assert "Finish your submission" in main_of(unit.learner.user, "/")


def test_what_the_centre_has_is_listed_with_its_day() -> None:
    unit = make.learner_unit()
    make.submission(unit)
    words = main_of(unit.learner.user, "/")
    assert "Nothing waits for you" in words
    assert words.count("Awaiting marking") == 3
    assert "You submitted 1.1, 1.2 and 2.1." in words


def test_many_criteria_are_counted_rather_than_listed() -> None:
    unit = make.learner_unit(make.cohort(spec=make.specification(U412)))
    make.submission(unit)
    assert "You submitted 17 criteria." in main_of(unit.learner.user, "/")


def test_a_learner_with_nothing_to_do_hears_why() -> None:
    cohort = make.cohort()
    tutor = make.staff(cohort, "tutor")
    unit = make.learner_unit(cohort)
    make.marked(make.submission(unit), tutor.user)
    assert "Your tutor signs unit 101 off next" in main_of(unit.learner.user, "/")
    decisions.sign_off(by=tutor.user, learner_unit=unit)
    assert "Quality assurance looks at it now" in main_of(unit.learner.user, "/")


def test_a_learner_in_no_cohort_hears_what_comes() -> None:
    member = make_member(make_centre(), "learner")
    assert "No unit yet Your centre adds you to a cohort" in main_of(member.user, "/")


def test_somebody_who_took_two_units_reads_which() -> None:
    unit = make.learner_unit()
    make.learner_unit(make.cohort(unit.centre, own_unit_of(unit.centre, "900")), unit.learner)
    make.submission(unit, make.criteria(unit)[0])
    words = main_of(unit.learner.user, "/")
    assert "Unit 900 0 of 1" in words
    assert "900 Start with 1.1, It" in words
    assert "Unit 101, 1.1 Leaves and water" in words


# -- The tutor ---------------------------------------------------------------------------------------------------------


def test_what_waits_for_a_tutor_is_one_click_away() -> None:
    cohort = make.cohort()
    tutor = make.staff(cohort, "tutor", name="Sunita Rao")
    trainee = make.staff(cohort, "tutor", trainee=True, countersigner=tutor, name="Beth Carver")
    user = tutor.user
    assert "Nothing to mark" in main_of(user, "/")

    waiting = make.learner_unit(cohort, name="Maya Okafor")
    handed_in = make.submission(waiting)
    words = main_of(user, "/")
    assert "Mark three criteria of Maya Okafor" in words
    assert opens(user, f"/marking/{handed_in.uid}/")

    first, second, _ = make.criteria(waiting)
    make.decision(handed_in, first, user)
    words = main_of(user, "/")
    assert "Mark two criteria of Maya Okafor" in words
    assert "Release one decision to Maya Okafor" in words
    assert opens(user, f"/marking/{handed_in.uid}/release/")

    met = make.decision(handed_in, second, trainee.user)
    assert "Countersign 1.2 of Maya Okafor Beth Carver, trainee tutor" in main_of(user, "/")
    assert opens(user, f"/marking/decisions/{met.uid}/countersign/")
    assert "Countersign" not in main_of(trainee.user, "/")
    assert "Release" not in main_of(trainee.user, "/")
    decisions.countersign(by=user, decision=met, outcome="confirmed")
    assert "Release one decision to Maya Okafor" in main_of(trainee.user, "/")

    ready = make.learner_unit(cohort, name="Jo Park")
    make.marked(make.submission(ready), user)
    assert "Sign off unit 101 of Jo Park" in main_of(user, "/")
    assert "Sign off" not in main_of(trainee.user, "/")
    assert opens(user, f"/learner-units/{ready.uid}/")
    quality.place_hold(by=make.staff(cohort, "lead_iqa").user, learner_unit=ready, reason="A question of identity.")
    assert "Sign off" not in main_of(user, "/")


def test_the_longest_wait_comes_first_and_the_rest_is_counted() -> None:
    cohort = make.cohort()
    tutor = make.staff(cohort, "tutor")
    names = [f"Learner {letter}" for letter in "GFEDCBA"]
    for name in names:
        make.submission(make.learner_unit(cohort, name=name))
    words = main_of(tutor.user, "/")
    assert [words.index(name) for name in names[:5]] == sorted(words.index(name) for name in names[:5])
    assert "Learner A" not in words
    assert "Two more after these. See the whole marking queue" in words
    assert "Seven things wait for you" in words


def test_an_open_action_point_waits_for_its_tutor_and_the_answer_for_the_iqa() -> None:
    cohort = make.cohort()
    tutor, iqa, lead = (make.staff(cohort, role) for role in ("tutor", "iqa", "lead_iqa"))
    make.signed_off(make.learner_unit(cohort, name="Maya Okafor"), tutor.user)
    item = make.reviewed(make.item(cohort, iqa, lead), "action_required")
    points = list(ActionPoint.objects.order_by("pk"))
    assert "Answer the action point on 1.1 of Maya Okafor" in main_of(tutor.user, "/")
    assert opens(tutor.user, f"/quality/action-points/{points[0].uid}/")
    assert "Close the item" not in main_of(iqa.user, "/")
    for point in points:
        reviews.answer_action_point(by=tutor.user, action_point=point, text="Done.")
    assert "Answer the action point" not in main_of(tutor.user, "/")
    assert "Read the answer on 1.1 of Maya Okafor" in main_of(iqa.user, "/")
    assert opens(iqa.user, f"/quality/action-points/{points[0].uid}/")
    for point in points:
        reviews.judge_answer(by=iqa.user, action_point=point, outcome="closed")
    assert "Close the item on unit 101 of Maya Okafor" in main_of(iqa.user, "/")
    reviews.close_item(by=iqa.user, item=item)
    assert "Release unit 101 of Maya Okafor" in main_of(iqa.user, "/")
    quality.release_unit(by=iqa.user, item=item)
    assert "Nothing to review" in main_of(iqa.user, "/")


# -- Quality assurers --------------------------------------------------------------------------------------------------


def test_what_waits_for_the_lead_iqa_from_sign_off_to_the_end_of_the_plan() -> None:
    cohort = make.cohort(name="Tuesdays")
    tutor, iqa, lead = (make.staff(cohort, role) for role in ("tutor", "iqa", "lead_iqa"))
    assert "Nothing to approve or settle" in main_of(lead.user, "/")
    for name in ("Maya Okafor", "Jo Park"):
        make.signed_off(make.learner_unit(cohort, name=name), tutor.user)
    words = main_of(lead.user, "/")
    assert "Two signed-off units of Tuesdays are in no plan" in words
    assert "One thing waits for you" in words
    assert opens(lead.user, f"/quality/plans/add/{cohort.uid}/")
    assert "in no plan" not in main_of(iqa.user, "/")

    plan = make.plan(cohort, iqa)
    assert "Approve the plan for Tuesdays" in main_of(lead.user, "/")
    assert opens(lead.user, f"/quality/plans/{plan.uid}/")
    quality.approve_plan(by=lead.user, plan=plan)
    assert "Nothing to approve or settle" in main_of(lead.user, "/")
    item = plan.items.get()
    assert "Review unit 101 of" in main_of(iqa.user, "/")
    assert opens(iqa.user, f"/quality/items/{item.uid}/")
    make.signed_off(make.learner_unit(cohort), tutor.user)
    assert "One signed-off unit of Tuesdays is in no plan" in main_of(lead.user, "/")

    reviews.close_item(by=iqa.user, item=make.reviewed(item))
    quality.release_unit(by=iqa.user, item=item)
    assert "Complete the plan for Tuesdays" in main_of(lead.user, "/")


def test_a_disagreement_waits_for_the_lead_iqa() -> None:
    cohort = make.cohort()
    tutor, iqa, lead = (make.staff(cohort, role) for role in ("tutor", "iqa", "lead_iqa"))
    unit = make.learner_unit(cohort, name="Maya Okafor")
    make.signed_off(unit, tutor.user)
    item = make.item(cohort, iqa, lead)
    current = unit.statuses.select_related("current").earliest("position").current
    review = reviews.review_decision(
        by=iqa.user, item=item, decision=current, outcome="not_agreed", feedback="No example.", action="Ask for it."
    )
    assert "Settle the disagreement on 1.1 of Maya Okafor" in main_of(lead.user, "/")
    assert opens(lead.user, f"/quality/reviews/{review.uid}/adjudicate/")
    decisions.reopen(by=lead.user, learner_unit=unit, reason="The IQA is right.", review=review)
    assert "Settle" not in main_of(lead.user, "/")
    assert "Review unit" not in main_of(iqa.user, "/")


# -- The office --------------------------------------------------------------------------------------------------------


def test_an_exercise_waits_for_each_who_was_invited_until_they_have_judged_all_of_it() -> None:
    here = standardisation()
    both = make.staff(here.cohort, "tutor", roles=("tutor", "iqa"), name="Both Hats")
    exercise = here.opened(members=[here.daniel, here.martin, both])
    says, address = f"Judge the work in “{exercise.title}”", reverse("standardisation", args=(exercise.uid,))
    for member in (here.daniel, here.martin, both):
        shown = page_of(make.fresh(member.user), "/")
        assert says in shown
        assert shown.count(f'href="{address}"') == 1, "in one role alone"
    assert says not in page_of(make.fresh(here.helen.user), "/"), "who runs it and was not invited"
    first, second = items_of(exercise)
    judge(first, here.daniel)
    assert says in page_of(make.fresh(here.daniel.user), "/")
    judge(second, here.daniel)
    assert says not in page_of(make.fresh(here.daniel.user), "/")
    open_discussion(by=here.martin.user, exercise=exercise, reason="Nobody else comes.")
    assert says not in page_of(make.fresh(here.martin.user), "/")


def test_an_administrator_hears_of_what_is_not_in_place() -> None:
    centre = make_centre()
    admin = administrator_of(centre)
    assert "Everything is in its place" in main_of(admin, "/")
    cohort = make.cohort(centre, make.specification(U412), "Tuesdays")
    learner = make_member(centre, "learner", name="Maya Okafor")
    words = main_of(admin, "/")
    assert "Tuesdays has no tutor" in words
    assert "Maya Okafor is in no cohort" in words
    assert "The review date of unit 412 has passed Retention Marketing: one cohort takes it." in words
    for address in (f"/cohorts/{cohort.uid}/staff/add/", "/cohorts/", "/units/412/"):
        assert opens(admin, address), address
    make.staff(cohort, "tutor")
    make.learner_unit(cohort, learner)
    words = main_of(admin, "/")
    assert "has no tutor" not in words
    assert "in no cohort" not in words


def test_a_cohort_that_has_ended_needs_no_tutor() -> None:
    centre = make_centre()
    admin = administrator_of(centre)
    cohorts.make_cohort(
        by=admin,
        centre=centre,
        name="Long over",
        specification=make.specification(),
        starts_on=dt.date(2020, 1, 1),
        ends_on=dt.date(2020, 6, 1),
    )
    assert "Everything is in its place" in main_of(admin, "/")


def test_an_eqa_is_led_to_the_cohorts_that_were_opened() -> None:
    cohort = make.cohort(name="Tuesdays")
    stranger = make_member(cohort.centre, "eqa")
    assert "No visit is open to you" in main_of(stranger.user, "/")
    eqa = make.staff(cohort, "eqa")
    words = main_of(eqa.user, "/")
    assert "Nothing waits for you" in words
    assert "Cohorts open to you 1 Tuesdays" in words
    assert opens(eqa.user, f"/cohorts/{cohort.uid}/")


# -- Everybody ---------------------------------------------------------------------------------------------------------


def test_somebody_with_no_role_left_is_told_so() -> None:
    member = make_member(make_centre(), "tutor")
    end_role(by=administrator_of(member.centre), grant=member.grants.get())
    words = main_of(member.user, "/")
    assert "Nothing is open to you here now" in words
    assert member.user.email in words


def test_a_learner_who_left_is_led_to_what_they_made() -> None:
    unit = make.learner_unit()
    end_membership(by=administrator_of(unit.centre), membership=unit.learner)
    words = main_of(unit.learner.user, "/")
    assert "Your work is here to read" in words
    assert opens(unit.learner.user, "/portfolio/")


def test_a_learner_who_was_withdrawn_hears_it() -> None:
    unit = make.learner_unit()
    cohorts.withdraw_learner(by=administrator_of(unit.centre), learner_unit=unit, reason="Moved away.")
    assert "You were withdrawn from this unit." in main_of(unit.learner.user, "/")


def test_what_waits_at_another_centre_is_counted_and_switched_to() -> None:
    here, there = make.cohort(make_centre("Aldgate College")), make.cohort(make_centre("Zebra College"))
    tutor = make.staff(here, "tutor")
    again = make_member(there.centre, "tutor", email=tutor.user.email)
    make.allocation(there, again, "tutor")
    make.submission(make.learner_unit(there, name="Over There"))
    words = main_of(tutor.user, "/")
    assert "Over There" not in words
    assert "Zebra College One thing waits for you there." in words
    client = client_of(tutor.user)
    client.post("/centre-switch/", {"centre": str(there.centre.uid)})
    assert "Over There" in client.get("/").content.decode()


# -- What it costs -----------------------------------------------------------------------------------------------------


def everything(cohort: make.Cohort) -> User:
    """Somebody with every role, who learns, marks, reviews, leads, looks in and runs the centre."""
    member = make_member(cohort.centre, *ROLES)
    for role in ("tutor", "iqa", "eqa"):
        make.allocation(cohort, member, role)
    own = make.learner_unit(cohort, member)
    make.mapped(own, make.criteria(own)[0])
    return member.user


def more_of_everything(cohort: make.Cohort, tutor: User) -> LearnerUnit:
    """One more of each kind of thing that waits."""
    first, *_ = make.criteria(unit := make.learner_unit(cohort))
    make.decision(make.submission(unit), first, tutor)
    make.signed_off(make.learner_unit(cohort), tutor)
    make_member(cohort.centre, "learner")
    make.cohort(cohort.centre, cohort.specification)
    return unit


def test_somebody_with_every_role_pays_twelve_statements_whatever_waits() -> None:
    cohort = make.cohort()
    user = everything(cohort)
    tutor = make.staff(cohort, "tutor")
    more_of_everything(cohort, tutor.user)
    assert cost_of(user, "/") == 12
    for _ in range(3):
        more_of_everything(cohort, tutor.user)
    assert cost_of(user, "/") == 12


@pytest.mark.parametrize(
    ("role", "statements"), [("learner", 7), ("tutor", 6), ("iqa", 6), ("lead_iqa", 8), ("eqa", 5), ("admin", 5)]
)
def test_each_role_pays_for_its_own(role: str, statements: int) -> None:
    cohort = make.cohort()
    member = make.staff(cohort, role)
    tutor = make.staff(cohort, "tutor")
    if role == "learner":
        own = make.learner_unit(cohort, member)
        make.mapped(own, make.criteria(own)[0])
    more_of_everything(cohort, tutor.user)
    one = cost_of(member.user, "/")
    for _ in range(3):
        more_of_everything(cohort, tutor.user)
    assert (one, cost_of(member.user, "/")) == (statements, statements)
