"""The autumn cohort: learners at every stage, one of them in trouble, most of them Daniel Hughes's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from assessment.workflow import deadlines, decisions, quality, reviews, submissions
from assessment.workflow.pins import Spot
from courseware.kit import clock

from . import prose, recordings, samples
from .arcs import by_outcome, hands_in
from .builder import At, Builder, Story
from .prose import Case

# The two paragraphs of Maya's map, and a part of each that her tutor points at.
FIRST, SECOND = Spot("page", 1, 1000, 1320, 8000, 830), Spot("page", 1, 1000, 2190, 8000, 850)
PRICES, LATER = Spot("page", 1, 4600, 1530, 4200, 420), Spot("page", 1, 4600, 2390, 4200, 420)
COHORT = "Retention Marketing, autumn"
LEARNERS = (
    ("learner", "Maya Okafor"),
    ("learner2", "Tom Whitfield"),
    ("grace", "Grace Mensah"),
    ("noor", "Noor Rahman"),
    ("ben", "Ben Carter"),
    ("elin", "Elin Roberts"),
    ("kai", "Kai Lewis"),
    ("owen", "Owen Davies"),
    ("zofia", "Zofia Kamińska"),
    ("leo", "Leo Martins"),
    ("ines", "Inês Duarte"),
    ("rhys", "Rhys Bowen"),
    ("nadia", "Nadia Petrova"),
)


def stories(b: Builder) -> Iterator[Story]:
    """Everything that happens in the autumn cohort."""
    yield _opens(b)
    yield _complete(b, "noor", prose.BRIGHTWELL, 50)
    yield _complete(b, "ben", prose.PENNINE, 48)
    yield _sampled(b)
    yield _complete(b, "grace", prose.ORCHARD, 14)
    yield _maya(b)
    yield _maya_reviews(b)
    yield _tom(b)
    yield _kai(b)
    yield _owen(b)
    yield _zofia(b)
    yield _leo(b)
    for week, numbers in enumerate(by_outcome(b)):
        yield hands_in(b, "ines", prose.MILLRACE, numbers, 40 - 12 * week, tutor="tutor", after=4)
    yield hands_in(b, "rhys", prose.CANALSIDE, ["1.1", "2.6"], 19)
    yield hands_in(b, "nadia", prose.LANTERN, ["1.1", "1.2", "1.3", "1.4", "1.5"], 45, tutor="sunita", after=15)
    yield hands_in(b, "nadia", prose.LANTERN, ["2.1", "2.5"], 4)


def _opens(b: Builder) -> Story:
    yield At(70, 9)
    b.cohort("autumn", COHORT, 68, 30)
    for who in ("tutor", "iqa"):
        b.allocate("autumn", who, who)
    for who, name in LEARNERS:
        b.join("autumn", f"{who}@demo.example", name)
    b.due("autumn", o1=-9, o2=33, o3=96)
    for who in ("trainee", "tutor"):
        b.allocate("autumn", who, "tutor", "learner2")
    for learner in ("rhys", "nadia"):
        b.allocate("autumn", "sunita", "tutor", learner)
    yield At(2, 9, 20)
    b.join("autumn", "priti@demo.example", "Priti Shah")


def _complete(b: Builder, who: str, case: Case, days_ago: int) -> Story:
    """A text for every criterion, handed in by outcome, met, signed off a few days later."""
    for step, numbers in enumerate(by_outcome(b)):
        yield At(days_ago - step, 19, 20)
        b.wrote(b.units[who], case, *numbers)
        made = b.submit(b.units[who], *numbers)
        yield At(days_ago - step - 1, 11, 5)
        b.mark(made, "tutor")
    yield At(days_ago - 4, 16, 40)
    decisions.sign_off(by=b.user("tutor"), learner_unit=b.units[who])


def _sampled(b: Builder) -> Story:
    """A plan over Noor's and Ben's units: one released, one with an action point that waits for the tutor."""
    yield At(40, 9, 30)
    iqa, today = b.user("iqa"), clock.now().date()
    rules = quality.Rules(today - dt.timedelta(days=30), today, "count", 2, None, b.members["iqa"])
    plan = quality.draft_plan(by=iqa, cohort=b.cohorts["autumn"], rules=rules)
    yield At(39, 14)
    quality.approve_plan(by=b.user("lead"), plan=plan)
    items = b.items(plan)
    yield At(36, 10, 15)
    item = items[b.units["noor"].pk]
    b.agree(item, "iqa")
    b.report(item, "iqa", prose.REPORT_GOOD)
    reviews.close_item(by=iqa, item=item)
    quality.release_unit(by=iqa, item=item)
    yield At(6, 15, 10)
    reviews.review_decision(
        by=iqa,
        item=items[b.units["ben"].pk],
        decision=b.units["ben"].decisions.get(criterion__number="2.3"),
        outcome="action_required",
        feedback="The outcome stands. The feedback does not say against which standard the policy was judged.",
        action="Add to the record which standard you held the policy against, and tell Ben.",
    )


def _maya(b: Builder) -> Story:
    """In progress: some met, one referred with a new version in draft, some with the tutor, much to come."""
    case = prose.LARKSPUR
    journey = [*prose.WORK["1.1"][1].format(org=case.org, what=case.what, person=case.person).split("\n\n")]
    yield At(24, 20, 45)
    unit = b.units["learner"]
    stages = ["A friend's kitchen", "Ten minutes online", "Prices left open", "An e-mail answered"]
    later = ["Four minutes to pay", "How was the grind?", "A postcard for a friend"]
    title = "Customer journey map, Larkspur Coffee"
    item = b.added(unit, title, "larkspur-journey-map.pdf", samples.pdf(title, journey), "1.1")
    board = samples.board_jpg("Journey wall", [*stages, *later], place=True)
    wall = b.added(unit, "Photograph of the journey wall", "journey-wall.jpg", board, "1.1")
    b.pinned(item, "1.1", "From the friend's sentence to the order", FIRST)
    b.pinned(item, "1.1", "What happens after it is bought", SECOND)
    b.pinned(wall, "1.1", "The wall, as it was on the day", Spot("page", 1))
    made = b.submit(unit, "1.1")
    yield At(21, 16, 10)
    b.noted(made, "1.1", "tutor", item, "The lunch and the open page of prices: alive. Keep them.", PRICES)
    b.noted(made, "1.1", "tutor", item, "Retention and advocacy are named here. What happens in them?", LATER)
    b.mark(made, "tutor", refer={"1.1": prose.JOURNEY_REFERRED})
    yield At(18, 18, 5)
    title, text = prose.text_of("1.3", case)
    b.added(unit, title, "retention-figures.docx", samples.docx(title, text.split("\n\n")), "1.3")
    chart = samples.chart_png("Still ordering after", [("1 month", 61), ("3 months", 38), ("12 months", 22)])
    b.added(unit, "Chart of who came back", "who-came-back.png", chart, "1.3")
    first, letters = b.wrote(unit, case, "1.5", "2.1")
    b.pinned(first, "1.5", "The group that nobody called", Spot("paragraph", 1))
    ai = "A chat assistant suggested headings for 1.5. I kept two of six."
    made = b.submit(unit, "1.3", "1.5", "2.1", ai=ai)
    yield At(15, 9, 50)
    b.noted(made, "2.1", "tutor", letters, "Show the two letters next time, side by side.", Spot("paragraph", 1))
    b.mark(made, "tutor")
    yield At(3, 21, 15)
    title, tune = "Talk with the owner about sources", recordings.mp3(20)
    talk = b.added(unit, title, "talk-with-the-owner.mp3", tune, "1.4", method="discussion")
    b.pinned(talk, "1.4", "Where the figures come from", Spot("time", from_ms=8000))
    b.wrote(unit, case, "1.4", "2.2")
    b.submit(unit, "1.4", "2.2")
    yield At(1, 14, 30)
    b.wrote(unit, case, "1.2")
    more = "At each stage Larkspur could count one thing: mentions, minutes, replies, baskets, orders, codes."
    second = samples.pdf("Customer journey map, second version", [*journey, more])
    b.replaced(unit, item, "larkspur-journey-map-2.pdf", second)


def _maya_reviews(b: Builder) -> Story:
    """A few minutes now and then, and some days nothing; today something is due."""
    days = ((17, (3, 2, 3, 1, 4, 3, 3)), (15, (3, 3, 1, 3, 3)), (11, (3, 4, 3)), (6, (2, 3, 1, 3, 3)))
    for days_ago, ratings in days:
        yield At(days_ago, 7, 40)
        b.reviewed(b.units["learner"], *ratings)


def _tom(b: Builder) -> Story:
    """With the trainee: a later date, one not yet met, two Met that wait to be countersigned."""
    yield At(30, 9, 45)
    first = [one for number, one in b.criteria.items() if number.startswith("1")]
    until = (b.now + dt.timedelta(days=12)).date()
    deadlines.extend(by=b.admin, learner_unit=b.units["learner2"], criteria=first, due_on=until, reason=prose.MORE_TIME)
    yield At(12, 19)
    unit = b.units["learner2"]
    b.wrote(unit, prose.TIDEWAY, "1.1", "1.2", "2.6")
    made = b.submit(unit, "1.1", "1.2", "2.6")
    yield At(8, 13, 20)
    b.mark(made, "trainee", refer={"1.2": prose.TOOLS_REFERRED})


def _kai(b: Builder) -> Story:
    """In trouble: the first criterion came back three times, and for five weeks there is nothing."""
    for days_ago, feedback in zip((58, 50, 41), prose.TROUBLE, strict=True):
        yield from hands_in(b, "kai", prose.SADDLER, ["1.1"], days_ago, tutor="tutor", after=4, refer={"1.1": feedback})


def _owen(b: Builder) -> Story:
    """Has begun: evidence mapped, nothing handed in."""
    yield At(9, 21, 30)
    b.wrote(b.units["owen"], prose.GREENGATE, "1.1", "1.2", "2.7")


def _zofia(b: Builder) -> Story:
    """Handed in another unit's file: it came back unmarked."""
    yield At(13, 18, 15)
    unit = b.units["zofia"]
    text = ["Unit 405, task 2: how the price of the outing was worked out."]
    b.added(unit, "Workbook", "unit-405-workbook.pdf", samples.pdf("Workbook, unit 405", text), "3.4")
    made = b.submit(unit, "3.4")
    yield At(11, 10, 5)
    submissions.return_submission(by=b.user("tutor"), submission=made, reason=prose.WRONG_FILE)


def _leo(b: Builder) -> Story:
    """Took a hand-in back to add to it; the second time most of it was met."""
    yield At(30, 17, 45)
    unit = b.units["leo"]
    b.wrote(unit, prose.FOXGLOVE, "2.2")
    early = b.submit(unit, "2.2")
    yield At(29, 8, 10)
    submissions.withdraw_submission(by=unit.learner.user, submission=early)
    yield At(27, 20)
    b.wrote(unit, prose.FOXGLOVE, "2.3")
    made = b.submit(unit, "2.2", "2.3")
    yield At(24, 15, 30)
    b.mark(made, "tutor", refer={"2.3": prose.POLICY_REFERRED})
