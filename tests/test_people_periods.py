"""Roles from and until: days of the centre's zone, planned ends, and that a centre always keeps an administrator."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from courseware.kit.verdict import NotNow, NotYours
from courseware.people import permissions, readings, workflow
from courseware.people.models import Centre, RoleGrant
from courseware.people.periods import beginning_of, end_of, first_day, last_day, today_in
from courseware.people.standing import standing_of

from .people_builders import administrator_of, everything, make_centre, make_member, newest, refuses

NOON = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 24)
ZONES = ("Europe/London", "Asia/Kolkata", "America/New_York", "Pacific/Apia", "America/Havana", "UTC")


def day(number: int) -> dt.date:
    """So many days after today."""
    return TODAY + dt.timedelta(days=number)


@given(st.dates(dt.date(2000, 1, 1), dt.date(2198, 12, 30)), st.sampled_from(ZONES))
def test_a_day_begins_where_the_one_before_ends_and_its_last_instant_belongs_to_it(on: dt.date, zone: str) -> None:
    assert end_of(on, zone) == beginning_of(on + dt.timedelta(days=1), zone)
    assert beginning_of(on, zone) <= end_of(on, zone)
    if beginning_of(on, zone) < end_of(on, zone):  # a zone that moved across the date line has no such day
        assert last_day(end_of(on, zone), zone) == on


def test_a_day_of_twenty_three_hours_and_one_of_twenty_five() -> None:
    spring, autumn = dt.date(2026, 3, 29), dt.date(2026, 10, 25)
    assert end_of(spring, "Europe/London") - beginning_of(spring, "Europe/London") == dt.timedelta(hours=23)
    assert end_of(autumn, "Europe/London") - beginning_of(autumn, "Europe/London") == dt.timedelta(hours=25)
    assert last_day(None, "Europe/London") is None
    assert first_day(dt.datetime(2026, 6, 30, 23, 30, tzinfo=dt.UTC), "Europe/London") == dt.date(2026, 7, 1)


def held(centre: Centre, member: Any, at: dt.datetime, role: str) -> bool:
    """Whether the role is held at an instant."""
    with time_machine.travel(at, tick=False):
        return standing_of(member.user).has(centre.pk, role)


@pytest.mark.django_db
@time_machine.travel(NOON, tick=False)
def test_a_role_counts_from_the_first_instant_of_its_first_day_to_the_last_of_its_last_in_the_centres_zone() -> None:
    centre = make_centre()
    Centre.objects.filter(pk=centre.pk).update(zone="Asia/Kolkata")  # 5 h 30 min ahead
    centre.refresh_from_db()
    member = make_member(centre, "learner")
    given_ = workflow.grant_role(
        by=administrator_of(centre), membership=member, role="tutor", starts_on=day(2), ends_on=day(4)
    )
    begins = dt.datetime(2026, 11, 25, 18, 30, tzinfo=dt.UTC)
    ends = dt.datetime(2026, 11, 28, 18, 30, tzinfo=dt.UTC)
    assert (given_.starts_at, given_.ends_at) == (begins, ends)
    tick = dt.timedelta(microseconds=1)
    for at, counts in ((begins - tick, False), (begins, True), (ends - tick, True), (ends, False)):
        assert held(centre, member, at, "tutor") is counts, at
    assert newest(centre)["notes"] == {"tutor": True, "starts": "2026.11.26", "ends": "2026.11.28"}
    (planned,) = [one for one in readings.member_page(administrator_of(centre), member).roles if one.label == "Tutor"]
    assert (planned.standing, planned.first_day, planned.last_day) == ("planned", day(2), day(4))


@pytest.mark.django_db
@time_machine.travel(NOON, tick=False)
def test_a_role_that_begins_today_begins_now_and_the_last_day_may_be_today() -> None:
    centre = make_centre()
    member = make_member(centre, "learner")
    given_ = workflow.grant_role(
        by=administrator_of(centre), membership=member, role="tutor", starts_on=TODAY, ends_on=TODAY
    )
    assert (given_.starts_at, given_.ends_at) == (NOON, dt.datetime(2026, 11, 25, tzinfo=dt.UTC))
    assert newest(centre)["notes"] == {"tutor": True, "ends": "2026.11.24"}
    assert today_in(centre.zone) == TODAY


@pytest.mark.django_db
@time_machine.travel(NOON, tick=False)
def test_days_that_cannot_be_are_refused() -> None:
    centre = make_centre()
    admin, member = administrator_of(centre), make_member(centre, "learner")
    for starts, ends, says in (
        (day(-1), None, "begins today or later"),
        (dt.date(2200, 1, 1), None, "begins today or later"),
        (day(3), day(2), "lies before the first"),
        (None, day(-1), "lies before the first"),
        (None, dt.date(9999, 12, 31), "before 2200"),
    ):
        refuses(
            NotNow,
            lambda s=starts, e=ends: workflow.grant_role(  # type: ignore[misc]
                by=admin, membership=member, role="tutor", starts_on=s, ends_on=e
            ),
            says,
        )
    grant = workflow.grant_role(by=admin, membership=member, role="tutor", starts_on=day(5))
    for ends, says in ((day(4), "lies before the first"), (dt.date(9999, 12, 31), "before 2200")):
        refuses(NotNow, lambda e=ends: workflow.plan_end_of_role(by=admin, grant=grant, ends_on=e), says)  # type: ignore[misc]


@pytest.mark.django_db
@time_machine.travel(NOON, tick=False)
def test_a_role_is_never_held_twice_at_one_time_but_again_after_its_end() -> None:
    centre = make_centre()
    admin, member = administrator_of(centre), make_member(centre, "learner")

    def give(starts: dt.date | None, ends: dt.date | None) -> RoleGrant:
        return workflow.grant_role(by=admin, membership=member, role="tutor", starts_on=starts, ends_on=ends)

    first = give(day(5), day(9))
    for starts, ends in ((None, None), (day(5), day(9)), (day(1), day(5)), (day(9), None), (day(6), day(7))):
        refuses(NotNow, lambda s=starts, e=ends: give(s, e), "has this role already")  # type: ignore[misc]
    before, after = give(None, day(4)), give(day(10), None)
    assert before.ends_at == first.starts_at
    assert first.ends_at == after.starts_at
    refuses(NotNow, lambda: workflow.plan_end_of_role(by=admin, grant=first, ends_on=day(10)), "again later")
    refuses(NotNow, lambda: workflow.plan_end_of_role(by=admin, grant=first, ends_on=None), "again later")
    with pytest.raises(IntegrityError), transaction.atomic():  # and the database refuses what no verb would do
        RoleGrant.objects.create(membership=member, role="tutor", starts_at=NOON, ends_at=NOON + dt.timedelta(hours=1))
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.filter(pk=first.pk).update(ends_at=NOON + dt.timedelta(days=60))


@pytest.mark.django_db
@time_machine.travel(NOON, tick=False)
def test_a_planned_end_is_moved_and_taken_away_and_an_end_that_is_past_stays() -> None:
    centre = make_centre()
    admin, member = administrator_of(centre), make_member(centre, "tutor")
    grant = member.grants.get()
    for ends, notes in ((day(9), {"ends": "2026.12.03"}), (TODAY, {"ends": "2026.11.24"}), (None, {})):
        workflow.plan_end_of_role(by=admin, grant=grant, ends_on=ends)
        grant.refresh_from_db()
        assert last_day(grant.ends_at, centre.zone) == ends
        assert newest(centre)["verb"] == "plan_end_of_role"
        assert newest(centre)["notes"] == {"tutor": True, **notes}
    workflow.end_role(by=admin, grant=grant)
    refuses(NotNow, lambda: workflow.plan_end_of_role(by=admin, grant=grant, ends_on=day(1)), "ended already")
    refuses(NotYours, lambda: workflow.plan_end_of_role(by=member.user, grant=grant, ends_on=day(1)))


@pytest.mark.django_db
@time_machine.travel(NOON, tick=False)
def test_a_role_taken_back_before_it_began_was_never_held_and_can_be_given_again() -> None:
    centre = make_centre()
    admin, member = administrator_of(centre), make_member(centre, "learner")
    grant = workflow.grant_role(by=admin, membership=member, role="tutor", starts_on=day(2))
    workflow.end_role(by=admin, grant=grant)
    assert not held(centre, member, NOON + dt.timedelta(days=3), "tutor")
    (past,) = readings.member_page(admin, member).past_roles
    assert past.standing == "never"
    refuses(NotNow, lambda: workflow.end_role(by=admin, grant=grant), "ended already")
    workflow.grant_role(by=admin, membership=member, role="tutor", starts_on=day(1))


@pytest.mark.django_db
@time_machine.travel(NOON, tick=False)
def test_who_leaves_loses_what_was_planned_too() -> None:
    centre = make_centre()
    admin, member = administrator_of(centre), make_member(centre, "learner")
    workflow.grant_role(by=admin, membership=member, role="tutor", starts_on=day(2))
    workflow.plan_end_of_role(by=admin, grant=member.grants.get(role="learner"), ends_on=day(9))
    with time_machine.travel(NOON + dt.timedelta(minutes=1), tick=False):
        workflow.end_membership(by=admin, membership=member)
    for number in (0, 3, 20):
        assert not held(centre, member, NOON + dt.timedelta(days=number, minutes=2), "tutor")
        assert not held(centre, member, NOON + dt.timedelta(days=number, minutes=2), "learner")
    assert len(newest(centre)["subjects"]["grants"]) == 2


# -- The rules that lean on roles --------------------------------------------------------------------------------------


@pytest.mark.django_db
@time_machine.travel(NOON, tick=False)
def test_a_centre_always_keeps_an_administrator_for_whom_no_end_is_planned() -> None:
    centre = make_centre()
    admin = administrator_of(centre)
    own = admin.memberships.get().grants.get(role="admin")
    refuses(NotNow, lambda: workflow.plan_end_of_role(by=admin, grant=own, ends_on=day(9)), "needs an administrator")
    passing = make_member(centre, "admin")
    workflow.plan_end_of_role(by=admin, grant=passing.grants.get(), ends_on=day(30))
    planned = make_member(centre, "learner")
    workflow.grant_role(by=admin, membership=planned, role="admin", starts_on=day(5))
    # Neither one who will go nor one who will come keeps the centre.
    refuses(NotNow, lambda: workflow.plan_end_of_role(by=admin, grant=own, ends_on=day(9)), "needs an administrator")
    refuses(NotNow, lambda: workflow.end_role(by=admin, grant=own), "needs an administrator")
    refuses(NotNow, lambda: workflow.end_membership(by=admin, membership=own.membership), "needs an administrator")
    workflow.end_role(by=admin, grant=planned.grants.get(role="admin"))  # has not begun: takes nothing from the centre
    lasting = make_member(centre, "admin")
    workflow.plan_end_of_role(by=admin, grant=own, ends_on=day(9))
    refuses(
        NotNow,
        lambda: workflow.plan_end_of_role(by=admin, grant=lasting.grants.get(), ends_on=day(60)),
        "needs an administrator",
    )
    workflow.plan_end_of_role(by=admin, grant=own, ends_on=None)
    workflow.end_role(by=admin, grant=passing.grants.get())


@pytest.mark.django_db
@time_machine.travel(NOON, tick=False)
def test_a_countersigner_counts_only_while_they_are_a_tutor() -> None:
    centre = make_centre()
    admin = administrator_of(centre)
    trainee, signer = make_member(centre, "tutor"), make_member(centre, "learner")
    workflow.grant_role(by=admin, membership=signer, role="tutor", starts_on=day(2), ends_on=day(4))

    def may() -> bool:
        return bool(permissions.can_set_trainee(admin, trainee, trainee=True, countersigner=signer))

    assert not may()
    with time_machine.travel(NOON + dt.timedelta(days=3), tick=False):
        assert may()
        workflow.set_trainee(by=admin, membership=trainee, trainee=True, countersigner=signer)
        trainee.refresh_from_db()
        assert readings.member_page(admin, trainee).countersigner_fits
    with time_machine.travel(NOON + dt.timedelta(days=5), tick=False):
        assert not may()
        assert not readings.member_page(admin, trainee).countersigner_fits


@pytest.mark.django_db
@time_machine.travel(NOON, tick=False)
def test_a_tutor_to_be_can_be_said_to_be_a_trainee_before_the_first_day() -> None:
    centre = make_centre()
    admin, member = administrator_of(centre), make_member(centre, "learner")
    refuses(NotNow, lambda: workflow.set_trainee(by=admin, membership=member, trainee=True), "Only a tutor")
    workflow.grant_role(by=admin, membership=member, role="tutor", starts_on=day(2))
    assert workflow.set_trainee(by=admin, membership=member, trainee=True).trainee


# -- On the pages ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@time_machine.travel(NOON, tick=False)
def test_the_forms_take_days_and_say_what_is_the_matter_with_them(client: Client) -> None:
    centre = make_centre()
    member = make_member(centre, "learner")
    client.force_login(administrator_of(centre))
    sent = {"role": "tutor", "starts_on": "2026-11-30", "ends_on": "2026-11-29"}
    key = {"key": "5b0e3c66-57a3-4a3e-9d4b-3f5f7b9a8f10"}
    address = f"/centre/people/{member.uid}/roles/grant/"
    before = everything()
    assert "lies before the first" in client.post(address, sent | key).content.decode()
    assert client.post(address, sent | key | {"starts_on": "soon"}).status_code == 422
    assert everything() == before
    assert client.post(address, sent | key | {"ends_on": "2026-12-04"}).status_code == 303
    page = " ".join(client.get(f"/centre/people/{member.uid}/").content.decode().split())
    assert "Monday 30 November 2026</time> (planned)" in page
    assert "Friday 4 December 2026</time> (planned)" in page
    assert "Take the role back" in page
    grant = member.grants.get(role="tutor")
    until = f"/centre/people/{member.uid}/roles/{grant.uid}/until/"
    assert 'value="2026-12-04"' in client.get(until).content.decode()
    answer = client.post(until, key | {"ends_on": "2026-11-01"})
    assert answer.status_code == 409
    assert "lies before the first" in answer.content.decode()
    assert client.post(until, {"key": "5b0e3c66-57a3-4a3e-9d4b-3f5f7b9a8f11", "ends_on": ""}).status_code == 303
    grant.refresh_from_db()
    assert grant.ends_at is None
