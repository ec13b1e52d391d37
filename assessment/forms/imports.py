"""Forms for a list of learners."""

from __future__ import annotations

from typing import Any

from django import forms

from courseware.kit.forms import PlainForm, bare
from courseware.people.rolls.columns import FIELDS, Columns


class BringListForm(PlainForm):
    """A list, pasted or as a file."""

    pasted = forms.CharField(
        label="Paste the list",
        required=False,
        strip=False,
        widget=forms.Textarea({"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
        help_text="One learner a line: name, e-mail address, and the ULN if you have it. Copied from a spreadsheet, or "
        "with commas between.",
    )
    file = forms.FileField(
        label="Or choose a file",
        required=False,
        allow_empty_file=True,
        help_text="CSV or Excel workbook (.xlsx), up to 5 MB and 10,000 lines.",
        widget=forms.FileInput({"accept": ".csv,.txt,.tsv,.xlsx"}),
    )

    def clean(self) -> dict[str, Any]:
        """One of the two, not both."""
        sent = self.cleaned_data
        pasted = bool(bare(sent.get("pasted") or ""))
        if pasted and sent.get("file"):
            self.add_error("file", "Paste the list or choose a file, not both.")
        elif not pasted and not sent.get("file") and "file" not in self.errors:
            self.add_error("pasted", "Paste the list, or choose a file.")
        return sent


class ColumnsForm(PlainForm):
    """What each column holds."""

    header = forms.BooleanField(label="The first line is headings", required=False)

    def __init__(self, *args: Any, samples: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._names = []
        for number, (field, sample) in enumerate(samples, start=1):
            self._names.append(f"column-{number}")
            self.fields[f"column-{number}"] = forms.ChoiceField(
                label=f"Column {number}", choices=FIELDS, required=False, initial=field, help_text=sample
            )

    @property
    def columns(self) -> Columns:
        """The columns, of a valid form."""
        return Columns(self.cleaned_data["header"], tuple(self.cleaned_data[name] for name in self._names))


class MendForm(PlainForm):
    """Name, address and ULN of lines that were left out; every line keeps its number."""

    def __init__(self, *args: Any, numbers: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._numbers = numbers
        for number in numbers:
            for part in ("name", "email", "uln"):
                self.fields[f"{part}-{number}"] = forms.CharField(required=False, max_length=5000, strip=True)

    @property
    def mended(self) -> dict[int, tuple[str, str, str]]:
        """What was written, by line number, of a valid form."""
        sent = self.cleaned_data
        return {n: (sent[f"name-{n}"], sent[f"email-{n}"], sent[f"uln-{n}"]) for n in self._numbers}
