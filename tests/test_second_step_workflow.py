"""Of whom a centre asks a second step, and the way back for a lost device: who may, who may know, what is recorded."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from courseware.kit import clock
from courseware.kit.verdict import NotNow, NotYours, Stale
from courseware.ledger.append import HOUSE
from courseware.ledger.models import LedgerEntry
from courseware.people import permissions_security as may
from courseware.people import workflow
from courseware.people.models import Centre, Membership, Session, User
from courseware.people.readings_security import second_steps

from .people_builders import PASSWORD, administrator_of, make_centre, make_member, make_user, newest, refuses
from .security_builders import has_signed_in, signed_in, with_passkey, with_totp

pytestmark = pytest.mark.django_db
RULES = "/centre/security/"


@pytest.fixture(autouse=True)
def _no_earlier_tries() -> None:
    cache.clear()


@pytest.fixture
def letters(django_capture_on_commit_callbacks: Any) -> Any:
    """A block after which the letters of what was done in it have gone out."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def key() -> dict[str, str]:
    return {"key": str(uuid.uuid4())}


def rule(centre: Centre, second_step: str, seen: str = "nobody") -> Centre:
    return workflow.set_second_step(by=administrator_of(centre), centre=centre, second_step=second_step, seen=seen)


def guarded_member(centre: Centre, *roles: str, **more: Any) -> Membership:
    """A member who has signed in and has a second step."""
    member = make_member(centre, *roles, **more)
    if not Authenticator.objects.filter(user=member.user).exists():
        with_totp(member.user)
    has_signed_in(member.user)
    return Membership.objects.select_related("user", "centre").get(pk=member.pk)


# -- The rule ----------------------------------------------------------------------------------------------------------


def test_an_administrator_sets_the_rule_and_it_is_recorded() -> None:
    centre = make_centre()
    assert rule(centre, "staff").second_step == "staff"
    entry = newest(centre)
    assert (entry["verb"], entry["states"]) == ("set_second_step", {"second_step": ["nobody", "staff"]})


def test_nobody_else_sets_it_and_nothing_changes() -> None:
    centre, other = make_centre(), make_centre()
    for user in (make_user(centre, "lead_iqa"), make_user(centre, "learner"), administrator_of(other)):
        refuses(
            NotYours,
            lambda user=user: workflow.set_second_step(by=user, centre=centre, second_step="staff", seen="nobody"),
        )


def test_the_same_rule_again_and_a_page_that_is_out_of_date_are_refused() -> None:
    centre = make_centre()
    refuses(NotNow, lambda: rule(centre, "nobody"), "already")
    rule(centre, "staff")
    refuses(Stale, lambda: rule(centre, "everybody", seen="nobody"), "The rule is now: Everybody but learners")
    rule(centre, "everybody", seen="staff")


def test_a_rule_that_is_none_is_refused_by_the_database() -> None:
    centre = make_centre()
    with pytest.raises(IntegrityError), transaction.atomic():
        Centre.objects.filter(pk=centre.pk).update(second_step="perhaps")


def test_the_page_sets_the_rule_once_for_two_clicks_after_the_person_proved_who_they_are() -> None:
    centre = make_centre()
    client = signed_in(administrator_of(centre), confirmed=False)
    assert client.get(RULES).status_code == 200
    sent = {"centre": str(centre.uid), "second_step": "staff", "seen": "nobody"} | key()
    assert client.post(RULES, sent)["Location"] == "/confirm/?next=%2Fcentre%2Fsecurity%2F"
    centre.refresh_from_db()
    assert centre.second_step == "nobody"
    assert client.post("/confirm/", {"password": PASSWORD, "next": RULES} | key())["Location"] == RULES
    centre.refresh_from_db()
    assert centre.second_step == "staff"
    before = LedgerEntry.objects.count()
    with_totp(administrator_of(centre))
    assert client.post(RULES, sent).status_code == 303
    assert LedgerEntry.objects.count() == before
    stale = client.post(RULES, sent | {"second_step": "everybody"} | key())
    assert (stale.status_code, "The rule is now" in stale.content.decode()) == (409, True)
    assert client.post(RULES, {"centre": str(centre.uid)} | key()).status_code == 422


def test_a_form_for_another_centre_finds_nothing() -> None:
    centre, other = make_centre(), make_centre()
    sent = {"centre": str(other.uid), "second_step": "staff", "seen": "nobody"} | key()
    assert signed_in(administrator_of(centre)).post(RULES, sent).status_code == 404
    other.refresh_from_db()
    assert other.second_step == "nobody"


