"""Sessions in the database that know whose they are and on which device: `SESSION_ENGINE`.

What is known of the device stands beside the session's data, so that noting when it was last seen writes one column and
cannot overwrite what another request of the same browser keeps at that moment.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from courseware.kit import clock

SEEN_EVERY = dt.timedelta(minutes=10)
KNOWN = ("uid", "agent", "address", "since", "seen_at")


class SessionStore(DatabaseStore):
    """Django's own, with what is `known` of the device: empty until somebody signs in."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self.known: dict[str, Any] = {}

    @classmethod
    def get_model_class(cls) -> type[Any]:
        """The table; named here late, because the models name this store."""
        from .models import Session

        return Session

    def load(self) -> dict[str, Any]:
        """The session's data; what is known of the device comes in the same statement."""
        row = self._get_session_from_db()  # type: ignore[attr-defined]  # Django's
        self.known = {name: getattr(row, name) for name in KNOWN} if row else {}
        return self.decode(row.session_data) if row else {}

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """The row as it is written."""
        row: Any = super().create_model_instance(data)
        row.user_id = data.get(SESSION_KEY)
        for name, value in self.known.items():
            setattr(row, name, value)
        return row

    def flush(self) -> None:
        """End this session; what comes next is nobody's."""
        super().flush()
        self.known = {}


def _network_address(request: HttpRequest) -> str | None:
    from allauth.account.adapter import get_adapter

    try:
        address = get_adapter(request).get_client_ip(request)
    except PermissionDenied:  # nothing says who asks, or what says it is no address
        return None
    return str(address).partition("%")[0]  # the database takes no zone


def note_device(request: HttpRequest, **of_the_signal: Any) -> None:
    """Somebody signed in, in whichever way: note on which device. Receives Django's `user_logged_in`."""
    now = clock.now()
    request.session.known = {  # type: ignore[attr-defined]  # the store above
        "uid": uuid.uuid4(),
        "agent": request.META.get("HTTP_USER_AGENT", "")[:300],
        "address": _network_address(request),
        "since": now,
        "seen_at": now,
    }
    request.session.modified = True


def seen_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Note that a signed-in device was seen, at most every ten minutes: the one other write that a GET makes."""

    def respond(request: HttpRequest) -> HttpResponse:
        session: Any = request.session
        if SESSION_KEY in session and session.known.get("seen_at"):
            now = clock.now()
            if now - session.known["seen_at"] > SEEN_EVERY:
                session.known |= {"seen_at": now, "address": _network_address(request)}
                session.model.objects.filter(pk=session.session_key).update(
                    seen_at=now, address=session.known["address"]
                )
        return get_response(request)

    return respond
