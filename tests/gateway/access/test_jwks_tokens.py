"""Keys of an issuer: fetched seldom however they are asked for, kept while it is away, and bounded."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from gateway.access.jwks import FRESH, MOST_BYTES, MOST_KEYS, PAUSE, STALE, KeySet, KeysUnavailable, read_keys
from gateway.access.tokens import TokenRefused
from gateway.errors import NotReady
from tests.gateway.access.issuer import ISSUER, JWKS, Clock, Issuer, Readers, public_jwk, token

DISCOVERY = f"{ISSUER}/.well-known/openid-configuration"
SOON = timedelta(microseconds=1)


async def fetched() -> None:
    """Let what is fetched in the background arrive."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_keys_are_fetched_once_for_many_tokens_and_again_when_they_are_old() -> None:
    readers = Readers()
    for _ in range(50):
        await readers.reader.principal(token())
    assert readers.issuer.asked == [JWKS]
    readers.clock.now += FRESH - SOON
    await readers.keys.find("rsa-1")
    assert len(readers.issuer.asked) == 1
    readers.clock.now += SOON
    await readers.keys.find("rsa-1")
    await fetched()
    assert len(readers.issuer.asked) == 2


async def test_a_flood_of_unknown_key_ids_asks_the_issuer_once_a_minute() -> None:
    readers = Readers()
    for number in range(500):
        with pytest.raises(TokenRefused):
            await readers.reader.principal(token("rsa-1", {"kid": f"flood-{number}"}))
    assert len(readers.issuer.asked) == 1
    for minute in range(1, 4):
        readers.clock.now += PAUSE
        found = await asyncio.gather(*(readers.keys.find(f"flood-{number}") for number in range(200)))
        assert found == [()] * 200
        assert len(readers.issuer.asked) == 1 + minute
    assert len(await readers.keys.find("rsa-1")) == 1


async def test_a_new_key_is_found_as_soon_as_the_issuer_may_be_asked_again() -> None:
    readers = Readers()
    await readers.reader.principal(token())
    readers.issuer.keys.append(public_jwk("rsa-2"))
    with pytest.raises(TokenRefused):
        await readers.reader.principal(token("rsa-2"))
    readers.clock.now += PAUSE
    assert (await readers.reader.principal(token("rsa-2"))).name == "oidc:u-1"
    assert len(readers.issuer.asked) == 2


async def test_a_withdrawn_key_verifies_nothing_once_keys_are_fetched_again() -> None:
    readers = Readers()
    await readers.reader.principal(token())
    readers.issuer.keys.pop(0)
    readers.clock.now += FRESH
    await readers.keys.find("rsa-1")
    await fetched()
    with pytest.raises(TokenRefused, match="no key of this `kid`"):
        await readers.reader.principal(token(exp=readers.clock.now.timestamp() + 60))


async def test_old_keys_are_used_while_the_issuer_is_down_for_a_day_and_no_longer() -> None:
    readers = Readers()
    await readers.keys.find("rsa-1")
    readers.issuer.down = True
    readers.clock.now += STALE - SOON
    assert len(await readers.keys.find("rsa-1")) == 1
    await fetched()
    readers.clock.now += SOON
    with pytest.raises(NotReady):
        await readers.keys.find("rsa-1")
    assert len(readers.issuer.asked) == 2
    readers.issuer.down = False
    readers.clock.now += PAUSE
    assert len(await readers.keys.find("rsa-1")) == 1


async def test_an_issuer_that_never_answered_is_not_ready_and_is_asked_once_a_minute() -> None:
    readers = Readers(Issuer(down=True))
    for _ in range(20):
        with pytest.raises(NotReady):
            await readers.reader.principal(token())
    assert len(readers.issuer.asked) == 1


async def test_requests_that_wait_share_one_fetch_and_one_that_hangs_up_ends_it_for_nobody() -> None:
    gate, begun, asked = asyncio.Event(), asyncio.Event(), list[str]()

    async def fetch(url: str) -> bytes:
        asked.append(url)
        begun.set()
        await gate.wait()
        return json.dumps({"keys": [public_jwk("rsa-1")]}).encode()

    keys = KeySet(fetch, Clock(), ISSUER, JWKS)
    waiting = [asyncio.create_task(keys.find("rsa-1")) for _ in range(10)]
    await begun.wait()
    waiting[0].cancel()
    gate.set()
    found = await asyncio.gather(*waiting[1:])
    assert [len(each) for each in found] == [1] * 9
    assert asked == [JWKS]


