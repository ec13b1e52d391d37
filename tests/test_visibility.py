"""Nobody learns of what is not theirs: every page searched for words that it must not hold, every queryset counted."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model
from django.test import Client

from assessment.models import Allocation, EvidenceVersion, LearnerUnit
from assessment.workflow import visits
from courseware.kit import clock
from courseware.people import workflow as people
from courseware.people.models import Centre, Membership, User
from courseware.people.standing import forget
from tests import make, matrix
from tests.house import House, end_allocations
from tests.house_door import RECORD, home
from tests.people_builders import gone, make_member

__all__ = ("home",)
pytestmark = [pytest.mark.django_db, pytest.mark.unmeasured]
TABLE = matrix.table()
WORD = re.compile(r"(?:zebra|okapi)-[a-z]+-[a-z-]*[a-z]")
LEARNERS = ("maya", "peer")
# What evidence, decisions and reviews say, and what evidence is called: nothing of it is an administrator's.
CONTENT = re.compile(r"-(?:text|title|why|declared|feedback|cell|file|sheet|typed|unsent|trained|done|hidden)\b")


def user_called(home: House, who: str) -> User:
    """Somebody's account, of either centre."""
    site = home.away if who in ("far", "outside") else home.here
    return make.fresh(site.user(who))


def pages(home: House, who: str, whose: str) -> Iterator[tuple[str, str]]:
    """Every address about `whose` things that answers `who` with a page or a file: its name and text, in lower case."""
    client = Client()
    client.force_login(user_called(home, who))
    about = home.about(whose)
    for name, ways in sorted(TABLE.items()):
        if set(ways["get"].values()) <= {302, 405} or name == "account_logout":
            continue
        answer: Any = client.get(matrix.address(about, name), follow=True)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        yield f"{name} ({answer.status_code})", content.decode(errors="replace").lower()


def words_in(home: House, who: str, whose: str) -> dict[str, str]:
    """The unmistakable words that somebody meets on the way through all addresses, each with a page that holds it."""
    return {word: name for name, text in pages(home, who, whose) for word in WORD.findall(text)}


def only(met: dict[str, str], allowed: Callable[[str], object]) -> None:
    """Every word met is one that may be."""
    assert {word: name for word, name in met.items() if not allowed(word)} == {}


# -- Pages -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("whose", ["maya", "peer", "far"])
def test_a_learner_meets_own_words_and_nothing_hidden_unreleased_or_anybody_elses(home: House, whose: str) -> None:
    met, staff = words_in(home, "maya", whose), ("zebra-tutor-name", "zebra-trainee-name", "zebra-centre-name")
    only(
        met,
        lambda word: (
            word in staff
            or word in ("zebra-cohort-name", "zebra-second-name", "zebra-unit", "zebra-unit-title")
            or (word.startswith("zebra-maya-") and "-hidden" not in word)
        ),
    )
    # What is hers is there, so the search finds words where they are.
    assert {"zebra-maya-name", "zebra-maya-title"} <= met.keys()
    if whose == "maya":
        own = ("text", "feedback", "declared", "why", "unsent-title", "typed")
        assert {f"zebra-maya-{what}" for what in own} <= met.keys()


def test_a_learner_hears_nothing_of_a_decision_before_its_release(home: House) -> None:
    for name, text in pages(home, "maya", "maya"):
        if name.startswith(("action-points", "marking (")):
            continue  # empty lists of the staff, which say what would be in them
        # The table that explains every status is the same for everybody.
        main = re.sub(r"<details.*?</details>", "", text.partition("<main")[2], flags=re.DOTALL)
        for phrase in ("awaiting countersignature", "countersigned", "not agreed", "action point", "iqa review"):
            assert phrase not in main, (name, phrase)


@pytest.mark.parametrize("who", ["peer", "spare"])
def test_another_learner_meets_nothing_of_hers(home: House, who: str) -> None:
    only(
        words_in(home, who, "maya"), lambda word: not word.startswith(("okapi", "zebra-maya")) and "-hidden" not in word
    )


def test_a_tutor_who_is_not_allocated_meets_no_learner(home: House) -> None:
    only(words_in(home, "other", "maya"), lambda word: not word.startswith(("okapi", "zebra-maya", "zebra-peer")))


