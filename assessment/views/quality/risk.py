"""Views: the risk of each tutor, their qualifications, and declared interests."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from assessment.forms.learner_units import ActForm
from assessment.forms.strategy import EndForm, InterestForm, QualificationForm, RatingForm
from assessment.models import DeclaredInterest, LearnerUnit, StaffQualification
from assessment.permissions import strategy as may
from assessment.readings.alone import left_alone
from assessment.readings.quality import interests as interests_read
from assessment.readings.quality import risk as readings
from assessment.workflow import risk
from courseware.kit.http import see_other, show
from courseware.kit.verdict import NotNow, NotYours
from courseware.people.models import Centre, Membership
from courseware.people.readings import centres_of, current_centre
from courseware.people.standing import standing_of
from courseware.people.views import person
from courseware.people.views.members import attempt

from .rows import sent
from .strategy import centre_of

KEEP = ("lead_iqa", "admin")
DECLARE = ("lead_iqa", "iqa", "tutor")


@login_required
@require_GET
def risks(request: HttpRequest) -> HttpResponse:
    """Every tutor, the highest risk first."""
    return show(request, "quality/risk.html", {"page": readings.risk_page(person(request), centre_of(request))})


def _staff(request: HttpRequest, uid: uuid.UUID, *roles: str) -> Membership:
    """A member of staff of a centre where the person holds one of `roles`."""
    rows = Membership.objects.select_related("centre").filter(
        centre__in=[centre.pk for centre in centres_of(request.user, *roles)],
        grants__role__in=("tutor", "iqa", "lead_iqa"),
    )
    return get_object_or_404(rows.distinct(), uid=uid)


@login_required
@require_GET
def tutor_risk(request: HttpRequest, member: uuid.UUID) -> HttpResponse:
    """One tutor: reasons, continuous sampling, qualifications, rating."""
    found = readings.tutor_page(person(request), centres_of(request.user, *may.QUALITY), member)
    if found is None:
        raise Http404
    return show(request, "quality/risk_tutor.html", {"page": found})


@login_required
@require_http_methods(["GET", "POST"])
def tutor_rate(request: HttpRequest, member: uuid.UUID) -> HttpResponse:
    """The lead IQA's own rating."""
    user, row = person(request), _staff(request, member, *may.QUALITY)
    may.can_rate_tutor(user, row).require()
    form = RatingForm(sent(request))
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda typed: risk.rate_tutor(by=user, tutor=row, key=form.once, **_typed(typed)))
        if not status:
            messages.success(request, f"Rated: {row.name}.")
            return see_other(request, reverse("tutor-risk", args=(row.uid,)))
    return _form(request, form, f"Rate the risk of {row.name}", "Rate", row, status)


def _typed(typed: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in typed.items() if name != "key"}


def _form(request: HttpRequest, form: object, title: str, act: str, row: Membership, status: int) -> HttpResponse:
    back = reverse("tutor-risk", args=(row.uid,))
    context = {"form": form, "title": title, "act": act, "back": back, "here": row.name, "centre": row.centre}
    return show(request, "quality/staff_form.html", context, status=status)


def _after(request: HttpRequest, row: Membership) -> HttpResponse:
    """Back to the tutor's page, or for an administrator to the person's."""
    sees = may.can_see_strategy(person(request), row.centre)
    return see_other(request, reverse("tutor-risk" if sees else "member-page", args=(row.uid,)))


@login_required
@require_http_methods(["GET", "POST"])
def qualification_add(request: HttpRequest, member: uuid.UUID) -> HttpResponse:
    """Record what a member of staff holds."""
    user, row = person(request), _staff(request, member, *KEEP, "iqa")
    may.can_keep_qualifications(user, row).require()
    form = QualificationForm(sent(request))
    status = 200
    if request.method == "POST":
        status = attempt(
            form, lambda typed: risk.record_qualification(by=user, holder=row, key=form.once, **_typed(typed))
        )
        if not status:
            messages.success(request, f"Recorded: a qualification of {row.name}.")
            return _after(request, row)
    return _form(request, form, f"Record a qualification of {row.name}", "Record it", row, status)


