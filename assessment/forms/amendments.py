"""Forms of what is added to a sample after its draw."""

from __future__ import annotations

from courseware.kit.forms import PlainForm

from .strategy import why


class TargetForm(PlainForm):
    """Add one unit, with the reason."""

    reason = why("Why this unit")
