"""The single-use link: what it opens, for whom, how long; no administrator takes an account over with it."""

from __future__ import annotations

import datetime as dt
import re
import threading
from typing import Any

import pytest
import time_machine
from django.core import mail, signing
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from courseware.kit import clock
from courseware.kit.tasks import run_due
from courseware.kit.verdict import NotNow
from courseware.people import workflow
from courseware.people.invitations import account_for, base_url, link_for, token_for
from courseware.people.models import User

from .people_builders import PASSWORD, administrator_of, make_centre, make_member

NEW = "another walk by the sea"


def invited(email: str = "lea@example.org") -> User:
    """Somebody added to a centre who has not set a password."""
    centre = make_centre()
    return workflow.add_member(
        by=administrator_of(centre), centre=centre, email=email, name="Lea", roles=("learner",)
    ).user


def both(password: str) -> dict[str, str]:
    """The form."""
    return {"password1": password, "password2": password}


@pytest.mark.django_db
def test_the_link_sets_a_password_signs_in_and_is_spent(client: Client) -> None:
    user = invited()
    address = f"/welcome/{token_for(user)}/"
    for _ in range(2):  # a mail scanner may open it first
        page = client.get(address)
        assert page.status_code == 200
        assert "lea@example.org" in page.content.decode()
    answer = client.post(address, both(NEW))
    assert (answer.status_code, answer["Location"]) == (303, "/")
    assert client.session["_auth_user_id"] == str(user.pk)
    user.refresh_from_db()
    assert user.check_password(NEW)
    for spent in (client.get(address), client.post(address, both(PASSWORD)), Client().post(address, both(PASSWORD))):
        assert spent.status_code == 410
    user.refresh_from_db()
    assert user.check_password(NEW)


@pytest.mark.django_db
def test_the_page_is_kept_by_no_cache(client: Client) -> None:
    assert "no-store" in client.get(f"/welcome/{token_for(invited())}/")["Cache-Control"]


@pytest.mark.django_db
def test_the_link_works_for_seven_days() -> None:
    user = invited()
    token, now = token_for(user), clock.now()
    with time_machine.travel(now + dt.timedelta(days=6, hours=23), tick=False):
        assert account_for(token) == user
    with time_machine.travel(now + dt.timedelta(days=7, minutes=1), tick=False):
        assert account_for(token) is None
        with pytest.raises(NotNow, match="older than seven days"):
            workflow.set_first_password(token=token, password=NEW)
    user.refresh_from_db()
    assert not user.has_usable_password()


@pytest.mark.django_db
@pytest.mark.parametrize("weak", ["", "short", "nine chrs", "1234567890123", "password123", "lea@example.org"])
def test_a_weak_password_is_refused_with_a_reason_and_the_link_stays(client: Client, weak: str) -> None:
    user = invited()
    address = f"/welcome/{token_for(user)}/"
    answer = client.post(address, both(weak))
    assert answer.status_code == 422
    assert "_auth_user_id" not in client.session
    user.refresh_from_db()
    assert not user.has_usable_password()
    assert client.post(address, both(NEW)).status_code == 303


@pytest.mark.django_db
def test_two_different_passwords_are_refused(client: Client) -> None:
    user = invited()
    answer = client.post(f"/welcome/{token_for(user)}/", {"password1": NEW, "password2": PASSWORD})
    assert answer.status_code == 422
    assert "The two passwords differ" in answer.content.decode()
    user.refresh_from_db()
    assert not user.has_usable_password()


@pytest.mark.django_db
def test_whoever_was_signed_in_before_is_so_no_more(client: Client) -> None:
    client.force_login(administrator_of(make_centre()))
    session = client.session
    session["centre"] = "of somebody else"
    session.save()
    user = invited()
    client.post(f"/welcome/{token_for(user)}/", both(NEW))
    assert client.session["_auth_user_id"] == str(user.pk)
    assert "centre" not in client.session


@pytest.mark.django_db
def test_an_account_with_a_password_has_no_link() -> None:
    user = make_member(make_centre(), "tutor").user
    with pytest.raises(ValueError, match="no link"):
        token_for(user)


@pytest.mark.django_db
def test_a_link_of_before_the_password_was_set_otherwise_is_void(client: Client) -> None:
    user = invited()
    token = token_for(user)
    client.post("/password/forgotten/", {"email": user.email})
    found = re.search(r"http://testserver(/password/new/\S+)", str(mail.outbox[-1].body))
    assert found
    page = client.get(found[1])["Location"]
    assert client.post(page, both(NEW)).status_code == 302
    assert account_for(token) is None


