"""Files on their way in: every byte called safe is, each file becomes evidence once, and a refusal says why."""

from __future__ import annotations

import datetime as dt
import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connections, transaction

from assessment.models import EvidenceItem, EvidenceRules, EvidenceVersion, LearnerUnit, Upload
from assessment.permissions import uploads as may
from assessment.readings.uploads import kinds_taken, room_of, upload_row, upload_rows
from assessment.workflow import checking, evidence, submissions, uploads
from courseware.kit import clock, filekinds, scanner, storage, tasks
from courseware.kit.verdict import NotNow, NotYours, Refused, Stale
from courseware.ledger.models import LedgerEntry
from tests import files, make
from tests.clamd import EICAR, clamd
from tests.memory_store import MemoryStore
from tests.people_builders import administrator_of, make_member

pytestmark = pytest.mark.django_db
WORDS = b"Customers leave for reasons that we can measure."


@pytest.fixture(autouse=True)
def _of_its_own(tmp_path: Path, settings: Any) -> None:
    settings.EVIDENCE_ROOT = tmp_path / "evidence"


@pytest.fixture
def unit() -> LearnerUnit:
    return make.learner_unit()


def begun(unit: LearnerUnit, name: str = "notes.txt", size: int = len(WORDS), **more: Any) -> Upload:
    return uploads.begin_upload(by=unit.learner.user, learner_unit=unit, name=name, size=size, **more)


def sent(unit: LearnerUnit, row: Upload, data: bytes, offset: int = 0) -> Upload:
    return uploads.append(by=unit.learner.user, upload=row, offset=offset, blocks=[data] if data else [])


def refuses(kind: type[Refused], act: Any, words: str) -> None:
    before = (list(Upload.objects.order_by("pk").values()), EvidenceItem.objects.count())
    with pytest.raises(kind, match=words):
        act()
    assert (list(Upload.objects.order_by("pk").values()), EvidenceItem.objects.count()) == before


def parts() -> list[uuid.UUID]:
    return list(storage.evidence().partials(-60))


@contextmanager
def later(**how: float) -> Iterator[None]:
    with time_machine.travel(clock.now() + dt.timedelta(**how), tick=False):
        yield


# -- Beginning ---------------------------------------------------------------------------------------------------------


def test_the_row_is_there_before_the_first_byte_and_nothing_is_in_the_record(unit: LearnerUnit) -> None:
    entries = LedgerEntry.objects.count()
    row = begun(unit, "../my plan\u202e.txt")
    assert (row.state, row.offset, row.size, row.file_name) == ("receiving", 0, len(WORDS), "my plan.txt")
    assert parts() == [row.uid]
    assert LedgerEntry.objects.count() == entries


def test_the_same_announcement_again_is_the_same_row(unit: LearnerUnit) -> None:
    uid = uuid.uuid4()
    assert begun(unit, uid=uid) == begun(unit, uid=uid)


def test_nobody_else_begins_or_goes_on_with_it(unit: LearnerUnit) -> None:
    row, other = begun(unit), make_member(unit.centre, "learner", "tutor").user
    refuses(
        NotYours,
        lambda: uploads.begin_upload(by=other, learner_unit=unit, name="a.txt", size=3),
        "Only the learner can do this",
    )
    refuses(NotYours, lambda: uploads.append(by=other, upload=row, offset=0, blocks=[b"x"]), "Somebody else")
    refuses(NotYours, lambda: uploads.remove_upload(by=other, upload=row), "Somebody else")
    refuses(NotYours, lambda: checking.keep_both(by=other, upload=row), "Somebody else")
    assert not Upload.objects.visible_to(other).exists()
    assert upload_row(other, row.uid) is None


