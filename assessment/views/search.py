"""The search page: one box, by GET."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET

from assessment.readings.search import search
from assessment.readings.shell import frame_of
from courseware.kit.http import show


@login_required
@require_GET
def search_page(request: HttpRequest) -> HttpResponse:
    """What the reader may see of what they typed."""
    found = search(frame_of(request), request.GET.get("q", ""), request.GET.get("in", ""))
    return show(request, "search/page.html", {"search": found})


urlpatterns: list[URLPattern] = [path("search/", search_page, name="search")]
