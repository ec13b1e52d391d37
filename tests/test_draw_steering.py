"""The draw is steered by nobody: before approval nobody knows or chooses it, after approval nothing changes it."""

from __future__ import annotations

import datetime as dt
import logging
import random
import uuid
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from math import sqrt
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import DatabaseError, transaction
from django.urls import reverse

from assessment.models import Cohort, PlanApproval, SampleItem, SamplePlan
from assessment.readings.proof import steps
from assessment.readings.quality.proves import _bound
from assessment.workflow import decisions, draw, quality
from assessment.workflow.amendments import next_units
from courseware.kit import chance, clock
from courseware.kit.verdict import NotNow
from courseware.ledger.models import LedgerEntry
from courseware.people.models import Membership
from tests import make
from tests.flat import flat
from tests.marking_pages import signed_in
from tests.quality_pages import Scene, facts, scene
from tests.test_amendments import leaves

pytestmark = pytest.mark.django_db


def test_drafting_until_one_likes_it_shows_and_gains_nothing() -> None:
    here = scene(3)
    drafts = [here.plan(1) for _ in range(4)]
    entries = LedgerEntry.objects.filter(verb="draft_plan").order_by("number")
    assert entries.count() == 4
    secrets = list(SamplePlan.objects.order_by("pk").values_list("secret", flat=True))
    assert len({plan.secret_digest for plan in drafts}) == 4
    for entry, plan in zip(entries, drafts, strict=True):
        assert plan.secret_digest in entry.text
    shown = flat(signed_in(here.lead).get(reverse("quality")))
    for plan in drafts:
        assert reverse("plan", args=(plan.uid,)) in shown, "a draft that nobody approved stays there to be asked about"
    told = shown + "".join(LedgerEntry.objects.values_list("text", flat=True))
    told += "".join(flat(signed_in(here.lead).get(reverse("plan", args=(plan.uid,)))) for plan in drafts)
    assert not any(secret in told for secret in secrets)
    # The first approval takes the population; no other draft can be drawn over it.
    quality.approve_plan(by=here.lead.user, plan=drafts[2])
    before = facts()
    for plan in (drafts[0], drafts[1], drafts[3]):
        with pytest.raises(NotNow):
            quality.approve_plan(by=here.lead.user, plan=plan)
        with pytest.raises(NotNow):
            quality.approve_plan(by=here.lead.user, plan=drafts[2])
    assert facts() == before


def test_a_second_plan_holds_only_what_came_after_the_first() -> None:
    here = scene(2)
    here.approved(1)
    late = here.signed_off()
    second = here.approved(5)
    assert PlanApproval.objects.get(plan=second).population == f"{late.uid}\n"


def test_what_happens_between_draft_and_approval_moves_the_population_and_with_it_the_whole_order() -> None:
    here = scene(4)
    plan = here.plan(2)
    secret = SamplePlan.objects.get().secret
    without = here.units[0]
    planned = draw.frame_of(plan)
    seed = draw.seed_of(plan.uid, 1, chance.sha256_hex(draw.frame_text(planned.units)), secret)
    decisions.reopen(by=here.lead.user, learner_unit=without, reason="To look again.")
    come = here.signed_off()
    fact = quality.approve_plan(by=here.lead.user, plan=plan)
    assert set(fact.population.split()) == {str(unit.uid) for unit in [*here.units[1:4], come]}
    assert (fact.secret, SamplePlan.objects.get().secret) == (secret, secret)
    assert fact.seed != seed
    assert [fault for step in steps() for fault in step.faults()] == []


def test_rules_of_a_draft_may_change_its_secret_never() -> None:
    here = scene(3)
    plan = here.plan(1)
    before = SamplePlan.objects.values("secret", "secret_digest", "uid", "version").get()
    for size in (2, 3, 1):
        quality.change_plan(by=here.iqa.user, plan=plan, rules=make.rules(here.iqa, size))
    assert SamplePlan.objects.values("secret", "secret_digest", "uid", "version").get() == before
    assert LedgerEntry.objects.filter(verb="change_plan").count() == 3
    fewer = draw.draw_order("ab" * 32, draw.frame_of(plan).units)
    assert fewer[:1] == fewer[:2][:1], "a larger sample only goes on in the same order"


