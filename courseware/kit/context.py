"""What the frame of every page shows: who is signed in, where, and what waits. The kit asks; the domain answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the navigation: `current` is where the reader is, `count` how many wait there (0: not shown), `more`
    whether it was only counted so far; `counted` is what is said of them to those who hear the page.
    """

    label: str
    url: str
    current: bool = False
    count: int = 0
    counted: str = "waiting"
    more: bool = False


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame of a page. Empty for somebody not signed in.

    `centres` holds (uid, name, whether chosen now); the switch shows from two on and posts `centre=<uid>` to
    `switch_url`. `search_url` takes `q`; without it there is no box. `theme` is "", "light" or "dark". `profile_url`
    leads to one's own details and appearance, `gallery_url` staff to the gallery. `plain` is for who only learns: white
    pages throughout, where staff's are panels on grey. `no_keys`: single keys do nothing for this person.
    """

    person: str = ""
    centre: str = ""
    centres: Sequence[tuple[str, str, bool]] = ()
    items: Sequence[NavItem] = ()
    theme: str = ""
    profile_url: str = ""
    switch_url: str = ""
    search_url: str = ""
    plain: bool = False
    no_keys: bool = False
    gallery_url: str = ""


def _reading() -> Callable[[HttpRequest], Shell] | None:
    path: str = getattr(settings, "SHELL_READING", "")
    if not path:
        return None
    module = path.rpartition(".")[0]
    # Only a module that is not there counts as missing: a broken one has to be heard of.
    try:
        found = find_spec(module)
    except ModuleNotFoundError:
        found = None
    return import_string(path) if found else None


def shell_of(request: HttpRequest) -> Shell:
    """The frame for this request, asked once; empty without a reading or without a person."""
    kept: Shell | None = getattr(request, "_kit_shell", None)
    if kept is None:
        user = getattr(request, "user", None)
        reading = _reading() if user is not None and user.is_authenticated else None
        kept = reading(request) if reading else Shell()
        request._kit_shell = kept  # type: ignore[attr-defined]
    return kept


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `shell`, asked only when a template uses it, so that fragments cost nothing."""
    return {"shell": SimpleLazyObject(lambda: shell_of(request))}
