"""The risk of a tutor with its reasons, the lead IQA's rating, qualifications, continuous sampling, interests."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from assessment.models import (
    DeclaredInterest,
    InterestEnd,
    QualificationRemoval,
    SampleItem,
    StaffQualification,
    Submission,
    TutorRating,
)
from assessment.permissions import quality as may
from assessment.permissions.independence import against_reviewing
from assessment.readings.proof import steps
from assessment.readings.quality.risk import risk_page
from assessment.readings.quality.risk_reasons import Signed, TutorRisk, living, until
from assessment.sampling import ContinuousPlan
from assessment.workflow import decisions, quality, risk
from courseware.kit import clock, triggers
from courseware.kit.verdict import NotNow, NotYours, Refused
from courseware.kit.words import how_many
from courseware.people.models import Membership, RoleGrant
from tests import make
from tests.flat import flat
from tests.marking_pages import form_of, signed_in, statements
from tests.people_builders import administrator_of, make_member
from tests.quality_pages import Scene, current, facts, scene

pytestmark = pytest.mark.django_db
PAGE = reverse("risks")
DAY = dt.date(2020, 1, 2)
ROWS: tuple[Any, ...] = (TutorRating, StaffQualification, QualificationRemoval, DeclaredInterest, InterestEnd)


def rows() -> list[Any]:
    return [facts(), *(list(model.objects.order_by("pk").values()) for model in ROWS)]


def of(here: Scene, tutor: Membership | None = None) -> TutorRisk:
    page = risk_page(make.fresh(here.lead.user), here.cohort.centre)
    return next(row for row in page.rows if row.uid == (tutor or here.tutor).uid)


def told(found: TutorRisk) -> dict[str, int]:
    return {reason.words: reason.weight for reason in found.reasons}


def long_here(tutor: Membership) -> None:
    """The tutor began years ago (a grant's beginning is no fact of the record)."""
    RoleGrant.objects.filter(membership=tutor).update(starts_at=clock.now() - dt.timedelta(days=1000))


def qualified(here: Scene, expires_on: dt.date | None = None, **more: Any) -> StaffQualification:
    sent: dict[str, Any] = {"title": "Certificate in assessing", "held_as": "assessor", "awarded_on": DAY} | more
    return risk.record_qualification(by=here.lead.user, holder=here.tutor, expires_on=expires_on, **sent)


def test_a_tutor_of_long_standing_with_everything_in_order_is_no_risk() -> None:
    here = scene(0)
    long_here(here.tutor)
    qualified(here)
    found = of(here)
    assert (found.computed, found.level, told(found)) == ("low", "low", {})


def test_each_reason_adds_its_weight() -> None:
    here = scene(0)
    assert told(of(here)) == {"A tutor here for less than six months": 2, "No assessing qualification in force": 2}
    assert of(here).computed == "high"
    RoleGrant.objects.filter(membership=here.tutor).update(starts_at=clock.now() - dt.timedelta(days=200))
    today = clock.now().astimezone(zoneinfo.ZoneInfo(here.cohort.centre.zone)).date()
    row = qualified(here, today + dt.timedelta(days=21))
    found = of(here)
    assert told(found) == {
        "A tutor here for less than a year": 1,
        "The assessing qualification expires in three weeks": 1,
    }
    assert found.computed == "medium"
    risk.remove_qualification(by=administrator_of(here.cohort.centre), qualification=row)
    assert told(of(here))["No assessing qualification in force"] == 2
    qualified(here, dt.date(2021, 1, 1))
    assert told(of(here))["No assessing qualification in force"] == 2, "an expired one is none"
    trainee = make.staff(here.cohort, "tutor", trainee=True)
    assert told(of(here, trainee))["A trainee tutor"] == 2


def test_findings_disputes_and_units_nobody_looked_at_are_reasons() -> None:
    here = scene(3)
    long_here(here.tutor)
    qualified(here)
    assert told(of(here)) == {"Three units signed off, no unit reviewed yet": 1}
    plan = here.approved(2)
    first, second = SampleItem.objects.filter(plan=plan).order_by("position")
    make.reviewed(first)
    assert told(of(here)) == {}
    make.reviewed(second, "not_agreed")
    assert told(of(here)) == {"One unit found wrong among the last 2 reviewed": 2}
    for review in second.reviews.order_by("pk"):
        quality.adjudicate(by=here.lead.user, review=review, reason="It is enough.")
    (words,) = told(of(here))
    assert words.endswith("not agreed in the last year that the lead IQA let stand")


def test_continuous_sampling_follows_what_was_reviewed_in_the_order_of_sign_off() -> None:
    plan, at = ContinuousPlan(3, 5), clock.now()
    clear, wrong, unseen = Signed(at, wrong=False), Signed(at, wrong=True), Signed(None, wrong=False)
    begins = living(plan, [])
    assert (begins.everything, begins.clear, begins.reviewed) == (True, 0, 0)
    two = living(plan, [clear, unseen, clear])
    assert (two.everything, two.clear, two.signed_off, two.reviewed) == (True, 2, 3, 2)
    three = living(plan, [clear, clear, unseen, clear])
    assert (three.everything, three.clear, three.wrong, three.expected) == (False, 3, 0, "20 %")
    back = living(plan, [clear, clear, clear, wrong, clear])
    assert (back.everything, back.clear, back.wrong) == (True, 1, 1)


def test_the_page_says_phase_worst_case_and_assumptions() -> None:
    here = scene(1)
    item = here.item()
    make.reviewed(item)
    shown = flat(signed_in(here.iqa).get(PAGE))
    worst = f"{100 * ContinuousPlan(10, 5).worst[1]:.1f} %".replace(".0 %", " %")
    for words in ("Daniel Hughes", "Every unit", "1 of 1", f"At most {worst} of a tutor", "see every wrong decision"):
        assert words in shown
    shown = flat(signed_in(here.lead).get(reverse("tutor-risk", args=(here.tutor.uid,))))
    assert "Every unit is due for review." in shown
    assert "1 of the last reviewed is clear, of 10 that it takes." in shown
    assert "Rate by hand" in shown


def test_the_lead_iqas_rating_stands_beside_the_computed_one_until_it_is_set_back() -> None:
    here = scene(0)
    client, address = signed_in(here.lead), reverse("tutor-rate", args=(here.tutor.uid,))
    before = rows()
    assert (client.post(address, form_of(client, address, level="low")).status_code, rows()) == (422, before)
    assert client.post(address, form_of(client, address, level="low", reason="I watched them.")).status_code == 303
    found = of(here)
    assert (found.level, found.computed, found.rated_by, found.rated_why) == (
        "low",
        "high",
        "Martin Osei",
        "I watched them.",
    )
    shown = flat(client.get(PAGE))
    assert "Rated by Martin Osei; computed: high risk" in shown
    risk.rate_tutor(by=here.lead.user, tutor=here.tutor, level="computed", reason="Enough watching.")
    assert of(here).level == "high"
    assert [fault for step in steps() for fault in step.faults()] == []


def test_qualifications_are_recorded_shown_with_their_end_and_removed() -> None:
    here = scene(0)
    client, address = signed_in(here.lead), reverse("qualification-add", args=(here.tutor.uid,))
    typed = {"title": "Certificate in assessing", "held_as": "assessor", "awarded_on": "2020-01-02"}
    wrong = form_of(client, address, **typed, expires_on="2019-01-01")
    before = rows()
    assert (client.post(address, wrong).status_code, rows()) == (409, before)
    assert client.post(address, form_of(client, address, **typed)).status_code == 303
    page = reverse("tutor-risk", args=(here.tutor.uid,))
    assert "does not expire" in flat(client.get(page))
    admin = signed_in(administrator_of(here.cohort.centre))
    remove = reverse("qualification-remove", args=(StaffQualification.objects.get().uid,))
    answer = admin.post(remove, form_of(admin, remove))
    assert (answer.status_code, answer["Location"]) == (303, reverse("member-page", args=(here.tutor.uid,)))
    assert "None recorded." in flat(client.get(page))
    assert admin.post(remove, form_of(admin, remove)).status_code == 409


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (None, "does not expire"),
        (0, "expires today"),
        (1, "expires in one day"),
        (21, "expires in three weeks"),
        (200, "expires in six months"),
        (-2, "expired two days ago"),
        (-40, "expired five weeks ago"),
    ],
)
def test_the_end_of_a_qualification_is_told_as_people_say_it(days: int | None, words: str) -> None:
    today = dt.date(2026, 11, 26)
    assert until(None if days is None else today + dt.timedelta(days=days), today) == words


