"""The views to compare with: one that does nothing, and plain ones as a Django tutorial would write them."""

from __future__ import annotations

from django import forms
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from assessment.models import Body, Cohort, CriterionStatus, Decision, Draft, LearnerUnit, Submission
from courseware.people.models import Membership


@login_required
def nothing(request: HttpRequest) -> HttpResponse:
    """Who is asking, and no more."""
    return HttpResponse(f"<p>{request.user.pk}</p>")


@login_required
def plain(request: HttpRequest) -> HttpResponse:
    """Six simple queries beside session and account, `rows` rows in a table, and `text` characters of prose."""
    member = Membership.objects.filter(user=request.user).select_related("centre").order_by("pk")[0]
    cohort = Cohort.objects.filter(centre=member.centre).select_related("specification__unit").order_by("pk")[0]
    learner_units = LearnerUnit.objects.filter(cohort=cohort)
    context = {
        "member": member,
        "cohort": cohort,
        "learners": learner_units.count(),
        "submissions": Submission.objects.filter(learner_unit__in=learner_units.order_by("pk")[:50]).count(),
        "drafts": list(Draft.objects.filter(user=request.user).order_by("pk")),
        "rows": CriterionStatus.objects.filter(learner_unit__cohort=cohort)
        .select_related("learner_unit__learner", "criterion")
        .order_by("pk")[: int(request.GET["rows"])],
        "text": "It is so, and here is why. " * (int(request.GET["text"]) // 27),
    }
    return render(request, "bench/plain.html", context)


class SaveForm(forms.Form):
    """As many fields as a decision has."""

    outcome = forms.ChoiceField(choices=[("met", "Met"), ("not_yet_met", "Not yet met")])
    feedback = forms.CharField(widget=forms.Textarea)
    learner_unit = forms.UUIDField()
    submission = forms.UUIDField()
    criterion = forms.UUIDField()


@login_required
def save(request: HttpRequest) -> HttpResponse:
    """Six simple queries, a form, three rows written and two changed in a transaction, and a redirect."""
    form = SaveForm(request.POST)
    if not form.is_valid():
        return render(request, "bench/plain.html", status=422)
    sent = form.cleaned_data
    member = Membership.objects.filter(user=request.user).select_related("centre").order_by("pk")[0]
    with transaction.atomic():
        unit = LearnerUnit.objects.select_for_update().get(uid=sent["learner_unit"])
        submission = Submission.objects.get(uid=sent["submission"], learner_unit=unit)
        status = CriterionStatus.objects.get(learner_unit=unit, criterion__uid=sent["criterion"])
        Decision.objects.filter(submission=submission).count()
        for number in range(3):
            Body.objects.create(centre=member.centre, text=f"{sent['feedback']} {number}", salt="0" * 32)
        LearnerUnit.objects.filter(pk=unit.pk).update(joined_at=unit.joined_at)
        CriterionStatus.objects.filter(pk=status.pk).update(status=status.status)
    return redirect("today")
