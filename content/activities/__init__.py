"""The closed set of kinds of activity. Each is a folder here; the folder is all that makes it one."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Final

from .base import Kind


def _kinds() -> Mapping[str, Kind]:
    found = {}
    for module in pkgutil.iter_modules(__path__):
        if module.ispkg:
            kind: Kind = import_module(f"{__name__}.{module.name}").KIND
            if kind.name != module.name:
                raise ImportError(f"the folder {module.name} holds the kind {kind.name}")
            found[kind.name] = kind
    return MappingProxyType(found)


KINDS: Final = _kinds()
