"""A criterion's page: its lesson, and for its learner everything of theirs about it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.http import Http404
from django.urls import reverse
from django.utils.safestring import SafeString

from assessment.models import MET, Allocation, EvidenceLink, LearnerUnit, SubmissionEvidence
from assessment.workflow.due import Due
from content import catalogue
from content.activities.items import Item
from content.models import Criterion
from courseware.kit import words
from courseware.kit.markdown import render

from .disputed import Judged, judged
from .practice import NOTHING_SENT, Practice, Sent, practice_of
from .study import Given, HandIn, Place, Step, Study
from .study_rows import HAND_IN, feedback_of, grouped, places_of, study_of
from .units import Reader

WHERE = {
    "not_started": "No evidence yet.",
    "evidence_linked": "Evidence is mapped and not submitted.",
    "awaiting_countersignature": "A second tutor confirms the decision.",
    "under_query": "Tutor and IQA are talking about it. Nothing for you to do.",
}


@dataclass(frozen=True)
class EvidenceRow:
    """A version mapped to the criterion, with the sentence why; `state` as the learner may know it."""

    item: uuid.UUID
    version: uuid.UUID
    title: str
    number: int
    made_at: dt.datetime
    state: str
    why: str


@dataclass(frozen=True)
class CriterionPage:
    """A criterion, its lesson, and for its learner everything of theirs about it."""

    reader: Reader
    lesson: catalogue.LessonPage
    study: Study | None
    place: Place | None
    step: Step
    evidence: tuple[EvidenceRow, ...]
    feedback: tuple[Given, ...]
    returned: HandIn | None
    siblings: tuple[Place, ...]
    tutors: tuple[str, ...]
    practice: Practice | None = None
    judged: Judged | None = None  # for staff

    @property
    def told(self) -> list[tuple[Given, str]]:
        """The feedback, newest first, each with what stands beside its attempt."""
        news = [self.study.news_of(given) if self.study else "" for given in self.feedback]
        return [
            (given, f"Attempt {given.attempt}. {new}" if new else f"Attempt {given.attempt}")
            for given, new in zip(self.feedback, news, strict=True)
        ]

    @property
    def next_after_feedback(self) -> Given | None:
        """The newest feedback, while what it asks for has still to be done; None otherwise."""
        given = self.feedback[0] if self.feedback else None
        wanted = self.place is not None and self.place.status == "not_yet_met" and not self.place.fresh
        return given if given and wanted and self.may_add else None

    @property
    def pieces(self) -> list[tuple[SafeString, Item | None]]:
        """The lesson in its order: a piece of text, and the activity that follows it (after the last one: none)."""
        items = self.practice.items if self.practice else ()
        return list(zip_longest(self.lesson.pieces, items))

    @property
    def attempt(self) -> int:
        """The attempt that the learner is on: one more than the submissions whose decision they have read."""
        return len({given.submission for given in self.feedback}) + 1

    @property
    def way(self) -> tuple[tuple[str, str], ...]:
        """The criteria before and after, each as address and words; the map stands in for one that is not there."""
        before, after = self.lesson.previous, self.lesson.next
        back = (self.reader.map_url, f"Back to the map of unit {self.reader.code}")
        first = (self.url_of(before.number), f"Previous: {before.number} {before.title}") if before else back
        last = (self.url_of(after.number), f"Next: {after.number} {after.title}") if after else back
        return first, last

    def url_of(self, number: str) -> str:
        """The page of another criterion of the unit."""
        return reverse("criterion", args=(self.reader.code, number)) + self.reader.query

    @property
    def again_url(self) -> str:
        """The page itself, for one more thing in its query."""
        return f"{self.url_of(self.lesson.number)}{'&' if self.reader.query else '?'}"

    @property
    def beside(self) -> list[tuple[str, Place]]:
        """The criteria of the same outcome, each with its address."""
        return [(self.url_of(one.number), one) for one in self.siblings]

    @property
    def is_met(self) -> bool:
        """Whether the criterion is met, as far as its learner may know."""
        return self.place is not None and self.place.status in MET

    @property
    def may_add(self) -> bool:
        """Whether evidence is still wanted here."""
        return bool(self.study and self.study.may_work) and not self.is_met

    @property
    def wants_evidence(self) -> bool:
        """Whether adding evidence is the next thing, rather than submitting what is mapped."""
        place = self.place
        return place is not None and (
            place.status == "not_started" or (place.status == "not_yet_met" and not place.fresh)
        )

    @property
    def command_meaning(self) -> str:
        """What the command verb asks for, as the rest of a sentence."""
        meaning = self.lesson.command_meaning
        return meaning[:1].lower() + meaning[1:]

    @property
    def where(self) -> str:
        """One sentence on where the criterion is, under its status."""
        given = self.feedback[0] if self.feedback else None
        status = self.place.status if self.place else ""
        if status == "awaiting_marking":
            return f"With your tutor since {words.moment(self.since)}." if self.since else "With your tutor."
        if self.is_met:
            return f"{given.by}, {words.moment(given.at)}." if given else ""
        if status == "not_yet_met" and given:
            fresh = " A new version is mapped and not submitted." if self.place and self.place.fresh else ""
            return f"Attempt {given.attempt}, {given.by}, {words.moment(given.at)}.{fresh}"
        return WHERE.get(status, "")

    @property
    def guidance_html(self) -> SafeString:
        """The official guidance."""
        return render(self.lesson.guidance, 3)

    @property
    def returned_number(self) -> str:
        """The number of the submission that came back."""
        return str(self.returned.number) if self.returned else ""

    @property
    def returned_html(self) -> SafeString:
        """Why it came back."""
        return render(self.returned.returned_why, 4) if self.returned else SafeString("")

    @property
    def due(self) -> Due | None:
        """When it is due, while it is with the learner."""
        return self.study.due(self.place) if self.study and self.place else None

    @property
    def due_label(self) -> str:
        """`Due` or `Was due`."""
        said = self.study.due_words(self.place) if self.study and self.place else ""
        return "Was due" if said.startswith("Was") else "Due"

    @property
    def since(self) -> dt.datetime | None:
        """When the centre was handed this criterion."""
        return self.study.since(self.place.criterion_id) if self.study and self.place else None


def criterion_page(reader: Reader, number: str, sent: Sent = NOTHING_SENT) -> CriterionPage:
    """Criterion `number` of `reader`'s unit. 3 statements for staff, 6 for its learner; with figures one more.

    For its learner one more where there is something to answer; `sent` is what was just sent, if anything.

    Raises Http404 for a number that the unit does not have.
    """
    try:
        lesson = catalogue.lesson_page(reader.specification, number, base=reader.base)
    except Criterion.DoesNotExist:
        raise Http404 from None
    unit = reader.learner_unit
    if unit is None:
        told = judged(reader.user, lesson.criterion_id)
        return CriterionPage(reader, lesson, None, None, Step(""), (), (), None, (), (), judged=told)
    places = places_of([unit])
    own = next(place.criterion_id for place in places if place.number == number)
    links = list(_links(unit, own))
    feedback = feedback_of(reader.user, [unit], own)
    study = study_of(reader.user, unit, places, _hand_ins(links), feedback, reader.query)
    place = study.place(number)
    return CriterionPage(
        reader,
        lesson,
        study,
        place,
        study.step(place),
        tuple(_evidence(links)),
        tuple(reversed(feedback)),
        next(iter(study.returned()), None),
        tuple(one for one in study.places if one.outcome == place.outcome),
        tutors_of(unit),
        practice_of(unit, own, lesson.activities, sent),
    )


def _links(unit: LearnerUnit, criterion_id: int) -> Any:
    """The learner's mappings to one criterion, one row for each submission that holds them (or none). 1 statement."""
    marked = SubmissionEvidence.objects.filter(
        link=OuterRef("pk"), submission__state__in=("accepted", "referred")
    ).order_by()
    # The row's own names are EvidenceLink's, so the submission's come under an s_.
    submission = {f"s_{name}": F(f"handed_in__submission__{name}") for name in HAND_IN}
    return (
        EvidenceLink.objects.filter(learner_unit=unit, criterion=criterion_id, version__item__removed_at__isnull=True)
        .order_by("-version__made_at", "-version__pk")
        .values(
            "why",
            item=F("version__item__uid"),
            version_uid=F("version__uid"),
            title=F("version__item__title"),
            version_number=F("version__number"),
            version_made_at=F("version__made_at"),
            version_state=F("version__state"),
            marked=Exists(marked),
            returned_at=F("handed_in__submission__returned__at"),
            returned_why=F("handed_in__submission__returned__body__text"),
            claimed=F("criterion_id"),
            claimed_number=F("criterion__number"),
            **submission,
        )
    )


