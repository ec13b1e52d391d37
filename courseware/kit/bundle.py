"""One request for the stylesheet: `@import` lines are replaced by the files they name when static files are collected.

The sources stay one file per component and a development server serves them as they are, so there is no build step.
Comments are for who reads the sources; they do not travel.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import Storage

IMPORT = re.compile(r'^@import "(?P<name>[^":]+)";\n', re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
BUNDLES = ("css/site.css",)

Paths = Mapping[str, tuple[Storage, str]]


def bundled(name: str, paths: Paths) -> str:
    """The text of `name` without comments, each `@import` replaced by its file's. Raises KeyError for a missing one."""
    storage, path = paths[name]
    with storage.open(path) as source:
        text = COMMENT.sub("", source.read().decode())
    folder = posixpath.dirname(name)
    return IMPORT.sub(lambda found: bundled(posixpath.normpath(f"{folder}/{found['name']}"), paths), text)


class BundlesMixin:
    """For a static storage: puts the bundles in place of the files of that name before they are named by content."""

    def post_process(self, paths: dict[str, tuple[Any, str]], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """As collectstatic calls it: `paths` maps each file to where it came from."""
        if not dry_run:
            for name in BUNDLES:
                if name in paths:
                    text = bundled(name, paths)
                    self.delete(name)  # type: ignore[attr-defined]
                    self._save(name, ContentFile(text.encode()))  # type: ignore[attr-defined]
                    paths[name] = (self, name)
        yield from super().post_process(paths, dry_run, **options)  # type: ignore[misc]
