"""The public keys of an OpenID Connect issuer, fetched seldom and kept while the issuer is away."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import jwt

from gateway.clock import Clock
from gateway.errors import NotReady
from gateway.logs import reason_of

Fetch = Callable[[str], Awaitable[bytes]]
"""The body behind a URL; raises KeysUnavailable where there is none."""

FRESH = timedelta(minutes=10)
"""How long keys are used without asking again."""
STALE = timedelta(hours=24)
"""How long they are used while the issuer does not answer."""
PAUSE = timedelta(minutes=1)
"""The issuer is asked once in this time at most, however many unknown keys are named and whether or not it answers."""
MOST_KEYS = 100
MOST_BYTES = 256 * 1024
ALGORITHMS: Mapping[str, tuple[str, str | None]] = MappingProxyType(
    {
        "RS256": ("RSA", None),
        "RS384": ("RSA", None),
        "RS512": ("RSA", None),
        "PS256": ("RSA", None),
        "PS384": ("RSA", None),
        "PS512": ("RSA", None),
        "ES256": ("EC", "P-256"),
        "ES384": ("EC", "P-384"),
        "ES512": ("EC", "P-521"),
        "EdDSA": ("OKP", "Ed25519"),
    }
)
"""Signature algorithms that can be accepted, with the type and curve of the keys that fit (RFC 7518, RFC 8037)."""
_log = logging.getLogger("shanhai.access")


class KeysUnavailable(Exception):
    """The issuer's keys cannot be had now; the message says why and holds no secret."""


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """One key of the issuer, as its JSON Web Key says it (RFC 7517)."""

    document: Mapping[str, Any]

    def fits(self, algorithm: str) -> bool:
        """Whether a token of this algorithm may be verified by it: type and curve, and what it says it is for."""
        kind, curve = ALGORITHMS[algorithm]
        says = self.document.get
        operations = says("key_ops", ["verify"])
        return (
            says("kty") == kind
            and (curve is None or says("crv") == curve)
            and says("alg", algorithm) == algorithm
            and says("use", "sig") == "sig"
            and isinstance(operations, list)
            and "verify" in operations
        )

    def material(self, algorithm: str) -> jwt.PyJWK:
        """The key for PyJWT; raises PyJWTError where it is broken."""
        return jwt.PyJWK(dict(self.document), algorithm)


class KeySet:
    """Finds keys of one issuer by their ids; safe to share between requests of one event loop."""

    def __init__(self, fetch: Fetch, clock: Clock, issuer: str, jwks_url: str | None = None) -> None:
        self._fetch, self._clock = fetch, clock
        self._issuer, self._url = issuer, jwks_url
        self._keys: dict[str, tuple[PublishedKey, ...]] = {}
        self._fetched_at: datetime | None = None
        self._asked_at: datetime | None = None
        self._asking: asyncio.Task[None] | None = None

    async def find(self, key_id: str) -> tuple[PublishedKey, ...]:
        """Keys with this id, mostly one, none where the issuer publishes none.

        Keys that are known and not too old are answered at once, while fresh ones are fetched. Raises NotReady where
        the issuer has not answered for so long that nothing can be told.
        """
        known = key_id in self._keys
        if self._age() >= FRESH or not known:
            asking = self._refresh()
            if asking is not None and not (known and self._age() < STALE):
                # a client that hangs up must not end what others wait for
                await asyncio.shield(asking)
        if self._age() >= STALE:
            raise NotReady("the keys of the issuer of tokens cannot be had now; try again in a minute")
        return self._keys.get(key_id, ())

    def _age(self) -> timedelta:
        return timedelta.max if self._fetched_at is None else self._clock() - self._fetched_at

    async def aclose(self) -> None:
        """End a fetch that is under way."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])

    def _refresh(self) -> asyncio.Task[None] | None:
        """Ask the issuer, once for all; None where it was asked just now."""
        if self._asking is None:
            now = self._clock()
            if self._asked_at is not None and now - self._asked_at < PAUSE:
                return None
            self._asked_at = now
            self._asking = asyncio.create_task(self._ask())
        return self._asking

    async def _ask(self) -> None:
        try:
            url = self._url or _location(await self._fetch(_discovery(self._issuer)), self._issuer)
            self._keys = read_keys(await self._fetch(url))
            self._fetched_at = self._clock()
        except KeysUnavailable as error:
            _log.warning("the keys of %s cannot be had: %s", self._issuer, reason_of(error))
        except Exception as error:  # perhaps nobody waits who could be told
            _log.exception("fetching the keys of %s ended with %s", self._issuer, type(error).__name__)
        finally:
            self._asking = None


def read_keys(body: bytes) -> dict[str, tuple[PublishedKey, ...]]:
    """Keys with an id, by id; keys of types we do not know stay unused. Raises KeysUnavailable for anything else."""
    keys = _document(body).get("keys")
    if not isinstance(keys, list) or len(keys) > MOST_KEYS:
        raise KeysUnavailable(f"`keys` is no list of at most {MOST_KEYS} keys")
    found: dict[str, tuple[PublishedKey, ...]] = {}
    for key in keys:
        if isinstance(key, dict) and isinstance(key_id := key.get("kid"), str):
            found[key_id] = (*found.get(key_id, ()), PublishedKey(key))
    return found


def _discovery(issuer: str) -> str:
    """Where an issuer describes itself (OpenID Connect Discovery 1.0, section 4)."""
    return f"{issuer.rstrip('/')}/.well-known/openid-configuration"


def _location(body: bytes, issuer: str) -> str:
    document = _document(body)
    if document.get("issuer") != issuer:
        raise KeysUnavailable("the discovery document is of another issuer")
    url = document.get("jwks_uri")
    # what protects the issuer's own address must protect its keys too
    if not isinstance(url, str) or not url.startswith(("https://", f"{issuer.partition(':')[0]}://")):
        raise KeysUnavailable("the discovery document names no `jwks_uri` that can be trusted")
    return url


def _document(body: bytes) -> dict[str, Any]:
    if len(body) > MOST_BYTES:
        raise KeysUnavailable(f"a document has more than {MOST_BYTES} bytes")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise KeysUnavailable("a document is not JSON") from None
    if not isinstance(document, dict):
        raise KeysUnavailable("a document is no JSON object")
    return document
