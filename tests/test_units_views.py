"""The study pages: what stands on them for a learner and for staff, who opens which unit, and what they cost."""

from __future__ import annotations

import pytest
from django.test import Client

from assessment.models import CriterionStatus
from assessment.workflow import cohorts, decisions, evidence, quality, reviews, submissions
from tests import make
from tests.people_builders import administrator_of, make_centre, make_member
from tests.study_pages import U412, client_of, cost_of, main_of, own_unit_of, page_of

pytestmark = pytest.mark.django_db

MAP, LESSON, GLOSSARY = "/units/101/", "/units/101/1.1/", "/units/101/glossary/"


# -- The map -----------------------------------------------------------------------------------------------------------


def test_the_map_shows_every_criterion_with_the_learners_status_and_next_act() -> None:
    unit = make.learner_unit()
    make.mapped(unit, make.criteria(unit)[1])
    page, words = page_of(unit.learner.user, MAP), main_of(unit.learner.user, MAP)
    assert page.count('<li class="criterion') == 3
    assert "0 of 3 met. 1 with you, 2 not started." in words
    assert "Learning outcome 1: 0 of 2 met Know what goes into a pot of tea Good tea begins before the kettle" in words
    assert f'href="/evidence/{unit.uid}/write/?criterion=1.1"' in page
    assert f'href="/submissions/{unit.uid}/new/?criterion=1.2"' in page
    assert page.count("btn--primary") == 1


def test_each_state_of_a_criterion_has_its_next_step() -> None:
    cohort = make.cohort()
    tutor = make.staff(cohort, "tutor", name="Daniel Hughes")
    unit = make.learner_unit(cohort)
    first, second, third = make.criteria(unit)
    learner = unit.learner.user

    handed_in = make.submission(unit, first)
    assert "Awaiting marking With your tutor since" in main_of(learner, MAP)
    make.marked(handed_in, tutor.user, "not_yet_met")
    assert '/units/101/1.1/#feedback"' in page_of(learner, MAP)
    make.mapped(unit, first)
    assert f'href="/submissions/{unit.uid}/new/?criterion=1.1"' in page_of(learner, MAP)
    draft = make.draft(unit, first)
    assert "Finish your submission for 1.1" in main_of(learner, MAP)
    submissions.submit(by=learner, submission=draft, declared=True, others="none", ai_used=False)
    make.marked(draft, tutor.user)
    assert "Met Daniel Hughes," in main_of(learner, MAP)

    returned = make.submission(unit, second, third)
    submissions.return_submission(by=tutor.user, submission=returned, reason="The file is another one.")
    page = page_of(learner, MAP)
    assert page.count(f'href="/submissions/{returned.uid}/"') == 3
    assert "Read why 1.2 and 2.1 came back" in main_of(learner, MAP)
    make.submission(unit, second)
    assert page_of(learner, MAP).count(f'href="/submissions/{returned.uid}/"') == 2


def test_a_query_and_a_countersignature_ask_nothing_of_the_learner() -> None:
    cohort = make.cohort()
    tutor, iqa, lead = (make.staff(cohort, role) for role in ("tutor", "iqa", "lead_iqa"))
    unit = make.learner_unit(cohort)
    make.signed_off(unit, tutor.user)
    make.reviewed(make.item(cohort, iqa, lead), "not_agreed")
    learner = unit.learner.user
    assert main_of(learner, MAP).count("Under query Nothing for you to do") == 3
    assert "Tutor and IQA are talking about it. Nothing for you to do." in main_of(learner, LESSON)
    CriterionStatus.objects.filter(learner_unit=unit).update(learner_status="awaiting_countersignature")
    assert main_of(learner, MAP).count("Awaiting countersignature A second tutor confirms it") == 3


def test_the_map_tells_how_the_unit_itself_stands() -> None:
    cohort = make.cohort()
    tutor = make.staff(cohort, "tutor")
    unit = make.learner_unit(cohort)
    learner = unit.learner.user
    make.marked(make.submission(unit), tutor.user)
    assert "Your tutor signs the unit off next" in main_of(learner, MAP)
    decisions.sign_off(by=tutor.user, learner_unit=unit)
    assert "Your tutor signed this unit off" in main_of(learner, MAP)
    assert "btn--primary" not in page_of(learner, MAP)

    other = make.learner_unit(cohort)
    cohorts.withdraw_learner(by=administrator_of(cohort.centre), learner_unit=other, reason="Moved away.")
    assert "This unit is here to read" in main_of(other.learner.user, MAP)
    assert "write/" not in page_of(other.learner.user, MAP)


