"""The form of the answer to a proposed widening; each answer is a button of the same form."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from courseware.kit.forms import PlainForm

from .kept import KeptTextsMixin


class WideningForm(KeptTextsMixin, PlainForm):
    """Take it up, or decline it with a reason."""

    kept_as: ClassVar = {"reason": "widening"}

    way = forms.ChoiceField(
        choices=(("accept", "Widen the sample"), ("decline", "Decline")),
        error_messages={"required": "Press one of the two buttons", "invalid_choice": "Press one of the two buttons"},
    )
    reason = forms.CharField(
        label="Reason",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Needed when you decline. It stays on record, and the page of the plan says it.",
    )

    def clean(self) -> dict[str, Any]:
        """Whoever declines says why."""
        super().clean()
        if self.cleaned_data.get("way") == "decline" and not self.cleaned_data.get("reason"):
            self.add_error("reason", "Say why the sample is not widened")
        return self.cleaned_data
