"""Forms of the comment bank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms

from assessment.models import OUTCOMES
from assessment.workflow.comments import LIMIT
from courseware.kit.editor.fields import MarkdownEditor, MarkdownField
from courseware.kit.forms import PlainForm

from .kept import KeptTextsMixin

FOR = (("", "Either decision"), *OUTCOMES)


class FindCommentsForm(forms.Form):
    """How the bank is narrowed: words in any order, and what the comments are for."""

    q = forms.CharField(label="Words", required=False, max_length=200)
    outcome = forms.ChoiceField(label="For", choices=(("", "All comments"), *OUTCOMES), required=False)


class ChangeCommentForm(KeptTextsMixin, PlainForm):
    """The text of a comment, and what it is for."""

    kept_as: ClassVar = {"text": "comment"}

    text = MarkdownField(
        label="Comment",
        max_length=LIMIT,
        widget=MarkdownEditor(attrs={"rows": 4}),
        help_text="Filled in when it is used: {first name}, {name}, {criterion}, {verb}, {unit}.",
        error_messages={"required": "Write the comment"},
    )
    outcome = forms.ChoiceField(label="For", choices=FOR, required=False)


class AddCommentForm(ChangeCommentForm):
    """A new comment; `whose` is "<centre>" for the writer alone, "<centre> all" for the centre, else the first."""

    kept_as: ClassVar = {"text": "bank"}

    whose = forms.ChoiceField(label="Who can use it", required=False)

    def __init__(self, *args: Any, whose: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["whose"].choices = list(whose)  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["whose"].initial = self.first = whose[0][0]
        if len(whose) == 1:
            self.fields["whose"].widget = forms.HiddenInput()

    def clean_whose(self) -> str:
        """What was chosen, else the first that there is."""
        chosen: str = self.cleaned_data["whose"]
        return chosen or self.first
