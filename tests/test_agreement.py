"""Agreement between judges: against values that others published, counted by hand, and as rules."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.sampling import Agreement, agreement
from assessment.sampling.agreement import Estimate, t95

Table = list[list[str | None]]


def pairs(*cells: Sequence[int]) -> Table:
    """Judgements of two people from their table: cell (i, j) times the first said i and the second j."""
    return [[str(i), str(j)] for i, row in enumerate(cells) for j, count in enumerate(row) for _ in range(count)]


def estimates(found: Agreement) -> tuple[Estimate, Estimate, Estimate]:
    """The three statistics."""
    return found.observed, found.kappa, found.ac1


# -- Published values --------------------------------------------------------------------------------------------------


def test_kappa_and_its_error_are_those_of_fleiss_levin_and_paik() -> None:
    """J. L. Fleiss, B. Levin, M. C. Paik, "Statistical Methods for Rates and Proportions" (3rd ed., 2003), table 18.1:
    100 diagnoses by two people, kappa 0.68 with the standard error 0.087 (of n, where ours is of n - 1, and of rounded
    numbers), so 0.51 to 0.85.
    """
    found = agreement(pairs((75, 1, 4), (5, 4, 1), (0, 0, 10)))
    assert found.observed.value == pytest.approx(0.89)
    assert found.kappa.value == pytest.approx(0.68, abs=0.005)
    assert found.kappa.error == pytest.approx(0.087 * (100 / 99) ** 0.5, abs=0.001)
    assert (found.kappa.low, found.kappa.high) == (pytest.approx(0.51, abs=0.01), pytest.approx(0.85, abs=0.01))


def test_the_kappa_paradox_is_the_published_one() -> None:
    """A. R. Feinstein and D. V. Cicchetti, "High agreement but low kappa: I", J. Clin. Epidemiol. 43 (1990) 543-549:
    two tables with the same 85 per cent agreement, one even and one heavy on one side: kappa 0.70 and 0.32.
    """
    even, heavy = agreement(pairs((40, 9), (6, 45))), agreement(pairs((80, 10), (5, 5)))
    assert even.observed.value == heavy.observed.value == pytest.approx(0.85)
    assert even.kappa.value == pytest.approx(0.70, abs=0.005)
    assert heavy.kappa.value == pytest.approx(0.32, abs=0.005)
    assert (even.pass_heavy, heavy.pass_heavy) == (False, True)
    assert heavy.ac1.value == pytest.approx(0.81, abs=0.005), "AC1 stays near the agreement"


# K. L. Gwet, "Handbook of Inter-Rater Reliability" (4th ed., 2014), table 2.10: 12 items, four people, five categories,
# some judgements missing.
FOUR = """1 1 - 1; 2 2 3 2; 3 3 3 3; 3 3 3 3; 2 2 2 2; 1 2 3 4; 4 4 4 4; 1 1 2 1; 2 2 2 2; - 5 5 5; - - 1 1; - - 3 -"""


def test_judgements_that_are_missing_are_counted_as_gwets_handbook_counts_them() -> None:
    """Fleiss' kappa 0.761 with the error 0.153, AC1 0.775 with 0.143 and from 0.461."""
    found = agreement([[None if said == "-" else said for said in line.split()] for line in FOUR.split(";")])
    assert (found.items, found.compared, found.people) == (12, 11, 4)
    assert found.observed.value == pytest.approx(0.818, abs=5e-4)
    assert found.kappa.value == pytest.approx(0.76117, abs=5e-6)
    assert found.kappa.error == pytest.approx(0.15302, abs=5e-6)
    assert found.ac1.value == pytest.approx(0.77544, abs=5e-6)
    assert found.ac1.error == pytest.approx(0.14295, abs=5e-6)
    assert (found.ac1.low, found.ac1.high) == (pytest.approx(0.461, abs=5e-4), 1)


# Student's t, two-sided 95 %: W. S. Gosset's table as every textbook prints it.
@pytest.mark.parametrize(
    ("freedom", "value"), [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (5, 2.571), (11, 2.201), (30, 2.042)]
)
def test_students_t_is_the_printed_one(freedom: int, value: float) -> None:
    assert t95(freedom) == pytest.approx(value, rel=2e-3)


# -- By hand -----------------------------------------------------------------------------------------------------------


def test_the_per_cent_is_the_share_of_agreeing_pairs_counted_one_by_one() -> None:
    table: Table = [["m", "m", "n"], ["m", "m", "m"], ["n", "m", None], ["n", None, None]]
    shares = []
    for row in table:
        met = list(itertools.combinations([said for said in row if said], 2))
        if met:
            shares.append(sum(one == two for one, two in met) / len(met))
    assert agreement(table).observed.value == pytest.approx(sum(shares) / len(shares))


