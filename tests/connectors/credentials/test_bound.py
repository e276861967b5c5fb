"""A proof goes home and nowhere else, and every attempt has its own signature."""

import pytest

from connectors.credentials import Bound
from connectors.transport import Limits, Request, Retrying
from connectors.transport.urls import query_pairs
from tests.connectors.credentials.platforms import REQUEST, Issuer, built


@pytest.mark.parametrize("url", ["https://platform.example:443/x", "HTTPS://PLATFORM.example/x"])
async def test_requests_to_the_platform_get_the_proof(url: str) -> None:
    bound = Bound(built(kind="bearer", secret="key"), ["https://platform.example/api"])
    assert (await bound.authorize(Request("GET", url), Issuer())).headers == {"Authorization": "Bearer k3y-value"}


@pytest.mark.parametrize(
    "url",
    [
        "http://platform.example/x",
        "https://platform.example:8443/x",
        "https://platform.example.evil.example/x",
        "https://platform.example@evil.example/x",
        "nonsense",
    ],
)
async def test_requests_elsewhere_go_without(url: str) -> None:
    bound = Bound(built(kind="bearer", secret="key"), ["https://platform.example"])
    request = Request("GET", url)
    assert await bound.authorize(request, Issuer()) is request


async def test_a_refusal_reaches_the_credential_inside() -> None:
    issuer = Issuer()
    oauth = {"kind": "oauth2", "tokenUrl": "/token", "clientId": "app", "clientSecret": "key"}
    bound = Bound(built(**oauth), ["https://platform.example"])
    refused = await bound.authorize(REQUEST, issuer)
    bound.invalidate(refused)
    assert (await bound.authorize(REQUEST, issuer)).headers["Authorization"] == "Bearer t0ken-2"


async def test_a_retry_is_signed_anew() -> None:
    issuer = Issuer(status=503)
    bound = Bound(built(kind="hmac", secret="key"), ["https://platform.example"])
    retrying = Retrying(issuer, Limits(retries=2, backoff_seconds=0.001))
    assert (await retrying.send(await bound.authorize(REQUEST, retrying))).status == 503
    queries = [dict(query_pairs(asked.url)) for asked in issuer.asked]
    assert [len({query[name] for query in queries}) for name in ("nonce", "sign", "a")] == [3, 3, 1]
    assert [len(query) for query in queries] == [5, 5, 5]
