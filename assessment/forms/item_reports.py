"""The form of the report on a sampled unit."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from assessment.models import CHECKED, CHECKS
from courseware.kit.forms import PlainForm

from .kept import KeptTextsMixin


class ReportForm(KeptTextsMixin, PlainForm):
    """The checklist, one answer a line, and what the tutor reads of it."""

    kept_as: ClassVar = {"strengths": "strengths", "development": "development"}

    strengths = forms.CharField(
        label="What was good",
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="The tutor reads it.",
    )
    development = forms.CharField(
        label="What to develop",
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="The tutor reads it. Needed when a line of the checklist says No.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in CHECKS:
            self.fields[name] = forms.ChoiceField(
                label=label,
                choices=CHECKED,
                widget=forms.RadioSelect,
                error_messages={
                    "required": f"Answer “{label}”",
                    "invalid_choice": f"Answer “{label}”",
                },
            )
        self.order_fields([*(name for name, _ in CHECKS), "strengths", "development"])

    def clean(self) -> dict[str, Any]:
        """The tutor is told something, and what to develop where a line says No."""
        super().clean()
        sent = self.cleaned_data
        if any(sent.get(name) == "no" for name, _ in CHECKS) and not sent.get("development"):
            self.add_error("development", "A line says No: say what the tutor is to develop")
        elif not sent.get("strengths") and not sent.get("development"):
            self.add_error("strengths", "Write what was good, or what to develop")
        return sent

    @property
    def checklist(self) -> list[forms.BoundField]:
        """The lines of the checklist, in order."""
        return [self[name] for name, _ in CHECKS]

    @property
    def checks(self) -> dict[str, str]:
        """The answers of a valid form by name."""
        return {name: self.cleaned_data[name] for name, _ in CHECKS}
