"""Learners on a unit whose specification changes: what becomes of the one, and what the others have done by then."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import transaction
from hypothesis import strategies as st

from assessment.models import Cohort, Decision, LearnerUnit
from assessment.workflow import cohorts, deadlines, decisions, moving, practice, quality, reviews, submissions
from content import catalogue
from content.models import Criterion
from courseware.kit.verdict import Refused
from courseware.people.models import Membership, User
from tests import make
from tests.edition_builders import Shape, Words, edition_of
from tests.people_builders import administrator_of, make_member

DAY = dt.date(2027, 1, 15)
FIRST: Shape = tuple(
    tuple((f"Explain what {what} does to tea", "") for what in outcome)
    for outcome in (("water", "heat", "time"), ("milk", "sugar"))
)


# -- What becomes of a specification -----------------------------------------------------------------------------------


def changed(data: st.DataObject, shape: Shape, number: itertools.count[int]) -> Shape:
    """The specification with some criteria kept, reworded, gone, new, or in another place; never the same."""

    def new() -> Words:
        return f"Describe what matters in case {next(number)}", ""

    outcomes: list[list[Words]] = [[] for _ in shape]
    for at, criteria in enumerate(shape):
        for words in criteria:
            became = data.draw(st.sampled_from(("kept", "kept", "kept", "reworded", "guided", "gone", "elsewhere")))
            if became == "reworded":
                outcomes[at].append(new())
            elif became == "guided":
                outcomes[at].append((words[0], f"For example {next(number)}."))
            elif became != "gone":
                outcomes[at if became == "kept" else at - 1].append(words)
        if data.draw(st.integers(0, 3)) == 0 or not outcomes[at]:
            outcomes[at].insert(data.draw(st.integers(0, len(outcomes[at]))), new())
    made = tuple(tuple(criteria) for criteria in outcomes)
    return made if made != shape else (*made[:-1], (*made[-1], new()))


# -- What a learner does -----------------------------------------------------------------------------------------------


@dataclass
class Scene:
    """A cohort with its staff and some learners, on the first edition."""

    learners: int
    cohort: Cohort = field(default_factory=lambda: make.cohort(spec=edition_of(FIRST).specification))

    def __post_init__(self) -> None:
        self.centre = self.cohort.centre
        self.tutor, self.iqa, self.lead = (make.staff(self.cohort, role) for role in ("tutor", "iqa", "lead_iqa"))
        self.alone = make_member(self.centre, "tutor")
        self.units = [make.learner_unit(self.cohort) for _ in range(self.learners)]
        self.activity = catalogue.lesson_page(self.cohort.specification, "1.1").activities[0]
        first = make.criteria(self.units[0])
        deadlines.set_due_dates(
            by=self.admin, cohort=self.cohort, dates=[(first[0], DAY), (first[1], DAY), (first[3].outcome, DAY)]
        )

    @property
    def admin(self) -> User:
        return administrator_of(self.centre)

    def acts(self, unit: LearnerUnit) -> dict[str, Callable[[Criterion], object]]:
        """What may be done for one criterion of a learner, by name: the furthest steps lead through those before."""
        by, tutor = unit.learner.user, self.marker(unit)

        def decided(criterion: Criterion, outcome: str) -> Decision:
            return make.decision(make.submission(unit, criterion), criterion, tutor.user, outcome)

        def released(criterion: Criterion, outcome: str) -> object:
            waits = unit.statuses.get(criterion=criterion).open_submission
            return make.marked(waits or make.submission(unit, criterion), tutor.user, outcome)

        def asked(criterion: Criterion) -> practice.Asked:
            edition = unit.specification.editions.order_by("-number")[0]
            return practice.Asked(unit, criterion.pk, edition.pk, self.activity)

        return {
            "nothing": lambda criterion: None,
            "practised": lambda criterion: practice.keep_work(by=by, asked=asked(criterion), given={"text": "Steam."}),
            "mapped": lambda criterion: make.mapped(unit, criterion),
            "mapped beside": lambda criterion: make.mapped(unit, criterion, item=unit.evidence.order_by("pk").first()),
            "drafted": lambda criterion: make.draft(unit, criterion),
            "given a later date": lambda criterion: deadlines.extend(
                by=self.admin, learner_unit=unit, criteria=[criterion], due_on=DAY + dt.timedelta(9), reason="Ill."
            ),
            "handed in": lambda criterion: make.submission(unit, criterion),
            "taken back": lambda criterion: submissions.withdraw_submission(
                by=by, submission=make.submission(unit, criterion)
            ),
            "given back": lambda criterion: submissions.return_submission(
                by=tutor.user, submission=make.submission(unit, criterion), reason="The file is empty."
            ),
            "met": lambda criterion: decided(criterion, "met"),
            "not yet met": lambda criterion: decided(criterion, "not_yet_met"),
            "decision withdrawn": lambda criterion: decisions.withdraw_decision(
                by=tutor.user, decision=decided(criterion, "met")
            ),
            "met, released": lambda criterion: released(criterion, "met"),
            "not yet met, released": lambda criterion: released(criterion, "not_yet_met"),
            "again": lambda criterion: (released(criterion, "not_yet_met"), make.mapped(unit, criterion)),
        }

    def marker(self, unit: LearnerUnit) -> Membership:
        """Who marks the learner: a tutor of the learner's own replaces the cohort's."""
        row = unit.allocations.in_force().filter(role="tutor").select_related("membership__user").first()
        return row.membership if row else self.tutor

    def happenings(self, unit: LearnerUnit) -> dict[str, Callable[[], object]]:
        """What may happen to a learner's whole unit."""
        tutor = self.marker(unit).user

        def finished(*, reopened: bool, drawn: bool, closed: bool) -> None:
            make.signed_off(unit, tutor)
            if drawn:
                item = make.item(unit.cohort, self.iqa, self.lead)
                if closed:
                    reviews.close_item(by=self.iqa.user, item=make.reviewed(item))
            if reopened:
                decisions.reopen(by=self.lead.user, learner_unit=unit, reason="Look again.")

        return {
            "given a tutor": lambda: make.allocation(unit.cohort, self.alone, "tutor", unit),
            "held": lambda: quality.place_hold(by=self.lead.user, learner_unit=unit, reason="A complaint."),
            "left": lambda: cohorts.withdraw_learner(by=self.admin, learner_unit=unit, reason="Left."),
            "signed off": lambda: finished(reopened=False, drawn=False, closed=False),
            "reopened": lambda: finished(reopened=True, drawn=False, closed=False),
            "sampled": lambda: finished(reopened=True, drawn=True, closed=False),
            "reviewed": lambda: finished(reopened=True, drawn=True, closed=True),
            "sent to another cohort": lambda: moving.move_learner(
                by=self.admin, learner_unit=unit, to=make.cohort(self.centre, unit.specification), reason="Evenings."
            ),
        }


