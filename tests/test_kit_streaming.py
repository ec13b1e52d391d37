"""Downloads are whole and proved, or cut off; whatever leaves is an attachment in a sandbox."""

from __future__ import annotations

import hashlib
import http.client
import logging
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.signals import request_finished
from django.db import close_old_connections
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from courseware.kit import streaming
from courseware.kit.streaming import BytesChanged, serve_bytes, serve_inline_derived

WORDS = b"0123456789" * 20_000  # four chunks
SHA = hashlib.sha256(WORDS).hexdigest()


@pytest.fixture(scope="module", autouse=True)
def _no_request_ends() -> Iterator[None]:
    """A response is closed here outside of a request; the database, which is none of this file's, is left alone."""
    request_finished.disconnect(close_old_connections)
    yield
    request_finished.connect(close_old_connections)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "evidence"
    path.write_bytes(WORDS)
    return path


def _get(
    path: Path, *, sha256: str = SHA, name: str = "plan.pdf", method: str = "GET", **headers: str
) -> HttpResponseBase:
    request = RequestFactory().generic(method, "/", headers={key.replace("_", "-"): v for key, v in headers.items()})
    return serve_bytes(request, path, sha256, name, "application/pdf")


def _body(response: HttpResponseBase) -> bytes:
    assert isinstance(response, StreamingHttpResponse)
    body = response.getvalue()
    response.close()
    return body


def test_a_whole_file_arrives_with_every_guard(file: Path) -> None:
    response = _get(file)
    assert response.status_code == 200
    assert dict(response.headers) == {
        "Content-Type": "application/pdf",
        "Content-Length": str(len(WORDS)),
        "Content-Disposition": 'attachment; filename="plan.pdf"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
        "Accept-Ranges": "bytes",
        "ETag": f'"{SHA}"',
    }
    assert _body(response) == WORDS


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("Emma’s Präsentation.pdf", "attachment; filename*=utf-8''Emma%E2%80%99s%20Pr%C3%A4sentation.pdf"),
        ('a"; filename=evil.html; x="b.pdf', 'attachment; filename="a__ filename=evil.html_ x=_b.pdf"'),
        ("a\r\nSet-Cookie: x=1.pdf", 'attachment; filename="aSet-Cookie_ x=1.pdf"'),
        ("../../etc/passwd", 'attachment; filename="passwd"'),
        ("", 'attachment; filename="file"'),
    ],
)
def test_a_name_never_leaves_its_place_in_the_header(file: Path, name: str, header: str) -> None:
    response = _get(file, name=name)
    assert response.headers["Content-Disposition"] == header
    response.close()


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-", 0, 200_000),
        ("bytes=10-19", 10, 20),
        ("bytes= 10 - 19", 10, 20),
        ("bytes=199990-", 199_990, 200_000),
        ("bytes=199990-900000", 199_990, 200_000),
        ("bytes=-5", 199_995, 200_000),
        ("bytes=-900000", 0, 200_000),
    ],
)
def test_a_range_gives_exactly_its_bytes(file: Path, asked: str, start: int, stop: int) -> None:
    response = _get(file, Range=asked)
    assert response.status_code == 206
    assert response.headers["Content-Range"] == f"bytes {start}-{stop - 1}/200000"
    assert response.headers["Content-Length"] == str(stop - start)
    assert _body(response) == WORDS[start:stop]


@pytest.mark.parametrize(
    "asked", ["bytes=5-2", "bytes=0-1,5-6", "lines=1-2", "bytes=a-b", "bytes=-", "bytes", "bytes=٣-٤"]
)
def test_a_range_that_cannot_be_read_gives_the_whole(file: Path, asked: str) -> None:
    response = _get(file, Range=asked)
    assert response.status_code == 200
    assert _body(response) == WORDS


@pytest.mark.parametrize("asked", ["bytes=200000-", "bytes=900000-900001", "bytes=-0"])
def test_a_range_past_the_end_is_refused_with_the_size(file: Path, asked: str) -> None:
    response = _get(file, Range=asked)
    assert response.status_code == 416
    assert response.headers["Content-Range"] == "bytes */200000"
    assert isinstance(response, HttpResponse)
    assert response.content == b""


@given(st.binary(min_size=1, max_size=300), st.integers(0, 400), st.integers(0, 400))
def test_any_range_is_the_slice_that_it_names(
    tmp_path_factory: pytest.TempPathFactory, body: bytes, a: int, b: int
) -> None:
    path = tmp_path_factory.mktemp("range") / "f"
    path.write_bytes(body)
    response = _get(path, sha256=hashlib.sha256(body).hexdigest(), Range=f"bytes={a}-{b}")
    if b < a:
        assert (response.status_code, _body(response)) == (200, body)
    elif a >= len(body):
        assert response.status_code == 416
    else:
        assert (response.status_code, _body(response)) == (206, body[a : b + 1])


def test_an_older_copy_is_not_continued(file: Path) -> None:
    response = _get(file, Range="bytes=10-19", If_Range='"another"')
    assert (response.status_code, _body(response)) == (200, WORDS)
    response = _get(file, Range="bytes=10-19", If_Range=f'"{SHA}"')
    assert (response.status_code, _body(response)) == (206, WORDS[10:20])


def test_asking_for_the_head_opens_and_sends_nothing(file: Path) -> None:
    response = _get(file, method="HEAD")
    assert isinstance(response, HttpResponse)
    assert (response.status_code, response.headers["Content-Length"], response.content) == (200, "200000", b"")
    part = _get(file, method="HEAD", Range="bytes=0-9")
    assert (part.status_code, part.headers["Content-Range"]) == (206, "bytes 0-9/200000")


