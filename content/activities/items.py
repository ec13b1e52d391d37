"""One activity on a page, with its answer: on a learner's, where it is kept, and in an author's preview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from courseware.kit.markdown import line, render

from .answers import Answer, Form, Judgement, Unanswered
from .blocks import Activity
from .common import LEVEL


@dataclass(frozen=True)
class Item:
    """One activity on a page: what was answered last, and what there is to say of it.

    `problem` is what was missing in a form just sent, whose fields `given` then holds; `seen` tells which state of a
    work is shown.
    """

    activity: Activity
    given: Answer = field(default_factory=dict)
    judged: Judgement | None = None
    problem: str = ""
    tries: int = 0
    saved: bool = False
    seen: str = ""

    @property
    def label(self) -> str:
        """`Practice: Choose`, and what it is called if it has a title."""
        kind = self.activity.kind
        what = f"Practice: {kind.label.lower()}" if kind.practice else kind.label
        title = self.activity.data.get("title")
        return f"{what}. {title}" if title else what

    @property
    def answerable(self) -> bool:
        """Whether there is a form."""
        return self.activity.kind.practice or self.activity.kind.work

    @property
    def stem(self) -> SafeString:
        """What is asked."""
        return render(self.activity.data["stem"], LEVEL) if "stem" in self.activity.data else SafeString("")

    @property
    def hints(self) -> list[tuple[str, SafeString]]:
        """The hints in their steps, each with what its button says."""
        hints = self.activity.data.get("hints", [])
        names = [f"Hint {n}" for n in range(1, len(hints))] + ["Worked example"]
        return [(name, render(text, LEVEL)) for name, text in zip(names, hints, strict=bool(hints))]

    @cached_property
    def show(self) -> Mapping[str, Any]:
        """What the kind's own template needs."""
        return self.activity.kind.show(self.activity.data, self.given, self.judged)

    @property
    def becomes(self) -> bool:
        """Whether what is saved is whole, and can become evidence."""
        kind = self.activity.kind
        return self.saved and kind.product is not None and not kind.lacks(self.activity.data, self.given)

    @property
    def say(self) -> SafeString:
        """What to say of the whole try."""
        return line(self.judged.say) if self.judged and self.judged.say else SafeString("")

    @property
    def button(self) -> str:
        """What the button says; empty at the end of a story."""
        kind = self.activity.kind
        if kind.work or not self.judged:
            return kind.button
        return "" if "path" in self.given else f"{kind.button} again"


def tried(activity: Activity, form: Form) -> Item:
    """`activity` with the answer in `form`, judged where it is judged; nothing is kept.

    Raises Impossible for a form that no page of ours sends.
    """
    kind, data = activity.kind, activity.data
    try:
        given = kind.read(data, form)
    except Unanswered as missing:
        return Item(activity, given=missing.answer, problem=missing.message)
    whole = kind.finished(data, given)
    return Item(activity, given, kind.judge(data, given) if kind.practice and whole else None)
