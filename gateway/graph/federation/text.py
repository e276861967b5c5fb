"""The schema as text: without a word of federation for clients, and with its keys for routers."""

import functools
from collections.abc import Iterator

import strawberry
from graphql import (
    DefinitionNode,
    DirectiveNode,
    FieldDefinitionNode,
    Node,
    SchemaDefinitionNode,
    Visitor,
    parse,
    visit,
)

DIRECTIVES = frozenset({"key", "link", "shareable"})
"""Directives of Apollo Federation that the schema uses; routers know them, clients need not."""
FIELDS = frozenset({"_entities", "_service"})
TYPES = frozenset({"_Any", "_Entity", "_Service"})


@functools.lru_cache(maxsize=4)
def client_text(schema: strawberry.Schema) -> str:
    """The schema without anything of federation."""
    return _text(schema, directives=False)


@functools.lru_cache(maxsize=4)
def subgraph_text(schema: strawberry.Schema) -> str:
    """The schema with federation's directives; the fields by which routers ask for it and its entities are implied."""
    return _text(schema, directives=True)


def _text(schema: strawberry.Schema, *, directives: bool) -> str:
    printed = schema.as_str()
    kept = [
        _cut(printed, each, directives=directives)
        for each in parse(printed).definitions
        if not _is_federations(each, directives=directives)
    ]
    return "\n\n".join(kept) + "\n"


def _is_federations(definition: DefinitionNode, *, directives: bool) -> bool:
    """Whether a definition is there for federation alone; without directives the names of the roots go unsaid."""
    if isinstance(definition, SchemaDefinitionNode):
        return not directives
    name = getattr(definition, "name", None)
    return name is not None and name.value in TYPES


class _Federations(Visitor):
    """Collects where federation's fields and directives stand within a definition."""

    def __init__(self, *, directives: bool) -> None:
        super().__init__()
        self._directives = directives
        self.spans: list[tuple[int, int]] = []

    def enter_field_definition(self, node: FieldDefinitionNode, *_path: object) -> None:
        if node.name.value in FIELDS:
            self._note(node)

    def enter_directive(self, node: DirectiveNode, *_path: object) -> None:
        if not self._directives and node.name.value in DIRECTIVES:
            self._note(node)

    def _note(self, node: Node) -> None:
        if node.loc is not None:
            self.spans.append((node.loc.start, node.loc.end))


def _cut(text: str, definition: DefinitionNode, *, directives: bool) -> str:
    """The text of a definition without those, and without the space before them."""
    if definition.loc is None:
        return ""
    found = _Federations(directives=directives)
    visit(definition, found)
    return "".join(_between(text, definition.loc.start, definition.loc.end, sorted(found.spans)))


def _between(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> Iterator[str]:
    for first, last in spans:
        yield text[start:first].rstrip()
        start = last
    yield text[start:end]
