"""Forms of internal quality assurance: plans, reviews, action points, disagreements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, ClassVar, cast

from django import forms

from assessment.models import (
    BLIND_OUTCOMES,
    LEAST_SURE,
    METHODS,
    MOST_TOLERABLE,
    REVIEW_OUTCOMES,
    SUREST,
    USUALLY_SURE,
    USUALLY_TOLERABLE,
    Cohort,
    SamplePlan,
    SamplingStrategy,
)
from assessment.workflow.quality import Rules, as_far_as_asked
from courseware.kit.forms import PlainForm
from courseware.people.models import Membership

from .kept import KeptTextsMixin

FIRST, LAST = dt.date(2000, 1, 1), dt.date(2199, 12, 31)
NEEDS_ACTION = ("action_required", "not_agreed")


def _people(members: Sequence[Membership], first: str) -> list[tuple[str, str]]:
    return [("", first), *((str(member.uid), member.name) for member in members)]


def _offer(form: forms.BaseForm, name: str, choices: list[tuple[str, str]]) -> None:
    cast(forms.ChoiceField, form.fields[name]).choices = choices


def _day(label: str, hint: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=hint,
        widget=forms.DateInput(attrs={"type": "date", "class": "control--short"}, format="%Y-%m-%d"),
        error_messages={"invalid": f"Give “{label}” as a date, such as 2026-11-14"},
    )


def _percent(label: str, hint: str, least: int, most: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=least,
        max_value=most,
        help_text=hint,
        widget=forms.NumberInput(attrs={"class": "control--short", "inputmode": "numeric"}),
        error_messages={
            "invalid": f"Give “{label}” as a whole number",
            "min_value": f"Give “{label}” as {least} or more",
            "max_value": f"Give “{label}” as {most} or less",
        },
    )


class RulesForm(PlainForm):
    """What a plan asks for. `seen` is the digest of the rules that were read, when a draft is changed."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    stage = forms.ChoiceField(
        label="When",
        required=False,
        choices=(("summative", "After sign-off, before release"), ("interim", "Interim: units still in progress")),
        widget=forms.RadioSelect,
        help_text="An interim sample looks at planning and early feedback. It releases no unit.",
    )
    period_from = _day("Signed off from", "The first day of the period. Interim: with feedback released from.")
    period_until = _day("Signed off until", "The last day of the period, included.")
    method = forms.ChoiceField(label="What is sampled", choices=METHODS, widget=forms.RadioSelect)
    confidence = _percent(
        "How sure, in per cent",
        f"From {LEAST_SURE} to {SUREST}; {USUALLY_SURE} is usual. Needed to be sure.",
        LEAST_SURE,
        SUREST,
    )
    tolerable = _percent(
        "Fewer than so many wrong, in per cent",
        f"From 1 to {MOST_TOLERABLE}; {USUALLY_TOLERABLE} is usual. "
        "The smaller, the more units are drawn. Needed to be sure.",
        1,
        MOST_TOLERABLE,
    )
    size = forms.IntegerField(
        label="How many units",
        required=False,
        min_value=1,
        max_value=100_000,
        help_text="Needed for a number drawn at random.",
        widget=forms.NumberInput(attrs={"class": "control--short", "inputmode": "numeric"}),
        error_messages={
            "invalid": "Give how many units as a whole number",
            "min_value": "Sample at least 1 unit",
            "max_value": "Sample at most 100,000 units",
        },
    )
    tutor = forms.ChoiceField(label="Whose units", required=False, help_text="Needed for all of one tutor’s.")
    reviewer = forms.ChoiceField(
        label="Reviewer",
        help_text="A unit to which something ties this person waits for another reviewer.",
        error_messages={"required": "Choose who reviews the sample"},
    )

    def __init__(
        self, *args: Any, tutors: Sequence[Membership], reviewers: Sequence[Membership], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._members = {str(member.uid): member for member in (*tutors, *reviewers)}
        self.fields["stage"].not_optional = True  # type: ignore[attr-defined]  # it always has an answer
        _offer(self, "tutor", _people(tutors, "No one tutor"))
        _offer(self, "reviewer", _people(reviewers, "Choose"))

    def clean(self) -> dict[str, Any]:
        """The period is in order, and the method has what it needs."""
        super().clean()
        sent = self.cleaned_data
        for name in ("period_from", "period_until"):
            if sent.get(name) and not FIRST <= sent[name] <= LAST:
                self.add_error(name, f"Give a year from {FIRST.year} to {LAST.year}")
        begins, ends = sent.get("period_from"), sent.get("period_until")
        if begins and ends and ends < begins:
            self.add_error("period_until", "The period ends before it begins")
        if sent.get("method") == "count" and sent.get("size") is None and "size" not in self.errors:
            self.add_error("size", "Say how many units are drawn")
        for name in ("confidence", "tolerable"):
            if sent.get("method") == "sure" and sent.get(name) is None and name not in self.errors:
                self.add_error(name, f"Give “{self.fields[name].label}”")
        if sent.get("method") == "tutor" and not sent.get("tutor") and "tutor" not in self.errors:
            self.add_error("tutor", "Choose the tutor whose units are sampled")
        return sent

    def forget_all_but(self, *names: str) -> None:
        """Keep the faults of these fields alone: who only counts has not filled in the rest yet."""
        for name in [name for name in self.errors if name not in names]:
            del self.errors[name]

    @property
    def rules(self) -> Rules:
        """What a valid form asks for."""
        sent = self.cleaned_data
        return Rules(
            period_from=sent["period_from"],
            period_until=sent["period_until"],
            method=sent["method"],
            size=sent["size"],
            tutor=self._members.get(sent["tutor"]),
            reviewer=self._members[sent["reviewer"]],
            confidence=sent["confidence"],
            tolerable=sent["tolerable"],
            stage=sent["stage"] or "summative",
        )

    def as_plan(self, cohort: Cohort, strategy: SamplingStrategy) -> SamplePlan | None:
        """What the form asks for so far as a plan that is not saved; None while its days are not understood.

        `strategy`: the version in force, under which it would be drafted.
        """
        sent = self.cleaned_data if self.is_bound else self.initial
        begins, ends = sent.get("period_from"), sent.get("period_until")
        if not begins or not ends:
            return None
        asked = SamplePlan(cohort=cohort, centre=cohort.centre, period_from=begins, period_until=ends)
        asked.strategy = strategy
        asked.stage = sent.get("stage") or "summative"
        asked.method, asked.size = sent.get("method") or "sure", sent.get("size")
        asked.tutor = self._members.get(str(sent.get("tutor") or ""))
        asked.confidence, asked.tolerable = sent.get("confidence"), sent.get("tolerable")
        return as_far_as_asked(asked)


def rules_of(plan: SamplePlan, seen: str) -> dict[str, Any]:
    """A drafted plan as the form shows it first."""
    return {
        "stage": plan.stage,
        "period_from": plan.period_from,
        "period_until": plan.period_until,
        "method": plan.method,
        "size": plan.size,
        "confidence": plan.confidence or USUALLY_SURE,
        "tolerable": plan.tolerable or USUALLY_TOLERABLE,
        "tutor": str(plan.tutor.uid) if plan.tutor else "",
        "reviewer": str(plan.reviewer.uid),
        "seen": seen,
    }


class ApproveForm(PlainForm):
    """Approve a plan as it was read: `seen` is the digest of its rules."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)


class ReviewerForm(PlainForm):
    """Name who reviews an item."""

    reviewer = forms.ChoiceField(widget=forms.RadioSelect, error_messages={"required": "Choose who reviews this item"})

    def __init__(self, *args: Any, reviewers: Sequence[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._members = {str(member.uid): member for member in reviewers}
        _offer(self, "reviewer", [(uid, member.name) for uid, member in self._members.items()])

    @property
    def chosen(self) -> Membership:
        """The reviewer of a valid form."""
        return self._members[self.cleaned_data["reviewer"]]


class WhoseForm(forms.Form):
    """Which decision of which item a review is about: the ids that the desk wrote into its form."""

    item = forms.UUIDField()
    decision = forms.UUIDField()


class ReviewForm(KeptTextsMixin, PlainForm):
    """The outcome on one decision, with feedback to the tutor and what the tutor must do."""

    kept_as: ClassVar = {"feedback": "review", "action": "action"}

    item = forms.UUIDField(widget=forms.HiddenInput)
    decision = forms.UUIDField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        label="Outcome",
        choices=REVIEW_OUTCOMES,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose an outcome", "invalid_choice": "Choose an outcome"},
    )
    feedback = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "data-key": "f"}),
        help_text="What was good, what to develop. Needed unless you simply agree. The learner does not see it.",
    )
    action = forms.CharField(
        label="What the tutor must do",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "data-key": "t"}),
        help_text="Needed for Action required and for Not agreed. It becomes an action point.",
    )

    def __init__(self, *args: Any, tutor: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["feedback"].label = f"Feedback to {tutor}"

    def clean(self) -> dict[str, Any]:
        """Each outcome has the texts that it needs, and no text that it would drop."""
        super().clean()
        sent = self.cleaned_data
        outcome = sent.get("outcome")
        if outcome and outcome != "agreed" and not sent.get("feedback"):
            self.add_error("feedback", "Write feedback for the tutor")
        if outcome in NEEDS_ACTION and not sent.get("action"):
            self.add_error("action", "Say what the tutor must do")
        if outcome and outcome not in NEEDS_ACTION and sent.get("action"):
            self.add_error(
                "action", "An action point needs Action required or Not agreed. Choose one of them, or clear this text"
            )
        return sent


class BlindForm(KeptTextsMixin, PlainForm):
    """What the reviewer judges before the decision is shown, with a note for the comparison if they like."""

    kept_as: ClassVar = {"note": "blind"}

    item = forms.UUIDField(widget=forms.HiddenInput)
    decision = forms.UUIDField(widget=forms.HiddenInput)
    blind = forms.CharField(initial="1", widget=forms.HiddenInput)
    judged = forms.ChoiceField(
        label="What the evidence shows",
        choices=BLIND_OUTCOMES,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose Met or Not yet met", "invalid_choice": "Choose Met or Not yet met"},
    )
    note = forms.CharField(
        label="Your note",
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "data-key": "f"}),
        help_text="Why you judge so. It stands beside the tutor’s feedback, and quality assurers can read it.",
    )


class AnswerForm(KeptTextsMixin, PlainForm):
    """The tutor's answer to an action point."""

    kept_as: ClassVar = {"text": "answer"}

    text = forms.CharField(
        label="What you did about it",
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="The IQA reads it and closes the action point, or says what is still missing.",
        error_messages={"required": "Write what you did about it"},
    )


class JudgeForm(KeptTextsMixin, PlainForm):
    """Close an answered action point, or reopen it; `answer` is the answer that was read."""

    kept_as: ClassVar = {"text": "judge"}

    answer = forms.UUIDField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        label="The answer",
        choices=(("closed", "Close it"), ("reopened", "Reopen it")),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether you close or reopen it", "invalid_choice": "Choose one of the two"},
    )
    text = forms.CharField(
        label="What you say to it",
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Needed when you reopen it: say what is still missing.",
    )

    def clean(self) -> dict[str, Any]:
        """A reopened action point says what is missing."""
        super().clean()
        if self.cleaned_data.get("outcome") == "reopened" and not self.cleaned_data.get("text"):
            self.add_error("text", "Say what is still missing")
        return self.cleaned_data


class SettleForm(KeptTextsMixin, PlainForm):
    """Settle a disagreement: reopen the unit, or let the decision stand; each is a button of the same form."""

    kept_as: ClassVar = {"reason": "settle"}

    way = forms.ChoiceField(
        choices=(("reopen", "Reopen the unit"), ("stands", "Let the decision stand")),
        error_messages={"required": "Press one of the two buttons", "invalid_choice": "Press one of the two buttons"},
    )
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="It stays on record; tutor and IQA read it.",
        error_messages={"required": "Say why"},
    )
