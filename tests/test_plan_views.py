"""Sampling plans in the browser: drafted, approved once for all, drawn so that anybody can repeat it, completed."""

from __future__ import annotations

import re
import subprocess
import threading
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessment.models import LearnerUnit, PlanApproval, SampleItem, SamplePlan, UnitRelease
from assessment.readings.proof import steps
from assessment.workflow import cohorts, decisions, draw, quality, reviews
from courseware.kit.verdict import Refused
from courseware.ledger.models import LedgerEntry
from courseware.people.models import Membership
from tests import make
from tests.flat import flat
from tests.marking_pages import form_of, signed_in
from tests.people_builders import administrator_of
from tests.quality_pages import Scene, facts, item_of, scene

pytestmark = pytest.mark.django_db


def add(here: Scene) -> str:
    return reverse("plan-add", args=(here.cohort.uid,))


def script_on(client: Client, plan: SamplePlan) -> re.Match[str]:
    """The commands of the draw as the plan's page shows them, line by line."""
    told = re.search(r"<code>(.*?)</code>", client.get(reverse("plan", args=(plan.uid,))).content.decode(), re.DOTALL)
    assert told is not None
    return told


def page(client: Client, name: str, plan: SamplePlan, status: int = 200) -> str:
    answer = client.get(reverse(name, args=(plan.uid,)))
    assert answer.status_code == status
    return flat(answer)


def rules(client: Client, address: str, who: Membership, **more: str) -> dict[str, str]:
    typed = {
        "period_from": "2026-01-01",
        "period_until": "2199-12-31",
        "method": "count",
        "size": "1",
        "tutor": "",
        "reviewer": str(who.uid),
    }
    return form_of(client, address) | typed | more


# -- Drafting ----------------------------------------------------------------------------------------------------------


def test_a_plan_is_drafted_with_its_rules() -> None:
    here = scene(2)
    client = signed_in(here.iqa)
    shown = flat(client.get(add(here)))
    assert '<p class="big">2</p>' in shown
    answer = client.post(add(here), rules(client, add(here), here.iqa, size="2"))
    plan = SamplePlan.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, reverse("plan", args=(plan.uid,)))
    assert (plan.method, plan.size, plan.reviewer, plan.state, plan.cohort) == (
        "count",
        2,
        here.iqa,
        "draft",
        here.cohort,
    )
    shown = page(client, "plan", plan)
    assert plan.secret_digest in shown
    assert "2 units drawn at random" in shown
    assert "Only the lead IQA approves a sampling plan." in shown


def test_counting_the_units_of_a_period_drafts_nothing() -> None:
    here = scene(1)
    client = signed_in(here.iqa)
    before = facts()
    sent = rules(client, add(here), here.iqa, count="1", period_until="2026-01-02", period_from="2026-01-01")
    answer = client.post(add(here), sent)
    assert (answer.status_code, facts()) == (200, before)
    assert '<p class="big">0</p>' in flat(answer)
    bare = client.post(add(here), {**sent, "size": "", "reviewer": ""})
    assert (bare.status_code, facts()) == (200, before)
    assert "Choose who reviews" not in flat(bare)
    wrong = client.post(add(here), {**sent, "period_until": "soon", "reviewer": ""})
    assert (wrong.status_code, facts()) == (422, before)
    assert "Give both days of the period" in flat(wrong)
    assert "Choose who reviews" not in flat(wrong)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"period_from": ""}, "Fill in “Signed off from”"),
        ({"period_from": "yesterday"}, "Give “Signed off from” as a date"),
        ({"period_from": "2026-02-01", "period_until": "2026-01-01"}, "The period ends before it begins"),
        ({"period_until": "9999-12-31"}, "Give a year from 2000 to 2199"),
        ({"size": ""}, "Say how many units are drawn"),
        ({"size": "0"}, "Sample at least 1 unit"),
        ({"size": "many"}, "as a whole number"),
        ({"method": "tutor"}, "Choose the tutor whose units are sampled"),
        ({"method": "tutor", "tutor": "nobody"}, "Select a valid choice"),
        ({"reviewer": ""}, "Choose who reviews the sample"),
        ({"method": "best"}, "Select a valid choice"),
    ],
)
def test_rules_that_make_no_sense_are_named_and_nothing_is_drafted(typed: dict[str, str], says: str) -> None:
    here = scene(0)
    client = signed_in(here.iqa)
    before = facts()
    answer = client.post(add(here), rules(client, add(here), here.iqa, **typed))
    assert (answer.status_code, facts()) == (422, before)
    assert says in unescape(flat(answer))


