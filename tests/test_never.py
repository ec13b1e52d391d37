"""What must never be possible: where each line is tried, and what is tried nowhere else.

| line | tried by |
|---|---|
| 1 | test_record_database.py::test_who_decided_never_reviews, test_record_database.py::test_who_reviewed_never_decides_or_countersigns, test_review_views.py::test_nobody_reviews_what_they_decided_whatever_they_send, test_decision_views.py::test_who_reviewed_a_criterion_never_decides_it |
| 2 | test_record_database.py::test_a_decision_without_feedback_is_refused, test_decision_views.py::test_feedback_of_nothing_visible_is_refused_and_the_choice_kept |
| 3 | test_record_database.py::test_no_fact_and_no_entry_can_be_changed_or_deleted, test_record_database.py::test_no_fact_table_can_be_truncated, test_ledger.py::test_any_change_past_the_triggers_is_found |
| 4 | test_record_database.py::test_submitted_evidence_never_changes, test_evidence_permissions.py::test_bytes_that_changed_on_the_disk_are_cut_off_and_not_shown, test_kit_streaming.py::test_over_the_wire_changed_bytes_never_look_complete |
| 5 | test_record_database.py::test_nothing_moves_while_the_unit_is_signed_off, test_evidence_permissions.py::test_while_the_unit_is_signed_off_nothing_is_added_mapped_or_changed, test_decision_views.py::test_a_signed_off_unit_takes_no_decision |
| 6 | test_permission_matrix.py::test_an_address_answers_everybody_as_the_matrix_says, test_visibility.py::test_another_learner_meets_nothing_of_hers, test_visibility.py::test_a_learner_meets_own_words_and_nothing_hidden_unreleased_or_anybody_elses, test_never.py::test_there_is_no_public_way_to_the_bytes |
| 7 | test_visibility.py::test_one_centre_meets_nothing_of_the_other, test_visibility.py::test_no_queryset_shows_one_centre_to_the_other |
| 8 | test_record_database.py::test_a_trainees_met_is_released_only_once_countersigned, test_countersignature_views.py::test_a_trainee_does_not_release_a_met_before_it_is_countersigned |
| 9 | test_record_database.py::test_a_unit_is_signed_off_only_with_everything_met_and_no_hold, test_sign_off_views.py::test_a_unit_with_something_not_met_is_not_signed_off_and_the_page_names_it, test_sign_off_views.py::test_a_hold_blocks_sign_off_until_it_is_lifted |
| 10 | test_record_database.py::test_a_decision_belongs_to_a_claim_of_the_same_learner, test_decision_views.py::test_a_submission_of_another_learner_of_mine_is_refused, test_review_views.py::test_a_decision_of_another_item_or_criterion_is_never_reviewed_by_this_form |
| 11 | test_decision_views.py::test_of_two_tutors_the_second_sees_both_and_nothing_is_lost, test_plan_views.py::test_a_change_over_another_change_is_refused_with_what_was_typed, test_draft_workflow.py::test_what_arrives_last_is_shown_and_what_stood_there_is_kept_and_offered |
| 13 | test_record_database.py::test_an_approved_plan_and_its_draw_stay_as_they_are, test_plan_views.py::test_an_approved_plan_is_never_changed |
| 14 | test_content_models.py::test_nothing_published_can_be_changed_or_deleted, test_content_publishing.py::test_a_new_specification_leaves_the_old_one_alone |
| 15 | test_never.py::test_what_nobody_is_asked_changes_nothing_about_when_who_or_where, test_people_changes_workflow.py::test_only_a_demo_centre_is_built_in_the_past |
| 16 | test_kill.py::test_what_was_called_saved_survives_a_kill_at_every_step_and_nothing_is_there_twice, test_decision_views.py::test_after_the_session_ended_nothing_typed_is_lost, test_decision_views.py::test_a_double_click_records_one_decision_and_gives_the_first_answer, test_evidence_views.py::test_the_autosaved_text_is_offered_on_any_device_and_gone_once_saved |
| 17 | test_never.py::test_what_nobody_is_asked_changes_nothing_about_when_who_or_where, test_never.py::test_a_step_before_its_time_changes_nothing, test_submission_views.py::test_other_peoples_uids_are_handed_in_by_nobody, test_decision_views.py::test_fields_that_no_form_offers_change_nothing, test_review_views.py::test_no_step_is_skipped |
| 18 | test_never.py::test_no_page_shows_staff_evidence_without_a_trace, test_evidence_permissions.py::test_staff_read_what_was_handed_in_and_every_reading_is_noted, test_evidence_permissions.py::test_the_log_of_readings_is_never_changed |
| 19 | test_never.py::test_active_content_is_refused_or_leaves_as_a_download, test_kit_streaming.py::test_nothing_but_our_own_pictures_is_ever_shown_in_place, test_editor_browser.py::test_a_file_in_a_frame_runs_nothing |
| 20 | test_never.py::test_a_form_without_its_token_is_refused_everywhere, test_never.py::test_a_session_kept_open_ends_with_the_membership, test_sign_in_invitation.py::test_a_link_is_for_one_account_and_cannot_be_made_without_the_key_of_the_house, test_people_views.py::test_whoever_left_is_refused_everywhere |

Line 12 (comment banks) waits for comment banks.
"""  # noqa: E501 - a table

