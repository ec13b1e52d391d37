"""Pages of the learner's hand-in: putting one together, and reading what was handed in."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef

from assessment.models import (
    MET,
    Allocation,
    CriterionStatus,
    EvidenceLink,
    EvidenceVersion,
    LearnerUnit,
    Submission,
    SubmissionClaim,
    SubmissionEvidence,
)
from assessment.permissions import submissions as may
from assessment.workflow.due import Due, columns, combined, is_after
from assessment.workflow.submissions import WORDING, WORDINGS
from content.models import Criterion
from courseware.kit import clock
from courseware.kit.words import how_many, listed
from courseware.people.models import User

from .evidence import label_of

FREE = ("not_started", "evidence_linked", "not_yet_met")
UNUSABLE = ("quarantined", "disposed")


@dataclass(frozen=True)
class Offer:
    """A version mapped to a criterion, which may be handed in for it; `problem` when it may not."""

    uid: str  # of the mapping
    version_uid: uuid.UUID
    title: str
    number: int
    label: str
    state: str
    why: str
    newest: bool
    problem: str


@dataclass(frozen=True)
class Choice:
    """A criterion as a choice: where it stands, why it cannot be chosen (or ""), what is mapped to it, the attempt."""

    uid: str
    number: str
    statement: str
    status: str
    refusal: str
    offers: tuple[Offer, ...]
    attempt: int
    due: Due | None = None
    over: bool = False  # handing it in now is after the due date

    @property
    def free(self) -> bool:
        """Whether it can be chosen."""
        return not self.refusal


@dataclass(frozen=True)
class Check:
    """One line of the checklist: a sentence, and whether it is so."""

    text: str
    done: bool


@dataclass(frozen=True)
class Picked:
    """What stands chosen: uids of criteria and of mappings."""

    criteria: frozenset[str]
    links: frozenset[str]


@dataclass(frozen=True)
class DraftPage:
    """Everything from which a submission is put together."""

    learner_unit: LearnerUnit
    unit_code: str
    choices: tuple[Choice, ...]
    picked: Picked
    saved: bool
    tutors: tuple[str, ...]
    wording: str

    @property
    def nothing_mapped(self) -> bool:
        """Whether no evidence is mapped to anything that can be chosen."""
        return not any(choice.offers for choice in self.choices if choice.free)


def refusal_of(status: CriterionStatus) -> str:
    """Why a criterion cannot be chosen now; "" when it can. The same order as the verb's question."""
    if status.open_submission_id is not None:
        return "It is with your tutor already."
    if status.learner_status in MET:
        return "It is met already."
    if status.status not in FREE:
        return "It is with your centre already."
    return ""


def draft_page(by: User, learner_unit: LearnerUnit, preset: str = "") -> DraftPage:
    """What may be handed in, and what stands chosen in the draft; four queries.

    Without a draft the criteria that are free and have evidence stand chosen, or the one with the number `preset`.
    `learner_unit` needs `centre` and `learner` joined. Raises Refused when it is not hers to hand in.
    """
    may.can_draft_submission(by, learner_unit).require()
    statuses = _statuses(learner_unit)
    offers = _offers(learner_unit)
    held = Picked(
        frozenset(str(status.criterion.uid) for status in statuses if status.held),
        frozenset(str(link.uid) for links in offers.values() for link, _newest in links if link.held),
    )
    saved = any(status.drafted for status in statuses)
    attempts = _attempts(learner_unit)
    choices = tuple(
        _choice(status, offers.get(status.criterion_id, []), held.links, attempts.get(status.criterion_id, 1))
        for status in statuses
    )
    return DraftPage(
        learner_unit=learner_unit,
        unit_code=learner_unit.unit_code,
        choices=choices,
        picked=_prune(held, choices) if saved and not preset else _suggested(choices, held, preset),
        saved=saved and not preset,
        tutors=tutors_of(learner_unit),
        wording=WORDINGS[WORDING],
    )


