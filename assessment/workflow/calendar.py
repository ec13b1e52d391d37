"""A person's private calendar address: made, renewed, ended by that person; no part of the record."""

from __future__ import annotations

from django.db import transaction

from assessment.models import CalendarFeed
from courseware.kit import chance, clock
from courseware.people.models import User


@transaction.atomic
def make_feed(*, by: User) -> str:
    """A new address for `by`; an earlier one stops working. Returns the secret, which is nowhere kept."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    end_feed(by=by)
    secret = chance.secret_hex()
    CalendarFeed.objects.create(user=by, digest=chance.sha256_hex(secret), made_at=clock.now())
    return secret


def end_feed(*, by: User) -> bool:
    """The address of `by` stops working; whether there was one."""
    return bool(CalendarFeed.objects.filter(user=by, ended_at__isnull=True).update(ended_at=clock.now()))


def feed_of(secret: str) -> CalendarFeed | None:
    """The working feed with this secret."""
    feeds = CalendarFeed.objects.filter(digest=chance.sha256_hex(secret), ended_at__isnull=True)
    return feeds.select_related("user").first()
