"""Scalars and enums whose completed value can be told from the class of a value alone."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, Flag
from typing import Any

from graphql import GraphQLLeafType, is_specified_scalar_type
from graphql.type.scalars import GRAPHQL_MAX_INT, GRAPHQL_MIN_INT
from strawberry.schema.schema_converter import CustomGraphQLEnumType, GraphQLCoreConverter
from strawberry.types.scalar import ScalarDefinition


@dataclass(frozen=True, slots=True)
class Leaf:
    """Code for an ordinary value: a test, and the completed value where it holds; `{v}` is the value's name."""

    test: str
    value: str
    names: dict[str, Any]
    """What the code needs by these names."""
    may_raise: bool = False


_FINITE = math.isfinite
BUILT_IN = {
    "String": Leaf("{v}.__class__ is str", "{v}", {}),
    "ID": Leaf("{v}.__class__ is str", "{v}", {}),
    "Int": Leaf(f"{{v}}.__class__ is int and {GRAPHQL_MIN_INT} <= {{v}} <= {GRAPHQL_MAX_INT}", "{v}", {}),
    "Float": Leaf("{v}.__class__ is float and isfinite({v})", "{v}", {"isfinite": _FINITE}),
    "Boolean": Leaf("{v}.__class__ is bool", "{v}", {}),
}


def leaf_code(leaf: GraphQLLeafType) -> Leaf | None:
    """Code for the ordinary values of a type; None where there is no telling."""
    if is_specified_scalar_type(leaf):
        return BUILT_IN.get(leaf.name)
    if isinstance(leaf, CustomGraphQLEnumType):
        return _enum(leaf)
    definition = leaf.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    origin = definition.origin if isinstance(definition, ScalarDefinition) else None
    if not isinstance(origin, type):
        return None
    coerce: Callable[[Any], Any] = leaf.coerce_output_value
    names = {f"class_{leaf.name}": origin, f"coerce_{leaf.name}": coerce}
    # Custom scalars answer text; anything else is looked at by graphql-core.
    test = f"{{v}}.__class__ is class_{leaf.name} and ({{v}}_ := coerce_{leaf.name}({{v}})).__class__ is str"
    return Leaf(test, "{v}_", names, may_raise=True)


def _enum(leaf: CustomGraphQLEnumType) -> Leaf | None:
    members = leaf.wrapped_cls
    if not issubclass(members, Enum) or issubclass(members, Flag):
        return None
    named = {member.name: leaf.coerce_output_value(member) for member in members}
    names: dict[str, Any] = {f"class_{leaf.name}": members}
    if all(name == word for name, word in named.items()):
        return Leaf(f"{{v}}.__class__ is class_{leaf.name}", "{v}._name_", names)
    names[f"names_{leaf.name}"] = named
    return Leaf(f"{{v}}.__class__ is class_{leaf.name}", f"names_{leaf.name}[{{v}}._name_]", names)
