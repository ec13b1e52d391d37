"""A few pages that exist for the tests of the kit alone: one form, one page of every refusal. Knows no domain."""

from __future__ import annotations

import datetime as dt
import re
import time
from types import SimpleNamespace

from allauth.account.decorators import login_required
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import include, path
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from courseware.kit import looks
from courseware.kit.context import NavItem, Shell
from courseware.kit.forms import ManyFilesField, PlainForm
from courseware.kit.http import see_other, show
from courseware.kit.verdict import NotNow, NotYours, Stale, not_now, yes

AT = dt.datetime(2026, 11, 14, 16, 10, tzinfo=dt.UTC)


def flat(html: str) -> str:
    """`html` without the white space that only the layout of templates puts there."""
    return re.sub(r"\s*([<>])\s*", r"\1", re.sub(r"\s+", " ", html)).strip()


class EvidenceForm(PlainForm):
    """Every kind of field once."""

    name = forms.CharField(label="Name of this evidence", help_text="So that your tutor recognises it.")
    how = forms.CharField(label="A note", widget=forms.Textarea, required=False)
    kind = forms.ChoiceField(label="Kind", choices=[("a", "Document"), ("b", "Recording")], widget=forms.RadioSelect)
    criteria = forms.MultipleChoiceField(
        label="Criteria", choices=[("1", "1.1"), ("2", "1.2")], widget=forms.CheckboxSelectMultiple, required=False
    )
    own = forms.BooleanField(label="This is my own work")
    target = forms.ChoiceField(label="Target", choices=[("", "Choose"), ("a", "95 %")], required=False)
    files = ManyFilesField(label="Files", required=False)
    decision = forms.ChoiceField(
        label="Decision", choices=[("met", "Met"), ("not_yet_met", "Not yet met")], widget=forms.RadioSelect
    )


def shell_for(request: HttpRequest) -> Shell:
    """A tutor in two centres, seven pieces waiting."""
    return Shell(
        "Daniel Hughes",
        "Calder Vale Training",
        [("a", "Calder Vale Training", True), ("b", "Other Centre", False)],
        [NavItem("Today", "/", request.path == "/"), NavItem("Marking", "/marking/", count=7)],
        theme=request.COOKIES.get("theme", ""),
        profile_url="/you/",
        switch_url="/switch/",
    )


def page(request: HttpRequest) -> HttpResponse:
    """The form, and what the look tests click on."""
    form = EvidenceForm(request.POST, request.FILES) if request.method == "POST" else EvidenceForm()
    if form.is_bound and form.is_valid():
        messages.success(request, "Recorded: 1.1 Met for Maya Okafor.")
        return see_other(request, "/")
    context = {"form": form, "allowed": yes("tutor"), "refused": not_now("Two criteria are not met yet: 1.1 and 2.3.")}
    return show(request, "kit_page.html", context, part="kit_part.html", status=422 if form.is_bound else 200)


def refuse(request: HttpRequest, kind: str) -> HttpResponse:
    """One refusal of each kind."""
    current = SimpleNamespace(by="Sunita Rao", at=AT, key="not_yet_met", text="On record now.")
    raise {
        "yours": NotYours("Only the named tutor may decide this."),
        "now": NotNow("Two criteria are not met yet: 1.1 and 2.3."),
        "stale": Stale("Sunita Rao decided this while you were writing", current),
        "moved": Stale("This was withdrawn while you were writing"),
        "denied": PermissionDenied,
        "suspicious": SuspiciousOperation("no"),
        "broken": ZeroDivisionError,
    }[kind]


@login_required
def members(request: HttpRequest) -> HttpResponse:
    """For people signed in only."""
    own = {"Cache-Control": "private, max-age=5", "Cross-Origin-Resource-Policy": "same-site"}
    return HttpResponse("in", headers=own if "own" in request.GET else {})


class Draft:
    """What the pretended server holds of one text, and how often a form arrived."""

    text = ""
    revision = 0
    arrived = 0


def desk(request: HttpRequest) -> HttpResponse:
    """Everything that scripts dress, and every component once."""
    return render(
        request,
        "kit_desk.html",
        {
            "form": EvidenceForm(),
            "keys": looks.LOOKS,
            "outcomes": [list(looks.CRITERION)],
            "at": AT,
            "page": Paginator(range(300), 10).get_page(4),
            "refused": not_now("Two criteria are not met yet: 1.1 and 2.3."),
            "revision": Draft.revision,
            "text": Draft.text,
        },
    )


@login_required
def save(request: HttpRequest) -> HttpResponse:
    """Keeps the text when it follows the newest, as a draft's view does."""
    if request.POST["text"] == "forbidden words":
        raise NotYours("Only the named tutor may write here.")
    if request.POST["revision"] != str(Draft.revision):
        return JsonResponse({"text": Draft.text, "revision": Draft.revision, "by": "Sunita Rao"}, status=409)
    Draft.text, Draft.revision = request.POST["text"], Draft.revision + 1
    return JsonResponse({"saved_at": "14:02", "revision": Draft.revision})


def preview(request: HttpRequest) -> HttpResponse:
    """The text as a paragraph."""
    return HttpResponse(format_html("<p>{}</p>", request.POST["text"]))


def slow(request: HttpRequest) -> HttpResponse:
    """Takes a form, slowly enough for a second click."""
    Draft.arrived += 1
    time.sleep(0.5)
    return see_other(request, "/desk/")


urlpatterns = [
    path("desk/", desk),
    path("save/", save),
    path("preview/", preview),
    path("slow/", slow),
    path("", page, name="today"),
    path("refuse/<str:kind>/", refuse),
    path("members/", members),
    path("only-a-form/", require_POST(page)),
    path("accounts/", include("allauth.urls")),
]
handler400 = "courseware.kit.http.bad_request"
handler403 = "courseware.kit.http.forbidden"
handler404 = "courseware.kit.http.not_found"
handler500 = "courseware.kit.http.server_error"
