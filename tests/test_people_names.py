"""Names and addresses: whatever is typed, what is kept is clean, and keeping it again changes nothing."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import example, given
from hypothesis import strategies as st

from courseware.people.names import LONGEST, clean_email, clean_name


@given(st.text(max_size=200))
@example("\u202eevil")
@example("a\u0301")
def test_a_name_is_refused_or_clean_and_cleaning_it_again_changes_nothing(text: str) -> None:
    try:
        name = clean_name(text)
    except ValidationError:
        return
    assert clean_name(name) == name
    assert 1 <= len(name) <= LONGEST
    assert name == name.strip()
    assert not set(name) & set("\n\r\t\0\u202e\u2066")
    assert "  " not in name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ada \t Byron\n", "Ada Byron"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("O'Brien-Smith, Jr.", "O'Brien-Smith, Jr."),
        ("\u674e\u5c0f\u9f8d", "\u674e\u5c0f\u9f8d"),
        ("\u0645\u06cc\u200c\u0646\u0627", "\u0645\u06cc\u200c\u0646\u0627"),
    ],
)
def test_names_of_every_script_are_kept(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept


@pytest.mark.parametrize("text", ["", " ", "\u200b", "...", "a\0b", "a\u202eb", "a\u2067b", "\ud800", "x" * 121])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        clean_name(text)


@given(st.emails())
def test_an_address_is_kept_in_lower_case_or_refused(address: str) -> None:
    try:
        email = clean_email(f" {address} ")
    except ValidationError:
        return
    assert email == address.lower()
    assert clean_email(email) == email


@pytest.mark.parametrize(
    "text",
    ["", "a", "a@b", "a@b@c.org", "a b@c.org", "a@c.org\nBcc: x@y.org", "a@c.org\0", f"a@{'b' * 60}.{'c' * 250}.org"],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        clean_email(text)


def test_an_address_longer_than_the_column_is_refused() -> None:
    long = "a" * 60 + "@" + ".".join(["b" * 60] * 4) + ".org"
    assert len(long) > 254
    with pytest.raises(ValidationError):
        clean_email(long)
