"""Signing in, out, and back after a forgotten password; and what a stranger can learn from it: nothing."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from courseware.people import workflow
from courseware.people.models import User

from .people_builders import PASSWORD, administrator_of, make_centre, make_member, make_user
from .security_builders import SecurityKey, code_of, give_code, question, with_totp

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_earlier_tries() -> None:
    cache.clear()


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> Any:
    """The answer to the sign-in form."""
    return client.post("/sign-in/", {"login": email, "password": password} | more)


def is_signed_in(client: Client) -> bool:
    """Whether the browser has a session of somebody."""
    return "_auth_user_id" in client.session


# -- In and out --------------------------------------------------------------------------------------------------------


def test_address_and_password_sign_in_in_any_case_of_the_address(client: Client) -> None:
    user = make_user(make_centre(), "tutor", email="tess@example.org")
    answer = sign_in(client, " Tess@EXAMPLE.org ")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(user.pk)


def test_the_session_ends_with_the_browser_unless_asked_otherwise(client: Client) -> None:
    user = make_user(make_centre(), "tutor")
    sign_in(client, user.email)
    assert client.session.get_expire_at_browser_close()
    client.logout()
    sign_in(client, user.email, remember="on")
    assert not client.session.get_expire_at_browser_close()


def _ends_with_the_browser(client: Client) -> bool:
    """Whether the cookie of somebody who is signed in holds no date."""
    assert is_signed_in(client)
    cookie = client.cookies["sessionid"]
    return not cookie["max-age"] and not cookie["expires"]


@pytest.mark.parametrize("kept", [False, True])
def test_after_a_second_step_too_the_cookie_ends_with_the_browser_unless_asked_otherwise(
    client: Client, kept: bool
) -> None:
    user = with_totp(make_user(make_centre(), "tutor"))
    sign_in(client, user.email, **({"remember": "on"} if kept else {}))
    assert not is_signed_in(client)
    assert give_code(client, code_of()).status_code == 302
    assert _ends_with_the_browser(client) is not kept


def test_a_passkey_keeps_nobody_signed_in_on_a_shared_computer(client: Client) -> None:
    user = make_user(make_centre(), "tutor")
    sent = SecurityKey(user).answer(question(client, "/sign-in/passkey/"), checked=True)
    client.post("/sign-in/passkey/", {"credential": sent})
    assert _ends_with_the_browser(client)


def test_a_sign_in_of_which_nothing_more_is_said_ends_with_the_browser(client: Client) -> None:
    client.force_login(make_user(make_centre(), "tutor"))  # as by a way that is yet to come
    assert client.session.get_expire_at_browser_close()


def test_what_somebody_else_asked_for_and_gave_up_does_not_keep_a_passkey_signed_in(client: Client) -> None:
    centre = make_centre()
    before, user = with_totp(make_user(centre, "tutor")), make_user(centre, "tutor")
    sign_in(client, before.email, remember="on")  # and leaves at the second step
    sent = SecurityKey(user).answer(question(client, "/sign-in/passkey/"), checked=True)
    client.post("/sign-in/passkey/", {"credential": sent})
    assert client.session["_auth_user_id"] == str(user.pk)
    assert _ends_with_the_browser(client)


def test_a_new_session_begins_at_sign_in_and_ends_at_sign_out(client: Client) -> None:
    user = make_user(make_centre(), "tutor")
    client.get("/sign-in/")
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    planted = str(session.session_key)
    client.cookies["sessionid"] = planted
    sign_in(client, user.email)
    assert client.session.session_key != planted
    inside = str(client.session.session_key)
    assert client.get("/sign-out/").status_code == 200  # asks
    assert is_signed_in(client)
    assert client.post("/sign-out/").status_code == 302
    assert not is_signed_in(client)
    client.cookies["sessionid"] = inside
    assert client.get("/profile/").status_code == 302


def test_signing_in_and_out_is_not_part_of_the_record(client: Client) -> None:
    from courseware.ledger.models import LedgerEntry

    user = make_user(make_centre(), "tutor")
    before = LedgerEntry.objects.count()
    sign_in(client, user.email)
    client.post("/sign-out/")
    assert LedgerEntry.objects.count() == before


def test_whoever_left_signs_in_and_sees_nothing(client: Client) -> None:
    centre = make_centre("Calder Vale")
    left = make_member(centre, "tutor")
    workflow.end_membership(by=administrator_of(centre), membership=left)
    sign_in(client, left.user.email)
    assert is_signed_in(client)
    page = client.get("/profile/").content.decode()
    assert "You are in no centre now" in page
    assert "Calder Vale" not in page


def test_a_closed_account_cannot_sign_in(client: Client) -> None:
    user = make_user(make_centre(), "tutor")
    User.objects.filter(pk=user.pk).update(is_active=False)
    answer = sign_in(client, user.email)
    assert (answer.status_code, answer["Location"]) == (302, "/account-inactive/")
    assert not is_signed_in(client)
    assert "This account is closed" in client.get("/account-inactive/").content.decode()
    assert "do not belong together" in sign_in(client, user.email, "wrong").content.decode()


def test_closing_an_account_ends_its_sessions(client: Client) -> None:
    user = make_user(make_centre(), "tutor")
    sign_in(client, user.email)
    assert client.get("/profile/").status_code == 200
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/profile/").status_code == 302


@pytest.mark.parametrize(
    ("onward", "where"),
    [
        ("/profile/", "/profile/"),
        ("/centre/people/?search=a", "/centre/people/?search=a"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("///evil.example", "/"),
        ("http://localhost/", "/"),  # a name that we answer to, yet not this page's
        ("http:evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("\x00/profile/", "/"),
        ("", "/"),
    ],
)
def test_the_way_back_after_sign_in_stays_in_the_house(client: Client, onward: str, where: str) -> None:
    user = make_user(make_centre(), "tutor")
    assert sign_in(client, user.email, next=onward)["Location"] == where


def test_the_page_carries_the_way_back_and_a_signed_in_person_goes_on(client: Client) -> None:
    user = make_user(make_centre(), "tutor")
    page = client.get("/sign-in/?next=/profile/").content.decode()
    assert '<input type="hidden" name="next" value="/profile/">' in page
    client.force_login(user)
    assert client.get("/sign-in/?next=/profile/")["Location"] == "/profile/"
    assert client.get("/sign-in/?next=//evil.example/")["Location"] == "/"


def test_hostile_input_is_refused_and_nobody_is_signed_in(client: Client) -> None:
    user = make_user(make_centre(), "tutor")
    for login, password in (
        ("", ""),
        (user.email, ""),
        ("", PASSWORD),
        (user.email, PASSWORD + " "),
        (user.email, PASSWORD.upper()),
        (user.email + "\n", "x"),
        ("tess\0@example.org", "x"),
        ("' OR 1=1 --", "x"),
        ("<script>alert(1)</script>@example.org", "x"),
        (user.email, "\0"),
        ("é" * 300 + "@example.org", "x" * 5000),
    ):
        cache.clear()
        answer = sign_in(client, login, password)
        assert answer.status_code == 200
        assert not is_signed_in(client)
        assert "<script>alert" not in answer.content.decode()
        assert password == "" or f'value="{password}"' not in answer.content.decode()


# -- Nobody makes an account for themselves ----------------------------------------------------------------------------


def test_sign_up_is_closed(client: Client) -> None:
    before = User.objects.count()
    assert "Accounts are made by your centre" in client.get("/sign-up/").content.decode()
    sent = {"email": "me@example.org", "password1": "a very good one", "password2": "a very good one"}
    assert "Accounts are made by your centre" in client.post("/sign-up/", sent).content.decode()
    assert User.objects.count() == before


# -- What a stranger can learn -----------------------------------------------------------------------------------------


class Counting(MD5PasswordHasher):
    """The tests' hasher, counting its work."""

    algorithm = "counting"
    work = 0

    def encode(self, password: str, salt: str) -> str:
        """One unit of work."""
        type(self).work += 1
        return super().encode(password, salt)


