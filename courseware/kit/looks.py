"""Word, shape and tone of every state, in one table; and the spine, a picture of many at once.

The word is what people read, the glyph a symbol of `static/icons.svg`, the tone where the thing is, seen from the
learner: `wait` with the centre, `turn` back with the learner, `done`, `stop`, `begun`, and none for not begun or over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


@dataclass(frozen=True, slots=True)
class Look:
    """How one state is shown."""

    word: str
    glyph: str
    tone: str = ""


CRITERION = {
    "not_started": Look("Not started", "s-none"),
    "evidence_linked": Look("Evidence linked", "s-linked", "begun"),
    "awaiting_marking": Look("Awaiting marking", "s-await", "wait"),
    "not_yet_met": Look("Not yet met", "s-nym", "turn"),
    "awaiting_countersignature": Look("Awaiting countersignature", "s-counter", "wait"),
    "met": Look("Met", "s-met", "done"),
    "met_iqa_agreed": Look("Met and IQA agreed", "s-agreed", "done"),
    "under_query": Look("Under query", "s-query", "stop"),
}
UNIT = {
    "in_progress": Look("In progress", "s-await", "begun"),
    "ready_for_sign_off": Look("Ready for sign-off", "u-ready", "wait"),
    "signed_off": Look("Signed off", "u-signed", "done"),
    "awaiting_iqa": Look("Awaiting IQA", "u-clock", "wait"),
    "achieved": Look("Achieved", "s-agreed", "done"),
    "claimed": Look("Claimed", "u-claimed", "done"),
    "certificated": Look("Certificated", "u-cert", "done"),
    "reopened": Look("Reopened", "s-nym", "turn"),
    "withdrawn": Look("Withdrawn", "u-minus"),
    "revoked": Look("Revoked", "u-cross", "stop"),
    "on_hold": Look("On hold", "u-hold", "stop"),
}
SUBMISSION = {
    "draft": Look("Draft", "i-draft", "begun"),
    "submitted": Look("Submitted", "i-up", "wait"),
    "in_assessment": Look("In assessment", "s-await", "wait"),
    "accepted": Look("Accepted", "s-met", "done"),
    "referred": Look("Referred", "s-nym", "turn"),
    "returned": Look("Returned unmarked", "s-nym", "turn"),
}
VERSION = {
    "assessed": Look("Assessed", "s-met", "done"),
    "locked": Look("Locked", "i-lock"),
    "quarantined": Look("Quarantined", "u-hold", "stop"),
    "disposed": Look("Disposed", "u-minus"),
}
QUALITY = {
    "approved": Look("Approved", "i-lock", "done"),
    "complete": Look("Complete", "s-agreed", "done"),
    "selected": Look("Selected", "s-none"),
    "in_review": Look("In review", "s-await", "wait"),
    "reviewed": Look("Reviewed", "s-met", "done"),
    "closed": Look("Closed", "i-lock", "done"),
    "open": Look("Open", "s-nym", "turn"),
    "answered": Look("Answered", "s-await", "wait"),
    "agreed": Look("Agreed", "s-agreed", "done"),
    "agreed_with_advice": Look("Agreed with advice", "s-agreed", "done"),
    "action_required": Look("Action required", "s-nym", "turn"),
    "not_agreed": Look("Not agreed", "s-query", "stop"),
    "countersigned": Look("Countersigned", "u-signed", "done"),
    "declined": Look("Declined", "s-nym", "turn"),
    "judging": Look("Judging", "s-await", "wait"),
    "discussion": Look("Discussion", "s-counter", "wait"),
    "not_settled": Look("Not settled", "s-query", "stop"),
}
# One name, one look: no key means two things, whichever noun it belongs to.
LOOKS: dict[str, Look] = {**CRITERION, **UNIT, **SUBMISSION, **VERSION, **QUALITY}


def look(key: str) -> Look:
    """The look of a state. One that has none yet is shown as its own words, grey, rather than not at all."""
    return LOOKS.get(key) or Look(str(key).replace("_", " ").capitalize(), "s-none")


# Height says how far, of 30; the last two shapes are drawn apart.
_BARS = {
    "evidence_linked": (21, 9),
    "awaiting_marking": (15, 15),
    "awaiting_countersignature": (10, 20),
    "met": (2, 28),
}
_OPEN = {"not_yet_met": (15.6, 13.8), "under_query": (2.6, 26.8)}


def _bar(x: int, key: str) -> SafeString:
    tone = look(key).tone
    if key == "met_iqa_agreed":
        return format_html('<path data-tone="{}" d="M{} 0h8v2h-8zM{} 4h8v26h-8z"/>', tone, x, x)
    if key in _OPEN:
        y, height = _OPEN[key]
        return format_html(
            '<rect class="open" data-tone="{}" x="{}.6" y="{}" width="6.8" height="{}"/>', tone, x, y, height
        )
    if key in _BARS:
        y, height = _BARS[key]
        return format_html('<rect data-tone="{}" x="{}" y="{}" width="8" height="{}"/>', tone, x, y, height)
    return format_html('<rect class="base" x="{}" y="28.5" width="8" height="1.5"/>', x)


def spine(outcomes: Iterable[Iterable[str]], large: bool = False) -> SafeString:
    """One bar per criterion, outcomes apart: only repeats the words beside it, so hidden from screen readers.

    `outcomes` is one iterable of criterion status keys per learning outcome, in order.
    """
    bars: list[SafeString] = []
    x = 0
    for outcome in outcomes:
        for key in outcome:
            bars.append(_bar(x, key))
            x += 11
        x += 6
    width = max(x - 9, 1)
    return format_html(
        '<svg class="spine{}" viewBox="0 0 {} 30" aria-hidden="true">{}</svg>',
        # A unit of 3 criteria has bars as wide as one of 17: the picture is as long as the unit.
        format_html(' spine--large" width="{}rem', width / 8) if large else "",
        width,
        format_html_join("", "{}", ((bar,) for bar in bars)),
    )
