"""What a sample proves: against values that others published, against every subset of small populations, as rules."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction
from math import comb

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assessment.sampling import (
    ContinuousPlan,
    Stratum,
    agreement,
    at_most,
    most_wrong,
    most_wrong_overall,
    smallest_sample,
    smallest_stratified,
)
from assessment.sampling.exact import too_many

SURE = Fraction(95, 100)
TENTH = Fraction(1, 10)


# -- One stratum -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("population", "wrong", "drawn"), [(n, d, k) for n in range(1, 8) for d in range(n + 1) for k in range(n + 1)]
)
def test_the_chance_is_that_of_every_subset_counted(population: int, wrong: int, drawn: int) -> None:
    subsets = list(itertools.combinations(range(population), drawn))
    for found in range(drawn + 1):
        few = sum(sum(unit < wrong for unit in subset) <= found for subset in subsets)
        assert at_most(found, population=population, wrong=wrong, drawn=drawn) == Fraction(few, len(subsets))


def test_three_clean_portfolios_of_thirty_leave_eighteen_wrong_ones_open() -> None:
    assert most_wrong(population=30, drawn=3, found=0, confidence=SURE) == 18


# Sample sizes to meet at least one of so many, at 95 %: R. M. Cannon and R. T. Roe, "Livestock disease surveys: a field
# manual for veterinarians" (Canberra 1982), table of animals to be sampled.
CANNON_AND_ROE = {
    Fraction(10, 100): {10: 10, 20: 16, 30: 19, 40: 21, 50: 22, 60: 23, 100: 25, 500: 28, 1000: 29},
    Fraction(5, 100): {20: 19, 40: 31, 60: 38, 100: 45, 500: 56, 1000: 57},
    Fraction(20, 100): {20: 10, 50: 12, 100: 13, 1000: 14},
    Fraction(50, 100): {10: 4, 40: 5, 100: 5, 1000: 5},
}


@pytest.mark.parametrize("share", CANNON_AND_ROE)
def test_the_smallest_samples_are_the_published_ones(share: Fraction) -> None:
    for population, drawn in CANNON_AND_ROE[share].items():
        assert smallest_sample(population=population, tolerable=share, confidence=SURE) == drawn


@pytest.mark.parametrize(("share", "drawn"), [(1, 299), (2, 149), (5, 59), (10, 29), (20, 14)])
def test_a_large_population_needs_what_the_binomial_needs(share: int, drawn: int) -> None:
    """`log 0.05 / log (1 - share)`, rounded up: the success-run theorem."""
    assert smallest_sample(population=1_000_000, tolerable=Fraction(share, 100), confidence=SURE) == drawn


def test_a_small_population_is_told_the_truth() -> None:
    assert smallest_sample(population=12, tolerable=Fraction(8, 100), confidence=SURE) == 12
    assert smallest_sample(population=1, tolerable=TENTH, confidence=SURE) == 1
    assert smallest_sample(population=0, tolerable=TENTH, confidence=SURE) == 0
    assert smallest_sample(population=40, tolerable=TENTH, confidence=SURE, found=4) == 40, "never provable"


NUMBERS = st.integers(1, 120).flatmap(
    lambda n: st.integers(0, n).flatmap(lambda k: st.tuples(st.just(n), st.just(k), st.integers(0, k)))
)


@given(NUMBERS)
def test_the_bound_is_the_largest_number_that_is_left_open(numbers: tuple[int, int, int]) -> None:
    population, drawn, found = numbers
    bound = most_wrong(population=population, drawn=drawn, found=found, confidence=SURE)
    assert found <= bound <= population - (drawn - found)
    assert at_most(found, population=population, wrong=bound, drawn=drawn) > 1 - SURE or bound == found
    if bound < population - (drawn - found):
        assert at_most(found, population=population, wrong=bound + 1, drawn=drawn) <= 1 - SURE


@given(NUMBERS)
def test_more_drawn_or_less_found_or_less_sure_never_leaves_more_open(numbers: tuple[int, int, int]) -> None:
    population, drawn, found = numbers

    def bound(**changed: int | Fraction) -> int:
        asked = {"population": population, "drawn": drawn, "found": found, "confidence": SURE} | changed
        return most_wrong(**asked)  # type: ignore[arg-type]  # both kinds where they belong

    if drawn < population:
        assert bound(drawn=drawn + 1) <= bound()
    if found:
        assert bound(found=found - 1) <= bound()
    assert bound(confidence=Fraction(80, 100)) <= bound()


@given(st.integers(1, 400), st.integers(1, 100), st.integers(50, 99))
def test_the_smallest_sample_proves_it_and_one_less_does_not(population: int, share: int, sure: int) -> None:
    tolerable, confidence = Fraction(share, 100), Fraction(sure, 100)
    drawn = smallest_sample(population=population, tolerable=tolerable, confidence=confidence)
    limit = min(too_many(population, tolerable), population)
    assert most_wrong(population=population, drawn=drawn, found=0, confidence=confidence) < limit
    if drawn > 1:
        assert most_wrong(population=population, drawn=drawn - 1, found=0, confidence=confidence) >= limit


@pytest.mark.parametrize("wrong", range(11))
def test_the_bound_holds_in_its_share_of_all_draws(wrong: int) -> None:
    held = Fraction(0)
    for found in range(6):
        here = Fraction(comb(wrong, found) * comb(10 - wrong, 5 - found), comb(10, 5))
        if here and most_wrong(population=10, drawn=5, found=found, confidence=SURE) >= wrong:
            held += here
    assert held >= SURE


@pytest.mark.parametrize(
    "numbers",
    [
        {"population": 3, "drawn": 4, "found": 0, "confidence": SURE},
        {"population": 3, "drawn": 2, "found": 3, "confidence": SURE},
        {"population": 3, "drawn": 2, "found": 0, "confidence": Fraction(1)},
    ],
)
def test_numbers_that_cannot_be_are_refused(numbers: dict[str, int | Fraction]) -> None:
    with pytest.raises(ValueError, match=r"cannot find|not a confidence"):
        most_wrong(**numbers)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="cannot draw"):
        at_most(0, population=3, wrong=4, drawn=1)
    with pytest.raises(ValueError, match="not a share"):
        too_many(10, Fraction(2))


# -- Several strata ----------------------------------------------------------------------------------------------------

STRATUM = st.integers(1, 7).flatmap(lambda n: st.builds(Stratum, st.just(n), st.integers(0, n)))


def _chance(strata: list[Stratum], wrong: tuple[int, ...], found: int) -> Fraction:
    """The chance to find at most `found` in all strata together, every combination counted."""
    chance = {0: Fraction(1)}
    for stratum, bad in zip(strata, wrong, strict=True):
        now: dict[int, Fraction] = {}
        for j in range(min(bad, stratum.drawn) + 1):
            if stratum.drawn - j > stratum.population - bad:
                continue
            here = Fraction(
                comb(bad, j) * comb(stratum.population - bad, stratum.drawn - j),
                comb(stratum.population, stratum.drawn),
            )
            for before, p in chance.items():
                now[before + j] = now.get(before + j, Fraction(0)) + p * here
        chance = now
    return sum((p for total, p in chance.items() if total <= found), Fraction(0))


def _counted(strata: list[Stratum]) -> int:
    """The bound by trying every combination of wrong units."""
    found = sum(s.found for s in strata)
    possible = itertools.product(*(range(s.found, s.population - s.drawn + s.found + 1) for s in strata))
    return max((sum(w) for w in possible if _chance(strata, w, found) > 1 - SURE), default=found)


@given(st.lists(STRATUM, min_size=1, max_size=3))
def test_with_nothing_found_the_overall_bound_is_exact(strata: list[Stratum]) -> None:
    assert most_wrong_overall(strata, SURE) == _counted(strata)


@given(st.lists(STRATUM.filter(lambda s: s.drawn > 0), min_size=2, max_size=3), st.data())
def test_with_findings_the_overall_bound_is_never_too_low(strata: list[Stratum], data: st.DataObject) -> None:
    strata = [Stratum(s.population, s.drawn, data.draw(st.integers(0, s.drawn))) for s in strata]
    bound = most_wrong_overall(strata, SURE)
    assert _counted(strata) <= bound <= sum(s.population - s.drawn + s.found for s in strata)


def test_one_stratum_is_the_exact_bound_and_an_empty_one_does_not_count() -> None:
    exact = most_wrong(population=32, drawn=16, found=1, confidence=SURE)
    assert most_wrong_overall([Stratum(32, 16, 1), Stratum(0, 0)], SURE) == exact


def test_an_undrawn_stratum_may_be_wrong_altogether() -> None:
    assert most_wrong_overall([Stratum(9, 0), Stratum(20, 20)], SURE) == 9
    assert most_wrong_overall([Stratum(9, 0), Stratum(20, 20, 1)], SURE) == 10


@pytest.mark.parametrize(
    ("strata", "confidence"),
    [
        ([Stratum(3, 2, 1), Stratum(3, 2)], Fraction(1, 2)),
        ([Stratum(3, 2, 3), Stratum(3, 2)], SURE),
        ([Stratum(3, 4), Stratum(3, 2)], SURE),
        ([Stratum(3, 2), Stratum(3, 2)], Fraction(0)),
    ],
)
def test_strata_that_cannot_be_are_refused(strata: list[Stratum], confidence: Fraction) -> None:
    with pytest.raises(ValueError, match=r"stratum|confidence"):
        most_wrong_overall(strata, confidence)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=5), st.integers(5, 50))
def test_the_planned_strata_meet_the_target_and_cover_everybody(populations: list[int], share: int) -> None:
    tolerable = Fraction(share, 100)
    drawn = smallest_stratified(populations, tolerable=tolerable, confidence=SURE)
    assert all(min(n, 1) <= k <= n for n, k in zip(populations, drawn, strict=True))
    whole = sum(populations)
    if whole:
        strata = [Stratum(n, k) for n, k in zip(populations, drawn, strict=True)]
        assert most_wrong_overall(strata, SURE) < too_many(whole, tolerable)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=5), st.integers(5, 50))
@example([11, 56, 56, 56], 10)  # largest remainders: 27 prove it, 28 do not
def test_one_unit_fewer_in_their_order_would_not_prove_the_target(populations: list[int], share: int) -> None:
    tolerable, whole = Fraction(share, 100), sum(populations)
    drawn = smallest_stratified(populations, tolerable=tolerable, confidence=SURE)
    taken = [i for i, k in enumerate(drawn) if k > 1]
    if taken:
        # The last one added was the one that stood at the largest (drawn + 1/2) / population before it came.
        last = max(taken, key=lambda i: (Fraction(2 * drawn[i] - 1, populations[i]), i))
        drawn[last] -= 1
        strata = [Stratum(n, k) for n, k in zip(populations, drawn, strict=True)]
        assert most_wrong_overall(strata, SURE) >= too_many(whole, tolerable)


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 100)), min_size=1, max_size=5), st.integers(5, 50))
def test_a_share_of_each_stratum_is_taken_and_never_weakens_the_target(
    parts: list[tuple[int, int]], share: int
) -> None:
    populations = [n for n, _ in parts]
    least = [-(-n * percent // 100) for n, percent in parts]
    tolerable = Fraction(share, 100)
    drawn = smallest_stratified(populations, tolerable=tolerable, confidence=SURE, least=least)
    target = smallest_stratified(populations, tolerable=tolerable, confidence=SURE)
    assert drawn == [max(low, k) for low, k in zip(least, target, strict=True)]
    assert all(low <= k <= n for low, k, n in zip(least, drawn, populations, strict=True))
    strata = [Stratum(n, k) for n, k in zip(populations, drawn, strict=True)]
    assert most_wrong_overall(strata, SURE) < too_many(sum(populations), tolerable)


def test_the_planned_strata_are_near_the_sample_of_the_whole() -> None:
    drawn = smallest_stratified([12_000, 20_000, 8_000, 10_000], tolerable=TENTH, confidence=SURE)
    assert drawn == [7, 11, 5, 6]
    assert sum(drawn) == smallest_sample(population=50_000, tolerable=TENTH, confidence=SURE)


@pytest.mark.parametrize(("tolerable", "sure"), [(10, 95), (20, 90)])
def test_plans_over_planted_errors_meet_their_confidence(
    tolerable: int, sure: int, request: pytest.FixtureRequest
) -> None:
    """A centre whose wrong units are just too many: a plan that passes it clean may do so once in 20 (or 10) draws."""
    rounds = 2000 if request.config.getoption("--torture") else 200
    chosen = random.Random(412)
    populations, share, confidence = [14, 22, 9, 31], Fraction(tolerable, 100), Fraction(sure, 100)
    drawn = smallest_stratified(populations, tolerable=share, confidence=confidence)
    wrong = too_many(sum(populations), share)
    missed = 0
    for _ in range(rounds):
        units = [(stratum, i) for stratum, n in enumerate(populations) for i in range(n)]
        bad = set(chosen.sample(units, wrong))
        met = [u for s, n in enumerate(populations) for u in chosen.sample([(s, i) for i in range(n)], drawn[s])]
        missed += not bad & set(met)
    allowed = float(1 - confidence)
    assert missed / rounds <= allowed + 3 * (allowed * (1 - allowed) / rounds) ** 0.5


# -- Continuous sampling -----------------------------------------------------------------------------------------------

# MIL-STD-1235C, CSP-1: clearance numbers for f = 1/2, 1/3, 1/4 and AOQL in per cent. There, wrong units that are found
# are taken out; here they are put right, so its AOQL is that of p (1 - F) / (1 - p F).
STANDARD = {
    0.018: (1540, 2550, 3340),
    0.033: (840, 1390, 1820),
    0.046: (600, 1000, 1310),
    0.113: (245, 405, 530),
    0.198: (140, 232, 303),
    0.33: (84, 140, 182),
    0.53: (53, 87, 113),
    1.22: (23, 38, 49),
    1.90: (15, 25, 32),
    2.90: (10, 16, 21),
}


@pytest.mark.parametrize("limit", STANDARD)
def test_the_worst_case_is_that_of_the_published_standard(limit: float) -> None:
    for one_in, clear in zip((2, 3, 4), STANDARD[limit], strict=True):
        plan = ContinuousPlan(clear, one_in)
        steps = [min(1.0, 6 / clear) * k / 1000 for k in range(1000)]
        taken_out = max(p * (1 - plan.reviewed(p)) / (1 - p * plan.reviewed(p)) for p in steps)
        assert 100 * taken_out == pytest.approx(limit, rel=0.025)
        _, worst = plan.worst
        assert worst == pytest.approx(max(plan.undetected(p) for p in steps), rel=1e-4)
        assert worst <= taken_out


@pytest.mark.parametrize(("plan", "wrong"), [(ContinuousPlan(10, 5), 0.08), (ContinuousPlan(5, 3), 0.2)])
def test_the_formulas_are_what_a_simulation_gives(plan: ContinuousPlan, wrong: float) -> None:
    chosen = random.Random(412)
    run, sampling, reviewed, left, units = 0, False, 0, 0, 200_000
    for _ in range(units):
        bad = chosen.random() < wrong
        if sampling and chosen.random() >= 1 / plan.one_in:
            left += bad
            continue
        reviewed += 1
        if bad:
            run, sampling = 0, False
        else:
            run += 1
            sampling = sampling or run >= plan.clear
    assert reviewed / units == pytest.approx(plan.reviewed(wrong), rel=0.03)
    assert left / units == pytest.approx(plan.undetected(wrong), rel=0.05)
    assert left / units <= plan.worst[1] * 1.05


@given(st.lists(st.booleans(), max_size=40), st.integers(1, 8))
def test_everything_is_reviewed_until_enough_in_a_row_are_right(seen: list[bool], clear: int) -> None:
    plan = ContinuousPlan(clear, 5)
    since = len(seen) - (max(i for i, wrong in enumerate(seen) if wrong) + 1) if any(seen) else len(seen)
    assert plan.everything(seen) == (since < clear)


def test_a_plan_that_is_none_is_refused() -> None:
    for clear, one_in in ((0, 5), (10, 1)):
        with pytest.raises(ValueError, match="not a plan"):
            ContinuousPlan(clear, one_in)


# -- Agreement ---------------------------------------------------------------------------------------------------------


def _pairs(**cells: int) -> list[tuple[str, str]]:
    return [(name[0], name[1]) for name, count in cells.items() for _ in range(count)]


def test_kappa_is_cohens() -> None:
    """50 proposals, 20 yes-yes, 15 no-no: kappa 0.40, as many a textbook has it."""
    found = agreement(_pairs(yy=20, yn=5, ny=10, nn=15))
    assert found.observed.value == pytest.approx(0.70)
    assert found.kappa.value == pytest.approx(0.40)
    assert not found.pass_heavy


def test_kappa_misleads_where_nearly_everything_passes_and_ac1_does_not() -> None:
    """K. L. Gwet, "Kappa statistic is not satisfactory", Series of papers 1 (2002): kappa -0.0234, AC1 0.9408."""
    found = agreement(_pairs(pp=118, pf=5, fp=2))
    assert found.kappa.value == pytest.approx(-0.0234, abs=5e-5)
    assert found.ac1.value == pytest.approx(0.9408, abs=5e-5)
    assert found.pass_heavy


def test_kappa_of_more_than_two_is_fleiss() -> None:
    """14 people, 10 items, 5 categories: 0.210, the usual worked example."""
    table = """0 0 0 0 14; 0 2 6 4 2; 0 0 3 5 6; 0 3 9 2 0; 2 2 8 1 1; 7 7 0 0 0; 3 2 6 3 0; 2 5 3 2 2; 6 5 2 1 0;
    0 2 2 3 7"""
    rows = [[str(c) for c, n in enumerate(line.split()) for _ in range(int(n))] for line in table.split(";")]
    found = agreement(rows)
    assert found.people == 14
    assert found.kappa.value == pytest.approx(0.210, abs=5e-4)


@given(st.lists(st.lists(st.sampled_from("mn"), min_size=3, max_size=3), min_size=3, max_size=12))
def test_intervals_hold_their_estimate_and_stay_in_bounds(rows: list[list[str]]) -> None:
    found = agreement(rows)
    for estimate in (found.observed, found.kappa, found.ac1):
        if estimate.value is not None and estimate.low is not None and estimate.high is not None:
            assert -1 <= estimate.low <= estimate.value + 1e-9
            assert estimate.value - 1e-9 <= estimate.high <= 1
    assert found.observed.value is not None


def test_all_alike_leaves_kappa_undefined_and_ac1_whole() -> None:
    found = agreement([["m", "m"]] * 6)
    assert found.kappa.value is None
    assert found.ac1.value == 1
    assert agreement([["m", "n"]]).observed.low is None, "one item has no interval"


@pytest.mark.parametrize("rows", [[], [["m"]], [["m", "n"], ["m"]]])
def test_judgements_with_gaps_are_refused(rows: list[list[str]]) -> None:
    with pytest.raises(ValueError, match="everybody"):
        agreement(rows)
