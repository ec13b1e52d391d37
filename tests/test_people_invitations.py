"""Invitations: where one stands, another letter, none any more; and that none of it tells of an account elsewhere."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client

from courseware.kit import clock
from courseware.kit.tasks import run_due
from courseware.kit.verdict import NotNow, NotYours
from courseware.people import notices, readings, workflow
from courseware.people.invitations import account_for, state_of, token_for
from courseware.people.models import Centre, Invitation, Membership

from .people_builders import PASSWORD, administrator_of, everything, make_centre, make_member, newest, refuses

pytestmark = pytest.mark.django_db
LATER = dt.timedelta(minutes=11)


def invited(centre: Centre, email: str = "lea@example.org", name: str = "Lea") -> Membership:
    """Somebody added who has not signed in."""
    added = workflow.add_member(by=administrator_of(centre), centre=centre, email=email, name=name, roles=("learner",))
    return Membership.objects.select_related("user", "centre").get(pk=added.pk)


def link_in(letter: Any) -> str:
    """The token of the link in a letter."""
    return re.findall(r"/welcome/(\S+)/", str(letter.body))[0]


def open_state(membership: Membership) -> str:
    """Where the newest invitation stands."""
    return state_of(membership.invitations.order_by("-made_at", "-pk")[0])


def test_an_invitation_waits_until_the_link_is_followed() -> None:
    membership = invited(make_centre())
    assert open_state(membership) == "waiting"
    workflow.set_first_password(token=token_for(membership.user), password=PASSWORD)
    assert open_state(membership) == "accepted"


def test_after_seven_days_the_page_says_that_the_link_is_too_old() -> None:
    membership = invited(make_centre())
    with time_machine.travel(clock.now() + dt.timedelta(days=7, seconds=1), tick=False):
        assert open_state(membership) == "expired"
    with time_machine.travel(clock.now() + dt.timedelta(days=6, hours=23), tick=False):
        assert open_state(membership) == "waiting"


def test_who_has_an_account_accepts_by_signing_in(client: Client) -> None:
    known = make_member(make_centre(), "tutor", email="knut@example.org").user
    membership = invited(make_centre(), email=known.email)
    assert open_state(membership) == "waiting"
    assert client.post("/sign-in/", {"login": known.email, "password": PASSWORD}).status_code == 302
    assert open_state(membership) == "accepted"


def test_another_letter_has_another_link_and_spends_the_first() -> None:
    centre = make_centre()
    membership = invited(centre)
    run_due()
    first = link_in(mail.outbox[-1])
    assert account_for(first) == membership.user
    with time_machine.travel(clock.now() + LATER, tick=False):
        workflow.invite_again(by=administrator_of(centre), membership=membership)
        assert len(mail.outbox) == 1, "a letter left with the request"
        assert account_for(first) is None
        run_due()
        assert len(mail.outbox) == 2
        second = link_in(mail.outbox[-1])
        assert account_for(second) == membership.user
        assert newest(centre)["verb"] == "invite_again"
        assert newest(centre)["subjects"] == {"membership": str(membership.uid)}
        workflow.set_first_password(token=second, password=PASSWORD)
    assert [state_of(one) for one in membership.invitations.order_by("pk")] == ["replaced", "accepted"]


def test_letters_are_far_enough_apart_and_five_a_day_at_most() -> None:
    centre = make_centre()
    membership, admin = invited(centre), administrator_of(centre)
    now = clock.now()
    refuses(NotNow, lambda: workflow.invite_again(by=admin, membership=membership), "Wait ten minutes")
    for number in range(1, 5):
        with time_machine.travel(now + number * LATER, tick=False):
            workflow.invite_again(by=admin, membership=membership)
    with time_machine.travel(now + 5 * LATER, tick=False):
        refuses(NotNow, lambda: workflow.invite_again(by=admin, membership=membership), "Five letters")
    with time_machine.travel(now + dt.timedelta(days=1, minutes=5), tick=False):
        workflow.invite_again(by=admin, membership=membership)


def test_who_accepted_gets_no_other_letter_and_cannot_be_uninvited() -> None:
    centre = make_centre()
    membership = make_member(centre, "learner")
    refuses(
        NotNow, lambda: workflow.invite_again(by=administrator_of(centre), membership=membership), "accepted already"
    )
    refuses(
        NotNow,
        lambda: workflow.withdraw_invitation(by=administrator_of(centre), membership=membership),
        "No invitation",
    )


def test_a_withdrawn_invitation_opens_nothing_by_its_link_nor_by_a_forgotten_password(
    client: Client,
) -> None:
    centre = make_centre("Calder Vale")
    membership = invited(centre)
    run_due()
    token = link_in(mail.outbox[-1])
    workflow.withdraw_invitation(by=administrator_of(centre), membership=membership)
    assert open_state(membership) == "withdrawn"
    assert newest(centre)["verb"] == "withdraw_invitation"
    answer = client.get(f"/welcome/{token}/")
    assert answer.status_code == 410
    assert "withdrawn" in answer.content.decode()
    with pytest.raises(NotNow):
        workflow.set_first_password(token=token, password=PASSWORD)
    membership.user.set_password(PASSWORD)
    membership.user.save()
    client.force_login(membership.user)
    assert "Calder Vale" not in client.get("/profile/").content.decode()
    membership.refresh_from_db()
    assert membership.ends_at is not None


def test_withdrawn_in_one_centre_the_invitation_of_another_still_works() -> None:
    here, there = make_centre(), make_centre()
    withdrawn, kept = invited(here), invited(there)
    run_due()
    workflow.withdraw_invitation(by=administrator_of(here), membership=withdrawn)
    account = workflow.set_first_password(token=link_in(mail.outbox[-1]), password=PASSWORD)
    assert account == kept.user
    assert (open_state(withdrawn), open_state(kept)) == ("withdrawn", "accepted")


def test_the_last_administrator_is_not_uninvited() -> None:
    centre = make_centre()
    admin = administrator_of(centre)
    own = admin.memberships.get()
    Invitation.objects.create(membership=own)
    refuses(NotNow, lambda: workflow.withdraw_invitation(by=admin, membership=own), "needs an administrator")


def test_who_left_takes_their_open_invitation_along_and_gets_a_new_one_when_added_again() -> None:
    centre = make_centre()
    membership, admin = invited(centre), administrator_of(centre)
    workflow.end_membership(by=admin, membership=membership)
    assert open_state(membership) == "withdrawn"
    refuses(NotNow, lambda: workflow.invite_again(by=admin, membership=membership), "has left")
    invited(centre)
    assert [state_of(one) for one in membership.invitations.order_by("pk")] == ["withdrawn", "waiting"]


def test_nobody_but_an_administrator_of_this_centre_writes_letters() -> None:
    centre = make_centre()
    membership = invited(centre)
    for by in (make_member(centre, "lead_iqa").user, membership.user, administrator_of(make_centre())):
        for act in (workflow.invite_again, workflow.withdraw_invitation):
            refuses(NotYours, lambda act=act, by=by: act(by=by, membership=membership))  # type: ignore[misc]


def test_the_members_page_tells_the_same_of_an_address_known_elsewhere(client: Client) -> None:
    """Nothing on it, and not whether another letter may be written, depends on the account behind the address."""
    make_member(make_centre("Elsewhere"), "learner", email="knut@example.org")
    centre = make_centre("Here")
    client.force_login(administrator_of(centre))
    now = clock.now()
    told = []
    for email in ("knut@example.org", "zora@example.org"):
        with time_machine.travel(now, tick=False):
            membership = invited(centre, email=email, name="Sam Same")
            page = readings.member_page(administrator_of(centre), membership)
        with time_machine.travel(now + LATER, tick=False):
            workflow.invite_again(by=administrator_of(centre), membership=membership)
            again = readings.member_page(administrator_of(centre), membership)
            waiting = readings.member_list(administrator_of(centre), centre, showing="waiting")
        told.append((page.invitations, page.can_invite, again.invitations, again.can_invite, waiting.rows[-1].invited))
    assert told[0] == told[1]


def test_the_list_counts_and_shows_who_has_not_accepted(client: Client) -> None:
    centre = make_centre()
    invited(centre, name="Wanda Waits")
    make_member(centre, "tutor", name="Tess Came")
    client.force_login(administrator_of(centre))
    shown = readings.member_list(administrator_of(centre), centre, showing="waiting")
    assert (shown.here, shown.waiting, [row.membership.name for row in shown.rows]) == (3, 1, ["Wanda Waits"])
    page = client.get("/centre/people/?show=waiting").content.decode()
    assert "Wanda Waits" in page
    assert "Tess Came" not in page
    assert "Not accepted yet" in page
    make_centre_without = make_centre()
    client.force_login(administrator_of(make_centre_without))
    assert "Everybody has accepted" in client.get("/centre/people/?show=waiting").content.decode()


def test_both_forms_work_and_a_refusal_is_said_on_the_page(client: Client) -> None:
    centre = make_centre()
    membership = invited(centre)
    client.force_login(administrator_of(centre))
    key = {"key": "5b0e3c66-57a3-4a3e-9d4b-3f5f7b9a8f10"}
    before = everything()
    answer = client.post(f"/centre/people/{membership.uid}/invite/", key)
    assert answer.status_code == 409
    assert "Wait ten minutes" in answer.content.decode()
    assert everything() == before
    with time_machine.travel(clock.now() + LATER):
        assert client.post(f"/centre/people/{membership.uid}/invite/", key).status_code == 303
    address = f"/centre/people/{membership.uid}/invitation/withdraw/"
    assert "Withdraw the invitation" in client.get(address).content.decode()
    assert client.post(address, {}).status_code == 422
    assert client.post(address, key).status_code == 303
    assert "Withdrawn" in client.get(f"/centre/people/{membership.uid}/").content.decode()
    assert client.post(address, {"key": "5b0e3c66-57a3-4a3e-9d4b-3f5f7b9a8f11"}).status_code == 409


# -- Letters -----------------------------------------------------------------------------------------------------------


def test_letters_are_written_once_and_one_that_fails_holds_up_no_other(monkeypatch: Any) -> None:
    centre = make_centre()
    three = [invited(centre, email=f"{name}@example.org") for name in ("a", "b", "c")]
    uids = [str(one.invitations.get().uid) for one in three]
    workflow.withdraw_invitation(by=administrator_of(centre), membership=three[2])
    real = notices.send_mail

    def post(subject: str, body: str, sender: str, to: list[str]) -> int:
        if to == ["a@example.org"]:
            raise OSError("the post office is closed")
        return real(subject, body, sender, to)

    monkeypatch.setattr(notices, "send_mail", post)
    for _ in range(2):
        with pytest.raises(OSError, match="closed"):
            notices.write_invitations.func(uids)
        assert [one.to for one in mail.outbox] == [["b@example.org"]]
    monkeypatch.setattr(notices, "send_mail", real)
    notices.write_invitations.func(uids)
    assert [one.to for one in mail.outbox] == [["b@example.org"], ["a@example.org"]]


def test_nobody_real_is_written_to_from_a_demo() -> None:
    centre = make_centre(demo=True)
    membership = invited(centre)
    with time_machine.travel(clock.now() + LATER):
        workflow.invite_again(by=administrator_of(centre), membership=membership)
        run_due()
    assert mail.outbox == []
