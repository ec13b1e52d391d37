"""Forms whose long texts are kept with the server while one writes, and are there again when the form is opened."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from django import forms
from django.urls import reverse

from assessment.workflow import drafts
from courseware.people.models import User


@dataclass(frozen=True)
class Kept:
    """What `field.html` needs to keep a text: where it goes, about what, and the draft that was there.

    `unsaved`: the form came back with a text that is not the one kept.
    """

    url: str
    about: str
    draft: drafts.Offered
    unsaved: bool


class KeptTextsMixin(forms.BaseForm):
    """First among the bases. `kept_as` names for each long text the word of `drafts.ABOUT` that it is kept as.

    The view calls `keep` before it shows the form and `forget` after its verb. Fields whose page keeps them by markup
    of its own are named too, so that the test of every long text knows them.
    """

    kept_as: ClassVar[Mapping[str, str]] = {}

    def keep(self, by: User, *uids: uuid.UUID, since: dt.datetime | None = None) -> None:
        """Keep the texts of `kept_as` about these things, and begin with what was kept after `since`. One query."""
        about = "-".join(str(uid) for uid in uids)
        self.keep_each(by, {name: f"{word}-{about}" for name, word in self.kept_as.items()}, since)

    def keep_each(self, by: User, abouts: Mapping[str, str], since: dt.datetime | None = None) -> None:
        """Keep each of these fields as its own `about`. One query."""
        here = {name: about for name, about in abouts.items() if name in self.fields}
        offered = drafts.offered_each(by, list(here.values()), since)
        for (name, about), draft in zip(here.items(), offered, strict=True):
            unsaved = False
            if self.is_bound:
                unsaved = str(self.data.get(self.add_prefix(name), "")).replace("\r\n", "\n") != draft.text
            elif draft.text:
                self.initial[name] = draft.text
            self.fields[name].kept = Kept(reverse("draft-save"), about, draft, unsaved)  # type: ignore[attr-defined]  # read by {% field %}

    def forget(self, by: User) -> None:
        """The texts were used: they are not offered again. Needs `keep`."""
        kept: list[Kept | None] = [getattr(field, "kept", None) for field in self.fields.values()]
        drafts.clear_drafts(by, [one.about for one in kept if one is not None])
