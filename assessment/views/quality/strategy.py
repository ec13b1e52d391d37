"""Views: the sampling strategy of the centre, as a document, and its form."""

from __future__ import annotations

import uuid
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from assessment.forms.strategy import StrategyForm, first_of
from assessment.permissions import strategy as may
from assessment.permissions.quality import can_see_quality
from assessment.readings.quality import strategy as readings
from assessment.readings.quality.reports_made import made
from assessment.workflow.strategy import set_strategy, strategy_of
from courseware.kit.http import see_other, show
from courseware.people.models import Centre
from courseware.people.readings import current_centre
from courseware.people.views import person
from courseware.people.views.members import attempt

from .rows import sent


def centre_of(request: HttpRequest) -> Centre:
    """The chosen one of the centres where the person assures quality; raises NotYours."""
    can_see_quality(person(request)).require()
    return cast(Centre, current_centre(request.user, request.session.get("centre"), *may.QUALITY))


@login_required
@require_GET
def strategy(request: HttpRequest) -> HttpResponse:
    """The written strategy, made from the rules in force."""
    user, centre = person(request), centre_of(request)
    page = readings.strategy_page(user, centre)
    return show(request, "quality/strategy.html", {"page": page, "made": made(user, centre)})


@login_required
@require_http_methods(["GET", "POST"])
def strategy_change(request: HttpRequest, centre: uuid.UUID) -> HttpResponse:
    """The lead IQA sets a new version."""
    found = get_object_or_404(Centre.objects.visible_to(request.user), uid=centre)
    may.can_set_strategy(person(request), found).require()
    form = StrategyForm(sent(request), initial=first_of(strategy_of(found.pk)))
    status = 200
    if request.method == "POST":
        status = attempt(
            form,
            lambda typed: set_strategy(
                by=person(request),
                centre=found,
                rules=form.rules,
                reason=typed["reason"],
                seen=typed["seen"],
                key=form.once,
            ),
        )
        if not status:
            messages.success(request, "Set: a new version of the sampling strategy. Plans drafted from now follow it.")
            return see_other(request, reverse("strategy"))
    return show(request, "quality/strategy_change.html", {"centre": found, "form": form}, status=status)
