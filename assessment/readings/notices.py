"""What the pages of notices show: the list, how each person wants e-mail, and letters that did not arrive."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.core.paginator import Page, Paginator
from django.db.models import Count, Max, Q

from assessment.models import Letter, Notice, NoticeChoice
from assessment.notices.kinds import page_of, title_of, with_criteria
from assessment.notices.telling import DEFAULTS
from courseware.people.models import Centre, Membership, User
from courseware.people.standing import standing_of

A_PAGE = 50


@dataclass(frozen=True)
class Row:
    """One notice as a line: what happened, when (how often), and where it is dealt with."""

    notice: Notice
    title: str
    url: str
    centre: str  # named where the reader belongs to several

    @property
    def unread(self) -> bool:
        """Whether it still waits to be read."""
        return self.notice.read_at is None


@dataclass(frozen=True)
class Day:
    """The notices of one day in their centre's zone, newest first."""

    date: dt.date
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class NoticesPage:
    """One page of somebody's notices: the unread by day, then the others by day."""

    page: Page[Notice]
    unread: tuple[Day, ...]
    read: tuple[Day, ...]
    waiting: int  # unread ones on all pages
    until: dt.datetime | None  # the newest of all


def notices_page(user: User, number: int | str = 1) -> NoticesPage:
    """Somebody's notices that they may still know of, unread first, newest first, 50 a page. Two statements."""
    own = Notice.objects.visible_to(user)
    counts = own.order_by().aggregate(
        all=Count("pk"), waiting=Count("pk", filter=Q(read_at__isnull=True)), until=Max("at")
    )
    rows = with_criteria(own.select_related("centre", "learner_unit__learner", "cohort"))
    paginator = Paginator(rows.annotate(_read=Q(read_at__isnull=False)).order_by("_read", "-at", "-pk"), A_PAGE)
    paginator.__dict__["count"] = counts["all"]  # asked already
    page = paginator.get_page(number)
    several = len(standing_of(user).memberships) > 1
    lines = [Row(one, title_of(one), page_of(one), one.centre.name if several else "") for one in page]
    return NoticesPage(
        page,
        _days([line for line in lines if line.unread]),
        _days([line for line in lines if not line.unread]),
        counts["waiting"],
        counts["until"],
    )


def _days(rows: list[Row]) -> tuple[Day, ...]:
    def day(row: Row) -> dt.date:
        return row.notice.at.astimezone(ZoneInfo(row.notice.centre.zone)).date()

    return tuple(Day(date, tuple(found)) for date, found in itertools.groupby(rows, key=day))


# -- How somebody wants e-mail -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    """How one group of notices in one centre reaches somebody now."""

    membership: Membership
    group: str
    how: str

    @property
    def name(self) -> str:
        """The field's name on the form."""
        return f"{self.group}-{self.membership.uid}"


def choices_of(user: User) -> list[Choice]:
    """One for each centre and each group that the roles held there are told of. One statement beside the standing."""
    standing = standing_of(user)
    kept = {
        (row.membership_id, row.group): row.how
        for row in NoticeChoice.objects.filter(membership__in=standing.memberships.values()).order_by("pk")
    }
    found = []
    for centre, membership in standing.memberships.items():
        held = standing.roles[centre]
        groups = (["learning"] if "learner" in held else []) + (["work"] if held - {"learner"} else [])
        found += [Choice(membership, group, kept.get((membership.pk, group), DEFAULTS[group])) for group in groups]
    return found


# -- Letters that did not arrive ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lost:
    """A centre's letters that were given up, newest first, 50 a page."""

    centre: Centre
    page: Page[Letter]


def lost_letters(centre: Centre, number: int | str = 1) -> Lost:
    """The letters of `centre` that were given up. Two statements."""
    rows = Letter.objects.filter(centre=centre, state="given_up").select_related("recipient__user")
    return Lost(centre, Paginator(rows.order_by("-made_at", "-pk"), A_PAGE).get_page(number))
