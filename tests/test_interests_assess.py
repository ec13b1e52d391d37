"""Whoever declared an interest in a learner assesses nothing of theirs until the interest has ended."""

from __future__ import annotations

import pytest
from django.urls import reverse

from assessment.models import Countersignature, Decision, DeclaredInterest, LearnerUnit, Submission
from assessment.permissions import decisions as may
from assessment.permissions.base import is_close
from assessment.permissions.independence import INTERESTED, not_assessed_by
from assessment.workflow import decisions, risk
from courseware.kit.verdict import NotYours
from tests import make
from tests.flat import flat
from tests.marking_pages import TEXT, form_of, scene, signed_in
from tests.people_builders import administrator_of
from tests.study_pages import main_of

pytestmark = pytest.mark.django_db


def test_it_keeps_a_tutor_from_deciding_until_it_ends() -> None:
    here = scene()
    lead = make.staff(here.cohort, "lead_iqa")
    other = make.learner_unit(here.cohort)
    theirs = make.submission(other, *make.criteria(other)[:1])
    before, client = here.decided(), signed_in(here.tutor)
    sent = form_of(client, here.desk(), outcome="met", feedback=TEXT)
    interest = risk.declare_interest(by=here.tutor.user, holder=here.tutor, learner=here.unit.learner, reason="My son.")
    user = make.fresh(here.tutor.user)
    verdict = may.can_decide(
        user, Submission.objects.select_related("learner_unit").get(pk=here.submission.pk), here.first.pk
    )
    assert (verdict.kind, verdict.reason) == ("not_yours", INTERESTED)
    with pytest.raises(NotYours, match="declared an interest"):
        make.decision(here.submission, here.first, here.tutor.user)
    assert here.decided() == before
    assert client.post(here.desk(), sent).status_code == 403
    assert INTERESTED in flat(client.get(here.desk()))
    assert here.decided() == before
    make.decision(theirs, here.first, here.tutor.user)  # of another learner's work as before
    risk.end_interest(by=lead.user, interest=interest, reason="He moved to another centre.")
    make.decision(here.submission, here.first, here.tutor.user)
    assert here.decided() == before + 1


def test_it_keeps_a_tutor_from_signing_off_and_countersigning() -> None:
    here = scene()
    lead = make.staff(here.cohort, "lead_iqa")
    trainee = make.staff(here.cohort, "tutor", trainee=True)
    made = make.decision(here.submission, here.first, trainee.user)
    interest = risk.declare_interest(by=lead.user, holder=here.tutor, learner=here.unit.learner, reason="A neighbour.")
    for act in (
        lambda: decisions.countersign(by=here.tutor.user, decision=made, outcome="confirmed", feedback="So."),
        lambda: decisions.sign_off(by=here.tutor.user, learner_unit=here.unit),
    ):
        with pytest.raises(NotYours, match="declared an interest"):
            act()
    risk.end_interest(by=lead.user, interest=interest, reason="They moved.")
    user = make.fresh(here.tutor.user)
    assert may.can_sign_off(user, here.unit).kind == "not_now"


def test_one_in_a_colleague_keeps_from_countersigning_that_colleagues_decisions_alone() -> None:
    here = scene()
    lead = make.staff(here.cohort, "lead_iqa")
    kin, other = (make.staff(here.cohort, "tutor", trainee=True) for _ in range(2))
    first, second = make.criteria(here.unit)[:2]
    made = make.decision(here.submission, first, kin.user)
    interest = risk.declare_interest(by=here.tutor.user, holder=here.tutor, colleague=kin, reason="My sister.")

    def countersign(decision: Decision) -> Countersignature:
        user = make.fresh(here.tutor.user)
        return decisions.countersign(by=user, decision=decision, outcome="confirmed", feedback="So.")

    with pytest.raises(NotYours, match="declared an interest in the tutor who decided"):
        countersign(made)
    assert not Countersignature.objects.exists()
    countersign(make.decision(here.submission, second, other.user))
    risk.end_interest(by=lead.user, interest=interest, reason="She left.")
    countersign(made)
    assert Countersignature.objects.count() == 2


