"""Whatever becomes of a specification, whatever a learner has done: a move changes nothing but what its page says."""

from __future__ import annotations

import itertools
import uuid
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from assessment.models import (
    Cohort,
    CriterionStatus,
    Decision,
    DueExtension,
    EditionMove,
    EvidenceLink,
    Hold,
    LearnerUnit,
    SampleItem,
    SubmissionClaim,
    SubmissionEvidence,
)
from assessment.readings.edition_moves import MovePage, move_page
from assessment.readings.proof import steps
from assessment.workflow import quality
from assessment.workflow.due import Due, DueBook
from assessment.workflow.edition_effect import effect_of
from assessment.workflow.edition_moves import move_cohort_to_edition
from courseware.kit.verdict import NotNow
from courseware.ledger.models import LedgerEntry
from tests.edition_builders import edition_of
from tests.edition_lives import FIRST, Scene, changed, lives, reread, tried, words_of

pytestmark = pytest.mark.unmeasured

# -- What a move may change --------------------------------------------------------------------------------------------

Rows = dict[tuple[str, int], dict[str, Any]]
# Of rows that were there: the columns that may change, and whether the row may go; of a learner who goes on only.
CHANGES = {
    "LearnerUnit": {"cohort_id", "specification_id"},
    "CriterionStatus": {"position", "waits_with_id"},
    "EvidenceLink": {"criterion_id"},
    "SubmissionClaim": {"criterion_id"},
    "Work": {"criterion_id"},
    "Allocation": {"ends_at"},
}
GOES = {"CriterionStatus", "EvidenceLink", "SubmissionClaim", "SubmissionEvidence"}
COMES = {"Cohort", "EditionMove", "CohortMove", "KeptCriterion", "Allocation", "DueDate", "Body", "CriterionStatus"}


def rows() -> Rows:
    """Every row about learners, and the whole record, as the database has them."""
    found: Rows = {}
    with connection.cursor() as cursor:
        for model in (*apps.get_app_config("assessment").get_models(), LedgerEntry):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(model._meta.db_table)}")
            names = [column[0] for column in cursor.description]
            key = names.index(model._meta.pk.column)
            found |= {(model.__name__, row[key]): dict(zip(names, row, strict=True)) for row in cursor.fetchall()}
    return found


def frozen() -> set[tuple[str, int]]:
    """What was handed in."""
    claims = SubmissionClaim.objects.exclude(submission__state="draft").order_by("pk").values_list("pk", flat=True)
    handed = SubmissionEvidence.objects.exclude(submission__state="draft").order_by("pk")
    found = {("SubmissionClaim", pk) for pk in claims} | {("SubmissionEvidence", row.pk) for row in handed}
    return found | {("EvidenceLink", row.link_id) for row in handed}


def places(unit: LearnerUnit) -> list[tuple[str, str, str]]:
    return [words_of(criterion) for criterion in unit.criteria()]


def expected_to_go(page: MovePage) -> list[int]:
    """Who goes on, said anew from the facts."""
    cohort, wanted = page.effect.cohort, {words_of(one) for one in page.effect.edition.specification.criteria.all()}
    found = []
    for unit in LearnerUnit.objects.filter(cohort=cohort, state="in_progress").order_by("pk"):
        claims = SubmissionClaim.objects.filter(learner_unit=unit).exclude(submission__state="draft")
        handed_in = {words_of(claim.criterion) for claim in claims.select_related("criterion").order_by("pk")}
        held = Hold.objects.filter(learner_unit=unit, lift__isnull=True).exists()
        drawn = SampleItem.objects.filter(learner_unit=unit).exclude(state="closed").exists()
        if handed_in <= wanted and not held and not drawn:
            found.append(unit.pk)
    return found


def check_rows(before: Rows, after: Rows, goers: set[int], untouchable: set[tuple[str, int]]) -> None:
    """Nothing changed, went or came but what a move may."""
    for key, row in before.items():
        now = after.get(key)
        if now == row:
            continue
        assert key not in untouchable, f"{key} was handed in"
        unit = row["id"] if key[0] == "LearnerUnit" else row["learner_unit_id"]
        assert unit in goers, f"{key} is of somebody who stays"
        if now is None:
            assert key[0] in GOES, f"{key} is gone"
        else:
            assert {name for name in row if row[name] != now[name]} <= CHANGES.get(key[0], set()), f"{key} changed"
    assert {name for name, _pk in after.keys() - before.keys()} <= COMES | {"LedgerEntry"}


