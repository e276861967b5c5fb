"""Unions of sketches: exact where few, within their bounds where many, and errors where there is no sketch."""

import random
from collections.abc import Callable, Iterable

import pytest
from datasketches import hll_sketch, tgt_hll_type, update_theta_sketch
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.statistics.sketches import Estimate, united

Maker = Callable[[Iterable[str]], bytes]
HLL_TYPES = (tgt_hll_type.HLL_4, tgt_hll_type.HLL_6, tgt_hll_type.HLL_8)


def theta(people: Iterable[str], lg_k: int = 12) -> bytes:
    sketch = update_theta_sketch(lg_k)
    for each in people:
        sketch.update(each)
    image: bytes = sketch.compact().serialize()
    return image


def hll(people: Iterable[str], lg_k: int = 12, kind: tgt_hll_type = tgt_hll_type.HLL_4) -> bytes:
    sketch = hll_sketch(lg_k, kind)
    for each in people:
        sketch.update(each)
    image: bytes = sketch.serialize_compact()
    return image


def coarse_hll(people: Iterable[str]) -> bytes:
    return hll(people, 11)


def names(numbers: Iterable[int]) -> list[str]:
    return [f"person {number}" for number in numbers]


def relative_error(estimate: Estimate) -> float:
    return max(estimate.upper - estimate.value, estimate.value - estimate.lower) / estimate.value


makers = st.sampled_from([theta, *(lambda people, kind=kind: hll(people, 12, kind) for kind in HLL_TYPES)])


@given(makers, st.lists(st.sets(st.integers(0, 60), max_size=40), min_size=1, max_size=6))
def test_small_sets_are_counted_exactly(make: Maker, groups: list[set[int]]) -> None:
    count = len(set().union(*groups))
    [estimate] = united(make(names(group)) for group in groups).values()
    assert estimate == Estimate(count, count, count)


@pytest.mark.parametrize("make", [theta, hll, coarse_hll])
def test_large_sets_lie_within_the_bounds_in_95_of_100_cases(make: Maker) -> None:
    within = 0
    for seed in range(200):
        chance = random.Random(seed)  # noqa: S311 - the same populations every time
        groups = [range(start := chance.randrange(4_000), start + chance.randrange(9_000)) for _ in range(3)]
        count = len(set().union(*groups))
        [estimate] = united(make([f"{seed} {number}" for number in group]) for group in groups).values()
        within += estimate.lower <= count <= estimate.upper
        assert relative_error(estimate) < 0.06
    assert within >= 190


@given(
    st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 3_000), st.integers(8, 14)), min_size=1, max_size=4),
    st.sampled_from([theta, *(lambda people, lg_k, kind=kind: hll(people, lg_k, kind) for kind in HLL_TYPES)]),
    st.randoms(use_true_random=False),
)
@settings(max_examples=60, deadline=None)
def test_a_union_of_any_sizes_depends_neither_on_order_nor_on_repetition(
    groups: list[tuple[int, int, int]], make: Callable[[Iterable[str], int], bytes], chance: random.Random
) -> None:
    sketches = [make(names(range(start, start + size)), lg_k) for start, size, lg_k in groups]
    again = [*sketches, *chance.choices(sketches, k=2)]
    chance.shuffle(again)
    assert united(again) == united(sketches)
    count = len(set().union(*(range(start, start + size) for start, size, _ in groups)))
    [estimate] = united(again).values()
    assert estimate.value * 0.7 <= count <= estimate.value * 1.4


def test_families_are_told_apart() -> None:
    found = united([theta(names(range(3))), hll(names(range(5))), hll(names(range(2, 7))), theta([])])
    assert found == {"THETA": Estimate(3, 3, 3), "HLL": Estimate(7, 7, 7)}


def test_no_sketch_gives_no_estimate() -> None:
    assert united([]) == {}


def test_empty_sketches_count_nobody() -> None:
    assert united([theta([]), hll([])]) == {"THETA": Estimate(0, 0, 0), "HLL": Estimate(0, 0, 0)}


def test_a_union_is_as_coarse_as_its_coarsest_sketch() -> None:
    people = names(range(20_000))
    fine, coarse = united([hll(people)])["HLL"], united([hll(people), hll(people[:9_000], 8)])["HLL"]
    assert relative_error(fine) < 0.04 < relative_error(coarse)
    assert coarse.lower <= 20_000 <= coarse.upper


@pytest.mark.parametrize("kind", HLL_TYPES)
def test_what_a_sender_says_of_its_registers_counts_for_nothing(kind: tgt_hll_type) -> None:
    honest = hll(names(range(9_000)), 12, kind)
    lying = honest[:8] + b"\0" * 7 + b"\x70" + b"\0" * 7 + b"\x3f" + honest[24:]
    assert united([lying]) == united([honest])
    assert united([lying, hll(["somebody else"])]) == united([honest, hll(["somebody else"])])


def test_registers_that_no_number_of_people_fills_give_a_finite_number() -> None:
    honest = hll(names(range(9_000)), 12, tgt_hll_type.HLL_8)
    absurd = honest[:40] + b"\x3f" * 4096
    assert united([absurd, honest]) == {"HLL": Estimate(2.0**63, 2.0**63, 2.0**63)}


def test_a_theta_sketch_of_nothing_known_is_no_sketch() -> None:
    image = bytearray(theta(names(range(9_000)))[:24])
    image[8:12] = image[16:24] = b"\0" * 4
    image[16:24] = b"\0" * 8
    with pytest.raises(ValueError, match="theta"):
        united([bytes(image)])


@pytest.mark.parametrize("image", [b"", b"\0", b"\2\3\3", bytes(40), b"\x0a\1\7\x0c" + bytes(36)])
def test_bytes_that_are_no_sketch_are_refused(image: bytes) -> None:
    with pytest.raises(ValueError, match=r"sketch|byte"):
        united([theta(["somebody"]), image])


@given(
    st.sampled_from([theta(names(range(n)), 5) for n in (0, 1, 9, 90)] + [
        hll(names(range(n)), lg_k, kind) for n in (0, 5, 20, 900) for lg_k in (4, 8) for kind in HLL_TYPES
    ]),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=3),
    st.integers(0, 3) | st.none(),
)  # fmt: skip
@settings(max_examples=1_500, deadline=None)
def test_damaged_bytes_give_a_number_or_an_error_and_never_end_the_process(
    image: bytes, changes: list[tuple[int, int]], cut: int | None
) -> None:
    damaged = bytearray(image)
    for place, byte in changes:
        damaged[place % len(damaged)] = byte
    if cut:
        del damaged[-cut:]
    try:
        found = united([bytes(damaged), bytes(damaged)])
    except ValueError:
        return
    for estimate in found.values():
        assert 0 <= estimate.lower <= estimate.value <= estimate.upper < float("inf")
