"""A learner-unit's timeline: the record's entries about it, each as a sentence, for who may read it."""

from .page import Line, Timeline, timeline
from .rules import NOT_ABOUT_A_UNIT, RULES, Rule

__all__ = ("NOT_ABOUT_A_UNIT", "RULES", "Line", "Rule", "Timeline", "timeline")
