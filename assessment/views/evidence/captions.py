"""Captions of a recording: adding and removing them, and the text that the player fetches."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessment.forms.evidence import CaptionForm
from assessment.models import Caption
from assessment.permissions import evidence as may
from assessment.workflow import captions as workflow
from assessment.workflow.access import open_bytes
from courseware.kit.captions import MOST_BYTES, NotCaptions, read_captions, write_webvtt
from courseware.kit.forms import PlainForm
from courseware.kit.http import see_other, show
from courseware.people.views import person

from .files import visible_version


def _caption(request: HttpRequest, uid: uuid.UUID) -> Caption:
    rows = Caption.objects.visible_to(person(request)).filter(version__item__removed_at=None)
    joined = rows.select_related("version__item", "version__learner_unit__learner", "version__learner_unit__centre")
    found: Caption = get_object_or_404(joined, uid=uid)
    return found


@login_required
@require_http_methods(["GET", "POST"])
def captions(request: HttpRequest, version: uuid.UUID) -> HttpResponse:
    """Add captions to a recording that is still a draft; what is there, and its removal."""
    row = visible_version(request, version)
    may.can_caption(person(request), row).require()
    form = CaptionForm(request.POST, request.FILES) if request.method == "POST" else CaptionForm()
    if form.is_bound and form.is_valid():
        sent = form.cleaned_data
        try:
            text = write_webvtt(read_captions(sent["file"].read(MOST_BYTES + 1)))
            workflow.add_caption(by=person(request), version=row, text=text, language=sent["language"], key=form.once)
        except NotCaptions as refused:
            form.add_error("file", refused.sentence)
        else:
            messages.success(request, f"Saved: captions of {row.item.title}.")
            return see_other(request, reverse("captions", args=[row.uid]))
    there = [
        (caption, dict(workflow.LANGUAGES)[caption.language], caption.text.count(" --> "))
        for caption in row.captions.order_by("language")
    ]
    context = {"version": row, "form": form, "there": there, "one": PlainForm(auto_id=False)}
    return show(request, "evidence/captions.html", context, status=422 if form.is_bound else 200)


@login_required
@require_safe
def caption_file(request: HttpRequest, caption: uuid.UUID) -> HttpResponse:
    """Captions as WebVTT, which we wrote ourselves; noted when staff read them."""
    row = _caption(request, caption)
    open_bytes(person(request), row.version, "shown", quietly=True)
    return HttpResponse(
        row.text, content_type="text/vtt; charset=utf-8", headers={"Cache-Control": "private, no-cache"}
    )


@login_required
@require_POST
def caption_remove(request: HttpRequest, caption: uuid.UUID) -> HttpResponse:
    """Take captions away, while the recording is a draft."""
    row, form = _caption(request, caption), PlainForm(request.POST)
    if form.is_valid():
        workflow.remove_caption(by=person(request), caption=row, key=form.once)
        messages.success(request, f"Removed: captions of {row.version.item.title}.")
    return see_other(request, reverse("captions", args=[row.version.uid]))