def test_a_reviewed_and_released_unit_is_said_to_be_achieved() -> None:
    cohort = make.cohort()
    tutor, iqa, lead = (make.staff(cohort, role) for role in ("tutor", "iqa", "lead_iqa"))
    unit = make.learner_unit(cohort)
    make.signed_off(unit, tutor.user)
    item = make.reviewed(make.item(cohort, iqa, lead))
    reviews.close_item(by=iqa.user, item=item)
    quality.release_unit(by=iqa.user, item=item)
    words = main_of(unit.learner.user, MAP)
    assert "You achieved this unit" in words
    assert "Met and IQA agreed" in words
    assert "You achieved unit 101" in main_of(unit.learner.user, "/")


# -- A criterion -------------------------------------------------------------------------------------------------------


def test_a_criterion_shows_lesson_place_neighbours_and_tutors() -> None:
    cohort = make.cohort()
    make.staff(cohort, "tutor", name="Daniel Hughes")
    unit = make.learner_unit(cohort)
    page, words = page_of(unit.learner.user, "/units/101/1.2/"), main_of(unit.learner.user, "/units/101/1.2/")
    assert "Lesson 2 of 3, 10 minutes with practice" in words
    assert "Tutor Daniel Hughes" in words
    assert "Explain means: make clear how and why" in words
    assert "Taste: for example bitter, weak, stewed." in words
    assert 'href="/units/101/1.1/">Previous: 1.1 Leaves and water' in page
    assert 'href="/units/101/2.1/">Next: 2.1 Making and serving' in page
    beside = page[page.index('class="siblings') :]
    assert beside.count('aria-current="page"') == 1
    for how in ("write", "upload", "link"):
        assert f'href="/evidence/{unit.uid}/{how}/?criterion=1.2"' in page
    assert "No evidence is mapped to 1.2 yet" in words
    assert "No feedback yet" in words
    assert page.count("btn--primary") == 1
    assert "Attempt 1" in words


def test_a_tutor_of_the_learner_alone_replaces_the_cohorts() -> None:
    cohort = make.cohort()
    make.staff(cohort, "tutor", name="Of Everybody")
    unit = make.learner_unit(cohort)
    assert "Tutor Of Everybody" in main_of(unit.learner.user, LESSON)
    own = make.staff(cohort, "tutor", allocate=False, name="Of One")
    make.allocation(cohort, own, "tutor", unit)
    assert "Tutor Of One Attempt" in main_of(unit.learner.user, LESSON)


def test_without_a_tutor_the_page_says_so() -> None:
    unit = make.learner_unit()
    assert "Nobody is named yet" in main_of(unit.learner.user, LESSON)


def test_every_attempt_and_every_version_stays_to_read() -> None:
    cohort = make.cohort()
    tutor = make.staff(cohort, "tutor")
    unit = make.learner_unit(cohort)
    first = make.criteria(unit)[0]
    learner = unit.learner.user
    item = make.text(unit, "Journey map")
    make.mapped(unit, first, item=item)
    handed_in = submissions.submit(
        by=learner,
        submission=make.draft(unit, first, version=make.latest(item)),
        declared=True,
        others="none",
        ai_used=False,
    )
    assert "Version 1 of Journey map" in main_of(learner, LESSON)
    make.decision(handed_in, first, tutor.user, "not_yet_met", feedback="Carry it *past* the purchase.")
    decisions.release_feedback(by=tutor.user, submission=handed_in)
    words = main_of(learner, LESSON)
    assert "Assessed" in words
    assert "Attempt 1." in words
    assert "Carry it past the purchase." in words
    assert "Attempt 2" in words

    kept = evidence.keep_text(learner, unit, "The second map.")
    evidence.add_version(by=learner, item=item, kept=kept)
    words = main_of(learner, LESSON)
    assert "A new version is mapped and not submitted." in words
    assert words.index("Version 2 of Journey map") < words.index("Version 1 of Journey map")
    again = submissions.submit(
        by=learner,
        submission=make.draft(unit, first, version=make.latest(item)),
        declared=True,
        others="none",
        ai_used=False,
    )
    assert "With your tutor since" in main_of(learner, LESSON)
    make.decision(again, first, tutor.user, feedback="Now it is whole.")
    decisions.release_feedback(by=tutor.user, submission=again)
    words = main_of(learner, LESSON)
    assert words.index("Now it is whole.") < words.index("Carry it past the purchase.")
    assert "write/" not in page_of(learner, LESSON)