# -- Who has none ------------------------------------------------------------------------------------------------------


def test_the_page_names_who_has_none_and_tells_nothing_of_who_has_not_signed_in() -> None:
    centre, other = make_centre(), make_centre()
    admin = administrator_of(centre)
    has_signed_in(admin)
    guarded_member(centre, "tutor", name="Has One")
    with_totp(make_member(other, "tutor", email="away@example.org").user)
    make_member(centre, "tutor", name="Came From Elsewhere", email="away@example.org")
    make_member(centre, "learner", name="Is New")
    rule(centre, "staff")
    centre.refresh_from_db()
    steps = second_steps(admin, centre, showing_all=True)
    assert [(row.membership.name, row.asked, row.state) for row in steps.rows] == [
        ("Ada Admin", True, "none"),
        ("Came From Elsewhere", True, "unknown"),
        ("Has One", True, "set_up"),
        ("Is New", False, "unknown"),
    ]
    assert steps.without == 3
    assert [row.membership.name for row in second_steps(admin, centre).rows] == [
        "Ada Admin",
        "Came From Elsewhere",
        "Is New",
    ]


def test_whoever_is_added_again_is_as_unknown_as_at_first_until_they_sign_in() -> None:
    with time_machine.travel("2026-11-21 10:00:00Z", tick=False) as now:
        centre = make_centre()
        admin = administrator_of(centre)
        member = guarded_member(centre, "tutor", name="Came Back", email="back@example.org")
        has_signed_in(admin)

        def known(member: Membership) -> tuple[str, bool, bool]:
            again = Membership.objects.select_related("user", "centre").get(pk=member.pk)
            steps = second_steps(admin, centre, showing_all=True)
            state = next(row.state for row in steps.rows if row.membership.pk == member.pk)
            listed = "Came Back" in [row.membership.name for row in second_steps(admin, centre).rows]
            assert steps.without == 1 + listed  # the administrator has none
            return state, listed, may.knows_second_step(again)

        assert known(member) == ("set_up", False, True)
        workflow.end_membership(by=admin, membership=member)
        now.shift(dt.timedelta(days=700))
        has_signed_in(member.user)  # elsewhere, while nothing of it was this centre's to know
        now.shift(dt.timedelta(days=30))
        back = make_member(centre, "tutor", name="Came Back", email="back@example.org")
        assert back.pk == member.pk
        assert known(back) == ("unknown", True, False)
        refuses(NotNow, lambda: workflow.reset_second_step(by=admin, membership=back), "has not signed in since")
        has_signed_in(back.user)
        assert known(back) == ("set_up", False, True)


def test_the_page_costs_the_same_with_one_and_with_four_people() -> None:
    counts = []
    for many in (1, 4):
        centre = make_centre()
        for _ in range(many):
            guarded_member(centre, "tutor")
        client = signed_in(administrator_of(centre))
        with CaptureQueriesContext(connection) as asked:
            assert client.get(RULES + "?show=all").status_code == 200
        counts.append(len(asked))
    assert counts == [8, 8]


def test_everybody_protected_is_said_so() -> None:
    centre = make_centre()
    admin = with_totp(administrator_of(centre))
    client = signed_in(admin)
    has_signed_in(admin)
    assert "Nobody is without" in client.get(RULES).content.decode()


# -- A lost device -----------------------------------------------------------------------------------------------------


def link_in(letter: Any) -> str:
    found = re.search(r"(/sign-in/lost-device/\S+)", str(letter.body))
    assert found
    return found[1]


def vouch(letters: Any, member: Membership) -> str:
    """The link of the letter that the member gets."""
    with letters():
        workflow.reset_second_step(by=administrator_of(member.centre), membership=member)
    assert mail.outbox[-1].to == [member.user.email]
    return link_in(mail.outbox[-1])


