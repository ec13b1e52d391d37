"""tus 1.0 at our own address: what each request gets, and that nobody meets a file that is not theirs."""

from __future__ import annotations

import base64
import hashlib
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from assessment.models import EvidenceItem, LearnerUnit, Upload
from assessment.workflow import checking, uploads
from courseware.kit import storage
from tests import files, make
from tests.clamd import clamd

pytestmark = pytest.mark.django_db
WORDS = b"Customers leave for reasons that we can measure."
PART = "application/offset+octet-stream"
SCRIPT = {"X-Requested-With": "XMLHttpRequest"}


@pytest.fixture(autouse=True)
def _of_its_own(tmp_path: Path, settings: Any) -> None:
    settings.EVIDENCE_ROOT = tmp_path / "evidence"


@pytest.fixture
def unit() -> LearnerUnit:
    return make.learner_unit()


@pytest.fixture
def learner(unit: LearnerUnit) -> Client:
    return client_of(unit)


def client_of(unit: LearnerUnit, **more: Any) -> Client:
    client = Client(**more)
    client.force_login(make.fresh(unit.learner.user))
    return client


def metadata(**told: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items())


def announce(client: Client, unit: LearnerUnit, size: int | str = len(WORDS), data: bytes = b"", **more: str) -> Any:
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(size)}
    if told := {"filename": more.pop("name", "notes.txt"), **more}:
        headers["Upload-Metadata"] = metadata(**told)
    kind = PART if data else "text/plain"
    return client.post(reverse("uploads", args=[unit.uid]), data, content_type=kind, headers=headers)


def part(client: Client, address: str, offset: int | str, data: bytes, *, kind: str = PART, **headers: str) -> Any:
    sent = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset)} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    # The test client says nothing of a body that is empty.
    said = {} if data else {"CONTENT_TYPE": kind, "CONTENT_LENGTH": "0"}
    return client.generic("PATCH", address, data, kind, headers=sent, **said)  # type: ignore[arg-type]  # WSGI's own


def ask(client: Client, method: str, address: str) -> Any:
    return client.generic(method, address, headers={"Tus-Resumable": "1.0.0"})


def test_a_file_is_announced_sent_in_parts_and_saved(unit: LearnerUnit, learner: Client) -> None:
    made = announce(learner, unit)
    assert (made.status_code, made["Upload-Offset"]) == (201, "0")
    address = made["Location"]
    first = part(learner, address, 0, WORDS[:10])
    assert (first.status_code, first["Upload-Offset"], first["Tus-Resumable"]) == (204, "10", "1.0.0")
    assert "Upload-Expires" in first
    head = ask(learner, "HEAD", address)
    assert (head.status_code, head["Upload-Offset"], head["Upload-Length"]) == (200, "10", str(len(WORDS)))
    assert head["Cache-Control"] == "no-store"
    last = part(learner, address, 10, WORDS[10:])
    assert (last.status_code, last["Upload-Offset"]) == (204, str(len(WORDS)))
    assert EvidenceItem.objects.get().title == "notes"
    again = part(learner, address, len(WORDS), b"")  # its answer was lost
    assert (again.status_code, again["Upload-Offset"]) == (204, str(len(WORDS)))
    page = learner.get(address, headers=SCRIPT).content.decode()
    assert "Plain text, 1 KB. Saved." in page
    assert "Say what it shows" in page


def test_the_first_bytes_may_come_with_the_announcement(unit: LearnerUnit, learner: Client) -> None:
    made = announce(learner, unit, data=WORDS)
    assert (made.status_code, made["Upload-Offset"]) == (201, str(len(WORDS)))
    assert EvidenceItem.objects.count() == 1


def test_the_server_says_what_it_speaks(unit: LearnerUnit, learner: Client, settings: Any) -> None:
    row = make.upload(unit, "a.txt", b"half", size=9)
    for address in (reverse("uploads", args=[unit.uid]), reverse("upload", args=[row.uid])):
        answer = learner.options(address)
        assert answer.status_code == 204
        assert answer["Tus-Version"] == "1.0.0"
        assert answer["Tus-Extension"] == "creation,creation-with-upload,termination,expiration,checksum"
        assert answer["Tus-Max-Size"] == str(settings.EVIDENCE_MAX_BYTES)
        assert answer["Tus-Checksum-Algorithm"] == "sha1,sha256"


def test_a_file_is_stopped(unit: LearnerUnit, learner: Client) -> None:
    address = announce(learner, unit)["Location"]
    assert ask(learner, "DELETE", address).status_code == 204
    assert ask(learner, "HEAD", address).status_code == 404
    assert not Upload.objects.exists()


