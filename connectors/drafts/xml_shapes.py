"""XML as nested mappings whose keys are steps of XPath, so that records of both languages are looked at in one way."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from connectors.extraction import NAMESPACES

MOST_ATTRIBUTES = 30
DEEPEST = 12
_XSI = NAMESPACES["xsi"]


class Prefixes:
    """Prefixes of the namespaces of a document: the common ones, and `n1`, `n2` for others."""

    def __init__(self) -> None:
        self._known = {uri: prefix for prefix, uri in NAMESPACES.items()}
        self.declared: dict[str, str] = {}

    def step(self, tag: str) -> str:
        """An element's or attribute's name as a step of a path."""
        name = etree.QName(tag)
        if not name.namespace:
            return name.localname
        if name.namespace not in self._known:
            prefix = f"n{len(self.declared) + 1}"
            self._known[name.namespace] = prefix
            self.declared[prefix] = name.namespace
        return f"{self._known[name.namespace]}:{name.localname}"


def shape(element: Any, prefixes: Prefixes, depth: int = 0) -> Any:
    """A mapping of attributes and child elements, or the text of an element that has only text."""
    found: dict[str, Any] = {}
    for child in _children(element) if depth < DEEPEST else ():
        step, value = prefixes.step(child.tag), shape(child, prefixes, depth + 1)
        before = found.get(step)
        if isinstance(before, list):
            before.append(value)
        else:
            found[step] = value if before is None else [before, value]
    text = (element.text or "").strip()
    if found or not text:
        for name, value in list(element.attrib.items())[:MOST_ATTRIBUTES]:
            if not name.startswith(f"{{{_XSI}}}"):
                found[f"@{prefixes.step(name)}"] = value
    return found or text or None


def record_elements(root: Any, prefixes: Prefixes) -> list[tuple[str, list[Any]]]:
    """Lists of elements that could be records, as path below the root and elements, the longest first."""
    found: dict[str, list[Any]] = {}
    for steps, element in _descend(root, (), prefixes):
        groups: dict[str, list[Any]] = {}
        for child in _children(element):
            if len(child) or child.attrib:
                groups.setdefault(prefixes.step(child.tag), []).append(child)
        for step, children in groups.items():
            found.setdefault("/".join((*steps, step)), []).extend(children)
    return sorted(found.items(), key=lambda one: (-len(one[1]), one[0].count("/")))


def _descend(element: Any, steps: tuple[str, ...], prefixes: Prefixes) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield steps, element
    if len(steps) < 4:
        children = list(_children(element))
        tags = [child.tag for child in children]
        for child in children:
            if tags.count(child.tag) == 1 and len(child):  # what repeats is a record, not what holds them
                yield from _descend(child, (*steps, prefixes.step(child.tag)), prefixes)


def _children(element: Any) -> Iterator[Any]:
    return (child for child in element if isinstance(child.tag, str))