def check_moved(page: MovePage, fact: EditionMove, before: Rows, after: Rows) -> None:
    """What the page said of each is what became of them."""
    for one in page.effect.goes:
        unit = LearnerUnit.objects.select_related("specification").get(pk=one.unit.pk)
        assert (unit.cohort_id, unit.specification_id) == (fact.to_cohort_id, page.effect.edition.specification_id)
        links = [(key, row) for key, row in before.items() if key[0] == "EvidenceLink"]
        own = [(row, after.get(key)) for key, row in links if row["learner_unit_id"] == unit.pk]
        assert one.ends == sum(now is None for _, now in own)
        assert one.along == sum(now is not None and now["criterion_id"] != row["criterion_id"] for row, now in own)
        left = {
            row["criterion_id"]
            for key, row in before.items()
            if key[0] == "CriterionStatus" and key not in after and row["learner_unit_id"] == unit.pk
        }
        extended = DueExtension.objects.filter(learner_unit=unit, superseded_by__isnull=True, criterion__in=left)
        assert one.later == extended.count()
        claims = SubmissionClaim.objects.filter(learner_unit=unit).exclude(submission__state="draft").order_by()
        assert set(one.handed_in) == set(claims.values_list("criterion__number", flat=True))
    for one in page.effect.remains:
        assert LearnerUnit.objects.get(pk=one.unit.pk).cohort_id == page.effect.cohort.pk


def check_words(scene: Scene) -> None:
    """Everybody works on the words of their own specification, and each mark is on a row among them."""
    for unit in reread(scene):
        assert places(unit) == [words_of(one) for one in unit.specification.criteria.order_by("position")]
        own = set(CriterionStatus.objects.filter(learner_unit=unit).order_by().values_list("criterion", flat=True))
        assert set(Decision.objects.filter(learner_unit=unit).order_by().values_list("criterion", flat=True)) <= own
        links = EvidenceLink.objects.filter(learner_unit=unit).order_by()
        assert set(links.values_list("criterion", flat=True)) <= own


def dates_then(scene: Scene) -> dict[int, Due | None]:
    """When what was handed in was due, as that stood when it was handed in."""
    units = {unit.pk: unit for unit in reread(scene)}
    book, claims = DueBook(units.values()), SubmissionClaim.objects.exclude(submission__state="draft")
    return {
        claim.pk: book.of(units[claim.learner_unit_id], claim.criterion_id, claim.submission.submitted_at)
        for claim in claims.select_related("submission").order_by("pk")
    }


def faults() -> list[str]:
    return [fault for step in steps() for fault in step.faults()]


def press(scene: Scene, cohort: Cohort) -> None:
    """Read the page, move, and hold the one against the other; press again."""
    page = move_page(scene.admin, cohort, "")
    if page is None:
        return
    effect = page.effect
    assert sorted(one.unit.pk for one in effect.goes) == expected_to_go(page)
    sent: dict[str, Any] = {"by": scene.admin, "cohort": cohort, "edition": effect.edition, "reason": "It is newer."}
    sent |= {"name": f"{page.name} of {cohort.pk}", "seen": effect.digest, "key": uuid.uuid4()}
    before, untouchable = rows(), frozen()
    if effect.goes:
        fact = move_cohort_to_edition(**sent)
        after = rows()
        check_rows(before, after, {one.unit.pk for one in effect.goes}, untouchable)
        check_moved(page, fact, before, after)
        assert effect.into in (None, fact.to_cohort)
        check_words(scene)
        assert move_cohort_to_edition(**sent) == fact
        assert rows() == after
        before = after
    with pytest.raises(NotNow, match="Nobody of this cohort"):
        move_cohort_to_edition(**sent | {"seen": "", "key": uuid.uuid4()})
    assert rows() == before
    assert [one.why for one in effect_of(scene.admin, cohort, effect.edition).goes] == []


def press_everywhere(scene: Scene) -> None:
    for cohort in Cohort.objects.filter(learner_units__isnull=False).distinct().order_by("pk"):
        press(scene, Cohort.objects.select_related("centre", "specification__unit").get(pk=cohort.pk))


@pytest.mark.django_db
def test_a_move_changes_nothing_but_what_its_page_says(torture: bool) -> None:
    scene = Scene(learners=3 if torture else 2)

    @settings(
        max_examples=300 if torture else 6,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        phases=list(Phase) if torture else [Phase.generate],  # to find the smallest case takes minutes
    )
    @given(st.data())
    def walk(data: st.DataObject) -> None:
        with transaction.atomic():
            number, shapes = itertools.count(1), [FIRST]
            for _ in range(data.draw(st.integers(1, 3 if torture else 2))):
                shapes.append(changed(data, shapes[-1], number))
                if shapes[0] != shapes[-2] and data.draw(st.integers(0, 4)) == 0:
                    shapes[-1] = shapes[0]
                lives(data, scene, shapes[-1])
                then = dates_then(scene)
                edition_of(shapes[-1])
                press_everywhere(scene)
                for unit in reread(scene):
                    if data.draw(st.integers(0, 3)) == 0:
                        tried(scene.happenings(unit)["sent to another cohort"])
                for hold in Hold.objects.filter(lift__isnull=True).order_by("pk"):
                    quality.lift_hold(by=scene.lead.user, hold=hold, reason="Settled.")
                press_everywhere(scene)
                check_words(scene)
                assert dates_then(scene) == then
            assert faults() == []
            transaction.set_rollback(True)

    walk()