@pytest.mark.django_db
def test_a_closed_account_has_no_valid_link(client: Client) -> None:
    user = invited()
    token = token_for(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get(f"/welcome/{token}/").status_code == 410


@pytest.mark.django_db
def test_a_link_is_for_one_account_and_cannot_be_made_without_the_key_of_the_house() -> None:
    one, other = invited("one@example.org"), invited("other@example.org")
    token = token_for(one)
    value, stamp, signature = token.rsplit(":", 2)
    swapped = token_for(other).split(":")[0]
    for forged in (
        f"{swapped}:{stamp}:{signature}",
        f"{value}:{stamp[:-1]}z:{signature}",
        f"{value}:{stamp}:{signature[:-1]}",
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        signing.TimestampSigner(salt="another purpose").sign_object([str(one.uid), "x"]),
        signing.TimestampSigner(salt="courseware.people.invitation", key="guessed").sign_object([str(one.uid), "x"]),
        signing.TimestampSigner(salt="courseware.people.invitation").sign_object([str(one.uid), "x"]),
        signing.TimestampSigner(salt="courseware.people.invitation").sign_object([str(one.uid)]),
        signing.TimestampSigner(salt="courseware.people.invitation").sign_object(["nonsense", "x"]),
        signing.TimestampSigner(salt="courseware.people.invitation").sign_object({"a": 1, "b": 2}),
    ):
        assert account_for(forged) is None, forged
    assert account_for(token) == one
    assert account_for(token_for(other)) == other


@pytest.mark.django_db
@given(st.text(max_size=200))
def test_no_text_of_a_stranger_opens_an_account(text: str) -> None:
    assert account_for(text) is None


@pytest.mark.django_db
def test_a_link_leads_to_where_the_house_is_reached(settings: Any) -> None:
    settings.BASE_URL = "https://courseware.example.org/"
    user = invited()
    assert base_url() == "https://courseware.example.org"
    assert link_for(user).startswith("https://courseware.example.org/welcome/")
    assert link_for(user, "http://127.0.0.1:8123/").startswith("http://127.0.0.1:8123/welcome/")


@pytest.mark.django_db
def test_an_administrator_cannot_take_over_an_account_of_another_centre_by_adding_it(
    client: Client,
) -> None:
    """The invited person of centre A has not set a password yet; the administrator of B adds the address."""
    victim = invited("victim@example.org")
    attacker = make_centre("Attackers")
    client.force_login(administrator_of(attacker))
    run_due()
    mail.outbox.clear()
    answer = client.post(
        "/centre/people/add/",
        {
            "centre": str(attacker.uid),
            "name": "Victim",
            "email": "VICTIM@example.org",
            "roles": ["learner"],
            "key": "f8a0a3f4-6a5d-4a52-8f29-0c2dd7b7c7e0",
        },
    )
    run_due()
    pages = [answer, client.get("/centre/people/")]
    member = attacker.memberships.get(user=victim)
    pages.append(client.get(f"/centre/people/{member.uid}/"))
    for page in pages:
        assert "/welcome/" not in page.content.decode() + str(page.headers)
    assert [letter.to for letter in mail.outbox] == [["victim@example.org"]]  # only the mailbox has the link
    victim.refresh_from_db()
    assert not victim.has_usable_password()
    assert User.objects.filter(email="victim@example.org").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_people_with_the_same_link_one_sets_the_password() -> None:
    user = invited()
    token, ready, answers = token_for(user), threading.Barrier(2), []

    def use(password: str) -> None:
        try:
            ready.wait()
            workflow.set_first_password(token=token, password=password)
            answers.append(password)
        except NotNow:
            answers.append("spent")
        finally:
            connection.close()

    threads = [threading.Thread(target=use, args=(password,)) for password in (NEW, PASSWORD)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) in (sorted([NEW, "spent"]), sorted([PASSWORD, "spent"]))
    user.refresh_from_db()
    assert user.check_password(next(one for one in answers if one != "spent"))


@pytest.mark.django_db
def test_the_verb_itself_refuses_a_weak_password() -> None:
    user = invited()
    with pytest.raises(ValidationError):
        workflow.set_first_password(token=token_for(user), password="short")
    user.refresh_from_db()
    assert not user.has_usable_password()
