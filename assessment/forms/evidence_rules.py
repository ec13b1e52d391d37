"""The form of a centre's rules of evidence."""

from __future__ import annotations

from django import forms

from assessment.workflow.evidence_rules import LARGEST_QUOTA_MB
from courseware.kit import filekinds
from courseware.kit.forms import PlainForm


class EvidenceRulesForm(PlainForm):
    """Which kinds of file are taken, how much, and what tutors tick. `seen`: the rules that it was filled in upon."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    taken = forms.MultipleChoiceField(
        label="Files that are taken",
        choices=[(kind.key, kind.label) for kind in filekinds.KINDS.values()],
        widget=forms.CheckboxSelectMultiple,
        help_text="What is not ticked is refused from now on, with a sentence that says so. What was handed in stays.",
        error_messages={"required": "Take at least one kind of file. Texts and links are always taken."},
    )
    quota_mb = forms.IntegerField(
        label="Room for one learner's evidence of one unit, in MB",
        help_text="1,000 MB are 1 GB. A file that would go over it is refused before it is sent.",
        min_value=1,
        max_value=LARGEST_QUOTA_MB,
        error_messages={
            "required": "Write a number of MB.",
            "invalid": "Write a whole number of MB.",
            "min_value": "Choose at least 1 MB.",
            "max_value": f"Choose at most {LARGEST_QUOTA_MB:,} MB.",
        },
    )
    varcs = forms.BooleanField(
        label="Tutors tick VARCS with every decision",
        help_text="Valid, authentic, reliable, current, sufficient: what the evidence was found to be.",
        required=False,
    )
