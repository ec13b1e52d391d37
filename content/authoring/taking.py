"""Taking a whole unit in as a draft, perhaps in the place of one that is being written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import transaction

from content.models import UnitDraft
from content.schema import FigureSource
from content.shelf import keep_figures
from courseware.people.models import Centre, User

from . import permissions
from .writing import begin_unit, put_away


@transaction.atomic
def take_in(
    *,
    by: User,
    centre: Centre,
    code: str,
    files: Mapping[str, str],
    figures: Iterable[FigureSource] = (),
    over: bool = False,
) -> UnitDraft:
    """A draft of a unit from its files, by path; `figures` bring the pictures that the files name.

    With `over`, an open draft of it is put away first (its text is kept). Raises NotYours, and NotNow while this code
    is being written and `over` is not asked for.
    """
    permissions.can_write_units(by, centre).require()
    old = UnitDraft.objects.open().filter(centre=centre, code=code).first() if over else None
    if old is not None:
        put_away(by=by, draft=old)
    keep_figures(figures)
    draft = begin_unit(by=by, centre=centre, code=code, files=files)
    if old is not None and draft.base is None:
        draft.base = old.base
        draft.save(update_fields=["base"])
    return draft