from __future__ import annotations

import datetime as dt
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from assessment.models import AccessRecord, EvidenceItem, EvidenceVersion
from courseware.kit import clock
from courseware.ledger.models import LedgerEntry
from tests import matrix
from tests.house import House
from tests.house_door import RECORD, browser, everything, everything_read, home, person, undone
from tests.people_builders import gone

__all__ = ("home",)
pytestmark = [pytest.mark.django_db, pytest.mark.unmeasured]
TABLE = matrix.table()
# Somebody whose form is taken, by address.
TAKEN = {
    name: next(who for who, status in ways["form"].items() if status == 303)
    for name, ways in TABLE.items()
    if 303 in ways.get("form", {}).values()
}
LONG_AGO = "2001-01-01T00:00:00Z"


def test_the_table_names_tests_that_exist_and_every_line_has_one() -> None:
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", __doc__ or "", re.MULTILINE)
    assert [int(line) for line, _ in rows] == [line for line in range(1, 21) if line != 12]
    for line, names in rows:
        for name in names.split(", "):
            file, test = name.split("::")
            assert f"\ndef {test}(" in (Path(__file__).parent / file).read_text(), (line, name)


def sent_by(home: House, name: str, who: str, more: dict[str, Any]) -> Any:
    """The answer to a form as its page gives it, with `more` put in."""
    return browser(home, who).post(matrix.address(home, name), matrix.form(home, name) | more)


def told(rows: dict[str, list[Any]], before: dict[str, list[Any]], began: dt.datetime) -> dict[str, list[list[Any]]]:
    """The rows that a request made or changed, without what is drawn by chance, by the clock or by the database.

    `began` is when the request was sent.
    """
    known = {model: {row[0] for row in found} for model, found in before.items()}
    made: dict[str, list[list[Any]]] = {}
    for label in RECORD:
        for model in apps.get_app_config(label).get_models():
            if (name := model.__name__) in ("User", "LedgerEntry", "ChainHead", "Body", "Session"):
                continue
            fields = model._meta.concrete_fields
            new = [row for row in rows[name] if row not in before[name]]
            made[name] = [[_column(*pair, known, began) for pair in zip(fields, row, strict=True)] for row in new]
    return made


def _column(field: Any, value: Any, known: dict[str, set[Any]], began: dt.datetime) -> Any:
    """A value that two runs of the same request share: the numbers of new rows are the database's affair."""
    if field.primary_key:
        return "its number"
    if field.related_model is not None and value is not None and value not in known[field.related_model.__name__]:
        return "a new row"
    return _plain(value, began)


