"""The lake as DuckDB sees it: Parquet files, and in memory what every report needs of them.

In memory are `rollup` (facts summed by month), `daily` (facts summed by day over all that they state but program and
region), `counter` (what each series of a counter grew by within a month, `linked` with the month before), `reported`
(which day of which measure each platform has told, and in how many facts) and `origin` (whose facts there are, and
where). A report reads all of them in one transaction, so that it sees one generation of the lake.
"""

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

import duckdb

from gateway.errors import NotReady
from gateway.statistics.engine.holdings import Holdings
from gateway.statistics.lake import Partition, Snapshot
from gateway.statistics.lake.series import SERIES

OPENING_MEMORY = "512MB"
WORKING_MEMORY = 128_000_000
"""Bytes that reports may take beside what the store holds; what takes more goes to the folder for temporary files."""
THREADS = 2
SPILL = "4GB"
_TABLES = """
CREATE TABLE state (generation VARCHAR);
CREATE TABLE reported (platform VARCHAR, month DATE, measure VARCHAR, program VARCHAR, day DATE, facts BIGINT);
CREATE TABLE origin (platform VARCHAR, month DATE, measure VARCHAR, program VARCHAR, region VARCHAR);
CREATE TABLE daily (
    platform VARCHAR, month DATE, measure VARCHAR, program VARCHAR, region VARCHAR, day DATE, total DECIMAL(38, 6),
    high DECIMAL(30, 6), facts BIGINT);
CREATE TABLE counter (
    number BIGINT, measure VARCHAR, platform VARCHAR, program VARCHAR, region VARCHAR, stage VARCHAR, subject VARCHAR,
    kind VARCHAR, teaching_mode VARCHAR, classroom_kind VARCHAR, resource VARCHAR, month DATE, first_day DATE,
    first_value DECIMAL(30, 6), last_day DATE, last_value DECIMAL(30, 6), gained DECIMAL(38, 6), steps BIGINT,
    drops BIGINT);
CREATE TABLE rollup (
    platform VARCHAR, measure VARCHAR, month DATE, region VARCHAR, stage VARCHAR, subject VARCHAR, kind VARCHAR,
    teaching_mode VARCHAR, classroom_kind VARCHAR, program VARCHAR, total DECIMAL(38, 6), high DECIMAL(30, 6),
    facts BIGINT, sketched BIGINT, first_day DATE, last_day DATE, closing_total DECIMAL(38, 6),
    closing_high DECIMAL(30, 6), closing_facts BIGINT);
"""
_FROM_FILES = ("daily", "counter", "rollup")
_OF_DAILY = """
CREATE OR REPLACE TEMP TABLE taken AS SELECT * FROM daily SEMI JOIN (
    SELECT unnest($platforms::VARCHAR[]) AS platform, unnest($months::DATE[]) AS month
) USING (platform, month)
"""
_REPORTED = """
INSERT INTO reported
SELECT platform, month, measure, coalesce(program, ''), day, sum(facts) FROM taken GROUP BY ALL
"""
_ORIGIN = """
INSERT INTO origin
SELECT DISTINCT platform, month, measure, coalesce(program, ''), coalesce(region, '') FROM taken
"""
_LINKED = f"""
CREATE OR REPLACE TABLE linked AS
SELECT *, dense_rank() OVER (ORDER BY {SERIES}) AS series,
    lag(last_value) OVER (PARTITION BY {SERIES} ORDER BY month) AS before
FROM counter
"""


