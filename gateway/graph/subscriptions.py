"""Subscriptions carried out: one response body for each event, until the source, the client or the process ends."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, TypeVar, cast

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    located_error,
)
from graphql.execution import Executor as GraphQLExecutor
from graphql.execution import create_source_event_stream, execute_subscription_event
from strawberry.execution import optimized_is_awaitable

from gateway.errors import NotReady
from gateway.graph.context import GraphContext
from gateway.graph.errors import formatted_errors
from gateway.graph.execution import Bodies, Executes, let_go
from gateway.graph.fields import BRIEF
from gateway.graph.prepared import Prepared

Body = dict[str, Any]
T = TypeVar("T")
Execution = GraphQLExecutor[Any]
_IS_AWAITABLE: Any = optimized_is_awaitable
"""Any, because Strawberry's declares a plain bool where graphql-core asks for a type guard."""
GRACE_SECONDS = 4.0
"""For which a brief subscription goes on when it is told to stop: less than the server is kept waiting for streams."""
_log = logging.getLogger("shanhai.graph")


class Interrupted(Exception):  # it is an end more than an error
    """A stream was cut before its source had ended: who goes on watching has to subscribe again."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What cuts a subscription: an event (else the end of the process), and seconds, or None where these do not matter.

    `grace` is for how many seconds a brief one goes on after the event.
    """

    stopping: asyncio.Event | None = None
    seconds: float | None = None
    grace: float = GRACE_SECONDS


class _Refused(Exception):
    """Errors that speak against a subscription before it has begun."""

    def __init__(self, errors: tuple[GraphQLError, ...] | list[GraphQLError]) -> None:
        super().__init__()
        self.errors = errors


def subscribe(
    executor: Executes,
    text: str,
    context: GraphContext,
    variables: dict[str, Any] | None = None,
    operation_name: str | None = None,
    bounds: Bounds | None = None,
) -> Bodies:
    """Response bodies of the subscription in a document, which is judged as that of any operation.

    A body without `data` is the last one: what was asked is refused, or the source of events has failed. Each event is
    executed by itself, with loaders, a budget and an audit of its own. Raises Interrupted, and nothing else, where it
    is cut before its source ends. Close it (`aclosing`) to end the source at once.
    """
    prepared = executor.prepare(text)
    bodies = _bodies(executor, prepared, context, variables, operation_name, bounds or Bounds())
    return executor.watched(bodies, prepared, context, operation_name)


async def _bodies(
    executor: Executes,
    prepared: Prepared,
    context: GraphContext,
    variables: dict[str, Any] | None,
    operation_name: str | None,
    bounds: Bounds,
) -> Bodies:
    confidential = OperationType.MUTATION.value in prepared.text  # actions of the same document may carry credentials
    execution = None
    try:
        execution, events = await _begun(executor, prepared, context, variables, operation_name)
        stopping = bounds.stopping or context.services.stopping
        grace = bounds.grace if _is_brief(executor, prepared, operation_name) else 0
        async with aclosing(until(stopping, events, bounds.seconds, grace)) as payloads:
            async for payload in payloads:
                shown = context.renewed()
                result = await _executed(execution, payload, shown)
                await _settled(shown)
                yield _body(result, context.request_id, confidential=confidential)
    except Interrupted:
        raise
    except _Refused as refused:
        yield {"errors": formatted_errors(refused.errors, context.request_id, confidential=confidential)}
    except Exception as failure:  # whatever a source stumbles over is told like the failure of a field
        error = _located(failure, prepared, operation_name)
        yield {"errors": formatted_errors([error], context.request_id, confidential=confidential)}
    finally:
        if execution is not None:
            let_go(execution)


async def _begun(
    executor: Executes,
    prepared: Prepared,
    context: GraphContext,
    variables: dict[str, Any] | None,
    operation_name: str | None,
) -> tuple[Execution, AsyncIterable[object]]:
    """What executes each event, and the events; raises _Refused."""
    if prepared.errors or prepared.document is None:
        raise _Refused(prepared.errors)
    execution = executor.schema.execution_context_class.build(
        executor.schema._schema,
        prepared.document,
        context_value=context,
        raw_variable_values=variables,
        operation_name=operation_name,
        is_awaitable=_IS_AWAITABLE,
        hide_suggestions=not executor.introspection,
    )
    if isinstance(execution, list):
        raise _Refused(execution)
    source = create_source_event_stream(execution)
    events = await source if isawaitable(source) else source
    if isinstance(events, ExecutionResult):
        raise _Refused(events.errors or [])
    return execution, events