@login_required
@require_http_methods(["GET", "POST"])
def qualification_remove(request: HttpRequest, qualification: uuid.UUID) -> HttpResponse:
    """Ask once more, then take it off."""
    user = person(request)
    centres = [centre.pk for centre in centres_of(request.user, *KEEP, "iqa")]
    rows = StaffQualification.objects.filter(centre__in=centres).select_related("holder__centre", "centre")
    row = get_object_or_404(rows, uid=qualification)
    may.can_keep_qualifications(user, row.holder).require()
    form = ActForm(sent(request))
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda _: risk.remove_qualification(by=user, qualification=row, key=form.once))
        if not status:
            messages.success(request, f"Removed: {row.title}.")
            return _after(request, row.holder)
    return _form(request, form, f"Remove “{row.title}” of {row.holder.name}", "Remove it", row.holder, status)


@login_required
@require_GET
def interests(request: HttpRequest) -> HttpResponse:
    """Every declared interest of the centre."""
    page = interests_read.interests_page(person(request), centre_of(request))
    return show(request, "quality/interests.html", {"page": page})


def _where(request: HttpRequest) -> Centre:
    centre = current_centre(request.user, request.session.get("centre"), *DECLARE)
    if centre is None:
        raise NotYours("Interests are declared by tutors and IQAs.")
    return centre


@login_required
@require_http_methods(["GET", "POST"])
def interest_declare(request: HttpRequest) -> HttpResponse:
    """Declare an interest: one's own, or as the lead IQA anybody's."""
    user, centre = person(request), _where(request)
    others = interests_read.others_for(user, centre)
    form = InterestForm(sent(request), holders=others, colleagues=list(readings.staff_in(centre)))
    status = 200
    if request.method == "POST":
        made: list[DeclaredInterest] = []
        status = attempt(form, lambda typed: made.append(_declare(request, form, centre, typed["reason"])))
        if not status:
            messages.success(request, "Declared. No review there is given to this person from now on.")
            _warn_of_left_alone(request, made[0])
            sees = may.can_see_strategy(user, centre)
            return see_other(request, reverse("interests" if sees else "interest-declare"))
    context = {"form": form, "title": "Declare an interest", "act": "Declare it", "centre": centre}
    return show(request, "quality/staff_form.html", context, status=status)


def _warn_of_left_alone(request: HttpRequest, interest: DeclaredInterest) -> None:
    """Say that nobody may mark, or review, what the learner hands in; only of units that the person knows of."""
    if interest.learner_id is None:
        return
    units = LearnerUnit.objects.visible_to(person(request)).filter(learner=interest.learner_id)
    for role, does in (("tutor", "mark"), ("iqa", "review")):
        for unit in left_alone(units, role).select_related("learner").order_by("pk"):
            messages.warning(
                request,
                f"Nobody is allocated who may {does} unit {unit.unit_code} of {unit.learner.name}. "
                "Ask an administrator to allocate somebody.",
            )


def _declare(request: HttpRequest, form: InterestForm, centre: Centre, reason: str) -> DeclaredInterest:
    email = form.cleaned_data["learner"]
    learners = Membership.objects.filter(centre=centre, user__email__iexact=email, grants__role="learner")
    learner = learners.distinct().order_by("pk").first() if email else None
    if email and learner is None:
        raise NotNow("No learner of the centre has this address.")
    return risk.declare_interest(
        by=person(request),
        holder=form.member("holder") or standing_of(person(request)).memberships[centre.pk],
        learner=learner,
        colleague=form.member("colleague"),
        reason=reason,
        key=form.once,
    )


@login_required
@require_http_methods(["GET", "POST"])
def interest_end(request: HttpRequest, interest: uuid.UUID) -> HttpResponse:
    """The lead IQA says that an interest is over."""
    user = person(request)
    centres = [one.pk for one in centres_of(request.user, *may.QUALITY)]
    rows = DeclaredInterest.objects.filter(centre__in=centres).select_related("holder__centre", "centre", "end")
    row = get_object_or_404(rows, uid=interest)
    verdict = may.can_end_interest(user, row)
    if verdict.kind == "not_yours":
        verdict.require()
    form = EndForm(sent(request))
    status = 200
    if request.method == "POST":
        status = attempt(
            form, lambda typed: risk.end_interest(by=user, interest=row, reason=typed["reason"], key=form.once)
        )
        if not status:
            messages.success(request, "The interest has ended.")
            return see_other(request, reverse("interests"))
    context = {"form": form, "title": f"End an interest of {row.holder.name}", "act": "End it", "centre": row.centre}
    return show(request, "quality/staff_form.html", context, status=status)