def test_what_does_not_fit_gets_its_status_and_takes_nothing(unit: LearnerUnit, learner: Client) -> None:
    address = announce(learner, unit)["Location"]
    assert learner.patch(address, b"x", content_type=PART, headers={"Upload-Offset": "0"}).status_code == 412
    assert part(learner, address, 0, b"x", kind="text/plain").status_code == 415
    assert part(learner, address, "many", b"x").status_code == 400
    assert part(learner, address, 0, WORDS + b"x").status_code == 413
    elsewhere = part(learner, address, 5, b"x")
    assert (elsewhere.status_code, elsewhere["Upload-Offset"]) == (409, "0")
    assert announce(learner, unit, "many").status_code == 400
    assert announce(learner, unit, 0).status_code == 413
    assert announce(learner, unit, 10**12).status_code == 413
    broken = {"Tus-Resumable": "1.0.0", "Upload-Length": "5", "Upload-Metadata": "filename ???"}
    assert learner.post(reverse("uploads", args=[unit.uid]), headers=broken).status_code == 400
    assert announce(learner, unit, item="nothing").status_code == 404
    assert announce(learner, unit, item=str(uuid.uuid4())).status_code == 404
    row = Upload.objects.get()
    assert (row.offset, row.state) == (0, "receiving")


def test_a_part_without_a_length_is_not_read(unit: LearnerUnit, learner: Client) -> None:
    address = announce(learner, unit)["Location"]
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0"}
    answer = learner.generic("PATCH", address, b"", headers=headers, CONTENT_TYPE=PART, CONTENT_LENGTH="")
    assert answer.status_code == 411


def test_a_refused_file_is_gone_and_says_why(unit: LearnerUnit, learner: Client) -> None:
    made = announce(learner, unit, len(files.HTML), files.HTML, name="page.html")
    assert made.status_code == 201
    address = made["Location"]
    assert ask(learner, "HEAD", address).status_code == 410
    assert part(learner, address, 0, b"x").content.decode().startswith("page.html is a web page")
    assert "is a web page" in learner.get(address, headers=SCRIPT).content.decode()


@pytest.mark.parametrize("name", ["sha1", "sha256"])
def test_a_part_that_changed_on_its_way_is_not_taken(unit: LearnerUnit, learner: Client, name: str) -> None:
    address = announce(learner, unit)["Location"]
    digest = base64.b64encode(hashlib.new(name, WORDS).digest()).decode()
    assert part(learner, address, 0, b"X" + WORDS[1:], Upload_Checksum=f"{name} {digest}").status_code == 460
    assert Upload.objects.get().offset == 0
    assert part(learner, address, 0, WORDS, Upload_Checksum="md5 abc=").status_code == 400
    assert part(learner, address, 0, b"", Upload_Checksum=f"{name} {digest}").status_code == 460
    assert part(learner, address, 0, WORDS, Upload_Checksum=f"{name} {digest}").status_code == 204
    assert EvidenceItem.objects.count() == 1