FAR = ("handed in", "taken back", "given back", "met", "not yet met", "decision withdrawn")
FAR += ("met, released", "not yet met, released", "again")
NEAR = ("nothing", "practised", "mapped", "mapped beside", "drafted", "given a later date")
HAPPENING = ("given a tutor", "held", "left", "signed off", "reopened", "sampled", "reviewed")


def words_of(criterion: Criterion) -> tuple[str, str, str]:
    """What makes a criterion the same: its number and its words."""
    return criterion.number, criterion.statement, criterion.guidance


def tried(act: Callable[[], object]) -> None:
    """Done, or refused: a step that does not fit where the learner is leaves no trace."""
    try:
        with transaction.atomic():
            act()
    except Refused:
        pass


def lives(data: st.DataObject, scene: Scene, shape: Shape) -> None:
    """Each learner does something; most hand in only for what the next edition keeps, or else nobody would go."""
    kept = {(f"{o}.{c}", *words) for o, row in enumerate(shape, 1) for c, words in enumerate(row, 1)}
    for unit in reread(scene):
        if data.draw(st.integers(0, 2)) == 0:
            tried(scene.happenings(unit)[data.draw(st.sampled_from(HAPPENING))])
        careful = data.draw(st.integers(0, 3)) > 0
        acts = scene.acts(unit)
        for criterion in unit.criteria():
            stays = words_of(criterion) in kept
            name = data.draw(st.sampled_from(FAR + NEAR[:4] if stays or not careful else NEAR))
            tried(lambda act=acts[name], criterion=criterion: act(criterion))


def reread(scene: Scene) -> list[LearnerUnit]:
    """The learners as a new request would read them."""
    rows = LearnerUnit.objects.filter(pk__in=[unit.pk for unit in scene.units])
    return list(rows.select_related("cohort__specification", "learner__user", "centre", "specification").order_by("pk"))
