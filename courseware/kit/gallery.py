"""What the gallery shows: every component in every state, fed with examples that need nothing of the domain.

The page is made of the components' own templates and tags, so it shows what pages show, and a test sees to it that no
component is missing.
"""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.core.paginator import Paginator

from . import looks
from .context import Shell
from .forms import ManyFilesField, PlainForm
from .http import Typed
from .verdict import not_now, yes

AT = dt.datetime(2026, 11, 14, 16, 10, tzinfo=dt.UTC)
KEY = "7f9b0dfb-a292-4641-a862-7479dcda6389"
LONG = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh, Maximiliana Bartholomea"
STATUSES = (
    ("Criterion", looks.CRITERION),
    ("Unit", looks.UNIT),
    ("Submission", looks.SUBMISSION),
    ("Evidence version", looks.VERSION),
    ("Quality assurance", looks.QUALITY),
)
COLOURS = ("ground", "paper", "sunk", "ink", "ink-2", "accent", "tint", "turn", "done", "stop")
KINDS = [("document", "Document"), ("recording", "Recording, sound or video")]


class ExampleForm(PlainForm):
    """Every kind of field once."""

    name = forms.CharField(label="Name of this evidence", help_text="So that you and your tutor recognise it.")
    note = forms.CharField(label="A note", widget=forms.Textarea, required=False)
    kind = forms.ChoiceField(label="Kind of evidence", choices=KINDS, widget=forms.RadioSelect)
    criteria = forms.MultipleChoiceField(
        label="Criteria",
        choices=[("1", "1.1 Illustrate the stages of a customer journey"), ("2", "1.2 Explain the tools")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    target = forms.ChoiceField(label="Target", choices=[("", "Choose"), ("a", "95 % sure, fewer than 10 % wrong")])
    seen_on = forms.DateField(label="When you saw it", widget=forms.DateInput(attrs={"type": "date"}), required=False)
    recordings = ManyFilesField(label="Recordings", required=False, help_text="Up to 2 GB each.")
    own = forms.BooleanField(label="This is my own work", help_text="And I have named everybody who helped.")
    decision = forms.ChoiceField(
        label="Decision", choices=[("met", "Met"), ("not_yet_met", "Not yet met")], widget=forms.RadioSelect
    )


def examples() -> dict[str, Any]:
    """The context of the gallery: forms, verdicts, rows. No statement."""
    written = ExampleForm(
        initial={"name": "Customer journey map", "kind": "document", "criteria": ["1"], "decision": "met", "own": True},
        prefix="written",
    )
    written.fields["name"].disabled = True
    return {
        "at": AT,
        "long": LONG,
        "blank": ExampleForm(prefix="blank"),
        "faulty": ExampleForm({"faulty-name": " ", "faulty-key": KEY}, prefix="faulty"),
        "written": written,
        "statuses": STATUSES,
        "colours": COLOURS,
        "spine": [list(looks.CRITERION), ["met", "met_iqa_agreed", "met"], ["not_started"] * 5],
        "allowed": yes("tutor"),
        "refused": not_now("Two criteria are not met yet: 1.1 and 2.3."),
        "page": Paginator(range(300), 10).get_page(4),
        "told": [
            Message(constants.INFO, "The centre’s inbox opens again on Monday."),
            Message(constants.SUCCESS, "Recorded: 1.1 Met for Maya Okafor."),
            Message(constants.WARNING, "This unit’s review date has passed."),
            Message(constants.ERROR, "Nothing was sent. The letter came back."),
        ],
        "current": SimpleNamespace(by="Sunita Rao", at=AT, key="not_yet_met", title="1.1", text="The map stops early."),
        "typed": [Typed("feedback", "Feedback to Maya", "The map now runs to the postcard in the box.")],
        "stranger": Shell(),
        "learners": ((LONG, list(looks.CRITERION)), ("Maya Okafor", ["met"] * len(looks.CRITERION))),
    }
