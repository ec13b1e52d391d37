"""Two centres with somebody in every role, and every text of theirs an unmistakable word.

What belongs to a person of the first centre reads `ZEBRA-<who>-<what>`, of the second `OKAPI-<who>-<what>`, so that a
page can be searched for what it must not hold. Built by the real verbs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from assessment import notices
from assessment.models import (
    ActionPoint,
    Allocation,
    Caption,
    Cohort,
    Decision,
    EvidenceItem,
    EvidenceVersion,
    Hold,
    LearnerImport,
    LearnerUnit,
    NoteDraft,
    Pin,
    Review,
    SampleItem,
    SamplePlan,
    StandardisationExercise,
    Submission,
    Upload,
    Visit,
    WideningProposal,
)
from assessment.workflow import (
    cohorts,
    comments,
    decisions,
    drafts,
    evidence,
    imports,
    pins,
    quality,
    reviews,
    risk,
    room,
    standardisation,
    submissions,
    visits,
)
from content.authoring import writing
from content.authoring.picturing import add_picture
from content.catalogue import current_edition
from content.models import Criterion, LearningOutcome, Specification
from courseware.kit import clock
from courseware.kit.lists import rows_of
from courseware.kit.rasters import Raster
from courseware.people.models import Centre, Membership, User
from courseware.people.workflow import set_author
from tests import make
from tests.notice_builders import given_up
from tests.people_builders import administrator_of, make_centre, make_member
from tests.security_builders import has_signed_in, with_passkey, with_totp
from tests.study_pages import own_unit_of

FIRST, SECOND = "ZEBRA", "OKAPI"


@dataclass
class Learning:
    """One learner's two units: one in progress with something at every stage, one signed off and disputed."""

    who: str
    member: Membership
    unit: LearnerUnit
    item: EvidenceItem  # submitted
    version: EvidenceVersion
    upload: EvidenceVersion  # a file, submitted
    own_draft: EvidenceItem  # nothing of it was ever submitted
    arriving: Upload  # the first half of a file
    twice: Upload  # refused, because the file is there already
    marked: Submission  # released Not yet met, superseded by what is not released
    released: Decision
    unreleased: Decision
    trainees: Decision  # a trainee's Met that waits for its countersignature
    waiting: Submission  # nobody has marked it
    draft: Submission
    pin: Pin  # on what the draft would hand in
    note: NoteDraft  # of the tutor, for a decision on what waits
    done: LearnerUnit
    hold: Hold  # placed by the lead IQA
    sampled: SampleItem
    review: Review
    point: ActionPoint
    disputed: Decision


@dataclass
class Site:
    """One centre."""

    word: str
    centre: Centre
    cohort: Cohort
    second: Cohort
    third: Cohort  # takes the unit of the first, and has nobody yet
    people: dict[str, Membership]
    allocations: dict[str, Allocation]
    learners: dict[str, Learning] = field(default_factory=dict)
    plans: dict[str, SamplePlan] = field(default_factory=dict)
    lists: dict[str, LearnerImport] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    exercises: dict[str, StandardisationExercise] = field(default_factory=dict)

    @property
    def approved(self) -> SamplePlan:
        """The plan that drew the signed-off units."""
        return self.plans["approved"]

    @property
    def visit(self) -> Visit:
        """The EQA's visit, which opens the third cohort."""
        return self.visits[0]

    @property
    def drafted(self) -> SamplePlan:
        """A plan that nobody has approved."""
        return self.plans["drafted"]

    def user(self, who: str) -> User:
        """Somebody's account."""
        return self.people[who].user


@dataclass
class House:
    """Both centres. `here` is where the roles of the matrix are, `away` the other."""

    here: Site
    away: Site

    @property
    def own(self) -> Learning:
        """Whose things the addresses name: the first learner's."""
        return next(iter(self.here.learners.values()))

    def about(self, who: str) -> House:
        """The house with the addresses naming the things of that learner, of whichever centre."""
        here, away = (self.here, self.away) if who in self.here.learners else (self.away, self.here)
        return House(replace(here, learners={who: here.learners[who]}), away)


