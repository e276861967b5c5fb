"""Keys, profile and revocations of certificates are public, and pages of any origin may read them."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from gateway.web.credentials import credential_routes


class Documents:
    """Three documents."""

    def jwks(self) -> Mapping[str, Any]:
        """Keys."""
        return {"keys": [{"kty": "OKP"}]}

    def profile(self) -> Mapping[str, Any]:
        """A profile."""
        return {"name": "山海 Shanhai"}

    async def revocations(self) -> Mapping[str, Any]:
        """One revoked."""
        return {"revokedCredential": [{"id": "urn:uuid:1", "revoked": True}]}


@pytest.mark.parametrize(
    ("path", "media_type", "body", "kept"),
    [
        ("/.well-known/jwks.json", "application/jwk-set+json", {"keys": [{"kty": "OKP"}]}, "public, max-age=300"),
        ("/credentials/issuer", "application/json", {"name": "山海 Shanhai"}, "public, max-age=300"),
        (
            "/credentials/revocations",
            "application/json",
            {"revokedCredential": [{"id": "urn:uuid:1", "revoked": True}]},
            "no-cache",
        ),
    ],
)
async def test_each_document_is_answered_to_anybody(path: str, media_type: str, body: object, kept: str) -> None:
    application = Starlette(routes=credential_routes(lambda _: Documents()))
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="https://shanhai.example") as client:
        response = await client.get(path)
        assert (response.status_code, response.json()) == (200, body)
        assert response.headers["content-type"] == media_type
        assert response.headers["cache-control"] == kept
        assert response.headers["access-control-allow-origin"] == "*"
        assert (await client.post(path)).status_code == 405
        assert (await client.get("/credentials/0123")).status_code == 404
