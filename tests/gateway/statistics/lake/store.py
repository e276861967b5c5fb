"""Facts as a harvest leaves them, written directly, and what files and table hold of them."""

import hashlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.clock import utc_now
from gateway.statistics.lake import Lake, Snapshot
from gateway.statistics.lake.writing import KINDS
from gateway.storage import USAGE, Database, reserve_numbers
from gateway.storage.tables import UsageFactRow, UsagePartitionRow

Fact = Mapping[str, Any]
FACTS = UsageFactRow.metadata.tables["usage_facts"]
MONTHS = UsagePartitionRow.metadata.tables["usage_partitions"]
DIMENSIONS = ("region", "stage", "subject", "kind", "teaching_mode", "classroom_kind", "program", "resource")
COLUMNS = ("platform", "measure", "day", *DIMENSIONS, "value", "weight", "sketch")
NOW = datetime(2026, 3, 31, tzinfo=UTC)


class Later:
    """A clock that goes on by what it is told beside the real time."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


def fact(platform: str = "zibo", day: date = date(2026, 3, 14), value: str = "12", **fields: Any) -> Fact:
    """One fact; its key is that of measure and dimensions."""
    row = dict.fromkeys(DIMENSIONS) | {"measure": "views", "weight": None, "sketch": None} | fields
    named = repr([row["measure"], *(row[name] for name in DIMENSIONS)])
    key = hashlib.sha256(named.encode()).hexdigest()[:32]
    told = {"revision": 0, "run_id": "run", "fetched_at": NOW}
    return {"platform": platform, "day": day, "key": key, "value": Decimal(value)} | row | told


async def put(database: Database, *facts: Fact) -> None:
    """Put facts in place of those with the same key, and number the months that changed, in one transaction."""
    async with database.writing() as connection:
        await _remove(connection, facts)
        if facts:
            await connection.execute(insert(FACTS), list(facts))
        await number(connection, facts)


async def withdraw(database: Database, *facts: Fact) -> None:
    """Delete facts, and number the months that changed, in one transaction."""
    async with database.writing() as connection:
        await _remove(connection, facts)
        await number(connection, facts)


async def number(connection: AsyncConnection, facts: Iterable[Fact]) -> None:
    """Give every month of these facts a new number."""
    months = sorted({(one["platform"], f"{one['day']:%Y-%m}") for one in facts})
    numbers = await connection.run_sync(reserve_numbers, USAGE, len(months))
    for (platform, month), sequence in zip(months, numbers, strict=True):
        await connection.execute(delete(MONTHS).where(MONTHS.c.platform == platform, MONTHS.c.month == month))
        await connection.execute(insert(MONTHS).values(platform=platform, month=month, sequence=sequence))


async def _remove(connection: AsyncConnection, facts: Sequence[Fact]) -> None:
    named = (FACTS.c[name] == bindparam(f"old_{name}") for name in ("platform", "day", "key"))
    if facts:
        keys = [{f"old_{name}": one[name] for name in ("platform", "day", "key")} for one in facts]
        await connection.execute(delete(FACTS).where(*named), keys)


@asynccontextmanager
async def lake_of(database: Database, folder: Path, clock: Callable[[], datetime] = utc_now) -> AsyncIterator[Lake]:
    """An open lake."""
    lake = Lake(database, folder, clock)
    await lake.open()
    try:
        yield lake
    finally:
        await lake.aclose()


async def stored(database: Database) -> list[tuple[Any, ...]]:
    """Every fact in the table, in the order of the columns of a file."""
    async with database.reading() as connection:
        found = await connection.execute(select(*(FACTS.c[name] for name in COLUMNS)))
        return sorted(map(tuple, found), key=repr)


async def names(database: Database) -> list[Fact]:
    """What tells the stored facts from each other."""
    async with database.reading() as connection:
        found = await connection.execute(select(FACTS.c.platform, FACTS.c.day, FACTS.c.key))
        return [row._asdict() for row in found]


def held(snapshot: Snapshot) -> list[tuple[Any, ...]]:
    """Every fact in the files."""
    return sorted(read([each.facts for each in snapshot.partitions]), key=repr)


def read(files: Iterable[Path], query: str = "SELECT * FROM read_parquet($files)") -> list[tuple[Any, ...]]:
    """Rows that DuckDB reads from files."""
    listed = [str(path) for path in files]
    if not listed:
        return []
    with duckdb.connect(config={"threads": 1, "autoload_known_extensions": False}) as connection:
        return connection.execute(query, {"files": listed}).fetchall()


def parquet_files(folder: Path) -> set[Path]:
    """Every Parquet file in a lake's folder, listed or not."""
    return set(folder.rglob("*.parquet"))


def listed_files(snapshot: Snapshot) -> set[Path]:
    """The files of a snapshot."""
    return {getattr(each, kind) for each in snapshot.partitions for kind in KINDS}
