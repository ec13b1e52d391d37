"""Writing units in the browser: the verbs of drafts.

A draft is a folder of text files in rows. Saving names the revision that was seen, so that of two people who change
one file the second is told, and nothing of either is lost. Only publishing is recorded.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from content.canonical import files_of
from content.checks import checked
from content.loader import FILE_LIMIT, FILES, Folder, is_known, read_files
from content.models import DraftFile, UnitDraft, UnitEdition
from content.pictures import is_picture
from content.publishing import publish_for, source_of
from content.schema import UnitSource
from content.tidy import tidied_of
from courseware.kit import clock
from courseware.kit.chance import sha256_hex
from courseware.kit.verdict import Stale, not_now
from courseware.ledger.verbs import verb
from courseware.people.models import Centre, User

from . import permissions

LONGEST_NOTE = 1000


@transaction.atomic
def begin_draft(*, by: User, centre: Centre, edition: UnitEdition) -> UnitDraft:
    """The centre's draft of this edition's unit: the one that is being written, or a new one with the edition's text.

    A house's unit becomes the centre's own when the draft is published. Raises NotYours.
    """
    permissions.can_begin_draft(by, centre, edition).require()
    return _begin(by, centre, edition.unit.code, edition, files_of(source_of(edition)))


@transaction.atomic
def begin_unit(*, by: User, centre: Centre, code: str, files: Mapping[str, str]) -> UnitDraft:
    """A draft of a unit from its files, by path. Raises NotYours, and NotNow while this code is being written."""
    permissions.can_write_units(by, centre).require()
    if UnitDraft.objects.open().filter(centre=centre, code=code).exists():
        not_now(f"Unit {code} is being written already. Go on with it, or put that draft away first.").require()
    base = UnitEdition.objects.filter(unit__owner=centre, unit__code=code).order_by("-number").first()
    return _begin(by, centre, code, base, files)


def _begin(by: User, centre: Centre, code: str, base: UnitEdition | None, files: Mapping[str, str]) -> UnitDraft:
    draft, new = UnitDraft.objects.get_or_create(
        centre=centre, code=code, put_away_at=None, defaults={"base": base, "made_by": by}
    )
    if new:
        DraftFile.objects.bulk_create(
            DraftFile(draft=draft, path=path, text=text, changed_by=by) for path, text in files.items()
        )
    return draft


@transaction.atomic
def save_file(*, by: User, draft: UnitDraft, path: str, text: str, seen: int) -> DraftFile:
    """Save one file; `seen` is the revision that was changed, 0 for a file that is new.

    Raises NotYours, NotNow (put away), ValidationError for what is no file of a unit, and Stale when somebody else
    changed it meanwhile: then nothing is saved. The same text again changes nothing.
    """
    draft = locked(by, draft)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    fits(draft, path, text)
    theirs = DraftFile.objects.filter(draft=draft, path=path).first()
    if theirs and theirs.text == text:
        return theirs
    if (theirs.revision if theirs else 0) != seen:
        raise _stale(theirs)
    row, _ = DraftFile.objects.update_or_create(
        draft=draft,
        path=path,
        defaults={"text": text, "changed_by": by, "changed_at": clock.now(), "revision": seen + 1},
    )
    return row


def _stale(theirs: DraftFile | None) -> Stale:
    """Somebody else changed the file; `current` is how it is now, None when it was removed."""
    return Stale("Somebody else changed this file while you wrote. Nothing of yours is lost.", theirs)


def fits(draft: UnitDraft, path: str, text: str) -> None:
    """Raise ValidationError when the draft cannot have this file: its name, its text, or one file too many."""
    if not is_known(path):
        raise ValidationError("No file of a unit has this name. Examples: 1/outcome.md, 1/1.1-words-like-this.md.")
    if is_picture(path):
        raise ValidationError("A picture is not written as text. Add it to the lesson that shows it.")
    if "\0" in text:
        raise ValidationError("The text has a character that no keyboard sends.")
    if len(text.encode()) > FILE_LIMIT:
        raise ValidationError(f"A file is at most {FILE_LIMIT:,} bytes long.")
    if draft.files.exclude(path=path).count() >= FILES:
        raise ValidationError(f"A unit has at most {FILES} files.")


@transaction.atomic
def put_away(*, by: User, draft: UnitDraft) -> UnitDraft:
    """Stop writing a draft. Its text is kept, and a new draft may begin. Raises NotYours, NotNow (put away already)."""
    draft = locked(by, draft)
    draft.put_away_at = clock.now()
    draft.save(update_fields=["put_away_at"])
    return draft


def locked(by: User, draft: UnitDraft) -> UnitDraft:
    """The draft, locked, for a change by `by`. Raises NotYours, NotNow (put away)."""
    draft = (
        UnitDraft.objects.select_for_update(of=("self",))
        .select_related("centre", "base__specification")
        .get(pk=draft.pk)
    )
    permissions.can_edit(by, draft).require()
    return draft


def folder_of(texts: Mapping[str, str]) -> Folder:
    """The files of a draft, brought into canonical form where they can be read, as the loader reads them."""
    kept = {path: text for path, text in texts.items() if is_picture(path)}
    files = {path: text.encode() for path, text in texts.items() if path not in kept}
    tidied = tidied_of(read_files(files, kept))
    return read_files(files | {path: text.encode() for path, text in tidied.items()}, kept)


def source_in(draft: UnitDraft) -> UnitSource:
    """The unit that the draft's files say, brought into canonical form. 1 statement. Raises FaultyUnit."""
    return checked(folder_of(texts_of(draft)))