@pytest.mark.parametrize("who", ["tutor", "iqa", "lead", "eqa"])
def test_staff_meet_what_was_handed_in_and_nothing_of_what_was_not(home: House, who: str) -> None:
    met = words_in(home, who, "maya")
    only(met, lambda word: not word.startswith("okapi") and "-unsent" not in word and "-typed" not in word)
    # These are there for staff to read: so they could have leaked to the others.
    there = ["text", "title", "hidden-feedback"]
    if who == "tutor":
        there += ["hidden-trainee"]  # who countersigns it; the others find it on the desk of its criterion
    if who != "eqa":
        there += ["hidden-review", "hidden-action", "hidden-answer"]
    assert {f"zebra-maya-{what}" for what in there} <= met.keys()


def test_an_administrator_meets_people_and_progress_and_no_evidence_decision_or_feedback(home: House) -> None:
    met = words_in(home, "admin", "maya")
    only(met, lambda word: word == "zebra-unit-title" or (word.startswith("zebra") and not CONTENT.search(word)))
    assert {"zebra-maya-name", "zebra-maya-mail", "zebra-cohort-name"} <= met.keys()


@pytest.mark.parametrize(
    ("who", "whose"), [("tutor", "far"), ("admin", "far"), ("lead", "far"), ("outside", "maya"), ("far", "maya")]
)
def test_one_centre_meets_nothing_of_the_other(home: House, who: str, whose: str) -> None:
    foreign = "zebra" if who in ("outside", "far") else "okapi"
    only(words_in(home, who, whose), lambda word: not word.startswith(foreign))


# -- Querysets ---------------------------------------------------------------------------------------------------------


def visible_models() -> list[type[Model]]:
    """Every model whose rows are seen by some and not by others."""
    models = [model for label in RECORD for model in apps.get_app_config(label).get_models()]
    return [model for model in models if hasattr(model._default_manager.all(), "visible_to")]


def seen(user: User, model: type[Model]) -> Any:
    """The rows of `model` that `user` may know of, as a new request would ask."""
    forget()
    return model._default_manager.visible_to(make.fresh(user)).order_by("pk")  # type: ignore[attr-defined]  # just asked


def counted(user: User) -> dict[str, int]:
    """How many rows of each model somebody may know of."""
    return {model.__name__: seen(user, model).count() for model in visible_models()}


def units_of(user: User) -> set[LearnerUnit]:
    """The learner-units that somebody may know of."""
    return set(seen(user, LearnerUnit))


def test_every_model_that_should_has_its_visibility() -> None:
    assert sorted(model.__name__ for model in visible_models()) == [
        "ActionPoint",
        "Allocation",
        "Answer",
        "Caption",
        "Centre",
        "Cohort",
        "Comment",
        "Decision",
        "EvidenceItem",
        "EvidenceLink",
        "EvidenceVersion",
        "ExerciseJudgement",
        "FeedbackReply",
        "ItemReport",
        "LearnerImport",
        "LearnerUnit",
        "Membership",
        "Notice",
        "Pin",
        "PinnedNote",
        "Review",
        "ReviewAnswer",
        "ReviewCard",
        "SampleItem",
        "SamplePlan",
        "StandardisationExercise",
        "Submission",
        "UnitDraft",
        "Upload",
        "Visit",
        "VisitNote",
        "VisitRequest",
        "Work",
    ]


def test_no_queryset_shows_one_centre_to_the_other(home: House) -> None:
    for site, others in ((home.here, home.away), (home.away, home.here)):
        for who in site.people:
            for model in visible_models():
                rows = seen(site.user(who), model)
                centres = {row.pk if isinstance(row, Centre) else row.centre_id for row in rows}
                assert centres <= {site.centre.pk}, (who, model.__name__)
                assert others.centre.pk not in centres


def test_each_sees_as_many_rows_as_are_theirs(home: House) -> None:
    names = ("Decision", "EvidenceVersion", "LearnerUnit", "Review", "SamplePlan", "Submission")
    found = {who: tuple(counted(home.here.user(who))[name] for name in names) for who in home.here.people}
    # Each learner has 2 units, 5 versions (1 never handed in), 5 submissions (1 a draft) and 4 decisions (2 released).
    assert found == {
        "tutor": (8, 8, 4, 2, 0, 8),
        "trainee": (8, 8, 4, 2, 0, 8),
        "iqa": (8, 8, 4, 2, 2, 8),
        "lead": (8, 8, 4, 2, 2, 8),
        "eqa": (8, 8, 4, 2, 0, 8),
        "admin": (0, 0, 4, 0, 0, 0),
        "other": (0, 0, 0, 0, 0, 0),
        "spare": (0, 0, 0, 0, 0, 0),
        "maya": (2, 5, 2, 0, 0, 5),
        "peer": (2, 5, 2, 0, 0, 5),
    }


