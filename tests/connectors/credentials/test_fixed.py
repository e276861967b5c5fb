"""No credential, API key, basic and bearer: the same in every request."""

import base64
from typing import Any

import pytest

from connectors.transport import Request
from tests.connectors.credentials.platforms import REQUEST, SECRETS, Issuer, built


async def authorized(request: Request = REQUEST, /, **spec: Any) -> Request:
    issuer = Issuer()
    credential = built(**spec)
    first = await credential.authorize(request, issuer)
    credential.invalidate()
    credential.invalidate(first)
    assert await credential.authorize(request, issuer) == first
    assert issuer.asked == []
    return first


async def test_none_changes_nothing() -> None:
    assert await authorized(kind="none") is REQUEST


async def test_an_api_key_goes_into_a_header() -> None:
    request = await authorized(kind="apiKey", name="X-Key", prefix="Token ", secret="key")
    assert request.headers == {"Accept": "application/json", "X-Key": "Token k3y-value"}
    assert request.url == REQUEST.url


async def test_an_api_key_goes_into_the_query() -> None:
    request = await authorized(kind="apiKey", **{"in": "query"}, name="key", secret="password")
    assert request.url == REQUEST.url + "&key=pa55%26w%C3%B6rd"
    assert request.headers == REQUEST.headers


async def test_basic_sends_user_and_password_as_utf_8() -> None:
    request = await authorized(kind="basic", username="user", password="password")
    scheme, value = request.headers["Authorization"].split(" ")
    assert (scheme, base64.b64decode(value).decode()) == ("Basic", f"{SECRETS['user']}:{SECRETS['password']}")


async def test_bearer_sends_the_token() -> None:
    assert (await authorized(kind="bearer", secret="key")).headers["Authorization"] == "Bearer k3y-value"


@pytest.mark.parametrize("name", ["authorization", "AUTHORIZATION"])
async def test_a_header_that_is_there_in_any_case_is_replaced(name: str) -> None:
    request = await authorized(Request("GET", REQUEST.url, {name: "old"}), kind="bearer", secret="key")
    assert request.headers == {"Authorization": "Bearer k3y-value"}
