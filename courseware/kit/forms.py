"""The base of every form: a one-time key, text without invisible edges, and our own look."""

from __future__ import annotations

import unicodedata
import uuid
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.utils.datastructures import MultiValueDict

# Unicode says these are seen as nothing at the edge of a text: spaces, controls, formats (zero width among them).
# The joiner and the variation selectors inside emoji and Indic words stay, because only edges are cut.
_UNSEEN = ("Z", "Cc", "Cf")
_FILLERS = "\u115f\u1160\u3164\uffa0\u2800"


def bare(text: str) -> str:
    """`text` without white space and invisible characters at its edges, line ends as LF."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    start, end = 0, len(text)
    while start < end and _unseen(text[start]):
        start += 1
    while end > start and _unseen(text[end - 1]):
        end -= 1
    return text[start:end]


def _unseen(character: str) -> bool:
    return character.isspace() or character in _FILLERS or unicodedata.category(character).startswith(_UNSEEN)


def _missing(field: forms.Field, name: str) -> str:
    """What to say when a needed field is empty: its own label, so that a list of faults can be read on its own."""
    label = str(field.label or name.replace("_", " ").capitalize()).rstrip("?.: ")
    if isinstance(field, forms.BooleanField):
        return f"Tick “{label}”"
    if isinstance(field, forms.FileField):
        return f"Choose a file for “{label}”"
    if isinstance(field, forms.ChoiceField):
        return f"Choose an answer for “{label}”"
    return f"Fill in “{label}”"


def helper(*layout: Any) -> FormHelper:
    """A crispy helper as this house wants it: the `form` tag, buttons and token are the page's, no media."""
    made = FormHelper()
    made.form_tag = False
    made.disable_csrf = True
    made.include_media = False
    made.render_hidden_fields = True
    if layout:
        made.layout = Layout(*layout)
    return made


class PlainFormMixin(forms.BaseForm):
    """What every form here has, plain or made from a model; first among the bases.

    - `key`, hidden: a fresh UUID per form shown, kept when it comes back with faults. `once` is its value, which the
      verb takes, so that a repeat returns the first answer.
    - text is cut at its edges (`bare`); a required text of nothing visible counts as missing; NUL is refused by Django.
    - a missing field is named by its label, unless the form says better in `error_messages`.
    - no `required` attributes: faults are named in our words, above the field.
    """

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if field.error_messages.get("required") == forms.Field.default_error_messages["required"]:
                field.error_messages["required"] = _missing(field, name)
        self.fields["key"] = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
        self.helper = helper()

    @property
    def once(self) -> uuid.UUID:
        """The one-time key of a valid form."""
        key: uuid.UUID = self.cleaned_data["key"]
        return key

    def clean(self) -> dict[str, Any]:
        """Cut the edges of every text that its field would strip. Subclasses call this first."""
        super().clean()
        for name, field in self.fields.items():
            value = self.cleaned_data.get(name)
            if isinstance(value, str) and isinstance(field, forms.CharField) and field.strip:
                cut = bare(value)
                self.cleaned_data[name] = cut
                if field.required and not cut:
                    self.add_error(name, forms.ValidationError(field.error_messages["required"], code="required"))
        return self.cleaned_data


class PlainForm(PlainFormMixin, forms.Form):
    """A form of this house."""


class PlainModelForm(PlainFormMixin, forms.ModelForm):
    """A form of this house made from a model."""


class ManyFilesInput(forms.FileInput):
    """One control for several files."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: MultiValueDict[str, Any], name: str) -> list[Any]:
        """Every file sent under this name."""
        return files.getlist(name)


class ManyFilesField(forms.FileField):
    """Several files at once: `cleaned_data` holds a list, empty when none was chosen and none needed."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Each file as FileField would check it. Raises ValidationError."""
        if not data:
            super().clean(None, initial)
            return []
        return [super(ManyFilesField, self).clean(each, initial) for each in data]
