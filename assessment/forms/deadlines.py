"""Forms about dates, and about who is responsible for whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms

from assessment.models import Cohort, DueExtension
from content.models import Criterion
from courseware.kit.forms import PlainForm
from courseware.people.models import Membership

from .cohorts import NamedForm, a_day
from .learner_units import ReasonForm

NOBODY = "nobody"


class ChangeCohortForm(NamedForm):
    """A cohort's name and dates; `seen` is the digest of what was read."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)


class SpreadForm(PlainForm):
    """Two dates between which due dates are spread evenly. It only fills the other form in."""

    first = forms.DateField(label="First due date", widget=a_day())
    last = forms.DateField(label="Last due date", widget=a_day())
    over = forms.ChoiceField(
        label="A date for each",
        choices=(("criteria", "criterion"), ("outcomes", "learning outcome")),
        initial="criteria",
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["key"]  # it asks, and changes nothing

    def clean(self) -> dict[str, Any]:
        """The last date never lies before the first."""
        sent = super().clean() or {}
        first, last = sent.get("first"), sent.get("last")
        if isinstance(first, dt.date) and isinstance(last, dt.date) and last < first:
            self.add_error("last", "The last date lies before the first. Check the two dates.")
        return sent


class DueDatesForm(PlainForm):
    """One date for each outcome and criterion; empty where there is none. `names` are field names with their labels."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args: Any, names: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in names.items():
            self.fields[name] = forms.DateField(
                label=label,
                required=False,
                widget=a_day(),
                error_messages={"invalid": f"Write the date for {label} as a day, a month and a year"},
            )


class CriteriaField(forms.ModelMultipleChoiceField):
    """Criteria by number and statement."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Criterion) -> str:
        """The words beside the box."""
        return f"{obj.number} {obj.statement}"


class ExtendForm(ReasonForm):
    """A later date for some criteria of one learner."""

    kept_as: ClassVar = {"reason": "extend"}

    criteria = CriteriaField(
        queryset=Criterion.objects.none(),
        to_field_name="uid",
        error_messages={"required": "Choose at least one criterion"},
    )
    due_on = forms.DateField(label="New due date", widget=a_day())
    kind = forms.ChoiceField(
        label="What it is", choices=DueExtension.KINDS, initial="extension", widget=forms.RadioSelect
    )

    field_order = ("criteria", "due_on", "kind", "reason")

    def __init__(self, *args: Any, criteria: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["criteria"].queryset = criteria  # type: ignore[attr-defined]  # a model choice


class CohortField(forms.ModelChoiceField):
    """A cohort by its name and start."""

    def label_from_instance(self, obj: Cohort) -> str:
        """The words in the list."""
        return f"{obj.name}, from {obj.starts_on.day} {obj.starts_on:%B %Y}"


class MoveForm(ReasonForm):
    """To which cohort a learner moves, and why."""

    kept_as: ClassVar = {"reason": "move"}

    to = CohortField(
        label="Cohort",
        queryset=Cohort.objects.none(),
        to_field_name="uid",
        empty_label="Choose a cohort",
        error_messages={"required": "Choose the cohort"},
    )

    field_order = ("to", "reason")

    def __init__(self, *args: Any, cohorts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = cohorts  # type: ignore[attr-defined]  # a model choice


class TakeoverForm(PlainForm):
    """Who takes over what: a choice for everything of a kind, and one for each thing, which goes before it."""

    def __init__(self, *args: Any, lines: Sequence[Any], **kwargs: Any) -> None:
        """`lines`: each with `name`, `label`, `of` (name of the choice for its kind), `people`, `may_be_nobody`."""
        super().__init__(*args, **kwargs)
        self._lines = {line.name: line for line in lines}
        self._people = {str(one.uid): one for line in lines for one in line.people}
        for line in lines:
            nobody = [(NOBODY, "Nobody yet")] if line.may_be_nobody else []
            keep = "As chosen above" if line.of else "Chosen one by one"
            choices = [("", keep), *nobody, *((str(one.uid), one.name) for one in line.people)]
            self.fields[line.name] = forms.ChoiceField(label=line.label, choices=choices, required=False)

    def chosen(self) -> list[tuple[Any, Membership | None]]:
        """Each duty that goes to somebody, or to nobody, with who; of a valid form."""
        found = []
        for name, line in self._lines.items():
            picked = self.cleaned_data[name] or self.cleaned_data.get(line.of, "")
            if line.duty is not None and picked:
                found.append((line.duty, None if picked == NOBODY else self._people[picked]))
        return found
