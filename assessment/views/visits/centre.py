"""Views: the visits of a centre, for its quality assurers; its lead IQA opens, changes and widens them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from assessment.forms.visits import AnswerRequestForm, EndVisitForm, ExtendVisitForm, VisitForm, WithdrawVisitForm
from assessment.models import Cohort, Visit, VisitRequest
from assessment.permissions import visits as may
from assessment.readings import visits as readings
from assessment.views.quality.rows import for_whom, sent
from assessment.views.quality.strategy import centre_of
from assessment.workflow import drafts, room
from assessment.workflow import visits as workflow
from courseware.kit import chance, clock
from courseware.kit.forms import PlainForm
from courseware.kit.http import see_other, show
from courseware.people.models import Centre, User
from courseware.people.views import person
from courseware.people.views.members import attempt

from .room import visit_of


@login_required
@require_GET
def visits(request: HttpRequest) -> HttpResponse:
    """Every visit of the centre."""
    found = readings.visit_list(person(request), centre_of(request), request.GET.get("page", 1))
    return show(request, "visits/list.html", {"list": found})


# -- Opening -----------------------------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
def visit_open(request: HttpRequest, centre: uuid.UUID) -> HttpResponse:
    """Everything of a visit on one form: looked at first, then opened with exactly what was shown."""
    user = person(request)
    where = get_object_or_404(Centre.objects.visible_to(user), uid=centre)
    may.can_open_visit(user, where).require()
    cohorts = Cohort.objects.filter(centre=where).select_related("specification__unit").order_by("-starts_on", "pk")
    form = VisitForm(sent(request), centre=where, cohorts=list(cohorts), initial=_usual(where))
    form.keep(user, where.uid)
    if request.method != "POST":
        return _opening(request, where, form, None, 200)
    if not form.is_valid():
        return _opening(request, where, form, None, 422)
    named = readings.named_in(where, form.cleaned_data["learners"], cohorts=False)
    shown = _shown(form, named)
    if form.cleaned_data["seen"] != shown or named.unknown or not (named or form.chosen):
        form = _again(form, shown)
        _keep_as_typed(user, where, form)
        return _opening(request, where, form, named, 200)
    opened: list[Visit] = []
    done = attempt(form, lambda typed: opened.append(_open(request, where, form, named, typed)))
    if done:
        return _opening(request, where, _again(form, ""), None, done)
    form.forget(user)
    messages.success(request, f"Opened. {form.cleaned_data['name']} is invited by e-mail.")
    return see_other(request, reverse("room", args=(opened[0].uid,)))


def _usual(centre: Centre) -> dict[str, str]:
    """From the next whole hour for a week."""
    now = clock.now().astimezone(ZoneInfo(centre.zone)).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    starts = now + dt.timedelta(hours=1)
    return {"starts_at": f"{starts:%Y-%m-%dT%H:%M}", "ends_at": f"{starts + dt.timedelta(days=7):%Y-%m-%dT%H:%M}"}


def _keep_as_typed(user: User, centre: Centre, form: VisitForm) -> None:
    """The names as they were looked at are what is kept of them; a device that holds the same offers nothing."""
    about = f"visit-{centre.uid}"
    text = form.cleaned_data["learners"]
    if text:
        drafts.save_draft(by=user, about=about, text=text, revision=drafts.offered(user, about).revision)
        form.keep(user, centre.uid)


def _shown(form: VisitForm, named: readings.Match) -> str:
    """A digest of everything that a preview shows, so that exactly that is opened."""
    typed = {name: str(form.cleaned_data[name]) for name in form.fields if name not in ("seen", "key", "learners")}
    units = sorted(str(one.uid) for one in named.learner_units)
    return chance.sha256_hex("\n".join([*(f"{name} {typed[name]}" for name in sorted(typed)), *units]))


def _again(form: VisitForm, shown: str) -> VisitForm:
    """The same form, which now says what its page shows."""
    data = QueryDict(mutable=True)
    data.update(form.data)
    data["seen"] = shown
    form.data = data
    return form


def _open(request: HttpRequest, centre: Centre, form: VisitForm, named: readings.Match, typed: dict[str, Any]) -> Visit:
    return workflow.open_visit(
        by=person(request),
        centre=centre,
        email=typed["email"],
        name=typed["name"],
        organisation=typed["organisation"],
        purpose=typed["purpose"],
        starts_at=cast(dt.datetime, form.instant("starts_at")),
        ends_at=cast(dt.datetime, form.instant("ends_at")),
        cohorts=form.chosen,
        learner_units=named.learner_units,
        key=form.once,
    )


def _opening(
    request: HttpRequest, centre: Centre, form: VisitForm, named: readings.Match | None, status: int
) -> HttpResponse:
    context = {"form": form, "centre": centre, "named": named}
    return show(request, "visits/open.html", context, status=status)


# -- Otherwise than opened ---------------------------------------------------------------------------------------------


def _asked(
    request: HttpRequest, form: PlainForm, visit: Visit, words: tuple[str, str, str, str], status: int
) -> HttpResponse:
    title, act, lede, kind = words
    context = {"form": form, "title": title, "act": act, "lede": lede, "kind": kind, "visit": visit}
    return show(request, "visits/form.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def visit_extend(request: HttpRequest, visit: uuid.UUID) -> HttpResponse:
    """The lead IQA lets a visit end later."""
    row, user = visit_of(request, visit), person(request)
    may.can_extend_visit(user, row).require()
    local = row.ends_at.astimezone(ZoneInfo(row.centre.zone))
    initial = {"ends_at": f"{local:%Y-%m-%dT%H:%M}", "seen": row.ends_at.isoformat()}
    form = ExtendVisitForm(sent(request), centre=row.centre, initial=initial)
    status = 200
    if request.method == "POST":
        status = attempt(
            form,
            lambda typed: workflow.extend_visit(
                by=user,
                visit=row,
                ends_at=cast(dt.datetime, form.instant("ends_at")),
                seen=typed["seen"],
                reason=typed["reason"],
                key=form.once,
            ),
        )
        if not status:
            messages.success(request, "The visit ends later.")
            return see_other(request, reverse("room", args=(row.uid,)))
    return _asked(request, form, row, ("Let the visit end later", "Extend the visit", "", "primary"), status)


@login_required
@require_http_methods(["GET", "POST"])
def visit_end(request: HttpRequest, visit: uuid.UUID) -> HttpResponse:
    """Ask once more, then end a visit now."""
    row, user = visit_of(request, visit), person(request)
    may.can_end_visit(user, row).require()
    form = EndVisitForm(sent(request))
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda _: workflow.end_visit(by=user, visit=row, key=form.once))
        if not status:
            messages.success(request, "The visit has ended.")
            return see_other(request, reverse("room", args=(row.uid,)))
    lede = (
        f"{row.eqa.name} reads nothing more from the moment you press the button, files included. The notes that were "
        "shared stay with you. A visit that has ended is not opened again."
    )
    return _asked(request, form, row, ("End the visit now", "End the visit", lede, "stop"), status)


@login_required
@require_http_methods(["GET", "POST"])
def visit_withdraw(request: HttpRequest, visit: uuid.UUID) -> HttpResponse:
    """The lead IQA takes a visit back, with the reason."""
    row, user = visit_of(request, visit), person(request)
    may.can_withdraw_visit(user, row).require()
    form = WithdrawVisitForm(sent(request))
    status = 200
    if request.method == "POST":
        status = attempt(
            form, lambda typed: workflow.withdraw_visit(by=user, visit=row, reason=typed["reason"], key=form.once)
        )
        if not status:
            messages.success(request, "The visit is withdrawn.")
            return see_other(request, reverse("room", args=(row.uid,)))
    lede = f"Nothing of it is open to {row.eqa.name} any more. The reason is shown where the room was."
    return _asked(request, form, row, ("Withdraw the visit", "Withdraw the visit", lede, "stop"), status)


@login_required
@require_http_methods(["GET", "POST"])
def visit_answer(request: HttpRequest, asked: uuid.UUID) -> HttpResponse:
    """What an EQA asked for: granted with one click where its lines name something, or declined with a reason."""
    user = person(request)
    rows = VisitRequest.objects.visible_to(user).select_related(
        "body", "answer", "visit__centre", "visit__eqa", "visit__body", "by"
    )
    row: VisitRequest = get_object_or_404(rows, uid=asked)
    for_whom(may.can_answer_request(user, row)).require()
    text = readings.text_of(row)
    named = readings.named_in(row.visit.centre, text)
    cohorts = list(Cohort.objects.filter(centre=row.visit.centre).order_by("-starts_on", "pk"))
    chosen = [f"c{one.uid}" for one in named.cohorts] + [f"u{one.uid}" for one in named.learner_units]
    form = AnswerRequestForm(
        sent(request), cohorts=cohorts, learner_units=named.learner_units, initial={"opens": chosen}
    )
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda typed: _answer(request, row, form, typed))
        if not status:
            granted = form.cleaned_data["way"] == "grant"
            messages.success(request, "Granted. It is open now." if granted else "Declined. The visitor reads why.")
            return see_other(request, reverse("room", args=(row.visit.uid,)))
    context = {"form": form, "asked": row, "text": text, "named": named, "visit": row.visit}
    return show(request, "visits/answer.html", context, status=status)


def _answer(request: HttpRequest, row: VisitRequest, form: AnswerRequestForm, typed: dict[str, Any]) -> object:
    granted = typed["way"] == "grant"
    return room.answer_request(
        by=person(request),
        request=row,
        granted=granted,
        cohorts=form.chosen_cohorts if granted else (),
        learner_units=form.chosen_units if granted else (),
        reason=typed["reason"],
        key=form.once,
    )
