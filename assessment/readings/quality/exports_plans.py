"""Tables of plans, of what was drawn, and of what a sample covers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Length

from assessment.models import (
    CHOSEN,
    INDEPENDENCE,
    METHODS,
    REVIEW_OUTCOMES,
    STAGES,
    ActionPoint,
    ItemClosure,
    Review,
    SampleItem,
    SamplePlan,
    SignOff,
)
from assessment.permissions.tally import tally
from assessment.workflow.contents import held_by
from courseware.kit.looks import look
from courseware.people.models import Centre, User

from .coverage import Covered, coverage
from .listing import Listing, at, words
from .period import period_coverage
from .reports_made import Period

_STAGE, _METHOD, _RULE, _CHOSEN = words(STAGES), words(METHODS), words(INDEPENDENCE), words(CHOSEN)
A_LINE = 37  # characters of a unit in the text of a population: its uid and a line feed


def plans(user: User, centre: Centre) -> Listing:
    """Every sampling plan of the centre, newest first."""
    rows = (
        SamplePlan.objects.visible_to(user)
        .filter(centre=centre)
        .defer("secret", "approval__population", "approval__strata")
        .select_related("cohort__specification__unit", "tutor", "reviewer", "made_by", "strategy")
        .select_related("approval__by", "completion__by")
        .annotate(
            population=Length("approval__population") / A_LINE,
            drawn=Count("items"),
            closed=Count("items", filter=Q(items__state="closed")),
        )
        .order_by("-made_at", "-pk")
    )
    return Listing(
        (
            ("Cohort", at("cohort.name")),
            ("Unit", at("cohort.specification.unit.code")),
            ("Stage", lambda row: _STAGE(row.stage)),
            ("From", at("period_from")),
            ("Until", at("period_until")),
            ("State", lambda row: look(row.state).word),
            ("Method", lambda row: _METHOD(row.method)),
            ("Number asked for", at("size")),
            ("Sure, per cent", at("confidence")),
            ("Fewer wrong than, per cent", at("tolerable")),
            ("Tutor", at("tutor.name")),
            ("Reviewer", at("reviewer.name")),
            ("Independence", lambda row: _RULE(row.independence)),
            ("Blind first", at("blind")),
            ("Strategy", at("strategy.version")),
            ("Population", at("population")),
            ("In the sample", at("drawn")),
            ("Closed", at("closed")),
            ("Drafted by", at("made_by.name")),
            ("Drafted", at("made_at")),
            ("Approved by", at("approval.by.name")),
            ("Approved", at("approval.at")),
            ("Completed by", at("completion.by.name")),
            ("Completed", at("completion.at")),
        ),
        rows,
    )


def with_tallies(items: QuerySet[SampleItem]) -> QuerySet[Any]:
    """Items with `signed_by` (who signed the unit off last) and, by outcome, how many reviews: `n_agreed` and so on."""
    signed = SignOff.objects.filter(learner_unit=OuterRef("learner_unit")).order_by("-pk")
    told = Review.objects.filter(item=OuterRef("pk")).order_by().values("item")

    def number(rows: Any) -> Any:
        return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)

    return items.annotate(
        signed_by=Subquery(signed.values("by__name")[:1]),
        **{f"n_{key}": number(told.filter(outcome=key)) for key, _ in REVIEW_OUTCOMES},
    )


def items(user: User, centre: Centre, plan: SamplePlan | None = None) -> Listing:
    """What was drawn: of one plan, or of all plans of the centre, the newest plan first. Nothing of one's own work."""
    own = SampleItem.objects.visible_to(user).filter(centre=centre)
    points = ActionPoint.objects.filter(item=OuterRef("pk")).exclude(state="closed").order_by().values("item")
    closures = ItemClosure.objects.filter(item=OuterRef("pk")).order_by("-pk")
    rows = (
        with_tallies(own.filter(plan=plan) if plan else own)
        .exclude(learner_unit__learner__user_id=user.pk)
        .select_related("plan__cohort", "learner_unit__learner", "reviewer", "amendment__body", "release")
        .defer("plan__secret")
        .annotate(
            open_points=Coalesce(Subquery(points.annotate(n=Count("pk")).values("n")), 0),
            closed_at=Subquery(closures.values("at")[:1]),
        )
        .order_by("-plan__made_at", "-plan", "position")
    )
    outcomes = tuple((f"{look(key).word}, criteria", at(f"n_{key}")) for key, _ in REVIEW_OUTCOMES)
    return Listing(
        (
            ("Learner", at("learner_unit.learner.name")),
            ("Unit", at("learner_unit.unit_code")),
            ("Cohort", at("plan.cohort.name")),
            ("Stage", lambda row: _STAGE(row.plan.stage)),
            ("From", at("plan.period_from")),
            ("Until", at("plan.period_until")),
            ("Place", at("position")),
            ("How it came in", lambda row: _CHOSEN(row.chosen)),
            ("Why added", at("amendment.body.text")),
            ("Tutor", at("signed_by")),
            ("Reviewer", at("reviewer.name")),
            ("State", lambda row: look(row.state).word),
            *outcomes,
            ("Action points open", at("open_points")),
            ("Closed", at("closed_at")),
            ("Unit progress", lambda row: look(row.learner_unit.state).word),
            ("Released", at("release.at")),
            ("Key of the draw", at("key")),
        ),
        rows,
    )


def covered(plan: SamplePlan) -> Listing:
    """What the sample of an approved plan covers: 3 statements. `plan` was read by `plans_for`."""
    approval: Any = getattr(plan, "approval", None)
    found = coverage(plan, held_by(approval), tally(plan)) if approval else ()
    return _covered(found)


def covered_lately(user: User, centre: Centre) -> Listing:
    """What the samples of the last year cover, over all plans of the centre."""
    return _covered(period_coverage(user, centre, Period.of({}, centre)).covered)


def _covered(found: Iterable[Covered]) -> Listing:
    return Listing(
        (
            ("Kind", at("kind")),
            ("What", at("name")),
            ("Units", at("population")),
            ("In the sample", at("sample")),
            ("Missed", at("gap")),
        ),
        list(found),
    )
