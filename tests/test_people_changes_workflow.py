"""What changes when roles, names and memberships change and end; and that a refusal changes nothing."""

from __future__ import annotations

import datetime as dt
import threading
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from courseware.kit import clock
from courseware.kit.verdict import NotNow, Refused
from courseware.ledger.models import LedgerEntry
from courseware.ledger.verify import faults_in
from courseware.people import workflow
from courseware.people.models import Membership, User
from courseware.people.standing import standing_of

from .people_builders import administrator_of, everything, make_centre, make_member, newest, refuses

pytestmark = pytest.mark.django_db


# -- Roles -------------------------------------------------------------------------------------------------------------


def test_a_role_given_and_ended_leaves_its_history() -> None:
    centre = make_centre()
    admin, member = administrator_of(centre), make_member(centre, "tutor")
    given = workflow.grant_role(by=admin, membership=member, role="iqa")
    assert standing_of(member.user).has(centre.pk, "iqa")
    assert newest(centre)["notes"] == {"iqa": True}
    ended = workflow.end_role(by=admin, grant=given)
    assert ended.ends_at is not None
    assert not standing_of(member.user).has(centre.pk, "iqa")
    assert standing_of(member.user).has(centre.pk, "tutor")
    again = workflow.grant_role(by=admin, membership=member, role="iqa")
    assert again.pk != given.pk
    assert member.grants.filter(role="iqa").count() == 2
    assert list(faults_in(centre.uid)) == []


def test_a_role_held_cannot_be_given_and_one_that_ended_cannot_be_ended_again() -> None:
    centre = make_centre()
    admin, member = administrator_of(centre), make_member(centre, "tutor", "iqa")
    refuses(NotNow, lambda: workflow.grant_role(by=admin, membership=member, role="tutor"), "already")
    ended = workflow.end_role(by=admin, grant=member.grants.get(role="iqa"))
    refuses(NotNow, lambda: workflow.end_role(by=admin, grant=ended), "already")


def test_the_last_administrator_stays() -> None:
    centre = make_centre()
    admin = administrator_of(centre)
    own = Membership.objects.get(centre=centre, user=admin)
    refuses(NotNow, lambda: workflow.end_role(by=admin, grant=own.grants.get()), "needs an administrator")
    refuses(NotNow, lambda: workflow.end_membership(by=admin, membership=own), "needs an administrator")


def test_a_closed_account_and_one_who_left_do_not_count_as_an_administrator() -> None:
    centre = make_centre()
    admin = administrator_of(centre)
    own = Membership.objects.get(centre=centre, user=admin)
    closed, left = make_member(centre, "admin"), make_member(centre, "admin")
    User.objects.filter(pk=closed.user_id).update(is_active=False)
    workflow.end_membership(by=admin, membership=left)
    refuses(NotNow, lambda: workflow.end_membership(by=admin, membership=own), "needs an administrator")