class Hanging(Issuer):
    """Answers once, and from then on only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let, self.ended = asyncio.Event(), False

    async def fetch(self, url: str) -> bytes:
        body = await super().fetch(url)
        try:
            if len(self.asked) > 1:
                await self.let.wait()
        finally:
            self.ended = True
        return body


async def test_known_keys_are_answered_at_once_while_one_fetch_hangs() -> None:
    issuer = Hanging()
    readers = Readers(issuer)
    await readers.keys.find("rsa-1")
    for _ in range(3):
        readers.clock.now += FRESH
        async with asyncio.timeout(20):
            assert len(await readers.keys.find("rsa-1")) == 1
        await fetched()
    assert len(issuer.asked) == 2
    issuer.keys.append(public_jwk("rsa-2"))
    unknown = asyncio.create_task(readers.keys.find("rsa-2"))
    await fetched()
    assert not unknown.done()
    issuer.let.set()
    assert await unknown == ()
    readers.clock.now += PAUSE
    assert len(await readers.keys.find("rsa-2")) == 1


async def test_a_fetch_that_hangs_ends_when_the_keys_are_closed() -> None:
    issuer = Hanging()
    readers = Readers(issuer)
    await readers.keys.find("rsa-1")
    readers.clock.now += FRESH
    await readers.keys.find("rsa-1")
    await fetched()
    issuer.ended = False
    await readers.keys.aclose()
    assert issuer.ended
    await readers.keys.aclose()


async def test_a_fetch_that_crashes_in_the_background_is_noted_and_old_keys_stay(
    caplog: pytest.LogCaptureFixture,
) -> None:
    readers = Readers()
    await readers.keys.find("rsa-1")
    readers.issuer.documents = None  # type: ignore[assignment]  # so that looking into them fails
    readers.clock.now += FRESH
    assert len(await readers.keys.find("rsa-1")) == 1
    await fetched()
    assert [record.getMessage() for record in caplog.records] == [f"fetching the keys of {ISSUER} ended with TypeError"]
    assert len(await readers.keys.find("rsa-1")) == 1


async def test_the_discovery_document_says_where_the_keys_are() -> None:
    issuer = Issuer(documents={DISCOVERY: json.dumps({"issuer": ISSUER, "jwks_uri": JWKS}).encode()})
    readers = Readers(issuer, jwks_url=None)
    await readers.reader.principal(token())
    assert issuer.asked == [DISCOVERY, JWKS]


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example", "jwks_uri": JWKS},
        {"issuer": f"{ISSUER}/", "jwks_uri": JWKS},
        {"jwks_uri": JWKS},
        {"issuer": ISSUER},
        {"issuer": ISSUER, "jwks_uri": "http://sso.example/keys"},
        {"issuer": ISSUER, "jwks_uri": "file:///etc/passwd"},
        {"issuer": ISSUER, "jwks_uri": 7},
        [],
    ],
)
async def test_a_discovery_document_that_is_not_the_issuers_leads_nowhere(document: Any) -> None:
    issuer = Issuer(documents={DISCOVERY: json.dumps(document).encode()})
    with pytest.raises(NotReady):
        await Readers(issuer, jwks_url=None).reader.principal(token())
    assert issuer.asked == [DISCOVERY]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"keys": {}}',
        b'{"keys": [' + b"{}," * MOST_KEYS + b"{}]}",
        b" " * MOST_BYTES + b"{}",
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
async def test_what_is_no_small_set_of_keys_is_refused_whole_and_old_keys_stay(body: bytes) -> None:
    with pytest.raises(KeysUnavailable):
        read_keys(body)
    readers = Readers()
    await readers.keys.find("rsa-1")
    readers.issuer.documents[JWKS] = body
    readers.clock.now += FRESH
    assert len(await readers.keys.find("rsa-1")) == 1
    await fetched()
    assert len(readers.issuer.asked) == 2
    assert len(await readers.keys.find("rsa-1")) == 1


def test_keys_without_an_id_are_left_out_and_those_of_one_id_are_kept_together() -> None:
    first, second = public_jwk("rsa-1", kid="same"), public_jwk("ec-1", kid="same")
    found = read_keys(json.dumps({"keys": [first, {"kty": "RSA"}, 7, {"kid": 7}, second]}).encode())
    assert {name: [key.document for key in keys] for name, keys in found.items()} == {"same": [first, second]}
    assert [key.fits("ES256") for key in found["same"]] == [False, True]