def test_a_part_with_a_check_sum_fits_into_memory(unit: LearnerUnit, learner: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(uploads, "BLOCK", 10)
    address = announce(learner, unit)["Location"]
    assert part(learner, address, 0, WORDS, Upload_Checksum="sha1 x").status_code == 413
    assert part(learner, address, 0, WORDS).status_code == 204  # in five blocks
    assert EvidenceItem.objects.count() == 1


def test_what_arrived_before_the_line_broke_is_kept(unit: LearnerUnit, learner: Client) -> None:
    class Breaking:
        def __init__(self) -> None:
            self.pieces = [WORDS[:7], WORDS[7:20]]

        def read(self, size: int = -1) -> bytes:
            if not self.pieces:
                raise OSError("the line broke")
            return self.pieces.pop(0)

        readline = read

        def __len__(self) -> int:
            return len(WORDS)

    address = announce(learner, unit)["Location"]
    headers = {"HTTP_TUS_RESUMABLE": "1.0.0", "HTTP_UPLOAD_OFFSET": "0"}
    answer = learner.generic(
        "PATCH",
        address,
        b"",
        PART,
        **headers,
        **{  # type: ignore[arg-type]  # WSGI's own
            "wsgi.input": Breaking(),
            "CONTENT_LENGTH": str(len(WORDS)),
            "CONTENT_TYPE": PART,
        },
    )
    assert (answer.status_code, answer["Upload-Offset"]) == (204, "20")
    assert part(learner, address, 20, WORDS[20:]).status_code == 204
    assert EvidenceItem.objects.count() == 1


def test_a_file_removed_in_another_window_while_it_is_decided_is_said_to_be(
    unit: LearnerUnit, learner: Client, monkeypatch: Any
) -> None:
    address = announce(learner, unit)["Location"]
    finish = checking.finish_upload

    def removed_first(*, upload: Upload) -> None:
        uploads.remove_upload(by=unit.learner.user, upload=upload)
        finish(upload=upload)

    monkeypatch.setattr(checking, "finish_upload", removed_first)
    answer = part(learner, address, 0, WORDS)
    assert (answer.status_code, answer.content.decode()) == (410, "This file was removed. Nothing of it is kept.")
    assert not EvidenceItem.objects.exists()


HOSTILE = ["", "testimony\0", "'; DROP TABLE x; --", "product\r\nX: y", "<script>", "x" * 5000]


@pytest.mark.parametrize("method", HOSTILE, ids=range(len(HOSTILE)))
def test_no_method_but_those_of_the_list_is_taken_by_any_way(unit: LearnerUnit, learner: Client, method: str) -> None:
    row = make.upload(unit, "a.txt", WORDS)
    sent = {"key": str(row.uid), "method": method}
    assert learner.post(reverse("upload-method", args=[row.uid]), sent).status_code == 400
    form = {"key": uuid.uuid4(), "file": SimpleUploadedFile("b.txt", WORDS + b"!"), "method": method}
    assert learner.post(reverse("evidence-upload", args=[unit.uid]), form).status_code == (422 if method else 303)
    answer = announce(learner, unit, len(WORDS) + 2, WORDS + b"!!", name="c.txt", method=method)
    assert answer.status_code == (409 if method else 201)
    assert set(EvidenceItem.objects.order_by().values_list("method", flat=True)) == {"product"}


def test_somebody_elses_file_says_nothing_about_how_it_came_about(unit: LearnerUnit) -> None:
    row = make.upload(unit, "a.txt", WORDS)
    tutor, other = make.staff(unit.cohort, "tutor").user, make.learner_unit(unit.cohort).learner.user
    for user in (tutor, other):
        client = Client()
        client.force_login(make.fresh(user))
        sent = {"key": str(row.uid), "method": "prior"}
        assert client.post(reverse("upload-method", args=[row.uid]), sent).status_code == 404
    assert EvidenceItem.objects.get().method == "product"


def test_a_full_disk_is_said_and_it_goes_on_later(unit: LearnerUnit, learner: Client, monkeypatch: Any) -> None:
    address = announce(learner, unit)["Location"]

    def full(*_: object) -> None:
        raise storage.NoRoom(storage.LATER)

    with monkeypatch.context() as patch:
        patch.setattr(storage.LocalStore, "append", full)
        answer = part(learner, address, 0, WORDS)
        assert answer.status_code == 507
        assert "What has arrived of this file is kept" in answer.content.decode()
    assert part(learner, address, 0, WORDS).status_code == 204


def test_a_form_on_a_full_disk_leaves_nothing_and_says_so(unit: LearnerUnit, learner: Client, monkeypatch: Any) -> None:
    def full(*_: object) -> None:
        raise storage.NoRoom(storage.LATER)

    monkeypatch.setattr(storage.LocalStore, "append", full)
    answer = plain(learner, unit, "notes.txt", WORDS)
    assert answer.status_code == 422
    assert "There is no room for this file on the server just now" in answer.content.decode()
    assert not Upload.objects.exists()


def test_nothing_happens_without_the_token_of_the_page(unit: LearnerUnit) -> None:
    client = client_of(unit, enforce_csrf_checks=True)
    assert announce(client, unit).status_code == 403
    row = make.upload(unit, "a.txt", b"half", size=9)
    address = reverse("upload", args=[row.uid])
    assert part(client, address, 4, b"x").status_code == 403
    assert ask(client, "DELETE", address).status_code == 403
    assert Upload.objects.get().offset == 4
    client.get(reverse("evidence-upload", args=[unit.uid]))
    token = client.cookies["csrftoken"].value
    assert part(client, address, 4, b"x", X_CSRFToken=token).status_code == 204


def test_nobody_else_meets_the_file(unit: LearnerUnit) -> None:
    row = make.upload(unit, "a.txt", b"half", size=9)
    address = reverse("upload", args=[row.uid])
    peer, tutor = make.learner_unit(unit.cohort).learner, make.staff(unit.cohort, "tutor")
    for member in (peer, tutor):
        client = Client()
        client.force_login(make.fresh(member.user))
        for method in ("GET", "HEAD", "DELETE"):
            assert ask(client, method, address).status_code == 404, method
        assert part(client, address, 4, b"x").status_code == 404
        for name in ("upload-remove", "upload-keep"):
            assert client.post(reverse(name, args=[row.uid]), {"key": str(uuid.uuid4())}).status_code == 404
    assert announce(client, unit).status_code == 403
    assert (Upload.objects.get().offset, Upload.objects.get().state) == (4, "receiving")
    away = make.learner_unit()
    assert announce(client_of(away), unit).status_code == 404
    assert ask(client_of(away), "HEAD", address).status_code == 404


def test_a_session_that_ended_says_where_to_sign_in(unit: LearnerUnit) -> None:
    row = make.upload(unit, "a.txt", b"half", size=9)
    answer = Client().patch(reverse("upload", args=[row.uid]), b"x", content_type=PART, headers=SCRIPT)
    assert answer.status_code == 401
    assert answer["X-Sign-In"].startswith("/sign-in/")


# -- The page ----------------------------------------------------------------------------------------------------------


def plain(client: Client, unit: LearnerUnit, name: str, data: bytes, key: str = "") -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    sent = {"file": [SimpleUploadedFile(name, data)], "key": key or str(uuid.uuid4())}
    return client.post(reverse("evidence-upload", args=[unit.uid]), sent)


def page_of(client: Client, unit: LearnerUnit) -> str:
    return " ".join(client.get(reverse("evidence-upload", args=[unit.uid])).content.decode().split())


def test_the_page_lists_what_is_unfinished_and_a_button_removes_it(unit: LearnerUnit, learner: Client) -> None:
    row = make.upload(unit, "film.mp4", b"half", size=8_000_000)
    page = page_of(learner, unit)
    assert "1 KB of 8 MB have arrived. Choose the same file again to go on" in page
    assert '<progress max="100" value="0"' in page
    assert "of 5 GB for your evidence of this unit are used. Files are not scanned for viruses here." in page
    answer = learner.post(
        reverse("upload-remove", args=[row.uid]), {"key": str(row.uid)}, headers={"referer": "http://testserver/"}
    )
    assert answer["Location"] == reverse("evidence-upload", args=[unit.uid])
    assert not Upload.objects.exists()
    assert "Removed: film.mp4. Nothing of it is kept." in page_of(learner, unit)


def test_the_button_keeps_the_same_bytes_twice(unit: LearnerUnit, learner: Client) -> None:
    plain(learner, unit, "first.txt", WORDS)
    again = plain(learner, unit, "second.txt", WORDS)
    assert again.status_code == 422
    assert "You already have this as “first”." in again.content.decode()
    row = Upload.objects.get(state="refused")
    back = f"http://testserver{reverse('evidence-upload', args=[unit.uid])}?criterion=1.1"
    answer = learner.post(reverse("upload-keep", args=[row.uid]), {"key": str(row.uid)}, headers={"referer": back})
    assert answer["Location"] == reverse("evidence-upload", args=[unit.uid]) + "?criterion=1.1"
    page = page_of(learner, unit)
    assert "Saved: second.txt, beside the one that you had" in page
    assert page.count(">Say what it shows<") == 2
    assert "Say what they show" in page


TESTIMONY = {"method": "testimony", "witness": "Ada", "witness_relation": "My manager"}


@pytest.mark.parametrize("told", [{}, {"method": "observation"}, TESTIMONY], ids=["nothing", "method", "testimony"])
def test_the_form_and_the_parts_keep_the_same_of_how_a_file_came_about(
    unit: LearnerUnit, learner: Client, told: dict[str, str]
) -> None:
    file = SimpleUploadedFile("form.txt", WORDS)
    sent = {"key": uuid.uuid4(), "file": file, **told}
    assert learner.post(reverse("evidence-upload", args=[unit.uid]), sent).status_code == 303
    assert announce(learner, unit, len(WORDS) + 1, WORDS + b"!", name="parts.txt", **told).status_code == 201
    names = ("method", "witness", "witness_relation")
    by_form, in_parts = EvidenceItem.objects.order_by("pk").values_list(*names)
    assert by_form == in_parts == tuple(({"method": "product"} | told).get(name, "") for name in names)


def test_a_testimony_without_its_witness_is_asked_for_by_both_ways(unit: LearnerUnit, learner: Client) -> None:
    sent = {"key": uuid.uuid4(), "file": SimpleUploadedFile("a.txt", WORDS), "method": "testimony"}
    answer = learner.post(reverse("evidence-upload", args=[unit.uid]), sent)
    assert answer.status_code == 422
    assert "Say who the witness is" in answer.content.decode()
    answer = announce(learner, unit, method="testimony")
    assert (answer.status_code, answer.content.decode()) == (
        409,
        "Say who the witness is, and how they know your work.",
    )
    assert not Upload.objects.exists()


def test_each_file_of_the_list_says_how_it_came_about_without_a_script(unit: LearnerUnit, learner: Client) -> None:
    make.upload(unit, "first.txt", WORDS)
    row = make.upload(unit, "second.txt", WORDS + b"!")
    assert page_of(learner, unit).count("How it came about: ") == 2 + 1  # and that of the script's own row
    answer = learner.post(reverse("upload-method", args=[row.uid]), {"key": str(row.uid), "method": "discussion"})
    assert answer.status_code == 303
    assert "second.txt: Professional discussion." in page_of(learner, unit)
    assert list(EvidenceItem.objects.order_by("pk").values_list("method", flat=True)) == ["product", "discussion"]
    sent = {"key": str(row.uid), "method": "prior"}
    assert learner.post(reverse("upload-method", args=[row.uid]), sent, headers=SCRIPT).status_code == 204
    assert EvidenceItem.objects.get(title="second").method == "prior"


def test_a_new_version_is_not_asked_how_it_came_about(unit: LearnerUnit, learner: Client) -> None:
    item = make.upload(unit, "first.txt", WORDS).became
    address = f"{reverse('evidence-upload', args=[unit.uid])}?item={item.uid}"
    page = learner.get(address).content.decode()
    assert page.count('name="method"') == 1, "that of the file before, which is not mapped yet"


def test_the_same_form_again_goes_on_with_the_same_file(unit: LearnerUnit, learner: Client) -> None:
    key = str(uuid.uuid4())
    first, second = (plain(learner, unit, "a.txt", WORDS, key) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first["Location"] == second["Location"]
    assert plain(learner, unit, "b.txt", WORDS + b"!", key).status_code == 303, "another file is another file"
    assert EvidenceItem.objects.count() == 2


def test_a_large_file_of_a_form_is_said_to_be_checked(unit: LearnerUnit, learner: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(checking, "AT_ONCE", 10)
    answer = plain(learner, unit, "a.txt", WORDS)
    assert answer.status_code == 200
    page = " ".join(answer.content.decode().split())
    assert "1 KB. Arrived, being checked." in page
    assert 'data-again="3"' in page


@pytest.mark.parametrize("rows", [1, 4])
def test_the_list_asks_a_fixed_number_of_times(
    rows: int, unit: LearnerUnit, learner: Client, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        make.upload(unit, f"{number}.txt", WORDS + bytes([65 + number]))
    for address, budget in (
        (reverse("uploads", args=[unit.uid]), 5),
        (reverse("upload", args=[Upload.objects.order_by("pk")[0].uid]), 4),
        (reverse("evidence-upload", args=[unit.uid]), 9),
    ):
        with django_assert_num_queries(budget, info=address):
            assert learner.get(address, headers=SCRIPT).status_code == 200


def test_the_list_is_a_part_of_its_page(unit: LearnerUnit, learner: Client) -> None:
    row = make.upload(unit, "a.txt", WORDS)
    for address in (reverse("uploads", args=[unit.uid]), reverse("upload", args=[row.uid])):
        assert learner.get(address)["Location"] == reverse("evidence-upload", args=[unit.uid])
    assert "a.txt" in learner.get(reverse("uploads", args=[unit.uid]), headers=SCRIPT).content.decode()


def test_the_page_of_a_file_says_when_no_scanner_has_read_it(unit: LearnerUnit, learner: Client, settings: Any) -> None:
    def page(item: EvidenceItem | None) -> str:
        assert item is not None
        return " ".join(learner.get(reverse("evidence", args=[item.uid])).content.decode().split())

    assert "Not scanned for viruses." in page(make.upload(unit, "a.txt", WORDS).became)
    assert "Not scanned for viruses." not in page(make.text(unit))
    with clamd(Path(settings.EVIDENCE_ROOT).parent / "clamd.sock") as scanner:
        settings.CLAMD = str(scanner.path)
        assert "Not scanned for viruses." not in page(make.upload(unit, "b.txt", WORDS + b"!").became)
