"""The demo: built by the verbs, whole, once, with sign-ins that work."""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter

import pytest
from django.core.management import CommandError, call_command

from assessment.demo import build as demo
from assessment.models import (
    CRITERION_STATES,
    REVIEW_OUTCOMES,
    CriterionStatus,
    Decision,
    DueExtension,
    EvidenceVersion,
    Hold,
    LearnerUnit,
    Notice,
    Pin,
    PinnedNote,
    Review,
    ReviewAnswer,
    Submission,
)
from assessment.notices import follow
from assessment.readings.proof import steps
from assessment.readings.spaced import review_day
from content.checks import HOUSE_UNITS, check
from content.publishing import publish
from courseware.kit import clock
from courseware.ledger.models import LedgerEntry
from courseware.people.models import Centre, User

pytestmark = [pytest.mark.django_db, pytest.mark.unmeasured]


def build(password: str = "a demo password 412") -> str:
    out = io.StringIO()
    call_command("build_demo", password=password, stdout=out)
    return out.getvalue()


def test_the_demo_shows_every_stage_and_its_record_is_whole() -> None:
    publish(check(HOUSE_UNITS / "412"))
    said = build()
    assert [line.split()[0] for line in said.splitlines()] == [email for email, _ in demo.SIGN_INS]
    units = LearnerUnit.objects.order_by("learner__name")
    assert Counter(units.values_list("cohort__name", "state")) == {
        ("Evening group", "in_progress"): 5,
        ("Evening group", "signed_off"): 1,
        ("Retention Marketing, autumn", "in_progress"): 11,
        ("Retention Marketing, autumn", "signed_off"): 2,
        ("Retention Marketing, autumn", "achieved"): 1,
        ("Retention Marketing, spring", "in_progress"): 3,
        ("Retention Marketing, spring", "signed_off"): 1,
        ("Retention Marketing, spring", "achieved"): 5,
        ("Retention Marketing, spring", "withdrawn"): 1,
    }
    statuses = CriterionStatus.objects.order_by().values_list("status", flat=True)
    assert set(statuses) == {key for key, _ in CRITERION_STATES}
    assert set(Submission.objects.order_by().values_list("state", flat=True)) == {
        "submitted",
        "in_assessment",
        "accepted",
        "referred",
        "withdrawn",
        "returned",
    }
    assert set(Review.objects.order_by().values_list("outcome", flat=True)) == {key for key, _ in REVIEW_OUTCOMES}
    held = Hold.objects.filter(lift__isnull=True).order_by("learner_unit__learner__name")
    assert list(held.values_list("learner_unit__learner__name", flat=True)) == ["Ibrahim Yusuf", "Marek Nowak"]
    kai = Decision.objects.filter(learner_unit__learner__name="Kai Lewis").order_by("at")
    assert [one.outcome for one in kai] == ["not_yet_met"] * 3
    month_ago = clock.now() - dt.timedelta(days=25)
    assert Submission.objects.filter(state="submitted", submitted_at__lt=month_ago).count() == 2
    later = DueExtension.objects.order_by("pk").values_list("learner_unit__learner__name", flat=True)
    assert set(later) == {"Tom Whitfield"}
    follow()
    recent = clock.now() - dt.timedelta(days=11)
    assert Notice.objects.exists()
    assert not Notice.objects.filter(at__lt=recent).exists()

    maya = LearnerUnit.objects.get(learner__name="Maya Okafor")
    assert set(maya.statuses.order_by().values_list("learner_status", flat=True)) == {
        "not_started",
        "evidence_linked",
        "awaiting_marking",
        "not_yet_met",
        "met",
    }
    assert ReviewAnswer.objects.filter(card__learner_unit=maya).count() == 20
    assert ReviewAnswer.objects.count() == 20
    assert len({at.date() for at in ReviewAnswer.objects.order_by().values_list("at", flat=True)}) == 4
    assert len(review_day(maya.learner.user, [maya]).waiting) > 3
    pinned = Pin.objects.filter(learner_unit=maya).order_by().values_list("place", flat=True)
    assert Counter(pinned) == {"page": 3, "paragraph": 1, "time": 1}
    noted = PinnedNote.objects.filter(decision__learner_unit=maya, decision__release__isnull=False).order_by("pk")
    assert [note.decision.criterion.number for note in noted] == ["1.1", "1.1", "2.1"]
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
    assert (last - first).days >= 200
    for chain in set(LedgerEntry.objects.order_by().values_list("chain", flat=True)):
        instants = list(LedgerEntry.objects.filter(chain=chain).order_by("number").values_list("at", flat=True))
        assert instants == sorted(instants)

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
