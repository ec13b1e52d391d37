"""Who hears of other dates, a later date and a move, and who does not; what a mail about them says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.core import mail

from assessment.models import LearnerUnit, Notice, NoticeChoice
from assessment.notices.kinds import title_of
from assessment.workflow import cohorts, deadlines, moving
from content.models import Criterion
from courseware.people import workflow as people
from tests import make
from tests.notice_builders import Scene, letters_later, scene
from tests.people_builders import administrator_of, gone
from tests.study_pages import client_of

pytestmark = pytest.mark.django_db
MARCH, APRIL, MAY, JUNE = (dt.date(2027, month, 1) for month in (3, 4, 5, 6))
BOTH = {("learner", "dates_changed"), ("peer", "dates_changed")}
PEER = {("peer", "dates_changed")}


def extend(here: Scene, criterion: Criterion, until: dt.date) -> None:
    told = {"by": here.user("tutor"), "learner_unit": here.unit, "reason": "Surgery."}
    deadlines.extend(**told, criteria=[criterion], due_on=until)


def moving_on(here: Scene, *roles: str) -> Callable[[], object]:
    """A cohort with a tutor (who is more, with `roles`), and the act of moving the learner there."""
    to = make.cohort(here.cohort.centre, here.cohort.specification, name="Evenings")
    here.people["new"] = make.staff(to, "tutor", name="Nils Berg", roles=("tutor", *roles))
    for role in roles:
        make.allocation(to, here.people["new"], role)
    by = administrator_of(to.centre)
    return lambda: moving.move_learner(by=by, learner_unit=here.unit, to=to, reason="Evenings suit her better.")


def test_a_date_that_moves_nothing_of_a_learners_is_no_news_to_them() -> None:
    here = scene()
    first, second, third = make.criteria(here.unit)
    assert first.outcome == second.outcome != third.outcome
    make.due(here.cohort, (third, MARCH), (third.outcome, MARCH))
    # The outcome's date moves, and its only criterion has its own.
    assert here.news(lambda: make.due(here.cohort, (third.outcome, APRIL))) == set()
    # Their own later date still holds; for the peer it moved.
    extend(here, third, MAY)
    assert here.news(lambda: make.due(here.cohort, (third, dt.date(2027, 4, 2)))) == PEER
    assert here.news(lambda: make.due(here.cohort, (third, JUNE))) == BOTH
    # Taken away, the outcome's date holds: for the learner their own, which is later than that.
    assert here.news(lambda: make.due(here.cohort, (third, None))) == BOTH
    assert here.news(lambda: make.due(here.cohort, (third.outcome, None))) == PEER


def test_what_is_handed_in_is_not_due_another_day() -> None:
    here = scene()
    first, second, _ = make.criteria(here.unit)
    make.submission(here.unit, first)
    assert here.news(lambda: make.due(here.cohort, (first, MARCH))) == PEER
    assert here.news(lambda: make.due(here.cohort, (second, MARCH))) == BOTH


def test_dates_that_move_twice_are_one_notice_and_one_letter_without_a_name() -> None:
    here = scene()
    first, *_ = make.criteria(here.unit)

    def act() -> None:
        make.due(here.cohort, (first, MARCH))
        make.due(here.cohort, (first, APRIL))
        extend(here, first, MAY)

    assert here.news(act) == BOTH | {("learner", "date_later")}
    mine = Notice.objects.unread().filter(recipient=here.people["learner"])
    assert {(one.kind, one.times) for one in mine} == {("dates_changed", 2), ("date_later", 1)}
    mail.outbox.clear()
    assert letters_later() == 2
    for letter in mail.outbox:
        assert letter.subject == "Your due dates for Unit 101 have changed"
        for word in ("Maya", "Okafor", "Surgery", "extension", "adjustment", "1.1", "2027"):
            assert word not in str(letter.body)


def test_whoever_was_withdrawn_or_left_hears_of_no_dates() -> None:
    here = scene()
    first, *_ = make.criteria(here.unit)
    make.due(here.cohort, (first, MARCH))
    cohorts.withdraw_learner(by=administrator_of(here.cohort.centre), learner_unit=here.unit, reason="Moved away.")
    assert here.news(lambda: make.due(here.cohort, (first, APRIL))) == PEER
    gone(here.people["peer"])
    assert here.news(lambda: make.due(here.cohort, (first, MAY))) == set()


def test_a_date_of_which_a_learner_hears_is_not_mailed_once_they_are_withdrawn() -> None:
    here = scene()
    first, *_ = make.criteria(here.unit)
    assert here.news(lambda: make.due(here.cohort, (first, MARCH))) == BOTH
    cohorts.withdraw_learner(by=administrator_of(here.cohort.centre), learner_unit=here.unit, reason="Moved away.")
    mail.outbox.clear()
    letters_later()
    assert [letter.to for letter in mail.outbox] == [[here.people["peer"].user.email]]


def test_other_cohorts_and_their_learners_hear_of_no_dates() -> None:
    here = scene()
    other = make.cohort(here.cohort.centre, here.cohort.specification)
    here.people["elsewhere"] = make.learner_unit(other).learner
    first, *_ = make.criteria(here.unit)
    assert here.news(lambda: make.due(here.cohort, (first, MARCH))) == BOTH
    assert here.news(lambda: make.due(other, (first, MARCH))) == {("elsewhere", "dates_changed")}


def test_a_tutor_of_one_learner_hears_that_the_learner_moved_and_the_cohorts_do_not() -> None:
    here = scene()
    make.allocation(here.cohort, here.people["off"], "tutor", here.unit)
    told = here.news(moving_on(here))
    assert told == {
        ("learner", "cohort_moved"),
        ("off", "learner_left"),
        ("iqa", "learner_left"),
        ("new", "learner_came"),
    }
    # Who they may not know of any more is named once more: in the site, to whom it concerns.
    (notice,) = Notice.objects.visible_to(here.user("off")).filter(kind="learner_left")
    assert title_of(notice) == "Maya Okafor moved to another cohort of Unit 101, with other staff"
    assert not LearnerUnit.objects.visible_to(here.user("off")).filter(pk=here.unit.pk).exists()
    page = client_of(here.user("off")).get("/notices/").content.decode()
    assert "Maya Okafor moved to another cohort" in page
    gone(here.people["off"])
    assert not Notice.objects.visible_to(here.user("off")).exists()


def test_who_stays_responsible_hears_nothing_and_who_is_it_twice_hears_once() -> None:
    here = scene()
    told = here.news(moving_on(here, "iqa"))
    assert told >= {("new", "learner_came"), ("tutor", "learner_left")}
    came = Notice.objects.unread().get(kind="learner_came")
    assert (came.role, came.times) == ("tutor", 1)
    back = here.cohort
    unit = LearnerUnit.objects.get(pk=here.unit.pk)
    make.allocation(back, here.people["new"], "tutor")
    by = administrator_of(back.centre)
    told = here.news(lambda: moving.move_learner(by=by, learner_unit=unit, to=back, reason="Back again."))
    assert ("new", "learner_left") in told  # as IQA
    assert Notice.objects.unread().get(kind="learner_left").role == "iqa"
    assert {who for who, kind in told if kind == "learner_came"} == {"tutor", "trainee", "iqa"}


def test_mail_about_a_move_names_nobody_and_goes_to_nobody_who_left() -> None:
    here = scene()
    people.end_membership(by=administrator_of(here.cohort.centre), membership=here.people["peer"])
    gone(here.people["trainee"])
    act = moving_on(here)
    NoticeChoice.objects.bulk_create(
        NoticeChoice(membership=here.people[who], group="work", how="at_once") for who in ("tutor", "iqa", "new")
    )
    told = here.news(act)
    assert told == {
        ("learner", "cohort_moved"),
        ("tutor", "learner_left"),
        ("iqa", "learner_left"),
        ("new", "learner_came"),
    }
    mail.outbox.clear()
    assert letters_later() == 4
    subjects = sorted(letter.subject for letter in mail.outbox)
    assert subjects == [
        "A learner of Unit 101 came to your cohort from another",
        "A learner of Unit 101 moved to another cohort",
        "A learner of Unit 101 moved to another cohort",
        "There is news of Unit 101",
    ]
    for letter in mail.outbox:
        for word in ("Maya", "Okafor", "Evenings", "suit"):
            assert word not in f"{letter.subject} {letter.body}".replace(f"to {letter.to[0]}", "")