def test_what_is_empty_or_too_large_is_refused_before_a_byte_is_sent(unit: LearnerUnit, settings: Any) -> None:
    settings.EVIDENCE_MAX_BYTES = 2048
    refuses(uploads.TooMuch, lambda: begun(unit, size=0), "notes.txt is empty: it has no bytes")
    refuses(uploads.TooMuch, lambda: begun(unit, size=2049), "larger than 2 KB. Nothing of it was sent")
    assert begun(unit, size=2048)


def test_the_room_of_a_unit_counts_what_is_there_and_what_is_arriving(unit: LearnerUnit) -> None:
    EvidenceRules.objects.create(centre=unit.centre, quota_mb=1)
    make.text(unit, words="x" * 100_000)
    begun(unit, size=800_000)
    refuses(uploads.TooMuch, lambda: begun(unit, size=200_000), r"of the 1 MB for your evidence of this unit 100 KB")
    begun(unit, size=100_000)
    refuses(uploads.TooMuch, lambda: begun(unit, size=1), "nothing is left")
    for row in Upload.objects.order_by("pk"):
        uploads.remove_upload(by=unit.learner.user, upload=row)
    assert begun(unit, size=900_000)


def test_evidence_that_was_removed_makes_room(unit: LearnerUnit) -> None:
    item = make.text(unit, words="x" * 5000)
    assert room_of(unit).used == 5000
    evidence.remove_evidence(by=unit.learner.user, item=item)
    assert room_of(unit).used == 0


def test_the_next_version_is_of_evidence_that_is_there(unit: LearnerUnit) -> None:
    foreign, gone = make.text(make.learner_unit()), make.text(unit)
    evidence.remove_evidence(by=unit.learner.user, item=gone)
    gone.refresh_from_db()
    for item in (foreign, gone):
        refuses(NotNow, lambda item=item: begun(unit, item=item), "not there any more")


