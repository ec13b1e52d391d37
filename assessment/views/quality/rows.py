"""What the quality views share."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from courseware.kit.verdict import Verdict


def sent(request: HttpRequest) -> Any:
    """What a form sent, or None for a page that is only read."""
    return request.POST if request.method == "POST" else None


def for_whom(verdict: Verdict) -> Verdict:
    """`verdict`; a page for an act that is not this person's at all is refused (403), one not open now is shown."""
    if verdict.kind == "not_yours":
        verdict.require()
    return verdict
