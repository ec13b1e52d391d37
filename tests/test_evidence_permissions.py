"""Who reaches evidence, its bytes and the pages about it; what every refusal leaves behind: nothing."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from assessment.models import AccessRecord, EvidenceItem, EvidenceLink, EvidenceVersion, LearnerUnit
from assessment.workflow import access
from courseware.kit import clock, storage, streaming
from courseware.ledger.models import LedgerEntry
from courseware.people.models import User
from tests import make
from tests.people_builders import administrator_of

pytestmark = pytest.mark.django_db
WORDS = "Seven stages, and what each of them is for. " * 5000  # more than one chunk


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(make.fresh(user))
    return client


def fetch(client: Client, address: str, **headers: str) -> Any:
    """The answer, read to its end and closed."""
    answer: Any = client.get(address, headers=headers)
    answer.data = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer


def file_of(version: EvidenceVersion) -> str:
    return reverse("version-file", args=[version.uid])


def pages_of(unit: LearnerUnit, version: EvidenceVersion) -> list[str]:
    """Every address of one learner's evidence."""
    adding = [reverse(f"evidence-{way}", args=[unit.uid]) for way in ("write", "upload", "link")]
    items = [reverse(name, args=[version.item.uid]) for name in ("evidence", "evidence-rename", "evidence-remove")]
    versions = [reverse(name, args=[version.uid]) for name in ("evidence-version", "evidence-map", "version-file")]
    return [*adding, *items, *versions, reverse("version-page", args=[version.uid, 1])]


def facts() -> tuple[int, ...]:
    return tuple(
        model._default_manager.count()
        for model in (EvidenceItem, EvidenceVersion, EvidenceLink, LedgerEntry, AccessRecord)
    )


SENT = {"title": "Mine now", "text": "Mine.", "url": "https://a.example", "what": "x", "seen_on": "2026-11-02"}


@pytest.fixture
def unit() -> LearnerUnit:
    return make.learner_unit()


@pytest.fixture
def handed_in(unit: LearnerUnit) -> EvidenceVersion:
    first, *_ = make.criteria(unit)
    item = make.text(unit, "Map", WORDS)
    make.mapped(unit, first, item=item)
    from assessment.workflow import submissions

    drafted = make.draft(unit, first, version=make.latest(item))
    submissions.submit(by=unit.learner.user, submission=drafted, declared=True, others="none", ai_used=False)
    version: EvidenceVersion = EvidenceVersion.objects.select_related("item", "centre", "learner_unit").get()
    return version


def test_nobody_else_learns_of_a_learners_evidence(unit: LearnerUnit, handed_in: EvidenceVersion) -> None:
    """Another learner of the cohort, another centre's tutor, and the administrator of the same centre."""
    other = make.learner_unit(unit.cohort)
    elsewhere = make.staff(make.cohort(), "tutor")
    stranger = make.learner_unit(elsewhere.allocations.get().cohort)
    for user in (other.learner.user, elsewhere.user, stranger.learner.user):
        client, before = client_of(user), facts()
        for address in pages_of(unit, handed_in):
            assert client.get(address).status_code == 404, address
            if "/file/" not in address and "/pages/" not in address:
                sent = SENT | {"key": str(uuid.uuid4()), "file": SimpleUploadedFile("a.txt", b"A")}
                assert client.post(address, sent).status_code in (404, 405), address
        assert facts() == before


def test_an_administrator_sees_no_evidence_and_adds_none(unit: LearnerUnit, handed_in: EvidenceVersion) -> None:
    client, before = client_of(administrator_of(unit.centre)), facts()
    for address in pages_of(unit, handed_in):
        own = "/write/" in address or "/upload/" in address or "/link/" in address
        # The administrator may know of the learner-unit (progress), so there the answer is "not yours".
        assert client.get(address).status_code == (403 if own else 404), address
    assert facts() == before


def test_signed_out_everything_leads_to_signing_in(unit: LearnerUnit, handed_in: EvidenceVersion) -> None:
    for address in pages_of(unit, handed_in):
        assert Client().get(address).status_code == 302, address
    assert Client().post(reverse("draft-save"), {"about": "x"}).status_code == 401


