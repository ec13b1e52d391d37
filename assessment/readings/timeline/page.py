"""One page of a timeline: the entries about a learner-unit that the reader may read, newest first."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q

from assessment.models import LearnerUnit, PlanAmendment, PlanApproval, PlanCompletion, SampleItem
from courseware.ledger.models import LedgerEntry
from courseware.people.models import ROLES, Membership, User
from courseware.people.standing import standing_of

from .known import Known, known_to, lowered, values_of
from .rules import ADMIN, LEARNER, QUALITY, READER, RULES, UNKNOWN, Rule, fields_of

A_PAGE = 50
THE_CENTRE = "the centre"
_ROLES = dict(ROLES)


@dataclass(frozen=True)
class Line:
    """One entry: the sentence, who in which role, when, and what proves it."""

    text: str
    by: str
    at: dt.datetime
    number: int
    digest: str
    glyph: str
    tone: str


@dataclass(frozen=True)
class Timeline:
    """A page of lines; `own`: the reader is the learner."""

    unit: LearnerUnit
    own: bool
    page: Page[Any]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class _Told:
    """An entry that is shown, its sentence not yet filled in."""

    entry: LedgerEntry
    text: dict[str, Any]
    rule: Rule
    sentence: str
    values: dict[str, Any]


def audiences(user: User, unit: LearnerUnit) -> frozenset[str]:
    """As whom `user` reads `unit` (read by `units_for`); of one's own work one is the learner and nothing else."""
    if unit.learner.user_id == user.pk:
        return frozenset({LEARNER})
    standing = standing_of(user)
    held = {
        READER: unit.reads,  # type: ignore[attr-defined]  # annotated
        QUALITY: standing.has(unit.centre_id, "iqa", "lead_iqa"),
        ADMIN: standing.has(unit.centre_id, "admin"),
    }
    return frozenset(name for name, holds in held.items() if holds)


def timeline(user: User, unit: LearnerUnit, number: str | int) -> Timeline:
    """A page of 50 entries about `unit` (read by `units_for`): 2 statements for who sees progress only, 5 for the
    learner, 6 for who reads the portfolio.
    """
    reads = audiences(user, unit)
    own = LEARNER in reads
    known = known_to(user, unit, staff=not own) if reads & {LEARNER, READER} else Known()
    told = list(_told(_entries(unit), reads, known))
    page = Paginator(told, A_PAGE).get_page(number)
    return Timeline(unit, own, page, _lines(unit, list(page.object_list), own=own))


def _entries(unit: LearnerUnit) -> list[LedgerEntry]:
    """The entries about `unit`, and those of the plans that drew it or released it with the rest, newest first."""
    first = SampleItem.objects.filter(learner_unit=unit, amendment__isnull=True).order_by().values("plan")
    drawn = PlanApproval.objects.filter(plan__in=first).order_by().values("uid")
    added = PlanAmendment.objects.filter(items__learner_unit=unit).order_by().values("uid")
    rest = PlanCompletion.objects.filter(plan__releases__learner_unit=unit, plan__releases__item__isnull=True)
    about = Q(about=unit.uid) | Q(result__in=drawn) | Q(result__in=added) | Q(result__in=rest.order_by().values("uid"))
    return list(LedgerEntry.objects.filter(about, chain=unit.centre.uid).order_by("-number"))


def _told(entries: Sequence[LedgerEntry], reads: frozenset[str], known: Known) -> Iterable[_Told]:
    texts = [json.loads(entry.text) for entry in entries]
    allocated = {
        text["result"]: (text["notes"]["allocated_role"], text["subjects"]["member"])
        for text in texts
        if text["verb"] == "allocate"
    }
    for entry, text in zip(entries, texts, strict=True):
        rule = RULES.get(entry.verb, UNKNOWN)
        sentence = sentence_for(rule, reads)
        values = values_of(text, known, allocated) if sentence else {}
        if sentence and fields_of(sentence) <= values.keys():
            yield _Told(entry, text, rule, sentence, values)


def sentence_for(rule: Rule, reads: frozenset[str]) -> str:
    """The sentence of `rule` for who reads as `reads`; blank for who may not know."""
    if LEARNER in reads:
        return rule.learner
    return rule.staff if rule.to & reads else ""


def _lines(unit: LearnerUnit, told: Sequence[_Told], *, own: bool) -> tuple[Line, ...]:
    """The sentences with the names that this centre knows: 1 statement."""
    people = {one.entry.by for one in told}
    for one in told:
        people |= {value for value in one.values.values() if isinstance(value, uuid.UUID)}
    members = Membership.objects.filter(centre=unit.centre_id, uid__in=[uid for uid in people if uid])
    names = dict(members.order_by().values_list("uid", "name"))
    return tuple(_line(one, names, own=own) for one in told)


def _line(one: _Told, names: dict[uuid.UUID, str], *, own: bool) -> Line:
    values = {
        name: names.get(value, value) if isinstance(value, uuid.UUID) else value for name, value in one.values.items()
    }
    return Line(
        text=one.sentence.format(**values),
        by=THE_CENTRE if own and not one.rule.named else _who(one, names, own=own),
        at=one.entry.at,
        number=one.entry.number,
        digest=one.entry.digest,
        glyph=one.rule.glyph,
        tone=one.rule.tone,
    )


def _who(one: _Told, names: dict[uuid.UUID, str], *, own: bool) -> str:
    """Name and role; that a tutor was a trainee is not the learner's to know."""
    role = lowered(_ROLES.get(one.text["role"], one.text["role"]))
    trainee = "trainee " if one.text["trainee"] and not own else ""
    name = names.get(one.entry.by, "") if one.entry.by else ""
    return ", ".join(part for part in (name, f"{trainee}{role}") if part)
