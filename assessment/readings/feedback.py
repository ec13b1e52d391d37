"""Released feedback on one criterion, and what its learner said to it."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString

from assessment.models import Decision, Notice, PinnedNote
from assessment.permissions import replies as may
from courseware.kit.markdown import render
from courseware.kit.verdict import Verdict
from courseware.people.models import User

from .inside import anchor_of
from .places import place_key
from .reasons import ASKS

DISPOSED = "This text was disposed of under a retention rule."


@dataclass(frozen=True)
class NoteInPlace:
    """A note that the tutor pinned to the evidence: where in words, the address of that place, and what it says."""

    where: str
    url: str
    html: SafeString


@dataclass(frozen=True)
class FeedbackPage:
    """One released decision with its reply: to its learner, who may give one, and to staff who read the portfolio."""

    decision: Decision
    mine: bool
    can_acknowledge: Verdict
    unread: uuid.UUID | None  # the notice that tells the reader of the reply
    notes: tuple[NoteInPlace, ...]

    @property
    def learner(self) -> str:
        """Whose it is."""
        return str(self.decision.learner_unit.learner.name)

    @property
    def html(self) -> SafeString:
        """The feedback."""
        return render(self.decision.body.text if self.decision.body else DISPOSED, 3)

    @property
    def reason(self) -> str:
        """The tutor's reason in the learner's words; empty for Met."""
        return ASKS[self.decision.reason][0]

    @property
    def replied_at(self) -> dt.datetime | None:
        """When the learner acknowledged it."""
        reply = getattr(self.decision, "reply", None)
        return reply.at if reply else None

    @property
    def reply_html(self) -> SafeString:
        """What the learner said; empty when they said nothing."""
        reply = getattr(self.decision, "reply", None)
        if reply is None or not reply.body_digest:
            return SafeString("")
        return render(reply.body.text if reply.body else DISPOSED, 3)

    @property
    def lesson_url(self) -> str:
        """Where the criterion stands, for its learner."""
        unit = self.decision.learner_unit
        return f"{reverse('criterion', args=(unit.unit_code, self.decision.criterion.number))}?in={unit.uid}#feedback"


def feedback_rows(user: User) -> Any:
    """Released decisions that `user` may know of, with all that their page needs."""
    rows = Decision.objects.visible_to(user).filter(release__isnull=False)
    return rows.select_related(
        "criterion",
        "by",
        "body",
        "release",
        "reply__body",
        "submission",
        "learner_unit__learner",
        "learner_unit__centre",
        "learner_unit__specification__unit",
    )


def feedback_page(user: User, decision: Decision) -> FeedbackPage:
    """A decision of `feedback_rows` as `user` reads it: two queries for staff, at most three for its learner."""
    mine = decision.learner_unit.learner.user_id == user.pk
    notices = Notice.objects.none() if mine else notices_of(user, decision)
    unread = None if mine else notices.values_list("uid", flat=True).first()
    return FeedbackPage(decision, mine, may.can_acknowledge(user, decision), unread, _notes(user, decision))


def _notes(user: User, decision: Decision) -> tuple[NoteInPlace, ...]:
    """The notes of a released decision in their order: one query."""
    rows = PinnedNote.objects.visible_to(user).filter(decision=decision).select_related("body", "version__item")
    return tuple(_note(row) for row in rows.order_by("pk"))


def _note(row: PinnedNote) -> NoteInPlace:
    version, place = row.version, vars(row)
    text = (row.body.text if row.body else DISPOSED) if row.body_digest else ""
    return NoteInPlace(
        where=f"{version.item.title}, version {version.number}, {row.words_of(place)}",
        url=f"{reverse('evidence-version', args=[version.uid])}#{anchor_of(version)}-{place_key(place)}",
        html=render(text, 3),
    )


def notices_of(user: User, decision: Decision) -> Any:
    """The unread notices by which `user` was told of the reply."""
    return Notice.objects.visible_to(user).unread().filter(kind="feedback_reply", subject=decision.uid).order_by("pk")
