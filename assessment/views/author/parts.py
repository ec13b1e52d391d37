"""What a draft is made of: a criterion, an outcome or a glossary put in, and a file taken out."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from assessment.forms.author import CriterionForm, GlossaryForm, OutcomeForm, RemoveForm
from content.authoring import numbering, permissions, structure
from content.authoring.pages import label_of
from content.authoring.writing import texts_of
from content.models import DraftFile, UnitDraft
from courseware.kit.forms import PlainForm
from courseware.kit.http import SeeOther, show
from courseware.kit.verdict import NotNow
from courseware.people.views import person

from .drafts import draft_of


@login_required
@require_http_methods(["GET", "POST"])
def criterion_add(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Put in one more criterion, at any place."""
    draft = draft_of(request, uid)
    form = CriterionForm(_sent(request), places=numbering.places_in(texts_of(draft)))
    return _add(request, draft, form, "criterion", structure.add_criterion)


@login_required
@require_http_methods(["GET", "POST"])
def outcome_add(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Put in one more learning outcome, at any place."""
    draft = draft_of(request, uid)
    form = OutcomeForm(_sent(request), places=numbering.outcome_places_in(texts_of(draft)))
    return _add(request, draft, form, "outcome", structure.add_outcome)


@login_required
@require_http_methods(["GET", "POST"])
def glossary_add(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Begin the unit's glossary."""
    return _add(request, draft_of(request, uid), GlossaryForm(_sent(request)), "glossary", structure.add_glossary)


def _add(
    request: HttpRequest, draft: UnitDraft, form: PlainForm, what: str, act: Callable[..., DraftFile]
) -> HttpResponse:
    """Show `form`, or have `act` do what it says: the fields are named as `act` wants them."""
    permissions.can_edit(request.user, draft).require()
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                sent = {name: value for name, value in form.cleaned_data.items() if name != "key"}
                row = act(by=person(request), draft=draft, **sent)
            except NotNow as refused:
                form.add_error(None, refused.reason)
                status = refused.status
            except ValidationError as wrong:
                form.add_error(None, wrong)
            else:
                messages.success(request, f"{label_of(row.path)} is in the draft.")
                return SeeOther(reverse("draft-file", args=(draft.uid, row.path)))
    return show(request, "author/add.html", {"draft": draft, "form": form, "what": what}, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def part_remove(request: HttpRequest, uid: uuid.UUID, file: str) -> HttpResponse:
    """Take a file out of the draft, and what goes with it, after everything that follows from it was said."""
    draft = draft_of(request, uid)
    permissions.can_edit(request.user, draft).require()
    if not draft.files.filter(path=file).exists():
        if request.method == "GET":
            raise Http404
        messages.info(request, "It is not in the draft any more.")  # the same button before, or somebody else's
        return SeeOther(reverse("unit-draft", args=(draft.uid,)))
    removal = structure.removal_of(draft, file)
    form, status, told = RemoveForm(_sent(request), initial={"seen": removal.seen}), 200, ""
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                structure.remove_part(by=person(request), draft=draft, path=file, seen=form.cleaned_data["seen"])
            except NotNow as refused:
                form, status, told = RemoveForm(initial={"seen": removal.seen}), refused.status, refused.reason
            else:
                messages.success(request, f"{removal.label} is removed from the draft.")
                return SeeOther(reverse("unit-draft", args=(draft.uid,)))
    context = {"removal": removal, "draft": draft, "form": form, "told": told}
    return show(request, "author/remove.html", context, status=status)


def _sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None
