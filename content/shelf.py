"""Where the bytes of pictures are kept, and taken from: by the lines that name them in drafts and editions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from courseware.kit.rasters import digest_of

from .models import Picture
from .pictures import named_by
from .schema import FigureSource


def keep(pictures: Iterable[bytes]) -> None:
    """Keep the bytes of checked pictures; those that are there already stay. Within the caller's transaction."""
    Picture.objects.bulk_create(
        (Picture(digest=digest_of(data), data=data) for data in pictures), ignore_conflicts=True
    )


def keep_figures(figures: Iterable[FigureSource]) -> None:
    """Keep the pictures that came with a unit's figures. No statement for a unit without any."""
    pictures = [figure.data for figure in figures if figure.data]
    if pictures:
        keep(pictures)


def whole(files: Mapping[str, str]) -> dict[str, bytes]:
    """A unit's files, path to bytes, pictures in the place of the lines that name them. At most 1 statement.

    Raises KeyError for a line that names no picture that is kept.
    """
    named = {path: picture.digest for path, text in files.items() if (picture := named_by(text))}
    rows = Picture.objects.filter(digest__in=named.values()).order_by("digest").values_list("digest", "data")
    kept = {digest: bytes(data) for digest, data in rows} if named else {}
    return {path: kept[named[path]] if path in named else text.encode() for path, text in files.items()}
