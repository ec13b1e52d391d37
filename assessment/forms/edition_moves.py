"""The form with which a cohort goes on with another edition."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from .learner_units import ReasonForm


class MoveToEditionForm(ReasonForm):
    """The name of the cohort that its learners come into, unless that is there already, and why.

    `to` is the edition and `seen` the digest of what was read.
    """

    kept_as: ClassVar = {"reason": "edition"}
    name = forms.CharField(
        label="Name of the new cohort",
        max_length=120,
        help_text="Who goes on comes into it. Who stays keeps the cohort as it is.",
    )
    to = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    field_order = ("name", "reason")

    def __init__(self, *args: Any, named: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if named:
            del self.fields["name"]