def build() -> House:
    """Everything, by the verbs."""
    small = make.specification()
    here = _site(FIRST, small, {}, ("maya", "peer"))
    away = _site(SECOND, small, {"outside": ("tutor", "admin", "lead_iqa")}, ("far",))
    notices.follow()
    for site, who in ((here, "maya"), (away, "far")):
        given_up(site.people[who])
    for site, who in ((here, "maya"), (here, "peer"), (away, "far")):
        with_passkey(site.user(who))
    has_signed_in(with_totp(here.user("other")))
    return House(here, away)


def _site(word: str, spec: Specification, more: dict[str, tuple[str, ...]], learners: Sequence[str]) -> Site:
    centre = make_centre(f"{word}-centre-name", f"{word}-founder-mail@example.org", f"{word}-founder-name")
    people: dict[str, Membership] = {}
    roles: dict[str, tuple[str, ...]] = {"tutor": ("tutor",), "trainee": ("tutor",), "iqa": ("iqa",)}
    roles |= {"lead": ("lead_iqa",), "eqa": ("eqa",), "admin": ("admin",), "other": ("tutor",)}
    roles |= {"spare": ("learner",), **more}
    for who, held in roles.items():
        trainee = {"trainee": True, "countersigner": people["tutor"]} if who == "trainee" else {}
        people[who] = _member(centre, word, who, held, **trainee)
    own = own_unit_of(centre, f"{word.lower()}-unit", f"{word}-unit-title")
    cohort = make.cohort(centre, spec, f"{word}-cohort-name")
    second = make.cohort(centre, own, f"{word}-second-name")
    third = make.cohort(centre, spec, f"{word}-third-name")
    make.due(cohort, (LearningOutcome.objects.get(specification=spec, number=1), dt.date(2030, 12, 1)))
    allocations = {}
    for who in ("tutor", "trainee", "iqa", "eqa"):
        role = "tutor" if who == "trainee" else who
        allocations[who] = make.allocation(cohort, people[who], role)
        make.allocation(second, people[who], role)
    site = Site(word, centre, cohort, second, third, people, allocations)
    units = {}
    for who in learners:
        people[who] = _member(centre, word, who, ("learner",))
        units[who] = make.learner_unit(second, people[who])
        _sign_off(site, units[who], f"{word}-{who}")
    plan = make.plan(second, people["iqa"], len(learners))
    quality.approve_plan(by=people["lead"].user, plan=plan)
    site.plans["approved"] = SamplePlan.objects.get(pk=plan.pk)
    for who in learners:
        site.learners[who] = _learning(site, who, units[who])
    site.plans["drafted"] = make.plan(second, people["iqa"])
    site.lists["draft"] = imports.draft_import(
        by=people["admin"].user,
        cohort=cohort,
        rows=rows_of(f"{word}-list-name,{word}-list-mail@example.org"),
        title=f"{word}-list-name",
    )
    _standardise(site, next(iter(site.learners.values())).disputed)
    comments.add_comment(by=people["lead"].user, centre_id=centre.pk, text="Say why.", shared=True)
    held: dict[str, Any] = {"title": "Assessor", "held_as": "assessor", "awarded_on": dt.date(2020, 1, 2)}
    risk.record_qualification(by=people["admin"].user, holder=people["tutor"], **held)
    set_author(by=people["admin"].user, membership=people["tutor"], author=True)
    draft = writing.begin_draft(by=people["tutor"].user, centre=centre, edition=current_edition(spec))
    words = f"# Glossary\n\n## Cup\n\n{word}-cup-words\n"
    writing.save_file(by=people["tutor"].user, draft=draft, path="glossary.md", text=words, seen=0)
    picture = Raster(f"{word}-picture-bytes".encode(), 4, 3)
    add_picture(by=people["tutor"].user, draft=draft, raster=picture, words="A pot")
    risk.declare_interest(by=people["lead"].user, holder=people["other"], colleague=people["iqa"], reason="Kin.")
    _visit(site)
    return site


