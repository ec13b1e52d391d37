"""The five-minute review: what is asked and when, rating, taking back, and that nobody else learns of it."""

from __future__ import annotations

import re
import uuid

import pytest

from assessment.models import CohortMove, LearnerUnit, ReviewAnswer, ReviewCard
from assessment.models.spaced import ReviewAnswerQuerySet
from assessment.readings import spaced
from assessment.workflow import cohorts, evidence, moving
from assessment.workflow.spaced import AskedCard, rate_card, undo_rating
from content import cards
from content.publishing import publish
from courseware.kit.verdict import Refused, Stale
from courseware.ledger.models import LedgerEntry
from courseware.people import workflow as people
from courseware.people.models import User
from tests import make
from tests.content_builders import change, copy_of_tiny, source_of
from tests.people_builders import administrator_of, make_centre, make_member
from tests.review_pages import (
    AGAIN,
    CARD,
    EASY,
    GOOD,
    HARD,
    RATE,
    REVIEW,
    UNDO,
    at,
    begun,
    form_of,
    in_words,
    kept,
    rate,
    undo,
)
from tests.study_pages import U412, client_of, cost_of, main_of, page_of, weight_of

pytestmark = pytest.mark.django_db
WARM, WAIT = "Why is the pot warmed?", "What comes of waiting too long?"


@pytest.fixture(autouse=True)
def _cold():
    cards.forget()


@pytest.fixture
def unit() -> LearnerUnit:
    return make.learner_unit()


@pytest.fixture
def learner(unit: LearnerUnit) -> User:
    return unit.learner.user


@pytest.fixture
def big() -> LearnerUnit:
    """On unit 412, with its seventeen lessons and its glossary."""
    return make.learner_unit(make.cohort(spec=make.specification(U412)))


# -- What is asked -----------------------------------------------------------------------------------------------------


def test_nothing_is_asked_before_a_lesson_is_worked_on(unit, learner):
    page = main_of(learner, REVIEW)
    assert "No cards yet" in page
    assert "Choose a lesson" in page
    assert client_of(learner).get(CARD)["Location"] == REVIEW
    begun(unit)
    assert "Two cards, about 1 minute" in main_of(learner, REVIEW)


def test_a_thought_written_or_evidence_mapped_begins_a_lesson_too(unit, learner):
    client_of(learner).post("/units/101/2.1/practice/best-cup/", {"key": uuid.uuid4(), "text": "On the ferry."})
    assert "Two cards" in main_of(learner, REVIEW)
    peer = make.learner_unit(unit.cohort)
    make.mapped(peer, make.criteria(peer)[2])
    assert "Two cards" in main_of(peer.learner.user, REVIEW)


def test_a_card_shows_its_question_and_holds_its_answer_with_the_way_to_its_lesson(unit, learner):
    begun(unit)
    page = page_of(learner, CARD)
    assert f"<h1>{WARM}</h1>" in page
    question, _, answer = page.partition("<details")
    assert "So that the water stays hot." not in question
    assert "So that the water stays hot." in answer
    assert '<a href="/units/101/2.1/">Lesson 2.1: Making and serving</a>' in answer


def test_a_word_is_asked_with_what_it_is_taken_for_and_leads_to_its_entry(big):
    begun(big, "1.1")
    with at():
        for _ in range(4):
            rate(big.learner.user)
        page = page_of(big.learner.user, CARD)
    assert "What does “Advocacy” mean?" in page
    assert "Customers recommending an organisation of their own accord." in page
    assert "Loyalty keeps a person; advocacy brings another." in page
    assert "Paying for praise and calling it advocacy" in page
    assert '<a href="/units/412/glossary/advocacy/">the whole entry</a>' in page
    assert '<a href="/units/412/1.1/">Lesson 1.1: The customer journey</a>' in page


