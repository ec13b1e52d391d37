"""The comment bank: found, added, changed, retired."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from assessment.forms.comments import AddCommentForm, ChangeCommentForm, FindCommentsForm
from assessment.forms.marking import KeyForm
from assessment.models import Comment
from assessment.permissions import comments as may
from assessment.readings import comments as readings
from assessment.workflow import comments
from courseware.kit.editor.fields import as_preview, wants_preview
from courseware.kit.http import see_other, show
from courseware.kit.verdict import NotYours
from courseware.people.models import Centre
from courseware.people.views import person

ADDRESS = "comments"


@login_required
@require_http_methods(["GET", "POST"])
def comment_bank(request: HttpRequest) -> HttpResponse:
    """The comments that one can use, most used first, and a form for a new one."""
    user = person(request)
    whose = readings.places(user)
    if not whose:
        raise NotYours("The comment bank is for tutors.")
    form = AddCommentForm(request.POST if request.method == "POST" else None, whose=whose)
    form.keep(user, uuid.UUID(whose[0][0].partition(" ")[0]))
    preview = wants_preview(request)
    if request.method == "POST" and not preview and form.is_valid():
        sent = form.cleaned_data
        uid, _, shared = sent["whose"].partition(" ")
        centre = get_object_or_404(Centre.objects.visible_to(user), uid=uid)
        comments.add_comment(
            by=user, centre_id=centre.pk, text=sent["text"], outcome=sent["outcome"], shared=bool(shared)
        )
        form.forget(user)
        messages.success(request, "The comment is in the bank.")
        return see_other(request, ADDRESS)
    if preview:
        as_preview(form)
    find = FindCommentsForm(request.GET)
    find.is_valid()
    words, outcome = find.cleaned_data.get("q", ""), find.cleaned_data.get("outcome", "")
    bank = readings.bank(user, words, outcome, request.GET.get("page", 1))
    status = 422 if form.is_bound else 200
    return show(request, "marking/comments.html", {"bank": bank, "form": form, "find": find}, status=status)


def _comment(request: HttpRequest, uid: uuid.UUID) -> Comment:
    rows = Comment.objects.visible_to(person(request)).select_related("owner")
    return get_object_or_404(rows, uid=uid)


@login_required
@require_http_methods(["GET", "POST"])
def comment_change(request: HttpRequest, comment: uuid.UUID) -> HttpResponse:
    """Other words for a comment; feedback that has the old ones keeps them."""
    row = _comment(request, comment)
    may.can_change_comment(person(request), row).require()
    form = ChangeCommentForm(
        request.POST if request.method == "POST" else None, initial={"text": row.text, "outcome": row.outcome}
    )
    form.keep(person(request), row.uid)
    if wants_preview(request):
        as_preview(form)
    elif request.method == "POST" and form.is_valid():
        sent = form.cleaned_data
        comments.change_comment(by=person(request), comment=row, text=sent["text"], outcome=sent["outcome"])
        form.forget(person(request))
        messages.success(request, "The comment is changed. Feedback given before keeps the old words.")
        return see_other(request, ADDRESS)
    status = 422 if form.is_bound else 200
    return show(request, "marking/comment.html", {"comment": row, "form": form}, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def comment_retire(request: HttpRequest, comment: uuid.UUID) -> HttpResponse:
    """Ask, then offer a comment no more."""
    row = _comment(request, comment)
    may.can_change_comment(person(request), row).require()
    form = KeyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        comments.retire_comment(by=person(request), comment=row)
        messages.success(request, "The comment is not offered any more. Feedback that has it stays as it is.")
        return see_other(request, ADDRESS)
    status = 422 if form.is_bound else 200
    return show(request, "marking/retire.html", {"comment": row, "form": form}, status=status)
