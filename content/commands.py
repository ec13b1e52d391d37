"""Command verbs: what the first word of a criterion asks of the evidence, in one line for learner and tutor alike."""

from __future__ import annotations

from typing import Final

MEANINGS: Final = {
    "analyse": "Take it apart: show the parts, how they bear on each other, and what follows from that.",
    "assess": "Weigh how much it matters or how well it works, and say how you came to that view.",
    "compare": "Set two or more side by side on the same points, and say where they agree and differ.",
    "define": "Say exactly what it is, and where it stops.",
    "demonstrate": "Do it, and leave evidence that it was you and that it worked.",
    "describe": "Say what it is like, in enough detail that a stranger would recognise it.",
    "discuss": "Look at it from more than one side, with reasons for each, before you settle.",
    "evaluate": "Judge its worth against stated measures, with evidence for and against, and reach a conclusion.",
    "explain": "Make clear how and why, with reasons and an example, so that somebody new to it would understand.",
    "identify": "Pick out and name what is asked for.",
    "illustrate": "Make it clear by showing it: a diagram or an example, with words that say what it shows.",
    "justify": "Give the reasons that support a choice, and say why another was not better.",
    "outline": "Give the main points without the detail.",
    "plan": "Set out what is to be done, by whom, by when and with what.",
    "produce": "Make the thing that is asked for, fit for its purpose.",
    "recommend": "Say what should be done, and give the reasons that lead there.",
    "review": "Go through it piece by piece, say what works and what does not, and what should change.",
    "suggest": "Put forward a workable idea of your own, and say why it fits the case.",
    "summarise": "Give the essence of it, shorter than the original and in your own words.",
}


def verb_of(statement: str) -> str:
    """The command verb of a criterion's statement, in lower case; empty when there is no word."""
    return (statement.split(maxsplit=1) or [""])[0].lower()


def meaning_of(verb: str) -> str:
    """What `verb` asks of the evidence; empty for a verb that nobody has explained (the checks refuse such a unit)."""
    return MEANINGS.get(verb.lower(), "")
