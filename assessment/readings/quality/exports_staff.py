"""Tables of staff and rules: risk, qualifications, interests, independence, versions of the strategy."""

from __future__ import annotations

from assessment.models import INDEPENDENCE, QUALIFIED_AS, SamplingStrategy, StaffQualification
from courseware.people.models import Centre, User

from .independence import proof
from .interests import interests_in
from .listing import Listing, at, words
from .risk import risk_page

_RULE, _HELD = words(INDEPENDENCE), words(QUALIFIED_AS)


def risk(user: User, centre: Centre) -> Listing:
    """The risk of every tutor, the highest first: 7 statements."""
    page = risk_page(user, centre)
    return Listing(
        (
            ("Tutor", at("name")),
            ("Risk", at("words")),
            ("Computed", at("computed_words")),
            ("Sum of the weights", at("weight")),
            ("Reasons", lambda row: "; ".join(f"{one.words} ({one.weight})" for one in row.reasons)),
            ("Rated by", at("rated_by")),
            ("Rated", at("rated_at")),
            ("Why rated so", at("rated_why")),
            (
                "Due for review",
                lambda row: "Every unit" if row.living.everything else f"One unit in {page.strategy.one_in}",
            ),
            ("Clear in a row", at("living.clear")),
            ("Signed off", at("living.signed_off")),
            ("Reviewed", at("living.reviewed")),
            ("Found wrong", at("living.wrong")),
        ),
        page.rows,
    )


def qualifications(user: User, centre: Centre) -> Listing:
    """What staff of the centre hold and held, by name."""
    rows = (
        StaffQualification.objects.filter(centre=centre)
        .select_related("holder", "by", "removal__by")
        .order_by("holder__name", "holder", "-awarded_on", "-pk")
    )
    return Listing(
        (
            ("Who", at("holder.name")),
            ("Qualification", at("title")),
            ("For", lambda row: _HELD(row.held_as)),
            ("Awarded", at("awarded_on")),
            ("Expires", at("expires_on")),
            ("Recorded by", at("by.name")),
            ("Recorded", at("at")),
            ("Taken off by", at("removal.by.name")),
            ("Taken off", at("removal.at")),
        ),
        rows,
    )


def interests(user: User, centre: Centre) -> Listing:
    """Every declared interest, those in force first."""
    return Listing(
        (
            ("Who", at("holder.name")),
            ("Close to", lambda row: (row.learner or row.colleague).name),
            ("As", lambda row: "Learner" if row.learner else "Colleague"),
            ("Why", at("body.text")),
            ("Declared by", at("by.name")),
            ("Declared", at("at")),
            ("Ended by", at("end.by.name")),
            ("Ended", at("end.at")),
            ("Why it ended", at("end.body.text")),
        ),
        sorted(interests_in(centre).select_related("end__by"), key=lambda row: hasattr(row, "end")),
    )


def independence(user: User, centre: Centre) -> Listing:
    """The proof that nobody reviewed their own work, line by line: at most 8 statements."""
    found = proof(centre)
    rows = [
        *(("Rule", "", check.rule, check.broken, None, None) for check in found.checks),
        *(
            ("Reviewer", one.name, f"Decisions of {one.tutors} tutors", one.reviews, one.first, one.last)
            for one in found.reviewers
        ),
        *(("May not review", one.name, one.why, one.units, None, None) for one in found.refusals),
    ]
    heads = ("Part", "Who", "What", "Number", "First", "Last")
    columns = tuple((head, lambda row, place=place: row[place]) for place, head in enumerate(heads))
    return Listing(
        columns,
        rows,
    )


def strategy(user: User, centre: Centre) -> Listing:
    """Every version of the sampling strategy, newest first."""
    rows = SamplingStrategy.objects.filter(centre=centre).select_related("by", "body").order_by("-version")
    return Listing(
        (
            ("Version", at("version")),
            ("Set by", at("by.name")),
            ("Set", at("at")),
            ("Why", at("body.text")),
            ("Sure, per cent", at("confidence")),
            ("Fewer wrong than, per cent", at("tolerable")),
            ("Clear in a row", at("run")),
            ("Then one in", at("one_in")),
            ("Independence", lambda row: _RULE(row.independence)),
            ("Blind first", at("blind")),
            ("Interim, per cent", at("interim")),
            ("Summative at least, per cent", at("summative")),
            ("Days to answer", at("answer_days")),
            ("Covers criteria", at("cover_criteria")),
            ("Covers methods", at("cover_methods")),
            ("Covers sites", at("cover_sites")),
            ("Covers outcomes", at("cover_outcomes")),
            ("Covers special cases", at("cover_special")),
        ),
        rows,
    )
