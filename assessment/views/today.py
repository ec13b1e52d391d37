"""The landing page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET

from assessment.readings.shell import frame_of
from assessment.readings.today import today_page
from courseware.kit.http import show


@login_required
@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """What waits for me, in order, and one click to each."""
    return show(request, "today/page.html", {"today": today_page(frame_of(request))})


urlpatterns: list[URLPattern] = [path("", today, name="today")]
