"""Operations reduced to the fields that cost something, and what those add up to with given variables."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.graph.budget import CELLS
from gateway.graph.costs import Price

Variables = Mapping[str, Any]
Value = Callable[[Variables], Any]
"""An argument or a condition, once the variables are known; None where it was left out."""
LIVE_MODES = frozenset({"LIVE", "AUTO"})
"""Modes of a search that ask platforms at this moment."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Units that an operation may cost, and the dearest of its fields with its part in them."""

    units: int
    dearest: str
    part: int


@dataclass(frozen=True, slots=True)
class PricedField:
    """A field that costs something or leads to one that does; `below` are its selections for each possible type.

    `conditions` are the ways in which it is asked, each with all that must hold; none where it is asked in any case.
    `listed` says that its price counts the entries of a list that is given, for which a single value stands too.
    """

    path: str
    name: str
    price: Price
    size: int
    arguments: Mapping[str, Value]
    conditions: tuple[tuple[Value, ...], ...]
    below: tuple[tuple["PricedField", ...], ...]
    listed: bool = False


_NO_SIZES: Mapping[str, int] = {}
MOST_REMEMBERED = 16
"""Estimates of one operation that are remembered, for the first values that its variables had."""
LONGEST_WORD = 30
"""Characters of such a value."""
WIDEST_DEFAULT = 3
"""Measures of a summary that names none."""


class CostPlan:
    """One operation of a document, ready to be estimated with variables."""

    def __init__(self, roots: Sequence[PricedField], defaults: Mapping[str, Any], used: Iterable[str] = ()) -> None:
        """`used` are the names of the variables that its fields look at."""
        self._roots, self._defaults = roots, defaults
        self._used = tuple(used)
        self._known: dict[tuple[object, ...], Estimate] = {}
        self.fields = sum(map(_count, roots))

    def estimate(self, variables: Variables | None, platforms: int) -> Estimate:
        """What the operation may cost where so many platforms could be asked."""
        given = {**self._defaults, **(variables or {})}
        key: list[object] = [platforms]
        for name in self._used:
            value = given.get(name)
            if not (value is None or isinstance(value, int) or (isinstance(value, str) and len(value) <= LONGEST_WORD)):
                return self._estimate(given, platforms)
            key += (type(value), value)
        return self._remembered(tuple(key), given, platforms)

    def _remembered(self, key: tuple[object, ...], given: Variables, platforms: int) -> Estimate:
        known = self._known.get(key)
        if known is None:
            known = self._estimate(given, platforms)
            if len(self._known) < MOST_REMEMBERED:
                self._known[key] = known
        return known

    def _estimate(self, given: Variables, platforms: int) -> Estimate:
        tally = _Tally(given, platforms)
        units = tally.units(self._roots, {}, 1)
        return Estimate(units, tally.dearest, tally.part)


def _count(one: PricedField) -> int:
    return 1 + sum(_count(child) for fields in one.below for child in fields)


class _Tally:
    """Adds up one estimate and remembers the field that costs most."""

    def __init__(self, variables: Variables, platforms: int) -> None:
        self.variables, self.platforms = variables, platforms
        self.dearest, self.part = "", 0

    def units(self, fields: Sequence[PricedField], sizes: Mapping[str, int], times: int) -> int:
        total = 0
        for one in fields:
            if not one.conditions or self._asked(one):
                total += self._field(one, sizes.get(one.name, 1), times)
        return total

    def _asked(self, one: PricedField) -> bool:
        return not one.conditions or any(all(holds(self.variables) for holds in way) for way in one.conditions)

    def _field(self, one: PricedField, entries: int, times: int) -> int:
        """Units of a field that has so many entries by its parent's price, in each of so many parents."""
        price, below = one.price, times * entries
        size = self._size(one)
        own = below * (price.call + self._live(one) + (0 if price.width else size * price.row))
        if not price.sized:
            below *= size
        elif price.width:
            own += below * sum(
                -(-size * self._width(one) // CELLS) * price.row
                for fields in one.below
                for child in fields
                if child.name in price.sized and self._asked(child)
            )
        if own > self.part:
            self.dearest, self.part = one.path, own
        if not one.below:
            return own
        sizes = dict.fromkeys(price.sized, size) if price.sized else _NO_SIZES
        if len(one.below) == 1:
            return own + self.units(one.below[0], sizes, below)
        return own + max(self.units(fields, sizes, below) for fields in one.below)

    def _size(self, one: PricedField) -> int:
        if one.price.slicing is None:
            return one.size
        value = self._argument(one, one.price.slicing)
        if isinstance(value, list):
            return min(len(value), one.price.most)
        if one.listed:
            return one.size if value is None else 1
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return one.size
        if isinstance(value, float) and not math.isfinite(value):  # as graphql-core reads what has too many digits
            return one.size
        return int(min(max(value, 0), one.price.most))

    def _width(self, one: PricedField) -> int:
        value = self._argument(one, one.price.width or "")
        return len(value) if isinstance(value, list) else WIDEST_DEFAULT

    def _live(self, one: PricedField) -> int:
        if not one.price.live or (one.price.by_mode and self._argument(one, "mode") not in LIVE_MODES):
            return 0
        wanted = self._argument(one, "filter")
        named = wanted.get("platforms") if isinstance(wanted, dict) else None
        several = named if isinstance(named, list) else [named]  # a single value stands for a list of it
        asked = self.platforms if named is None else len(set(map(str, several)))
        return one.price.live * min(asked, self.platforms)

    def _argument(self, one: PricedField, name: str) -> Any:
        value = one.arguments.get(name)
        return None if value is None else value(self.variables)
