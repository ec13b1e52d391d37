"""The limits of codes, passkeys and passwords; and what is sensitive asks again who it is."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.test import Client

from courseware.people.models import RoleGrant, User

from .people_builders import PASSWORD, administrator_of, make_centre, make_member, make_user
from .security_builders import (
    SecurityKey,
    code_of,
    codes_of,
    give_code,
    give_password,
    is_signed_in,
    key,
    question,
    signed_in,
    totp_of,
    with_passkey,
    with_totp,
)

pytestmark = pytest.mark.django_db
SECURITY = "/profile/security/"


@pytest.fixture(autouse=True)
def _no_earlier_tries() -> None:
    cache.clear()


@pytest.fixture
def letters(django_capture_on_commit_callbacks: Any) -> Any:
    """A block after which the letters of what was done in it have gone out."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


# -- Limits ------------------------------------------------------------------------------------------------------------


def test_a_class_of_forty_behind_one_address_signs_in_with_codes_and_half_of_them_mistype() -> None:
    centre = make_centre()
    people = [with_totp(make_user(centre, "learner")) for _ in range(40)]
    with time_machine.travel("2026-11-21 10:00:05Z", tick=False):
        for number, user in enumerate(people):
            browser = Client()
            give_password(browser, user)
            if number % 2:
                assert give_code(browser, "000000").status_code == 422
            assert give_code(browser, code_of()).status_code == 302
            assert is_signed_in(browser)


def test_codes_are_limited_per_account_in_five_minutes_whatever_the_browser() -> None:
    centre = make_centre()
    user, other = with_totp(make_user(centre, "tutor")), with_totp(make_user(centre, "tutor"))
    with time_machine.travel("2026-11-21 10:00:05Z", tick=False) as now:
        for _ in range(5):
            browser = Client()
            give_password(browser, user)
            assert "does not fit" in give_code(browser, "000000").content.decode()
        assert "Too many tries" in give_code(browser, code_of()).content.decode()
        assert not is_signed_in(browser)
        neighbour = Client()
        give_password(neighbour, other)
        assert give_code(neighbour, code_of()).status_code == 302
        now.shift(301)
        assert give_code(browser, code_of()).status_code == 302