def test_an_administrator_vouches_and_the_person_removes_it_with_letter_and_password(letters: Any) -> None:
    centre = make_centre()
    member = guarded_member(centre, "tutor")
    admin, lost = signed_in(administrator_of(centre)), signed_in(member.user)
    address = f"/centre/people/{member.uid}/second-step/"
    assert "Make sure first" in admin.get(address).content.decode()
    with letters():
        assert admin.post(address, key()).status_code == 303
    entry = newest(centre)
    assert (entry["verb"], entry["about"]) == ("reset_second_step", str(member.uid))
    assert Authenticator.objects.filter(user=member.user).exists()  # nothing is removed yet
    assert mail.outbox[-1].to == [member.user.email]
    link = link_in(mail.outbox[-1])
    assert link not in admin.get(RULES).content.decode()
    client = Client()
    assert client.get(link).status_code == 200
    assert client.post(link, {"password": "not it"} | key()).status_code == 422
    assert Authenticator.objects.filter(user=member.user).exists()
    with letters():
        done = client.post(link, {"password": PASSWORD} | key())
    assert (done.status_code, done["Location"]) == (303, "/sign-in/")
    assert not Authenticator.objects.filter(user=member.user).exists()
    assert not Session.objects.filter(user=member.user).exists()
    assert lost.get("/profile/").status_code == 302
    assert "second step was removed" in mail.outbox[-1].subject
    assert client.get(link).status_code == 410
    assert client.post(link, {"password": PASSWORD} | key()).status_code == 410
    client.post("/sign-in/", {"login": member.user.email, "password": PASSWORD})
    assert "_auth_user_id" in client.session


def test_two_clicks_send_one_letter(letters: Any) -> None:
    member = guarded_member(make_centre(), "tutor")
    admin = signed_in(administrator_of(member.centre))
    sent, before = key(), len(mail.outbox)
    with letters():
        for _ in range(2):
            assert admin.post(f"/centre/people/{member.uid}/second-step/", sent).status_code == 303
    assert LedgerEntry.objects.filter(verb="reset_second_step").count() == 1
    assert len(mail.outbox) == before + 1


@pytest.mark.parametrize("token", ["x", "MQ:abc:def", "a-b-c"])
def test_a_forged_link_removes_nothing(token: str) -> None:
    member = guarded_member(make_centre(), "tutor")
    assert Client().get(f"/sign-in/lost-device/{token}/").status_code == 410
    assert Client().post(f"/sign-in/lost-device/{token}/", {"password": PASSWORD} | key()).status_code == 410
    assert Authenticator.objects.filter(user=member.user).exists()


def test_of_two_who_use_one_link_at_once_the_second_changes_nothing(letters: Any) -> None:
    member = guarded_member(make_centre(), "tutor")
    token = vouch(letters, member).rstrip("/").rsplit("/", 1)[1]
    workflow.remove_lost(token=token)
    with_totp(member.user)
    with pytest.raises(NotNow, match="has been used"):
        workflow.remove_lost(token=token)
    assert Authenticator.objects.filter(user=member.user).count() == 2


def test_a_link_ends_after_a_day_with_a_new_password_and_with_a_new_factor(letters: Any) -> None:
    with time_machine.travel(clock.now() + dt.timedelta(minutes=1), tick=False) as now:
        member = guarded_member(make_centre(), "tutor")
        link = vouch(letters, member)
        assert Client().get(link).status_code == 200
        now.shift(dt.timedelta(days=1, seconds=1))
        assert Client().get(link).status_code == 410
        link = vouch(letters, member)
        with_passkey(member.user)
        assert Client().get(link).status_code == 410
        link = vouch(letters, member)
        member.user.set_password("something else entirely")
        member.user.save()
        assert Client().get(link).status_code == 410


def test_where_two_centres_ask_for_it_both_have_to_vouch_and_neither_learns_of_the_other(letters: Any) -> None:
    one, two = make_centre("Calder Vale"), make_centre("Ribble Side")
    first = guarded_member(one, "tutor", email="both@example.org")
    second = guarded_member(two, "tutor", email="both@example.org")
    rule(one, "staff")
    rule(two, "everybody")
    link = vouch(letters, first)
    page = " ".join(Client().get(link).content.decode().split())
    assert "One centre of yours has still to vouch" in page
    assert "Ribble Side" not in page
    assert Client().post(link, {"password": PASSWORD} | key()).status_code == 422
    with pytest.raises(NotNow, match="Another of your centres"):
        workflow.remove_lost(token=link.rstrip("/").rsplit("/", 1)[1])
    assert Authenticator.objects.filter(user=first.user).exists()
    assert "Ribble" not in signed_in(with_totp(administrator_of(one))).get(RULES + "?show=all").content.decode()
    link = vouch(letters, second)
    assert Client().post(link, {"password": PASSWORD} | key())["Location"] == "/sign-in/"
    assert not Authenticator.objects.filter(user=first.user).exists()


