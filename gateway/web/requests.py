"""GraphQL requests read from HTTP; whatever cannot be one is refused with a code."""

from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request

from gateway.web.refusals import Refusal

MAX_BODY = 1024 * 1024
"""Bytes of a request body."""
SAFE_HEADERS = (
    "graphql-require-preflight",
    "apollo-require-preflight",
    "x-requested-with",
    "authorization",
    "shanhai-purpose",
)
"""Headers that a foreign web page cannot make a browser send without asking us first."""
_KEYS = ("query", "variables", "operationName", "extensions")


@dataclass(frozen=True, slots=True)
class GraphRequest:
    """One operation to execute."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None


async def read_post(request: Request) -> GraphRequest:
    """The request of a POST body; raises Refusal."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        found = media_type or "nothing"
        raise Refusal("UNSUPPORTED_MEDIA_TYPE", f"send Content-Type: application/json, not {found[:100]}")
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise Refusal("UNSUPPORTED_MEDIA_TYPE", f"send the body as it is, not with Content-Encoding: {encoding[:100]}")
    body = await _body(request)
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refusal("INVALID_JSON", f"the body is not JSON: {error}") from error
    if isinstance(document, list):
        raise Refusal("BATCHING_UNSUPPORTED", "send one operation in each request, not an array")
    if not isinstance(document, dict):
        raise Refusal("INVALID_REQUEST", f"the body must be an object with `query`, not {_shown(document)}")
    return graph_request(document)


def read_get(request: Request) -> GraphRequest:
    """The request of GET parameters; raises Refusal."""
    if not any(name in request.headers for name in SAFE_HEADERS):
        raise Refusal(
            "PREFLIGHT_REQUIRED", "a GET needs a header such as `GraphQL-Require-Preflight: 1`; a POST does not"
        )
    values: dict[str, Any] = {key: value for key, value in request.query_params.items() if key in _KEYS}
    for key in ("variables", "extensions"):
        if text := values.pop(key, None):
            try:
                values[key] = orjson.loads(text)
            except orjson.JSONDecodeError as error:
                raise Refusal("INVALID_JSON", f"{key} is not JSON: {error}") from error
    return graph_request(values)


def graph_request(document: dict[str, Any]) -> GraphRequest:
    """The request of decoded parameters; raises Refusal that names the parameter and its type."""
    query = document.get("query")
    variables = document.get("variables")
    operation_name = document.get("operationName")
    if not isinstance(query, str) or not query.strip():
        raise Refusal("INVALID_REQUEST", f"`query` must be the text of a GraphQL document, not {_shown(query)}")
    if variables is not None and not isinstance(variables, dict):
        raise Refusal("INVALID_REQUEST", f"`variables` must be an object, not {_shown(variables)}")
    if operation_name is not None and not isinstance(operation_name, str):
        raise Refusal("INVALID_REQUEST", f"`operationName` must be text, not {_shown(operation_name)}")
    extensions = document.get("extensions")
    if extensions is not None and not isinstance(extensions, dict):
        raise Refusal("INVALID_REQUEST", f"`extensions` must be an object, not {_shown(extensions)}")
    return GraphRequest(query, variables, operation_name or None)


async def _body(request: Request) -> bytes:
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and len(stated) < 20 and int(stated) > MAX_BODY:
        raise Refusal("BODY_TOO_LARGE", f"a body may have {MAX_BODY} bytes, this one has {stated}")
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > MAX_BODY:
            raise Refusal("BODY_TOO_LARGE", f"a body may have {MAX_BODY} bytes, this one has more")
    return bytes(read)


def _shown(value: object) -> str:
    names = {type(None): "null", bool: "a boolean", int: "a number", float: "a number", str: "text", list: "an array"}
    return names.get(type(value), "an object")
