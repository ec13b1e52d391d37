"""Who is responsible for whom: a learner goes to another cohort, a colleague takes over what somebody holds."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods

from assessment.forms.deadlines import MoveForm, TakeoverForm
from assessment.models import Cohort
from assessment.permissions import cohorts as may
from assessment.permissions import duties
from assessment.readings import learner_units
from assessment.readings import takeover as readings
from assessment.workflow import moving
from courseware.kit.http import see_other, show
from courseware.people.models import Membership
from courseware.people.views import person
from courseware.people.views.members import attempt

from .learner_units import Asked, Words, ask

MOVE = Words(
    "Move {learner} to another cohort",
    "Evidence, submissions, decisions and dates given stay {learner}’s. The tutors and IQAs of the new cohort are "
    "responsible from now on, and those of the old one are not.",
    "Move {learner}",
    "{learner} is moved.",
)


@login_required
@require_http_methods(["GET", "POST"])
def learner_move(request: HttpRequest, learner_unit: uuid.UUID) -> HttpResponse:
    """The administrator lets a learner go on in another cohort of the same specification."""
    user = person(request)
    unit = get_object_or_404(learner_units.units_for(user), uid=learner_unit)
    others = Cohort.objects.visible_to(user).filter(centre=unit.centre_id, specification=unit.specification_id)
    cohorts = others.exclude(pk=unit.cohort_id).order_by("-starts_on", "name", "pk")
    form = MoveForm(request.POST if request.method == "POST" else None, cohorts=cohorts)
    form.keep(user, unit.uid)
    asked = Asked(
        MOVE,
        may.can_move_learner(user, unit),
        form,
        lambda: moving.move_learner(
            by=user,
            learner_unit=unit,
            to=form.cleaned_data["to"],
            reason=form.cleaned_data["reason"],
            key=form.once,
        ),
    )
    return ask(request, unit, asked)


@login_required
@require_http_methods(["GET", "POST"])
def takeover(request: HttpRequest, member: uuid.UUID) -> HttpResponse:
    """The administrator hands what somebody holds to others, all at once."""
    people = Membership.objects.visible_to(request.user).select_related("centre", "user")
    leaving = get_object_or_404(people, uid=member)
    duties.can_hand_over(person(request), leaving).require()
    page = readings.takeover(leaving)
    form = TakeoverForm(request.POST if request.method == "POST" else None, lines=page.lines)
    status = 200
    if request.method == "POST":
        status = attempt(
            form,
            lambda _sent: moving.hand_over(by=person(request), leaving=leaving, takeovers=form.chosen(), key=form.once),
        )
        if not status:
            messages.success(request, f"Handed over from {leaving.name}.")
            return see_other(request, reverse("takeover", args=[leaving.uid]))
    context = {"page": page, "member": leaving, "form": form}
    return show(request, "cohorts/takeover.html", context, status=status)


urlpatterns: list[URLPattern] = [
    path("learner-units/<uuid:learner_unit>/move/", learner_move, name="learner-move"),
    path("centre/people/<uuid:member>/takeover/", takeover, name="takeover"),
]
