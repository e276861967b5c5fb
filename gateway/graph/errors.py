"""Failures as clients see them: a stable code, the platform, whether a retry may help, and the request's trace id.

Codes of the graph itself, beside those of gateway/errors.py; each has a heading in docs/errors.md.
"""

import logging
from collections.abc import Iterable
from typing import Any

from graphql import GraphQLError

from gateway.errors import GatewayError, LimitExceeded

INTERNAL = "INTERNAL"
PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
OPERATION_UNKNOWN = "GRAPHQL_OPERATION_UNKNOWN"
VARIABLES_INVALID = "GRAPHQL_VARIABLES_INVALID"
CODES = (INTERNAL, PARSE_FAILED, VALIDATION_FAILED, OPERATION_UNKNOWN, VARIABLES_INVALID)

_log = logging.getLogger("shanhai.graph")


class RequestError(GraphQLError):
    """An error of the request as a whole, before anything was executed; it carries its code."""

    def __init__(self, code: str, error: GraphQLError) -> None:
        super().__init__(error.message, nodes=error.nodes, source=error.source, positions=error.positions)
        self.code = code


def request_error(code: str, message: str) -> RequestError:
    """A request error that points at no place in the document."""
    return RequestError(code, GraphQLError(message))


def limit_error(message: str) -> RequestError:
    """An operation beyond a stated limit."""
    return request_error(LimitExceeded.code, message)


def formatted_errors(errors: Iterable[GraphQLError], trace_id: str) -> list[dict[str, Any]]:
    """Errors as the response carries them; anything not raised on purpose is masked and logged with its trace id."""
    return [_formatted(error, trace_id) for error in errors]


def _formatted(error: GraphQLError, trace_id: str) -> dict[str, Any]:
    code, message, platform, retryable = _judged(error, trace_id)
    answer: dict[str, Any] = {"message": message}
    if error.locations:
        answer["locations"] = [location.formatted for location in error.locations]
    if error.path is not None:
        answer["path"] = error.path
    answer["extensions"] = {"code": code, "platform": platform, "retryable": retryable, "traceId": trace_id}
    return answer


def _judged(error: GraphQLError, trace_id: str) -> tuple[str, str, str | None, bool]:
    cause = error.original_error
    if isinstance(cause, GatewayError):
        return cause.code, cause.message, cause.platform, cause.retryable
    if isinstance(error, RequestError):
        return error.code, error.message, None, False
    # A variable that cannot be coerced carries the scalar's exception but no path; a missing one no exception.
    if error.path is None or cause is None:
        return VARIABLES_INVALID, error.message, None, False
    _log.error("request %s failed at %s", trace_id, error.path, exc_info=cause)
    return INTERNAL, "something went wrong here; quote the trace id when you report it", None, False