def _statuses(learner_unit: LearnerUnit) -> list[Any]:
    """Where each criterion stands, in order, with `drafted` (there is a draft) and `held` (it claims it): one query."""
    drafts = Submission.objects.filter(learner_unit=OuterRef("learner_unit"), state="draft")
    claims = SubmissionClaim.objects.filter(
        learner_unit=OuterRef("learner_unit"), criterion=OuterRef("criterion"), submission__state="draft"
    )
    rows = CriterionStatus.objects.filter(learner_unit=learner_unit).select_related("criterion")
    found = list(rows.annotate(drafted=Exists(drafts), held=Exists(claims), **columns()).order_by("position"))
    for row in found:
        row.learner_unit = learner_unit
    return found


def _offers(learner_unit: LearnerUnit) -> dict[int, list[tuple[Any, bool]]]:
    """The unit's mappings by criterion id, each with `held` (the draft hands it in) and whether its version is newest.

    One query.
    """
    newer = EvidenceVersion.objects.filter(item=OuterRef("version__item"), number__gt=OuterRef("version__number"))
    handed = SubmissionEvidence.objects.filter(link=OuterRef("pk"), submission__state="draft")
    links = (
        EvidenceLink.objects.filter(learner_unit=learner_unit, version__item__removed_at=None)
        .select_related("version__item")
        .annotate(outdated=Exists(newer), held=Exists(handed))
        .order_by("version__item__made_at", "version__item_id", "-version__number")
    )
    found: dict[int, list[tuple[Any, bool]]] = {}
    for link in links:
        found.setdefault(link.criterion_id, []).append((link, not link.outdated))
    return found


def _choice(status: Any, offers: Iterable[tuple[Any, bool]], held: Collection[str], attempt: int) -> Choice:
    """A criterion with the newest versions mapped to it; an older one only where the draft holds it.

    A due date is for the first attempt.
    """
    due = combined(status._due_own, status._due_outcome, status._due_later) if attempt == 1 else None
    return Choice(
        uid=str(status.criterion.uid),
        number=status.criterion.number,
        statement=status.criterion.statement,
        status=status.learner_status,
        refusal=refusal_of(status),
        offers=tuple(_offer(link, newest) for link, newest in offers if newest or str(link.uid) in held),
        attempt=attempt,
        due=due,
        over=due is not None and is_after(clock.now(), due.on, status.learner_unit.centre.zone),
    )


def _offer(link: EvidenceLink, newest: bool) -> Offer:
    version = link.version
    return Offer(
        uid=str(link.uid),
        version_uid=version.uid,
        title=version.item.title,
        number=version.number,
        label=label_of(version),
        state=version.state,
        why=link.why,
        newest=newest,
        problem="It cannot be opened. Add it again as a new version." if version.state in UNUSABLE else "",
    )


def _usable(choice: Choice) -> list[str]:
    return [offer.uid for offer in choice.offers if not offer.problem]


def _prune(picked: Picked, choices: Iterable[Choice]) -> Picked:
    """Without what cannot be chosen any more, and without mappings of criteria that are not chosen."""
    free = [choice for choice in choices if choice.free and choice.uid in picked.criteria]
    usable = {uid for choice in free for uid in _usable(choice)}
    return Picked(frozenset(choice.uid for choice in free), picked.links & usable)


def _suggested(choices: Iterable[Choice], held: Picked, preset: str) -> Picked:
    """What stands chosen at first: what the draft holds and the criterion asked for, else all that has evidence."""
    wanted = [choice for choice in choices if choice.free and _usable(choice) and choice.number == preset]
    if not preset:
        wanted = [choice for choice in choices if choice.free and _usable(choice)]
    links = {uid for choice in wanted for uid in _usable(choice)}
    kept = _prune(held, choices)
    return Picked(kept.criteria | {choice.uid for choice in wanted}, kept.links | links)


def tutors_of(learner_unit: LearnerUnit) -> tuple[str, ...]:
    """Names of the tutors responsible now: those of the learner-unit, else those of the cohort. One query."""
    rows = Allocation.objects.in_force().filter(cohort=learner_unit.cohort_id, role="tutor")
    found = list(rows.order_by("membership__name").values_list("learner_unit_id", "membership__name"))
    own = tuple(name for unit, name in found if unit == learner_unit.pk)
    return own or tuple(name for unit, name in found if unit is None)


