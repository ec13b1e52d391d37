"""Proposals to widen a plan's sample, with their answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.safestring import SafeString

from assessment.models import SamplePlan, WideningProposal
from assessment.permissions import widening as may
from assessment.workflow.widening import Target, target_of
from courseware.kit.markdown import render
from courseware.kit.verdict import Verdict
from courseware.people.models import User


@dataclass(frozen=True)
class Proposed:
    """One proposal; `whose` names the tutor where the plan draws each tutor's units apart. `state` is a status word."""

    proposal: WideningProposal
    whose: str
    state: str
    reason: SafeString
    target: Target
    can_answer: Verdict

    @property
    def confidence(self) -> int:
        """How sure, in per cent."""
        return int(100 * self.target.confidence)

    @property
    def tolerable(self) -> int:
        """Fewer than so many wrong, in per cent."""
        return int(100 * self.target.tolerable)


def proposals_for(user: User) -> QuerySet[Any]:
    """Proposals of the plans that `user` may know of, with what their lines say."""
    plans = SamplePlan.objects.visible_to(user).order_by().values("pk")
    return (
        WideningProposal.objects.filter(plan__in=plans)
        .select_related(
            "plan__cohort",
            "plan__strategy",
            "tutor",
            "by",
            "answer__by",
            "answer__body",
            "amendment",
            "review__item__learner_unit__learner",
            "review__decision__criterion",
        )
        .defer("plan__secret")
        .order_by("pk")
    )


def proposed(user: User, row: Any) -> Proposed:
    """A proposal read by `proposals_for`: no further statement."""
    answer = getattr(row, "answer", None)
    state = ("widened" if answer.accepted else "not_widened") if answer else "open"
    return Proposed(
        proposal=row,
        whose=row.tutor.name if row.plan.method == "sure" else "",
        state=state,
        reason=render(answer.body.text, 4) if answer and answer.body else SafeString(""),
        target=target_of(row.plan),
        can_answer=may.can_answer_widening(user, row),
    )


def of_plan(user: User, plan: SamplePlan) -> tuple[Proposed, ...]:
    """The proposals of one plan, oldest first: 1 statement."""
    return tuple(proposed(user, row) for row in proposals_for(user).filter(plan=plan))
