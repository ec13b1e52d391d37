"""A table of states: what may be done in each, what comes of it, and what it is called."""

from __future__ import annotations

import pytest

from courseware.kit.moves import Move, Moves

DOOR = Moves(
    "door",
    begins="shut",
    states=(("shut", "Shut"), ("open", "Wide open"), ("off", "Off its hinges")),
    moves=(Move("push", ("shut",), ("open", "off")), Move("pull", ("open",), ("shut",))),
)


def test_a_verb_is_allowed_where_it_leads_somewhere() -> None:
    assert DOOR.after("push", "shut") == ("open", "off")
    assert DOOR.after("pull", "shut") == DOOR.after("kick", "shut") == ()
    for verb in ("push", "pull", "kick"):
        for state, _ in DOOR.states:
            assert DOOR.allows(verb, state) == bool(DOOR.after(verb, state))


def test_a_state_has_a_word() -> None:
    assert DOOR.label("open") == "Wide open"
    with pytest.raises(KeyError):
        DOOR.label("ajar")
