"""What changes when a centre is founded and people come, change and go; and that a refusal changes nothing."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import transaction

from courseware.kit.tasks import run_due
from courseware.kit.verdict import NotNow, NotYours
from courseware.ledger.models import LedgerEntry
from courseware.ledger.verify import faults_in
from courseware.people import workflow
from courseware.people.models import Centre, Membership, RoleGrant, User
from courseware.people.standing import standing_of

from .people_builders import administrator_of, everything, make_centre, make_member, newest, refuses

pytestmark = pytest.mark.django_db


# -- Founding ----------------------------------------------------------------------------------------------------------


def test_a_founded_centre_has_its_chain_and_one_administrator_without_a_password() -> None:
    centre = workflow.found_centre(name="  Calder   Vale ", admin_email=" Ada@Example.ORG ", admin_name="Ada Byron")
    assert centre.name == "Calder Vale"
    assert centre.demo is False
    membership = Membership.objects.get(centre=centre)
    assert (membership.name, membership.user.email) == ("Ada Byron", "ada@example.org")
    assert not membership.user.has_usable_password()
    assert standing_of(membership.user).roles == {centre.pk: frozenset({"admin"})}
    told = newest(centre)
    assert (told["verb"], told["number"], told["by"]) == ("found_centre", 1, None)
    assert told["result"] == str(centre.uid)
    assert list(faults_in(centre.uid)) == []
    assert mail.outbox == []


def test_a_name_that_is_taken_is_refused_in_any_case() -> None:
    make_centre("Calder Vale")
    refuses(
        NotNow,
        lambda: workflow.found_centre(name="CALDER vale", admin_email="new@example.org", admin_name="Ada"),
        "already",
    )


@pytest.mark.parametrize(
    ("name", "email", "admin"),
    [("", "a@example.org", "Ada"), ("A centre", "not an address", "Ada"), ("A centre", "a@example.org", " \t ")],
)
def test_a_centre_needs_a_name_and_an_address(name: str, email: str, admin: str) -> None:
    refuses(ValidationError, lambda: workflow.found_centre(name=name, admin_email=email, admin_name=admin))


def test_the_founder_of_a_second_centre_keeps_one_account(django_capture_on_commit_callbacks: Any) -> None:
    first = make_centre(admin_email="ada@example.org")
    password = administrator_of(first).password
    second = workflow.found_centre(name="Second", admin_email="ADA@example.org", admin_name="Ada B.")
    assert administrator_of(second) == administrator_of(first)
    assert administrator_of(second).password == password


# -- Adding ------------------------------------------------------------------------------------------------------------


def test_an_added_member_has_the_roles_given_and_the_record_names_them_by_uid() -> None:
    centre = make_centre()
    member = make_member(centre, "tutor", "iqa", name="Tess Tutor", email="tess@example.org")
    assert set(member.grants.values_list("role", flat=True)) == {"tutor", "iqa"}
    assert member.ends_at is None
    told = newest(centre)
    assert told["verb"] == "add_member"
    assert told["role"] == "admin"
    assert told["by"] == str(administrator_of(centre).uid)
    assert told["result"] == str(member.uid)
    assert sorted(told["subjects"]["grants"]) == sorted(str(one) for one in member.grants.values_list("uid", flat=True))
    assert told["notes"] == {"trainee": False, "returned": False, "tutor": True, "iqa": True}


def test_no_name_and_no_address_stands_in_the_record() -> None:
    centre = make_centre(admin_name="Ada Byron", admin_email="ada.byron@example.org")
    member = make_member(centre, "tutor", name="Zebedee Quartz", email="zebedee@example.net")
    workflow.rename_member(by=administrator_of(centre), membership=member, name="Zebedee Onyx")
    texts = " ".join(LedgerEntry.objects.filter(chain=centre.uid).order_by("number").values_list("text", flat=True))
    for word in ("Zebedee", "zebedee", "Quartz", "Onyx", "Ada", "byron", "example", "@"):
        assert word not in texts


def test_somebody_new_gets_a_link_and_somebody_with_an_account_is_told_to_sign_in() -> None:
    elsewhere = make_member(make_centre("Elsewhere"), "learner", email="known@example.org").user
    centre = make_centre("Calder Vale")
    for email in ("new@example.org", elsewhere.email):
        workflow.add_member(
            by=administrator_of(centre), centre=centre, email=email, name="Somebody", roles=("learner",)
        )
    assert mail.outbox == [], "a letter left with the request"
    run_due()
    new, known = mail.outbox
    assert (new.to, known.to) == (["new@example.org"], ["known@example.org"])
    assert new.subject == known.subject == "You have been added to Calder Vale"
    assert "/welcome/" in str(new.body)
    assert "/welcome/" not in str(known.body)
    assert "/sign-in/" in str(known.body)
    assert "Elsewhere" not in str(known.body)


def test_no_letter_leaves_when_the_transaction_does_not_commit() -> None:
    centre = make_centre()
    told = {"by": administrator_of(centre), "centre": centre, "name": "Lea", "roles": ("learner",)}
    with transaction.atomic():
        workflow.add_member(**told, email="lost@example.org")
        transaction.set_rollback(True)
    workflow.add_member(**told, email="kept@example.org")
    run_due()
    assert [letter.to for letter in mail.outbox] == [["kept@example.org"]]


def test_a_member_cannot_be_added_twice() -> None:
    centre = make_centre()
    make_member(centre, "tutor", email="tess@example.org")
    refuses(
        NotNow,
        lambda: workflow.add_member(
            by=administrator_of(centre), centre=centre, email="TESS@example.org", name="Tess", roles=("iqa",)
        ),
        "already",
    )


def test_the_same_form_sent_twice_adds_once_and_gives_the_first_answer() -> None:
    centre, key = make_centre(), uuid.uuid4()
    sent: dict[str, Any] = {
        "by": administrator_of(centre),
        "centre": centre,
        "email": "tess@example.org",
        "name": "Tess",
        "roles": ("tutor",),
        "key": key,
    }
    first = workflow.add_member(**sent)
    before = everything()
    assert workflow.add_member(**sent) == first
    assert everything() == before


def test_somebody_who_left_comes_back_as_the_same_membership_with_new_grants() -> None:
    centre = make_centre()
    member = make_member(centre, "tutor", email="tess@example.org", name="Tess Old")
    old = member.grants.get()
    workflow.end_membership(by=administrator_of(centre), membership=member)
    back = workflow.add_member(
        by=administrator_of(centre), centre=centre, email="tess@example.org", name="Tess New", roles=("learner",)
    )
    assert (back.pk, back.uid, back.name, back.ends_at) == (member.pk, member.uid, "Tess New", None)
    assert newest(centre)["notes"]["returned"] is True
    old.refresh_from_db()
    assert old.ends_at is not None
    assert list(back.grants.filter(ends_at__isnull=True).values_list("role", flat=True)) == ["learner"]
    assert back.grants.count() == 2
    assert standing_of(member.user).roles == {centre.pk: frozenset({"learner"})}


@pytest.mark.parametrize("roles", [(), ("king",), ("tutor", "king")])
def test_only_roles_that_exist_can_be_given(roles: tuple[str, ...]) -> None:
    centre = make_centre()
    refuses(
        ValidationError,
        lambda: workflow.add_member(
            by=administrator_of(centre), centre=centre, email="x@example.org", name="X", roles=roles
        ),
    )


# -- Who may -----------------------------------------------------------------------------------------------------------


def _others(centre: Centre) -> dict[str, User]:
    """Everybody who is not an administrator of `centre`, by what they are."""
    there = make_centre()
    tutor = make_member(centre, "tutor")
    left = make_member(centre, "admin", name="Left Admin")
    workflow.end_membership(by=administrator_of(centre), membership=left)
    was = make_member(centre, "admin", "tutor", name="Was Admin")
    workflow.end_role(by=administrator_of(centre), grant=was.grants.get(role="admin"))
    inactive = make_member(centre, "admin").user
    User.objects.filter(pk=inactive.pk).update(is_active=False)
    inactive.refresh_from_db()
    return {
        "learner": make_member(centre, "learner").user,
        "tutor": tutor.user,
        "iqa": make_member(centre, "iqa").user,
        "lead": make_member(centre, "lead_iqa").user,
        "eqa": make_member(centre, "eqa").user,
        "administrator who left": left.user,
        "administrator before": was.user,
        "closed account": inactive,
        "other centre": administrator_of(there),
    }


def _acts(by: User, member: Membership, grant: RoleGrant) -> list[Callable[[], object]]:
    """Every verb about a centre's people, tried by `by`."""
    centre = member.centre
    return [
        lambda: workflow.add_member(by=by, centre=centre, email="n@example.org", name="N", roles=("tutor",)),
        lambda: workflow.grant_role(by=by, membership=member, role="admin"),
        lambda: workflow.end_role(by=by, grant=grant),
        lambda: workflow.end_membership(by=by, membership=member),
        lambda: workflow.rename_member(by=by, membership=member, name="Mine"),
        lambda: workflow.set_trainee(by=by, membership=member, trainee=True),
        lambda: workflow.set_author(by=by, membership=member, author=True),
    ]


def test_nobody_but_an_administrator_of_this_centre_changes_its_people() -> None:
    centre = make_centre()
    member = make_member(centre, "tutor")
    grant = member.grants.get()
    for by in _others(centre).values():
        for act in _acts(by, member, grant):
            refuses(NotYours, act, "administrator of this centre")


def test_a_role_in_another_centre_counts_for_nothing_here() -> None:
    centre, there = make_centre(), make_centre()
    both = make_member(centre, "learner", email="both@example.org")
    make_member(there, "admin", email="both@example.org")
    refuses(NotYours, lambda: workflow.grant_role(by=both.user, membership=both, role="admin"))
