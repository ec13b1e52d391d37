"""What the reader may see of one learner-unit, for filling in the sentences: each kind through its `visible_to`."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import OuterRef, Subquery

from assessment.models import (
    ALLOCATED_ROLES,
    EVIDENCE_METHODS,
    OUTCOMES,
    REVIEW_OUTCOMES,
    ActionPoint,
    Countersignature,
    Decision,
    EvidenceVersion,
    LearnerUnit,
    Review,
    Submission,
)
from courseware.kit.words import day, how_many, listed
from courseware.people.models import User

_WORDS = {**dict(OUTCOMES), **dict(REVIEW_OUTCOMES), **dict(Countersignature.OUTCOMES)}
_METHODS = dict(EVIDENCE_METHODS)


@dataclass
class Known:
    """By uid as text: titles and numbers of evidence, criteria of decisions, reviews and action points, hand-ins."""

    items: dict[str, str] = field(default_factory=dict)
    versions: dict[str, tuple[str, int]] = field(default_factory=dict)
    decisions: dict[str, str] = field(default_factory=dict)
    submissions: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    reviews: dict[str, str] = field(default_factory=dict)
    points: dict[str, str] = field(default_factory=dict)


def known_to(user: User, unit: LearnerUnit, *, staff: bool) -> Known:
    """What `user`, who may read the portfolio, may see of `unit`: 3 statements, 4 for staff."""
    known = Known()
    versions = EvidenceVersion.objects.visible_to(user).filter(learner_unit=unit).order_by("pk")
    for item, title, version, number in versions.values_list("item__uid", "item__title", "uid", "number"):
        known.items[str(item)] = title
        known.versions[str(version)] = (title, number)
    decisions = Decision.objects.visible_to(user).filter(learner_unit=unit).order_by("pk")
    for uid, number in decisions.values_list("uid", "criterion__number"):
        known.decisions[str(uid)] = number
    submissions = Submission.objects.visible_to(user).filter(learner_unit=unit)
    rows = submissions.order_by("number", "claims__criterion__position")
    for uid, number, criterion in rows.values_list("uid", "number", "claims__criterion__number"):
        known.submissions.setdefault(str(uid), (number, []))[1].extend([criterion] if criterion else [])
    if staff:
        points = ActionPoint.objects.visible_to(user).filter(review=OuterRef("pk")).order_by().values("uid")
        reviews = Review.objects.visible_to(user).filter(item__learner_unit=unit).annotate(_point=Subquery(points))
        for uid, number, point in reviews.order_by("pk").values_list("uid", "decision__criterion__number", "_point"):
            known.reviews[str(uid)] = number
            if point:
                known.points[str(point)] = number
    return known


def values_of(entry: Mapping[str, Any], known: Known, allocated: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """What can be filled in of one entry (its parsed text); people as UUIDs, for names that are asked later.

    `allocated` holds role and person by the uid of the allocation.
    """
    subjects, notes, result = entry["subjects"], entry["notes"], str(entry["result"])
    found: dict[str, Any] = {"verb": entry["verb"].replace("_", " ")}
    _evidence(found, subjects, result, known)
    number = known.decisions.get(subjects.get("decision", result))
    if number is not None:
        found["number"] = number
    numbers = [known.decisions[uid] for uid in subjects.get("decisions", ()) if uid in known.decisions]
    if numbers:
        found["numbers"] = listed(numbers)
    hand_in = known.submissions.get(subjects.get("submission", result))
    if hand_in is not None:
        found |= {"submission": hand_in[0], "criteria": listed(hand_in[1])}
    for name, where, uid in (
        ("reviewed", known.reviews, subjects.get("review", result)),
        ("point", known.points, subjects.get("action_point", "")),
    ):
        if uid in where:
            found[name] = where[uid]
    if "outcome" in notes:
        found["outcome"] = _WORDS.get(notes["outcome"], notes["outcome"])
    if "attempt" in notes:
        found["attempt"] = notes["attempt"]
    if "method" in notes:
        found["method"] = lowered(_METHODS.get(notes["method"], notes["method"]))
    if "due_on" in notes:
        found["until"] = _day(notes["due_on"])
    _people(found, subjects, allocated.get(result))
    return found


def _evidence(found: dict[str, Any], subjects: Mapping[str, Any], result: str, known: Known) -> None:
    version = known.versions.get(subjects.get("version", ""))
    if version is not None:
        found["title"], found["version"] = version
    elif "version" not in subjects and result in known.items:
        found["title"] = known.items[result]
    if isinstance(subjects.get("criteria"), list):
        found["count"] = how_many(len(subjects["criteria"]), "criterion", "criteria").lower()


def _people(found: dict[str, Any], subjects: Mapping[str, Any], allocation: tuple[str, str] | None) -> None:
    if "reviewer" in subjects:
        found["reviewer"] = uuid.UUID(subjects["reviewer"])
    if allocation is not None:
        role, member = allocation[0], uuid.UUID(allocation[1])
        found |= {"member": member, "as_role": lowered(dict(ALLOCATED_ROLES)[role])}
        if role == "tutor":
            found["tutor"] = member


def _day(number: int) -> str:
    """A day as the record holds it (20261107) in words."""
    return day(dt.date(number // 10_000, number // 100 % 100, number % 100))


def lowered(label: str) -> str:
    """A label within a sentence: `tutor`, but `IQA` and `lead IQA`."""
    return label if label.isupper() else label[0].lower() + label[1:]