def test_an_administrator_may_go_when_another_stays() -> None:
    centre = make_centre()
    admin = administrator_of(centre)
    own = Membership.objects.get(centre=centre, user=admin)
    make_member(centre, "admin")
    workflow.end_membership(by=admin, membership=own)
    assert standing_of(admin).roles == {}


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_end_each_other_at_once_leave_one() -> None:
    centre = make_centre()
    first = Membership.objects.get(centre=centre)
    second = make_member(centre, "admin")
    ready, answers = threading.Barrier(2), []

    def end(by: User, whom: Membership) -> None:
        try:
            ready.wait()
            workflow.end_membership(by=by, membership=whom)
            answers.append("ended")
        except Refused as refused:
            answers.append(type(refused).__name__)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=end, args=(first.user, second)),
        threading.Thread(target=end, args=(second.user, first)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["NotYours", "ended"]
    assert Membership.objects.filter(centre=centre, ends_at__isnull=True).count() == 1
    assert list(faults_in(centre.uid)) == []


# -- Leaving -----------------------------------------------------------------------------------------------------------


def test_ending_a_membership_ends_every_role_and_deletes_nothing() -> None:
    centre = make_centre()
    admin, member = administrator_of(centre), make_member(centre, "tutor", "iqa")
    workflow.end_membership(by=admin, membership=member)
    member.refresh_from_db()
    assert member.ends_at is not None
    assert {one.ends_at for one in member.grants.all()} == {member.ends_at}
    assert standing_of(member.user).roles == {}
    assert newest(centre)["states"] == {"membership": ["open", "ended"]}
    assert len(newest(centre)["subjects"]["grants"]) == 2


def test_a_membership_that_ended_takes_no_more_changes_but_a_corrected_name() -> None:
    centre = make_centre()
    admin, member = administrator_of(centre), make_member(centre, "tutor")
    grant = member.grants.get()
    workflow.end_membership(by=admin, membership=member)
    refuses(NotNow, lambda: workflow.end_membership(by=admin, membership=member), "has left")
    refuses(NotNow, lambda: workflow.grant_role(by=admin, membership=member, role="iqa"), "has left")
    refuses(NotNow, lambda: workflow.end_role(by=admin, grant=grant), "has left")
    refuses(NotNow, lambda: workflow.set_trainee(by=admin, membership=member, trainee=True), "has left")
    assert workflow.rename_member(by=admin, membership=member, name="Right Name").name == "Right Name"


def test_ending_the_same_role_twice_with_one_form_gives_the_first_answer() -> None:
    centre = make_centre()
    admin, member, key = administrator_of(centre), make_member(centre, "tutor", "iqa"), uuid.uuid4()
    grant = member.grants.get(role="iqa")
    ended = workflow.end_role(by=admin, grant=grant, key=key)
    before = everything()
    assert workflow.end_role(by=admin, grant=grant, key=key) == ended
    assert everything() == before


# -- Names -------------------------------------------------------------------------------------------------------------


def test_a_name_is_corrected_in_one_centre_only() -> None:
    centre, there = make_centre(), make_centre()
    here = make_member(centre, "learner", email="li@example.org", name="Li W.")
    elsewhere = make_member(there, "learner", email="li@example.org", name="Li Wei")
    workflow.rename_member(by=administrator_of(centre), membership=here, name=" Li  Wang ")
    here.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (here.name, elsewhere.name) == ("Li Wang", "Li Wei")


def test_an_empty_name_is_refused() -> None:
    centre = make_centre()
    member = make_member(centre, "learner")
    refuses(
        ValidationError,
        lambda: workflow.rename_member(by=administrator_of(centre), membership=member, name=" \u200b\t"),
    )


# -- Trainees ----------------------------------------------------------------------------------------------------------


def test_a_trainee_has_a_named_countersigner_or_none() -> None:
    centre = make_centre()
    admin, qualified = administrator_of(centre), make_member(centre, "tutor")
    trainee = make_member(centre, "tutor", trainee=True, countersigner=qualified)
    assert (trainee.trainee, trainee.countersigner) == (True, qualified)
    assert newest(centre)["subjects"]["countersigner"] == str(qualified.uid)
    workflow.set_trainee(by=admin, membership=trainee, trainee=True)
    trainee.refresh_from_db()
    assert (trainee.trainee, trainee.countersigner) == (True, None)
    workflow.set_trainee(by=admin, membership=trainee, trainee=True, countersigner=qualified)
    assert newest(centre)["subjects"] == {"countersigner": str(qualified.uid)}
    workflow.set_trainee(by=admin, membership=trainee, trainee=False)
    trainee.refresh_from_db()
    assert (trainee.trainee, trainee.countersigner) == (False, None)
    assert newest(centre)["notes"] == {"trainee": False}


def test_only_a_tutor_can_be_a_trainee() -> None:
    centre = make_centre()
    admin, learner = administrator_of(centre), make_member(centre, "learner")
    refuses(NotNow, lambda: workflow.set_trainee(by=admin, membership=learner, trainee=True), "Only a tutor")
    refuses(
        NotNow,
        lambda: workflow.add_member(
            by=admin, centre=centre, email="t@example.org", name="T", roles=("learner",), trainee=True
        ),
        "Only a tutor",
    )


def test_a_countersigner_is_another_qualified_tutor_of_the_centre() -> None:
    centre, there = make_centre(), make_centre()
    admin, tutor = administrator_of(centre), make_member(centre, "tutor")
    left = make_member(centre, "tutor")
    workflow.end_membership(by=admin, membership=left)
    was = make_member(centre, "tutor", "learner")
    workflow.end_role(by=admin, grant=was.grants.get(role="tutor"))
    unfit = {
        "oneself": tutor,
        "a learner": make_member(centre, "learner"),
        "a trainee": make_member(centre, "tutor", trainee=True),
        "a tutor of another centre": make_member(there, "tutor"),
        "a tutor who left": left,
        "a tutor before": was,
    }
    for countersigner in unfit.values():
        refuses(
            NotNow,
            lambda countersigner=countersigner: workflow.set_trainee(  # type: ignore[misc]  # bound for the loop
                by=admin, membership=tutor, trainee=True, countersigner=countersigner
            ),
        )
        if countersigner != tutor:
            refuses(
                NotNow,
                lambda countersigner=countersigner: workflow.add_member(  # type: ignore[misc]  # as above
                    by=admin,
                    centre=centre,
                    email="new@example.org",
                    name="New",
                    roles=("tutor",),
                    trainee=True,
                    countersigner=countersigner,
                ),
                "qualified tutor",
            )


def test_a_qualified_tutor_has_no_countersigner() -> None:
    centre = make_centre()
    admin, tutor, other = administrator_of(centre), make_member(centre, "tutor"), make_member(centre, "tutor")
    refuses(
        NotNow,
        lambda: workflow.set_trainee(by=admin, membership=tutor, trainee=False, countersigner=other),
        "Only a trainee",
    )


# -- Time --------------------------------------------------------------------------------------------------------------


def test_only_a_demo_centre_is_built_in_the_past() -> None:
    then = clock.now() - dt.timedelta(days=30)
    real = make_centre()
    with clock.travel(then):
        refuses(ValueError, lambda: workflow.found_centre(name="Past", admin_email="a@example.org", admin_name="A"))
        refuses(ValueError, lambda: make_member(real, "learner"))
        demo = make_centre(demo=True)
        member = make_member(demo, "learner")
    assert member.starts_at == then
    assert LedgerEntry.objects.filter(chain=demo.uid, at=then).count() == 2


# -- Accounts ----------------------------------------------------------------------------------------------------------


def test_an_appearance_is_one_of_three() -> None:
    user = administrator_of(make_centre())
    workflow.set_theme(by=user, theme="dark")
    user.refresh_from_db()
    assert user.theme == "dark"
    refuses(ValidationError, lambda: workflow.set_theme(by=user, theme="neon"))
