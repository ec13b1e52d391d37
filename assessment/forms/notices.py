"""Forms about notices."""

from __future__ import annotations

from typing import Any

from django import forms

from assessment.models import HOW, NOTICE_GROUPS
from assessment.readings.notices import Choice
from courseware.kit.forms import PlainForm


class ReadAllForm(PlainForm):
    """Up to which instant the notices were on the page."""

    until = forms.DateTimeField(widget=forms.HiddenInput)


class ChooseForm(PlainForm):
    """How a person wants e-mail about each group of notices, centre by centre."""

    def __init__(self, *args: Any, choices: list[Choice], **kwargs: Any) -> None:
        self.asked = choices
        super().__init__(*args, **kwargs)
        several = len({one.membership.centre_id for one in choices}) > 1
        labels = dict(NOTICE_GROUPS)
        for one in choices:
            label = labels[one.group] + (f", at {one.membership.centre.name}" if several else "")
            self.fields[one.name] = forms.ChoiceField(
                label=label,
                choices=HOW,
                widget=forms.RadioSelect,
                initial=one.how,
                error_messages={"required": f"Choose an answer for “{label}”"},
            )

    def changed(self) -> list[tuple[Choice, str]]:
        """What a valid form chooses otherwise than it was."""
        return [(one, self.cleaned_data[one.name]) for one in self.asked if self.cleaned_data[one.name] != one.how]