async def _executed(execution: Execution, payload: object, context: GraphContext) -> ExecutionResult:
    event = execution.build_per_event_executor(payload)
    event.context_value = context
    try:
        result = execute_subscription_event(event)
        return await result if isawaitable(result) else result
    finally:
        let_go(event)


async def _settled(context: GraphContext) -> None:
    try:
        await context.settle()
    except Exception as error:  # whatever keeps the log from being written, personal data is not shown without it
        _log.exception("request %s: the audit log cannot be written", context.request_id)
        raise NotReady("the audit log cannot be written, so the event is withheld") from error


async def until(
    stopping: asyncio.Event, source: AsyncIterable[T], seconds: float | None = None, grace: float = 0
) -> AsyncGenerator[T, None]:
    """Items of a source; raises Interrupted where it is cut before it ends.

    It is cut when its time is over, and when the event is set, after so many seconds of grace; neither waits for the
    next item.
    """
    items = cast("AsyncGenerator[T, None]", aiter(source))
    stop = asyncio.ensure_future(_stopped(stopping, seconds, grace))
    async with aclosing(items):
        try:
            while not stop.done() and (grace or not stopping.is_set()):
                found = await _next_unless(stop, items)
                if not found:
                    return
                yield found[0]
            raise Interrupted
        finally:
            stop.cancel()


async def _stopped(stopping: asyncio.Event, seconds: float | None, grace: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stopping.wait()
            await asyncio.sleep(grace)


async def _next_unless(stop: asyncio.Future[Any], items: AsyncIterator[T]) -> tuple[T, ...]:
    """The next item, or nothing where there is none; raises Interrupted where `stop` is done before it comes."""
    following = asyncio.ensure_future(_next(items))
    try:
        await asyncio.wait({following, stop}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if not following.done():
            following.cancel()
            await asyncio.wait({following})
        elif not following.cancelled():
            following.exception()  # where the wait itself is given up, nobody else will look at it
    if following.cancelled():
        raise Interrupted
    return following.result()


async def _next(items: AsyncIterator[T]) -> tuple[T, ...]:
    """The next item, or nothing at the end; a task may not raise StopAsyncIteration."""
    async for item in items:
        return (item,)
    return ()


def _body(result: ExecutionResult, trace_id: str, *, confidential: bool) -> Body:
    body: Body = {"data": result.data}
    if result.errors:
        body["errors"] = formatted_errors(result.errors, trace_id, confidential=confidential)
    return body


def _located(failure: Exception, prepared: Prepared, operation_name: str | None) -> GraphQLError:
    """The failure, placed at the one root field that a subscription has."""
    operation = prepared.operation(operation_name)
    if prepared.document is None or operation is None:
        return located_error(failure)
    field = _root_field(operation, prepared.document)
    return located_error(failure, [field], [(field.alias or field.name).value])


def _is_brief(executor: Executes, prepared: Prepared, operation_name: str | None) -> bool:
    """Whether a valid subscription ends by itself within seconds."""
    operation, root = prepared.operation(operation_name), executor.schema._schema.subscription_type
    if prepared.document is None or operation is None or root is None:
        return False
    field = root.fields[_root_field(operation, prepared.document).name.value]
    return bool(field.extensions["strawberry-definition"].metadata.get(BRIEF))


def _root_field(operation: OperationDefinitionNode, document: DocumentNode) -> FieldNode:
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    selection: SelectionNode | FragmentDefinitionNode | OperationDefinitionNode = operation
    while not isinstance(selection, FieldNode):
        if isinstance(selection, FragmentSpreadNode):
            selection = fragments[selection.name.value]
        elif isinstance(selection, InlineFragmentNode | FragmentDefinitionNode | OperationDefinitionNode):
            selection = selection.selection_set.selections[0]
    return selection
