"""A person's deadlines as a calendar feed: private, revocable, and with nothing in it that is not theirs."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import icalendar
import pytest
from django.test import Client
from django.urls import reverse

from assessment.models import CalendarFeed, Cohort, DueDate
from assessment.workflow import calendar as workflow
from assessment.workflow import cohorts, moving
from content.models import LearningOutcome
from courseware.people import workflow as people
from courseware.people.models import User
from tests import make
from tests.flat import flat
from tests.marking_pages import signed_in, statements
from tests.people_builders import administrator_of, gone

pytestmark = pytest.mark.django_db
AHEAD, LATER = dt.date(2099, 11, 14), dt.date(2099, 11, 21)


@pytest.fixture
def cohort() -> Cohort:
    made = make.cohort(name="Tuesdays")
    outcomes = LearningOutcome.objects.filter(specification=made.specification).order_by("number")
    make.due(made, (outcomes[0], AHEAD), (outcomes[1], LATER))
    return made


def feed(secret: str, **headers: str) -> Any:
    return Client().get(reverse("calendar-feed", args=[secret]), headers=headers)


def events(user: User) -> list[tuple[str, dt.date, dt.date, str]]:
    """UID, first day, day after, and title of every entry, as a calendar program reads them."""
    answer = feed(workflow.make_feed(by=user))
    assert answer.status_code == 200
    calendar: Any = icalendar.Calendar.from_ical(answer.content)
    return [(str(one["uid"]), one.decoded("dtstart"), one.end, str(one["summary"])) for one in calendar.walk("VEVENT")]


def test_a_learner_reads_their_own_due_dates_as_whole_days(cohort: Cohort) -> None:
    unit, _other = make.learner_unit(cohort, name="Maya Okafor"), make.learner_unit(cohort, name="Noel Price")
    found = events(unit.learner.user)
    titles = [f"Unit 101: {number} is due" for number in ("1.1", "1.2", "2.1")]
    assert [one[3] for one in found] == titles
    day = dt.timedelta(days=1)
    assert [(one[1], one[2]) for one in found] == [(AHEAD, AHEAD + day)] * 2 + [(LATER, LATER + day)]
    assert [one[0] for one in events(unit.learner.user)] == [one[0] for one in found]
    assert len({one[0] for one in found}) == 3
    text = feed(workflow.make_feed(by=unit.learner.user)).content.decode()
    assert "Okafor" not in text
    assert "Price" not in text


def test_what_has_no_due_date_is_in_no_feed() -> None:
    cohort = make.cohort(name="Half dated")
    unit = make.learner_unit(cohort)
    assert events(unit.learner.user) == []
    first = LearningOutcome.objects.filter(specification=cohort.specification).order_by("number")[0]
    make.due(cohort, (first, AHEAD))
    assert [one[3] for one in events(unit.learner.user)] == [f"Unit 101: {number} is due" for number in ("1.1", "1.2")]


def test_the_last_day_that_there_is_breaks_no_feed(cohort: Cohort) -> None:
    unit = make.learner_unit(cohort)
    DueDate.objects.create(
        centre=cohort.centre,
        cohort=cohort,
        criterion=make.criteria(unit)[0],
        due_on=dt.date.max,
        supersedes=None,
        by=administrator_of(cohort.centre).memberships.get(),
        role="admin",
    )
    answer = feed(workflow.make_feed(by=unit.learner.user))
    assert answer.status_code == 200
    assert b"DTSTART;VALUE=DATE:99991231" in answer.content


def test_what_was_handed_in_leaves_the_feed_and_no_result_brings_it_back(cohort: Cohort) -> None:
    unit, tutor = make.learner_unit(cohort), make.staff(cohort, "tutor")
    first, second, _ = make.criteria(unit)
    handed_in = make.submission(unit, first, second)
    assert [one[3] for one in events(unit.learner.user)] == ["Unit 101: 2.1 is due"]
    make.decision(handed_in, first, tutor.user)
    make.decision(handed_in, second, tutor.user, "not_yet_met")
    from assessment.workflow import decisions

    decisions.release_feedback(by=tutor.user, submission=handed_in)
    assert [one[3] for one in events(unit.learner.user)] == ["Unit 101: 2.1 is due"]


def test_a_tutor_reads_the_dates_of_the_cohorts_they_teach_without_names(cohort: Cohort) -> None:
    make.learner_unit(cohort, name="Maya Okafor")
    tutor, other = make.staff(cohort, "tutor"), make.cohort(cohort.centre, cohort.specification, "Fridays")
    first = LearningOutcome.objects.get(specification=other.specification, number=1)
    make.due(other, (first, LATER))
    house = make.cohort(cohort.centre, make.specification(make.HOUSE), "Mondays")
    make.allocation(house, tutor, "tutor")
    make.due(house, (LearningOutcome.objects.get(specification=house.specification, number=1), AHEAD))
    titles = [one[3] for one in events(tutor.user)]
    assert titles[:3] == [f"Unit 101, Tuesdays: {number} is due" for number in ("1.1", "1.2", "2.1")]
    assert {title.split(":")[0] for title in titles[3:]} == {"Unit 412, Mondays"}
    own = make.criteria(make.learner_unit(cohort))[0]
    make.due(cohort, (own, LATER))
    assert [one[1] for one in events(tutor.user)][:3] == [LATER, AHEAD, LATER]


def test_nothing_is_left_in_the_feed_once_a_membership_or_allocation_ends(cohort: Cohort) -> None:
    unit, tutor = make.learner_unit(cohort), make.staff(cohort, "tutor")
    secrets = [workflow.make_feed(by=one.user) for one in (unit.learner, tutor)]
    assert all(b"VEVENT" in feed(secret).content for secret in secrets)
    by = administrator_of(cohort.centre)
    moving.hand_over(by=by, leaving=tutor, takeovers=[(tutor.allocations.get(), None)])
    people.end_membership(by=by, membership=unit.learner)
    for secret in secrets:
        answer = feed(secret)
        assert answer.status_code == 200
        assert b"VEVENT" not in answer.content
        assert b"VCALENDAR" in answer.content


def test_a_tutor_who_is_gone_and_a_learner_who_was_withdrawn_read_nothing(cohort: Cohort) -> None:
    unit, tutor = make.learner_unit(cohort), make.staff(cohort, "tutor")
    cohorts.withdraw_learner(by=administrator_of(cohort.centre), learner_unit=unit, reason="Left.")
    gone(tutor)
    assert events(unit.learner.user) == events(tutor.user) == []


def test_the_address_is_made_shown_once_renewed_and_ended(cohort: Cohort) -> None:
    unit = make.learner_unit(cohort)
    client = signed_in(unit.learner)
    assert "You have no calendar address now" in flat(client.get("/profile/calendar/"))
    assert "/profile/calendar/" in client.get("/profile/").content.decode()

    def made() -> str:
        answer = client.post("/profile/calendar/make/", {"key": uuid.uuid4()})
        assert answer.status_code == 200
        found = re.search(r"http://testserver(/calendar/[0-9a-f]{64}\.ics)", answer.content.decode())
        assert found
        return found[1]

    first = made()
    assert first not in client.get("/profile/calendar/").content.decode()
    assert not CalendarFeed.objects.filter(digest__in=first.removesuffix(".ics").split("/")).exists()
    assert Client().get(first).status_code == 200
    second = made()
    assert [Client().get(one).status_code for one in (first, second)] == [404, 200]
    assert client.post("/profile/calendar/end/", {}).status_code == 422
    assert client.post("/profile/calendar/make/", {}).status_code == 422
    assert Client().get(second).status_code == 200
    assert client.post("/profile/calendar/end/", {"key": uuid.uuid4()}).status_code == 303
    assert Client().get(second).status_code == 404
    assert client.post("/profile/calendar/end/", {"key": uuid.uuid4()}).status_code == 303
    assert CalendarFeed.objects.filter(user=unit.learner.user).count() == 2


def test_the_feed_is_private_unlisted_and_cheap_to_ask_again(cohort: Cohort) -> None:
    unit = make.learner_unit(cohort)
    secret = workflow.make_feed(by=unit.learner.user)
    answer = feed(secret)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"] == "private, max-age=3600"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert not answer.cookies
    assert feed(secret).content == answer.content
    again = feed(secret, if_none_match=answer["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    make.due(cohort, (LearningOutcome.objects.get(specification=cohort.specification, number=1), LATER))
    assert feed(secret, if_none_match=answer["ETag"]).status_code == 200


@pytest.mark.parametrize("secret", ["0" * 64, "f" * 63, "F" * 64])
def test_an_unknown_secret_opens_nothing(secret: str) -> None:
    assert Client().get(f"/calendar/{secret}.ics").status_code == 404


@pytest.mark.parametrize("rows", [1, 4])
def test_a_feed_costs_the_same_however_much_is_due(cohort: Cohort, rows: int) -> None:
    member = make.staff(cohort, "tutor", roles=("tutor", "learner"))
    for _ in range(rows):
        other = make.cohort(cohort.centre, cohort.specification)
        make.allocation(other, member, "tutor")
        make.due(other, (LearningOutcome.objects.get(specification=other.specification, number=1), AHEAD))
    make.learner_unit(cohort, member)
    secret = workflow.make_feed(by=member.user)
    address = reverse("calendar-feed", args=[secret])
    Client().get(address)
    assert statements(Client(), address) == 8
    client = signed_in(member)
    client.get("/")
    assert statements(client, reverse("calendar")) == 5
