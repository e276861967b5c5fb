"""How an API description says that callers prove who they are, as `credentials:` of a manifest."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urljoin

from connectors.drafts.names import folded
from connectors.drafts.openapi_document import ApiDocument, Operation
from connectors.drafts.requests import signed_parts
from connectors.drafts.writing import Block
from connectors.transport.urls import origin


def draft_security(before: Block, api: ApiDocument, operation: Operation, home: str | None) -> None:
    """Write `credentials:` for an operation, and `otherOrigins` where tokens are given elsewhere."""
    if _signed(before, operation):
        return
    schemes = _schemes(api, operation)
    for name, scheme in schemes:
        made = _credentials(scheme, home)
        if made is not None:
            if made["kind"] == "oauth2" and home and str(made["tokenUrl"]).startswith("http"):
                _elsewhere(before, str(made["tokenUrl"]), home)
            before.put("credentials", made, f"guess: the security scheme {name}; secrets are written by name")
            return
    for name, scheme in schemes:
        before.remark(
            f"credentials: needed for the security scheme {name} ({scheme.get('type')}); see docs/manifest.md"
        )
    if not schemes:
        before.remark("credentials: the document names no security scheme")


def _schemes(api: ApiDocument, operation: Operation) -> list[tuple[str, Mapping[str, Any]]]:
    components = api.root.get("components")
    holder = api.root if api.is_swagger else components if isinstance(components, dict) else {}
    known = holder.get("securityDefinitions" if api.is_swagger else "securitySchemes")
    wanted = operation.said.get("security", api.root.get("security"))
    if not isinstance(known, dict) or wanted == []:
        return []
    named = (
        [name for one in wanted if isinstance(one, dict) for name in one] if isinstance(wanted, list) else list(known)
    )
    return [(name, api.resolved(known[name])) for name in named if name in known]


def _credentials(scheme: Mapping[str, Any], home: str | None) -> dict[str, Any] | None:
    match (str(scheme.get("type")), str(scheme.get("scheme")).lower(), scheme.get("in")):
        case ("apiKey", _, ("header" | "query") as place):
            return {
                "kind": "apiKey",
                "in": place,
                "name": str(scheme.get("name", "X-Api-Key")),
                "secret": "platformKey",
            }
        case ("http", "basic", _) | ("basic", _, _):
            return {"kind": "basic", "username": "platformUser", "password": "platformPassword"}
        case ("http", "bearer", _):
            return {"kind": "bearer", "secret": "platformToken"}
        case ("oauth2", _, _):
            url = _token_url(scheme)
            if url is None:
                return None
            address = urljoin(home or "", url)
            inside = bool(home) and address.startswith(f"{home}/")
            path = address[len(home or "") :] if inside else address
            return {"kind": "oauth2", "tokenUrl": path, "clientId": "clientId", "clientSecret": "clientSecret"}
    return None


def _token_url(scheme: Mapping[str, Any]) -> str | None:
    flows = scheme.get("flows")
    flow = flows.get("clientCredentials") if isinstance(flows, dict) else None
    if isinstance(flow, dict):
        return str(flow["tokenUrl"]) if flow.get("tokenUrl") else None
    return str(scheme["tokenUrl"]) if scheme.get("flow") == "application" and scheme.get("tokenUrl") else None


def _elsewhere(before: Block, url: str, home: str) -> None:
    try:
        other = origin(url.partition("?")[0] if "/" not in url[8:] else "/".join(url.split("/")[:3]))
    except ValueError:
        return
    if other != home:
        before.put("otherOrigins", [other], "guess: tokens are given there")


def _signed(before: Block, operation: Operation) -> bool:
    """Write a signature where a parameter is called so, as common Chinese platforms have it."""
    near: Sequence[Mapping[str, Any]] = [one for one in operation.parameters if one.get("in") in ("query", "header")]
    parts = signed_parts({folded(one["name"]): one["name"] for one in near})
    if parts is None:
        return False
    place = next(one["in"] for one in near if one["name"] == parts["sign"])
    found = {"kind": "hmac", "appKey": "appKey", "secret": "appSecret", "in": place, "names": parts}
    before.put("credentials", found, "guess: the request is signed; check algorithm, parts and a golden vector")
    return True
