"""The second step: set up, asked at sign-in, recovered from, limited; and what is sensitive asks again who it is."""

from __future__ import annotations

import re
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.conf import settings as house
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from courseware.people import workflow
from courseware.people.models import Centre, User

from .people_builders import administrator_of, make_centre, make_user
from .security_builders import (
    SECRET,
    code_of,
    codes_of,
    give_code,
    give_password,
    is_signed_in,
    key,
    signed_in,
    totp_of,
    with_passkey,
    with_totp,
)

pytestmark = pytest.mark.django_db
APP, CODES, SECURITY = "/profile/security/app/", "/profile/security/recovery-codes/", "/profile/security/"


@pytest.fixture(autouse=True)
def _no_earlier_tries() -> None:
    cache.clear()


@pytest.fixture
def letters(django_capture_on_commit_callbacks: Any) -> Any:
    """A block after which the letters of what was done in it have gone out."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def setup_of(page: str) -> tuple[str, str]:
    """The signed setup and the secret that the page shows as text."""
    setup, secret = re.search(r'name="setup" value="([^"]+)"', page), re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert setup
    assert secret
    return setup[1], secret[1].replace(" ", "")


# -- Setting up --------------------------------------------------------------------------------------------------------


def test_an_app_is_set_up_with_a_picture_a_key_and_a_first_code(client: Client, letters: Any) -> None:
    user = make_user(make_centre(), "tutor")
    give_password(client, user)  # whoever has just signed in is not asked again
    page = client.get(APP).content.decode()
    assert "<svg" in page
    assert "style=" not in page
    setup, secret = setup_of(page)
    wrong = client.post(APP, {"setup": setup, "code": "000000"} | key())
    assert wrong.status_code == 422
    assert setup_of(wrong.content.decode()) == (setup, secret)  # the picture that was scanned stays
    assert not Authenticator.objects.exists()
    with letters():
        done = client.post(APP, {"setup": setup, "code": code_of(secret), "next": "/profile/"} | key())
    assert (done.status_code, done["Location"]) == (303, CODES + "?next=%2Fprofile%2F")
    assert Authenticator.objects.filter(user=user, type="totp").count() == 1
    assert secret not in str(totp_of(user).data)  # unreadable in the table
    assert "was set up" in mail.outbox[-1].subject
    assert secret not in str(mail.outbox[-1].body)


def test_recovery_codes_are_shown_and_downloaded_until_they_are_kept(client: Client, letters: Any) -> None:
    user = make_user(make_centre(), "tutor")
    give_password(client, user)
    setup, secret = setup_of(client.get(APP).content.decode())
    client.post(APP, {"setup": setup, "code": code_of(secret)} | key())
    codes = codes_of(user)
    assert len(codes) == 10
    page = client.get(CODES).content.decode()
    assert all(code in page for code in codes)
    file = client.get(CODES + "?as=text")
    assert file["Content-Disposition"] == 'attachment; filename="courseware-recovery-codes.txt"'
    assert all(code in file.content.decode() for code in codes)
    kept = client.post(CODES, {"act": "kept", "next": "/profile/"} | key())
    assert kept["Location"] == "/profile/"
    assert not any(code in client.get(CODES).content.decode() for code in codes)
    assert client.get(CODES + "?as=text").status_code == 404
    assert client.post(CODES, {}).status_code == 422
    with letters():
        assert client.post(CODES, key())["Location"] == CODES
    fresh = codes_of(user)
    assert not set(fresh) & set(codes)
    assert fresh[0] in client.get(CODES).content.decode()
    assert "New recovery codes" in mail.outbox[-1].subject


def test_shown_codes_are_not_shown_for_ever(client: Client) -> None:
    user = with_totp(make_user(make_centre(), "tutor"))
    with time_machine.travel("2026-11-21 10:00:00Z", tick=False) as now:
        client = signed_in(user)
        client.post(CODES, key())
        now.shift(601)
        assert codes_of(user)[0] not in signed_in(user).get(CODES).content.decode()


def test_a_form_sent_twice_sets_up_one_app_and_another_persons_setup_is_none(client: Client) -> None:
    centre = make_centre()
    user, other = make_user(centre, "tutor"), make_user(centre, "tutor")
    browser = signed_in(user)
    setup, secret = setup_of(browser.get(APP).content.decode())
    twice = {"setup": setup, "code": code_of(secret)} | key()
    assert [browser.post(APP, twice).status_code for _ in range(2)] == [303, 303]
    assert Authenticator.objects.filter(user=user).count() == 2  # the app, and the codes
    assert browser.get(APP).status_code == 409
    page = signed_in(other).post(APP, twice)
    assert page.status_code == 422
    assert secret not in page.content.decode()
    assert not Authenticator.objects.filter(user=other).exists()


def test_a_page_open_for_too_long_shows_a_new_picture() -> None:
    user = make_user(make_centre(), "tutor")
    with time_machine.travel("2026-11-21 10:00:00Z") as now:
        setup, secret = setup_of(signed_in(user).get(APP).content.decode())
        now.shift(3601)
        page = signed_in(user).post(APP, {"setup": setup, "code": code_of(secret)} | key())
    assert page.status_code == 422
    assert "open for too long" in page.content.decode()
    assert setup_of(page.content.decode())[1] != secret


def test_a_key_that_was_changed_makes_no_secret_that_everybody_knows(client: Client, settings: Any) -> None:
    user = with_totp(make_user(make_centre(), "tutor"))
    settings.SECRET_KEY = "another-one-0123456789-0123456789-0123456789-0123456789"
    give_password(client, user)
    for guess in (code_of(), code_of("")):
        assert give_code(client, guess).status_code == 422
    settings.SECRET_KEY_FALLBACKS = [house.SECRET_KEY, "of-the-tests-and-of-nothing-else-0123456789abcdef"]
    assert give_code(client, code_of()).status_code == 302


# -- Signing in --------------------------------------------------------------------------------------------------------


def test_the_password_alone_opens_nothing_and_the_code_leads_on(client: Client) -> None:
    user = with_totp(make_user(make_centre(), "tutor"))
    assert give_password(client, user, next="/profile/")["Location"] == "/sign-in/second-step/"
    assert not is_signed_in(client)
    assert client.get("/profile/").status_code == 302
    assert give_code(client, "").status_code == 422
    wrong = give_code(client, "123 456")
    assert wrong.status_code == 422
    assert "does not fit" in wrong.content.decode()
    assert not is_signed_in(client)
    done = give_code(client, code_of()[:3] + " " + code_of()[3:])
    assert (done.status_code, done["Location"]) == (302, "/profile/")
    assert is_signed_in(client)
    assert totp_of(user).last_used_at is not None


def test_a_code_works_once_and_a_minute_later_it_is_too_old() -> None:
    user = with_totp(make_user(make_centre(), "tutor"))
    with time_machine.travel("2026-11-21 10:00:05Z", tick=False) as now:
        code = code_of()
        first, second, third = Client(), Client(), Client()
        for browser in (first, second, third):
            give_password(browser, user)
        assert give_code(first, code).status_code == 302
        now.shift(40)  # the library has forgotten it, and the step before still counts
        assert give_code(second, code).status_code == 422
        assert give_code(second, code_of(later=-1)).status_code == 422
        assert give_code(second, code_of(later=1)).status_code == 302  # a phone that is a little fast
        now.shift(90)
        assert give_code(third, code_of(later=-3)).status_code == 422
        assert not is_signed_in(third)


def test_a_recovery_code_is_the_way_out_once_and_a_letter_says_so(client: Client, letters: Any) -> None:
    user = with_totp(make_user(make_centre(), "tutor"))
    code = codes_of(user)[0]
    give_password(client, user)
    with letters():
        assert give_code(client, code).status_code == 302
    assert "recovery code of your account was used" in mail.outbox[-1].subject
    assert code not in str(mail.outbox[-1].body)
    assert code not in codes_of(user)
    again = Client()
    give_password(again, user)
    assert give_code(again, code).status_code == 422


def test_the_step_is_nobodys_without_a_password_and_can_be_left(client: Client) -> None:
    user = with_totp(make_user(make_centre(), "tutor"))
    assert client.get("/sign-in/second-step/")["Location"] == "/sign-in/"
    give_password(client, user)
    assert client.get("/sign-in/second-step/").status_code == 200
    client.post("/sign-out/")
    assert client.get("/sign-in/second-step/")["Location"] == "/sign-in/"
    assert not is_signed_in(client)


# -- Removing ----------------------------------------------------------------------------------------------------------


def test_removing_the_last_one_ends_the_codes_and_a_second_click_is_no_fault(letters: Any) -> None:
    user = with_passkey(with_totp(make_user(make_centre(), "tutor")))
    client = signed_in(user)
    address = f"/profile/security/{totp_of(user).pk}/remove/"
    assert "Remove Authenticator app" in client.get(address).content.decode()
    assert client.post(address, {}).status_code == 422
    with letters():
        assert [client.post(address, key()).status_code for _ in range(2)] == [303, 303]
    assert set(Authenticator.objects.values_list("type", flat=True)) == {"webauthn", "recovery_codes"}
    last = Authenticator.objects.get(type="webauthn")
    with letters():
        client.post(f"/profile/security/{last.pk}/remove/", key())
    assert not Authenticator.objects.exists()
    assert [letter.subject.split(" from")[0] for letter in mail.outbox[-2:]] == [
        "The authenticator app was removed",
        "A passkey was removed",
    ]


def test_another_persons_is_not_there_and_stays() -> None:
    centre = make_centre()
    user = with_passkey(with_totp(make_user(centre, "tutor")))
    client = signed_in(administrator_of(centre))
    for factor in Authenticator.objects.filter(user=user).order_by("pk"):
        assert client.get(f"/profile/security/{factor.pk}/remove/").status_code == 404
        client.post(f"/profile/security/{factor.pk}/remove/", key())
        assert client.post(f"/profile/security/passkey/{factor.pk}/", {"name": "Hers"} | key()).status_code == 404
    assert Authenticator.objects.filter(user=user).count() == 3


# -- The gate ----------------------------------------------------------------------------------------------------------


def _rule(centre: Centre, rule: str) -> None:
    workflow.set_second_step(by=administrator_of(centre), centre=centre, second_step=rule, seen="nobody")


def test_whoever_is_bound_is_led_to_setting_up_and_back_to_where_they_were(client: Client) -> None:
    centre = make_centre("Calder Vale")
    user = make_user(centre, "tutor")
    _rule(centre, "staff")
    give_password(client, user)
    led = client.get("/profile/")
    assert led["Location"] == SECURITY + "?next=%2Fprofile%2F"
    page = client.get(led["Location"]).content.decode()
    assert "Calder Vale asks for a second step" in " ".join(page.split())
    assert "/profile/security/app/?next=%2Fprofile%2F" in page
    setup, secret = setup_of(client.get(APP).content.decode())
    client.post(APP, {"setup": setup, "code": code_of(secret), "next": "/profile/"} | key())
    assert client.post(CODES, {"act": "kept", "next": "/profile/"} | key())["Location"] == "/profile/"
    assert client.get("/profile/").status_code == 200
    assert client.get(f"/profile/security/{totp_of(user).pk}/remove/").status_code == 200
    refused = client.post(f"/profile/security/{totp_of(user).pk}/remove/", key())
    assert refused.status_code == 409
    assert Authenticator.objects.filter(user=user, type="totp").exists()


def test_text_in_a_form_is_shown_again_and_nothing_is_done(client: Client) -> None:
    centre = make_centre()
    admin = administrator_of(centre)
    client = signed_in(admin)
    _rule(centre, "everybody")
    sent = {"centre": str(centre.uid), "name": "Somebody New", "email": "new@example.org", "roles": "learner"} | key()
    answer = client.post("/centre/people/add/", sent)
    assert answer.status_code == 403
    assert "Somebody New" in answer.content.decode()
    assert "Set it up" in answer.content.decode()
    assert not User.objects.filter(email="new@example.org").exists()
    script = client.post("/centre/people/add/", sent, headers={"X-Requested-With": "XMLHttpRequest"})
    assert (script.status_code, "second step" in script.json()["reason"]) == (403, True)
    assert client.get("/nowhere/").status_code == 404
    assert client.post("/sign-out/").status_code == 302


@pytest.mark.parametrize(
    ("rule", "role", "bound"),
    [
        ("nobody", "admin", False),
        ("staff", "learner", False),
        ("staff", "tutor", True),
        ("staff", "eqa", True),
        ("everybody", "learner", True),
    ],
)
def test_a_rule_binds_whom_it_names(rule: str, role: str, bound: bool) -> None:
    centre = make_centre()
    if rule != "nobody":
        _rule(centre, rule)
    client = signed_in(make_user(centre, role))
    assert (client.get("/profile/").status_code == 303) is bound


def test_of_several_centres_the_strictest_rule_holds() -> None:
    strict, loose = make_centre(), make_centre()
    user = make_user(strict, "learner", email="both@example.org")
    make_user(loose, "tutor", email="both@example.org")
    _rule(strict, "staff")
    assert signed_in(user).get("/profile/").status_code == 200
    _rule(loose, "everybody")
    assert signed_in(user).get("/profile/").status_code == 303


# -- Weight ------------------------------------------------------------------------------------------------------------


def test_the_page_costs_the_same_with_one_and_with_four_of_everything() -> None:
    counts = []
    for many in (1, 4):
        user = make_user(make_centre(), "tutor")
        for number in range(many):
            with_passkey(user, f"Phone {number}")
            signed_in(user)
        client = signed_in(user)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(SECURITY).status_code == 200
        counts.append(len(asked))
    assert counts == [7, 7]


def test_the_secret_of_the_suite_is_one_that_apps_take() -> None:
    assert len(code_of(SECRET)) == 6
