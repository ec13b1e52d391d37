"""Views: what somebody was told, how they want e-mail about it, and letters that did not arrive."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessment.forms.notices import ChooseForm, ReadAllForm
from assessment.models import Letter, Notice
from assessment.notices import own
from assessment.notices.kinds import page_of
from assessment.readings import notices as readings
from courseware.kit.forms import PlainForm
from courseware.kit.http import see_other, show
from courseware.people.readings import administered_centre, centres_of
from courseware.people.views import person


@login_required
@require_GET
def notices_page(request: HttpRequest) -> HttpResponse:
    """What I was told, the unread first."""
    page = readings.notices_page(person(request), request.GET.get("page", "1"))
    until = page.until.isoformat() if page.until else ""
    read_all = ReadAllForm(initial={"until": until}, auto_id=False)
    return show(request, "notices/page.html", {"notices": page, "read_all": read_all, "one": PlainForm(auto_id=False)})


@login_required
@require_POST
def notice_open(request: HttpRequest, notice: uuid.UUID) -> HttpResponse:
    """Mark one as read and go where it is dealt with."""
    rows = Notice.objects.visible_to(person(request)).select_related("cohort")
    found = get_object_or_404(rows, uid=notice)
    if not PlainForm(request.POST).is_valid():
        return see_other(request, "notices")
    own.mark_read(person(request), found)
    return see_other(request, page_of(found))


@login_required
@require_POST
def notices_read(request: HttpRequest) -> HttpResponse:
    """Mark as read whatever was there when the page was opened."""
    form = ReadAllForm(request.POST)
    if form.is_valid():
        own.mark_all_read(person(request), form.cleaned_data["until"])
    return see_other(request, "notices")


@login_required
@require_http_methods(["GET", "POST"])
def notice_choices(request: HttpRequest) -> HttpResponse:
    """Choose what is sent to me: at once, in the evening, or not."""
    form = ChooseForm(request.POST if request.method == "POST" else None, choices=readings.choices_of(person(request)))
    if request.method == "POST" and form.is_valid():
        for choice, how in form.changed():
            own.choose(choice.membership, choice.group, how)
        messages.success(request, "Your choice is kept.")
        return see_other(request, "profile")
    return show(request, "notices/choices.html", {"form": form}, status=422 if form.is_bound else 200)


@login_required
@require_GET
def letters(request: HttpRequest) -> HttpResponse:
    """E-mails of the centre that were given up, for its administrators."""
    centre = administered_centre(request.user, request.session.get("centre"))
    lost = readings.lost_letters(centre, request.GET.get("page", "1"))
    return show(request, "notices/letters.html", {"lost": lost, "one": PlainForm(auto_id=False)})


@login_required
@require_POST
def letter_retry(request: HttpRequest, letter: uuid.UUID) -> HttpResponse:
    """Try one of them again."""
    found = get_object_or_404(Letter, uid=letter, centre__in=centres_of(request.user, "admin"))
    if PlainForm(request.POST).is_valid():
        own.try_again(found)
        messages.success(request, "The e-mail is tried again.")
    return see_other(request, "letters")


urlpatterns: list[URLPattern] = [
    path("notices/", notices_page, name="notices"),
    path("notices/read/", notices_read, name="notices-read"),
    path("notices/<uuid:notice>/", notice_open, name="notice-open"),
    path("profile/notices/", notice_choices, name="notice-choices"),
    path("centre/letters/", letters, name="letters"),
    path("centre/letters/<uuid:letter>/", letter_retry, name="letter-retry"),
]
