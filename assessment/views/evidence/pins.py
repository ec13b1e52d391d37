"""Pins and notes in place: the learner's page for pinning, and the notes that a tutor pins on the desk."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessment.forms.evidence import RemoveForm
from assessment.forms.pins import NoteForm, PinForm
from assessment.models import EvidenceLink, EvidenceVersion, NoteDraft, Pin, Submission
from assessment.readings import pinning as reading
from assessment.readings.inside import words_of
from assessment.workflow import drafts, previews
from assessment.workflow import pins as workflow
from assessment.workflow.access import note_access, open_bytes
from content.models import Criterion
from courseware.kit.http import is_fragment, see_other, show
from courseware.kit.verdict import NotNow
from courseware.people.views import person

from .files import tries, visible_version


@login_required
@require_http_methods(["GET", "POST"])
def evidence_pins(request: HttpRequest, version: uuid.UUID) -> HttpResponse:
    """Pin places of a version: its viewer, the pins that are there, and the form for another."""
    row = visible_version(request, version)
    by = person(request)
    page = reading.pin_page(by, row)
    form = None
    if request.method == "POST":
        form = PinForm(request.POST, place=page.shown.places, auto_id=f"{page.shown.anchor}-%s")
        if form.is_valid():
            link = _link(row, form.cleaned_data["link"])
            try:
                pin = workflow.add_pin(by=by, link=link, spot=form.spot, says=form.cleaned_data["says"])
            except NotNow as refused:
                form.add_error(None, refused.reason)
            else:
                messages.success(request, f"Pinned for {link.criterion.number}: {pin.words_of(vars(pin))}.")
                return see_other(request, reverse("evidence-pins", args=[row.uid]))
    context = {"page": page, "shown": page.shown, "form": form}
    return show(request, "evidence/pins.html", context, status=422 if form else 200)


def _link(version: EvidenceVersion, uid: uuid.UUID) -> EvidenceLink:
    found: EvidenceLink = get_object_or_404(
        EvidenceLink.objects.select_related("criterion").order_by(), version=version, uid=uid
    )
    return found


def _asked(request: HttpRequest) -> None:
    """Raises NotNow for a POST that no form of ours made."""
    if not RemoveForm(request.POST).is_valid():
        raise NotNow("This form is not whole. Open the page again.")


@login_required
@require_POST
def pin_remove(request: HttpRequest, pin: uuid.UUID) -> HttpResponse:
    """Take a pin away."""
    by = person(request)
    rows = Pin.objects.visible_to(by).select_related("link__version")
    found = get_object_or_404(rows.order_by(), uid=pin)
    _asked(request)
    workflow.remove_pin(by=by, pin=found)
    messages.success(request, "The pin is removed.")
    return see_other(request, reverse("evidence-pins", args=[found.link.version.uid]))


def _on_desk(request: HttpRequest, submission: uuid.UUID, number: str) -> tuple[Submission, Criterion]:
    """A submission that a member of staff may know of, and the criterion that it claims by this number."""
    rows = Submission.objects.visible_to(person(request)).exclude(learner_unit__learner__user=person(request))
    found = get_object_or_404(rows.select_related("learner_unit__learner", "learner_unit__centre"), uid=submission)
    claim = get_object_or_404(found.claims.select_related("criterion").order_by(), criterion__number=number)
    return found, claim.criterion


@login_required
@require_http_methods(["GET", "POST"])
def note_save(request: HttpRequest, version: uuid.UUID, submission: uuid.UUID, number: str) -> HttpResponse:
    """Pin a note for the decision on a criterion; for htmx the viewer comes back with it, else the desk.

    A GET is the viewer with the form for a note: what the desk takes in when a version was not prepared before.
    """
    by = person(request)
    handed_in, criterion = _on_desk(request, submission, number)
    row = visible_version(request, version)
    if request.method == "GET":
        return _note_page(request, handed_in, criterion, row, None)
    shown = reading.on_desk(by, row.uid, handed_in, criterion)
    form = NoteForm(request.POST, place=shown.places, auto_id=f"{shown.anchor}-%s")
    if form.is_valid():
        try:
            workflow.save_note(
                by=by,
                submission=handed_in,
                criterion=criterion,
                version=row,
                spot=form.spot,
                text=form.cleaned_data["text"],
            )
        except NotNow as refused:
            form.add_error(None, refused.reason)
        else:
            drafts.clear_draft(by, reading.note_about(row.uid, criterion))
            return _after_note(request, handed_in, criterion, row, used=True)
    return _note_page(request, handed_in, criterion, row, form)


def _after_note(
    request: HttpRequest,
    submission: Submission,
    criterion: Criterion,
    version: EvidenceVersion,
    *,
    used: bool = False,
) -> HttpResponse:
    if is_fragment(request):
        return _note_page(request, submission, criterion, version, None, used=used)
    desk = reverse("marking-desk", args=[submission.uid, criterion.number])
    return see_other(request, f"{desk}#version-{version.uid}")


def _note_page(
    request: HttpRequest,
    submission: Submission,
    criterion: Criterion,
    version: EvidenceVersion,
    form: Any,
    *,
    used: bool = False,
) -> HttpResponse:
    by = person(request)
    note_access(by, [version], quietly=request.method == "POST" or is_fragment(request))
    shown = reading.on_desk(by, version.uid, submission, criterion, used=used)
    context = {"shown": shown, "submission": submission, "criterion": criterion, "form": form, "tries": tries(request)}
    status = 422 if form else 200
    return show(request, "evidence/note.html", context, part="evidence/_version.html", status=status)


@login_required
@require_POST
def note_remove(request: HttpRequest, note: uuid.UUID) -> HttpResponse:
    """Take one's own note away, before its decision is made."""
    by = person(request)
    rows = NoteDraft.objects.filter(user=by).select_related("submission__learner_unit", "criterion", "version")
    found = rows.order_by().filter(uid=note).first()
    if found is None:
        raise Http404
    _asked(request)
    submission, criterion = _on_desk(request, found.submission.uid, found.criterion.number)
    workflow.remove_note(by=by, note=found.uid)
    return _after_note(request, submission, criterion, visible_version(request, found.version.uid))


@login_required
@require_safe
def version_words(request: HttpRequest, version: uuid.UUID, page: int) -> HttpResponseBase:
    """The words of a page of a document as text that wraps, for small screens and for those who do not see it."""
    row = visible_version(request, version)
    open_bytes(person(request), row, "shown", quietly=True)
    words = words_of(row, page)
    if not words:
        raise Http404
    context = {"version": row, "page": page, "words": words}
    return show(request, "evidence/words.html", context, part="evidence/_words.html")


@login_required
@require_POST
def version_prepare(request: HttpRequest, version: uuid.UUID) -> HttpResponse:
    """Have a version prepared for showing once more."""
    row = visible_version(request, version)
    previews.prepare_again(by=person(request), version=row)
    return see_other(request, reverse("evidence-version", args=[row.uid]))
