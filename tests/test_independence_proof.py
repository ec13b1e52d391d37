"""The proof of independence: what it counts, what it finds when rows were written past the rules, what it costs."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from assessment.models import (
    BlindJudgement,
    Countersignature,
    Decision,
    DeclaredInterest,
    InterestEnd,
    Review,
    SampleItem,
)
from assessment.readings.quality.independence import RULES, proof
from assessment.workflow import risk
from courseware.kit import triggers
from tests import make
from tests.flat import flat
from tests.marking_pages import signed_in, statements
from tests.quality_pages import Scene, current, item_of, reviewed, scene
from tests.test_blind_review import judged
from tests.test_record_database import body, fact
from tests.test_review_views import superseded

pytestmark = pytest.mark.django_db
ADDRESS = reverse("independence")


def broken(here: Scene) -> dict[str, int]:
    """How many reviews break each rule, by its name."""
    found = proof(here.cohort.centre).checks
    return {name: check.broken for (name, _), check in zip(RULES, found, strict=True) if check.broken}


def written_past(make_row: Any) -> None:
    """Do what the triggers refuse, as somebody would who wrote to the database itself."""
    triggers.drop(connection)
    try:
        make_row()
    finally:
        triggers.install(connection)


def test_reviews_of_others_work_prove_it() -> None:
    here = scene(2)
    plan = here.approved(2, ask={"blind": True})
    for item in plan.items.select_related("learner_unit", "plan").order_by("position"):
        judged(here, item)
        reviewed(here, item, "agreed")
    page = flat(signed_in(here.lead).get(ADDRESS))
    assert "Nobody reviewed their own work." in page
    assert "Exceptions: none." in page
    assert "all 6 decisions of the centre" in page
    found = proof(here.cohort.centre)
    assert (found.reviews, found.blind, found.decisions, found.proved, found.exceptions) == (2, 2, 6, True, ())
    assert [(one.name, one.reviews, one.tutors) for one in found.reviewers] == [("Helen Ashworth", 2, 1)]
    other = scene(1)
    assert "Nothing was reviewed" in flat(signed_in(other.lead).get(ADDRESS))
    assert proof(other.cohort.centre).reviews == 0


def test_a_review_of_ones_own_is_found_in_either_order() -> None:
    here = scene(1)
    item = here.item()
    reviewed(here, item, "agreed")
    first = current(item)
    other = current(item, "1.2")
    own = {"item": item, "outcome": "agreed"}
    written_past(lambda: Review.objects.create(**fact(here.tutor, "iqa"), **own, decision=other))
    assert broken(here) == {"own_decision": 1}
    page = flat(signed_in(here.lead).get(ADDRESS))
    assert "There are exceptions" in page
    assert "1.2, decided" in page
    # Later: who reviewed it countersigns, or decides it anew.
    written_past(
        lambda: Countersignature.objects.create(**fact(here.iqa), decision=first, outcome="confirmed", **body(here.iqa))
    )
    assert broken(here) == {"own_decision": 1, "own_countersignature": 1}
    written_past(
        lambda: Decision.objects.create(
            **fact(here.iqa),
            **body(here.iqa),
            submission=first.submission,
            learner_unit=first.learner_unit,
            criterion=first.criterion,
            outcome="met",
            attempt=1,
            supersedes=first,
        )
    )
    assert broken(here) == {"own_decision": 2, "own_countersignature": 1}
    assert [one.rule for one in proof(here.cohort.centre).exceptions] == [RULES[0][1], RULES[0][1]]


def test_blind_judgements_own_work_teaching_and_interests_count_too() -> None:
    here = scene(1)
    here.iqa = make.staff(here.cohort, "iqa", roles=("iqa", "tutor"), name="Both Hats")
    item = here.item(blind=True, independence="strict")
    decision = current(item)
    learner = item.learner_unit.learner
    written_past(
        lambda: BlindJudgement.objects.create(**fact(learner, "iqa"), item=item, decision=decision, outcome="met")
    )
    assert broken(here) == {"own_work": 1}
    judged(here, item)
    reviewed(here, item, "agreed")
    assert broken(here) == {"own_work": 1}
    # An interest declared after the review is none; one in force at it is, also once it has ended.
    late = DeclaredInterest.objects.create(**fact(here.iqa), holder=here.iqa, learner=learner, **body(here.iqa))
    assert broken(here) == {"own_work": 1}
    second = {"item": item, "decision": current(item, "1.2"), "outcome": "agreed"}
    written_past(lambda: Review.objects.create(**fact(here.iqa, "iqa"), **second))
    assert broken(here) == {"own_work": 1, "interest": 1}
    InterestEnd.objects.create(**fact(here.iqa), interest=late, **body(here.iqa))
    assert broken(here) == {"own_work": 1, "interest": 1}
    make.allocation(here.cohort, here.iqa, "tutor")
    assert broken(here) == {"own_work": 1, "taught": 3, "interest": 1}
    assert proof(here.cohort.centre).exceptions[0].rule == RULES[3][1]


def test_each_refusal_is_explained() -> None:
    here = scene(1)
    both = make.staff(here.cohort, "tutor", roles=("tutor", "iqa"), name="Both Hats")
    item = here.item()
    superseded(here, item, tutor=both)
    page = flat(signed_in(here.iqa).get(ADDRESS))
    assert "Both Hats decided something in the unit" in page
    assert "Nothing ties anybody" in flat(signed_in(scene(1).lead).get(ADDRESS))


def test_the_proof_costs_the_same_at_1_and_at_4_rows() -> None:
    costs = []
    for rows in (1, 4):
        here = scene(rows)
        plan = here.approved(rows)
        for item in SampleItem.objects.filter(plan=plan).select_related("learner_unit", "plan").order_by("pk"):
            reviewed(here, item, "agreed")
        assert item_of(plan) is not None
        costs.append(statements(signed_in(here.lead), ADDRESS))
        for whom in ({"learner": here.units[0].learner}, {"colleague": here.tutor}):
            for holder in (here.iqa, here.lead):
                risk.declare_interest(by=here.lead.user, holder=holder, reason="Kin.", **whom)
        costs.append(statements(signed_in(here.lead), ADDRESS))
    assert costs == [11, 12, 11, 12]
