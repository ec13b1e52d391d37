"""From notices to e-mail: what just happened, and an evening's digest.

A letter is a row before it is an e-mail. Whoever sends it claims the row by a conditional update, so two workers never
send it both; one that was claimed by a worker which died is sent again, under the same Message-ID. What it says is put
together at that moment: read, settled or no longer allowed means left out, and a letter that says nothing is dropped.
"""

from __future__ import annotations

import datetime as dt
import logging
import smtplib
import time
import zoneinfo
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.urls import reverse

from assessment.models import Letter, Notice
from assessment.models.notices import NoticeQuerySet
from courseware.kit import clock
from courseware.people.invitations import base_url
from courseware.people.models import Centre, Membership

from .kinds import KINDS
from .telling import may_know, undelivered

log = logging.getLogger(__name__)
EVENING = dt.time(17)  # in the centre's zone: the evening e-mail
TRIES = 8
PAUSES = tuple(dt.timedelta(minutes=m) for m in (1, 5, 30, 120, 360, 720, 1440))  # after each failure: two days in all
DEAD = dt.timedelta(minutes=10)  # longer than any server is waited for
ROUND = 20.0  # seconds: then the worker looks after its other work


# -- Which letters there are -------------------------------------------------------------------------------------------


def last_evening(now: dt.datetime, zone: dt.tzinfo) -> tuple[dt.date, dt.datetime]:
    """The newest evening that has begun in `zone`: its date, and its instant. Summer time or not."""
    day = now.astimezone(zone).date() + dt.timedelta(days=1)
    # Compared as instants: where a zone left a day out, two evenings are one, and the later names it.
    while (begun := dt.datetime.combine(day, EVENING, zone).astimezone(dt.UTC)) > now:
        day -= dt.timedelta(days=1)
    return day, begun


def write_letters() -> int:
    """Make the letters that are due: at once, and an evening's; how many. Safe to run twice, or by several at once."""
    now = clock.now()
    at_once = Notice.objects.to_post().filter(how="at_once", due_at__lte=now)
    people = list(at_once.order_by("recipient_id").values_list("recipient", "centre").distinct())
    count = sum(_write(Letter(recipient_id=who, centre_id=centre), at_once) for who, centre in people)
    daily = Notice.objects.to_post().filter(how="daily")
    for centre in Centre.objects.filter(pk__in=daily.order_by().values("centre")).order_by("pk"):
        day, begun = last_evening(now, zoneinfo.ZoneInfo(centre.zone))
        waiting = daily.filter(centre=centre, made_at__lte=begun)
        had = Letter.objects.filter(centre=centre, digest_on=day).order_by().values("recipient")
        rest = waiting.exclude(recipient__in=had).order_by("recipient_id").values_list("recipient", flat=True)
        for who in list(rest.distinct()):
            count += _write(Letter(recipient_id=who, centre=centre, digest_on=day), waiting)
    return count


def _write(letter: Letter, waiting: NoticeQuerySet) -> int:
    """Keep `letter` with those of the `waiting` notices that no other letter took meanwhile; 0 when none is left."""
    letter.made_at = letter.next_at = clock.now()
    try:
        with transaction.atomic():
            letter.save()
            mine = list(waiting.filter(recipient=letter.recipient_id).order_by().values_list("pk", flat=True))
            if not Notice.objects.filter(pk__in=mine, letter__isnull=True).update(letter=letter):
                letter.delete()
                return 0
    except IntegrityError:  # another worker wrote this evening's letter first
        return 0
    return 1


# -- What a letter says ------------------------------------------------------------------------------------------------


def _still(notice: Notice, person: Membership) -> bool:
    """Whether the notice may still be told to its recipient."""
    if notice.learner_unit and notice.learner_unit.state == "withdrawn" and notice.kind != "unit_withdrawn":
        return False
    return may_know(person.user, notice.centre_id, notice.kind, notice.role, notice.subject)


def lines_of(letter: Letter) -> list[str]:
    """The lines of the letter now, oldest matter first; the same about one unit is one line. Empty: nothing to say."""
    person = letter.recipient
    rows = letter.notices.unread().exclude(how="none").select_related("learner_unit").order_by("at", "pk")
    found: dict[tuple[str, str], int] = {}
    for notice in rows:
        if _still(notice, person):
            about = KINDS[notice.kind].mail, notice.unit_code
            found[about] = found.get(about, 0) + 1
    many = {kind.mail: kind.mails for kind in KINDS.values()}
    return [(mail if count == 1 else many[mail]).format(unit=code, n=count) for (mail, code), count in found.items()]


