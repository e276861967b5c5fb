"""Requests refused before they reach the graph; every code has a heading in docs/errors.md.

Refusal                       status, code, message
├── 400 INVALID_JSON          the body is not JSON
├── 400 INVALID_REQUEST       JSON, but no GraphQL request
├── 400 BATCHING_UNSUPPORTED  an array of requests
├── 400 PREFLIGHT_REQUIRED    a GET that any web page could make a browser send
├── 401 UNAUTHENTICATED       a key that is not the right one
├── 405 METHOD_NOT_ALLOWED    a method, or a mutation by GET
├── 406 NOT_ACCEPTABLE        no JSON accepted
├── 413 BODY_TOO_LARGE        more than the limit
└── 415 UNSUPPORTED_MEDIA_TYPE  no JSON sent, or sent compressed
"""

from collections.abc import Mapping
from types import MappingProxyType

STATUSES: Mapping[str, int] = MappingProxyType(
    {
        "INVALID_JSON": 400,
        "INVALID_REQUEST": 400,
        "BATCHING_UNSUPPORTED": 400,
        "PREFLIGHT_REQUIRED": 400,
        "UNAUTHENTICATED": 401,
        "METHOD_NOT_ALLOWED": 405,
        "NOT_ACCEPTABLE": 406,
        "BODY_TOO_LARGE": 413,
        "UNSUPPORTED_MEDIA_TYPE": 415,
    }
)


class Refusal(Exception):  # it is an answer more than an error
    """A request that is answered with an HTTP error and one coded GraphQL error."""

    def __init__(self, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = STATUSES[code]
        self.headers = dict(headers or {})
