"""The same searches through HTTP and GraphQL: `shanhai serve` on one core, every query different."""

import asyncio
from pathlib import Path
from typing import Any

import orjson

from benchmarks.fanout.gateway import environment
from benchmarks.load import cores, free_port, load, served
from benchmarks.search.records import requests
from gateway.catalog import SearchRequest

QUERY = """query Search($q: String!, $filter: ResourceFilter) {
  search(query: $q, filter: $filter, first: 20) {
    totalCount
    edges { cursor score node {
      id title summary kind url publishedAt durationSeconds
      platform { code name } provider { name } contributors { name role } subjects { code label }
    } }
    facets(dimensions: [PLATFORM, SUBJECT, STAGE, REGION]) { dimension buckets { value label count } }
  }
}"""


def body(request: SearchRequest) -> bytes:
    """A request as a client posts it."""
    wanted = request.filter
    conditions: dict[str, Any] = {
        "regions": wanted.regions, "stages": wanted.stages, "publishedFrom": wanted.published_from
    }  # fmt: skip
    given = {name: value for name, value in conditions.items() if value is not None}
    return orjson.dumps({"query": QUERY, "variables": {"q": request.query, "filter": given}})


async def measure_served(folder: Path, count: int) -> None:
    """Serve what lies in a folder and search it: by one client for the times, by eight for the throughput."""
    low, _ = cores()
    port = free_port()
    asked = [body(request) for request in requests(3 * count)]
    settings = environment(folder, port, SHANHAI_DATA_DIR=str(folder))
    async with served(["-m", "gateway.cli", "serve"], port, core=low, environment=settings) as server:
        await load(port, asked[:50], 4, server.cpu)
        alone = await load(port, asked[50:count], 1, server.cpu)
        crowded = await load(port, asked[count:], 8, server.cpu)
        print(
            f"through HTTP        {len(alone.latencies)} one after the other: p50 {alone.quantile(0.5):.1f} ms, "
            f"p95 {alone.quantile(0.95):.1f} ms; CPU {alone.cpu_microseconds / 1_000:.2f} ms each"
        )
        print(
            f"8 clients at once   {crowded.per_second:.0f} requests/s, CPU {crowded.cpu_microseconds / 1_000:.2f} ms "
            f"each, p95 {crowded.quantile(0.95):.1f} ms; {alone.failures + crowded.failures} failed; "
            f"resident {await asyncio.to_thread(server.memory):.0f} MB"
        )
