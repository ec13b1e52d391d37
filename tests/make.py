"""Builders for tests: every row comes about by the real verbs."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assessment.models import (
    CHECKS,
    Allocation,
    Cohort,
    CriterionStatus,
    Decision,
    DueDate,
    EvidenceItem,
    EvidenceVersion,
    ItemReport,
    LearnerUnit,
    SampleItem,
    SamplePlan,
    SignOff,
    Submission,
    Upload,
)
from assessment.workflow import (
    checking,
    cohorts,
    deadlines,
    decisions,
    evidence,
    item_reports,
    quality,
    reviews,
    submissions,
    uploads,
)
from content.models import Criterion, LearningOutcome, Specification
from courseware.people.models import Centre, Membership, User
from tests.content_builders import specification_of
from tests.people_builders import administrator_of, make_centre, make_member

TINY = Path(__file__).parent / "units" / "101"
HOUSE = Path(__file__).parents[1] / "content" / "units" / "412"
_number = itertools.count(1)
FEEDBACK = "You name the stage, and the example shows it. Keep the figures beside it."


def fresh(user: User) -> User:
    """The account as a new request would read it."""
    return User.objects.get(pk=user.pk)


def specification(folder: Path = TINY) -> Specification:
    """The tiny unit's specification, published."""
    return specification_of(folder)


def cohort(centre: Centre | None = None, spec: Specification | None = None, name: str = "") -> Cohort:
    """A cohort that began on 7 September 2026."""
    centre = centre or make_centre()
    return cohorts.make_cohort(
        by=administrator_of(centre),
        centre=centre,
        name=name or f"Cohort {next(_number)}",
        specification=spec or specification(),
        starts_on=dt.date(2026, 9, 7),
    )


def staff(of: Cohort, role: str, *, allocate: bool = True, **more: Any) -> Membership:
    """Somebody with `role`, allocated to the cohort where that role is."""
    roles = more.pop("roles", (role,))
    member = make_member(of.centre, *roles, **more)
    if allocate and role in ("tutor", "iqa", "eqa"):
        allocation(of, member, role)
    return member


def allocation(of: Cohort, member: Membership, role: str, learner_unit: LearnerUnit | None = None) -> Allocation:
    """`member` made responsible for the cohort or one of its learners."""
    return cohorts.allocate(
        by=administrator_of(of.centre), cohort=of, member=member, role=role, learner_unit=learner_unit
    )


def learner_unit(of: Cohort | None = None, learner: Membership | None = None, **more: Any) -> LearnerUnit:
    """A learner started on the cohort's unit."""
    of = of or cohort()
    learner = learner or make_member(of.centre, "learner", **more)
    return cohorts.add_learner(by=administrator_of(of.centre), cohort=of, learner=learner)


def criteria(unit: LearnerUnit) -> list[Criterion]:
    """The unit's criteria in order."""
    return list(Criterion.objects.filter(specification=unit.specification).order_by("position"))


def text(unit: LearnerUnit, title: str = "", words: str = "") -> EvidenceItem:
    """A text written by the learner, as a draft version."""
    number = next(_number)
    user = unit.learner.user
    kept = evidence.keep_text(user, unit, words or f"What I saw at the shop, note {number}.")
    return evidence.add_evidence(by=user, learner_unit=unit, title=title or f"Note {number}", kept=kept)


def upload(unit: LearnerUnit, name: str, data: bytes, *, size: int = 0, **more: Any) -> Upload:
    """A file sent in parts, as far as `data` goes of its `size`; decided once it is whole."""
    by = unit.learner.user
    row = uploads.begin_upload(by=by, learner_unit=unit, name=name, size=size or len(data), **more)
    blocks = [data[at : at + uploads.BLOCK] for at in range(0, len(data), uploads.BLOCK)]
    row = uploads.append(by=by, upload=row, offset=0, blocks=blocks)
    checking.finish_upload(upload=row)
    return Upload.objects.get(pk=row.pk)


def latest(item: EvidenceItem) -> EvidenceVersion:
    """The item's newest version."""
    return item.versions.order_by("-number")[0]


def mapped(unit: LearnerUnit, *numbers: Criterion, item: EvidenceItem | None = None) -> EvidenceVersion:
    """A version of the learner's mapped to these criteria."""
    version = latest(item or text(unit))
    evidence.map_evidence(
        by=unit.learner.user,
        version=version,
        reasons=[(criterion, f"It shows {criterion.number} with an example.") for criterion in numbers],
    )
    return version


