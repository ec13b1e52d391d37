"""Forms of the marking desk and the pages round it."""

from __future__ import annotations

import contextlib
import uuid
from typing import Any, ClassVar

from django import forms

from assessment.models import OUTCOMES, REASONS, VARCS
from courseware.kit.editor.fields import MarkdownEditor, MarkdownField
from courseware.kit.forms import PlainForm

from .kept import KeptTextsMixin


class WhoseForm(forms.Form):
    """Whose work a decision is about: the ids that the desk wrote into its form."""

    learner_unit = forms.UUIDField()
    submission = forms.UUIDField()
    criterion = forms.UUIDField()
    supersedes = forms.UUIDField(required=False)


class DecideForm(KeptTextsMixin, PlainForm):
    """Met or Not yet met, with feedback. Carries whose work it is and the decision that the marker saw.

    `correcting`: the learner has the earlier decision, so why it changes is asked for and becomes part of the feedback.
    `varcs`: the centre asks for the tests of evidence.
    """

    kept_as: ClassVar = {"feedback": "decision", "change": "change"}

    learner_unit = forms.UUIDField(widget=forms.HiddenInput)
    submission = forms.UUIDField(widget=forms.HiddenInput)
    criterion = forms.UUIDField(widget=forms.HiddenInput)
    supersedes = forms.UUIDField(widget=forms.HiddenInput, required=False)
    used_keys = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)
    outcome = forms.ChoiceField(
        label="Decision",
        choices=OUTCOMES,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose Met or Not yet met", "invalid_choice": "Choose Met or Not yet met"},
    )
    reason = forms.ChoiceField(
        label="Reason, for Not yet met",
        choices=REASONS,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose a reason of the list"},
    )
    feedback = MarkdownField(widget=MarkdownEditor(attrs={"rows": 9, "data-key": "f"}))
    varcs = forms.MultipleChoiceField(
        label="The evidence is", choices=VARCS, required=False, widget=forms.CheckboxSelectMultiple
    )
    change = forms.CharField(
        label="Reason for the change",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why this takes the place of the earlier decision"},
    )

    def __init__(self, *args: Any, learner: str, verb: str, correcting: bool, varcs: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = learner.split(maxsplit=1)[0]
        feedback = self.fields["feedback"]
        feedback.label = f"Feedback to {name}"
        feedback.help_text = (
            f"Say how far the evidence answers “{verb.lower()}”, and what is missing or would make it stronger."
        )
        feedback.error_messages["required"] = f"Write feedback for {name}"
        self.fields["change"].help_text = f"{name} reads it under the new feedback."
        if not correcting:
            del self.fields["change"]
        if not varcs:
            del self.fields["varcs"]

    def clean(self) -> dict[str, Any]:
        """Not yet met has a reason; Met has none, whatever was chosen before."""
        super().clean()
        outcome, reason = self.cleaned_data.get("outcome"), self.cleaned_data.get("reason")
        if outcome == "met":
            self.cleaned_data["reason"] = ""
        elif outcome == "not_yet_met" and not reason and "reason" not in self.errors:
            self.add_error("reason", "Choose why it is not yet met")
        return self.cleaned_data

    @property
    def text(self) -> str:
        """What the learner will read: the feedback, and the reason where the decision corrects another."""
        feedback: str = self.cleaned_data["feedback"]
        change: str = self.cleaned_data.get("change", "")
        return f"{feedback}\n\nReason for the change: {change}" if change else feedback

    @property
    def used(self) -> list[uuid.UUID]:
        """The comments of the bank that were put into the feedback; what is no uid is left out."""
        return uids_of(self.cleaned_data["used_keys"])

    @property
    def letters(self) -> str:
        """The ticked letters of VARCS."""
        return "".join(self.cleaned_data.get("varcs", ()))


def uids_of(text: str) -> list[uuid.UUID]:
    """The uids in `text`, in their order, each once; words that are none are left out."""
    found = []
    for word in dict.fromkeys(text.split()):
        with contextlib.suppress(ValueError):
            found.append(uuid.UUID(word))
    return found


class KeyForm(PlainForm):
    """An act that needs nothing but to be meant."""


class ReleaseForm(PlainForm):
    """Release all that can be released, or one decision."""

    decision = forms.UUIDField(required=False)

    @property
    def one(self) -> uuid.UUID | None:
        """The one decision asked for, or None for all."""
        chosen: uuid.UUID | None = self.cleaned_data["decision"]
        return chosen


class ReturnForm(KeptTextsMixin, PlainForm):
    """Give a submission back unmarked."""

    kept_as: ClassVar = {"reason": "return"}

    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="The learner reads this. It uses no attempt.",
        error_messages={"required": "Say why you return it, so that the learner knows what to do"},
    )


class CountersignForm(KeptTextsMixin, PlainForm):
    """Confirm a trainee's Met, or decline it with feedback to the trainee."""

    kept_as: ClassVar = {"feedback": "countersign"}

    outcome = forms.ChoiceField(
        label="Countersignature",
        choices=(("confirmed", "Confirm"), ("declined", "Decline")),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose Confirm or Decline", "invalid_choice": "Choose Confirm or Decline"},
    )
    feedback = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Needed when you decline. The learner does not see it.",
    )

    def __init__(self, *args: Any, trainee: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["feedback"].label = f"Feedback to {trainee}"

    def clean(self) -> dict[str, Any]:
        """A declined countersignature says why."""
        super().clean()
        if self.cleaned_data.get("outcome") == "declined" and not self.cleaned_data.get("feedback"):
            self.add_error("feedback", "Tell the trainee why you decline")
        return self.cleaned_data