def texts_of(draft: UnitDraft) -> dict[str, str]:
    """The draft's files: path to text. 1 statement."""
    return dict(draft.files.order_by("path").values_list("path", "text"))


def state_of(draft: UnitDraft) -> str:
    """What the draft's files say, as one digest (hex): equal exactly when nothing was changed. 1 statement."""
    return sha256_hex("\0".join(f"{path}\0{text}" for path, text in texts_of(draft).items()))


@verb(returns=UnitEdition)
def publish_draft(*, by: User, draft: UnitDraft, note: str, seen: str, key: uuid.UUID | None = None) -> UnitEdition:
    """Publish the draft as the newest edition of the centre's unit, and go on from it.

    `note` says what is new, for whoever teaches with it. `seen` is the `state_of` that was shown. Raises NotYours,
    NotNow (put away; changed since; nothing differs), ValidationError for the note, FaultyUnit.
    """
    note = _noted(note)
    draft = locked(by, draft)
    if state_of(draft) != seen:
        not_now("The draft was changed while you looked at it. Look at it again, then publish.").require()
    source = source_in(draft)
    if source.code != draft.code:
        raise ValidationError(f"The unit's code is {draft.code}; unit.md says {source.code}. A new code is a new unit.")
    edition = publish_for(draft.centre, source, by=by, role="tutor", note=note)
    draft.base = edition
    draft.save(update_fields=["base"])
    for path, text in files_of(source).items():
        draft.files.filter(path=path).exclude(text=text).update(text=text, revision=F("revision") + 1)
    return edition


@verb(returns=UnitEdition)
def restore_edition(
    *, by: User, centre: Centre, edition: UnitEdition, note: str, key: uuid.UUID | None = None
) -> UnitEdition:
    """Publish the text of an older edition as the newest. A draft that is being written stays as it is.

    Raises NotYours, NotNow (it is what the newest says), ValidationError for the note.
    """
    permissions.can_restore(by, centre, edition).require()
    return publish_for(centre, source_of(edition), by=by, role="tutor", note=_noted(note))


def _noted(note: str) -> str:
    note = note.strip()
    if not note or len(note) > LONGEST_NOTE:
        raise ValidationError(f"Say what is new, in at most {LONGEST_NOTE} characters.")
    return note
