"""`manage.py add_centre`: from an empty database to an administrator at work, through the forms alone."""

from __future__ import annotations

import io
import re

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from courseware.kit.tasks import run_due
from courseware.ledger.models import LedgerEntry
from courseware.ledger.verify import faults_in
from courseware.people.models import Centre, Membership, RoleGrant, User

from .people_builders import PASSWORD, administrator_of, make_centre

pytestmark = pytest.mark.django_db


def add_centre(*arguments: str) -> str:
    """What the command prints."""
    out = io.StringIO()
    call_command("add_centre", *arguments, stdout=out)
    return out.getvalue()


def welcome(text: str) -> str:
    """The path of the single-use link in `text`."""
    found = re.search(r"(/welcome/\S+/)", text)
    assert found
    return found[1]


def test_from_an_empty_database_to_a_learner_signed_in(client: Client) -> None:
    printed = add_centre("Calder Vale", "--admin", "Ada@Example.org", "--admin-name", "Ada Byron")
    assert "http://127.0.0.1:8000/welcome/" in printed
    new = {"password1": PASSWORD, "password2": PASSWORD}
    assert client.post(welcome(printed), new).status_code == 303
    page = client.get("/centre/people/")
    assert "Ada Byron" in page.content.decode()
    form = client.get("/centre/people/add/")
    assert form.status_code == 200
    sent = {
        "centre": str(form.context["centre"].uid),
        "key": str(form.context["form"]["key"].value()),
        "name": "Lea Ford",
        "email": "lea@example.org",
        "roles": ["learner"],
    }
    assert client.post("/centre/people/add/", sent).status_code == 303
    run_due()
    learner = Client()
    assert learner.post(welcome(str(mail.outbox[0].body)), new).status_code == 303
    assert "Lea Ford" in learner.get("/profile/").content.decode()
    learner.post("/sign-out/")
    assert learner.post("/sign-in/", {"login": "lea@example.org", "password": PASSWORD}).status_code == 302
    centre = Centre.objects.get()
    assert [one.verb for one in LedgerEntry.objects.order_by("number")] == ["found_centre", "add_member"]
    assert list(faults_in(centre.uid)) == []


def test_the_name_of_the_administrator_is_optional_and_the_address_of_the_house_can_be_given() -> None:
    printed = add_centre("Calder Vale", "--admin", "ada@example.org", "--base-url", "https://courseware.example.org/")
    assert "https://courseware.example.org/welcome/" in printed
    assert Membership.objects.get().name == "ada"


def test_somebody_with_a_password_gets_no_link() -> None:
    first = make_centre(admin_email="ada@example.org")
    before = administrator_of(first).password
    printed = add_centre("Second", "--admin", "ADA@example.org")
    assert "/welcome/" not in printed
    assert "http://127.0.0.1:8000/sign-in/" in printed
    assert administrator_of(Centre.objects.get(name="Second")) == administrator_of(first)
    assert administrator_of(first).password == before


def test_somebody_without_a_password_gets_a_link_for_each_centre_and_one_of_them_works(client: Client) -> None:
    first = add_centre("First", "--admin", "ada@example.org")
    second = add_centre("Second", "--admin", "ada@example.org")
    assert User.objects.count() == 1
    assert client.post(welcome(second), {"password1": PASSWORD, "password2": PASSWORD}).status_code == 303
    assert client.get(welcome(first)).status_code == 410


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("Calder Vale", "--admin", "new@example.org"), "There is a centre called Calder Vale already"),
        (("CALDER vale", "--admin", "new@example.org"), "already"),
        (("New", "--admin", "nonsense"), "e-mail address"),
        (("New", "--admin", ""), "e-mail address"),
        (("New", "--admin", "a@b@c"), "e-mail address"),
        (("", "--admin", "new@example.org"), "Write a name"),
        (("x" * 121, "--admin", "new@example.org"), "120"),
        (("New\n\0", "--admin", "new@example.org"), "only letters"),
        (("New", "--admin", "new@example.org", "--base-url", "nonsense"), "--base-url"),
        (("New", "--admin", "new@example.org", "--base-url", "javascript:alert(1)"), "--base-url"),
        (("New",), "--admin"),
    ],
)
def test_a_mistake_is_one_clear_sentence_and_changes_nothing(arguments: tuple[str, ...], says: str) -> None:
    make_centre("Calder Vale")
    before = [list(m._default_manager.order_by("pk").values()) for m in (User, Centre, Membership, RoleGrant)]
    with pytest.raises(CommandError, match=re.escape(says)) as raised:
        add_centre(*arguments)
    assert "\n" not in str(raised.value)
    after = [list(m._default_manager.order_by("pk").values()) for m in (User, Centre, Membership, RoleGrant)]
    assert after == before