@pytest.mark.parametrize("role", ["tutor", "iqa", "eqa", "lead_iqa"])
def test_staff_read_what_was_handed_in_and_every_reading_is_noted(
    unit: LearnerUnit, handed_in: EvidenceVersion, role: str
) -> None:
    member = make.staff(unit.cohort, role)
    client = client_of(member.user)
    draft = make.latest(make.text(unit, "Not handed in"))
    for address in pages_of(unit, draft)[3:]:
        assert client.get(address).status_code == 404, address
    for address in pages_of(unit, draft)[:3]:
        assert client.get(address).status_code == 403, address
    assert not AccessRecord.objects.exists()

    assert client.get(reverse("evidence", args=[handed_in.item.uid])).status_code == 200
    assert client.get(reverse("evidence-version", args=[handed_in.uid])).status_code == 200
    assert fetch(client, file_of(handed_in)).data.decode() == WORDS
    noted = AccessRecord.objects.order_by("pk").values_list("by", "role", "what", "version")
    assert list(noted) == [(member.pk, role, what, handed_in.pk) for what in ("shown", "shown", "download")]
    for name in ("evidence-rename", "evidence-remove"):
        assert client.get(reverse(name, args=[handed_in.item.uid])).status_code == 403
    assert client.get(reverse("evidence-map", args=[handed_in.uid])).status_code == 403


def test_staff_see_no_draft_version_of_an_item_that_they_may_read(
    unit: LearnerUnit, handed_in: EvidenceVersion
) -> None:
    tutor = make.staff(unit.cohort, "tutor")
    address = reverse("evidence-write", args=[unit.uid]) + f"?item={handed_in.item.uid}"
    client_of(unit.learner.user).post(address, {"text": "A secret second version.", "key": str(uuid.uuid4())})
    page = client_of(tutor.user).get(reverse("evidence", args=[handed_in.item.uid])).content.decode()
    assert "secret" not in page
    assert "Version 2" not in page


def test_a_learners_own_reading_is_not_noted(unit: LearnerUnit, handed_in: EvidenceVersion) -> None:
    client = client_of(unit.learner.user)
    client.get(reverse("evidence-version", args=[handed_in.uid]))
    fetch(client, file_of(handed_in))
    assert not AccessRecord.objects.exists()


def test_a_player_that_asks_range_by_range_is_noted_once_in_ten_minutes(
    unit: LearnerUnit, handed_in: EvidenceVersion
) -> None:
    client = client_of(make.staff(unit.cohort, "tutor").user)
    for first in range(5):
        assert fetch(client, file_of(handed_in), Range=f"bytes={first}-").status_code == 206
    assert client.head(file_of(handed_in)).status_code == 200
    assert [record.what for record in AccessRecord.objects.all()] == ["file"]
    other = client_of(make.staff(unit.cohort, "iqa").user)
    fetch(other, file_of(handed_in), Range="bytes=0-1")
    assert AccessRecord.objects.count() == 2
    for _ in range(2):
        fetch(client, file_of(handed_in))
    assert AccessRecord.objects.filter(what="download").count() == 2


def test_noting_many_versions_is_one_insert(unit: LearnerUnit, django_assert_num_queries: Any) -> None:
    tutor = make.staff(unit.cohort, "tutor")
    first, second, *_ = make.criteria(unit)
    make.submission(unit, first)
    make.submission(unit, second)
    make.submission(make.learner_unit(unit.cohort))
    from assessment.readings.evidence import showable

    versions = list(showable(EvidenceVersion.objects.visible_to(tutor.user).order_by("pk")))
    user = make.fresh(tutor.user)
    access.note_access(user, versions[:1])
    with django_assert_num_queries(2 + 2 * len({v.learner_unit_id for v in versions})):
        # Outside a request the person's standing is asked each time, and what they are responsible for once a unit.
        access.note_access(user, versions)
    assert AccessRecord.objects.count() == 1 + len(versions)
    access.note_access(user, versions, quietly=True)
    assert AccessRecord.objects.count() == 1 + len(versions)


# -- The bytes ---------------------------------------------------------------------------------------------------------


def test_bytes_leave_only_as_a_download_in_a_sandbox(unit: LearnerUnit, handed_in: EvidenceVersion) -> None:
    answer = fetch(client_of(unit.learner.user), file_of(handed_in))
    assert answer["Content-Disposition"] == 'attachment; filename="Map.md"'
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"] == "text/markdown"
    assert answer["Cache-Control"] == "private, no-store"
    assert hashlib.sha256(answer.data).hexdigest() == handed_in.sha256


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_nothing_is_sent_to_the_address_of_the_bytes(
    unit: LearnerUnit, handed_in: EvidenceVersion, method: str
) -> None:
    assert getattr(client_of(unit.learner.user), method)(file_of(handed_in)).status_code == 405


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("bytes=0-0", 206),
        ("bytes=-5", 206),
        ("bytes=99999999-", 416),
        ("bytes=5-1", 200),
        ("bytes=0-1,3-4", 200),
        ("bytes=" + "9" * 30 + "-", 200),
        ("pages=1", 200),
        ("bytes=0-1; DROP", 200),
    ],
)
def test_odd_ranges_are_answered_by_the_rules(
    unit: LearnerUnit, handed_in: EvidenceVersion, asked: str, status: int
) -> None:
    assert fetch(client_of(unit.learner.user), file_of(handed_in), Range=asked).status_code == status


