"""The page of a criterion tells those who judge it how often it was Not yet met and not agreed; nobody else."""

from __future__ import annotations

import pytest

from assessment.readings.disputed import ENOUGH, judged
from assessment.workflow import decisions
from tests import make
from tests import standardisation_builders as standardised
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


def test_what_standardisation_changed_is_told_to_staff_of_the_centre_and_leads_who_may_to_the_exercise() -> None:
    here = standardised.scene(1)
    address = f"/units/{here.work[0].learner_unit.unit_code}/1.1/"
    exercise = here.settled()
    assert judged(here.daniel.user, here.criterion.pk) is None, "it is not complete yet"
    standardised.completed(exercise, here.martin)
    first = judged(here.daniel.user, here.criterion.pk)
    assert first is not None
    assert (first.decisions, first.enough, first.exercise) == (1, False, exercise.uid)
    uninvited = make.staff(here.cohort, "tutor")
    says, link = "We ask for two stages with an example each.", f"/quality/standardisation/{exercise.uid}/"
    for who, leads in ((here.daniel, True), (here.martin, True), (uninvited, False)):
        told = flat(signed_in(who).get(address))
        assert says in told
        assert (link in told) is leads
        assert "decisions on it here" not in told
    for who in (here.work[0].learner_unit.learner, standardised.scene(1).martin):
        assert says not in flat(signed_in(who).get(address))
    # The newest counts, also where the reader took part in an older one only.
    only_others = here.opened(members=[here.martin, here.helen])
    here.judged(only_others, "mm")
    standardised.verbs.open_discussion(by=here.martin.user, exercise=only_others)
    (item,) = standardised.items_of(only_others)
    standardised.verbs.agree_outcome(by=here.martin.user, item=item, outcome="met", reason="Clear.")
    standardised.met(only_others, here.martin, [here.martin])
    standardised.completed(only_others, here.martin)
    second = judged(here.daniel.user, here.criterion.pk)
    assert second is not None
    assert second.exercise is None
    assert statements(signed_in(here.daniel), address) <= 12
    assert judged(here.daniel.user, 0) is None
