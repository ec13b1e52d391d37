"""Who may know of which centre and which person; every test has somebody who could leak."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser

from courseware.kit import clock
from courseware.people import readings, workflow
from courseware.people.models import ROLES, Centre, Membership, RoleGrant, User
from courseware.people.standing import standing_of

from .people_builders import administrator_of, gone, make_centre, make_member, make_user

pytestmark = pytest.mark.django_db


def centres(user: Any) -> list[str]:
    return list(Centre.objects.visible_to(user).order_by("name").values_list("name", flat=True))


def people(user: Any) -> list[str]:
    return list(Membership.objects.visible_to(user).order_by("name").values_list("name", flat=True))


def test_a_centre_is_known_to_whoever_holds_a_role_in_it_now() -> None:
    first, second = make_centre("First"), make_centre("Second")
    for role, _ in ROLES:
        assert centres(make_user(first, role)) == ["First"]
    both = make_member(first, "learner", email="both@example.org").user
    make_member(second, "tutor", email="both@example.org")
    assert centres(both) == ["First", "Second"]


def test_an_administrator_sees_everybody_of_the_centre_those_who_left_too_and_nobody_else() -> None:
    here, there = make_centre("Here", admin_name="Ada"), make_centre("There", admin_name="Thea")
    make_member(here, "learner", name="Lea")
    left = make_member(here, "tutor", name="Tom")
    workflow.end_membership(by=administrator_of(here), membership=left)
    make_member(there, "learner", name="Leak")
    assert people(administrator_of(here)) == ["Ada", "Lea", "Tom"]


def test_everybody_else_sees_themselves_only() -> None:
    here = make_centre("Here")
    make_member(here, "learner", name="Other Learner")
    for role, _ in ROLES:
        if role != "admin":
            assert people(make_user(here, role, name=f"Own {role}")) == [f"Own {role}"]


def test_an_administrator_who_learns_elsewhere_sees_only_themselves_there() -> None:
    here, there = make_centre(admin_email="ada@example.org", admin_name="Ada"), make_centre("There")
    make_member(there, "learner", email="ada@example.org", name="Ada There")
    make_member(there, "learner", name="Leak")
    assert people(administrator_of(here)) == ["Ada", "Ada There"]


def test_whoever_left_sees_nothing() -> None:
    here = make_centre()
    left = make_member(here, "admin", "tutor")
    workflow.end_membership(by=administrator_of(here), membership=left)
    assert centres(left.user) == []
    assert people(left.user) == []


def test_without_a_role_nothing_is_seen() -> None:
    here = make_centre()
    member = make_member(here, "tutor")
    workflow.end_role(by=administrator_of(here), grant=member.grants.get())
    assert centres(member.user) == []
    assert people(member.user) == []


def test_a_closed_account_and_nobody_see_nothing() -> None:
    here = make_centre()
    closed = make_user(here, "admin")
    User.objects.filter(pk=closed.pk).update(is_active=False)
    closed.refresh_from_db()
    for user in (closed, AnonymousUser(), None):
        assert centres(user) == []
        assert people(user) == []
        assert standing_of(user).roles == {}


def test_a_role_counts_from_its_beginning_until_its_end() -> None:
    here = make_centre()
    member = make_member(here, "tutor")
    now = clock.now()
    for starts, ends, seen in (
        (now + dt.timedelta(days=1), None, False),
        (now - dt.timedelta(days=2), now - dt.timedelta(days=1), False),
        (now - dt.timedelta(days=2), now + dt.timedelta(days=1), True),
    ):
        RoleGrant.objects.filter(membership=member).update(starts_at=starts, ends_at=ends)
        assert bool(centres(member.user)) is seen
        assert bool(people(member.user)) is seen
        assert standing_of(member.user).has(here.pk, "tutor") is seen


def test_the_querysets_and_the_standing_agree() -> None:
    first, second = make_centre("First"), make_centre("Second")
    make_centre("Third")
    user = make_member(first, "learner", email="both@example.org").user
    make_member(second, "tutor", "iqa", email="both@example.org")
    standing = standing_of(user)
    assert sorted(standing.memberships) == sorted(Centre.objects.visible_to(user).values_list("pk", flat=True))
    assert standing.centres_as("tutor", "iqa") == [second.pk]
    assert standing.membership_in(first.pk) == Membership.objects.get(user=user, centre=first)
    assert readings.centres_of(user) == [first, second]
    assert readings.centres_of(user, "learner") == [first]
    assert [row.roles for row in readings.own_memberships(user)] == [("Learner",), ("Tutor", "IQA")]


def test_the_current_centre_is_the_chosen_one_of_those_that_fit_else_the_first() -> None:
    first, second = make_centre("First"), make_centre("Second")
    third = make_centre("Third")
    user = make_member(first, "learner", email="both@example.org").user
    make_member(second, "tutor", email="both@example.org")
    assert readings.current_centre(user, None) == first
    assert readings.current_centre(user, str(second.uid)) == second
    assert readings.current_centre(user, str(third.uid)) == first
    assert readings.current_centre(user, str(first.uid), "tutor") == second
    assert readings.current_centre(user, None, "admin") is None


def test_the_list_holds_the_centre_asked_for_and_finds_by_name_and_address() -> None:
    first = make_centre("First", admin_email="ada@example.org", admin_name="Ada")
    second = make_centre("Second", admin_email="ada@example.org", admin_name="Ada")
    make_member(first, "learner", name="Lea Ford", email="lf@example.org")
    make_member(second, "learner", name="Lea Leak", email="ll@example.org")
    admin = administrator_of(first)

    def found(search: str, centre: Centre = first) -> list[str]:
        return [row.membership.name for row in readings.member_list(admin, centre, search).rows]

    assert found("") == ["Ada", "Lea Ford"]
    assert found("lea") == ["Lea Ford"]
    assert found("LF@") == ["Lea Ford"]
    assert found("Leak") == []
    assert found("", second) == ["Ada", "Lea Leak"]


def test_the_list_has_fifty_a_page_and_those_who_left_apart() -> None:
    centre = make_centre()
    admin = administrator_of(centre)
    for _ in range(50):
        make_member(centre, "learner")
    left = make_member(centre, "learner", "tutor", name="Left")
    workflow.end_membership(by=admin, membership=left)
    shown = readings.member_list(admin, centre)
    assert (shown.here, shown.ended, len(shown.rows), shown.page.paginator.num_pages) == (51, 1, 50, 2)
    assert len(readings.member_list(admin, centre, number="2").rows) == 1
    assert len(readings.member_list(admin, centre, number="nonsense").rows) == 50
    (row,) = readings.member_list(admin, centre, showing="ended").rows
    assert (row.membership.name, row.roles) == ("Left", ("Learner", "Tutor"))


def test_the_page_of_a_member_says_what_was_and_who_countersigns_for_whom() -> None:
    centre = make_centre()
    admin, tutor = administrator_of(centre), make_member(centre, "tutor", "iqa", name="Tess")
    trainee = make_member(centre, "tutor", trainee=True, countersigner=tutor, name="Tim")
    workflow.end_role(by=admin, grant=tutor.grants.get(role="iqa"))
    page = readings.member_page(admin, tutor)
    assert [held.label for held in page.roles] == ["Tutor"]
    assert [held.label for held in page.past_roles] == ["IQA"]
    assert [label for _, label in page.roles_to_grant] == ["Learner", "IQA", "Lead IQA", "EQA", "Centre administrator"]
    assert page.countersigns_for == (trainee,)
    assert page.is_tutor
    assert readings.member_page(admin, trainee).countersigner_fits
    gone(tutor)
    assert not readings.member_page(admin, trainee).countersigner_fits


@time_machine.travel(dt.datetime(2026, 11, 24, 9, 5, tzinfo=dt.UTC), tick=False)
def test_whether_an_address_had_an_account_cannot_be_read_from_any_page_of_the_administrator(client: Any) -> None:
    """Two people are added alike, at the same instant, one of whom has an account with a password in another centre."""
    centre, there = make_centre("Here"), make_centre("There")
    make_member(there, "tutor", email="knut@example.org", name="Knut There")
    admin = administrator_of(centre)
    client.force_login(admin)
    pages = {}
    for email in ("knut@example.org", "zelda@example.org"):
        word = email.split("@")[0]
        answer = client.post(
            "/centre/people/add/",
            {
                "centre": centre.uid,
                "name": "Sam Same",
                "email": email,
                "roles": ["learner"],
                "key": "5b0e3c66-57a3-4a3e-9d4b-3f5f7b9a8f1" + ("0" if word == "knut" else "1"),
            },
        )
        membership = Membership.objects.get(centre=centre, user__email=email)
        shown = [answer, client.get("/centre/people/?search=sam"), client.get(f"/centre/people/{membership.uid}/")]
        grant = membership.grants.get()
        pages[word] = [
            one.content.decode()
            .replace(str(membership.uid), "UID")
            .replace(str(grant.uid), "GRANT")
            .replace(word, "WORD")
            for one in shown
        ]
        assert [one.status_code for one in shown] == [303, 200, 200]
        assert "There" not in "".join(pages[word])
        workflow.end_membership(by=admin, membership=membership)
        Membership.objects.filter(pk=membership.pk).update(name="Gone")
    assert [_bare(page) for page in pages["knut"]] == [_bare(page) for page in pages["zelda"]]


def _bare(page: str) -> str:
    """`page` without its tokens, one-time keys, ids made up for it and the count of those who left."""
    page = re.sub(r"why-[0-9a-f]{10}", "", page)
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page)
    page = re.sub(r'name="key" value="[^"]*"', "", page)
    return re.sub(r'<span class="count">\d+</span>', "", page)
