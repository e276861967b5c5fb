"""Failures as clients see them: a stable code, the platform, whether a retry may help, and the request's trace id.

Codes of the graph itself, beside those of gateway/errors.py; each has a heading in docs/errors.md.
"""

import logging
import re
import traceback
from collections.abc import Iterable
from typing import Any

from graphql import GraphQLError, ValueNode

from gateway.errors import GatewayError, LimitExceeded

INTERNAL = "INTERNAL"
PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
OPERATION_UNKNOWN = "GRAPHQL_OPERATION_UNKNOWN"
VARIABLES_INVALID = "GRAPHQL_VARIABLES_INVALID"
CODES = (INTERNAL, PARSE_FAILED, VALIDATION_FAILED, OPERATION_UNKNOWN, VARIABLES_INVALID)

_QUOTED = re.compile(r": |, found")
"""Where graphql-core's messages begin to repeat what a client sent: `… has invalid value at [0].value: …`."""
_TEXT = r""""(?:[^"\\]|\\.)*(?P<double>")?|'(?:[^'\\]|\\.)*(?P<single>')?"""
"""A quotation; one that is not closed goes to the end, so that no place is looked at twice."""
_PYTHON_WORD = re.compile(rf"{_TEXT}|\b(?:None|True|False)\b", re.DOTALL)
"""A quotation, which is left alone, or a word of Python outside of one."""
_SHOWN_VALUE = re.compile(r"\bfound: |\bcannot represent [^:']*: ")
"""Where graphql-core begins to show a value."""
_QUOTATION = re.compile(_TEXT, re.DOTALL)
LONGEST_MESSAGE = 1_000
"""Characters of a message of graphql-core, which repeats what a client sent however long that is."""
_ESCAPE = re.compile(r"\\x([0-9a-f]{2})|\\U00(0[1-9a-f][0-9a-f]{4}|10[0-9a-f]{4})|\\.", re.DOTALL)
_JSON_WORDS = {"None": "null", "True": "true", "False": "false"}

_log = logging.getLogger("shanhai.graph")


class RequestError(GraphQLError):
    """An error of the request as a whole, before anything was executed; it carries its code.

    `confidential` leaves out what the client sent.
    """

    def __init__(self, code: str, error: GraphQLError, *, confidential: bool = False) -> None:
        message = unquoted(error.message) if confidential else in_json_words(error.message)
        super().__init__(message, nodes=error.nodes, source=error.source, positions=error.positions)
        self.code = code


def request_error(code: str, message: str) -> RequestError:
    """A request error that points at no place in the document."""
    return RequestError(code, GraphQLError(message))


def limit_error(message: str) -> RequestError:
    """An operation beyond a stated limit."""
    return request_error(LimitExceeded.code, message)


def unquoted(message: str) -> str:
    """A message of graphql-core without the value it complains about, which may be a secret."""
    kept, *dropped = _QUOTED.split(message, maxsplit=1)
    return f"{kept}; what was sent is not repeated, since actions carry secrets" if dropped else message


def in_json_words(message: str) -> str:
    """A message of graphql-core, not too long, with the values in it as JSON writes them instead of as Python does."""
    if len(message) > LONGEST_MESSAGE:
        message = message[: LONGEST_MESSAGE - 1] + "…"
    start = _SHOWN_VALUE.search(message)
    if start is not None:
        message = message[: start.end()] + _QUOTATION.sub(_json_text, message[start.end() :])
    written = _PYTHON_WORD.sub(lambda found: _JSON_WORDS.get(found[0], found[0]), message)
    return written.replace("<EOF>", "end of document")


def formatted_errors(
    errors: Iterable[GraphQLError], trace_id: str, *, confidential: bool = False
) -> list[dict[str, Any]]:
    """Errors as the response carries them; anything not raised on purpose is masked and logged with its trace id.

    `confidential` leaves out what the client sent, there and in the log.
    """
    return [_formatted(error, trace_id, confidential) for error in errors]


def _formatted(error: GraphQLError, trace_id: str, confidential: bool) -> dict[str, Any]:
    code, message, platform, retryable = _judged(error, trace_id, confidential)
    answer: dict[str, Any] = {"message": message}
    if error.locations:
        answer["locations"] = [location.formatted for location in error.locations]
    if error.path is not None:
        answer["path"] = error.path
    answer["extensions"] = {"code": code, "platform": platform, "retryable": retryable, "traceId": trace_id}
    return answer


def _judged(error: GraphQLError, trace_id: str, confidential: bool) -> tuple[str, str, str | None, bool]:
    cause = error.original_error
    if isinstance(cause, GatewayError):
        return cause.code, _json_escapes(cause.message), cause.platform, cause.retryable
    if isinstance(error, RequestError):
        return error.code, error.message, None, False
    # A variable that cannot be coerced carries the scalar's exception but no path; a missing one no exception; a
    # variable that is null where its argument may not be points at itself.
    if error.path is None or cause is None or any(isinstance(node, ValueNode) for node in error.nodes or ()):
        return VARIABLES_INVALID, unquoted(error.message) if confidential else in_json_words(error.message), None, False
    if confidential:
        where = "".join(traceback.format_tb(cause.__traceback__))
        _log.error("request %s failed at %s with %s\n%s", trace_id, error.path, type(cause).__name__, where)
    else:
        _log.error("request %s failed at %s", trace_id, error.path, exc_info=cause)
    return INTERNAL, "something went wrong here; quote the trace id when you report it", None, False


def _json_escapes(text: str) -> str:
    r"""A text with `\u0000` where Python writes `\x00`."""
    return _ESCAPE.sub(_json_escape, text) if "\\" in text else text


def _json_escape(found: re.Match[str]) -> str:
    if found[1]:
        return f"\\u00{found[1]}"
    return chr(int(found[2], 16)) if found[2] else found[0]


def _json_text(quotation: re.Match[str]) -> str:
    if quotation.lastgroup is None:
        return quotation[0]
    text = _json_escapes(quotation[0][1:-1])
    if quotation[0][0] == "'":
        text = text.replace("\\'", "'").replace('"', '\\"')
    return f'"{text}"'
