"""The chain: canonical, free of personal data, and broken by any change."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from courseware.kit import chance, clock, triggers
from courseware.ledger.append import HOUSE, Act, append, canonical, document, first_digest, open_chain
from courseware.ledger.models import ChainHead, LedgerEntry
from courseware.ledger.verbs import told, verb
from courseware.ledger.verify import chains, faults_in
from courseware.people.models import Centre

CHAIN = uuid.UUID(int=7)


def line(number: int = 1) -> Act:
    return Act(verb="decide", by=uuid.uuid4(), role="tutor", result=uuid.uuid4(), notes={"number": number})


@pytest.fixture
def chain(db: None) -> uuid.UUID:
    """A chain of three entries."""
    open_chain(CHAIN)
    for number in range(3):
        append(CHAIN, line(number))
    return CHAIN


def test_a_chain_begins_at_the_digest_of_its_name_and_each_entry_names_the_one_before(chain: uuid.UUID) -> None:
    rows = list(LedgerEntry.objects.filter(chain=chain).order_by("number"))
    assert [row.number for row in rows] == [1, 2, 3]
    assert [row.previous for row in rows] == [first_digest(chain), rows[0].digest, rows[1].digest]
    assert all(chance.sha256_hex(row.text) == row.digest for row in rows)
    assert json.loads(rows[0].text)["previous"] == first_digest(chain)
    head = ChainHead.objects.get(chain=chain)
    assert (head.number, head.digest) == (3, rows[2].digest)
    assert list(faults_in(chain)) == []
    assert chain in chains()


def test_opening_a_chain_twice_changes_nothing(chain: uuid.UUID) -> None:
    open_chain(chain)
    assert ChainHead.objects.get(chain=chain).number == 3


def test_appending_to_a_chain_that_was_never_opened_is_refused(db: None) -> None:
    with pytest.raises(ChainHead.DoesNotExist):
        append(uuid.uuid4(), line())
    assert not LedgerEntry.objects.exists()


TAMPERINGS: list[tuple[str, dict[str, Any], str]] = [
    ("text", {"text": "{}"}, "does not give its digest"),
    ("not json", {"text": "not json"}, "not JSON"),
    ("verb", {"verb": "withdraw_decision"}, "column verb differs"),
    ("person", {"by": uuid.UUID(int=9)}, "column by differs"),
    ("time", {"at": clock.now()}, "column at differs"),
    ("result", {"result": uuid.UUID(int=9)}, "column result differs"),
    ("about", {"about": uuid.UUID(int=9)}, "column about differs"),
    ("once", {"once": "0" * 64}, "column once differs"),
    ("previous", {"previous": "0" * 64}, "does not name the digest"),
    ("digest", {"digest": "0" * 64}, "does not give its digest"),
    ("number", {"number": 9}, "expected number 2"),
    ("chain", {"chain": uuid.UUID(int=8)}, "missing or repeated"),
]


@pytest.mark.parametrize(("what", "change", "says"), TAMPERINGS, ids=[name for name, _, _ in TAMPERINGS])
def test_any_change_past_the_triggers_is_found(chain: uuid.UUID, what: str, change: dict[str, Any], says: str) -> None:
    triggers.drop(connection)
    LedgerEntry.objects.filter(chain=chain, number=2).update(**change)
    assert any(says in fault for fault in faults_in(chain)), what
    assert triggers.missing(connection)
    triggers.install(connection)
    assert triggers.missing(connection) == []


def test_an_entry_taken_out_is_found_wherever_it_was(chain: uuid.UUID) -> None:
    triggers.drop(connection)
    for number in (1, 2, 3):
        with transaction.atomic():
            LedgerEntry.objects.filter(chain=chain, number=number).delete()
            assert list(faults_in(chain)), number
            transaction.set_rollback(True)
    ChainHead.objects.filter(chain=chain).delete()
    assert list(faults_in(chain)) == [f"chain {chain}: its head is missing"]
    triggers.install(connection)


def test_text_that_is_not_canonical_is_found(chain: uuid.UUID) -> None:
    triggers.drop(connection)
    row = LedgerEntry.objects.get(chain=chain, number=3)
    text = json.dumps(json.loads(row.text), indent=1)
    LedgerEntry.objects.filter(pk=row.pk).update(text=text, digest=chance.sha256_hex(text))
    assert any("not canonical" in fault for fault in faults_in(chain))
    triggers.install(connection)


FREE = st.one_of(
    st.text(min_size=1).filter(lambda t: not t.isascii() or " " in t or "@" in t), st.floats(), st.binary()
)


@given(FREE)
def test_nothing_that_could_be_free_text_gets_into_an_entry(value: Any) -> None:
    for where in ("subjects", "digests", "notes"):
        with pytest.raises(ValueError, match="uids, words and digests only"):
            document(Act(verb="decide", by=None, **{where: {"name": value}}), HOUSE, 1, "0", clock.now())


@given(st.dictionaries(st.text(), st.one_of(st.integers(), st.text(), st.none(), st.booleans())))
def test_canonical_text_reads_back_the_same_and_is_stable(value: dict[str, Any]) -> None:
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text
    assert canonical(dict(reversed(value.items()))) == text


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=6), st.uuids()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(VALUES, VALUES)
def test_different_requests_are_told_apart(one: Any, other: Any) -> None:
    assert (told(one) == told(other)) == (repr(_plain(one)) == repr(_plain(other)))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(value[k]) for k in sorted(value, key=lambda k: (len(k), k))}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def test_what_cannot_be_told_apart_is_a_fault_of_the_program() -> None:
    with pytest.raises(TypeError):
        told(object())


@verb(returns=Centre)
def rename(*, by: Any, centre: Centre, name: str, key: uuid.UUID | None = None) -> Centre:
    """A verb as small as can be."""
    Centre.objects.filter(pk=centre.pk).update(name=name)
    append(CHAIN, Act(verb="rename", by=None, result=centre.uid))
    return Centre.objects.get(pk=centre.pk)


def test_the_same_form_sent_twice_gives_the_first_answer_and_a_changed_one_is_new(chain: uuid.UUID) -> None:
    centre = Centre.objects.create(name="Calder Vale")
    key = uuid.uuid4()
    first = rename(by=None, centre=centre, name="Calder", key=key)
    assert rename(by=None, centre=centre, name="Calder", key=key) == first
    assert LedgerEntry.objects.filter(verb="rename").count() == 1
    rename(by=None, centre=centre, name="Vale", key=key)
    assert LedgerEntry.objects.filter(verb="rename").count() == 2
    assert Centre.objects.get().name == "Vale"
    rename(by=None, centre=centre, name="Vale")
    rename(by=None, centre=centre, name="Vale")
    assert LedgerEntry.objects.filter(verb="rename", once=None).count() == 2


def test_a_collision_that_is_no_repeat_is_not_hidden(chain: uuid.UUID) -> None:
    centre, other = Centre.objects.create(name="Calder"), Centre.objects.create(name="Vale")
    with pytest.raises(IntegrityError):
        rename(by=None, centre=other, name=centre.name, key=uuid.uuid4())
    assert not LedgerEntry.objects.filter(verb="rename").exists()