def test_after_approval_sql_changes_nothing_of_it() -> None:
    here = scene(3)
    plan = here.approved(1)
    other = here.plan(1)
    approval, item = PlanApproval.objects.get(), SampleItem.objects.get()
    values = {
        field.attname: getattr(approval, field.attname)
        for field in PlanApproval._meta.concrete_fields
        if field.name not in ("id", "uid")
    }
    rest = next(unit for unit in here.units if unit.pk != item.learner_unit_id)
    approvals, items, plans = (model.objects.all() for model in (PlanApproval, SampleItem, SamplePlan))
    changes: list[Any] = [
        *(
            lambda name=name, to=to: approvals.update(**{name: to})
            for name, to in (
                ("population", f"{rest.uid}\n"),
                ("population_digest", "0" * 64),
                ("seed", "0" * 64),
                ("drawn", 0),
                ("secret", "00" * 32),
                ("strata", ""),
                ("strata_digest", "0" * 64),
                ("by", here.iqa),
            )
        ),
        lambda: approvals._raw_delete(approvals.db),
        lambda: PlanApproval.objects.create(**values),
        *(
            lambda name=name, to=to: items.update(**{name: to})
            for name, to in (
                ("learner_unit", rest),
                ("key", "0" * 64),
                ("position", 2),
                ("plan", other),
                ("chosen", "targeted"),
            )
        ),
        lambda: items._raw_delete(items.db),
        *(
            lambda name=name, to=to: plans.filter(pk=plan.pk).update(**{name: to})
            for name, to in (
                ("secret", "00" * 32),
                ("secret_digest", "0" * 64),
                ("size", 3),
                ("method", "sure"),
                ("state", "draft"),
                ("period_from", "2020-01-01"),
                ("period_until", "2030-01-01"),
                ("stage", "interim"),
                ("version", 2),
                ("uid", uuid.uuid4()),
                ("reviewer", here.lead),
                ("blind", True),
            )
        ),
        lambda: plans._raw_delete(plans.db),
        lambda: plans.filter(pk=other.pk).update(secret="00" * 32),
        lambda: plans.filter(pk=other.pk).update(secret_digest="0" * 64),
        lambda: plans.filter(pk=other.pk).update(state="approved"),
    ]
    before = facts()
    for change in changes:
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert facts() == before


def _expected(plan: SamplePlan) -> list[Any]:
    """What the draw gives over the frame as it is now, with the secret that nobody has seen."""
    frame = draw.frame_of(SamplePlan.objects.select_related("centre").get(pk=plan.pk))
    secret = SamplePlan.objects.get(pk=plan.pk).secret
    seed = draw.seed_of(plan.uid, plan.version, chance.sha256_hex(draw.frame_text(frame.units)), secret)
    return draw.chosen(plan, seed, frame.signed)


def _allocate(here: Scene) -> None:
    make.staff(here.cohort, "tutor", name="Aaron Aardvark")
    make.staff(here.cohort, "iqa", name="Abel Aardvark")


def _rename(here: Scene) -> None:
    for number, unit in enumerate(here.units):
        Membership.objects.filter(pk=unit.learner_id).update(name=f"Aa {9 - number}")
    Cohort.objects.filter(pk=here.cohort.pk).update(name="Another name")


@pytest.mark.parametrize("act", [_allocate, _rename, lambda _here: None], ids=["allocated", "renamed", "later"])
def test_who_is_allocated_what_people_are_called_and_when_it_is_approved_moves_nothing(
    act: Callable[[Scene], None],
) -> None:
    here = scene(6)
    plan = here.plan(3)
    before = _expected(plan)
    act(here)
    with time_machine.travel(clock.now() + dt.timedelta(days=40), tick=True):
        quality.approve_plan(by=make.fresh(here.lead.user), plan=plan)
    items = SampleItem.objects.order_by("position").values_list("key", "learner_unit__uid")
    assert list(items) == before


