"""Forms of external quality assurance: opening and changing a visit, notes, and asking for more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms

from assessment.models import Cohort, LearnerUnit
from courseware.kit.forms import PlainForm
from courseware.people import names
from courseware.people.models import Centre

from .kept import KeptTextsMixin
from .strategy import why


class MomentField(forms.DateTimeField):
    """An instant, written as a date and a time of the centre."""

    def __init__(self, label: str, hint: str = "") -> None:
        super().__init__(
            label=label,
            help_text=hint,
            input_formats=("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"),
            widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            error_messages={
                "required": f"Give “{label}” as a date and a time",
                "invalid": f"Give “{label}” as a date and a time",
            },
        )


class _InTheCentresZone(PlainForm):
    """Its instants are read in the zone of `centre`, whatever zone the page is shown in."""

    def __init__(self, *args: Any, centre: Centre, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(centre.zone)

    def instant(self, name: str) -> dt.datetime | None:
        """The instant of the field `name`, in UTC."""
        at: dt.datetime | None = self.cleaned_data.get(name)
        return at.replace(tzinfo=self.zone).astimezone(dt.UTC) if at else None


class VisitForm(KeptTextsMixin, _InTheCentresZone):
    """Everything of a visit in one act: first looked at, then opened."""

    kept_as: ClassVar = {"learners": "visit"}

    email = forms.EmailField(label="E-mail address", help_text="The invitation goes there.")
    name = forms.CharField(label="Name", max_length=120)
    organisation = forms.CharField(label="Awarding organisation", max_length=120)
    purpose = why("What the visit is for", "One sentence. It stays on record, and the visitor reads it.")
    starts_at = MomentField("From")
    ends_at = MomentField("Until", "Access ends with this minute, files included.")
    cohorts = forms.MultipleChoiceField(
        label="Whole cohorts", required=False, widget=forms.CheckboxSelectMultiple, help_text="Later joiners included."
    )
    learners = forms.CharField(
        label="Single learners",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="By name, each on a line of its own.",
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)  # what the preview showed

    def __init__(self, *args: Any, cohorts: Sequence[Cohort], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(one.uid), f"{one.name}, Unit {one.specification.unit.code}") for one in cohorts]
        self.fields["cohorts"].choices = choices  # type: ignore[attr-defined]  # a choice field
        self.by_uid = {str(one.uid): one for one in cohorts}

    def clean_email(self) -> str:
        """The address as it is kept."""
        return names.clean_email(self.cleaned_data["email"])

    def clean_name(self) -> str:
        """The name as it is kept."""
        return names.clean_name(self.cleaned_data["name"])

    @property
    def chosen(self) -> list[Cohort]:
        """The cohorts that were ticked."""
        return [self.by_uid[uid] for uid in self.cleaned_data.get("cohorts", ())]

    def clean(self) -> dict[str, Any]:
        """A visit ends after it begins, and opens something."""
        super().clean()
        starts, ends = self.instant("starts_at"), self.instant("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", "Choose an end after the beginning")
        if not (self.cleaned_data.get("cohorts") or self.cleaned_data.get("learners")) and "cohorts" not in self.errors:
            self.add_error("cohorts", "Choose at least one cohort, or name a learner")
        return self.cleaned_data


class ExtendVisitForm(_InTheCentresZone):
    """A later end. `seen`: the end that the page showed."""

    ends_at = MomentField("Until", "Access ends with this minute, files included.")
    reason = why("Why")
    seen = forms.CharField(widget=forms.HiddenInput)

    def clean_seen(self) -> dt.datetime:
        """The end that was read."""
        try:
            return dt.datetime.fromisoformat(self.cleaned_data["seen"])
        except ValueError:
            raise forms.ValidationError("Open this page again") from None


class EndVisitForm(PlainForm):
    """Ask once more."""


class WithdrawVisitForm(PlainForm):
    """Why a visit is taken back."""

    reason = why("Why", "One sentence. It stays on record, and the visitor reads it.")


class AskForm(KeptTextsMixin, PlainForm):
    """What the EQA wants to see too."""

    kept_as: ClassVar = {"text": "visit-ask"}

    text = forms.CharField(
        label="Cohorts or learners, and why",
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Each name on a line of its own; why you ask on another.",
        error_messages={"required": "Name a cohort or a learner"},
    )


class NoteForm(KeptTextsMixin, PlainForm):
    """A note of the EQA's own."""

    kept_as: ClassVar = {"text": "visit-note"}

    text = forms.CharField(
        label="Note",
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Nobody else reads it until you share it.",
        error_messages={"required": "Write something first"},
    )


class NoteEditForm(NoteForm):
    """Other words for a note that is there."""

    kept_as: ClassVar = {"text": "visit-edit"}


class ShareForm(PlainForm):
    """Ask once more. `seen`: the note as the page showed it."""

    seen = forms.CharField(widget=forms.HiddenInput, strip=False)


class AnswerRequestForm(PlainForm):
    """Open what was asked for, or decline it with a reason; each answer is a button of the form."""

    way = forms.ChoiceField(
        choices=(("grant", "Grant"), ("decline", "Decline")),
        error_messages={"required": "Press one of the two buttons", "invalid_choice": "Press one of the two buttons"},
    )
    opens = forms.MultipleChoiceField(label="What is opened", required=False, widget=forms.CheckboxSelectMultiple)
    reason = forms.CharField(
        label="Reason", max_length=500, required=False, help_text="Needed when you decline. The visitor reads it."
    )

    def __init__(
        self, *args: Any, cohorts: Sequence[Cohort], learner_units: Sequence[LearnerUnit], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.cohorts = {f"c{one.uid}": one for one in cohorts}
        self.units = {f"u{one.uid}": one for one in learner_units}
        choices = [(key, f"{one.name}, the whole cohort") for key, one in self.cohorts.items()]
        choices += [
            (key, f"{one.learner.name}, Unit {one.unit_code}, {one.cohort.name}") for key, one in self.units.items()
        ]
        self.fields["opens"].choices = choices  # type: ignore[attr-defined]  # a choice field
        if not choices:
            del self.fields["opens"]

    @property
    def chosen_cohorts(self) -> list[Cohort]:
        """The cohorts that are ticked."""
        return [self.cohorts[key] for key in self.cleaned_data.get("opens", ()) if key in self.cohorts]

    @property
    def chosen_units(self) -> list[LearnerUnit]:
        """The learner-units that are ticked."""
        return [self.units[key] for key in self.cleaned_data.get("opens", ()) if key in self.units]

    def clean(self) -> dict[str, Any]:
        """Whoever declines says why; whoever grants opens something."""
        super().clean()
        way = self.cleaned_data.get("way")
        if way == "decline" and not self.cleaned_data.get("reason"):
            self.add_error("reason", "Say why the sample is not widened")
        if way == "grant" and not self.cleaned_data.get("opens"):
            self.add_error("opens" if "opens" in self.fields else None, "Choose what is opened")
        return self.cleaned_data
