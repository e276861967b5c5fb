"""Who asks: read from the Authorization header, compared in constant time."""

import hashlib
import hmac
import re
import uuid

from starlette.requests import Request

from gateway.identity import ADMINISTRATOR, ANONYMOUS, Principal
from gateway.web.refusals import Refusal

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="shanhai"'}


class Authenticator:
    """Knows the administrator's key, if there is one; no key at all is everybody's way to read."""

    def __init__(self, admin_key: str | None = None) -> None:
        self._digest = _digest(admin_key) if admin_key else None

    def principal(self, authorization: str | None) -> Principal:
        """The principal of a header; raises Refusal (401) for a scheme or key that is not known."""
        if authorization is None:
            return ANONYMOUS
        scheme, _, key = authorization.partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise Refusal("UNAUTHENTICATED", "send `Authorization: Bearer <key>`, or no key at all", _CHALLENGE)
        if self._digest is None or not hmac.compare_digest(_digest(key.strip()), self._digest):
            raise Refusal("UNAUTHENTICATED", "this key is not known; reading needs no key", _CHALLENGE)
        return ADMINISTRATOR


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def request_id(request: Request) -> str:
    """The id of a request: the client's own `X-Request-Id` where it is a short plain word, else a new one."""
    sent = request.headers.get("x-request-id", "")
    return sent if _REQUEST_ID.fullmatch(sent) else uuid.uuid4().hex