def _attempts(learner_unit: LearnerUnit) -> dict[int, int]:
    """The attempt that each criterion (id) would be now: 1 + submissions with a standing decision on it. One query."""
    rows = learner_unit.decisions.filter(withdrawal__isnull=True).order_by("pk")
    seen: dict[int, set[int]] = {}
    for criterion, submission in rows.values_list("criterion_id", "submission_id"):
        seen.setdefault(criterion, set()).add(submission)
    return {criterion: len(submissions) + 1 for criterion, submissions in seen.items()}


def checklist(page: DraftPage, picked: Picked, *, declared: bool, ai: str, ai_text: str, others: str) -> list[Check]:
    """What is there and what is missing before these choices can be submitted; the sentence first, no query."""
    chosen = [choice for choice in page.choices if choice.uid in picked.criteria]
    bare = [choice.number for choice in chosen if not picked.links & set(_usable(choice))]
    taken = [choice.number for choice in chosen if not choice.free]
    lines = [
        Check(
            f"{how_many(len(chosen), 'criterion', 'criteria')} chosen" if chosen else "No criterion chosen yet",
            bool(chosen),
        )
    ]
    if chosen:
        has = "Every criterion chosen has evidence" if len(chosen) > 1 else f"{chosen[0].number} has evidence"
        lines.append(Check(f"No evidence chosen for {listed(bare)}" if bare else has, not bare))
    if taken:
        lines.append(Check(f"{listed(taken)} cannot be handed in now", done=False))
    said = ai == "no" or (ai == "yes" and bool(ai_text.strip()))
    missing = "Say how AI was used" if ai == "yes" else "Say whether AI was used"
    lines.append(Check("Use of AI stated" if said else missing, said))
    of_others = "Other people’s details looked for" if others else "Say whether anything could name other people"
    lines.append(Check(of_others, bool(others)))
    lines.append(Check("Declaration ticked" if declared else "Declaration not yet ticked", declared))
    return lines


def sentence(page: DraftPage, picked: Picked) -> str:
    """What handing in these choices does: "You hand in 3 versions for 2 criteria. ..."; "" for nothing."""
    chosen = [choice for choice in page.choices if choice.uid in picked.criteria]
    versions = {offer.version_uid for choice in chosen for offer in choice.offers if offer.uid in picked.links}
    if not chosen or not versions:
        return ""
    what = "1 version" if len(versions) == 1 else f"{len(versions)} versions"
    whom = "1 criterion" if len(chosen) == 1 else f"{len(chosen)} criteria"
    frozen = "it is" if len(versions) == 1 else "they are"
    back = "it" if len(versions) == 1 else "them"
    told = f"You hand in {what} for {whom}. After that {frozen} frozen. You may withdraw {back} until marking starts."
    late = [choice.number for choice in chosen if choice.over]
    if late:
        told += (
            f" {listed(late)} {'is' if len(late) == 1 else 'are'} handed in after the due date, and marked as always."
        )
    return told


def rows_of(learner_unit: LearnerUnit, picked: Picked) -> tuple[list[Criterion], list[EvidenceLink]]:
    """The rows that the verb takes, as far as they belong to this learner-unit, in order: two queries."""
    criteria = learner_unit.criteria().filter(uid__in=_uids(picked.criteria))
    links = EvidenceLink.objects.filter(learner_unit=learner_unit, uid__in=_uids(picked.links))
    usable = links.filter(version__item__removed_at=None).exclude(version__state__in=UNUSABLE)
    return list(criteria), list(usable.order_by("pk"))


def _uids(texts: Iterable[str]) -> list[uuid.UUID]:
    """Those of `texts` that are uids: the rest names nothing."""
    found = []
    for text in texts:
        with suppress(ValueError):
            found.append(uuid.UUID(text))
    return found


def holds(submission: Submission, criteria: Collection[Criterion], links: Collection[EvidenceLink]) -> bool:
    """Whether a submission claims exactly these and hands in exactly these of their mappings: two queries."""
    claimed = {criterion.pk for criterion in criteria}
    handed = {link.pk for link in links if link.criterion_id in claimed}
    return (
        set(submission.claims.order_by().values_list("criterion_id", flat=True)) == claimed
        and set(submission.evidence.order_by().values_list("link_id", flat=True)) == handed
    )