def test_each_rating_says_when_the_card_comes_back_and_keeps_that_promise(unit, learner):
    begun(unit)
    with at():
        words = re.sub(r"\s+", " ", main_of(learner, CARD))
        assert "1 Not known, later today 2 Just about, later today 3 Known, in 2 days 4 At once, in 8 days" in words
        rate(learner, GOOD)
        rate(learner, EASY)
        assert f"That is enough for today The next cards come on {in_words(2)}" in main_of(learner, REVIEW)
    with at(1):
        assert "Nothing to review today" in main_of(learner, REVIEW)
    with at(2):
        assert f"<h1>{WARM}</h1>" in page_of(learner, CARD)
        assert "One card" in main_of(learner, REVIEW)


def test_what_was_not_known_comes_again_at_the_end_of_the_same_day(unit, learner):
    begun(unit)
    with at():
        rate(learner, AGAIN)
        assert f"<h1>{WAIT}</h1>" in page_of(learner, CARD)
        rate(learner, GOOD)
        assert f"<h1>{WARM}</h1>" in page_of(learner, CARD)
        rate(learner, HARD)
        assert f"<h1>{WARM}</h1>" in page_of(learner, CARD)
        rate(learner, GOOD)
        assert client_of(learner).get(CARD)["Location"] == REVIEW
    assert list(ReviewAnswer.objects.order_by("pk").values_list("rating", flat=True)) == [AGAIN, GOOD, HARD, GOOD]


def test_a_few_new_ones_a_day_in_the_order_of_the_unit(big):
    user = begun(begun(big, "1.2"), "1.1").learner.user
    with at():
        assert "Six cards, about 2 minutes" in main_of(user, REVIEW)
        for _ in range(6):
            rate(user, EASY)
        assert f"The next cards come on {in_words(1)}" in main_of(user, REVIEW)
    assert [card.key for card in ReviewCard.objects.order_by("pk")] == [
        *(f"point:1.1:points:{name}" for name in ("seven", "two-looks", "truth", "empty")),
        "term:advocacy",
        "term:customer-journey",
    ]
    with at(1):
        assert "What does “Touchpoint” mean?" in page_of(user, CARD)


def test_five_minutes_are_all_however_much_is_due_and_the_longest_due_come_first(big, monkeypatch):
    monkeypatch.setattr(spaced, "NEW_A_DAY", 100)
    for number in ("1.1", "1.2", "1.3", "1.4", "1.5"):
        begun(big, number)
    user = big.learner.user
    for day, count, says in ((0, 20, "20 cards, about 5 minutes"), (1, 11, "11 cards, about 3 minutes")):
        with at(day):
            assert says in main_of(user, REVIEW)
            for _ in range(count):
                rate(user, GOOD)
            assert client_of(user).get(CARD)["Location"] == REVIEW
            assert "That is enough for today" in main_of(user, REVIEW)
    with at(40):
        assert "20 cards, about 5 minutes" in main_of(user, REVIEW)
        first = ReviewCard.objects.order_by("due", "pk")[0]
        assert form_of(user)["card"] == first.key


def test_a_day_is_one_of_the_centres_zone():
    centre = make_centre()
    centre.zone = "Pacific/Auckland"
    centre.save()
    unit = begun(make.learner_unit(make.cohort(centre)))
    with at():  # 22:00 on Monday in Auckland
        rate(unit.learner.user, GOOD)
        rate(unit.learner.user, AGAIN)
        assert "One card" in main_of(unit.learner.user, REVIEW)
    with at(hours=2, minutes=1):  # one minute past midnight there
        assert "One card" in main_of(unit.learner.user, REVIEW)
        rate(unit.learner.user, GOOD)
    with at(1, hours=2, minutes=1):  # Wednesday there, still Tuesday in London
        assert "Two cards" in main_of(unit.learner.user, REVIEW)


# -- Rating once, and taking back --------------------------------------------------------------------------------------


def test_the_same_form_twice_is_one_rating(unit, learner):
    begun(unit)
    form = {**form_of(learner), "rating": "3"}
    for _ in range(2):
        response = client_of(learner).post(RATE, form, follow=True)
        assert "Nothing was changed" not in response.content.decode()
    assert list(ReviewAnswer.objects.values_list("number", "rating")) == [(1, 3)]


