"""Forms of standardisation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms

from assessment.models import AGREED, LONGEST_MEETING, MOST_ITEMS, Submission
from courseware.kit.forms import PlainForm
from courseware.people.models import Membership

from .cohorts import a_day
from .kept import KeptTextsMixin
from .strategy import number

OUTCOMES = (("met", "Met"), ("not_yet_met", "Not yet met"))


def _long(label: str, hint: str, missing: str = "", rows: int = 5) -> forms.CharField:
    """A long text; without `missing`, the fault of leaving it out, it need not be given."""
    return forms.CharField(
        label=label,
        help_text=hint,
        required=bool(missing),
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": missing},
    )


def _several(label: str, hint: str, missing: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        help_text=hint,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": missing, "invalid_choice": "Choose from the list"},
    )


class PeopleMixin(forms.BaseForm):
    """A form whose field `members` is filled with people of the centre."""

    people: dict[str, Membership]

    def offer(self, members: Sequence[Membership]) -> None:
        """Who can be chosen."""
        self.people = {str(member.uid): member for member in members}
        field: Any = self.fields["members"]
        field.choices = [(uid, member.name) for uid, member in self.people.items()]

    @property
    def chosen(self) -> list[Membership]:
        """Who was chosen, in the order of the list; of a valid form."""
        return [member for uid, member in self.people.items() if uid in self.cleaned_data["members"]]


class ExerciseForm(KeptTextsMixin, PeopleMixin, PlainForm):
    """Open an exercise: `work` are submissions with what a line says of each."""

    kept_as: ClassVar = {"why": "exercise"}

    title = forms.CharField(
        label="Title", max_length=120, help_text="Everybody who takes part reads it. Name no learner in it."
    )
    why = _long(
        "Why it is held",
        "What people read differently. Name no learner, and do not say how any of the work was judged.",
        "Say why the exercise is held",
        rows=3,
    )
    submissions = _several(
        "Work to judge", f"From 1 to {MOST_ITEMS}. Take some that is clear and some that is not.", "Choose the work"
    )
    members = _several("Who judges", "Two people or more. You can take part yourself.", "Choose who judges")

    def __init__(
        self, *args: Any, work: Sequence[tuple[Submission, str]], members: Sequence[Membership], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._work = {str(submission.uid): submission for submission, _ in work}
        field: Any = self.fields["submissions"]
        field.choices = [(str(submission.uid), words) for submission, words in work]
        self.offer(members)

    @property
    def work(self) -> list[Submission]:
        """The submissions chosen, in the order of the list; of a valid form."""
        return [one for uid, one in self._work.items() if uid in self.cleaned_data["submissions"]]

    def clean(self) -> dict[str, Any]:
        """Not too much, and somebody to compare with."""
        sent = super().clean() or {}
        if len(sent.get("submissions", ())) > MOST_ITEMS:
            self.add_error("submissions", f"Choose at most {MOST_ITEMS}")
        if len(sent.get("members", "xx")) < 2:
            self.add_error("members", "Choose two people or more: with one there is nothing to compare")
        return sent


class InviteForm(PeopleMixin, PlainForm):
    """Invite more people."""

    members = _several("Who else judges", "They are told, and judge every item.", "Choose somebody")

    def __init__(self, *args: Any, members: Sequence[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(members)


class JudgementForm(KeptTextsMixin, PlainForm):
    """Judge one item alone."""

    kept_as: ClassVar = {"reason": "judgement"}

    outcome = forms.ChoiceField(
        label="Your judgement",
        choices=OUTCOMES,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose Met or Not yet met"},
    )
    reason = _long(
        "Why",
        "What in the evidence makes it so. Nobody reads it before the discussion is open.",
        "Say what in the evidence makes it so",
    )


class DiscussionForm(KeptTextsMixin, PlainForm):
    """Open the discussion; `early`: before everybody has judged, which needs a reason."""

    kept_as: ClassVar = {"reason": "early"}

    reason = _long(
        "Why judging is closed now", "It stays on record, with who has not judged.", "Say why judging is closed now"
    )

    def __init__(self, *args: Any, early: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not early:
            del self.fields["reason"]


class AgreedForm(KeptTextsMixin, PlainForm):
    """What the discussion came to on one item."""

    kept_as: ClassVar = {"reason": "agreed"}

    outcome = forms.ChoiceField(
        label="Agreed outcome",
        choices=AGREED,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what was agreed"},
    )
    reason = _long("Why", "In the words of the discussion: what decides such a case.", "Say why this was agreed")


class MeetingForm(KeptTextsMixin, PeopleMixin, PlainForm):
    """A meeting: when, how long, who was there, what was said."""

    kept_as: ClassVar = {"notes": "minutes"}

    held_on = forms.DateField(
        label="Held on", widget=a_day(), error_messages={"required": "Say on which day it was held"}
    )
    minutes = number("Minutes", "How long it was.", 1, LONGEST_MEETING)
    members = _several("Who was there", "It counts as their professional development.", "Say who was there")
    notes = _long(
        "Notes", "What was talked about, and what people saw differently.", "Write down what was talked about"
    )

    def __init__(self, *args: Any, members: Sequence[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(members)


class CompleteForm(KeptTextsMixin, PlainForm):
    """What changes in practice."""

    kept_as: ClassVar = {"change": "practice"}

    change = _long(
        "Change to practice",
        "What tutors and IQAs do differently from now on. When nothing changes, say so and why.",
        "Say what changes, or that nothing does and why",
    )