def email_of(letter: Letter) -> EmailMessage | None:
    """The e-mail, in plain text; None when there is nothing to say. Needs `recipient__user` and `centre` joined."""
    lines = lines_of(letter)
    if not lines:
        return None
    site = base_url()
    choices = site + reverse("notice-choices")
    body = render_to_string(
        "notices/email/letter.txt",
        {"lines": lines, "letter": letter, "address": site + reverse("notices"), "choices": choices},
    )
    subject = lines[0] if len(lines) == 1 else f"{len(lines)} notices from {letter.centre.name}"
    headers = {
        "Message-ID": f"<{letter.uid}@{site.partition('://')[2].partition('/')[0].partition(':')[0]}>",
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": f"<{choices}>",
    }
    return EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [letter.recipient.user.email], headers=headers)


# -- Sending -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """Why an e-mail did not go: `says` it without an address; `final` will never go; `everywhere` none would go now."""

    says: str
    final: bool = False
    everywhere: bool = False


def fault_of(error: Exception) -> Fault:
    """What an error of the mail server means. One about the letter is final from 500 on; one about us never is."""
    if isinstance(error, ValueError):
        return Fault("The letter could not be addressed.", final=True)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        return Fault(f"The mail server refused the address ({codes[0]}).", final=min(codes) >= 500)
    if isinstance(error, smtplib.SMTPDataError):
        return Fault(f"The mail server refused the letter ({error.smtp_code}).", final=error.smtp_code >= 500)
    if isinstance(error, smtplib.SMTPResponseException):
        return Fault(f"The mail server refused this site ({error.smtp_code}).", everywhere=True)
    return Fault("The mail server did not answer.", everywhere=True)


def send_letters() -> int:
    """Send what is due, oldest first, for `ROUND` seconds at most; how many went. Stops where the server is away."""
    now, until, count = clock.now(), time.monotonic() + ROUND, 0
    Letter.objects.filter(state="sending", claimed_at__lt=now - DEAD).update(state="waiting", next_at=now)
    due = Letter.objects.filter(state="waiting", next_at__lte=now).order_by("next_at", "pk")
    for pk in list(due.values_list("pk", flat=True)[:500]):
        if time.monotonic() > until:
            break
        sent = _send(pk)
        if sent is None:
            break
        count += sent
    return count


def _send(pk: int) -> int | None:
    """Send one letter if nobody else does: 1 when it went, 0 when not, None when none would go now."""
    now = clock.now()
    mine = Letter.objects.filter(pk=pk, state="waiting", next_at__lte=now)
    if not mine.update(state="sending", claimed_at=now, tries=F("tries") + 1):
        return 0
    letter = Letter.objects.select_related("recipient__user", "centre").get(pk=pk)
    claimed = Letter.objects.filter(pk=pk, state="sending", claimed_at=now)
    email = email_of(letter)
    if email is None:
        claimed.update(state="dropped")
        return 0
    try:
        email.send()
    except (OSError, ValueError) as error:  # errors of SMTP among the first; an address that no header takes
        return _failed(letter, fault_of(error))
    claimed.update(state="sent", sent_at=clock.now(), fault="")
    return 1


def _failed(letter: Letter, fault: Fault) -> int | None:
    """Try again later, or give up and say so to the administrators."""
    over = fault.final or letter.tries >= TRIES
    log.warning("letter %s did not go at try %s: %s", letter.uid, letter.tries, fault.says)
    with transaction.atomic():
        Letter.objects.filter(pk=letter.pk).update(
            state="given_up" if over else "waiting",
            next_at=clock.now() + PAUSES[min(letter.tries, len(PAUSES)) - 1],
            fault=fault.says,
        )
        if over:
            undelivered(letter)
    return None if fault.everywhere else 0


# -- Forgetting --------------------------------------------------------------------------------------------------------

KEEP = dt.timedelta(days=90)  # read notices, and letters
KEEP_UNREAD = dt.timedelta(days=365)


def forget() -> None:
    """Notices and letters that nobody needs any more; the record keeps what happened."""
    now = clock.now()
    Notice.objects.filter(Q(read_at__lt=now - KEEP) | Q(at__lt=now - KEEP_UNREAD)).delete()
    Letter.objects.filter(made_at__lt=now - KEEP, notices__isnull=True).exclude(
        state__in=("waiting", "sending")
    ).delete()
