"""Forms of the cohort pages."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms

from assessment.models import LearnerUnit
from content.models import Specification
from courseware.kit.forms import PlainForm
from courseware.people.models import Membership

ROLE_WORDS = {"tutor": "tutor", "iqa": "IQA", "eqa": "EQA"}


class SpecificationField(forms.ModelChoiceField):
    """A unit that the centre may use, by its code and title."""

    def label_from_instance(self, obj: Specification) -> str:
        """The words in the list."""
        return f"{obj.unit.code}, {obj.title}"


class LearnersField(forms.ModelMultipleChoiceField):
    """Learners by name, with their address to tell two of one name apart."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Membership) -> str:
        """The words beside the box."""
        return f"{obj.name} ({obj.user.email})"


def a_day() -> forms.DateInput:
    """The control for a date, as the browser offers it."""
    return forms.DateInput({"type": "date", "class": "control--short"}, format="%Y-%m-%d")


class NamedForm(PlainForm):
    """A cohort's name, dates and site."""

    name = forms.CharField(label="Name of the cohort", max_length=120, help_text="As your centre calls it.")
    starts_on = forms.DateField(label="Starts on", widget=a_day())
    ends_on = forms.DateField(label="Ends on", widget=a_day(), required=False)
    site = forms.CharField(
        label="Site",
        max_length=80,
        required=False,
        help_text="Where it is assessed, if your centre has several sites. Samples cover every site.",
    )

    def clean(self) -> dict[str, Any]:
        """The end never lies before the start."""
        sent = super().clean() or {}
        starts, ends = sent.get("starts_on"), sent.get("ends_on")
        if isinstance(starts, dt.date) and isinstance(ends, dt.date) and ends < starts:
            self.add_error("ends_on", "The cohort ends before it starts. Check the two dates.")
        return sent


class MakeCohortForm(NamedForm):
    """A cohort's name, unit, dates and site."""

    unit = SpecificationField(
        label="Unit", queryset=Specification.objects.none(), to_field_name="uid", empty_label=None
    )

    field_order = ("name", "unit", "starts_on", "ends_on", "site")

    def __init__(self, *args: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]  # a model choice


class AddLearnersForm(PlainForm):
    """Which learners start on the cohort's unit."""

    learners = LearnersField(
        label="Learners",
        queryset=Membership.objects.none(),
        to_field_name="uid",
        error_messages={"required": "Choose at least one learner."},
    )

    def __init__(self, *args: Any, learners: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["learners"].queryset = learners.select_related("user")  # type: ignore[attr-defined]  # as above


class AllocateForm(PlainForm):
    """Who, in which role, for the whole cohort or one learner."""

    who = forms.ChoiceField(label="Who", error_messages={"required": "Choose somebody."})
    learner = forms.ChoiceField(
        label="Responsible for",
        required=False,
        help_text="An allocation to one learner replaces the cohort's in the same role.",
    )

    def __init__(
        self, *args: Any, staff: list[tuple[Membership, str]], units: list[LearnerUnit], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._staff = {f"{member.uid}:{role}": (member, role) for member, role in staff}
        self._units = {str(unit.uid): unit for unit in units}
        people = [(key, f"{member.name}, {_role(member, role)}") for key, (member, role) in self._staff.items()]
        self.fields["who"].choices = [("", "Choose somebody"), *people]  # type: ignore[attr-defined]  # a choice field
        learners = [(key, unit.learner.name) for key, unit in self._units.items()]
        self.fields["learner"].choices = [("", "The whole cohort"), *learners]  # type: ignore[attr-defined]  # as above

    @property
    def chosen(self) -> tuple[Membership, str, LearnerUnit | None]:
        """Who, in which role, for which learner-unit (None: the whole cohort); of a valid form."""
        member, role = self._staff[self.cleaned_data["who"]]
        return member, role, self._units.get(self.cleaned_data["learner"])


def _role(member: Membership, role: str) -> str:
    return "trainee tutor" if role == "tutor" and member.trainee else ROLE_WORDS[role]


def uid_or_none(text: str | None) -> uuid.UUID | None:
    """`text` as a uid, or None when it is none."""
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None
