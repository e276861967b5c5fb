"""Harvest a platform of any size and print records per second and peak memory of every phase.

    python -m benchmarks.harvest --records 100000 [--source simulated|synthetic] [--database postgresql+asyncpg://…]

Phases: the listing alone (asked and mapped, nothing stored); the first harvest (every record is new) beside a node that
follows it in a process of its own, as a running gateway does; "searchable" until that node has every record; an index
built from nothing; and a second harvest (nothing has changed). The first line is what the process holds before anything
is asked: what it has imported, which is in every other peak too. The database and the index are made in a temporary
directory and removed; a database given by URL must be empty and is left empty.
"""

import argparse
import asyncio
import gc
import resource
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import MetaData

from benchmarks.harvest.follower import OnePlatform, following
from benchmarks.harvest.sources import Source, simulated, synthetic
from connectors.records import HarvestRequest
from gateway.catalog import open_catalog
from gateway.harvesting import HarvestingService, HarvestRun, RunState
from gateway.storage import Database, open_database, upgrade


@dataclass
class Report:
    """Lines of the table, printed as they come."""

    records: int
    seconds: dict[str, float] = field(default_factory=dict)

    def line(self, phase: str, records: int, seconds: float, cpu: float) -> None:
        """One phase; memory is the peak of this process so far."""
        self.seconds[phase] = seconds
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        rate, cost = records / seconds, 1e6 * cpu / max(records, 1)
        print(
            f"{phase:<28}{records:>10,}{seconds:>9.1f} s{rate:>10,.0f} /s{cost:>8.0f} µs CPU{peak:>8.0f} MB", flush=True
        )


def like_the_command() -> None:
    """Let the collector look as seldom as it does in `shanhai harvest`."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def print_bare() -> None:
    """The memory that imports alone take."""
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'imported, nothing asked':<28}{'':>54}{held:>8.0f} MB", flush=True)


class Stopwatch:
    """Wall-clock and CPU seconds since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def read(self) -> tuple[float, float]:
        """Both."""
        return time.perf_counter() - self._wall, time.process_time() - self._cpu


async def list_only(source: Source, report: Report) -> None:
    """Ask and map, store nothing."""
    watch, seen = Stopwatch(), 0
    async for page in source.connector.harvest(source.context, HarvestRequest()):
        seen += len(page.accepted) + len(page.rejected) + len(page.deleted)
    report.line("listing alone", seen, *watch.read())


async def harvest(service: HarvestingService, source: Source, report: Report, phase: str) -> HarvestRun:
    """One full run."""
    watch = Stopwatch()
    run = await service.run(source.connector, source.context)
    if run.state is not RunState.SUCCEEDED:
        raise SystemExit(f"the run ended {run.state}: {run.error}")
    report.line(phase, run.seen, *watch.read())
    return run


async def measure(source: Source, database: Database, folder: Path, report: Report) -> None:
    """Every phase in order."""
    await upgrade(database)
    service = HarvestingService(database)
    await list_only(source, report)
    url = database.engine.url.render_as_string(hide_password=False)
    watch = Stopwatch()
    async with following(url, folder / "node", source.connector.platform) as wanted:
        watch = Stopwatch()
        run = await harvest(service, source, report, "first harvest")
        wanted.value = run.created
    report.line("searchable (goal: 4,000 /s)", run.created, *watch.read())
    watch = Stopwatch()
    catalog = await open_catalog(database, folder / "index", OnePlatform(source.connector.platform))
    report.line("search index from nothing", run.created, *watch.read())
    await catalog.aclose()
    await harvest(service, source, report, "again, unchanged")


async def drop_everything(database: Database) -> None:
    """Leave the database as empty as it was."""
    tables = MetaData()
    async with database.writing() as connection:
        await connection.run_sync(tables.reflect)
        await connection.run_sync(tables.drop_all)


async def main() -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.harvest", description=__doc__.partition("\n")[0])
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--source", choices=["simulated", "synthetic"], default="simulated")
    parser.add_argument("--database", help="URL of an empty database; default: SQLite in a temporary directory")
    given = parser.parse_args()
    opened = simulated(given.records) if given.source == "simulated" else synthetic(given.records)
    with tempfile.TemporaryDirectory(prefix="shanhai-benchmark-") as folder:
        database = open_database(given.database or f"sqlite+aiosqlite:///{folder}/shanhai.db")
        print(f"{given.source} platform, {database.engine.dialect.name}")
        like_the_command()
        print_bare()
        try:
            async with opened as source:
                await measure(source, database, Path(folder), Report(given.records))
        finally:
            if given.database:
                await drop_everything(database)
            await database.aclose()


if __name__ == "__main__":
    asyncio.run(main())