def test_a_page_that_is_out_of_date_changes_nothing_and_says_so(unit, learner):
    begun(unit)
    with at():
        other = form_of(learner)
        rate(learner, AGAIN)
        before = kept()
        response = client_of(learner).post(RATE, {**other, "rating": "4", "key": str(uuid.uuid4())}, follow=True)
        assert "You rated this card in another window meanwhile." in response.content.decode()
        assert kept() == before
        third = {**form_of(learner), "rating": "3"}
        client_of(learner).post(RATE, third)
        before = kept()
        response = client_of(learner).post(RATE, {**third, "key": str(uuid.uuid4())}, follow=True)
        assert "This card is not asked any more today." in response.content.decode()
    assert kept() == before


def test_two_windows_that_begin_a_card_at_once_rate_it_once(unit, learner, monkeypatch):
    begun(unit)
    asked = spaced.review_day(learner, [unit]).waiting[0].asked
    key = uuid.uuid4()
    first = rate_card(by=learner, asked=asked, rating=3, key=key)
    monkeypatch.setattr("assessment.workflow.spaced._locked", lambda unit, **wanted: None)  # as the second one saw it
    with pytest.raises(Stale):
        rate_card(by=learner, asked=asked, rating=4, key=uuid.uuid4())
    assert rate_card(by=learner, asked=asked, rating=4, key=key) == first
    early, real = iter((True,)), ReviewAnswerQuerySet.first
    # The first look comes too early to find what the other window is about to keep.
    monkeypatch.setattr(ReviewAnswerQuerySet, "first", lambda rows: None if next(early, False) else real(rows))
    assert rate_card(by=learner, asked=asked, rating=4, key=key) == first
    assert (ReviewCard.objects.get().rated, ReviewAnswer.objects.get().rating) == (1, 3)


@pytest.mark.parametrize("earlier", [(), (GOOD,), (AGAIN,), (AGAIN, GOOD), (HARD, AGAIN, EASY)])
@pytest.mark.parametrize("rating", [AGAIN, HARD, GOOD, EASY])
def test_taking_back_leaves_everything_exactly_as_it_was(unit, learner, earlier, rating):
    begun(unit)
    asked = AskedCard(unit, spaced.review_day(learner, [unit]).waiting[0].edition.pk, "point:2.1:points:warm", 0)
    for seen, one in enumerate(earlier):
        with at(seen * 3.4567):
            then = AskedCard(unit, asked.edition_id, asked.card, seen)
            rate_card(by=learner, asked=then, rating=one, key=uuid.uuid4())
    before = kept()
    with at(20.00001):
        now = AskedCard(unit, asked.edition_id, asked.card, len(earlier))
        made = rate_card(by=learner, asked=now, rating=rating, key=uuid.uuid4())
        assert kept() != before
        assert undo_rating(by=learner, learner_unit=unit, card=made.card.uid, number=made.number)
        assert kept() == before
        assert not undo_rating(by=learner, learner_unit=unit, card=made.card.uid, number=made.number)
    assert kept() == before


def test_the_page_takes_the_last_rating_back_and_asks_the_card_again(unit, learner):
    begun(unit)
    with at():
        rate(learner, GOOD)
        form = form_of(learner, CARD, UNDO)
        assert "Take back the last rating" in main_of(learner, CARD)
        assert undo(learner)["Location"] == CARD
        assert f"<h1>{WARM}</h1>" in page_of(learner, CARD)
        assert kept() == ([], [])
        assert client_of(learner).post(UNDO, form).status_code == 303
        rate(learner, GOOD)
        rate(learner, GOOD)
        assert undo(learner).status_code == 303  # from the page that says that it is enough
    assert [row["rating"] for row in kept()[1]] == [GOOD]
    with at(1):
        assert "Take back" not in main_of(learner, REVIEW)


def test_only_the_last_rating_can_be_taken_back(unit, learner):
    begun(unit)
    with at():
        rate(learner, GOOD)
        form = form_of(learner, CARD, UNDO)
        rate(learner, GOOD)
        before = kept()
        response = client_of(learner).post(UNDO, form, follow=True)
        assert "Only the last rating can be taken back." in response.content.decode()
    assert kept() == before