def _bare(page: bytes) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page.decode())


def test_an_unknown_address_is_answered_like_a_wrong_password_with_the_same_work(client: Client, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["tests.test_sign_in_views.Counting"]
    centre = make_centre()
    known = make_user(centre, "tutor", email="a@example.org")
    invited = workflow.add_member(
        by=administrator_of(centre), centre=centre, email="b@example.org", name="B", roles=("tutor",)
    ).user
    assert not invited.has_usable_password()
    answers, work, statements = [], [], []
    for email in (known.email, "c@example.org"):
        Counting.work = 0
        with CaptureQueriesContext(connection) as asked:
            answers.append(_bare(sign_in(client, email, "not this").content).replace(email, "ADDRESS"))
        work.append(Counting.work)
        statements.append(len(asked))
    Counting.work = 0
    answers.append(_bare(sign_in(client, invited.email, "not this").content).replace(invited.email, "ADDRESS"))
    work.append(Counting.work)
    assert len(set(answers)) == 1
    assert work == [1, 1, 1]
    assert len(set(statements)) == 1
    assert not is_signed_in(client)


def test_asking_for_a_link_is_answered_alike_and_writes_one_letter_either_way(client: Client) -> None:
    make_user(make_centre(), "tutor", email="a@example.org")
    answers = []
    for email in ("a@example.org", "c@example.org"):
        answer = client.post("/password/forgotten/", {"email": email})
        assert (answer.status_code, answer["Location"]) == (302, "/password/forgotten/sent/")
        answers.append(_bare(client.get(answer["Location"]).content))
    assert answers[0] == answers[1]
    known, unknown = mail.outbox
    assert known.subject == unknown.subject == "Set a new password"
    assert "/password/new/" in str(known.body)
    assert "/password/new/" not in str(unknown.body)


def test_a_closed_account_gets_no_link(client: Client) -> None:
    user = make_user(make_centre(), "tutor")
    User.objects.filter(pk=user.pk).update(is_active=False)
    client.post("/password/forgotten/", {"email": user.email})
    assert "/password/new/" not in str(mail.outbox[-1].body)


# -- A new password ----------------------------------------------------------------------------------------------------


def _link(client: Client, email: str) -> str:
    client.post("/password/forgotten/", {"email": email})
    found = re.search(r"http://testserver(/password/new/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def test_a_forgotten_password_is_replaced_once_and_other_sessions_end(client: Client) -> None:
    user = make_user(make_centre(), "tutor")
    other = Client()
    sign_in(other, user.email)
    link = _link(client, user.email)
    page = client.get(link)["Location"]
    assert page.endswith("-set-password/")  # the token leaves the address bar
    assert client.get(page).status_code == 200
    new = "another walk by the sea"
    weak = client.post(page, {"password1": "1234", "password2": "1234"})
    assert "at least 10 characters" in weak.content.decode()
    differ = client.post(page, {"password1": new, "password2": new + "!"})
    assert differ.status_code == 200
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert client.post(page, {"password1": new, "password2": new})["Location"] == "/password/new/done/"
    user.refresh_from_db()
    assert user.check_password(new)
    assert other.get("/profile/").status_code == 302
    assert "This link has been used" in Client().get(link).content.decode()
    assert sign_in(client, user.email, new).status_code == 302
    assert is_signed_in(client)


def test_a_link_for_somebody_else_signs_the_person_at_the_screen_out(client: Client) -> None:
    centre = make_centre()
    one, other = make_user(centre, "tutor"), make_user(centre, "learner")
    link = _link(client, other.email)
    client.force_login(one)
    client.get(client.get(link)["Location"])
    assert not is_signed_in(client)


@pytest.mark.parametrize("key", ["a-b", "1-x-y", "zzzzzzzzzzzz-cabc12-0123456789abcdef", "0-set-password"])
def test_a_forged_link_opens_nothing(client: Client, key: str) -> None:
    make_centre()
    assert "This link has been used" in client.get(f"/password/new/{key}/").content.decode()
    assert client.post(f"/password/new/{key}/", {"password1": "x", "password2": "x"}).status_code == 200


def test_a_password_is_changed_by_whoever_knows_it(client: Client) -> None:
    user = make_user(make_centre(), "tutor")
    sign_in(client, user.email)
    other = Client()
    sign_in(other, user.email)
    new = "another walk by the sea"
    wrong = client.post("/password/change/", {"oldpassword": "not it", "password1": new, "password2": new})
    assert "Write the password that you use now" in wrong.content.decode()
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    done = client.post("/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert (done.status_code, done["Location"]) == (302, "/profile/")
    assert "Your password is changed" in client.get("/profile/").content.decode()
    assert other.get("/profile/").status_code == 302


def test_changing_a_password_needs_somebody_signed_in(client: Client) -> None:
    assert client.get("/password/change/")["Location"] == "/sign-in/?next=/password/change/"
    assert client.get("/password/set/")["Location"] == "/sign-in/?next=/password/set/"


def test_whoever_is_signed_in_without_a_password_sets_one(client: Client) -> None:
    user = administrator_of(make_centre())
    user.set_password(None)
    user.save()
    client.force_login(user)
    assert client.get("/password/change/")["Location"] == "/password/set/"
    assert client.get("/password/set/").status_code == 200
    client.post("/password/set/", {"password1": PASSWORD, "password2": PASSWORD})
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


# -- How often ---------------------------------------------------------------------------------------------------------


def test_forty_people_behind_one_router_sign_in_and_half_of_them_mistype_once() -> None:
    centre = make_centre()
    people = [make_user(centre, "learner") for _ in range(40)]
    for number, user in enumerate(people):
        browser = Client()
        if number % 2:
            assert sign_in(browser, user.email, "mistyped").status_code == 200
        assert sign_in(browser, user.email).status_code == 302
        assert is_signed_in(browser)


@pytest.mark.django_db(transaction=True)
def test_forty_people_behind_one_router_sign_in_at_the_same_instant() -> None:
    centre = make_centre()
    people = [make_user(centre, "learner").email for _ in range(40)]
    ready, answers = threading.Barrier(40), []

    def enter(email: str) -> None:
        try:
            ready.wait()
            answers.append(sign_in(Client(), email).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=enter, args=(email,)) for email in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [302] * 40


def test_one_network_address_fails_eighty_times_a_minute_over_all_accounts() -> None:
    victim = make_user(make_centre(), "tutor")
    with time_machine.travel("2026-11-21 10:00:30Z", tick=False):
        for number in range(80):
            assert "do not belong together" in sign_in(Client(), f"guess{number}@example.org").content.decode()
        spraying = Client()
        assert "Too many tries" in sign_in(spraying, victim.email).content.decode()
        assert not is_signed_in(spraying)
        elsewhere = Client(REMOTE_ADDR="10.9.8.7")
        assert sign_in(elsewhere, victim.email).status_code == 302
    with time_machine.travel("2026-11-21 10:01:00Z", tick=False):
        assert sign_in(Client(), victim.email).status_code == 302


def test_many_tries_do_not_push_the_counts_out_of_the_cache() -> None:
    user = make_user(make_centre(), "tutor")
    for _ in range(5):
        sign_in(Client(), user.email, "no")
    for number in range(400):
        cache.set(f"filler{number}", 1)
    assert "Too many tries" in sign_in(Client(), user.email).content.decode()


def test_forty_people_behind_one_router_ask_for_a_link() -> None:
    centre = make_centre()
    for user in [make_user(centre, "learner") for _ in range(40)]:
        assert Client().post("/password/forgotten/", {"email": user.email}).status_code == 302
    assert len(mail.outbox) == 40


def test_one_account_takes_five_wrong_tries_from_wherever_they_come() -> None:
    user = make_user(make_centre(), "tutor")
    for number in range(5):
        answer = Client(REMOTE_ADDR=f"10.0.0.{number}").post("/sign-in/", {"login": user.email, "password": "no"})
        assert "do not belong together" in answer.content.decode()
    browser = Client(REMOTE_ADDR="10.0.0.99")
    assert "Too many tries" in sign_in(browser, user.email).content.decode()
    assert not is_signed_in(browser)
    other = make_user(make_centre(), "tutor")
    assert sign_in(browser, other.email).status_code == 302  # the neighbour is not held up


def test_an_unknown_address_is_limited_alike() -> None:
    for _ in range(5):
        assert "do not belong together" in sign_in(Client(), "nobody@example.org").content.decode()
    assert "Too many tries" in sign_in(Client(), "nobody@example.org").content.decode()


def test_a_new_password_ends_the_wait(client: Client) -> None:
    user = make_user(make_centre(), "tutor")
    for _ in range(6):
        sign_in(client, user.email, "no")
    assert "Too many tries" in sign_in(client, user.email).content.decode()
    page = client.get(_link(client, user.email))["Location"]
    new = "another walk by the sea"
    client.post(page, {"password1": new, "password2": new})
    assert sign_in(client, user.email, new).status_code == 302


def test_one_address_gets_five_letters_a_minute(client: Client) -> None:
    user = make_user(make_centre(), "tutor")
    for _ in range(5):
        assert client.post("/password/forgotten/", {"email": user.email}).status_code == 302
    assert client.post("/password/forgotten/", {"email": user.email}).status_code == 429
    assert len(mail.outbox) == 5


# -- What a page costs -------------------------------------------------------------------------------------------------


def test_pages_for_nobody_ask_the_database_nothing(client: Client) -> None:
    for address in ("/sign-in/", "/sign-up/", "/password/forgotten/", "/password/forgotten/sent/"):
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        assert len(asked) == 0, address
