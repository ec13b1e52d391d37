"""`write_transitions`: the diagrams and tables of docs/transitions.md, from the tables of moves that the verbs read."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from assessment.models import ALL_MOVES
from courseware.kit.moves import Move, Moves

WHERE = Path("docs") / "transitions.md"
COMMAND = "python3 manage.py write_transitions"

ABOUT = f"""# States, and what leads from one to the next

Written by `{COMMAND}` from the tables of moves beside the models; a test fails when the
two differ. The same tables are read by the
permissions, by the verbs, and by a test that tries every verb in every state. A verb that is not drawn from a state is
refused in it with a reason, and changes nothing.

The table says who may; [who may what](permissions.md) says it with the conditions. Where several states follow, the
facts decide: the verb recomputes the state from what is on record, and `verify_record` recomputes it again.
"""

# What each noun is, in one sentence under its heading.
NOUNS = {
    "Learner-unit": (
        "One learner on one unit. *Ready for sign-off*, *awaiting IQA* and *on hold* are read from the facts and are "
        "no states. Nothing leads to *claimed*, *certificated* and *revoked* yet."
    ),
    "Submission": "One hand-in. Once its feedback is released for every criterion claimed, it is accepted or referred.",
    "Sampling plan": "What one cohort's sample of one period asks for. The draw happens in the approval.",
    "Sample item": (
        "One learner-unit that was drawn. It follows the decisions in it: a new decision is to be reviewed, and a "
        "reopening undoes the closure, because the sign-off that was reviewed is gone."
    ),
    "Action point": "What a tutor must do after a review: Action required and Not agreed bring one.",
}

# By verb: what happens, and who may. A test keeps it in step with the tables.
VERBS = {
    "answer_action_point": ("says what was done about it", "the tutor it is for"),
    "approve_plan": (
        "freezes the population, reveals the secret and draws",
        "a lead IQA with no decision of their own in the population",
    ),
    "assign_reviewer": ("names an independent IQA for the item", "a lead IQA"),
    "change_plan": ("changes period, method, size or reviewer", "an IQA or lead IQA of the centre"),
    "close_action_point": ("accepts the answer", "the item's reviewer"),
    "close_item": (
        "is done with the unit as signed off: all reviewed, answered, closed, nothing under query",
        "the item's reviewer",
    ),
    "complete_plan": (
        "closes the plan once its sampled units are closed and released, and releases the rest that is not on hold",
        "a lead IQA",
    ),
    "decide": (
        "records Met or Not yet met with feedback, anew or superseding the decision that was read",
        "a tutor allocated to the learner, never the learner, never who reviewed this criterion",
    ),
    "release_feedback": (
        "lets the learner see decisions; a trainee's Met only once countersigned",
        "the allocated tutor, for decisions of their own",
    ),
    "release_unit": ("makes a sampled unit achieved once its item is closed", "the item's reviewer"),
    "reopen": ("takes the sign-off back, with a reason", "a lead IQA"),
    "reopen_action_point": ("says what is still missing", "the item's reviewer"),
    "return_submission": (
        "gives it back unmarked, with a reason; it uses no attempt",
        "a tutor allocated to the learner",
    ),
    "review_decision": (
        "records the IQA's outcome on one current decision",
        "the item's reviewer, who never decided or countersigned this criterion",
    ),
    "sign_off": (
        "declares every criterion met, with all feedback released and no hold",
        "a qualified tutor allocated to the learner",
    ),
    "submit": ("hands the draft in with its declaration; its content is frozen", "the learner"),
    "withdraw_decision": (
        "takes a decision back before release, countersignature and review",
        "the tutor who made it",
    ),
    "withdraw_learner": ("ends the learner's work on the unit; everything stays readable", "an administrator"),
    "withdraw_submission": ("takes it back before marking starts", "the learner"),
}


def page() -> str:
    """The whole text of docs/transitions.md. Raises KeyError for a noun or a verb that nobody has put into words."""
    return "\n".join([ABOUT, *(_section(table) for table in ALL_MOVES)]).rstrip("\n") + "\n"


def _section(table: Moves) -> str:
    return "\n".join(
        [
            f"## {table.noun}",
            "",
            NOUNS[table.noun],
            "",
            "```mermaid",
            table.diagram().rstrip("\n"),
            "```",
            "",
            "| verb | from | to | what happens | who may |",
            "|---|---|---|---|---|",
            *_rows(table),
            "",
        ]
    )


def _rows(table: Moves) -> list[str]:
    rows: dict[str, list[Move]] = {}
    for move in table.moves:
        rows.setdefault(move.verb, []).append(move)
    return [_row(table, verb, moves) for verb, moves in rows.items()]


def _row(table: Moves, verb: str, moves: list[Move]) -> str:
    """One row a verb; where it leads from several states to different ones, a line for each in the row."""
    what, who = VERBS[verb]
    before = "<br>".join(", ".join(table.label(state) for state in move.before) for move in moves)
    after = "<br>".join(" or ".join(table.label(state) for state in move.after) for move in moves)
    return f"| `{verb}` | {before} | {after} | {what} | {who} |"


class Command(BaseCommand):
    help = "Write docs/transitions.md from the tables of moves; --check only compares."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail when the file differs")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / WHERE
        text = page()
        same = path.exists() and path.read_text(encoding="utf-8") == text
        if options["check"] and not same:
            raise CommandError(f"{WHERE} is not what the tables of moves give. Run: {COMMAND}")
        if not same:
            path.write_text(text, encoding="utf-8")
        self.stdout.write(f"{WHERE} is {'up to date' if same else 'written'}")
