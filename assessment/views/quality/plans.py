"""Views: what waits in quality assurance, and sampling plans from draft to complete."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from assessment.forms.learner_units import ActForm
from assessment.forms.quality import ApproveForm, RulesForm, rules_of
from assessment.models import Cohort, SamplePlan, SamplingStrategy
from assessment.permissions import quality as may
from assessment.readings.quality import overview as front
from assessment.readings.quality import plans as readings
from assessment.readings.quality.script import frame_name, script_name, strata_name, whole_script
from assessment.workflow import quality
from assessment.workflow.strategy import strategy_for, strategy_of, with_newest_strategy
from courseware.kit.http import see_other, show
from courseware.kit.words import how_many
from courseware.people.views import person

from .rows import for_whom, sent


@login_required
@require_GET
def quality_page(request: HttpRequest) -> HttpResponse:
    """What waits for the IQA, the plans, and what no plan covers."""
    found = front.overview(person(request), request.session.get("centre"), request.GET.get("page", 1))
    return show(request, "quality/page.html", {"page": found})


def _plan(request: HttpRequest, uid: uuid.UUID, *, texts: bool = False) -> SamplePlan:
    return get_object_or_404(readings.plans_for(person(request), texts=texts), uid=uid)


def _address(plan: SamplePlan) -> str:
    return reverse("plan", args=(plan.uid,))


@login_required
@require_http_methods(["GET", "POST"])
def plan_add(request: HttpRequest, cohort: uuid.UUID) -> HttpResponse:
    """Draft a plan for a cohort; a second button only counts the units of the period."""
    user = person(request)
    row = get_object_or_404(Cohort.objects.visible_to(user).select_related("centre", "specification"), uid=cohort)
    for_whom(may.can_draft_plan(user, row))
    begins, ends = readings.first_period(row)
    rules = strategy_of(row.centre_id)
    first = {"stage": "summative", "period_from": begins, "period_until": ends, "method": "sure"}
    first |= {"confidence": rules.confidence, "tolerable": rules.tolerable}
    form = _rules_form(request, row, first)
    if _is_meant(request) and form.is_valid():
        plan = quality.draft_plan(by=user, cohort=row, rules=form.rules, key=form.once)
        messages.success(request, f"Drafted: a sampling plan for {row.name}. The lead IQA approves it.")
        return see_other(request, _address(plan))
    return _rules_page(request, form, row, None, rules)


@login_required
@require_http_methods(["GET", "POST"])
def plan_change(request: HttpRequest, plan: uuid.UUID) -> HttpResponse:
    """Change a drafted plan."""
    row = get_object_or_404(with_newest_strategy(readings.plans_for(person(request))), uid=plan)
    verdict = for_whom(may.can_change_plan(person(request), row))
    form = _rules_form(request, row.cohort, rules_of(row, quality.rules_digest(row)))
    if _is_meant(request) and form.is_valid():
        seen = form.cleaned_data["seen"]
        quality.change_plan(by=person(request), plan=row, rules=form.rules, seen=seen, key=form.once)
        messages.success(request, f"Changed: the sampling plan for {row.cohort.name}.")
        return see_other(request, _address(row))
    verdict.require()
    return _rules_page(request, form, row.cohort, row, strategy_for(row))


def _is_meant(request: HttpRequest) -> bool:
    """Whether the form is to be taken, not only counted."""
    return request.method == "POST" and "count" not in request.POST


def _rules_form(request: HttpRequest, cohort: Cohort, initial: dict[str, Any]) -> RulesForm:
    return RulesForm(
        sent(request),
        initial=initial,
        tutors=readings.tutors_of(cohort),
        reviewers=may.reviewers_in(cohort.centre_id),
    )


def _rules_page(
    request: HttpRequest, form: RulesForm, cohort: Cohort, plan: SamplePlan | None, strategy: SamplingStrategy
) -> HttpResponse:
    """The form with how many units its period holds now, and what the sample would prove, as far as both are told.

    `strategy`: the version in force, which a plan takes when it is drafted or changed.
    """
    if form.is_bound:
        form.is_valid()
        if not _is_meant(request):
            form.forget_all_but("period_from", "period_until", "confidence", "tolerable")
    asked = form.as_plan(cohort, strategy)
    population, proved = readings.what_if(asked) if asked else (None, None)
    context = {
        "form": form,
        "cohort": cohort,
        "plan": plan,
        "population": population,
        "proves": proved,
        "interim": asked is not None and asked.stage == "interim",
        "strategy": strategy,
        "share_of": -(-(population or 0) * strategy.interim // 100),
        "begins": asked.period_from if asked else None,
        "ends": asked.period_until if asked else None,
    }
    return show(request, "quality/plan_form.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def plan(request: HttpRequest, plan: uuid.UUID) -> HttpResponse:
    """One plan: its rules, and once approved its draw."""
    row = _plan(request, plan)
    page = readings.plan_page(person(request), row, request.GET.get("page", 1))
    return show(request, "quality/plan.html", {"page": page})


@login_required
@require_http_methods(["GET", "POST"])
def plan_approve(request: HttpRequest, plan: uuid.UUID) -> HttpResponse:
    """Ask once more, then freeze the population and draw."""
    row = _plan(request, plan)
    form = ApproveForm(sent(request), initial={"seen": quality.rules_digest(row)})
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["seen"]
        fact = quality.approve_plan(by=person(request), plan=row, seen=seen, key=form.once)
        units = how_many(fact.drawn, "unit is", "units are")
        messages.success(
            request, f"Approved: {units.lower()} drawn of {len(fact.population.split())} for {row.cohort.name}."
        )
        return see_other(request, _address(row))
    page = readings.plan_page(person(request), row)
    for_whom(page.can_approve)
    return show(request, "quality/approve.html", {"page": page, "form": form}, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "POST"])
def plan_complete(request: HttpRequest, plan: uuid.UUID) -> HttpResponse:
    """Ask once more, naming who becomes achieved, then complete the plan."""
    row = _plan(request, plan, texts=True)
    form = ActForm(sent(request))
    if request.method == "POST" and form.is_valid():
        fact = quality.complete_plan(by=person(request), plan=row, key=form.once)
        released = fact.plan.releases.filter(item=None).count()
        units = how_many(released, "unit that was not drawn is", "units that were not drawn are")
        messages.success(request, f"Completed: the plan for {row.cohort.name}. {units} achieved now.")
        return see_other(request, _address(row))
    verdict = for_whom(may.can_complete_plan(person(request), row))
    context = {"plan": row, "does": readings.completing(row), "verdict": verdict, "form": form}
    return show(request, "quality/complete.html", context, status=422 if form.is_bound else 200)


@login_required
@require_GET
def plan_strata(request: HttpRequest, plan: uuid.UUID) -> HttpResponse:
    """Who signed off which unit of the frozen population, as a file; none before approval."""
    row = _plan(request, plan, texts=True)
    if not hasattr(row, "approval"):
        raise Http404
    return _as_file(row.approval.strata, strata_name(row))


@login_required
@require_GET
def plan_script(request: HttpRequest, plan: uuid.UUID) -> HttpResponse:
    """The commands that draw the sample again, with all that was added since; none before approval."""
    row = _plan(request, plan, texts=True)
    if not hasattr(row, "approval"):
        raise Http404
    return _as_file(whole_script(row), script_name(row))


def _as_file(text: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)


@login_required
@require_GET
def plan_frame(request: HttpRequest, plan: uuid.UUID) -> HttpResponse:
    """The frozen population as a file, byte for byte what its digest was taken of; none before approval."""
    row = _plan(request, plan, texts=True)
    if not hasattr(row, "approval"):
        raise Http404
    return _as_file(row.approval.population, frame_name(row))
