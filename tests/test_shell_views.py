"""The frame of every page: where each role can go, what waits there, and what it costs."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from assessment.readings.shell import shell_for
from courseware.kit.context import Shell
from courseware.people.models import User
from courseware.people.standing import standing_of
from courseware.people.workflow import end_membership, end_role
from tests import make
from tests.people_builders import administrator_of, make_centre, make_member
from tests.study_pages import client_of, own_unit_of, page_of

pytestmark = pytest.mark.django_db


def shell_of(user: User, path: str = "/", centre: str = "") -> Shell:
    """The frame on the page at `path`."""
    request = RequestFactory().get(path)
    request.user = make.fresh(user)
    request.session = {"centre": centre}  # type: ignore[assignment]  # all that the reading asks of it
    return shell_for(request)


def labels(shell: Shell) -> list[str]:
    return [item.label for item in shell.items]


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("learner", ["Today", "Portfolio", "Notices"]),
        ("tutor", ["Today", "Marking", "Cohorts", "Notices"]),
        ("iqa", ["Today", "Quality", "Cohorts", "Notices"]),
        ("lead_iqa", ["Today", "Quality", "Cohorts", "Notices"]),
        ("eqa", ["Today", "Cohorts", "Notices"]),
        ("admin", ["Today", "Cohorts", "People", "Notices"]),
    ],
)
def test_each_role_has_its_places(role: str, expected: list[str]) -> None:
    member = make_member(make_centre(), role, name="Robin Vale")
    shell = shell_of(member.user)
    assert labels(shell) == expected
    assert shell.person == "Robin Vale"
    assert shell.plain == (role == "learner")
    assert shell.centre == member.centre.name
    for item in shell.items:
        assert client_of(member.user).get(item.url).status_code == 200, item.label


def test_a_learner_goes_to_each_unit_they_take() -> None:
    cohort = make.cohort()
    unit = make.learner_unit(cohort)
    make.learner_unit(make.cohort(cohort.centre, own_unit_of(cohort.centre, "900")), unit.learner)
    shell = shell_of(unit.learner.user, "/units/101/1.1/")
    assert labels(shell) == ["Today", "Unit 101", "Unit 900", "Portfolio", "Notices"]
    assert [item.label for item in shell.items if item.current] == ["Unit 101"]


def test_the_place_is_marked_on_every_page_below_it() -> None:
    unit = make.learner_unit()
    for path in ("/portfolio/", "/evidence/x/", "/submissions/x/"):
        assert [item.label for item in shell_of(unit.learner.user, path).items if item.current] == ["Portfolio"]
    both = make_member(unit.centre, "learner", "tutor")
    assert not [item.label for item in shell_of(both.user, "/submissions/x/").items if item.current]
    assert [item.label for item in shell_of(both.user, "/marking/x/").items if item.current] == ["Marking"]


def test_what_waits_is_counted_beside_its_place() -> None:
    cohort = make.cohort()
    tutor, iqa, lead = (make.staff(cohort, role) for role in ("tutor", "iqa", "lead_iqa"))
    make.submission(make.learner_unit(cohort))
    assert {item.label: item.count for item in shell_of(tutor.user).items} == {
        "Today": 0,
        "Marking": 3,
        "Cohorts": 0,
        "Notices": 0,
    }
    make.signed_off(make.learner_unit(cohort), tutor.user)
    make.plan(cohort, iqa)
    assert {item.label: item.count for item in shell_of(lead.user).items}["Quality"] == 1
    assert {item.label: item.count for item in shell_of(iqa.user).items}["Quality"] == 0
    make.item(cohort, iqa, lead)
    assert {item.label: item.count for item in shell_of(iqa.user).items}["Quality"] == 1
    assert '3<span class="vh"> waiting</span>' in re.sub(r"\s*(<|>)\s*", r"\1", page_of(tutor.user, "/")).replace(
        'vh">waiting', 'vh"> waiting'
    )


def test_the_count_is_that_of_the_queue() -> None:
    cohort = make.cohort()
    tutor = make.staff(cohort, "tutor", roles=("tutor", "learner"))
    own = make.learner_unit(cohort, tutor)
    make.submission(own)  # nobody marks their own
    make.submission(make.learner_unit(cohort))
    colleague = make.staff(cohort, "tutor", allocate=False)
    taken = make.learner_unit(cohort)
    make.allocation(cohort, colleague, "tutor", taken)  # not this tutor's any more
    make.submission(taken)
    assert {item.label: item.count for item in shell_of(tutor.user).items}["Marking"] == 3


def test_several_centres_can_be_switched() -> None:
    here = make_centre("Aldgate College")
    member = make_member(here, "tutor", name="Robin Here")
    there = make_centre("Zebra College")
    make_member(there, "iqa", email=member.user.email, name="Robin There")
    shell = shell_of(member.user)
    assert [(name, chosen) for _, name, chosen in shell.centres] == [
        ("Aldgate College", True),
        ("Zebra College", False),
    ]
    assert (shell.person, shell.centre) == ("Robin Here", "Aldgate College")
    other = shell_of(member.user, centre=str(there.uid))
    assert (other.person, other.centre) == ("Robin There", "Zebra College")
    assert labels(shell) == labels(other) == ["Today", "Marking", "Quality", "Cohorts", "Notices"]


def test_somebody_who_left_keeps_their_portfolio() -> None:
    unit = make.learner_unit()
    end_membership(by=administrator_of(unit.centre), membership=unit.learner)
    shell = shell_of(unit.learner.user)
    assert labels(shell) == ["Today", "Unit 101", "Portfolio", "Notices"]
    assert shell.person == unit.learner.name
    assert shell.centre == unit.centre.name


def test_an_administrator_who_learned_here_once_finds_their_unit_and_notices() -> None:
    cohort = make.cohort()
    member = make_member(cohort.centre, "learner", "admin")
    make.learner_unit(cohort, member)
    end_role(by=administrator_of(cohort.centre), grant=member.grants.get(role="learner"))
    assert labels(shell_of(member.user)) == ["Today", "Unit 101", "Portfolio", "Cohorts", "People", "Notices"]


def test_somebody_who_is_nothing_is_called_by_their_address() -> None:
    user = User.objects.create_user("nobody@example.org")
    shell = shell_of(user)
    assert (shell.person, shell.centre, labels(shell)) == ("nobody@example.org", "", ["Today", "Notices"])


@pytest.mark.parametrize(
    ("roles", "statements"),
    [(("learner",), 1), (("tutor", "iqa", "lead_iqa"), 2), (("admin", "eqa"), 1), (("learner", "tutor", "iqa"), 1)],
)
def test_the_frame_costs_two_statements_at_most_beside_the_standing(roles: tuple[str, ...], statements: int) -> None:
    cohort = make.cohort()
    member = make_member(cohort.centre, *roles)
    if "tutor" in roles:
        make.allocation(cohort, member, "tutor")

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            shell_of(member.user)
        # `shell_of` reads the account, and outside a request every question about the standing asks again.
        with CaptureQueriesContext(connection) as standing:
            standing_of(make.fresh(member.user))
        frame = [query for query in asked if "people_rolegrant" not in query["sql"].split("WHERE")[0]]
        assert len(standing) == 2
        return len(frame) - 1

    if "learner" in roles:
        make.learner_unit(cohort, member)
    one = cost()
    for _ in range(3):
        make.submission(make.learner_unit(cohort))
    assert (one, cost()) == (statements, statements)
