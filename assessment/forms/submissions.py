"""Forms of the learner's hand-in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms

from assessment.models import OTHERS_DATA
from courseware.kit.forms import PlainForm

from .kept import KeptTextsMixin

AI = [("no", "No"), ("yes", "Yes, and I say how")]


class SubmissionForm(KeptTextsMixin, PlainForm):
    """The choices, and what is declared. Saving takes it half filled; submitting asks for all of it.

    `choices` are readings of `Choice`, `wording` the statement that is declared.
    """

    kept_as: ClassVar = {"ai_text": "submission"}

    criteria = forms.MultipleChoiceField(label="Criteria", required=False)
    links = forms.MultipleChoiceField(label="Evidence", required=False)
    ai = forms.ChoiceField(
        label="Did you use an AI tool in any of this work?",
        help_text="Using one is not wrong in itself. Leaving it out is.",
        choices=AI,
        required=False,
        widget=forms.RadioSelect,
    )
    ai_text = forms.CharField(
        label="Which tool, for what, and what you did with the answer",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    others = forms.ChoiceField(
        label="Is there anything in these files that could name other people?",
        help_text="Names, faces, addresses or account numbers of customers and colleagues. What they did not agree to "
        "is blacked out first: add that as a new version.",
        choices=OTHERS_DATA,
        required=False,
        widget=forms.RadioSelect,
    )
    declared = forms.BooleanField(required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    def __init__(self, *args: Any, choices: Sequence[Any], wording: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.submitting = "submit" in self.data
        self.fields["criteria"].choices = [(choice.uid, choice.number) for choice in choices]  # type: ignore[attr-defined]
        self.fields["links"].choices = [  # type: ignore[attr-defined]  # both are MultipleChoiceField
            (offer.uid, offer.title) for choice in choices for offer in choice.offers
        ]
        self.fields["declared"].label = wording
        for name in ("ai", "others"):
            self.fields[name].not_optional = True  # type: ignore[attr-defined]  # it is needed in the end
        moved = "It changed since you opened this page. Choose again"
        for name in ("criteria", "links"):
            self.fields[name].error_messages["invalid_choice"] = moved

    def clean(self) -> dict[str, Any]:
        """To submit: a criterion, whether AI was used and how, what there is of other people, and the declaration."""
        super().clean()
        if not self.submitting:
            return self.cleaned_data
        sent = self.cleaned_data
        if not sent.get("criteria") and "criteria" not in self.errors:
            self.add_error("criteria", "Choose at least one criterion")
        if not sent.get("ai") and "ai" not in self.errors:
            self.add_error("ai", "Say whether you used an AI tool")
        if sent.get("ai") == "yes" and not sent.get("ai_text") and "ai_text" not in self.errors:
            self.add_error("ai_text", "Say which AI tool you used, and how")
        if not sent.get("others") and "others" not in self.errors:
            self.add_error("others", "Say whether anything could name other people")
        if not sent.get("declared"):
            self.add_error("declared", "Declare that the work is your own before you submit it")
        return sent


class WithdrawSubmissionForm(PlainForm):
    """Nothing but the one-time key."""
