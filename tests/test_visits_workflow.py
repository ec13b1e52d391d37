"""Visits: opened in one act, changed only while they last, widened on request, and nothing of it is falsified later."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection

from assessment.models import (
    Cohort,
    LearnerUnit,
    Visit,
    VisitAnswer,
    VisitChange,
    VisitNote,
    VisitNoteShare,
    VisitRequest,
    VisitScope,
)
from assessment.readings.proof import steps
from assessment.workflow import room, visits
from courseware.kit import clock, triggers
from courseware.kit.tasks import run_due
from courseware.kit.verdict import NotNow, NotYours, Stale
from courseware.ledger.models import LedgerEntry
from courseware.people.models import Invitation, Membership, RoleGrant, User
from courseware.people.standing import forget
from tests import make
from tests.people_builders import make_centre, make_member
from tests.test_record_database import body, fact, refuses
from tests.visit_builders import DAY, Place, place, reread

pytestmark = pytest.mark.django_db
TABLES = (User, Membership, RoleGrant, Invitation, LedgerEntry, Visit, VisitScope, VisitChange, VisitRequest)
TABLES = (*TABLES, VisitAnswer, VisitNote, VisitNoteShare)


def rows() -> list[Any]:
    """Everything that these verbs could change."""
    return [list(model._default_manager.order_by("pk").values()) for model in TABLES]


def refused(kind: type[Exception], act: Any, says: str = "", **sent: Any) -> None:
    """The verb refuses, says so, and nothing has changed."""
    before = rows()
    forget()
    with pytest.raises(kind, match=says or None):
        act(**sent)
    assert rows() == before


def whole() -> list[str]:
    """Everything that the proof of the record finds fault with."""
    return [fault for step in steps() for fault in step.faults()]


def seen_by(user: User) -> set[int]:
    """Ids of the learner-units that somebody may know of now."""
    forget()
    return set(LearnerUnit.objects.visible_to(make.fresh(user)).order_by().values_list("pk", flat=True))


# -- Opening -----------------------------------------------------------------------------------------------------------


def test_one_act_opens_the_scope_and_invites() -> None:
    here = place(2)
    visit = here.opened(learner_units=[here.units[0]])
    assert seen_by(visit.eqa.user) == {here.units[0].pk}
    assert [grant.role for grant in visit.eqa.grants.order_by("pk")] == ["eqa"]
    run_due()
    (letter,) = mail.outbox
    assert letter.to == ["eqa@example.org"]
    assert "Association of Awards" in letter.body
    assert "sets your password" in letter.body
    assert "Yearly visit" not in letter.body
    assert whole() == []


def test_an_address_that_exists_elsewhere_looks_like_a_new_one() -> None:
    here, elsewhere = place(), make_centre()
    make_member(elsewhere, "tutor", email="known@example.org")
    known, new = here.opened("known@example.org"), here.opened("new@example.org")
    first, second = (Membership.objects.filter(pk=one.eqa_id).values().get() for one in (known, new))
    own = {"id", "uid", "user_id", "starts_at"}
    assert {name for name, value in first.items() if value != second[name]} == own
    entries = LedgerEntry.objects.filter(verb="open_visit").order_by("pk").values_list("text", flat=True)
    assert all('"new":true' in text for text in entries)
    run_due()
    old, fresh = mail.outbox
    assert old.subject == fresh.subject
    assert "You have an account with this address already" in old.body
    assert "sets your password" in fresh.body


def test_the_same_eqa_comes_again_and_is_known() -> None:
    here = place()
    first, second = here.opened(), here.opened(name="Another Name")
    assert first.eqa == second.eqa
    assert second.eqa.name == "Ruth Bell"
    assert second.eqa.grants.count() == 1
    Membership.objects.filter(pk=first.eqa_id).update(ends_at=clock.now())
    RoleGrant.objects.filter(membership=first.eqa_id).update(ends_at=clock.now())
    third = here.opened(name="Ruth Bell-Moss")
    assert (third.eqa, third.eqa.name, third.eqa.grants.count()) == (first.eqa, "Ruth Bell-Moss", 2)
    assert whole() == []


def test_a_repeated_form_opens_one_visit() -> None:
    here, at = place(), clock.now()
    key = make.specification().uid
    sent = {"starts_at": at, "ends_at": at + DAY, "key": key}
    assert here.opened(**sent) == here.opened(**sent)
    assert Visit.objects.count() == 1


@pytest.mark.parametrize(
    ("sent", "kind", "says"),
    [
        ({"cohorts": []}, NotNow, "at least one cohort"),
        ({"purpose": " \u200b"}, NotNow, "what the visit is for"),
        ({"organisation": " "}, NotNow, "awarding organisation"),
        ({"organisation": "x" * 121}, NotNow, "awarding organisation"),
        ({"email": "nobody"}, ValidationError, ""),
        ({"name": " "}, ValidationError, ""),
        ({"starts_at": dt.timedelta(2)}, NotNow, "ends after it begins"),
        ({"starts_at": dt.timedelta(-3), "ends_at": dt.timedelta(-1)}, NotNow, "lies ahead"),
        ({"ends_at": dt.timedelta(400)}, NotNow, "a year at most"),
    ],
)
def test_what_cannot_be_is_refused(sent: dict[str, Any], kind: type[Exception], says: str) -> None:
    here, now = place(), clock.now()
    sent = {name: now + value if isinstance(value, dt.timedelta) else value for name, value in sent.items()}
    refused(kind, here.opened, says, **sent)


def test_nobody_of_the_centre_and_nothing_of_another_is_opened() -> None:
    here, away = place(), place()
    refused(NotNow, here.opened, "another role", email=here.tutor.user.email)
    refused(NotNow, here.opened, "own centre", cohorts=[away.cohort])
    refused(NotNow, here.opened, "own centre", learner_units=[away.units[0]])
    for who in (here.iqa, here.tutor, away.lead):
        other = Place(here.cohort, here.tutor, here.iqa, who)
        refused(NotYours, other.opened, "Only the lead IQA")


# -- Otherwise than opened ---------------------------------------------------------------------------------------------


def test_a_visit_is_extended_while_it_lasts_from_the_end_that_was_read() -> None:
    here = place()
    visit = here.opened()
    later = visit.ends_at + DAY
    by = here.lead.user
    refused(NotNow, visits.extend_visit, "later end", by=by, visit=visit, ends_at=visit.ends_at, seen=visit.ends_at)
    refused(Stale, visits.extend_visit, "meanwhile", by=by, visit=visit, ends_at=later, seen=later)
    far = visit.ends_at + dt.timedelta(400)
    refused(NotNow, visits.extend_visit, "a year", by=by, visit=visit, ends_at=far, seen=visit.ends_at)
    iqa = here.iqa.user
    refused(NotYours, visits.extend_visit, "lead", by=iqa, visit=visit, ends_at=later, seen=visit.ends_at)
    visits.extend_visit(by=by, visit=visit, ends_at=later, seen=visit.ends_at, reason="A second day.")
    assert reread(visit).ends_at == later
    assert whole() == []
    with time_machine.travel(later, tick=False):
        end = {"by": by, "visit": visit, "ends_at": later + DAY, "seen": later}
        refused(NotNow, visits.extend_visit, "has ended", **end)


def test_ended_now_nothing_is_open_from_that_instant() -> None:
    here = place()
    visit = here.opened()
    assert seen_by(visit.eqa.user)
    refused(NotYours, visits.end_visit, "lead", by=visit.eqa.user, visit=visit)
    with time_machine.travel(clock.now(), tick=False):
        change = visits.end_visit(by=here.lead.user, visit=visit)
        assert change.ends_at == clock.now()
        assert seen_by(visit.eqa.user) == set()
    refused(NotNow, visits.end_visit, "has ended", by=here.lead.user, visit=reread(visit))
    refused(NotNow, visits.withdraw_visit, "has ended", by=here.lead.user, visit=reread(visit), reason="Late.")
    assert whole() == []


def test_withdrawn_before_it_began_it_never_begins() -> None:
    here, now = place(), clock.now()
    visit = here.opened(starts_at=now + DAY, ends_at=now + 2 * DAY)
    refused(NotNow, visits.end_visit, "Withdraw it instead", by=here.lead.user, visit=visit)
    refused(NotNow, visits.withdraw_visit, "why", by=here.lead.user, visit=visit, reason=" ")
    visits.withdraw_visit(by=here.lead.user, visit=visit, reason="She is ill.")
    for at in (clock.now(), visit.starts_at, visit.starts_at + DAY / 2):
        with time_machine.travel(at, tick=False):
            assert seen_by(visit.eqa.user) == set()
            refused(NotNow, room.ask_for_more, "has ended", by=visit.eqa.user, visit=visit, text="All.")
    assert whole() == []


def test_withdrawn_while_it_lasts_it_ends() -> None:
    here = place()
    visit = here.opened()
    visits.withdraw_visit(by=here.lead.user, visit=visit, reason="The wrong person.")
    assert seen_by(visit.eqa.user) == set()


def test_access_is_to_the_second() -> None:
    here, now = place(), clock.now()
    visit = here.opened(starts_at=now + DAY / 2, ends_at=now + DAY)
    second = dt.timedelta(seconds=1)
    before: set[int] = set()
    within = {here.units[0].pk}
    for at, seen in (
        (visit.starts_at - second, before),
        (visit.starts_at, within),
        (visit.ends_at - second, within),
        (visit.ends_at, before),
        (visit.ends_at + second, before),
    ):
        with time_machine.travel(at, tick=False):
            assert seen_by(visit.eqa.user) == seen, at
            forget()
            assert bool(Cohort.objects.visible_to(make.fresh(visit.eqa.user)).exists()) is bool(seen)


def test_a_cohort_opens_later_joiners_and_a_learner_only_that_one() -> None:
    here = place(2)
    whole_cohort, one = here.opened(), here.opened("second@example.org", learner_units=[here.units[1]])
    joined = make.learner_unit(here.cohort)
    assert seen_by(whole_cohort.eqa.user) == {joined.pk, *(unit.pk for unit in here.units)}
    assert seen_by(one.eqa.user) == {here.units[1].pk}
    forget()
    assert not Cohort.objects.visible_to(one.eqa.user).exists()
    RoleGrant.objects.filter(membership=one.eqa).update(ends_at=clock.now())
    assert seen_by(one.eqa.user) == set()


# -- In the room -------------------------------------------------------------------------------------------------------


def test_more_is_asked_for_and_granted() -> None:
    here = place(2)
    visit = here.opened(learner_units=[here.units[0]])
    request = room.ask_for_more(by=visit.eqa.user, visit=visit, text="Learner No 1")
    by = here.lead.user
    refused(NotYours, room.answer_request, "lead", by=here.iqa.user, request=request, granted=True)
    refused(NotNow, room.answer_request, "not open yet", by=by, request=request, granted=True)
    again = {"by": by, "request": request, "granted": True, "learner_units": [here.units[0]]}
    refused(NotNow, room.answer_request, "not open yet", **again)
    refused(NotNow, room.answer_request, "own centre", **again | {"cohorts": [place().cohort]})
    refused(NotNow, room.answer_request, "Say why", by=by, request=request, granted=False)
    answer = room.answer_request(by=by, request=request, granted=True, learner_units=here.units)
    assert [one.learner_unit for one in answer.opened.order_by("pk")] == [here.units[1]]
    assert seen_by(visit.eqa.user) == {unit.pk for unit in here.units}
    refused(NotNow, room.answer_request, "has its answer", by=by, request=request, granted=True, cohorts=[here.cohort])
    assert whole() == []


def test_a_request_is_declined_with_a_reason_and_none_is_answered_after_the_end() -> None:
    here = place()
    visit = here.opened()
    eqa = visit.eqa.user
    refused(NotNow, room.ask_for_more, "Name the cohorts", by=eqa, visit=visit, text=" ")
    refused(NotYours, room.ask_for_more, "whose visit", by=here.lead.user, visit=visit, text="All.")
    first = room.ask_for_more(by=eqa, visit=visit, text="The spring cohort")
    second = room.ask_for_more(by=eqa, visit=visit, text="The summer cohort")
    room.answer_request(by=here.lead.user, request=first, granted=False, reason="It is not yours.")
    with time_machine.travel(visit.ends_at, tick=False):
        refused(NotNow, room.answer_request, "ended", by=here.lead.user, request=second, granted=False, reason="Late.")
        refused(NotNow, room.ask_for_more, "ended", by=eqa, visit=visit, text="More.")
    assert whole() == []


def test_a_note_is_its_writers_until_it_is_shared_and_then_stays() -> None:
    here = place()
    visit = here.opened()
    eqa = visit.eqa.user
    note = room.write_note(by=eqa, visit=visit, text=" Weak feedback.\r\nSee 1.1 ")
    assert note.text == "Weak feedback.\nSee 1.1"
    refused(NotNow, room.write_note, "Write something", by=eqa, visit=visit, text="\u200b")
    refused(NotYours, room.write_note, "whose visit", by=here.lead.user, visit=visit, text="Mine.")
    room.write_note(by=eqa, visit=visit, text="Better.", note=note)
    for who, sees in ((eqa, True), (here.lead.user, False), (here.iqa.user, False), (here.tutor.user, False)):
        forget()
        assert VisitNote.objects.visible_to(who).exists() is sees
    refused(Stale, room.share_note, "meanwhile", by=eqa, note=note, seen="Weak feedback.")
    refused(NotYours, room.share_note, "whose visit", by=here.lead.user, note=note, seen="Better.")
    share = room.share_note(by=eqa, note=note, seen="Better.")
    assert share.body.text == "Better."
    for who, sees in ((here.lead.user, True), (here.iqa.user, True), (here.tutor.user, False), (here.admin, False)):
        forget()
        assert VisitNote.objects.visible_to(who).exists() is sees
    refused(NotNow, room.share_note, "is shared", by=eqa, note=note, seen="Better.")
    refused(NotNow, room.write_note, "is shared", by=eqa, visit=visit, text="No.", note=note)
    refused(NotNow, room.remove_note, "is shared", by=eqa, note=note)
    assert refuses(lambda: VisitNote.objects.filter(pk=note.pk).update(text="No."))
    assert refuses(lambda: VisitNote.objects.filter(pk=note.pk).delete())
    own = room.write_note(by=eqa, visit=visit, text="To be thought over.")
    other = here.opened("other@example.org")
    refused(NotYours, room.remove_note, "whose visit", by=other.eqa.user, note=own)
    forget()
    assert list(VisitNote.objects.visible_to(other.eqa.user)) == []
    room.remove_note(by=eqa, note=own)
    assert list(VisitNote.objects.order_by("pk")) == [note]
    with time_machine.travel(visit.ends_at, tick=False):
        refused(NotNow, room.write_note, "ended", by=eqa, visit=visit, text="Late.")
    assert whole() == []


# -- What the database keeps -------------------------------------------------------------------------------------------


def test_the_database_keeps_visits_as_the_facts_say() -> None:
    here, away = place(2), place()
    visit = here.opened(learner_units=[here.units[0]])
    visits.extend_visit(by=here.lead.user, visit=visit, ends_at=visit.ends_at + DAY, seen=visit.ends_at)
    row = Visit.objects.filter(pk=visit.pk)
    assert refuses(lambda: row.update(ends_at=visit.ends_at))
    assert refuses(lambda: row.update(starts_at=visit.starts_at - DAY))
    assert refuses(lambda: row.update(organisation="Another"))
    assert refuses(row.delete)
    mine = {"visit": visit, "centre_id": visit.centre_id, "at": clock.now()}
    scope = VisitScope.objects.create
    assert refuses(lambda: scope(**mine, cohort=away.cohort))
    assert refuses(lambda: scope(**mine, learner_unit=away.units[0]))
    assert refuses(lambda: scope(**mine))
    assert refuses(lambda: scope(**mine, cohort=here.cohort, learner_unit=here.units[1]))
    assert refuses(lambda: scope(**mine, learner_unit=here.units[0]))
    request = room.ask_for_more(by=visit.eqa.user, visit=visit, text="More")
    declined = room.answer_request(by=here.lead.user, request=request, granted=False, reason="No.")
    assert refuses(lambda: scope(**mine, learner_unit=here.units[1], answer=declined))
    assert refuses(lambda: scope(**mine | {"at": visit.ends_at + DAY}, learner_unit=here.units[1]))
    assert refuses(lambda: VisitScope.objects.filter(visit=visit).delete())
    lead = fact(here.lead, "lead_iqa")
    ends = reread(visit).ends_at
    change = {"visit": visit, "ended_before": ends}
    late = lead | {"at": ends}
    assert refuses(lambda: VisitChange.objects.create(**late, **change, kind="extended", ends_at=ends + DAY))
    assert refuses(lambda: VisitChange.objects.create(**lead, **change, kind="extended", ends_at=ends))
    assert refuses(lambda: VisitChange.objects.create(**lead, **change, kind="ended", ends_at=ends + DAY))
    assert refuses(lambda: VisitChange.objects.create(**lead, **change, kind="withdrawn", ends_at=ends))
    texts = body(here.lead)
    assert not refuses(lambda: VisitAnswer.objects.filter(pk=declined.pk).first())
    assert refuses(lambda: VisitAnswer.objects.create(**lead, **texts, request=request, granted=True))


def test_the_proof_names_what_was_written_past_the_verbs() -> None:
    here = place(3)
    visit = here.opened(learner_units=[here.units[0]])
    mine = {"visit": visit, "centre_id": visit.centre_id}
    VisitScope.objects.create(**mine, learner_unit=here.units[1], at=clock.now())
    change = fact(here.lead, "lead_iqa") | {"visit": visit}
    VisitChange.objects.create(**change, ended_before=visit.ends_at, kind="extended", ends_at=visit.ends_at + DAY)
    found = " ".join(whole())
    assert "no record entry names something that it opens" in found
    assert "stored with another end" in found
    assert "visit change" in found
    triggers.drop(connection)
    try:
        VisitScope.objects.filter(visit=visit).delete()
        Visit.objects.filter(pk=visit.pk).update(starts_at=visit.starts_at - DAY)
        VisitChange.objects.filter(visit=visit).update(ended_before=visit.ends_at - DAY)
        text = body(here.lead)
        bare = {"eqa": visit.eqa, "organisation": "X", "starts_at": visit.starts_at, "ends_at": visit.ends_at}
        Visit.objects.create(**fact(here.lead, "lead_iqa"), **text, **bare)
        found = " ".join(whole())
    finally:
        triggers.install(connection)
    assert "begins at another time" in found
    assert "ended at another time before it" in found
    assert "is gone" in found
    assert "no record entry names it" in found


def test_nobody_is_written_to_in_a_demo() -> None:
    cohort = make.cohort(make_centre(demo=True))
    lead = make_member(cohort.centre, "lead_iqa")
    visit = Place(cohort, lead, lead, lead).opened()
    run_due()
    assert mail.outbox == []
    assert not Invitation.objects.filter(membership=visit.eqa).exists()


def test_a_letter_is_written_once_and_not_for_an_invitation_that_was_taken_back() -> None:
    here = place()
    here.opened()
    here.opened()  # a second visit: the letter of the first would hold a link that was replaced
    run_due()
    run_due()
    assert len(mail.outbox) == 1
