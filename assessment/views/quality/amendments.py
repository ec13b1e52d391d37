"""Views: a unit added to a sample by hand, and the next unit for a learner who left."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from assessment.forms.amendments import TargetForm
from assessment.forms.learner_units import ActForm
from assessment.models import LearnerUnit
from assessment.permissions import amendments as may
from assessment.readings.quality.coverage import first_with
from assessment.readings.quality.items import items_for
from assessment.readings.quality.plans import plans_for
from assessment.workflow import amendments
from courseware.kit.http import see_other, show
from courseware.kit.verdict import not_now
from courseware.people.views import person

from .rows import for_whom, sent


@login_required
@require_GET
def plan_gap(request: HttpRequest, plan: uuid.UUID, key: str) -> HttpResponse:
    """Go to the first unit of the draw that has what the sample misses; says so when none is left."""
    user = person(request)
    row = get_object_or_404(plans_for(user), uid=plan)
    verdict = for_whom(may.can_amend_plan(user, row))
    found = first_with(row.approval, key) if verdict else None
    if found is not None:
        return see_other(request, reverse("plan-target", args=(row.uid, found)))
    verdict = verdict and not_now("No unit that has it is left to add. The next plan can cover it.")
    return show(request, "quality/amend.html", {"plan": row, "form": TargetForm(), "verdict": verdict, "gap": True})


@login_required
@require_http_methods(["GET", "POST"])
def plan_target(request: HttpRequest, plan: uuid.UUID, learner_unit: uuid.UUID) -> HttpResponse:
    """Ask for the reason, then add the unit."""
    user = person(request)
    row = get_object_or_404(plans_for(user), uid=plan)
    units = LearnerUnit.objects.filter(centre_id=row.centre_id).select_related("learner")
    unit = get_object_or_404(units, uid=learner_unit)
    form = TargetForm(sent(request))
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        amendments.add_target(by=user, plan=row, learner_unit=unit, reason=reason, key=form.once)
        messages.success(request, f"Added to the sample: the unit of {unit.learner.name}.")
        return see_other(request, reverse("plan", args=(row.uid,)))
    context = {"plan": row, "form": form, "verdict": for_whom(may.can_add_target(user, row, unit)), "target": unit}
    return show(request, "quality/amend.html", context, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "POST"])
def item_substitute(request: HttpRequest, item: uuid.UUID) -> HttpResponse:
    """Ask once more, then draw the next unit."""
    user = person(request)
    row = get_object_or_404(items_for(user).select_related("plan__cohort", "substitution"), uid=item)
    form = ActForm(sent(request))
    if request.method == "POST" and form.is_valid():
        amendments.add_substitute(by=user, item=row, key=form.once)
        messages.success(request, f"Drawn: the next unit, in place of {row.learner_unit.learner.name}.")
        return see_other(request, reverse("plan", args=(row.plan.uid,)))
    context = {"plan": row.plan, "form": form, "verdict": for_whom(may.can_add_substitute(user, row)), "item": row}
    return show(request, "quality/amend.html", context, status=422 if form.is_bound else 200)
