"""One file of a draft: the editor, what it will look like, its activities tried."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessment.forms.author import FileForm, PictureForm
from assessment.readings.disputed import judged_so_far
from assessment.views.evidence.drafts import of_whom
from content.activities.answers import Impossible
from content.authoring import permissions, writing
from content.authoring.files import put_together, taken_apart
from content.authoring.pages import file_page, preview_of, told_of
from content.authoring.structure import moved_row
from content.loader import FILE_LIMIT, is_lesson
from content.models import DraftFile, UnitDraft
from courseware.kit.editor.views import refusal_of
from courseware.kit.http import SeeOther, by_script, show
from courseware.kit.verdict import Stale
from courseware.people.views import person

from .drafts import draft_of


def base_of(draft: UnitDraft) -> str:
    """Where links of a preview to lessons and terms lead: nowhere but the draft."""
    return reverse("unit-draft", args=(draft.uid,)) + "#"


def file_of(draft: UnitDraft, path: str) -> DraftFile:
    """The draft's file at `path`, or the lesson that was there before its number changed; Http404."""
    row = draft.files.select_related("changed_by").filter(path=path).first() or moved_row(draft, path)
    if row is None:
        raise Http404
    return row


@login_required
@require_http_methods(["GET", "POST"])
def draft_file(request: HttpRequest, uid: uuid.UUID, file: str) -> HttpResponse:
    """The editor of one file; a script saves while one types, and gets JSON."""
    draft = draft_of(request, uid)
    row = file_of(draft, file)
    if request.method == "GET":
        form = FileForm(parts=taken_apart(row.path, row.text), revision=row.revision)
        return show_editor(request, draft, row, form)
    permissions.can_edit(request.user, draft).require()
    if by_script(request):
        of_whom(request)
    form = FileForm(request.POST, parts=taken_apart(row.path, row.text), revision=row.revision)
    if not form.is_valid():
        return _refused(
            request, draft, row, form, " ".join(str(one) for errors in form.errors.values() for one in errors)
        )
    if "preview" in request.POST:
        shown = DraftFile(draft=draft, path=row.path, text=form.text, revision=form.cleaned_data["revision"])
        return show_editor(request, draft, shown, form)
    try:
        seen = form.cleaned_data["revision"]
        row = writing.save_file(by=person(request), draft=draft, path=row.path, text=form.text, seen=seen)
    except Stale as told:
        return _stale(request, draft, row, form, told.current)
    except ValidationError as wrong:
        return _refused(request, draft, row, form, " ".join(wrong.messages))
    if by_script(request):
        return JsonResponse({"saved_at": f"{timezone.localtime(row.changed_at):%H:%M}", "revision": row.revision})
    messages.success(request, "Saved.")
    return SeeOther(reverse("draft-file", args=(draft.uid, row.path)))


def show_editor(
    request: HttpRequest,
    draft: UnitDraft,
    row: DraftFile,
    form: FileForm,
    status: int = 200,
    picture: PictureForm | None = None,
) -> HttpResponse:
    """The editor with the text of `row`, and `form` as it stands; `picture` came with one not taken."""
    page = file_page(draft, row, base_of(draft))
    context = {"page": page, "form": form, "theirs": None, "picture": picture or PictureForm()}
    return show(request, "author/file.html", context, status=status)


def _refused(request: HttpRequest, draft: UnitDraft, row: DraftFile, form: FileForm, why: str) -> HttpResponse:
    if by_script(request):
        return JsonResponse({"reason": why}, status=422)
    if not form.errors:
        form.add_error(None, why)
    return show_editor(request, draft, row, form, 422)


def _stale(
    request: HttpRequest, draft: UnitDraft, row: DraftFile, form: FileForm, theirs: DraftFile | None
) -> HttpResponse:
    """Both texts: one's own in the form, theirs beside it; saving again goes on from theirs."""
    if theirs is None:
        raise Http404
    parts = taken_apart(theirs.path, theirs.text)
    name = draft.centre.memberships.filter(user=theirs.changed_by_id).values_list("name", flat=True).first() or ""
    if by_script(request):
        texts = [parts.values.get(box, "") if box != "body" else parts.body for box in form.boxes()]
        said = JsonResponse(texts, safe=False).content.decode()
        return JsonResponse({"text": said, "revision": theirs.revision, "by": name}, status=409)
    data = request.POST.copy()
    data["revision"] = str(theirs.revision)
    again = FileForm(data, parts=form.parts, revision=theirs.revision)
    mine = DraftFile(draft=draft, path=row.path, text=form.text, revision=theirs.revision)
    page = file_page(draft, mine, base_of(draft))
    context = {"page": page, "form": again, "theirs": theirs, "their_name": name, "picture": PictureForm()}
    return show(request, "author/file.html", context, status=409)


@login_required
@require_POST
def file_shown(request: HttpRequest, uid: uuid.UUID, file: str) -> HttpResponse:
    """For a script: what is wrong with the body being typed, line by line, and what it will look like."""
    refusal = refusal_of(request)
    if refusal is not None:
        return refusal
    draft = draft_of(request, uid)
    row, body = file_of(draft, file), request.POST.get("body", "")
    if len(body) > FILE_LIMIT:
        return HttpResponse("The text is too long to be shown.", status=413, content_type="text/plain; charset=utf-8")
    parts = taken_apart(row.path, row.text)
    text = put_together(row.path, parts.values, body) if parts.keys else body
    texts = writing.texts_of(draft)
    context = {
        "draft": draft,
        "path": row.path,
        "told": told_of(texts, row.path, text),
        "shown": preview_of(texts, row.path, text, base_of(draft)),
    }
    return show(request, "author/_shown.html", context)


@login_required
@require_GET
def file_preview(request: HttpRequest, uid: uuid.UUID, file: str) -> HttpResponse:
    """The saved text as a page of its own: as a learner will see it, or (`?as=tutor`) as staff will."""
    draft = draft_of(request, uid)
    row = file_of(draft, file)
    as_tutor = request.GET.get("as") == "tutor" and is_lesson(row.path)
    page = file_page(draft, row, base_of(draft), for_staff=as_tutor)
    beside = judged_so_far(person(request), draft, row.path) if as_tutor else None
    context = {"page": page, "shown": page.shown, "as_tutor": as_tutor, "judged": beside}
    return show(request, "author/preview.html", context)


@login_required
@require_POST
def activity_try(request: HttpRequest, uid: uuid.UUID, activity: str, file: str) -> HttpResponse:
    """An activity of the saved text, answered as a learner would; nothing is kept."""
    draft = draft_of(request, uid)
    row = file_of(draft, file)
    form = {name: [str(value) for value in values] for name, values in request.POST.lists()}
    try:
        shown = preview_of(writing.texts_of(draft), row.path, row.text, base_of(draft), (activity, form))
    except Impossible as fault:
        return show(request, "400.html", {"reason": str(fault)}, status=400)
    if not any(item.activity.id == activity for item in shown.items):
        raise Http404
    page = file_page(draft, row, base_of(draft))
    context = {"page": page, "shown": shown, "as_tutor": False, "judged": None}
    return show(request, "author/preview.html", context)
