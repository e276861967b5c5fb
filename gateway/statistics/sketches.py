"""How many distinct people the sketches of several platforms stand for together (Apache DataSketches).

A sketch knows people by keyed hashes only, and says within a stated error how many there are; a union counts nobody
twice. Theta and HLL sketches hash differently and cannot be united with each other: there is one estimate for each
family, and who has both knows bounds only.
"""

import hashlib
import math
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from datasketches import compact_theta_sketch, hll_sketch, hll_union, tgt_hll_type, theta_union

from connectors.sketches import Family, sketch_family

LG_K = 12
"""Unions keep 4,096 hashes or registers: a standard error of 1.6 percent, or that of coarser sketches in them."""
DEVIATIONS = 2
"""Standard deviations between the value and its bounds."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number of people with the bounds within which it lies in 95 of 100 cases.

    All three are whole numbers, and the same number where there are so few people that they are counted exactly.
    """

    value: float
    lower: float
    upper: float


def united(sketches: Iterable[bytes]) -> dict[Family, Estimate]:
    """The size of the union of the sketches of each family; `ValueError` for bytes that are no sketch."""
    families: dict[Family, list[bytes]] = {}
    for sketch in sketches:
        families.setdefault(_checked(sketch), []).append(sketch)
    unions = {"THETA": _united_theta, "HLL": _united_hll}
    return {family: unions[family](members) for family, members in families.items()}


_MOST_CHECKED = 200_000
_known: dict[bytes, Family] = {}
"""Sound sketches by their digest: a check takes far longer than a union, and the same ones come again."""


def _checked(sketch: bytes) -> Family:
    digest = hashlib.blake2b(sketch, digest_size=16).digest()
    family = _known.get(digest)
    if family is None:
        family = sketch_family(sketch)
        if len(_known) >= _MOST_CHECKED:
            _known.clear()
        _known[digest] = family
    return family


def _united_theta(sketches: Sequence[bytes]) -> Estimate:
    union = theta_union(LG_K)
    for sketch in sketches:
        union.update(compact_theta_sketch.deserialize(sketch))
    result = union.get_result()
    if not result.theta64:
        raise ValueError("a theta sketch whose theta is zero, which says nothing")
    return _whole(result.get_lower_bound(DEVIATIONS), result.get_estimate(), result.get_upper_bound(DEVIATIONS))


def _united_hll(sketches: Sequence[bytes]) -> Estimate:
    """Registers first, the fewest first, and a union that has as many as the most.

    A union of the library that must make its own registers fewer takes itself for empty from then on, and drops what it
    held with the next sketch (datasketches 5.2).
    """
    registers = sorted((sketch for sketch in sketches if sketch[0] == _REGISTERS), key=_lg_k)
    few = [sketch for sketch in sketches if sketch[0] != _REGISTERS]
    union = hll_union(max([LG_K, *map(_lg_k, registers)]))
    for sketch in [*map(_without_estimate, registers), *few]:
        union.update(hll_sketch.deserialize(sketch))
    # merging makes it count by registers, whatever came in what order
    union.update(union.get_result(tgt_hll_type.HLL_8))
    return _whole(union.get_lower_bound(DEVIATIONS), union.get_estimate(), union.get_upper_bound(DEVIATIONS))


_REGISTERS, _OUT_OF_ORDER = 10, 16
_MOST = 2.0**63
"""As many as hashes tell apart."""
_NO_ESTIMATE = struct.pack("<3dI", 0.0, 1.0, 0.0, 1)


def _lg_k(sketch: bytes) -> int:
    return sketch[3]


def _without_estimate(sketch: bytes) -> bytes:
    """An HLL sketch whose registers alone count, not what its sender worked out from them."""
    return sketch[:5] + bytes([sketch[5] | _OUT_OF_ORDER]) + sketch[6:8] + _NO_ESTIMATE + sketch[36:]


def _whole(lower: float, value: float, upper: float) -> Estimate:
    """There are no parts of people; bounds that are next to a whole number are those of an exact count.

    Registers that no number of people fills give infinity; one absurd sketch must not cost anybody a report.
    """
    middle = float(round(min(value, _MOST)))
    least, most = float(math.ceil(min(lower, _MOST))), float(math.floor(min(upper, _MOST)))
    return Estimate(middle, min(least, middle), max(most, middle))
