"""The draw as arithmetic: nobody could have picked it, everybody can repeat it."""

from __future__ import annotations

import hashlib
import random
import subprocess
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment.workflow.draw import draw_order, frame_text, secret_digest, seed_of
from courseware.kit import chance

uids = st.lists(st.uuids(version=4), unique=True, max_size=40)
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)


@given(digests, uids)
def test_the_same_seed_and_units_give_the_same_order_each_time(seed: str, units: list[uuid.UUID]) -> None:
    assert draw_order(seed, units) == draw_order(seed, units)


@given(digests, uids, st.randoms(use_true_random=False))
def test_the_order_of_the_population_does_not_matter(seed: str, units: list[uuid.UUID], luck: random.Random) -> None:
    shuffled = luck.sample(units, len(units))
    assert draw_order(seed, shuffled) == draw_order(seed, units)
    assert frame_text(shuffled) == frame_text(units)


@given(digests, uids, st.integers(min_value=0, max_value=50))
def test_the_first_n_have_the_n_smallest_keys_and_fewer_are_a_part_of_more(
    seed: str, units: list[uuid.UUID], size: int
) -> None:
    order = draw_order(seed, units)
    keys = sorted(hashlib.sha256(f"{seed}:{unit}".encode()).hexdigest() for unit in units)
    assert [key for key, _ in order[:size]] == keys[:size]
    assert {unit for _, unit in order} == set(units)
    fewer = {unit for _, unit in order[: size // 2]}
    assert fewer <= {unit for _, unit in order[:size]}


@given(digests, digests, st.uuids(), st.integers(1, 9))
def test_another_secret_or_population_or_version_gives_another_seed(
    secret: str, population: str, plan: uuid.UUID, version: int
) -> None:
    seed = seed_of(plan, version, population, secret)
    assert seed != seed_of(plan, version + 1, population, secret)
    assert seed != seed_of(plan, version, secret_digest(population), secret)
    assert seed != seed_of(plan, version, population, secret_digest(secret))


@given(uids)
def test_the_frame_is_one_uid_a_line_sorted_each_line_ended(units: list[uuid.UUID]) -> None:
    text = frame_text(units)
    assert text.splitlines() == sorted(str(unit) for unit in units)
    assert text == "" or text.endswith("\n")


@settings(max_examples=5, deadline=None)
@given(digests, uids)
def test_digests_are_what_sha256sum_prints(secret: str, units: list[uuid.UUID]) -> None:
    assert secret_digest(secret) == _sha256sum(bytes.fromhex(secret))
    assert chance.sha256_hex(frame_text(units)) == _sha256sum(frame_text(units).encode())


def _sha256sum(data: bytes) -> str:
    done = subprocess.run(["sha256sum"], input=data, capture_output=True, check=True)
    return done.stdout.decode().split()[0]


def test_every_unit_is_drawn_about_equally_often(torture: bool) -> None:
    units = [uuid.UUID(int=number) for number in range(10)]
    times = 20_000 if torture else 4000
    drawn = dict.fromkeys(units, 0)
    for number in range(times):
        for _, unit in draw_order(chance.sha256_hex(str(number)), units)[:3]:
            drawn[unit] += 1
    expected = times * 0.3
    # Chi-square with 9 degrees of freedom (variance of a draw without replacement is smaller): 27.9 is 1 in 1000.
    assert sum((count - expected) ** 2 / expected for count in drawn.values()) < 27.9


@pytest.mark.parametrize("size", [1, 64])
def test_secrets_come_from_the_one_door_and_differ(size: int) -> None:
    assert len({chance.secret_hex() for _ in range(size)}) == size
    assert all(len(chance.secret_hex()) == 64 for _ in range(size))
