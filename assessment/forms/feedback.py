"""The learner's answer to feedback."""

from __future__ import annotations

from typing import ClassVar

from django import forms

from assessment.workflow.replies import LONGEST
from courseware.kit.forms import PlainForm

from .kept import KeptTextsMixin


class ReplyForm(KeptTextsMixin, PlainForm):
    """That it was read, and what there is to say to it."""

    kept_as: ClassVar = {"text": "reply"}

    text = forms.CharField(
        label="What you want to say to your tutor",
        help_text="A question, or what you will do. Leave it empty to say only that you have read it.",
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
