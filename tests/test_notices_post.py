"""E-mail about notices: what it says, to whom, once, again after a failure, and never what it must not hold."""

from __future__ import annotations

import datetime as dt
import re
import socket
import zoneinfo
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.test import override_settings
from hypothesis import example, given
from hypothesis import strategies as st

from assessment import notices
from assessment.models import Decision, Letter, Notice
from assessment.notices import own, post
from assessment.workflow import cohorts, decisions, reviews
from courseware.kit import clock, tasks
from courseware.people import workflow as people
from courseware.people.models import Centre, Membership, User
from tests import make
from tests.notice_builders import Scene, letters_later, scene
from tests.people_builders import administrator_of
from tests.smtp_server import Server, smtp_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    with smtp_server(settings) as running:
        yield running


def choose_all(how: str) -> None:
    """Everybody wants e-mail like this."""
    for member in Membership.objects.order_by("pk"):
        for group in ("learning", "work"):
            own.choose(member, group, how)


def release(here: Scene, outcome: str = "met") -> None:
    """Feedback on everything handed in, released: one notice to the learner, wanted at once."""
    make.marked(make.submission(here.unit), here.user("tutor"), outcome)
    notices.follow()


def quiet(here: Scene) -> None:
    """What was told so far is read, and no letter is about it."""
    notices.follow()
    Notice.objects.unread().update(read_at=clock.now())
    mail.outbox.clear()


@pytest.fixture
def here() -> Scene:
    """A scene in which nobody has anything to read."""
    made = scene()
    quiet(made)
    return made


# -- What it says ------------------------------------------------------------------------------------------------------


def test_a_letter_at_once_is_plain_text_and_says_nothing_but_that_there_is_something(here: Scene) -> None:
    release(here)
    assert letters_later() == 1
    (letter,) = mail.outbox
    assert letter.subject == "Your feedback on Unit 101 is ready"
    assert letter.to == [here.people["learner"].user.email]
    assert letter.message().get_content_type() == "text/plain"
    assert letter.body == (
        "- Your feedback on Unit 101 is ready.\n\n"
        "Sign in to see: http://127.0.0.1:8000/notices/\n\n"
        f"You get this because you are a member of {here.cohort.centre.name}.\n"
        "Choose what is sent to you, at once, once a day or not at all: http://127.0.0.1:8000/profile/notices/\n\n"
    )
    headers = letter.extra_headers
    assert headers["List-Unsubscribe"] == "<http://127.0.0.1:8000/profile/notices/>"
    assert headers["Message-ID"] == f"<{Letter.objects.get().uid}@127.0.0.1>"
    assert headers["Auto-Submitted"] == "auto-generated"


def test_no_letter_holds_a_name_a_result_or_a_word_of_anybody() -> None:
    here = scene()
    choose_all("at_once")
    everything_happens(here)
    letters_later()
    assert {letter.to[0] for letter in mail.outbox} >= {
        here.people[who].user.email for who in ("learner", "tutor", "trainee", "iqa", "lead")
    }
    words = [one.name for one in here.people.values()]
    words += [part for name in words for part in name.split()]
    words += ["Met", "Not yet met", "declined", "confirmed", "agreed", "achieved", "withdrawn", "1.1", "1.2"]
    words += ["leaves", "feedback that nobody", "heading", here.cohort.name, "Note "]
    words += [here.people["learner"].user.email]
    for letter in mail.outbox:
        said = f"{letter.subject}\n{letter.body}\n{letter.extra_headers}"
        for word in words:
            assert not re.search(rf"\b{re.escape(word)}\b", said, re.IGNORECASE), (word, said)


