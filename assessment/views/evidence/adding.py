"""Three ways to add evidence: write it here, send files, or name an address. With `?item=` each adds a version."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from assessment.forms import evidence as forms
from assessment.models import EvidenceItem, LearnerUnit
from assessment.readings import evidence_items as reading
from assessment.readings import uploads
from assessment.workflow import drafts
from assessment.workflow import evidence as workflow
from courseware.kit import clock, storage
from courseware.kit.editor.fields import as_preview, wants_preview
from courseware.kit.http import see_other, show
from courseware.kit.verdict import NotNow
from courseware.people.views import person

from .sending import Outcome, mapping_address, mapping_all, send_all


def _page(request: HttpRequest, uid: uuid.UUID) -> reading.AddingPage:
    """Where to add: the learner-unit of the address, and the item of the query as far as it belongs there."""
    by = person(request)
    units = LearnerUnit.objects.visible_to(by).select_related("centre", "learner")
    learner_unit = get_object_or_404(units, uid=uid)
    item = None
    if asked := request.GET.get("item"):
        items = EvidenceItem.objects.visible_to(by).filter(learner_unit=learner_unit, removed_at=None)
        item = get_object_or_404(items, uid=_uid(asked))
    criterion = request.GET.get("criterion", "").replace("\0", "")[:10]
    return reading.adding_page(by, learner_unit, item, criterion)


def _uid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)


def _save(
    request: HttpRequest,
    page: reading.AddingPage,
    form: forms.WriteForm | forms.LinkForm,
    kept: workflow.Kept,
    title: str,
) -> EvidenceItem:
    """A new item, or the next version of the page's item."""
    by = person(request)
    if page.item is not None:
        return workflow.add_version(by=by, item=page.item, kept=kept, key=form.once)
    unit = page.learner_unit
    return workflow.add_evidence(by=by, learner_unit=unit, title=title, kept=kept, **form.came_about, key=form.once)


def _to_mapping(request: HttpRequest, page: reading.AddingPage, saved: list[EvidenceItem]) -> HttpResponse:
    """On to the mapping of the first one saved; the others follow it."""
    return see_other(request, mapping_address([str(reading.newest_uid(item)) for item in saved], page.criterion))


def _told(request: HttpRequest, page: reading.AddingPage, saved: list[EvidenceItem]) -> None:
    if page.item is not None:
        messages.success(request, f"Saved: a new version of {page.item.title}.")
    elif len(saved) == 1:
        messages.success(request, f"Saved: {saved[0].title}. Say what it shows.")
    else:
        messages.success(request, f"Saved: {len(saved)} files. Say of each what it shows.")


def _context(page: reading.AddingPage, form: BaseForm, **more: Any) -> dict[str, Any]:
    query = {"criterion": page.criterion} if page.criterion else {}
    if page.item is not None:
        query["item"] = str(page.item.uid)
    return {"page": page, "form": form, "query": f"?{urlencode(query)}" if query else "", **more}


@login_required
@require_http_methods(["GET", "POST"])
def evidence_write(request: HttpRequest, learner_unit: uuid.UUID) -> HttpResponse:
    """Write a text, kept as one types; saving makes it a draft version."""
    page, by = _page(request, learner_unit), person(request)
    about = f"version-{page.item.uid}" if page.item else f"evidence-{page.learner_unit.uid}"
    since = page.latest.made_at if page.latest else None
    draft = drafts.offered(by, about, since)
    kind = forms.WriteVersionForm if page.item else forms.WriteForm
    if wants_preview(request):
        form = as_preview(kind(request.POST))
    elif request.method == "POST":
        form = kind(request.POST)
        if form.is_valid():
            try:
                kept = workflow.keep_text(by, page.learner_unit, form.cleaned_data["text"])
            except storage.NotKept as error:
                form.add_error("text", error.sentence)
            else:
                item = _save(request, page, form, kept, form.cleaned_data.get("title", ""))
                drafts.clear_draft(by, about)
                _told(request, page, [item])
                return _to_mapping(request, page, [item])
    else:
        text = draft.text or reading.text_of(page.latest)
        form = kind(initial={"text": text, "revision": draft.revision})
    context = _context(page, form, draft=draft, about=about)
    return show(request, "evidence/write.html", context, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "POST"])
def evidence_upload(request: HttpRequest, learner_unit: uuid.UUID) -> HttpResponse:
    """Add files: each is taken or refused by itself, and the refused ones are named."""
    page = _page(request, learner_unit)
    kind = forms.UploadVersionForm if page.item else forms.UploadForm
    form = kind(request.POST, request.FILES) if request.method == "POST" else kind()
    outcomes: list[Outcome] = []
    if form.is_bound and form.is_valid():
        about = form.came_about if isinstance(form, forms.UploadForm) else {}
        sent = form.cleaned_data["file"]
        outcomes = send_all(person(request), page.learner_unit, page.item, sent, form.once, about)
        saved = [outcome.item for outcome in outcomes if outcome.item is not None]
        if saved and len(saved) == len(outcomes):
            _told(request, page, saved)
            return _to_mapping(request, page, saved)
        form = kind()
    refused = [outcome for outcome in outcomes if outcome.problem]
    rows = uploads.upload_rows(person(request), page.learner_unit)
    context = _context(
        page,
        form,
        outcomes=outcomes,
        saved=[outcome for outcome in outcomes if outcome.item],
        refused=refused,
        rows=rows,
        map_all=mapping_all(rows, page.criterion),
        room=uploads.room_of(page.learner_unit),
        methods=() if page.item else uploads.WITHOUT_WITNESS,
        limit=storage.readable_size(settings.EVIDENCE_MAX_BYTES),
    )
    return show(request, "evidence/upload.html", context, status=422 if form.is_bound or refused else 200)


@login_required
@require_http_methods(["GET", "POST"])
def evidence_link(request: HttpRequest, learner_unit: uuid.UUID) -> HttpResponse:
    """Add an address, with what is there and when it was seen."""
    page = _page(request, learner_unit)
    kind = forms.LinkVersionForm if page.item else forms.LinkForm
    form = (
        kind(request.POST) if request.method == "POST" else kind(initial={"seen_on": timezone.localdate(clock.now())})
    )
    form.keep(person(request), page.item.uid if page.item else page.learner_unit.uid)
    if form.is_bound and form.is_valid():
        sent = form.cleaned_data
        try:
            kept = workflow.keep_link(person(request), page.learner_unit, sent["url"], sent["what"], sent["seen_on"])
        except NotNow as refused:
            form.add_error("seen_on" if "day" in refused.reason else None, refused.reason)
        else:
            item = _save(request, page, form, kept, sent.get("title", ""))
            form.forget(person(request))
            _told(request, page, [item])
            return _to_mapping(request, page, [item])
    return show(request, "evidence/link.html", _context(page, form), status=422 if form.is_bound else 200)
