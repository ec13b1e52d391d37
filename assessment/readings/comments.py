"""The comment bank as the desk and its own page show it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from assessment.models import Comment, LearnerUnit
from assessment.permissions import comments as may
from content.models import Criterion
from courseware.kit.searching import having, words_of
from courseware.kit.verdict import Verdict
from courseware.people.models import User
from courseware.people.standing import standing_of

ON_DESK = 40  # comments offered at a criterion; the others are found by searching the bank's own page
A_PAGE = 25


@dataclass(frozen=True)
class Offered:
    """One comment at a criterion: `text` with its placeholders filled in, `outcome` blank for either decision."""

    uid: uuid.UUID
    text: str
    outcome: str
    shared: bool
    here: int  # times used on this criterion
    used: int  # times used in all


@dataclass(frozen=True)
class Kept:
    """One comment of the bank as it is kept, and whether the reader may change it."""

    comment: Comment
    used: int
    can_change: Verdict


@dataclass(frozen=True)
class Bank:
    """The bank's page: own and shared comments, narrowed by words (`query`) and outcome."""

    page: Page[Any]
    rows: tuple[Kept, ...]
    query: str
    outcome: str


def filled(text: str, learner: str, criterion: Criterion, unit_code: str) -> str:
    """`text` with every placeholder filled in; braces around anything else stay as they are."""
    words = {
        "{first name}": learner.split(maxsplit=1)[0],
        "{name}": learner,
        "{criterion}": criterion.number,
        "{verb}": criterion.command_verb.lower(),
        "{unit}": unit_code,
    }
    for placeholder, word in words.items():
        text = text.replace(placeholder, word)
    return text


def _live(user: User) -> QuerySet[Comment]:
    rows: QuerySet[Comment] = Comment.objects.visible_to(user).filter(retired_at__isnull=True)
    return rows


def offered(user: User, unit: LearnerUnit, criterion: Criterion, only: Iterable[uuid.UUID] = ()) -> tuple[Offered, ...]:
    """The comments for a criterion (of `only`, if any are named), most used on it first: 1 statement."""
    rows = _live(user).filter(centre=unit.centre_id)
    if only:
        rows = rows.filter(uid__in=list(only))
    here = Q(uses__unit_code=unit.unit_code, uses__number=criterion.number)
    rows = rows.annotate(here=Coalesce(Sum("uses__times", filter=here), 0), used=Coalesce(Sum("uses__times"), 0))
    found = rows.order_by("-here", "-used", "-pk")[:ON_DESK]
    return tuple(
        Offered(
            row.uid,
            filled(row.text, unit.learner.name, criterion, unit.unit_code),
            row.outcome,
            row.owner_id is None,
            row.here,
            row.used,
        )
        for row in found
    )


def bank(user: User, query: str, outcome: str, number: str | int) -> Bank:
    """The bank's page: 2 statements."""
    rows = having(_live(user), words_of(query), "text")
    if outcome:
        rows = rows.filter(Q(outcome=outcome) | Q(outcome=""))
    rows = rows.select_related("owner", "centre").annotate(used=Coalesce(Sum("uses__times"), 0))
    page = Paginator(rows.order_by("-used", "-pk"), A_PAGE).get_page(number)
    found = tuple(Kept(row, row.used, may.can_change_comment(user, row)) for row in page.object_list)
    return Bank(page, found, query, outcome)


def places(user: User) -> tuple[tuple[str, str], ...]:
    """Where `user` can add comments, as choices: "<centre>" for their own there, "<centre> all" for the centre's."""
    standing = standing_of(user)
    found = []
    for pk, member in standing.memberships.items():
        name = f" at {member.centre.name}" if len(standing.memberships) > 1 else ""
        if may.can_add_comment(user, pk):
            found.append((str(member.centre.uid), f"Only you{name}"))
        if may.can_share_comments(user, pk):
            found.append((f"{member.centre.uid} all", f"Every tutor{name or ' of the centre'}"))
    return tuple(found)
