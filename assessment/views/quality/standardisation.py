"""Views: standardisation exercises, from the list to what an exercise changed."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from assessment.forms.standardisation import (
    AgreedForm,
    CompleteForm,
    DiscussionForm,
    ExerciseForm,
    InviteForm,
    JudgementForm,
    MeetingForm,
)
from assessment.models import ExerciseItem, StandardisationExercise
from assessment.permissions import standardisation as may
from assessment.readings.quality import standardisation as readings
from assessment.readings.quality import standardisation_item as items
from assessment.readings.quality import standardisation_list as lists
from assessment.workflow import standardisation as verbs
from assessment.workflow.neutral import note_neutral, open_neutral
from content.models import Criterion, Unit
from courseware.kit import previews, storage, streaming
from courseware.kit.http import see_other, show
from courseware.people.models import Centre
from courseware.people.views import person

from .rows import for_whom, sent


def _exercise(request: HttpRequest, uid: uuid.UUID) -> StandardisationExercise:
    return get_object_or_404(lists.exercises_for(person(request)), uid=uid)


def _item(request: HttpRequest, uid: uuid.UUID, position: int) -> ExerciseItem:
    item = items.item_of(_exercise(request, uid), position)
    if item is None:
        raise Http404
    return item


def _address(exercise: StandardisationExercise) -> str:
    return reverse("standardisation", args=(exercise.uid,))


@login_required
@require_GET
def standardisations(request: HttpRequest) -> HttpResponse:
    """The exercises of the centre, what disagreements propose, and what the reader took part in."""
    page = lists.list_page(person(request), request.session.get("centre"), request.GET.get("page", 1))
    return show(request, "quality/standardisations.html", {"page": page})


def _centre(request: HttpRequest, uid: uuid.UUID) -> Centre:
    """A centre in which the person opens exercises. Raises Http404, NotYours."""
    found = get_object_or_404(Centre.objects.visible_to(request.user), uid=uid)
    may.can_open_exercise(person(request), found.pk).require()
    return found


@login_required
@require_GET
def standardisation_choose(request: HttpRequest, centre: uuid.UUID) -> HttpResponse:
    """Choose the criterion of a new exercise."""
    found = _centre(request, centre)
    choices = lists.criteria_for(person(request), found)
    return show(request, "quality/standardisation_choose.html", {"centre": found, "choices": choices})


@login_required
@require_http_methods(["GET", "POST"])
def standardisation_add(request: HttpRequest, centre: uuid.UUID, criterion: uuid.UUID) -> HttpResponse:
    """Choose the work for a criterion, and who judges it."""
    user = person(request)
    found = _centre(request, centre)
    rows = Criterion.objects.select_related("specification__unit").filter(
        specification__unit__in=Unit.objects.available_to(found).order_by().values("pk")
    )
    row = get_object_or_404(rows, uid=criterion)
    work = lists.work_for(user, found, row)
    chosen = {"submissions": lists.first_choice(work)}
    offered = [(one.submission, one.words) for one in work]
    form = ExerciseForm(sent(request), work=offered, members=verbs.staff_of(found.pk), initial=chosen)
    form.keep(user, found.uid)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        asked = verbs.Asked(typed["title"], typed["why"], form.work, form.chosen)
        made = verbs.open_exercise(by=user, centre=found, criterion=row, asked=asked, key=form.once)
        form.forget(user)
        messages.success(request, "Opened. Whoever was invited is told, and judges alone.")
        return see_other(request, _address(made))
    context = {"centre": found, "criterion": row, "form": form, "work": work}
    return show(request, "quality/standardisation_add.html", context, status=422 if form.is_bound else 200)


@login_required
@require_GET
def standardisation(request: HttpRequest, exercise: uuid.UUID) -> HttpResponse:
    """One exercise: judging, or everything once the discussion is open."""
    page = readings.exercise_page(person(request), _exercise(request, exercise))
    return show(request, "quality/standardisation.html", {"page": page})


@login_required
@require_http_methods(["GET", "POST"])
def standardisation_invite(request: HttpRequest, exercise: uuid.UUID) -> HttpResponse:
    """Invite more people."""
    user = person(request)
    row = _exercise(request, exercise)
    verdict = for_whom(may.can_invite(user, row))
    form = InviteForm(sent(request), members=readings.can_be_invited(row))
    if request.method == "POST" and form.is_valid():
        verbs.invite_to_exercise(by=user, exercise=row, members=form.chosen, key=form.once)
        messages.success(request, "Invited. They are told, and judge every item.")
        return see_other(request, _address(row))
    return _act(request, row, form, verdict, "Invite more people", "Invite")


@login_required
@require_http_methods(["GET", "POST"])
def standardisation_judge(request: HttpRequest, exercise: uuid.UUID, position: int) -> HttpResponse:
    """The evidence of one item without whose it is, and the reader's own judgement of it."""
    user = person(request)
    item = _item(request, exercise, position)
    page = items.item_page(user, item)
    form = JudgementForm(sent(request))
    if page.can_judge:
        form.keep(user, item.uid)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        verbs.judge_item(by=user, item=item, outcome=typed["outcome"], reason=typed["reason"], key=form.once)
        form.forget(user)
        messages.success(request, f"Recorded: your judgement of item {item.position}.")
        onward = page.following
        there = reverse("standardisation-judge", args=(exercise, onward)) if onward else _address(page.exercise)
        return see_other(request, there)
    if form.is_bound:
        for_whom(page.can_judge)
    note_neutral(page.can_read, page.versions)
    context = {"page": page, "form": form}
    return show(request, "quality/standardisation_judge.html", context, status=422 if form.is_bound else 200)