# -- Forms that no page sends ------------------------------------------------------------------------------------------

HOSTILE = {
    "nothing": dict.fromkeys(("key", "unit", "card", "seen", "rating"), ""),
    "a fifth rating": {"rating": "5"},
    "no rating": {"rating": ""},
    "a rating in words": {"rating": "good"},
    "a number from elsewhere": {"rating": "٣"},
    "no key": {"key": "x"},
    "no unit": {"unit": "1"},
    "a count that is none": {"seen": "NaN"},
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_rating_that_no_page_sends_is_refused_clearly(unit, learner, what):
    begun(unit)
    assert rate(learner, **HOSTILE[what]).status_code == 400
    assert client_of(learner).post(UNDO, {"unit": unit.uid, "card": "x", "number": "1"}).status_code == 400
    assert kept() == ([], [])


@pytest.mark.parametrize("card", ["term:nothing", "point:1.1:points:warm", "x" * 5000, "\0", ""])
def test_a_card_that_is_not_asked_is_not_rated(unit, learner, card):
    begun(unit)
    assert rate(learner, card=card).status_code == 303
    assert rate(learner, seen="7").status_code == 303
    assert kept() == ([], [])


# -- Who may, and who may know -----------------------------------------------------------------------------------------


def test_nobody_else_rates_takes_back_or_learns_of_it(unit, learner):
    begun(unit)
    with at():
        rate(learner, AGAIN)
        before = kept()
        form, back = {**form_of(learner), "rating": "3"}, form_of(learner, CARD, UNDO)
        staff = [make.staff(unit.cohort, role).user for role in ("tutor", "iqa", "lead_iqa", "eqa", "admin")]
        away = begun(make.learner_unit(make.cohort(make_centre(name="Elsewhere")))).learner.user
        peer = begun(make.learner_unit(unit.cohort)).learner.user
        for user in (*staff, peer, away):
            assert client_of(user).post(RATE, form).status_code == 404
            assert client_of(user).post(UNDO, back).status_code == 404
            assert not ReviewCard.objects.visible_to(user).exists()
            assert not ReviewAnswer.objects.visible_to(user).exists()
        for user in staff:
            assert client_of(user).get(REVIEW).status_code == client_of(user).get(CARD).status_code == 404
        assert WARM in page_of(peer, CARD)  # their own, from the beginning
        assert kept() == before
        assert ReviewCard.objects.visible_to(learner).count() == ReviewAnswer.objects.visible_to(learner).count() == 1


def test_staff_see_no_difference_and_nothing_is_recorded(unit, learner):
    begun(unit)
    tutor = make.staff(unit.cohort, "tutor").user
    addresses = (f"/learner-units/{unit.uid}/", f"/cohorts/{unit.cohort.uid}/", f"/learner-units/{unit.uid}/timeline/")
    with at():
        entries = LedgerEntry.objects.count()
        seen = [main_of(tutor, address) for address in addresses]
        rate(learner, AGAIN)
        rate(learner, GOOD)
        undo(learner)
        assert [main_of(tutor, address) for address in addresses] == seen
        assert LedgerEntry.objects.count() == entries


def test_the_verbs_refuse_everybody_but_the_learner(unit, learner):
    begun(unit)
    tutor = make.staff(unit.cohort, "tutor").user
    asked = spaced.review_day(learner, [unit]).waiting[0].asked
    made = rate_card(by=learner, asked=asked, rating=3, key=uuid.uuid4())
    before = kept()
    with pytest.raises(Refused, match="Only the learner"):
        rate_card(by=tutor, asked=asked, rating=3, key=uuid.uuid4())
    with pytest.raises(Refused, match="Only the learner"):
        undo_rating(by=tutor, learner_unit=unit, card=made.card.uid, number=1)
    assert kept() == before


# -- What happens to cards ---------------------------------------------------------------------------------------------


def test_cards_go_along_to_another_cohort(unit, learner):
    begun(unit)
    admin = administrator_of(unit.centre)
    with at():
        rate(learner, GOOD)
        other = make.cohort(unit.centre, unit.specification)
        moving.move_learner(by=admin, learner_unit=unit, to=other, reason="Evenings suit better.")
        assert CohortMove.objects.count() == 1
        assert "One card" in main_of(learner, REVIEW)
    with at(2):
        assert "Two cards" in main_of(learner, REVIEW)


def test_cards_of_a_unit_that_was_left_rest_and_are_kept(unit, learner):
    begun(unit)
    with at():
        rate(learner, GOOD)
        form, back, before = {**form_of(learner), "rating": "3"}, form_of(learner, CARD, UNDO), kept()
        cohorts.withdraw_learner(by=administrator_of(unit.centre), learner_unit=unit, reason="Moved away.")
        assert "No cards here" in main_of(learner, REVIEW)
        assert "Five-minute review" not in main_of(learner, "/")
        assert client_of(learner).post(RATE, form).status_code == 303
        assert client_of(learner).post(UNDO, back).status_code == 409
        again = make.learner_unit(unit.cohort, unit.learner)
        assert "No cards yet" in main_of(learner, REVIEW)
        begun(again)
        assert f"<h1>{WARM}</h1>" in page_of(learner, CARD)
    assert kept() == before


def test_cards_of_a_unit_that_is_signed_off_are_still_asked(unit, learner):
    tutor = make.staff(unit.cohort, "tutor")
    make.signed_off(unit, tutor.user)
    assert "Two cards" in main_of(learner, REVIEW)
    assert rate(learner, GOOD).status_code == 303
    assert ReviewCard.objects.count() == 1


def test_somebody_who_is_no_learner_any_more_reads_why_nothing_is_asked(unit, learner):
    begun(unit)
    form = {**form_of(learner), "rating": "3"}
    people.end_membership(by=administrator_of(unit.centre), membership=unit.learner)
    assert "Only the learner can do this." in main_of(learner, REVIEW)
    assert client_of(learner).post(RATE, form).status_code == 303
    assert kept() == ([], [])


def test_a_newer_edition_keeps_what_is_remembered_and_what_it_lacks_is_quietly_gone(tmp_path):
    folder = copy_of_tiny(tmp_path)
    pot = "# Glossary\n\n## Pot\n\nWhat tea is made in.\n"
    (folder / "glossary.md").write_text(f"{pot}\n## Cup\n\nFrom it one drinks.\n")
    both = "A [pot](../glossary.md#pot), a [cup](../glossary.md#cup)."
    change(folder, "2/2.1-serving.md", "```points", f"{both}\n\n```points")
    unit = begun(make.learner_unit(make.cohort(spec=publish(source_of(folder)).specification)))
    learner = unit.learner.user
    with at():
        for _ in range(4):
            rate(learner, GOOD)
        assert kept()[0][3]["key"] == "term:cup"
    change(folder, "2/2.1-serving.md", "answer: So that the water stays hot.", "answer: It keeps the heat.")
    change(folder, "2/2.1-serving.md", ", a [cup](../glossary.md#cup)", "")
    (folder / "glossary.md").write_text(pot)
    newer = publish(source_of(folder))
    assert newer.specification == unit.specification
    with at(2):
        assert "Three cards" in main_of(learner, REVIEW)
        assert "It keeps the heat." in page_of(learner, CARD)
        before = kept()[0][0]
        rate(learner, GOOD)
        after = ReviewCard.objects.get(pk=before["id"])
        assert (before["edition_id"], after.edition_id) == (newer.pk - 1, newer.pk)
        assert after.stability > before["stability"]
        rate(learner, EASY)
        rate(learner, EASY)
        assert "Nothing" not in main_of(learner, REVIEW)
        assert undo(learner).status_code == 303
        assert ReviewAnswer.objects.count() == 6
    assert ReviewCard.objects.count() == 4


def test_a_card_that_went_with_the_rating_of_it_cannot_be_taken_back_from_the_page(tmp_path):
    folder = copy_of_tiny(tmp_path)
    unit = begun(make.learner_unit(make.cohort(spec=publish(source_of(folder)).specification)))
    with at():
        rate(unit.learner.user, GOOD)
        change(folder, "2/2.1-serving.md", "- name: warm\n", "- name: hot-pot\n")
        publish(source_of(folder))
        page = main_of(unit.learner.user, CARD)
    assert "Take back" not in page
    assert WARM in page


# -- The quiet line ----------------------------------------------------------------------------------------------------


def test_today_has_a_line_when_something_is_due_and_none_once_the_day_is_begun(unit, learner):
    assert "Five-minute review" not in main_of(learner, "/")
    begun(unit)
    with at():
        assert "Five-minute review" in main_of(learner, "/")
        rate(learner, GOOD)
        assert "Five-minute review" not in main_of(learner, "/")
        rate(learner, GOOD)
    with at(1):
        assert "Five-minute review" not in main_of(learner, "/")
    with at(9):
        page = page_of(learner, "/")
        assert '<a class="alone" href="/review/">Five-minute review</a>' in page
        rate(learner, GOOD)
        assert "Five-minute review" not in main_of(learner, "/")
    assert "Five-minute review" in main_of(learner, "/units/101/")
    assert "Five-minute review" not in main_of(make.staff(unit.cohort, "tutor").user, "/units/101/")


def test_a_days_review_says_nothing_of_days_in_a_row(unit, learner):
    begun(unit)
    for day in range(3):
        with at(day):
            text = " ".join(main_of(learner, one).lower() for one in ("/", REVIEW))
            for word in ("streak", "in a row", "missed", "overdue", "late ", "score", "level up"):
                assert word not in text
            if client_of(learner).get(CARD).status_code == 200:
                rate(learner, AGAIN)


def test_evidence_never_comes_from_it(unit, learner):
    begun(unit)
    rate(learner, GOOD)
    page = page_of(learner, "/portfolio/")
    assert WARM not in page
    assert "/review/" not in page
    assert "never evidence" in main_of(learner, REVIEW)
    assert not evidence.EvidenceItem.objects.filter(learner_unit=unit).exists()


def test_of_two_units_each_card_says_which_it_is_of(unit, learner):
    spec = make.specification(U412)
    second = begun(make.learner_unit(make.cohort(unit.centre, spec), unit.learner), "1.1")
    begun(unit)
    assert "Six cards, about 2 minutes" in main_of(learner, REVIEW)
    assert "Unit 412. Six cards" in main_of(learner, CARD)
    form = form_of(learner)
    assert form["unit"] == str(second.uid)
    assert rate(learner, unit=str(unit.uid)).status_code == 303
    assert kept() == ([], [])


# -- Cost and weight ---------------------------------------------------------------------------------------------------


def test_the_pages_cost_the_same_with_one_card_and_with_many(unit, big):
    def costs(user: User) -> dict[str, int]:
        found = {}
        for address in (REVIEW, CARD):
            cards.forget()
            found[address] = cost_of(user, address)
        return found

    begun(unit)
    one = costs(unit.learner.user)
    user = begun(begun(begun(big, "1.1"), "1.2"), "1.3").learner.user
    with at():
        for rating in (AGAIN, HARD, GOOD, AGAIN):
            rate(user, rating)
        assert costs(user) == one == {REVIEW: 9, CARD: 9}
        assert cost_of(user, CARD) == 7  # once the process knows the edition's cards
        assert {address: weight_of(user, address) <= 12_000 for address in (REVIEW, CARD)} == {REVIEW: True, CARD: True}


def test_a_rating_costs_few_statements_whatever_was_rated_before(big, django_assert_num_queries):
    user = begun(begun(big, "1.1"), "1.2").learner.user
    with at():
        form, client = {**form_of(user), "rating": "1"}, client_of(user)
        with django_assert_num_queries(13):
            client.post(RATE, form)
        for _ in range(3):
            rate(user, AGAIN)
        form, client = {**form_of(user), "rating": "3"}, client_of(user)
        with django_assert_num_queries(13):
            client.post(RATE, form)


def test_staff_who_learn_too_have_a_review_of_their_own(unit):
    both = make_member(unit.centre, "learner", "tutor", "admin")
    own = begun(make.learner_unit(unit.cohort, both))
    assert "Two cards" in main_of(own.learner.user, REVIEW)
