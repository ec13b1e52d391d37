"""Who reads what of the record: one rule per verb, and no verb without one (a test asks).

A rule has a sentence for staff, the staff it is for, and a sentence for the learner, blank where the learner may not
know. A name in braces is something that the entry is about; it is filled in only from what the reader may see by the
querysets' `visible_to`, and an entry with an unfilled name is not shown. So a decision that is not released, or
evidence that was not handed in, shows itself to nobody for whom it does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter

READER = "reader"  # tutors, IQAs and EQAs who may read the portfolio
QUALITY = "quality"  # IQAs and the lead IQA of the centre
ADMIN = "admin"  # progress only
LEARNER = "learner"  # whose unit it is, whatever else they are

STAFF = frozenset({READER, QUALITY, ADMIN})
READERS = frozenset({READER})
ASSURERS = frozenset({QUALITY})
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rule:
    """How entries of one verb are told. `named`: the learner is told who did it; otherwise it was the centre."""

    staff: str
    to: frozenset[str]
    learner: str = ""
    named: bool = True
    glyph: str = "i-info"
    tone: str = ""


def fields_of(sentence: str) -> frozenset[str]:
    """The names in braces of `sentence`."""
    return frozenset(name for _, name, _, _ in Formatter().parse(sentence) if name)


_BEGUN = "Started on the unit."
_LEFT = "Withdrawn from the unit."
_OUT = "Unit released: it is achieved."
_ADDED = "Added “{title}”."
_MORE = "Added version {version} of “{title}”."
_MADE = "Made version {version} of “{title}” from an activity."
_MAPPED = "Said what version {version} of “{title}” shows, for {count}."
_SENT = "Handed in submission {submission}: {criteria}."
_TAKEN = "Took back submission {submission}."
_GIVEN = "Gave back submission {submission} unmarked, with a reason."
_DECIDED = "Decided {number}: {outcome}, attempt {attempt}."
_RELEASED = "Released feedback on {numbers}."
_READ = "Read the feedback on {number}."
_SIGNED = "Signed the unit off: every criterion is met."
_REOPENED = "Reopened the unit."
_GOES_ON = "Goes on with a new edition of the unit."
_UNTIL = "Changed the due date for {count}"

RULES: dict[str, Rule] = {
    # The administrator's
    "add_learner": Rule(_BEGUN, STAFF, _BEGUN, named=False),
    "allocate": Rule("Made {member} responsible as {as_role}.", STAFF, "{tutor} became your tutor.", named=False),
    "end_allocation": Rule(
        "Ended the responsibility of {member} as {as_role}.", STAFF, "{tutor} is not your tutor any more.", named=False
    ),
    "withdraw_learner": Rule(_LEFT, STAFF, _LEFT, named=False, glyph="u-minus"),
    "move_learner": Rule("Moved to another cohort.", STAFF, "Moved to another cohort.", named=False),
    "move_to_edition": Rule(_GOES_ON, STAFF, _GOES_ON, named=False),
    "extend": Rule(f"{_UNTIL} of this learner: {{until}}.", STAFF, f"{_UNTIL}: {{until}}.", glyph="u-clock"),
    # The learner's; of drafts nobody else knows
    "add_evidence": Rule(_ADDED, READERS, _ADDED, glyph="i-file"),
    "add_version": Rule(_MORE, READERS, _MORE, glyph="i-file"),
    "turn_into_evidence": Rule(_MADE, READERS, _MADE, glyph="i-file"),
    "rename_evidence": Rule("", NOBODY, "Gave “{title}” its title.", glyph="i-file"),
    "change_method": Rule("", NOBODY, "Said how “{title}” came about: {method}.", glyph="i-file"),
    "add_caption": Rule("", NOBODY, "Added captions to version {version} of “{title}”.", glyph="i-file"),
    "remove_caption": Rule("", NOBODY, "Removed captions of version {version} of “{title}”.", glyph="i-file"),
    "remove_evidence": Rule("", NOBODY, "Removed “{title}”.", glyph="i-file"),
    "map_evidence": Rule(_MAPPED, READERS, _MAPPED, glyph="i-link"),
    "draft_submission": Rule("", NOBODY, "Worked on submission {submission} as a draft.", glyph="i-draft"),
    "submit": Rule(_SENT, READERS, _SENT, glyph="i-up", tone="wait"),
    "withdraw_submission": Rule(_TAKEN, READERS, _TAKEN, glyph="u-minus"),
    "acknowledge_feedback": Rule(_READ, READERS, _READ, glyph="i-text"),
    # The tutors'
    "return_submission": Rule(_GIVEN, READERS, _GIVEN, glyph="s-nym", tone="turn"),
    "decide": Rule(_DECIDED, READERS, _DECIDED, glyph="i-text"),
    "withdraw_decision": Rule("Took back the decision on {number}.", READERS, glyph="u-minus"),
    "release_feedback": Rule(_RELEASED, READERS, _RELEASED, glyph="i-text", tone="turn"),
    "countersign": Rule("Countersignature on {number}: {outcome}.", READERS, glyph="s-counter"),
    "sign_off": Rule(_SIGNED, STAFF, _SIGNED, glyph="u-signed", tone="done"),
    # Quality assurance. Sampled or not, the learner reads the same of the release.
    "approve_plan": Rule("Drew the unit into a sample.", ASSURERS),
    "add_target": Rule("Added the unit to a sample, for a reason of its own.", ASSURERS),
    "add_substitute": Rule("Drew the unit into a sample, for a learner who left.", ASSURERS),
    "assign_reviewer": Rule("Made {reviewer} the reviewer of the sampled unit.", ASSURERS),
    "judge_blind": Rule("Judged the evidence for {number} before the decision was shown: {outcome}.", ASSURERS),
    "report_item": Rule("Reported on the sampled unit to its tutor.", ASSURERS, glyph="i-text"),
    "review_decision": Rule("Reviewed {reviewed}: {outcome}.", READERS, glyph="s-agreed"),
    "answer_action_point": Rule("Answered the action point on {point}.", READERS),
    "close_action_point": Rule("Closed the action point on {point}.", READERS, glyph="i-lock"),
    "reopen_action_point": Rule("Reopened the action point on {point}.", READERS, glyph="s-nym"),
    "close_item": Rule("Closed the review of the sampled unit.", ASSURERS, glyph="i-lock"),
    "place_hold": Rule("Put the unit on hold.", STAFF, glyph="u-hold", tone="stop"),
    "lift_hold": Rule("Lifted the hold.", STAFF, glyph="u-hold"),
    "adjudicate": Rule(
        "Let the decision on {reviewed} stand, which the IQA had not agreed with.", READERS, glyph="s-query"
    ),
    "reopen": Rule(_REOPENED, STAFF, _REOPENED, named=False, glyph="s-nym", tone="turn"),
    "release_unit": Rule(_OUT, STAFF, _OUT, named=False, glyph="s-agreed", tone="done"),
    "complete_plan": Rule(_OUT, STAFF, _OUT, named=False, glyph="s-agreed", tone="done"),
}

# Verbs of the record whose entries name no learner-unit as what they are about.
NOT_ABOUT_A_UNIT = frozenset(
    {
        "make_cohort",
        "change_cohort",
        "set_due_dates",
        "move_cohort_to_edition",  # each learner's own entry follows it
        "hand_over",
        "commit_import",
        "draft_plan",
        "answer_widening",
        "change_plan",
        "set_evidence_rules",
        "set_strategy",
        "rate_tutor",
        "record_qualification",
        "remove_qualification",
        "declare_interest",
        "end_interest",
        # Standardisation: of whose work it is nobody reads there, and a judgement is its maker's alone.
        "open_exercise",
        "invite_to_exercise",
        "judge_item",
        "open_discussion",
        "agree_outcome",
        "record_meeting",
        "complete_exercise",
        "open_visit",
        "extend_visit",
        "end_visit",
        "withdraw_visit",
        "ask_for_more",
        "answer_request",
        "share_note",
    }
)

# A verb that is not in the table is told to the assurers only, and without its content.
UNKNOWN = Rule("Recorded: {verb}.", ASSURERS)
