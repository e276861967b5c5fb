"""Messages of the protocol graphql-transport-ws, and the codes with which a connection is closed.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from gateway.web.bodies import MAX_BODY, decoded
from gateway.web.identity import PURPOSE
from gateway.web.refusals import Refusal

SUBPROTOCOL = "graphql-transport-ws"
LONGEST_ID = 128
_LONGEST_REASON = 123
"""Bytes that a close frame has for its reason."""
_OBJECTS = ("connection_init", "ping", "pong", "subscribe")
_TYPES = (*_OBJECTS, "complete")


class CloseCode(IntEnum):
    """Why a connection is closed: those above 4000 are of the protocol, those below of WebSockets."""

    NORMAL = 1000
    TOO_BIG = 1009
    RESTART = 1012
    TRY_AGAIN = 1013
    INVALID = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    SUBPROTOCOL = 4406
    INIT_TIMEOUT = 4408
    DUPLICATE = 4409
    REPEATED_INIT = 4429
    INTERNAL = 4500


class Closing(Exception):  # it is an end more than an error
    """The connection is to be closed with a code, and a reason that people read."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode()[:_LONGEST_REASON].decode(errors="ignore")


@dataclass(frozen=True, slots=True)
class Message:
    """What a client says; `id` is empty where the type has none."""

    type: str
    id: str = ""
    payload: Any = None


def read_message(text: str | None) -> Message:
    """The message of a text frame; raises Closing for anything that is none."""
    if text is None:
        raise Closing(CloseCode.INVALID, "send text frames of JSON")
    if len(text) > MAX_BODY:
        raise Closing(CloseCode.TOO_BIG, f"a message may have {MAX_BODY} characters, this one has {len(text)}")
    try:
        document = decoded(text, "the message")
    except Refusal as refusal:
        raise Closing(CloseCode.INVALID, refusal.message) from None
    if not isinstance(document, dict) or document.get("type") not in _TYPES:
        raise Closing(CloseCode.INVALID, f"a message is an object with a type of {', '.join(_TYPES)}")
    return _judged(document["type"], document.get("id"), document.get("payload"))


def credentials_of(payload: Mapping[str, Any], sent: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Authorization and purpose of `connection_init`, else of its `headers`, else of the headers that were `sent`.

    Clients write the names as those of headers, in any case. Raises Closing for a value that is no text.
    """
    inner = next((value for name, value in payload.items() if name.lower() == "headers"), None)
    if not isinstance(inner, dict | None):
        raise Closing(CloseCode.INVALID, "headers must be an object")
    stated: dict[str, Any] = {}
    for name, value in (*payload.items(), *(inner or {}).items()):
        if value is not None:
            stated.setdefault(name.lower(), value)
    authorization = stated.get("authorization", sent.get("authorization"))
    purpose = stated.get("purpose", stated.get(PURPOSE.lower(), sent.get(PURPOSE)))
    if not isinstance(authorization, str | None) or not isinstance(purpose, str | None):
        raise Closing(CloseCode.INVALID, "authorization and purpose must be text")
    return authorization, purpose


def _judged(kind: str, identifier: object, payload: object) -> Message:
    if kind in _OBJECTS and not isinstance(payload, dict) and (payload is not None or kind == "subscribe"):
        raise Closing(CloseCode.INVALID, f"the payload of {kind} must be an object")
    if kind not in ("subscribe", "complete"):
        return Message(kind, payload=payload)
    if not isinstance(identifier, str) or not 0 < len(identifier) <= LONGEST_ID:
        raise Closing(CloseCode.INVALID, f"the id of {kind} must be text of 1 to {LONGEST_ID} characters")
    return Message(kind, identifier, payload)
