"""Editions of a unit: what each changed, and an older one published once more."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from assessment.forms.author import RestoreForm
from assessment.readings.lesson_practice import practice_page
from content.authoring import permissions, writing
from content.authoring.changes import edition_page
from content.models import Unit, UnitEdition
from courseware.kit.http import SeeOther, show
from courseware.kit.verdict import NotNow
from courseware.people.models import Centre
from courseware.people.views import person

from .drafts import centre_of


def _edition(centre: Centre, uid: uuid.UUID) -> UnitEdition:
    """An edition of the house or of the centre; Http404."""
    usable = Q(unit__owner__isnull=True) | Q(unit__owner=centre)
    rows = UnitEdition.objects.filter(usable).select_related("unit", "specification", "published_by", "withdrawal")
    return get_object_or_404(rows, uid=uid)


@login_required
@require_GET
def unit_editions(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Every edition of a unit that the centre can write on, the newest first."""
    centre = centre_of(request)
    unit = get_object_or_404(Unit.objects.available_to(centre), uid=uid)
    editions = unit.editions.select_related("specification", "published_by", "withdrawal").order_by("-number")
    return show(request, "author/editions.html", {"centre": centre, "unit": unit, "editions": editions})


@login_required
@require_GET
def edition_practice(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """How the lessons of an edition do among the centre's learners."""
    centre = centre_of(request)
    page = practice_page(centre, _edition(centre, uid))
    return show(request, "author/practice.html", {"page": page, "centre": centre})


@login_required
@require_http_methods(["GET", "POST"])
def unit_edition(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """What an edition changed against the one before it; one's own can be restored as the newest."""
    centre = centre_of(request)
    edition = _edition(centre, uid)
    page, status = edition_page(edition), 200
    form = RestoreForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        permissions.can_restore(request.user, centre, edition).require()
        status = 422
        if form.is_valid():
            try:
                made = writing.restore_edition(
                    by=person(request), centre=centre, edition=edition, note=form.cleaned_data["note"], key=form.once
                )
            except NotNow as refused:
                form.add_error(None, refused.reason)
                status = refused.status
            except ValidationError as wrong:
                form.add_error("note", wrong)
            else:
                said = f"The text of edition {edition.number} is published again, as edition {made.number}."
                messages.success(request, said)
                return SeeOther(reverse("unit-editions", args=(edition.unit.uid,)))
    may = bool(permissions.can_restore(request.user, centre, edition)) and not page.is_newest
    context = {"page": page, "form": form, "may": may, "withdraw": permissions.can_withdraw(request.user, edition)}
    return show(request, "author/edition.html", context, status=status)