def _hand_ins(links: list[dict[str, Any]]) -> list[HandIn]:
    """The submissions that hold the mappings, oldest first."""
    rows = [row | {name: row[f"s_{name}"] for name in HAND_IN} for row in links if row["s_uid"]]
    return grouped(sorted(rows, key=lambda row: int(row["number"])))


def _evidence(links: list[dict[str, Any]]) -> Iterator[EvidenceRow]:
    """Each mapping once, the newest version first."""
    seen: set[uuid.UUID] = set()
    for row in links:
        if row["version_uid"] in seen:
            continue
        seen.add(row["version_uid"])
        state = shown_state(row["version_state"], marked=row["marked"])
        yield EvidenceRow(
            row["item"],
            row["version_uid"],
            row["title"],
            row["version_number"],
            row["version_made_at"],
            state,
            row["why"],
        )


def shown_state(state: str, *, marked: bool) -> str:
    """A version's state in a learner's eyes: `assessed` once a submission with it is marked and its feedback out."""
    return "assessed" if state == "submitted" and marked else state


def tutors_of(unit: LearnerUnit) -> tuple[str, ...]:
    """Names of the tutors responsible for a learner-unit now; its own row replaces the cohort's. 1 statement."""
    rows = (
        Allocation.objects.in_force()
        .filter(Q(learner_unit=unit) | Q(cohort=unit.cohort_id, learner_unit__isnull=True), role="tutor")
        .order_by("membership__name", "pk")
        .values_list("learner_unit_id", "membership__name")
    )
    found = list(rows)
    own = [name for target, name in found if target is not None]
    return tuple(own or [name for _, name in found])
