"""A few pages that exist for the tests of the kit alone: one form, one page of every refusal. Knows no domain."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

from allauth.account.decorators import login_required
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from courseware.kit.context import NavItem, Shell
from courseware.kit.forms import ManyFilesField, PlainForm
from courseware.kit.http import see_other, show
from courseware.kit.verdict import NotNow, NotYours, Stale, not_now, yes

AT = dt.datetime(2026, 11, 14, 16, 10, tzinfo=dt.UTC)


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
        theme="dark",
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


urlpatterns = [
    path("", page, name="today"),
    path("refuse/<str:kind>/", refuse),
    path("members/", members),
    path("accounts/", include("allauth.urls")),
]
handler400 = "courseware.kit.http.bad_request"
handler403 = "courseware.kit.http.forbidden"
handler404 = "courseware.kit.http.not_found"
handler500 = "courseware.kit.http.server_error"