def test_a_declared_interest_keeps_its_holder_from_reviewing_until_it_ends() -> None:
    here = scene(2)
    first, second = here.units
    interest = risk.declare_interest(by=here.iqa.user, holder=here.iqa, learner=first.learner, reason="My niece.")
    assert against_reviewing(here.iqa, first, "ordinary") == "Helen Ashworth declared an interest in this learner."
    assert against_reviewing(here.iqa, second, "ordinary") == ""
    plan = here.approved(2)
    assert {i.learner_unit_id: i.reviewer_id for i in plan.items.all()} == {first.pk: None, second.pk: here.iqa.pk}
    risk.end_interest(by=here.lead.user, interest=interest, reason="She left.")
    assert against_reviewing(here.iqa, first, "ordinary") == ""
    colleague = risk.declare_interest(by=here.lead.user, holder=here.iqa, colleague=here.tutor, reason="Married.")
    for unit in (first, second):
        assert "in a colleague who decided in this unit" in against_reviewing(here.iqa, unit, "ordinary")
    item = plan.items.select_related("learner_unit", "plan").get(reviewer=here.iqa)
    verdict = may.can_review(make.fresh(here.iqa.user), item, current(item))
    assert verdict.reason.startswith("You declared an interest")
    desk = reverse("item", args=(item.uid,))
    assert signed_in(here.iqa).get(desk).status_code == 200
    shown = flat(signed_in(here.iqa).get(reverse("review", args=(item.uid, "1.1"))))
    assert "You declared an interest in this learner or in a colleague who decided here" in shown
    listed = flat(signed_in(here.lead).get(reverse("interests")))
    assert colleague.by == here.lead
    for words in ("My niece.", "She left.", "Married.", "End"):
        assert words in listed
    assert [fault for step in steps() for fault in step.faults()] == []


