"""From the record to notices. Every verb appends one entry in its own transaction; this reads on from where it was.

So a verb that is rolled back tells nobody, one that is committed is never forgotten, a form sent twice is one entry,
and no verb pays for it: who is told is worked out afterwards, by the rules in force then.
"""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Collection

from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F

from assessment.models import TOLD_AS, Letter, Notice, NoticeChoice, NoticeCursor
from courseware.kit import clock
from courseware.ledger.append import HOUSE
from courseware.ledger.models import ChainHead, LedgerEntry
from courseware.people.models import Membership, User
from courseware.people.standing import standing_of

from .entry import Entry, News
from .kinds import KINDS
from .news import NEWS, SETTLES

log = logging.getLogger(__name__)
BATCH = 50  # entries in one transaction
SETTLE = dt.timedelta(minutes=1)  # what happens within it is one e-mail
AGAIN = dt.timedelta(hours=1)  # at the soonest, another e-mail about what somebody has not read yet
DEFAULTS = {"learning": "at_once", "work": "daily"}


def follow() -> int:
    """Tell everybody what the record has gained in every centre; how many entries were read. Safe to run twice."""
    read = dict(NoticeCursor.objects.order_by("pk").values_list("chain", "number"))
    heads = ChainHead.objects.exclude(chain=HOUSE).order_by("chain").values_list("chain", "number")
    return sum(_catch_up(chain) for chain, number in list(heads) if number > read.get(chain, 0))


def _catch_up(chain: uuid.UUID) -> int:
    NoticeCursor.objects.get_or_create(chain=chain)
    count = 0
    while (read := _read_on(chain)) > 0:
        count += read
    return count


@transaction.atomic
def _read_on(chain: uuid.UUID) -> int:
    """One batch. The cursor moves in the same transaction, so an entry is told of once, whoever reads."""
    cursor = NoticeCursor.objects.select_for_update().get(chain=chain)
    rows = LedgerEntry.objects.filter(chain=chain, number__gt=cursor.number).order_by("number")[:BATCH]
    entries = list(rows)
    for row in entries:
        if row.verb in NEWS or row.verb in SETTLES:
            _take(row)
        cursor.number = row.number
    cursor.save(update_fields=("number",))
    return len(entries)


def _take(row: LedgerEntry) -> None:
    """One entry. What cannot be understood is logged and left, so that it never holds up what comes after it."""
    try:
        with transaction.atomic():
            entry = Entry(row)
            if row.verb in SETTLES:
                Notice.objects.unread().filter(SETTLES[row.verb](entry)).update(read_at=row.at)
            for news in NEWS[row.verb](entry) if row.verb in NEWS else ():
                tell(news, row.at, by=row.by)
    except Exception as error:
        if isinstance(error, DatabaseError) and not isinstance(error, IntegrityError):
            raise  # the database is away: the whole batch is read again
        log.exception("nobody was told of entry %s of %s", row.number, row.chain)


def may_know(user: User, centre_id: int, kind: str, role: str, subject: uuid.UUID) -> bool:
    """Whether somebody may be told: they hold the role in the centre now, and may know of the subject."""
    roles = TOLD_AS.get(role, (role,))
    return standing_of(user).has(centre_id, *roles) and KINDS[kind].rows(user).filter(uid=subject).exists()


def tell(news: News, at: dt.datetime, by: uuid.UUID | None = None) -> None:
    """Note `news` for each of its people who may know of it, but for `by` (a membership's uid), who did it."""
    role = news.role or KINDS[news.kind].role
    people = [
        one for one in news.to if one.uid != by and may_know(one.user, one.centre_id, news.kind, role, news.subject)
    ]
    if not people:
        return
    same = Notice.objects.unread().filter(recipient__in=people, kind=news.kind, subject=news.subject)
    known = set(same.order_by().values_list("recipient_id", flat=True))
    carried = same.filter(letter__isnull=False).exclude(letter__state="waiting")
    Notice.objects.filter(pk__in=list(carried.order_by().values_list("pk", flat=True))).update(
        letter=None, due_at=clock.now() + AGAIN
    )
    same.update(times=F("times") + 1, at=at)
    how = _chosen(people, KINDS[news.kind].group)
    Notice.objects.bulk_create(
        Notice(
            centre_id=one.centre_id,
            recipient=one,
            role=role,
            kind=news.kind,
            subject=news.subject,
            learner_unit=news.unit,
            cohort=news.cohort,
            unit_code=news.code,
            made_at=at,
            at=at,
            due_at=at + SETTLE,
            how=how[one.pk],
        )
        for one in people
        if one.pk not in known
    )


def _chosen(people: Collection[Membership], group: str) -> dict[int, str]:
    """How each of these people wants e-mail about a group of notices."""
    rows = NoticeChoice.objects.filter(membership__in=people, group=group).order_by("pk")
    chosen = dict(rows.values_list("membership_id", "how"))
    return {one.pk: chosen.get(one.pk, DEFAULTS[group]) for one in people}


def undelivered(letter: Letter) -> None:
    """A letter was given up: the centre's administrators are told, but for the one whom it did not reach."""
    people = Membership.objects.filter(centre=letter.centre_id, grants__role="admin", grants__ends_at__isnull=True)
    others = people.exclude(pk=letter.recipient_id).select_related("user").order_by("pk").distinct()
    tell(News("mail_undelivered", tuple(others), letter.recipient.uid, ""), clock.now())
