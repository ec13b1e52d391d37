"""What a person does with their own notices, and an administrator with letters. Nothing of it is the record."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from assessment.models import Letter, Notice, NoticeChoice
from courseware.kit import clock
from courseware.people.models import Membership, User

from .kinds import KINDS


def mark_read(by: User, notice: Notice) -> None:
    """One's own notice is read; again does nothing."""
    Notice.objects.unread().filter(pk=notice.pk, recipient__user=by).update(read_at=clock.now())


def mark_all_read(by: User, until: dt.datetime) -> int:
    """Every notice of one's own up to an instant is read; how many. What came later, nobody has seen."""
    return Notice.objects.visible_to(by).unread().filter(at__lte=until).update(read_at=clock.now())


@transaction.atomic
def choose(membership: Membership, group: str, how: str) -> None:
    """Keep how somebody wants e-mail about a group of notices, also about those that wait for one already."""
    NoticeChoice.objects.update_or_create(membership=membership, group=group, defaults={"how": how})
    kinds = [key for key, kind in KINDS.items() if kind.group == group]
    waiting = Notice.objects.unread().filter(recipient=membership, kind__in=kinds).exclude(how="none")
    waiting.update(how=how)


def try_again(letter: Letter) -> None:
    """A letter that was given up is tried anew."""
    Letter.objects.filter(pk=letter.pk, state="given_up").update(state="waiting", tries=0, next_at=clock.now())
