"""What is taught, as published, and what is being written."""

from .authored import DraftFile, EditionWithdrawal, UnitDraft
from .pictures import Picture
from .published import (
    Criterion,
    Figure,
    GlossaryTerm,
    LearningOutcome,
    Lesson,
    OutcomeText,
    Specification,
    Unit,
    UnitEdition,
)

__all__ = (
    "Criterion",
    "DraftFile",
    "EditionWithdrawal",
    "Figure",
    "GlossaryTerm",
    "LearningOutcome",
    "Lesson",
    "OutcomeText",
    "Picture",
    "Specification",
    "Unit",
    "UnitDraft",
    "UnitEdition",
)
