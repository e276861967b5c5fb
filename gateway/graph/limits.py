"""How large a document may be: tokens, depth, aliases, fields and fragments, counted before it is validated."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Visitor,
    visit,
)

from gateway.graph.errors import RequestError, limit_error


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may hold. Fields and aliases count as often as their fragments are spread."""

    tokens: int = 4_000
    depth: int = 15
    aliases: int = 50
    fields: int = 500
    fragments: int = 100
    namesakes: int = 100
    """Fields with one response name; validation compares every pair of them."""


@dataclass(frozen=True, slots=True)
class _Size:
    depth: int = 0
    aliases: int = 0
    fields: int = 0

    def beside(self, other: "_Size") -> "_Size":
        return _Size(max(self.depth, other.depth), self.aliases + other.aliases, self.fields + other.fields)


class _Meter:
    """Measures selection sets, each fragment once; a fragment that spreads itself is left to validation."""

    def __init__(self, document: DocumentNode) -> None:
        self.fragments = {
            node.name.value: node.selection_set
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._known: dict[str, _Size] = {}

    def size(self, selections: SelectionSetNode | None) -> _Size:
        total = _Size()
        for part in self._parts(selections):
            total = total.beside(part)
        return total

    def _parts(self, selections: SelectionSetNode | None) -> Iterator[_Size]:
        for node in selections.selections if selections else ():
            if isinstance(node, FieldNode):
                inner = self.size(node.selection_set)
                yield _Size(inner.depth + 1, inner.aliases + (node.alias is not None), inner.fields + 1)
            elif isinstance(node, InlineFragmentNode):
                yield self.size(node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                yield self._fragment(node.name.value)

    def _fragment(self, name: str) -> _Size:
        if name not in self._known:
            self._known[name] = _Size()
            self._known[name] = self.size(self.fragments.get(name))
        return self._known[name]


class _Namesakes(Visitor):
    """Counts the fields that have the same name in an answer."""

    def __init__(self) -> None:
        super().__init__()
        self.found: Counter[str] = Counter()

    def enter_field(self, node: FieldNode, *_path: object) -> None:
        self.found[(node.alias or node.name).value] += 1


def exceeded(document: DocumentNode, limits: Limits) -> RequestError | None:
    """The first limit that a document exceeds: all its operations together, or one fragment by itself."""
    meter = _Meter(document)
    operations = _Size()
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            operations = operations.beside(meter.size(node.selection_set))
    for size in (operations, *(meter.size(selections) for selections in meter.fragments.values())):
        for name, found, allowed in (
            ("fragments", len(meter.fragments), limits.fragments),
            ("levels of fields", size.depth, limits.depth),
            ("aliases", size.aliases, limits.aliases),
            ("fields", size.fields, limits.fields),
        ):
            if found > allowed:
                return limit_error(f"a document may have {allowed} {name}, this one has {found}")
    namesakes = _Namesakes()
    visit(document, namesakes)
    for name, found in namesakes.found.most_common(1):
        if found > limits.namesakes:
            return limit_error(
                f"a document may name a field {limits.namesakes} times, this one names {name} {found} times"
            )
    return None
