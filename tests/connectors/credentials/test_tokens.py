"""Tokens are fetched once for everybody, renewed in time, and a refused login is not repeated by the crowd."""

import asyncio

import pytest

from connectors.credentials import Credential
from connectors.errors import CredentialRefused, Timeout
from connectors.transport import Request
from tests.connectors.credentials.platforms import REQUEST, Clock, Issuer, built

OAUTH = {"kind": "oauth2", "tokenUrl": "https://login.example/token", "clientId": "app", "clientSecret": "key"}


def token(request: Request) -> str:
    return request.headers["Authorization"].removeprefix("Bearer ")


async def crowd(credential: Credential, issuer: Issuer, size: int = 10) -> list[Request | BaseException]:
    issuer.gate = asyncio.Event()
    tasks = [asyncio.create_task(credential.authorize(REQUEST, issuer)) for _ in range(size)]
    for _ in range(10):
        await asyncio.sleep(0)
    issuer.gate.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_one_token_serves_all_that_wait_and_all_that_follow() -> None:
    issuer, credential = Issuer(), built(**OAUTH)
    first = await crowd(credential, issuer)
    assert {token(request) for request in first if isinstance(request, Request)} == {"t0ken-1"}
    assert len(first) == 10
    assert token(await credential.authorize(REQUEST, issuer)) == "t0ken-1"
    assert len(issuer.asked) == 1


async def test_one_refused_login_refuses_all_that_wait() -> None:
    issuer, credential = Issuer(status=401), built(**OAUTH)
    assert [type(outcome) for outcome in await crowd(credential, issuer)] == [CredentialRefused] * 10
    assert len(issuer.asked) == 1
    issuer.status = 200
    assert token(await credential.authorize(REQUEST, issuer)) == "t0ken-2"


async def test_when_the_first_gives_up_the_next_asks() -> None:
    issuer, credential = Issuer(gate=asyncio.Event()), built(**OAUTH)
    first = asyncio.create_task(credential.authorize(REQUEST, issuer))
    second = asyncio.create_task(credential.authorize(REQUEST, issuer))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    first.cancel()
    assert issuer.gate
    issuer.gate.set()
    assert token(await second) == "t0ken-2"


async def test_waiting_for_a_token_ends_with_the_time_of_the_request() -> None:
    issuer, credential = Issuer(gate=asyncio.Event()), built(**OAUTH)
    with pytest.raises(Timeout, match=r"^no token for https://platform.example/api/list within 0.01 seconds$"):
        await credential.authorize(Request("GET", REQUEST.url, timeout=0.01), issuer)


@pytest.mark.parametrize(("seconds", "expected"), [(89, "t0ken-1"), (91, "t0ken-2")])
async def test_a_token_is_renewed_a_tenth_before_its_end(seconds: float, expected: str) -> None:
    clock, issuer = Clock(), Issuer()
    credential = built(clock, **OAUTH)
    await credential.authorize(REQUEST, issuer)
    clock.advance(seconds)
    assert token(await credential.authorize(REQUEST, issuer)) == expected


@pytest.mark.parametrize(("seconds", "expected"), [(7139, "t0ken-1"), (7141, "t0ken-2")])
async def test_a_long_token_is_renewed_a_minute_before_its_end(seconds: float, expected: str) -> None:
    clock, issuer = Clock(), Issuer('{"access_token": "t0ken-{n}", "expires_in": "7200"}')
    credential = built(clock, **OAUTH)
    await credential.authorize(REQUEST, issuer)
    clock.advance(seconds)
    assert token(await credential.authorize(REQUEST, issuer)) == expected


async def test_a_token_without_an_end_is_kept() -> None:
    clock, issuer = Clock(), Issuer('{"access_token": "t0ken-{n}"}')
    credential = built(clock, **OAUTH)
    await credential.authorize(REQUEST, issuer)
    clock.advance(10**8)
    assert token(await credential.authorize(REQUEST, issuer)) == "t0ken-1"


async def test_a_refused_token_is_replaced() -> None:
    issuer, credential = Issuer(), built(**OAUTH)
    await credential.authorize(REQUEST, issuer)
    credential.invalidate()
    assert token(await credential.authorize(REQUEST, issuer)) == "t0ken-2"


async def test_late_news_about_an_older_token_do_not_cost_the_new_one() -> None:
    issuer, credential = Issuer(), built(**OAUTH)
    refused = await credential.authorize(REQUEST, issuer)
    for _ in range(5):
        credential.invalidate(refused)
        assert token(await credential.authorize(REQUEST, issuer)) == "t0ken-2"
    assert len(issuer.asked) == 2


async def test_tokens_of_this_run_are_known_and_the_oldest_are_forgotten() -> None:
    issuer, credential = Issuer(), built(**OAUTH)
    assert list(credential.known_secrets()) == []
    for _ in range(6):
        credential.invalidate(await credential.authorize(REQUEST, issuer))
    assert list(credential.known_secrets()) == ["t0ken-3", "t0ken-4", "t0ken-5", "t0ken-6"]


async def test_a_token_as_short_as_a_word_is_not_masked() -> None:
    credential = built(**OAUTH)
    await credential.authorize(REQUEST, Issuer('{"access_token": "t0ken"}'))
    assert list(credential.known_secrets()) == []


async def test_a_failed_renewal_keeps_the_last_token_known() -> None:
    clock, issuer = Clock(), Issuer()
    credential = built(clock, **OAUTH)
    await credential.authorize(REQUEST, issuer)
    clock.advance(100)
    issuer.status = 401
    with pytest.raises(CredentialRefused):
        await credential.authorize(REQUEST, issuer)
    assert list(credential.known_secrets()) == ["t0ken-1"]
