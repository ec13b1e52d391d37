"""Publishing a draft: what changes, for whom, and the note that stands with the edition."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from assessment.forms.author import PublishForm
from assessment.permissions import cohorts as may
from assessment.readings.editions import taught_by
from content.authoring import permissions, writing
from content.authoring.changes import changes_of, effect_of
from content.authoring.pages import draft_page
from content.models import UnitDraft, UnitEdition
from content.schema import FaultyUnit
from courseware.kit.http import SeeOther, show
from courseware.kit.verdict import NotNow
from courseware.people.views import person

from .drafts import draft_of


@login_required
@require_http_methods(["GET", "POST"])
def draft_publish(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """What would change and for whom; then the new edition."""
    draft = draft_of(request, uid)
    permissions.can_edit(request.user, draft).require()
    if request.method == "GET":
        return _page(request, draft, None)
    form = PublishForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            edition = _publish(request, draft, form)
        except NotNow as refused:
            form.add_error(None, refused.reason)
            status = refused.status
        except ValidationError as wrong:
            form.add_error(None, wrong)
        except FaultyUnit:
            form.add_error(None, "Something in the draft is wrong. Mend it first; nothing was published.")
        else:
            form.keep(person(request), draft.uid)
            form.forget(person(request))
            messages.success(request, f"Edition {edition.number} of unit {draft.code} is published.")
            return SeeOther(reverse("unit-draft", args=(draft.uid,)))
    return _page(request, draft, form, status)


def _publish(request: HttpRequest, draft: UnitDraft, form: PublishForm) -> UnitEdition:
    sent = form.cleaned_data
    return writing.publish_draft(by=person(request), draft=draft, note=sent["note"], seen=sent["seen"], key=form.once)


def _page(request: HttpRequest, draft: UnitDraft, form: PublishForm | None, status: int = 200) -> HttpResponse:
    page = draft_page(draft)
    effect = effect_of(page)
    if form is None:
        form = PublishForm(initial={"seen": page.state})
    else:  # what is shown now is what the next press publishes
        form.data = {**request.POST.dict(), "seen": page.state}
    form.keep(person(request), draft.uid)
    context = {
        "page": page,
        "form": form,
        "changes": changes_of(page),
        "effect": effect,
        "taught": taught_by(draft, effect.follows),
        "administers": may.can_manage_cohorts(person(request), draft.centre),
    }
    return show(request, "author/publish.html", context, status=status)
