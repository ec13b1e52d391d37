"""The same feedback to several learners on one criterion: what it says, whom it is for, and each one's own tick."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from assessment.readings.together import Waiting

from .marking import DecideForm


class TogetherForm(DecideForm):
    """A decision and its feedback for each of the `waiting` that are chosen; it records nothing by itself."""

    chosen = forms.MultipleChoiceField(
        label="Learners",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose the learners whom it is for"},
    )

    def __init__(self, *args: Any, waiting: Sequence[Waiting], **kwargs: Any) -> None:
        verb = waiting[0].verb if waiting else ""
        varcs = any(row.asks_varcs for row in waiting)
        super().__init__(*args, learner="each learner", verb=verb, correcting=False, varcs=varcs, **kwargs)
        for name in ("learner_unit", "submission", "criterion", "supersedes", "used_keys"):
            del self.fields[name]
        self.fields["feedback"].label = "Feedback to each of them"
        self.fields["feedback"].error_messages["required"] = "Write the feedback"
        self.fields["feedback"].help_text += " {first name} becomes each one’s own."
        self.fields["chosen"].choices = [  # type: ignore[attr-defined]  # a MultipleChoiceField
            (str(row.submission), f"{row.learner}, attempt {row.attempt}, {row.cohort}") for row in waiting
        ]
