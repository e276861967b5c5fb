"""A lake of synthetic facts: its files written directly, or made from a database as harvests fill it."""

import asyncio
import itertools
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import duckdb
from sqlalchemy import Connection, insert

from benchmarks.usage.facts import HOMES, Platforms, facts, months, write_source
from gateway.statistics import StatisticsService, open_statistics
from gateway.statistics.lake.changes import database_identity
from gateway.statistics.lake.files import LakeFiles
from gateway.statistics.links import Links
from gateway.storage import USAGE, Database, reserve_numbers
from gateway.storage.tables import UsageFactRow, UsagePartitionRow
from schema.programs import programs

_FACTS = UsageFactRow.metadata.tables["usage_facts"]
_PARTITIONS = UsagePartitionRow.metadata.tables["usage_partitions"]


async def open_service(database: Database, directory: Path) -> StatisticsService:
    """The service over the lake of this directory."""
    return await open_statistics(database, directory, Platforms(), programs(), Links(b"benchmark" * 4, 600))


async def write_lake(database: Database, directory: Path, total: int) -> None:
    """Write the files of the lake and their list; the database knows of which change each month is, but no fact."""
    numbers: dict[tuple[str, str], int] = {}
    for month in itertools.product(HOMES, months()):
        numbers[month] = await database.transact(partial(_number, *month))
    identity = await database_identity(database)
    await asyncio.to_thread(_write_files, directory, identity, numbers, total)


async def fill(database: Database, total: int) -> None:
    """Store the facts in the database, from which the lake is made when it is opened."""
    with duckdb.connect() as source:
        for platform, month in itertools.product(HOMES, months()):
            await database.transact(partial(_store, source, platform, month, total))
            await database.transact(partial(_number, platform, month))


def _write_files(directory: Path, identity: int, numbers: dict[tuple[str, str], int], total: int) -> None:
    files = LakeFiles(directory)
    files.look(identity)
    made = {}
    with duckdb.connect() as source:
        for (platform, month), number in numbers.items():
            write_source(source, platform, month, total, files.source)
            made[platform, month] = files.make((platform, month), number)
    now = datetime.now(UTC)
    files.publish(identity, made, now, now)
    files.close()


def _store(source: duckdb.DuckDBPyConnection, platform: str, month: str, total: int, connection: Connection) -> None:
    rows = facts(source, platform, month, total)
    while batch := list(itertools.islice(rows, 5_000)):
        connection.execute(insert(_FACTS), batch)


def _number(platform: str, month: str, connection: Connection) -> int:
    [number] = reserve_numbers(connection, USAGE, 1)
    connection.execute(insert(_PARTITIONS), {"platform": platform, "month": month, "sequence": number})
    return number
