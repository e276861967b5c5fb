"""Subscriptions are watched like operations: counted when they end, by how they did, and told by one span each."""

import asyncio
import hashlib
import logging
from contextlib import aclosing, suppress
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from gateway.errors import NotReady
from gateway.graph.budget import CATALOG_CALL, PLATFORM_CALL
from gateway.graph.observing import ObservedExecutor
from gateway.graph.subscriptions import Bounds, Interrupted, subscribe
from gateway.telemetry import Telemetry
from tests.gateway.graph.kept import KeptWorld
from tests.gateway.graph.live import MemoryLive
from tests.gateway.graph.test_observing import counted
from tests.gateway.graph.world import EXECUTOR, World

STREAM = "subscription Geheim($q: String!) { searchStream(query: $q) { done } }"
SECRET = {"q": "张三的秘密"}
WORDS = ("subscription", "searchStream")


class Watched:
    """A world whose streams are watched, none of them ever slow."""

    def __init__(self, live: MemoryLive | None = None, *, held: bool = False) -> None:
        self.live = live or MemoryLive(gate=asyncio.Semaphore(0 if held else 1_000))
        self.world = World(live=self.live)
        self.spans, provider = InMemorySpanExporter(), TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self.spans))
        self.telemetry = Telemetry(provider)
        self.executor = ObservedExecutor(
            EXECUTOR, self.telemetry, slow_seconds=1e-9, name_of=lambda text, _name: "Known" if text == STREAM else None
        )

    async def read(self, text: str = STREAM, bounds: Bounds | None = None) -> int:
        """How many bodies are told until the end."""
        told = 0
        async with aclosing(subscribe(self.executor, text, self.world.context(), SECRET, bounds=bounds)) as bodies:
            async for _ in bodies:
                told += 1
        return told

    def value(self, name: str, area: str = "searchStream") -> float:
        return self.telemetry.registry.get_sample_value(name, {"area": area}) or 0

    def span(self) -> ReadableSpan:
        (span,) = self.spans.get_finished_spans()
        return span


async def outcome(watched: Watched, *, events: int, how: str) -> None:
    """The one stream ended in this way after so many events, and everything says so."""
    assert counted(watched.telemetry) == {(*WORDS, how, "off", "Known"): 1}
    assert watched.value("shanhai_stream_events_total") == events
    assert watched.value("shanhai_stream_seconds_count") == 1
    attributes = watched.span().attributes or {}
    assert (attributes["shanhai.outcome"], attributes["shanhai.events"]) == (how, events)
    assert watched.live.ended == 1


async def test_one_that_ends_by_itself_is_ok_and_its_span_tells_no_more_than_that_of_a_query() -> None:
    watched = Watched()
    assert await watched.read() == 3
    await outcome(watched, events=3, how="OK")
    span = watched.span()
    assert span.name == "subscription searchStream"
    assert dict(span.attributes or {}) == {
        "graphql.operation.type": "subscription",
        "graphql.operation.name": "Known",
        "graphql.document.hash": "sha256:" + hashlib.sha256(STREAM.encode()).hexdigest(),
        "shanhai.request.id": "trace-1",
        "shanhai.outcome": "OK",
        "shanhai.units": CATALOG_CALL + 2 * PLATFORM_CALL,
        "shanhai.events": 3,
    }
    assert "张三" not in str(span.to_json())


@pytest.mark.parametrize(
    ("failure", "code"), [(NotReady("the index is being rebuilt"), "NOT_READY"), (RuntimeError("x"), "INTERNAL")]
)
async def test_one_whose_source_fails_has_the_code_of_its_error(failure: Exception, code: str) -> None:
    watched = Watched(MemoryLive(failure=failure))
    assert await watched.read() == 2
    await outcome(watched, events=1, how=code)


