"""The study pages."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET

from assessment.readings.criterion import criterion_page
from assessment.readings.shell import frame_of
from assessment.readings.units import Reader, glossary_page, reader_of, unit_page
from courseware.kit.http import show


def _reader(request: HttpRequest, code: str) -> Reader:
    return reader_of(frame_of(request), code, request.GET.get("in", ""))


@login_required
@require_GET
def unit_map(request: HttpRequest, code: str) -> HttpResponse:
    """The unit: its outcomes and criteria, with my status on each."""
    return show(request, "units/map.html", {"page": unit_page(_reader(request, code))})


@login_required
@require_GET
def criterion(request: HttpRequest, code: str, number: str) -> HttpResponse:
    """One criterion: the lesson, my evidence and my feedback."""
    return show(request, "units/criterion.html", {"page": criterion_page(_reader(request, code), number)})


@login_required
@require_GET
def glossary(request: HttpRequest, code: str) -> HttpResponse:
    """The unit's words."""
    return show(request, "units/glossary.html", {"page": glossary_page(_reader(request, code))})


urlpatterns: list[URLPattern] = [
    path("units/<slug:code>/", unit_map, name="unit-map"),
    path("units/<slug:code>/glossary/", glossary, name="glossary"),
    path("units/<slug:code>/<str:number>/", criterion, name="criterion"),
]
