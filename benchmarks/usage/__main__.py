"""`python -m benchmarks.usage`: makes a lake of facts, asks different reports, exports a large one, prints figures.

Reports are asked one after the other through the service (not through HTTP and GraphQL), each of them once, and answer
their first hundred rows; CPU is what they take on all cores together, which says more where others use the machine too.
Exports compute a report and write all of it; memory is what the process grew by at most.

The files of the lake are written directly; with `--through-database` facts are stored in the database first, from which
the lake is made, and that takes ten times as long. With `--directory` the lake is kept and used again.
"""

import argparse
import asyncio
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path

import psutil

from benchmarks.usage.facts import DAYS
from benchmarks.usage.lakes import fill, open_service, write_lake
from benchmarks.usage.questions import MEASURES, everything, questions
from gateway.statistics import ExportFormat, StatisticsService
from gateway.storage import open_database, upgrade


class Growth:
    """The most by which the resident memory grew within the block, in megabytes."""

    def __enter__(self) -> "Growth":
        self._process = psutil.Process()
        self._before = self._process.memory_info().rss
        self._most = self._before
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopping.set()
        self._thread.join()

    @property
    def megabytes(self) -> float:
        """So far."""
        return (self._most - self._before) / 1e6

    def _watch(self) -> None:
        while not self._stopping.wait(0.01):
            self._most = max(self._most, self._process.memory_info().rss)


def share(values: list[float], part: float) -> float:
    """A quantile."""
    return sorted(values)[min(int(len(values) * part), len(values) - 1)]


async def measure_reports(service: StatisticsService, count: int) -> None:
    """Ask and print; the first twenty warm up."""
    asked = questions(count + 20)
    for _, question in asked[:20]:
        await service.report(question)
    taken: dict[str, list[float]] = defaultdict(list)
    busy: dict[str, list[float]] = defaultdict(list)
    rows = 0
    for name, question in asked[20:]:
        began, worked = time.perf_counter(), time.process_time()
        page = await service.report(question)
        taken[name].append((time.perf_counter() - began) * 1_000)
        busy[name].append((time.process_time() - worked) * 1_000)
        rows += page.total
    for told in (taken, busy):
        told["all"] = [one for each in told.values() for one in each]
    print(f"\n{count} different reports of {rows / count:.0f} rows on average, first hundred rows of each")
    print(f"{'kind':<20}{'reports':>8}{'p50':>10}{'p95':>10}{'max':>10}{'CPU p50':>10}{'CPU p95':>10}")
    for name in (*MEASURES, "all"):
        each, work = taken[name], busy[name]
        shown = (share(each, 0.5), share(each, 0.95), max(each), share(work, 0.5), share(work, 0.95))
        print(f"{name:<20}{len(each):>8}{''.join(f'{one:>7.0f} ms' for one in shown)}")


async def measure_exports(service: StatisticsService, wanted: int) -> None:
    """Export about so many cells, which are the rows of the files, in every format, and print."""
    of_one_day = await cells(service, 1)
    days = min(max(wanted // max(of_one_day, 1), 1), DAYS)
    began = time.perf_counter()
    rows = await cells(service, days)
    print(f"\nexports of {rows} rows; to compute the report alone takes {time.perf_counter() - began:.1f} s")
    print(f"{'format':<20}{'time':>10}{'memory':>12}{'size':>12}")
    with tempfile.TemporaryDirectory() as folder:
        for file_format in ExportFormat:
            began = time.perf_counter()
            with Growth() as growth:
                path = await service.export(everything(days), file_format, Path(folder))
            taken = time.perf_counter() - began
            size = (await asyncio.to_thread(path.stat)).st_size
            print(f"{file_format:<20}{taken:>8.1f} s{growth.megabytes:>9.0f} MB{size / 1e6:>9.1f} MB")


async def cells(service: StatisticsService, days: int) -> int:
    """How many cells the large export of so many days has."""
    return (await service.report(everything(days), first=0)).total * len(everything(days).measures)


async def run(directory: Path, url: str | None, facts: int, reports: int, rows: int, through_database: bool) -> None:
    """Make the lake unless it is there, then measure."""
    database = open_database(url or f"sqlite+aiosqlite:///{directory}/usage.db")
    made = directory / "made"
    if not await asyncio.to_thread(made.exists):
        began = time.perf_counter()
        await upgrade(database)
        if through_database:
            await fill(database, facts)
        else:
            await write_lake(database, directory / "lake", facts)
        await asyncio.to_thread(made.touch)
        print(f"facts written in {time.perf_counter() - began:.0f} s")
    began = time.perf_counter()
    async with await open_service(database, directory / "lake") as service:
        stored = sum(part.rows for part in service.lake.snapshot.partitions)
        print(f"lake of {stored} facts opened in {time.perf_counter() - began:.1f} s")
        await measure_reports(service, reports)
        await measure_exports(service, rows)
    print(f"\nresident memory     {psutil.Process().memory_info().rss / 1e6:.0f} MB")
    await database.aclose()


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.usage", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--facts", type=int, default=10_000_000)
    parser.add_argument("--reports", type=int, default=350)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the export")
    parser.add_argument("--directory", type=Path, help="where to keep the lake for another run")
    parser.add_argument("--database", help="SQLAlchemy URL of an empty database; SQLite in the directory by default")
    parser.add_argument("--through-database", action="store_true", help="store facts in the database first")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        directory = given.directory or Path(temporary)
        directory.mkdir(parents=True, exist_ok=True)
        asyncio.run(run(directory, given.database, given.facts, given.reports, given.rows, given.through_database))


if __name__ == "__main__":
    main()
