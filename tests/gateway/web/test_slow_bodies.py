"""Bodies that come slowly, or are too large to be kept: nobody waits for ever, and who sends them reads why."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.web import Rules
from gateway.web.bodies import MOST_DISCARDED
from tests.gateway.graph.world import World
from tests.gateway.web.client import application, client_of, code_of
from tests.gateway.web.streaming.served import serving

JSON = {"content-type": "application/json"}
PART = b" " * 2**20
SERVERS = pytest.mark.parametrize("server", ["uvicorn", "granian"])


class Body:
    """Parts of a mebibyte, counted as they are taken; `held` is after how many of them no more come."""

    def __init__(self, parts: int, held: int | None = None) -> None:
        self._parts, self._held, self.taken = parts, held, 0

    async def sent(self) -> AsyncIterator[bytes]:
        for _ in range(self._parts):
            if self.taken == self._held:
                await asyncio.sleep(60)
            self.taken += 1
            yield PART


@pytest.mark.parametrize("headers", [JSON, {**JSON, "content-encoding": "gzip"}])
async def test_a_body_that_does_not_come_is_given_up(headers: dict[str, str]) -> None:
    async with client_of(application(World(), rules=Rules(body_seconds=0.05))) as client:
        response = await client.post("/graphql", content=Body(1, held=0).sent(), headers=headers)
    assert (response.status_code, code_of(response)) == (408, "BODY_TIMEOUT")
    assert response.headers["connection"] == "close"
    assert response.json()["errors"][0]["extensions"]["retryable"] is True


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (JSON, 413),
        ({**JSON, "content-length": str(5 * 2**20)}, 413),
        ({**JSON, "content-encoding": "gzip"}, 400),
        ({**JSON, "content-encoding": "br"}, 415),
        ({"content-type": "multipart/form-data; boundary=x"}, 415),
    ],
)
async def test_a_refused_body_is_read_to_its_end_before_it_is_answered(headers: dict[str, str], status: int) -> None:
    body = Body(5)
    async with client_of(application(World())) as client:
        response = await client.post("/graphql", content=body.sent(), headers=headers)
    assert (response.status_code, body.taken) == (status, 5)


async def test_of_a_refused_body_no_more_is_read_than_is_useful() -> None:
    most, body = MOST_DISCARDED // len(PART) + 2, Body(100)
    async with client_of(application(World())) as client:
        assert (await client.post("/graphql", content=body.sent(), headers=JSON)).status_code == 413
        assert body.taken <= most
        for headers in ({"expect": "100-continue", "content-length": "5000000"}, {"content-length": "500000000"}):
            untouched = Body(100)
            answer = await client.post("/graphql", content=untouched.sent(), headers={**JSON, **headers})
            assert (answer.status_code, untouched.taken) == (413, 0)


async def test_a_refused_body_that_does_not_end_is_refused_for_what_it_was() -> None:
    async with client_of(application(World(), rules=Rules(body_seconds=0.05))) as client:
        response = await client.post("/graphql", content=Body(5, held=3).sent(), headers=JSON)
    assert (response.status_code, code_of(response)) == (413, "BODY_TOO_LARGE")


@SERVERS
async def test_a_client_that_stops_in_the_middle_is_told_so_and_let_go(server: str) -> None:
    async with serving(server, rules=Rules(body_seconds=0.3)) as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        writer.write(_head(500) + b'{"qu')
        answer = await asyncio.wait_for(reader.readuntil(b"}]}"), 20)
        if server == "uvicorn":  # granian says that it closes, and now and then leaves that to the client
            assert await asyncio.wait_for(reader.read(), 20) == b""
        writer.close()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in answer
    assert b'"code":"BODY_TIMEOUT"' in answer


@SERVERS
@pytest.mark.parametrize("mebibytes", [5, 10])
async def test_who_sends_too_much_can_read_that_it_is(server: str, mebibytes: int) -> None:
    async with serving(server) as served:
        for _ in range(3):
            reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
            writer.write(_head(mebibytes * len(PART)))
            for _ in range(mebibytes):
                writer.write(PART)
                await writer.drain()
            answer = await asyncio.wait_for(reader.readuntil(b"}]}"), 20)
            writer.close()
            assert answer.startswith(b"HTTP/1.1 413 ")


def _head(length: int) -> bytes:
    return (
        b"POST /graphql HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % length
    )
