"""Forms of how a centre samples: its strategy, ratings, qualifications and interests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from assessment.models import (
    INDEPENDENCE,
    LEAST_SURE,
    LONGEST_ANSWER,
    LONGEST_RUN,
    MOST_TOLERABLE,
    QUALIFIED_AS,
    RAREST,
    RATINGS_OF_TUTORS,
    SUREST,
    SamplingStrategy,
)
from assessment.workflow.strategy import StrategyRules, rules_in
from courseware.kit.forms import PlainForm
from courseware.people.models import Membership

from .cohorts import a_day

LONGEST_REASON = 500  # characters


def number(label: str, hint: str, least: int, most: int) -> forms.IntegerField:
    """A whole number from `least` to `most`, with faults that name it."""
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        help_text=f"{hint} From {least} to {most}.",
        widget=forms.NumberInput(attrs={"class": "control--short", "inputmode": "numeric"}),
        error_messages={
            "invalid": f"Give “{label}” as a whole number",
            "min_value": f"Give “{label}” as {least} or more",
            "max_value": f"Give “{label}” as {most} or less",
        },
    )


def why(label: str, hint: str = "One sentence. It stays on record.") -> forms.CharField:
    """A reason of one line."""
    return forms.CharField(label=label, max_length=LONGEST_REASON, help_text=hint)


def _tick(label: str) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False)


class StrategyForm(PlainForm):
    """A new version of the strategy. `seen`: the version that it was filled in upon."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    confidence = number("How sure, in per cent", "Of what a sample says.", LEAST_SURE, SUREST)
    tolerable = number(
        "Fewer than so many wrong, in per cent", "The smaller, the more units are drawn.", 1, MOST_TOLERABLE
    )
    run = number("Clear in a row", "So many of a tutor’s units are reviewed first, all of them.", 1, LONGEST_RUN)
    one_in = number("Then one unit in", "Of a tutor whose units are clear.", 2, RAREST)
    independence = forms.ChoiceField(label="Who may review", choices=INDEPENDENCE, widget=forms.RadioSelect)
    blind = _tick("Blind first: the reviewer judges before the tutor’s decision is shown")
    interim = number("Interim share, in per cent", "Of the units in progress. 0 for none.", 0, 100)
    summative = number(
        "Summative share, in per cent",
        "Of each tutor’s units signed off, at least. 0 for as few as the target needs.",
        0,
        100,
    )
    answer_days = number("Days for an answer", "That a tutor has to answer an action point.", 1, LONGEST_ANSWER)
    cover_criteria = _tick("Cover every criterion")
    cover_methods = _tick("Cover every method of evidence")
    cover_sites = _tick("Cover every site")
    cover_outcomes = _tick("Cover every kind of outcome")
    cover_special = _tick("Cover special cases")
    reason = why("Why it changes")

    @property
    def rules(self) -> StrategyRules:
        """What a valid form asks for."""
        sent: dict[str, Any] = {name: value for name, value in self.cleaned_data.items() if name in _RULES}
        return StrategyRules(**sent)


_RULES = frozenset(StrategyRules.__dataclass_fields__)


def first_of(strategy: SamplingStrategy) -> dict[str, Any]:
    """The version in force as the form shows it first."""
    return {"seen": strategy.version, **vars(rules_in(strategy))}


class RatingForm(PlainForm):
    """The lead IQA's own rating of a tutor."""

    level = forms.ChoiceField(
        label="Rating",
        choices=RATINGS_OF_TUTORS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a rating"},
    )
    reason = why("Why")


class QualificationForm(PlainForm):
    """What a member of staff holds."""

    title = forms.CharField(label="Title", max_length=160, help_text="As it stands on the certificate.")
    held_as = forms.ChoiceField(label="It qualifies for", choices=QUALIFIED_AS, widget=forms.RadioSelect)
    awarded_on = forms.DateField(label="Awarded on", widget=a_day())
    expires_on = forms.DateField(label="Expires on", widget=a_day(), required=False)


class InterestForm(PlainForm):
    """Who is close to whom: one learner, by e-mail address, or one colleague."""

    holder = forms.ChoiceField(label="Whose interest", required=False)
    learner = forms.EmailField(
        label="E-mail address of the learner", required=False, help_text="For an interest in a learner’s work."
    )
    colleague = forms.ChoiceField(
        label="Colleague", required=False, help_text="For an interest in the decisions of a colleague."
    )
    reason = why("What the interest is")

    def __init__(
        self, *args: Any, holders: Sequence[Membership], colleagues: Sequence[Membership], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._members = {str(member.uid): member for member in (*holders, *colleagues)}
        for name, members, first in (("holder", holders, "My own"), ("colleague", colleagues, "None")):
            choices = [("", first), *((str(member.uid), member.name) for member in members)]
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # a choice field

    def clean(self) -> dict[str, Any]:
        """One person, not two and not none."""
        sent = super().clean() or {}
        if not self.errors and bool(sent.get("learner")) == bool(sent.get("colleague")):
            self.add_error("learner", "Name a learner or a colleague, one of the two")
        return sent

    def member(self, name: str) -> Membership | None:
        """The member chosen as `holder` or `colleague`."""
        return self._members.get(self.cleaned_data[name])


class EndForm(PlainForm):
    """An interest is over."""

    reason = why("Why it is over")