class Store:
    """A DuckDB database in memory that follows the lake; connections of several threads read it."""

    def __init__(self) -> None:
        self._spill = TemporaryDirectory(prefix="shanhai-usage-")  # of this process alone: DuckDB names files alike
        self._connection = duckdb.connect(
            config={
                "memory_limit": OPENING_MEMORY,
                "threads": THREADS,
                "temp_directory": self._spill.name,
                "max_temp_directory_size": SPILL,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "preserve_insertion_order": False,
            }
        )
        self._connection.execute("SET GLOBAL parquet_metadata_cache = true")  # files never change
        self._connection.execute(_TABLES)
        self._writing = Lock()
        self._turning = Lock()
        self._held: dict[tuple[str, str], Path] = {}
        self._holdings: Holdings | None = None

    @property
    def generation(self) -> str:
        """Of the lake as it is read now; empty before the first."""
        return "" if self._holdings is None else self._holdings.generation

    def follow(self, snapshot: Snapshot) -> None:
        """Take in the partitions that changed; blocks while it reads what was summed up of them."""
        with self._writing:
            if snapshot.generation == self.generation:
                return
            wanted = {(one.platform, one.month): one for one in snapshot.partitions}
            gone = [key for key, path in self._held.items() if key not in wanted or wanted[key].facts != path]
            new = [one for key, one in wanted.items() if key in gone or key not in self._held]
            with self._connection.cursor() as cursor:
                cursor.begin()
                _drop(cursor, gone)
                _take(cursor, new)
                cursor.execute("DELETE FROM state")
                cursor.execute("INSERT INTO state VALUES ($1)", [snapshot.generation])
                holdings = Holdings.of(cursor, snapshot)
                with self._turning:
                    cursor.commit()
                    self._holdings = holdings
                self._held = {key: one.facts for key, one in wanted.items()}
                with contextlib.suppress(duckdb.OutOfMemoryException):  # what is in use now is as much as there may be
                    _limit_memory(cursor)

    def begin(self) -> tuple[duckdb.DuckDBPyConnection, Holdings]:
        """A transaction in a connection of its own for one thread, with its own temporary tables, and what it sees.

        Raises NotReady before there is a lake.
        """
        cursor = self._connection.cursor()
        with self._turning:
            cursor.begin()
            cursor.execute("SELECT generation FROM state")  # a transaction sees what there is when it first looks
            holdings = self._holdings
        if holdings is None:
            cursor.close()
            raise NotReady("the usage statistics are being prepared; try again in a moment")
        return cursor, holdings

    def close(self) -> None:
        """Close the database; connections that are still open end with it."""
        self._connection.close()
        self._spill.cleanup()


def _drop(cursor: duckdb.DuckDBPyConnection, months: Sequence[tuple[str, str]]) -> None:
    if months:
        same = "(SELECT unnest($platforms::VARCHAR[]) AS platform, unnest($months::DATE[]) AS month) AS gone"
        for table in ("reported", "origin", *_FROM_FILES):
            matching = f"{table}.platform = gone.platform AND {table}.month = gone.month"
            cursor.execute(f"DELETE FROM {table} USING {same} WHERE {matching}", _named(months))


def _take(cursor: duckdb.DuckDBPyConnection, new: Sequence[Partition]) -> None:
    if new:
        files = {
            "daily": [str(one.daily) for one in new],
            "counter": [str(one.counters) for one in new],
            "rollup": [str(one.rollup) for one in new],
        }
        for table in _FROM_FILES:
            cursor.execute(f"INSERT INTO {table} BY NAME SELECT * FROM read_parquet($files)", {"files": files[table]})
        cursor.execute(_OF_DAILY, _named([(one.platform, one.month) for one in new]))
        cursor.execute(_REPORTED)
        cursor.execute(_ORIGIN)
    cursor.execute(_LINKED)


def _limit_memory(cursor: duckdb.DuckDBPyConnection) -> None:
    """Leave as much for reports whatever the lake's sums take; reports that are kept may count among those."""
    row = cursor.execute("SELECT memory_usage_bytes FROM duckdb_memory() WHERE tag = 'IN_MEMORY_TABLE'").fetchone()
    held = int(row[0]) if row is not None else 0
    cursor.execute(f"SET GLOBAL memory_limit = '{held + WORKING_MEMORY}B'")


def _named(months: Sequence[tuple[str, str]]) -> Mapping[str, list[str]]:
    return {"platforms": [code for code, _ in months], "months": [f"{month}-01" for _, month in months]}
