"""The gallery: every component of the house in every state, for staff who look after its pages."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from courseware.kit.gallery import examples
from courseware.kit.http import show
from courseware.people import permissions as may

from . import person


@login_required
@require_GET
def gallery(request: HttpRequest) -> HttpResponse:
    """All components on one page, made of their own templates."""
    may.can_see_gallery(person(request)).require()
    return show(request, "gallery/page.html", examples())
