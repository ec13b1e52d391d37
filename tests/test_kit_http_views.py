"""Refusals, faults and ended sessions are pages with a reason, and nothing typed is lost."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory

from courseware.kit import http
from courseware.people.models import User

TEXT = "The map now runs to the postcard in the box."
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _pages(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.kit_pages"
    settings.SHELL_READING = "tests.kit_pages.shell_for"
    template = dict(configured.TEMPLATES[0])
    settings.TEMPLATES = [template | {"DIRS": [*template["DIRS"], Path(__file__).parent / "templates"]}]


@pytest.fixture
def person(db: None) -> User:
    return User.objects.create_user("tutor@demo.example", "correct horse")


@pytest.fixture
def visitor(person: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client


def body(response: Any) -> str:
    text: str = response.content.decode()
    return text


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        ("yours", 403, "Only the named tutor may decide this."),
        ("now", 409, "Two criteria are not met yet: 1.1 and 2.3."),
        ("stale", 409, "Sunita Rao decided this while you were writing"),
        ("moved", 409, "This was withdrawn while you were writing"),
        ("denied", 403, "Your role here does not include it."),
        ("suspicious", 400, "Nothing was changed."),
        ("broken", 500, "Something broke on our side"),
    ],
)
def test_every_refusal_is_a_page_of_the_house_with_its_reason(
    visitor: Client, kind: str, status: int, words: str
) -> None:
    response = visitor.post(f"/refuse/{kind}/", {"feedback": TEXT})
    assert response.status_code == status
    assert words in body(response)
    assert '<main id="main"' in body(response)


@pytest.mark.parametrize("kind", ["yours", "now", "stale", "moved", "denied"])
def test_a_refusal_shows_what_was_typed(visitor: Client, kind: str) -> None:
    files = {"file": SimpleUploadedFile("map.pdf", b"x")}
    response = visitor.post(f"/refuse/{kind}/", {"feedback": TEXT, "password": "hunter two", **files})
    assert TEXT in body(response)
    assert "map.pdf" in body(response)
    assert "hunter two" not in body(response)


def test_a_stale_write_shows_what_is_on_record_beside_what_was_typed(visitor: Client) -> None:
    page = body(visitor.post("/refuse/stale/", {"feedback": TEXT}))
    assert "On record: Sunita Rao" in page
    assert "On record now." in page
    assert "Saturday 14 November 2026, 16:10" in page
    assert page.index("On record now.") < page.index(TEXT)


def test_a_stale_write_of_nothing_says_so(visitor: Client) -> None:
    assert "You had written nothing." in body(visitor.post("/refuse/moved/", {"key": "x"}))


def test_a_refusal_reached_by_reading_has_no_box_of_typed_text(visitor: Client) -> None:
    assert "What you wrote" not in body(visitor.get("/refuse/now/"))


def test_more_text_than_a_form_takes_is_said_to_be_too_large(visitor: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    response = visitor.post("/", {"feedback": TEXT * 10})
    assert (response.status_code, "That is too large" in body(response)) == (413, True)


def test_the_way_back_leads_to_the_page_that_one_came_from(visitor: Client) -> None:
    page = body(visitor.post("/refuse/now/", {}, headers={"Referer": "http://testserver/marking/?page=2"}))
    assert 'href="/marking/?page=2"' in page


def test_the_way_back_never_leads_to_another_site(visitor: Client) -> None:
    assert "elsewhere" not in body(visitor.post("/refuse/now/", {}, headers={"Referer": "http://elsewhere.example/x"}))


def test_the_way_back_from_a_page_that_was_only_read_is_itself(visitor: Client) -> None:
    assert 'href="/refuse/now/"' in body(visitor.get("/refuse/now/"))


def test_htmx_gets_the_reason_where_it_is_read_out_and_the_form_stays(visitor: Client) -> None:
    response = visitor.post("/refuse/now/", {"feedback": TEXT}, headers=HTMX)
    assert (response.status_code, response["HX-Retarget"]) == (409, "#notices")
    assert "Two criteria are not met yet" in body(response)
    assert "<main" not in body(response)


def test_a_boosted_link_gets_the_whole_page(visitor: Client) -> None:
    assert "<main" in body(visitor.get("/refuse/now/", headers={**HTMX, "HX-Boosted": "true"}))


def test_what_is_not_there_and_what_may_not_be_known_look_the_same(visitor: Client) -> None:
    response = visitor.get("/nowhere/")
    assert response.status_code == 404
    assert "it belongs to somebody else" in body(response)


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_address_with_nul_in_it_makes_no_sense_and_reaches_no_view(visitor: Client, method: str) -> None:
    for address in ("/refuse/yours%00/", "/refuse/%00/"):
        response = getattr(visitor, method)(address)
        assert response.status_code == 400
        assert "makes no sense" in body(response)
        assert "private" in response["Cache-Control"]


def test_the_fault_page_needs_no_database_and_no_template(monkeypatch: pytest.MonkeyPatch) -> None:
    request = RequestFactory().get("/")
    assert "Something broke on our side" in http.server_error(request).content.decode()

    def broken(_name: str) -> str:
        raise ValueError("no manifest")

    monkeypatch.setattr(http, "render_to_string", broken)
    response = http.server_error(request)
    assert (response.status_code, b"Something broke on our side" in response.content) == (500, True)


# -- Sessions and tokens -----------------------------------------------------------------------------------------------


def test_a_form_sent_after_the_session_ended_shows_what_was_typed_and_the_way_back(db: None) -> None:
    came_from = {"Referer": "http://testserver/marking/7/"}
    response = Client().post("/members/", {"feedback": TEXT}, headers=came_from)
    assert response.status_code == 401
    assert TEXT in body(response)
    assert "/accounts/login/?next=%2Fmarking%2F7%2F" in body(response)
    assert response["WWW-Authenticate"].startswith("Session")


def test_an_address_that_only_takes_a_form_says_so(visitor: Client) -> None:
    response = visitor.get("/only-a-form/")
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert "This address only takes what a form sends. Nothing was changed." in body(response)
    assert body(visitor.put("/only-a-form/")) == ""  # no person asks so


def test_a_page_read_after_the_session_ended_goes_to_sign_in(db: None) -> None:
    assert Client().get("/members/").status_code == 302


def test_htmx_is_told_of_the_ended_session_and_never_given_the_sign_in_page(db: None) -> None:
    response = Client().get("/members/", headers=HTMX)
    assert (response.status_code, response["HX-Retarget"]) == (401, "#notices")
    assert "You have been signed out." in body(response)


def test_a_script_is_told_of_the_ended_session_and_where_to_sign_in(db: None) -> None:
    response = Client().post("/members/", {"text": TEXT}, headers={"X-Requested-With": "XMLHttpRequest"})
    assert (response.status_code, response["X-Sign-In"]) == (401, "/accounts/login/?next=%2F")


SCRIPT = {"X-Requested-With": "XMLHttpRequest"}


def test_a_script_gets_the_reason_and_what_is_on_record_as_json(visitor: Client) -> None:
    refused = visitor.post("/refuse/now/", {"text": TEXT}, headers=SCRIPT)
    assert (refused.status_code, refused.json()) == (409, {"reason": "Two criteria are not met yet: 1.1 and 2.3."})
    stale = visitor.post("/refuse/stale/", {"text": TEXT}, headers=SCRIPT).json()
    assert (stale["by"], stale["text"]) == ("Sunita Rao", "On record now.")


def test_a_script_with_an_old_token_is_told_whether_the_session_ended(person: User) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/", {"text": TEXT}, headers=SCRIPT).status_code == 401
    client.force_login(person)
    response = client.post("/", {"text": TEXT}, headers=SCRIPT)
    assert (response.status_code, "open for too long" in response.json()["reason"]) == (403, True)


def test_a_form_with_an_old_token_shows_what_was_typed(person: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    response = client.post("/", {"feedback": TEXT, "csrfmiddlewaretoken": "x" * 64})
    assert response.status_code == 403
    assert TEXT in body(response)
    assert "Open the form again" in body(response)


def sent_once_more(response: Any) -> tuple[str, dict[str, str]]:
    """Where the page's form goes, and its fields."""
    form = body(response).partition("<main")[2].partition('<form method="post" action="')[2].partition("</form>")[0]
    fields = re.findall(r'name="([^"]*)" value="([^"]*)"', form)
    return form.partition('"')[0], {name: html.unescape(value) for name, value in fields}


