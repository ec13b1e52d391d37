"""A cohort goes on with a changed specification: what is decided stays where it was decided, and nobody loses work."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from assessment.models import (
    Allocation,
    Cohort,
    CohortMove,
    CriterionStatus,
    Decision,
    EditionMove,
    EvidenceItem,
    EvidenceLink,
    KeptCriterion,
    LearnerUnit,
    Submission,
    SubmissionClaim,
    Work,
)
from assessment.permissions.edition_moves import can_move_to_edition
from assessment.readings import proof_cohorts
from assessment.readings.edition_moves import move_page
from assessment.readings.proof import steps
from assessment.workflow import cohorts, deadlines, decisions, due, moving, practice, quality
from assessment.workflow.edition_effect import Effect, editions_for, effect_of
from assessment.workflow.edition_moves import move_cohort_to_edition
from content import catalogue
from content.comparing import compared
from content.models import Criterion, UnitEdition
from content.publishing import publish, publish_for
from courseware.kit import clock
from courseware.kit.verdict import NotNow, NotYours, Stale
from courseware.ledger.models import LedgerEntry
from courseware.people.models import Membership, User
from tests import make
from tests.content_builders import TINY, source_of
from tests.edition_builders import edition_of, second_edition, third_edition
from tests.people_builders import administrator_of, make_member

pytestmark = pytest.mark.django_db

DAY = dt.date(2027, 1, 15)


def whole() -> list[str]:
    return [fault for step in steps() for fault in step.faults()]


@dataclass
class Scene:
    """A cohort on the first edition; a second one has 1.2 in other words, a new 2.1, and the old 2.1 as 2.2."""

    cohort: Cohort
    tutor: Membership
    edition: UnitEdition

    @property
    def admin(self) -> User:
        return make.fresh(administrator_of(self.cohort.centre))

    def effect(self, by: User | None = None) -> Effect:
        cohort = Cohort.objects.select_related("centre", "specification__unit").get(pk=self.cohort.pk)
        return effect_of(by or self.admin, cohort, self.edition)

    def told(self) -> list[str]:
        """What the page says of each who goes on."""
        cohort = Cohort.objects.select_related("centre", "specification__unit").get(pk=self.cohort.pk)
        page = move_page(self.admin, cohort, "")
        return [along for _, along in page.going] if page else []

    def move(self, **more: Any) -> EditionMove:
        sent: dict[str, Any] = {"by": self.admin, "name": "Autumn, second edition", "reason": "1.2 was not clear."}
        return move_cohort_to_edition(**(sent | {"cohort": self.cohort, "edition": self.edition} | more))


@pytest.fixture
def scene() -> Scene:
    cohort = make.cohort()
    tutor = make.staff(cohort, "tutor")
    return Scene(cohort, tutor, second_edition())


def places(unit: LearnerUnit) -> list[tuple[str, str]]:
    return list(
        CriterionStatus.objects.filter(learner_unit=unit)
        .order_by("position")
        .values_list("criterion__number", "status")
    )


def everything() -> list[Any]:
    models: tuple[Any, ...] = (LearnerUnit, CriterionStatus, EvidenceLink, SubmissionClaim, Allocation, LedgerEntry)
    return [list(model.objects.order_by("pk").values()) for model in (*models, Cohort, EditionMove, CohortMove)]


def test_what_became_of_each_criterion_is_told_side_by_side() -> None:
    first, second, third = make.specification(), second_edition().specification, third_edition().specification
    told = [(one.became, one.old and one.old.number, one.new and one.new.number) for one in compared(first, second)]
    assert told == [
        ("same", "1.1", "1.1"),
        ("reworded", "1.2", "1.2"),
        ("new", None, "2.1"),
        ("renumbered", "2.1", "2.2"),
    ]
    told = [(one.became, one.old and one.old.number, one.new and one.new.number) for one in compared(second, third)]
    assert told == [("same", "1.1", "1.1"), ("same", "1.2", "1.2"), ("same", "2.1", "2.1"), ("removed", "2.2", None)]


def test_who_handed_nothing_in_for_what_changed_goes_on_and_nothing_decided_is_touched(  # noqa: PLR0915 - one walk
    scene: Scene,
) -> None:
    iqa, lead = make.staff(scene.cohort, "iqa"), make.staff(scene.cohort, "lead_iqa")
    alone = make_member(scene.cohort.centre, "tutor")
    met, waits, stays, done, held = (make.learner_unit(scene.cohort) for _ in range(5))
    make.allocation(scene.cohort, alone, "tutor", waits)
    one, two, three = make.criteria(met)
    dates = [(one, DAY), (two, DAY), (three.outcome, DAY + dt.timedelta(days=9))]
    deadlines.set_due_dates(by=scene.admin, cohort=scene.cohort, dates=dates)
    make.marked(make.submission(met, one), scene.tutor.user)
    make.draft(met, two, three)
    handed_in = make.submission(waits, one)
    make.marked(make.submission(stays, two), scene.tutor.user)
    make.signed_off(done, scene.tutor.user)
    hold = quality.place_hold(by=lead.user, learner_unit=held, reason="A complaint.")
    left = make.learner_unit(scene.cohort)
    cohorts.withdraw_learner(by=scene.admin, learner_unit=left, reason="Left.")
    facts = [list(model.objects.order_by("pk").values()) for model in (Decision, Submission, EvidenceItem)]

    effect = scene.effect()
    assert {one.unit.pk: (one.why, one.handed_in, one.along) for one in effect.learners} == {
        met.pk: ("", ("1.1",), 2),
        waits.pk: ("", ("1.1",), 0),
        stays.pk: ("handed_in", (), 1),
        done.pk: ("over", ("1.1",), 2),
        held.pk: ("held", (), 0),
    }
    fact = scene.move(seen=effect.digest)

    to = fact.to_cohort
    assert (to.name, to.specification, to.starts_on) == (
        "Autumn, second edition",
        scene.edition.specification,
        scene.cohort.starts_on,
    )
    assert set(to.learner_units.order_by()) == {met, waits}
    assert set(scene.cohort.learner_units.order_by()) == {stays, done, held, left}
    assert [list(model.objects.order_by("pk").values()) for model in (Decision, Submission, EvidenceItem)] == facts
    assert places(met) == [
        ("1.1", "met"),
        ("1.2", "evidence_linked"),
        ("2.1", "not_started"),
        ("2.2", "evidence_linked"),
    ]
    assert places(waits) == [
        ("1.1", "awaiting_marking"),
        ("1.2", "not_started"),
        ("2.1", "not_started"),
        ("2.2", "not_started"),
    ]
    assert places(stays) == [("1.1", "not_started"), ("1.2", "met"), ("2.1", "not_started")]
    draft = Submission.objects.get(learner_unit=met, state="draft")
    new = {row.number: row for row in Criterion.objects.filter(specification=to.specification).order_by("position")}
    assert set(draft.claims.values_list("criterion", flat=True).order_by()) == {new["1.2"].pk, new["2.2"].pk}
    kept = KeptCriterion.objects.get()
    assert (kept.criterion, kept.stands_for) == (one, new["1.1"])
    met, waits = (LearnerUnit.objects.select_related("centre").get(pk=unit.pk) for unit in (met, waits))
    book = due.DueBook([met])
    dates = [book.of(met, row.pk) for row in met.criteria()]
    assert [date and date.on for date in dates] == [DAY, DAY, DAY + dt.timedelta(days=9), DAY + dt.timedelta(days=9)]
    row = CriterionStatus.objects.filter(learner_unit=met, criterion=one).annotate(**due.columns()).order_by().get()
    assert row._due_own == DAY
    assert [
        set(to.allocations.filter(learner_unit=unit).values_list("membership", flat=True)) for unit in (None, waits)
    ] == [
        {scene.tutor.pk, iqa.pk},
        {alone.pk},
    ]
    assert whole() == []
    with pytest.raises(NotNow, match="Nobody of this cohort"):
        scene.move()

    # The work goes on: the mark that waited is given where it was handed in, and the rest of the unit is done.
    make.marked(handed_in, alone.user)
    assert places(waits)[0] == ("1.1", "met")
    with pytest.raises(NotNow, match="another unit"):
        make.draft(met, new["1.1"], version=make.latest(met.evidence.order_by("pk")[0]))
    make.marked(make.submission(met, *(new[number] for number in ("1.2", "2.1", "2.2"))), scene.tutor.user)
    decisions.sign_off(by=scene.tutor.user, learner_unit=met)
    item = make.item(to, iqa, lead)
    make.reviewed(item)
    quality.lift_hold(by=lead.user, hold=hold, reason="Settled.")
    assert scene.move(name="is not asked for again").to_cohort == to
    assert list(LearnerUnit.objects.filter(cohort=to, state="in_progress").order_by("pk")) == [waits, held]
    assert whole() == []


def test_a_cohort_that_moved_moves_again_and_a_draft_for_what_is_gone_ends(scene: Scene) -> None:
    unit = make.learner_unit(scene.cohort)
    one, _, three = make.criteria(unit)
    make.marked(make.submission(unit, one), scene.tutor.user, "not_yet_met")
    make.marked(make.submission(unit, one), scene.tutor.user)
    make.draft(unit, three)
    drawn, lead = make.learner_unit(scene.cohort), make.staff(scene.cohort, "lead_iqa")
    make.signed_off(drawn, scene.tutor.user)
    make.item(scene.cohort, make.staff(scene.cohort, "iqa"), lead)
    decisions.reopen(by=lead.user, learner_unit=drawn, reason="Look again.")
    deadlines.set_due_dates(by=scene.admin, cohort=scene.cohort, dates=[(three, DAY)])
    deadlines.extend(
        by=scene.admin, learner_unit=unit, criteria=[three], due_on=DAY + dt.timedelta(days=1), reason="Ill."
    )
    assert [(one.unit, one.why) for one in scene.effect().remains] == [(drawn, "sampled")]
    (said,) = scene.told()
    assert said.startswith("1.1 keeps what was handed in and decided. One mapping goes to the new words or number.")
    assert said.endswith("One later date does not come along: give it anew.")
    second = Scene(scene.move().to_cohort, scene.tutor, third_edition())
    effect = second.effect()
    assert [(one.along, one.ends, one.later) for one in effect.goes] == [(0, 1, 0)]
    assert second.told() == ["1.1 keeps what was handed in and decided. One mapping ends; the evidence stays."]
    third = second.move(name="Autumn, third edition")
    assert places(unit) == [("1.1", "met"), ("1.2", "not_started"), ("2.1", "not_started")]
    assert not EvidenceLink.objects.filter(learner_unit=unit).exclude(criterion=one).exists()
    # 1.1 of the first specification stands for that of the third, where the learner is on it still.
    assert set(
        third.to_cohort.kept.filter(stands_for__number="1.1").values_list("criterion", flat=True).order_by()
    ) == {
        one.pk,
        second.cohort.specification.criteria.get(number="1.1").pk,
    }
    assert Submission.objects.get(learner_unit=unit, state="draft").claims.count() == 0
    assert next(iter(unit.criteria())) == one
    assert whole() == []


def test_who_came_along_keeps_their_criteria_in_any_cohort_that_they_go_to(scene: Scene) -> None:
    came, later = make.learner_unit(scene.cohort), make.learner_unit(scene.cohort)
    one, two, _ = make.criteria(came)
    make.due(scene.cohort, (one, DAY - dt.timedelta(days=9)), (two, DAY))
    extended = {"due_on": DAY + dt.timedelta(days=1), "reason": "Ill."}
    deadlines.extend(by=scene.admin, learner_unit=came, criteria=[two], **extended)
    for unit in (came, later):
        make.marked(make.submission(unit, one), scene.tutor.user)
    second = scene.move().to_cohort
    evenings = make.cohort(scene.cohort.centre, second.specification)
    make.due(evenings, (second.specification.criteria.get(number="1.1"), DAY))
    began = make.learner_unit(evenings)
    again = Scene(evenings, scene.tutor, publish(source_of(TINY)))  # the first edition's words once more
    third = again.move(name="Evenings, the old words").to_cohort
    before = clock.now()
    for unit in (came, later):
        moving.move_learner(by=scene.admin, learner_unit=unit, to=evenings, reason="Evenings.")
        there = LearnerUnit.objects.select_related("centre").get(pk=unit.pk)
        book = due.DueBook([there])
        assert book.of(there, one.pk) == due.Due(DAY)
        assert book.of(there, one.pk, before) == due.Due(DAY - dt.timedelta(days=9))
        deadlines.extend(by=scene.admin, learner_unit=unit, criteria=[one], **extended)
    assert [row.criterion for row in evenings.kept.order_by("pk")] == [one]
    assert whole() == []
    # The later date on 1.2 stayed behind at the first move: it is not told again.
    assert [(row.unit, row.handed_in, row.later) for row in again.effect().goes] == [
        (came, ("1.1",), 0),
        (later, ("1.1",), 0),
    ]
    assert again.move().to_cohort == third
    assert set(third.learner_units.order_by()) == {began, came, later}
    assert whole() == []


def test_a_work_for_words_that_come_back_stands_beside_the_one_that_came_along() -> None:
    """Both are the learner's own: the earlier one is at its words again, and neither is lost or in the other's way."""
    last = ("Describe how a cup is washed", "")
    first = ((("Explain how water is heated", ""),), (("Explain how tea is poured", ""), last))
    shapes = (first[0], first[1][:1]), (first[0], (first[1][0], ("Describe how a cup is dried", ""))), first
    cohort = make.cohort(spec=edition_of(first).specification)
    unit = make.learner_unit(cohort)
    for number, shape in enumerate(shapes, 1):
        unit = LearnerUnit.objects.select_related("specification", "learner__user", "cohort").get(pk=unit.pk)
        if unit.criteria().filter(number="2.2").exists():
            page = catalogue.lesson_page(unit.specification, "2.2")
            asked = practice.Asked(unit, page.criterion_id, page.edition_id, page.activities[0])
            practice.keep_work(by=unit.learner.user, asked=asked, given={"text": f"In edition {number}."})
        scene = Scene(unit.cohort, unit.learner, edition_of(shape))
        scene.move(name=f"Number {number}")
    rows = Work.objects.filter(learner_unit=unit).order_by("pk").values_list("criterion__statement", "answer")
    assert list(rows) == [
        (last[0], '{"text":"In edition 1."}'),
        ("Describe how a cup is dried", '{"text":"In edition 3."}'),
    ]
    assert whole() == []


def test_only_an_administrator_moves_a_cohort_and_a_refusal_changes_nothing(scene: Scene) -> None:
    unit = make.learner_unit(scene.cohort)
    both = make_member(scene.cohort.centre, "admin", "learner")
    own = make.learner_unit(scene.cohort, both)
    lead = make.staff(scene.cohort, "lead_iqa")
    seen = scene.effect().digest
    elsewhere = make.cohort(spec=scene.cohort.specification)
    for user in (scene.tutor.user, lead.user, unit.learner.user, administrator_of(elsewhere.centre)):
        verdict = can_move_to_edition(make.fresh(user), scene.cohort)
        assert verdict.reason == "Only an administrator of this centre moves a cohort."
    before = everything()
    for who in (scene.tutor, lead):
        with pytest.raises(NotYours, match="Only an administrator"):
            scene.move(by=make.fresh(who.user))
    for more, says in (({"reason": " "}, "Say why"), ({"name": scene.cohort.name}, "There is a cohort called")):
        with pytest.raises(NotNow, match=says):
            scene.move(**more)
    with pytest.raises(Stale, match="Read it again"):
        scene.move(edition=scene.cohort.specification.editions.get())
    assert everything() == before
    make.submission(unit, make.criteria(unit)[1])
    before = everything()
    with pytest.raises(Stale, match="Read it again"):
        scene.move(seen=seen)
    assert everything() == before
    assert {one.unit: one.why for one in scene.effect(make.fresh(both.user)).learners} == {
        unit: "handed_in",
        own: "own",
    }


def test_a_form_sent_twice_moves_once(scene: Scene) -> None:
    unit = make.learner_unit(scene.cohort)
    key = uuid.uuid4()
    first = scene.move(key=key)
    assert scene.move(key=key) == first
    assert (EditionMove.objects.count(), CohortMove.objects.filter(learner_unit=unit).count()) == (1, 1)


def test_the_database_keeps_work_on_the_words_it_was_handed_in_for(scene: Scene) -> None:
    goes, stays = make.learner_unit(scene.cohort), make.learner_unit(scene.cohort)
    fact = scene.effect() and scene.move()
    stays = make.learner_unit(scene.cohort)
    make.submission(stays, make.criteria(stays)[1])
    by = scene.admin.memberships.get()
    told: dict[str, Any] = {"centre": scene.cohort.centre, "by": by, "role": "admin", "body": fact.body}
    told |= {"body_digest": fact.body_digest}
    ends = {"from_cohort": scene.cohort, "to_cohort": fact.to_cohort}
    CohortMove.objects.create(learner_unit=stays, **told, **ends)
    new = fact.to_cohort.specification
    criteria = {row.number: row for row in new.criteria.order_by("position")}
    old = make.criteria(stays)
    for refused in (
        lambda: LearnerUnit.objects.filter(pk=stays.pk).update(cohort=fact.to_cohort, specification=new),
        lambda: LearnerUnit.objects.filter(pk=stays.pk).update(specification=new),
        lambda: LearnerUnit.objects.filter(pk=goes.pk).update(specification=scene.cohort.specification),
        lambda: stays.statuses.filter(criterion=old[0]).delete(),
        lambda: EditionMove.objects.create(
            **told, from_cohort=scene.cohort, to_cohort=make.cohort(scene.cohort.centre)
        ),
        lambda: KeptCriterion.objects.create(
            centre=scene.cohort.centre,
            move=fact,
            cohort=fact.to_cohort,
            criterion=old[1],
            stands_for=criteria["1.2"],
        ),
        lambda: EditionMove.objects.update(to_cohort=scene.cohort),
        lambda: KeptCriterion.objects.order_by("pk").delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            refused()
    assert goes.statuses.filter(criterion=criteria["1.2"]).exists()


def test_the_proof_names_a_learner_who_is_on_another_criterion(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    unit = make.learner_unit(scene.cohort)
    scene.move()
    unit = LearnerUnit.objects.get(pk=unit.pk)
    rows = list(unit.statuses.select_related("criterion").order_by("position"))
    assert list(proof_cohorts.kept_faults(unit, rows)) == []
    assert "3 criteria, its specification has 4" in next(proof_cohorts.kept_faults(unit, rows[:3]))
    monkeypatch.setattr(KeptCriterion, "objects", KeptCriterion.objects.none())
    assert list(proof_cohorts.kept_faults(unit, rows)) == [
        f"learner-unit {unit.uid}: 1.1 is another criterion than its specification has"
    ]


def test_a_cohort_of_the_house_can_go_on_with_the_centres_own_unit_and_not_back(scene: Scene) -> None:
    own = publish_for(scene.cohort.centre, source_of(TINY), by=scene.admin, role="tutor", note="Ours now.")
    assert editions_for(scene.cohort) == [own, scene.edition]
    unit = make.learner_unit(scene.cohort)
    make.submission(unit, *make.criteria(unit))
    moved = scene.move(edition=own, name="On our own").to_cohort
    assert editions_for(moved) == []
    assert (unit.criteria().count(), unit.statuses.filter(status="awaiting_marking").count()) == (3, 3)
    assert whole() == []
