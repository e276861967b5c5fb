"""Operations as streams of response bodies, however these are sent."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, TypeVar

from graphql import OperationType
from starlette.requests import HTTPConnection

from gateway.errors import GatewayError
from gateway.graph.context import GraphContext
from gateway.graph.errors import INTERNAL
from gateway.graph.execution import Answer, Executor
from gateway.graph.subscriptions import subscribe
from gateway.identity import ANONYMOUS, Principal
from gateway.web.refusals import Refusal, refused
from gateway.web.requests import GraphRequest

Body = dict[str, Any]
MakeContext = Callable[[HTTPConnection, Principal, str], GraphContext]
"""Makes the context of one operation from the connection it came by, the principal and the request id."""
Execute = Callable[[HTTPConnection, GraphRequest, Principal, str], Awaitable[Answer]]
"""Carries out a query or an action as a plain HTTP request would be."""
CheckScope = Callable[[GraphRequest, Principal], None]
"""Raises Refusal where the principal's key or token is not good for the operation."""
T = TypeVar("T")
_log = logging.getLogger("shanhai.web")


@dataclass(frozen=True, slots=True)
class Operations:
    """Carries out operations of every kind; a query or an action is a stream of one body."""

    executor: Executor
    make_context: MakeContext
    execute: Execute
    check_scope: CheckScope

    def kind(self, asked: GraphRequest) -> OperationType | None:
        """What the operation would do; None where the document has no such operation."""
        return self.executor.operation_type(asked.query, asked.operation_name)

    def stopping(self, connection: HTTPConnection) -> asyncio.Event:
        """Set when the process is told to end."""
        return self.make_context(connection, ANONYMOUS, "").services.stopping

    async def bodies(
        self, connection: HTTPConnection, asked: GraphRequest, principal: Principal, identifier: str
    ) -> AsyncGenerator[Body, None]:
        """Response bodies as they come; one without `data` is the last. Whatever goes wrong is a body, never raised."""
        try:
            self.check_scope(asked, principal)
            if self.kind(asked) is not OperationType.SUBSCRIPTION:
                yield (await _uncut(self.kind(asked), self.execute(connection, asked, principal, identifier))).body
                return
            context = self.make_context(connection, principal, identifier)
            told = subscribe(self.executor, asked.query, context, asked.variables, asked.operation_name)
            async with aclosing(told) as bodies:
                async for body in bodies:
                    yield body
        except Exception as failure:  # the last line of defense: a client never sees a trace
            yield failed(failure, identifier)


async def _uncut(kind: OperationType | None, answer: Awaitable[T]) -> T:
    """The answer; an action is carried out to its end, also where nobody waits for it any more."""
    if kind is not OperationType.MUTATION:
        return await answer
    acting, left = asyncio.ensure_future(answer), None
    while not acting.done():
        try:
            await asyncio.wait({acting})
        except asyncio.CancelledError as cancelled:
            left = cancelled
    if left is not None:
        await asyncio.gather(acting, return_exceptions=True)  # what it raised is told to nobody
        raise left
    return acting.result()


def failed(failure: Exception, identifier: str) -> Body:
    """The body that tells a failure: its code where it was raised on purpose, else nothing but where it is logged."""
    if isinstance(failure, Refusal | GatewayError):
        return refused(failure.code, failure.message, identifier, retryable=failure.retryable)
    _log.error("request %s failed", identifier, exc_info=failure)
    return refused(INTERNAL, "something went wrong here; quote the trace id when you report it", identifier)