def test_a_drafted_plan_is_changed_and_keeps_its_secret() -> None:
    here = scene(1)
    plan, client = here.plan(1), signed_in(here.iqa)
    address = reverse("plan-change", args=(plan.uid,))
    answer = client.post(address, rules(client, address, here.lead, method="tutor", tutor=str(here.tutor.uid)))
    assert answer.status_code == 303
    changed = SamplePlan.objects.get()
    assert (changed.method, changed.size, changed.tutor, changed.reviewer) == ("tutor", None, here.tutor, here.lead)
    assert (changed.secret, changed.secret_digest) == (plan.secret, plan.secret_digest)


def test_a_change_over_another_change_is_refused_with_what_was_typed() -> None:
    here = scene(1)
    plan, client = here.plan(1), signed_in(here.iqa)
    address = reverse("plan-change", args=(plan.uid,))
    sent = rules(client, address, here.iqa, size="77")
    quality.change_plan(by=here.lead.user, plan=plan, rules=make.rules(here.iqa, 3))
    before = facts()
    answer = client.post(address, sent)
    assert (answer.status_code, facts()) == (409, before)
    assert "Somebody changed the plan" in flat(answer)


def test_an_approved_plan_is_never_changed() -> None:
    here = scene(1)
    plan, client = here.plan(1), signed_in(here.iqa)
    address = reverse("plan-change", args=(plan.uid,))
    sent = rules(client, address, here.iqa, size="5")
    quality.approve_plan(by=here.lead.user, plan=plan)
    before = facts()
    assert (client.post(address, sent).status_code, facts()) == (409, before)
    assert client.get(address).status_code == 409


# -- The secret --------------------------------------------------------------------------------------------------------


def test_nothing_that_anybody_can_read_holds_the_secret_before_approval() -> None:
    here = scene(1)
    plan = here.plan(1)
    assert draw.secret_digest(plan.secret) == plan.secret_digest
    entry = LedgerEntry.objects.filter(chain=here.cohort.centre.uid).latest("number")
    assert plan.secret_digest in entry.text
    with CaptureQueriesContext(connection) as caught:
        for member in (here.iqa, here.lead):
            client = signed_in(member)
            for name in ("plan", "plan-change", "plan-approve", "plan-complete", "plan-frame", "plan-strata"):
                answer = client.get(reverse(name, args=(plan.uid,)))
                assert plan.secret not in flat(answer)
            for address in (reverse("quality"), reverse("today"), add(here), reverse("action-points")):
                assert plan.secret not in flat(client.get(address))
    read = [query["sql"] for query in caught.captured_queries]
    assert [sql for sql in read if '"assessment_sampleplan"."secret",' in sql] == []
    assert _columns_holding(plan.secret) == [("assessment_sampleplan", "secret")]


def _columns_holding(text: str) -> list[tuple[str, str]]:
    """Every column of the database in which `text` stands."""
    found = []
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f'SELECT * FROM "{table}" LIMIT 0')
            for column in [described[0] for described in cursor.description]:
                cursor.execute(f'SELECT COUNT(*) FROM "{table}" WHERE CAST("{column}" AS TEXT) LIKE %s', [f"%{text}%"])
                if cursor.fetchone()[0]:
                    found.append((table, column))
    return found


# -- Approval ----------------------------------------------------------------------------------------------------------


def approve(client: Client, plan: SamplePlan, **more: str) -> Any:
    address = reverse("plan-approve", args=(plan.uid,))
    return client.post(address, form_of(client, address) | more)