def test_a_returned_submission_says_why_on_the_criterions_page() -> None:
    cohort = make.cohort()
    tutor = make.staff(cohort, "tutor")
    unit = make.learner_unit(cohort)
    handed_in = make.submission(unit, make.criteria(unit)[0])
    submissions.return_submission(by=tutor.user, submission=handed_in, reason="Page two is missing.")
    words = main_of(unit.learner.user, LESSON)
    assert "Your tutor returned submission 1" in words
    assert "Page two is missing." in words
    assert "Read why it came back" in words
    version = make.latest(unit.evidence.get())
    again = make.draft(unit, make.criteria(unit)[0], version=version)
    submissions.submit(by=unit.learner.user, submission=again, declared=True, others="none", ai_used=False)
    words = main_of(unit.learner.user, LESSON)
    assert words.count(f"Version 1 of {version.item.title}") == 1
    assert "returned" not in words


def test_somebody_who_left_reads_and_adds_nothing() -> None:
    unit = make.learner_unit()
    make.mapped(unit, make.criteria(unit)[0])
    cohorts.withdraw_learner(by=administrator_of(unit.centre), learner_unit=unit, reason="Moved away.")
    words = main_of(unit.learner.user, LESSON)
    assert "You were withdrawn from this unit" in words
    assert "/write/" not in page_of(unit.learner.user, LESSON)


# -- Staff -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["tutor", "iqa", "lead_iqa", "eqa", "admin"])
def test_staff_read_the_unit_without_any_status(role: str) -> None:
    cohort = make.cohort()
    unit = make.learner_unit(cohort)
    make.submission(unit)
    member = make_member(cohort.centre, role)
    for address in (MAP, LESSON):
        page = page_of(member.user, address)
        assert "Awaiting marking" not in page
        assert str(unit.uid) not in page
        assert unit.learner.name not in page
    assert "You are reading this unit as staff" in main_of(member.user, MAP)


def test_only_staff_hear_that_the_review_date_has_passed() -> None:
    cohort = make.cohort(spec=make.specification(U412))
    unit = make.learner_unit(cohort)
    tutor = make.staff(cohort, "tutor")
    says = "The review date of this unit has passed"
    assert says in main_of(tutor.user, "/units/412/")
    assert "Saturday 31 December 2016" in main_of(tutor.user, "/units/412/")
    for address in ("/units/412/", "/units/412/1.1/", "/"):
        words = main_of(unit.learner.user, address)
        assert says not in words
        assert "31 December 2016" not in words


# -- Who opens what ----------------------------------------------------------------------------------------------------


def test_a_unit_that_one_has_nothing_to_do_with_is_not_there() -> None:
    here, there = make_centre(), make_centre()
    own_unit_of(there, "900")
    spec = make.specification()
    tutor, foreign = make_member(here, "tutor"), make_member(there, "tutor")
    idle = make_member(here, "learner")
    assert client_of(foreign.user).get("/units/900/").status_code == 200
    for user, address in (
        (tutor.user, "/units/900/"),
        (tutor.user, "/units/900/1.1/"),
        (tutor.user, "/units/900/glossary/"),
        (idle.user, MAP),
        (tutor.user, "/units/nothing/"),
        (tutor.user, "/units/101/9.9/"),
    ):
        assert client_of(user).get(address).status_code == 404, address
    assert spec


def test_nobody_reads_signed_out() -> None:
    for address in ("/", MAP, LESSON, GLOSSARY, "/portfolio/"):
        answer = Client().get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/sign-in/")


def test_a_centres_own_unit_goes_before_the_houses_of_that_code() -> None:
    here, there = make_centre(), make_centre()
    own_unit_of(None, "900", "The House's")
    own_unit_of(here, "900", "Ours Here")
    assert "Ours Here" in main_of(make_member(here, "tutor").user, "/units/900/")
    assert "The House's" in main_of(make_member(there, "tutor").user, "/units/900/").replace("&#x27;", "'")


