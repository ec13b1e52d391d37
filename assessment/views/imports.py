"""Bringing in a list of learners: the list, what is read from it, mending, adding."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessment.forms.imports import BringListForm, ColumnsForm, MendForm
from assessment.models import Cohort, LearnerImport
from assessment.permissions import imports as may
from assessment.readings import imports as readings
from assessment.workflow import imports as workflow
from courseware.kit.filekinds import tidy_name
from courseware.kit.forms import PlainForm
from courseware.kit.http import see_other, show
from courseware.kit.lists import Row, Unacceptable, rows_in, rows_of
from courseware.people.views import person
from courseware.people.views.members import attempt


def _import(request: HttpRequest, uid: uuid.UUID) -> LearnerImport:
    rows = LearnerImport.objects.visible_to(person(request)).select_related(
        "centre", "cohort__centre", "cohort__specification__unit"
    )
    return get_object_or_404(rows, uid=uid)


@login_required
@require_http_methods(["GET", "POST"])
def import_add(request: HttpRequest, cohort: uuid.UUID) -> HttpResponse:
    """Bring a list for a cohort: pasted, or as a file."""
    rows = Cohort.objects.visible_to(person(request)).select_related("centre", "specification__unit")
    found = get_object_or_404(rows, uid=cohort)
    may.can_import_learners(person(request), found).require()
    form = BringListForm(request.POST, request.FILES) if request.method == "POST" else BringListForm()
    status = 200
    if request.method == "POST":
        made: list[LearnerImport] = []

        def bring(_sent: dict[str, object]) -> None:
            lines, title = _brought(form)
            made.append(workflow.draft_import(by=person(request), cohort=found, rows=lines, title=title))

        try:
            status = attempt(form, bring)
        except Unacceptable as refused:
            form.add_error("file", refused.sentence)
            status = 422
        if made:
            return see_other(request, reverse("import", args=[made[0].uid]))
    return show(request, "imports/add.html", {"cohort": found, "form": form}, status=status)


def _brought(form: BringListForm) -> tuple[list[Row], str]:
    """The lines of the list and what it is called. Raises Unacceptable for a file that is none."""
    file = form.cleaned_data["file"]
    if file is None:
        return rows_of(form.cleaned_data["pasted"]), "Pasted list"
    return rows_in(Path(file.temporary_file_path()), file.name, workflow.MOST), tidy_name(file.name)


def _page(request: HttpRequest, found: LearnerImport, status: int = 200, **bound: PlainForm) -> HttpResponse:
    """The page of a list; `bound` are forms that came back with faults (`columns`, `mend`, `commit`)."""
    page = readings.import_page(
        person(request), found, showing=request.GET.get("show", ""), number=request.GET.get("page", 1)
    )
    context = {
        "page": page,
        "list": found,
        "columns": _columns_form(None, page),
        "mend": PlainForm(auto_id=False),
        "commit": PlainForm(auto_id=False),
        "form": next(iter(bound.values()), None),
    } | bound
    return show(request, "imports/page.html", context, part="imports/_progress.html", status=status)


def _columns_form(data: object, page: readings.ImportPage) -> ColumnsForm:
    samples = [(column.field, column.sample) for column in page.columns]
    return ColumnsForm(data, samples=samples, initial={"header": page.found.header})


@login_required
@require_GET
def import_page(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """One list: what was read, what is the matter with which line, and later what came of it."""
    return _page(request, _import(request, uid))


@login_required
@require_POST
def import_columns(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Say what the columns hold."""
    found = _import(request, uid)
    form = _columns_form(request.POST, readings.import_page(person(request), found))
    status = attempt(form, lambda _sent: workflow.set_columns(by=person(request), found=found, columns=form.columns))
    if status:
        return _page(request, found, status, columns=form)
    messages.success(request, "The list is read again with these columns.")
    return see_other(request, reverse("import", args=[found.uid]))


@login_required
@require_POST
def import_mend(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Look again at lines that were mended."""
    found = _import(request, uid)
    numbers = sorted({int(name[5:]) for name in request.POST if re.fullmatch(r"name-[0-9]{1,6}", name)})
    form = MendForm(request.POST, numbers=numbers)
    status = attempt(form, lambda _sent: workflow.mend_lines(by=person(request), found=found, mended=form.mended))
    if status:
        return _page(request, found, status, mend=form)
    messages.success(request, "The lines are looked at again.")
    return see_other(request, reverse("import", args=[found.uid]))


@login_required
@require_POST
def import_commit(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Add every line that is good: a short list at once, a long one by the worker while the page says how far."""
    found = _import(request, uid)
    form = PlainForm(request.POST, auto_id=False)
    status = attempt(form, lambda _sent: workflow.commit_import(by=person(request), found=found, key=form.once))
    if status:
        return _page(request, found, status, commit=form)
    workflow.carry_on(found)
    return see_other(request, reverse("import", args=[found.uid]))


@login_required
@require_POST
def import_discard(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Throw the list away; nobody was added by it."""
    found = _import(request, uid)
    form = PlainForm(request.POST, auto_id=False)
    status = attempt(form, lambda _sent: workflow.discard_import(by=person(request), found=found))
    if status:
        return _page(request, found, status, commit=form)
    messages.success(request, "The list is thrown away. Nobody was added.")
    return see_other(request, reverse("cohort", args=[found.cohort.uid]))


urlpatterns: list[URLPattern] = [
    path("cohorts/<uuid:cohort>/import/", import_add, name="import-add"),
    path("cohorts/imports/<uuid:uid>/", import_page, name="import"),
    path("cohorts/imports/<uuid:uid>/columns/", import_columns, name="import-columns"),
    path("cohorts/imports/<uuid:uid>/mend/", import_mend, name="import-mend"),
    path("cohorts/imports/<uuid:uid>/add/", import_commit, name="import-commit"),
    path("cohorts/imports/<uuid:uid>/discard/", import_discard, name="import-discard"),
]
