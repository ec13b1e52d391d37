"""The author's forms: one file in its fields, and what publishing asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms

from content.authoring.files import Parts, put_together
from content.authoring.numbering import Place
from content.authoring.picturing import LONGEST_WORDS
from content.authoring.structure import FULL, GONE
from content.authoring.writing import LONGEST_NOTE
from content.loader import FILE_LIMIT
from content.schema import CRITERION_KEYS, OUTCOME_KEYS
from courseware.kit.forms import PlainForm

from .kept import KeptTextsMixin

LABELS = {
    "title": "Title",
    "statement": "Statement",
    "guidance": "Guidance from the specification",
    "study_minutes": "Study time in minutes",
    "complete": "The lesson has all its parts",
    "level": "Level",
    "credit_value": "Credits",
    "guided_learning_hours": "Guided learning hours",
    "reference": "Unit reference number",
    "review_on": "Unit review date",
    "sector": "Sector",
}
BODY = {"unit.md": "Aim", "outcome.md": "Introduction", "glossary.md": "Terms"}
HELP = {
    "complete": "Every part of a complete lesson is then asked for, and the study time is worked out.",
    "review_on": "The awarding organisation’s date for looking at the unit again. Write it as 2027-08-31.",
}
LONG = ("title", "statement", "guidance")  # kept while one types, so each has a box of its own


class FileForm(PlainForm):
    """One file of a draft. `revision` was read; what is wrong with the text is for the checks to say."""

    def __init__(self, *args: Any, parts: Parts, revision: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts = parts
        for name in parts.fields:
            self.fields[name] = _field(name, parts)
        label = next((words for end, words in BODY.items() if parts.path.endswith(end)), "Lesson")
        label = label if parts.keys or parts.path == "glossary.md" else "The whole file"
        self.fields["body"] = forms.CharField(
            label=label,
            required=False,
            strip=False,
            max_length=FILE_LIMIT,
            initial=parts.body,
            widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "true"}),
        )
        self.fields["body"].not_optional = True  # type: ignore[attr-defined]  # kit.is_optional
        self.fields["revision"] = forms.IntegerField(widget=forms.HiddenInput, initial=revision, min_value=0)

    @property
    def text(self) -> str:
        """The file that the form says."""
        if not self.parts.keys:
            whole: str = self.cleaned_data["body"]
            return whole.replace("\r\n", "\n").replace("\r", "\n")
        values = {name: str(self.cleaned_data[name] or "") for name in self.parts.fields}
        fixed = {name: self.parts.values.get(name, "") for name in self.parts.keys if name not in values}
        return put_together(self.parts.path, values | fixed, self.cleaned_data["body"])

    def boxes(self) -> list[str]:
        """The names of the fields that are kept while one types, in the order of the page."""
        return [name for name in self.parts.fields if name in LONG] + ["body"]


def _field(name: str, parts: Parts) -> forms.Field:
    field = _control(name, parts)
    field.not_optional = parts.keys[name].required or name == "complete"  # type: ignore[attr-defined]  # kit.is_optional
    return field


def _control(name: str, parts: Parts) -> forms.Field:
    value = parts.values.get(name, "")
    told: dict[str, Any] = {"label": LABELS[name], "required": False, "help_text": HELP.get(name, "")}
    if name == "complete":
        return forms.BooleanField(initial=value == "true", **told)
    if name in LONG:
        rows = 1 if name == "title" else 2
        return forms.CharField(initial=value, max_length=4000, widget=forms.Textarea(attrs={"rows": rows}), **told)
    return forms.CharField(initial=value, max_length=200, **told)


class PictureForm(PlainForm):
    """A picture for a lesson, beside its text in one form: so its names and ids are its own, and it has no key."""

    picture = forms.FileField(
        label="Picture",
        allow_empty_file=True,
        help_text="JPEG, PNG, WebP or HEIC, up to 20 MB; or paste or drop it into the text. "
        "The place and the camera that it names are taken out.",
        error_messages={"required": "Choose a picture."},
        widget=forms.FileInput({"accept": "image/*"}),
    )
    words = forms.CharField(
        label="What the picture shows",
        max_length=LONGEST_WORDS,
        help_text="For whoever cannot see it: what a learner should take from it.",
        error_messages={"required": "Say what the picture shows, for whoever cannot see it."},
    )
    caption = forms.CharField(label="Words below it", max_length=LONGEST_WORDS, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="put-%s", **kwargs)
        del self.fields["key"]

    def reason(self) -> str:
        """Everything that is wrong with it, as sentences."""
        return " ".join(str(one) for errors in self.errors.values() for one in errors)


class NumberedForm(PlainForm):
    """One more part with a number: `places` are those that the unit has, the last one chosen."""

    def __init__(self, *args: Any, places: Sequence[Place], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        number: Any = self.fields["number"]
        number.choices = [(place.number, place.label) for place in places]
        number.initial = places[-1].number if places else None
        number.error_messages |= (
            {"invalid_choice": GONE} if places else dict.fromkeys(("invalid_choice", "required"), FULL)
        )


class CriterionForm(NumberedForm):
    """One more criterion."""

    statement = forms.CharField(
        label="What the criterion says",
        max_length=CRITERION_KEYS["statement"].at_most,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="As the specification has it, beginning with its command verb: Explain, Compare, Evaluate.",
    )
    number = forms.ChoiceField(label="Its number")


class OutcomeForm(NumberedForm):
    """One more learning outcome with its first criterion."""

    statement = forms.CharField(
        label="What the outcome says",
        max_length=OUTCOME_KEYS["statement"].at_most,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    number = forms.ChoiceField(label="Its number")
    criterion = forms.CharField(
        label="What its first criterion says",
        max_length=CRITERION_KEYS["statement"].at_most,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Beginning with its command verb: Explain, Compare, Evaluate.",
    )


class GlossaryForm(PlainForm):
    """The first term of a glossary."""

    term = forms.CharField(label="First term", max_length=80)
    definition = forms.CharField(
        label="What it means",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One or two sentences. Lessons that link to the term show the first one in place.",
    )


class RemoveForm(PlainForm):
    """Something taken out of a draft, by the state of it that was seen."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)


class RestoreForm(PlainForm):
    """Why an older edition is published once more."""

    note = forms.CharField(label="Why it is published again", max_length=200)


class PublishForm(KeptTextsMixin, PlainForm):
    """What is new, and the state of the draft that was looked at."""

    kept_as: ClassVar = {"note": "publish"}
    note = forms.CharField(
        label="What is new",
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For the tutors who teach with it. It stands with the edition for good.",
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)
