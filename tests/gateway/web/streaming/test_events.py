"""GraphQL over server-sent events, by real servers."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
import pytest

from gateway.access.authentication import Credentials
from gateway.access.quotas import Allowance, Quotas
from gateway.web import Authenticator
from gateway.web.negotiation import GRAPHQL, JSON, answers_with_events, response_type
from gateway.web.refusals import Refusal
from gateway.web.streaming.events import EventStream
from gateway.web.streaming.places import Places
from tests.gateway.web.client import KEY, code_of, send
from tests.gateway.web.streaming.served import CODES, MUCH, STREAM, Served, serving

EVENTS = {"accept": "text/event-stream"}
IN_JSON = {"content-type": "application/json"}
SERVERS = pytest.mark.parametrize("server", ["uvicorn", "granian"])


@asynccontextmanager
async def streaming(
    served: Served, body: dict[str, Any] | None = None, **options: Any
) -> AsyncIterator[httpx.Response]:
    """The response of one stream, whose body is still to come."""
    asked = {"json": body or {"query": STREAM}, "headers": EVENTS, **options}
    async with (
        httpx.AsyncClient(base_url=served.url, trust_env=False) as client,
        client.stream(asked.pop("method", "POST"), "/graphql", **asked) as response,
    ):
        yield response


async def events(response: httpx.Response) -> list[tuple[str, Any]]:
    """Every event of a stream: its name and its data."""
    text = (await response.aread()).decode()
    assert text.startswith(":\n\n")
    found = re.findall(r"^event: (\w+)\ndata:(.*)\n\n", text, re.MULTILINE)
    assert "".join(f"event: {name}\ndata:{data}\n\n" for name, data in found) == text.replace(":\n\n", "", 1)
    return [(name, orjson.loads(data) if data else None) for name, data in found]


def platforms(told: list[tuple[str, Any]]) -> list[str]:
    return [data["data"]["searchStream"]["source"]["platform"]["code"] for name, data in told if name == "next"]


@SERVERS
async def test_a_subscription_is_told_event_by_event_and_completed(server: str) -> None:
    async with serving(server) as served, streaming(served) as response:
        told = await events(response)
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-accel-buffering"] == "no"
        assert response.headers["vary"] == "Accept, Accept-Encoding, Authorization, Shanhai-Purpose, Shanhai-Cost"
        assert "content-length" not in response.headers
        assert platforms(told) == CODES
        assert told[-1] == ("complete", None)
        assert (served.live.begun, served.live.ended) == (1, 1)


@SERVERS
async def test_an_event_is_on_the_wire_before_the_next_one_is_known(server: str) -> None:
    async with serving(server, held=True) as served, streaming(served) as response:
        lines = response.aiter_lines()
        for code in CODES[:2]:
            served.live.gate.release()
            while "data: {" not in (line := await asyncio.wait_for(anext(lines), 5)):
                continue
            assert code in line
        assert served.live.ended == 0
    await served.ended(1)


@SERVERS
async def test_a_client_that_leaves_ends_the_resolver_at_once_and_gives_its_place_back(server: str) -> None:
    async with serving(server, held=True) as served:
        for count in (1, 2):
            async with streaming(served) as response:
                assert await anext(response.aiter_lines()) == ":"
                await served.begun(count)
                assert served.places.taken == 1
            await served.ended(count)
    await served.left()


async def test_two_streams_at_once_do_not_wait_for_each_other() -> None:
    async with serving(held=True) as served, streaming(served) as one, streaming(served) as other:
        for _ in range(6):
            served.live.gate.release()
        assert platforms(await events(other)) == platforms(await events(one)) == CODES


@SERVERS
async def test_the_end_of_the_process_interrupts_a_stream_that_waits(server: str) -> None:
    async with serving(server, held=True) as served, streaming(served) as response:
        served.live.gate.release()
        lines = response.aiter_lines()
        while "data: {" not in await anext(lines):
            continue
        served.world.stopping.set()
        rest = [line async for line in lines]
    assert [line for line in rest if line] == ["retry: 2000"]
    assert served.live.ended == 1


@SERVERS
async def test_a_search_is_told_to_its_end_and_completed_when_the_process_is_told_to_end(server: str) -> None:
    async with serving(server, held=True, grace=60) as served, streaming(served) as response:
        served.live.gate.release()
        lines = response.aiter_lines()
        while "data: {" not in await anext(lines):
            continue
        served.world.stopping.set()
        for _ in range(2):
            served.live.gate.release()
        rest = [line async for line in lines]
    assert [line for line in rest if line.startswith("event")] == ["event: next"] * 2 + ["event: complete"]
    assert served.live.ended == 1


async def test_what_cannot_be_sent_for_a_fault_of_ours_is_logged_and_not_completed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def bodies() -> AsyncGenerator[dict[str, Any], None]:
        yield {"data": object()}

    places, sent, never = Places(), list[Any](), asyncio.Event()

    async def receive() -> Any:
        await never.wait()

    async def send(message: Any) -> None:
        sent.append(message)

    await EventStream(bodies(), {}, places, "203.0.113.7")({"type": "http"}, receive, send)
    assert [record.message for record in caplog.records] == ["an event stream failed"]
    assert [message.get("body") for message in sent] == [None, b":\n\n"]
    assert places.taken == 0


async def test_signs_of_life_are_comments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EventStream, "keep_alive_seconds", 0.01)
    async with serving(held=True) as served, streaming(served) as response:
        lines = response.aiter_lines()
        assert [await anext(lines) for _ in range(8)] == [":", ""] * 4


@SERVERS
async def test_what_a_slow_client_does_not_take_is_not_asked_for(server: str) -> None:
    """Fifty megabytes are to come; the source is asked for no more than fits between the two."""
    async with serving(server) as served:
        served.tell_much()
        body = orjson.dumps({"query": MUCH})
        _, writer = await asyncio.open_connection("127.0.0.1", served.port, limit=1_024)
        writer.write(
            b"POST /graphql HTTP/1.1\r\nHost: gateway\r\nAccept: text/event-stream\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        assert 0 < await served.stalled() < 2_500
        assert served.live.ended == 0
        writer.transport.abort()
        await served.ended(1)


async def test_a_query_and_an_action_are_answered_as_one_event_too() -> None:
    async with serving() as served:
        async with streaming(served, {"query": '{ platform(code: "zibo") { code } }'}) as response:
            assert await events(response) == [("next", {"data": {"platform": {"code": "zibo"}}}), ("complete", None)]
        action = 'mutation { retireConnector(connectorId: "x") { errors { code } } }'
        async with streaming(served, {"query": action}) as response:
            (name, body), end = await events(response)
            assert (name, end) == ("next", ("complete", None))
            assert body["data"] == {"retireConnector": None}
            assert [error["extensions"]["code"] for error in body["errors"]] == ["FORBIDDEN"]


async def test_what_the_graph_refuses_is_an_event_and_carries_the_request_id() -> None:
    async with serving() as served:
        for query, code in (
            ("subscription { searchStream { don } }", "GRAPHQL_VALIDATION_FAILED"),
            ("subscription { searchStream(first: 101) { done } }", "LIMIT_EXCEEDED"),
            ("{ platform(", "GRAPHQL_PARSE_FAILED"),
        ):
            headers = {**EVENTS, "x-request-id": "mine-1"}
            async with streaming(served, {"query": query}, headers=headers) as response:
                (name, body), end = await events(response)
                assert (response.status_code, response.headers["x-request-id"]) == (200, "mine-1")
            assert (name, end) == ("next", ("complete", None))
            assert set(body) == {"errors"}
            assert [(one["extensions"]["code"], one["extensions"]["traceId"]) for one in body["errors"]] == [
                (code, "mine-1")
            ]


async def test_a_source_that_fails_is_masked_and_completed() -> None:
    async with serving() as served:
        served.live.failure = RuntimeError("password=hunter2")
        async with streaming(served) as response:
            told = await events(response)
            assert [name for name, _ in told] == ["next", "next", "complete"]
            assert told[1][1]["errors"][0]["extensions"]["code"] == "INTERNAL"
            assert b"hunter2" not in await response.aread()


async def test_a_get_streams_with_the_header_that_foreign_pages_cannot_send() -> None:
    async with serving() as served:
        asked: dict[str, Any] = {"method": "GET", "json": None, "params": {"query": STREAM}}
        async with streaming(served, **asked) as response:
            await response.aread()
            assert (response.status_code, code_of(response)) == (400, "PREFLIGHT_REQUIRED")
        assert served.live.begun == 0
        asked["headers"] = {**EVENTS, "graphql-require-preflight": "1"}
        async with streaming(served, **asked) as response:
            assert platforms(await events(response)) == CODES
        asked["params"] = {"query": "mutation { x }"}
        async with streaming(served, **asked) as response:
            await response.aread()
            assert (response.status_code, code_of(response)) == (405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        ({"headers": {**EVENTS, "authorization": "Bearer nonsense"}}, 401, "UNAUTHENTICATED"),
        ({"headers": {**EVENTS, "shanhai-purpose": "CURIOSITY"}}, 400, "INVALID_PURPOSE"),
        ({"json": {}}, 422, "INVALID_REQUEST"),
        ({"json": [{"query": STREAM}]}, 422, "BATCHING_UNSUPPORTED"),
        (
            {"json": None, "content": "{", "headers": {**EVENTS, "content-type": "application/json"}},
            400,
            "INVALID_JSON",
        ),
        ({"json": None, "content": "{}"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    ],
)
async def test_what_never_reaches_the_graph_is_a_plain_refusal_and_no_stream(
    options: dict[str, Any], status: int, code: str
) -> None:
    async with serving() as served, streaming(served, **options) as response:
        await response.aread()
        assert (response.status_code, code_of(response)) == (status, code)
        assert response.headers["content-type"] == "application/graphql-response+json; charset=utf-8"
        assert served.live.begun == 0


async def test_a_stream_counts_as_one_request_and_says_how_many_are_left() -> None:
    authenticator = Authenticator(Credentials(KEY), Allowance(Quotas(1)))
    headers = {**EVENTS, "authorization": f"Bearer {KEY}"}
    async with serving(authenticator=authenticator) as served:
        async with streaming(served, headers=headers) as response:
            assert platforms(await events(response)) == CODES
            assert response.headers["ratelimit-policy"] == '"minute";q=1;w=60'
        async with streaming(served, headers=headers) as response:
            await response.aread()
            assert (response.status_code, code_of(response)) == (429, "QUOTA_EXCEEDED")


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", GRAPHQL])
async def test_a_subscription_where_no_events_are_accepted_is_told_what_to_accept(accept: str | None) -> None:
    headers = {} if accept is None else {"accept": accept}
    response = await send("POST", "/graphql", json={"query": STREAM}, headers=headers)
    assert (response.status_code, code_of(response)) == (406, "STREAM_REQUIRED")
    message = response.json()["errors"][0]["message"]
    assert "Accept: text/event-stream" in message
    assert "graphql-transport-ws" in message


async def test_more_streams_than_there_is_room_for_are_refused() -> None:
    async with serving(held=True, most=1) as served:
        async with streaming(served) as first:
            assert await anext(first.aiter_lines()) == ":"
            async with streaming(served) as second:
                await second.aread()
                assert (second.status_code, code_of(second)) == (503, "STREAMS_BUSY")
                assert second.headers["retry-after"] == "10"
                assert second.json()["errors"][0]["extensions"]["retryable"] is True
        await served.ended(1)
        async with streaming(served) as third:
            assert (third.status_code, served.places.taken) == (200, 1)


@pytest.mark.parametrize(
    ("accept", "query", "subscription"),
    [
        (None, False, False),
        ("*/*", False, False),
        ("text/*", False, False),
        ("application/json", False, False),
        ("text/event-stream", True, True),
        ("text/event-stream;q=0", False, False),
        ("application/json, text/event-stream", False, True),
        ("application/graphql-response+json, application/json, text/event-stream;q=0.5", False, True),
        ("application/json;q=0.9, text/event-stream", True, True),
        ("text/event-stream, */*", False, True),
        ("TEXT/Event-Stream", True, True),
    ],
)
def test_events_are_sent_where_they_are_wanted_most_and_subscriptions_wherever_they_are_named(
    accept: str | None, query: bool, subscription: bool
) -> None:
    assert answers_with_events(accept, subscription=False) is query
    assert answers_with_events(accept, subscription=True) is subscription


def test_who_accepts_events_only_is_refused_in_plain_json() -> None:
    assert response_type("text/event-stream") == JSON
    assert response_type(f"text/event-stream, {GRAPHQL}") == GRAPHQL
    with pytest.raises(Refusal):
        response_type("text/event-stream;q=0, text/html")


async def test_a_query_is_answered_in_json_where_both_are_accepted() -> None:
    headers = {"accept": "application/json, text/event-stream"}
    response = await send("POST", "/graphql", json={"query": "{ __typename }"}, headers=headers)
    assert response.json() == {"data": {"__typename": "Query"}}