def test_what_is_not_theirs_or_makes_no_sense_is_refused_and_changes_nothing() -> None:
    here, away = scene(1), scene(1)
    learner, by = here.units[0].learner, here.lead.user
    mine = risk.declare_interest(by=by, holder=here.lead, learner=learner, reason="A neighbour.")
    over = risk.declare_interest(by=by, holder=here.iqa, learner=learner, reason="A neighbour.")
    risk.end_interest(by=by, interest=over, reason="Moved.")
    held = qualified(here)
    both = make.staff(here.cohort, "tutor", roles=("tutor", "lead_iqa"))
    refusals: list[tuple[type[Refused], Any, dict[str, Any]]] = [
        (NotYours, risk.rate_tutor, {"by": here.iqa.user, "tutor": here.tutor, "level": "low", "reason": "So."}),
        (NotYours, risk.rate_tutor, {"by": both.user, "tutor": both, "level": "low", "reason": "So."}),
        (NotYours, risk.rate_tutor, {"by": by, "tutor": away.tutor, "level": "low", "reason": "So."}),
        (NotNow, risk.rate_tutor, {"by": by, "tutor": here.tutor, "level": "none", "reason": "So."}),
        (NotNow, risk.rate_tutor, {"by": by, "tutor": here.tutor, "level": "low", "reason": " "}),
        (NotYours, risk.remove_qualification, {"by": here.tutor.user, "qualification": held}),
        (NotYours, risk.declare_interest, {"by": here.iqa.user, "holder": here.tutor, "learner": learner}),
        (NotYours, risk.declare_interest, {"by": learner.user, "holder": learner, "colleague": here.iqa}),
        (NotNow, risk.declare_interest, {"by": by, "holder": here.iqa}),
        (NotNow, risk.declare_interest, {"by": by, "holder": here.iqa, "learner": learner, "colleague": here.tutor}),
        (NotNow, risk.declare_interest, {"by": by, "holder": here.iqa, "colleague": here.iqa}),
        (NotNow, risk.declare_interest, {"by": by, "holder": here.iqa, "colleague": away.tutor}),
        (NotYours, risk.end_interest, {"by": by, "interest": mine, "reason": "Over."}),
        (NotYours, risk.end_interest, {"by": here.iqa.user, "interest": mine, "reason": "Over."}),
        (NotNow, risk.end_interest, {"by": by, "interest": over, "reason": "Over."}),
    ]
    base: dict[str, Any] = {"by": by, "holder": here.tutor, "title": "A", "held_as": "iqa", "awarded_on": DAY}
    senseless: list[dict[str, Any]] = [{"title": " "}, {"held_as": "cook"}, {"expires_on": dt.date(2019, 1, 1)}]
    refusals.extend((NotNow, risk.record_qualification, base | more) for more in senseless)
    refusals.append((NotYours, risk.record_qualification, base | {"by": here.iqa.user}))
    before = rows()
    for kind, act, sent in refusals:
        with pytest.raises(kind):
            act(**({"reason": "Kin."} if act is risk.declare_interest else {}) | sent)
        assert rows() == before