def everything_happens(here: Scene) -> None:
    """Something of nearly every kind."""
    unit, tutor = here.unit, here.user("tutor")
    first = make.criteria(unit)[0]
    submission = make.submission(unit)
    trained = make.decision(submission, first, here.user("trainee"), feedback="Feedback that nobody else reads.")
    notices.follow()
    decisions.countersign(by=tutor, decision=trained, outcome="declined", feedback="See the heading again.")
    made = make.decision(submission, first, tutor, feedback="Feedback that nobody else reads.", supersedes=trained)
    assert made.outcome == "met"
    for criterion in make.criteria(unit)[1:]:
        make.decision(submission, criterion, tutor)
    decisions.release_feedback(by=tutor, submission=submission)
    decisions.sign_off(by=tutor, learner_unit=unit)
    notices.follow()
    item = make.item(here.cohort, here.people["iqa"], here.people["lead"])
    notices.follow()
    decision = Decision.objects.filter(learner_unit=unit, withdrawal__isnull=True).order_by("-pk")[0]
    reviews.review_decision(
        by=here.user("iqa"),
        item=item,
        decision=decision,
        outcome="not_agreed",
        feedback="See the heading.",
        action="Act.",
    )
    notices.follow()


def test_the_same_about_one_unit_is_one_line_with_its_number(here: Scene) -> None:
    for _ in range(3):
        make.submission(make.learner_unit(here.cohort))
    notices.follow()
    choose_all("at_once")
    assert letters_later() == 2
    assert {letter.subject for letter in mail.outbox} == {"3 new hand-ins for Unit 101 wait for marking"}


def test_a_letter_of_several_lines_is_named_by_their_number(here: Scene) -> None:
    make.submission(here.unit)
    make.plan(here.cohort, here.people["iqa"])
    people.grant_role(by=administrator_of(here.cohort.centre), membership=here.people["tutor"], role="lead_iqa")
    make.plan(here.cohort, here.people["iqa"])
    notices.follow()
    choose_all("at_once")
    letters_later()
    (letter,) = [one for one in mail.outbox if one.to == [here.people["tutor"].user.email]]
    assert letter.subject == f"2 notices from {here.cohort.centre.name}"
    assert letter.body.startswith(
        "- A new hand-in for Unit 101 waits for marking.\n- 2 sampling plans for Unit 101 wait for approval.\n"
    )


# -- To whom, and when -------------------------------------------------------------------------------------------------


def test_nothing_is_sent_before_the_dust_has_settled_and_what_is_read_meanwhile_is_not_sent(here: Scene) -> None:
    release(here)
    assert (notices.post.write_letters(), Letter.objects.count()) == (0, 0)
    Notice.objects.unread().update(read_at=clock.now())
    assert letters_later() == 0
    assert mail.outbox == []


def test_what_is_read_after_the_letter_was_written_is_left_out(here: Scene) -> None:
    release(here)
    Notice.objects.update(due_at=clock.now())
    assert notices.post.write_letters() == 1
    Notice.objects.unread().update(read_at=clock.now())
    assert notices.post.send_letters() == 0
    assert (Letter.objects.get().state, mail.outbox) == ("dropped", [])


@pytest.mark.parametrize("gone", ["left the centre", "lost the role", "closed out", "withdrawn from the unit"])
def test_whoever_is_gone_when_it_is_sent_gets_nothing(here: Scene, gone: str) -> None:
    release(here)
    Notice.objects.update(due_at=clock.now())
    assert notices.post.write_letters() == 1
    admin, learner = administrator_of(here.cohort.centre), here.people["learner"]
    if gone == "left the centre":
        people.end_membership(by=admin, membership=learner)
    elif gone == "lost the role":
        people.grant_role(by=admin, membership=learner, role="admin")
        people.end_role(by=admin, grant=learner.grants.get(role="learner"))
    elif gone == "closed out":
        User.objects.filter(pk=learner.user_id).update(is_active=False)
    else:
        cohorts.withdraw_learner(by=admin, learner_unit=here.unit, reason="Moved.")
    assert notices.post.send_letters() == 0
    assert mail.outbox == []
    if gone == "withdrawn from the unit":  # the one letter that says so
        notices.follow()
        assert letters_later() == 1
        assert [letter.subject for letter in mail.outbox] == ["There is news of Unit 101"]


