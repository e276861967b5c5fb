"""One GraphQL operation of a request: its document found, its scope and cost checked, executed within its limits."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from graphql import OperationDefinitionNode, OperationType
from starlette.requests import HTTPConnection

from gateway.errors import GatewayError, LimitExceeded, NotReady
from gateway.graph.context import GraphContext
from gateway.graph.cost_plans import Estimate
from gateway.graph.errors import formatted_errors, limit_error
from gateway.graph.execution import Answer, Executes
from gateway.graph.prepared import Prepared
from gateway.graph.pricing import Pricing
from gateway.graph.subscriptions import GRACE_SECONDS, Bounds, Interrupted, subscribe
from gateway.identity import ANONYMOUS, Principal, Scope
from gateway.web.documents import Documents
from gateway.web.failures import failed
from gateway.web.gate import Gate
from gateway.web.identity import Admitted, Authenticator
from gateway.web.refusals import Refusal
from gateway.web.requests import GraphRequest

Body = dict[str, Any]
MakeContext = Callable[[HTTPConnection, Principal, str], GraphContext]
"""Makes the context of one operation from the connection it came by, the principal and the request id."""
STREAM_SECONDS = 900.0
"""Seconds of a subscription: who goes on asks again, and may by then have lost the right to."""
_ALL_SCOPES = frozenset(Scope)
_log = logging.getLogger("shanhai.web")


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation that may be executed: its document is known, and its client may ask it."""

    asked: GraphRequest
    context: GraphContext
    admitted: Admitted
    prepared: Prepared
    definition: OperationDefinitionNode | None
    estimate: Estimate | None

    @property
    def kind(self) -> OperationType | None:
        """What it would do; None where its document has no such operation, which execution will tell."""
        return self.definition.operation if self.definition else None


@dataclass(frozen=True, slots=True)
class Operations:
    """Prepares and executes the operations of requests."""

    executor: Executes
    make_context: MakeContext
    documents: Documents
    pricing: Pricing
    gate: Gate
    stream_seconds: float = STREAM_SECONDS
    stream_grace: float = GRACE_SECONDS

    async def prepare(
        self,
        asked: GraphRequest,
        connection: HTTPConnection,
        admitted: Admitted,
        authenticator: Authenticator,
        identifier: str,
    ) -> Operation:
        """The operation that is asked; raises Refusal, and LimitExceeded for one that would cost too much."""
        asked = await self.documents.resolved(asked, connection, admitted.principal)
        prepared = self.executor.prepare(asked.query)
        definition = prepared.operation(asked.operation_name)
        kind = definition.operation if definition else None
        if kind is OperationType.MUTATION and connection.scope.get("method") == "GET":
            raise Refusal("METHOD_NOT_ALLOWED", "a GET may only query; use POST", {"Allow": "POST"})
        _check_scope(kind, admitted.principal)
        context, estimate = self.make_context(connection, admitted.principal, identifier), None
        if definition is not None and not prepared.errors:
            await self.documents.keep(asked, connection)
            platforms = len(context.services.platforms.all())
            estimate = self.pricing.estimate(prepared, asked.operation_name, asked.variables, platforms)
            self._check_cost(estimate)
        admitted = await authenticator.charge(admitted, estimate.units if estimate else 0)
        return Operation(asked, context, admitted, prepared, definition, estimate)

    async def run(self, operation: Operation, deadline: float | None = None) -> Answer:
        """The answer; raises Refusal where there is no place or time, and NotReady where it may not be told."""
        acts = operation.kind is OperationType.MUTATION
        return await (self.gate.action if acts else self.gate.query)(lambda: self._execute(operation), deadline)

    async def bodies(self, operation: Operation, stopping: asyncio.Event | None = None) -> AsyncGenerator[Body, None]:
        """Response bodies as they come; one without `data` is the last. Whatever goes wrong is a body, never raised.

        Raises Interrupted where a subscription is cut before its source ends: by this event, else by the end of the
        process, or by its time.
        """
        asked, context = operation.asked, operation.context
        try:
            if operation.kind is not OperationType.SUBSCRIPTION:
                yield (await self.run(operation)).body
                return
            with self.gate.subscription():
                bounds = Bounds(stopping, self.stream_seconds, self.stream_grace)
                told = subscribe(self.executor, asked.query, context, asked.variables, asked.operation_name, bounds)
                async with aclosing(told) as bodies:
                    async for body in bodies:
                        yield body
        except Interrupted:
            raise
        except Exception as failure:  # the last line of defense: a client never sees a trace
            yield failed(failure, context.request_id)

    def stopping(self, connection: HTTPConnection) -> asyncio.Event:
        """Set when the process is told to end."""
        return self.make_context(connection, ANONYMOUS, "").services.stopping

    def cost_of(self, operation: Operation) -> Mapping[str, Any]:
        """What is told of an operation's cost to who asks for it."""
        estimate = operation.estimate
        return {
            "estimated": estimate.units if estimate else 0,
            "limit": self.pricing.limit,
            "spent": operation.context.budget.spent,
            "dearest": {"field": estimate.dearest, "units": estimate.part} if estimate and estimate.part else None,
        }

    def _check_cost(self, estimate: Estimate | None) -> None:
        if estimate is not None and estimate.units > self.pricing.limit:
            raise LimitExceeded(
                f"this operation may cost {estimate.units} units, {self.pricing.limit} are allowed; the dearest field "
                f"is {estimate.dearest} with {estimate.part}: ask for fewer, or page by page"
            )

    async def _execute(self, operation: Operation) -> Answer:
        asked, context = operation.asked, operation.context
        answer = await self.executor.execute(operation.prepared, context, asked.variables, asked.operation_name)
        try:
            await context.settle()
        except Exception as error:  # whatever keeps the log from being written, personal data is not shown without it
            _log.exception("request %s: the audit log cannot be written", context.request_id)
            raise NotReady(
                "the audit log cannot be written, so the answer is withheld; an action may have been carried out"
            ) from error
        return answer


def _check_scope(kind: OperationType | None, principal: Principal) -> None:
    """Raises Refusal (403) where the key or token is not good for this operation."""
    if principal.scopes >= _ALL_SCOPES:
        return
    needed = Scope.WRITE if kind is OperationType.MUTATION else Scope.READ
    if kind is not None and needed not in principal.scopes:
        what = "actions" if needed is Scope.WRITE else "queries"
        raise Refusal("SCOPE_MISSING", f"{what} need the scope {needed}, which this key or token lacks")


def refusal_of_limit(error: GatewayError, identifier: str) -> Answer:
    """An operation beyond a limit, answered as one that the graph itself refuses."""
    return Answer({"errors": formatted_errors((limit_error(error.message),), identifier)}, executed=False)