def test_a_learner_who_leaves_between_moves_the_whole_order_and_is_in_no_population() -> None:
    here = scene(5)
    plan = here.plan(2)
    before = _expected(plan)
    leaves(here, here.units[0])
    fact = quality.approve_plan(by=here.lead.user, plan=plan)
    assert str(here.units[0].uid) not in fact.population
    rows = list(SampleItem.objects.order_by("position").values_list("key", "learner_unit__uid"))
    assert {key for key, _ in rows}.isdisjoint({key for key, _ in before})


def test_neither_secret_nor_what_follows_from_it_is_in_logs_or_sessions_before_approval(
    caplog: pytest.LogCaptureFixture,
) -> None:
    here = scene(3)
    with caplog.at_level(logging.DEBUG):
        plan = here.plan(1)
        client = signed_in(here.lead)
        for name in ("plan", "plan-approve", "plan-change"):
            client.get(reverse(name, args=(plan.uid,)))
        for name in ("plan-frame", "plan-strata", "plan-script"):
            assert client.get(reverse(name, args=(plan.uid,))).status_code == 404
    told = caplog.text + "".join(str(dict(session.get_decoded())) for session in Session.objects.order_by("pk"))
    secret = SamplePlan.objects.get().secret
    hidden = [secret, *(key for key, _ in _expected(plan))]
    assert caplog.records, "something was logged"
    assert not any(word in told for word in hidden)


def test_which_unit_comes_next_depends_on_nothing_but_the_draw() -> None:
    here = scene(5)
    plan = here.approved(2)
    plan = SamplePlan.objects.select_related("approval", "tutor").get(pk=plan.pk)
    one, three = next_units(plan, 1), next_units(plan, 3)
    assert three[:1] == one == next_units(plan, 1)
    approval = plan.approval
    assert three == draw.draw_order(approval.seed, draw.strata_of(approval))[2:]
    assert next_units(plan, 9) == three, "no more than there are"


@pytest.mark.parametrize("method", ["count", "sure"])
def test_in_a_centre_with_planted_errors_plans_meet_their_confidence(method: str, torture: bool) -> None:
    """The real draw, from digests, over three tutors of whom one is bad; what the page states is at least the truth."""
    luck = random.Random(20261126)  # the centre; the draws have luck of their own
    tutors = {uuid.UUID(int=n): size for n, size in ((1, 30), (2, 20), (3, 10))}
    signed = {uuid.UUID(int=luck.getrandbits(128), version=4): tutor for tutor, n in tutors.items() for _ in range(n)}
    bad = [unit for unit, tutor in signed.items() if tutor == uuid.UUID(int=3)]
    wrong = set(luck.sample(bad, 4) + luck.sample(sorted(set(signed) - set(bad)), 2))
    units, plans = Counter(signed.values()), 2000 if torture else 200
    digest = chance.sha256_hex(draw.frame_text(signed))
    plan = SamplePlan(method=method, size=15, confidence=90, tolerable=20)
    held = 0
    for _ in range(plans):
        seed = draw.seed_of(uuid.uuid4(), 1, digest, chance.secret_hex())
        drawn = [uid for _, uid in draw.chosen(plan, seed, signed)]
        found = Counter(signed[uid] for uid in drawn if uid in wrong)
        stated = _bound(plan, units, Counter(signed[uid] for uid in drawn), len(drawn), found, Fraction(9, 10))
        held += stated >= len(wrong)
    # Binomial error: three and a half deviations below the stated confidence is less than 1 in 4,000.
    assert held / plans >= 0.9 - 3.5 * sqrt(0.9 * 0.1 / plans)
