"""`python -m tests.bench.draw --units 50000`: what planning, drawing and completing cost over a large cohort.

SQLite in a passing folder, or the empty database that `DATABASE_URL` names. Each act is timed in processor time of this
process, database library included where it runs inside (SQLite). The draw is made twice and must be the same.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def say(line: str) -> None:
    """One line, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def timed(what: str, act: Callable[[], Any]) -> Any:
    """What `act` gives; says how long it took."""
    used, began = time.process_time(), time.monotonic()
    done = act()
    say(f"{what:<28}{time.process_time() - used:8.2f} s of CPU{time.monotonic() - began:9.2f} s in all")
    return done


def main() -> None:
    """Build, measure, compare."""
    parser = argparse.ArgumentParser("python -m tests.bench.draw", description=__doc__)
    parser.add_argument("--units", type=int, default=50_000, help="learner-units in the population (default: 50000)")
    parser.add_argument("--tutors", type=int, default=10, help="who signed them off (default: 10)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "COURSEWARE_DATA": folder,
            "COURSEWARE_SECRET_KEY": "of-the-benchmarks-and-of-nothing-else-0123456789abcdef",
            "COURSEWARE_HTTP": "1",
            "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
        }
        import django

        django.setup()
        measure(options.units, options.tutors)
        from django.db import connections

        connections.close_all()


def measure(units: int, tutors: int) -> None:
    """The table."""
    from django.core.management import call_command

    from assessment.models import PlanApproval, SamplePlan
    from assessment.readings.quality.plans import plan_page, plans_for, what_if
    from assessment.workflow import draw, quality
    from tests import make

    call_command("migrate", verbosity=0)
    cohort = make.cohort()
    iqa, lead = (make.staff(cohort, role) for role in ("iqa", "lead_iqa"))
    signers = [make.staff(cohort, "tutor") for _ in range(tutors)]
    fill(cohort, signers, units)
    rules: dict[str, Any] = {"method": "sure", "size": None, "confidence": 95, "tolerable": 10}
    say(f"{units} learner-units of {tutors} tutors")
    plan = timed("draft the plan", lambda: make.plan(cohort, iqa, **rules))
    timed("what it would prove", lambda: what_if(SamplePlan.objects.select_related("centre").get(pk=plan.pk)))
    fact = timed("approve: freeze and draw", lambda: quality.approve_plan(by=lead.user, plan=plan))
    timed("the plan's page", lambda: plan_page(lead.user, plans_for(lead.user).get(pk=plan.pk)))
    fact = PlanApproval.objects.select_related("plan").get(pk=fact.pk)
    again = timed("draw again", lambda: draw.chosen(plan, fact.seed, draw.strata_from(fact.strata)))
    items = list(fact.plan.items.order_by("position").values_list("key", "learner_unit__uid"))
    assert again == items, "another draw"
    assert shell(fact) == [uid for _, uid in draw.draw_order(fact.seed, draw.strata_from(fact.strata))]
    say(f"{len(items)} drawn; sha256sum and sort give the same order; frame {len(fact.population) / 1e6:.1f} MB")
    say(f"SHA-256 of the frame {fact.population_digest}")
    from django.db import connection

    from assessment.models import SampleItem
    from courseware.kit import triggers

    triggers.drop(connection)  # the sample counts as reviewed, closed and released
    SampleItem.objects.update(state="closed")
    for item in SampleItem.objects.select_related("learner_unit").order_by("pk"):
        type(item.learner_unit).objects.filter(pk=item.learner_unit_id).update(state="achieved")
    triggers.install(connection)
    timed("complete: release the rest", lambda: quality.complete_plan(by=lead.user, plan=fact.plan))


def fill(cohort: Any, signers: list[Any], units: int) -> None:
    """Signed-off learner-units in bulk, with the triggers off: a database to measure, no record."""
    from django.db import connection

    from assessment.models import LearnerUnit, SignOff
    from courseware.kit import triggers
    from courseware.people.models import Membership, User

    triggers.drop(connection)
    centre = cohort.centre
    accounts = User.objects.bulk_create(User(email=f"learner-{n}@example.org") for n in range(units))
    learners = Membership.objects.bulk_create(
        Membership(user=one, centre=centre, name=f"Learner {n}") for n, one in enumerate(accounts)
    )
    spec = cohort.specification
    common = {"cohort": cohort, "specification": spec, "unit_code": spec.unit.code, "state": "signed_off"}
    made = LearnerUnit.objects.bulk_create(LearnerUnit(centre=centre, learner=one, **common) for one in learners)
    SignOff.objects.bulk_create(
        SignOff(learner_unit=unit, centre=centre, by=signers[n % len(signers)], role="tutor")
        for n, unit in enumerate(made)
    )
    triggers.install(connection)


def shell(fact: Any) -> list[Any]:
    """The order of all units as a shell gives it: keys by `sha256sum` of one file each, sorted by `sort`."""
    import uuid

    with tempfile.TemporaryDirectory() as folder:
        names = []
        for line in fact.population.split():
            (Path(folder) / line).write_text(f"{fact.seed}:{line}")
            names.append(line)
        done = subprocess.run(
            ["bash", "-c", "printf '%s\\0' * | xargs -0 sha256sum | LC_ALL=C sort"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
    assert hashlib.sha256(fact.population.encode()).hexdigest() == fact.population_digest
    return [uuid.UUID(line.split()[1]) for line in done.stdout.splitlines()]


if __name__ == "__main__":
    main()
