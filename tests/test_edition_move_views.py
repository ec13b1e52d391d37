"""The page on which a cohort goes on with a changed specification."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessment.models import Cohort, EditionMove, LearnerUnit
from courseware.people.models import Membership
from tests import make
from tests.edition_builders import second_edition
from tests.flat import flat
from tests.marking_pages import signed_in, statements
from tests.people_builders import administrator_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort() -> Cohort:
    return make.cohort(name="Autumn")


def address(cohort: Cohort) -> str:
    return reverse("cohort-edition", args=[cohort.uid])


def admin(cohort: Cohort) -> Client:
    return signed_in(administrator_of(cohort.centre))


def fields(answer: Any, **more: str) -> dict[str, str]:
    form = answer.context["form"]
    return {
        "name": form["name"].value() if "name" in form.fields else "",
        "to": str(form["to"].value()),
        "seen": form["seen"].value(),
        "key": str(form["key"].value()),
        "reason": "1.2 was not clear.",
    } | more


def test_a_cohort_is_moved_from_its_page_and_everybody_reads_on(cohort: Cohort) -> None:
    tutor = make.staff(cohort, "tutor")
    goes, stays = make.learner_unit(cohort, name="Maya Okafor"), make.learner_unit(cohort, name="Ben Shaw")
    one, two, _ = make.criteria(goes)
    make.marked(make.submission(goes, one), tutor.user)
    make.mapped(goes, two)
    make.submission(stays, two)
    client, page = admin(cohort), reverse("cohort", args=[cohort.uid])
    assert "Move to the new edition" not in flat(client.get(page))
    assert "Nothing to move to" in flat(client.get(address(cohort)))
    assert client.post(address(cohort), {}).status_code == 409
    second_edition()
    assert "Move to the new edition" in flat(client.get(page))
    shown = client.get(address(cohort))
    said = flat(shown)
    for words in (
        "One learner goes on with edition 2; one learner stays",
        "Other words",
        "Other number",
        "New",
        "One criterion is unchanged",
        "1.1 keeps what was handed in and decided. One mapping goes to the new words or number.",
        "Handed in for 1.2, which is not the same any more.",
        "Move one learner",
    ):
        assert words in said, words
    sent = fields(shown)
    assert sent["name"] == "Autumn, edition 2"
    assert client.post(address(cohort), sent | {"reason": ""}).status_code == 422
    assert not EditionMove.objects.exists()
    answer = client.post(address(cohort), sent)
    to = EditionMove.objects.get().to_cohort
    assert (answer.status_code, answer.headers["Location"]) == (303, reverse("cohort", args=[to.uid]))
    assert client.post(address(cohort), sent).headers["Location"] == reverse("cohort", args=[to.uid])  # pressed twice
    assert EditionMove.objects.count() == 1
    assert client.get(reverse("cohort", args=[to.uid])).status_code == 200
    assert f'Who went on with a newer edition is in <a href="{answer.headers["Location"]}">' in flat(client.get(page))
    assert "Who went on" not in flat(signed_in(make.fresh(tutor.user)).get(page))
    assert "Nobody now" in flat(client.get(address(cohort)))
    reads_on(goes, tutor)


def reads_on(unit: LearnerUnit, tutor: Membership) -> None:
    """The learner's pages and the tutor's have the new criteria, and what was decided on the one that stayed."""
    learner, marks = signed_in(make.fresh(unit.learner.user)), signed_in(make.fresh(tutor.user))
    submission = unit.submissions.order_by("pk")[0]
    version = unit.evidence.order_by("pk")[1].versions.order_by("pk")[0]
    both = [("learner-unit", [unit.uid]), ("learner-timeline", [unit.uid]), ("submission", [submission.uid])]
    theirs = [("portfolio", []), ("cards", []), ("submission-draft", [unit.uid]), ("evidence-map", [version.uid])]
    desk = [("marking-desk", [submission.uid, "1.1"]), ("marking", []), ("learner-criterion", [unit.uid, "2.2"])]
    for client, pages in ((learner, [*both[1:], *theirs]), (marks, [*both, *desk, ("unit-record", [unit.uid])])):
        for name, args in pages:
            assert client.get(reverse(name, args=args), follow=True).status_code == 200, name
    assert "heat, time and water" in flat(learner.get(reverse("unit-map", args=["101"])))
    for number in ("1.1", "1.2", "2.1", "2.2"):
        said = flat(learner.get(reverse("criterion", args=["101", number])))
        assert (make.FEEDBACK[:20] in said) == (number == "1.1"), number
    assert "Goes on with a new edition of the unit." in flat(learner.get(reverse("learner-timeline", args=[unit.uid])))


def test_a_page_that_moved_on_is_shown_anew_and_nobody_is_moved(cohort: Cohort) -> None:
    unit = make.learner_unit(cohort)
    second_edition()
    client = admin(cohort)
    sent = fields(client.get(address(cohort)))
    make.submission(unit, make.criteria(unit)[1])
    make.learner_unit(cohort)
    answer = client.post(address(cohort), sent)
    assert answer.status_code == 409
    assert "Read it again: nobody was moved" in flat(answer)
    assert "1.2 was not clear." in answer.content.decode()
    assert not EditionMove.objects.exists()
    assert client.post(address(cohort), fields(answer)).status_code == 303
    wrong = fields(client.get(address(cohort)), to="00000000-0000-4000-8000-000000000000")
    assert client.post(address(cohort), wrong).status_code == 409


@pytest.mark.parametrize("rows", [1, 4])
def test_the_page_costs_the_same_however_many_learners_there_are(cohort: Cohort, rows: int) -> None:
    for _ in range(rows):
        unit = make.learner_unit(cohort)
        make.submission(unit, make.criteria(unit)[0])
    second_edition()
    client = admin(cohort)
    client.get("/")
    assert statements(client, address(cohort)) == 11
