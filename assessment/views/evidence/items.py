"""An item and its versions: reading, renaming, removing, and saying what a version shows."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from assessment.forms.evidence import MapForm, RemoveForm, RenameForm
from assessment.models import EvidenceItem
from assessment.readings import differences
from assessment.readings import evidence_items as reading
from assessment.workflow import evidence as workflow
from assessment.workflow import methods
from assessment.workflow.access import note_access
from courseware.kit.http import see_other, show
from courseware.kit.words import listed
from courseware.people.views import person

from .files import tries, visible_version


def _item(request: HttpRequest, uid: uuid.UUID, *, removed_too: bool = False) -> EvidenceItem:
    rows = EvidenceItem.objects.visible_to(person(request)).select_related(
        "learner_unit__learner", "learner_unit__centre"
    )
    found: EvidenceItem = get_object_or_404(rows if removed_too else rows.filter(removed_at=None), uid=uid)
    return found


def _read(request: HttpRequest, uid: uuid.UUID, *, removed_too: bool = False) -> reading.ItemPage:
    item = _item(request, uid, removed_too=removed_too)
    return reading.item_page(person(request), item, reading.versions_of(person(request), item))


@login_required
@require_safe
def evidence(request: HttpRequest, item: uuid.UUID) -> HttpResponse:
    """The newest version in place, every version, and what may be done."""
    row = _item(request, item)
    versions = reading.versions_of(person(request), row)
    note_access(person(request), versions[:1])
    page = reading.item_page(person(request), row, versions)
    return show(request, "evidence/item.html", {"page": page, "shown": page.newest}, part="evidence/_version.html")


@login_required
@require_safe
def evidence_version(request: HttpRequest, version: uuid.UUID) -> HttpResponse:
    """One version in place: the newest or any before it."""
    row = visible_version(request, version)
    note_access(person(request), [row], quietly="HX-Request" in request.headers)
    page = reading.version_page(person(request), row)
    context = {"page": page, "shown": page.shown, "tries": tries(request)}
    return show(request, "evidence/version.html", context, part="evidence/_version.html")


@login_required
@require_safe
def version_changes(request: HttpRequest, version: uuid.UUID) -> HttpResponse:
    """What changed from the version before to this one; both are noted as read."""
    row = visible_version(request, version)
    before = differences.version_before(person(request), row)
    note_access(person(request), [one for one in (before, row) if one])
    page = differences.changes_page(person(request), row, before)
    return show(request, "evidence/changes.html", {"page": page, "sides": [page.new, page.old]})


def _as_it_is(item: EvidenceItem) -> dict[str, str]:
    """An item's title and how it came about, as the forms name them."""
    return {name: getattr(item, name) for name in ("title", "method", "witness", "witness_relation")}


def _changed(request: HttpRequest, item: EvidenceItem, form: RenameForm | MapForm) -> EvidenceItem:
    """The title and the method, as far as the form asks for them and they are others than before."""
    by, was = person(request), _as_it_is(item)
    title = form.cleaned_data.get("title")
    if title and title != was["title"]:
        item = workflow.rename_evidence(by=by, item=item, title=title, key=form.once)
    if form.came_about and was | form.came_about != was:
        item = methods.change_method(by=by, item=item, **form.came_about, key=form.once)
    return item


@login_required
@require_http_methods(["GET", "POST"])
def evidence_rename(request: HttpRequest, item: uuid.UUID) -> HttpResponse:
    """Give an item another title, and say how it came about."""
    page = _read(request, item)
    page.can_change.require()
    initial = _as_it_is(page.item)
    form = RenameForm(request.POST) if request.method == "POST" else RenameForm(initial=initial)
    if form.is_bound and form.is_valid():
        renamed = _changed(request, page.item, form)
        messages.success(request, f"Saved: {renamed.title}.")
        return see_other(request, reverse("evidence", args=[renamed.uid]))
    context = {"page": page, "form": form}
    return show(request, "evidence/rename.html", context, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "POST"])
def evidence_remove(request: HttpRequest, item: uuid.UUID) -> HttpResponse:
    """Ask, then take an item out of the portfolio."""
    # A second click finds it removed already, and gets the first answer.
    page = _read(request, item, removed_too=request.method == "POST")
    page.can_change.require()
    form = RemoveForm(request.POST) if request.method == "POST" else RemoveForm()
    if form.is_bound and form.is_valid():
        workflow.remove_evidence(by=person(request), item=page.item, key=form.once)
        messages.success(request, f"Removed: {page.item.title}.")
        return see_other(request, "portfolio")
    context = {"page": page, "form": form}
    return show(request, "evidence/remove.html", context, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "POST"])
def evidence_map(request: HttpRequest, version: uuid.UUID) -> HttpResponse:
    """Say which criteria a version supports, each with a sentence why; then on to the next one of `?then=`."""
    row = visible_version(request, version)
    page = reading.map_page(person(request), row)
    form = MapForm(
        request.POST if request.method == "POST" else None,
        rows=page.rows,
        title=row.item.title if page.can_change else None,
        preset=request.GET.get("criterion", ""),
        initial=_as_it_is(row.item),
    )
    form.keep_reasons(person(request), row)
    if form.is_bound and form.is_valid():
        _record_mapping(request, page, form)
        form.forget(person(request))
        return see_other(request, _after_mapping(request, row.item))
    context = {"page": page, "form": form, "left": len(_waiting(request)), "groups": _groups(page, form)}
    return show(request, "evidence/map.html", context, status=422 if form.is_bound else 200)


def _record_mapping(request: HttpRequest, page: reading.MapPage, form: MapForm) -> None:
    item = _changed(request, page.version.item, form)
    workflow.map_evidence(by=person(request), version=page.version, reasons=form.reasons, key=form.once)
    numbers = [criterion.number for criterion, _why in form.reasons]
    shows = f"shows {listed(numbers)}" if numbers else "is not mapped to any criterion yet"
    messages.success(request, f"Saved: {item.title} {shows}.")


def _groups(page: reading.MapPage, form: MapForm) -> list[tuple[str, list[tuple[reading.MapRow, object, object]]]]:
    """The rows by learning outcome, each with its two fields (None for a mapping that was handed in)."""
    groups: dict[str, list[tuple[reading.MapRow, object, object]]] = {}
    for row in page.rows:
        outcome, number = row.criterion.outcome, row.criterion.number
        fields = (None, None) if row.frozen else (form[f"use-{number}"], form[f"why-{number}"])
        groups.setdefault(f"Outcome {outcome.number}: {outcome.statement}", []).append((row, *fields))
    return list(groups.items())


def _waiting(request: HttpRequest) -> list[str]:
    """Uids of the versions that wait to be mapped after this one; anything else in the query is dropped."""
    found = []
    for text in request.GET.get("then", "")[:4000].split(","):
        try:
            found.append(str(uuid.UUID(text)))
        except ValueError:
            continue
    return found


def _after_mapping(request: HttpRequest, item: EvidenceItem) -> str:
    waiting = _waiting(request)
    if not waiting:
        return reverse("evidence", args=[item.uid])
    first, *rest = waiting
    query = {"then": ",".join(rest)} if rest else {}
    if criterion := request.GET.get("criterion", ""):
        query["criterion"] = criterion[:10]
    address = reverse("evidence-map", args=[first])
    return f"{address}?{urlencode(query)}" if query else address
