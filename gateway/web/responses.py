"""JSON answers with the headers that every one of them carries, compressed where the client takes it."""

import zlib
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

from gateway.web.negotiation import accepted, quality

SMALLEST_COMPRESSED = 1_400
"""Bytes below which an answer fits into one packet anyway."""
_LEVEL, _GZIP = 4, 31
"""Level 4 takes a third of the time of level 9 and leaves a twentieth more; 31 is zlib's word for a gzip header."""
VARY = "Accept, Accept-Encoding, Authorization, Shanhai-Purpose, Shanhai-Cost"


def refused(code: str, message: str, identifier: str, *, retryable: bool = False) -> dict[str, Any]:
    """The body of a request that never reached the graph."""
    extensions = {"code": code, "platform": None, "retryable": retryable, "traceId": identifier}
    return {"errors": [{"message": message, "extensions": extensions}]}


def common_headers(identifier: str) -> dict[str, str]:
    """Headers of every answer, whatever it is."""
    return {"X-Request-Id": identifier, "Vary": VARY, "X-Content-Type-Options": "nosniff"}


def json_response(
    body: object,
    media_type: str,
    status: int,
    identifier: str,
    headers: Mapping[str, str] | None = None,
    accept_encoding: str | None = None,
) -> Response:
    """A JSON answer that carries the request id; `body` is what is to be encoded, or bytes that are already."""
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    sent = {**common_headers(identifier), **(headers or {})}
    if len(content) >= SMALLEST_COMPRESSED and takes_gzip(accept_encoding):
        content = compressed(content)
        sent["Content-Encoding"] = "gzip"
    return Response(content, status_code=status, media_type=f"{media_type}; charset=utf-8", headers=sent)


def takes_gzip(accept_encoding: str | None) -> bool:
    """Whether a client reads gzip, and not rather the plain answer."""
    if not accept_encoding:
        return False
    qualities = dict(accepted(accept_encoding))
    gzip = quality(qualities, "gzip", "x-gzip", "*")
    return gzip > 0 and gzip >= qualities.get("identity", 0.0)


def compressed(content: bytes) -> bytes:
    """The content as one gzip member without a time of its own, so that equal answers are equal."""
    squeezing = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    return squeezing.compress(content) + squeezing.flush()