def test_a_unit_that_was_read_with_its_roles_alone_says_the_same() -> None:
    here = scene()
    for declared in (False, True):
        if declared:
            risk.declare_interest(by=here.tutor.user, holder=here.tutor, learner=here.unit.learner, reason="My son.")
        user, unit = make.fresh(here.tutor.user), LearnerUnit.objects.get(pk=here.unit.pk)
        assert is_close(user, unit) == declared
        roles = {"_as_whom": user.pk, "_as_tutor": True, "_as_iqa": False, "_as_eqa": False}
        unit = LearnerUnit.objects.get(pk=here.unit.pk)
        unit.__dict__.update(roles)
        assert is_close(user, unit) == declared


def test_allocating_somebody_who_declared_one_warns() -> None:
    here = scene()
    admin = administrator_of(here.cohort.centre)
    lead = make.staff(here.cohort, "lead_iqa")
    other = make.staff(make.cohort(centre=here.cohort.centre), "tutor", name="Sunita Rao")
    assert not_assessed_by(other, type(here.unit).objects.all()) == []
    risk.declare_interest(by=lead.user, holder=other, learner=here.unit.learner, reason="Her daughter.")
    assert DeclaredInterest.objects.count() == 1
    client, address = signed_in(admin), reverse("cohort-allocate", args=(here.cohort.uid,))
    sent = form_of(client, address, who=f"{other.uid}:tutor", learner="")
    answer = client.post(address, sent, follow=True)
    assert "Sunita Rao declared an interest in Maya Okafor, and does not assess that work." in flat(answer)


def test_declaring_says_when_nobody_is_left_and_an_administrator_hears_of_it_until_somebody_is() -> None:
    here = scene()
    make.staff(here.cohort, "iqa")
    make.learner_unit(here.cohort, name="Somebody Else")
    admin, client, address = administrator_of(here.cohort.centre), signed_in(here.tutor), reverse("interest-declare")
    assert "Everything is in its place" in main_of(admin, "/")
    sent = form_of(client, address, holder="", reason="My son.", learner=here.unit.learner.user.email, colleague="")
    words = flat(client.post(address, sent, follow=True))
    assert "Nobody is allocated who may mark unit 101 of Maya Okafor. Ask an administrator" in words
    assert "who may review" not in words
    assert f"One learner has no tutor in {here.cohort.name}" in main_of(admin, "/")
    make.staff(here.cohort, "tutor")
    assert "Everything is in its place" in main_of(admin, "/")


def test_declaring_tells_nothing_of_a_learner_whom_one_may_not_know() -> None:
    here = scene()
    alone = make.learner_unit(make.cohort(centre=here.cohort.centre))
    client, address = signed_in(here.tutor), reverse("interest-declare")
    sent = form_of(client, address, holder="", reason="My son.", learner=alone.learner.user.email, colleague="")
    words = flat(client.post(address, sent, follow=True))
    assert "Declared." in words
    assert "Nobody is allocated" not in words


def test_a_unit_that_was_signed_off_needs_an_iqa_and_no_tutor() -> None:
    here = scene()
    iqa = make.staff(here.cohort, "iqa")
    unit = make.learner_unit(here.cohort, name="Sid Off")
    make.signed_off(unit, here.tutor.user)
    client, address = signed_in(iqa), reverse("interest-declare")
    sent = form_of(client, address, holder="", reason="My niece.", learner=unit.learner.user.email, colleague="")
    words = flat(client.post(address, sent, follow=True))
    assert "Nobody is allocated who may review unit 101 of Sid Off." in words
    assert "who may mark" not in words
    assert f"One learner has no IQA in {here.cohort.name}" in main_of(administrator_of(here.cohort.centre), "/")
