"""Pages about people and accounts."""

from __future__ import annotations

from django.http import HttpRequest

from courseware.people.models import User


def person(request: HttpRequest) -> User:
    """Who is signed in, behind `login_required`; raises TypeError where a view forgot it."""
    if not isinstance(request.user, User):
        raise TypeError("this view needs somebody who is signed in")
    return request.user
