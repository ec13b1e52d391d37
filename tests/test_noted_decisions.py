"""The grounds of a decision: reason, VARCS, and the notes pinned while marking, which become part of it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection

from assessment.models import (
    Body,
    Decision,
    EvidenceRules,
    EvidenceVersion,
    NoteDraft,
    PinnedNote,
    SubmissionEvidence,
)
from assessment.readings.proof import steps
from assessment.readings.proof_cohorts import read_entry
from assessment.workflow import comments, decisions
from assessment.workflow.noted import notes_digest
from courseware.kit import triggers
from courseware.kit.verdict import NotNow
from courseware.ledger.models import LedgerEntry
from tests import make
from tests.flat import flat
from tests.marking_pages import TEXT, Scene, facts, form_of, record, scene, signed_in, statements

pytestmark = pytest.mark.django_db


def handed_in(here: Scene) -> EvidenceVersion:
    """A version of the submission, as staff see it."""
    row = SubmissionEvidence.objects.filter(submission=here.submission).select_related("link__version").earliest("pk")
    version: EvidenceVersion = row.link.version
    return version


def note(here: Scene, text: str = "Here it shows.", **more: Any) -> NoteDraft:
    """A note that the tutor pinned and has not recorded."""
    where = {"place": "page", "number": 2, "x": 10, "y": 20, "width": 300, "height": 400}
    own = {"user": here.tutor.user, "submission": here.submission, "criterion": here.first, "text": text}
    return NoteDraft.objects.create(**({"version": handed_in(here), "uid": uuid.uuid4()} | own | where | more))


def decide(here: Scene, outcome: str = "not_yet_met", **more: Any) -> Decision:
    return decisions.decide(
        by=here.tutor.user,
        learner_unit=here.unit,
        submission=here.submission,
        criterion=here.first,
        outcome=outcome,
        feedback=TEXT,
        **more,
    )


def entry() -> dict[str, Any]:
    return read_entry(LedgerEntry.objects.filter(verb="decide").latest("pk").text)


def faults() -> list[str]:
    return [fault for step in steps() for fault in step.faults()]


def ask_varcs(here: Scene) -> None:
    EvidenceRules.objects.create(centre=here.unit.centre, varcs=True)


def test_the_reason_is_kept_with_the_decision_and_on_record() -> None:
    here = scene()
    assert decide(here, reason="verb").reason == "verb"
    assert entry()["notes"] == {"outcome": "not_yet_met", "attempt": 1, "reason": "verb"}
    assert faults() == []


def test_a_decision_without_feedback_is_refused_and_its_notes_stay_drafts() -> None:
    here = scene()
    note(here)
    before = facts()
    with pytest.raises(NotNow, match="Write feedback for the learner"):
        make.decision(here.submission, here.first, here.tutor.user, feedback=" \u00a0\n\t")
    assert (facts(), NoteDraft.objects.count()) == (before, 1)


@pytest.mark.parametrize(("outcome", "reason"), [("met", "verb"), ("not_yet_met", "because"), ("met", "x")])
def test_a_reason_of_another_list_or_for_met_is_refused(outcome: str, reason: str) -> None:
    here = scene()
    before = facts()
    with pytest.raises(NotNow, match="A reason belongs to Not yet met"):
        decide(here, outcome, reason=reason)
    assert facts() == before


def test_varcs_are_kept_in_their_order_where_the_centre_asks_for_them() -> None:
    here = scene()
    ask_varcs(here)
    assert decide(here, "met", varcs="SVA").varcs == "VAS"
    assert entry()["notes"]["varcs"] == "vas"
    assert faults() == []


def test_varcs_are_left_out_where_the_centre_does_not_ask() -> None:
    here = scene()
    ask_varcs(scene())  # another centre
    assert decide(here, "met", varcs="VARCS").varcs == ""
    assert "varcs" not in entry()["notes"]


def test_letters_that_are_none_of_varcs_are_refused() -> None:
    here = scene()
    ask_varcs(here)
    before = facts()
    with pytest.raises(NotNow, match="valid, authentic"):
        decide(here, "met", varcs="VX")
    assert facts() == before


def test_pinned_notes_become_part_of_the_decision_and_their_drafts_go() -> None:
    here = scene()
    note(here)
    note(here, " \u200b", place="time", number=None, x=None, y=None, width=None, height=None, from_ms=4200)
    decision = decide(here, reason="insufficient")
    first, second = PinnedNote.objects.select_related("body", "version").order_by("pk")
    assert (first.body.text, first.number, first.width, first.version) == ("Here it shows.", 2, 300, handed_in(here))
    assert (first.by, first.role, first.at, first.centre) == (here.tutor, "tutor", decision.at, here.unit.centre)
    assert (second.body, second.from_ms) == (None, 4200)
    assert not NoteDraft.objects.exists()
    assert entry()["digests"]["notes"] == notes_digest([first, second])
    assert faults() == []


def test_notes_of_others_of_other_criteria_and_on_other_versions_stay_drafts() -> None:
    here = scene()
    other = make.staff(here.cohort, "tutor")
    kept = [
        note(here, user=other.user),
        note(here, criterion=here.second),
        note(here, version=make.latest(make.text(here.unit))),
    ]
    decide(here)
    assert list(NoteDraft.objects.order_by("pk")) == kept
    assert not PinnedNote.objects.exists()
    assert "notes" not in entry()["digests"]


def test_a_refused_decision_leaves_the_notes_as_drafts() -> None:
    here = scene()
    draft = note(here)
    before = facts()
    with pytest.raises(NotNow):
        decide(here, reason="because")
    assert facts() == before
    assert NoteDraft.objects.get() == draft


def change_place() -> None:
    PinnedNote.objects.update(number=3)


def lose_a_note() -> None:
    PinnedNote.objects.filter(pk=PinnedNote.objects.latest("pk").pk)._raw_delete("default")


def add_a_note() -> None:
    extra = PinnedNote.objects.latest("pk")
    extra.pk, extra.uid = None, uuid.uuid4()
    extra.save(force_insert=True)


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (change_place, "its notes are not those"),
        (lose_a_note, "its notes are not those"),
        (add_a_note, "its notes are not those"),
        (lambda: Decision.objects.update(reason="unreadable"), "another outcome, reason or VARCS"),
        (lambda: Decision.objects.update(varcs="V"), "another outcome, reason or VARCS"),
    ],
)
def test_what_was_changed_past_the_verbs_is_found(act: Any, says: str) -> None:
    here = scene()
    note(here)
    note(here)
    decide(here, reason="verb")
    triggers.drop(connection)
    act()
    triggers.install(connection)
    assert [fault for fault in faults() if says in fault]


def test_the_desk_asks_why_it_is_not_yet_met() -> None:
    here = scene()
    client = signed_in(here.tutor)
    before = facts()
    answer = record(client, here.desk(), "not_yet_met", "A text worth keeping.", reason="")
    assert answer.status_code == 422
    assert "Choose why it is not yet met" in flat(answer)
    assert "A text worth keeping." in flat(answer)
    assert facts() == before
    assert record(client, here.desk(), "not_yet_met", reason="because").status_code == 422
    assert facts() == before
    assert record(client, here.desk(), "not_yet_met", reason="not_current").status_code == 303
    assert Decision.objects.get().reason == "not_current"


def test_a_reason_chosen_before_met_was_is_not_recorded() -> None:
    here = scene()
    assert record(signed_in(here.tutor), here.desk(), "met", reason="verb").status_code == 303
    assert Decision.objects.get().reason == ""


def test_the_desk_shows_varcs_where_the_centre_asks_and_records_what_was_ticked() -> None:
    here = scene()
    client = signed_in(here.tutor)
    assert "The evidence is" not in flat(client.get(here.desk()))
    ask_varcs(here)
    assert "The evidence is" in flat(client.get(here.desk()))
    sent: dict[str, Any] = form_of(client, here.desk(), outcome="met", feedback=TEXT)
    assert client.post(here.desk(), sent | {"varcs": ["A", "V"]}).status_code == 303
    assert Decision.objects.get().varcs == "VA"


def test_a_decision_with_notes_is_saved_with_15_statements_however_many_they_are() -> None:
    here = scene()
    client = signed_in(here.tutor)
    client.get(here.desk())
    used = comments.add_comment(by=here.tutor.user, centre_id=here.unit.centre_id, text="Look there.").uid
    note(here)
    sent = form_of(client, here.desk(), outcome="met", feedback=TEXT)
    assert statements(client, here.desk(), **sent | {"used_keys": str(used)}) == 15
    for _ in range(4):
        note(here)
    sent = form_of(client, here.desk(), outcome="met", feedback=TEXT)
    assert statements(client, here.desk(), **sent | {"used_keys": str(used)}) == 15, "it supersedes"
    assert Body.objects.count() >= 7
