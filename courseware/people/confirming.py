"""Before what is sensitive: is it still the person who signed in? Asked again when that was a while ago.

What was sent with a form waits in the session meanwhile, secrets left out, and is taken once the answer is right.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import resolve_url
from django.urls import Resolver404, resolve, reverse

from courseware.kit import clock
from courseware.kit.http import by_script, see_other, signed_out

AT, KEPT = "confirmed_at", "confirm_kept"
SECRET = re.compile(r"password|credential|csrfmiddlewaretoken", re.IGNORECASE)
View = Callable[..., HttpResponse]


def confirm(request: HttpRequest) -> None:
    """Whoever holds this session has just proved who they are."""
    request.session[AT] = int(clock.now().timestamp())


def confirmed_lately(request: HttpRequest) -> bool:
    """Whether that was in the last ten minutes (`settings.CONFIRMED_FOR`)."""
    at: int = request.session.get(AT, 0)
    return 0 <= clock.now().timestamp() - at <= settings.CONFIRMED_FOR


def ask_first(request: HttpRequest) -> HttpResponse:
    """To the page that asks; a form that came along is kept for afterwards, in the place of one that was given up."""
    if by_script(request):
        return signed_out(request)
    request.session.pop(KEPT, None)
    onward = request.get_full_path()
    if request.method == "POST":
        form = request.POST.copy()
        for name in [name for name in form if SECRET.search(name)]:
            del form[name]
        request.session[KEPT] = {"path": onward, "form": form.urlencode()}
    return see_other(request, f"{reverse('account_reauthenticate')}?{urlencode({'next': onward})}")


def go_on(request: HttpRequest, onward: str) -> HttpResponse:
    """What was begun, now that the person is known: the form that was kept is taken, or the page is opened."""
    kept: Any = request.session.pop(KEPT, None)
    try:
        match = resolve(kept["path"].split("?")[0]) if kept and kept["path"] == onward else None
    except Resolver404:  # an address that an earlier release had
        match = None
    if match is None:
        return see_other(request, onward or resolve_url("profile"))
    request.POST = QueryDict(kept["form"])
    request.path = request.path_info = kept["path"].split("?")[0]
    request.resolver_match = match
    answer: HttpResponse = match.func(request, *match.args, **match.kwargs)
    return answer


def makes_an_administrator(request: HttpRequest) -> bool:
    """Whether the form gives somebody the role of an administrator."""
    return request.method == "POST" and "admin" in (*request.POST.getlist("role"), *request.POST.getlist("roles"))


def confirm_first(when: Callable[[HttpRequest], bool] = lambda request: True) -> Callable[[View], View]:
    """Decorator of a view below `login_required`: whoever comes `when` it matters proves again who they are."""

    def wrap(view: View) -> View:
        @wraps(view)
        def ask(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated and when(request) and not confirmed_lately(request):
                return ask_first(request)
            return view(request, *args, **kwargs)

        return ask

    return wrap
