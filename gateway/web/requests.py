"""GraphQL requests read from HTTP; whatever cannot be one is refused with a code."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from gateway.web.bodies import SECONDS, decoded, read_json
from gateway.web.refusals import Refusal

SAFE_HEADERS = (
    "graphql-require-preflight",
    "apollo-require-preflight",
    "x-requested-with",
    "authorization",
    "shanhai-purpose",
)
"""Headers that a foreign web page cannot make a browser send without asking us first."""
_KEYS = ("query", "documentId", "variables", "operationName", "extensions", "onError")
DOCUMENT_ID = re.compile(r"[A-Za-z0-9._~-]{1,200}|sha256:[0-9a-f]{64}|x-[A-Za-z0-9._~-]{1,100}:[A-Za-z0-9._~-]{1,200}")
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class GraphRequest:
    """One operation to execute: `query` is its document, or empty where an id or a hash names it."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    document_id: str | None = None
    query_hash: str | None = None


async def read_post(request: Request, seconds: float = SECONDS) -> Any:
    """What a POST asks: an object for `graph_request`, or an array of them; raises Refusal."""
    document = await read_json(request, seconds)
    if not isinstance(document, (dict, list)):
        raise Refusal("INVALID_REQUEST", f"the body must be an object with `query`, not {_shown(document)}")
    return document


def read_get(request: Request) -> dict[str, Any]:
    """The parameters of a GET; raises Refusal."""
    if not any(name in request.headers for name in SAFE_HEADERS):
        raise Refusal(
            "PREFLIGHT_REQUIRED", "a GET needs a header such as `GraphQL-Require-Preflight: 1`; a POST does not"
        )
    values: dict[str, Any] = {}
    for key, text in request.query_params.multi_items():
        if key in values:
            raise Refusal("INVALID_REQUEST", f"`{key}` is given twice")
        if key in _KEYS and text:
            values[key] = decoded(text, key) if key in ("variables", "extensions") else text
    return values


def graph_request(document: object) -> GraphRequest:
    """The request of decoded parameters; raises Refusal that names the parameter and its type."""
    if not isinstance(document, dict):
        raise Refusal("INVALID_REQUEST", f"a request must be an object with `query`, not {_shown(document)}")
    query, document_id = document.get("query"), document.get("documentId")
    variables = _object(document, "variables")
    extensions = _object(document, "extensions") or {}
    operation_name = document.get("operationName")
    if operation_name is not None and not isinstance(operation_name, str):
        raise Refusal("INVALID_REQUEST", f"`operationName` must be text, not {_shown(operation_name)}")
    if document.get("onError") not in (None, "PROPAGATE"):
        raise Refusal("INVALID_REQUEST", "`onError` may be PROPAGATE, which is what happens without it, and no other")
    query_hash = _persisted(extensions)
    if document_id is not None:
        if query is not None:
            raise Refusal("INVALID_REQUEST", "send `query` or `documentId`, not both")
        if query_hash is not None:
            raise Refusal("INVALID_REQUEST", "send `documentId` or `extensions.persistedQuery`, not both")
        if not isinstance(document_id, str) or not DOCUMENT_ID.fullmatch(document_id):
            raise Refusal(
                "INVALID_REQUEST", "`documentId` must be `sha256:` with 64 small hexadecimal digits, or a word"
            )
    elif query is None and query_hash is not None:
        query = ""
    elif not isinstance(query, str) or not query.strip():
        raise Refusal("INVALID_REQUEST", f"{_unfit(query)}; send a document such as `{{ platforms {{ name }} }}`")
    return GraphRequest(query or "", variables, operation_name or None, document_id, query_hash)


def _unfit(query: object) -> str:
    """What is wrong with a request's document."""
    if query is None:
        return "`query` is missing"
    return "`query` is empty" if isinstance(query, str) else f"`query` must be text, not {_shown(query)}"


def _object(document: Mapping[str, Any], key: str) -> dict[str, Any] | None:
    value = document.get(key)
    if value is not None and not isinstance(value, dict):
        raise Refusal("INVALID_REQUEST", f"`{key}` must be an object, not {_shown(value)}")
    return value


def _persisted(extensions: Mapping[str, Any]) -> str | None:
    """The hash of an automatic persisted query, as Apollo's clients send it."""
    stated = extensions.get("persistedQuery")
    if stated is None:
        return None
    if not isinstance(stated, dict) or stated.get("version") != 1:
        raise Refusal("INVALID_REQUEST", "`extensions.persistedQuery` must be an object with `version` 1")
    found = stated.get("sha256Hash")
    if not isinstance(found, str) or not _HASH.fullmatch(found):
        raise Refusal("INVALID_REQUEST", "`persistedQuery.sha256Hash` must be 64 small hexadecimal digits")
    return found


def _shown(value: object) -> str:
    names = {type(None): "null", bool: "a boolean", int: "a number", float: "a number", str: "text", list: "an array"}
    return names.get(type(value), "an object")
