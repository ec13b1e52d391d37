"""Forms for the acts on a learner's unit as a whole."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms

from courseware.kit.forms import PlainForm

from .kept import KeptTextsMixin


class ActForm(PlainForm):
    """An act that needs nothing but to be meant."""


class ReasonForm(KeptTextsMixin, PlainForm):
    """An act with its reason, which stays on record. The base of the forms below."""

    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="It stays on record.",
        error_messages={"required": "Say why"},
    )


class HoldForm(ReasonForm):
    """Put a unit on hold."""

    kept_as: ClassVar = {"reason": "hold"}


class LiftForm(ReasonForm):
    """Lift a hold."""

    kept_as: ClassVar = {"reason": "lift"}


class WithdrawLearnerForm(ReasonForm):
    """End a learner's work on a unit."""

    kept_as: ClassVar = {"reason": "withdraw"}


class ReopenForm(ReasonForm):
    """Reopen a unit, perhaps because of a review that did not agree. `reviews` are pairs of uid and words."""

    kept_as: ClassVar = {"reason": "reopen"}
    review = forms.ChoiceField(label="Because of", required=False, widget=forms.RadioSelect)

    field_order = ("review", "reason")

    def __init__(self, *args: Any, reviews: Sequence[tuple[uuid.UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not reviews:
            del self.fields["review"]
            return
        field = self.fields["review"]
        field.choices = [*((str(uid), words) for uid, words in reviews), ("", "Another cause")]  # type: ignore[attr-defined]
        field.initial = str(reviews[0][0])
