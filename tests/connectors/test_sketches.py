"""Sketches: made alike of the same people, told from garbage before the library reads a byte, and united."""

import base64
import re
import runpy
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
from datasketches import (
    compact_theta_sketch,
    hll_sketch,
    hll_union,
    tgt_hll_type,
    theta_union,
    update_theta_sketch,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sketches import keyed_id, people_sketch, shortened_sketch, sketch_family, unusable_sketch
from tests.architecture.source import ROOT

KEY = b"an agreed secret"
TYPES = (tgt_hll_type.HLL_4, tgt_hll_type.HLL_6, tgt_hll_type.HLL_8)
SIZES = (0, 1, 7, 8, 9, 60, 200, 3_000, 50_000)


def hll(people: int, lg_k: int = 11, kind: tgt_hll_type = TYPES[0]) -> hll_sketch:
    """An HLL sketch of so many."""
    sketch = hll_sketch(lg_k, kind)
    for number in range(people):
        sketch.update(str(number))
    return sketch


def theta(people: int, lg_k: int = 9, **more: Any) -> update_theta_sketch:
    """A theta sketch of so many."""
    sketch = update_theta_sketch(lg_k, **more)
    for number in range(people):
        sketch.update(str(number))
    return sketch


def united(*images: bytes) -> hll_sketch:
    """The union of HLL sketches."""
    union = hll_union(11)
    for image in images:
        union.update(hll_sketch.deserialize(image))
    return union.get_result(tgt_hll_type.HLL_4)


# made


def test_a_person_is_keyed_by_hmac_sha256_as_documented() -> None:
    # the second test case of RFC 4231
    assert keyed_id("what do ya want for nothing?", b"Jefe") == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


@given(st.lists(st.text(max_size=12), max_size=60), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_same_people_give_the_same_bytes_in_any_order_and_however_often(ids: list[str], random: Any) -> None:
    again = ids * 2
    random.shuffle(again)
    assert people_sketch(ids, KEY) == people_sketch(again, KEY)
    assert hll_sketch.deserialize(people_sketch(ids, KEY)).get_estimate() == pytest.approx(len(set(ids)), abs=0.01)


@given(st.sets(st.integers(0, 2_000), max_size=300), st.sets(st.integers(0, 2_000), max_size=300))
@settings(max_examples=30, deadline=None)
def test_the_union_of_two_days_counts_whoever_came_on_both_once(one: set[int], other: set[int]) -> None:
    images = [people_sketch(map(str, day), KEY) for day in (one, other)]
    union = united(*images)
    assert union.get_lower_bound(3) <= len(one | other) <= union.get_upper_bound(3)


def test_people_who_were_keyed_otherwise_are_others() -> None:
    ids = [f"teacher-{number}" for number in range(1_000)]
    once, twice = (united(people_sketch(ids, KEY), people_sketch(ids, key)) for key in (KEY, b"another secret"))
    assert once.get_lower_bound(3) <= 1_000 <= once.get_upper_bound(3)
    assert twice.get_lower_bound(3) <= 2_000 <= twice.get_upper_bound(3)


@pytest.mark.parametrize("people", [1, 100, 20_000])
def test_no_id_stands_in_a_sketch_and_it_stays_small(people: int) -> None:
    image = people_sketch((f"teacher-{number}" for number in range(people)), KEY)
    assert b"teacher" not in image
    assert len(image) <= 1_200
    assert sketch_family(image) == "HLL"


def test_the_documented_way_for_platforms_gives_the_documented_sketch(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "manifest.md").read_text("utf-8")
    [block] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    example = tmp_path / "example.py"
    example.write_text(block, "utf-8")
    image = runpy.run_path(str(example))["image"]
    assert f'"teacherSketch": "{base64.b64encode(image).decode()}"' in text


# recognized


@pytest.mark.parametrize("people", SIZES)
def test_every_sketch_that_the_library_writes_compactly_is_recognized(people: int) -> None:
    for lg_k in (4, 7, 8, 11, 14):
        for kind in TYPES:
            sketch = hll(people, lg_k, kind)
            assert sketch_family(sketch.serialize_compact()) == "HLL"
            union = hll_union(lg_k)
            union.update(sketch)
            union.update(hll(people // 3, lg_k, kind))
            assert {sketch_family(union.get_result(other).serialize_compact()) for other in TYPES} == {"HLL"}
    for ordered in (True, False):
        assert sketch_family(theta(people).compact(ordered).serialize()) == "THETA"


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (b"", "names neither"),
        (b"\0" * 40, "names neither"),
        (b"teachers of the day: 1200", "names neither"),
        (b"\x02\x01\x07", "at least eight bytes"),
        (hll(3).serialize_updatable(), "flags"),
        (hll(3_000).serialize_updatable(), "flags"),
        (hll(3).serialize_compact()[:-1], "coupons than it says"),
        (hll(100).serialize_compact() + b"\0", "coupons than it says"),
        (hll(3_000).serialize_compact()[:-1], "another length"),
        (hll(3_000).serialize_compact()[:39], "in its preamble"),
        (theta(3, seed=7).compact().serialize(), "seed hash mismatch"),
        (theta(3).compact().serialize()[:-1], "at least 40 bytes expected"),
        (b"\x03\x02" + theta(3).compact().serialize()[2:], "serial version 2"),
    ],
)
def test_what_is_no_compact_sketch_is_refused_with_a_reason(image: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        sketch_family(image)


def changed(image: bytes, **bytes_at: int) -> bytes:
    """The image with other bytes at some places, such as `at36=1`."""
    made = bytearray(image)
    for place, byte in bytes_at.items():
        made[int(place.removeprefix("at"))] = byte
    return bytes(made)


FULL = hll(16_000).serialize_compact()
"""One exception and a lowest register of 1; changes such as those below end the process when the library reads them."""


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (changed(hll(7).serialize_compact(), at6=200), "coupons than it says"),
        (changed(hll(7).serialize_compact(), at8=0, at9=0, at10=0, at11=0), "repeat or are empty"),
        (changed(hll(20).serialize_compact(), at8=255, at9=255), "coupons than it says"),
        (changed(hll(20).serialize_compact(), at3=7), "holds no set"),
        (changed(FULL, at3=22), "the preamble"),
        (changed(FULL, at3=12), "another length"),
        (changed(FULL, at6=255), "lowest register"),
        (changed(FULL, at6=60), "do not fit"),
        (changed(FULL, at32=255, at33=255), "lowest register"),
        (changed(FULL, at36=9), "another length"),
        (changed(FULL[:-4], at36=0), "exceptions do not fit"),
        (changed(FULL, at1067=0), "exceptions do not fit"),
        (changed(FULL, at40=0xFF), "exceptions do not fit"),
        (changed(FULL, at15=0x7F, at14=0xF8), "estimate is no number"),
        (changed(hll(3_000, kind=TYPES[2]).serialize_compact(), at40=64), "registers that cannot be"),
        (changed(hll(3_000, kind=TYPES[1]).serialize_compact(), at36=1), "another length"),
    ],
)
def test_an_hll_sketch_that_would_mislead_the_library_is_refused(image: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        sketch_family(image)


SOUND = [
    *(hll(people, lg_k, kind).serialize_compact() for people in (3, 20, 600) for lg_k in (4, 9) for kind in TYPES),
    *(theta(people).compact().serialize() for people in (0, 1, 20, 2_000)),
]
MUTILATED = st.builds(
    lambda image, changes, end, more: mutilated(image, changes)[:end] + more,
    st.sampled_from(SOUND),
    st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 255)), min_size=1, max_size=3),
    st.one_of(st.none(), st.integers(0, 1_000)),
    st.binary(max_size=5),
)


