"""What an operation would cost, estimated from its document, its variables and the number of platforms alone.

A document is compiled once into the few of its fields that cost something; an estimate then walks those.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_list_type,
    value_from_ast_untyped,
)

from gateway.errors import LimitExceeded
from gateway.graph.budget import UNITS
from gateway.graph.cost_plans import MOST_REMEMBERED, CostPlan, Estimate, PricedField, Value, Variables
from gateway.graph.costs import PRICES, Price, default_size
from gateway.graph.prepared import Prepared, Reading

FIELD_WEIGHT = 4
"""What a field of a plan takes, in characters of a document: about as much as four of them do when they are parsed.

An estimate that a plan remembers takes as much as one.
"""
_FREE = Price()


@dataclass(frozen=True, slots=True)
class _Asked:
    """One occurrence of a field, and all conditions under which it is asked."""

    node: FieldNode
    conditions: tuple[Value, ...]


class _Compiler:
    """Compiles the operations of one document, which must be valid."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode | None) -> None:
        self._schema = schema
        self._fragments = {
            node.name.value: node
            for node in (document.definitions if document else ())
            if isinstance(node, FragmentDefinitionNode)
        }
        self._used = set[str]()

    def plan(self, operation: OperationDefinitionNode) -> CostPlan:
        root = self._schema.get_root_type(operation.operation)
        defaults = {
            one.variable.name.value: value_from_ast_untyped(one.default_value)
            for one in operation.variable_definitions or ()
            if one.default_value is not None
        }
        asked = [(operation.selection_set, ())]
        self._used.clear()
        roots = self._fields(root, asked, "") if root else ()
        return CostPlan(roots, defaults, sorted(self._used))

    def _fields(
        self,
        owner: GraphQLObjectType,
        sets: Sequence[tuple[SelectionSetNode, tuple[Value, ...]]],
        path: str,
        counted: Sequence[str] = (),
    ) -> tuple[PricedField, ...]:
        """The fields of an object that cost something, merged by their names in the answer as execution does.

        `counted` are those whose entries their parent's price speaks of.
        """
        grouped: dict[str, list[_Asked]] = {}
        for selections, conditions in sets:
            for one in self._collected(owner, selections, conditions):
                grouped.setdefault((one.node.alias or one.node.name).value, []).append(one)
        found = (self._field(owner, name, asked, path) for name, asked in grouped.items())
        return tuple(one for one in found if one and (one.below or one.price is not _FREE or one.name in counted))

    def _field(self, owner: GraphQLObjectType, name: str, asked: Sequence[_Asked], path: str) -> PricedField | None:
        node = asked[0].node
        field = owner.fields.get(node.name.value)
        if field is None:  # introspection
            return None
        path = f"{path}.{name}" if path else name
        price = PRICES.get(f"{owner.name}.{node.name.value}", _FREE)
        sets = [(one.node.selection_set, one.conditions) for one in asked if one.node.selection_set]
        counted = price.sized if price.width else ()
        below = [self._fields(each, sets, path, counted) for each in self._possible(get_named_type(field.type))]
        kept = tuple(fields for fields in below if fields)
        argument = field.args.get(price.slicing or "")
        listed = argument is not None and is_list_type(get_nullable_type(argument.type))
        arguments, size = self._arguments(node, price), default_size(field, price)
        return PricedField(path, node.name.value, price, size, arguments, _ways(asked), kept, listed)

    def _possible(self, named: GraphQLNamedType) -> Sequence[GraphQLObjectType]:
        if is_abstract_type(named):
            return self._schema.get_possible_types(named)
        return [named] if isinstance(named, GraphQLObjectType) else []

    def _collected(
        self, owner: GraphQLObjectType, selections: SelectionSetNode, outer: tuple[Value, ...]
    ) -> Iterator[_Asked]:
        for node in selections.selections:
            conditions = (*outer, *self._conditions(node))
            if isinstance(node, FieldNode):
                yield _Asked(node, conditions)
            elif isinstance(node, InlineFragmentNode):
                if node.type_condition is None or self._applies(node.type_condition.name.value, owner):
                    yield from self._collected(owner, node.selection_set, conditions)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value]
                if self._applies(fragment.type_condition.name.value, owner):
                    yield from self._collected(owner, fragment.selection_set, conditions)

    def _applies(self, condition: str, owner: GraphQLObjectType) -> bool:
        named = self._schema.type_map[condition]
        return named is owner or (is_abstract_type(named) and self._schema.is_sub_type(named, owner))

    def _arguments(self, node: FieldNode, price: Price) -> dict[str, Value]:
        """The arguments that the price speaks of."""
        wanted = {price.slicing, price.width, *(("mode", "filter") if price.live else ())}
        return {one.name.value: self._value(one.value) for one in node.arguments or () if one.name.value in wanted}

    def _conditions(self, node: SelectionNode) -> Iterator[Value]:
        """The conditions of `@skip` and `@include`; what is no boolean is refused later and counts as asked here."""
        for directive in node.directives or ():
            for argument in directive.arguments or ():
                if argument.name.value == "if" and directive.name.value in ("skip", "include"):
                    yield _unless(self._value(argument.value), unwanted=directive.name.value == "skip")

    def _value(self, node: ValueNode) -> Value:
        self._used.update(_names(node))
        return _value(node)


def _ways(asked: Sequence[_Asked]) -> tuple[tuple[Value, ...], ...]:
    ways = tuple(one.conditions for one in asked)
    return ways if all(ways) else ()


def _unless(value: Value, *, unwanted: bool) -> Value:
    return lambda variables: value(variables) is not unwanted


def _value(node: ValueNode) -> Value:
    if isinstance(node, VariableNode):
        name = node.name.value
        return lambda variables: variables.get(name)
    if _names(node):
        return lambda variables: value_from_ast_untyped(node, dict(variables))
    constant = value_from_ast_untyped(node)
    return lambda _variables: constant


def _names(node: ValueNode) -> set[str]:
    """The variables in a value."""
    if isinstance(node, ListValueNode):
        return {name for one in node.values for name in _names(one)}
    if isinstance(node, ObjectValueNode):
        return {name for one in node.fields for name in _names(one.value)}
    return {node.name.value} if isinstance(node, VariableNode) else set()


class Pricing:
    """Estimates operations of one schema; the plan of an operation goes with its document. Safe to share."""

    def __init__(self, schema: GraphQLSchema, limit: int = UNITS) -> None:
        self.limit = limit
        self._schema = schema
        self._plans = Reading(self._plan, lambda plan: plan.fields * FIELD_WEIGHT + MOST_REMEMBERED)

    def estimate(
        self, prepared: Prepared, operation_name: str | None, variables: Variables | None, platforms: int
    ) -> Estimate | None:
        """What one operation of a document may cost where so many platforms could be asked; None where it is not valid.

        Raises LimitExceeded for one that is nested too deeply to be estimated.
        """
        plan = self._plans.of(prepared, operation_name)
        return None if plan is None else plan.estimate(variables, platforms)

    def _plan(self, prepared: Prepared, operation: OperationDefinitionNode) -> CostPlan:
        try:
            return _Compiler(self._schema, prepared.document).plan(operation)
        except RecursionError:
            raise LimitExceeded("the operation is nested too deeply to be estimated") from None
