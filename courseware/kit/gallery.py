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


def _marks() -> list[SimpleNamespace]:
    """A pin of the learner's, a note of the tutor's and one that is still being written."""
    told = (
        ("1", "pin", "1", "paragraph 1", "The moment of awareness.", ""),
        ("2", "note", "2", "paragraph 2", "What could Larkspur do here?", "Daniel Hughes"),
        ("3", "draft", "2", "paragraph 2", "And how would it be measured?", ""),
    )
    return [
        SimpleNamespace(
            label=label,
            kind=kind,
            criterion="1.1",
            where=where,
            place="paragraph",
            says=says,
            by=by,
            target=f"gallery-p{number}",
        )
        for label, kind, number, where, says, by in told
    ]


def _tabs() -> list[SimpleNamespace]:
    """Criteria of a desk: one decided, the open one between its neighbours, one that waits, one after it."""
    told = (
        ("1.1", "met", ""),
        ("1.2", "not_yet_met", "k"),
        ("1.3", "awaiting_marking", ""),
        ("1.4", "awaiting_marking", "j"),
        ("1.5", "met_iqa_agreed", ""),
    )
    return [
        SimpleNamespace(number=number, key=key, url="#tabs", current=number == "1.3", shortcut=shortcut)
        for number, key, shortcut in told
    ]


def _parts(*words: str, **more: Any) -> list[dict[str, Any]]:
    """Parts of an activity that was not answered yet."""
    return [
        {"letter": letter, "words": said, "tone": "", **more} for letter, said in zip("abcdef", words, strict=False)
    ]


def _item(show: dict[str, Any]) -> SimpleNamespace:
    """An activity as a lesson has it: judged when it says something."""
    kind = SimpleNamespace(page=show["page"], work=False)
    judged = SimpleNamespace(right=show.get("right", False)) if "say" in show else None
    same = {name: show.get(name, "") for name in ("label", "stem", "show", "say", "hints")}
    activity = SimpleNamespace(id=show["id"], kind=kind)
    return SimpleNamespace(**same, activity=activity, answerable=True, judged=judged, button="Check", problem="")


def _practice() -> list[dict[str, Any]]:
    """The kinds of activity as a lesson shows them: one before an answer, the others after."""
    asked = {"id": "g-choice", "label": "Practice: choose", "stem": "Which observation should carry the most weight?"}
    options = _parts(
        "Of those who left, most had last swum in October.", "The longest stage is awareness.", chosen=False
    )
    wrong = [options[0], options[1] | {"chosen": True, "tone": "turn", "reply": "It is long. Nobody is lost there."}]
    right = [options[0] | {"chosen": True, "tone": "done", "reply": "It shows where minds are made up."}, options[1]]
    lefts = _parts("Was yesterday's filling a decent experience?", "Would patients send their sister here?", given="")
    lefts[0] |= {"given": "1", "tone": "done", "reply": ""}
    lefts[1] |= {"given": "1", "tone": "turn", "reply": "It is about the whole relation, and not one visit."}
    items = _parts("Watches the film of a pupils' concert to the end", "Looks for reviews on other people's pages")
    items[0] |= {"given": "1", "tone": "done", "reply": ""}
    steps = _parts("Choose one customer with one aim", "Collect what really happens, from the customer's side")
    for place, step in enumerate(steps, start=1):
        step |= {"place": place}
    hints = [("Hint 1", "Look for the point at which ways part."), ("Worked example", "A school loses pupils at 16.")]
    sorts = {"categories": [("1", "Interest"), ("2", "Evaluation")], "items": items}
    pairs = {"rights": [("1", "CSAT"), ("2", "NPS")], "lefts": lefts}
    number = {"number": "448", "before": "", "unit": "orders", "solution": "23 − 14 = 9 in a hundred."}
    return [
        asked | {"page": "choice/page.html", "show": {"options": options, "input": "radio", "how": ""}, "hints": hints},
        asked | {"id": "g-wrong", "page": "choice/page.html", "show": {"options": wrong, "input": "radio"}, "say": " "},
        asked
        | {"id": "g-right", "page": "choice/page.html", "show": {"options": right, "input": "radio"}, "say": " "}
        | {"right": True},
        {"id": "g-match", "label": "Practice: match", "stem": "Which way of asking fits each?"}
        | {"page": "match/page.html", "show": pairs, "say": "One of them asks about a single visit."},
        {"id": "g-sort", "label": "Practice: sort", "stem": "Interest or evaluation?"}
        | {"page": "sort/page.html", "show": sorts},
        {"id": "g-order", "label": "Practice: put in order", "stem": "Put the steps in a sensible order."}
        | {"page": "order/page.html", "show": {"items": steps, "places": [1, 2]}},
        {"id": "g-number", "label": "Practice: work it out", "stem": "How many more second orders is that?"}
        | {"page": "numeric/page.html", "show": number, "say": "That is how many bought again before."},
    ]


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
        "methods": (("product", "Product of work"), ("discussion", "Professional discussion")),
        "draft": SimpleNamespace(older="Carry the map on.", older_at=AT),
        "tabs": _tabs(),
        "pinned": SimpleNamespace(anchor="gallery", marks=_marks(), pinning=None),
        "practice": [_item(show) for show in _practice()],
        "stranger": Shell(),
        "learners": ((LONG, list(looks.CRITERION)), ("Maya Okafor", ["met"] * len(looks.CRITERION))),
    }