async def test_one_that_a_reader_gives_up_after_its_error_has_failed_and_was_not_cancelled() -> None:
    watched = Watched(MemoryLive(failure=NotReady("the index is being rebuilt")))
    async with aclosing(subscribe(watched.executor, STREAM, watched.world.context(), SECRET)) as bodies:
        async for body in bodies:
            if "data" not in body:
                break
    await outcome(watched, events=1, how="NOT_READY")


@pytest.mark.parametrize("bounds", [Bounds(seconds=0.05), Bounds(grace=0)], ids=["time", "end"])
async def test_one_that_is_cut_was_interrupted(bounds: Bounds) -> None:
    watched = Watched(held=True)
    watched.live.gate.release()
    reading = asyncio.ensure_future(watched.read(bounds=bounds))
    while not watched.value("shanhai_stream_events_total"):  # noqa: ASYNC110  # nothing tells it
        await asyncio.sleep(0)
    if bounds.seconds is None:
        watched.world.stopping.set()
    with pytest.raises(Interrupted):
        await reading
    await outcome(watched, events=1, how="INTERRUPTED")


@pytest.mark.parametrize("waits", [True, False], ids=["while it waits", "while an event is sent"])
async def test_one_whose_client_leaves_was_cancelled(waits: bool) -> None:
    watched = Watched(held=True)
    watched.live.gate.release()
    sending = asyncio.Event()

    async def send() -> None:
        async with aclosing(subscribe(watched.executor, STREAM, watched.world.context(), SECRET)) as bodies:
            async for _ in bodies:
                sending.set()
                if not waits:
                    await asyncio.Event().wait()

    task = asyncio.create_task(send())
    await sending.wait()
    await asyncio.sleep(0.01)
    assert counted(watched.telemetry) == {}
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await outcome(watched, events=1, how="CANCELLED")


async def test_an_event_that_fails_in_part_is_no_failure_of_the_stream() -> None:
    watched = Watched()

    async def unheard_of(*_arguments: Any) -> list[Any]:
        raise RuntimeError("x")

    watched.world.catalog.copies = unheard_of  # type: ignore[assignment]
    await watched.read("subscription { searchStream { edges { node { copies { id } } } } }")
    assert counted(watched.telemetry) == {(*WORDS, "OK", "off", "anonymous"): 1}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("subscription { searchStream { don } }", ("invalid", "invalid", "GRAPHQL_VALIDATION_FAILED")),
        ("subscription { searchStream(first: 101) { done } }", (*WORDS, "LIMIT_EXCEEDED")),
        ("subscription { harvestProgress { id } }", ("subscription", "harvestProgress", "FORBIDDEN")),
    ],
)
async def test_one_that_is_refused_is_counted_with_the_code(text: str, words: tuple[str, ...]) -> None:
    watched = Watched()
    assert await watched.read(text) == 1
    assert counted(watched.telemetry) == {(*words, "off", "anonymous"): 1}
    assert watched.value("shanhai_stream_events_total", words[1]) == 0


async def test_none_is_slow_and_none_is_counted_among_the_times_of_operations(
    caplog: pytest.LogCaptureFixture,
) -> None:
    watched = Watched()
    with caplog.at_level(logging.WARNING, logger="shanhai.slow"):
        await watched.read()
        assert caplog.records == []
        await watched.executor.execute("{ platforms { code } }", watched.world.context())
        assert len(caplog.records) == 1
    names = {"kind": "subscription", "area": "searchStream"}
    assert watched.telemetry.registry.get_sample_value("shanhai_operation_seconds_count", names) is None


async def test_streams_are_watched_through_what_stands_before_the_executor_and_without_spans() -> None:
    telemetry, kept = Telemetry(), KeptWorld(world=World(live=MemoryLive()))
    executor = ObservedExecutor(kept.executor, telemetry)
    bodies = [body async for body in subscribe(executor, STREAM, kept.world.context(), SECRET)]
    assert len(bodies) == 3
    assert counted(telemetry) == {(*WORDS, "OK", "off", "anonymous"): 1}
