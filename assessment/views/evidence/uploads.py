"""What a learner does about a file that is arriving, without a script: stop it, or keep it twice."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from assessment.forms.evidence import RemoveForm, SayMethodForm
from assessment.models import Upload
from assessment.workflow import checking
from assessment.workflow import uploads as workflow
from courseware.kit.http import back_to, by_script, see_other
from courseware.people.views import person

from .tus import visible_upload


def _back(request: HttpRequest, row: Upload) -> HttpResponse:
    """To the page of files that the person came from, with its question marks, or to the unit's."""
    page = reverse("evidence-upload", args=[row.learner_unit.uid])
    came_from = back_to(request)
    ours = came_from.startswith(page) and url_has_allowed_host_and_scheme(came_from, None)
    return see_other(request, came_from if ours else page)


def _asked(request: HttpRequest, uid: uuid.UUID) -> Upload:
    """The upload that a button of the page names. Raises Http404, and BadRequest for what no button sends."""
    row = visible_upload(request, uid)
    if not RemoveForm(request.POST).is_valid():
        raise BadRequest("not sent by a button of ours")
    return row


@login_required
@require_POST
def upload_remove(request: HttpRequest, upload: uuid.UUID) -> HttpResponse:
    """Stop a file, or clear away one that was not taken."""
    row = _asked(request, upload)
    workflow.remove_upload(by=person(request), upload=row)
    messages.success(request, f"Removed: {row.file_name}. Nothing of it is kept.")
    return _back(request, row)


@login_required
@require_POST
def upload_keep(request: HttpRequest, upload: uuid.UUID) -> HttpResponse:
    """Keep a file although its bytes are in the portfolio already."""
    row = _asked(request, upload)
    checking.keep_both(by=person(request), upload=row)
    messages.success(request, f"Saved: {row.file_name}, beside the one that you had. Say what it shows.")
    return _back(request, row)


@login_required
@require_POST
def upload_method(request: HttpRequest, upload: uuid.UUID) -> HttpResponse:
    """Say how one file came about; the page's script is answered without a page."""
    row = visible_upload(request, upload)
    form = SayMethodForm(request.POST)
    if not form.is_valid():
        raise BadRequest("not sent by a row of ours")
    row = workflow.say_method(by=person(request), upload=row, method=form.cleaned_data["method"])
    if by_script(request):
        return HttpResponse(status=204)
    messages.success(request, f"{row.file_name}: {row.get_method_display()}.")
    return _back(request, row)
