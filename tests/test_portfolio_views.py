"""The portfolio: everything a learner made, the criteria map with its gaps, and every hand-in."""

from __future__ import annotations

import pytest

from assessment.models import EvidenceVersion
from assessment.workflow import cohorts, evidence, submissions
from courseware.people.workflow import end_membership
from tests import make
from tests.people_builders import administrator_of, make_centre, make_member
from tests.study_pages import client_of, cost_of, main_of, own_unit_of, page_of

pytestmark = pytest.mark.django_db

PORTFOLIO = "/portfolio/"


def test_an_empty_portfolio_says_how_it_fills() -> None:
    unit = make.learner_unit()
    words = main_of(unit.learner.user, PORTFOLIO)
    assert "No evidence yet Write it here" in words
    assert "Nothing is handed in yet." in words
    assert "Something of yours is missing for 3 of 3 criteria." in words
    assert words.count("No evidence yet.") == 3
    assert "Put a submission together" not in words
    page = page_of(unit.learner.user, PORTFOLIO)
    for address in (f"/evidence/{unit.uid}/write/", f"/evidence/{unit.uid}/upload/", f"/evidence/{unit.uid}/link/"):
        assert f'href="{address}"' in page
        assert client_of(unit.learner.user).get(address).status_code == 200


def test_somebody_without_a_unit_hears_where_one_comes_from() -> None:
    assert "Nothing here yet" in main_of(make_member(make_centre(), "learner").user, PORTFOLIO)
    assert "Nothing here yet" in main_of(make_member(make_centre(), "tutor").user, PORTFOLIO)


def test_items_stand_with_their_newest_version_state_and_criteria() -> None:
    cohort = make.cohort()
    tutor = make.staff(cohort, "tutor")
    unit = make.learner_unit(cohort)
    learner = unit.learner.user
    first, second, _ = make.criteria(unit)
    loose = make.text(unit, "Interview with the owner")
    item = make.text(unit, "Journey map")
    make.mapped(unit, first, second, item=item)
    words = main_of(learner, PORTFOLIO)
    assert "Journey map Version 1," in words
    assert "Draft 1.1, 1.2" in words
    assert "Map it: Interview with the owner" in words
    assert f'href="/evidence/versions/{make.latest(loose).uid}/map/"' in page_of(learner, PORTFOLIO)

    handed_in = make.draft(unit, first, version=make.latest(item))
    assert "Your submission is a draft." in main_of(learner, PORTFOLIO)
    assert "Go on with your submission" in main_of(learner, PORTFOLIO)
    submissions.submit(by=learner, submission=handed_in, declared=True, others="none", ai_used=False)
    words = main_of(learner, PORTFOLIO)
    assert "Submitted 1.1, 1.2" in words
    assert "Assessed" not in words
    make.marked(handed_in, tutor.user, "not_yet_met")
    assert "Assessed 1.1, 1.2" in main_of(learner, PORTFOLIO)

    evidence.add_version(by=learner, item=item, kept=evidence.keep_text(learner, unit, "The second map."))
    words = main_of(learner, PORTFOLIO)
    assert "Journey map Version 2," in words
    assert words.count("Journey map") == 3
    assert "A new version, not submitted yet." in words
    assert words.index("Journey map") < words.index("Interview with the owner") or loose


def test_every_gap_names_what_is_missing() -> None:
    cohort = make.cohort()
    tutor = make.staff(cohort, "tutor")
    unit = make.learner_unit(cohort)
    learner = unit.learner.user
    first, second, third = make.criteria(unit)
    make.marked(make.submission(unit, first), tutor.user, "not_yet_met")
    make.mapped(unit, second)
    words = main_of(learner, PORTFOLIO)
    assert "What the feedback asks for. Read the feedback for 1.1" in words
    assert "Not submitted yet. Submit for 1.2" in words
    assert "No evidence yet. Add evidence for 2.1" in words
    make.marked(make.submission(unit), tutor.user)
    assert "Nothing of yours is missing." in main_of(learner, PORTFOLIO)
    assert third


def test_a_version_that_cannot_be_opened_is_a_gap() -> None:
    unit = make.learner_unit()
    first = make.criteria(unit)[0]
    version = make.mapped(unit, first)
    EvidenceVersion.objects.filter(pk=version.pk).update(state="quarantined")
    words = main_of(unit.learner.user, PORTFOLIO)
    assert "Quarantined" in words
    assert "A file that can be opened." in words


