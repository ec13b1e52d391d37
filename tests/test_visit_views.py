"""The room and the centre's pages of visits: who reads what, until when, and that nothing else leaks."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from assessment.models import (
    AccessRecord,
    Decision,
    LearnerUnit,
    RoomOpening,
    Visit,
    VisitNote,
    VisitNoteShare,
    VisitRequest,
)
from assessment.readings import visit_pack
from assessment.readings import visits as readings
from assessment.workflow import cohorts, drafts, pins, reviews, risk, room, standardisation, visits
from assessment.workflow.amendments import add_target
from assessment.workflow.strategy import StrategyRules, set_strategy
from courseware.kit import clock
from courseware.ledger.models import LedgerEntry
from tests import make, standardisation_builders
from tests.flat import flat
from tests.marking_pages import form_of, hidden, signed_in, statements
from tests.people_builders import administrator_of
from tests.quality_pages import Scene, item_of, scene
from tests.visit_builders import DAY, Place, place, reread

pytestmark = pytest.mark.django_db


def words(client: Client, address: str, status: int = 200) -> str:
    """What a page says, white space as one."""
    answer = client.get(address)
    assert answer.status_code == status, address
    return said(answer)


def said(answer: Any) -> str:
    """What is read in the main part of an answer."""
    text = re.sub(r"<[^>]*>", " ", flat(answer).partition("<main")[2].partition("</main>")[0].partition(">")[2])
    return re.sub(r" (?=[.,:])", "", " ".join(unescape(text).split()))


def status_of(client: Client, address: str, **more: Any) -> int:
    """How an address answers; a file is read to its end."""
    answer: Any = client.get(address, **more)
    if answer.streaming:
        b"".join(answer.streaming_content)
    return int(answer.status_code)


def page(name: str, *args: Any) -> str:
    """The address of a page about rows."""
    return reverse(name, args=[one.uid for one in args])


def of_scene(here: Scene) -> Place:
    """The same people, as a place that opens visits."""
    return Place(here.cohort, here.tutor, here.iqa, here.lead, list(here.units))


# -- The pack ----------------------------------------------------------------------------------------------------------


def test_the_pack_holds_the_checklist_and_names_nobody_outside_the_visit() -> None:
    here = scene(4)
    spring = make.cohort(here.cohort.centre, name="Spring evenings")
    risk.record_qualification(
        by=here.lead.user,
        holder=here.tutor,
        title="Level 3 Assessor",
        held_as="assessor",
        awarded_on=dt.date(2020, 1, 2),
        expires_on=dt.date(2021, 1, 2),
    )
    plan = here.approved(2)
    items = list(plan.items.select_related("learner_unit__learner", "plan").order_by("position"))
    review = reviews.review_decision(
        by=here.iqa.user,
        item=item_of(plan),
        decision=_decision(items[0]),
        outcome="action_required",
        feedback="Say why.",
        action="Write the reason down.",
    )
    assert review
    left = next(unit for unit in here.units if unit.pk not in {one.learner_unit_id for one in items})
    inside = items[0].learner_unit
    visit = of_scene(here).opened(learner_units=[inside, left])
    text = words(signed_in(visit.eqa), page("room-pack", visit))
    for part in (
        "Level 3 Assessor",
        "Expired Saturday 2 January 2021",
        "The usual strategy",
        "Four units were in the population; 2 are in the sample, 2 are not",
        "Drawn: place 1 of the draw",
        "Outside the visit",
        "Write the reason down.",
        "Not drawn: its place in the draw lies beyond the sample",
        inside.learner.name,
        left.learner.name,
    ):
        assert part in text, part
    outside = [unit.learner.name for unit in here.units if unit.pk not in (inside.pk, left.pk)]
    for name in (*outside, spring.name):
        for address in (
            page("room-pack", visit),
            page("room", visit),
            page("room-log", visit),
            "/",
            reverse("cohorts"),
        ):
            assert name not in words(signed_in(visit.eqa), address), (name, address)


def _decision(item: Any) -> Any:
    return Decision.objects.filter(learner_unit=item.learner_unit).order_by("pk").first()


def test_why_a_unit_is_not_sampled() -> None:
    here = scene(1)
    working = make.learner_unit(here.cohort, name="Still At It")
    gone = make.learner_unit(here.cohort, name="Gone Away")
    cohorts.withdraw_learner(by=administrator_of(here.cohort.centre), learner_unit=gone, reason="Moved.")
    visit = of_scene(here).opened()
    text = words(signed_in(visit.eqa), page("room-pack", visit))
    assert "Signed off, and in no approved plan yet." in text
    assert "Not signed off yet, so in no draw." in text
    assert "The learner left before a sample was drawn." in text
    assert "There is no plan for these cohorts yet." in text
    assert "None was raised about the learners in this visit." in text
    assert working.learner.name in text


def test_targeted_and_set_strategies_say_so() -> None:
    here = scene(3)
    set_strategy(
        by=here.lead.user,
        centre=here.cohort.centre,
        rules=StrategyRules(blind=True, interim=20, summative=40),
        reason="More.",
        seen=0,
    )
    plan = here.approved(1)
    left = next(unit for unit in here.units if not plan.items.filter(learner_unit=unit).exists())
    add_target(by=here.lead.user, plan=plan, learner_unit=left, reason="A dispute about 1.1.")
    here.plan(1)
    visit = of_scene(here).opened()
    text = words(signed_in(visit.eqa), page("room-pack", visit))
    assert "A dispute about 1.1." in text
    assert "Version 1, set by" in text
    assert "Interim samples take 20 %" in text
    assert "Summative samples take 40 % of each tutor’s units at least." in text
    assert "Reviews are blind first" in text
    assert "Not approved yet, so nothing is drawn." in text


def test_the_pack_of_a_centre_with_nothing_says_so() -> None:
    here = place(0)
    here.tutor.grants.update(ends_at=clock.now())
    visit = here.opened()
    text = words(signed_in(visit.eqa), page("room-pack", visit))
    assert "No learner has joined these cohorts yet." in text
    assert "None on record" in text
    assert here.tutor.name not in text


def test_standardisation_is_in_the_pack_once_it_is_discussed() -> None:
    there = standardisation_builders.scene()
    here = Place(there.cohort, there.daniel, there.helen, there.martin)
    visit = here.opened()
    address = page("room-pack", visit)
    assert "No exercise was discussed yet." in words(signed_in(visit.eqa), address)
    exercise = there.opened()
    assert exercise.title not in words(signed_in(visit.eqa), address)
    settled = there.settled()
    text = words(signed_in(visit.eqa), address)
    assert f"{settled.title}, criterion 1.1" in text
    assert "judged alone by 3 people" in text
    assert "The discussion is not over yet." in text
    standardisation.complete_exercise(by=there.martin.user, exercise=settled, change="We ask for an example each time.")
    assert "What changes: We ask for an example each time." in words(signed_in(visit.eqa), address)


def test_only_the_first_of_very_many_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visit_pack, "MOST_UNITS", 1)
    visit = place(3).opened()
    assert "Two more learners are on the pages of the cohorts." in words(signed_in(visit.eqa), page("room-pack", visit))


# -- To the second -----------------------------------------------------------------------------------------------------


def test_page_and_file_are_open_until_the_last_second_in_a_session_that_was_there_before() -> None:
    here, now = place(), clock.now()
    unit = here.units[0]
    version = make.submission(unit, make.criteria(unit)[0]).evidence.get().link.version
    visit = here.opened(starts_at=now + DAY / 2, ends_at=now + DAY)
    client = signed_in(visit.eqa)
    second = dt.timedelta(seconds=1)
    submission = unit.submissions.get()
    file_address = page("version-file", version)
    pages = [page("learner-unit", unit), page("evidence-version", version), page("submission", submission)]
    pages += [page("learner-timeline", unit), page("cohort", here.cohort)]
    inside = [page("room-pack", visit), page("room-log", visit), page("room-ask", visit), page("room-note-add", visit)]
    for at, is_open in (
        (visit.starts_at - second, False),
        (visit.starts_at, True),
        (visit.ends_at - second, True),
        (visit.ends_at, False),
        (visit.ends_at + second, False),
    ):
        with time_machine.travel(at, tick=False):
            found = [status_of(client, one) for one in (file_address, *pages)]
            assert found == [200 if is_open else 404] * len(found), at
            assert [client.get(one).status_code for one in inside] == [200 if is_open else 409] * 4, at
            text = words(client, page("room", visit))
            assert ("The pack" in text) is is_open
            assert (unit.learner.name in text or here.cohort.name in text) is is_open
            assert unit.learner.name not in words(client, reverse("search") + "?q=" + unit.learner.name[:7]) or is_open
    with time_machine.travel(visit.ends_at, tick=False):
        assert "This visit ended" in words(client, page("room", visit))
        assert client.head(file_address).status_code == 404
        assert client.get(file_address, headers={"range": "bytes=0-3"}).status_code == 404
    with time_machine.travel(visit.starts_at - second, tick=False):
        assert "This visit opens" in words(client, page("room", visit))


def test_ended_early_and_withdrawn_cut_off_the_next_request() -> None:
    for act, told in (
        (lambda here, visit: visits.end_visit(by=here.lead.user, visit=visit), "This visit ended"),
        (
            lambda here, visit: visits.withdraw_visit(by=here.lead.user, visit=visit, reason="Not the right person."),
            "Not the right person.",
        ),
    ):
        here = place()
        unit = here.units[0]
        version = make.latest(make.text(unit))
        make.submission(unit, make.criteria(unit)[0])
        version = unit.submissions.get().evidence.get().link.version
        visit = here.opened(f"eqa-{told[:4].strip().lower()}@example.org")
        client = signed_in(visit.eqa)
        assert status_of(client, page("version-file", version)) == 200
        act(here, visit)
        assert status_of(client, page("version-file", version)) == 404
        assert client.get(page("learner-unit", unit)).status_code == 404
        assert client.get(page("room-pack", visit)).status_code == 409
        assert told in words(client, page("room", visit))


# -- What was opened ---------------------------------------------------------------------------------------------------


def test_every_page_and_file_is_noted_and_both_read_the_same() -> None:
    here = place()
    unit = here.units[0]
    made = make.submission(unit, make.criteria(unit)[0])
    version = made.evidence.get().link.version
    visit = here.opened()
    client = signed_in(visit.eqa)
    addresses = [page("room", visit), page("room-pack", visit), page("learner-unit", unit), page("submission", made)]
    addresses += [page("learner-timeline", unit), page("cohort", here.cohort)]
    for address in addresses:
        assert client.get(address).status_code == 200
    client.get(page("evidence-version", version))
    status_of(client, page("version-file", version))
    noted = list(RoomOpening.objects.order_by("pk").values_list("page", flat=True))
    assert noted == ["room", "pack", "learner", "submission", "timeline", "cohort"]
    assert list(AccessRecord.objects.order_by("pk").values_list("what", "role")) == [
        ("shown", "eqa"),
        ("download", "eqa"),
    ]
    for who in (visit.eqa, here.lead, here.iqa):
        text = words(signed_in(who), page("room-log", visit))
        for part in ("The pack, to print", "A hand-in", "Evidence shown", "File downloaded", unit.learner.name):
            assert part in text
    for who in (here.lead, here.tutor):  # nobody else is noted
        signed_in(who).get(page("learner-unit", unit))
        signed_in(who).get(page("room", visit))
        signed_in(who).get(page("room-pack", visit))
    assert RoomOpening.objects.count() == len(noted)


def test_the_log_goes_back_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readings, "A_LOG_PAGE", 2)
    visit = place().opened()
    lead = signed_in(Visit.objects.get(pk=visit.pk).by)
    assert "Nothing was opened yet" in words(lead, page("room-log", visit))
    client = signed_in(visit.eqa)
    for name in ("room", "room-pack", "room"):
        client.get(page(name, visit))
    first, second = (words(lead, page("room-log", visit) + f"?page={n}") for n in (1, 2))
    assert ("Older" in first, "Newer" in first) == (True, False)
    assert ("Older" in second, "Newer" in second) == (False, True)
    assert words(lead, page("room-log", visit) + "?page=x") == words(lead, page("room-log", visit) + "?page=0") == first


# -- The centre's pages ------------------------------------------------------------------------------------------------


def filled(here: Place, client: Client, address: str, **typed: Any) -> dict[str, Any]:
    """The form of a visit as a lead IQA would fill it in."""
    now = clock.now()
    whole = {
        "email": "ruth@example.org",
        "name": "Ruth Bell",
        "organisation": "Association of Awards",
        "purpose": "Yearly visit.",
        "starts_at": f"{now - DAY:%Y-%m-%dT%H:%M}",
        "ends_at": f"{now + DAY:%Y-%m-%dT%H:%M}",
        "cohorts": str(here.cohort.uid),
        "learners": "",
    }
    return form_of(client, address) | whole | typed


def test_a_visit_is_looked_at_first_and_then_opened_with_exactly_that() -> None:
    here = place(2)
    client, address = signed_in(here.lead), page("visit-open", here.cohort.centre)
    sent = filled(here, client, address, cohorts=[], learners="learner no 1")
    seen = client.post(address, sent)
    assert seen.status_code == 200
    assert not Visit.objects.exists()
    text = said(seen)
    assert "Learner No 1, Unit" in text
    assert "Open the visit and invite" in text
    shown = re.search(r'name="seen"[^>]*value="([0-9a-f]{64})"', seen.content.decode())
    assert shown
    # Something else than was shown is looked at again.
    other = client.post(address, sent | {"seen": shown[1], "email": "another@example.org"})
    assert (other.status_code, Visit.objects.count()) == (200, 0)
    done = client.post(address, sent | {"seen": shown[1]})
    visit = Visit.objects.get()
    assert done["Location"] == page("room", visit)
    assert [row.learner_unit for row in visit.scope.order_by("pk")] == [here.units[1]]
    assert client.post(address, sent | {"seen": shown[1]})["Location"] == page("room", visit)
    assert Visit.objects.count() == 1


def test_a_form_that_is_wrong_comes_back_and_opens_nothing() -> None:
    here = place()
    client, address = signed_in(here.lead), page("visit-open", here.cohort.centre)
    assert "See what this opens" in words(client, address)
    drafts.save_draft(by=here.lead.user, about=f"visit-{here.cohort.centre.uid}", text="Somebody", revision=0)
    assert "Somebody" in words(client, address)
    for typed in (
        {"email": "nobody"},
        {"name": "\u202e"},
        {"purpose": ""},
        {"starts_at": "soon"},
        {"ends_at": "2001-01-01T10:00"},
        {"cohorts": [], "learners": ""},
        {"cohorts": "no-such"},
    ):
        answer = client.post(address, filled(here, client, address, **typed))
        assert answer.status_code == 422, typed
    unknown = client.post(address, filled(here, client, address, learners="Nobody Here"))
    assert "No learner of this name" in flat(unknown)
    own = filled(here, client, address, email=here.tutor.user.email)
    own["seen"] = hidden(client.post(address, own).content.decode())["seen"]
    refused = client.post(address, own)
    assert refused.status_code == 409
    assert "another role" in flat(refused)
    assert not Visit.objects.exists()


def test_times_are_those_of_the_centre() -> None:
    here = place()
    here.cohort.centre.zone = "America/New_York"
    here.cohort.centre.save()
    client, address = signed_in(here.lead), page("visit-open", here.cohort.centre)
    sent = filled(here, client, address, starts_at="2030-07-01T09:00", ends_at="2030-07-02T17:30")
    sent["seen"] = hidden(client.post(address, sent).content.decode())["seen"]
    assert client.post(address, sent).status_code == 303
    visit = Visit.objects.get()
    assert (visit.starts_at, visit.ends_at) == (
        dt.datetime(2030, 7, 1, 13, 0, tzinfo=dt.UTC),
        dt.datetime(2030, 7, 2, 21, 30, tzinfo=dt.UTC),
    )


def test_the_list_says_where_each_visit_stands() -> None:
    here = place()
    client, now = signed_in(here.lead), clock.now()
    assert "No visits yet" in words(client, reverse("visits"))
    assert "When the lead IQA opens a visit" in words(signed_in(here.iqa), reverse("visits"))
    running = here.opened()
    here.opened("b@example.org", name="Not Yet", starts_at=now + DAY, ends_at=now + 2 * DAY)
    visits.end_visit(by=here.lead.user, visit=here.opened("c@example.org", name="Past One"))
    visits.withdraw_visit(by=here.lead.user, visit=here.opened("d@example.org", name="Off"), reason="Ill.")
    room.ask_for_more(by=running.eqa.user, visit=running, text="All")
    text = words(client, reverse("visits"))
    for part in ("Not begun", "Open", "Ended", "Withdrawn", "One request waits", "Open a visit"):
        assert part in text
    assert "Open a visit" not in words(signed_in(here.iqa), reverse("visits"))
    assert "Visits of external quality assurers" in words(client, reverse("quality"))
    for who in (here.tutor, running.eqa, here.admin):
        assert signed_in(who).get(reverse("visits")).status_code == 403


def test_a_visit_is_extended_ended_and_withdrawn_from_its_page() -> None:
    here = place()
    visit, client = here.opened(), signed_in(here.lead)
    text = words(client, page("room", visit))
    assert all(part in text for part in ("Let it end later", "End it now", "Withdraw it", "Yearly visit."))
    address = page("visit-extend", visit)
    later = visit.ends_at.astimezone(zoneinfo.ZoneInfo(visit.centre.zone)) + DAY
    sent = form_of(client, address, ends_at=f"{later:%Y-%m-%dT%H:%M}", reason="A second day.")
    bad = client.post(address, sent | {"seen": "yesterday"})
    assert (bad.status_code, reread(visit).ends_at) == (422, visit.ends_at)
    earlier = client.post(address, sent | {"ends_at": f"{visit.ends_at - DAY / 2:%Y-%m-%dT%H:%M}"})
    assert (earlier.status_code, reread(visit).ends_at) == (409, visit.ends_at)
    assert client.post(address, sent).status_code == 303
    assert reread(visit).ends_at == later.replace(second=0, microsecond=0)
    assert "A second day." in words(client, page("room", visit))
    address = page("visit-end", visit)
    assert "A visit that has ended is not opened again." in words(client, address)
    assert client.post(address, form_of(client, address)).status_code == 303
    assert "has ended, so it is not changed" in words(client, page("room", visit))
    assert [client.get(page(name, visit)).status_code for name in ("visit-extend", "visit-end", "visit-withdraw")] == [
        409
    ] * 3
    other = here.opened("other@example.org")
    address = page("visit-withdraw", other)
    assert client.post(address, form_of(client, address, reason="")).status_code == 422
    assert client.post(address, form_of(client, address, reason="She is ill.")).status_code == 303
    assert "She is ill." in words(client, page("room", other))
    assert "The centre has withdrawn this visit" in words(signed_in(other.eqa), page("room", other))


def test_a_request_is_granted_with_one_press() -> None:
    here = place(2)
    visit = here.opened(learner_units=[here.units[0]])
    eqa, client = signed_in(visit.eqa), signed_in(here.lead)
    address = page("room-ask", visit)
    assert eqa.post(address, form_of(eqa, address, text="")).status_code == 422
    drafts.save_draft(by=visit.eqa.user, about=f"visit-ask-{visit.uid}", text="Half a name", revision=0)
    assert "Half a name" in words(eqa, address)
    text = f"LEARNER no 1\n{here.cohort.name}\nTo see both ends of the range."
    assert eqa.post(address, form_of(eqa, address, text=text)).status_code == 303
    assert "No answer yet" in words(eqa, page("room", visit))
    asked = VisitRequest.objects.get()
    assert "asks to see more" in words(client, "/")
    assert "A request waits for you" in words(client, page("room", visit))
    address = page("visit-answer", asked)
    assert "One press opens it" in words(client, address)
    html = client.get(address).content.decode()
    ticked = [f"u{here.units[1].uid}", f"c{here.cohort.uid}"]
    for key in ticked:
        assert any(key in tag and "checked" in tag for tag in html.split("<input")), key
    sent = form_of(client, address, way="grant", reason="")
    assert client.post(address, sent | {"opens": []}).status_code == 422
    assert client.post(address, sent | {"way": ""}).status_code == 422
    assert client.post(address, sent | {"opens": ticked}).status_code == 303
    assert "Granted" in words(eqa, page("room", visit))
    assert "Learner No 1" in words(eqa, page("room", visit))
    assert eqa.get(page("learner-unit", here.units[1])).status_code == 200
    assert "asks to see more" not in words(client, "/")
    assert client.get(address).status_code == 409


def test_a_request_is_declined_and_the_visitor_reads_why() -> None:
    here = place(1)
    visit = here.opened(learner_units=here.units)
    asked = room.ask_for_more(by=visit.eqa.user, visit=visit, text="Somebody Unknown")
    client, address = signed_in(here.lead), page("visit-answer", asked)
    assert "No line is the name of a cohort or learner" in words(client, address)
    sent = form_of(client, address, way="decline")
    assert client.post(address, sent).status_code == 422
    assert client.post(address, sent | {"reason": "Not of this unit."}).status_code == 303
    assert "Not of this unit." in words(signed_in(visit.eqa), page("room", visit))
    assert signed_in(visit.eqa).get(address).status_code == 403


# -- Notes -------------------------------------------------------------------------------------------------------------


def test_a_note_is_written_changed_shared_and_removed() -> None:
    here = place()
    visit = here.opened()
    eqa, lead = signed_in(visit.eqa), signed_in(here.lead)
    address = page("room-note-add", visit)
    assert eqa.post(address, form_of(eqa, address, text=" ")).status_code == 422
    sent = form_of(eqa, address, text="Feedback is **scant**.")
    assert eqa.post(address, sent).status_code == eqa.post(address, sent).status_code == 303
    note = VisitNote.objects.get()
    assert "scant" in words(eqa, page("room", visit))
    assert "scant" not in words(lead, page("room", visit))
    for name in ("room-note-change", "room-note-share", "room-note-remove"):
        assert lead.get(page(name, note)).status_code == 404
    address = page("room-note-change", note)
    drafts.save_draft(by=visit.eqa.user, about=f"visit-edit-{note.uid}", text="Half of it", revision=0)
    assert "Half of it" in words(eqa, address)
    assert eqa.post(address, form_of(eqa, address, text=" ")).status_code == 422
    assert eqa.post(address, form_of(eqa, address, text="Feedback is short.")).status_code == 303
    address = page("room-note-share", note)
    sent = form_of(eqa, address)
    assert eqa.post(address, sent | {"seen": "Another"}).status_code == 409
    assert not VisitNoteShare.objects.exists()
    assert eqa.post(address, sent).status_code == 303
    assert "Feedback is short." in words(lead, page("room", visit))
    assert "Feedback is short." in words(signed_in(here.iqa), page("room", visit))
    for name in ("room-note-change", "room-note-share", "room-note-remove"):
        assert eqa.get(page(name, note)).status_code == 409
        assert lead.get(page(name, note)).status_code == 403
    second = room.write_note(by=visit.eqa.user, visit=visit, text="For myself.")
    address = page("room-note-remove", second)
    assert "For myself." in words(eqa, address)
    assert eqa.post(address, form_of(eqa, address)).status_code == 303
    assert list(VisitNote.objects.all()) == [note]


def test_a_draft_is_kept_for_whoever_may_write_it_only() -> None:
    here, away = place(), place()
    visit = here.opened()
    note = room.write_note(by=visit.eqa.user, visit=visit, text="Mine.")
    for about, may in (
        (f"visit-{here.cohort.centre.uid}", here.lead),
        (f"visit-note-{visit.uid}", visit.eqa),
        (f"visit-edit-{note.uid}", visit.eqa),
        (f"visit-ask-{visit.uid}", visit.eqa),
    ):
        assert drafts.can_save_draft(make.fresh(may.user), about)
        for who in (here.iqa, here.tutor, away.lead):
            assert not drafts.can_save_draft(make.fresh(who.user), about), (about, who)


# -- Who may -----------------------------------------------------------------------------------------------------------


def test_other_centres_and_visits_are_not_found() -> None:
    here, away = place(), place()
    visit, other = here.opened(), away.opened("other@example.org")
    request = room.ask_for_more(by=visit.eqa.user, visit=visit, text="More")
    note = room.write_note(by=visit.eqa.user, visit=visit, text="Mine.")
    names = ("room", "room-pack", "room-log", "room-ask", "room-note-add", "visit-extend", "visit-end")
    addresses = [page(name, visit) for name in (*names, "visit-withdraw")]
    addresses += [page("visit-answer", request), page("room-note-change", note), page("room-note-share", note)]
    addresses += [page("room-note-remove", note)]
    before = LedgerEntry.objects.count()
    second = here.opened("second@example.org")
    opened = LedgerEntry.objects.count() - before
    for who in (away.lead, other.eqa, second.eqa, here.tutor, here.units[0].learner):
        client = signed_in(who)
        for address in addresses:
            assert (client.get(address).status_code, client.post(address).status_code in (404, 405)) == (404, True)
    assert signed_in(away.lead).get(page("visit-open", here.cohort.centre)).status_code == 404
    for who in (here.iqa, visit.eqa):
        assert signed_in(who).get(page("visit-open", here.cohort.centre)).status_code == 403
    assert LedgerEntry.objects.count() - before == opened
    assert Client().get(page("room", visit)).status_code == 302


def test_a_visitor_meets_no_draft_of_anybodys() -> None:
    here = place()
    unit = here.units[0]
    first = make.criteria(unit)[0]
    made = make.submission(unit, first)
    version = made.evidence.get().link.version
    spot = pins.Spot("paragraph", 1)
    pins.save_note(
        by=here.tutor.user, submission=made, criterion=first, version=version, spot=spot, text="Okapi of the tutor."
    )
    drafts.save_draft(by=unit.learner.user, about=f"evidence-{unit.uid}", text="Okapi of the learner.", revision=0)
    make.text(unit, title="Okapi not handed in")
    feedback = f"decision-{made.uid}-{first.uid}"
    drafts.save_draft(by=here.tutor.user, about=feedback, text="Okapi half written.", revision=0)
    visit = here.opened()
    room.write_note(by=visit.eqa.user, visit=visit, text="Okapi of the visitor.")
    other = here.opened("other@example.org")
    desk = reverse("marking-desk", args=(made.uid, first.number))
    addresses = [page("learner-unit", unit), page("learner-timeline", unit), page("submission", made), desk]
    addresses += [page("evidence-version", version), page("room", other), page("room-pack", other)]
    for address in (*addresses, reverse("search") + "?q=okapi"):
        text = words(signed_in(other.eqa), address)
        assert "Okapi of" not in text, address
        assert "Okapi half" not in text, address
        assert "Okapi not" not in text, address
    assert "Okapi of the tutor." in words(signed_in(here.tutor), desk)


def test_an_eqa_reads_and_changes_nothing() -> None:
    here = place()
    unit = here.units[0]
    made = make.submission(unit, make.criteria(unit)[0])
    draft = make.text(unit, title="Never handed in")
    visit = here.opened()
    client = signed_in(visit.eqa)
    before = list(LearnerUnit.objects.order_by("pk").values())
    for name, row in (
        ("sign-off", unit),
        ("reopen", unit),
        ("hold-place", unit),
        ("learner-withdraw", unit),
        ("feedback-release", made),
    ):
        assert client.post(page(name, row)).status_code in (403, 405), name
    assert client.get(page("evidence", draft)).status_code == 404
    assert client.get(reverse("quality")).status_code == 403
    assert list(LearnerUnit.objects.order_by("pk").values()) == before


# -- Budgets -----------------------------------------------------------------------------------------------------------


def _more(here: Scene, visit: Visit, number: int) -> None:
    here.signed_off(f"Somebody {number}")
    room.write_note(by=visit.eqa.user, visit=visit, text="A note.")
    room.ask_for_more(by=visit.eqa.user, visit=visit, text="More")
    plan = here.approved(1)
    reviews.review_decision(
        by=here.iqa.user,
        item=item_of(plan),
        decision=_decision(item_of(plan)),
        outcome="action_required",
        feedback="Say why.",
        action="Write it down.",
    )
    here.plan(1)
    risk.record_qualification(
        by=here.lead.user,
        holder=here.tutor,
        title=f"Title {number}",
        held_as="subject",
        awarded_on=dt.date(2020, 1, 2),
    )


def test_the_pages_cost_the_same_whatever_there_is() -> None:
    here = scene(0)
    visit = of_scene(here).opened()
    eqa, lead = signed_in(visit.eqa), signed_in(here.lead)
    addresses = [(eqa, "room"), (eqa, "room-pack"), (eqa, "room-log"), (lead, "room"), (lead, "room-pack")]
    _more(here, visit, 0)
    one = [statements(client, page(name, visit)) for client, name in addresses]
    lists = [statements(lead, reverse("visits")), statements(eqa, "/"), statements(lead, "/")]
    for number in range(1, 4):
        _more(here, visit, number)
        of_scene(here).opened(f"eqa{number}@example.org")
    assert [statements(client, page(name, visit)) for client, name in addresses] == one == [10, 12, 7, 10, 12]
    again = [statements(lead, reverse("visits")), statements(eqa, "/"), statements(lead, "/")]
    assert again == lists == [7, 5, 8]


def test_house_pages_of_a_visitor_stay_within_the_budget() -> None:
    here = place()
    unit = here.units[0]
    made = make.submission(unit, make.criteria(unit)[0])
    version = made.evidence.get().link.version
    client = signed_in(here.opened().eqa)
    names = (("learner-unit", unit), ("learner-timeline", unit), ("submission", made), ("cohort", here.cohort))
    addresses = [page(name, row) for name, row in (*names, ("evidence-version", version))]
    addresses.append(reverse("marking-desk", args=(made.uid, "1.1")))
    costs = [statements(client, address) for address in addresses]
    assert costs == [12, 12, 11, 12, 10, 11]
