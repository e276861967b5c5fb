"""What goes wrong before there is an answer, as a coded error: the last line of defense, without any trace."""

import logging
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.errors import GatewayError
from gateway.graph.errors import INTERNAL
from gateway.web.negotiation import JSON
from gateway.web.refusals import STATUSES, Refusal
from gateway.web.responses import json_response, refused

NO_STORE: Mapping[str, str] = {"Cache-Control": "no-store"}
_log = logging.getLogger("shanhai.web")


def failed(failure: Exception, identifier: str) -> dict[str, Any]:
    """The body that tells a failure: its code where it was raised on purpose, else nothing but where it is logged."""
    if isinstance(failure, Refusal | GatewayError):
        return refused(failure.code, failure.message, identifier, retryable=failure.retryable)
    _log.error("request %s failed", identifier, exc_info=failure)
    return refused(INTERNAL, "something went wrong here; quote the trace id when you report it", identifier)


def status_of_failure(failure: Exception) -> tuple[int, Mapping[str, str]]:
    """Its HTTP status, and the headers that it is told with."""
    if isinstance(failure, Refusal):
        return failure.status, failure.headers
    if isinstance(failure, GatewayError):
        return STATUSES.get(failure.code, 503 if failure.retryable else 400), NO_STORE
    return 500, {}


def failure_response(failure: Exception, identifier: str) -> Response:
    """The same as a plain JSON answer, of pages beside the graph, which no cache keeps."""
    status, headers = status_of_failure(failure)
    return json_response(failed(failure, identifier), JSON, status, identifier, {**headers, **NO_STORE})
