"""The frame of a page: navigation, counts, switch, theme, and nothing of it for a stranger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory

from courseware.kit import context
from courseware.kit.context import Shell, shell_of
from courseware.people.models import User
from tests.kit_pages import flat


@pytest.fixture(autouse=True)
def _pages(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.kit_pages"
    settings.SHELL_READING = "tests.kit_pages.shell_for"
    template = dict(configured.TEMPLATES[0])
    settings.TEMPLATES = [template | {"DIRS": [*template["DIRS"], Path(__file__).parent / "templates"]}]


@pytest.fixture
def visitor(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("tutor@demo.example"))
    return client


def request_of(user: Any) -> Any:
    request = RequestFactory().get("/")
    request.user = user
    return request


def test_the_frame_shows_person_navigation_and_what_waits(visitor: Client) -> None:
    page = flat(visitor.get("/").content.decode())
    assert ">Daniel Hughes</summary>" in page
    assert '<a href="/" aria-current="page">Today</a>' in page
    assert '7<span class="vh">waiting</span>' in page
    assert page.count('class="count"') == 1


def test_the_theme_is_written_by_the_server(visitor: Client) -> None:
    visitor.cookies["theme"] = "dark"
    assert '<html lang="en-GB" data-theme="dark">' in flat(visitor.get("/").content.decode())


def test_the_centre_switch_and_signing_out_are_forms(visitor: Client) -> None:
    page = flat(visitor.get("/").content.decode())
    assert '<form method="post" action="/switch/"' in page
    assert '<button name="centre" value="a" aria-current="true">' in page
    assert '<form method="post" action="/accounts/logout/">' in page


def test_a_stranger_sees_no_navigation_and_no_menu(db: None) -> None:
    page = flat(Client().get("/").content.decode())
    assert "mainnav" not in page
    assert "<summary>" not in page
    assert '<html lang="en-GB">' in page


def test_messages_are_notices_in_their_tone(visitor: Client) -> None:
    sent = {"name": "Map", "kind": "a", "own": "on", "decision": "met", "key": "6f0e2b6e-6b0c-4b7f-8a51-0d8a2cf8a6a4"}
    page = flat(visitor.post("/", sent, follow=True).content.decode())
    assert 'data-tone="done"' in page
    assert "Recorded: 1.1 Met for Maya Okafor." in page


def test_the_frame_is_asked_once_a_request(settings: Any) -> None:
    request = request_of(User(email="a@b.example"))
    assert shell_of(request) is shell_of(request)


@pytest.mark.parametrize("path", ["", "assessment.readings.nowhere.shell_for", "nowhere.at_all.shell_for"])
def test_without_a_reading_the_frame_is_empty(settings: Any, path: str) -> None:
    settings.SHELL_READING = path
    assert shell_of(request_of(User(email="a@b.example"))) == Shell()


def test_a_broken_reading_is_heard_of(settings: Any) -> None:
    settings.SHELL_READING = "tests.kit_pages.no_such_name"
    with pytest.raises(ImportError):
        shell_of(request_of(User(email="a@b.example")))


def test_nobody_has_an_empty_frame() -> None:
    assert shell_of(request_of(AnonymousUser())) == Shell()
    assert shell_of(RequestFactory().get("/")) == Shell()


def test_a_template_that_does_not_use_the_frame_does_not_ask_for_it(settings: Any) -> None:
    settings.SHELL_READING = "tests.kit_pages.no_such_name"
    assert list(context.shell(request_of(User(email="a@b.example")))) == ["shell"]
