"""A unit's editions: what each brought, downloading one, publishing an older one again, withdrawing one."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_http_methods

from assessment.forms.unit_start import RestoreForm, WithdrawForm
from content.authoring import permissions as may
from content.authoring import writing
from content.authoring.editions import editions_of, withdraw_edition
from content.models import Unit, UnitEdition
from courseware.kit.forms import PlainForm
from courseware.kit.http import see_other, show
from courseware.people.models import Centre
from courseware.people.standing import standing_of
from courseware.people.views import person
from courseware.people.views.members import attempt


def _centres(request: HttpRequest) -> list[Centre]:
    """The centres that one writes for, the current one first. Raises NotYours when there is none."""
    may.can_write_some_units(person(request)).require()
    known = standing_of(person(request)).memberships
    centres = [known[pk].centre for pk in may.centres_written_for(person(request))]
    return sorted(centres, key=lambda one: str(one.uid) != request.session.get("centre"))


@login_required
@require_GET
def unit_editions(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Every edition of a unit of the house or of one's centre, newest first."""
    centres = _centres(request)
    known = Q(owner__isnull=True) | Q(owner__in=[one.pk for one in centres])
    unit = get_object_or_404(Unit.objects.select_related("owner").filter(known), uid=uid)
    rows, page = editions_of(unit, unit.owner or centres[0], request.GET.get("page", 1))
    if not rows:
        raise Http404
    return show(request, "author/editions.html", {"unit": unit, "rows": rows, "page": page})


def _edition(request: HttpRequest, uid: uuid.UUID) -> UnitEdition:
    """The edition of a unit of the house or of one's centre; Http404."""
    known = Q(unit__owner__isnull=True) | Q(unit__owner__in=[one.pk for one in _centres(request)])
    rows = UnitEdition.objects.select_related("unit__owner", "specification").filter(known)
    return get_object_or_404(rows, uid=uid)


def _act(
    request: HttpRequest, edition: UnitEdition, form: PlainForm, page: str, act: Callable[[dict[str, str]], str]
) -> HttpResponse:
    """Ask, or do it and go back to the list with what `act` says."""
    status = 200
    if request.method == "POST":
        said: list[str] = []
        try:
            status = attempt(form, lambda sent: said.append(act(sent)))
        except ValidationError as wrong:
            form.add_error(None, wrong)
            status = 422
        if not status:
            messages.success(request, said[0])
            return see_other(request, reverse("unit-editions", args=[edition.unit.uid]))
    return show(request, page, {"form": form, "edition": edition}, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def edition_restore(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Publish the text of an older edition as the newest."""
    edition = _edition(request, uid)
    centre = edition.unit.owner or _centres(request)[0]
    may.can_restore(person(request), centre, edition).require()
    form = RestoreForm(request.POST if request.method == "POST" else None)

    def restore(sent: dict[str, str]) -> str:
        made = writing.restore_edition(
            by=person(request), centre=centre, edition=edition, note=sent["note"], key=form.once
        )
        return f"Edition {made.number} is published with the text of edition {edition.number}."

    return _act(request, edition, form, "author/restore.html", restore)


@login_required
@require_http_methods(["GET", "POST"])
def edition_withdraw(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Have an edition taught no more."""
    edition = _edition(request, uid)
    if request.method == "GET" or "key" not in request.POST:
        may.can_withdraw(person(request), edition).require()
    form = WithdrawForm(request.POST if request.method == "POST" else None)

    def withdraw(sent: dict[str, str]) -> str:
        withdraw_edition(by=person(request), edition=edition, reason=sent["reason"], key=form.once)
        return f"Edition {edition.number} is withdrawn."

    return _act(request, edition, form, "author/withdraw.html", withdraw)


urlpatterns: list[URLPattern] = [
    path("author/units/<uuid:uid>/editions/", unit_editions, name="unit-editions"),
    path("author/editions/<uuid:uid>/restore/", edition_restore, name="edition-restore"),
    path("author/editions/<uuid:uid>/withdraw/", edition_withdraw, name="edition-withdraw"),
]