def test_head_tells_the_size_and_sends_nothing(unit: LearnerUnit, handed_in: EvidenceVersion) -> None:
    answer = client_of(unit.learner.user).head(file_of(handed_in))
    assert (answer["Content-Length"], answer.content) == (str(handed_in.size), b"")


def test_bytes_that_changed_on_the_disk_are_cut_off_and_not_shown(
    unit: LearnerUnit, handed_in: EvidenceVersion
) -> None:
    path = storage.evidence().path(handed_in.address)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().replace(b"Seven", b"Eight", 1))
    client = client_of(unit.learner.user)
    answer: Any = client.get(file_of(handed_in))
    got: list[bytes] = []
    with pytest.raises(streaming.BytesChanged):
        got.extend(answer.streaming_content)
    assert sum(map(len, got)) < handed_in.size
    page = client.get(reverse("evidence-version", args=[handed_in.uid])).content.decode()
    assert "not those on record" in page
    assert "Eight" not in page


def test_bytes_that_are_lost_are_said_to_be(unit: LearnerUnit, handed_in: EvidenceVersion) -> None:
    storage.evidence().path(handed_in.address).unlink()
    answer = client_of(unit.learner.user).get(file_of(handed_in))
    assert answer.status_code == 409
    assert "not where the record says" in answer.content.decode()


@pytest.mark.parametrize("state", ["quarantined", "disposed"])
def test_what_nobody_may_open_is_not_opened(unit: LearnerUnit, handed_in: EvidenceVersion, state: str) -> None:
    EvidenceVersion.objects.filter(pk=handed_in.pk).update(state=state)
    tutor = client_of(make.staff(unit.cohort, "tutor").user)
    for client in (client_of(unit.learner.user), tutor):
        assert client.get(file_of(handed_in)).status_code == 409
        assert client.get(reverse("version-page", args=[handed_in.uid, 1])).status_code == 409
        page = client.get(reverse("evidence-version", args=[handed_in.uid])).content.decode()
        assert "Seven stages" not in page
        assert "Download<" not in page


# -- A closed unit -----------------------------------------------------------------------------------------------------


def test_while_the_unit_is_signed_off_nothing_is_added_mapped_or_changed(unit: LearnerUnit) -> None:
    tutor = make.staff(unit.cohort, "tutor")
    item = make.text(unit, "Left over")
    client = client_of(unit.learner.user)
    make.signed_off(unit, tutor.user)
    version, before = make.latest(item), facts()
    for address in pages_of(unit, version)[:3] + [
        reverse(name, args=[item.uid]) for name in ("evidence-rename", "evidence-remove")
    ]:
        assert client.get(address).status_code == 409, address
        sent = SENT | {"key": str(uuid.uuid4()), "file": SimpleUploadedFile("a.txt", b"A")}
        answer = client.post(address, sent)
        assert answer.status_code == 409, address
        assert "signed off" in answer.content.decode()
    address = reverse("evidence-map", args=[version.uid])
    assert client.post(address, {"use-1.1": "on", "why-1.1": "x", "key": str(uuid.uuid4())}).status_code == 409
    assert client.get(reverse("evidence", args=[item.uid])).status_code == 200  # and stays readable
    assert facts() == before


def test_an_item_of_another_unit_or_nonsense_in_the_query_is_not_found(unit: LearnerUnit) -> None:
    client = client_of(unit.learner.user)
    other = make.text(make.learner_unit(unit.cohort))
    for asked in (other.uid, "x", "", "%00"):
        answer = client.get(reverse("evidence-write", args=[unit.uid]) + f"?item={asked}")
        assert answer.status_code == (200 if asked == "" else 404), asked
    assert client.get(reverse("evidence-write", args=[unit.uid]) + "?criterion=%00<b>").status_code == 200


def test_the_list_of_what_comes_next_leads_nowhere_else(unit: LearnerUnit) -> None:
    client = client_of(unit.learner.user)
    version = make.latest(make.text(unit))
    address = reverse("evidence-map", args=[version.uid]) + "?then=https://evil.example,..,"
    answer = client.post(address, {"title": "Map", "key": str(uuid.uuid4())})
    assert answer["Location"] == reverse("evidence", args=[version.item.uid])


def test_the_log_of_readings_is_never_changed(unit: LearnerUnit, handed_in: EvidenceVersion) -> None:
    fetch(client_of(make.staff(unit.cohort, "tutor").user), file_of(handed_in))
    rows = AccessRecord.objects.filter(pk=AccessRecord.objects.get().pk)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        rows.update(at=clock.now())
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        rows._raw_delete(rows.db)
    assert rows.exists()