def draft(unit: LearnerUnit, *numbers: Criterion, version: EvidenceVersion | None = None) -> Submission:
    """A draft submission claiming these criteria."""
    version = version or mapped(unit, *numbers)
    return submissions.draft_submission(
        by=unit.learner.user, learner_unit=unit, criteria=numbers, links=list(version.links.order_by("pk"))
    )


def submission(unit: LearnerUnit, *numbers: Criterion) -> Submission:
    """A submission handed in for these criteria (all of the unit's when none is named)."""
    chosen: Sequence[Criterion] = numbers or criteria(unit)
    made = draft(unit, *chosen)
    return submissions.submit(by=unit.learner.user, submission=made, declared=True, others="none", ai_used=False)


def decision(handed_in: Submission, criterion: Criterion, tutor: User, outcome: str = "met", **more: Any) -> Decision:
    """A decision on one criterion of a submission."""
    return decisions.decide(
        by=tutor,
        learner_unit=handed_in.learner_unit,
        submission=handed_in,
        criterion=criterion,
        outcome=outcome,
        feedback=more.pop("feedback", FEEDBACK),
        **more,
    )


def marked(handed_in: Submission, tutor: User, outcome: str = "met") -> Submission:
    """Every criterion of the submission decided alike, and the feedback released."""
    for claim in handed_in.claims.select_related("criterion").order_by("criterion__position"):
        decision(handed_in, claim.criterion, tutor, outcome)
    return decisions.release_feedback(by=tutor, submission=handed_in)


def signed_off(unit: LearnerUnit, tutor: User) -> SignOff:
    """Everything handed in, met, released, and signed off."""
    marked(submission(unit), tutor)
    return decisions.sign_off(by=tutor, learner_unit=unit)


def rules(reviewer: Membership, size: int = 1, **more: Any) -> quality.Rules:
    """What a plan asks for: this and last year's sign-offs, `size` drawn at random."""
    today = dt.datetime.now(dt.UTC).date()
    return quality.Rules(
        period_from=today - dt.timedelta(days=365),
        period_until=today + dt.timedelta(days=1),
        method=more.get("method", "count"),
        size=size,
        tutor=more.get("tutor"),
        reviewer=reviewer,
        confidence=more.get("confidence"),
        tolerable=more.get("tolerable"),
        stage=more.get("stage", "summative"),
    )


def plan(of: Cohort, reviewer: Membership, size: int = 1, **more: Any) -> SamplePlan:
    """A plan drafted by its reviewer."""
    return quality.draft_plan(by=reviewer.user, cohort=of, rules=rules(reviewer, size, **more))


def item(of: Cohort, reviewer: Membership, lead: Membership) -> SampleItem:
    """The one item of a plan approved by the lead IQA over what is signed off now."""
    made = plan(of, reviewer)
    quality.approve_plan(by=lead.user, plan=made)
    return SampleItem.objects.select_related("learner_unit", "plan").get(plan=made)


def reviewed(drawn: SampleItem, outcome: str = "agreed") -> SampleItem:
    """Every current decision of the item reviewed alike by its reviewer."""
    assert drawn.reviewer is not None
    for row in CriterionStatus.objects.filter(learner_unit=drawn.learner_unit).order_by("position"):
        assert row.current is not None
        reviews.review_decision(
            by=drawn.reviewer.user,
            item=drawn,
            decision=row.current,
            outcome=outcome,
            feedback="" if outcome == "agreed" else "See 1.1.",
            action="Write what you saw." if outcome in ("action_required", "not_agreed") else "",
        )
    drawn.refresh_from_db()
    report(drawn)
    return drawn


CHECKLIST = {name: "yes" for name, _ in CHECKS}


def report(drawn: SampleItem, **more: Any) -> ItemReport:
    """The report of the item's reviewer: every line Yes, and something good."""
    assert drawn.reviewer is not None
    said: dict[str, Any] = {"checks": CHECKLIST, "strengths": "Clear and kind."} | more
    return item_reports.report_item(by=drawn.reviewer.user, item=drawn, **said)


def status(unit: LearnerUnit, criterion: Criterion) -> str:
    """What staff see of one criterion."""
    return CriterionStatus.objects.get(learner_unit=unit, criterion=criterion).status


def learner_status(unit: LearnerUnit, criterion: Criterion) -> str:
    """What the learner sees of one criterion."""
    return CriterionStatus.objects.get(learner_unit=unit, criterion=criterion).learner_status


def due(of: Cohort, *dates: tuple[Criterion | LearningOutcome, dt.date | None]) -> DueDate:
    """Due dates of the cohort, for criteria or outcomes."""
    return deadlines.set_due_dates(by=administrator_of(of.centre), cohort=of, dates=dates)
