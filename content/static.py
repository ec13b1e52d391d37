"""The scripts that stand in the folders of the kinds, as static files: nothing else of those folders is published."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.files.storage import FileSystemStorage

ROOT = Path(__file__).resolve().parent / "activities"
PREFIX = "activities"


class ScriptsFinder(FileSystemFinder):
    """Finds `activities/<kind>/script.js`."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        storage = FileSystemStorage(location=ROOT)
        storage.prefix = PREFIX  # type: ignore[attr-defined]  # as its base sets it
        self.locations = [(PREFIX, str(ROOT))]
        self.storages = {str(ROOT): storage}

    def check(self, **kwargs: Any) -> list[Any]:
        """Nothing of it is configured."""
        return []

    def find(self, path: str, *args: Any, **kwargs: Any) -> Any:
        """Where the script of this address is; empty for anything that is not a script."""
        return super().find(path, *args, **kwargs) if path.endswith("/script.js") else []

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[Any]:
        """Every kind's script, with where it is."""
        (storage,) = self.storages.values()
        for path in sorted(ROOT.glob("*/script.js")):
            yield path.relative_to(ROOT).as_posix(), storage