def test_a_tutor_whose_allocation_ended_gets_no_letter_about_the_learner(here: Scene) -> None:
    choose_all("at_once")
    make.submission(here.unit)
    notices.follow()
    admin = administrator_of(here.cohort.centre)
    for allocation in here.cohort.allocations.filter(role="tutor").order_by("pk"):
        cohorts.end_allocation(by=admin, allocation=allocation)
    assert letters_later() == 0


def test_whoever_wants_none_gets_none_and_the_list_has_it_all_the_same(here: Scene) -> None:
    own.choose(here.people["learner"], "learning", "none")
    release(here)
    assert letters_later() == 0
    assert Notice.objects.visible_to(here.user("learner")).unread().count() == 1
    # Wanting them again does not bring the old ones.
    own.choose(here.people["learner"], "learning", "at_once")
    assert letters_later() == 0


def test_a_choice_counts_for_what_waits_already(here: Scene) -> None:
    make.submission(here.unit)
    notices.follow()
    own.choose(here.people["tutor"], "work", "none")
    own.choose(here.people["trainee"], "work", "at_once")
    assert letters_later() == 1
    assert [letter.to for letter in mail.outbox] == [[here.people["trainee"].user.email]]


def test_a_choice_against_it_counts_for_a_letter_that_is_written_already(here: Scene) -> None:
    release(here)
    Notice.objects.update(due_at=clock.now())
    assert notices.post.write_letters() == 1
    own.choose(here.people["learner"], "learning", "none")
    assert (notices.post.send_letters(), mail.outbox) == (0, [])


def test_nobody_real_is_behind_the_addresses_of_a_demo(here: Scene) -> None:
    Centre.objects.update(demo=True)
    release(here)
    assert letters_later() == 0
    assert Notice.objects.unread().filter(kind="feedback_released").count() == 1


def test_what_happens_again_after_the_letter_waits_an_hour_for_the_next(here: Scene) -> None:
    release(here)
    assert letters_later() == 1
    submission = here.unit.submissions.get()
    old = Decision.objects.filter(submission=submission).order_by("pk")[0]
    make.decision(submission, old.criterion, here.user("tutor"), "not_yet_met", supersedes=old)
    decisions.release_feedback(by=here.user("tutor"), submission=submission)
    notices.follow()
    told = Notice.objects.unread().get()
    assert told.times == 2
    assert told.due_at > clock.now() + dt.timedelta(minutes=59)
    assert notices.post.write_letters() == 0
    assert letters_later() == 1


# -- The evening -------------------------------------------------------------------------------------------------------

LONDON = zoneinfo.ZoneInfo("Europe/London")


def at(here: Scene, day: int, hour: int, minute: int = 0) -> dt.datetime:
    """An instant of November 2025, in the centre's zone."""
    return dt.datetime(2025, 11, day, hour, minute, tzinfo=LONDON)


def waiting_since(here: Scene, when: dt.datetime) -> None:
    """A tutor's notice of that instant."""
    make.submission(make.learner_unit(here.cohort))
    notices.follow()
    made = Notice.objects.unread().filter(recipient=here.people["tutor"]).order_by("-pk")[0]
    Notice.objects.filter(recipient=here.people["tutor"], pk=made.pk).update(made_at=when, at=when)
    Notice.objects.unread().exclude(recipient=here.people["tutor"]).update(read_at=when)


def evening(when: dt.datetime) -> int:
    """How many letters the worker writes at an instant."""
    with clock.travel(when):
        return post.write_letters()


def test_an_evening_is_one_letter_however_often_the_worker_looks(here: Scene) -> None:
    waiting_since(here, at(here, 12, 9))
    assert evening(at(here, 12, 16, 59)) == 0
    waiting_since(here, at(here, 12, 16))
    assert [evening(at(here, 12, 17)), evening(at(here, 12, 17)), evening(at(here, 12, 23))] == [1, 0, 0]
    assert Letter.objects.get().digest_on == dt.date(2025, 11, 12)
    assert post.send_letters() == 1
    assert [letter.subject for letter in mail.outbox] == ["2 new hand-ins for Unit 101 wait for marking"]


