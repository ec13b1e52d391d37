"""Forms of pins and notes: where in the evidence, and what there is to say."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from assessment.models.pins import WHOLE
from assessment.workflow.pins import Spot

REGION = ("x", "y", "width", "height")
_CELL = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,5})")
_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):([0-5]?\d)|(\d{1,5})(?:\.\d+)?")
_LATEST = 100 * 3600  # seconds


def seconds_of(text: str) -> int | None:
    """The seconds of `1:05`, `1:01:05` or `65`; None for anything else."""
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        return None
    hours, minutes, seconds, alone = found.groups()
    total = int(alone) if alone else int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return total if total < _LATEST else None


def _number(label: str) -> forms.IntegerField:
    said = f"Give the number of the {label}"
    return forms.IntegerField(
        min_value=1,
        max_value=1_000_000,
        required=False,
        error_messages={"invalid": said, "min_value": said, "max_value": said},
    )


class PlaceForm(forms.Form):
    """A place of one kind in a version; `spot` is what a valid one names."""

    page = _number("page")
    paragraph = _number("paragraph")
    sheet = _number("sheet")
    cell = forms.CharField(max_length=12, required=False)
    time = forms.CharField(max_length=12, required=False)
    x = forms.IntegerField(min_value=0, max_value=WHOLE, required=False)
    y = forms.IntegerField(min_value=0, max_value=WHOLE, required=False)
    width = forms.IntegerField(min_value=1, max_value=WHOLE, required=False)
    height = forms.IntegerField(min_value=1, max_value=WHOLE, required=False)

    def __init__(self, data: Any, *, place: str, **more: Any) -> None:
        super().__init__(data, **more)
        self.place = place
        self.spot = Spot(place)

    def clean(self) -> dict[str, Any]:
        """Read the place. What is missing is said at its field."""
        super().clean()
        getattr(self, f"_clean_{self.place}", lambda: None)()
        return self.cleaned_data

    def _counted(self, name: str, missing: str) -> int | None:
        found: int | None = self.cleaned_data.get(name)
        if found is None and name not in self.errors:
            self.add_error(name, missing)
        return found

    def _clean_page(self) -> None:
        region = [self.cleaned_data.get(part) for part in REGION]
        number = self._counted("page", "Say which page")
        if not any(part is not None for part in region):
            self.spot = Spot("page", number)
            return
        x, y, width, height = region
        if x is None or y is None or width is None or height is None or x + width > WHOLE or y + height > WHOLE:
            self.add_error("page", "Mark the part again, inside the page")
            return
        self.spot = Spot("page", number, x, y, width, height)

    def _clean_paragraph(self) -> None:
        self.spot = Spot("paragraph", self._counted("paragraph", "Say which paragraph"))

    def _clean_cell(self) -> None:
        found = _CELL.fullmatch(self.cleaned_data.get("cell", "").strip().upper())
        if not found:
            self.add_error("cell", "Give the cell by its letters and its number, like B4")
            return
        self.spot = Spot("cell", self.cleaned_data.get("sheet") or 1, cell=f"{found[1]}{found[2]}")

    def _clean_time(self) -> None:
        seconds = seconds_of(self.cleaned_data.get("time", ""))
        if seconds is None:
            self.add_error("time", "Give minutes and seconds, like 1:05")
            return
        self.spot = Spot("time", from_ms=seconds * 1000)


class PinForm(PlaceForm):
    """A learner's pin: on which mapping, and in a few words what is there."""

    link = forms.UUIDField(
        error_messages={"required": "Choose the criterion that it shows", "invalid": "Choose the criterion again"}
    )
    says = forms.CharField(max_length=200, required=False, error_messages={"max_length": "Say it in 200 characters"})


class NoteForm(PlaceForm):
    """A tutor's note; without words it only points."""

    text = forms.CharField(max_length=2000, required=False, error_messages={"max_length": "Say it in 2,000 characters"})
