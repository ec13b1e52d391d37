"""Views: every table of quality assurance, as a page and as a file."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET

from assessment.models import SamplePlan
from assessment.readings.quality import exports, reports_list
from assessment.readings.quality.listing import Listing, shown
from assessment.readings.quality.plans import plans_for
from courseware.kit.http import show
from courseware.kit.tables import KINDS, download
from courseware.people.models import Centre
from courseware.people.views import person


@dataclass(frozen=True)
class Found:
    """A table that was asked for. `whose`: what the file is named after; `files`: address of each kind, by its name."""

    centre: Centre
    title: str
    about: str
    listing: Listing
    whose: str
    files: dict[str, str]
    plan: SamplePlan | None = None


@login_required
@require_GET
def reports_page(request: HttpRequest) -> HttpResponse:
    """Every document and table, with what it is for."""
    page = reports_list.reports_page(person(request), request.session.get("centre"))
    return show(request, "quality/reports.html", {"page": page})


def _of_the_centre(request: HttpRequest, name: str) -> Found:
    found = exports.of_the_centre(person(request), request.session.get("centre"), name)
    if found is None:
        raise Http404
    centre, kind, listing = found
    return Found(centre, kind.title, kind.about, listing, centre.name, _files("quality-table-file", name))


def _of_a_plan(request: HttpRequest, uid: uuid.UUID, name: str) -> Found:
    plan = get_object_or_404(plans_for(person(request)), uid=uid)
    found = exports.of_a_plan(person(request), plan, name)
    if found is None:
        raise Http404
    kind, listing = found
    files = _files("plan-table-file", plan.uid, name)
    return Found(plan.centre, kind.title, kind.about, listing, plan.cohort.name, files, plan)


def _files(name: str, *of: object) -> dict[str, str]:
    return {kind: reverse(name, args=(*of, kind)) for kind in KINDS}


def _page(request: HttpRequest, found: Found) -> HttpResponse:
    rows = shown(found.listing, request.GET.get("page", 1))
    return show(request, "quality/table.html", {"table": found, "shown": rows})


def _file(found: Found, kind: str) -> HttpResponseBase:
    if kind not in KINDS:
        raise Http404
    return download(found.listing.table(found.title), kind, found.whose, found.title)


@login_required
@require_GET
def quality_table(request: HttpRequest, name: str) -> HttpResponse:
    """A table of the chosen centre, a page of it."""
    return _page(request, _of_the_centre(request, name))


@login_required
@require_GET
def quality_table_file(request: HttpRequest, name: str, kind: str) -> HttpResponseBase:
    """The same as a file, all of it."""
    return _file(_of_the_centre(request, name), kind)


@login_required
@require_GET
def plan_table(request: HttpRequest, plan: uuid.UUID, name: str) -> HttpResponse:
    """A table of one plan."""
    return _page(request, _of_a_plan(request, plan, name))


@login_required
@require_GET
def plan_table_file(request: HttpRequest, plan: uuid.UUID, name: str, kind: str) -> HttpResponseBase:
    """The same as a file."""
    return _file(_of_a_plan(request, plan, name), kind)
