"""Where somebody is signed in: listed in plain words, ended one by one, together, and with the account."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from courseware.kit import clock
from courseware.people import workflow
from courseware.people.devices import in_words
from courseware.people.models import Session, User

from .people_builders import PASSWORD, administrator_of, make_centre, make_member, make_user
from .security_builders import signed_in

pytestmark = pytest.mark.django_db
SECURITY = "/profile/security/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def _no_earlier_tries() -> None:
    cache.clear()


def sign_in(user: User, agent: str = FIREFOX, address: str = "192.0.2.7", password: str = PASSWORD) -> Client:
    client = Client(headers={"User-Agent": agent}, REMOTE_ADDR=address)
    client.post("/sign-in/", {"login": user.email, "password": password})
    return client


def is_in(client: Client) -> bool:
    return client.get(SECURITY).status_code == 200


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) AppleWebKit/605 Version/19 Mobile Safari/604", "Safari on iPhone"),
        (
            "Mozilla/5.0 (Linux; Android 16) SamsungBrowser/29 Chrome/136",
            "Samsung Internet on Android",
        ),
        ("curl/8.0", "A browser"),
        ("", "A browser"),
        ("<script>alert(1)</script>", "A browser"),
    ],
)
def test_a_browser_is_named_in_plain_words(agent: str, words: str) -> None:
    assert in_words(agent) == words


def test_the_list_says_what_from_where_and_since_when() -> None:
    user = make_user(make_centre(), "tutor")
    with time_machine.travel("2026-11-14 16:10:00Z", tick=False):
        sign_in(user, address="198.51.100.4")
    with time_machine.travel("2026-11-15 09:00:00Z", tick=False):
        here = sign_in(user, agent="Mozilla/5.0 (iPad) AppleWebKit Safari/604")
        page = " ".join(here.get(SECURITY).content.decode().split())
    assert page.index("Safari on iPad") < page.index("Firefox on Windows")  # this device first
    assert "198.51.100.4" in page
    assert "14 November 2026, 16:10" in page
    assert page.count("This device") == 1
    assert "Sign out every other device" in page


def test_one_is_ended_and_the_others_stay_and_a_second_click_is_no_fault() -> None:
    user = make_user(make_centre(), "tutor")
    here, lost, other = (sign_in(user) for _ in range(3))
    uid = Session.objects.get(pk=lost.session.session_key).uid
    assert here.post(f"{SECURITY}devices/{uid}/end/").status_code == 303
    assert here.post(f"{SECURITY}devices/{uid}/end/").status_code == 303
    assert (is_in(here), is_in(lost), is_in(other)) == (True, False, True)
    mine = Session.objects.get(pk=here.session.session_key).uid
    here.post(f"{SECURITY}devices/{mine}/end/")  # that is signing out, which has its own button
    assert is_in(here)
    here.post(f"{SECURITY}devices/end/")
    assert (is_in(here), is_in(other)) == (True, False)


def test_a_form_on_a_device_that_was_ended_loses_no_text() -> None:
    user = administrator_of(make_centre())
    here, lost = sign_in(user), sign_in(user)
    here.post(f"{SECURITY}devices/end/")
    answer = lost.post("/centre/people/add/", {"name": "Somebody New"})
    assert (answer.status_code, "Somebody New" in answer.content.decode()) == (401, True)


def test_another_persons_device_is_not_mine_to_see_or_to_end() -> None:
    centre = make_centre()
    hers, mine = sign_in(make_user(centre, "tutor"), address="203.0.113.9"), sign_in(administrator_of(centre))
    uid = Session.objects.get(pk=hers.session.session_key).uid
    mine.post(f"{SECURITY}devices/{uid}/end/")
    mine.post(f"{SECURITY}devices/end/")
    assert "203.0.113.9" not in mine.get(SECURITY).content.decode()
    assert is_in(hers)
    assert Client().post(f"{SECURITY}devices/{uid}/end/").status_code == 401
    assert mine.post(f"{SECURITY}devices/{uuid.uuid4()}/end/").status_code == 303


def test_a_new_password_ends_every_other_session_and_keeps_this_one() -> None:
    user = make_user(make_centre(), "tutor")
    here, other = sign_in(user), sign_in(user)
    new = "another walk by the sea"
    here.post("/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert (is_in(here), is_in(other)) == (True, False)
    assert Session.objects.filter(user=user).count() == 1
    row = Session.objects.get(user=user)
    assert (row.agent, row.address) == (FIREFOX, "192.0.2.7")  # what was known moved with the key


def test_a_membership_that_ends_ends_the_sessions_only_when_it_was_the_last() -> None:
    one, two = make_centre(), make_centre()
    first = make_member(one, "tutor", email="both@example.org")
    second = make_member(two, "tutor", email="both@example.org")
    client = sign_in(first.user)
    workflow.end_membership(by=administrator_of(one), membership=first)
    assert is_in(client)
    workflow.end_membership(by=administrator_of(two), membership=second)
    assert not is_in(client)
    assert not Session.objects.filter(user=first.user).exists()


def test_a_closed_account_is_signed_out_everywhere() -> None:
    user = make_user(make_centre(), "tutor")
    client = sign_in(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert not is_in(client)


def test_seen_is_noted_every_ten_minutes_and_keeps_what_the_session_holds() -> None:
    user = make_user(make_centre(), "tutor")
    with time_machine.travel("2026-11-14 16:00:00Z", tick=False) as now:
        client = sign_in(user)
        row = Session.objects.get(user=user)
        now.shift(599)
        with CaptureQueriesContext(connection) as asked:
            client.get(SECURITY)
        assert not [one for one in asked.captured_queries if one["sql"].startswith("UPDATE")]
        now.shift(2)
        client.get(SECURITY, REMOTE_ADDR="192.0.2.99")
        later = Session.objects.get(user=user)
        assert later.seen_at - row.seen_at == dt.timedelta(seconds=601)
        assert later.address == "192.0.2.99"
        assert later.session_data == row.session_data
        assert later.since == row.since


def test_signing_out_and_expiring_leave_nothing(client: Client) -> None:
    user = make_user(make_centre(), "tutor")
    client = sign_in(user)
    client.post("/sign-out/")
    assert not Session.objects.filter(user=user).exists()
    sign_in(user)
    Session.objects.update(expire_date=clock.now() - dt.timedelta(seconds=1))
    here = sign_in(user)
    assert here.get(SECURITY).content.decode().count("Firefox on Windows") == 1


def test_an_address_that_is_none_is_no_fault() -> None:
    user = make_user(make_centre(), "tutor")
    client = signed_in(user)  # no network at all
    assert Session.objects.get(user=user).address is None
    assert "Not known" in client.get(SECURITY).content.decode()
    assert sign_in(user, address="fe80::1%eth0").get(SECURITY).status_code == 200
    assert Session.objects.filter(user=user, address="fe80::1").exists()
    strange = Client(REMOTE_ADDR="on a socket")
    strange.force_login(user)
    with time_machine.travel(clock.now() + dt.timedelta(hours=1)):
        assert strange.get(SECURITY).status_code == 200
