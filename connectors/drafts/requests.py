"""The request of a draft, as far as the address that was asked tells: path, fixed parameters, the proof of who asks."""

from collections.abc import Mapping
from typing import Any

from connectors.drafts import names
from connectors.drafts.draft import About
from connectors.drafts.names import folded
from connectors.drafts.writing import Block

_SIGNED = ("sign", "signature", "sig")
_KEYS = ("apikey", "key", "accesskey", "accesstoken", "token", "appkey", "appid", "clientid")
_STAMPS = ("timestamp", "ts", "nonce", "noncestr", "t", "appsecret", "secret", "signmethod", "signtype")
NOT_FIXED = frozenset((*_SIGNED, *_KEYS, *_STAMPS, *names.PAGE, *names.SIZE, *names.OFFSET, *names.TOKEN, *names.SINCE))
"""Parameters whose values belong to one request, or to who asks, and stand in no manifest."""


def draft_request(keys: Block, about: About, paging: Block) -> list[str]:
    """`request:` from the address; gives what is needed where none was given. Proofs of who asks are left out."""
    moved = {entry.value for entry in paging.entries if not isinstance(entry, str)}
    query = {name: value for name, value in about.query.items() if folded(name) not in NOT_FIXED and name not in moved}
    request: dict[str, Any] = {"path": about.path or "/"}
    if query:
        request["query"] = query
    missing = about.path is None
    keys.put(
        "request",
        request,
        "needed: the path that was asked; with a JSON body also method: POST and json" if missing else "",
    )
    return [f"{about.section}.request.path"] if missing else []


def draft_credentials(before: Block, query: Mapping[str, str]) -> None:
    """`credentials:` where the address shows how the platform is told who asks; no value of it is written."""
    called = {folded(name): name for name in query}
    parts = signed_parts(called)
    key = next((called[name] for name in _KEYS if name in called), None)
    if parts is not None:
        found: dict[str, Any] = {"kind": "hmac", "appKey": "appKey", "secret": "appSecret", "names": parts}
        before.put("credentials", found, "guess: the address is signed; check algorithm and parts (docs/manifest.md)")
    elif key is not None:
        found = {"kind": "apiKey", "in": "query", "name": key, "secret": "platformKey"}
        before.put("credentials", found, f"guess: the address holds {key}; platformKey is the name of a secret")
    else:
        before.remark(
            "credentials: {kind: apiKey, name: X-Api-Key, secret: platformKey} where the platform asks for a proof"
        )


def signed_parts(called: Mapping[str, str]) -> dict[str, str | None] | None:
    """The names under which the parts of a signature travel, given names by their folded form; None where none does."""
    sign = _first(called, _SIGNED)
    if sign is None:
        return None
    return {
        "sign": sign,
        "appKey": _first(called, _KEYS),
        "timestamp": _first(called, ("timestamp", "ts", "t")),
        "nonce": _first(called, ("nonce", "noncestr")),
    }


def _first(called: Mapping[str, str], words: tuple[str, ...]) -> str | None:
    return next((called[word] for word in words if word in called), None)
