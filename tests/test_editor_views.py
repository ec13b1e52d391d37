"""The preview answers whoever may write, with clean HTML and within limits; the upload answers nobody."""

from __future__ import annotations

import io
import time
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse

from courseware.kit import markdown
from courseware.kit.editor import views
from tests import files

pytestmark = pytest.mark.django_db

PREVIEW, UPLOAD = "/markdownx/markdownify/", "/markdownx/upload/"
HOSTILE = [
    ("evil.html", files.HTML, "image/gif"),
    ("evil.svg", files.SVG, "image/svg+xml"),
    ("bomb.png", files.png_claiming(30_000, 30_000), "image/png"),
    ("../../evil.png", files.image(), "image/png"),
    ("fine.jpg", files.image("JPEG"), "image/jpeg"),
]


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    cache.clear()


@pytest.fixture
def writer() -> Client:
    client = Client()
    client.force_login(get_user_model().objects.create(email="writer@centre.example"))
    return client


def refuse_all(request: HttpRequest) -> bool:
    return False


def test_the_addresses_keep_the_names_of_the_package() -> None:
    assert reverse("markdownx_markdownify") == PREVIEW
    assert reverse("markdownx_upload") == UPLOAD


def test_a_preview_is_clean_html(writer: Client) -> None:
    text = "# Plan\n\n**Why** <script>parent.sentinel()</script> [x](javascript:alert(1))"
    response = writer.post(PREVIEW, {"content": text})
    assert response.status_code == 200
    assert response.content.decode() == str(markdown.render(text))
    assert "<strong>Why</strong>" in response.content.decode()
    assert "<script" not in response.content.decode()
    assert "javascript:" not in response.content.decode().replace("[x](javascript:alert(1))", "")
    assert "no-store" in response.headers["Cache-Control"]


def test_a_preview_of_nothing_is_nothing(writer: Client) -> None:
    assert writer.post(PREVIEW).content == b""


@pytest.mark.parametrize("address", [PREVIEW, UPLOAD])
def test_nobody_who_is_not_signed_in_is_answered(address: str) -> None:
    response = Client().post(address, {"content": "**words**", "image": SimpleUploadedFile("a.png", files.image())})
    assert response.status_code == 401
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().startswith("You have been signed out. Your text is still here")
    assert isinstance(AnonymousUser(), AnonymousUser)


@pytest.mark.parametrize("address", [PREVIEW, UPLOAD])
def test_reading_the_address_does_nothing(writer: Client, address: str) -> None:
    assert writer.get(address).status_code == 405


@pytest.mark.parametrize("address", [PREVIEW, UPLOAD])
def test_another_site_cannot_ask_in_a_persons_name(address: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(get_user_model().objects.create(email="writer@centre.example"))
    assert client.post(address, {"content": "words"}).status_code == 403


@pytest.mark.parametrize("address", [PREVIEW, UPLOAD])
def test_a_centre_can_ask_a_stricter_question(writer: Client, settings: Any, address: str) -> None:
    settings.EDITOR_PERMISSION = "tests.test_editor_views.refuse_all"
    response = writer.post(address, {"content": "words"})
    assert (response.status_code, response.content) == (403, b"The preview is not for you.")


def test_a_text_of_the_longest_length_is_shown_and_one_more_is_not(writer: Client) -> None:
    assert writer.post(PREVIEW, {"content": "x" * markdown.LIMIT}).status_code == 200
    response = writer.post(PREVIEW, {"content": "x" * (markdown.LIMIT + 1)})
    assert response.status_code == 413
    assert response.content.decode() == (
        f"The text is longer than {markdown.LIMIT:,} characters. It is not shown here until it is shorter."
    )


def test_previews_pause_when_there_are_too_many_in_a_minute(writer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "PER_MINUTE", 3)
    minute = (time.time() // 60 + 1) * 60
    monkeypatch.setattr(time, "time", lambda: minute)
    assert [writer.post(PREVIEW, {"content": "x"}).status_code for _ in range(4)] == [200, 200, 200, 429]
    response = writer.post(PREVIEW, {"content": "x"})
    assert response.headers["Retry-After"] == "60"
    assert response.content.decode() == "The preview pauses for a minute. Your text is not affected."
    other = Client()
    other.force_login(get_user_model().objects.create(email="other@centre.example"))
    assert other.post(PREVIEW, {"content": "x"}).status_code == 200
    monkeypatch.setattr(time, "time", lambda: minute + 60)
    assert writer.post(PREVIEW, {"content": "x"}).status_code == 200


def test_a_cache_that_forgets_stops_nobody(writer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "add", lambda *_args, **_options: False)
    assert writer.post(PREVIEW, {"content": "x"}).status_code == 200


@pytest.mark.parametrize(("name", "body", "kind"), HOSTILE)
def test_no_upload_is_taken_whatever_it_is(writer: Client, name: str, body: bytes, kind: str, settings: Any) -> None:
    before = sorted(settings.DATA_DIR.rglob("*")) if hasattr(settings, "DATA_DIR") else []
    response = writer.post(UPLOAD, {"image": SimpleUploadedFile(name, io.BytesIO(body).read(), kind)})
    assert response.status_code == 403
    assert response.content.decode() == "Pictures cannot be put into a text. Add the file as evidence of its own."
    assert before == (sorted(settings.DATA_DIR.rglob("*")) if hasattr(settings, "DATA_DIR") else [])
