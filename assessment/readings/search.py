"""One box over everything that the reader may see: learners, evidence titles, criteria and lessons.

Each group starts from a queryset's `visible_to`, or from the units that the reader may open, and is one statement.
Nothing is counted, so that nothing is told of what is not shown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString

from assessment.models import EvidenceItem, LearnerUnit
from content.models import Criterion, Lesson, Unit, UnitEdition
from courseware.kit.searching import LONGEST, around, having, marked, words_of
from courseware.people.standing import standing_of

from .shell import Frame

STAFF = ("tutor", "iqa", "lead_iqa", "eqa", "admin")
FEW, MANY = 8, 50  # results of a group among others, and alone
GROUPS = {"learners": "Learners", "evidence": "Evidence", "criteria": "Criteria", "lessons": "Lessons"}
_MARKUP = re.compile(r"```.*?```|[#>*_`|\[\]]+|\((?:https?:|\.|#)[^)]*\)", re.DOTALL)


@dataclass(frozen=True)
class Result:
    """One thing found: its words with the matched part marked, and what it belongs to."""

    title: SafeString
    detail: str
    url: str
    excerpt: str = ""  # marked too


@dataclass(frozen=True)
class Group:
    """What was found of one kind; `more_url` leads to the rest of it."""

    key: str
    label: str
    results: tuple[Result, ...]
    more_url: str = ""
    cut: bool = False  # alone, and still not all of it


@dataclass(frozen=True)
class Search:
    """A question and what was found; `words` is empty when it was too short to look for."""

    question: str
    words: tuple[str, ...]
    only: str
    groups: tuple[Group, ...]


def search(frame: Frame, question: str, only: str = "") -> Search:
    """What `frame`'s reader may see of `question`, by group; `only` is the key of one group. At most 4 statements."""
    words = words_of(question)
    only = only if only in GROUPS else ""
    shown = " ".join(question.replace("\x00", " ").split())[:LONGEST]
    if not words:
        return Search(shown, (), only, ())
    makers = {"learners": _learners, "evidence": _evidence, "criteria": _criteria, "lessons": _lessons}
    most = MANY if only else FEW
    groups = []
    for key in [only] if only else GROUPS:
        results = tuple(makers[key](frame, words, most + 1))
        over = len(results) > most
        more = f"{reverse('search')}?{urlencode({'q': shown, 'in': key})}" if over and not only else ""
        if results:
            groups.append(Group(key, GROUPS[key], results[:most], more, cut=over and bool(only)))
    return Search(shown, words, only, tuple(groups))


def _learners(frame: Frame, words: tuple[str, ...], most: int) -> Iterable[Result]:
    if not standing_of(frame.user).centres_as(*STAFF):
        return
    units = LearnerUnit.objects.visible_to(frame.user).exclude(learner__user_id=frame.user.pk)
    rows = having(units, words, "learner__name").order_by("learner__name", "pk")
    for uid, name, code, cohort in rows.values_list("uid", "learner__name", "unit_code", "cohort__name")[:most]:
        yield Result(marked(name, words), f"Unit {code}, {cohort}", reverse("learner-unit", args=(uid,)))


def _evidence(frame: Frame, words: tuple[str, ...], most: int) -> Iterable[Result]:
    items = EvidenceItem.objects.visible_to(frame.user).filter(removed_at__isnull=True)
    rows = having(items, words, "title").order_by("title", "pk")
    values = rows.values_list(
        "uid", "title", "learner_unit__unit_code", "learner_unit__learner__name", "learner_unit__learner__user_id"
    )
    for uid, title, code, learner, user in values[:most]:
        whose = "Yours" if user == frame.user.pk else learner
        yield Result(marked(title, words), f"{whose}, Unit {code}", reverse("evidence", args=(uid,)))


def _editions(frame: Frame) -> QuerySet[UnitEdition]:
    """The editions that the reader opens: of a learner's units the newest with their specification; for staff the
    newest of the house's units and their centres' own, of which those of the same code come first.
    """
    same = UnitEdition.objects.filter(number__gt=OuterRef("number")).order_by()
    of_specification = ~Q(Exists(same.filter(specification=OuterRef("specification"))))
    own = {unit.specification_id for unit in frame.learner_units}
    where = Q(specification__in=own) & of_specification
    centres = standing_of(frame.user).centres_as(*STAFF)
    if centres:
        owned = Unit.objects.filter(owner__in=centres)
        hidden = Q(unit__owner__isnull=True) & Q(Exists(owned.filter(code=OuterRef("unit__code")).order_by()))
        usable = (Q(unit__owner__isnull=True) | Q(unit__owner__in=centres)) & ~hidden
        where |= usable & ~Q(Exists(same.filter(unit=OuterRef("unit"))))
    return UnitEdition.objects.filter(where).order_by()


def _lesson_url(frame: Frame, code: str, number: str, specification: int) -> str:
    address = reverse("criterion", args=(code, number))
    codes = Counter(unit.unit_code for unit in frame.learner_units)
    if codes[code] < 2:
        return address
    own = next((unit for unit in frame.learner_units if unit.specification_id == specification), None)
    return f"{address}?in={own.uid}" if own else address


def _criteria(frame: Frame, words: tuple[str, ...], most: int) -> Iterable[Result]:
    criteria = Criterion.objects.filter(specification__in=_editions(frame).values("specification"))
    rows = having(criteria, words, "number", "statement")
    rows = rows.order_by("specification__unit__code", "specification_id", "position")
    values = rows.values_list("number", "statement", "specification__unit__code", "specification_id")
    for number, statement, code, specification in values[:most]:
        url = _lesson_url(frame, code, number, specification)
        yield Result(marked(f"{number} {statement}", words), f"Unit {code}", url)


def _lessons(frame: Frame, words: tuple[str, ...], most: int) -> Iterable[Result]:
    lessons = Lesson.objects.filter(edition__in=_editions(frame).values("pk"))
    rows: Any = having(lessons, words, "title", plain=("body",))
    rows = rows.order_by("edition__unit__code", "edition_id", "criterion__position")
    values = rows.values_list("title", "body", "criterion__number", "edition__unit__code", "edition__specification_id")
    for title, body, number, code, specification in values[:most]:
        excerpt = marked(around(" ".join(_MARKUP.sub(" ", body).split()), words), words)
        url = _lesson_url(frame, code, number, specification)
        yield Result(marked(title, words), f"Unit {code}, {number}", url, excerpt)
