"""The GraphQL endpoint: a thin view over the executor."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import OperationType
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from gateway.graph.context import GraphContext
from gateway.graph.errors import INTERNAL
from gateway.graph.execution import Answer, Executor
from gateway.identity import Principal
from gateway.web.identity import Authenticator, request_id
from gateway.web.negotiation import JSON, response_type, status_of
from gateway.web.refusals import Refusal
from gateway.web.requests import GraphRequest, read_get, read_post

MakeContext = Callable[[Request, Principal, str], GraphContext]
"""Makes the context of one request from the HTTP request, the principal and the request id."""

_log = logging.getLogger("shanhai.web")


@dataclass(frozen=True, slots=True)
class GraphQLEndpoint:
    """Answers GET (queries only) and POST; never with anything but a coded JSON error when it goes wrong."""

    executor: Executor
    make_context: MakeContext
    authenticator: Authenticator

    async def answer(self, request: Request) -> Response:
        """One request, one answer, one id."""
        identifier, media_type = request_id(request), JSON
        try:
            media_type = response_type(request.headers.get("accept"))
            principal = self.authenticator.principal(request.headers.get("authorization"))
            asked = await self._read(request)
            answer = await self._execute(request, asked, principal, identifier)
        except Refusal as refusal:
            body = refused(refusal.code, refusal.message, identifier)
            return json_response(body, media_type, refusal.status, identifier, refusal.headers)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is left to read it
        except Exception:  # the last line of defense: a client never sees a trace
            _log.exception("request %s failed", identifier)
            body = refused(INTERNAL, "something went wrong here; quote the trace id when you report it", identifier)
            return json_response(body, media_type, 500, identifier)
        status = status_of(media_type, executed=answer.executed)
        return json_response(answer.body, media_type, status, identifier)

    async def _read(self, request: Request) -> GraphRequest:
        if request.method == "POST":
            return await read_post(request)
        if request.method != "GET":
            raise Refusal("METHOD_NOT_ALLOWED", "use GET or POST", {"Allow": "GET, POST"})
        asked = read_get(request)
        kind = self.executor.operation_type(asked.query, asked.operation_name)
        if kind not in (None, OperationType.QUERY):
            raise Refusal("METHOD_NOT_ALLOWED", "a GET may only query; use POST", {"Allow": "POST"})
        return asked

    async def _execute(self, request: Request, asked: GraphRequest, principal: Principal, identifier: str) -> Answer:
        context = self.make_context(request, principal, identifier)
        return await self.executor.execute(asked.query, context, asked.variables, asked.operation_name)


def refused(code: str, message: str, identifier: str, *, retryable: bool = False) -> dict[str, Any]:
    """The body of a request that never reached the graph."""
    extensions = {"code": code, "platform": None, "retryable": retryable, "traceId": identifier}
    return {"errors": [{"message": message, "extensions": extensions}]}


def json_response(
    body: dict[str, Any], media_type: str, status: int, identifier: str, headers: dict[str, str] | None = None
) -> Response:
    """A JSON answer that carries the request id."""
    return Response(
        orjson.dumps(body),
        status_code=status,
        media_type=f"{media_type}; charset=utf-8",
        headers={"X-Request-Id": identifier, "Vary": "Accept, Authorization", **(headers or {})},
    )
