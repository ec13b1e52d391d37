"""What the database refuses about pins, notes, replies, captions and how evidence came about, tried past every verb."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from assessment.models import (
    Caption,
    Decision,
    EvidenceItem,
    EvidenceLink,
    EvidenceVersion,
    FeedbackReply,
    LearnerUnit,
    NoteDraft,
    Pin,
    PinnedNote,
    Upload,
)
from assessment.workflow import decisions
from courseware.kit import clock
from courseware.people.models import Membership
from tests import make

pytestmark = pytest.mark.django_db


def refuses(act: Callable[[], object]) -> bool:
    """Whether the database refuses `act`, with nothing left of it."""
    try:
        with transaction.atomic():
            act()
    except DatabaseError:
        return True
    return False


@pytest.fixture
def unit() -> LearnerUnit:
    return make.learner_unit()


def fact(by: Membership, role: str = "tutor", **more: Any) -> dict[str, Any]:
    return {"centre_id": by.centre_id, "by": by, "role": role, "trainee": False, "at": clock.now()} | more


def a_pin(link: EvidenceLink, **place: Any) -> Pin:
    where = place or {"place": "page", "number": 1}
    return Pin.objects.create(centre_id=link.centre_id, learner_unit_id=link.learner_unit_id, link=link, **where)


def a_link(unit: LearnerUnit) -> EvidenceLink:
    return make.mapped(unit, make.criteria(unit)[0]).links.get()


def decided(unit: LearnerUnit, outcome: str = "met") -> tuple[Membership, Decision]:
    tutor = make.staff(unit.cohort, "tutor")
    handed_in = make.submission(unit, make.criteria(unit)[0])
    return tutor, make.decision(handed_in, make.criteria(unit)[0], tutor.user, outcome)


GOOD_PLACES = (
    {"place": "page", "number": 3},
    {"place": "page", "number": 1, "x": 0, "y": 0, "width": 10_000, "height": 10_000},
    {"place": "paragraph", "number": 12},
    {"place": "cell", "number": 1, "cell": "B4"},
    {"place": "time", "from_ms": 0},
    {"place": "time", "from_ms": 500, "until_ms": 500},
)
BAD_PLACES = (
    {"place": "page"},
    {"place": "page", "number": 0},
    {"place": "page", "number": 1, "x": 1},
    {"place": "page", "number": 1, "x": 1, "y": 1, "width": 0, "height": 5},
    {"place": "page", "number": 1, "x": 5_001, "y": 0, "width": 5_000, "height": 10},
    {"place": "page", "number": 1, "from_ms": 4},
    {"place": "paragraph", "number": 1, "cell": "A1"},
    {"place": "cell", "number": 1},
    {"place": "time"},
    {"place": "time", "number": 1, "from_ms": 1},
    {"place": "time", "from_ms": 2, "until_ms": 1},
    {"place": "nowhere", "number": 1},
)


@pytest.mark.parametrize("place", GOOD_PLACES, ids=str)
def test_a_whole_place_is_taken(unit: LearnerUnit, place: dict[str, Any]) -> None:
    assert a_pin(a_link(unit), **place).pk


@pytest.mark.parametrize("place", BAD_PLACES, ids=str)
def test_half_a_place_is_refused(unit: LearnerUnit, place: dict[str, Any]) -> None:
    link = a_link(unit)
    assert refuses(lambda: a_pin(link, **place))


def test_pins_freeze_with_the_submission(unit: LearnerUnit) -> None:
    link = a_link(unit)
    pin = a_pin(link)
    Pin.objects.filter(pk=pin.pk).update(says="The second stage.")
    make.submission(unit, make.criteria(unit)[0])
    handed_in = EvidenceLink.objects.filter(learner_unit=unit, handed_in__isnull=False)
    frozen = handed_in.get()
    rows = Pin.objects.filter(pk=pin.pk)
    assert refuses(lambda: a_pin(frozen))
    if frozen.pk == link.pk:
        assert refuses(lambda: rows.update(says="Another."))
        assert refuses(lambda: rows._raw_delete(rows.db))
    else:
        assert refuses(lambda: rows.update(link=frozen)), "moved onto what was handed in"


def test_a_pin_is_on_a_mapping_of_the_same_learner(unit: LearnerUnit) -> None:
    link, other = a_link(unit), make.learner_unit(unit.cohort)
    assert refuses(
        lambda: Pin.objects.create(centre_id=unit.centre_id, learner_unit=other, link=link, place="page", number=1)
    )


def test_a_note_is_by_who_decided_and_on_what_was_handed_in(unit: LearnerUnit) -> None:
    tutor, decision = decided(unit)
    version = EvidenceVersion.objects.get(learner_unit=unit)
    loose = make.latest(make.text(unit))
    other = make.staff(unit.cohort, "tutor")

    def note(**more: Any) -> PinnedNote:
        where = {"place": "paragraph", "number": 1, "decision": decision, "version": version, "learner_unit": unit}
        return PinnedNote.objects.create(**(fact(tutor) | where | more))

    assert refuses(lambda: note(**fact(other)))
    assert refuses(lambda: note(version=loose)), "never handed in"
    assert refuses(lambda: note(learner_unit=make.learner_unit(unit.cohort)))
    kept = note()
    rows = PinnedNote.objects.filter(pk=kept.pk)
    assert refuses(lambda: rows.update(number=2))
    assert refuses(lambda: rows._raw_delete(rows.db))


def test_feedback_is_acknowledged_by_its_learner_once_it_is_released(unit: LearnerUnit) -> None:
    tutor, decision = decided(unit)

    def reply(by: Membership) -> FeedbackReply:
        return FeedbackReply.objects.create(**fact(by, "learner"), decision=decision, learner_unit=unit)

    assert refuses(lambda: reply(unit.learner)), "not released"
    decisions.release_feedback(by=tutor.user, submission=decision.submission)
    assert refuses(lambda: reply(tutor))
    reply(unit.learner)
    assert refuses(lambda: reply(unit.learner)), "once"


def test_a_reason_belongs_to_not_yet_met(unit: LearnerUnit) -> None:
    tutor, decision = decided(unit, "not_yet_met")
    again = {
        "submission": decision.submission,
        "learner_unit": unit,
        "criterion": decision.criterion,
        "attempt": 1,
        "supersedes": decision,
        "body": decision.body,
        "body_digest": decision.body_digest,
    }
    assert refuses(lambda: Decision.objects.create(**fact(tutor), **again, outcome="met", reason="verb"))
    assert refuses(lambda: Decision.objects.create(**fact(tutor), **again, outcome="not_yet_met", reason="whim"))
    assert not refuses(lambda: Decision.objects.create(**fact(tutor), **again, outcome="not_yet_met", reason="verb"))


def test_how_evidence_came_about_freezes_with_its_submission(unit: LearnerUnit) -> None:
    version = make.mapped(unit, make.criteria(unit)[0])
    rows = EvidenceItem.objects.filter(pk=version.item_id)
    assert refuses(lambda: rows.update(method="testimony")), "names no witness"
    rows.update(method="testimony", witness="Ana Cole", witness_relation="Shop manager")
    make.submission(unit, make.criteria(unit)[0])
    handed_in = EvidenceItem.objects.filter(versions__state="submitted", learner_unit=unit)
    first = EvidenceItem.objects.filter(pk=handed_in.earliest("pk").pk)
    assert refuses(lambda: first.update(method="account"))
    assert refuses(lambda: first.update(witness="Somebody else"))
    first.update(title="The same")


def test_captions_freeze_with_their_version(unit: LearnerUnit) -> None:
    version = make.mapped(unit, make.criteria(unit)[0])

    def caption(language: str) -> Caption:
        return Caption.objects.create(
            centre_id=unit.centre_id, version=version, learner_unit=unit, language=language, text="WEBVTT"
        )

    made = caption("en")
    assert refuses(lambda: caption("en")), "one for each language"
    EvidenceVersion.objects.filter(pk=version.pk).update(state="submitted")
    rows = Caption.objects.filter(pk=made.pk)
    assert refuses(lambda: caption("fr"))
    assert refuses(lambda: rows.update(text="WEBVTT changed"))
    assert refuses(lambda: rows._raw_delete(rows.db))


def test_an_upload_says_what_became_of_it(unit: LearnerUnit) -> None:
    def upload(**more: Any) -> Upload:
        values = {"file_name": "a.pdf", "size": 10, "centre_id": unit.centre_id, "learner_unit": unit}
        return Upload.objects.create(**(values | {"by": unit.learner.user} | more))

    assert upload(offset=10).pk
    assert refuses(lambda: upload(size=0))
    assert refuses(lambda: upload(offset=11))
    assert refuses(lambda: upload(state="saved")), "saved as nothing"
    assert refuses(lambda: upload(state="refused")), "without a sentence"
    foreign = make.text(make.learner_unit(unit.cohort))
    assert refuses(lambda: upload(became=foreign, state="saved"))
    assert upload(became=make.text(unit), state="saved").pk


def test_a_draft_of_a_note_may_be_anywhere_and_goes_with_its_writer(unit: LearnerUnit) -> None:
    tutor = make.staff(unit.cohort, "tutor")
    handed_in = make.submission(unit, make.criteria(unit)[0])
    draft = NoteDraft.objects.create(
        user=tutor.user,
        submission=handed_in,
        criterion=make.criteria(unit)[0],
        version=EvidenceVersion.objects.filter(learner_unit=unit).earliest("pk"),
        uid=uuid.uuid4(),
        place="page",
        number=1,
    )
    draft.text = "Here."
    draft.save()
    draft.delete()