@pytest.mark.parametrize("asked", [{}, {"Range": "bytes=0-"}])
def test_changed_bytes_are_cut_off_before_the_end(
    file: Path, asked: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    file.write_bytes(WORDS[:-1] + b"X")
    response = _get(file, **asked)
    assert isinstance(response, StreamingHttpResponse)
    with caplog.at_level(logging.ERROR, "courseware.kit.streaming"):
        pieces = iter(response)
        got = b"".join(next(pieces) for _ in range(3))
        with pytest.raises(BytesChanged):
            next(pieces)
    response.close()
    assert got == WORDS[: 3 * streaming.CHUNK]
    assert [record.message for record in caplog.records] == [f"Bytes on disk differ from the record: {file}"]


def test_a_small_changed_file_does_not_leave_at_all(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"changed")
    response = _get(path)
    assert isinstance(response, StreamingHttpResponse)
    with pytest.raises(BytesChanged):
        next(iter(response))
    response.close()


def test_a_file_cut_short_while_it_streams_is_not_called_complete(file: Path) -> None:
    response = _get(file, Range="bytes=0-150000")
    assert isinstance(response, StreamingHttpResponse)
    file.write_bytes(WORDS[:70_000])
    with pytest.raises(BytesChanged):
        b"".join(response)
    response.close()


def test_an_answer_that_nobody_reads_is_closed(file: Path) -> None:
    response = _get(file)
    response.close()
    with pytest.raises(ValueError, match="closed file"):
        b"".join(response)


def test_a_download_is_never_compressed(file: Path) -> None:
    request = RequestFactory().get("/", headers={"Accept-Encoding": "gzip, br"})
    middleware = GZipMiddleware(lambda r: serve_bytes(r, file, SHA, "a.csv", "text/csv"))
    response = middleware(request)
    assert isinstance(response, StreamingHttpResponse)
    assert "Content-Encoding" not in response.headers
    assert response.headers["Content-Length"] == "200000"
    assert _body(response) == WORDS


def test_a_missing_file_is_said_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        _get(tmp_path / "gone")


def test_memory_does_not_grow_with_the_download(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as large:
        large.truncate(64 << 20)
    with path.open("rb") as large:
        sha256 = hashlib.file_digest(large, "sha256").hexdigest()
    response = _get(path, sha256=sha256)
    assert isinstance(response, StreamingHttpResponse)
    tracemalloc.start()
    try:
        size = sum(len(piece) for piece in response)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        response.close()
    assert size == 64 << 20
    assert peak < 1 << 20


def test_a_picture_of_ours_is_shown_in_place_and_asked_for_each_time(tmp_path: Path) -> None:
    path = tmp_path / "page-1.webp"
    path.write_bytes(b"RIFF")
    response = serve_inline_derived(RequestFactory().get("/"), path, "image/webp")
    assert isinstance(response, HttpResponse)
    assert (response.status_code, response.content) == (200, b"RIFF")
    assert response.headers["Content-Disposition"] == "inline"
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    again = RequestFactory().get("/", headers={"If-None-Match": response.headers["ETag"]})
    assert serve_inline_derived(again, path, "image/webp").status_code == 304


@pytest.mark.parametrize("media_type", ["image/svg+xml", "text/html", "application/pdf", "image/gif"])
def test_nothing_but_our_own_pictures_is_ever_shown_in_place(file: Path, media_type: str) -> None:
    with pytest.raises(ValueError, match="never shown in a page"):
        serve_inline_derived(RequestFactory().get("/"), file, media_type)


@pytest.mark.django_db(transaction=True)
@pytest.mark.urls("tests.editor_pages")
def test_over_the_wire_changed_bytes_never_look_complete(live_server: Any, settings: Any, tmp_path: Path) -> None:
    settings.EVIDENCE_ROOT = tmp_path
    (tmp_path / "plan.pdf").write_bytes(WORDS)
    answers = {}
    for kind in ("file", "changed"):
        connection = http.client.HTTPConnection(live_server.thread.host, live_server.thread.port, timeout=20)
        connection.request("GET", f"/{kind}/plan.pdf", headers={"Connection": "close"})
        response = connection.getresponse()
        assert response.getheader("Content-Length") == str(len(WORDS))
        try:
            answers[kind] = response.read()
        except http.client.IncompleteRead as cut:
            answers[kind] = b"cut" + cut.partial
        finally:
            connection.close()
    assert answers["file"] == WORDS
    assert answers["changed"] == b"cut" + WORDS[: 3 * streaming.CHUNK]


def test_a_server_in_front_is_told_which_file_only_when_it_is_what_is_on_record(settings, tmp_path):
    settings.EVIDENCE_ROOT, settings.EVIDENCE_ACCEL = tmp_path, "/evidence-bytes/"
    path = tmp_path / "a" / "b"
    path.parent.mkdir()
    path.write_bytes(b"as handed in")
    sha256 = hashlib.sha256(b"as handed in").hexdigest()

    def ask(method="get", **headers):
        return serve_bytes(
            getattr(RequestFactory(), method)("/", headers=headers), path, sha256, "a.pdf", "application/pdf"
        )

    told = ask()
    assert (told.status_code, told.content, told["X-Accel-Redirect"]) == (200, b"", "/evidence-bytes/a/b")
    assert told["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert told["Content-Disposition"] == 'attachment; filename="a.pdf"'
    path.write_bytes(b"as changed..")
    with pytest.raises(BytesChanged):
        ask()
    for asked in (ask(Range="bytes=0-3"), ask(Range="bytes=90-"), ask("head")):
        assert asked["X-Accel-Redirect"] == "/evidence-bytes/a/b"
    settings.EVIDENCE_ROOT = tmp_path / "elsewhere"
    assert "X-Accel-Redirect" not in ask("head")