def test_approval_asks_first_and_then_draws() -> None:
    here = scene(3)
    plan, lead = here.plan(2), signed_in(here.lead)
    before = facts()
    asked = page(lead, "plan-approve", plan)
    assert "This cannot be taken back" in asked
    assert "Of 3 units signed off now, 2 are drawn at random" in asked
    assert facts() == before
    answer = approve(lead, plan)
    assert (answer.status_code, answer["Location"]) == (303, reverse("plan", args=(plan.uid,)))
    fact = PlanApproval.objects.get()
    assert fact.secret == plan.secret
    assert fact.population == draw.frame_text([unit.uid for unit in here.units])
    order = draw.draw_order(fact.seed, [unit.uid for unit in here.units])
    items = list(SampleItem.objects.order_by("position"))
    assert [(item.key, item.learner_unit.uid) for item in items] == order[:2]
    shown = page(lead, "plan", plan)
    assert "Approved: two units are drawn of 3" in shown
    for word in (fact.population_digest, fact.seed, fact.secret, plan.secret_digest):
        assert word in shown
    names = [item.learner_unit.learner.name for item in items]
    table = shown[shown.index('id="items-h"') :]
    assert table.index(names[0]) < table.index(names[1])


def test_anybody_repeats_the_draw_in_a_shell_over_the_downloaded_population(tmp_path: Path) -> None:
    here = scene(4)
    plan = here.approved(3)
    client = signed_in(here.iqa)
    frame = client.get(reverse("plan-frame", args=(plan.uid,)))
    assert frame["Content-Type"] == "text/plain; charset=utf-8"
    assert frame["Content-Disposition"] == f'attachment; filename="population-{plan.uid}.txt"'
    (tmp_path / f"population-{plan.uid}.txt").write_bytes(frame.content)
    told = script_on(client, plan)
    done = subprocess.run(
        ["bash", "-eu"], input=unescape(told[1]), cwd=tmp_path, capture_output=True, text=True, check=True
    )
    population, secret, seed, *drawn = done.stdout.splitlines()
    fact = PlanApproval.objects.get()
    assert (population.split()[0], secret.split()[0], seed) == (fact.population_digest, plan.secret_digest, fact.seed)
    items = SampleItem.objects.order_by("position").values_list("key", "learner_unit__uid")
    assert drawn == [f"{key} {uid}" for key, uid in items]
    assert len(drawn) == 3
    assert done.stderr == ""


def test_all_of_one_tutors_units_are_the_items_in_the_order_of_the_draw(tmp_path: Path) -> None:
    here = scene(2)
    other = make.staff(here.cohort, "tutor", name="Sunita Rao")
    make.signed_off(make.learner_unit(here.cohort), other.user)
    plan = here.approved(method="tutor", size=None, tutor=here.tutor)
    client = signed_in(here.lead)
    frame = client.get(reverse("plan-frame", args=(plan.uid,))).content
    assert len(frame.splitlines()) == 3
    (tmp_path / f"population-{plan.uid}.txt").write_bytes(frame)
    shown = page(client, "plan", plan)
    told = script_on(client, plan)
    done = subprocess.run(
        ["bash", "-eu"], input=unescape(told[1]), cwd=tmp_path, capture_output=True, text=True, check=True
    )
    mine = {str(unit.uid) for unit in here.units}
    drawn = [line.split()[1] for line in done.stdout.splitlines()[3:]]
    items = SampleItem.objects.order_by("position").values_list("learner_unit__uid", flat=True)
    assert [uid for uid in drawn if uid in mine] == [str(uid) for uid in items]
    assert "Daniel Hughes signed off, in the same order" in shown


def test_a_plan_is_approved_once() -> None:
    here = scene(2)
    plan, lead = here.plan(1), signed_in(here.lead)
    address = reverse("plan-approve", args=(plan.uid,))
    sent, another = form_of(lead, address), form_of(lead, address)
    assert lead.post(address, sent).status_code == 303
    before = facts()
    assert lead.post(address, sent).status_code == 303  # the same form twice is the first answer
    answer = lead.post(address, another)
    assert (answer.status_code, facts()) == (409, before)
    assert "This plan is approved already." in flat(answer)
    assert "This plan is approved already." in page(lead, "plan-approve", plan)


