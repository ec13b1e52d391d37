"""A cohort goes on with a changed specification: what it means, and the administrator's act."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods

from assessment.forms.edition_moves import MoveToEditionForm
from assessment.models import Cohort, EditionMove
from assessment.permissions.edition_moves import can_move_to_edition
from assessment.readings.edition_moves import move_page
from assessment.workflow.edition_moves import MOVED, move_cohort_to_edition
from courseware.kit.http import see_other, show
from courseware.kit.verdict import Stale
from courseware.people.views import person
from courseware.people.views.members import attempt


@login_required
@require_http_methods(["GET", "POST"])
def cohort_edition(request: HttpRequest, cohort: uuid.UUID) -> HttpResponse:
    """The specifications side by side, who goes on and who stays; then the move."""
    user = person(request)
    rows = Cohort.objects.visible_to(user).select_related("centre", "specification__unit")
    found = get_object_or_404(rows, uid=cohort)
    can_move_to_edition(user, found).require()
    sent = request.POST if request.method == "POST" else None
    wanted = (sent or request.GET).get("to", "")
    page = move_page(user, found, wanted)
    if page is None:
        return show(request, "cohorts/edition_none.html", {"cohort": found}, status=409 if sent is not None else 200)
    effect = page.effect
    first = {"name": page.name, "to": effect.edition.uid, "seen": effect.digest}
    form = MoveToEditionForm(sent, named=effect.into is not None, initial=first)
    form.keep(user, found.uid)
    status = 200
    if sent is not None:
        made: list[EditionMove] = []

        def move(told: dict[str, object]) -> None:
            if told["to"] != effect.edition.uid:
                raise Stale(MOVED)
            fact = move_cohort_to_edition(
                by=user,
                cohort=found,
                edition=effect.edition,
                name=request.POST.get("name", "").strip(),  # also of a form sent twice, when it is not asked any more
                reason=form.cleaned_data["reason"],
                seen=form.cleaned_data["seen"],
                key=form.once,
            )
            made.append(fact)

        status = attempt(form, move)
        if made:
            form.forget(user)
            to = made[0].to_cohort
            messages.success(request, f"Moved. Those who go on with the new edition are in {to.name} now.")
            return see_other(request, reverse("cohort", args=[to.uid]))
        # What is shown now is what the next press does.
        form.data = {**request.POST.dict(), "to": str(effect.edition.uid), "seen": effect.digest}
    return show(request, "cohorts/edition.html", {"page": page, "cohort": found, "form": form}, status=status)


urlpatterns: list[URLPattern] = [
    path("cohorts/<uuid:cohort>/edition/", cohort_edition, name="cohort-edition"),
]