def _visit(site: Site) -> None:
    """A visit that runs, with a note that nobody else reads and a request without an answer."""
    now, eqa = clock.now(), site.user("eqa")
    visit = visits.open_visit(
        by=site.user("lead"),
        centre=site.centre,
        email=eqa.email,
        name=f"{site.word}-eqa-name",
        organisation=f"{site.word}-eqa-organisation",
        purpose=f"{site.word}-eqa-purpose",
        starts_at=now - dt.timedelta(hours=1),
        ends_at=now + dt.timedelta(days=30),
        cohorts=[site.third],
    )
    site.visits.append(visit)
    room.write_note(by=eqa, visit=visit, text=f"{site.word}-eqa-private")
    room.ask_for_more(by=eqa, visit=visit, text=f"{site.word}-eqa-asks")


def _member(centre: Centre, word: str, who: str, roles: tuple[str, ...], **more: Any) -> Membership:
    return make_member(centre, *roles, name=f"{word}-{who}-name", email=f"{word}-{who}-mail@example.org", **more)


def _text(unit: LearnerUnit, words: str) -> EvidenceItem:
    by = unit.learner.user
    kept = evidence.keep_text(by, unit, f"{words}-text")
    return evidence.add_evidence(by=by, learner_unit=unit, title=f"{words}-title", kept=kept)


def _hand_in(unit: LearnerUnit, item: EvidenceItem, criterion: Criterion, words: str) -> Submission:
    made = _draft(unit, item, criterion, words)
    by = unit.learner.user
    return submissions.submit(
        by=by, submission=made, declared=True, others="none", ai_used=True, ai_text=f"{words}-declared"
    )


def _draft(unit: LearnerUnit, item: EvidenceItem, criterion: Criterion, words: str) -> Submission:
    version, by = make.latest(item), unit.learner.user
    evidence.map_evidence(by=by, version=version, reasons=[(criterion, f"{words}-why")])
    links = list(version.links.order_by("pk"))
    return submissions.draft_submission(by=by, learner_unit=unit, criteria=[criterion], links=links)


def _sign_off(site: Site, unit: LearnerUnit, words: str) -> None:
    (only,) = make.criteria(unit)
    tutor = site.user("tutor")
    handed_in = _hand_in(unit, _text(unit, f"{words}-done"), only, f"{words}-done")
    make.decision(handed_in, only, tutor, feedback=f"{words}-done-feedback")
    decisions.release_feedback(by=tutor, submission=handed_in)
    decisions.sign_off(by=tutor, learner_unit=unit)


def _dispute(site: Site, done: LearnerUnit, words: str) -> tuple[SampleItem, Review, ActionPoint, Hold, Decision]:
    """The drawn unit reviewed as Not agreed, the action point answered, and a hold of the lead IQA's besides."""
    drawn = SampleItem.objects.select_related("learner_unit", "plan").get(learner_unit=done)
    decided = Decision.objects.get(learner_unit=done)
    review = reviews.review_decision(
        by=site.user("iqa"),
        item=drawn,
        decision=decided,
        outcome="not_agreed",
        feedback=f"{words}-hidden-review",
        action=f"{words}-hidden-action",
    )
    # The draw took everybody, so the verb had nothing to propose; here what counts is whose it is.
    iqa = site.people["iqa"]
    fact = {"centre_id": iqa.centre_id, "by": iqa, "role": "iqa"}
    WideningProposal.objects.create(
        **fact, plan=drawn.plan, review=review, tutor=site.people["tutor"], drawn=1, proposed=2
    )
    point = ActionPoint.objects.get(review=review)
    reviews.answer_action_point(by=site.user("tutor"), action_point=point, text=f"{words}-hidden-answer")
    hold = quality.place_hold(by=site.user("lead"), learner_unit=done, reason=f"{words}-hidden-hold")
    return SampleItem.objects.get(pk=drawn.pk), review, ActionPoint.objects.get(pk=point.pk), hold, decided


