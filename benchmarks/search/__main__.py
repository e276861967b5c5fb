"""`python -m benchmarks.search --records 100000`: builds a catalog in a temporary folder, searches it, prints figures.

Each request is one page of 20 hits with its exact total and four facets, and differs from all others. Searches run on
one core, one after the other, through the catalog's service, and then through HTTP and GraphQL.
"""

import argparse
import asyncio
import itertools
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

import psutil
from sqlalchemy import insert

from benchmarks.search.records import NOW, PLATFORMS, records, requests
from benchmarks.search.served import measure_served
from gateway.catalog import CatalogService, FacetDimension, SearchRequest, open_catalog
from gateway.storage import Database, open_database, upgrade
from gateway.storage.tables import ResourceRow

FACETS = (FacetDimension.PLATFORM, FacetDimension.SUBJECT, FacetDimension.STAGE, FacetDimension.REGION)


class Platforms:
    """The platforms of the seeded records."""

    def codes(self) -> Collection[str]:
        """Their codes."""
        return PLATFORMS

    def label(self, code: str) -> str | None:
        """Their codes stand for their names."""
        return code if code in PLATFORMS else None

    def region(self, _code: str) -> str | None:
        """All of them belong to the nation."""
        return "100000"


async def fill(database: Database, count: int) -> None:
    """Write the records as a harvest leaves them."""
    numbered = enumerate(records(count), start=1)
    while batch := list(itertools.islice(numbered, 5_000)):
        rows = [
            {
                "platform": platform, "native_id": native_id, "sequence": number, "access": tier, "body": body,
                "content_hash": b"", "unmapped": "[]", "digest": "0" * 64, "manifest_version": 1, "fetched_at": NOW,
            }
            for number, (platform, native_id, tier, body) in batch
        ]  # fmt: skip
        async with database.writing() as connection:
            await connection.execute(insert(ResourceRow), rows)


async def one(catalog: CatalogService, request: SearchRequest) -> int:
    """A page and its facets, asked as the endpoint asks; returns the total."""
    page = await catalog.search(request, by_platform=False, facets=FACETS)
    await catalog.facets(request, FACETS, 20)
    return page.total


def share(values: list[float], part: float) -> float:
    """A quantile."""
    return sorted(values)[min(int(len(values) * part), len(values) - 1)]


def bytes_in(folder: Path) -> int:
    """Size of everything in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


async def measure(catalog: CatalogService, count: int) -> None:
    """Search and print."""
    asked = requests(count)
    for request in asked[:20]:
        await one(catalog, request)
    cpu: list[float] = []
    totals: list[int] = []
    began = time.perf_counter()
    for request in asked[20:]:
        before = time.process_time()
        totals.append(await one(catalog, request))
        cpu.append((time.process_time() - before) * 1_000)
    wall = time.perf_counter() - began
    bounds = (0, 1, 100, 1_000, 10_000, 100_000)
    spread = Counter(max(bound for bound in bounds if total >= bound) for total in totals)
    print(f"requests            {len(cpu)} distinct; median total {statistics.median(totals):.0f}")
    print("requests by total   " + ", ".join(f"from {bound}: {spread[bound]}" for bound in bounds))
    print(f"CPU per request     p50 {share(cpu, 0.5):.2f} ms, p95 {share(cpu, 0.95):.2f} ms, max {max(cpu):.1f} ms")
    print(f"requests per second {len(cpu) / wall:.0f}")


async def run(count: int, searches: int) -> None:
    """Fill, index, search."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite+aiosqlite:///{folder}/shanhai.db")
        await upgrade(database)
        began = time.perf_counter()
        await fill(database, count)
        print(f"records             {count}, written to the database in {time.perf_counter() - began:.1f} s")
        began, before = time.perf_counter(), time.process_time()
        catalog = await open_catalog(database, Path(folder, "index"), Platforms(), lambda: datetime.now(UTC))
        wall = time.perf_counter() - began
        cpu = time.process_time() - before
        print(
            f"index build         {wall:.1f} s, {wall / count * 1e6:.0f} µs per record ({cpu / count * 1e6:.0f} µs CPU)"
        )
        await catalog.aclose()
        size = await asyncio.to_thread(bytes_in, Path(folder, "index"))
        print(f"index size          {size / 1e6:.0f} MB, {size / count:.0f} bytes per record")
        began = time.perf_counter()
        async with await open_catalog(database, Path(folder, "index"), Platforms()) as catalog:
            print(f"open again          {time.perf_counter() - began:.2f} s with every checksum")
            allowed = os.sched_getaffinity(0)
            os.sched_setaffinity(0, {min(allowed)})
            await measure(catalog, searches)
            print(f"resident memory     {psutil.Process().memory_info().rss / 1e6:.0f} MB")
        await database.aclose()
        os.sched_setaffinity(0, allowed)
        await measure_served(Path(folder), searches)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--searches", type=int, default=1_000)
    arguments = parser.parse_args()
    asyncio.run(run(arguments.records, arguments.searches))
