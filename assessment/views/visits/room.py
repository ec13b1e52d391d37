"""Views: the room of a visit, for its EQA, and for the centre's quality assurers as far as it is theirs to see."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from assessment.forms.learner_units import ActForm
from assessment.forms.visits import AskForm, NoteEditForm, NoteForm, ShareForm
from assessment.models import Visit, VisitNote
from assessment.permissions import visits as may
from assessment.readings import visits as readings
from assessment.readings.visit_pack import pack_of
from assessment.views.quality.rows import sent
from assessment.workflow import room as workflow
from courseware.kit.forms import PlainForm
from courseware.kit.http import see_other, show
from courseware.people.views import person
from courseware.people.views.members import attempt


def visit_of(request: HttpRequest, uid: uuid.UUID) -> Visit:
    """The visit, for whoever may know of it. Raises Http404."""
    found: Visit = get_object_or_404(readings.visits_for(person(request)), uid=uid)
    return found


@login_required
@require_GET
def room(request: HttpRequest, visit: uuid.UUID) -> HttpResponse:
    """The room. Before and after its time it tells its EQA when, and holds nothing else."""
    row, user = visit_of(request, visit), person(request)
    page = readings.room(user, row)
    if page.enter:
        workflow.note_page(user, row, "room")
    return show(request, "visits/room.html" if page.opened else "visits/closed.html", {"page": page})


@login_required
@require_GET
def room_pack(request: HttpRequest, visit: uuid.UUID) -> HttpResponse:
    """The whole pack as one document."""
    user = person(request)
    found = readings.opened_by(user, visit)
    if found is None:
        raise Http404
    row, scope = found
    if may.as_eqa(user, row):
        workflow.note_page(user, row, "pack")
    return show(request, "visits/pack.html", {"pack": pack_of(row, scope)})


@login_required
@require_GET
def room_log(request: HttpRequest, visit: uuid.UUID) -> HttpResponse:
    """What the EQA opened: for them and for the centre, the same."""
    row, user = visit_of(request, visit), person(request)
    if may.as_eqa(user, row):
        may.can_enter(user, row).require()
    asked = request.GET.get("page", "1")
    page = int(asked) if asked.isascii() and asked.isdigit() and 0 < len(asked) < 4 else 1
    return show(request, "visits/log.html", {"log": readings.log_of(user, row, max(1, page))})


def _form(
    request: HttpRequest, form: PlainForm, visit: Visit, words: tuple[str, str, str], status: int
) -> HttpResponse:
    title, act, lede = words
    context = {"form": form, "title": title, "act": act, "lede": lede, "visit": visit}
    return show(request, "visits/form.html", context, status=status or 200)


def _post(request: HttpRequest, form: PlainForm, act: Callable[[], object]) -> int:
    """0 when the verb is done, 200 for a page that is only read, else what the form came back with."""
    return attempt(form, lambda _: act()) if request.method == "POST" else 200


@login_required
@require_http_methods(["GET", "POST"])
def room_ask(request: HttpRequest, visit: uuid.UUID) -> HttpResponse:
    """The EQA asks to see more."""
    row, user = visit_of(request, visit), person(request)
    may.can_ask_for_more(user, row).require()
    form = AskForm(sent(request))
    form.keep(user, row.uid)
    done = _post(
        request,
        form,
        lambda: workflow.ask_for_more(by=user, visit=row, text=form.cleaned_data["text"], key=form.once),
    )
    if done:
        lede = "The lead IQA reads it and grants it or declines it with a reason. You see the answer in the room."
        return _form(request, form, row, ("Ask to see more", "Ask", lede), done)
    form.forget(user)
    messages.success(request, "Asked. The answer appears in the room.")
    return see_other(request, reverse("room", args=(row.uid,)))


@login_required
@require_http_methods(["GET", "POST"])
def note_add(request: HttpRequest, visit: uuid.UUID) -> HttpResponse:
    """A new note of the EQA's own."""
    row, user = visit_of(request, visit), person(request)
    may.can_write_note(user, row).require()
    form = NoteForm(sent(request))
    form.keep(user, row.uid)
    done = _post(
        request, form, lambda: workflow.write_note(by=user, visit=row, text=form.cleaned_data["text"], key=form.once)
    )
    if done:
        return _form(request, form, row, ("Write a note", "Keep the note", ""), done)
    form.forget(user)
    messages.success(request, "Kept. Nobody else reads it until you share it.")
    return see_other(request, reverse("room", args=(row.uid,)))


def _note(request: HttpRequest, uid: uuid.UUID) -> VisitNote:
    rows = VisitNote.objects.visible_to(person(request))
    rows = rows.select_related("visit__eqa", "visit__centre", "visit__body", "share__body")
    note: VisitNote = get_object_or_404(rows, uid=uid)
    may.can_change_note(person(request), note).require()
    return note


@login_required
@require_http_methods(["GET", "POST"])
def note_change(request: HttpRequest, note: uuid.UUID) -> HttpResponse:
    """Other words for a note that is not shared yet."""
    row, user = _note(request, note), person(request)
    form = NoteEditForm(sent(request), initial={"text": row.text})
    form.keep(user, row.uid, since=row.changed_at)
    done = _post(
        request,
        form,
        lambda: workflow.write_note(by=user, visit=row.visit, text=form.cleaned_data["text"], note=row),
    )
    if done:
        return _form(request, form, row.visit, ("Change the note", "Keep the note", ""), done)
    form.forget(user)
    messages.success(request, "Kept. Nobody else reads it until you share it.")
    return see_other(request, reverse("room", args=(row.visit.uid,)))


@login_required
@require_http_methods(["GET", "POST"])
def note_share(request: HttpRequest, note: uuid.UUID) -> HttpResponse:
    """Ask once more, then let the centre read it for good."""
    row, user = _note(request, note), person(request)
    form = ShareForm(sent(request), initial={"seen": row.text})
    done = _post(
        request,
        form,
        lambda: workflow.share_note(by=user, note=row, seen=form.cleaned_data["seen"], key=form.once),
    )
    if done:
        context = {"form": form, "note": row, "visit": row.visit}
        return show(request, "visits/share.html", context, status=done)
    messages.success(request, "Shared. The centre reads it from now on.")
    return see_other(request, reverse("room", args=(row.visit.uid,)))


@login_required
@require_http_methods(["GET", "POST"])
def note_remove(request: HttpRequest, note: uuid.UUID) -> HttpResponse:
    """Ask once more, then remove a note that nobody else has read."""
    row, user = _note(request, note), person(request)
    form = ActForm(sent(request))
    done = _post(request, form, lambda: workflow.remove_note(by=user, note=row))
    if done:
        return _form(request, form, row.visit, ("Remove the note", "Remove it", row.text), done)
    messages.success(request, "Removed.")
    return see_other(request, reverse("room", args=(row.visit.uid,)))
