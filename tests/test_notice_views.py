"""The pages of notices: the list, opening and reading, how each wants e-mail, and letters that did not arrive."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from assessment import notices
from assessment.models import Letter, Notice, NoticeChoice
from assessment.notices import post
from courseware.kit import clock
from courseware.people.models import User
from tests import make
from tests.notice_builders import Scene, given_up, scene
from tests.people_builders import administrator_of, make_centre, make_member
from tests.study_pages import client_of, cost_of, main_of, page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Scene:
    return scene()


def send(user: User, address: str, **fields: Any) -> Any:
    """The answer to a form with a fresh one-time key."""
    return client_of(user).post(address, {"key": uuid.uuid4(), **fields})


def count_in(html: str) -> str:
    """What stands beside Notices in the navigation."""
    nav = html.partition('aria-label="Main"')[2].partition("</nav>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", nav.rpartition("/notices/")[2].partition(">")[2]).split())


def test_what_happened_is_listed_unread_first_by_day_with_its_words(here: Scene) -> None:
    make.submission(here.unit)
    notices.follow()
    said = main_of(here.user("tutor"), "/notices/")
    unread, read = said.partition("Read, or dealt with")[::2]
    assert "Maya Okafor handed in for Unit 101" in unread
    assert f"You are allocated to {here.cohort.name}, Unit 101" in unread
    assert read == ""
    assert count_in(page_of(here.user("tutor"), "/")) == "Notices 2 not read"
    Notice.objects.filter(kind="allocated").update(read_at=clock.now())
    unread, read = main_of(here.user("tutor"), "/notices/").partition("Read, or dealt with")[::2]
    assert "allocated" not in unread
    assert "You are allocated to" in read
    assert count_in(page_of(here.user("tutor"), "/")) == "Notices 1 not read"


def test_a_notice_is_opened_by_the_form_on_its_page(here: Scene) -> None:
    make.submission(here.unit)
    notices.follow()
    client = Client(enforce_csrf_checks=True)
    client.force_login(here.user("tutor"))
    page = client.get("/notices/").content.decode()
    action, fields = re.findall(
        r'<form method="post" action="(/notices/[0-9a-f-]{36}/)">(.*?)<button', page, re.DOTALL
    )[0]
    sent = dict(re.findall(r'name="(\w+)" value="([^"]+)"', fields))
    assert set(sent) == {"csrfmiddlewaretoken", "key"}
    assert client.post(action, sent).status_code == 303
    assert Notice.objects.filter(recipient=here.people["tutor"], read_at__isnull=False).count() == 1


def test_two_decisions_on_one_learner_are_told_apart_by_their_criteria(here: Scene) -> None:
    submission = make.submission(here.unit)
    for criterion in make.criteria(here.unit)[:2]:
        make.decision(submission, criterion, here.user("trainee"))
    notices.follow()
    said = main_of(here.user("tutor"), "/notices/")
    for number in ("1.1", "1.2"):
        assert f"decision on Maya Okafor, {number}, Unit 101, waits for your countersignature" in said
    assert "handed in for Unit 101" in said  # what is about no decision names none


def test_without_notices_the_list_says_what_will_be_there(here: Scene) -> None:
    said = main_of(here.user("learner"), "/notices/")
    assert "No notices When something happens that you wait for, it appears here" in said
    assert "Mark all" not in said
    assert count_in(page_of(here.user("learner"), "/")) == "Notices"


def test_opening_one_marks_it_and_goes_where_it_is_dealt_with(here: Scene) -> None:
    submission = make.submission(here.unit)
    notices.follow()
    notice = Notice.objects.get(recipient=here.people["tutor"], kind="submission_new")
    assert client_of(here.user("tutor")).get("/notices/").status_code == 200
    assert Notice.objects.get(pk=notice.pk).read_at is None  # looking at the list reads nothing
    answer = send(here.user("tutor"), f"/notices/{notice.uid}/")
    assert (answer.status_code, answer["Location"]) == (303, f"/marking/{submission.uid}/")
    first = Notice.objects.get(pk=notice.pk).read_at
    assert first is not None
    assert send(here.user("tutor"), f"/notices/{notice.uid}/").status_code == 303
    assert Notice.objects.get(pk=notice.pk).read_at == first
    other = Notice.objects.get(recipient=here.people["trainee"], kind="submission_new")
    assert other.read_at is None


def test_a_notice_of_somebody_else_does_not_exist_and_stays_unread(here: Scene) -> None:
    make.submission(here.unit)
    notices.follow()
    notice = Notice.objects.get(recipient=here.people["tutor"], kind="submission_new")
    for who in ("trainee", "learner", "lead", "off"):
        assert send(here.user(who), f"/notices/{notice.uid}/").status_code == 404
    outside = make_member(make_centre(), "tutor", "admin", "lead_iqa").user
    assert send(outside, f"/notices/{notice.uid}/").status_code == 404
    bare = client_of(here.user("tutor")).post(f"/notices/{notice.uid}/")
    assert (bare.status_code, bare["Location"]) == (303, "/notices/")
    assert Notice.objects.get(pk=notice.pk).read_at is None


def test_all_that_were_on_the_page_are_marked_and_none_that_came_since(here: Scene) -> None:
    make.submission(here.unit)
    notices.follow()
    client = client_of(here.user("tutor"))
    html = client.get("/notices/").content.decode()
    sent = dict(re.findall(r'name="(key|until)" value="([^"]+)"', html))
    peer = make.learner_unit(here.cohort)
    make.submission(peer)
    notices.follow()
    assert client.post("/notices/read/", sent).status_code == 303
    left = Notice.objects.unread().filter(recipient=here.people["tutor"])
    assert [notice.learner_unit for notice in left.order_by("pk")] == [peer]
    assert Notice.objects.unread().filter(recipient=here.people["trainee"]).count() == 3
    assert client.post("/notices/read/", {"until": "yesterday"}).status_code == 303
    assert left.count() == 1


def test_a_page_of_notices_holds_fifty(here: Scene) -> None:
    notices.follow()
    one = Notice.objects.get(recipient=here.people["tutor"])
    Notice.objects.bulk_create(
        Notice(
            centre=one.centre,
            recipient=one.recipient,
            role="tutor",
            kind="allocated",
            subject=uuid.uuid4(),
            cohort=one.cohort,
            unit_code="101",
            made_at=one.at,
            at=one.at,
            due_at=one.at,
            how="none",
        )
        for _ in range(50)
    )
    first, second = (page_of(here.user("tutor"), f"/notices/?page={number}") for number in (1, 2))
    assert (first.count("<h4"), second.count("<h4")) == (50, 1)
    assert "Mark all 51 as read" in " ".join(first.split())


def test_the_centre_is_named_where_there_are_several(here: Scene) -> None:
    notices.follow()
    assert here.cohort.centre.name not in main_of(here.user("tutor"), "/notices/")
    make_member(make_centre(), "learner", email=here.people["tutor"].user.email)
    assert here.cohort.centre.name in main_of(here.user("tutor"), "/notices/")


def test_what_happened_several_times_says_so(here: Scene) -> None:
    notices.follow()
    Notice.objects.update(times=3)
    assert "3 times" in main_of(here.user("tutor"), "/notices/")


def test_the_list_costs_7_statements_however_long_it_is(here: Scene) -> None:
    notices.follow()
    assert cost_of(here.user("tutor"), "/notices/") == 7
    for _ in range(3):
        make.submission(make.learner_unit(here.cohort))
    notices.follow()
    assert Notice.objects.filter(recipient=here.people["tutor"]).count() == 4
    assert cost_of(here.user("tutor"), "/notices/") == 7


# -- Choices -----------------------------------------------------------------------------------------------------------


def test_each_chooses_for_what_they_are_told_of(here: Scene) -> None:
    learner, tutor = here.people["learner"], here.people["tutor"]
    assert "About your own units" in main_of(here.user("learner"), "/profile/notices/")
    assert "About your work as staff" not in main_of(here.user("learner"), "/profile/notices/")
    said = main_of(here.user("tutor"), "/profile/notices/")
    assert "About your work as staff" in said
    assert "About your own units" not in said
    assert client_of(here.user("tutor")).get("/profile/").content.decode().count("/profile/notices/") == 1
    page = page_of(here.user("tutor"), "/profile/notices/")
    assert re.search(r'value="daily"[^>]*checked', page)
    answer = send(here.user("tutor"), "/profile/notices/", **{f"work-{tutor.uid}": "at_once"})
    assert (answer.status_code, answer["Location"]) == (303, "/profile/")
    assert [(row.membership, row.group, row.how) for row in NoticeChoice.objects.order_by("pk")] == [
        (tutor, "work", "at_once")
    ]
    assert re.search(r'value="at_once"[^>]*checked', page_of(here.user("tutor"), "/profile/notices/"))
    # The same again changes nothing, and nobody else's choice is theirs to make.
    send(here.user("tutor"), "/profile/notices/", **{f"work-{tutor.uid}": "at_once", f"learning-{learner.uid}": "none"})
    assert NoticeChoice.objects.count() == 1


def test_a_choice_that_is_none_of_them_is_refused_and_nothing_changes(here: Scene) -> None:
    tutor = here.people["tutor"]
    answer = send(here.user("tutor"), "/profile/notices/", **{f"work-{tutor.uid}": "hourly"})
    assert answer.status_code == 422
    missing = send(here.user("tutor"), "/profile/notices/")
    assert missing.status_code == 422
    assert "Choose an answer for “About your work as staff”" in missing.content.decode()
    assert not NoticeChoice.objects.exists()


def test_in_several_centres_each_is_named_and_chosen_apart(here: Scene) -> None:
    there = make_centre()
    make_member(there, "learner", "tutor", email=here.people["tutor"].user.email)
    said = main_of(here.user("tutor"), "/profile/notices/")
    assert f"About your work as staff, at {here.cohort.centre.name}" in said
    assert f"About your own units, at {there.name}" in said
    assert f"About your work as staff, at {there.name}" in said


def test_somebody_in_no_centre_has_nothing_to_choose() -> None:
    user = User.objects.create_user("nobody@example.org", "a long walk by the river")
    assert "You are in no centre now" in main_of(user, "/profile/notices/")
    assert send(user, "/profile/notices/").status_code == 303


def test_the_choices_cost_6_statements_in_one_centre_and_in_four(here: Scene) -> None:
    assert cost_of(here.user("tutor"), "/profile/notices/") == 6
    for _ in range(3):
        make_member(make_centre(), "tutor", email=here.people["tutor"].user.email)
    assert cost_of(here.user("tutor"), "/profile/notices/") == 6


# -- Letters that did not arrive ---------------------------------------------------------------------------------------


def test_the_administrator_sees_what_did_not_arrive_and_tries_again(here: Scene) -> None:
    admin = administrator_of(here.cohort.centre)
    assert "Every e-mail left" in main_of(admin, "/centre/letters/")
    make.marked(make.submission(here.unit), here.user("tutor"))
    notices.follow()
    Notice.objects.update(due_at=clock.now())
    post.write_letters()
    letter = Letter.objects.get()
    post._failed(letter, post.Fault("The mail server refused the address (550).", final=True))
    said = main_of(admin, "/centre/letters/")
    assert "Maya Okafor" in said
    assert "The mail server refused the address (550)." in said
    notice = Notice.objects.get(kind="mail_undelivered")
    answer = send(admin, f"/notices/{notice.uid}/")
    assert answer["Location"] == "/centre/letters/"
    client_of(admin).post(f"/centre/letters/{letter.uid}/")
    assert Letter.objects.get().state == "given_up"  # a form without its key is none
    assert send(admin, f"/centre/letters/{letter.uid}/").status_code == 303
    assert (Letter.objects.get().state, Letter.objects.get().tries) == ("waiting", 0)
    assert post.send_letters() == 1
    assert [one.subject for one in mail.outbox] == ["Your feedback on Unit 101 is ready"]


def test_letters_of_another_centre_do_not_exist(here: Scene) -> None:
    letter = given_up(here.people["learner"])
    outside = administrator_of(make_centre())
    assert "Maya Okafor" not in main_of(outside, "/centre/letters/")
    assert send(outside, f"/centre/letters/{letter.uid}/").status_code == 404
    for who in ("learner", "tutor", "lead"):
        assert client_of(here.user(who)).get("/centre/letters/").status_code == 403
        assert send(here.user(who), f"/centre/letters/{letter.uid}/").status_code == 404
    assert Letter.objects.get(pk=letter.pk).state == "given_up"


def test_the_letters_cost_6_statements_however_many_there_are(here: Scene) -> None:
    admin = administrator_of(here.cohort.centre)
    given_up(here.people["learner"])
    assert cost_of(admin, "/centre/letters/") == 6
    for who in ("tutor", "iqa", "lead"):
        given_up(here.people[who])
    assert cost_of(admin, "/centre/letters/") == 6


def test_nobody_signed_in_is_led_to_the_door() -> None:
    for address in ("/notices/", "/profile/notices/", "/centre/letters/"):
        assert Client().get(address)["Location"].startswith("/sign-in/")
