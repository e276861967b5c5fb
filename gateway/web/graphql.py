"""The GraphQL endpoint: a thin view over operations, which answers with JSON or with events."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import OperationType
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.errors import GatewayError, LimitExceeded
from gateway.graph.execution import Answer
from gateway.web.addresses import client_address
from gateway.web.failures import NO_STORE, failed, status_of_failure
from gateway.web.identity import Admitted, Authenticator, request_id
from gateway.web.leaving import leaving
from gateway.web.negotiation import JSON, answers_with_events, labeled, reads_json, response_type, status_of
from gateway.web.operations import Operation, Operations, refusal_of_limit
from gateway.web.refusals import Refusal
from gateway.web.requests import graph_request, read_get, read_post
from gateway.web.responses import Squeezed, common_headers, json_response
from gateway.web.rules import Rules
from gateway.web.shortcut import IndexedHeaders
from gateway.web.streaming.events import EventStream
from gateway.web.streaming.places import Places

FindAuthenticator = Callable[[HTTPConnection], Authenticator]
"""Gives who lets requests in, which is open while the application runs."""
_STREAMS = "send Accept: text/event-stream, or open a WebSocket with the subprotocol graphql-transport-ws"


class _IndexedRequest(Request):
    """A request whose headers are looked up more often than there are any."""

    headers: IndexedHeaders = IndexedHeaders({"headers": []})  # in the place of starlette's property

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        super().__init__(scope, receive, send)
        self.headers = IndexedHeaders(scope)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What one operation, or an array of them, is answered with; `body` is an answer or what is to be encoded."""

    body: Any
    status: int
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class GraphQLEndpoint:
    """Answers GET (no actions) and POST; never with anything but a coded JSON error when it goes wrong."""

    operations: Operations
    find_authenticator: FindAuthenticator
    rules: Rules
    places: Places = field(default_factory=Places)
    squeezed: Squeezed = field(default_factory=Squeezed, repr=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as an ASGI application."""
        response = await self.answer(_IndexedRequest(scope, receive, send))
        await response(scope, receive, send)

    async def answer(self, request: Request) -> Response:
        """One request, one answer, one id; what is answered to somebody is kept by no cache."""
        identifier, media_type = request_id(request), JSON
        try:
            media_type = response_type(request.headers.get("accept"))
            outcome = await self._answered(request, media_type, identifier)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is left to read it
        except Exception as error:
            outcome = _failed(error, identifier, {})
        if isinstance(outcome, Response):
            return outcome
        headers = outcome.headers if "authorization" not in request.headers else {**outcome.headers, **NO_STORE}
        label = labeled(media_type, outcome.status)
        content, squeeze = outcome.body, None
        if isinstance(content, Answer):
            if content.name:
                squeeze = functools.partial(self.squeezed.of, content.name)
            content = content.encoded()
        encodings = request.headers.get("accept-encoding")
        return json_response(content, label, outcome.status, identifier, headers, encodings, squeeze)

    async def _answered(self, request: Request, media_type: str, identifier: str) -> _Outcome | EventStream:
        authenticator = self.find_authenticator(request)
        admitted = await authenticator.admit(
            request.headers.get("authorization"),
            request.headers.get("shanhai-purpose"),
            client_address(request, self.rules.trusted_proxies),
        )
        try:
            document = await self._read(request)
            if isinstance(document, list):
                return await self._batch(document, request, admitted, media_type, identifier)
            operation = await self._prepared(document, request, admitted, identifier)
            headers = operation.admitted.headers
            if answers_with_events(request.headers.get("accept"), subscription=_subscribes(operation)):
                sent = {**common_headers(identifier), **headers}
                address = client_address(request, self.rules.trusted_proxies)
                return EventStream(self.operations.bodies(operation), sent, self.places, address)
            return await self._one(operation, request, media_type)
        except LimitExceeded as error:
            return self._told(refusal_of_limit(error, identifier), media_type, admitted.headers)
        except (Refusal, GatewayError) as error:
            return _failed(error, identifier, admitted.headers, legacy=media_type == JSON)

    async def _read(self, request: Request) -> Any:
        if request.method == "POST":
            return await read_post(request, self.rules.body_seconds)
        if request.method != "GET":
            raise Refusal("METHOD_NOT_ALLOWED", "use GET or POST", {"Allow": "GET, POST"})
        return read_get(request)

    async def _prepared(self, document: Any, request: Request, admitted: Admitted, identifier: str) -> Operation:
        authenticator, asked = self.find_authenticator(request), graph_request(document)
        return await self.operations.prepare(asked, request, admitted, authenticator, identifier)

    async def _batch(
        self, documents: list[Any], request: Request, admitted: Admitted, media_type: str, identifier: str
    ) -> _Outcome:
        """Answers in the order of the requests, each by itself; an array is 200 whatever its answers are.

        They have one deadline together, after which none is begun, and none is once the client has left.
        """
        most = self.rules.batching
        if not most:
            raise Refusal("BATCHING_UNSUPPORTED", "send one operation in each request, not an array")
        if not 1 <= len(documents) <= most:
            raise Refusal("BATCHING_UNSUPPORTED", f"an array may hold 1 to {most} operations, not {len(documents)}")
        if not reads_json(request.headers.get("accept")):
            raise Refusal("NOT_ACCEPTABLE", f"an array is not answered with events; accept {JSON}")
        authenticator, bodies, headers = self.find_authenticator(request), list[Any](), dict(admitted.headers)
        deadline = self.operations.gate.deadline()
        with leaving(request.receive) as gone:
            for at, document in enumerate(documents):
                if gone.done():
                    raise ClientDisconnect
                try:
                    self.operations.gate.in_time(deadline)
                    client = admitted if at == 0 else await authenticator.again(admitted)
                    operation = await self._prepared(document, request, client, identifier)
                    outcome = await self._one(operation, request, media_type, deadline)
                except LimitExceeded as error:
                    outcome = self._told(refusal_of_limit(error, identifier), media_type, {})
                except Exception as error:
                    outcome = _failed(error, identifier, {})
                bodies.append(outcome.body.body if isinstance(outcome.body, Answer) else outcome.body)
                headers |= {name: value for name, value in outcome.headers.items() if name.startswith("RateLimit")}
        return _Outcome(bodies, 200, headers)

    async def _one(
        self, operation: Operation, request: Request, media_type: str, deadline: float | None = None
    ) -> _Outcome:
        headers = operation.admitted.headers
        try:
            if _subscribes(operation):
                raise Refusal("STREAM_REQUIRED", f"a subscription is answered with events: {_STREAMS}")
            answer = await self.operations.run(operation, deadline)
        except ClientDisconnect:
            raise
        except Exception as error:
            return _failed(error, operation.context.request_id, headers)
        if "shanhai-cost" in request.headers:
            extensions = {"cost": self.operations.cost_of(operation)}
            answer = Answer({**answer.body, "extensions": extensions}, executed=answer.executed, headers=answer.headers)
        return self._told(answer, media_type, headers)

    def _told(self, answer: Answer, media_type: str, headers: Mapping[str, str]) -> _Outcome:
        partial = self.rules.partial_status
        status = status_of(media_type, answer.errors, executed=answer.executed, partial=partial)
        return _Outcome(answer, status, {**headers, **answer.headers})


def _subscribes(operation: Operation) -> bool:
    return operation.kind is OperationType.SUBSCRIPTION


def _failed(error: Exception, identifier: str, headers: Mapping[str, str], *, legacy: bool = False) -> _Outcome:
    """What went wrong before the graph could answer, as a coded error."""
    status, told = status_of_failure(error)
    if legacy and isinstance(error, Refusal) and error.code == "PERSISTED_QUERY_NOT_FOUND":
        status = 200
    return _Outcome(failed(error, identifier), status, {**headers, **told})
