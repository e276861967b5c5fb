"""Requests refused before they reach the graph or an export; every code has a heading in docs/errors.md.

Refusal                       status, code, message
├── 400 INVALID_JSON          the body is not JSON, or says one thing twice
├── 400 INVALID_ENCODING      the body is not what Content-Encoding says
├── 400 PREFLIGHT_REQUIRED    a GET that any web page could make a browser send
├── 400 INVALID_PURPOSE       a purpose that there is not
├── 400 PERSISTED_QUERY_MISMATCH  a document whose hash is another
├── 401 UNAUTHENTICATED       a key or token that is not accepted
├── 403 SCOPE_MISSING         an action with a key for reading, or a query with one for writing
├── 403 LINK_INVALID          a link to an export that is not ours, or was changed
├── 403 DOCUMENT_NOT_TRUSTED  a document of the client's own where only trusted ones are answered
├── 404 DOCUMENT_UNKNOWN      an id of no trusted document
├── 404 PERSISTED_QUERY_NOT_FOUND  a hash that was not sent with its document before
├── 405 METHOD_NOT_ALLOWED    a method, or a mutation by GET
├── 406 NOT_ACCEPTABLE        no JSON accepted
├── 406 STREAM_REQUIRED       a subscription where no events are accepted
├── 408 BODY_TIMEOUT          a body that came too slowly
├── 410 LINK_EXPIRED          a link to an export whose time is over
├── 413 BODY_TOO_LARGE        more than the limit
├── 415 UNSUPPORTED_MEDIA_TYPE  no JSON sent, or compressed in another way than by gzip
├── 422 INVALID_REQUEST       JSON, but no GraphQL request
├── 422 BATCHING_UNSUPPORTED  an array of requests, or one that is too long
├── 422 PERSISTED_QUERY_NOT_SUPPORTED  a hash where automatic persisted queries are off
├── 429 QUOTA_EXCEEDED        a client that asks more often than it may
├── 429 COST_QUOTA_EXCEEDED   a client whose operations cost more than they may
├── 503 EXPORTS_BUSY          as many exports are being written or sent as there may be
├── 503 OVERLOADED            as many operations are being executed as there may be
├── 503 STREAMS_BUSY          as many streams are open as there may be
└── 504 OPERATION_TIMEOUT     an operation that took longer than it may
"""

from collections.abc import Mapping
from types import MappingProxyType

STATUSES: Mapping[str, int] = MappingProxyType(
    {
        "INVALID_JSON": 400,
        "INVALID_ENCODING": 400,
        "PREFLIGHT_REQUIRED": 400,
        "INVALID_PURPOSE": 400,
        "PERSISTED_QUERY_MISMATCH": 400,
        "UNAUTHENTICATED": 401,
        "SCOPE_MISSING": 403,
        "LINK_INVALID": 403,
        "DOCUMENT_NOT_TRUSTED": 403,
        "DOCUMENT_UNKNOWN": 404,
        "PERSISTED_QUERY_NOT_FOUND": 404,
        "METHOD_NOT_ALLOWED": 405,
        "NOT_ACCEPTABLE": 406,
        "STREAM_REQUIRED": 406,
        "BODY_TIMEOUT": 408,
        "LINK_EXPIRED": 410,
        "BODY_TOO_LARGE": 413,
        "UNSUPPORTED_MEDIA_TYPE": 415,
        "INVALID_REQUEST": 422,
        "BATCHING_UNSUPPORTED": 422,
        "PERSISTED_QUERY_NOT_SUPPORTED": 422,
        "QUOTA_EXCEEDED": 429,
        "COST_QUOTA_EXCEEDED": 429,
        "EXPORTS_BUSY": 503,
        "OVERLOADED": 503,
        "STREAMS_BUSY": 503,
        "OPERATION_TIMEOUT": 504,
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

    @property
    def retryable(self) -> bool:
        """Whether the very same request may succeed later."""
        return self.status in (408, 429, 503, 504)
