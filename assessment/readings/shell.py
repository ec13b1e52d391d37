"""The frame of every page: whose it is, in which centre, where to go and what waits there. One or two statements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse

from assessment.models import LastLook, LearnerUnit
from content.authoring.permissions import centres_written_for
from courseware.kit.context import NavItem, Shell
from courseware.kit.statements import statement
from courseware.people.models import Centre, User
from courseware.people.permissions import can_see_gallery
from courseware.people.readings import centres_of, current_centre
from courseware.people.standing import standing_of

from . import waiting

OFFICE = {"admin", "eqa"}  # nothing is counted for them but their notices
OVER = ("withdrawn", "revoked")
LEARNING = ("/portfolio/", "/evidence/", "/submissions/")


@dataclass(frozen=True)
class Frame:
    """What every page knows of its reader: their own learner-units, the centre chosen, and what waits there."""

    user: User
    centre: Centre | None
    learner_units: tuple[LearnerUnit, ...]
    roles: frozenset[str]  # held in the chosen centre
    marking: int  # waiting.MOST + 1 where there is more
    quality: int
    notices: int

    @property
    def person(self) -> str:
        """The name by which the chosen centre knows the reader; their address where no centre knows them now."""
        membership = standing_of(self.user).membership_in(self.centre.pk) if self.centre else None
        if membership is None and self.learner_units:
            membership = self.learner_units[0].learner
        return membership.name if membership else self.user.email


def frame_of(request: HttpRequest) -> Frame:
    """The frame of this request, asked once: one statement for the reader's own learner-units, which carries the counts
    along, and a second one for the counts of staff who learn nothing here.
    """
    kept: Frame | None = getattr(request, "_frame", None)
    if kept is None:
        kept = _frame(request)
        request._frame = kept  # type: ignore[attr-defined]  # one answer a request
    return kept


def _frame(request: HttpRequest) -> Frame:
    user = cast(User, request.user)
    centre = current_centre(user, request.session.get("centre"))
    roles = standing_of(user).roles.get(centre.pk, frozenset()) if centre else frozenset[str]()
    assured = current_centre(user, request.session.get("centre"), *waiting.QUALITY)
    if getattr(request, "learns_nothing", False):  # the page has asked that already
        found = _account(user, assured.pk if assured else None)[0]
        units: tuple[LearnerUnit, ...] = ()
    else:
        units, found = _asked(user, assured.pk if assured else None)
    centre = centre or (units[0].centre if units else None)
    return Frame(user, centre, units, roles, *(found.get(name, 0) for name in ("_marking", "_quality", "_notices")))


def _asked(user: User, assured: int | None) -> tuple[tuple[LearnerUnit, ...], dict[str, Any]]:
    """The reader's own learner-units, and the counts: whoever learns nothing here has no row to carry them along."""
    held = _held(user)
    if held and held <= OFFICE:
        found = _account(user, assured)[0]
        return (tuple(_own_units(user, assured, counted=False)) if found["_learns"] else ()), found
    units = tuple(_own_units(user, assured, counted=True))
    if units:
        return units, vars(units[0])
    return (), _account(user, assured)[0] if held - {"learner"} else {}


@statement
def _own_units(user: User, assured: int | None, *, counted: bool) -> QuerySet[LearnerUnit]:
    own = LearnerUnit.objects.filter(learner__user_id=user.pk).order_by("-joined_at", "-pk")
    looks = LastLook.objects.filter(user=user.pk, learner_unit=OuterRef("pk")).order_by()
    full: QuerySet[LearnerUnit] = own.select_related("centre", "cohort", "learner", "specification__unit").annotate(
        looked_at=Subquery(looks.values("at")[:1]), looked_before=Subquery(looks.values("before")[:1])
    )
    return full.annotate(**_counts(user, assured)) if counted else full


@statement
def _account(user: User, assured: int | None) -> QuerySet[Any, Any]:
    learns = Exists(LearnerUnit.objects.filter(learner__user_id=user.pk).order_by())
    return User.objects.filter(pk=user.pk).order_by("pk").values(**_counts(user, assured), _learns=learns)


def _held(user: User) -> frozenset[str]:
    return frozenset[str]().union(*standing_of(user).roles.values())


def _counts(user: User, assured: int | None) -> dict[str, Any]:
    """The expressions that count what waits, for the roles held: as the pages that they lead to count it. `assured` is
    the centre whose quality is looked after now.
    """
    counts: dict[str, Any] = {"_notices": waiting.notices_count(user)}
    if standing_of(user).centres_as("tutor"):
        counts["_marking"] = waiting.marking_count(user)
    if assured:
        counts["_quality"] = waiting.quality_count(user, assured)
    return counts


def shell_for(request: HttpRequest) -> Shell:
    """The frame as the kit shows it: `settings.SHELL_READING`."""
    frame = frame_of(request)
    centre = frame.centre
    return Shell(
        person=frame.person,
        centre=centre.name if centre else "",
        centres=tuple((str(one.uid), one.name, one == centre) for one in centres_of(frame.user)),
        items=tuple(_items(frame, request.path)),
        theme=frame.user.theme,
        no_keys=not frame.user.single_keys,
        profile_url=reverse("profile"),
        switch_url=reverse("centre-switch"),
        plain=_held(frame.user) <= {"learner"},
        search_url=reverse("search"),
        gallery_url=reverse("gallery") if can_see_gallery(frame.user) else "",
    )


def _items(frame: Frame, path: str) -> list[NavItem]:
    items = [NavItem("Today", reverse("today"), current=path == reverse("today"))]
    here = [unit for unit in frame.learner_units if unit.centre == frame.centre and unit.state not in OVER]
    for code in sorted({unit.unit_code for unit in here}):
        url = reverse("unit-map", args=(code,))
        items.append(NavItem(f"Unit {code}", url, current=path.startswith(url)))
    held = _held(frame.user)
    if frame.learner_units or "learner" in held:
        # Staff open learners' evidence and submissions too; those pages are not their portfolio.
        mine = path.startswith(LEARNING if held <= {"learner"} else LEARNING[0])
        items.append(NavItem("Portfolio", reverse("portfolio"), current=mine))
    for label, name, roles, count in _STAFF:
        if held & roles:
            url, number = reverse(name), getattr(frame, count) if count else 0
            more = count == "marking" and number > waiting.MOST
            number = waiting.MOST if more else number
            items.append(NavItem(label, url, current=path.startswith(url), count=number, more=more))
    if centres_written_for(frame.user):
        url = reverse("author")
        items.append(NavItem("Units", url, current=path.startswith(url)))
    url = reverse("notices")
    return [*items, NavItem("Notices", url, current=path.startswith(url), count=frame.notices, counted="not read")]


# Label, URL name, roles that go there, and which number of the frame waits there.
_STAFF = (
    ("Marking", "marking", {"tutor"}, "marking"),
    ("Quality", "quality", {"iqa", "lead_iqa"}, "quality"),
    ("Cohorts", "cohorts", {"tutor", "iqa", "lead_iqa", "eqa", "admin"}, ""),
    ("People", "member-list", {"admin"}, ""),
)
