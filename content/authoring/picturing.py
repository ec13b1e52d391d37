"""Pictures of a draft: added to it, shown, and named in the Markdown of the lesson that shows them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from content.loader import FILES
from content.models import DraftFile, Picture, UnitDraft
from content.pictures import ENDING, TOGETHER, Named, line_for, named_by
from content.shelf import keep
from courseware.kit.rasters import Raster
from courseware.people.models import User

from .pages import in_order, label_of
from .writing import locked, texts_of

LONGEST_WORDS: Final = 300  # characters of what is read out in the place of a picture
_special = re.compile(r"([\\`*_\[\]<>&~])")


@transaction.atomic
def add_picture(*, by: User, draft: UnitDraft, raster: Raster, words: str) -> DraftFile:
    """A picture that `kit.rasters` made, as a file of the draft; `words` say what it shows, and name the file.

    The same picture again is the file that there is. Raises NotYours, NotNow (put away), ValidationError when the
    unit would have too many files or its pictures too many bytes.
    """
    draft = locked(by, draft)
    texts = texts_of(draft)
    line = line_for(raster)
    same = next((path for path, text in texts.items() if text == line), None)
    if same is not None:
        return DraftFile.objects.get(draft=draft, path=same)
    if len(texts) >= FILES:
        raise ValidationError(f"A unit has at most {FILES} files.")
    sizes = (picture.size for text in texts.values() if (picture := named_by(text)))
    if sum(sizes) + len(raster.data) > TOGETHER:
        raise ValidationError(
            f"The pictures of a unit are together at most {TOGETHER // 1_000_000} MB. Remove one that is not shown."
        )
    keep([raster.data])
    return DraftFile.objects.create(draft=draft, path=_free_path(words, texts), text=line, changed_by=by)


def _free_path(words: str, taken: dict[str, str]) -> str:
    kept = re.findall(r"[a-z0-9]+", slugify(words))
    while len("-".join(kept)) > 40 and len(kept) > 1:
        kept.pop()
    name = "-".join(kept)[:40] or "picture"
    names = (name if number == 1 else f"{name}-{number}" for number in range(1, FILES + 2))
    return next(path for one in names if (path := f"figures/{one}{ENDING}") not in taken)


def line_of(path: str, words: str, caption: str = "") -> str:
    """The Markdown that shows a picture: `words` are read out in its place, `caption` stands below it."""
    title = ' "{}"'.format(_plain(caption).replace('"', '\\"')) if caption else ""
    return f"![{_plain(words)}](../{path}{title})"


def _plain(text: str) -> str:
    return _special.sub(r"\\\1", " ".join(text.split()))


def picture_in(draft: UnitDraft, name: str) -> Picture | None:
    """The bytes of the draft's picture of this file name; None where there is none. 2 statements."""
    text = draft.files.filter(path=f"figures/{name}").values_list("text", flat=True).first()
    named = named_by(text or "")
    return Picture.objects.filter(digest=named.digest).first() if named else None


@dataclass(frozen=True)
class PicturePage:
    """A picture of a draft: the row, what its line says, and the lessons that show it, as (path, label)."""

    draft: UnitDraft
    row: DraftFile
    named: Named
    shown_in: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """The file's name within `figures/`."""
        return self.row.path.removeprefix("figures/")

    @property
    def line(self) -> str:
        """The Markdown that shows it."""
        return line_of(self.row.path, "What it shows")


def picture_page(draft: UnitDraft, row: DraftFile) -> PicturePage | None:
    """The picture that `row` names, and where it is shown; None for a row that names none. 1 statement."""
    named = named_by(row.text)
    if named is None:
        return None
    shown = sorted((path for path, text in texts_of(draft).items() if f"](../{row.path}" in text), key=in_order)
    return PicturePage(draft, row, named, tuple((path, label_of(path)) for path in shown))