def test_a_mapping_that_only_an_earlier_version_had_still_shows_its_item() -> None:
    unit = make.learner_unit()
    learner = unit.learner.user
    first, second, _ = make.criteria(unit)
    item = make.text(unit, "Journey map")
    make.mapped(unit, first, item=item)
    handed_in = make.draft(unit, first, version=make.latest(item))
    submissions.submit(by=learner, submission=handed_in, declared=True, others="none", ai_used=False)
    evidence.add_version(by=learner, item=item, kept=evidence.keep_text(learner, unit, "The second map."))
    evidence.map_evidence(by=learner, version=make.latest(item), reasons=[(second, "It shows it.")])
    words = main_of(learner, PORTFOLIO)
    assert words.count("Journey map") == 3  # in the list, and at both criteria
    assert "Draft 1.2" in words


def test_every_hand_in_stays_with_its_state() -> None:
    cohort = make.cohort()
    tutor = make.staff(cohort, "tutor")
    unit = make.learner_unit(cohort)
    learner = unit.learner.user
    first, second, third = make.criteria(unit)
    accepted = make.submission(unit, first)
    make.marked(accepted, tutor.user)
    referred = make.submission(unit, second)
    make.marked(referred, tutor.user, "not_yet_met")
    returned = make.submission(unit, third)
    submissions.return_submission(by=tutor.user, submission=returned, reason="An empty sheet.")
    withdrawn = make.submission(unit, third)
    submissions.withdraw_submission(by=learner, submission=withdrawn)
    submissions.draft_submission(by=learner, learner_unit=unit, criteria=[], links=[])
    words, page = main_of(learner, PORTFOLIO), page_of(learner, PORTFOLIO)
    told = words[words.index("Handed in") :]
    states = ("Draft Not yet", "Withdrawn", "Returned unmarked", "Referred", "Accepted")
    assert [told.index(state) for state in states] == sorted(told.index(state) for state in states)
    assert "Submission 5 None chosen" in told
    for one in (accepted, referred, returned, withdrawn):
        assert f'href="/submissions/{one.uid}/"' in page
        assert client_of(learner).get(f"/submissions/{one.uid}/").status_code == 200
    assert f'href="/submissions/{unit.uid}/new/"' in page


def test_several_units_stand_under_their_own_heading() -> None:
    unit = make.learner_unit()
    there = make_centre("Zebra College")
    again = make_member(there, "learner", email=unit.learner.user.email)
    second = make.learner_unit(make.cohort(there, own_unit_of(there, "900")), again)
    make.mapped(unit, make.criteria(unit)[0], item=make.text(unit, "From here"))
    make.mapped(second, make.criteria(second)[0], item=make.text(second, "From there"))
    words, page = main_of(unit.learner.user, PORTFOLIO), page_of(unit.learner.user, PORTFOLIO)
    assert (
        words.index("Unit 900, Our Own")
        < words.index("From there")
        < words.index("Unit 101,")
        < words.index("From here")
    )
    assert "btn--primary" not in page


def test_what_was_made_stays_readable_after_leaving() -> None:
    unit = make.learner_unit()
    make.mapped(unit, make.criteria(unit)[0], item=make.text(unit, "Journey map"))
    cohorts.withdraw_learner(by=administrator_of(unit.centre), learner_unit=unit, reason="Moved away.")
    words = main_of(unit.learner.user, PORTFOLIO)
    assert "Journey map" in words
    assert "You were withdrawn from this unit." in words
    end_membership(by=administrator_of(unit.centre), membership=unit.learner)
    assert "Journey map" in main_of(unit.learner.user, PORTFOLIO)
    assert "/write/" not in page_of(unit.learner.user, PORTFOLIO)


def test_something_removed_is_not_listed() -> None:
    unit = make.learner_unit()
    item = make.text(unit, "A mistake")
    evidence.remove_evidence(by=unit.learner.user, item=item)
    assert "A mistake" not in main_of(unit.learner.user, PORTFOLIO)


def test_the_portfolio_costs_the_same_with_one_row_and_with_four() -> None:
    cohort = make.cohort()
    tutor = make.staff(cohort, "tutor")
    unit = make.learner_unit(cohort)
    first = make.criteria(unit)[0]
    make.marked(make.submission(unit, first), tutor.user, "not_yet_met")
    page_of(unit.learner.user, PORTFOLIO)  # the first look of a visit is written down
    assert cost_of(unit.learner.user, PORTFOLIO) == 8
    for number in range(3):
        make.marked(make.submission(unit, first), tutor.user, "not_yet_met")
        spec = own_unit_of(cohort.centre, f"90{number}")
        make.mapped(other := make.learner_unit(make.cohort(cohort.centre, spec), unit.learner), make.criteria(other)[0])
    page_of(unit.learner.user, PORTFOLIO)
    assert cost_of(unit.learner.user, PORTFOLIO) == 8
