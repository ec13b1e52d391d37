"""Command verbs: what the first word of a criterion asks of the evidence, in one line for learner and tutor alike."""

from __future__ import annotations

from typing import Final

# Verbs of work with hand and tool, of which a unit may hold any: what they ask for is the same.
_DO: Final = "Do it as it is done at work, and leave evidence that it was you and that it worked."
_WORK: Final = (
    "adapt adjust advise agree arrange assemble assist attach bake build change check choose clean compile complete "
    "confirm construct control convert cook cut dismantle dispose draft draw edit engage ensure explore file fill find "
    "finish fit fix form guide handle help hold inspect install join lead lift load lubricate mark match mix move "
    "negotiate obtain operate order pack paint place practise predict promote protect read receive reduce remove "
    "repair replace respond return run sell serve share sort speak start store supervise supply support take teach "
    "trace train transfer treat troubleshoot type update value verify wash wear weigh welcome"
)
MEANINGS: Final = {
    "analyse": "Take it apart: show the parts, how they bear on each other, and what follows from that.",
    "apply": "Use it on the case in hand, and show that it fits.",
    "assess": "Weigh how much it matters or how well it works, and say how you came to that view.",
    "calculate": "Work the figure out, and show the steps.",
    "carry": "Do it from beginning to end, and leave evidence that it was you and that it worked.",
    "clarify": "Make it plain, so that nobody can read it two ways.",
    "classify": "Put each into its group, and say by what it belongs there.",
    "collect": "Bring together what is needed, and say where it comes from.",
    "communicate": "Tell it to those whom it concerns, so that they can act on it.",
    "compare": "Set two or more side by side on the same points, and say where they agree and differ.",
    "conduct": "Do it from beginning to end by the rules that apply.",
    "contrast": "Set two or more side by side, and say where they differ.",
    "create": "Make something of your own that does what is asked.",
    "critically": "Weigh the evidence for and against, question its sources, and reach a view that you can defend.",
    "define": "Say exactly what it is, and where it stops.",
    "deliver": "Give it to those for whom it is meant, as planned.",
    "demonstrate": "Do it, and leave evidence that it was you and that it worked.",
    "describe": "Say what it is like, in enough detail that a stranger would recognise it.",
    "design": "Work out how it is to be, and say why it meets what is asked.",
    "determine": "Find it out, and say how you came to it.",
    "develop": "Take it from a first form to one that works, and show the steps.",
    "differentiate": "Say by what one is told from another.",
    "discuss": "Look at it from more than one side, with reasons for each, before you settle.",
    "distinguish": "Say by what one is told from another.",
    "establish": "Show by facts that it is so, or set it up so that it works.",
    "estimate": "Give a figure that is near enough, and say on what it rests.",
    "evaluate": "Judge its worth against stated measures, with evidence for and against, and reach a conclusion.",
    "examine": "Look at it closely, part by part, and say what you found.",
    "explain": "Make clear how and why, with reasons and an example, so that somebody new to it would understand.",
    "follow": "Do it as the instruction says, and leave evidence that you did.",
    "formulate": "Put it into exact words.",
    "gather": "Bring together what is needed, and say where it comes from.",
    "give": "Name what is asked for, with enough detail to be useful.",
    "identify": "Pick out and name what is asked for.",
    "illustrate": "Make it clear by showing it: a diagram or an example, with words that say what it shows.",
    "implement": "Put the plan into practice, and show what came of it.",
    "interpret": "Say what it means, and on what your reading rests.",
    "investigate": "Find out what is not known yet, and say how you did and what you found.",
    "justify": "Give the reasons that support a choice, and say why another was not better.",
    "list": "Name each of them, without more.",
    "maintain": "Keep it in working order over time, and show that you did.",
    "make": "Make the thing that is asked for, fit for its purpose.",
    "manage": "See to it that it is done as planned, and show how you did.",
    "measure": "Find the figure with a fitting instrument or method, and state its unit.",
    "monitor": "Watch it over time against what was planned, and write down what you saw.",
    "name": "Say what each is called.",
    "organise": "Put people, things and times in order, so that it can be done.",
    "outline": "Give the main points without the detail.",
    "participate": "Take part, and leave evidence of what you added.",
    "perform": "Do it, and leave evidence that it was you and that it worked.",
    "plan": "Set out what is to be done, by whom, by when and with what.",
    "prepare": "Get it ready, so that what comes next can begin.",
    "present": "Show it to others in a form that they can follow.",
    "prioritise": "Put in order what matters most, and say why.",
    "produce": "Make the thing that is asked for, fit for its purpose.",
    "propose": "Put forward an idea that can be acted on, with reasons.",
    "provide": "Give what is asked for, complete and fit to use.",
    "recognise": "Tell it from others when you meet it, and say by what.",
    "recommend": "Say what should be done, and give the reasons that lead there.",
    "record": "Write it down so that somebody else can use it later.",
    "reflect": "Look back on what you did, say what you learnt from it, and what you would do differently.",
    "report": "Tell what was done and found, in order, for those who have to act on it.",
    "research": "Find out from several sources, say which they are, and what they come to.",
    "review": "Go through it piece by piece, say what works and what does not, and what should change.",
    "select": "Choose from what there is, and say by what you chose.",
    "set": "Put it in place as asked, and show that it is right.",
    "show": "Leave evidence from which anybody can see that it is so.",
    "solve": "Find the answer, and show how you got there.",
    "specify": "Say exactly what is needed, with figures where there are any.",
    "state": "Say it in one or two clear sentences.",
    "suggest": "Put forward a workable idea of your own, and say why it fits the case.",
    "summarise": "Give the essence of it, shorter than the original and in your own words.",
    "test": "Try it out against what it should do, and write down what happened.",
    "undertake": "Do it from beginning to end, and leave evidence of it.",
    "use": "Work with it as it is meant to be used, and show what came of it.",
    "work": "Do it in the way that is asked, and leave evidence that you did.",
    "write": "Put it into a text that does what is asked.",
} | dict.fromkeys(_WORK.split(), _DO)


def verb_of(statement: str) -> str:
    """The command verb of a criterion's statement, in lower case; empty when there is no word."""
    return (statement.split(maxsplit=1) or [""])[0].lower()


def meaning_of(verb: str) -> str:
    """What `verb` asks of the evidence; empty for a verb that nobody has explained (the checks refuse such a unit)."""
    return MEANINGS.get(verb.lower(), "")
