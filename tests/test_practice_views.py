"""Practice on a criterion's page: answering by a plain form, what is said, what is kept, mastery, and who sees what."""

from __future__ import annotations

import json
import uuid

import pytest

from assessment.models import Answer, LearnerUnit, Work
from content.activities.blocks import activities_in
from content.models import Lesson
from courseware.people.models import User
from tests import make
from tests.study_pages import client_of, cost_of, main_of, page_of, weight_of

pytestmark = pytest.mark.django_db
LESSON = "/units/101/2.1/"

# To each activity of the tiny unit: a form that answers it rightly, one that does not, and what is stored of both.
FORMS = {
    "why-warm-the-pot": ({"option": "b"}, {"option": "a"}, {"chosen": ["b"]}, {"chosen": ["a"]}),
    "what-spoils": ({"option": ["a", "b"]}, {"option": ["c", "a"]}, {"chosen": ["a", "b"]}, {"chosen": ["a", "c"]}),
    "leaves-for-six": ({"number": "15.00 g"}, {"number": "17.5"}, {"number": "15"}, {"number": "17.5"}),
}


def activity(name: str):
    lesson = Lesson.objects.filter(criterion__number="2.1").latest("pk")
    return next(one for one in activities_in(lesson.body) if one.id == name)


def send(user: User, name: str, key: uuid.UUID | None = None, **fields):
    form = {"key": key or uuid.uuid4(), **{k.replace("_", "-"): v for k, v in fields.items()}}
    return client_of(user).post(f"{LESSON}practice/{name}/", form)


@pytest.fixture
def unit() -> LearnerUnit:
    return make.learner_unit()


@pytest.fixture
def learner(unit: LearnerUnit) -> User:
    return unit.learner.user


@pytest.mark.parametrize("name", FORMS)
def test_an_answer_is_kept_as_it_is_and_told_on_the_page(learner, name):
    right, wrong, as_right, as_wrong = FORMS[name]
    for form, kept, says in ((wrong, as_wrong, "Not yet."), (right, as_right, "Right.")):
        response = send(learner, name, **form)
        assert (response.status_code, response["Location"]) == (303, f"{LESSON}#{name}")
        answer = Answer.objects.latest("pk")
        assert (json.loads(answer.answer), answer.right) == (kept, says == "Right.")
        assert says in main_of(learner, LESSON)
    assert list(Answer.objects.order_by("pk").values_list("number", flat=True)) == [1, 2]


def keyed(name: str, wanted: dict[str, str] | list[str]) -> dict[str, str]:
    """The form that gives each part, named by its words, what `wanted` says."""
    one = activity(name)
    shown = one.kind.show(one.data, {}, None)
    if one.kind.name == "order":
        return {f"place-{i['letter']}": str(wanted.index(i["words"]) + 1) for i in shown["items"]}
    if one.kind.name == "match":
        numbers = {words: number for number, words in shown["rights"]}
        return {f"right-{i['letter']}": numbers[wanted[i["words"]]] for i in shown["lefts"]}
    numbers = {words: number for number, words in shown["categories"]}
    return {f"in-{i['letter']}": numbers[wanted[i["words"]]] for i in shown["items"]}


PARTS = {
    "steps": ["Warm the pot", "Measure the leaves", "Pour the water", "Wait"],
    "leaves-and-minutes": {"Green tea": "Two minutes", "Black tea": "Four minutes", "Peppermint": "Eight minutes"},
    "before-or-after": {
        "Warming": "Before the water",
        "Measuring": "Before the water",
        "Waiting": "After the water",
        "Serving": "After the water",
    },
}


@pytest.mark.parametrize("name", PARTS)
def test_parts_in_the_right_places_are_right_and_one_elsewhere_says_why(learner, name):
    form = keyed(name, PARTS[name])
    fields = list(form)
    wrong = form | {fields[0]: form[fields[1]], fields[1]: form[fields[0]]}
    if name == "before-or-after":
        wrong = form | {fields[0]: "1" if form[fields[0]] == "2" else "2"}
    assert send(learner, name, **wrong).status_code == 303
    one = activity(name)
    page = main_of(learner, LESSON)
    assert one.data["wrong"] in page
    kept = Answer.objects.latest("pk")
    judged = one.kind.judge(one.data, json.loads(kept.answer))
    assert not judged.right
    assert list(judged.marks.values()).count(False) == (1 if name == "before-or-after" else 2)
    assert all(judged.replies[letter] in page for letter, mark in judged.marks.items() if not mark)
    assert send(learner, name, **form).status_code == 303
    assert one.data["right"] in main_of(learner, LESSON)
    assert Answer.objects.latest("pk").right