def _plain(value: Any, began: dt.datetime) -> Any:
    if isinstance(value, dt.datetime):
        assert value.year != 2001, "a time that somebody sent"
        if value > clock.now() + dt.timedelta(days=1):  # reckoned from now on
            return f"in {round((value - clock.now()) / dt.timedelta(days=1), 1)} days"
        return "then" if value >= began else value
    if isinstance(value, uuid.UUID) or (isinstance(value, str) and re.fullmatch(r"[0-9a-f]{64}", value)):
        return "by chance"
    return value


# Answers to an activity have just the fields of its form; whatever else comes is refused as a whole.
ASKS_EXACTLY = {"activity-answer"}


@pytest.mark.parametrize("name", sorted(TAKEN))
def test_what_nobody_is_asked_changes_nothing_about_when_who_or_where(home: House, name: str) -> None:
    """Times, states, people, roles, centres and attempts sent along with a form are as if they had not been sent."""
    peer, away = home.here.learners["peer"], home.away
    fields = [field for field in matrix.form(home, name) if field != "key"]
    invented = dict.fromkeys(
        ("at", "made_at", "submitted_at", "joined_at", "starts_at", "ends_at", "removed_at", "prepared_at"), LONG_AGO
    )
    invented |= {"state": "achieved", "status": "met", "learner_status": "met", "attempt": "9", "number": "9"}
    invented |= {"by": peer.member.pk, "user": peer.member.user.pk, "membership": peer.member.uid, "trainee_at": "on"}
    invented |= {"learner": away.learners["far"].unit.uid} if name != "cohort-allocate" else {}
    invented |= {"centre_id": away.centre.pk, "role_used": "lead_iqa", "secret": "0" * 64, "seed": "0" * 64}
    invented |= {"item": peer.item.pk, "version": peer.version.pk, "decision_id": peer.released.pk, "body": "1"}
    invented |= {"sha256": "0" * 64, "size": "1", "kind": "link", "media_type": "text/html", "file_name": "a.html"}
    more = {field: value for field, value in invented.items() if field not in fields}
    made = []
    for extra in ({}, more):
        with undone():
            client = browser(home, TAKEN[name])
            before, last, began = everything_read(), LedgerEntry.objects.order_by("-pk")[0], clock.now()
            answer = client.post(matrix.address(home, name), matrix.form(home, name) | extra)
            after = everything_read()
            if extra and name in ASKS_EXACTLY:
                assert (answer.status_code, told(after, before, began)) == (400, told(before, before, began)), name
                return
            assert answer.status_code == 303, name
            made.append(told(after, before, began))
            for entry in LedgerEntry.objects.filter(pk__gt=last.pk):
                assert began <= entry.at <= clock.now()
    assert made[0] == made[1]


EARLY = ("sign-off", "plan-approve", "plan-complete", "item-reviewer", "item-close", "unit-release", "review")


@pytest.mark.parametrize("name", EARLY)
def test_a_step_before_its_time_changes_nothing(home: House, name: str) -> None:
    who = next(who for who, status in TABLE[name]["form"].items() if status == 409)
    client = browser(home, who)
    before = everything("AccessRecord")
    answer = client.post(matrix.address(home, name), matrix.form(home, name))
    assert answer.status_code == 409
    assert everything("AccessRecord") == before


@pytest.mark.parametrize("who", ["tutor", "trainee", "iqa", "lead", "eqa"])
def test_no_page_shows_staff_evidence_without_a_trace(home: House, who: str) -> None:
    client, user = browser(home, who), person(home, who)
    traced = set()
    for name, ways in sorted(TABLE.items()):
        if ways["get"][who] != 200 or name == "account_logout":
            continue
        before = AccessRecord.objects.filter(by__user=user).count()
        answer: Any = client.get(matrix.address(home, name))
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if re.search(rb"ZEBRA-maya-(?:done-|trained-)?(?:text|cell)", content):
            assert AccessRecord.objects.filter(by__user=user).count() > before, name
            traced.add(name)
    # Pages that show evidence are among them, so the search finds it.
    assert {"evidence", "evidence-version", "version-file", "marking-desk"} <= traced
    assert ("review" in traced) == (who in ("iqa", "lead"))


