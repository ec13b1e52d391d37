"""Forms for beginning a unit: from a specification that is pasted, or from a folder that is packed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from content.authoring.draft import DATES, NewUnit
from content.authoring.editions import LONGEST_REASON
from content.authoring.plain import LIMIT
from content.authoring.sheet import read_sheet
from content.schema import UNIT_KEYS
from courseware.kit.forms import PlainForm


def _text(name: str, label: str, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=UNIT_KEYS[name].at_most, **more)


def _number(name: str, label: str) -> forms.IntegerField:
    most = UNIT_KEYS[name].at_most
    says = f"{label}: write a whole number from 1 to {most}."
    return forms.IntegerField(
        label=label,
        min_value=1,
        max_value=most,
        widget=forms.NumberInput({"class": "control--short"}),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), says),
    )


class PasteForm(PlainForm):
    """A specification as it is copied from a document or a page."""

    pasted = forms.CharField(
        label="The specification",
        max_length=LIMIT,
        strip=False,
        widget=forms.Textarea({"rows": 14, "spellcheck": "false", "autocomplete": "off"}),
        help_text="Open the unit in the awarding organisation’s document, copy all of it, and paste it here.",
        error_messages={
            "required": "Paste the specification.",
            "max_length": f"The text is longer than {LIMIT:,} characters. Paste the pages of this unit only.",
        },
    )


class CorrectForm(PlainForm):
    """What was recognised, to be corrected."""

    code = forms.SlugField(
        label="Unit number",
        max_length=UNIT_KEYS["code"].at_most,
        widget=forms.TextInput({"class": "control--short"}),
        help_text="Letters, digits, - and _ only. It stands in addresses.",
        error_messages={"invalid": "A unit number holds letters, digits, - and _ only."},
    )
    title = _text("title", "Title", widget=forms.Textarea({"rows": 1}))
    level = _number("level", "Level")
    credit_value = _number("credit_value", "Credit value")
    guided_learning_hours = _number("guided_learning_hours", "Guided learning hours")
    reference = _text("reference", "Unit reference number", required=False)
    review_on = forms.DateField(
        label="Unit review date",
        required=False,
        input_formats=DATES,
        widget=forms.DateInput({"class": "control--short"}, format="%-d %B %Y"),
        help_text="For example 31 December 2027.",
        error_messages={"invalid": "Unit review date: write it like 31 December 2027."},
    )
    sector = _text("sector", "Sector", required=False)
    aim = forms.CharField(label="Aim", required=False, max_length=2000, widget=forms.Textarea({"rows": 3}))
    outline = forms.CharField(
        label="Outcomes and criteria",
        max_length=LIMIT,
        widget=forms.Textarea({"rows": 24}),
        help_text="One line each, with its number: 1 for an outcome, 1.1 for a criterion. Guidance stands in the line "
        "below and begins with >.",
    )
    pasted = forms.CharField(
        label="What was pasted",
        required=False,
        max_length=LIMIT,
        strip=False,
        widget=forms.Textarea({"rows": 24, "spellcheck": "false", "readonly": True}),
        help_text="To compare with. It goes into the unit only as far as it stands in the form.",
    )
    pasted.not_optional = True  # type: ignore[attr-defined]  # kit.is_optional: nobody fills it in

    def clean_title(self) -> str:
        """One line, though its box has room for a long one."""
        return " ".join(self.cleaned_data["title"].split())

    def clean(self) -> dict[str, Any]:
        """Every line of the outline is one of the unit."""
        sent = super().clean()
        outcomes, notes = read_sheet(sent.get("outline", ""))
        for note in notes:
            self.add_error("outline", f"Line {note.line}: {note.message}")
        sent["outcomes"] = outcomes
        return sent

    @property
    def draft(self) -> NewUnit:
        """The corrected specification, of a valid form."""
        sent = self.cleaned_data
        day: dt.date | None = sent["review_on"]
        return NewUnit(
            code=sent["code"],
            title=sent["title"],
            level=sent["level"],
            credit_value=sent["credit_value"],
            guided_learning_hours=sent["guided_learning_hours"],
            outcomes=sent["outcomes"],
            reference=sent["reference"],
            review_on=day,
            sector=sent["sector"],
            aim=sent["aim"],
        )


class PackedUnitForm(PlainForm):
    """A unit's folder as a ZIP archive."""

    file = forms.FileField(
        label="The unit as a ZIP archive",
        allow_empty_file=True,
        help_text="A folder of Markdown as it is downloaded here, up to 8 MB.",
        widget=forms.FileInput({"accept": ".zip"}),
    )
    over = forms.BooleanField(
        label="Put it in the place of a draft of the same unit",
        required=False,
        help_text="That draft is put away. Its text is kept.",
    )


class WithdrawForm(PlainForm):
    """An edition, taught no more."""

    reason = forms.CharField(
        label="Why it is withdrawn", max_length=LONGEST_REASON, help_text="It stands in the list of editions."
    )