def test_a_story_goes_on_until_it_ends_and_is_kept_only_then(learner):
    response = send(learner, "guests", path="", choice="a")
    assert response["Location"] == f"{LESSON}?at=guests.a#guests"
    assert not Answer.objects.exists()
    page = main_of(learner, response["Location"])
    assert "You chose: Open, and say that tea takes five minutes." in page
    assert "The kettle boils." in page
    assert send(learner, "guests", path="a", choice="a")["Location"] == f"{LESSON}#guests"
    page = main_of(learner, LESSON)
    assert "Everybody wants a second cup." in page
    assert "Lukewarm water cost the whole pot." in page
    assert Answer.objects.get().right
    send(learner, "guests", path="", choice="b")
    assert "Not a good end." in main_of(learner, LESSON)


@pytest.mark.parametrize(
    "at", ["guests.z", "guests.ab", "guests.aaaaaaaaaaaaaaaaa", "steps.a", "nothing.a", "guests", "\0"]
)
def test_an_address_that_tells_no_story_shows_the_beginning(learner, at):
    send(learner, "guests", path="b" if at == "x" else "", choice="b")
    assert client_of(learner).get(LESSON, {"at": at}).status_code == 200


def test_a_thought_is_kept_and_grows_and_only_its_learner_reads_it(learner, unit):
    tutor = make.staff(unit.cohort, "tutor")
    send(learner, "best-cup", text="On the ferry.")
    assert "Which of the steps above was it?" in main_of(learner, LESSON)
    send(learner, "best-cup", text="On the ferry, at six.\r\nCold hands.")
    work = Work.objects.get()
    assert json.loads(work.answer) == {"text": "On the ferry, at six.\nCold hands."}
    assert "On the ferry, at six." in page_of(learner, LESSON)
    for address in (LESSON, f"/learner-units/{unit.uid}/"):
        assert "ferry" not in page_of(tutor.user, address)
    assert not Work.objects.visible_to(tutor.user).exists()
    assert Work.objects.visible_to(learner).get() == work


def test_a_model_answer_opens_after_an_own_attempt_only(learner):
    model = "I warm the pot first, because a cold one would take the heat"
    send(learner, "explain-the-pot", text="Too short.", step_1="Warm", done=["1"])
    page = main_of(learner, LESSON)
    assert model not in page
    assert "A model answer opens here when your own has 80 words." in page
    send(learner, "explain-the-pot", text="Because it is so. " * 25, done=["1", "2"], meets=["b"])
    assert model in main_of(learner, LESSON)
    assert json.loads(Work.objects.get().answer)["done"] == ["1", "2"]


def test_a_list_is_composed_row_by_row_and_drawn(learner):
    rows = {"rows": "2", "about-place": "Station kiosk", "1-step": "Welcome", "1-mood": "3", "1-moment": "yes"}
    rows |= {"2-step": "Pouring <b>", "2-mood": "1", "2-doing": "Waits\nand looks"}
    send(learner, "tea-round", **rows, do="add")
    kept = json.loads(Work.objects.get().answer)
    assert [row.get("step", "") for row in kept["rows"]] == ["Welcome", "Pouring <b>", ""]
    page = page_of(learner, LESSON)
    assert '<svg class="drawing"' in page
    assert "Pouring &lt;b&gt;" in page
    assert "<b>" not in page.partition('<svg class="drawing"')[2].partition("</svg>")[0]
    send(learner, "tea-round", **rows, do="down-1")
    assert [row["step"] for row in json.loads(Work.objects.get().answer)["rows"]] == ["Pouring <b>", "Welcome"]
    send(learner, "tea-round", **rows, do="remove-2")
    assert [row["step"] for row in json.loads(Work.objects.get().answer)["rows"]] == ["Welcome"]
    assert "Still to do: 2" in main_of(learner, LESSON)


# -- What is missing, and what no page sends ---------------------------------------------------------------------------

MISSING = {
    "why-warm-the-pot": ({}, "Choose an answer first."),
    "steps": ({"place-a": "1", "place-b": "1"}, "Give each place to one item."),
    "leaves-and-minutes": ({"right-a": "1"}, "Choose something for each."),
    "before-or-after": ({}, "Put each of them somewhere."),
    "leaves-for-six": ({"number": "about six"}, "Write a number, such as 12 or 12.5."),
    "guests": ({"path": "a"}, "Choose what to do."),
    "best-cup": ({"text": "  "}, "Write something first."),
    "explain-the-pot": ({}, "Write something first, or tick a step."),
    "tea-round": ({"rows": "1"}, "Write something first."),
}


@pytest.mark.parametrize("name", MISSING)
def test_what_is_missing_is_said_and_what_was_typed_stays(learner, name):
    form, says = MISSING[name]
    response = send(learner, name, **form)
    assert response.status_code == 422
    page = response.content.decode()
    assert says in page
    assert form.get("number", "") in page
    assert not Answer.objects.exists()
    assert not Work.objects.exists()


