"""Documents parsed and validated once by their text, and operations executed under the graph's limits."""

from collections import OrderedDict
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any, Protocol, cast

import orjson
import strawberry
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    NoSchemaIntrospectionCustomRule,
    OperationType,
    parse,
    specified_rules,
    validate,
)
from graphql.pyutils import AwaitableOrValue
from strawberry.execution import optimized_is_awaitable

from gateway.graph.compiled import CompiledExecution, Plans, Room, can_compile
from gateway.graph.context import GraphContext
from gateway.graph.errors import (
    OPERATION_UNKNOWN,
    PARSE_FAILED,
    VALIDATION_FAILED,
    RequestError,
    formatted_errors,
    limit_error,
    request_error,
)
from gateway.graph.limits import Limits, exceeded
from gateway.graph.prepared import Prepared

MAX_CACHED_TEXT = 20_000
"""Characters of a document that is worth keeping."""
MOST_CACHED_TEXT = 1_000_000
"""Characters of all documents that are kept, and what is read of them weighed in characters: parsed they take up to
0.3 kB each, so 300 MB at most; plans are bounded by `Room`."""
Bodies = AsyncGenerator[dict[str, Any], None]
"""Response bodies of a stream, one for each event."""
_IS_AWAITABLE: Any = optimized_is_awaitable
"""Any, because Strawberry's declares a plain bool where graphql-core asks for a type guard."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response body, whether the operation was executed at all, and what the headers say of how it was answered."""

    body: dict[str, Any]
    executed: bool = True
    headers: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    """Of an answer that is given again; those of one name are equal."""

    @property
    def errors(self) -> list[dict[str, Any]]:
        """Errors of the body; empty where there are none."""
        errors: list[dict[str, Any]] = self.body.get("errors", [])
        return errors

    def encoded(self) -> bytes:
        """The body as JSON."""
        return orjson.dumps(self.body)


class Executes(Protocol):
    """What answers operations: the executor itself, or what stands before it and keeps, counts or traces."""

    @property
    def schema(self) -> strawberry.Schema:
        """The schema that is served."""
        ...

    @property
    def introspection(self) -> bool:
        """Whether clients may introspect it."""
        ...

    def prepare(self, text: str) -> Prepared:
        """Parse and validate a document."""
        ...

    async def execute(
        self,
        document: str | Prepared,
        context: GraphContext,
        variables: dict[str, Any] | None = None,
        operation_name: str | None = None,
    ) -> Answer:
        """Execute one operation of a text or a prepared document; never raises for anything that a client sent."""
        ...

    def watched(self, bodies: Bodies, prepared: Prepared, context: GraphContext, operation_name: str | None) -> Bodies:
        """The same bodies of a subscription, counted and traced where this does so."""
        ...


