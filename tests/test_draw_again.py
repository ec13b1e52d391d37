"""The draw again: the same on every database, and by the commands that the plan hands out, amendments included."""

from __future__ import annotations

import hashlib
import subprocess
import uuid
from pathlib import Path

import pytest
from django.urls import reverse

from assessment.models import LearnerUnit, SampleItem, SamplePlan
from assessment.workflow import draw
from assessment.workflow.amendments import add_substitute, add_target
from tests import make
from tests.marking_pages import signed_in
from tests.quality_pages import Scene, scene
from tests.test_amendments import SURE, leaves, order, unit_at, widened

pytestmark = pytest.mark.django_db
PLAN, SECRET = uuid.UUID(int=7), "5e" * 32
# Worked out once with sha256sum and sort over the ten lines of the frame; every database must give it.
POPULATION = "d30f12093f074dc02eb2488a2acbfac67db32c6f7468a497b1fcfdade131ad6d"
DRAWN = [f"{first}-0000-0000-0000-000000000004" for first in ("000000a0", "00000020", "00000040", "00000060")]


def again(here: Scene, plan: SamplePlan, folder: Path) -> tuple[list[str], list[str]]:
    """What the downloaded commands print over the downloaded texts: the digests and the seed; key and unit of each."""
    client = signed_in(here.iqa)
    for name, file in (("plan-frame", "population"), ("plan-strata", "strata")):
        (folder / f"{file}-{plan.uid}.txt").write_bytes(client.get(reverse(name, args=(plan.uid,))).content)
    commands = client.get(reverse("plan-script", args=(plan.uid,)))
    assert commands["Content-Disposition"] == f'attachment; filename="draw-{plan.uid}.sh"'
    done = subprocess.run(["bash", "-eu"], input=commands.content, cwd=folder, capture_output=True, check=True)
    assert done.stderr == b""
    lines = done.stdout.decode().splitlines()
    told = [line for line in lines if len(line.split()) != 2 or line.endswith("-")]
    return told, [line for line in lines if line not in told]


def sampled(plan: SamplePlan) -> list[str]:
    rows = SampleItem.objects.filter(plan=plan).order_by("position").values_list("key", "learner_unit__uid")
    return [f"{key} {uid}" for key, uid in rows]


def test_the_commands_draw_substitutes_and_widenings_too(tmp_path: Path) -> None:
    here = scene(9)
    plan = here.approved(2)
    item = plan.items.select_related("learner_unit", "plan").earliest("position")
    leaves(here, item.learner_unit)
    leaves(here, unit_at(plan, 2))  # the next one left as well, and is passed over
    add_target(by=here.lead.user, plan=plan, learner_unit=unit_at(plan, 4), reason="A special case.")
    add_substitute(by=here.lead.user, item=item)
    widened(here, plan, 2)
    leaves(here, unit_at(plan, 7))  # too late to change anything
    expected = order(plan)
    assert [line.split()[1] for line in sampled(plan)] == [str(expected[n]) for n in (0, 1, 4, 3, 5, 6)]
    _, drawn = again(here, plan, tmp_path)
    assert drawn == sampled(plan)


def test_the_commands_draw_each_tutors_units_apart(tmp_path: Path) -> None:
    here = scene(4)
    other = make.staff(here.cohort, "tutor")
    for _ in range(5):
        make.signed_off(make.learner_unit(here.cohort), other.user)
    plan = here.approved(**SURE)
    item = plan.items.select_related("learner_unit", "plan").earliest("position")
    leaves(here, item.learner_unit)
    add_substitute(by=here.lead.user, item=item)
    widened(here, plan, 1, other)
    told, drawn = again(here, plan, tmp_path)
    assert drawn[-2:] == sampled(plan)[-2:]
    assert sorted(drawn) == sorted(sampled(plan))
    approval = plan.approval
    assert [line.split()[0] for line in told] == [
        approval.population_digest,
        plan.secret_digest,
        approval.seed,
        approval.strata_digest,
    ]


def test_there_are_no_commands_before_approval() -> None:
    here = scene(1)
    assert signed_in(here.lead).get(reverse("plan-script", args=(here.plan(1).uid,))).status_code == 404


def test_the_same_frame_and_secret_draw_the_same_units_on_every_database(tmp_path: Path) -> None:
    here = scene(10)
    for number, unit in enumerate(here.units, 1):
        LearnerUnit.objects.filter(pk=unit.pk).update(uid=uuid.UUID(int=number * 2**100 + 4))
    plan = here.plan(4)
    SamplePlan.objects.filter(pk=plan.pk).update(uid=PLAN)
    plan = SamplePlan.objects.get(pk=plan.pk)
    frame = draw.frame_of(plan)
    text = draw.frame_text(frame.units)
    assert hashlib.sha256(text.encode()).hexdigest() == POPULATION
    seed = draw.seed_of(PLAN, 1, POPULATION, SECRET)
    assert [str(uid) for _, uid in draw.chosen(plan, seed, frame.signed)] == DRAWN