HOSTILE = {
    "a choice that is not there": ("why-warm-the-pot", {"option": "z"}),
    "a choice twice": ("what-spoils", {"option": ["a", "a"]}),
    "a field that is not there": ("steps", {"place-a": "1", "place-q": "2"}),
    "a place that is not there": ("steps", {"place-a": "9"}),
    "several places for one": ("steps", {"place-a": ["1", "2"]}),
    "a partner that is not there": ("leaves-and-minutes", {"right-a": "99"}),
    "a category that is not there": ("before-or-after", {"in-a": "0"}),
    "NaN": ("leaves-for-six", {"number": "NaN"}),
    "infinity": ("leaves-for-six", {"number": "-Infinity"}),
    "a power": ("leaves-for-six", {"number": "1e999"}),
    "a long number": ("leaves-for-six", {"number": "1" * 100}),
    "something nested": ("leaves-for-six", {"number[a][b]": "1"}),
    "a way that is not there": ("guests", {"path": "ac", "choice": "a"}),
    "an endless way": ("guests", {"path": "a" * 500}),
    "a choice after the end": ("guests", {"path": "aa", "choice": "a"}),
    "a book": ("best-cup", {"text": "x" * 20_000}),
    "a null character": ("best-cup", {"text": "a\0b"}),
    "a step that is not there": ("explain-the-pot", {"done": ["7"]}),
    "rows without end": ("tea-round", {"rows": "21"}),
    "rows that are no number": ("tea-round", {"rows": "١"}),
    "a button that is not there": ("tea-round", {"rows": "1", "1-step": "x", "do": "remove-2"}),
    "another button": ("tea-round", {"rows": "1", "1-step": "x", "do": "drop table"}),
    "a cell that is not there": ("tea-round", {"rows": "1", "2-step": "x"}),
    "a thousand fields": ("tea-round", {f"f{n}": "x" for n in range(900)}),
    "no key": ("why-warm-the-pot", {"option": "b", "key": "nothing"}),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_an_answer_that_no_page_sends_is_refused_clearly(learner, what):
    name, form = HOSTILE[what]
    response = client_of(learner).post(f"{LESSON}practice/{name}/", {"key": uuid.uuid4(), **form})
    assert response.status_code == 400
    assert "That request makes no sense" in response.content.decode()
    assert not Answer.objects.exists()
    assert not Work.objects.exists()


@pytest.mark.parametrize(
    "path", ["practice/nothing/", "practice/points/", "../9.9/practice/steps/", "../9.9/start-over/"]
)
def test_what_is_not_there_is_not_answered(learner, path):
    assert client_of(learner).post(f"{LESSON}{path}", {"key": uuid.uuid4()}).status_code == 404


def test_the_same_form_twice_is_one_try_and_nobody_reads_anothers_by_its_key(learner, unit):
    key = uuid.uuid4()
    for _ in range(2):
        assert send(learner, "why-warm-the-pot", key=key, option="b").status_code == 303
    assert Answer.objects.count() == 1
    peer = make.learner_unit(unit.cohort).learner.user
    assert send(peer, "why-warm-the-pot", key=key, option="a").status_code == 303
    assert send(learner, "what-spoils", key=key, option="c").status_code == 303
    assert Answer.objects.count() == 3
    assert "Rinsing cleans" not in page_of(learner, LESSON)


def test_staff_read_the_questions_and_cannot_answer(unit):
    tutor = make.staff(unit.cohort, "tutor")
    assert "Put the steps in order." in main_of(tutor.user, LESSON)
    assert "<form" not in page_of(tutor.user, LESSON).partition('id="lesson"')[2].partition("</section>")[0]
    assert send(tutor.user, "why-warm-the-pot", option="b").status_code == 403
    assert client_of(tutor.user).post(f"{LESSON}start-over/").status_code == 403
    assert not Answer.objects.exists()


# -- Mastery -----------------------------------------------------------------------------------------------------------


def answer_rightly(learner: User, *names: str) -> None:
    for name in names:
        form = FORMS[name][0] if name in FORMS else keyed(name, PARTS[name])
        assert send(learner, name, **form).status_code == 303


def test_four_different_ones_right_of_the_last_five_are_mastery_and_the_tutor_sees_that_alone(learner, unit):
    tutor = make.staff(unit.cohort, "tutor")
    places = {LESSON: learner, "/units/101/": learner, f"/learner-units/{unit.uid}/": tutor.user}
    assert not any("Practice: mastered" in main_of(user, address) for address, user in places.items())
    for _ in range(4):
        answer_rightly(learner, "why-warm-the-pot")
    assert "Practice: 1 of the last 5 right" in main_of(learner, "/units/101/")
    answer_rightly(learner, "what-spoils", "leaves-for-six")
    for _ in range(2):
        send(learner, "why-warm-the-pot", option="a")
    answer_rightly(learner, "steps")
    assert "Practice: 3 of the last 5 right" in main_of(tutor.user, f"/learner-units/{unit.uid}/")
    answer_rightly(learner, "leaves-and-minutes", "before-or-after", "leaves-for-six")
    assert all("Practice: mastered" in main_of(user, address) for address, user in places.items())
    assert "A cold pot would take heat" not in main_of(tutor.user, f"/learner-units/{unit.uid}/")


def test_starting_over_clears_the_tries_of_that_criterion_and_nothing_else(learner, unit):
    peer = make.learner_unit(unit.cohort).learner.user
    for user in (learner, peer):
        answer_rightly(user, "why-warm-the-pot")
    send(learner, "best-cup", text="On the ferry.")
    response = client_of(learner).post(f"{LESSON}start-over/")
    assert (response.status_code, response["Location"]) == (303, f"{LESSON}#lesson")
    assert Answer.objects.get().learner_unit.learner.user == peer
    assert Work.objects.count() == 1
    assert "Practice: not begun" in main_of(learner, LESSON)


def test_a_single_activity_can_be_cleared_without_losing_the_try(learner):
    answer_rightly(learner, "why-warm-the-pot")
    assert "checked" in page_of(learner, LESSON)
    assert "checked" not in page_of(learner, f"{LESSON}?at=why-warm-the-pot")
    assert Answer.objects.count() == 1


# -- Cost and weight ---------------------------------------------------------------------------------------------------


def test_a_lesson_with_every_activity_answered_costs_what_a_page_may(learner, unit):
    page_of(learner, LESSON)  # the first look of a visit is written down
    before = cost_of(learner, LESSON)
    answer_rightly(learner, *FORMS, *PARTS)
    send(learner, "best-cup", text="On the ferry.")
    send(learner, "explain-the-pot", text="Because it is so. " * 25)
    send(learner, "guests", path="a", choice="a")
    assert cost_of(learner, LESSON) == before == 11
    assert weight_of(learner, LESSON) <= 12_000


def test_only_the_scripts_that_are_needed_are_loaded(learner):
    assert page_of(learner, LESSON).count("activities/") == 1
    assert "activities/order/script" in page_of(learner, LESSON)
    assert "activities/" not in page_of(learner, "/units/101/1.1/")


# -- Kept as one types -------------------------------------------------------------------------------------------------


def typed(user: User, name: str, revision: str = "", who: str = "", **fields):
    sent = {"key": uuid.uuid4(), "revision": revision, "who": who, **fields}
    script = {"X-Requested-With": "XMLHttpRequest"}
    return client_of(user).post(f"{LESSON}practice/{name}/", sent, headers=script)


def work_named(kind: str) -> str:
    lesson = Lesson.objects.filter(criterion__number="2.1").latest("pk")
    return next(one.id for one in activities_in(lesson.body) if one.kind.name == kind)


def test_what_is_written_in_an_activity_is_kept_as_one_types(learner, unit):
    name = work_named("reflect")
    assert 'work=""' in page_of(learner, LESSON)
    first = typed(learner, name, text="The pot was cold", who=str(learner.uid)[:8])
    assert (first.status_code, set(first.json())) == (200, {"saved_at", "revision"})
    seen = first.json()["revision"]
    assert f'work="{seen}"' in page_of(learner, LESSON)
    second = typed(learner, name, seen, text="The pot was cold, so the tea was weak")
    assert second.json()["revision"] != seen
    assert json.loads(Work.objects.get().answer)["text"] == "The pot was cold, so the tea was weak"
    again = typed(learner, name, seen, text="The pot was cold, so the tea was weak")  # an answer that was lost
    assert again.json()["revision"] == second.json()["revision"]


def test_a_work_saved_from_another_device_meanwhile_is_not_overwritten(learner, unit):
    name = work_named("reflect")
    typed(learner, name, text="From the phone")
    answer = typed(learner, name, text="From the desk")
    assert (answer.status_code, "another window or device" in answer.json()["reason"]) == (409, True)
    assert json.loads(Work.objects.get().answer)["text"] == "From the phone"
    assert send(learner, name, text="Saved by the button").status_code == 303  # the button means what it says
    assert json.loads(Work.objects.get().answer)["text"] == "Saved by the button"


def test_a_work_of_nothing_or_of_somebody_elses_page_is_not_kept(learner, unit):
    name = work_named("reflect")
    empty = typed(learner, name, text="  ")
    assert (empty.status_code, empty.json()) == (422, {"reason": "Write something first."})
    other = make.learner_unit(unit.cohort).learner.user
    assert typed(other, name, text="Mine", who=str(learner.uid)[:8]).status_code == 403
    assert not Work.objects.exists()