def test_what_comes_after_the_evening_waits_for_the_next(here: Scene) -> None:
    waiting_since(here, at(here, 12, 9))
    assert evening(at(here, 12, 17)) == 1
    waiting_since(here, at(here, 12, 17, 30))
    assert [evening(at(here, 12, 18)), evening(at(here, 13, 16)), evening(at(here, 13, 17))] == [0, 0, 1]


def test_a_worker_that_was_away_in_the_evening_sends_it_later_and_once(here: Scene) -> None:
    waiting_since(here, at(here, 12, 9))
    waiting_since(here, at(here, 13, 9))
    assert evening(at(here, 15, 10)) == 1
    assert Letter.objects.get().digest_on == dt.date(2025, 11, 14)
    assert [evening(at(here, 15, 10)), evening(at(here, 15, 18))] == [0, 0]


def test_two_workers_in_one_evening_write_one_letter(here: Scene) -> None:
    waiting_since(here, at(here, 12, 9))
    first = Letter(recipient=here.people["tutor"], centre=here.cohort.centre, digest_on=dt.date(2025, 11, 12))
    second = Letter(recipient=here.people["tutor"], centre=here.cohort.centre, digest_on=dt.date(2025, 11, 12))
    daily = Notice.objects.to_post().filter(how="daily")
    assert [post._write(first, daily), post._write(second, daily)] == [1, 0]
    # At once, the second finds that nothing is left.
    assert post._write(Letter(recipient=here.people["tutor"], centre=here.cohort.centre), daily) == 0
    assert Letter.objects.count() == 1


ZONES = sorted(zone for zone in zoneinfo.available_timezones() if not zone.startswith(("posix", "right")))
FIRST = dt.datetime(1975, 1, 1, tzinfo=dt.UTC)
INSTANTS = st.timedeltas(dt.timedelta(), dt.timedelta(days=62 * 365)).map(lambda passed: FIRST + passed)


@given(INSTANTS, st.sampled_from(ZONES))
@example(dt.datetime(2026, 3, 29, 16, 0, tzinfo=dt.UTC), "Europe/London")  # the day the clocks go forward
@example(dt.datetime(2026, 10, 25, 17, 0, tzinfo=dt.UTC), "Europe/London")  # and back
@example(dt.datetime(2011, 12, 30, 12, 0, tzinfo=dt.UTC), "Pacific/Apia")  # a day that Samoa never had
def test_the_last_evening_has_begun_and_the_next_has_not(now: dt.datetime, name: str) -> None:
    zone = zoneinfo.ZoneInfo(name)
    day, begun = post.last_evening(now, zone)
    following = dt.datetime.combine(day + dt.timedelta(days=1), post.EVENING, zone).astimezone(dt.UTC)
    assert begun <= now < following
    # Nobody's evening is skipped or had twice: the one before this one is another day's.
    before, earlier = post.last_evening(begun - dt.timedelta(microseconds=1), zone)
    assert before < day
    assert earlier < begun
    assert begun - earlier <= dt.timedelta(hours=51)


@given(st.sampled_from(ZONES), st.integers(2020, 2030))
def test_a_worker_that_looks_every_hour_meets_each_evening_of_a_year_once(name: str, year: int) -> None:
    zone = zoneinfo.ZoneInfo(name)
    now, met = dt.datetime(year, 1, 1, 12, tzinfo=dt.UTC), []
    for _ in range(24 * 366):
        day, _ = post.last_evening(now, zone)
        if not met or met[-1] != day:
            met.append(day)
        now += dt.timedelta(hours=1)
    assert met == [met[0] + dt.timedelta(days=n) for n in range(len(met))]


# -- A real server -----------------------------------------------------------------------------------------------------