def test_of_several_learner_units_one_is_chosen() -> None:
    unit = make.learner_unit()
    email = unit.learner.user.email
    there = make_centre("Zebra College")
    second = make.learner_unit(make.cohort(there), make_member(there, "learner", email=email))
    make.mapped(second, make.criteria(second)[0])
    user = unit.learner.user
    page = page_of(user, MAP)
    assert "2 not started" not in main_of(user, MAP)
    assert f'href="/units/101/?in={second.uid}"' in page
    chosen = page_of(user, f"{MAP}?in={second.uid}")
    assert "1 with you, 2 not started" in main_of(user, f"{MAP}?in={second.uid}")
    assert f'href="/units/101/1.1/?in={second.uid}"' in chosen
    assert f"/evidence/{second.uid}/write/?criterion=1.2" in chosen
    assert "Evidence linked" in main_of(user, f"{LESSON}?in={second.uid}")
    client = client_of(user)
    client.post("/centre-switch/", {"centre": str(there.uid)})
    assert "1 with you, 2 not started" in client.get(MAP).content.decode()


def test_another_persons_learner_unit_is_not_chosen() -> None:
    unit, other = make.learner_unit(), make.learner_unit()
    assert client_of(unit.learner.user).get(f"{MAP}?in={other.uid}").status_code == 404
    assert client_of(unit.learner.user).get(f"{MAP}?in=nonsense").status_code == 404


def test_a_started_unit_goes_before_one_that_was_left() -> None:
    cohort = make.cohort()
    unit = make.learner_unit(cohort)
    cohorts.withdraw_learner(by=administrator_of(cohort.centre), learner_unit=unit, reason="Paused.")
    again = make.learner_unit(make.cohort(cohort.centre, cohort.specification), unit.learner)
    assert f"/evidence/{again.uid}/write/" in page_of(unit.learner.user, MAP)


# -- The glossary ------------------------------------------------------------------------------------------------------


def test_the_glossary_lists_the_units_words() -> None:
    unit = make.learner_unit(make.cohort(spec=make.specification(U412)))
    words = main_of(unit.learner.user, "/units/412/glossary/")
    assert "Touchpoint" in words
    assert "No words yet" not in words


def test_an_empty_glossary_says_so() -> None:
    unit = make.learner_unit()
    assert "No words yet" in main_of(unit.learner.user, GLOSSARY)


# -- What they cost ----------------------------------------------------------------------------------------------------


def test_the_pages_cost_the_same_with_one_row_and_with_four() -> None:
    cohort = make.cohort()
    tutor = make.staff(cohort, "tutor")
    unit = make.learner_unit(cohort)
    first = make.criteria(unit)[0]
    learner = unit.learner.user

    def costs() -> dict[str, int]:
        return {address: cost_of(learner, address) for address in (MAP, LESSON, "/units/101/1.2/", GLOSSARY)}

    make.marked(make.submission(unit, first), tutor.user, "not_yet_met")
    page_of(learner, MAP)  # the first look of a visit is written down
    one = costs()
    for _ in range(3):
        make.marked(make.submission(unit, first), tutor.user, "not_yet_met")
        make.staff(cohort, "tutor")
        make.submission(make.learner_unit(cohort))
    assert costs() == one
    # 1.1 has a figure, which is one statement more.
    assert one == {MAP: 10, LESSON: 11, "/units/101/1.2/": 10, GLOSSARY: 5}


def test_staff_who_learn_too_pay_no_more() -> None:
    cohort = make.cohort()
    both = make_member(cohort.centre, "learner", "tutor", "iqa", "lead_iqa", "admin", "eqa")
    make.allocation(cohort, both, "tutor")
    make.learner_unit(cohort, both)
    make.submission(make.learner_unit(cohort))
    page_of(both.user, MAP)  # the first look of a visit is written down
    assert {address: cost_of(both.user, address) for address in (MAP, LESSON)} == {MAP: 10, LESSON: 11}


def test_staff_pay_for_the_text_alone() -> None:
    cohort = make.cohort()
    tutor = make.staff(cohort, "tutor")
    assert {address: cost_of(tutor.user, address) for address in (MAP, LESSON)} == {MAP: 9, LESSON: 10}
