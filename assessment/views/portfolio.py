"""The learner's portfolio."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET

from assessment.readings.portfolio import portfolio_page
from assessment.readings.shell import frame_of
from courseware.kit.http import show

from .units import looked_at


@login_required
@require_GET
def portfolio(request: HttpRequest) -> HttpResponse:
    """All my evidence, the criteria map with its gaps, and every hand-in."""
    frame = frame_of(request)
    page = portfolio_page(frame)
    looked_at(request, *frame.learner_units)
    return show(request, "portfolio/page.html", {"portfolio": page})


urlpatterns: list[URLPattern] = [path("portfolio/", portfolio, name="portfolio")]
