"""What waits for a tutor."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from assessment.readings import marking, marking_desk
from assessment.readings.marking_line import Filters
from courseware.kit.http import show
from courseware.people.views import person

from .rows import unit_handing_in, with_query


@login_required
@require_GET
def marking_page(request: HttpRequest) -> HttpResponse:
    """The queue, oldest first, and what else waits for this person."""
    queue = marking.queue(person(request), Filters.of(request.GET), request.GET.get("page", 1))
    return show(request, "marking/queue.html", {"queue": queue})


@login_required
@require_GET
def marking_start(request: HttpRequest, submission: uuid.UUID) -> HttpResponse:
    """To the first criterion of a submission that waits for a decision, else to its first."""
    unit = unit_handing_in(request, submission)
    number = marking_desk.first_to_decide(unit, submission)
    return HttpResponseRedirect(with_query(reverse("marking-desk", args=(submission, number)), request))
