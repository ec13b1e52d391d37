"""The page of a criterion tells those who judge it how often it was Not yet met and not agreed; nobody else."""

from __future__ import annotations

import pytest

from assessment.readings.disputed import ENOUGH, judged
from assessment.workflow import decisions
from tests import make
from tests.flat import flat
from tests.marking_pages import signed_in, statements
from tests.people_builders import administrator_of
from tests.quality_pages import item_of, reviewed, scene

pytestmark = pytest.mark.django_db


def test_staff_read_how_the_criterion_was_judged_and_learners_do_not() -> None:
    here = scene(2)
    for number in range(3):
        unit = make.learner_unit(here.cohort)
        first = make.criteria(unit)[0]
        made = make.submission(unit, first)
        given = make.decision(made, first, here.tutor.user, "not_yet_met" if number else "met")
        if number == 2:
            decisions.withdraw_decision(by=here.tutor.user, decision=given)
    learner = here.units[0].learner
    address = f"/units/{here.units[0].unit_code}/1.1/"
    first = make.criteria(here.units[0])[0]
    assert judged(here.tutor.user, first.pk) is None, "four are too few"
    reviewed(here, item_of(here.approved(1)), "not_agreed")
    unit = make.learner_unit(here.cohort)
    make.decision(make.submission(unit, first), first, here.tutor.user, "not_yet_met")
    found = judged(here.tutor.user, first.pk)
    assert found is not None
    assert (found.decisions, found.not_yet, found.disputed, found.percent) == (ENOUGH, 2, 1, 40)
    says = "Of 5 decisions on it here, 2 (40 %) said Not yet met. IQAs did not agree with 1."
    for who in (here.tutor, here.iqa, here.lead):
        assert says in " ".join(flat(signed_in(who).get(address)).split())
    for who in (learner, make.staff(here.cohort, "eqa")):
        assert "decisions on it here" not in flat(signed_in(who).get(address))
    assert judged(administrator_of(here.cohort.centre), first.pk) is None
    assert judged(scene(0).lead.user, first.pk) is None
    assert statements(signed_in(here.tutor), address) <= 12