ACTIVE = {
    "drawing.svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "page.html": b"<!doctype html><script>alert(1)</script>",
    "page.xml": b'<?xml version="1.0"?><x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>',
    "picture.png": b"<!doctype html><script>alert(1)</script>",
    "both.jpg": b"\xff\xd8\xff\xe0<script>alert(1)</script>",
    "page.pdf": b"<html><script>alert(1)</script>%PDF-1.4",
    "module.js": b"alert(1)",
}


@pytest.mark.parametrize("name", sorted(ACTIVE))
def test_active_content_is_refused_or_leaves_as_a_download(home: House, name: str) -> None:
    client, own = browser(home, "own"), home.own
    file = SimpleUploadedFile(name, ACTIVE[name], "text/html")
    answer = client.post(reverse("evidence-upload", args=[own.unit.uid]), {"key": uuid.uuid4(), "file": file})
    assert answer.status_code == 422
    assert b"<script>alert" not in answer.content
    assert not EvidenceItem.objects.filter(title=name.partition(".")[0]).exists()


def test_a_text_full_of_markup_is_a_text_and_nothing_else(home: House) -> None:
    client, own = browser(home, "own"), home.own
    for title, name, data in (
        ("lines", "lines.txt", b"I saw <script>alert(1)</script> there.\n"),
        ("rows", "rows.csv", b"what,of\n<script>alert(1)</script>,2\n"),
    ):
        file = SimpleUploadedFile(name, data, "text/html")
        client.post(reverse("evidence-upload", args=[own.unit.uid]), {"key": uuid.uuid4(), "file": file})
        version = EvidenceVersion.objects.get(item__title=title)
        answer: Any = client.get(reverse("version-file", args=[version.uid]))
        assert b"".join(answer.streaming_content) == data
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert "html" not in answer["Content-Type"]
        page = client.get(reverse("evidence-version", args=[version.uid]))
        assert b"<script>alert" not in page.content


def test_there_is_no_public_way_to_the_bytes(home: House) -> None:
    version = EvidenceVersion.objects.select_related("centre", "learner_unit").get(pk=home.own.version.pk)
    address = version.address
    for client in (Client(), browser(home, "own"), browser(home, "tutor")):
        for prefix in ("/media/", "/evidence/", "/static/", "/files/", "/static/../evidence/", "/", "/.incoming/"):
            assert client.get(f"{prefix}{address}").status_code == 404, prefix
        assert client.get("/media/").status_code == 404


@pytest.mark.parametrize("name", sorted(matrix.FORMS))
def test_a_form_without_its_token_is_refused_everywhere(home: House, name: str) -> None:
    who = TAKEN.get(name) or next(who for who, status in TABLE[name]["form"].items() if status in (200, 409))
    client = Client(enforce_csrf_checks=True)
    client.force_login(person(home, who))
    before = everything()
    answer = client.post(matrix.address(home, name), matrix.form(home, name))
    assert answer.status_code == 403
    assert everything() == before


@pytest.mark.parametrize("who", ["tutor", "iqa", "lead", "admin"])
def test_a_session_kept_open_ends_with_the_membership(home: House, who: str) -> None:
    client = browser(home, who)
    member = home.here.people[who]
    gone(member)
    before = everything()
    mine = sorted(name for name, taken in TAKEN.items() if taken == who and not name.startswith("profile-set"))
    assert mine
    for name in mine:
        answer = client.post(matrix.address(home, name), matrix.form(home, name))
        assert answer.status_code in (403, 404), name
        assert b"ZEBRA-maya" not in answer.content
    assert everything() == before
