"""Who may reach the pages of quality assurance: learners and tutors see nothing of plans, other centres nothing."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests import make
from tests.marking_pages import signed_in
from tests.people_builders import administrator_of
from tests.quality_pages import facts, item_of, reviewed, scene

pytestmark = pytest.mark.django_db


def test_every_page_against_everybody_who_has_no_business_there() -> None:
    here, elsewhere = scene(1), scene(0)
    plan = here.approved()
    item = item_of(plan)
    review = reviewed(here, item, "not_agreed")
    draft = here.plan(1)
    addresses = {
        "quality": reverse("quality"),
        "plan-add": reverse("plan-add", args=(here.cohort.uid,)),
        **{
            name: reverse(name, args=(one.uid,))
            for name, one in (
                ("plan", plan),
                ("plan-change", draft),
                ("plan-approve", draft),
                ("plan-complete", plan),
                ("plan-frame", plan),
                ("plan-strata", plan),
                ("item", item),
                ("item-reviewer", item),
                ("item-close", item),
                ("unit-release", item),
                ("action-point", review.action_point),
                ("adjudicate", review),
            )
        },
        "review": reverse("review", args=(item.uid, "1.1")),
        "action-points": reverse("action-points"),
    }
    only_read = {"quality", "plan", "plan-frame", "plan-strata", "item", "action-points"}
    people = {
        "learner": signed_in(item.learner_unit.learner),
        "tutor": signed_in(here.tutor),
        "other tutor": signed_in(make.staff(here.cohort, "tutor")),
        "admin": signed_in(administrator_of(here.cohort.centre)),
        "eqa": signed_in(make.staff(here.cohort, "eqa")),
        "other lead": signed_in(elsewhere.lead),
    }
    seen_but_not_theirs = {
        ("tutor", "plan-add"),
        ("other tutor", "plan-add"),
        ("admin", "plan-add"),
        ("eqa", "plan-add"),
        ("tutor", "adjudicate"),
        ("other tutor", "adjudicate"),
        ("eqa", "adjudicate"),
    }
    open_to = {("tutor", "action-point"), ("other lead", "quality")}
    sent = {"key": str(plan.uid), "way": "stands", "reason": "Mine."}
    before = facts()
    for who, client in people.items():
        for name, address in addresses.items():
            wanted = 404
            if name == "quality" or (who, name) in seen_but_not_theirs:
                wanted = 403
            if name == "action-points" or (who, name) in open_to:
                wanted = 200
            answer = client.get(address)
            assert (who, name, answer.status_code) == (who, name, wanted)
            posted = client.post(address, sent).status_code
            if name in only_read:
                assert (who, name, posted) == (who, name, 405)
            elif (who, name) not in open_to:
                assert (who, name, posted) == (who, name, wanted)
    anonymous = Client()
    for address in addresses.values():
        assert anonymous.get(address)["Location"].startswith(reverse("account_login"))
    assert facts() == before


def test_a_get_of_any_page_writes_no_fact() -> None:
    here = scene(1)
    plan = here.approved()
    item = item_of(plan)
    review = reviewed(here, item, "not_agreed")
    draft = here.plan(1)
    before = facts()
    for member in (here.iqa, here.lead, here.tutor):
        client = signed_in(member)
        for name, uid in (
            ("plan-add", here.cohort.uid),
            ("plan-change", draft.uid),
            ("plan-approve", draft.uid),
            ("plan-complete", plan.uid),
            ("item-reviewer", item.uid),
            ("item-close", item.uid),
            ("unit-release", item.uid),
            ("action-point", review.action_point.uid),
            ("adjudicate", review.uid),
        ):
            client.get(reverse(name, args=(uid,)))
    assert facts() == before


def test_nothing_that_a_learner_or_tutor_reads_names_the_plan() -> None:
    here = scene(1)
    plan = here.approved()
    item = item_of(plan)
    for member in (item.learner_unit.learner, here.tutor):
        client = signed_in(member)
        for name, arguments in (("today", ()), ("portfolio", ()), ("unit-map", ("101",))):
            page = client.get(reverse(name, args=arguments)).content.decode()
            assert str(plan.uid) not in page
            assert str(item.uid) not in page
            assert reverse("quality") not in page.replace(reverse("action-points"), "")
