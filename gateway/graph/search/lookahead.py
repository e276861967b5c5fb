"""What an operation will ask of a page of results, so that the catalog can count it on the way."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    EnumValueNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLResolveInfo,
    InlineFragmentNode,
    ListValueNode,
    SelectionSetNode,
    VariableNode,
)

from gateway.catalog.query import FacetDimension
from gateway.graph.context import Info

_DIMENSIONS: Mapping[str, FacetDimension] = FacetDimension.__members__


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whether `sources` may be asked for, and dimensions that facets are likely asked for."""

    sources: bool
    facets: tuple[FacetDimension, ...]


def wanted_of_page(info: Info) -> Wanted:
    """What stands below a search in the document, skipped or not: `sources` is never missed, facets may be."""
    raw = info._raw_info  # Strawberry's own view of the selections converts all of them, to the last leaf
    sources, facets = False, dict[FacetDimension, None]()
    for node in raw.field_nodes:
        for field in _fields(node.selection_set, raw, set()):
            if field.name.value == "sources":
                sources = True
            elif field.name.value == "facets":
                facets.update(dict.fromkeys(_dimensions(field, info.variable_values)))
    return Wanted(sources, tuple(facets))


def _fields(selections: SelectionSetNode | None, raw: GraphQLResolveInfo[Any], spread: set[str]) -> Iterator[FieldNode]:
    """Fields of one level, through fragments."""
    for node in selections.selections if selections else ():
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            yield from _fields(node.selection_set, raw, spread)
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
            spread.add(node.name.value)
            yield from _fields(raw.fragments[node.name.value].selection_set, raw, spread)


def _dimensions(field: FieldNode, variables: Mapping[str, Any]) -> Iterator[FacetDimension]:
    """The dimensions an argument names; what is no dimension is left to the field, which refuses it."""
    for argument in field.arguments or ():
        if argument.name.value == "dimensions":
            for value in _named(argument.value, variables):
                if isinstance(value, str) and value in _DIMENSIONS:
                    yield _DIMENSIONS[value]


def _named(node: Any, variables: Mapping[str, Any]) -> Iterable[Any]:
    if isinstance(node, VariableNode):
        value = variables.get(node.name.value)
        return value if isinstance(value, list) else (value,)
    if isinstance(node, ListValueNode):
        return [value for item in node.values for value in _named(item, variables)]
    return (node.value,) if isinstance(node, EnumValueNode) else ()