def test_cohens_counts_only_what_both_judged() -> None:
    both = pairs((4, 1), (2, 3))
    assert agreement([*both, ["0", None], [None, "1"]]).kappa == agreement(both).kappa


def test_the_intervals_hold_what_is_true_about_as_often_as_they_say() -> None:
    """Three people who are right nine times in ten, on 40 items, half of them met; simulated 400 times."""
    numbers = random.Random(7)
    true = 0.9**2 + 0.1**2
    inside = 0
    for _ in range(400):
        table: Table = []
        for item in range(40):
            right, wrong = ("m", "n") if item % 2 else ("n", "m")
            table.append([right if numbers.random() < 0.9 else wrong for _ in range(3)])
        observed = agreement(table).observed
        assert observed.low is not None
        assert observed.high is not None
        inside += observed.low <= true <= observed.high
    assert 0.91 <= inside / 400 <= 0.99


# -- What misleads, and what has no interval ---------------------------------------------------------------------------


def test_when_nobody_disagrees_the_per_cent_says_what_so_few_items_can_prove() -> None:
    found = agreement([["m", "m", "m"]] * 5 + [["n", "n", "n"]])
    assert found.unanimous
    assert found.observed.low == pytest.approx(0.025 ** (1 / 6)), "Clopper and Pearson: 6 of 6 leaves 54 % open"
    assert (found.kappa.value, found.kappa.low) == (pytest.approx(1), None)
    assert (found.ac1.value, found.ac1.low) == (pytest.approx(1), None)
    assert found.few
    assert not agreement(pairs((6, 1), (1, 4))).few


def test_nothing_compared_has_no_value() -> None:
    for table in ([["m", None, None]], [["m", None]], [[None, None]], [[None, None, None]]):
        found = agreement(table)
        assert [one.value for one in estimates(found)] == [None, None, None]
        assert (found.compared, found.unanimous) == (0, False)
    assert agreement([[None, None]]).share == 0


# -- Rules -------------------------------------------------------------------------------------------------------------

TABLES = st.integers(2, 5).flatmap(
    lambda people: st.lists(
        st.lists(st.sampled_from(["m", "n", None]), min_size=people, max_size=people), min_size=1, max_size=12
    )
)


def near(one: Agreement, two: Agreement) -> bool:
    """Whether two agreements are the same but for rounding."""
    numbers = [
        (getattr(a, name), getattr(b, name))
        for a, b in zip(estimates(one), estimates(two), strict=True)
        for name in ("value", "low", "high")
    ]
    return all((a is None) == (b is None) and (a is None or a == pytest.approx(b, abs=1e-9)) for a, b in numbers)


@given(TABLES, st.randoms(use_true_random=False))
def test_in_which_order_people_and_items_stand_changes_nothing(table: Table, numbers: random.Random) -> None:
    people = list(range(len(table[0])))
    numbers.shuffle(people)
    other = [[row[place] for place in people] for row in table]
    numbers.shuffle(other)
    assert near(agreement(table), agreement(other))


@given(TABLES)
def test_what_the_judgements_are_called_changes_nothing(table: Table) -> None:
    swapped = [["n" if said == "m" else said and "m" for said in row] for row in table]
    assert near(agreement(table), agreement(swapped))


@given(TABLES)
def test_every_statistic_and_interval_is_within_bounds(table: Table) -> None:
    found = agreement(table)
    for one in estimates(found):
        if one.value is not None:
            assert -1 - 1e-9 <= one.value <= 1 + 1e-9
        if one.low is not None and one.high is not None and one.value is not None:
            assert -1 <= one.low <= one.value + 1e-9
            assert one.value - 1e-9 <= one.high <= 1
    assert found.observed.value is None or found.observed.value >= 0
    assert 0 <= found.share <= 1


@given(st.lists(st.sampled_from("mn"), min_size=1, max_size=12), st.integers(2, 5))
def test_perfect_agreement_is_one(said: list[str], people: int) -> None:
    found = agreement([[one] * people for one in said])
    assert found.unanimous
    assert found.ac1.value == pytest.approx(1)
    assert found.kappa.value == (pytest.approx(1) if len(set(said)) == 2 else None)


@given(TABLES)
def test_an_item_that_one_person_judged_changes_no_per_cent(table: Table) -> None:
    alone: list[str | None] = ["m", *[None] * (len(table[0]) - 1)]
    assert agreement([*table, alone]).observed == agreement(table).observed