def mutilated(image: bytes, changes: Collection[tuple[int, int]]) -> bytes:
    """The image with other bytes at some places, counted around its end."""
    made = bytearray(image)
    for place, byte in changes:
        made[place % len(made)] = byte
    return bytes(made)


@given(MUTILATED)
@settings(max_examples=500, deadline=None)
def test_whatever_is_recognized_can_be_read_and_united(image: bytes) -> None:
    try:
        family = sketch_family(image)
    except ValueError:
        return
    if family == "HLL":
        assert united(image, people_sketch("abc", KEY), image).get_estimate() >= 0
        assert hll_sketch.deserialize(image).get_estimate() >= 0
    else:
        union = theta_union()
        union.update(compact_theta_sketch.deserialize(image))
        assert union.get_result().get_estimate() >= 0


# as text


def test_a_fact_s_sketch_is_judged_as_base64() -> None:
    text = base64.b64encode(people_sketch("ab", KEY)).decode()
    assert unusable_sketch(text) is None
    for wrong in (text[:-1], base64.b64encode(b"1200 teachers").decode(), "AAAA"):
        finding = unusable_sketch(wrong)
        assert finding is not None
        assert (finding.code, finding.pointer, finding.found) == ("sketch.invalid", "/sketch", shortened_sketch(wrong))
        assert finding.expected == "base64 of a compact theta sketch or a compact HLL sketch of Apache DataSketches"


def test_a_sketch_is_shown_by_its_beginning() -> None:
    assert shortened_sketch("A" * 24) == "A" * 24
    assert shortened_sketch("A" * 5_880) == f"{'A' * 24}… (5880 characters)"
