"""The demo centre: two centres, six learners at different stages, built by the real verbs at past instants."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from assessment.models import Cohort, CriterionStatus, EvidenceItem, LearnerUnit, SampleItem, Submission
from assessment.workflow import cohorts, decisions, evidence, quality, reviews, submissions
from content.models import Criterion, Specification, UnitEdition
from courseware.kit import clock
from courseware.people import workflow as people
from courseware.people.models import Centre, Membership, User

from . import prose, recordings, samples
from .prose import Case

CENTRE = "Calder Vale Training"
OTHER = "Northgate Skills"
SIGN_INS = (
    ("learner@demo.example", "learner: Maya Okafor"),
    ("learner2@demo.example", "learner: Tom Whitfield"),
    ("tutor@demo.example", "tutor: Daniel Hughes"),
    ("trainee@demo.example", "trainee tutor: Aisha Khan"),
    ("iqa@demo.example", "IQA: Helen Ashworth"),
    ("lead@demo.example", "lead IQA: Martin Osei"),
    ("admin@demo.example", "centre administrator: Priya Nair"),
    ("eqa@demo.example", "EQA: Ruth Bell"),
    ("learner@other.example", "learner at the second centre: Sam Doyle"),
    ("tutor@other.example", "tutor at the second centre: Leah Morris"),
)


class _Bytes:
    """Bytes as an upload gives them."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """All at once."""
        yield self.data


@dataclass
class Builder:
    """Walks the verbs on one centre; time goes forward from `today` minus some days, by minutes between acts."""

    now: dt.datetime
    centre: Centre = field(init=False)
    admin: User = field(init=False)
    members: dict[str, Membership] = field(default_factory=dict)
    praise: Iterator[str] = field(default_factory=lambda: itertools.cycle(prose.MET))

    @contextmanager
    def on(self, days_ago: int, hour: int = 10, minute: int = 0) -> Iterator[None]:
        """Act at this hour (UTC) of that day; never later than the present."""
        day = (self.now - dt.timedelta(days=days_ago)).replace(hour=hour, minute=minute, second=0, microsecond=0)
        with clock.travel(min(day, self.now)):
            yield

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

    def user(self, who: str) -> User:
        """The account of a member."""
        return self.members[who].user

    def allocate(self, cohort: Cohort, who: str, role: str, unit: LearnerUnit | None = None) -> None:
        """Make somebody responsible."""
        cohorts.allocate(by=self.admin, cohort=cohort, member=self.members[who], role=role, learner_unit=unit)

    def wrote(self, unit: LearnerUnit, case: Case, *numbers: str) -> list[EvidenceItem]:
        """One written text a criterion, each mapped to it."""
        return [self._mapped(unit, self._text(unit, case, number), [number]) for number in numbers]

    def _text(self, unit: LearnerUnit, case: Case, number: str) -> EvidenceItem:
        title, text = prose.text_of(number, case)
        kept = evidence.keep_text(unit.learner.user, unit, text)
        return evidence.add_evidence(by=unit.learner.user, learner_unit=unit, title=title, kept=kept)

    def added(self, unit: LearnerUnit, title: str, name: str, data: bytes, *numbers: str) -> EvidenceItem:
        """A file, uploaded as a browser would, mapped to criteria."""
        kept = evidence.keep_upload(unit.learner.user, unit, _Bytes(data), name)
        item = evidence.add_evidence(by=unit.learner.user, learner_unit=unit, title=title, kept=kept)
        return self._mapped(unit, item, numbers) if numbers else item

    def _mapped(self, unit: LearnerUnit, item: EvidenceItem, numbers: Sequence[str]) -> EvidenceItem:
        version = item.versions.order_by("-number")[0]
        reasons = [(_criterion(unit, n), f"{item.title} shows this: see the whole of it.") for n in numbers]
        return evidence.map_evidence(by=unit.learner.user, version=version, reasons=reasons)

    def submit(self, unit: LearnerUnit, *numbers: str, ai: str = "") -> Submission:
        """Hand in everything mapped to these criteria."""
        criteria = [_criterion(unit, number) for number in numbers]
        newest = [item.versions.order_by("-number")[0] for item in unit.evidence.order_by("pk")]
        links = [link for version in newest for link in version.links.order_by("pk")]
        draft = submissions.draft_submission(by=unit.learner.user, learner_unit=unit, criteria=criteria, links=links)
        return submissions.submit(by=unit.learner.user, submission=draft, declared=True, ai_used=bool(ai), ai_text=ai)

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


def _criterion(unit: LearnerUnit, number: str) -> Criterion:
    return Criterion.objects.get(specification_id=unit.specification_id, number=number)


def _numbers(unit: LearnerUnit) -> list[str]:
    rows = Criterion.objects.filter(specification_id=unit.specification_id).order_by("position")
    return list(rows.values_list("number", flat=True))


def is_built() -> bool:
    """Whether the demo stands."""
    return Centre.objects.filter(name=CENTRE, demo=True).exists()


def specification() -> Specification:
    """The newest specification of Unit 412. Raises DoesNotExist when no edition is loaded."""
    return UnitEdition.objects.filter(unit__code="412", unit__owner__isnull=True).latest("number").specification


def build(password: str) -> None:
    """Both centres, from ten weeks ago to yesterday; every sign-in gets `password`."""
    spec = specification()
    now = clock.now()
    main, other = Builder(now), Builder(now)
    _calder_vale(main, spec)
    _northgate(other, spec)
    set_password(password)


def set_password(password: str) -> None:
    """Give every sign-in of the demo this password."""
    for account in User.objects.filter(email__in=[email for email, _ in SIGN_INS]).order_by("pk"):
        account.set_password(password)
        account.save(update_fields=("password",))


def _staff(b: Builder) -> None:
    b.found(CENTRE, "demo.example", "Priya Nair")
    b.member("tutor@demo.example", "Daniel Hughes", "tutor")
    b.member("trainee@demo.example", "Aisha Khan", "tutor", trainee=True, countersigner="tutor")
    b.member("iqa@demo.example", "Helen Ashworth", "iqa")
    b.member("lead@demo.example", "Martin Osei", "lead_iqa")
    b.member("eqa@demo.example", "Ruth Bell", "eqa")


def _calder_vale(b: Builder, spec: Specification) -> None:
    with b.on(70, 9):
        _staff(b)
        cohort = cohorts.make_cohort(
            by=b.admin,
            centre=b.centre,
            name="Retention Marketing, autumn",
            specification=spec,
            starts_on=(b.now - dt.timedelta(days=68)).date(),
        )
        for who, role in (("tutor", "tutor"), ("iqa", "iqa"), ("eqa", "eqa")):
            b.allocate(cohort, who, role)
        units = {}
        for email, name in (
            ("learner", "Maya Okafor"),
            ("learner2", "Tom Whitfield"),
            ("grace", "Grace Mensah"),
            ("noor", "Noor Rahman"),
            ("ben", "Ben Carter"),
            ("elin", "Elin Roberts"),
        ):
            member = b.member(f"{email}@demo.example", name, "learner")
            units[email] = cohorts.add_learner(by=b.admin, cohort=cohort, learner=member)
        b.allocate(cohort, "trainee", "tutor", units["learner2"])
        b.allocate(cohort, "tutor", "tutor", units["learner2"])
    _complete(b, units["noor"], prose.BRIGHTWELL, 50)
    _complete(b, units["ben"], prose.PENNINE, 48)
    _sampled(b, cohort, units)
    _complete(b, units["grace"], prose.ORCHARD, 14)
    _maya(b, units["learner"])
    _tom(b, units["learner2"])


def _complete(b: Builder, unit: LearnerUnit, case: Case, days_ago: int) -> None:
    """Everything written, handed in by outcome, met, signed off a few days later."""
    for step, outcome in enumerate("123"):
        numbers = [number for number in _numbers(unit) if number.startswith(outcome)]
        with b.on(days_ago - step, 19, 20):
            b.wrote(unit, case, *numbers)
            made = b.submit(unit, *numbers)
        with b.on(days_ago - step - 1, 11, 5):
            b.mark(made, "tutor")
    with b.on(days_ago - 4, 16, 40):
        decisions.sign_off(by=b.user("tutor"), learner_unit=unit)


def _sampled(b: Builder, cohort: Cohort, units: dict[str, LearnerUnit]) -> None:
    """A plan over Noor's and Ben's units: one released, one with an action point that waits for the tutor."""
    iqa = b.user("iqa")
    with b.on(40, 9, 30):
        today = clock.now().date()
        rules = quality.Rules(today - dt.timedelta(days=30), today, "count", 2, None, b.members["iqa"])
        plan = quality.draft_plan(by=iqa, cohort=cohort, rules=rules)
    with b.on(39, 14):
        quality.approve_plan(by=b.user("lead"), plan=plan)
    items = {item.learner_unit_id: item for item in SampleItem.objects.filter(plan=plan).order_by("position")}
    with b.on(36, 10, 15):
        item = items[units["noor"].pk]
        _agree(b, item)
        reviews.close_item(by=iqa, item=item)
        quality.release_unit(by=iqa, item=item)
    with b.on(6, 15, 10):
        item = items[units["ben"].pk]
        policy = units["ben"].decisions.get(criterion__number="2.3")
        reviews.review_decision(
            by=iqa,
            item=item,
            decision=policy,
            outcome="action_required",
            feedback="The outcome stands. The feedback does not say against which standard the policy was judged.",
            action="Add to the record which standard you held the policy against, and tell Ben.",
        )


def _agree(b: Builder, item: SampleItem) -> None:
    for row in CriterionStatus.objects.filter(learner_unit=item.learner_unit).order_by("position"):
        decision = row.current
        if decision is None:
            raise ValueError("everything of a signed-off unit is decided")
        reviews.review_decision(by=b.user("iqa"), item=item, decision=decision, outcome="agreed")


def _maya(b: Builder, unit: LearnerUnit) -> None:
    """In progress: some met, one referred with a new version in draft, some with the tutor, much to come."""
    case = prose.LARKSPUR
    journey = [*prose.WORK["1.1"][1].format(org=case.org, what=case.what, person=case.person).split("\n\n")]
    with b.on(24, 20, 45):
        board = samples.board_jpg(
            "Journey wall",
            [
                "A friend's kitchen",
                "Ten minutes online",
                "Prices left open",
                "An e-mail answered",
                "Four minutes to pay",
                "How was the grind?",
                "A postcard for a friend",
            ],
            place=True,
        )
        item = b.added(
            unit,
            "Customer journey map, Larkspur Coffee",
            "larkspur-journey-map.pdf",
            samples.pdf("Customer journey map, Larkspur Coffee", journey),
            "1.1",
        )
        b.added(unit, "Photograph of the journey wall", "journey-wall.jpg", board, "1.1")
        made = b.submit(unit, "1.1")
    with b.on(21, 16, 10):
        b.mark(made, "tutor", refer={"1.1": prose.JOURNEY_REFERRED})
    with b.on(18, 18, 5):
        title, text = prose.text_of("1.3", case)
        b.added(unit, title, "retention-figures.docx", samples.docx(title, text.split("\n\n")), "1.3")
        b.added(
            unit,
            "Chart of who came back",
            "who-came-back.png",
            samples.chart_png("Still ordering after", [("1 month", 61), ("3 months", 38), ("12 months", 22)]),
            "1.3",
        )
        b.wrote(unit, case, "1.5", "2.1")
        made = b.submit(unit, "1.3", "1.5", "2.1", ai="A chat assistant suggested headings for 1.5. I kept two of six.")
    with b.on(15, 9, 50):
        b.mark(made, "tutor")
    with b.on(3, 21, 15):
        b.added(unit, "Talk with the owner about sources", "talk-with-the-owner.mp3", recordings.mp3(20), "1.4")
        b.wrote(unit, case, "1.4", "2.2")
        b.submit(unit, "1.4", "2.2")
    with b.on(1, 14, 30):
        b.wrote(unit, case, "1.2")
        second = [
            *journey,
            "At each stage Larkspur could count one thing: mentions, minutes, replies, baskets, orders, codes.",
        ]
        kept = evidence.keep_upload(
            unit.learner.user,
            unit,
            _Bytes(samples.pdf("Customer journey map, second version", second)),
            "larkspur-journey-map-2.pdf",
        )
        evidence.add_version(by=unit.learner.user, item=item, kept=kept)


def _tom(b: Builder, unit: LearnerUnit) -> None:
    """With the trainee: one not yet met and released, two Met that wait for the countersignature."""
    with b.on(12, 19):
        b.wrote(unit, prose.TIDEWAY, "1.1", "1.2", "2.6")
        made = b.submit(unit, "1.1", "1.2", "2.6")
    with b.on(8, 13, 20):
        b.mark(made, "trainee", refer={"1.2": prose.TOOLS_REFERRED})


def _northgate(b: Builder, spec: Specification) -> None:
    with b.on(30, 9):
        b.found(OTHER, "other.example", "Owen Pike")
        b.member("tutor@other.example", "Leah Morris", "tutor")
        cohort = cohorts.make_cohort(
            by=b.admin,
            centre=b.centre,
            name="Evening group",
            specification=spec,
            starts_on=(b.now - dt.timedelta(days=28)).date(),
        )
        b.allocate(cohort, "tutor", "tutor")
        unit = cohorts.add_learner(
            by=b.admin, cohort=cohort, learner=b.member("learner@other.example", "Sam Doyle", "learner")
        )
    with b.on(5, 20, 10):
        b.wrote(unit, prose.ORCHARD, "3.1")
        b.submit(unit, "3.1")
