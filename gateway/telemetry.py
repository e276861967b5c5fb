"""Metrics and traces of one application: counted in a registry of its own, traced where an SDK is installed."""

import functools
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple

from opentelemetry import trace
from opentelemetry.trace import NoOpTracerProvider, ProxyTracerProvider, Tracer, TracerProvider
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client import disable_created_metrics as disable_created_series

TRACER = "shanhai"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
STREAM_SECONDS = (0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 180.0, 300.0, 600.0, 900.0)
"""Of subscriptions, which last up to a quarter of an hour."""
UNITS = (1, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
"""Of the budget of a request."""
ANONYMOUS = "anonymous"
"""The name of every operation whose document nobody has published: names are text of clients, without end."""


class _Count(Counter):
    """Counts by one, without the questions that prometheus_client asks first each time: ours always has its labels."""

    def inc(self, amount: float = 1, exemplar: dict[str, str] | None = None) -> None:
        if exemplar is not None:
            super().inc(amount, exemplar)
        else:
            self._value.inc(amount)


class _Spread(Histogram):
    """The same for durations and sizes; the bucket is found by halves."""

    def observe(self, amount: float, exemplar: dict[str, str] | None = None) -> None:
        if exemplar is not None:
            super().observe(amount, exemplar)
        else:
            self._sum.inc(amount)
            self._buckets[bisect_left(self._upper_bounds, amount)].inc(1)


class OperationLabels(NamedTuple):
    """What operations are counted by; each of it is one of a few words, whatever clients send.

    `area` is the root field; `outcome` is OK, the code of the first error, CANCELLED or INTERRUPTED; `cache` is hit,
    miss, bypass or off.
    """

    kind: str
    area: str
    outcome: str
    cache: str = "off"
    name: str = ANONYMOUS


class Telemetry:
    """Made once for each application; nothing of it is shared with another one in the same process."""

    def __init__(self, tracers: TracerProvider | None = None) -> None:
        disable_created_series()  # type: ignore[no-untyped-call]  # a second line for each of ours that no chart shows
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._tracers = tracers
        self._probes: list[Callable[[], Awaitable[None]]] = []
        self._asked: dict[tuple[str, str, str], Counter] = {}
        self._timed: dict[tuple[str, ...], tuple[Counter, Histogram]] = {}
        self._seen: dict[OperationLabels, tuple[Counter, Histogram, Histogram]] = {}
        self.in_flight = self.gauge("shanhai_http_requests_in_flight", "Requests that are being answered.")
        self._requests = self._counter("shanhai_http_requests", "Requests answered.", "route", "method", "status")
        self._request_seconds = self._seconds("shanhai_http_request_seconds", "How long requests took.", "route")
        labels = ("operation", "kind", "area", "outcome", "cache")
        self._operations = self._counter("shanhai_operations", "GraphQL operations answered.", *labels)
        self._operation_seconds = self._seconds(
            "shanhai_operation_seconds", "How long operations took.", "kind", "area"
        )
        self._operation_units = _Spread(
            "shanhai_operation_units",
            "Units of their budget that computed operations spent.",
            ("area",),
            buckets=UNITS,
            registry=self.registry,
        )
        self._stream_seconds = self._seconds(
            "shanhai_stream_seconds", "How long subscriptions lasted.", "area", buckets=STREAM_SECONDS
        )
        self._events = self._counter("shanhai_stream_events", "Events that subscriptions told.", "area")
        self._slow = self._counter("shanhai_slow_operations", "Operations that were written into the slow log.", "area")
        self._asks = self._counter(
            "shanhai_asks", "Questions to platforms in live searches.", "platform", "way", "state"
        )
        self._calls = self._counter("shanhai_calls", "Calls to platforms for live searches.", "platform", "state")
        self._ask_seconds = self._seconds("shanhai_ask_seconds", "How long platforms took to answer.", "platform")
        self._runs = self._counter(
            "shanhai_harvest_runs", "Harvests that ended in this process.", "platform", "kind", "state"
        )
        self._records = self._counter(
            "shanhai_harvest_records", "Records of harvests that ended in this process.", "platform", "kind", "change"
        )

    def _counter(self, name: str, documentation: str, *labels: str) -> Counter:
        return _Count(name, documentation, labels, registry=self.registry)

    def _seconds(self, name: str, documentation: str, *labels: str, buckets: Sequence[float] = SECONDS) -> Histogram:
        return _Spread(name, documentation, labels, buckets=buckets, registry=self.registry)

    def gauge(self, name: str, documentation: str, *labels: str) -> Gauge:
        """A gauge, to be set by a probe or where the value changes."""
        return Gauge(name, documentation, labels, registry=self.registry)

    def probe(self, look: Callable[[], Awaitable[None]]) -> None:
        """Let gauges be set by this just before the metrics are read."""
        self._probes.append(look)

    async def text(self) -> bytes:
        """The metrics in the text format of Prometheus."""
        for look in self._probes:
            await look()
        return generate_latest(self.registry)

    def observe_request(self, route: str, method: str, status: str, seconds: float) -> None:
        """Count one HTTP request."""
        children = self._timed.get(("request", route, method, status))
        if children is None:  # labels are looked up under a lock, and there are few of them
            children = (self._requests.labels(route, method, status), self._request_seconds.labels(route))
            self._timed["request", route, method, status] = children
        children[0].inc()
        children[1].observe(seconds)

    def observe_operation(self, seen: OperationLabels, seconds: float, units: int) -> None:
        """Count one operation; units that it spent are counted unless its answer was kept."""
        children = self._seen.get(seen)
        if children is None:
            children = self._seen[seen] = (
                self._operations.labels(seen.name, seen.kind, seen.area, seen.outcome, seen.cache),
                self._operation_seconds.labels(seen.kind, seen.area),
                self._operation_units.labels(seen.area),
            )
        count, duration, cost = children
        count.inc()
        duration.observe(seconds)
        if seen.cache != "hit":
            cost.observe(units)

    def observe_stream(self, seen: OperationLabels, seconds: float) -> None:
        """Count one subscription that ended among the operations; how long it lasted is told apart from these."""
        self._operations.labels(seen.name, seen.kind, seen.area, seen.outcome, seen.cache).inc()
        self._stream_seconds.labels(seen.area).observe(seconds)

    def observe_event(self, area: str) -> None:
        """Count one event of a subscription."""
        self._events.labels(area).inc()

    def observe_slow(self, area: str) -> None:
        """Count one line of the slow log."""
        self._slow.labels(area).inc()

    def observe_ask(self, platform: str, way: str, state: str) -> None:
        """Count one question to a platform: how it was answered, such as fresh or called, and with what, such as OK."""
        count = self._asked.get((platform, way, state))
        if count is None:
            count = self._asked[platform, way, state] = self._asks.labels(platform, way, state)
        count.inc()

    def observe_call(self, platform: str, state: str, seconds: float) -> None:
        """Count one call to a platform by how it ended, such as OK or TIMEOUT."""
        children = self._timed.get(("call", platform, state))
        if children is None:
            children = (self._calls.labels(platform, state), self._ask_seconds.labels(platform))
            self._timed["call", platform, state] = children
        children[0].inc()
        children[1].observe(seconds)

    def observe_harvest(self, platform: str, kind: str, state: str, records: Mapping[str, int]) -> None:
        """Count one harvest that ended, and its records by what became of them, such as created."""
        self._runs.labels(platform, kind, state).inc()
        for change, count in records.items():
            self._records.labels(platform, kind, change).inc(count)

    @functools.cached_property
    def tracer(self) -> Tracer | None:
        """What makes spans; None where no SDK was installed before the first request, so that nothing is spent."""
        provider = self._tracers or trace.get_tracer_provider()
        if isinstance(provider, ProxyTracerProvider | NoOpTracerProvider):
            return None
        return provider.get_tracer(TRACER)
