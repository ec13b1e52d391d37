"""A noun's states and the moves between them, as data: verb, permission, diagram and test all read the same table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Move:
    """`verb` leads from any of `before` to one of `after` (several where the facts decide)."""

    verb: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class Moves:
    """The table of one noun: its states in order, where it begins, and every move there is."""

    noun: str
    begins: str
    states: tuple[tuple[str, str], ...]  # key, label
    moves: tuple[Move, ...]

    def allows(self, verb: str, state: str) -> bool:
        """Whether `verb` may be done in `state`."""
        return any(move.verb == verb and state in move.before for move in self.moves)

    def after(self, verb: str, state: str) -> tuple[str, ...]:
        """The states that `verb` can lead to from `state`; empty when it may not be done."""
        return tuple(a for move in self.moves if move.verb == verb and state in move.before for a in move.after)

    def label(self, state: str) -> str:
        """The word on screen for `state`; raises KeyError for an unknown one."""
        return dict(self.states)[state]

    def diagram(self) -> str:
        """The table as a Mermaid state diagram, one arrow a line, in the order of the table."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.begins}"]
        lines += [f"    {key}: {label}" for key, label in self.states]
        lines += [
            f"    {before} --> {after}: {move.verb}"
            for move in self.moves
            for before in move.before
            for after in move.after
        ]
        return "\n".join(lines) + "\n"