def test_a_testimony_names_its_witness_before_a_byte_is_sent(unit: LearnerUnit) -> None:
    refuses(NotNow, lambda: begun(unit, came_about={"method": "magic"}), "Choose how this evidence came about")
    refuses(NotNow, lambda: begun(unit, came_about={"method": "testimony"}), "Say who the witness is")
    refuses(
        NotNow, lambda: begun(unit, came_about={**TESTIMONY, "witness_relation": ""}), "and how they know your work"
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        Upload.objects.filter(pk=begun(unit).pk).update(method="testimony")


TESTIMONY = {"method": "testimony", "witness": "Ada", "witness_relation": "My manager"}


def came_about(row: Upload) -> tuple[str, str, str] | None:
    item = Upload.objects.select_related("became").get(pk=row.pk).became
    return item and (item.method, item.witness, item.witness_relation)


def test_a_file_says_how_it_came_about_from_its_announcement_until_it_is_handed_in(unit: LearnerUnit) -> None:
    by = unit.learner.user
    row = begun(unit, came_about=TESTIMONY)
    assert uploads.say_method(by=by, upload=row, method="testimony").witness == "Ada"
    checking.finish_upload(upload=sent(unit, row, WORDS))
    assert came_about(row) == ("testimony", "Ada", "My manager")
    other = uploads.say_method(by=by, upload=begun(unit, "b.txt", len(WORDS) + 1), method="observation")
    refuses(NotNow, lambda: uploads.say_method(by=by, upload=other, method="testimony"), "Say who the witness is")
    checking.finish_upload(upload=sent(unit, other, WORDS + b"!"))
    assert came_about(other) == ("observation", "", "")
    uploads.say_method(by=by, upload=other, method="prior")
    assert came_about(other) == ("prior", "", "")
    assert [one.method for one in upload_rows(by, unit)] == ["prior", "testimony"]


def test_how_it_came_about_is_not_said_of_what_was_refused_handed_in_or_is_a_new_version(unit: LearnerUnit) -> None:
    by = unit.learner.user
    row = make.upload(unit, "notes.txt", WORDS)
    again = make.upload(unit, "again.txt", WORDS)
    assert [shown.method for shown in upload_rows(by, unit) if shown.uid == again.uid] == [""]
    refuses(NotNow, lambda: uploads.say_method(by=by, upload=again, method="prior"), "You already have this")
    version = make.upload(unit, "notes.txt", WORDS + b"!", item=row.became)
    refuses(NotNow, lambda: uploads.say_method(by=by, upload=version, method="prior"), "A new version came about as")
    other = make.learner_unit().learner.user
    refuses(NotYours, lambda: uploads.say_method(by=other, upload=row, method="prior"), "Nobody|not|Somebody")
    make.mapped(unit, make.criteria(unit)[0], item=row.became)
    handed_in = make.latest(row.became)
    submission = submissions.draft_submission(
        by=by, learner_unit=unit, criteria=make.criteria(unit)[:1], links=list(handed_in.links.order_by("pk"))
    )
    submissions.submit(by=by, submission=submission, declared=True, others="none", ai_used=False)
    refuses(NotNow, lambda: uploads.say_method(by=by, upload=row, method="prior"), "handed in|submitted")
    gone = begun(unit, "gone.txt")
    uploads.remove_upload(by=by, upload=gone)
    refuses(NotNow, lambda: uploads.say_method(by=by, upload=gone, method="prior"), "was removed")


def test_without_room_on_the_disk_nothing_is_announced(unit: LearnerUnit, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise storage.NoRoom(storage.LATER)

    monkeypatch.setattr(storage.LocalStore, "begin", full)
    with pytest.raises(storage.NoRoom):
        begun(unit)
    assert not Upload.objects.exists()


# -- Arriving ----------------------------------------------------------------------------------------------------------


def test_a_file_in_parts_becomes_evidence_once_it_is_whole(unit: LearnerUnit) -> None:
    row = begun(unit, "what_i-saw.txt")
    row = sent(unit, row, WORDS[:10])
    checking.finish_upload(upload=row)  # too early: nothing happens
    assert (row.offset, EvidenceItem.objects.count()) == (10, 0)
    row = sent(unit, row, WORDS[10:], 10)
    entries = LedgerEntry.objects.count()
    for _ in range(2):
        checking.finish_upload(upload=row)
    version = EvidenceVersion.objects.select_related("item", "centre", "learner_unit").get()
    assert (version.item.title, version.format, version.scanned) == ("what i-saw", "txt", False)
    assert storage.evidence().rehash(version.address) == version.sha256
    row.refresh_from_db()
    assert (row.state, row.became, row.sha256) == ("saved", version.item, version.sha256)
    assert LedgerEntry.objects.count() == entries + 1
    assert parts() == []


def test_whoever_stands_elsewhere_is_told_where_it_stands(unit: LearnerUnit) -> None:
    row = sent(unit, begun(unit), WORDS[:10])
    for offset in (0, 9, 11):
        with pytest.raises(Stale) as stale:
            sent(unit, row, b"x", offset)
        assert stale.value.current.offset == 10


def test_of_two_who_send_the_same_part_one_wins(unit: LearnerUnit) -> None:
    row = begun(unit)

    def blocks() -> Iterator[bytes]:
        sent(unit, row, WORDS[:10])  # the other one, while this block was on its way
        yield b"X" * 20

    with pytest.raises(Stale):
        uploads.append(by=unit.learner.user, upload=row, offset=0, blocks=blocks())
    row.refresh_from_db()
    assert row.offset == 10
    assert storage.evidence().finish(row.uid, 10).path.read_bytes() == WORDS[:10]


def test_what_was_flushed_before_a_crash_and_not_counted_is_cut_off(unit: LearnerUnit) -> None:
    row = sent(unit, begun(unit), WORDS[:10])
    storage.evidence().append(row.uid, 10, b"and then the power went")
    row = sent(unit, row, WORDS[10:], 10)
    checking.finish_upload(upload=row)
    assert EvidenceVersion.objects.get().size == len(WORDS)


def test_a_part_that_does_not_fit_leaves_what_was_there(unit: LearnerUnit, monkeypatch: pytest.MonkeyPatch) -> None:
    row = sent(unit, begun(unit), WORDS[:10])

    def full(*_: object) -> None:
        raise storage.NoRoom(storage.LATER)

    with monkeypatch.context() as patch:
        patch.setattr(storage.LocalStore, "append", full)
        with pytest.raises(storage.NoRoom):
            sent(unit, row, WORDS[10:], 10)
    row.refresh_from_db()
    assert row.offset == 10
    assert sent(unit, row, WORDS[10:], 10).offset == len(WORDS)


def test_bytes_that_are_gone_are_sent_again(unit: LearnerUnit) -> None:
    row = sent(unit, begun(unit), WORDS[:10])
    storage.evidence().drop(row.uid)
    with pytest.raises(Stale, match="lost on the server"):
        sent(unit, row, WORDS[10:], 10)
    row.refresh_from_db()
    assert row.offset == 0
    assert sent(unit, row, WORDS).offset == len(WORDS)


def test_more_than_was_announced_is_not_taken(unit: LearnerUnit) -> None:
    row = begun(unit)
    refuses(uploads.TooMuch, lambda: sent(unit, row, WORDS + b"!"), "than was announced")


def test_a_file_that_was_removed_meanwhile_takes_no_more(unit: LearnerUnit) -> None:
    row = begun(unit)

    def blocks(first: bytes) -> Iterator[bytes]:
        uploads.remove_upload(by=unit.learner.user, upload=row)
        yield first

    with pytest.raises(uploads.Closed, match="was removed"):
        uploads.append(by=unit.learner.user, upload=row, offset=0, blocks=blocks(WORDS))
    uploads.remove_upload(by=unit.learner.user, upload=row)  # a second click
    assert parts() == []
    late = begun(unit, "late.txt")

    def removed(self: object, uid: uuid.UUID, offset: int, data: bytes) -> None:
        Upload.objects.all().delete()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(storage.LocalStore, "append", removed)
        with pytest.raises(uploads.Closed, match="was removed"):
            sent(unit, late, WORDS)


def test_a_file_that_is_done_with_takes_no_more_and_says_why(unit: LearnerUnit) -> None:
    saved, refused = make.upload(unit, "a.txt", WORDS), make.upload(unit, "b.html", files.HTML)
    refuses(uploads.Closed, lambda: sent(unit, saved, b"x"), "saved as evidence already")
    refuses(uploads.Closed, lambda: sent(unit, refused, b"x"), "is a web page")
    refuses(NotNow, lambda: uploads.remove_upload(by=unit.learner.user, upload=saved), "Remove the evidence")
    refuses(NotNow, lambda: checking.keep_both(by=unit.learner.user, upload=refused), "nothing to keep twice")
    row = begun(unit)

    def blocks() -> Iterator[bytes]:
        Upload.objects.filter(pk=row.pk).update(state="checking", offset=0)
        yield b"x"

    with pytest.raises(uploads.Closed, match="being checked"):
        uploads.append(by=unit.learner.user, upload=row, offset=0, blocks=blocks())


def test_nothing_goes_on_once_the_unit_is_closed(unit: LearnerUnit) -> None:
    row, whole = begun(unit), begun(unit, "whole.txt")
    whole = sent(unit, whole, WORDS)
    make.signed_off(unit, make.staff(unit.cohort, "tutor").user)
    row, whole = (Upload.objects.select_related("learner_unit__learner").get(pk=one.pk) for one in (row, whole))
    refuses(NotNow, lambda: sent(unit, row, WORDS), "signed off")
    checking.finish_upload(upload=whole)
    whole.refresh_from_db()
    assert whole.state == "refused"
    assert "signed off" in whole.refusal


# -- What becomes of it ------------------------------------------------------------------------------------------------


def test_what_is_not_taken_says_why_and_leaves_no_bytes(unit: LearnerUnit) -> None:
    row = make.upload(unit, "page.html", files.HTML)
    assert (row.state, row.sha256) == ("refused", "")
    assert row.refusal.startswith("page.html is a web page")
    assert parts() == []
    assert list(storage.evidence().addresses()) == []


def test_a_long_reason_is_cut(unit: LearnerUnit, monkeypatch: pytest.MonkeyPatch) -> None:
    def long(*_: object) -> None:
        raise filekinds.Unacceptable("x" * 400)

    monkeypatch.setattr(filekinds, "identify", long)
    assert make.upload(unit, "a.txt", WORDS).refusal == "x" * 299 + "…"


def test_a_kind_that_the_centre_does_not_take_is_refused(unit: LearnerUnit) -> None:
    EvidenceRules.objects.create(centre=unit.centre, not_taken="zip\ntxt")
    row = make.upload(unit, "a.txt", WORDS)
    assert row.refusal == "a.txt is a plain text, which your centre does not take. Add it as another kind."
    assert make.upload(unit, "a.pdf", files.pdf("Plan", ["One."])).state == "saved"
    assert "ZIP" not in room_of(unit).taken


def test_the_kinds_that_are_taken_are_said() -> None:
    assert kinds_taken([]) == kinds_taken(["unknown"]) == filekinds.TAKEN
    assert kinds_taken(filekinds.KINDS.keys() - {"pdf", "docx"}) == "PDF or Word document"
    assert kinds_taken(filekinds.KINDS.keys() - {"pdf"}) == "PDF"


def test_the_same_bytes_twice_are_recognised_and_kept_twice_only_on_request(unit: LearnerUnit) -> None:
    make.upload(unit, "first.txt", WORDS)
    again = make.upload(unit, "second.txt", WORDS)
    assert (again.state, again.refusal) == ("refused", "You already have this as “first”.")
    [row] = [row for row in upload_rows(unit.learner.user, unit) if row.uid == again.uid]
    assert row.twice
    for _ in range(2):
        kept = checking.keep_both(by=unit.learner.user, upload=again)
        assert kept.state == "saved"
    assert [item.title for item in EvidenceItem.objects.order_by("pk")] == ["first", "second"]
    assert make.upload(make.learner_unit(), "other.txt", WORDS).state == "saved", "another learner's is no twin"


def test_there_is_nothing_to_keep_beside_once_it_is_gone(unit: LearnerUnit) -> None:
    first = make.upload(unit, "first.txt", WORDS)
    again = make.upload(unit, "second.txt", WORDS)
    assert first.became is not None
    evidence.remove_evidence(by=unit.learner.user, item=first.became)
    refuses(NotNow, lambda: checking.keep_both(by=unit.learner.user, upload=again), "Add the file again")
    uploads.remove_upload(by=unit.learner.user, upload=again)
    refuses(NotNow, lambda: checking.keep_both(by=unit.learner.user, upload=again), "was removed")
    assert make.upload(unit, "third.txt", WORDS).state == "saved"


def test_a_file_can_be_the_next_version(unit: LearnerUnit) -> None:
    item = make.text(unit)
    make.submission(unit, make.criteria(unit)[0])
    row = make.upload(unit, "better.txt", WORDS, item=item)
    assert (row.became, make.latest(item).file_name) == (item, "better.txt")


def test_the_next_version_of_what_was_removed_meanwhile_is_refused(unit: LearnerUnit) -> None:
    item = make.text(unit)
    row = sent(unit, begun(unit, item=item), WORDS)
    evidence.remove_evidence(by=unit.learner.user, item=item)
    checking.finish_upload(upload=row)
    row.refresh_from_db()
    assert "was removed. Add the file as evidence of its own" in row.refusal


def test_a_large_file_is_checked_by_the_worker(unit: LearnerUnit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "AT_ONCE", 10)
    row = make.upload(unit, "notes.txt", WORDS)
    assert row.state == "checking"
    [shown] = upload_rows(unit.learner.user, unit)
    assert (shown.meta, shown.again) == ("1 KB. Arrived, being checked.", 3)
    refuses(uploads.Closed, lambda: sent(unit, row, b"x"), "being checked")
    assert tasks.run_due() >= 1
    row.refresh_from_db()
    assert row.state == "saved"


def test_a_file_removed_while_it_is_checked_is_not_saved(unit: LearnerUnit, monkeypatch: pytest.MonkeyPatch) -> None:
    decided = filekinds.identify

    def meanwhile(path: Path, name: str) -> filekinds.Kind:
        kind = decided(path, name)
        Upload.objects.all().delete()
        return kind

    row = sent(unit, begun(unit), WORDS)
    monkeypatch.setattr(filekinds, "identify", meanwhile)
    checking.finish_upload(upload=row)
    monkeypatch.undo()
    assert not EvidenceItem.objects.exists()
    assert parts() == []


def test_a_file_removed_at_the_last_moment_is_not_saved(unit: LearnerUnit, monkeypatch: pytest.MonkeyPatch) -> None:
    keep = storage.LocalStore.keep

    def meanwhile(*args: Any) -> str:
        Upload.objects.all().delete()
        return keep(*args)

    row = sent(unit, begun(unit), WORDS)
    monkeypatch.setattr(storage.LocalStore, "keep", meanwhile)
    checking.finish_upload(upload=row)
    assert not EvidenceItem.objects.exists()


def test_a_file_that_turned_short_and_was_removed_leaves_nothing(
    unit: LearnerUnit, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = sent(unit, begun(unit), WORDS)

    def meanwhile(self: object, uid: uuid.UUID, size: int) -> storage.Received:
        Upload.objects.all().delete()
        raise storage.BytesGone(3)

    with monkeypatch.context() as patch:
        patch.setattr(storage.LocalStore, "finish", meanwhile)
        checking.finish_upload(upload=row)
    assert parts() == []


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_check_that_was_killed_is_done_again_from_wherever_the_bytes_are(
    unit: LearnerUnit, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    class Killed(BaseException):
        pass

    keep = storage.LocalStore.keep

    def dies(*args: Any) -> str:
        if moment == "after":
            keep(*args)
        raise Killed

    row = sent(unit, begun(unit), WORDS)
    with monkeypatch.context() as patch:
        patch.setattr(storage.LocalStore, "keep", dies)
        with pytest.raises(Killed):
            checking.finish_upload(upload=row)
    row.refresh_from_db()
    assert row.state == "checking"
    checking.tick()
    assert row.state == "checking", "not at once: somebody may still be at it"
    with later(minutes=3):
        checking.tick()
        checking.tick()
        tasks.run_due()
    row.refresh_from_db()
    assert row.state == "saved"
    version = EvidenceVersion.objects.select_related("centre", "learner_unit").get()
    assert storage.evidence().rehash(version.address) == version.sha256


def test_a_file_whose_last_answer_was_never_given_is_taken_up(unit: LearnerUnit) -> None:
    row = sent(unit, begun(unit), WORDS)  # killed before anybody decided it
    with later(days=8):  # and however long that is ago
        checking.tick()
        tasks.run_due()
    row.refresh_from_db()
    assert row.state == "saved"


def test_two_workers_take_a_file_up_once(unit: LearnerUnit) -> None:
    row = sent(unit, begun(unit), WORDS)
    checking.finish_later(row)
    checking.finish_later(row)  # as the other one read it
    assert tasks.run_due() == 1
    checking.decide(row.uid)
    assert EvidenceItem.objects.count() == 1


def test_a_file_that_was_lost_while_it_waited_says_so(unit: LearnerUnit) -> None:
    row = sent(unit, begun(unit), WORDS)
    storage.evidence().drop(row.uid)
    checking.finish_upload(upload=row)
    row.refresh_from_db()
    assert row.refusal == checking.LOST


def test_a_file_that_is_shorter_than_it_was_is_sent_on(unit: LearnerUnit) -> None:
    row = sent(unit, begun(unit), WORDS)
    storage.evidence().truncate(row.uid, 5)
    checking.finish_upload(upload=row)
    row.refresh_from_db()
    assert (row.state, row.offset) == ("receiving", 5)
    row = sent(unit, row, WORDS[5:], 5)
    checking.finish_upload(upload=row)
    assert EvidenceVersion.objects.count() == 1


def test_a_full_disk_at_the_last_step_leaves_it_waiting(unit: LearnerUnit, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> str:
        raise storage.NoRoom(storage.NOTHING)

    row = sent(unit, begun(unit), WORDS)
    with monkeypatch.context() as patch:
        patch.setattr(storage.LocalStore, "keep", full)
        checking.finish_upload(upload=row)
    row.refresh_from_db()
    assert row.state == "checking"
    checking.decide(row.uid)
    row.refresh_from_db()
    assert row.state == "saved"


def test_all_of_it_works_on_another_store(unit: LearnerUnit, monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    monkeypatch.setattr(storage, "evidence", lambda: store)
    row = make.upload(unit, "notes.txt", WORDS)
    assert row.state == "saved"
    assert list(store.kept.values()) == [WORDS]
    assert not store.parts
    assert make.upload(unit, "page.html", files.HTML).state == "refused"
    store.begin(uuid.uuid4())
    monkeypatch.setattr(uploads, "LONGEST_COMMIT", -60)
    uploads.forget_old()
    assert not store.parts


# -- The scanner -------------------------------------------------------------------------------------------------------


@pytest.fixture
def door(tmp_path: Path, settings: Any) -> Path:
    path = tmp_path / "clamd.sock"
    settings.CLAMD = str(path)
    return path


def test_what_the_scanner_reads_is_marked_as_scanned(unit: LearnerUnit, door: Path) -> None:
    with clamd(door) as heard:
        make.upload(unit, "notes.txt", WORDS)
        again = make.upload(unit, "again.txt", WORDS)
        checking.keep_both(by=unit.learner.user, upload=again)
    assert heard.read == [len(WORDS)] * 2
    assert list(EvidenceVersion.objects.order_by("pk").values_list("scanned", flat=True)) == [True, True]
    assert room_of(unit).scanned


def test_what_the_scanner_finds_is_refused(unit: LearnerUnit, door: Path) -> None:
    with clamd(door):
        row = make.upload(unit, "notes.txt", EICAR)
    assert "found something harmful in notes.txt (Eicar-Test-Signature). Nothing of it was kept" in row.refusal
    assert parts() == []


def test_while_the_scanner_is_down_a_file_waits_and_nobody_can_open_it(unit: LearnerUnit, door: Path) -> None:
    row = make.upload(unit, "notes.txt", WORDS)
    assert row.state == "quarantined"
    assert not EvidenceItem.objects.exists()
    assert list(storage.evidence().addresses()) == []
    [shown] = upload_rows(unit.learner.user, unit)
    assert shown.meta == "1 KB. Waiting for the virus scanner; nobody can open it until then."
    with later(minutes=1):
        checking.tick()
        assert tasks.run_due() == 0, "it is still down"
        checking.decide(row.uid)
        assert Upload.objects.get().state == "quarantined"
    with clamd(door), later(minutes=2):
        checking.tick()
        assert tasks.run_due() >= 1
    assert Upload.objects.get().state == "saved"
    assert EvidenceVersion.objects.get().scanned


def test_files_that_waited_are_taken_once_there_is_no_scanner_any_more(
    unit: LearnerUnit, door: Path, settings: Any
) -> None:
    make.upload(unit, "notes.txt", WORDS)
    settings.CLAMD = ""
    with later(minutes=1):
        checking.tick()
        tasks.run_due()
    assert not EvidenceVersion.objects.get().scanned


def test_a_file_beyond_what_the_scanner_reads_is_refused(unit: LearnerUnit, door: Path) -> None:
    with clamd(door, limit=10):
        row = make.upload(unit, "notes.txt", WORDS)
    assert "larger than your centre's virus scanner reads" in row.refusal


def test_the_scanner_is_asked_only_for_what_would_be_taken(unit: LearnerUnit, door: Path) -> None:
    with clamd(door) as heard:
        make.upload(unit, "page.html", files.HTML)
    assert heard.read == []
    assert scanner.CHUNK


# -- Forgetting --------------------------------------------------------------------------------------------------------


def test_what_stopped_arriving_and_what_is_done_with_is_forgotten_after_a_week(unit: LearnerUnit) -> None:
    half, saved = sent(unit, begun(unit), WORDS[:10]), make.upload(unit, "a.txt", WORDS)
    refused = make.upload(unit, "b.html", files.HTML)
    [row] = [row for row in upload_rows(unit.learner.user, unit) if row.uid == half.uid]
    assert (row.percent, row.state) == (20, "receiving")
    assert "1 KB of 1 KB have arrived. Choose the same file again to go on; what is here is kept until" in row.meta
    with later(days=6):
        checking.tick()
        assert Upload.objects.count() == 3
    with later(days=8):
        os.utime(storage.evidence().arriving / half.uid.hex, (time.time(), time.time()))
        checking.tick()
        assert not Upload.objects.exists()
        assert {half, saved, refused}
        assert EvidenceItem.objects.count() == 1
        assert parts() == [half.uid], "its bytes follow when no row names them for a while"
    with later(days=9):
        checking.tick()
    assert parts() == []


def test_bytes_that_a_row_names_stay(unit: LearnerUnit, monkeypatch: pytest.MonkeyPatch) -> None:
    row = sent(unit, begun(unit), WORDS[:10])
    monkeypatch.setattr(uploads, "LONGEST_COMMIT", -60)
    assert uploads.forget_old() == 0
    assert parts() == [row.uid]


def test_a_saved_file_stays_in_the_list_until_it_is_mapped(unit: LearnerUnit) -> None:
    row = make.upload(unit, "a.txt", WORDS)
    [shown] = upload_rows(unit.learner.user, unit)
    assert row.became is not None
    assert shown.version == make.latest(row.became).uid
    assert (shown.meta, shown.html_id) == ("Plain text, 1 KB. Saved.", f"upload-{row.uid}")
    make.mapped(unit, make.criteria(unit)[0], item=row.became)
    assert upload_rows(unit.learner.user, unit) == ()
    locked = make.upload(unit, "locked.pdf", files.locked_pdf())
    [shown] = upload_rows(unit.learner.user, unit)
    assert "locked with a password, so it cannot be checked" in shown.meta
    assert locked.checkable is False


def test_what_a_centre_takes_is_set_by_its_administrator_alone(unit: LearnerUnit) -> None:
    assert may.can_set_evidence_rules(administrator_of(unit.centre), unit.centre)
    assert not may.can_set_evidence_rules(unit.learner.user, unit.centre)


@pytest.mark.parametrize("state", sorted(may.DONE))
def test_every_state_that_takes_no_more_says_so(state: str) -> None:
    assert may.DONE[state].endswith(".")


# -- At once -----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_many_parts_at_once_of_one_file_leave_it_whole() -> None:
    unit = make.learner_unit()
    row = begun(unit, size=len(WORDS))
    won: list[str] = []

    def send(name: str) -> None:
        try:
            sent(unit, row, WORDS)
            won.append(name)
        except (Stale, uploads.Closed):
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=(str(number),)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    checking.finish_upload(upload=row)
    assert EvidenceVersion.objects.get().size == len(WORDS)
