"""What the marking pages show when a text is disposed of, when there is much evidence, and when it is too late."""

from __future__ import annotations

import pytest
from django.urls import reverse

from assessment.models import AccessRecord, Body, Disposal
from assessment.workflow import decisions, quality, submissions
from courseware.people.models import Membership
from tests import make
from tests.flat import flat
from tests.marking_pages import facts, form_of, record, scene, signed_in, small_cohort

pytestmark = pytest.mark.django_db


def dispose_of(body: Body, by: Membership, second: Membership) -> None:
    """Two people dispose of a text; the fact that had it stays."""
    Disposal.objects.create(
        centre=by.centre, by=by, role="admin", second=second, rule="three years after the unit", body=body.uid
    )
    Body.objects.filter(pk=body.pk).delete()


def test_a_disposed_text_is_named_as_such_on_the_desk_and_the_units_page() -> None:
    here = scene()
    decision = make.decision(here.submission, here.first, here.tutor.user, feedback="Words that go.")
    lead, admin = make.staff(here.cohort, "lead_iqa"), make.staff(here.cohort, "admin")
    hold = quality.place_hold(by=lead.user, learner_unit=here.unit, reason="A reason that goes.")
    assert decision.body is not None
    assert hold.body is not None
    dispose_of(decision.body, admin, lead)
    dispose_of(hold.body, admin, lead)
    client = signed_in(here.tutor)
    desk = flat(client.get(here.desk()))
    assert "disposed of under a retention rule" in desk
    assert "Words that go." not in desk
    unit = flat(client.get(reverse("learner-unit", args=(here.unit.uid,))))
    assert "disposed of under a retention rule" in unit
    assert "A reason that goes." not in unit


def test_of_many_versions_the_first_twelve_are_shown_in_place_and_noted() -> None:
    cohort = small_cohort()
    tutor = make.staff(cohort, "tutor")
    unit = make.learner_unit(cohort)
    first = make.criteria(unit)[0]
    versions = [make.mapped(unit, first, item=make.text(unit, f"Note {n}", f"Words number {n}.")) for n in range(1, 14)]
    made = submissions.draft_submission(
        by=unit.learner.user,
        learner_unit=unit,
        criteria=[first],
        links=[link for version in versions for link in version.links.order_by("pk")],
    )
    submissions.submit(by=unit.learner.user, submission=made, declared=True, others="none", ai_used=False)
    page = flat(signed_in(tutor).get(reverse("marking-desk", args=(made.uid, first.number))))
    assert "Words number 12." in page
    assert "Words number 13." not in page
    assert reverse("evidence-version", args=(versions[12].uid,)) in page
    assert AccessRecord.objects.filter(by=tutor, what="shown").count() == 12


def test_when_it_is_too_late_to_record_in_its_place_the_text_is_kept_to_copy() -> None:
    here = scene()
    other = make.staff(here.cohort, "tutor", name="Sunita Rao")
    client = signed_in(here.tutor)
    sent = form_of(client, here.desk(), outcome="met", feedback="A text worth keeping.")
    make.marked(here.submission, other.user, "not_yet_met")
    make.submission(here.unit, here.first)
    before = facts()
    answer = client.post(here.desk(), sent)
    page = flat(answer)
    assert answer.status_code == 409
    assert "A newer submission claims this criterion. Decide it there." in page
    assert "A text worth keeping.</textarea>" in page
    assert "Record mine in its place" not in page
    assert facts() == before


def test_a_tutor_who_is_also_a_learner_never_marks_their_own_work() -> None:
    cohort = small_cohort()
    both = make.staff(cohort, "tutor", roles=("tutor", "learner"))
    unit = make.learner_unit(cohort, learner=both)
    first = make.criteria(unit)[0]
    handed_in = make.submission(unit, first)
    client = signed_in(both)
    assert "Nothing to mark" in flat(client.get(reverse("marking")))
    desk = reverse("marking-desk", args=(handed_in.uid, first.number))
    assert client.get(desk).status_code == 404
    other = make.staff(cohort, "tutor")
    sent = form_of(signed_in(other), desk, outcome="met", feedback="All mine.")
    before = facts()
    assert client.post(desk, sent).status_code == 404
    assert facts() == before
    decision = make.decision(handed_in, first, other.user)
    for name in ("countersign", "decision-withdraw"):
        assert client.get(reverse(name, args=(decision.uid,))).status_code == 404
    decisions.release_feedback(by=other.user, submission=handed_in)
    assert client.get(reverse("learner-unit", args=(unit.uid,)))["Location"] == "/units/101/"
    assert record(signed_in(other), desk, "met", "Fuller.", change="More to say.").status_code == 303