@pytest.mark.django_db(transaction=True)
def test_two_leads_at_once_draw_once() -> None:
    here = scene(2)
    second = make.staff(here.cohort, "lead_iqa")
    plan = here.plan(1)
    gate, answers = threading.Barrier(2), []

    def press(member: Membership) -> None:
        try:
            user = make.fresh(member.user)
            gate.wait()
            answers.append(quality.approve_plan(by=user, plan=plan))
        except Refused as refusal:
            answers.append(refusal.reason)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press, args=(member,)) for member in (here.lead, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(answer).__name__ for answer in answers) == ["PlanApproval", "str"]
    assert "This plan is approved already." in answers
    assert (PlanApproval.objects.count(), SampleItem.objects.count()) == (1, 1)


def test_what_is_signed_off_when_the_lead_presses_is_the_population() -> None:
    here = scene(2)
    plan, lead = here.plan(1), signed_in(here.lead)
    address = reverse("plan-approve", args=(plan.uid,))
    sent = form_of(lead, address)
    late = here.signed_off()
    gone = here.units[0]
    decisions.reopen(by=here.lead.user, learner_unit=gone, reason="To look again.")
    lead.post(address, sent)
    fact = PlanApproval.objects.get()
    assert fact.population == draw.frame_text([here.units[1].uid, late.uid])
    assert "of 2 for" in page(lead, "plan", plan)


def test_rules_that_the_lead_has_not_read_are_not_approved() -> None:
    here = scene(2)
    plan, lead = here.plan(2), signed_in(here.lead)
    address = reverse("plan-approve", args=(plan.uid,))
    sent = form_of(lead, address)
    quality.change_plan(by=here.iqa.user, plan=plan, rules=make.rules(here.iqa, 1))
    before = facts()
    answer = lead.post(address, sent)
    assert (answer.status_code, facts()) == (409, before)
    assert "Somebody changed the plan" in flat(answer)
    assert lead.post(address, {**sent, "seen": ""}).status_code == 422
    assert facts() == before


def test_a_lead_whose_decision_is_in_the_population_does_not_approve() -> None:
    here = scene(0)
    both = make.staff(here.cohort, "tutor", roles=("tutor", "lead_iqa"), name="Both Hats")
    make.signed_off(make.learner_unit(here.cohort), both.user)
    plan = here.plan(1)
    client = signed_in(both)
    sent = form_of(signed_in(here.lead), reverse("plan-approve", args=(plan.uid,)))
    before = facts()
    address = reverse("plan-approve", args=(plan.uid,))
    assert (client.get(address).status_code, client.post(address, sent).status_code) == (403, 403)
    assert facts() == before
    assert "A decision in this population is yours" in page(client, "plan", plan)
    assert approve(signed_in(here.lead), plan).status_code == 303


def test_nothing_to_sample_is_said_and_not_approved() -> None:
    here = scene(0)
    plan, lead = here.plan(1), signed_in(here.lead)
    before = facts()
    assert "No unit of this cohort was signed off in this period" in page(lead, "plan", plan)
    answer = approve(lead, plan)
    assert (answer.status_code, facts()) == (409, before)


def test_there_is_no_population_to_download_before_approval() -> None:
    here = scene(1)
    page(signed_in(here.lead), "plan-frame", here.plan(1), 404)


# -- After the draw ----------------------------------------------------------------------------------------------------


def test_an_item_without_an_independent_reviewer_waits_for_one() -> None:
    here = scene(0)
    both = make.staff(here.cohort, "tutor", roles=("tutor", "iqa"), name="Both Hats")
    make.signed_off(make.learner_unit(here.cohort, name="Maya Okafor"), both.user)
    plan = make.plan(here.cohort, both)
    quality.approve_plan(by=here.lead.user, plan=plan)
    item, lead = item_of(plan), signed_in(here.lead)
    assert item.reviewer is None
    assert "Choose a reviewer for Maya Okafor" in page(lead, "plan", plan)
    assert "Choose a reviewer for" not in page(signed_in(here.iqa), "plan", plan)
    address = reverse("item-reviewer", args=(item.uid,))
    shown = flat(lead.get(address))
    assert "Helen Ashworth" in shown
    assert "Both Hats decided something in this unit." in shown
    before = facts()
    forged = form_of(lead, address, reviewer=str(both.uid))
    assert (lead.post(address, forged).status_code, facts()) == (422, before)
    assert (signed_in(here.iqa).post(address, forged).status_code, facts()) == (403, before)
    with pytest.raises(Refused, match="Choose another IQA"):
        quality.assign_reviewer(by=here.lead.user, item=item, reviewer=both)
    answer = lead.post(address, form_of(lead, address, reviewer=str(here.iqa.uid)))
    assert (answer.status_code, answer["Location"]) == (303, reverse("plan", args=(plan.uid,)))
    assert item_of(plan).reviewer == here.iqa
    assert "Helen Ashworth reviews the unit of Maya Okafor." in page(lead, "plan", plan)


