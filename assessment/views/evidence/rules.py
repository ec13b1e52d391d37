"""The administrator's page of what the centre takes as evidence."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from assessment.forms.evidence_rules import EvidenceRulesForm
from assessment.permissions import uploads as may
from assessment.readings.uploads import rules_page
from assessment.workflow.evidence_rules import set_evidence_rules
from courseware.kit import filekinds
from courseware.kit.http import see_other, show
from courseware.people.models import Centre
from courseware.people.views import person
from courseware.people.views.members import attempt


@login_required
@require_http_methods(["GET", "POST"])
def evidence_rules(request: HttpRequest, centre: uuid.UUID) -> HttpResponse:
    """Say which files the centre takes, how much of them, and whether its tutors tick VARCS."""
    found = get_object_or_404(Centre.objects.visible_to(request.user), uid=centre)
    may.can_set_evidence_rules(person(request), found).require()
    page = rules_page(found)
    initial = {"seen": page.seen, "taken": page.taken, "quota_mb": page.quota_mb, "varcs": page.varcs}
    form = EvidenceRulesForm(request.POST if request.method == "POST" else None, initial=initial)
    status = 200
    if request.method == "POST":
        status = attempt(
            form,
            lambda sent: set_evidence_rules(
                by=person(request),
                centre=found,
                not_taken=[key for key in filekinds.KINDS if key not in sent["taken"]],
                quota_mb=sent["quota_mb"],
                varcs=sent["varcs"],
                seen=sent["seen"],
                key=form.once,
            ),
        )
        if not status:
            messages.success(request, f"Kept: what {found.name} takes as evidence, from now on.")
            return see_other(request, "member-list")
    return show(request, "evidence/rules.html", {"form": form, "page": page}, status=status)