def test_what_a_signed_out_person_sent_is_sent_once_more_after_signing_in(person: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies["csrftoken"] = "a" * 32
    sent = {"feedback": TEXT, "code": "12", "csrfmiddlewaretoken": "a" * 32}
    address, fields = sent_once_more(client.post("/members/?of=7", sent))
    assert (address, fields | {"csrfmiddlewaretoken": ""}) == ("/members/?of=7", {**sent, "csrfmiddlewaretoken": ""})
    client.force_login(person)
    fields["csrfmiddlewaretoken"] = "b" * 32  # signing in gives a new one
    response = client.post(address, fields)
    assert response.status_code == 403
    address, fields = sent_once_more(response)
    assert body(client.post(address, fields)) == "in"


@pytest.mark.parametrize("more", [{"password": "hunter two"}, {"file": SimpleUploadedFile("map.pdf", b"x")}])
def test_a_form_with_a_secret_or_a_file_is_only_shown_to_be_copied(db: None, more: dict[str, Any]) -> None:
    page = body(Client().post("/members/", {"feedback": TEXT, **more}))
    assert TEXT in page
    assert "Copy what you wrote" in page
    assert 'method="post"' not in page
    assert "hunter two" not in page


def test_a_form_from_another_site_is_refused_without_a_word_of_it(person: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    response = client.post("/", {"feedback": TEXT}, headers={"Origin": "https://elsewhere.example"})
    assert response.status_code == 403
    assert TEXT not in body(response)


def test_typed_text_is_what_people_write_and_nothing_of_the_machine() -> None:
    sent = {"feed_back": " Two\nlines ", "blank": " ", "revision": "3", "item": "6f0e2b6e-6b0c-4b7f-8a51-0d8a2cf8a6a4"}
    request = RequestFactory().post("/", {**sent, "key": "anything", "one_password": "secret"})
    assert http.typed(request) == [http.Typed("feed_back", "Feed back", " Two\nlines ")]
    assert http.typed(request)[0].long


def test_short_text_asks_for_a_small_box() -> None:
    assert not http.Typed("a", "A", "short").long


# -- Answers -----------------------------------------------------------------------------------------------------------


def test_after_a_form_a_browser_goes_on_with_303_and_htmx_by_header(db: None) -> None:
    factory = RequestFactory()
    plain = http.see_other(factory.post("/"), "/units/412/")
    assert (plain.status_code, plain["Location"]) == (303, "/units/412/")
    quick = http.see_other(factory.post("/", headers=HTMX), "today")
    assert (quick.status_code, quick["HX-Redirect"]) == (200, "/")


def test_htmx_gets_the_fragment_and_a_browser_the_page(visitor: Client) -> None:
    part, page = visitor.get("/", headers=HTMX), visitor.get("/")
    assert body(part).startswith('<div id="part">')
    assert "<main" in body(page)
    assert "HX-Request" in page["Vary"]


def test_signed_in_pages_stay_out_of_shared_caches_and_keep_the_back_button(visitor: Client) -> None:
    assert visitor.get("/members/")["Cache-Control"] == "private, no-cache"


def test_a_view_that_sets_headers_of_its_own_keeps_them(visitor: Client) -> None:
    response = visitor.get("/members/?own")
    assert response["Cache-Control"] == "private, max-age=5"
    assert response["Cross-Origin-Resource-Policy"] == "same-site"


@pytest.mark.parametrize("path", ["/", "/nowhere/", "/refuse/now/", "/refuse/broken/", "/refuse/suspicious/"])
def test_every_answer_carries_the_security_headers(visitor: Client, path: str) -> None:
    headers = visitor.get(path).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Permissions-Policy"]


def test_no_page_holds_inline_style_script_or_handlers(visitor: Client) -> None:
    for path in ("/", "/refuse/stale/", "/nowhere/", "/accounts/password/change/"):
        page = body(visitor.get(path))
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page))


def test_too_many_tries_at_sign_in_get_our_page(db: None, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "look"}}
    client = Client()
    for _ in range(2):
        response = client.post("/accounts/login/", {"login": "a@b.example", "password": "x"})
    assert response.status_code == 429
    assert "Wait a minute, then try again" in body(response)
