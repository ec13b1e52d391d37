"""The marking desk: one criterion of one submission, read and decided."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from assessment.forms.marking import DecideForm, uids_of
from assessment.models import Submission
from assessment.readings import comments, marking_desk, marking_pages
from assessment.readings.marking_desk import Desk
from assessment.views.desks import go_on, is_ahead
from assessment.workflow import drafts
from assessment.workflow.comments import count_use
from assessment.workflow.decisions import decide
from assessment.workflow.room import note_if_visiting
from content.models import Criterion
from courseware.kit.editor.fields import as_preview, wants_preview
from courseware.kit.http import is_fragment, show
from courseware.kit.verdict import Stale
from courseware.people.views import person

from .rows import desk_of, note, unit_handing_in, with_query
from .whose import Whose, whose_of

_NUMBER = re.compile(r"[0-9]{1,3}\.[0-9]{1,3}")
_ONWARD = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/([0-9]{1,3}\.[0-9]{1,3})")


def _form(desk: Desk, data: Any = None, initial: dict[str, Any] | None = None) -> DecideForm:
    """The form for this desk; `supersedes` names the newest decision that the desk shows."""
    own = {
        "learner_unit": desk.learner_unit.uid,
        "submission": desk.submission.uid,
        "criterion": desk.criterion.uid,
        "supersedes": desk.latest.uid if desk.latest else None,
        "feedback": desk.draft.text,
    }
    return DecideForm(
        data,
        initial=own | (initial or {}),
        learner=desk.learner_unit.learner.name,
        verb=desk.criterion.command_verb,
        correcting=desk.corrects,
        varcs=desk.asks_varcs,
    )


@login_required
@require_http_methods(["GET", "POST"])
def marking_desk_page(request: HttpRequest, submission: uuid.UUID, number: str) -> HttpResponse:
    """Read the evidence for one criterion and decide it."""
    if request.method == "POST":
        if "insert" in request.POST or wants_preview(request):
            return _go_on_writing(request, submission, number)
        return _decide(request, submission, number)
    if is_ahead(request) or (is_fragment(request) and request.GET.get("only") == "evidence"):
        return _evidence(request, submission, number)
    desk = desk_of(request, submission, number)
    note_if_visiting("submission", desk.learner_unit)
    return _shown(request, desk, _form(desk))


def _shown(request: HttpRequest, desk: Desk, form: Any, status: int = 200, *, is_open: bool = False) -> HttpResponse:
    """The desk: the page, or for htmx what takes its place. `is_open`: the form stands open whatever is on record."""
    return show(
        request,
        "marking/desk.html",
        _context(request, desk, form) | {"is_open": is_open or desk.asks or form.is_bound},
        part="marking/_desk_part.html",
        status=status,
    )


def _change(submission: Submission, criterion: Criterion) -> dict[str, str]:
    """What the reason for a change is kept as while it is written."""
    return {"change": f"change-{submission.uid}-{criterion.uid}"}


def _context(request: HttpRequest, desk: Desk, form: Any) -> dict[str, Any]:
    if desk.corrects:
        form.keep_each(person(request), _change(desk.submission, desk.criterion))
    return {"desk": desk, "form": form, "query": with_query("", request), "on": _on(request, desk)}


def _on(request: HttpRequest, desk: Desk) -> dict[str, str]:
    """Where recording leads: the value of the button, its words, and the address to fetch ahead."""
    onward = desk.onward
    if onward is None:
        if desk.filters.criterion:
            return {"value": "queue", "words": "Record and go to the queue", "ahead": ""}
        return {"value": "release", "words": "Record and go to the release", "ahead": ""}
    submission, number = onward
    words = f"Record and go to {number}" if submission == desk.submission.uid else "Record and go to the next learner"
    ahead = reverse("marking-desk", args=onward)
    return {"value": f"{submission}/{number}", "words": words, "ahead": with_query(ahead, request)}


def _evidence(request: HttpRequest, submission: uuid.UUID, number: str) -> HttpResponse:
    """The evidence of a desk alone. Fetched ahead it is noted as that, and as shown once its desk is opened."""
    unit = unit_handing_in(request, submission)
    ahead = marking_desk.evidence_ahead(person(request), unit, submission, number)
    if ahead is None:
        raise Http404
    note(request, ahead.versions, "ahead" if is_ahead(request) else "shown")
    return show(request, "marking/_ahead.html", {"ahead": ahead})


def _go_on_writing(request: HttpRequest, submission: uuid.UUID, number: str) -> HttpResponse:
    """Without scripts: the desk as it was typed, with a comment of the bank put in, or with the preview."""
    desk = desk_of(request, submission, number)
    if wants_preview(request):
        form: Any = as_preview(_form(desk, request.POST))
        return _shown(request, desk, form, is_open=True)
    names = ("outcome", "reason", "feedback", "change", "used_keys", "supersedes")
    kept = {name: request.POST.get(name, "") for name in names}
    wanted = uids_of(request.POST["insert"])
    for comment in comments.offered(person(request), desk.learner_unit, desk.criterion, wanted) if wanted else ():
        kept["feedback"] = f"{kept['feedback'].rstrip()}\n\n{comment.text}".strip()
        kept["used_keys"] = f"{kept['used_keys']} {comment.uid}".strip()
    form = _form(desk, initial=kept | {"varcs": request.POST.getlist("varcs")})
    return _shown(request, desk, form, is_open=True)


def _decide(request: HttpRequest, submission: uuid.UUID, number: str) -> HttpResponse:
    whose = whose_of(request, submission, number)
    learner = whose.learner_unit.learner.name
    form = DecideForm(
        request.POST,
        learner=learner,
        verb=whose.criterion.command_verb,
        correcting=whose.corrects,
        varcs=whose.asks_varcs,
    )
    if not form.is_valid():
        return _shown(request, desk_of(request, submission, number), form, status=422)
    try:
        decision = decide(
            by=person(request),
            learner_unit=whose.learner_unit,
            submission=whose.submission,
            criterion=whose.criterion,
            outcome=form.cleaned_data["outcome"],
            feedback=form.text,
            reason=form.cleaned_data["reason"],
            varcs=form.letters,
            supersedes=whose.supersedes,
            key=form.once,
        )
    except Stale as stale:
        return _both(request, desk_of(request, submission, number), form, stale)
    _count(request, whose, form)
    if whose.corrects:
        drafts.clear_drafts(person(request), list(_change(whose.submission, whose.criterion).values()))
    messages.success(request, f"Recorded: {number} {decision.get_outcome_display()} for {learner}.")
    where, is_desk = _next(request, submission, number)
    return go_on(request, where, is_desk=is_desk)


def _count(request: HttpRequest, whose: Whose, form: DecideForm) -> None:
    if form.used:
        code = whose.learner_unit.unit_code
        count_use(by=person(request), unit_code=code, number=whose.criterion.number, used=form.used)


def _next(request: HttpRequest, submission: uuid.UUID, number: str) -> tuple[str, bool]:
    """Where the pressed button leads, and whether that is a desk: the next one, this one, the queue, the release."""
    wanted = request.POST.get("next", "")
    if wanted == "release":
        return reverse("feedback-release", args=(submission,)), False
    if wanted == "queue":
        return with_query(reverse("marking"), request), False
    onward = _ONWARD.fullmatch(wanted)
    if onward is not None:
        to = reverse("marking-desk", args=(uuid.UUID(onward[1]), onward[2]))
        return with_query(to, request, done=1 if onward[1] != str(submission) else 0), True
    number = wanted if _NUMBER.fullmatch(wanted) else number
    return with_query(reverse("marking-desk", args=(submission, number)), request), True


def _both(request: HttpRequest, desk: Desk, form: DecideForm, stale: Stale) -> HttpResponse:
    """Another decision came in between: both side by side, the text kept and ready to be recorded after all."""
    sent = form.cleaned_data
    names = ("outcome", "feedback", "reason", "varcs", "change", "used_keys")
    again = _form(desk, initial={name: sent.get(name, "") for name in names})
    theirs = ""
    if stale.current is not None and stale.current.body is not None:
        theirs = stale.current.body.text
    on_record, mine = marking_pages.marked(theirs, sent["feedback"])
    context = {
        "current": stale.current,
        "theirs": on_record,
        "mine": mine,
        "outcome": sent["outcome"],
    }
    context |= _context(request, desk, again)
    return show(request, "marking/stale.html", context, part="marking/_stale_part.html", status=409)
