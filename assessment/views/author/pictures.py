"""Pictures of a draft: put into a lesson, looked at, taken out again."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessment.forms.author import FileForm, PictureForm, RemoveForm
from content.authoring import permissions
from content.authoring.files import taken_apart
from content.authoring.picturing import add_picture, line_of, picture_in, picture_page
from content.authoring.structure import removal_of, remove_part
from content.loader import is_lesson
from content.models import DraftFile, UnitDraft
from courseware.kit.editor.views import refusal_of
from courseware.kit.filekinds.kinds import Unacceptable
from courseware.kit.http import SeeOther, by_script, show
from courseware.kit.rasters import SENT, remade
from courseware.kit.streaming import serve_kept_picture
from courseware.people.views import person
from courseware.people.views.members import attempt

from .drafts import draft_of
from .files import file_of, show_editor

PREVIEWS = 6  # what decoding one picture is worth of them: 20 a minute
PAUSE = "So many pictures at once take a pause. Put it in again in a minute."


@login_required
@require_POST
def picture_add(request: HttpRequest, uid: uuid.UUID, file: str) -> HttpResponse:
    """Put a picture into a lesson: a script gets its line, without one the editor comes back with the line below.

    The text that was being written comes back as it was typed; it is saved by its own button.
    """
    draft = draft_of(request, uid)
    row = file_of(draft, file)
    permissions.can_edit(request.user, draft).require()
    if not is_lesson(row.path):
        raise Http404
    picture = PictureForm(request.POST, request.FILES)
    refusal = refusal_of(request, PREVIEWS)
    if refusal is not None and by_script(request):
        return refusal
    line = "" if refusal is not None else _taken(request, draft, picture)
    if refusal is not None and picture.is_valid():
        picture.add_error("picture", PAUSE)
    if by_script(request):
        return JsonResponse({"line": line}) if line else JsonResponse({"reason": picture.reason()}, status=422)
    data = request.POST.copy()
    if line:
        data["body"] = f"{data.get('body', '').rstrip()}\n\n{line}"
    form = FileForm(data, parts=taken_apart(row.path, row.text), revision=row.revision)
    valid = form.is_valid()
    typed = form.text if valid else row.text
    shown = DraftFile(draft=draft, path=row.path, text=typed, revision=row.revision)
    return show_editor(request, draft, shown, form, 200 if line and valid else 422, None if line else picture)


def _taken(request: HttpRequest, draft: UnitDraft, picture: PictureForm) -> str:
    """The line that shows the picture that was sent; empty, with the reason in `picture`, when it is not taken."""
    if not picture.is_valid():
        return ""
    sent = picture.cleaned_data
    try:
        raster = remade(sent["picture"].read(SENT + 1))
        row = add_picture(by=person(request), draft=draft, raster=raster, words=sent["words"])
    except Unacceptable as refused:
        picture.add_error("picture", refused.sentence)
    except ValidationError as wrong:
        picture.add_error("picture", wrong)
    else:
        return line_of(row.path, sent["words"], sent["caption"])
    return ""


@login_required
@require_GET
def draft_picture(request: HttpRequest, uid: uuid.UUID, name: str) -> HttpResponseBase:
    """A picture of a draft, for its preview."""
    picture = picture_in(draft_of(request, uid), name)
    if picture is None:
        raise Http404
    return serve_kept_picture(request, picture.digest, bytes(picture.data))


@login_required
@require_http_methods(["GET", "POST"])
def draft_picture_page(request: HttpRequest, uid: uuid.UUID, name: str) -> HttpResponse:
    """A picture of a draft: what it is, which lessons show it, and a button that removes it."""
    draft = draft_of(request, uid)
    page = picture_page(draft, file_of(draft, f"figures/{name}.webp"))
    if page is None:
        raise Http404
    seen = removal_of(draft, page.row.path).seen
    form = RemoveForm(request.POST if request.method == "POST" else None, initial={"seen": seen})
    status = 200
    if request.method == "POST":
        status = attempt(
            form,
            lambda sent: remove_part(by=person(request), draft=draft, path=page.row.path, seen=sent["seen"]),
        )
        if not status:
            messages.success(request, f"{page.name} is removed.")
            return SeeOther(reverse("unit-draft", args=(draft.uid,)))
    return show(request, "author/picture.html", {"page": page, "form": form}, status=status)
