"""Forms of the learner's evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms

from assessment.models import EVIDENCE_METHODS
from assessment.workflow.captions import LANGUAGES
from assessment.workflow.methods import LONGEST
from courseware.kit.editor.fields import MarkdownEditor, MarkdownField
from courseware.kit.forms import ManyFilesField, PlainForm, bare
from courseware.people.models import User

from .kept import KeptTextsMixin

TITLE = {"required": "Give it a title, so that you and your tutor find it again"}
LONGEST_WHY = 500


def title_field(**more: Any) -> forms.CharField:
    """The title of an item."""
    return forms.CharField(label="Title", max_length=160, error_messages=TITLE, **more)


class RevisionMixin(forms.Form):
    """Carries the revision of the autosaved text, which the script keeps up to date."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)


def _witness_field(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(label=label, help_text=help_text, max_length=LONGEST, required=False)


class MethodMixin(forms.Form):
    """How the evidence came about; of a testimony, who the witness is. Left out, it is `usual`."""

    usual: ClassVar = "product"

    method = forms.ChoiceField(
        label="How it came about",
        choices=EVIDENCE_METHODS,
        required=False,
        error_messages={"invalid_choice": "Choose how this evidence came about"},
    )
    witness = _witness_field("Name of the witness", "Only those who read your portfolio see it.")
    witness_relation = _witness_field("How they know your work", "Line manager at the shop, for example.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "method" in self.fields:
            self.fields["method"].initial = self.usual
            self.fields["method"].not_optional = True  # type: ignore[attr-defined]  # it always has an answer

    def clean(self) -> dict[str, Any]:
        """A testimony names its witness."""
        super().clean()
        sent = self.cleaned_data
        if sent.get("method") == "testimony":
            for name, says in (
                ("witness", "Say who the witness is"),
                ("witness_relation", "Say how they know your work"),
            ):
                if not bare(sent.get(name, "")) and name not in self.errors:
                    self.add_error(name, says)
        return sent

    @property
    def came_about(self) -> dict[str, str]:
        """What the verbs take; nothing where the form does not ask."""
        if "method" not in self.fields:
            return {}
        sent = self.cleaned_data
        return {"method": sent["method"] or self.usual} | {
            name: bare(sent[name]) for name in ("witness", "witness_relation")
        }


class WriteForm(KeptTextsMixin, RevisionMixin, MethodMixin, PlainForm):
    """A text written here, as Markdown."""

    kept_as: ClassVar = {"text": "evidence"}
    usual: ClassVar = "account"

    title = title_field()
    text = MarkdownField(
        label="Your text",
        help_text="Leave a blank line between paragraphs. # makes a heading, - a list, **two stars** make words bold.",
        widget=MarkdownEditor({"rows": 16}),
        error_messages={"required": "Write something before you save it as evidence"},
    )


class WriteVersionForm(WriteForm):
    """A text that becomes the next version of an item: the title is there already."""

    kept_as: ClassVar = {"text": "version"}

    title = method = witness = witness_relation = None  # type: ignore[assignment]  # how Django takes fields out


class UploadForm(MethodMixin, PlainForm):
    """One file or many, and how they came about."""

    file = ManyFilesField(
        label="Files",
        allow_empty_file=True,  # an empty one is refused by name, beside the others that are kept
        max_length=1000,
        error_messages={"required": "Choose at least one file"},
    )


class SayMethodForm(PlainForm):
    """How one file came about."""

    method = forms.ChoiceField(choices=EVIDENCE_METHODS)


class UploadVersionForm(PlainForm):
    """The one file that becomes the next version of an item."""

    file = ManyFilesField(label="File", allow_empty_file=True, max_length=1000)

    def clean_file(self) -> list[Any]:
        """Exactly one. Raises ValidationError."""
        found: list[Any] = self.cleaned_data["file"]
        if len(found) != 1:
            raise forms.ValidationError("Choose one file: it becomes the next version")
        return found


class CaptionForm(PlainForm):
    """A file of captions, and in which language they are."""

    file = forms.FileField(
        label="File with the captions",
        help_text="WebVTT or SubRip: it ends in .vtt or .srt. Up to 2 MB.",
        allow_empty_file=True,
        widget=forms.FileInput({"accept": ".vtt,.srt"}),
        error_messages={"required": "Choose the file with the captions"},
    )
    language = forms.ChoiceField(label="Language of the captions", choices=LANGUAGES)


class LinkForm(KeptTextsMixin, MethodMixin, PlainForm):
    """Something that lives elsewhere: where, what is there, and when it was seen."""

    kept_as: ClassVar = {"what": "link"}

    title = title_field()
    url = forms.CharField(
        label="Address",
        max_length=2000,
        help_text="The whole address, beginning with https://",
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Give the whole address, beginning with https://"},
    )
    what = forms.CharField(
        label="What is there",
        help_text="Say what your tutor will see, and where on the page. A link can change: a copy as a file is safer.",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Say what is there to see"},
    )
    seen_on = forms.DateField(
        label="When you saw it",
        widget=forms.DateInput(attrs={"type": "date", "class": "control--short"}, format="%Y-%m-%d"),
        error_messages={"required": "Give the day on which you saw it", "invalid": "Give the day as 2026-11-21"},
    )

    def clean_url(self) -> str:
        """An address of the web, http or https, with nothing in it that could hide. Raises ValidationError."""
        url = bare(self.cleaned_data["url"])
        check = forms.URLField(assume_scheme="https")
        if not url.lower().startswith(("http://", "https://")) or any(c.isspace() or not c.isprintable() for c in url):
            raise forms.ValidationError("Give the whole address, beginning with https://")
        try:
            check.clean(url)
        except forms.ValidationError as error:
            raise forms.ValidationError("This is not an address of the web. Copy it from your browser") from error
        scheme, rest = url.split("://", 1)
        return f"{scheme.lower()}://{rest}"


class LinkVersionForm(LinkForm):
    """A link that becomes the next version of an item."""

    kept_as: ClassVar = {"what": "link-version"}

    title = method = witness = witness_relation = None  # type: ignore[assignment]  # how Django takes fields out


class RenameForm(MethodMixin, PlainForm):
    """Another title, and how it came about."""

    title = title_field()

    field_order = ("title", "method", "witness", "witness_relation")


class RemoveForm(PlainForm):
    """Nothing but the one-time key."""


class MapForm(KeptTextsMixin, MethodMixin, PlainForm):
    """For each criterion of the unit a box and a sentence why; and the item's title and method, while they may change.

    `rows` are readings of `MapRow`: those frozen have no fields. `preset` is the number of one to begin with.
    """

    def __init__(self, *args: Any, rows: Sequence[Any], title: str | None, preset: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if title is None:
            for name in ("method", "witness", "witness_relation"):
                del self.fields[name]
        self.rows = [row for row in rows if not row.frozen]
        self.kept = [row for row in rows if row.frozen]
        if title is not None:
            self.fields["title"] = title_field(initial=title)
        for row in self.rows:
            number = row.criterion.number
            self.fields[f"use-{number}"] = forms.BooleanField(
                label=f"{number} {row.criterion.statement}", required=False, initial=row.chosen or number == preset
            )
            self.fields[f"why-{number}"] = forms.CharField(
                label=f"How this shows {number}, and where to look",
                required=False,
                initial=row.why,
                max_length=LONGEST_WHY,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def clean(self) -> dict[str, Any]:
        """A sentence for each box that is ticked."""
        super().clean()
        for row in self.rows:
            number = row.criterion.number
            silent = not self.cleaned_data.get(f"why-{number}") and f"why-{number}" not in self.errors
            if self.cleaned_data.get(f"use-{number}") and silent:
                self.add_error(f"why-{number}", f"Say in a sentence how this shows {number}, and where to look")
        return self.cleaned_data

    def keep_reasons(self, by: User, version: Any) -> None:
        """Keep each sentence about its criterion. One query."""
        self.keep_each(
            by, {f"why-{row.criterion.number}": f"why-{version.uid}-{row.criterion.uid}" for row in self.rows}
        )

    @property
    def reasons(self) -> list[tuple[Any, str]]:
        """The criteria chosen, each with its sentence; those frozen stay with theirs."""
        chosen = [(row.criterion, row.why) for row in self.kept]
        for row in self.rows:
            number = row.criterion.number
            if self.cleaned_data[f"use-{number}"]:
                chosen.append((row.criterion, self.cleaned_data[f"why-{number}"]))
        return chosen
