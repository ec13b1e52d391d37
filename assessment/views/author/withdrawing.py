"""Withdrawing an edition: it is taught no more."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from assessment.forms.unit_start import WithdrawForm
from content.authoring import permissions
from content.authoring.editions import withdraw_edition
from content.models import UnitEdition
from courseware.kit.http import see_other, show
from courseware.people.views import person
from courseware.people.views.members import attempt


@login_required
@require_http_methods(["GET", "POST"])
def edition_withdraw(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Have an edition of one's centre taught no more, and say why."""
    permissions.can_write_some_units(person(request)).require()
    usable = UnitEdition.objects.usable_in(permissions.centres_written_for(person(request)))
    edition = get_object_or_404(usable.select_related("unit", "specification"), uid=uid)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():  # the verb asks by itself, and answers a second click as the first
        status = attempt(
            form,
            lambda sent: withdraw_edition(by=person(request), edition=edition, reason=sent["reason"], key=form.once),
        )
        if not status:
            messages.success(request, f"Edition {edition.number} is withdrawn.")
            return see_other(request, reverse("unit-editions", args=[edition.unit.uid]))
    else:
        permissions.can_withdraw(person(request), edition).require()
        status = 422 if form.is_bound else 200
    return show(request, "author/withdraw.html", {"form": form, "edition": edition}, status=status)
