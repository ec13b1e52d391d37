"""What the marking views share: finding rows through what is visible, and noting what was read."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from assessment.models import Decision, EvidenceVersion, LearnerUnit
from assessment.readings import marking_desk, marking_pages
from assessment.readings.marking_desk import Desk
from assessment.readings.marking_line import Filters
from assessment.views.desks import held
from assessment.workflow.access import What, note_access
from courseware.kit.verdict import Verdict
from courseware.people.views import person

MARKING = "/marking/"


def unit_handing_in(request: HttpRequest, submission: uuid.UUID) -> LearnerUnit:
    """The learner-unit of a submission that the person may read as staff; 404 otherwise, for one's own too."""
    unit = marking_desk.units_handing_in.first(person(request), submission)
    if unit is None:
        raise Http404
    return unit


def desk_of(request: HttpRequest, submission: uuid.UUID, number: str) -> Desk:
    """The desk, its evidence noted as read; 404 when the submission is not visible or does not claim the criterion.

    What the browser says that it holds already is noted as it is shown, but not made again.
    """
    unit: Any = unit_handing_in(request, submission)
    request.learns_nothing = not unit.reader_learns  # type: ignore[attr-defined]  # spares the frame a statement
    holds = held(request) == f"{submission}/{number}"
    desk = marking_desk.desk(person(request), unit, submission, number, Filters.of(request.GET), held=holds)
    if desk is None:
        raise Http404
    note(request, desk.versions)
    return desk


def decision_of(request: HttpRequest, uid: uuid.UUID) -> Decision:
    """A decision that the person may read as staff; 404 otherwise."""
    return get_object_or_404(marking_pages.decisions_of_others(person(request)), uid=uid)


def note(request: HttpRequest, versions: Sequence[EvidenceVersion], what: What = "shown") -> None:
    """Leave the trace of evidence that this page shows, or sends ahead."""
    note_access(person(request), versions, what)


def for_whom(verdict: Verdict) -> Verdict:
    """`verdict`; a page for an act that is not this person's at all is refused (403), one not open now is shown."""
    if verdict.kind == "not_yours":
        verdict.require()
    return verdict


def with_query(address: str, request: HttpRequest, done: int = 0) -> str:
    """`address` with the queue's filters, so that they survive; along a criterion, `done` more were decided."""
    filters = Filters.of(request.GET)
    if done and filters.criterion:
        filters = replace(filters, done=filters.done + done)
    return f"{address}?{filters.query}" if filters.query else address
