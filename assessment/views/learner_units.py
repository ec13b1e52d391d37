"""Views: a learner's unit as staff see it, and the acts on it as a whole."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_http_methods

from assessment.forms.kept import KeptTextsMixin
from assessment.forms.learner_units import ActForm, HoldForm, LiftForm, ReopenForm, WithdrawLearnerForm
from assessment.models import LearnerUnit
from assessment.permissions import cohorts as may_cohorts
from assessment.permissions import decisions as may
from assessment.permissions import quality as may_quality
from assessment.readings import learner_units as readings
from assessment.readings import unit_record as records
from assessment.readings.timeline import timeline
from assessment.workflow import cohorts, decisions, quality
from assessment.workflow.room import note_if_visiting
from courseware.kit.forms import PlainForm
from courseware.kit.http import see_other, show
from courseware.kit.verdict import Verdict
from courseware.people.views import person


@dataclass(frozen=True)
class Words:
    """What a page that asks once more says; each may hold {learner} and {unit}."""

    title: str
    lede: str
    button: str
    done: str
    kind: str = "primary"


SIGN_OFF = Words(
    "Sign off Unit {unit} for {learner}",
    "You declare that {learner} has met every criterion of Unit {unit} by their own work. From then on neither "
    "evidence nor decisions change, and the unit waits for IQA.",
    "Sign off Unit {unit} for {learner}",
    "Signed off: Unit {unit} for {learner}.",
)
REOPEN = Words(
    "Reopen Unit {unit} for {learner}",
    "The sign-off is taken back, and the tutor can supersede decisions. Everything so far stays on record, and a new "
    "sign-off follows.",
    "Reopen Unit {unit} for {learner}",
    "Reopened: Unit {unit} for {learner}.",
)
HOLD = Words(
    "Put Unit {unit} of {learner} on hold",
    "While it is on hold the unit is neither signed off nor released. Work on it goes on.",
    "Put Unit {unit} of {learner} on hold",
    "On hold: Unit {unit} of {learner}.",
)
LIFT = Words(
    "Lift the hold on Unit {unit} of {learner}",
    "The unit can be signed off and released again.",
    "Lift the hold",
    "The hold on Unit {unit} of {learner} is lifted.",
)
WITHDRAW = Words(
    "Withdraw {learner} from Unit {unit}",
    "{learner} can add nothing any more and nobody can mark. Everything stays on record for {learner} to read.",
    "Withdraw {learner} from Unit {unit}",
    "Withdrawn: {learner} from Unit {unit}.",
    kind="stop",
)


def _unit(request: HttpRequest, uid: uuid.UUID) -> LearnerUnit:
    return get_object_or_404(readings.units_for(person(request)), uid=uid)


@login_required
@require_GET
def learner_unit(request: HttpRequest, learner_unit: uuid.UUID) -> HttpResponse:
    """Where one learner stands on one unit; the learner's own leads to the unit's map."""
    unit = _unit(request, learner_unit)
    if unit.learner.user_id == person(request).pk:
        return HttpResponseRedirect(reverse("unit-map", args=(unit.unit_code,)))
    note_if_visiting("learner", unit)
    return show(request, "learner_units/page.html", {"page": readings.unit_page(person(request), unit)})


@login_required
@require_GET
def learner_timeline(request: HttpRequest, learner_unit: uuid.UUID) -> HttpResponse:
    """Every entry of the record about one learner-unit that this person may read, newest first."""
    found = timeline(person(request), _unit(request, learner_unit), request.GET.get("page", 1))
    note_if_visiting("timeline", found.unit)
    return show(request, "learner_units/timeline.html", {"timeline": found, "unit": found.unit})


@login_required
@require_GET
def learner_criterion(request: HttpRequest, learner_unit: uuid.UUID, number: str) -> HttpResponse:
    """From a cell of the grid to where this person reads the criterion: the learner's own page, the desk, or the row
    of it on the learner's unit.
    """
    unit = _unit(request, learner_unit)
    place = readings.place_of(unit, number)
    if place is None:
        raise Http404
    if unit.learner.user_id == person(request).pk:
        address = reverse("criterion", args=(unit.unit_code, number))
        return HttpResponseRedirect(f"{address}?in={unit.uid}")
    where = place.open_submission or (place.current.submission if place.current else None)
    if where is not None and unit.reads:  # type: ignore[attr-defined]  # annotated
        return HttpResponseRedirect(reverse("marking-desk", args=(where.uid, number)))
    return HttpResponseRedirect(f"{reverse('learner-unit', args=(unit.uid,))}#c-{number}")


@login_required
@require_GET
def unit_record(request: HttpRequest, learner_unit: uuid.UUID) -> HttpResponse:
    """What was decided, by whom and when, on one sheet to print and file."""
    unit = _unit(request, learner_unit)
    may.can_read_record(unit).require()
    note_if_visiting("record", unit)
    return show(request, "learner_units/record.html", {"record": records.unit_record(person(request), unit)})


@dataclass(frozen=True)
class Asked:
    """One act, asked for once more: the words, the answer to whether it may be, the form, and what does it."""

    words: Words
    verdict: Verdict
    form: PlainForm
    act: Callable[[], Any]


def ask(request: HttpRequest, unit: LearnerUnit, asked: Asked, **more: Any) -> HttpResponse:
    """The page that asks, or the answer after the act. An act that is not this person's at all is 403."""
    names = {"learner": unit.learner.name, "unit": unit.unit_code}
    if asked.form.is_bound and asked.form.is_valid():
        asked.act()
        if isinstance(asked.form, KeptTextsMixin):
            asked.form.forget(person(request))
        messages.success(request, asked.words.done.format(**names))
        return see_other(request, reverse("learner-unit", args=(unit.uid,)))
    if asked.verdict.kind == "not_yours":
        asked.verdict.require()
    context = {
        "unit": unit,
        "title": asked.words.title.format(**names),
        "lede": asked.words.lede.format(**names),
        "button": asked.words.button.format(**names),
        "kind": asked.words.kind,
        "verdict": asked.verdict,
        "form": asked.form,
    }
    return show(request, "learner_units/act.html", context | more, status=422 if asked.form.is_bound else 200)


