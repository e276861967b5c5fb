"""The shape of a platform's records: which paths there are and of which types, to notice when it changes."""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from lxml import etree

DEEPEST = 4
MOST_PATHS = 500
LONGEST_PATH = 300
MOST_REMEMBERED = 40_000
"""Names, or paths, of all structures that a profiler remembers; then it begins anew."""
LONGEST_LAYOUT = 20_000
"""Characters of the names, or paths, of a structure that is remembered."""
_NAMES = {
    str: "text",
    int: "number",
    float: "number",
    bool: "boolean",
    dict: "object",
    list: "list",
    type(None): "null",
}


@dataclass(slots=True)
class Shape:
    """How many of `records` had a value of each type at each path, such as `team[].name`; profiles may be merged.

    Paths go four levels deep; of more than 500 the first are kept, and none of more than 300 characters.
    """

    records: int = 0
    paths: dict[str, dict[str, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Iterable[Any]) -> "Shape":
        """The shape of these raw records: JSON objects or XML elements."""
        return Profiler().shape(records)

    def add(self, pairs: Iterable[tuple[str, str]], records: int) -> None:
        """Count so many more records, each of which has these pairs of a path and a type, none of them twice."""
        self.records += records
        for path, kind in pairs:
            self._count(path, kind, records)

    def merge(self, other: "Shape") -> None:
        """Add what another profile counted."""
        self.records += other.records
        for path, kinds in other.paths.items():
            for kind, times in kinds.items():
                self._count(path, kind, times)

    def _count(self, path: str, kind: str, times: int) -> None:
        if path in self.paths or (len(self.paths) < MOST_PATHS and len(path) <= LONGEST_PATH):
            kinds = self.paths.setdefault(path, {})
            kinds[kind] = kinds.get(kind, 0) + times


class Profiler:
    """Tells shapes, faster where records are built like earlier ones: those are recognized and not walked again.

    An object's layout, the names it has and the types of their values, gets a number; the structure of a record is the
    numbers of all its objects.
    """

    def __init__(self) -> None:
        self._numbers = count()
        self._layouts: dict[tuple[Any, ...], tuple[int, tuple[Any, ...]]] = {}
        self._known: dict[Hashable, tuple[tuple[str, str], ...]] = {}
        self._remembered = 0

    def shape(self, records: Iterable[Any]) -> Shape:
        """The shape of raw records."""
        shape = Shape()
        times: dict[Hashable, int] = {}
        first: dict[Hashable, Any] = {}
        for record in records:
            key: Hashable = (self._structure(record, 1),) if type(record) is dict else id(record)
            if key in times:
                times[key] += 1
            else:
                times[key], first[key] = 1, record
        for structure, record in first.items():
            shape.add(self._pairs(structure, record), times[structure])
        return shape

    def _structure(self, value: dict[Any, Any], depth: int) -> Hashable:
        """What the pairs of a record follow from."""
        layout = (*value, *map(type, value.values()))
        number, containers = self._layouts.get(layout) or self._learned(layout, value)
        if not containers or depth == DEEPEST:
            return number
        found: list[Hashable] = [number]
        for name in containers:
            inner = value[name]
            if type(inner) is dict:
                found.append(self._structure(inner, depth + 1))
            elif inner:
                items = [self._structure(item, depth + 1) if type(item) is dict else type(item) for item in inner]
                found.append(tuple(dict.fromkeys(items)))
            else:
                found.append(None)
        return tuple(found)

    def _learned(self, layout: tuple[Any, ...], value: dict[Any, Any]) -> tuple[int, tuple[Any, ...]]:
        """The number of a layout that was not met before, and the names of its objects and lists."""
        found = next(self._numbers), tuple(name for name, inner in value.items() if type(inner) in (dict, list))
        if sum(len(str(name)) for name in value) <= LONGEST_LAYOUT:
            self._make_room(len(value))
            self._layouts[layout] = found
        return found

    def _pairs(self, key: Hashable, record: Any) -> Iterable[tuple[str, str]]:
        """Paths and types of a record in their order."""
        if type(record) is not dict:
            return dict.fromkeys(_elements(record, "", 1)) if isinstance(record, etree._Element) else ()
        pairs = self._known.get(key)
        if pairs is None:
            pairs = tuple(dict.fromkeys(_values(record, "", 1)))
            if sum(len(path) for path, _ in pairs) <= LONGEST_LAYOUT:
                self._make_room(len(pairs))
                self._known[key] = pairs
        return pairs

    def _make_room(self, pairs: int) -> None:
        """Forget everything when there is too much of it; numbers are given out once only."""
        self._remembered += pairs
        if self._remembered > MOST_REMEMBERED:
            self._layouts, self._known, self._remembered = {}, {}, pairs


def _values(value: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    if type(value) is not dict:
        return
    for name, inner in value.items():
        here = f"{path}.{name}" if path else name
        yield here, _NAMES.get(type(inner), "text")
        if depth >= DEEPEST:
            continue
        if type(inner) is dict:
            yield from _values(inner, here, depth + 1)
        elif type(inner) is list:
            for item in inner:
                yield f"{here}[]", _NAMES.get(type(item), "text")
                if type(item) is dict:
                    yield from _values(item, f"{here}[]", depth + 1)


def _elements(element: etree._Element, path: str, depth: int) -> Iterator[tuple[str, str]]:
    for name in element.attrib:
        yield f"{path}@{etree.QName(name).localname}", "text"
    for child in element.iterchildren(etree.Element):
        here = f"{path}/{etree.QName(child).localname}" if path else etree.QName(child).localname
        yield here, "object" if len(child) else "text"
        if depth < DEEPEST:
            yield from _elements(child, here, depth + 1)
