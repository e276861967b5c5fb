"""GraphQL as 四川云教 speaks it: its schema, its limits, and errors with a code in their extensions."""

import functools
import importlib.resources
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLFieldResolver,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
    build_schema,
    execute_sync,
    parse,
    specified_rules,
    validate,
)

from connectors.simulators.catalog import Native

MAX_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Question:
    """What a client posted."""

    query: str
    variables: Mapping[str, Any]
    operation: str | None


def refused(message: str, code: str, **more: Any) -> GraphQLError:
    """An error as the platform writes it; raised in a resolver it gets its path."""
    return GraphQLError(message, extensions={"code": code, **more})


@functools.cache
def schema() -> GraphQLSchema:
    """The schema of the platform, from `schema.graphql`."""
    return build_schema(importlib.resources.files(__package__).joinpath("schema.graphql").read_text("utf-8"))


def question(body: Any) -> Question:
    """The question in a decoded body; ValueError says what is wrong with it."""
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        raise ValueError("the body must be an object with the text of a query")
    variables, operation = body.get("variables"), body.get("operationName")
    if variables is not None and not isinstance(variables, dict):
        raise ValueError("variables must be an object")
    if operation is not None and not isinstance(operation, str):
        raise ValueError("operationName must be text")
    return Question(body["query"], variables or {}, operation)


def answer(asked: Question, resolver: GraphQLFieldResolver) -> Native:
    """`{"data": …, "errors": […]}`: without data where the question is at fault, with both where only a part failed."""
    document, faults = _prepared(asked.query)
    if document is None:
        return {"errors": [dict(fault.formatted) for fault in faults]}
    result = execute_sync(
        schema(),
        document,
        variable_values=dict(asked.variables),
        operation_name=asked.operation,
        field_resolver=resolver,
    )
    errors = [dict(_coded(error).formatted) for error in result.errors or ()]
    if result.data is None and all("path" not in error for error in errors):
        return {"errors": errors}
    return {"data": result.data, **({"errors": errors} if errors else {})}


@functools.lru_cache(maxsize=128)
def _prepared(query: str) -> tuple[DocumentNode | None, Sequence[GraphQLError]]:
    try:
        document = parse(query)
    except GraphQLError as wrong:
        return None, [_with_code(wrong, "GRAPHQL_PARSE_FAILED")]
    if wrongs := validate(schema(), document, [*specified_rules, _Depth]):
        return None, [_with_code(wrong, "GRAPHQL_VALIDATION_FAILED") for wrong in wrongs]
    return document, ()


def _coded(error: GraphQLError) -> GraphQLError:
    """Errors of resolvers bring their code; the others are variables that do not fit or values of the wrong type."""
    return _with_code(error, "BAD_USER_INPUT" if error.path is None else "INTERNAL_SERVER_ERROR")


def _with_code(error: GraphQLError, code: str) -> GraphQLError:
    error.extensions = {"code": code, **(error.extensions or {})}
    return error


class _Depth(ValidationRule):
    """Refuses operations nested deeper than `MAX_DEPTH`; introspection may be deep."""

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        """Measure an operation."""
        if _depth(self.context, node.selection_set, frozenset()) > MAX_DEPTH:
            self.report_error(GraphQLError(f"查询嵌套超过 {MAX_DEPTH} 层", node, extensions={"code": "QUERY_TOO_DEEP"}))


def _depth(context: ValidationContext, selected: SelectionSetNode | None, within: frozenset[str]) -> int:
    """Levels of fields below a selection; a fragment that contains itself is left to its own rule."""
    deepest = 0
    for node in selected.selections if selected else ():
        if isinstance(node, FieldNode) and not node.name.value.startswith("__"):
            deepest = max(deepest, 1 + _depth(context, node.selection_set, within))
        elif isinstance(node, InlineFragmentNode):
            deepest = max(deepest, _depth(context, node.selection_set, within))
        elif isinstance(node, FragmentSpreadNode) and (name := node.name.value) not in within:
            fragment = context.get_fragment(name)
            deepest = max(deepest, _depth(context, fragment.selection_set if fragment else None, within | {name}))
    return deepest
