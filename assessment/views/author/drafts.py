"""The author's list of units, and one draft at a glance."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessment.forms.cohorts import uid_or_none
from content.authoring import permissions, writing
from content.authoring.listing import author_page
from content.authoring.pages import draft_page
from content.models import UnitDraft, UnitEdition
from courseware.kit.forms import PlainForm
from courseware.kit.http import SeeOther, show
from courseware.kit.verdict import NotYours
from courseware.people.models import Centre
from courseware.people.standing import standing_of
from courseware.people.views import person
from courseware.people.views.members import attempt


def draft_of(request: HttpRequest, uid: uuid.UUID) -> UnitDraft:
    """The draft with this uid in a centre that one writes for; Http404."""
    rows = UnitDraft.objects.visible_to(person(request)).select_related("centre", "base__unit", "base__specification")
    return get_object_or_404(rows, uid=uid)


def centre_of(request: HttpRequest) -> Centre:
    """The chosen centre, if one writes for it, else the first that one does. Raises NotYours."""
    permissions.can_write_some_units(request.user).require()
    known = standing_of(request.user).memberships
    centres = [known[pk].centre for pk in permissions.centres_written_for(request.user)]
    return next((one for one in centres if str(one.uid) == request.session.get("centre")), centres[0])


@login_required
@require_GET
def author(request: HttpRequest) -> HttpResponse:
    """The units that the chosen centre can write on, and its drafts."""
    return show(
        request, "author/list.html", {"page": author_page(centre_of(request)), "begin": PlainForm(auto_id=False)}
    )


@login_required
@require_POST
def draft_begin(request: HttpRequest) -> HttpResponse:
    """Begin to write on an edition, or go on with the draft that there is."""
    centre = get_object_or_404(Centre.objects.visible_to(request.user), uid=uid_or_none(request.POST.get("centre")))
    permissions.can_write_units(request.user, centre).require()
    editions = UnitEdition.objects.select_related("unit", "specification")
    edition = get_object_or_404(editions, uid=uid_or_none(request.POST.get("edition")))
    try:
        draft = writing.begin_draft(by=person(request), centre=centre, edition=edition)
    except NotYours:
        return show(request, "404.html", {}, status=404)
    return SeeOther(reverse("unit-draft", args=(draft.uid,)))


@login_required
@require_GET
def unit_draft(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """A draft: its files, what is wrong, what differs from the edition."""
    return show(request, "author/draft.html", {"page": draft_page(draft_of(request, uid))})


@login_required
@require_http_methods(["GET", "POST"])
def draft_put_away(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Stop writing a draft."""
    draft = draft_of(request, uid)
    permissions.can_edit(request.user, draft).require()
    form = PlainForm(request.POST if request.method == "POST" else None, auto_id=False)
    if request.method == "POST":
        status = attempt(form, lambda _: writing.put_away(by=person(request), draft=draft))
        if not status:
            messages.success(request, f"The draft of unit {draft.code} is put away. Nothing published has changed.")
            return SeeOther(reverse("author"))
        return show(request, "author/put_away.html", {"draft": draft, "form": form}, status=status)
    return show(request, "author/put_away.html", {"draft": draft, "form": form})
