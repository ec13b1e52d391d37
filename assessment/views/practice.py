"""Answering an activity, and starting over. Both lead back to the lesson, where the answer is told."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from assessment.models import LearnerUnit, Work
from assessment.readings.criterion import criterion_page
from assessment.readings.practice import Sent, kept_work
from assessment.readings.units import Reader
from assessment.workflow import practice
from assessment.workflow.evidence import keep_text
from assessment.workflow.products import turn_into_evidence
from content import catalogue
from content.activities.answers import Impossible, Unanswered
from content.models import Criterion
from courseware.kit.http import SeeOther, by_script, show
from courseware.kit.verdict import NotNow, not_yours
from courseware.people.views import person

from .evidence.drafts import of_whom
from .units import reader_for


def _lesson(request: HttpRequest, code: str, number: str) -> tuple[Reader, LearnerUnit, catalogue.LessonPage, int]:
    """Reader, their learner-unit, the lesson, and the criterion's row (its id) on which the learner's work on it is.

    Raises Http404, and Refused for somebody who only reads along.
    """
    reader = reader_for(request, code)
    try:
        lesson = catalogue.lesson_page(reader.specification, number, base=reader.base)
    except Criterion.DoesNotExist:
        raise Http404 from None
    if reader.learner_unit is None:
        not_yours("Only a learner of this unit can do this.").require()
    assert reader.learner_unit is not None  # noqa: S101 - the line above never returns
    own = (
        reader.learner_unit.statuses.filter(criterion__number=number).order_by().values_list("criterion_id", flat=True)
    )
    return reader, reader.learner_unit, lesson, own.get()


def _back(reader: Reader, number: str, more: str, anchor: str) -> HttpResponse:
    query = "&".join(part for part in (reader.query.lstrip("?"), more) if part)
    address = reverse("criterion", args=(reader.code, number))
    return SeeOther(f"{address}{'?' if query else ''}{query}#{anchor}")


def _key(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        raise Impossible("The form's one-time key is missing.") from None


def _answered(request: HttpRequest) -> dict[str, list[str]]:
    """The fields of the form, without what the script adds."""
    own = {"revision", "who"} if by_script(request) else set()
    return {name: [str(value) for value in values] for name, values in request.POST.lists() if name not in own}


def _seen(request: HttpRequest) -> str:
    """The state of a work that the page showed; a page whose work was not there yet says 0."""
    return request.POST.get("revision", "")


def _kept(work: Work) -> JsonResponse:
    """What the script gets for a work that was saved as one types."""
    saved_at = f"{timezone.localtime(work.at):%H:%M}"
    return JsonResponse({"saved_at": saved_at, "revision": practice.state_of(work.answer)})


@login_required
@require_POST
def answer_activity(request: HttpRequest, code: str, number: str, activity: str) -> HttpResponse:
    """One answer to one activity: kept, then shown with what there is to say of it."""
    reader, unit, lesson, own = _lesson(request, code, number)
    found = next((one for one in lesson.activities if one.id == activity), None)
    if found is None or not (found.kind.practice or found.kind.work):
        raise Http404
    asked = practice.Asked(unit, own, lesson.edition_id, found)
    try:
        given = found.kind.read(found.data, _answered(request))
        if found.kind.work and by_script(request):
            of_whom(request)
            return _kept(practice.keep_work(by=person(request), asked=asked, given=given, seen=_seen(request)))
        if found.kind.work:
            practice.keep_work(by=person(request), asked=asked, given=given)
        elif found.kind.finished(found.data, given):
            practice.answer_activity(by=person(request), asked=asked, given=given, key=_key(request))
        else:
            return _back(reader, number, f"at={found.id}.{given['path']}", found.id)
    except Unanswered as missing:
        if by_script(request):
            return JsonResponse({"reason": missing.message}, status=422)
        page = criterion_page(reader, number, Sent(found.id, missing.answer, missing.message))
        return show(request, "units/criterion.html", {"page": page}, status=422)
    except Impossible as fault:
        return show(request, "400.html", {"reason": str(fault)}, status=400)
    return _back(reader, number, "", found.id)


@login_required
@require_POST
def activity_evidence(request: HttpRequest, code: str, number: str, activity: str) -> HttpResponse:
    """What was made in an activity, as it was saved last, becomes evidence for its criterion."""
    _, unit, lesson, own = _lesson(request, code, number)
    found = next((one for one in lesson.activities if one.id == activity), None)
    if found is None or found.kind.product is None:
        raise Http404
    by = person(request)
    given = kept_work(unit, own, found)
    lacks = found.kind.lacks(found.data, given) if given else ["There is nothing saved yet."]
    if lacks:
        raise NotNow(f"This is not whole yet. {' '.join(lacks)}")
    try:
        key = _key(request)
    except Impossible as fault:
        return show(request, "400.html", {"reason": str(fault)}, status=400)
    kept = keep_text(by, unit, found.kind.product(found.data, given))
    asked = practice.Asked(unit, own, lesson.edition_id, found)
    item = turn_into_evidence(by=by, asked=asked, title=found.data["title"], kept=kept, key=key)
    messages.success(request, f"Saved as evidence and mapped to {number}. Submit it when you are ready.")
    return SeeOther(reverse("evidence", args=(item.uid,)))


@login_required
@require_POST
def start_over(request: HttpRequest, code: str, number: str) -> HttpResponse:
    """The practice of one criterion from the beginning."""
    reader, unit, _, own = _lesson(request, code, number)
    practice.start_over(by=person(request), learner_unit=unit, criterion_id=own)
    messages.success(request, "Your tries are cleared. What you wrote and built is still there.")
    return _back(reader, number, "", "lesson")


urlpatterns: list[URLPattern] = [
    path("units/<slug:code>/<str:number>/practice/<slug:activity>/", answer_activity, name="activity-answer"),
    path("units/<slug:code>/<str:number>/evidence/<slug:activity>/", activity_evidence, name="activity-evidence"),
    path("units/<slug:code>/<str:number>/start-over/", start_over, name="practice-start-over"),
]
