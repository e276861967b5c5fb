"""The GraphQL endpoint: a thin view over the executor."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import OperationType
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from gateway.errors import GatewayError, NotReady
from gateway.graph.context import GraphContext
from gateway.graph.errors import INTERNAL
from gateway.graph.execution import Answer, Executes
from gateway.identity import Principal, Scope
from gateway.web.identity import Authenticator, request_id
from gateway.web.negotiation import JSON, response_type, status_of
from gateway.web.refusals import STATUSES, Refusal
from gateway.web.requests import GraphRequest, read_get, read_post

MakeContext = Callable[[Request, Principal, str], GraphContext]
"""Makes the context of one request from the HTTP request, the principal and the request id."""
FindAuthenticator = Callable[[Request], Authenticator]
"""Gives who lets requests in, which is open while the application runs."""

_log = logging.getLogger("shanhai.web")


@dataclass(frozen=True, slots=True)
class GraphQLEndpoint:
    """Answers GET (queries only) and POST; never with anything but a coded JSON error when it goes wrong."""

    executor: Executes
    make_context: MakeContext
    find_authenticator: FindAuthenticator

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
            self._check_scope(asked, admitted.principal)
            answer = await self._execute(request, asked, admitted.principal, identifier)
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
        return json_response(answer.encoded(), media_type, status, identifier, {**headers, **answer.headers})

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

    def _check_scope(self, asked: GraphRequest, principal: Principal) -> None:
        """Raises Refusal (403) where the key or token is not good for this operation."""
        if principal.scopes >= frozenset(Scope):
            return
        kind = self.executor.operation_type(asked.query, asked.operation_name)
        needed = Scope.WRITE if kind is OperationType.MUTATION else Scope.READ
        if kind is not None and needed not in principal.scopes:
            what = "actions" if needed is Scope.WRITE else "queries"
            raise Refusal("SCOPE_MISSING", f"{what} need the scope {needed}, which this key or token lacks")

    async def _execute(self, request: Request, asked: GraphRequest, principal: Principal, identifier: str) -> Answer:
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


def refused(code: str, message: str, identifier: str, *, retryable: bool = False) -> dict[str, Any]:
    """The body of a request that never reached the graph."""
    extensions = {"code": code, "platform": None, "retryable": retryable, "traceId": identifier}
    return {"errors": [{"message": message, "extensions": extensions}]}


def json_response(
    body: dict[str, Any] | bytes, media_type: str, status: int, identifier: str, headers: dict[str, str] | None = None
) -> Response:
    """A JSON answer that carries the request id."""
    return Response(
        body if isinstance(body, bytes) else orjson.dumps(body),
        status_code=status,
        media_type=f"{media_type}; charset=utf-8",
        headers={"X-Request-Id": identifier, "Vary": "Accept, Authorization, Shanhai-Purpose", **(headers or {})},
    )