def test_a_centre_that_asks_for_nothing_is_not_waited_for_and_an_old_word_does_not_count(letters: Any) -> None:
    with time_machine.travel(clock.now() + dt.timedelta(minutes=1), tick=False) as now:
        one, two = make_centre(), make_centre()
        first = guarded_member(one, "tutor", email="both@example.org")
        second = guarded_member(two, "tutor", email="both@example.org")
        rule(one, "staff")
        vouch(letters, first)
        now.shift(dt.timedelta(hours=1))
        Authenticator.objects.filter(user=first.user).delete()
        with_totp(first.user)  # lost, removed and set up again since
        now.shift(dt.timedelta(seconds=5))
        link = vouch(letters, second)
        assert "has still to vouch" in " ".join(Client().get(link).content.decode().split())
        link = vouch(letters, first)
        assert Client().post(link, {"password": PASSWORD} | key())["Location"] == "/sign-in/"


def test_nobody_else_may_and_there_has_to_be_something_to_remove() -> None:
    centre, other = make_centre(), make_centre()
    member = guarded_member(centre, "tutor")
    for user in (make_user(centre, "lead_iqa"), administrator_of(other), member.user):
        refuses(NotYours, lambda user=user: workflow.reset_second_step(by=user, membership=member))
    admin = administrator_of(centre)
    has_signed_in(with_totp(admin))
    own = Membership.objects.get(user=admin, centre=centre)
    refuses(NotNow, lambda: workflow.reset_second_step(by=admin, membership=own), "Somebody else")
    bare = make_member(centre, "tutor")
    refuses(NotNow, lambda: workflow.reset_second_step(by=admin, membership=bare), "has not signed in since")
    User.objects.filter(pk=bare.user.pk).update(last_login=clock.now() + dt.timedelta(seconds=1))
    refuses(NotNow, lambda: workflow.reset_second_step(by=admin, membership=bare), "has no second step")
    workflow.end_membership(by=admin, membership=member)
    refuses(NotNow, lambda: workflow.reset_second_step(by=admin, membership=member), "has left")


def test_a_demo_writes_to_nobody(letters: Any) -> None:
    centre = make_centre(demo=True)
    member = guarded_member(centre, "tutor")
    before = len(mail.outbox)
    with letters():
        workflow.reset_second_step(by=administrator_of(centre), membership=member)
    assert len(mail.outbox) == before


def test_whoever_runs_the_house_removes_what_no_administrator_can(capsys: Any) -> None:
    centre = make_centre()
    admin = with_totp(administrator_of(centre))
    client = signed_in(admin)
    call_command("remove_second_step", admin.email.upper())
    assert "has no second step any more" in capsys.readouterr().out
    assert not Authenticator.objects.filter(user=admin).exists()
    assert client.get("/profile/").status_code == 302
    assert LedgerEntry.objects.filter(chain=HOUSE, verb="remove_second_step", about=admin.uid).exists()
    with pytest.raises(CommandError, match="has no second step"):
        call_command("remove_second_step", admin.email)
    with pytest.raises(CommandError, match="no account"):
        call_command("remove_second_step", "nobody@example.org")


# -- One's own ---------------------------------------------------------------------------------------------------------


def test_another_persons_factor_is_not_ones_own_to_remove_and_a_second_app_is_refused() -> None:
    centre = make_centre()
    user = with_totp(make_user(centre, "tutor"))
    factor = Authenticator.objects.get(user=user, type="totp")
    with pytest.raises(NotYours):
        workflow.remove_factor(by=administrator_of(centre), factor=factor)
    with pytest.raises(NotNow, match="already"):
        workflow.add_totp(by=user, secret="A" * 32)
    assert workflow.add_totp(by=user, secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP") is False
    with pytest.raises(NotNow):
        workflow.renew_recovery_codes(by=administrator_of(centre))
    assert Authenticator.objects.count() == 2


def test_the_last_one_stays_where_a_centre_asks_for_it() -> None:
    centre = make_centre()
    user = with_passkey(with_totp(make_user(centre, "tutor")))
    rule(centre, "staff")
    app, passkey = (Authenticator.objects.get(user=user, type=kind) for kind in ("totp", "webauthn"))
    workflow.remove_factor(by=user, factor=app)
    assert may.can_remove_factor(user, passkey).reason == may.LAST_FACTOR
    with pytest.raises(NotNow):
        workflow.remove_factor(by=user, factor=passkey)
    assert Authenticator.objects.filter(pk=passkey.pk).exists()
