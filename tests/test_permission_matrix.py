"""The permission matrix: every named address, asked by everybody in every way (see `tests/matrix.py`)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from tests import matrix
from tests.house import House
from tests.house_door import browser, everything, home, undone

__all__ = ("home",)
pytestmark = [pytest.mark.django_db, pytest.mark.unmeasured]
TABLE = matrix.table()
# The trace that a reading leaves, and when a learner last looked, are the writes that a GET makes.
NOT_THE_RECORD = ("AccessRecord", "LastLook", "RoomOpening")
DONE = (200, 303)  # 200 is the answer of previews and of texts kept while they are written


def asked(client: Client, home: House, name: str, way: str) -> int:
    """The status of an answer; the whole of it is read, so that a fault while it is sent shows too."""
    address = matrix.address(home, name)
    if name.startswith("account_"):
        cache.clear()  # they count by network address, and here everybody comes from the same
    answer: Any
    if way == "get":
        answer = client.get(address)
    else:
        answer = client.post(address, matrix.form(home, name) if way == "form" else {})
    if answer.streaming:
        assert b"".join(answer.streaming_content)
    return int(answer.status_code)


def test_every_address_has_its_lines_and_every_line_its_address() -> None:
    names = matrix.named()
    assert sorted(names) == sorted(set(names)), "a name is used twice"
    assert sorted(TABLE) == sorted(names)
    for name, ways in TABLE.items():
        assert set(ways) == {"get", "bare"} | ({"form"} if name in matrix.FORMS else set()), name
    assert set(matrix.ADDRESSES) | set(matrix.FORMS) <= set(names)


def test_no_line_expects_a_fault_and_nobody_unknown_gets_further_than_the_door() -> None:
    # Doors that open by what their address or a form holds, not by a session; for what nobody was given they are shut.
    account = {name for name in TABLE if name.startswith("account_")}
    account |= {"welcome", "calendar-feed", "mfa_authenticate"}
    for name, ways in TABLE.items():
        for way, line in ways.items():
            assert max(line.values()) < 500, (name, way)
            if name not in account:
                assert line["nobody"] in ((302, 405) if way == "get" else (401,)), (name, way)


def people_in(line: dict[str, int]) -> dict[str, int]:
    """Whom to ask, and what they get; where the method itself is refused, three stand for all."""
    if set(line.values()) <= {401, 302, 405}:
        return {who: line[who] for who in ("nobody", "own", "away")}
    return line


@pytest.mark.parametrize("name", sorted(TABLE))
def test_an_address_answers_everybody_as_the_matrix_says(home: House, name: str) -> None:
    found: dict[tuple[str, str], int] = {}
    expected = {(way, who): status for way, line in TABLE[name].items() for who, status in people_in(line).items()}
    browsers = {who: browser(home, who) for who in matrix.PEOPLE if any(who == asking for _, asking in expected)}
    # Whatever is opened, sent empty or refused changes nothing; all of it together is looked at once.
    idle = [key for key, status in expected.items() if key[0] != "form" or status not in DONE]
    with undone():
        before = everything(*NOT_THE_RECORD)
        for way, who in idle:
            found[way, who] = asked(browsers[who], home, name, way)
        assert everything(*NOT_THE_RECORD) == before
    for way, who in expected.keys() - found.keys():
        with undone():
            found[way, who] = asked(browsers[who], home, name, way)
    assert found == expected


@pytest.mark.parametrize("name", sorted(name for name in matrix.FORMS if name != "markdownx_markdownify"))
def test_a_form_that_is_refused_to_some_is_a_form_that_works(name: str) -> None:
    answers = set(TABLE[name]["form"].values())
    assert answers & {200, 303, 409}, "nobody gets further than a refusal: the form proves nothing"
    assert 422 not in answers, "the form is not filled in"
