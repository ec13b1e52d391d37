"""Places in the evidence: the learner's pins on a mapping, frozen with the submission, and a tutor's notes in writing.

Neither is recorded one by one: a pin is part of what is handed in, so the entry of the submission holds a digest of all
of them; a note becomes a fact with the decision.
"""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass

from django.db import transaction

from assessment.models import EvidenceLink, EvidenceVersion, NoteDraft, Pin, Submission, SubmissionEvidence
from assessment.permissions import pins as may
from content.models import Criterion
from courseware.kit import chance, clock, filekinds, previews, storage
from courseware.kit.verdict import NotNow
from courseware.ledger.append import canonical
from courseware.people.models import User

from .base import lock_learner_unit, lock_submission
from .noted import PLACE_FIELDS

MOST_PINS = 50  # of one mapping, and of one person's notes on one criterion
WORDS = {
    "page": ("page", "a page"),
    "paragraph": ("paragraph", "a paragraph"),
    "cell": ("sheet", "a cell"),
    "time": ("", "a time"),
}
_FORMS = {"pages": "page", "image": "page", "slides": "page", "html": "paragraph", "sheets": "cell"}
_FAMILIES = {"audio": "time", "video": "time", "table": "cell", "image": "page", "pdf": "page", "text": "paragraph"}


@dataclass(frozen=True)
class Spot:
    """A place before it is written down; see `models.pins.Place` for what each part means."""

    place: str
    number: int | None = None
    x: int | None = None
    y: int | None = None
    width: int | None = None
    height: int | None = None
    cell: str = ""
    from_ms: int | None = None
    until_ms: int | None = None


def places_in(version: EvidenceVersion) -> tuple[str, int]:
    """What kind of place a version has ("" for none), and how many are counted (0: nobody knows).

    Needs `centre` and `learner_unit` joined; reads the disk.
    """
    if version.kind != "file":
        return ("paragraph" if version.kind == "text" else "", 0)
    made = previews.load(storage.derived().folder(version.address))
    if made is not None and made.form != "none":
        return _FORMS.get(made.form, ""), made.total
    return _FAMILIES.get(filekinds.KINDS[version.format].family, ""), 0


def _prove(version: EvidenceVersion, spot: Spot) -> None:
    """Raises NotNow for a place of another kind than the version has, or beyond its end."""
    kind, count = places_in(version)
    if spot.place != kind:
        what = WORDS[kind][1] if kind else ""
        raise NotNow(f"Point to {what} in this evidence." if kind else "Nothing can be pinned in this evidence.")
    if count and spot.number is not None and spot.number > count:
        counted = f"is one {WORDS[kind][0]}" if count == 1 else f"are {count} {WORDS[kind][0]}s"
        raise NotNow(f"There {counted} here, so there is no {spot.number}. Nothing was pinned.")


def _locked_link(link: EvidenceLink, by: User) -> EvidenceLink:
    """The mapping under its unit's lock, once it is known to be open. Raises Refused."""
    unit = lock_learner_unit(link.learner_unit_id, by)
    may.can_pin(by, unit).require()
    rows = EvidenceLink.objects.select_related("version__centre", "version__learner_unit")
    locked: EvidenceLink | None = rows.order_by().filter(pk=link.pk).first()
    if locked is None:
        raise NotNow("This mapping was taken away meanwhile. Nothing was pinned.")
    locked.learner_unit = unit
    handed_in = SubmissionEvidence.objects.filter(link=locked).exclude(submission__state="draft").exists()
    may.can_change_pins(by, locked, handed_in=handed_in).require()
    return locked


@transaction.atomic
def add_pin(*, by: User, link: EvidenceLink, spot: Spot, says: str = "") -> Pin:
    """Pin a place that shows what a mapping claims. The same place again is the pin that is there.

    Raises NotNow for a place that the version does not have, or once the mapping was handed in.
    """
    locked = _locked_link(link, by)
    _prove(locked.version, spot)
    known: Pin | None = locked.pins.filter(**_found(spot)).order_by("pk").first()
    if known is not None:
        return known
    if locked.pins.count() >= MOST_PINS:
        raise NotNow(f"There are {MOST_PINS} pins already. Remove one before you add another.")
    return Pin.objects.create(
        centre_id=locked.centre_id,
        learner_unit=locked.learner_unit,
        link=locked,
        says=_line(says)[:200],
        made_at=clock.now(),
        **asdict(spot),
    )


def _found(spot: Spot) -> dict[str, object]:
    told = asdict(spot).items()
    return {f"{name}__isnull" if value is None else name: value is None or value for name, value in told}


def _line(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())


@transaction.atomic
def remove_pin(*, by: User, pin: Pin) -> None:
    """Take a pin away; nothing happens when it is gone already. Raises Refused once its mapping was handed in."""
    _locked_link(pin.link, by)
    Pin.objects.filter(pk=pin.pk).delete()


@transaction.atomic
def save_note(
    *, by: User, submission: Submission, criterion: Criterion, version: EvidenceVersion, spot: Spot, text: str
) -> NoteDraft:
    """Pin a note for the decision on a criterion that `by` has still to make; only they can read it until then.

    The same place again changes the text of the note that is there. Raises NotNow for evidence, a criterion or a place
    that the submission does not have.
    """
    unit = lock_learner_unit(submission.learner_unit_id, by)
    locked = lock_submission(submission.pk, unit)
    may.can_note(by, locked).require()
    if not locked.evidence.filter(link__version=version).exists():
        raise NotNow("This evidence is not part of the submission. Nothing was pinned.")
    if not locked.claims.filter(criterion=criterion).exists():
        raise NotNow("This submission does not claim the criterion. Nothing was pinned.")
    _prove(version, spot)
    mine = NoteDraft.objects.filter(user=by, submission=locked, criterion=criterion)
    known: NoteDraft | None = mine.filter(version=version, **_found(spot)).order_by("pk").first()
    if known is None and mine.count() >= MOST_PINS:
        raise NotNow(f"There are {MOST_PINS} notes already. Remove one before you add another.")
    draft = known or NoteDraft(
        user=by, submission=locked, criterion=criterion, version=version, uid=uuid.uuid4(), **asdict(spot)
    )
    draft.text, draft.saved_at = text.replace("\r\n", "\n").replace("\x00", "").strip()[:2000], clock.now()
    draft.save()
    return draft


def remove_note(*, by: User, note: uuid.UUID) -> None:
    """Take a note of one's own away; nothing happens when it is gone, or became part of a decision."""
    NoteDraft.objects.filter(user=by, uid=note).delete()


def pins_digest(submission: Submission) -> str:
    """SHA-256 over the pins of what a submission hands in, "" when there are none: a line of canonical JSON a pin.

    Each line holds the pin, its mapping, its place and the SHA-256 of what it says, in the order of their uids.
    """
    rows = Pin.objects.filter(link__handed_in__submission=submission).select_related("link").order_by("pk")
    lines = [
        canonical(
            {name: getattr(pin, name) for name in PLACE_FIELDS}
            | {"pin": str(pin.uid), "mapping": str(pin.link.uid), "says": chance.sha256_hex(pin.says)}
        )
        for pin in rows
    ]
    return chance.sha256_hex("\n".join(sorted(lines))) if lines else ""
