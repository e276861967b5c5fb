"""Drift: how the shape of a platform's records differs from what it was; pure functions on counts.

A shape gives, for each path in the upstream records such as `team[].name`, how many records hold a value of each type.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gateway.registry.records import DriftKind

Paths = Mapping[str, Mapping[str, int]]

ENOUGH_RECORDS = 100
"""A baseline of fewer records says nothing about types that are gone."""
TYPE_SHARE = 0.05
"""A type that rarer records have may be absent by chance."""
FIELD_SHARE = 0.9
"""A field that fewer records have is optional; its absence is no news."""
EXPECTED = 5
"""A type is missed when at least so many of the later records should have had it."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; `records` of the later shape show it."""

    field: str
    kind: DriftKind
    message: str
    records: int


def compare(baseline: Paths, baseline_records: int, current: Paths, current_records: int) -> tuple[Change, ...]:
    """Differences by field and kind; none when either shape is of no records.

    Of a subtree that is gone or new only the top is told.
    """
    if baseline_records < 1 or current_records < 1:
        return ()
    before, after = _present(baseline), _present(current)
    missing = {path for path in before.keys() - after.keys() if _held_by(before[path], baseline_records) >= FIELD_SHARE}
    changes = [*_gone(missing, before, baseline_records, current_records), *_new(after.keys() - before.keys(), after)]
    for path in before.keys() & after.keys():
        changes += _widened(path, before[path], after[path])
        changes += _narrowed(path, before[path], after[path], baseline_records, current_records)
    return tuple(sorted(changes, key=lambda change: (change.field, change.kind)))


def _gone(missing: Iterable[str], before: Paths, baseline_records: int, current_records: int) -> Iterator[Change]:
    for path in _tops(missing):
        share = _held_by(before[path], baseline_records)
        message = f"{path} is gone; {share:.0%} of the records had it"
        yield Change(path, DriftKind.MISSING, message, current_records)


def _new(paths: Iterable[str], after: Paths) -> Iterator[Change]:
    for path in _tops(paths):
        message = f"{path} is new, of type {_listed(after[path])}"
        yield Change(path, DriftKind.NEW, message, sum(after[path].values()))


def _widened(path: str, before: Mapping[str, int], after: Mapping[str, int]) -> Iterator[Change]:
    more = after.keys() - before.keys()
    if more:
        message = f"{path} is {_listed(more)} now too; it was {_listed(before)}"
        yield Change(path, DriftKind.WIDENED, message, sum(after[name] for name in more))


def _narrowed(
    path: str, before: Mapping[str, int], after: Mapping[str, int], baseline_records: int, current_records: int
) -> Iterator[Change]:
    if baseline_records < ENOUGH_RECORDS:
        return
    share = {name: before[name] / baseline_records for name in before.keys() - after.keys()}
    less = {name for name, part in share.items() if part >= TYPE_SHARE and part * current_records >= EXPECTED}
    if less:
        message = f"{path} is never {_listed(less)} now; it is {_listed(after)}"
        yield Change(path, DriftKind.NARROWED, message, sum(after.values()))


def _present(paths: Paths) -> dict[str, dict[str, int]]:
    kept = {path: {name: count for name, count in types.items() if count > 0} for path, types in paths.items()}
    return {path: types for path, types in kept.items() if types}


def _held_by(types: Mapping[str, int], records: int) -> float:
    """Share of the records that hold a field, at most 1: a list in one record may hold several types."""
    return min(1.0, sum(types.values()) / records)


def _tops(paths: Iterable[str]) -> list[str]:
    """Paths that are not inside another one of them."""
    known = set(paths)

    def is_inside(path: str) -> bool:
        return any(path[:end] in known for end in range(1, len(path)) if path[end] in ".[")

    return [path for path in sorted(known) if not is_inside(path)]


def _listed(types: Iterable[str]) -> str:
    return " or ".join(sorted(types))