def test_interests_are_declared_by_address_and_ended_in_the_browser() -> None:
    here = scene(1)
    tutor, lead, address = signed_in(here.tutor), signed_in(here.lead), reverse("interest-declare")
    learner = here.units[0].learner
    sent = form_of(tutor, address, holder="", reason="My nephew.", colleague="")
    before = rows()
    for status, wrong in (
        (422, {"learner": ""}),
        (409, {"learner": "nobody@example.org"}),
        (422, {"holder": str(here.iqa.uid)}),
    ):
        answer = tutor.post(address, sent | {"learner": learner.user.email} | wrong)
        assert (answer.status_code, rows()) == (status, before)
    both = sent | {"learner": learner.user.email, "colleague": str(here.iqa.uid)}
    assert (tutor.post(address, both).status_code, rows()) == (422, before)
    answer = tutor.post(address, sent | {"learner": learner.user.email.upper()})
    assert (answer.status_code, answer["Location"]) == (303, address)
    interest = DeclaredInterest.objects.get()
    assert (interest.holder, interest.learner, interest.by) == (here.tutor, learner, here.tutor)
    end = reverse("interest-end", args=(interest.uid,))
    assert lead.post(end, form_of(lead, end, reason="Moved.")).status_code == 303
    assert lead.post(end, form_of(lead, end, reason="Moved.")).status_code == 409


def test_sql_changes_none_of_it() -> None:
    here = scene(1)
    risk.rate_tutor(by=here.lead.user, tutor=here.tutor, level="low", reason="So.")
    row = qualified(here)
    interest = risk.declare_interest(
        by=here.lead.user, holder=here.iqa, learner=here.units[0].learner, reason="A neighbour."
    )
    for act in (
        lambda: TutorRating.objects.update(level="high"),
        lambda: TutorRating.objects.all().delete(),
        lambda: StaffQualification.objects.update(title="Doctor"),
        lambda: StaffQualification.objects.filter(pk=row.pk).delete(),
        lambda: DeclaredInterest.objects.update(holder=here.lead),
        lambda: DeclaredInterest.objects.filter(pk=interest.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


@pytest.mark.parametrize("tutors", [4, 40])
def test_the_pages_cost_the_same_for_4_and_for_40_tutors(tutors: int) -> None:
    here = scene(1)
    for _ in range(tutors - 1):
        make_member(here.cohort.centre, "tutor")
    qualified(here)
    client = signed_in(here.lead)
    found = {
        "risks": statements(client, PAGE),
        "tutor": statements(client, reverse("tutor-risk", args=(here.tutor.uid,))),
        "interests": statements(client, reverse("interests")),
    }
    assert found == {"risks": 12, "tutor": 12, "interests": 6}


def test_a_unit_that_was_reopened_and_signed_off_again_is_one_unit_in_its_first_place() -> None:
    here = scene(2)
    first = here.units[0]
    decisions.reopen(by=here.lead.user, learner_unit=first, reason="To look again.")
    decisions.sign_off(by=here.tutor.user, learner_unit=first)
    assert of(here).living.signed_off == 2


def test_what_waits_too_long_is_a_reason() -> None:
    here = scene(0)
    unit = make.learner_unit(here.cohort)
    handed_in = make.submission(unit)
    assert not any("waits" in words for words in told(of(here)))
    triggers.drop(connection)  # time passes
    long_ago = clock.now() - dt.timedelta(days=60)
    Submission.objects.filter(pk=handed_in.pk).update(submitted_at=long_ago)
    unit.statuses.filter(waits_in=handed_in).update(waits_since=long_ago)
    count = handed_in.claims.count()
    waits = how_many(count, "criterion waits", "criteria wait")
    assert told(of(here))[f"{waits} for feedback longer than 10 working days"] == 1


def test_nobody_elsewhere_and_no_learner_has_a_page_here() -> None:
    here, away = scene(1), scene(0)
    address = reverse("tutor-risk", args=(here.tutor.uid,))
    assert signed_in(away.lead).get(address).status_code == 404
    assert signed_in(here.lead).get(reverse("tutor-risk", args=(here.units[0].learner.uid,))).status_code == 404
    assert str(here.tutor.uid) not in flat(signed_in(away.lead).get(PAGE))


def test_an_iqa_declares_for_nobody_else_and_sees_what_is_declared() -> None:
    here = scene(1)
    client, address = signed_in(here.iqa), reverse("interest-declare")
    names = {name for _, name in client.get(address).context["form"].fields["holder"].choices}
    assert names == {"My own"}
    sent = form_of(client, address, holder="", reason="Kin.", learner="", colleague=str(here.tutor.uid))
    answer = client.post(address, sent)
    assert (answer.status_code, answer["Location"]) == (303, reverse("interests"))
    assert DeclaredInterest.objects.get().holder == here.iqa
    lead = signed_in(here.lead).get(address).context["form"].fields["holder"].choices
    assert {name for _, name in lead} == {"My own", "Helen Ashworth", "Daniel Hughes"}
    assert "In force" in flat(client.get(reverse("interests")))
