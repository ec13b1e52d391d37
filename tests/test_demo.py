"""The demo: built by the verbs, whole, once, with sign-ins that work."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from assessment.demo import build as demo
from assessment.models import EvidenceVersion, LearnerUnit
from assessment.readings.proof import steps
from content.checks import HOUSE_UNITS, check
from content.publishing import publish
from courseware.ledger.models import LedgerEntry
from courseware.people.models import Centre, User

pytestmark = pytest.mark.django_db


def build(password: str = "a demo password 412") -> str:
    out = io.StringIO()
    call_command("build_demo", password=password, stdout=out)
    return out.getvalue()


def test_the_demo_shows_every_stage_and_its_record_is_whole() -> None:
    publish(check(HOUSE_UNITS / "412"))
    said = build()
    assert [line.split()[0] for line in said.splitlines()] == [email for email, _ in demo.SIGN_INS]
    states = LearnerUnit.objects.filter(centre__name=demo.CENTRE).order_by("learner__name")
    assert dict(states.values_list("learner__name", "state")) == {
        "Ben Carter": "signed_off",
        "Elin Roberts": "in_progress",
        "Grace Mensah": "signed_off",
        "Maya Okafor": "in_progress",
        "Noor Rahman": "achieved",
        "Tom Whitfield": "in_progress",
    }
    maya = LearnerUnit.objects.get(learner__name="Maya Okafor")
    assert set(maya.statuses.order_by().values_list("learner_status", flat=True)) == {
        "not_started",
        "evidence_linked",
        "awaiting_marking",
        "not_yet_met",
        "met",
    }
    tom = LearnerUnit.objects.get(learner__name="Tom Whitfield")
    assert set(tom.statuses.order_by().values_list("status", flat=True)) == {
        "not_started",
        "not_yet_met",
        "awaiting_countersignature",
    }
    formats = set(EvidenceVersion.objects.filter(kind="file").order_by().values_list("format", flat=True))
    assert formats >= {"pdf", "docx", "jpg", "png", "mp3"}
    assert [fault for step in steps() for fault in step.faults()] == []
    first, last = LedgerEntry.objects.earliest("at").at, LedgerEntry.objects.latest("at").at
    assert (last - first).days >= 60

    before = LedgerEntry.objects.count()
    build("another password 412")
    assert LedgerEntry.objects.count() == before
    for email, _who in demo.SIGN_INS:
        assert User.objects.get(email=email).check_password("another password 412")
    assert Centre.objects.filter(demo=True).count() == 2


def test_without_the_unit_there_is_no_demo_and_a_sentence_says_why() -> None:
    with pytest.raises(CommandError, match="Load Unit 412 first"):
        build()
    assert not Centre.objects.exists()
