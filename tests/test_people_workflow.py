"""What changes when a centre is founded and people come, change and go; and that a refusal changes nothing."""

from __future__ import annotations

import datetime as dt
import json
import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection

from courseware.kit import clock
from courseware.kit.verdict import NotNow, NotYours, Refused
from courseware.ledger.models import ChainHead, LedgerEntry
from courseware.ledger.verify import faults_in
from courseware.people import workflow
from courseware.people.models import Centre, Membership, RoleGrant, User
from courseware.people.standing import standing_of

from .people_builders import administrator_of, make_centre, make_member

pytestmark = pytest.mark.django_db


def everything() -> dict[str, list[dict[str, Any]]]:
    """All rows about people and the record, to prove that nothing changed."""
    models = (User, Centre, Membership, RoleGrant, LedgerEntry, ChainHead)
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}


def refuses(kind: type[Exception], act: Callable[[], object], says: str = "") -> None:
    """`act` raises `kind` (saying `says`), writes to nobody and changes no row."""
    before, letters = everything(), len(mail.outbox)
    with pytest.raises(kind, match=says or None):
        act()
    assert everything() == before
    assert len(mail.outbox) == letters


def newest(centre: Centre) -> dict[str, Any]:
    """The newest entry of the centre's chain, as it was hashed."""
    told: dict[str, Any] = json.loads(LedgerEntry.objects.filter(chain=centre.uid).order_by("-number")[0].text)
    return told


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


def test_somebody_new_gets_a_link_and_somebody_with_an_account_is_told_to_sign_in(
    django_capture_on_commit_callbacks: Any,
) -> None:
    elsewhere = make_member(make_centre("Elsewhere"), "learner", email="known@example.org").user
    centre = make_centre("Calder Vale")
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        for email in ("new@example.org", elsewhere.email):
            workflow.add_member(
                by=administrator_of(centre), centre=centre, email=email, name="Somebody", roles=("learner",)
            )
    new, known = mail.outbox
    assert (new.to, known.to) == (["new@example.org"], ["known@example.org"])
    assert new.subject == known.subject == "You have been added to Calder Vale"
    assert "/welcome/" in str(new.body)
    assert "/welcome/" not in str(known.body)
    assert "/sign-in/" in str(known.body)
    assert "Elsewhere" not in str(known.body)


def test_no_letter_leaves_when_the_transaction_does_not_commit() -> None:
    centre = make_centre()
    mail.outbox.clear()
    make_member(centre, "learner")  # the test's transaction never commits
    assert mail.outbox == []


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
    sent = {
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


def test_nobody_but_an_administrator_of_this_centre_changes_its_people() -> None:
    centre = make_centre()
    member = make_member(centre, "tutor")
    grant = member.grants.get()
    for by in _others(centre).values():
        acts: tuple[Callable[[], object], ...] = (
            lambda by=by: workflow.add_member(by=by, centre=centre, email="n@example.org", name="N", roles=("tutor",)),
            lambda by=by: workflow.grant_role(by=by, membership=member, role="admin"),
            lambda by=by: workflow.end_role(by=by, grant=grant),
            lambda by=by: workflow.end_membership(by=by, membership=member),
            lambda by=by: workflow.rename_member(by=by, membership=member, name="Mine"),
            lambda by=by: workflow.set_trainee(by=by, membership=member, trainee=True),
        )
        for act in acts:
            refuses(NotYours, act, "administrator of this centre")


def test_a_role_in_another_centre_counts_for_nothing_here() -> None:
    centre, there = make_centre(), make_centre()
    both = make_member(centre, "learner", email="both@example.org")
    make_member(there, "admin", email="both@example.org")
    refuses(NotYours, lambda: workflow.grant_role(by=both.user, membership=both, role="admin"))


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
