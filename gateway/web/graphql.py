"""The GraphQL endpoint: a thin view over the executor."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import OperationType
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response

from gateway.errors import GatewayError, NotReady
from gateway.graph.errors import INTERNAL
from gateway.graph.execution import Answer, Executor
from gateway.identity import Principal, Scope
from gateway.web.identity import Authenticator, request_id
from gateway.web.negotiation import JSON, answers_with_events, response_type, status_of
from gateway.web.refusals import STATUSES, Refusal, refused
from gateway.web.requests import GraphRequest, read_get, read_post
from gateway.web.streaming.events import EventStream
from gateway.web.streaming.operations import MakeContext, Operations
from gateway.web.streaming.places import Places

FindAuthenticator = Callable[[HTTPConnection], Authenticator]
"""Gives who lets requests in, which is open while the application runs."""

_log = logging.getLogger("shanhai.web")


@dataclass(frozen=True, slots=True)
class GraphQLEndpoint:
    """Answers GET (no actions) and POST; never with anything but a coded JSON error when it goes wrong."""

    executor: Executor
    make_context: MakeContext
    find_authenticator: FindAuthenticator
    places: Places = field(default_factory=Places)

    async def answer(self, request: Request) -> Response:
        """One request, one answer, one id; what is answered to somebody is kept by no cache."""
        identifier, media_type = request_id(request), JSON
        authorization = request.headers.get("authorization")
        headers = {} if authorization is None else {"Cache-Control": "no-store"}
        try:
            media_type = response_type(request.headers.get("accept"))
            purpose = request.headers.get("shanhai-purpose")
            admitted = await self.find_authenticator(request).admit(authorization, purpose)
            headers |= admitted.headers
            asked = await self._read(request)
            self.check_scope(asked, admitted.principal)
            if streamed := self._streamed(request, asked, admitted.principal, identifier, headers):
                return streamed
            answer = await self.execute(request, asked, admitted.principal, identifier)
        except Refusal as refusal:
            body = refused(refusal.code, refusal.message, identifier, retryable=refusal.retryable)
            return json_response(body, media_type, refusal.status, identifier, {**headers, **refusal.headers})
        except GatewayError as error:
            body = refused(error.code, error.message, identifier, retryable=error.retryable)
            status = STATUSES.get(error.code, 503 if error.retryable else 400)
            return json_response(body, media_type, status, identifier, {**headers, "Cache-Control": "no-store"})
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is left to read it
        except Exception:  # the last line of defense: a client never sees a trace
            _log.exception("request %s failed", identifier)
            body = refused(INTERNAL, "something went wrong here; quote the trace id when you report it", identifier)
            return json_response(body, media_type, 500, identifier, headers)
        status = status_of(media_type, executed=answer.executed)
        return json_response(answer.encoded(), media_type, status, identifier, headers)

    async def _read(self, request: Request) -> GraphRequest:
        if request.method == "POST":
            return await read_post(request)
        if request.method != "GET":
            raise Refusal("METHOD_NOT_ALLOWED", "use GET or POST", {"Allow": "GET, POST"})
        asked = read_get(request)
        kind = self.executor.operation_type(asked.query, asked.operation_name)
        if kind is OperationType.MUTATION:
            raise Refusal("METHOD_NOT_ALLOWED", "a GET may only query; use POST", {"Allow": "POST"})
        return asked

    @property
    def operations(self) -> Operations:
        """The same operations as streams."""
        return Operations(self.executor, self.make_context, self.execute, self.check_scope)

    def _streamed(
        self,
        request: Request,
        asked: GraphRequest,
        principal: Principal,
        identifier: str,
        headers: Mapping[str, str],
    ) -> Response | None:
        """The answer as events where the client wants them; raises Refusal for a subscription where it does not."""
        subscription = self.operations.kind(asked) is OperationType.SUBSCRIPTION
        if answers_with_events(request.headers.get("accept"), subscription=subscription):
            bodies = self.operations.bodies(request, asked, principal, identifier)
            return EventStream(bodies, {**_headers(identifier), **headers}, self.places)
        if subscription:
            message = "send Accept: text/event-stream, or open a WebSocket with the subprotocol graphql-transport-ws"
            raise Refusal("STREAM_REQUIRED", f"a subscription is answered with events: {message}")
        return None

    def check_scope(self, asked: GraphRequest, principal: Principal) -> None:
        """Raises Refusal (403) where the key or token is not good for this operation."""
        if principal.scopes >= frozenset(Scope):
            return
        kind = self.executor.operation_type(asked.query, asked.operation_name)
        needed = Scope.WRITE if kind is OperationType.MUTATION else Scope.READ
        if kind is not None and needed not in principal.scopes:
            what = "actions" if needed is Scope.WRITE else "queries"
            raise Refusal("SCOPE_MISSING", f"{what} need the scope {needed}, which this key or token lacks")

    async def execute(
        self, request: HTTPConnection, asked: GraphRequest, principal: Principal, identifier: str
    ) -> Answer:
        """Carry out a query or an action, and have it audited; raises NotReady where that fails."""
        context = self.make_context(request, principal, identifier)
        answer = await self.executor.execute(asked.query, context, asked.variables, asked.operation_name)
        try:
            await context.settle()
        except Exception as error:  # whatever keeps the log from being written, personal data is not shown without it
            _log.exception("request %s: the audit log cannot be written", identifier)
            raise NotReady(
                "the audit log cannot be written, so the answer is withheld; an action may have been carried out"
            ) from error
        return answer


def json_response(
    body: dict[str, Any] | bytes,
    media_type: str,
    status: int,
    identifier: str,
    headers: dict[str, str] | None = None,
) -> Response:
    """A JSON answer that carries the request id; bytes are JSON already."""
    return Response(
        body if isinstance(body, bytes) else orjson.dumps(body),
        status_code=status,
        media_type=f"{media_type}; charset=utf-8",
        headers={**_headers(identifier), **(headers or {})},
    )


def _headers(identifier: str) -> dict[str, str]:
    return {"X-Request-Id": identifier, "Vary": "Accept, Authorization, Shanhai-Purpose"}
