"""The Unique Learner Number: its check digit, where it is kept, and that no record entry holds it."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from courseware.kit.verdict import NotNow, NotYours
from courseware.ledger.models import LedgerEntry
from courseware.people import workflow
from courseware.people.models import Membership
from courseware.people.uln import SAYS, UNKNOWN, check_digit, clean_uln, fault_of, tidy

from .people_builders import administrator_of, everything, make_centre, make_member, newest, refuses

PUBLISHED = "9276308686"  # the example of the coding manual named in uln.py
FIRST_NINE = st.integers(min_value=100_000_000, max_value=999_999_999).map(str)


def uln(first_nine: str = "123456789") -> str:
    """A number whose check digit fits."""
    return first_nine + check_digit(first_nine)


def test_the_published_example_is_a_uln_and_worked_by_hand_comes_to_the_same() -> None:
    assert clean_uln(PUBLISHED) == PUBLISHED
    # 9*10 + 2*9 + 7*8 + 6*7 + 3*6 + 0*5 + 8*4 + 6*3 + 8*2 = 290; 290 = 26 * 11 + 4; 10 - 4 = 6.
    assert check_digit("927630868") == "6"
    # 1*10 = 10; 10 = 0 * 11 + 10; 10 - 10 = 0.
    assert check_digit("100000000") == "0"
    # 1*10 + 1*9 + 1*3 = 22, which leaves no remainder: no number begins like this.
    assert check_digit("110000010") == ""


@given(FIRST_NINE)
def test_of_ten_last_digits_one_fits_or_none(first_nine: str) -> None:
    fitting = [digit for digit in "0123456789" if not fault_of(first_nine + digit)]
    assert fitting == [check_digit(first_nine)] * bool(check_digit(first_nine))


@given(FIRST_NINE.filter(check_digit), st.data())
def test_a_digit_mistyped_or_two_neighbours_swapped_are_found(first_nine: str, data: st.DataObject) -> None:
    number = uln(first_nine)
    at = data.draw(st.integers(1, 9))
    other = data.draw(st.sampled_from([one for one in "0123456789" if one != number[at]]))
    assert fault_of(number[:at] + other + number[at + 1 :]) in ("checksum", "unknown")
    swapped = number[: at - 1] + number[at] + number[at - 1] + number[at + 1 :]
    if swapped != number:
        assert fault_of(swapped) in ("checksum", "zero", "unknown")


@given(FIRST_NINE.filter(check_digit))
def test_ten_weights_leave_ten(first_nine: str) -> None:
    """The other way in which the same rule is published: all ten by 10 to 1, and the remainder by eleven is ten."""
    assert sum(int(d) * w for d, w in zip(uln(first_nine), range(10, 0, -1), strict=True)) % 11 == 10


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "letters"),
        ("12345678AB", "letters"),
        ("123456789", "length"),
        ("12345678901", "length"),
        ("0123456789", "zero"),
        (UNKNOWN, "unknown"),
        ("9276308687", "checksum"),
        ("٩٢٧٦٣٠٨٦٨٦", "letters"),
        (PUBLISHED, ""),
    ],
)
def test_each_fault_has_its_name_and_its_sentence(text: str, fault: str) -> None:
    assert fault_of(text) == fault
    assert not fault or SAYS[fault]
    if fault and text:
        with pytest.raises(ValidationError, match=SAYS[fault][:20]):
            clean_uln(text)


def test_spaces_hyphens_and_wide_digits_are_taken() -> None:
    assert tidy(" 927 630-8686\u00a0") == PUBLISHED
    assert clean_uln("\uff19\uff12\uff17\uff16\uff13\uff10\uff18\uff16\uff18\uff16") == PUBLISHED
    assert clean_uln("  ") == ""


@given(st.text(max_size=20))
def test_whatever_is_written_is_a_uln_empty_or_refused_with_a_sentence(text: str) -> None:
    number = tidy(text)
    if number and fault_of(number):
        with pytest.raises(ValidationError, match=SAYS[fault_of(number)][:20]):
            clean_uln(text)
    else:
        assert clean_uln(text) == number


# -- Where it is kept --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_it_is_set_corrected_and_removed_and_the_record_never_holds_it() -> None:
    centre = make_centre()
    admin, member = administrator_of(centre), make_member(centre, "learner")
    for sent, had, given_ in ((" 9276 308 686", False, True), (uln("112233445"), True, True), ("", True, False)):
        workflow.set_uln(by=admin, membership=member, uln=sent)
        member.refresh_from_db()
        assert member.uln == tidy(sent)
        assert newest(centre)["verb"] == "set_uln"
        assert newest(centre)["result"] == str(member.uid)
        assert newest(centre)["notes"] == {"had": had, "given": given_}
    texts = " ".join(LedgerEntry.objects.filter(chain=centre.uid).order_by("number").values_list("text", flat=True))
    assert PUBLISHED not in texts
    assert uln("112233445") not in texts


@pytest.mark.django_db
def test_a_new_member_may_come_with_one_and_who_comes_back_without_one_keeps_theirs() -> None:
    centre = make_centre()
    admin, member = administrator_of(centre), make_member(centre, "learner", email="lea@example.org", uln=PUBLISHED)
    assert member.uln == PUBLISHED
    assert newest(centre)["notes"] == {"trainee": False, "returned": False, "learner": True, "uln": True}
    workflow.end_membership(by=admin, membership=member)
    back = make_member(centre, "learner", email="lea@example.org")
    assert (back.pk, back.uln) == (member.pk, PUBLISHED)


@pytest.mark.django_db
def test_two_people_of_a_centre_never_have_one_number_but_another_centre_may_know_it_too() -> None:
    centre = make_centre()
    admin, other = administrator_of(centre), make_member(centre, "learner")
    make_member(centre, "learner", name="Lea First", uln=PUBLISHED)
    refuses(NotNow, lambda: workflow.set_uln(by=admin, membership=other, uln=PUBLISHED), "Lea First has this ULN")
    refuses(NotNow, lambda: make_member(centre, "learner", uln=PUBLISHED), "Lea First has this ULN")
    assert make_member(make_centre(), "learner", uln=PUBLISHED).uln == PUBLISHED
    for wrong in (PUBLISHED, "123"):  # what no verb does, the database refuses too
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.filter(pk=other.pk).update(uln=wrong)


@pytest.mark.django_db
def test_who_is_no_administrator_or_not_here_any_more_changes_nothing() -> None:
    centre = make_centre()
    member = make_member(centre, "learner")
    for by in (member.user, make_member(centre, "tutor").user, administrator_of(make_centre())):
        refuses(NotYours, lambda by=by: workflow.set_uln(by=by, membership=member, uln=PUBLISHED))  # type: ignore[misc]
    workflow.end_membership(by=administrator_of(centre), membership=member)
    refuses(NotNow, lambda: workflow.set_uln(by=administrator_of(centre), membership=member, uln=PUBLISHED), "has left")
    refuses(ValidationError, lambda: make_member(centre, "learner", uln="123"))


@pytest.mark.django_db
def test_the_form_on_the_page_says_what_is_the_matter_and_keeps_what_was_typed(client: Client) -> None:
    centre = make_centre()
    member = make_member(centre, "learner")
    client.force_login(administrator_of(centre))
    address = f"/centre/people/{member.uid}/uln/"
    key = {"key": "5b0e3c66-57a3-4a3e-9d4b-3f5f7b9a8f10"}
    before = everything()
    answer = client.post(address, {"uln": "9276308687", **key})
    assert answer.status_code == 422
    assert "its last digit does not fit" in answer.content.decode()
    assert 'value="9276308687"' in answer.content.decode()
    assert everything() == before
    assert client.post(address, {"uln": "9276 308 686", **key}).status_code == 303
    assert f'value="{PUBLISHED}"' in client.get(f"/centre/people/{member.uid}/").content.decode()
    workflow.end_membership(by=administrator_of(centre), membership=member)
    assert f"ULN {PUBLISHED}" in client.get(f"/centre/people/{member.uid}/").content.decode()
