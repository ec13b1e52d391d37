"""A person's own deadlines as a calendar feed: the page that makes and ends its address, and the feed itself."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path, re_path, reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_GET, require_POST

from assessment.models import CalendarFeed
from assessment.readings.calendar import as_ical, deadlines_of
from assessment.workflow import calendar as workflow
from courseware.kit.chance import sha256_hex
from courseware.kit.forms import PlainForm
from courseware.kit.http import see_other, show
from courseware.people.views import person


def _page(request: HttpRequest, form: PlainForm, address: str = "", status: int = 200) -> HttpResponse:
    feed = CalendarFeed.objects.filter(user=person(request), ended_at__isnull=True).first()
    context = {"feed": feed, "address": address, "form": form}
    return show(request, "calendar/page.html", context, status=status)


@login_required
@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """Whether one has a calendar address, and the buttons to make, renew and end it."""
    return _page(request, PlainForm())


@login_required
@require_POST
def calendar_make(request: HttpRequest) -> HttpResponse:
    """Make a new address, shown this once; an earlier one stops working."""
    form = PlainForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    secret = workflow.make_feed(by=person(request))
    return _page(request, PlainForm(), request.build_absolute_uri(reverse("calendar-feed", args=[secret])))


@login_required
@require_POST
def calendar_end(request: HttpRequest) -> HttpResponse:
    """End the address."""
    form = PlainForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    workflow.end_feed(by=person(request))
    messages.success(request, "The calendar address is ended. Nobody can read your deadlines with it any more.")
    return see_other(request, reverse("calendar"))


@require_GET
def calendar_feed(request: HttpRequest, secret: str) -> HttpResponseBase:
    """The feed, for calendar programs: no sign-in, the secret in the address is the key."""
    feed = workflow.feed_of(secret)
    if feed is None:
        raise Http404
    body = as_ical(feed, deadlines_of(feed.user))
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="deadlines.ics"'
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["ETag"] = etag = f'"{sha256_hex(body.decode())}"'
    return get_conditional_response(request, etag, response=response) or response


urlpatterns: list[URLPattern] = [
    path("profile/calendar/", calendar, name="calendar"),
    path("profile/calendar/make/", calendar_make, name="calendar-make"),
    path("profile/calendar/end/", calendar_end, name="calendar-end"),
    re_path(r"^calendar/(?P<secret>[0-9a-f]{64})\.ics$", calendar_feed, name="calendar-feed"),
]
