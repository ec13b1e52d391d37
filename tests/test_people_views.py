"""The administrator's pages about people, and everybody's own: who gets in, what they cost, what bad input does."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from courseware.kit import clock
from courseware.kit.tasks import run_due, tick
from courseware.ledger.models import LedgerEntry
from courseware.people import workflow
from courseware.people.models import Invitation, Membership, User

from .people_builders import administrator_of, everything, make_centre, make_member, make_user

pytestmark = pytest.mark.django_db

BUDGET = 12


def pages(member: Membership) -> dict[str, str]:
    """Every page about people that is opened, by name."""
    return {
        "member-list": "/centre/people/",
        "member-add": "/centre/people/add/",
        "member-page": f"/centre/people/{member.uid}/",
        "member-end": f"/centre/people/{member.uid}/end/",
        "member-role-until": f"/centre/people/{member.uid}/roles/{member.grants.earliest('pk').uid}/until/",
        "invitation-withdraw": f"/centre/people/{member.uid}/invitation/withdraw/",
    }


def posts(member: Membership) -> dict[str, tuple[str, dict[str, Any]]]:
    """Every form about people, filled in so that an administrator would succeed."""
    key = {"key": str(uuid.uuid4())}
    grant = member.grants.earliest("pk")
    return {
        "member-add": (
            "/centre/people/add/",
            {"centre": str(member.centre.uid), "name": "New", "email": "new@example.org", "roles": ["tutor"]} | key,
        ),
        "member-rename": (f"/centre/people/{member.uid}/rename/", {"name": "Renamed"} | key),
        "member-grant-role": (f"/centre/people/{member.uid}/roles/grant/", {"role": "iqa"} | key),
        "member-end-role": (f"/centre/people/{member.uid}/roles/{grant.uid}/end/", key),
        "member-set-author": (f"/centre/people/{member.uid}/author/", {"author": "on"} | key),
        "member-set-trainee": (f"/centre/people/{member.uid}/trainee/", {"trainee": "on"} | key),
        "member-end": (f"/centre/people/{member.uid}/end/", key),
        "member-set-uln": (f"/centre/people/{member.uid}/uln/", {"uln": "9276308686"} | key),
        "member-role-until": (
            f"/centre/people/{member.uid}/roles/{grant.uid}/until/",
            {"ends_on": "2190-01-01"} | key,
        ),
        "member-invite": (f"/centre/people/{member.uid}/invite/", key),
        "invitation-withdraw": (f"/centre/people/{member.uid}/invitation/withdraw/", key),
    }


def uninvited(centre: Any) -> Membership:
    """Somebody to whom the next letter may be written, and whose invitation is open."""
    added = workflow.add_member(
        by=administrator_of(centre), centre=centre, email=f"{uuid.uuid4()}@example.org", name="Lea", roles=("tutor",)
    )
    Invitation.objects.filter(membership=added).update(made_at=clock.now() - dt.timedelta(hours=1))
    return Membership.objects.select_related("centre", "user").get(pk=added.pk)


# -- Who gets in -------------------------------------------------------------------------------------------------------


def test_an_administrator_opens_every_page_and_every_form_works(client: Client) -> None:
    centre = make_centre()
    client.force_login(administrator_of(centre))
    for name, address in pages(make_member(centre, "tutor")).items():
        assert client.get(address).status_code == 200, name
    for name in posts(make_member(centre, "tutor")):
        address, sent = posts(uninvited(centre))[name]
        before = LedgerEntry.objects.count()
        assert client.post(address, sent).status_code == 303, name
        assert LedgerEntry.objects.count() == before + 1, name


@pytest.mark.parametrize("role", ["learner", "tutor", "iqa", "lead_iqa", "eqa"])
def test_everybody_else_of_the_centre_is_refused_and_of_people_learns_nothing(client: Client, role: str) -> None:
    centre = make_centre()
    member = make_member(centre, "tutor", name="Somebody Else")
    own = make_member(centre, role)
    client.force_login(own.user)
    before = everything()
    for name, address in pages(member).items():
        answer = client.get(address)
        assert answer.status_code == (403 if name in ("member-list", "member-add") else 404), name
        assert "Somebody Else" not in answer.content.decode()
    for name, (address, sent) in posts(member).items():
        assert client.post(address, sent).status_code == (403 if name == "member-add" else 404), name
    for address in [address for name, address in pages(own).items() if name not in ("member-list", "member-add")]:
        assert client.get(address).status_code == 403  # they know of themselves, but it is not theirs
    for name, (address, sent) in posts(own).items():
        assert client.post(address, sent).status_code == 403, name
    assert everything() == before


def test_another_centre_is_not_there(client: Client) -> None:
    here, there = make_centre(), make_centre()
    member = make_member(there, "tutor", name="Leak")
    client.force_login(administrator_of(here))
    before = everything()
    for name, address in pages(member).items():
        answer = client.get(address)
        assert answer.status_code == (200 if name in ("member-list", "member-add") else 404), name
        assert "Leak" not in answer.content.decode()
    for name, (address, sent) in posts(member).items():
        assert client.post(address, sent).status_code == 404, name
    assert everything() == before


def test_whoever_left_is_refused_everywhere(client: Client) -> None:
    centre = make_centre()
    left, member = make_member(centre, "admin"), make_member(centre, "tutor")
    workflow.end_membership(by=administrator_of(centre), membership=left)
    client.force_login(left.user)
    before = everything()
    for name, address in pages(member).items():
        assert client.get(address).status_code == (403 if name in ("member-list", "member-add") else 404), name
    for name, (address, sent) in posts(member).items():
        assert client.post(address, sent).status_code == (403 if name == "member-add" else 404), name
    assert "You are in no centre now" in client.get("/profile/").content.decode()
    assert everything() == before


def test_nobody_signed_in_is_sent_to_sign_in_and_back(client: Client) -> None:
    member = make_member(make_centre(), "tutor")
    before = everything()
    for name, address in {**pages(member), "profile": "/profile/"}.items():
        answer = client.get(address)
        assert (answer.status_code, answer["Location"]) == (302, f"/sign-in/?next={address}"), name
    for name, (address, sent) in posts(member).items():
        assert client.post(address, sent).status_code == 401, name
    assert client.post("/centre-switch/", {"centre": str(member.centre.uid)}).status_code == 401
    assert client.post("/profile/theme/", {"theme": "dark"}).status_code == 401
    assert everything() == before


def test_forms_are_posted_and_pages_are_read() -> None:
    centre = make_centre()
    member = make_member(centre, "tutor")
    client = Client()
    client.force_login(administrator_of(centre))
    for name, (address, _) in posts(member).items():
        if name not in pages(member):
            assert client.get(address).status_code == 405, name
    assert client.get("/centre-switch/").status_code == 405
    assert client.get("/profile/theme/").status_code == 405
    assert client.post("/centre/people/").status_code == 405


def test_a_form_without_its_token_does_nothing() -> None:
    centre = make_centre()
    member = make_member(centre, "tutor")
    client = Client(enforce_csrf_checks=True)
    client.force_login(administrator_of(centre))
    before = everything()
    for name, (address, sent) in posts(member).items():
        assert client.post(address, sent).status_code == 403, name
    assert everything() == before


# -- What a page costs -------------------------------------------------------------------------------------------------


def _costs(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_pages_cost_the_same_with_one_row_and_with_four(client: Client) -> None:
    centre = make_centre()
    admin = administrator_of(centre)
    member = make_member(centre, "tutor")
    client.force_login(admin)
    grant = member.grants.get()
    addresses = [
        *pages(member).values(),
        "/centre/people/?show=ended",
        "/centre/people/?show=waiting",
        "/centre/people/?search=e",
        "/profile/",
    ]
    left = make_member(centre, "learner")
    workflow.end_membership(by=admin, membership=left)
    uninvited(centre)
    one = {address: _costs(client, address) for address in addresses}
    for _ in range(3):
        make_member(centre, "tutor", trainee=True, countersigner=member)
        uninvited(centre)
        workflow.end_membership(by=admin, membership=make_member(centre, "learner"))
        make_member(make_centre(), "admin", email=admin.email)
    for role in ("iqa", "lead_iqa", "eqa"):
        given = workflow.grant_role(by=admin, membership=member, role=role)
        if role != "eqa":
            workflow.end_role(by=admin, grant=given)
    four = {address: _costs(client, address) for address in addresses}
    assert one == four
    assert one == {
        "/centre/people/": 9,
        "/centre/people/add/": 5,
        f"/centre/people/{member.uid}/": 12,
        f"/centre/people/{member.uid}/end/": 11,
        f"/centre/people/{member.uid}/roles/{grant.uid}/until/": 6,
        f"/centre/people/{member.uid}/invitation/withdraw/": 8,
        "/centre/people/?show=ended": 9,
        "/centre/people/?show=waiting": 9,
        "/centre/people/?search=e": 9,
        "/profile/": 4,
    }
    assert max(one.values()) <= BUDGET


# -- What the pages do -------------------------------------------------------------------------------------------------


def test_the_first_member_is_added_through_the_form_and_written_to(
    client: Client,
) -> None:
    centre = make_centre("Calder Vale")
    client.force_login(administrator_of(centre))
    page = client.get("/centre/people/add/")
    key = str(page.context["form"]["key"].value())
    sent = {
        "centre": str(centre.uid),
        "name": "Lea",
        "email": "lea@example.org",
        "roles": ["learner", "eqa"],
        "key": key,
    }
    answer = client.post("/centre/people/add/", sent)
    assert (answer.status_code, answer["Location"]) == (303, "/centre/people/")
    assert mail.outbox == [], "a letter left with the request"
    run_due()
    assert "Lea is added" in client.get("/centre/people/").content.decode()
    assert [letter.to for letter in mail.outbox] == [["lea@example.org"]]
    assert client.post("/centre/people/add/", sent).status_code == 303  # a double click
    run_due()
    assert len(mail.outbox) == 1
    assert Membership.objects.filter(name="Lea").count() == 1


def test_no_page_shows_the_link_of_somebody_added(client: Client) -> None:
    centre = make_centre()
    client.force_login(administrator_of(centre))
    address, sent = posts(make_member(centre, "learner"))["member-add"]
    client.post(address, sent)
    run_due()
    token = str(mail.outbox[-1].body).split("/welcome/")[1].split("/")[0]
    member = Membership.objects.get(user__email="new@example.org")
    shown = client.get("/centre/people/").content + client.get(f"/centre/people/{member.uid}/").content
    assert token not in shown.decode()
    assert "/welcome/" not in shown.decode()


def test_a_letter_that_cannot_be_sent_stops_nothing_and_goes_later(client: Client, settings: Any) -> None:
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    centre = make_centre()
    client.force_login(administrator_of(centre))
    address, sent = posts(make_member(centre, "learner"))["member-add"]
    assert client.post(address, sent).status_code == 303
    run_due()
    invitation = Invitation.objects.get(membership__user__email="new@example.org")
    assert invitation.written_at is None
    settings.EMAIL_BACKEND = working
    with time_machine.travel(clock.now() + dt.timedelta(minutes=1)):
        tick()
        run_due()
    assert [letter.to for letter in mail.outbox] == [["new@example.org"]]


def test_what_was_typed_comes_back_with_the_reason(client: Client) -> None:
    centre = make_centre()
    make_member(centre, "learner", email="lea@example.org")
    client.force_login(administrator_of(centre))
    address, sent = posts(make_member(centre, "learner"))["member-add"]
    before = everything()
    taken = client.post(address, sent | {"email": "lea@example.org", "name": "Lea Again"})
    assert taken.status_code == 409
    assert "Lea Again" in taken.content.decode()
    assert "is a member here already" in taken.content.decode()
    for wrong, says in (
        ({"name": " "}, "Write a name."),
        ({"name": "x" * 121}, "120"),
        ({"name": "Ev\u202eil"}, "only letters"),
        ({"email": "nonsense"}, "Write an e-mail address"),
        ({"email": ""}, "Write an e-mail address"),
        ({"roles": []}, "Choose at least one role"),
        ({"roles": ["king"]}, "king"),
        ({"trainee": "on"}, ""),
        ({"countersigner": str(uuid.uuid4())}, "Choose one of the qualified tutors"),
        ({"countersigner": "nonsense"}, "Choose one of the qualified tutors"),
        ({"key": "nonsense"}, ""),
        ({"key": ""}, ""),
    ):
        answer = client.post(address, sent | wrong)
        if wrong == {"trainee": "on"}:
            assert answer.status_code == 303  # a trainee tutor without a named countersigner
            User.objects.filter(email="new@example.org").update(email="newer@example.org")
            before = everything()
            continue
        assert answer.status_code == 422, wrong
        assert re.search(r"<title>\s*Error:\s", answer.content.decode()), wrong
        assert says in answer.content.decode(), wrong
    assert everything() == before


def test_the_centre_that_a_form_names_must_be_one_that_is_administered(client: Client) -> None:
    here, there, third = make_centre(admin_email="ada@example.org"), make_centre(), make_centre()
    make_member(there, "learner", email="ada@example.org")
    client.force_login(administrator_of(here))
    address, sent = posts(make_member(here, "learner"))["member-add"]
    before = everything()
    assert client.post(address, sent | {"centre": str(there.uid)}).status_code == 403  # a learner there
    for unseen in (str(third.uid), str(uuid.uuid4()), "nonsense", "", "\0"):
        assert client.post(address, sent | {"centre": unseen}).status_code == 404, unseen
    assert everything() == before


def test_a_role_is_ended_only_through_its_own_member(client: Client) -> None:
    centre = make_centre()
    client.force_login(administrator_of(centre))
    one, other = make_member(centre, "tutor"), make_member(centre, "tutor")
    foreign = make_member(make_centre(), "tutor").grants.get()
    before = everything()
    for grant in (other.grants.get().uid, foreign.uid, uuid.uuid4()):
        answer = client.post(f"/centre/people/{one.uid}/roles/{grant}/end/", {"key": str(uuid.uuid4())})
        assert answer.status_code == 404
    assert everything() == before


def test_a_member_page_shows_each_fault_in_its_form_and_keeps_the_text(client: Client) -> None:
    centre = make_centre()
    admin = administrator_of(centre)
    client.force_login(admin)
    tutor, own = make_member(centre, "tutor", name="Tess"), Membership.objects.get(user=admin)
    stranger = make_member(make_centre(), "tutor")
    base, key = f"/centre/people/{tutor.uid}", {"key": str(uuid.uuid4())}
    before = everything()
    for address, sent, status, says in (
        (f"{base}/rename/", {"name": "  "}, 422, "Write a name."),
        (f"{base}/roles/grant/", {"role": ""}, 422, "Choose a role."),
        (f"{base}/roles/grant/", {"role": "king"}, 422, "Select a valid choice"),
        (f"{base}/roles/grant/", {"role": "tutor"}, 409, "has this role already"),
        (f"{base}/trainee/", {"trainee": "on", "countersigner": str(tutor.uid)}, 422, "Choose one of the qualified"),
        (f"{base}/trainee/", {"trainee": "on", "countersigner": str(stranger.uid)}, 422, "Choose one of the qualified"),
        (f"/centre/people/{own.uid}/end/", {}, 409, "needs an administrator"),
        (f"/centre/people/{own.uid}/roles/{own.grants.get().uid}/end/", {}, 409, "needs an administrator"),
    ):
        answer = client.post(address, sent | key)
        assert answer.status_code == status, (address, sent)
        assert says in answer.content.decode(), (address, sent)
    other = make_member(centre, "tutor")
    before = everything()
    answer = client.post(f"{base}/trainee/", {"countersigner": str(other.uid)} | key)
    assert answer.status_code == 409
    assert "Only a trainee tutor has a countersigner" in answer.content.decode()
    assert everything() == before


def test_the_page_of_a_member_offers_what_can_be_done_and_says_why_not(client: Client) -> None:
    centre = make_centre()
    admin = administrator_of(centre)
    client.force_login(admin)
    own = client.get(f"/centre/people/{Membership.objects.get(user=admin).uid}/").content.decode()
    assert "needs an administrator" in own
    assert "End the membership of" not in own.replace("<title>", "")
    left = make_member(centre, "tutor", name="Lara Left")
    workflow.end_membership(by=admin, membership=left)
    tess = make_member(centre, "tutor", "iqa", name="Tess")
    make_member(centre, "tutor", name="Tim", trainee=True, countersigner=tess)
    assert "These roles end: Tutor, IQA." in client.get(f"/centre/people/{tess.uid}/end/").content.decode()
    assert "Countersigns for Tim." in client.get(f"/centre/people/{tess.uid}/").content.decode()
    gone = client.get(f"/centre/people/{left.uid}/").content.decode()
    assert "Has left this centre" in gone
    assert "/roles/grant/" not in gone
    assert "Nobody found" in client.get("/centre/people/?search=nobody%00such").content.decode()
    assert "Lara Left" in client.get("/centre/people/?show=ended").content.decode()


def test_an_administrator_who_ends_their_own_part_is_sent_to_their_details(client: Client) -> None:
    centre = make_centre()
    make_member(centre, "admin")
    for path in ("roles/{grant}/end/", "end/"):
        own = make_member(centre, "admin")
        client.force_login(own.user)
        address = f"/centre/people/{own.uid}/" + path.format(grant=own.grants.get().uid)
        answer = client.post(address, {"key": str(uuid.uuid4())})
        assert (answer.status_code, answer["Location"]) == (303, "/profile/")
        assert client.get("/profile/").status_code == 200


def test_a_name_is_text_and_never_markup(client: Client) -> None:
    centre = make_centre(admin_name="<script>alert(1)</script>")
    client.force_login(administrator_of(centre))
    member = Membership.objects.get(centre=centre)
    for address in (
        "/centre/people/",
        f"/centre/people/{member.uid}/",
        f"/centre/people/{member.uid}/end/",
        "/profile/",
    ):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


# -- One's own ---------------------------------------------------------------------------------------------------------


def test_single_keys_are_switched_off_for_the_account_on_every_page(client: Client) -> None:
    user = make_member(make_centre(), "tutor").user
    client.force_login(user)
    assert 'data-keys="off"' not in client.get("/profile/").content.decode()
    own = {"key": str(uuid.uuid4())}
    assert client.post("/profile/keys/", own).status_code == 422
    assert client.post("/profile/keys/", own | {"single_keys": "perhaps"}).status_code == 422
    user.refresh_from_db()
    assert user.single_keys
    assert client.post("/profile/keys/", own | {"single_keys": "off"}).status_code == 303
    page = client.get("/").content.decode()
    assert 'data-keys="off"' in page.split("<head>")[0]
    assert "shortcuts are off" in page
    elsewhere = Client()
    elsewhere.force_login(user)
    assert 'data-keys="off"' in elsewhere.get("/marking/").content.decode()
    sent = elsewhere.post("/profile/keys/", own | {"single_keys": "on"}, headers={"X-Requested-With": "XMLHttpRequest"})
    assert (sent.status_code, sent.content) == (204, b"")
    assert 'data-keys="off"' not in client.get("/").content.decode()


def test_the_profile_names_every_centre_and_keeps_an_appearance(client: Client) -> None:
    first, second = make_centre("First"), make_centre("Second")
    user = make_member(first, "learner", name="Li W.", email="li@example.org").user
    make_member(second, "tutor", name="Li Wang", email="li@example.org", trainee=True)
    client.force_login(user)
    page = client.get("/profile/").content.decode()
    for word in ("First", "Li W.", "Second", "Li Wang", "Tutor (trainee)", "li@example.org"):
        assert word in page
    assert client.post("/profile/theme/", {"theme": "dark", "key": str(uuid.uuid4())}).status_code == 303
    user.refresh_from_db()
    assert user.theme == "dark"
    assert client.post("/profile/theme/", {"theme": "", "key": str(uuid.uuid4())}).status_code == 422
    assert client.post("/profile/theme/", {"theme": "neon", "key": str(uuid.uuid4())}).status_code == 422
    user.refresh_from_db()
    assert user.theme == "dark"
    assert client.post("/profile/theme/", {"theme": "device", "key": str(uuid.uuid4())}).status_code == 303
    user.refresh_from_db()
    assert user.theme == ""


def test_the_chosen_centre_filters_lists_and_nothing_else(client: Client) -> None:
    first = make_centre("First", admin_email="ada@example.org")
    second = make_centre("Second", admin_email="ada@example.org")
    member = make_member(first, "tutor", name="Of The First")
    client.force_login(administrator_of(first))
    assert "People of First" in client.get("/centre/people/").content.decode()
    answer = client.post("/centre-switch/", {"centre": str(second.uid), "next": "/centre/people/"})
    assert (answer.status_code, answer["Location"]) == (303, "/centre/people/")
    assert "People of Second" in client.get("/centre/people/").content.decode()
    assert str(second.uid) in client.get("/centre/people/add/").content.decode()
    assert "Of The First" in client.get(f"/centre/people/{member.uid}/").content.decode()
    address, sent = posts(member)["member-rename"]
    assert client.post(address, sent).status_code == 303


@pytest.mark.parametrize(
    "onward", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "", "http://testserver/"]
)
def test_the_switch_leads_nowhere_else(client: Client, onward: str) -> None:
    centre = make_centre()
    client.force_login(administrator_of(centre))
    answer = client.post("/centre-switch/", {"centre": str(centre.uid), "next": onward})
    assert (answer.status_code, answer["Location"]) == (303, "/")


def test_only_a_centre_of_ones_own_can_be_chosen(client: Client) -> None:
    centre, there = make_centre(), make_centre()
    client.force_login(make_user(centre, "learner"))
    for unseen in (str(there.uid), str(uuid.uuid4()), "nonsense", "", "\0"):
        assert client.post("/centre-switch/", {"centre": unseen}).status_code == 404, unseen
    assert client.post("/centre-switch/", {}).status_code == 404
    assert "centre" not in client.session


def test_the_page_of_staff_leads_to_recording_a_qualification_and_a_learners_does_not() -> None:
    centre = make_centre()
    client = Client()
    client.force_login(administrator_of(centre))
    for role, there in (("tutor", True), ("iqa", True), ("lead_iqa", True), ("learner", False), ("admin", False)):
        member = make_member(centre, role)
        address = reverse("qualification-add", args=(member.uid,))
        assert (address in client.get(f"/centre/people/{member.uid}/").content.decode()) == there, role
        if there:
            assert client.get(address).status_code == 200
