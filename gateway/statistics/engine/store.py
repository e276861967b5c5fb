"""The lake as DuckDB sees it: a list of Parquet files, and in memory what every report needs of them.

In memory are `partition` (the files), `rollup` (facts summed by month), `daily` (facts summed by day over all that they
state but program and region), `counter` (what each series of a counter grew by within a month), `reported` (which day
of which measure each platform has told) and `origin` (whose facts there are, and where). A report reads all of them in
one transaction, so that it sees one generation of the lake.
"""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

import duckdb

from gateway.errors import NotReady
from gateway.statistics.engine.series import grown_within
from gateway.statistics.lake import Partition, Snapshot
from schema.measures import MeasureKind, measures

MEMORY = "512MB"
THREADS = 2
SPILL = "4GB"
_TABLES = """
CREATE TABLE state (generation VARCHAR, as_of VARCHAR);
CREATE TABLE partition (platform VARCHAR, month DATE, facts VARCHAR, resources BOOLEAN);
CREATE TABLE reported (platform VARCHAR, month DATE, measure VARCHAR, program VARCHAR, day DATE, facts BIGINT);
CREATE TABLE origin (platform VARCHAR, month DATE, measure VARCHAR, program VARCHAR, region VARCHAR);
CREATE TABLE daily (
    platform VARCHAR, month DATE, measure VARCHAR, program VARCHAR, region VARCHAR, day DATE, total DECIMAL(38, 6),
    high DECIMAL(30, 6), facts BIGINT);
CREATE TABLE counter (
    platform VARCHAR, month DATE, measure VARCHAR, program VARCHAR, region VARCHAR, stage VARCHAR, subject VARCHAR,
    kind VARCHAR, teaching_mode VARCHAR, classroom_kind VARCHAR, resource VARCHAR, first_value DECIMAL(30, 6),
    last_day DATE, last_value DECIMAL(30, 6), gained DECIMAL(38, 6), steps BIGINT, drops BIGINT);
CREATE TABLE rollup (
    platform VARCHAR, measure VARCHAR, month DATE, region VARCHAR, stage VARCHAR, subject VARCHAR, kind VARCHAR,
    teaching_mode VARCHAR, classroom_kind VARCHAR, program VARCHAR, total DECIMAL(38, 6), low DECIMAL(30, 6),
    high DECIMAL(30, 6), facts BIGINT, sketched BIGINT, first_day DATE, last_day DATE);
"""
_OF_PARTITIONS = ("partition", "reported", "origin", "daily", "counter", "rollup")
_ORIGIN = """
INSERT INTO origin
SELECT DISTINCT platform, $2::DATE, measure, coalesce(program, ''), coalesce(region, '') FROM read_parquet($1)
"""
_DAILY = """
INSERT INTO daily
SELECT platform, $2::DATE, measure, program, region, day, sum(value), max(value), count(*) FROM read_parquet($1)
GROUP BY ALL
"""
_COUNTERS = frozenset(code for code, measure in measures().items() if measure.kind is MeasureKind.COUNTER)
_COUNTER = f"""
INSERT INTO counter BY NAME
{
    grown_within(
        "SELECT *, $2::DATE AS month FROM read_parquet($1)", "month", "measure IN (SELECT unnest($3::VARCHAR[]))"
    )
}
"""


class Store:
    """A DuckDB database in memory that follows the lake; connections of several threads read it."""

    def __init__(self) -> None:
        self._spill = TemporaryDirectory(prefix="shanhai-usage-")  # of this process alone: DuckDB names files alike
        self._connection = duckdb.connect(
            config={
                "memory_limit": MEMORY,
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
        self._held: dict[tuple[str, str], Path] = {}
        self.generation = ""

    def follow(self, snapshot: Snapshot) -> None:
        """Take in the partitions that changed; blocks while it reads their files."""
        with self._writing:
            if snapshot.generation == self.generation:
                return
            wanted = {(one.platform, one.month): one for one in snapshot.partitions}
            gone = [key for key, path in self._held.items() if key not in wanted or wanted[key].facts != path]
            new = [one for key, one in wanted.items() if key in gone or key not in self._held]
            with self._connection.cursor() as cursor:
                cursor.begin()
                for platform, month in gone:
                    _drop(cursor, platform, month)
                for one in new:
                    _take(cursor, one)
                cursor.execute("DELETE FROM state")
                cursor.execute("INSERT INTO state VALUES ($1, $2)", [snapshot.generation, snapshot.as_of.isoformat()])
                cursor.commit()
            self._held = {key: one.facts for key, one in wanted.items()}
            self.generation = snapshot.generation

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own for one thread, with its own temporary tables."""
        return self._connection.cursor()

    def close(self) -> None:
        """Close the database; connections that are still open end with it."""
        self._connection.close()
        self._spill.cleanup()


def state(cursor: duckdb.DuckDBPyConnection) -> tuple[str, datetime]:
    """Generation of the lake that a transaction sees, and when its facts last changed; `NotReady` before the first."""
    row = cursor.execute("SELECT generation, as_of FROM state").fetchone()
    if row is None:
        raise NotReady("the usage statistics are being prepared; try again in a moment")
    return row[0], datetime.fromisoformat(row[1])


def files(
    cursor: duckdb.DuckDBPyConnection,
    platforms: Iterable[str],
    first: date | None,
    last: date | None,
    *,
    resources: bool = False,
) -> list[str]:
    """Fact files of these platforms whose month touches the days; with `resources` those that count single ones."""
    return [
        path
        for (path,) in cursor.execute(
            """
            SELECT facts FROM partition
            WHERE platform IN (SELECT unnest($platforms::VARCHAR[]))
              AND month >= coalesce(date_trunc('month', $first::DATE), DATE '0001-01-01')
              AND month <= coalesce($last::DATE, DATE '9999-12-31')
              AND (resources OR NOT $resources)
            ORDER BY platform, month
            """,
            {"platforms": list(platforms), "first": first, "last": last, "resources": resources},
        ).fetchall()
    ]


def _drop(cursor: duckdb.DuckDBPyConnection, platform: str, month: str) -> None:
    for table in _OF_PARTITIONS:
        cursor.execute(f"DELETE FROM {table} WHERE platform = $1 AND month = $2", [platform, f"{month}-01"])


def _take(cursor: duckdb.DuckDBPyConnection, one: Partition) -> None:
    facts, month = str(one.facts), f"{one.month}-01"
    cursor.execute(
        "INSERT INTO partition SELECT $1, $2, $3, (SELECT count(resource) > 0 FROM read_parquet($3))",
        [one.platform, month, facts],
    )
    cursor.execute(
        """
        INSERT INTO reported
        SELECT platform, $2::DATE, measure, coalesce(program, ''), day, count(*) FROM read_parquet($1) GROUP BY ALL
        """,
        [facts, month],
    )
    cursor.execute("INSERT INTO rollup BY NAME SELECT * FROM read_parquet($1)", [str(one.rollup)])
    for summary in (_ORIGIN, _DAILY):
        cursor.execute(summary, [str(one.rollup) if summary is _ORIGIN else facts, month])
    counters = sorted(_COUNTERS.intersection(one.measures))
    if counters:
        cursor.execute(_COUNTER, [facts, month, counters])
