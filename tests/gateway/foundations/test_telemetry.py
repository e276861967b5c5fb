"""Metrics belong to one application, and spans cost nothing where nobody collects them."""

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import NoOpTracerProvider
from prometheus_client import REGISTRY

from gateway.telemetry import OperationLabels, Telemetry


def value(telemetry: Telemetry, name: str, **labels: str) -> float | None:
    found = telemetry.registry.get_sample_value(name, labels)
    return None if found is None else float(found)


def test_two_applications_in_one_process_count_apart() -> None:
    one, other = Telemetry(), Telemetry()
    one.observe_request("/graphql", "POST", "200", 0.1)
    labels = {"route": "/graphql", "method": "POST", "status": "200"}
    assert value(one, "shanhai_http_requests_total", **labels) == 1
    assert value(other, "shanhai_http_requests_total", **labels) is None
    assert not any(metric.name.startswith("shanhai") for metric in REGISTRY.collect())


def test_an_operation_is_counted_by_each_of_its_words_and_kept_ones_spend_no_units() -> None:
    telemetry = Telemetry()
    computed = OperationLabels("query", "search", "OK", "miss")
    for labels, units in ((computed, 40), (computed, 60), (computed._replace(cache="hit"), 0)):
        telemetry.observe_operation(labels, 0.02, units)
    words = {"operation": "anonymous", "kind": "query", "area": "search", "outcome": "OK"}
    assert value(telemetry, "shanhai_operations_total", **words, cache="miss") == 2
    assert value(telemetry, "shanhai_operations_total", **words, cache="hit") == 1
    assert value(telemetry, "shanhai_operation_seconds_count", kind="query", area="search") == 3
    assert value(telemetry, "shanhai_operation_seconds_bucket", kind="query", area="search", le="0.025") == 3
    assert value(telemetry, "shanhai_operation_units_count", area="search") == 2
    assert value(telemetry, "shanhai_operation_units_sum", area="search") == 100


def test_questions_to_platforms_and_harvests_are_counted_by_how_they_ended() -> None:
    telemetry = Telemetry()
    for state in ("OK", "OK", "TIMEOUT"):
        telemetry.observe_call("zibo", state, 0.3)
        telemetry.observe_ask("zibo", "called", state)
    telemetry.observe_ask("zibo", "fresh", "OK")
    telemetry.observe_harvest("zibo", "FULL", "SUCCEEDED", {"created": 20, "updated": 0})
    assert value(telemetry, "shanhai_asks_total", platform="zibo", way="called", state="OK") == 2
    assert value(telemetry, "shanhai_asks_total", platform="zibo", way="fresh", state="OK") == 1
    assert value(telemetry, "shanhai_calls_total", platform="zibo", state="OK") == 2
    assert value(telemetry, "shanhai_calls_total", platform="zibo", state="TIMEOUT") == 1
    assert value(telemetry, "shanhai_ask_seconds_count", platform="zibo") == 3
    assert value(telemetry, "shanhai_harvest_runs_total", platform="zibo", kind="FULL", state="SUCCEEDED") == 1
    assert value(telemetry, "shanhai_harvest_records_total", platform="zibo", kind="FULL", change="created") == 20


async def test_no_series_tells_when_a_series_began() -> None:
    telemetry = Telemetry()
    telemetry.observe_request("/graphql", "POST", "200", 0.1)
    text = (await telemetry.text()).decode()
    assert "shanhai_http_requests_total{" in text
    assert "_created" not in text


async def test_probes_are_asked_before_the_text_is_written() -> None:
    telemetry = Telemetry()
    gauge = telemetry.gauge("shanhai_depth", "Of a queue.", "queue")

    async def look() -> None:
        gauge.labels("a").set(7)

    telemetry.probe(look)
    assert b'shanhai_depth{queue="a"} 7.0\n' in await telemetry.text()


@pytest.mark.parametrize(
    ("provider", "traced"), [(None, False), (NoOpTracerProvider(), False), (TracerProvider(), True)]
)
def test_there_is_a_tracer_where_somebody_collects_spans(provider: object, traced: bool) -> None:
    assert (Telemetry(provider).tracer is not None) is traced  # type: ignore[arg-type]
