"""The plans of one document, made once it is asked for again."""

from typing import Any

import strawberry
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    visit,
)
from graphql.language import DirectiveNode
from graphql.type.directives import GraphQLIncludeDirective, GraphQLSkipDirective
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from gateway.graph.compiled.planning import Planner, TooLarge
from gateway.graph.compiled.shapes import Projection
from gateway.graph.compiled.writing import Writer

MOST_CHOICES = 8
"""Combinations of `@include` and `@skip` that are compiled for one operation; others are executed by graphql-core."""
KNOWN_DIRECTIVES = {GraphQLIncludeDirective.name, GraphQLSkipDirective.name}


class Plans:
    """Finds or makes the plan for an operation of one document; safe to share between requests of one event loop."""

    def __init__(self, schema: strawberry.Schema, document: DocumentNode, *, warmup: int = 1) -> None:
        self._schema = schema
        self._document = document
        self._warmup = warmup
        self._conditions: tuple[str, ...] | None = None
        self._asked: dict[tuple[Any, ...], int] = {}
        self._made: dict[tuple[Any, ...], Projection | None] = {}

    def find(self, run: StrawberryGraphQLCoreExecutionContext) -> Projection | None:
        """The code for an execution; None where graphql-core is to carry it out."""
        if run.operation.operation is OperationType.MUTATION or run.operation.directives:
            return None
        if self._conditions is None:
            self._conditions = conditions(self._document)
        values = run.variable_values.coerced
        choice = (id(run.operation), *(values.get(name) for name in self._conditions))
        if choice in self._made:
            return self._made[choice]
        return self._make(choice, run) if self._is_due(choice) else None

    def _is_due(self, choice: tuple[Any, ...]) -> bool:
        """Whether this choice has been asked for often enough, and there is room for its code."""
        if any(value is not True and value is not False for value in choice[1:]):
            return False
        if choice not in self._asked and len(self._asked) >= MOST_CHOICES:
            return False
        self._asked[choice] = self._asked.get(choice, 0) + 1
        return self._asked[choice] > self._warmup

    def _make(self, choice: tuple[Any, ...], run: StrawberryGraphQLCoreExecutionContext) -> Projection | None:
        self._made[choice] = None
        if is_plain(self._document):
            planner = Planner(self._schema, run)
            try:
                planner.plan()
            except TooLarge:
                return None
            self._made[choice] = Writer().compiled(planner.objects)
        return self._made[choice]


class _Conditions(Visitor):
    """Collects the variables by which directives decide."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_path: object) -> None:
        self.names.update(one.value.name.value for one in node.arguments or () if isinstance(one.value, VariableNode))


def conditions(document: DocumentNode) -> tuple[str, ...]:
    """Names of the variables by which a document's directives decide."""
    found = _Conditions()
    visit(document, found)
    return tuple(sorted(found.names))


class _Plain(Visitor):
    """Looks for what is left to graphql-core."""

    def __init__(self) -> None:
        super().__init__()
        self.plain = True

    def enter_directive(self, node: DirectiveNode, *_path: object) -> None:
        self.plain = self.plain and node.name.value in KNOWN_DIRECTIVES

    def enter_field(self, node: FieldNode, *_path: object) -> None:
        self.plain = self.plain and node.name.value not in ("__schema", "__type")

    def enter_fragment_definition(self, node: FragmentDefinitionNode, *_path: object) -> None:
        self.plain = self.plain and not node.variable_definitions

    def enter_operation_definition(self, node: OperationDefinitionNode, *_path: object) -> None:
        self.plain = self.plain and not any(one.directives for one in node.variable_definitions or ())


def is_plain(document: DocumentNode) -> bool:
    """Whether a document has nothing of introspection, fragment variables and directives other than two."""
    found = _Plain()
    visit(document, found)
    return found.plain
