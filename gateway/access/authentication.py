"""Who asks, told by the credentials of a request: the administrator's key, a key of the API, or a token."""

import hashlib
import hmac
from typing import Protocol

from gateway.access.keys import PREFIX, Caller, KeyFault
from gateway.access.tokens import LONGEST_TOKEN, TokenRefused
from gateway.errors import GatewayError, InvalidInput
from gateway.identity import ADMINISTRATOR, ANONYMOUS, Principal, Purpose

_UNKNOWN = "this key is not known; reading needs no key"
_FAULTS = {
    KeyFault.UNKNOWN: _UNKNOWN,
    KeyFault.EXPIRED: "this key has expired; ask the operator for a new one",
    KeyFault.REVOKED: "this key was revoked; ask the operator for a new one",
}


class Unauthenticated(GatewayError):
    """Credentials that are not accepted; the message repeats nothing of them."""

    code = "UNAUTHENTICATED"


class InvalidPurpose(InvalidInput):
    """A purpose that there is not; the message lists those that there are."""

    code = "INVALID_PURPOSE"


class Keys(Protocol):
    """The keys of the API."""

    async def find(self, text: str) -> Caller | KeyFault:
        """Who asks by a key, or why it opens nothing."""
        ...


class Tokens(Protocol):
    """The tokens of an issuer."""

    async def principal(self, token: str) -> Principal:
        """Who asks by a token; raises TokenRefused, and NotReady while that cannot be told."""
        ...


class Credentials:
    """Reads the header `Authorization`; without it everybody is the same anonymous principal."""

    def __init__(self, admin_key: str | None = None, keys: Keys | None = None, tokens: Tokens | None = None) -> None:
        self._digest = _digest(admin_key) if admin_key else None
        self._keys, self._tokens = keys, tokens

    async def caller(self, authorization: str | None) -> Caller:
        """Who asks; raises Unauthenticated for what is not known, and NotReady while that cannot be told."""
        if authorization is None:
            return Caller(ANONYMOUS)
        scheme, _, rest = authorization.partition(" ")
        text = rest.strip()
        if scheme.lower() != "bearer" or not text:
            raise Unauthenticated("send `Authorization: Bearer <key or token>`, or no such header at all")
        if len(text) > LONGEST_TOKEN:
            raise Unauthenticated(f"a key or token has at most {LONGEST_TOKEN} bytes")
        if self._digest is not None and hmac.compare_digest(_digest(text), self._digest):
            return Caller(ADMINISTRATOR)
        if text.startswith(PREFIX):
            return await self._by_key(text)
        if self._tokens is None:
            raise Unauthenticated(_UNKNOWN)
        try:
            return Caller(await self._tokens.principal(text))
        except TokenRefused as refused:
            raise Unauthenticated(str(refused)) from None

    async def _by_key(self, text: str) -> Caller:
        found = KeyFault.UNKNOWN if self._keys is None else await self._keys.find(text)
        if isinstance(found, KeyFault):
            raise Unauthenticated(_FAULTS[found])
        return found


def stated_purpose(header: str | None) -> Purpose | None:
    """The purpose of `Shanhai-Purpose`, None for an empty or absent header; raises InvalidPurpose."""
    text = (header or "").strip()
    if not text:
        return None
    if text not in Purpose.__members__:
        raise InvalidPurpose(f"Shanhai-Purpose: {text[:40]!r} is no purpose; there are {', '.join(Purpose)}")
    return Purpose(text)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
