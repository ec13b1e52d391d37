"""The tutor's reasons for Not yet met as a learner reads them."""

from __future__ import annotations

# The tutor's reason for Not yet met as its learner reads it: what is so, and what to do next.
ASKS = {
    "insufficient": (
        "Your evidence does not yet show enough.",
        "Add what the feedback names, as a new version or a new piece of evidence, and submit it again.",
    ),
    "not_valid": (
        "Your evidence shows something else than this criterion asks for.",
        "Read the criterion and its guidance once more, add evidence that answers it, and submit that.",
    ),
    "authenticity": (
        "Your tutor cannot yet tell that this is your own work.",
        "Say how you made it and what you used, or talk to your tutor, and submit it again.",
    ),
    "not_current": (
        "Your evidence is too old to show what you can do now.",
        "Add something recent, and submit it.",
    ),
    "verb": (
        "Your evidence does not yet do what the first word of the criterion asks.",
        "Read at the top of this page what the word means, go on from what you have, and submit it again.",
    ),
    "unreadable": (
        "Your tutor could not open or read your evidence.",
        "Save it as PDF, look at it yourself, add it as a new version, and submit it again.",
    ),
    "": ("", "Read the feedback, improve your evidence or add more, and submit it again."),
}
