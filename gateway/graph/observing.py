"""Operations counted, traced and, where they were slow, written down: never with their variables."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import FieldNode, OperationDefinitionNode
from opentelemetry.trace import Span, Tracer

from gateway.graph.context import GraphContext
from gateway.graph.execution import MAX_CACHED_TEXT, Answer, Bodies, Executes
from gateway.graph.prepared import Prepared, Reading, document_hash
from gateway.graph.subscriptions import Interrupted
from gateway.graph.wrapping import Wrapping
from gateway.telemetry import ANONYMOUS, OperationLabels, Telemetry

NameOf = Callable[[str, str | None], str | None]
"""The name under which the operation of a document is counted: one of few that are known before; else None."""
LONGEST_NAME = 100
"""Characters of an operation's name in the slow log."""
OK, CANCELLED, INTERRUPTED, INTERNAL = "OK", "CANCELLED", "INTERRUPTED", "INTERNAL"
_slow_log = logging.getLogger("shanhai.slow")


@dataclass(frozen=True, slots=True)
class _Operation:
    kind: str
    area: str
    name: str = ANONYMOUS
    title: str | None = None
    """How its client calls it, for the log."""


_INVALID, _LARGE = _Operation("invalid", "invalid"), _Operation("large", "large")
"""Documents that are refused, and those too long to be remembered, which are not read twice."""


class ObservedExecutor(Wrapping):
    """Stands before an executor and watches it.

    Operations that take `slow_seconds` or longer are logged; 0 logs none.
    """

    def __init__(
        self,
        inner: Executes,
        telemetry: Telemetry,
        slow_seconds: float = 0,
        name_of: NameOf = lambda _text, _operation_name: None,
    ) -> None:
        super().__init__(inner)
        self._telemetry = telemetry
        self._slow_seconds, self._name_of = slow_seconds, name_of
        self._operations = Reading(self._operation)

    async def execute(
        self,
        document: str | Prepared,
        context: GraphContext,
        variables: dict[str, Any] | None = None,
        operation_name: str | None = None,
    ) -> Answer:
        """Execute one operation; never raises for anything that a client sent."""
        prepared = self.prepare(document) if isinstance(document, str) else document
        operation, started = self._read(prepared, operation_name), time.perf_counter()
        outcome, cache = INTERNAL, "off"
        try:
            tracer = self._telemetry.tracer
            if tracer is None:
                answer = await self._inner.execute(prepared, context, variables, operation_name)
            else:
                answer = await self._traced(tracer, operation, (prepared, context, variables, operation_name))
            outcome, cache = outcome_of(answer), answer.headers.get("X-Cache", cache)
        except asyncio.CancelledError:
            outcome = CANCELLED
            raise
        finally:
            seconds = time.perf_counter() - started
            labels = OperationLabels(operation.kind, operation.area, outcome, cache, operation.name)
            self._telemetry.observe_operation(labels, seconds, context.budget.spent)
            if 0 < self._slow_seconds <= seconds:
                self._write_down(operation, labels, prepared.text, context, seconds)
        return answer

    async def _traced(
        self,
        tracer: Tracer,
        operation: _Operation,
        asked: tuple[Prepared, GraphContext, dict[str, Any] | None, str | None],
    ) -> Answer:
        """Execute within a span."""
        name, attributes = _described(operation, *asked[:2])
        with tracer.start_as_current_span(name, attributes=attributes) as span:
            answer = await self._inner.execute(*asked)
            span.set_attribute("shanhai.outcome", outcome_of(answer))
            span.set_attribute("shanhai.units", asked[1].budget.spent)
            span.set_attribute("shanhai.cache", answer.headers.get("X-Cache", "off"))
            return answer

    async def watched(
        self, bodies: Bodies, prepared: Prepared, context: GraphContext, operation_name: str | None
    ) -> Bodies:
        """The same bodies, counted as one operation and within one span, both of which end with the stream.

        The span is nobody's parent: a generator may be closed by another task than the one it was begun in. A stream
        lasts as long as its source, so none is slow.
        """
        operation, started = self._read(prepared, operation_name), time.perf_counter()
        outcome, events, span = CANCELLED, 0, self._span(operation, prepared, context)
        try:
            async with aclosing(bodies):
                async for body in bodies:
                    if "data" in body:
                        events += 1
                        self._telemetry.observe_event(operation.area)
                    else:
                        outcome = _code_of(body["errors"])
                    yield body
            outcome = OK if outcome == CANCELLED else outcome
        except Exception as end:
            outcome = INTERRUPTED if isinstance(end, Interrupted) else INTERNAL
            raise
        finally:
            labels = OperationLabels(operation.kind, operation.area, outcome, name=operation.name)
            self._telemetry.observe_stream(labels, time.perf_counter() - started)
            if span is not None:
                span.set_attribute("shanhai.outcome", outcome)
                span.set_attribute("shanhai.units", context.budget.spent)
                span.set_attribute("shanhai.events", events)
                span.end()

    def _span(self, operation: _Operation, prepared: Prepared, context: GraphContext) -> Span | None:
        tracer = self._telemetry.tracer
        if tracer is None:
            return None
        name, attributes = _described(operation, prepared, context)
        return tracer.start_span(name, attributes=attributes)

    def _write_down(
        self, operation: _Operation, labels: OperationLabels, text: str, context: GraphContext, seconds: float
    ) -> None:
        self._telemetry.observe_slow(labels.area)
        line = {
            "event": "slow operation",
            "traceId": context.request_id,
            "operation": operation.title,
            "kind": labels.kind,
            "area": labels.area,
            "document": document_hash(text),
            "milliseconds": round(seconds * 1_000, 1),
            "units": context.budget.spent,
            "outcome": labels.outcome,
            "cache": labels.cache,
        }
        _slow_log.warning("%s", orjson.dumps(line).decode())

    def _read(self, prepared: Prepared, operation_name: str | None) -> _Operation:
        if len(prepared.text) > MAX_CACHED_TEXT:
            return _LARGE
        return self._operations.of(prepared, operation_name) or _INVALID

    def _operation(self, prepared: Prepared, found: OperationDefinitionNode) -> _Operation:
        title = found.name.value if found.name else None
        name = self._name_of(prepared.text, title) or ANONYMOUS
        return _Operation(found.operation.value, area_of(found), name, title and title[:LONGEST_NAME])


def _described(operation: _Operation, prepared: Prepared, context: GraphContext) -> tuple[str, dict[str, str]]:
    """Name and attributes of a span: the document's hash, and none of what the client filled in."""
    attributes = {
        "graphql.operation.type": operation.kind,
        "graphql.operation.name": operation.name,
        "graphql.document.hash": document_hash(prepared.text),
        "shanhai.request.id": context.request_id,
    }
    return f"{operation.kind} {operation.area}", attributes


def area_of(operation: OperationDefinitionNode) -> str:
    """The one root field of a valid operation, `introspection`, or `several` where there are more or fragments."""
    selections = operation.selection_set.selections
    names = {node.name.value if isinstance(node, FieldNode) else "" for node in selections}
    if all(name.startswith("__") for name in names):
        return "introspection"
    (name, *others) = names
    return "several" if others or not name else name


def outcome_of(answer: Answer) -> str:
    """OK, or the code of the first error; all codes are ours."""
    return _code_of(answer.errors) if answer.errors else OK


def _code_of(errors: list[dict[str, Any]]) -> str:
    return str(errors[0].get("extensions", {}).get("code", INTERNAL))
