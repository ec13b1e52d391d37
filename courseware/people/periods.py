"""From and until: the one reading of `starts_at` and `ends_at`."""

from __future__ import annotations

from django.db.models import Q

from courseware.kit import clock


def in_force(prefix: str = "") -> Q:
    """Rows whose `starts_at`, `ends_at` hold the present instant; `prefix` reaches them over a relation."""
    now = clock.now()
    return Q(**{f"{prefix}starts_at__lte": now}) & (
        Q(**{f"{prefix}ends_at__isnull": True}) | Q(**{f"{prefix}ends_at__gt": now})
    )