@login_required
@require_safe
def standardisation_picture(
    request: HttpRequest, exercise: uuid.UUID, position: int, piece: int, page: int
) -> HttpResponseBase:
    """A picture of ours made of one piece of an item: a page, or a picture in a document. Never the file."""
    item = _item(request, exercise, position)
    version = items.version_at(item, piece)
    if version is None:
        raise Http404
    open_neutral(person(request), item.exercise, version)
    folder = storage.derived().folder(version.address)
    made = previews.load(folder)
    pictures = [name for name in made.files if name.endswith(".webp")] if made else []
    if not 1 <= page <= len(pictures):
        raise Http404
    try:
        return streaming.serve_inline_derived(request, folder / pictures[page - 1], "image/webp")
    except FileNotFoundError:
        raise Http404 from None


@login_required
@require_http_methods(["GET", "POST"])
def standardisation_discuss(request: HttpRequest, exercise: uuid.UUID) -> HttpResponse:
    """Open the discussion, with the reason while somebody has not judged."""
    user = person(request)
    row = _exercise(request, exercise)
    page = readings.exercise_page(user, row)
    verdict = for_whom(page.can_discuss)
    form = DiscussionForm(sent(request), early=page.missing > 0)
    form.keep(user, row.uid)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data.get("reason", "")
        verbs.open_discussion(by=user, exercise=row, reason=reason, key=form.once)
        form.forget(user)
        messages.success(request, "The discussion is open. Everybody who takes part sees every judgement.")
        return see_other(request, _address(row))
    silent = [one.name for one in page.silent]
    return _act(request, row, form, verdict, "Open the discussion", "Open the discussion", silent=silent)


@login_required
@require_http_methods(["GET", "POST"])
def standardisation_agree(request: HttpRequest, exercise: uuid.UUID, position: int) -> HttpResponse:
    """What the discussion came to on one item."""
    user = person(request)
    item = _item(request, exercise, position)
    verdict = for_whom(may.can_record_discussion(user, item.exercise))
    form = AgreedForm(sent(request))
    form.keep(user, item.uid)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        verbs.agree_outcome(by=user, item=item, outcome=typed["outcome"], reason=typed["reason"], key=form.once)
        form.forget(user)
        messages.success(request, f"Recorded: the outcome of item {item.position}.")
        return see_other(request, _address(item.exercise))
    title = f"Outcome of item {item.position}"
    return _act(request, item.exercise, form, verdict, title, "Record the outcome")


@login_required
@require_http_methods(["GET", "POST"])
def standardisation_meeting(request: HttpRequest, exercise: uuid.UUID) -> HttpResponse:
    """A meeting with who was there and its notes."""
    user = person(request)
    row = _exercise(request, exercise)
    verdict = for_whom(may.can_record_discussion(user, row))
    form = MeetingForm(sent(request), members=readings.could_attend(row))
    form.keep(user, row.uid)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        met = verbs.Met(typed["held_on"], typed["minutes"], form.chosen, typed["notes"])
        verbs.record_meeting(by=user, exercise=row, met=met, key=form.once)
        form.forget(user)
        messages.success(request, "Recorded: the meeting, and who was there.")
        return see_other(request, _address(row))
    return _act(request, row, form, verdict, "Record a meeting", "Record the meeting")


@login_required
@require_http_methods(["GET", "POST"])
def standardisation_complete(request: HttpRequest, exercise: uuid.UUID) -> HttpResponse:
    """Complete the exercise with what changes in practice."""
    user = person(request)
    row = _exercise(request, exercise)
    verdict = for_whom(readings.exercise_page(user, row).can_complete)
    form = CompleteForm(sent(request))
    form.keep(user, row.uid)
    if request.method == "POST" and form.is_valid():
        verbs.complete_exercise(by=user, exercise=row, change=form.cleaned_data["change"], key=form.once)
        form.forget(user)
        messages.success(request, "Complete. The change to practice is on record.")
        return see_other(request, _address(row))
    return _act(request, row, form, verdict, "Complete the exercise", "Complete the exercise")


def _act(
    request: HttpRequest, row: StandardisationExercise, form: Any, verdict: Any, title: str, act: str, **more: Any
) -> HttpResponse:
    """The page of one act on an exercise, with its form."""
    context = {"exercise": row, "form": form, "verdict": verdict, "title": title, "act": act, **more}
    return show(request, "quality/standardisation_act.html", context, status=422 if form.is_bound else 200)