def _sent(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


@login_required
@require_http_methods(["GET", "POST"])
def sign_off(request: HttpRequest, learner_unit: uuid.UUID) -> HttpResponse:
    """The tutor declares every criterion met."""
    unit, user, form = _unit(request, learner_unit), person(request), ActForm(_sent(request))
    return ask(
        request,
        unit,
        Asked(
            SIGN_OFF,
            may.can_sign_off(user, unit),
            form,
            lambda: decisions.sign_off(by=user, learner_unit=unit, key=form.once),
        ),
    )


@login_required
@require_http_methods(["GET", "POST"])
def reopen(request: HttpRequest, learner_unit: uuid.UUID) -> HttpResponse:
    """The lead IQA takes a sign-off back, with the reason and the review that asks for it."""
    unit, user = _unit(request, learner_unit), person(request)
    open_reviews = readings.disagreements(user, unit)
    by_uid = {str(one.review.uid): one.review for one in open_reviews}
    choices = [(one.review.uid, f"{one.by} did not agree with {one.number}") for one in open_reviews]
    form = ReopenForm(_sent(request), reviews=choices)
    form.keep(user, unit.uid)
    asked = Asked(
        REOPEN,
        may.can_reopen(user, unit),
        form,
        lambda: decisions.reopen(
            by=user,
            learner_unit=unit,
            reason=form.cleaned_data["reason"],
            review=by_uid.get(form.cleaned_data.get("review", "")),
            key=form.once,
        ),
    )
    return ask(request, unit, asked, disagreements=open_reviews)


@login_required
@require_http_methods(["GET", "POST"])
def hold_place(request: HttpRequest, learner_unit: uuid.UUID) -> HttpResponse:
    """The lead IQA puts the unit on hold."""
    unit, user, form = _unit(request, learner_unit), person(request), HoldForm(_sent(request))
    form.keep(user, unit.uid)
    asked = Asked(
        HOLD,
        may_quality.can_hold(user, unit),
        form,
        lambda: quality.place_hold(by=user, learner_unit=unit, reason=form.cleaned_data["reason"], key=form.once),
    )
    return ask(request, unit, asked)


@login_required
@require_http_methods(["GET", "POST"])
def hold_lift(request: HttpRequest, hold: uuid.UUID) -> HttpResponse:
    """The lead IQA lifts a hold that no review placed."""
    user, form = person(request), LiftForm(_sent(request))
    row = get_object_or_404(readings.holds_for(user), uid=hold)
    form.keep(user, row.uid)
    asked = Asked(
        LIFT,
        may_quality.can_lift_hold(user, row),
        form,
        lambda: quality.lift_hold(by=user, hold=row, reason=form.cleaned_data["reason"], key=form.once),
    )
    return ask(request, row.learner_unit, asked, hold=row)


@login_required
@require_http_methods(["GET", "POST"])
def learner_withdraw(request: HttpRequest, learner_unit: uuid.UUID) -> HttpResponse:
    """The administrator ends the learner's work on the unit."""
    unit, user, form = _unit(request, learner_unit), person(request), WithdrawLearnerForm(_sent(request))
    form.keep(user, unit.uid)
    asked = Asked(
        WITHDRAW,
        may_cohorts.can_withdraw_learner(user, unit),
        form,
        lambda: cohorts.withdraw_learner(by=user, learner_unit=unit, reason=form.cleaned_data["reason"], key=form.once),
    )
    return ask(request, unit, asked)


urlpatterns: list[URLPattern] = [
    path("learner-units/<uuid:learner_unit>/", learner_unit, name="learner-unit"),
    path("learner-units/<uuid:learner_unit>/timeline/", learner_timeline, name="learner-timeline"),
    path("learner-units/<uuid:learner_unit>/criteria/<str:number>/", learner_criterion, name="learner-criterion"),
    path("learner-units/<uuid:learner_unit>/record/", unit_record, name="unit-record"),
    path("learner-units/<uuid:learner_unit>/sign-off/", sign_off, name="sign-off"),
    path("learner-units/<uuid:learner_unit>/reopen/", reopen, name="reopen"),
    path("learner-units/<uuid:learner_unit>/hold/", hold_place, name="hold-place"),
    path("learner-units/<uuid:learner_unit>/withdraw/", learner_withdraw, name="learner-withdraw"),
    path("learner-units/holds/<uuid:hold>/lift/", hold_lift, name="hold-lift"),
]