def test_a_server_takes_it(here: Scene, server: Server) -> None:
    release(here)
    assert letters_later() == 1
    (letter,) = server.letters
    assert (letter["Subject"], letter["To"]) == (
        "Your feedback on Unit 101 is ready",
        here.people["learner"].user.email,
    )
    assert letter.get_content_type() == "text/plain"
    assert letter["Message-ID"] == f"<{Letter.objects.get().uid}@127.0.0.1>"
    assert Letter.objects.get().state == "sent"
    assert letters_later(hours=1) == 0
    assert len(server.letters) == 1


@pytest.mark.parametrize(
    ("says", "fault"),
    [
        ({"connect": ""}, "The mail server did not answer."),
        ({"connect": "421 busy"}, "The mail server refused this site (421)."),
        ({"MAIL": "530 sign in first"}, "The mail server refused this site (530)."),
        ({"MAIL": "451 later"}, "The mail server refused this site (451)."),
        ({"RCPT": "450 later"}, "The mail server refused the address (450)."),
        ({"RCPT": ""}, "The mail server did not answer."),
        ({"DATA": "451 later"}, "The mail server refused the letter (451)."),
        ({"body": "452 full"}, "The mail server refused the letter (452)."),
        ({"body": ""}, "The mail server did not answer."),
    ],
)
def test_what_passes_is_tried_again_later(here: Scene, server: Server, says: dict[str, str], fault: str) -> None:
    server.says = says
    release(here)
    assert letters_later() == 0
    letter = Letter.objects.get()
    assert (letter.state, letter.tries, letter.fault) == ("waiting", 1, fault)
    assert letter.next_at > clock.now() + dt.timedelta(seconds=50)
    assert post.send_letters() == 0  # not before its time
    assert Letter.objects.get().tries == 1
    server.says = {}
    assert letters_later() == 1
    assert len(server.letters) == 1
    assert Letter.objects.get().fault == ""


@pytest.mark.parametrize(
    ("says", "fault"),
    [
        ({"RCPT": "550 nobody of that name"}, "The mail server refused the address (550)."),
        ({"DATA": "554 not here"}, "The mail server refused the letter (554)."),
        ({"body": "552 too much"}, "The mail server refused the letter (552)."),
    ],
)
def test_what_is_refused_for_good_is_given_up_and_the_administrator_is_told(
    here: Scene, server: Server, says: dict[str, str], fault: str
) -> None:
    server.says = says
    release(here)
    assert letters_later() == 0
    letter = Letter.objects.get()
    assert (letter.state, letter.tries, letter.fault) == ("given_up", 1, fault)
    admin = administrator_of(here.cohort.centre)
    told = Notice.objects.visible_to(admin).get()
    assert (told.kind, told.subject) == ("mail_undelivered", here.people["learner"].uid)


def test_a_server_that_nobody_runs_is_tried_less_and_less_often_and_then_no_more(here: Scene, settings: Any) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = free.getsockname()[1]
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1"
    release(here)
    Notice.objects.update(due_at=clock.now())
    post.write_letters()
    pauses = []
    for _ in range(post.TRIES):
        Letter.objects.update(next_at=clock.now())
        assert post.send_letters() == 0
        pauses.append(round((Letter.objects.get().next_at - clock.now()).total_seconds() / 60))
    assert pauses == [1, 5, 30, 120, 360, 720, 1440, 1440]
    assert (Letter.objects.get().state, Letter.objects.get().tries) == ("given_up", post.TRIES)
    assert Notice.objects.visible_to(administrator_of(here.cohort.centre)).get().kind == "mail_undelivered"
    Letter.objects.update(next_at=clock.now())
    assert post.send_letters() == 0
    assert Letter.objects.get().tries == post.TRIES


