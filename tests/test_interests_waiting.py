"""What a declared interest keeps somebody from is in none of their lists; others are still offered it."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from assessment.models import CriterionStatus, Decision, LearnerUnit, Submission
from assessment.permissions import decisions as may
from assessment.readings import marking, waiting
from assessment.readings.marking_line import Filters, place_in_queue, waiting_for
from assessment.readings.together import waiting_together
from assessment.workflow import decisions, risk
from courseware.people.models import Membership
from tests import make
from tests.flat import flat
from tests.marking_pages import scene, signed_in, statements
from tests.people_builders import administrator_of
from tests.study_pages import cost_of, main_of, page_of, words_of

pytestmark = pytest.mark.django_db


def to_countersign(member: Membership) -> set[uuid.UUID]:
    """What the queue, Today and the line offer `member`: all the same, and what the page behind it allows."""
    user = make.fresh(member.user)
    listed = [row.decision for row in marking.to_countersign(user)]
    allowed = {one.uid for one in Decision.objects.order_by("pk") if may.can_countersign(user, one)}
    assert set(waiting.decisions_to_countersign(user).values_list("uid", flat=True).order_by("uid")) == allowed
    assert set(listed) == allowed
    assert len(listed) == len(allowed)
    title = f"To countersign {len(allowed)}"
    assert (title in main_of(user, "/")) == bool(allowed)
    queue = page_of(user, reverse("marking"))
    for one in Decision.objects.order_by("pk"):
        address = reverse("countersign", args=(one.uid,))
        assert (address in queue) == (one.uid in allowed)
        line = marking.countersign_line(user, one)
        assert line.of == len(allowed)
        assert bool(line.number) == (one.uid in allowed)
        assert {line.before, line.after} - {None} <= allowed
    return allowed


def test_what_somebody_may_not_countersign_waits_for_the_others_alone() -> None:
    here = scene()
    second, lead = make.staff(here.cohort, "tutor", name="Sunita Rao"), make.staff(here.cohort, "lead_iqa")
    kin, other = (make.staff(here.cohort, "tutor", trainee=True, countersigner=here.tutor) for _ in range(2))
    unit = make.learner_unit(here.cohort)
    theirs = make.submission(unit, here.first, here.second)
    ours = make.decision(here.submission, here.first, other.user)
    of_kin = make.decision(theirs, here.first, kin.user)
    free = make.decision(theirs, here.second, other.user)
    every = {ours.uid, of_kin.uid, free.uid}
    assert (to_countersign(here.tutor), to_countersign(second)) == (every, every)
    client = signed_in(here.tutor)
    cost = statements(client, reverse("marking")), cost_of(here.tutor.user, "/")
    interests = [
        risk.declare_interest(by=lead.user, holder=here.tutor, learner=here.unit.learner, reason="A neighbour."),
        risk.declare_interest(by=lead.user, holder=here.tutor, colleague=kin, reason="My sister."),
    ]
    assert (to_countersign(here.tutor), to_countersign(second)) == ({free.uid}, every)
    assert (statements(client, reverse("marking")), cost_of(here.tutor.user, "/")) == cost
    # The trainees do not wait for somebody who does not see it.
    said = [(row.number, row.countersigner) for row in marking.with_countersigner(make.fresh(other.user))]
    assert said == [(here.first.number, ""), (here.second.number, here.tutor.name)]
    assert [row.countersigner for row in marking.with_countersigner(make.fresh(kin.user))] == [""]
    page = words_of(flat(signed_in(kin).get(reverse("marking"))))
    assert "With the qualified tutors of this learner since" in page
    # When everybody is kept from it, who leads and who administers the centre still read that it waits.
    risk.declare_interest(by=lead.user, holder=second, learner=here.unit.learner, reason="Her nephew.")
    assert ours.uid not in to_countersign(second)
    cohort = reverse("cohort", args=(here.cohort.uid,)) + "?status=awaiting_countersignature&text=Okafor"
    for user in (lead.user, administrator_of(here.cohort.centre)):
        assert f"{here.first.number} Awaiting countersignature" in flat(signed_in(user).get(cohort))
    for interest in interests:
        risk.end_interest(by=lead.user, interest=interest, reason="They moved.")
    assert to_countersign(here.tutor) == every


def to_mark(member: Membership) -> set[tuple[int, str]]:
    """What the queue offers `member` to decide, and what the desk behind it allows: the same."""
    user = make.fresh(member.user)
    rows = waiting_for(user).select_related("criterion", "waits_in__learner_unit")
    offered = {(row.waits_in_id, row.criterion.number) for row in rows}
    listed = marking.queue(user, Filters(), 1)
    numbers = [(row.submission, row.number) for row in listed.claims]
    uids = dict(Submission.objects.order_by("pk").values_list("pk", "uid"))
    assert set(numbers) == {(uids[made], number) for made, number in offered}
    assert listed.total == listed.length == len(numbers) == len(offered)
    allowed = {
        (row.waits_in_id, row.criterion.number)
        for row in CriterionStatus.objects.filter(waits_in__isnull=False).order_by("pk")
        if may.can_decide(user, row.waits_in, row.criterion_id)
    }
    assert offered == allowed
    return offered


def test_a_learner_in_whom_somebody_declared_an_interest_is_in_the_queues_of_the_others_alone() -> None:
    here = scene()
    second, lead = make.staff(here.cohort, "tutor"), make.staff(here.cohort, "lead_iqa")
    theirs = make.submission(make.learner_unit(here.cohort, name="Noor Haddad"), here.first)
    every = {(here.submission.pk, "1.1"), (here.submission.pk, "1.2"), (theirs.pk, "1.1")}
    assert (to_mark(here.tutor), to_mark(second)) == (every, every)
    user, client = here.tutor.user, signed_in(here.tutor)
    cost = statements(client, reverse("marking")), cost_of(user, "/"), statements(client, here.desk())
    interest = risk.declare_interest(by=lead.user, holder=here.tutor, learner=here.unit.learner, reason="My niece.")
    assert (to_mark(here.tutor), to_mark(second)) == ({(theirs.pk, "1.1")}, every)
    assert (statements(client, reverse("marking")), cost_of(user, "/"), statements(client, here.desk())) == cost
    today = main_of(user, "/")
    assert "of Noor Haddad" in today
    assert "Okafor" not in today
    user = make.fresh(user)
    of_one = Filters(criterion="1.1", unit=here.unit.unit_code)
    assert [row.learner for row in waiting_together(user, of_one)] == ["Noor Haddad"]
    assert not waiting_for(user, Filters(learner=here.unit.learner.uid)).exists()
    for filters in (Filters(), of_one):  # the desk's line: from the one that is not theirs on to the one that is
        place = place_in_queue(user, filters, here.submission)
        assert (place.number, place.of, place.after) == (0, 1, (theirs.uid, "1.1"))
        place = place_in_queue(user, filters, theirs)
        assert (place.number, place.of, place.before, place.after) == (1, 1, None, None)
    risk.end_interest(by=lead.user, interest=interest, reason="She moved.")
    assert to_mark(here.tutor) == every


def test_a_unit_is_offered_for_sign_off_to_those_alone_who_may_sign_it() -> None:
    here = scene()
    second, lead = make.staff(here.cohort, "tutor"), make.staff(here.cohort, "lead_iqa")
    make.marked(here.submission, here.tutor.user)
    make.marked(make.submission(here.unit, *make.criteria(here.unit)[2:]), here.tutor.user)
    risk.declare_interest(by=lead.user, holder=here.tutor, learner=here.unit.learner, reason="My niece.")
    for member, offered in ((here.tutor, False), (second, True)):
        user = make.fresh(member.user)
        unit = LearnerUnit.objects.get(pk=here.unit.pk)
        assert waiting.units_to_sign_off(user).filter(pk=unit.pk).exists() == offered
        assert ("Sign off unit" in main_of(user, "/")) == offered
        assert bool(may.can_sign_off(user, unit)) == offered
    decisions.sign_off(by=second.user, learner_unit=here.unit)
