"""The study pages."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET

from assessment.models import LearnerUnit
from assessment.readings.criterion import criterion_page
from assessment.readings.practice import NOTHING_SENT, Sent
from assessment.readings.shell import frame_of
from assessment.readings.units import Reader, entry_page, glossary_page, picture_for, reader_of, unit_page
from assessment.workflow.looking import note_look
from courseware.kit.http import show
from courseware.kit.streaming import serve_kept_picture
from courseware.people.views import person


def reader_for(request: HttpRequest, code: str) -> Reader:
    """As whom the request reads unit `code`; Http404 for a unit that they have nothing to do with."""
    return reader_of(frame_of(request), code, request.GET.get("in", ""))


def looked_at(request: HttpRequest, *units: LearnerUnit | None) -> None:
    """Keep that their learner looks at learner-units of the frame, so that the next visit can say what is new."""
    note_look(person(request), [(unit, unit.looked_at) for unit in units if unit])  # type: ignore[attr-defined]  # annotated


@login_required
@require_GET
def unit_map(request: HttpRequest, code: str) -> HttpResponse:
    """The unit: its outcomes and criteria, with my status on each."""
    page = unit_page(reader_for(request, code))
    looked_at(request, page.reader.learner_unit)
    return show(request, "units/map.html", {"page": page})


@login_required
@require_GET
def criterion(request: HttpRequest, code: str, number: str) -> HttpResponse:
    """One criterion: the lesson, my evidence and my feedback."""
    name, _, path = request.GET.get("at", "").replace("\0", "")[:60].partition(".")
    sent = Sent(name, {"path": path} if path else {}) if name else NOTHING_SENT
    page = criterion_page(reader_for(request, code), number, sent)
    looked_at(request, page.reader.learner_unit)
    return show(request, "units/criterion.html", {"page": page})


@login_required
@require_GET
def glossary(request: HttpRequest, code: str) -> HttpResponse:
    """The unit's words."""
    find = request.GET.get("q", "").replace("\0", "").strip()[:80]
    return show(request, "units/glossary.html", {"page": glossary_page(reader_for(request, code), find)})


@login_required
@require_GET
def glossary_term(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """One word of the unit."""
    return show(request, "units/term.html", {"page": entry_page(reader_for(request, code), slug)})


@login_required
@require_GET
def unit_picture(request: HttpRequest, code: str, name: str) -> HttpResponseBase:
    """A picture that a lesson of the unit shows, for whoever reads the unit."""
    picture = picture_for(frame_of(request), code, name.replace("\0", ""), request.GET.get("v", "").replace("\0", ""))
    return serve_kept_picture(request, picture.digest, bytes(picture.data))


urlpatterns: list[URLPattern] = [
    path("units/<slug:code>/", unit_map, name="unit-map"),
    path("units/<slug:code>/glossary/", glossary, name="glossary"),
    path("units/<slug:code>/glossary/<slug:slug>/", glossary_term, name="glossary-term"),
    path("units/<slug:code>/pictures/<str:name>", unit_picture, name="unit-picture"),
    path("units/<slug:code>/<str:number>/", criterion, name="criterion"),
]