def test_one_refused_address_does_not_hold_up_the_others_but_a_server_that_is_away_is_asked_once(
    here: Scene, server: Server
) -> None:
    for who in ("learner", "tutor", "trainee"):
        own.choose(here.people[who], "work", "at_once")
    release(here)
    make.submission(make.learner_unit(here.cohort))
    notices.follow()
    server.says = {"RCPT": "450 later"}
    letters_later()
    assert server.connections == 3
    server.says, server.connections = {"connect": "421 busy"}, 0
    letters_later()
    assert server.connections == 1
    server.says = {}
    assert letters_later() == 3


def test_an_address_that_no_header_takes_is_given_up(here: Scene) -> None:
    User.objects.filter(pk=here.people["learner"].user_id).update(email="a\nb@example.org")
    release(here)
    assert letters_later() == 0
    assert (Letter.objects.get().state, Letter.objects.get().fault) == (
        "given_up",
        "The letter could not be addressed.",
    )


def test_an_administrator_is_not_told_of_their_own_letter(here: Scene) -> None:
    admin = here.cohort.centre.memberships.get(user=administrator_of(here.cohort.centre))
    letter = Letter.objects.create(centre=here.cohort.centre, recipient=admin, tries=1)
    post._failed(letter, post.Fault("No.", final=True))
    assert not Notice.objects.unread().filter(kind="mail_undelivered").exists()


# -- Once --------------------------------------------------------------------------------------------------------------


def test_two_workers_never_send_one_letter_both(here: Scene) -> None:
    release(here)
    Notice.objects.update(due_at=clock.now())
    post.write_letters()
    letter = Letter.objects.get()
    Letter.objects.update(state="sending", claimed_at=clock.now())  # by the other one, this instant
    assert (post._send(letter.pk), post.send_letters(), mail.outbox) == (0, 0, [])


def test_a_letter_of_a_worker_that_was_killed_is_sent_again_under_the_same_name(here: Scene, server: Server) -> None:
    release(here)
    server.keeps = True
    server.says = {"body": ""}  # taken, and the answer lost
    letters_later()
    Letter.objects.update(state="sending", claimed_at=clock.now() - post.DEAD - dt.timedelta(seconds=1))
    server.says = {}
    assert post.send_letters() == 1
    assert len({letter["Message-ID"] for letter in server.letters}) == 1
    assert len(server.letters) == 2
    assert letters_later(hours=1) == 0


def test_the_worker_leaves_letters_for_the_next_round_when_it_has_other_work(
    here: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(here)
    Notice.objects.update(due_at=clock.now())
    post.write_letters()
    monkeypatch.setattr(post, "ROUND", -1.0)
    assert (post.send_letters(), mail.outbox) == (0, [])


def test_without_a_server_each_letter_is_a_file(here: Scene, tmp_path: Any) -> None:
    choose_all("at_once")
    make.submission(here.unit)
    notices.follow()
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.filebased.EmailBackend", EMAIL_FILE_PATH=tmp_path):
        assert letters_later() == 2
    assert len(list(tmp_path.iterdir())) == 2
    assert all("A new hand-in for Unit 101" in file.read_text() for file in tmp_path.iterdir())


def test_the_tick_does_all_of_it(here: Scene) -> None:
    make.marked(make.submission(here.unit), here.user("tutor"))
    tasks.tick()
    Notice.objects.update(due_at=clock.now())
    tasks.tick()
    assert [letter.subject for letter in mail.outbox] == ["Your feedback on Unit 101 is ready"]


def test_what_nobody_needs_any_more_is_forgotten(here: Scene) -> None:
    release(here)
    assert letters_later() == 1
    notice = Notice.objects.get(kind="feedback_released")
    post.forget()
    assert Letter.objects.count() == 1
    assert Notice.objects.filter(pk=notice.pk).exists()
    old = clock.now() - post.KEEP - dt.timedelta(days=1)
    Letter.objects.update(made_at=old)
    post.forget()
    assert Letter.objects.count() == 1  # an unread notice still names it
    Notice.objects.update(read_at=old)
    post.forget()
    assert (Notice.objects.count(), Letter.objects.count()) == (0, 0)