def test_a_unit_whose_iqas_all_took_part_says_who_can_help() -> None:
    here = scene(0)
    both = make.staff(here.cohort, "tutor", roles=("tutor", "iqa", "lead_iqa"))
    make.signed_off(make.learner_unit(here.cohort), both.user)
    plan = make.plan(here.cohort, both)
    quality.approve_plan(by=here.lead.user, plan=plan)
    for member in (here.iqa, here.lead):
        member.grants.filter(role__in=("iqa", "lead_iqa")).update(ends_at=F("starts_at"))
    shown = signed_in(both).get(reverse("item-reviewer", args=(item_of(plan).uid,)))
    assert "Nobody independent is left" in flat(shown)


def test_a_unit_reopened_or_left_after_the_draw_stays_an_item() -> None:
    here = scene(1)
    plan, lead = here.approved(1), signed_in(here.lead)
    unit = here.units[0]
    decisions.reopen(by=here.lead.user, learner_unit=unit, reason="To look again.")
    shown = page(lead, "plan", plan)
    assert "Maya Okafor" in shown
    assert "Reopened" in shown
    assert "1 of 1 items is not closed yet." in shown
    assert SampleItem.objects.count() == 1
    cohorts.withdraw_learner(by=administrator_of(unit.centre), learner_unit=unit, reason="Moved away.")
    shown = page(lead, "plan", plan)
    assert "Maya Okafor" in shown
    assert "Withdrawn" in shown
    assert "The learner left the unit" in flat(lead.get(reverse("item", args=(item_of(plan).uid,))))
    address = reverse("plan-complete", args=(plan.uid,))
    assert lead.post(address, form_of(lead, address)).status_code == 303
    assert LearnerUnit.objects.get().state == "withdrawn"
    assert [fault for step in steps() for fault in step.faults()] == []


def test_completing_names_whom_it_releases_and_releases_them_alone() -> None:
    here = scene(4)
    plan, lead = here.approved(1), signed_in(here.lead)
    item = item_of(plan)
    rest = [unit for unit in here.units if unit != item.learner_unit]
    address = reverse("plan-complete", args=(plan.uid,))
    sent = form_of(lead, address)
    before = facts()
    answer = lead.post(address, sent)
    assert (answer.status_code, facts()) == (409, before)
    assert "1 of 1 items is not closed yet." in flat(lead.get(address))
    make.reviewed(item)
    reviews.close_item(by=here.iqa.user, item=item)
    before = facts()
    assert (lead.post(address, sent).status_code, facts()) == (409, before)
    quality.release_unit(by=here.iqa.user, item=item)
    quality.place_hold(by=here.lead.user, learner_unit=rest[0], reason="A question about authenticity.")
    decisions.reopen(by=here.lead.user, learner_unit=rest[1], reason="To look again.")
    asked = flat(lead.get(address))
    assert "One unit that was not drawn becomes achieved" in asked
    becomes, stays = asked.split("Stays as it is")
    assert rest[2].learner.name in becomes
    assert all(unit.learner.name in stays for unit in rest[:2])
    assert "On hold" in stays
    done = lead.post(address, form_of(lead, address))
    assert (done.status_code, done["Location"]) == (303, reverse("plan", args=(plan.uid,)))
    assert "One unit that was not drawn is achieved now." in page(lead, "plan", plan)
    states = {unit.pk: unit.state for unit in LearnerUnit.objects.order_by("pk")}
    assert [states[unit.pk] for unit in rest] == ["signed_off", "in_progress", "achieved"]
    assert set(UnitRelease.objects.values_list("learner_unit", flat=True)) == {item.learner_unit_id, rest[2].pk}
    before = facts()
    assert (lead.post(address, sent).status_code, facts()) == (409, before)
    assert [fault for step in steps() for fault in step.faults()] == []
