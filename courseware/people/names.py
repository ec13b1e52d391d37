"""What a name or an address must look like to be kept: asked by forms and by verbs."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

LONGEST = 120
# Characters that turn the reading direction round: a name could be made to look like another.
_TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean_name(text: str) -> str:
    """`text` as a name: composed (NFC), runs of white space as one space, 1 to 120 characters, all printable.

    Raises ValidationError with a sentence for the person.
    """
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name:
        raise ValidationError("Write a name.")
    if len(name) > LONGEST:
        raise ValidationError(f"Use at most {LONGEST} characters for a name.")
    if any(unicodedata.category(one) in ("Cc", "Cs", "Co", "Cn") or one in _TURNING for one in name):
        raise ValidationError("Use only letters, digits, spaces and punctuation in a name.")
    if not any(one.isalnum() for one in name):
        raise ValidationError("Use at least one letter in a name.")
    return name


def clean_email(text: str) -> str:
    """`text` as an address: trimmed, lower case, at most 254 characters.

    Raises ValidationError with a sentence for the person.
    """
    email = text.strip().lower()
    try:
        validate_email(email)
    except ValidationError as wrong:
        raise ValidationError("Write an e-mail address, like name@example.org.") from wrong
    if len(email) > 254:
        raise ValidationError("Use an e-mail address of at most 254 characters.")
    return email
