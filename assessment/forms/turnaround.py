"""The form of a centre's turnaround."""

from __future__ import annotations

from django import forms

from courseware.kit.forms import PlainForm
from courseware.people.models import LONGEST_TURNAROUND


class TurnaroundForm(PlainForm):
    """Within how many working days the centre returns feedback."""

    days = forms.IntegerField(
        label="Working days from hand-in to feedback",
        help_text="Who waits for feedback longer than this is shown as late.",
        min_value=1,
        max_value=LONGEST_TURNAROUND,
        error_messages={
            "required": "Write a number of working days.",
            "invalid": "Write a whole number of working days.",
            "min_value": "Choose at least one working day.",
            "max_value": f"Choose at most {LONGEST_TURNAROUND} working days.",
        },
    )