def test_thirty_wrong_codes_a_day_stop_and_a_new_password_begins_anew(settings: Any, letters: Any) -> None:
    settings.WRONG_CODES_A_DAY = 4
    user = with_totp(make_user(make_centre(), "tutor"))
    browser = Client()
    give_password(browser, user)
    with letters():
        for _ in range(4):
            give_code(browser, "000000")
    assert "many wrong codes" in mail.outbox[-1].subject
    assert "Too many wrong codes today" in give_code(browser, code_of()).content.decode()
    client = signed_in(user)
    new = "another walk by the sea"
    with letters():
        client.post("/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert "password of your account was changed" in mail.outbox[-1].subject
    again = Client()
    again.post("/sign-in/", {"login": user.email, "password": new})
    assert give_code(again, code_of()).status_code == 302


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _nonsense(client: bytes = b'{"type": "webauthn.get", "challenge": "AA", "origin": "x"}', **more: bytes) -> str:
    """A passkey's answer of the right shape, with what nobody's device says inside."""
    plain = {"clientDataJSON": client, "authenticatorData": bytes(37), "signature": b"x", "userHandle": b"1"} | more
    response = {name: _encoded(data) for name, data in plain.items()}
    outside = {"id": "eA", "rawId": "eA", "type": "public-key", "clientExtensionResults": {}}
    return json.dumps(outside | {"response": response})


EXTENDED = bytes(32) + b"\x80" + bytes(4)  # of authenticator data: extensions follow
DEEP = (
    "[" * 19_000,
    '{"response":' * 1_500,
    _nonsense(client=b"[" * 12_000),
    _nonsense(authenticatorData=EXTENDED + b"\x81" * 9_000),
    _nonsense(attestationObject=b"\x81" * 9_000),
)
HOSTILE = (
    "",
    "null",
    "[]",
    "{}",
    '"x"',
    "{" * 50,
    '{"response": {}}',
    '{"response": {"userHandle": 7}}',
    (
        '{"id": "x", "rawId": "x", "type": "public-key", "response": {"userHandle": "MQ", "clientDataJSON": "e30",'
        ' "authenticatorData": "AA", "signature": "AA"}, "clientExtensionResults": {}}'
    ),
    (
        '{"id": "eA", "rawId": "eA", "type": "public-key", "response": {"userHandle": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk"'
        ', "clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA"}, "clientExtensionResults": {}}'
    ),
    '{"id": "eA", "rawId": "eA", "type": "public-key", "response": {"clientDataJSON": "é"}}',
    _nonsense(authenticatorData=EXTENDED),
    _nonsense(authenticatorData=EXTENDED + b"\x19\x01"),
    _nonsense(authenticatorData=EXTENDED + b"\xff"),
    _nonsense(attestationObject=b""),
    _nonsense(attestationObject=b"\x19\x01"),
    *DEEP,
)


@pytest.mark.parametrize("sent", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_passkey_is_refused_at_every_door(sent: str) -> None:
    user = with_totp(make_user(make_centre(), "tutor"))
    stranger = Client()
    stranger.post("/sign-in/passkey/", headers={"X-Requested-With": "XMLHttpRequest"})
    assert stranger.post("/sign-in/passkey/", {"credential": sent})["Location"] == "/sign-in/"
    assert not is_signed_in(stranger)
    half = Client()
    give_password(half, user)
    assert half.post("/sign-in/second-step/", {"credential": sent}).status_code == 422
    assert not is_signed_in(half)
    inside = signed_in(user)
    inside.post("/profile/security/passkey/", headers={"X-Requested-With": "XMLHttpRequest"})
    refused = inside.post("/profile/security/passkey/", {"name": "Mine", "credential": sent} | key())
    assert refused.status_code == 422
    assert not Authenticator.objects.filter(type="webauthn").exists()
    late = signed_in(user, confirmed=False)
    assert late.post("/confirm/", {"credential": sent}).status_code == 422


def test_passkeys_that_fail_are_counted_per_network_address_and_a_class_is_not_held_up(settings: Any) -> None:
    settings.SIGN_IN_FAILURES_A_MINUTE = 3
    make_centre()
    with time_machine.travel("2026-11-21 10:00:30Z", tick=False):
        for _ in range(50):  # asking costs nothing
            asked = Client().post("/sign-in/passkey/", headers={"X-Requested-With": "XMLHttpRequest"})
            assert asked.json()["publicKey"]["userVerification"] == "required"
        for _ in range(3):
            Client().post("/sign-in/passkey/", {"credential": HOSTILE[8]})
        client = Client()
        client.post("/sign-in/passkey/", {"credential": HOSTILE[8]})
        assert "Too many tries" in client.get("/sign-in/").content.decode()


@pytest.mark.parametrize("sent", DEEP, ids=range(len(DEEP)))
def test_a_passkey_nested_without_end_counts_as_a_failure_of_the_network_address(settings: Any, sent: str) -> None:
    settings.SIGN_IN_FAILURES_A_MINUTE = 1
    make_centre()
    with time_machine.travel("2026-11-21 10:00:30Z", tick=False):
        for says in ("does not belong to an account", "Too many tries"):
            client = Client()
            assert client.post("/sign-in/passkey/", {"credential": sent})["Location"] == "/sign-in/"
            assert (says in client.get("/sign-in/").content.decode()) is True


def test_a_passkey_signs_in_alone_when_its_device_has_checked_the_person() -> None:
    user = make_user(make_centre(), "tutor")
    found, client = SecurityKey(user), Client()
    sent = found.answer(question(client, "/sign-in/passkey/"), checked=True)
    assert client.post("/sign-in/passkey/", {"credential": sent})["Location"] == "/"
    assert client.session["_auth_user_id"] == str(user.pk)


def test_a_key_without_its_pin_signs_nobody_in_even_with_the_question_of_another_door() -> None:
    centre = make_centre()
    victim, thief = make_user(centre, "tutor"), with_totp(make_user(centre, "learner"))
    found = SecurityKey(victim)
    plain = Client()
    sent = found.answer(question(plain, "/sign-in/passkey/"), checked=False)
    assert plain.post("/sign-in/passkey/", {"credential": sent})["Location"] == "/sign-in/"
    assert not is_signed_in(plain)
    client = Client()
    give_password(client, thief)
    asked = question(client, "/sign-in/second-step/")
    assert asked["publicKey"]["userVerification"] == "preferred"
    sent = found.answer(asked, checked=False)
    assert client.post("/sign-in/passkey/", {"credential": sent})["Location"] == "/sign-in/"
    assert not is_signed_in(client)


def test_after_the_password_a_key_without_a_pin_is_a_second_step() -> None:
    user = make_user(make_centre(), "tutor")
    found, client = SecurityKey(user), Client()
    give_password(client, user)
    sent = found.answer(question(client, "/sign-in/second-step/"), checked=False)
    assert client.post("/sign-in/second-step/", {"credential": sent} | key())["Location"] == "/"
    assert is_signed_in(client)


# -- Proving it again --------------------------------------------------------------------------------------------------


def test_what_is_sensitive_asks_again_and_the_form_that_was_sent_is_taken_afterwards() -> None:
    user = with_passkey(make_user(make_centre(), "tutor"))
    client = signed_in(user, confirmed=False)
    factor = Authenticator.objects.get(user=user, type="webauthn")
    address = f"/profile/security/passkey/{factor.pk}/"
    asked = client.post(address, {"name": "My old phone"} | key())
    assert asked["Location"] == f"/confirm/?next=%2Fprofile%2Fsecurity%2Fpasskey%2F{factor.pk}%2F"
    assert client.get(asked["Location"]).status_code == 200
    wrong = client.post("/confirm/", {"password": "not it", "next": address} | key())
    assert (wrong.status_code, "not your password" in wrong.content.decode()) == (422, True)
    factor.refresh_from_db()
    assert factor.data["name"] == "My phone"
    done = client.post("/confirm/", {"password": PASSWORD, "next": address} | key())
    assert done["Location"] == SECURITY
    factor.refresh_from_db()
    assert factor.data["name"] == "My old phone"
    assert client.get(address).status_code == 200  # for ten minutes


def test_confirming_leads_back_into_the_house_only_and_takes_no_other_form() -> None:
    user = with_totp(make_user(make_centre(), "tutor"))
    for onward in ("https://evil.example/", "//evil.example/", ""):
        client = signed_in(user, confirmed=False)
        assert client.post("/confirm/", {"password": PASSWORD, "next": onward} | key())["Location"] == "/profile/"
    client = signed_in(user, confirmed=False)
    client.post(f"/profile/security/{totp_of(user).pk}/remove/", key())
    assert client.post("/confirm/", {"code": codes_of(user)[0], "next": "/"} | key())["Location"] == "/"
    assert totp_of(user)  # another way was taken, and the form is forgotten
    assert "confirm_kept" not in client.session


def test_a_kept_form_holds_no_secret_and_an_address_that_is_gone_is_no_fault() -> None:
    user = with_totp(make_user(make_centre(), "tutor"))
    client = signed_in(user, confirmed=False)
    client.post("/password/set/", {"password1": "a very good one", "password2": "a very good one"})
    assert "very" not in str(client.session["confirm_kept"])
    session = client.session
    session["confirm_kept"] = {"path": "/gone/away/now/", "form": ""}
    session.save()
    done = client.post("/confirm/", {"password": PASSWORD, "next": "/gone/away/now/"} | key())
    assert done["Location"] == "/gone/away/now/"


def test_a_form_that_was_given_up_is_not_carried_out_by_a_later_visit() -> None:
    user = with_totp(make_user(make_centre(), "tutor"))
    client = signed_in(user, confirmed=False)
    address = f"/profile/security/{totp_of(user).pk}/remove/"
    client.post(address, key())
    asked = client.get(address)  # later, only to look
    assert asked["Location"].startswith("/confirm/?next=")
    done = client.post("/confirm/", {"password": PASSWORD, "next": address} | key())
    assert (done.status_code, done["Location"]) == (303, address)
    assert totp_of(user)


def test_tries_to_confirm_are_limited_per_account() -> None:
    user = make_user(make_centre(), "tutor")
    client = signed_in(user, confirmed=False)
    for _ in range(5):
        client.post("/confirm/", {"password": "not it"} | key())
    assert "Too many tries" in client.post("/confirm/", {"password": PASSWORD} | key()).content.decode()


def test_a_script_is_told_that_it_has_to_be_asked_again() -> None:
    client = signed_in(make_user(make_centre(), "tutor"), confirmed=False)
    answer = client.post("/profile/security/passkey/", headers={"X-Requested-With": "XMLHttpRequest"})
    assert answer.status_code == 401


def test_somebody_without_password_and_factor_is_told_what_to_do() -> None:
    user = administrator_of(make_centre())
    user.set_password(None)
    user.save()
    assert "You have no password yet" in signed_in(user, confirmed=False).get("/confirm/").content.decode()


def test_giving_the_administrators_role_asks_first_and_then_gives_it() -> None:
    centre = make_centre()
    member = make_member(centre, "tutor")
    client = signed_in(administrator_of(centre), confirmed=False)
    page = f"/centre/people/{member.uid}/"
    assert client.post(page + "roles/grant/", {"role": "learner"} | key())["Location"] == page  # that is no such thing
    client.post(page + "roles/grant/", {"role": "admin"} | key())
    added = {"centre": str(centre.uid), "name": "New Boss", "email": "boss@example.org", "roles": ["admin"]} | key()
    asked = client.post("/centre/people/add/", added)
    assert asked["Location"] == "/confirm/?next=%2Fcentre%2Fpeople%2Fadd%2F"
    roles = set(RoleGrant.objects.filter(membership=member).values_list("role", flat=True))
    assert roles == {"tutor", "learner"}
    assert not User.objects.filter(email="boss@example.org").exists()
    done = client.post("/confirm/", {"password": PASSWORD, "next": "/centre/people/add/"} | key())
    assert done.status_code == 303
    assert RoleGrant.objects.get(membership__name="New Boss").role == "admin"
    client.post(page + "roles/grant/", {"role": "admin"} | key())
    assert RoleGrant.objects.filter(membership=member, role="admin").exists()
