"""Operations are watched by words of ours alone, and slow ones are written down without what was filled in."""

import asyncio
import hashlib
import json
import logging
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from gateway.graph.execution import MAX_CACHED_TEXT, Answer, Executor
from gateway.graph.observing import ObservedExecutor
from gateway.telemetry import Telemetry
from tests.gateway.graph.kept import KeptWorld
from tests.gateway.graph.world import EXECUTOR, World

NAMED = "query Geheim($q: String!) { search(query: $q) { totalCount } }"


def counted(telemetry: Telemetry) -> dict[tuple[str, ...], float]:
    """How often operations were seen, by kind, area, outcome, cache and name."""
    words = ("kind", "area", "outcome", "cache", "operation")
    return {
        tuple(sample.labels[word] for word in words): sample.value
        for metric in telemetry.registry.collect()
        for sample in metric.samples
        if sample.name == "shanhai_operations_total"
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{ platforms { code } }", ("query", "platforms", "OK")),
        ("{ a: platforms { code } b: platforms { name } }", ("query", "platforms", "OK")),
        ("{ platforms { code } programs { code } }", ("query", "several", "OK")),
        ("{ ...all } fragment all on Query { platforms { code } }", ("query", "several", "OK")),
        ("{ __typename }", ("query", "introspection", "OK")),
        ("{ search(first: 101) { totalCount } }", ("query", "search", "LIMIT_EXCEEDED")),
        ("{ connectors { totalCount } }", ("query", "connectors", "FORBIDDEN")),
        ("query($c: String!) { region(code: $c) { id } }", ("query", "region", "GRAPHQL_VARIABLES_INVALID")),
        ('mutation { cancelHarvest(runId: "x") { run { id } } }', ("mutation", "cancelHarvest", "FORBIDDEN")),
        ("{ nothing }", ("invalid", "invalid", "GRAPHQL_VALIDATION_FAILED")),
        ("{", ("invalid", "invalid", "GRAPHQL_PARSE_FAILED")),
        ("query A { platforms { id } } query B { __typename }", ("invalid", "invalid", "GRAPHQL_OPERATION_UNKNOWN")),
        ("{ platforms { code } } #" + "x" * MAX_CACHED_TEXT, ("large", "large", "OK")),
    ],
)  # fmt: skip
async def test_an_operation_is_counted_by_kind_root_field_and_outcome(text: str, words: tuple[str, ...]) -> None:
    telemetry = Telemetry()
    executor = ObservedExecutor(EXECUTOR, telemetry)
    for _ in range(2):
        await executor.execute(text, World().context())
    assert counted(telemetry) == {(*words, "off", "anonymous"): 2}


async def test_names_of_clients_are_counted_where_they_are_known_only() -> None:
    telemetry = Telemetry()
    executor = ObservedExecutor(EXECUTOR, telemetry, name_of=lambda text, _name: "Known" if text == NAMED else None)
    for text in (NAMED, NAMED.replace("Geheim", "Other")):
        await executor.execute(text, World().context(), {"q": "数学"})
    assert [words[-1] for words in counted(telemetry)] == ["Known", "anonymous"]


async def test_kept_answers_are_told_apart() -> None:
    telemetry, kept = Telemetry(), KeptWorld()
    executor = ObservedExecutor(kept.executor, telemetry)
    for text in ("{ platforms { code } }", "{ platforms { code } }", "{ viewer { name } }"):
        await executor.execute(text, kept.world.context())
    assert {(words[1], words[3]): count for words, count in counted(telemetry).items()} == {
        ("platforms", "miss"): 1, ("platforms", "hit"): 1, ("viewer", "bypass"): 1,
    }  # fmt: skip


class _Slow(Executor):
    """Takes a moment, or forever, or breaks."""

    how = "moment"

    async def execute(self, *asked: Any, **more: Any) -> Answer:
        if self.how == "broken":
            raise RuntimeError("broken")
        await asyncio.sleep(0.02 if self.how == "moment" else 60)
        return await super().execute(*asked, **more)


async def test_a_slow_operation_is_one_line_that_says_nothing_of_its_variables(
    caplog: pytest.LogCaptureFixture,
) -> None:
    telemetry = Telemetry()
    executor = ObservedExecutor(_Slow(EXECUTOR.schema), telemetry, slow_seconds=0.01)
    with caplog.at_level(logging.WARNING, logger="shanhai.slow"):
        await executor.execute(NAMED, World().context(), {"q": "张三的秘密"})
    (record,) = caplog.records
    line = json.loads(record.getMessage())
    assert line.pop("milliseconds") >= 10
    assert line == {
        "event": "slow operation",
        "traceId": "trace-1",
        "operation": "Geheim",
        "kind": "query",
        "area": "search",
        "document": "sha256:" + hashlib.sha256(NAMED.encode()).hexdigest(),
        "units": 20,
        "outcome": "OK",
        "cache": "off",
    }
    assert "张三" not in caplog.text
    assert telemetry.registry.get_sample_value("shanhai_slow_operations_total", {"area": "search"}) == 1


@pytest.mark.parametrize("seconds", [0, 30])
async def test_what_is_not_slow_is_not_written_down(caplog: pytest.LogCaptureFixture, seconds: float) -> None:
    executor = ObservedExecutor(_Slow(EXECUTOR.schema), Telemetry(), slow_seconds=seconds)
    await executor.execute(NAMED, World().context(), {"q": "x"})
    assert [record for record in caplog.records if record.name == "shanhai.slow"] == []


async def test_operations_that_are_cancelled_or_break_are_counted_too() -> None:
    telemetry, slow = Telemetry(), _Slow(EXECUTOR.schema)
    executor = ObservedExecutor(slow, telemetry)
    slow.how = "forever"
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(executor.execute("{ platforms { code } }", World().context()), 0.01)
    slow.how = "broken"
    with pytest.raises(RuntimeError):
        await executor.execute("{ platforms { code } }", World().context())
    assert [words[2] for words in counted(telemetry)] == ["CANCELLED", "INTERNAL"]


async def test_a_span_tells_what_the_metrics_tell_and_the_documents_hash() -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    executor = ObservedExecutor(EXECUTOR, Telemetry(provider))
    await executor.execute(NAMED, World().context(), {"q": "张三的秘密"})
    (span,) = exporter.get_finished_spans()
    assert isinstance(span, ReadableSpan)
    assert span.name == "query search"
    assert dict(span.attributes or {}) == {
        "graphql.operation.type": "query",
        "graphql.operation.name": "anonymous",
        "graphql.document.hash": "sha256:" + hashlib.sha256(NAMED.encode()).hexdigest(),
        "shanhai.request.id": "trace-1",
        "shanhai.outcome": "OK",
        "shanhai.units": 20,
        "shanhai.cache": "off",
    }