def test_an_allocation_that_ended_shows_nothing_more(home: House) -> None:
    eqa, trainee = home.here.people["eqa"], home.here.people["trainee"]
    assert units_of(eqa.user) != set()
    assert units_of(trainee.user) != set()
    end_allocations(eqa)
    end_allocations(trainee)
    visits.end_visit(by=home.here.user("lead"), visit=home.here.visit)
    for member in (eqa, trainee):
        left = counted(member.user)
        # The centre's comments, for whoever is a tutor there; an EQA's own visit, which opens nothing any more.
        bank = {"Comment"} if member is trainee else {"Visit", "VisitNote", "VisitRequest"}
        assert {name for name, count in left.items() if count} == {"Allocation", "Centre", "Membership"} | bank


def test_a_membership_that_ended_shows_nothing_at_all_but_a_learner_their_own(home: House) -> None:
    admin = home.here.user("admin")
    for who in ("tutor", "iqa", "lead", "eqa"):
        gone(home.here.people[who])
        left = counted(home.here.user(who))
        # Of an allocation of their own they know; it shows them nothing.
        assert {name for name, count in left.items() if count} <= {"Allocation"}, who
    people.end_membership(by=admin, membership=home.here.people["maya"])
    left = counted(home.here.user("maya"))
    assert (left["LearnerUnit"], left["EvidenceVersion"], left["Decision"], left["Centre"]) == (2, 5, 2, 0)


def test_a_learner_unit_row_replaces_the_cohorts_row_of_its_role(home: House) -> None:
    maya, peer = home.here.learners["maya"], home.here.learners["peer"]
    alone = make_member(home.here.centre, "iqa", "eqa")
    make.allocation(home.here.cohort, alone, "iqa", maya.unit)
    assert units_of(alone.user) == {maya.unit}
    # The cohort's IQA keeps the other learner, and the units of which they review the drawn item.
    assert units_of(home.here.user("iqa")) == {peer.unit, maya.done, peer.done}
    # Another role is not replaced by it.
    assert maya.unit in units_of(home.here.user("eqa"))
    # Once the row has ended the cohort's counts again.
    end_allocations(alone)
    assert units_of(alone.user) == set()
    assert maya.unit in units_of(home.here.user("iqa"))


def test_a_tutor_of_one_learner_replaces_the_cohorts_tutors_for_that_one(home: House) -> None:
    maya, peer = home.here.learners["maya"], home.here.learners["peer"]
    make.allocation(home.here.cohort, home.here.people["other"], "tutor", maya.unit)
    assert units_of(home.here.user("other")) == {maya.unit}
    assert units_of(home.here.user("trainee")) == {peer.unit, maya.done, peer.done}
    assert set(seen(home.here.user("trainee"), EvidenceVersion).filter(learner_unit=maya.unit)) == set()


def test_an_eqa_sees_from_the_first_day_to_the_last(home: House) -> None:
    eqa = home.here.people["eqa"]
    mine = Allocation.objects.filter(membership=eqa)
    now, day = clock.now(), dt.timedelta(days=1)
    for starts, ends, there in (
        (now + day, None, False),
        (now - day, None, True),
        (now - day, now + day, True),
        (now - 2 * day, now - day, False),
    ):
        mine.update(starts_at=starts, ends_at=ends)
        assert bool(units_of(eqa.user)) is there, (starts, ends)
        assert bool(seen(eqa.user, EvidenceVersion).exists()) is there


def test_a_role_that_ended_ends_what_its_allocation_shows(home: House) -> None:
    iqa = home.here.people["iqa"]
    iqa.grants.update(ends_at=clock.now())
    assert units_of(iqa.user) == set()


def test_somebody_signed_out_and_a_closed_account_see_nothing(home: House) -> None:
    lead = home.here.user("lead")
    assert any(counted(lead).values())
    User.objects.filter(pk=lead.pk).update(is_active=False)
    assert {name for name, count in counted(lead).items() if count} == set()
    assert Membership.objects.filter(user=lead).exists()


@pytest.mark.django_db
def test_a_named_countersigner_reads_only_what_the_trainee_is_responsible_for() -> None:
    cohort = make.cohort()
    countersigner = make.staff(cohort, "tutor", allocate=False)
    make.staff(cohort, "tutor", trainee=True, countersigner=countersigner)
    taken_over, of_the_trainee = make.learner_unit(cohort), make.learner_unit(cohort)
    make.allocation(cohort, make.staff(cohort, "tutor", allocate=False), "tutor", taken_over)
    assert list(LearnerUnit.objects.readable_by(countersigner.user)) == [of_the_trainee]
