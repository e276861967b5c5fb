"""The shape of a platform's records: which paths there are and of which types, to notice when it changes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

DEEPEST = 4
MOST_PATHS = 500
LONGEST_PATH = 300
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
        shape = cls()
        for record in records:
            shape.add(record)
        return shape

    def add(self, record: Any) -> None:
        """Count one more record; a path counts once per type however often it occurs in the record."""
        self.records += 1
        pairs = _elements(record, "", 1) if isinstance(record, etree._Element) else _values(record, "", 1)
        for path, kind in dict.fromkeys(pairs):
            self._count(path, kind, 1)

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
