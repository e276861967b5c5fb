"""A process that is told to end: open streams are interrupted, requests are answered, and it ends by itself."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from gateway.application.stopping import SIGNALS, heeding
from tests.services.availability import free_port

KEY = "correct-horse-battery"
WATCH = "subscription { harvestProgress { id } }"
BEARER = {"authorization": f"Bearer {KEY}"}


@asynccontextmanager
async def process(
    directory: Path, *command: str, **chosen: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """A gateway that is ready, and its port; whatever is left of it is killed."""
    port = free_port()
    settings = {
        "data_dir": str(directory),
        "builtin_platforms": "false",
        "admin_key": KEY,
        "log_level": "ERROR",
        **chosen,
    }
    environment = {f"SHANHAI_{name.upper()}": value for name, value in settings.items()}
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m"),
        *(word.replace("PORT", str(port)) for word in command),
        env={**os.environ, **environment},
        start_new_session=True,
    )
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            for _ in range(400):
                with suppress(httpx.HTTPError):
                    if (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200:
                        break
                await asyncio.sleep(0.1)
        yield started, port
    finally:
        with suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)
        await started.wait()


async def watch_by_events(port: int, opened: asyncio.Event) -> str:
    """Everything that a stream of events tells, which waits for harvests that never come."""
    asked = {"json": {"query": WATCH}, "headers": {**BEARER, "accept": "text/event-stream"}}
    async with (
        httpx.AsyncClient(trust_env=False, timeout=30) as client,
        client.stream("POST", f"http://127.0.0.1:{port}/graphql", **asked) as response,  # type: ignore[arg-type]
    ):
        text = ""
        async for chunk in response.aiter_text():
            opened.set()
            text += chunk
    return text


async def watch_by_socket(port: int, opened: asyncio.Event) -> tuple[list[object], int | None]:
    """What a WebSocket tells but for signs of life, and the code with which it is closed."""
    told: list[object] = []
    async with connect(f"ws://127.0.0.1:{port}/graphql", subprotocols=["graphql-transport-ws"], proxy=None) as socket:  # type: ignore[list-item]
        await socket.send(orjson.dumps({"type": "connection_init", "payload": BEARER}).decode())
        assert orjson.loads(await socket.recv()) == {"type": "connection_ack"}
        await socket.send(orjson.dumps({"type": "subscribe", "id": "a", "payload": {"query": WATCH}}).decode())
        await socket.send('{"type": "ping"}')
        assert orjson.loads(await socket.recv()) == {"type": "pong"}
        opened.set()
        with suppress(ConnectionClosed):
            while True:
                if (message := orjson.loads(await socket.recv())) != {"type": "ping"}:
                    told.append(message)
    return told, socket.close_code


async def slow_page(port: int) -> tuple[int, str]:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        response = await client.get(f"http://127.0.0.1:{port}/slow")
    return response.status_code, response.text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "server", "status"),
    [
        (("gateway.cli", "serve", "--port", "PORT"), "granian", 0),
        (("gateway.cli", "serve", "--port", "PORT"), "uvicorn", 0),
        (("tests.gateway.application.stopping_process", "granian", "PORT"), "granian", 0),
        # uvicorn ends its work and then by the very signal it got
        (("tests.gateway.application.stopping_process", "uvicorn", "PORT"), "uvicorn", -signal.SIGTERM),
    ],
    ids=["shanhai serve by granian", "shanhai serve by uvicorn", "granian", "uvicorn"],
)
async def test_a_signal_interrupts_streams_and_lets_requests_end(
    command: tuple[str, ...], server: str, status: int, tmp_path: Path
) -> None:
    async with process(tmp_path, *command, server=server) as (started, port):
        opened = asyncio.Event(), asyncio.Event()
        events = asyncio.create_task(watch_by_events(port, opened[0]))
        socket = asyncio.create_task(watch_by_socket(port, opened[1]))
        for one in opened:
            await asyncio.wait_for(one.wait(), 30)
        slow = asyncio.create_task(slow_page(port))
        await asyncio.sleep(0.3)
        started.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(started.wait(), 20) == status
        assert (await events).lstrip(":\n") == "retry: 2000\n\n"
        assert await socket == ([], 1012)
        assert await slow == ((404, "Not Found") if command[0] == "gateway.cli" else (200, "done"))


@asynccontextmanager
async def handled(*numbers: signal.Signals) -> AsyncIterator[list[int]]:
    """Plain handlers of these signals, as uvicorn sets them; gives what they heard."""
    heard: list[int] = []
    originals = {number: signal.getsignal(number) for number in numbers}
    try:
        for number in numbers:
            signal.signal(number, lambda number, _frame: heard.append(number))
        yield heard
    finally:
        for number, handler in originals.items():
            signal.signal(number, handler)


@asynccontextmanager
async def handled_by_the_loop(*numbers: signal.Signals) -> AsyncIterator[list[int]]:
    """Handlers of the loop, as granian sets them; gives what they heard."""
    heard: list[int] = []
    loop = asyncio.get_running_loop()
    for number in numbers:
        loop.add_signal_handler(number, heard.append, number)
    try:
        yield heard
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


async def settled() -> None:
    """Let the loop do everything that it can."""
    await asyncio.sleep(0.05)


BOTH = pytest.mark.parametrize("handling", [handled, handled_by_the_loop])


@BOTH
async def test_streams_hear_of_a_signal_first_and_the_server_when_they_have_ended(handling: Any) -> None:
    stopping, ended = asyncio.Event(), asyncio.Event()
    async with handling(*SIGNALS) as heard:
        before = {number: signal.getsignal(number) for number in SIGNALS}
        with heeding(stopping, ended.wait):
            await settled()
            assert not stopping.is_set()
            signal.raise_signal(signal.SIGTERM)
            await asyncio.wait_for(stopping.wait(), 5)
            await settled()
            assert heard == []
            ended.set()
            await settled()
            assert heard == [signal.SIGTERM]
            signal.raise_signal(signal.SIGINT)
            await settled()
        assert heard == [signal.SIGTERM, signal.SIGINT]
        assert {number: signal.getsignal(number) for number in SIGNALS} == before
        signal.raise_signal(signal.SIGTERM)
        await settled()
        assert heard == [signal.SIGTERM, signal.SIGINT, signal.SIGTERM]


@BOTH
async def test_who_signals_twice_is_not_kept_waiting(handling: Any) -> None:
    async with handling(*SIGNALS) as heard:
        with heeding(asyncio.Event(), asyncio.Event().wait):
            await settled()
            signal.raise_signal(signal.SIGINT)
            await settled()
            assert heard == []
            signal.raise_signal(signal.SIGINT)
            await settled()
            assert heard == [signal.SIGINT]


async def test_streams_that_do_not_end_are_not_waited_for_longer_than_the_grace() -> None:
    async with handled(*SIGNALS) as heard:
        with heeding(asyncio.Event(), asyncio.Event().wait, grace=0.02):
            await settled()
            signal.raise_signal(signal.SIGTERM)
            await settled()
            await settled()
            assert heard == [signal.SIGTERM]


async def test_other_signals_reach_the_loop_at_once() -> None:
    async with handled_by_the_loop(signal.SIGUSR1) as heard:
        with heeding(stopping := asyncio.Event(), asyncio.Event().wait):
            await settled()
            signal.raise_signal(signal.SIGUSR1)
            await settled()
            assert heard == [signal.SIGUSR1]
            assert not stopping.is_set()


async def test_two_gateways_in_one_process_both_hear_it_before_the_server_does() -> None:
    outer, inner, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()
    ended.set()
    async with handled(*SIGNALS) as heard:
        with heeding(outer, ended.wait):
            await settled()
            with heeding(inner, ended.wait):
                await settled()
                signal.raise_signal(signal.SIGTERM)
                await settled()
                assert inner.is_set()
                assert outer.is_set()
                assert heard == [signal.SIGTERM]


async def test_a_handler_that_took_our_place_stays_and_streams_end_all_the_same() -> None:
    stopping = asyncio.Event()
    async with handled(*SIGNALS):
        with heeding(stopping, asyncio.Event().wait):
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
        assert stopping.is_set()


async def test_outside_the_main_thread_no_signal_is_touched_and_streams_end_with_the_block() -> None:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    stopping, seen = asyncio.Event(), list[object]()

    async def serve() -> None:
        with heeding(stopping, stopping.wait):
            seen.append({number: signal.getsignal(number) for number in SIGNALS})

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    await asyncio.to_thread(thread.join)
    assert seen == [before]
    assert stopping.is_set()