@dataclass(eq=False)
class Executor:
    """Executes operations of one schema; safe to share between requests."""

    schema: strawberry.Schema
    limits: Limits = field(default_factory=Limits)
    introspection: bool = True
    cached_documents: int = 1_000
    compiled: bool = True
    """Whether operations that are asked for again run as compiled code; else graphql-core executes all of them."""
    warmup: int = 1
    """How often a small operation is executed by graphql-core before it is worth compiling; see `Plans`."""
    cached_characters: int = MOST_CACHED_TEXT
    room: Room = field(default_factory=Room, repr=False)
    """What the compiled code of all documents may take."""
    _cache: OrderedDict[str, Prepared] = field(default_factory=OrderedDict, repr=False)
    _characters: int = field(default=0, repr=False)
    """What the documents in the cache weigh."""

    def __post_init__(self) -> None:
        self.compiled = self.compiled and can_compile(self.schema)

    def prepare(self, text: str) -> Prepared:
        """Parse and validate a document; the outcome is kept by the text of the document, errors too."""
        known = self._cache.get(text)
        if known is not None:
            self._cache.move_to_end(text)
            return known
        prepared = self._prepared(text)
        if len(text) <= MAX_CACHED_TEXT:
            self._keep(text, prepared)
        return prepared

    def _keep(self, text: str, prepared: Prepared) -> None:
        prepared.weight, prepared.grow = 0, self._grow
        self._cache[text] = prepared
        self._grow(prepared, len(text))

    def _grow(self, prepared: Prepared, weight: int) -> None:
        """Give a kept document so much more room; those that were not asked for longest make way, with their plans."""
        if self._cache.get(prepared.text) is not prepared:
            return  # it has made way itself, and whoever asks it at this moment is the last
        prepared.weight += weight
        self._characters += weight
        while len(self._cache) > self.cached_documents or self._characters > self.cached_characters:
            _, forgotten = self._cache.popitem(last=False)
            self._characters -= forgotten.weight
            if forgotten.plans is not None:
                forgotten.plans.release()

    def _prepared(self, text: str) -> Prepared:
        try:
            document = parse(text, max_tokens=self.limits.tokens)
        except GraphQLError as error:
            return Prepared(None, (self._syntax_error(error, confidential=_confidential(text)),), text=text)
        try:
            return self._judged(text, document)
        except RecursionError:
            return Prepared(None, (limit_error("the document is nested too deeply to be checked"),), text=text)

    def _judged(self, text: str, document: DocumentNode) -> Prepared:
        if beyond := exceeded(document, self.limits):
            return Prepared(None, (beyond,), text=text)
        rules = specified_rules if self.introspection else (*specified_rules, NoSchemaIntrospectionCustomRule)
        found = validate(self.schema._schema, document, rules, max_errors=20, hide_suggestions=not self.introspection)
        errors = (RequestError(VALIDATION_FAILED, error, confidential=_confidential(text)) for error in found)
        asked_again = self.compiled and not found and len(text) <= MAX_CACHED_TEXT
        plans = Plans(self.schema, document, warmup=self.warmup, room=self.room) if asked_again else None
        return Prepared(document, tuple(errors), plans, text)

    def _syntax_error(self, error: GraphQLError, *, confidential: bool) -> RequestError:
        if "more than" in error.message and "tokens" in error.message:
            return limit_error(f"a document may have {self.limits.tokens} tokens, this one has more")
        return RequestError(PARSE_FAILED, error, confidential=confidential)

    async def execute(
        self,
        document: str | Prepared,
        context: GraphContext,
        variables: dict[str, Any] | None = None,
        operation_name: str | None = None,
    ) -> Answer:
        """Execute one operation of a text or a prepared document; never raises for anything that a client sent."""
        prepared = self.prepare(document) if isinstance(document, str) else document
        if prepared.errors or prepared.document is None:
            return _refused(prepared.errors, context)
        if prepared.operation(operation_name) is None:
            wanted = "exactly one operation" if operation_name is None else f"an operation {operation_name!r}"
            message = f"the document must have {wanted}; name one of its operations in operationName"
            return _refused((request_error(OPERATION_UNKNOWN, message),), context)
        outcome = await self._execute(prepared, context, variables, operation_name)
        return _answer(outcome, context, confidential=_confidential(prepared.text))

    def watched(self, bodies: Bodies, prepared: Prepared, context: GraphContext, operation_name: str | None) -> Bodies:  # noqa: ARG002  # the protocol's
        """The same bodies; nobody watches here."""
        return bodies

    async def _execute(
        self, prepared: Prepared, context: GraphContext, variables: dict[str, Any] | None, name: str | None
    ) -> ExecutionResult:
        """As graphql-core's `execute`, which cannot be told of plans."""
        options: dict[str, Any] = {} if prepared.plans is None else {"plans": prepared.plans}
        execution_class = CompiledExecution if prepared.plans else self.schema.execution_context_class
        execution = execution_class.build(
            self.schema._schema,
            cast("DocumentNode", prepared.document),
            context_value=context,
            raw_variable_values=variables,
            operation_name=name,
            is_awaitable=_IS_AWAITABLE,
            hide_suggestions=not self.introspection,
            **options,
        )
        if isinstance(execution, list):
            return ExecutionResult(None, execution)
        try:
            result: AwaitableOrValue[Any] = execution.execute_operation()
            outcome: ExecutionResult = await result if isawaitable(result) else result
        finally:
            let_go(execution)
        return outcome


def let_go(execution: object) -> None:
    """Free an execution that has ended: by these it holds itself and its answer until the collector finds it."""
    vars(execution).update(async_helpers=None, waiting=None)


def _confidential(text: str) -> bool:
    """Whether a document may carry credentials: only actions do, and they cannot be asked for without this word."""
    return OperationType.MUTATION.value in text


def _refused(errors: tuple[GraphQLError, ...], context: GraphContext, *, confidential: bool = False) -> Answer:
    body = {"errors": formatted_errors(errors, context.request_id, confidential=confidential)}
    return Answer(body, executed=False)


def _answer(result: ExecutionResult, context: GraphContext, *, confidential: bool) -> Answer:
    if result.errors and result.data is None and all(error.path is None for error in result.errors):
        return _refused(tuple(result.errors), context, confidential=confidential)
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body["errors"] = formatted_errors(result.errors, context.request_id, confidential=confidential)
    return Answer(body)
