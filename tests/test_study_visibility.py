"""What a learner's pages must never tell: what is not released, what quality assurance says, and anybody else's."""

from __future__ import annotations

import re

import pytest

from assessment.models import LearnerUnit
from assessment.workflow import decisions, evidence, reviews
from tests import make
from tests.people_builders import make_centre
from tests.study_pages import page_of, words_of

pytestmark = pytest.mark.django_db

ADDRESSES = ("/", "/units/101/", "/units/101/1.1/", "/units/101/1.2/", "/portfolio/")
SECRET = "a-word-that-only-the-tutor-has-written"


def seen_by(unit: LearnerUnit) -> dict[str, str]:
    """Every page of the learner as they read it; the form tokens differ from one time to the next."""
    pages = {address: page_of(unit.learner.user, address) for address in ADDRESSES}
    return {address: re.sub(r'csrfmiddlewaretoken" value="\w+"', "", page) for address, page in pages.items()}


def in_assessment(pages: dict[str, str]) -> dict[str, str]:
    """The pages with the one thing that a first decision may change: the submission is in assessment."""
    return {
        address: re.sub(r"\s+", " ", words_of(page).replace("Submitted", "In assessment"))
        for address, page in pages.items()
    }


@pytest.mark.parametrize("outcome", ["met", "not_yet_met"])
def test_a_decision_changes_nothing_on_a_learners_pages_before_its_release(outcome: str) -> None:
    cohort = make.cohort()
    tutor = make.staff(cohort, "tutor")
    unit = make.learner_unit(cohort)
    first = make.criteria(unit)[0]
    handed_in = make.submission(unit, *make.criteria(unit)[:2])
    before = seen_by(unit)
    make.decision(handed_in, first, tutor.user, outcome, feedback=SECRET)
    after = seen_by(unit)
    assert in_assessment(after) == in_assessment(before)
    assert not any(SECRET in page for page in after.values())
    decisions.release_feedback(by=tutor.user, submission=handed_in)
    assert SECRET in page_of(unit.learner.user, "/units/101/1.1/")


def test_a_superseding_decision_stays_unseen_until_its_release() -> None:
    cohort = make.cohort()
    tutor = make.staff(cohort, "tutor")
    unit = make.learner_unit(cohort)
    first = make.criteria(unit)[0]
    handed_in = make.submission(unit, first)
    old = make.decision(handed_in, first, tutor.user, "not_yet_met")
    decisions.release_feedback(by=tutor.user, submission=handed_in)
    before = seen_by(unit)
    make.decision(handed_in, first, tutor.user, "met", supersedes=old, feedback=SECRET)
    assert seen_by(unit) == before


def test_a_trainees_met_and_its_declined_countersignature_stay_unseen() -> None:
    cohort = make.cohort()
    qualified = make.staff(cohort, "tutor")
    trainee = make.staff(cohort, "tutor", trainee=True, countersigner=qualified)
    unit = make.learner_unit(cohort)
    first = make.criteria(unit)[0]
    handed_in = make.submission(unit, first)
    before = in_assessment(seen_by(unit))
    decision = make.decision(handed_in, first, trainee.user, feedback=SECRET)
    assert in_assessment(seen_by(unit)) == before
    decisions.countersign(by=qualified.user, decision=decision, outcome="declined", feedback=SECRET)
    after = seen_by(unit)
    assert in_assessment(after) == before
    assert not any(SECRET in page for page in after.values())


def test_reviews_plans_and_action_points_never_reach_the_learner() -> None:
    cohort = make.cohort()
    tutor, iqa, lead = (make.staff(cohort, role) for role in ("tutor", "iqa", "lead_iqa"))
    unit = make.learner_unit(cohort)
    make.signed_off(unit, tutor.user)
    before = seen_by(unit)
    item = make.item(cohort, iqa, lead)
    assert seen_by(unit) == before
    current = unit.statuses.select_related("current").earliest("position").current
    reviews.review_decision(
        by=iqa.user, item=item, decision=current, outcome="action_required", feedback=SECRET, action=SECRET
    )
    assert seen_by(unit) == before


def test_nothing_of_another_learner_is_on_ones_pages() -> None:
    cohort = make.cohort()
    tutor = make.staff(cohort, "tutor")
    unit, other = make.learner_unit(cohort), make.learner_unit(cohort)
    user = other.learner.user
    item = make.text(other, SECRET)
    first = make.criteria(other)[0]
    make.mapped(other, first, item=item)
    theirs = make.submission(other, first)
    make.decision(theirs, first, tutor.user, feedback=SECRET)
    decisions.release_feedback(by=tutor.user, submission=theirs)
    evidence.add_version(by=user, item=item, kept=evidence.keep_text(user, other, "More."))
    assert SECRET in page_of(user, "/portfolio/")
    for address, page in seen_by(unit).items():
        assert SECRET not in page, address
        assert other.learner.name not in page, address
        for uid in (other.uid, item.uid, theirs.uid):
            assert str(uid) not in page, address


def test_nothing_of_another_centre_is_on_a_tutors_page() -> None:
    cohort, foreign = make.cohort(), make.cohort(make_centre("A Foreign Centre"))
    tutor = make.staff(cohort, "tutor", roles=("tutor", "iqa", "lead_iqa", "admin"))
    unit = make.learner_unit(foreign, name="Nobody Of Ours")
    make.submission(unit)
    page = page_of(tutor.user, "/")
    assert "Nobody Of Ours" not in page
    assert foreign.name not in page
    assert "A Foreign Centre" not in page
