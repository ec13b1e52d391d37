"""Walks the verbs at past instants: stories take turns, so that the record is written in the order of time."""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from assessment.models import (
    CHECKS,
    Cohort,
    EvidenceItem,
    EvidenceLink,
    LearnerUnit,
    SampleItem,
    SamplePlan,
    Submission,
)
from assessment.readings.spaced import review_day
from assessment.workflow import cohorts, deadlines, decisions, evidence, item_reports, pins, reviews, risk, submissions
from assessment.workflow.spaced import rate_card
from content.models import Criterion, Specification
from courseware.kit import clock
from courseware.people import workflow as people
from courseware.people.models import Centre, Membership, User
from courseware.people.standing import kept

from . import prose
from .prose import Case


class At(NamedTuple):
    """When a story goes on: so many days ago, at this hour and minute (UTC)."""

    days_ago: int
    hour: int = 10
    minute: int = 0


# A story yields when it goes on, and acts after each yield.
Story = Iterator[At]


class _Bytes:
    """Bytes as an upload gives them."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """All at once."""
        yield self.data


def tell(now: dt.datetime, stories: Iterable[Story]) -> None:
    """Run the stories side by side, whichever goes on earliest next; never later than `now`.

    Two that go on at one instant follow in the order in which they were given.
    """
    turns: list[tuple[dt.datetime, int, Story]] = []

    def wait(number: int, story: Story) -> None:
        if (at := next(story, None)) is not None:
            day = now - dt.timedelta(days=at.days_ago)
            instant = min(day.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0), now)
            heapq.heappush(turns, (instant, number, story))

    for number, story in enumerate(stories):
        wait(number, story)
    while turns:
        instant, number, story = heapq.heappop(turns)
        with clock.travel(instant), kept():
            wait(number, story)


@dataclass
class Builder:
    """The verbs of one centre, in short."""

    now: dt.datetime
    specification: Specification
    centre: Centre = field(init=False)
    admin: User = field(init=False)
    members: dict[str, Membership] = field(default_factory=dict)
    cohorts: dict[str, Cohort] = field(default_factory=dict)
    units: dict[str, LearnerUnit] = field(default_factory=dict)
    praise: Iterator[str] = field(default_factory=lambda: itertools.cycle(prose.MET))
    criteria: dict[str, Criterion] = field(init=False)

    def __post_init__(self) -> None:
        rows = Criterion.objects.filter(specification=self.specification).order_by("position")
        self.criteria = {row.number: row for row in rows}

    # -- People and cohorts --------------------------------------------------------------------------------------------

    def found(self, name: str, domain: str, admin_name: str) -> None:
        """The centre with its administrator."""
        self.centre = people.found_centre(name=name, admin_email=f"admin@{domain}", admin_name=admin_name, demo=True)
        self.admin = User.objects.get(email=f"admin@{domain}")

    def member(self, email: str, name: str, *roles: str, trainee: bool = False, countersigner: str = "") -> Membership:
        """Somebody added by the administrator, known to the builder by the first part of the address."""
        member = people.add_member(
            by=self.admin,
            centre=self.centre,
            email=email,
            name=name,
            roles=roles,
            trainee=trainee,
            countersigner=self.members.get(countersigner),
        )
        self.members[email.split("@", 1)[0]] = member
        return member

    def author(self, who: str) -> None:
        """A tutor who writes units."""
        people.set_author(by=self.admin, membership=self.members[who], author=True)

    def qualified(self, who: str, title: str, held_as: str, years_ago: int, expires_in: int | None = None) -> None:
        """What a member of staff holds, awarded so many years ago; `expires_in` days from the demo's present."""
        today = self.now.date()
        risk.record_qualification(
            by=self.admin,
            holder=self.members[who],
            title=title,
            held_as=held_as,
            awarded_on=today - dt.timedelta(days=365 * years_ago),
            expires_on=None if expires_in is None else today + dt.timedelta(days=expires_in),
        )

    def user(self, who: str) -> User:
        """The account of a member."""
        return self.members[who].user

    def cohort(self, key: str, name: str, days_ago: int, weeks: int) -> None:
        """A cohort that began so many days ago and lasts so many weeks."""
        begins = (self.now - dt.timedelta(days=days_ago)).date()
        self.cohorts[key] = cohorts.make_cohort(
            by=self.admin,
            centre=self.centre,
            name=name,
            specification=self.specification,
            starts_on=begins,
            ends_on=begins + dt.timedelta(weeks=weeks),
        )

    def join(self, cohort: str, email: str, name: str) -> None:
        """A new learner of a cohort, known by the first part of the address."""
        member = self.member(email, name, "learner")
        self.units[email.split("@", 1)[0]] = cohorts.add_learner(
            by=self.admin, cohort=self.cohorts[cohort], learner=member
        )

    def allocate(self, cohort: str, who: str, role: str, learner: str = "") -> None:
        """Make somebody responsible for a cohort, or for one learner of it."""
        cohorts.allocate(
            by=self.admin,
            cohort=self.cohorts[cohort],
            member=self.members[who],
            role=role,
            learner_unit=self.units[learner] if learner else None,
        )

    def due(self, cohort: str, **days_ahead: int) -> None:
        """Due dates of a cohort: days from the present (before it, when negative) by outcome, `o1` and so on."""
        outcomes = {f"o{one.number}": one for one in self.specification.outcomes.order_by("number")}
        today = self.now.date()
        dates = [(outcomes[name], today + dt.timedelta(days=days)) for name, days in days_ahead.items()]
        deadlines.set_due_dates(by=self.admin, cohort=self.cohorts[cohort], dates=dates)

    # -- What a learner does -------------------------------------------------------------------------------------------

    def wrote(self, unit: LearnerUnit, case: Case, *numbers: str) -> list[EvidenceItem]:
        """One written text a criterion, each mapped to it."""
        return [self._text(unit, *prose.text_of(number, case), number) for number in numbers]

    def workbook(self, unit: LearnerUnit, case: Case, *numbers: str) -> EvidenceItem:
        """One written text for several criteria, a heading each, mapped to all of them."""
        parts = [(number, *prose.text_of(number, case)) for number in numbers]
        text = "\n\n".join(f"## {number} {title}\n\n{body}" for number, title, body in parts)
        return self._text(unit, f"Workbook {numbers[0]} to {numbers[-1]}, {case.org}", text, *numbers)

    def _text(self, unit: LearnerUnit, title: str, text: str, *numbers: str) -> EvidenceItem:
        kept = evidence.keep_text(unit.learner.user, unit, text)
        item = evidence.add_evidence(by=unit.learner.user, learner_unit=unit, title=title, kept=kept, method="account")
        return self._mapped(unit, item, numbers)

    def added(
        self, unit: LearnerUnit, title: str, name: str, data: bytes, *numbers: str, method: str = "product"
    ) -> EvidenceItem:
        """A file, uploaded as a browser would, mapped to criteria."""
        kept = evidence.keep_upload(unit.learner.user, unit, _Bytes(data), name)
        item = evidence.add_evidence(by=unit.learner.user, learner_unit=unit, title=title, kept=kept, method=method)
        return self._mapped(unit, item, numbers) if numbers else item

    def replaced(self, unit: LearnerUnit, item: EvidenceItem, name: str, data: bytes) -> None:
        """A newer version of a file; its mappings come along."""
        kept = evidence.keep_upload(unit.learner.user, unit, _Bytes(data), name)
        evidence.add_version(by=unit.learner.user, item=item, kept=kept)

    def _mapped(self, unit: LearnerUnit, item: EvidenceItem, numbers: Sequence[str]) -> EvidenceItem:
        version = item.versions.order_by("-number")[0]
        where = "see the whole of it" if len(numbers) == 1 else "see under its number"
        reasons = [(self.criteria[number], f"{item.title} shows this: {where}.") for number in numbers]
        return evidence.map_evidence(by=unit.learner.user, version=version, reasons=reasons)

    def pinned(self, item: EvidenceItem, number: str, says: str, spot: pins.Spot) -> None:
        """A place of the item's newest version that shows a criterion."""
        link = EvidenceLink.objects.select_related("version").get(
            version=item.versions.order_by("-number")[0], criterion=self.criteria[number]
        )
        pins.add_pin(by=item.learner_unit.learner.user, link=link, spot=spot, says=says)

    def submit(self, unit: LearnerUnit, *numbers: str, ai: str = "") -> Submission:
        """Hand in the newest versions mapped to these criteria."""
        criteria = [self.criteria[number] for number in numbers]
        links = (
            EvidenceLink.objects.filter(version__item__learner_unit=unit, criterion__in=criteria)
            .select_related("version")
            .order_by("version__item_id", "-version__number", "pk")
        )
        newest: dict[int, int] = {}
        for link in links:
            newest.setdefault(link.version.item_id, link.version_id)
        wanted = [link for link in links if newest[link.version.item_id] == link.version_id]
        draft = submissions.draft_submission(by=unit.learner.user, learner_unit=unit, criteria=criteria, links=wanted)
        return submissions.submit(
            by=unit.learner.user,
            submission=draft,
            declared=True,
            ai_used=bool(ai),
            ai_text=ai,
            others="redacted" if ai else "none",
        )

    def reviewed(self, unit: LearnerUnit, *ratings: int) -> None:
        """Cards of the learner's spaced review, as many as are asked today, rated in turn."""
        user = unit.learner.user
        for rating in ratings:
            asked = review_day(user, [unit]).first
            if asked is not None:
                key = uuid.uuid5(unit.uid, f"{asked.card.key} {asked.seen}")
                rate_card(by=user, asked=asked.asked, rating=rating, key=key)

    # -- What staff do -------------------------------------------------------------------------------------------------

    def mark(self, made: Submission, tutor: str, *, refer: dict[str, str] | None = None, release: bool = True) -> None:
        """Decide every criterion claimed: Met, but for those in `refer` (criterion to feedback)."""
        refer = refer or {}
        for claim in made.claims.select_related("criterion").order_by("criterion__position"):
            feedback = refer.get(claim.criterion.number)
            decisions.decide(
                by=self.user(tutor),
                learner_unit=made.learner_unit,
                submission=made,
                criterion=claim.criterion,
                outcome="not_yet_met" if feedback else "met",
                feedback=feedback or next(self.praise),
            )
        if release:
            decisions.release_feedback(by=self.user(tutor), submission=made)

    def noted(self, made: Submission, number: str, tutor: str, item: EvidenceItem, text: str, spot: pins.Spot) -> None:
        """A tutor's note in what was handed in; it goes with the decision that follows."""
        pins.save_note(
            by=self.user(tutor),
            submission=made,
            criterion=self.criteria[number],
            version=item.versions.order_by("-number")[0],
            spot=spot,
            text=text,
        )

    def items(self, plan: SamplePlan) -> dict[int, SampleItem]:
        """What a plan drew, by learner-unit."""
        drawn = SampleItem.objects.filter(plan=plan).select_related("learner_unit__learner").order_by("position")
        return {item.learner_unit_id: item for item in drawn}

    def report(
        self, item: SampleItem, iqa: str, strengths: str, development: str = "", *, no: Sequence[str] = ()
    ) -> None:
        """The reviewer's report on a sampled unit: every line of the checklist Yes, but for those of `no`."""
        checks = {name: "no" if name in no else "yes" for name, _ in CHECKS} | {"adjustments": "na"}
        item_reports.report_item(
            by=self.user(iqa), item=item, checks=checks, strengths=strengths, development=development
        )

    def agree(self, item: SampleItem, iqa: str, *, but: Sequence[str] = ()) -> None:
        """Agree with every decision in force of a sampled unit, except on the criteria of `but`."""
        statuses = item.learner_unit.statuses.select_related("current", "criterion").order_by("position")
        for row in statuses:
            if row.current is not None and row.criterion.number not in but:
                reviews.review_decision(by=self.user(iqa), item=item, decision=row.current, outcome="agreed")
