"""A proof goes home and nowhere else, and every attempt has its own signature."""

from typing import Any

import pytest

from connectors.credentials import Bound
from connectors.errors import EgressRefused
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


HOME = ["https://platform.example", "https://login.platform.example"]
OAUTH = {"kind": "oauth2", "clientId": "app", "clientSecret": "key"}
SESSION = {
    "kind": "session",
    "token": {"path": "access_token"},
    "send": {"name": "X-Token"},
}


def asking(kind: str, url: str) -> dict[str, Any]:
    if kind == "oauth2":
        return OAUTH | {"tokenUrl": url}
    return SESSION | {"login": {"url": url, "json": {"password": {"secret": "password"}}}}


@pytest.mark.parametrize("kind", ["oauth2", "session"])
@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("https://evil.example/token", "https://evil.example"),
        ("//evil.example/token", "https://evil.example"),
        ("http://platform.example/token", "http://platform.example"),
        ("https://platform.example:8443/token", "https://platform.example:8443"),
        ("https://platform.example.evil.example/token", "https://platform.example.evil.example"),
    ],
)
async def test_a_token_asked_for_elsewhere_is_refused_and_nothing_is_sent(kind: str, url: str, named: str) -> None:
    issuer = Issuer()
    bound = Bound(built(**asking(kind, url)), HOME)
    with pytest.raises(EgressRefused, match=f"^{named} is refused") as caught:
        await bound.authorize(REQUEST, issuer)
    assert issuer.asked == []
    assert list(bound.known_secrets()) == []
    assert "k3y-value" not in str(caught.value)
    assert "wörd" not in str(caught.value)


@pytest.mark.parametrize("kind", ["oauth2", "session"])
@pytest.mark.parametrize("url", ["/token", "https://login.platform.example/token", "HTTPS://PLATFORM.EXAMPLE:443/t"])
async def test_a_token_asked_for_at_home_is_sent(kind: str, url: str) -> None:
    issuer = Issuer()
    bound = Bound(built(**asking(kind, url)), HOME)
    request = await bound.authorize(REQUEST, issuer)
    assert len(issuer.asked) == 1
    assert [value.removeprefix("Bearer ") for value in list(request.headers.values())[1:]] == ["t0ken-1"]
    assert list(bound.known_secrets()) == ["t0ken-1"]


async def test_a_combination_is_confined_as_a_whole() -> None:
    issuer = Issuer()
    members = [{"kind": "bearer", "secret": "key"}, OAUTH | {"tokenUrl": "https://evil.example/t"}]
    with pytest.raises(EgressRefused):
        await Bound(built(kind="combined", of=members), HOME).authorize(REQUEST, issuer)
    assert issuer.asked == []
