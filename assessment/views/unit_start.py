"""Beginning a unit: paste its specification, correct what was read, and it becomes a draft; or a folder, packed."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_http_methods

from assessment.forms.unit_start import CorrectForm, PackedUnitForm, PasteForm
from content.authoring import permissions as may
from content.authoring import writing
from content.authoring.archives import LARGEST, packed, unit_in
from content.authoring.draft import drafted, files_for
from content.authoring.found import Recognised
from content.authoring.sheet import told, written
from content.authoring.specification import recognise
from content.authoring.taking import take_in
from content.canonical import files_of
from content.checks import check_files
from content.models import UnitDraft, UnitEdition
from content.publishing import source_of
from content.schema import FaultyUnit
from content.shelf import whole
from courseware.kit.filekinds import tidy_name
from courseware.kit.filekinds.kinds import Unacceptable
from courseware.kit.http import see_other, show
from courseware.people.models import Centre
from courseware.people.standing import standing_of
from courseware.people.views import person
from courseware.people.views.members import attempt

from .author.drafts import centre_of

MOST = 100  # notes, pieces or faults on one page


def _centre(request: HttpRequest) -> Centre:
    """The centre that the form names; for a new one the chosen, else the first. Raises NotYours, Http404."""
    if request.method != "POST" or "centre" not in request.POST:
        return centre_of(request)
    may.can_write_some_units(person(request)).require()
    known = standing_of(person(request)).memberships
    centres = (known[pk].centre for pk in may.centres_written_for(person(request)))
    sent = next((centre for centre in centres if str(centre.uid) == request.POST["centre"]), None)
    if sent is None:
        raise Http404
    return sent


@login_required
@require_http_methods(["GET", "POST"])
def unit_start(request: HttpRequest) -> HttpResponse:
    """Paste a specification; the answer is what was read from it."""
    centre = _centre(request)
    form = PasteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        found = recognise(form.cleaned_data["pasted"])
        draft = drafted(found)
        first = {**vars(draft), "outline": written(draft.outcomes), "pasted": form.cleaned_data["pasted"]}
        return _correct(request, centre, CorrectForm(initial=first), found)
    context = {"form": form, "centre": centre}
    return show(request, "author/start.html", context, status=422 if form.is_bound else 200)


def _correct(
    request: HttpRequest, centre: Centre, form: CorrectForm, found: Recognised, status: int = 200
) -> HttpResponse:
    counts = (len(found.outcomes), sum(len(outcome.criteria) for outcome in found.outcomes))
    context = {
        "form": form,
        "centre": centre,
        "found": found,
        "counts": counts,
        "notes": found.told[:MOST],
        "more_notes": len(found.told[MOST:]),
        "unused": found.unused[:MOST],
        "more_unused": len(found.unused[MOST:]),
        "feet": found.feet[:MOST],
    }
    return show(request, "author/correct.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def unit_correct(request: HttpRequest) -> HttpResponse:
    """Begin the unit from what was corrected, or show what is still to be corrected. Who comes by the address alone,
    as after signing in again, is led to where one pastes.
    """
    centre = _centre(request)
    if request.method == "GET":
        return see_other(request, reverse("unit-start"))
    form = CorrectForm(request.POST)
    begun: list[UnitDraft] = []

    def begin(_sent: dict[str, object]) -> None:
        files = files_for(form.draft)
        check_files({name: text.encode() for name, text in files.items()})
        begun.append(writing.begin_unit(by=person(request), centre=centre, code=form.draft.code, files=files))

    try:
        status = attempt(form, begin)
    except FaultyUnit as faulty:
        status = 422
        for fault in faulty.faults:
            name, says = told(fault)
            form.add_error(name if name in form.fields else None, says)
    if status:
        return _correct(request, centre, form, recognise(request.POST.get("pasted", "")), status)
    criteria = sum(len(outcome.criteria) for outcome in form.draft.outcomes)
    messages.success(request, f"Unit {form.draft.code} is begun: a lesson to write for each of {criteria} criteria.")
    return see_other(request, _address(begun[0]))


def _address(draft: UnitDraft) -> str:
    return reverse("unit-draft", args=[draft.uid])


@login_required
@require_http_methods(["GET", "POST"])
def unit_upload(request: HttpRequest) -> HttpResponse:
    """Take a packed folder in as a draft; every fault is told with its file and line, and then nothing is taken."""
    centre = _centre(request)
    form = PackedUnitForm(request.POST, request.FILES) if request.method == "POST" else PackedUnitForm()
    begun: list[UnitDraft] = []
    faults: list[str] = []

    def take(sent: dict[str, object]) -> None:
        source = unit_in(form.cleaned_data["file"].read(LARGEST + 1))
        files, over = files_of(source), bool(sent["over"])
        by, figures = person(request), source.figures
        begun.append(take_in(by=by, centre=centre, code=source.code, files=files, figures=figures, over=over))

    status = 200
    if request.method == "POST":
        try:
            status = attempt(form, take)
        except Unacceptable as refused:
            form.add_error("file", refused.about(tidy_name(form.cleaned_data["file"].name)).sentence)
            status = 422
        except FaultyUnit as faulty:
            faults = [str(fault) for fault in faulty.faults]
            form.add_error("file", "The unit has faults, and nothing of it was taken. Mend what is listed.")
            status = 422
    if begun:
        messages.success(request, f"Unit {begun[0].code} is taken in as a draft.")
        return see_other(request, _address(begun[0]))
    context = {"form": form, "centre": centre, "faults": faults[:MOST], "more_faults": len(faults[MOST:])}
    return show(request, "author/upload.html", context, status=status)


@login_required
@require_GET
def draft_download(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """A draft as a ZIP archive of its folder, as it stands."""
    draft = get_object_or_404(UnitDraft.objects.visible_to(person(request)), uid=uid)
    return _archive(packed(whole(writing.texts_of(draft)), draft.code), f"unit-{draft.code}-draft.zip")


@login_required
@require_GET
def edition_download(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """A published edition as a ZIP archive of its folder: byte for byte what was published."""
    may.can_write_some_units(person(request)).require()
    centres = may.centres_written_for(person(request))
    rows = UnitEdition.objects.usable_in(centres).select_related("unit", "specification")
    edition = get_object_or_404(rows, uid=uid)
    name = f"unit-{edition.unit.code}-edition-{edition.number}.zip"
    return _archive(packed(whole(files_of(source_of(edition))), edition.unit.code), name)


def _archive(data: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(data, headers=headers, content_type="application/zip")


urlpatterns: list[URLPattern] = [
    path("author/new/", unit_start, name="unit-start"),
    path("author/new/check/", unit_correct, name="unit-correct"),
    path("author/upload/", unit_upload, name="unit-upload"),
    path("author/<uuid:uid>/download/", draft_download, name="unit-draft-download"),
    path("author/edition/<uuid:uid>/download/", edition_download, name="edition-download"),
]
