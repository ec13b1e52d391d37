"""May she answer a proposal to widen a sample?"""

from __future__ import annotations

from django.db.models import QuerySet

from assessment.models import WideningProposal
from courseware.kit.verdict import Verdict, not_now
from courseware.people.models import User

from .base import as_role


def open_proposals() -> QuerySet[WideningProposal]:
    """Proposals without an answer."""
    return WideningProposal.objects.filter(answer__isnull=True).order_by()


def can_answer_widening(user: User, proposal: WideningProposal) -> Verdict:
    """Take a proposed widening up or decline it: the lead IQA, once. Before that the plan is not completed."""
    verdict = as_role(user, proposal.centre_id, ("lead_iqa",), "Only the lead IQA widens a sample.")
    if not verdict:
        return verdict
    if hasattr(proposal, "answer"):
        return not_now("This proposal has its answer.")
    return verdict
