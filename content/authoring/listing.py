"""What the author's first page lists: the units that a centre can write on, and drafts that were never published."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery

from content.models import DraftFile, UnitDraft, UnitEdition
from courseware.people.models import Centre

from .pages import title_of


@dataclass(frozen=True)
class UnitRow:
    """A unit that can be written: its newest edition, whether the centre's own, and its draft if there is one."""

    edition: UnitEdition
    own: bool
    draft: UnitDraft | None


@dataclass(frozen=True)
class AuthorPage:
    """A centre's units, and the drafts of units that have no edition yet with their titles."""

    centre: Centre
    rows: tuple[UnitRow, ...]
    new: tuple[tuple[UnitDraft, str], ...]


def author_page(centre: Centre) -> AuthorPage:
    """What the centre can write on: the house's units and its own, the newest edition of each. 3 statements."""
    newest = UnitEdition.objects.filter(unit=OuterRef("unit")).order_by("-number").values("pk")[:1]
    editions: QuerySet[UnitEdition] = (
        UnitEdition.objects.filter(pk=Subquery(newest), unit__owner__isnull=True)
        | UnitEdition.objects.filter(pk=Subquery(newest), unit__owner=centre)
    ).select_related("unit", "specification", "published_by")
    rows = list(editions.order_by("unit__code", "unit_id"))
    opened = UnitDraft.objects.open().filter(centre=centre)
    drafts = {one.code: one for one in opened.order_by("code", "pk")}
    heads = dict(DraftFile.objects.filter(draft__in=opened, path="unit.md").order_by().values_list("draft", "text"))
    own = {one.unit.code for one in rows if one.unit.owner_id}
    shown = [one for one in rows if one.unit.owner_id or one.unit.code not in own]
    return AuthorPage(
        centre,
        tuple(UnitRow(one, one.unit.owner_id is not None, drafts.get(one.unit.code)) for one in shown),
        tuple(
            (draft, title_of("unit.md", heads.get(draft.pk, "")))
            for code, draft in drafts.items()
            if code not in {one.unit.code for one in shown}
        ),
    )
