"""What certificates are checked with, published without any key: public keys, the issuer's profile, revocations."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

KEYS_PATH = "/.well-known/jwks.json"
ISSUER_PATH = "/credentials/issuer"
REVOCATIONS_PATH = "/credentials/revocations"
KEPT_SECONDS = 300
"""How long others may keep the keys; a new key signs at once, so they must look again soon."""
Document = Mapping[str, Any]


class PublishedCredentials(Protocol):
    """Three public documents; none of them says anything of a teacher."""

    def jwks(self) -> Document:
        """The public keys as a JSON Web Key Set."""
        ...

    def profile(self) -> Document:
        """The issuer's profile."""
        ...

    async def revocations(self) -> Document:
        """Ids of revoked credentials."""
        ...


Find = Callable[[Request], PublishedCredentials]
"""Gives what is open during a request."""


def credential_routes(find: Find) -> list[BaseRoute]:
    """Routes of the three documents, which pages of any origin may read."""

    async def keys(request: Request) -> Document:
        return find(request).jwks()

    async def issuer(request: Request) -> Document:
        return find(request).profile()

    async def revocations(request: Request) -> Document:
        return await find(request).revocations()

    return [
        Route(KEYS_PATH, _answering(keys, "application/jwk-set+json", f"public, max-age={KEPT_SECONDS}")),
        Route(ISSUER_PATH, _answering(issuer, "application/json", f"public, max-age={KEPT_SECONDS}")),
        Route(REVOCATIONS_PATH, _answering(revocations, "application/json", "no-cache")),
    ]


def _answering(
    document: Callable[[Request], Awaitable[Document]], media_type: str, kept: str
) -> Callable[[Request], Awaitable[Response]]:
    headers = {
        "Cache-Control": kept,
        "Access-Control-Allow-Origin": "*",
        "X-Content-Type-Options": "nosniff",
    }

    async def endpoint(request: Request) -> Response:
        body = orjson.dumps(await document(request))
        return Response(body, media_type=media_type, headers=headers)

    return endpoint
