"""Parameters in bodies: those of a form or of a JSON object, as signatures read and write them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import orjson

from connectors.errors import ManifestError
from connectors.transport.seam import Request
from connectors.transport.urls import without_query

FORM = "application/x-www-form-urlencoded"


def body_pairs(request: Request) -> list[tuple[str, str]]:
    """Names and values of a form or of a JSON object's own members in their order; an empty body has none.

    Text is taken as it is, null is empty, and everything else is compact JSON: `true`, `12`, `[1,2]`. Raises
    `ManifestError` for any other body, whose parameters nobody could sign.
    """
    if not request.body:
        return []
    if _is_form(request):
        return parse_qsl(request.body.decode("utf-8", "surrogateescape"), keep_blank_values=True)
    return [(name, _text(value)) for name, value in _members(request).items()]


def with_body_values(request: Request, values: Mapping[str, str]) -> Request:
    """The request with `values` at the end of its form or JSON object, in place of the same names."""
    if _is_form(request):
        kept = [pair for pair in body_pairs(request) if pair[0] not in values]
        written = urlencode([*kept, *values.items()], quote_via=quote, safe="", errors="surrogateescape")
        return replace(request, body=written.encode())
    members = _members(request) if request.body else {}
    kept_members = {name: value for name, value in members.items() if name not in values}
    return replace(request, body=orjson.dumps(kept_members | dict(values)))


def _is_form(request: Request) -> bool:
    found = [value for name, value in request.headers.items() if name.lower() == "content-type"]
    return any(value.partition(";")[0].strip().lower() == FORM for value in found)


def _members(request: Request) -> dict[str, Any]:
    try:
        found = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        where = without_query(request.url)
        raise ManifestError(f"the body sent to {where} is neither a form nor a JSON object, so it has no parameters")
    return found


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else orjson.dumps(value).decode()
