"""What the marking desk and the review desk share: one takes the other's place without a page being loaded."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse

from courseware.kit.http import is_fragment, see_other


def held(request: HttpRequest) -> str:
    """Which desk's evidence the browser was sent ahead and puts in place itself (`desk-ahead.js`); "" for none."""
    return request.headers.get("X-Evidence-Held", "") if is_fragment(request) else ""


def is_ahead(request: HttpRequest) -> bool:
    """Whether only the evidence is wanted, of a desk that is not open yet."""
    return is_fragment(request) and "X-Ahead" in request.headers


def go_on(request: HttpRequest, where: str, *, is_desk: bool) -> HttpResponse:
    """On to `where` after a form was taken; by htmx to another desk without a page of its own."""
    if is_desk and is_fragment(request):
        to = {"path": where, "target": "#desk", "swap": "outerHTML show:none"}
        return HttpResponse(headers={"HX-Location": json.dumps(to)})
    return see_other(request, where)