def _learning(site: Site, who: str, done: LearnerUnit) -> Learning:
    words, people = f"{site.word}-{who}", site.people
    sampled, review, point, hold, disputed = _dispute(site, done, words)
    unit = make.learner_unit(site.cohort, people[who])
    first, second, third = make.criteria(unit)
    by, tutor = unit.learner.user, site.user("tutor")
    item = _text(unit, words)
    marked = _hand_in(unit, item, first, words)
    released = make.decision(marked, first, tutor, "not_yet_met", feedback=f"{words}-feedback")
    decisions.release_feedback(by=tutor, submission=marked)
    unreleased = make.decision(marked, first, tutor, feedback=f"{words}-hidden-feedback", supersedes=released)
    trained = _hand_in(unit, _text(unit, f"{words}-trained"), second, words)
    trainees = make.decision(trained, second, site.user("trainee"), feedback=f"{words}-hidden-trainee")
    kept = evidence.keep_upload(by, unit, [f"{words}-cell,2\n3,4\n".encode()], f"{words}-file.csv")
    sheet = evidence.add_evidence(by=by, learner_unit=unit, title=f"{words}-sheet", kept=kept)
    waiting = _hand_in(unit, sheet, third, words)
    own_draft = _text(unit, f"{words}-unsent")
    draft = _draft(unit, own_draft, first, f"{words}-unsent")
    link = draft.evidence.select_related("link").get().link
    pin = pins.add_pin(by=by, link=link, spot=pins.Spot("paragraph", 1), says=f"{words}-unsent-pin")
    note = pins.save_note(
        by=tutor,
        submission=waiting,
        criterion=third,
        version=make.latest(sheet),
        spot=pins.Spot("cell", 1, cell="A1"),
        text=f"{words}-hidden-note",
    )
    # Only recordings get captions by a page; here what counts is whose they are.
    Caption.objects.create(
        version=make.latest(own_draft), learner_unit=unit, centre=unit.centre, text=f"WEBVTT\n{words}-unsent"
    )
    drafts.save_draft(by=by, about=f"evidence-{unit.uid}", text=f"{words}-typed", revision=0)
    return Learning(
        who=who,
        member=people[who],
        unit=LearnerUnit.objects.get(pk=unit.pk),
        item=item,
        version=make.latest(item),
        upload=make.latest(sheet),
        own_draft=own_draft,
        arriving=make.upload(unit, f"{words}-unsent.txt", b"half", size=8),
        twice=make.upload(unit, f"{words}-file.csv", f"{words}-cell,2\n3,4\n".encode()),
        marked=Submission.objects.get(pk=marked.pk),
        released=released,
        unreleased=unreleased,
        trainees=trainees,
        waiting=waiting,
        draft=draft,
        pin=pin,
        note=note,
        done=LearnerUnit.objects.get(pk=done.pk),
        hold=hold,
        sampled=sampled,
        review=review,
        point=point,
        disputed=disputed,
    )


def _standardise(site: Site, decided: Decision) -> None:
    """An exercise of the IQA's that waits for the tutor's judgement, and one that only waits to be completed."""
    iqa, tutor, lead = (site.people[who] for who in ("iqa", "tutor", "lead"))
    told = (f"{site.word}-exercise-title", f"{site.word}-exercise-reason", [decided.submission], [tutor, iqa])
    for name in ("judging", "discussed"):
        site.exercises[name] = standardisation.open_exercise(
            by=iqa.user, centre=site.centre, criterion=decided.criterion, asked=standardisation.Asked(*told)
        )
    talked = site.exercises["discussed"]
    item = talked.items.get()
    for member in (tutor, iqa):
        item.exercise = talked
        standardisation.judge_item(by=member.user, item=item, outcome="met", reason=f"{site.word}-exercise-judgement")
    standardisation.open_discussion(by=lead.user, exercise=talked)
    standardisation.agree_outcome(by=iqa.user, item=item, outcome="met", reason=f"{site.word}-exercise-outcome")
    met = standardisation.Met(dt.date(2026, 1, 5), 30, [tutor], f"{site.word}-exercise-notes")
    standardisation.record_meeting(by=iqa.user, exercise=talked, met=met)


def end_allocations(member: Membership) -> None:
    """Everything that somebody is responsible for ends now."""
    rows = Allocation.objects.in_force().filter(membership=member).order_by("pk")
    for row in rows:
        cohorts.end_allocation(by=administrator_of(member.centre), allocation=row)
