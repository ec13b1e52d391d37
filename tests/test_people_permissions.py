"""Every question about people, asked by everybody: an administrator of the centre, each other role, strangers."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from courseware.kit.verdict import Verdict
from courseware.people import permissions, workflow
from courseware.people.models import ROLES, Membership, User

from .people_builders import administrator_of, make_centre, make_member, make_user

pytestmark = pytest.mark.django_db

NOT_ADMINS = [key for key, _ in ROLES if key != "admin"]


def answers(user: Any, member: Membership) -> dict[str, Verdict]:
    """Every question about one member, as `user` hears it."""
    return {
        "some": permissions.can_manage_some_people(user),
        "manage": permissions.can_manage_people(user, member.centre),
        "add": permissions.can_add_member(user, member.centre, "new@example.org"),
        "rename": permissions.can_rename_member(user, member),
        "grant": permissions.can_grant_role(user, member, "iqa"),
        "end role": permissions.can_end_role(user, member.grants.get(role="tutor")),
        "end": permissions.can_end_membership(user, member),
        "trainee": permissions.can_set_trainee(user, member, True, None),
    }


def test_an_administrator_of_the_centre_may_and_in_that_role() -> None:
    centre = make_centre()
    admin, member = administrator_of(centre), make_member(centre, "tutor")
    heard = answers(admin, member)
    assert {name: (bool(one), one.role) for name, one in heard.items()} == dict.fromkeys(heard, (True, "admin"))
    assert heard["manage"].holder == Membership.objects.get(user=admin)


@pytest.mark.parametrize("role", NOT_ADMINS)
def test_no_other_role_may(role: str) -> None:
    centre = make_centre()
    member = make_member(centre, "tutor")
    heard = answers(make_user(centre, role), member)
    assert {one.kind for one in heard.values()} == {"not_yours"}
    assert {one.reason for one in heard.values()} == {permissions.NOT_ADMIN}


def test_an_administrator_of_another_centre_may_not_here() -> None:
    centre, there = make_centre(), make_centre()
    heard = answers(administrator_of(there), make_member(centre, "tutor"))
    assert heard.pop("some")
    assert {one.kind for one in heard.values()} == {"not_yours"}


def test_nobody_signed_in_and_a_closed_account_may_not() -> None:
    centre = make_centre()
    member = make_member(centre, "tutor")
    closed = make_user(centre, "admin")
    User.objects.filter(pk=closed.pk).update(is_active=False)
    closed.refresh_from_db()
    for user in (AnonymousUser(), None, closed):
        assert {one.kind for one in answers(user, member).values()} == {"not_yours"}


def test_an_administrator_may_what_the_state_does_not_allow_only_later() -> None:
    centre = make_centre()
    admin, member = administrator_of(centre), make_member(centre, "tutor", email="tess@example.org")
    own = Membership.objects.get(user=admin)
    assert permissions.can_add_member(admin, centre, "tess@example.org").kind == "not_now"
    assert permissions.can_grant_role(admin, member, "tutor").kind == "not_now"
    assert permissions.can_end_role(admin, own.grants.get()).reason == permissions.LAST_ADMIN
    assert permissions.can_end_membership(admin, own).reason == permissions.LAST_ADMIN
    assert permissions.can_set_trainee(admin, own, True, None).kind == "not_now"
    workflow.end_membership(by=admin, membership=member)
    member.refresh_from_db()
    heard = answers(admin, member)
    assert {name for name, one in heard.items() if one.kind == "not_now"} == {"grant", "end role", "end", "trainee"}
    assert heard["add"]
    assert permissions.can_add_member(admin, centre, "tess@example.org")


def test_a_role_that_ended_is_ended_no_more() -> None:
    centre = make_centre()
    admin, member = administrator_of(centre), make_member(centre, "tutor", "iqa")
    ended = workflow.end_role(by=admin, grant=member.grants.get(role="iqa"))
    assert permissions.can_end_role(admin, ended).kind == "not_now"


def test_whoever_is_no_administrator_hears_nothing_of_the_state() -> None:
    """A refusal that names the state would tell a stranger who is a member."""
    centre = make_centre()
    make_member(centre, "tutor", email="tess@example.org")
    stranger = make_user(make_centre(), "tutor")
    known = permissions.can_add_member(stranger, centre, "tess@example.org")
    unknown = permissions.can_add_member(stranger, centre, "nobody@example.org")
    assert known == unknown == permissions.can_manage_people(stranger, centre)


def test_the_last_administrator_is_one_with_a_working_account() -> None:
    centre = make_centre()
    own = Membership.objects.get(centre=centre)
    assert permissions.is_last_administrator(own)
    second = make_member(centre, "admin")
    assert not permissions.is_last_administrator(own)
    assert not permissions.is_last_administrator(second)
    assert not permissions.is_last_administrator(make_member(centre, "tutor"))
    User.objects.filter(pk=second.user_id).update(is_active=False)
    assert permissions.is_last_administrator(own)
