"""From the CSV of one month to its Parquet files, by DuckDB.

The facts are sorted by measure in groups of 8,192 rows (fewer where sketches are long), so that a reader of one measure
skips most of a file; so are the rollups, which have one row for each measure and combination of dimensions in a month
or in a week of it: what its facts sum up to, the greatest of them, how many there are, how many carry a sketch, their
first and last day, and of stocks and counters the same of the last day that is reported. Other files spare reports and
starts the facts: `daily` sums up by origin and day; `counters` says what each series of a counter grew by in the month,
`strides` in each week of it, and `steps` from fact to fact.

The CSV is sorted already, because DuckDB needs as much memory as there are bytes of sketches to sort them, and one
thread keeps its order.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from gateway.statistics.lake.series import COUNTERS, SERIES, STANDING

FORMAT = zlib.crc32(repr((3, COUNTERS, STANDING)).encode())
"""Another number with every change of columns, order or meaning; a lake of another format is built anew."""
KINDS = ("facts", "rollup", "weeks", "daily", "counters", "steps", "strides")
"""The files of a month; all but the first are made from the first."""

_MEMORY = "256MB"
_FACTS = """
COPY (
    SELECT decode(unhex(platform[2:])) AS platform, decode(unhex(measure[2:])) AS measure, day,
        decode(unhex(region[2:])) AS region, decode(unhex(stage[2:])) AS stage, decode(unhex(subject[2:])) AS subject,
        decode(unhex(kind[2:])) AS kind, decode(unhex(teaching_mode[2:])) AS teaching_mode,
        decode(unhex(classroom_kind[2:])) AS classroom_kind, decode(unhex(program[2:])) AS program,
        decode(unhex(resource[2:])) AS resource, value, weight, unhex(sketch[2:]) AS sketch
    FROM read_csv($source, auto_detect = false, header = false, delim = ',', quote = '', escape = '', nullstr = '',
        columns = {
            platform: 'VARCHAR', measure: 'VARCHAR', day: 'DATE', region: 'VARCHAR', stage: 'VARCHAR',
            subject: 'VARCHAR', kind: 'VARCHAR', teaching_mode: 'VARCHAR', classroom_kind: 'VARCHAR',
            program: 'VARCHAR', resource: 'VARCHAR', value: 'DECIMAL(30,6)', weight: 'DECIMAL(30,6)', sketch: 'VARCHAR'
        })
) TO $target (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 8192, ROW_GROUP_SIZE_BYTES '16MB')
"""
_DIMENSIONS = "region, stage, subject, kind, teaching_mode, classroom_kind, program"
_SUMMED = """
sum(value)::DECIMAL(38,6) AS total, max(value) AS high, count(*) AS facts, count(*) FILTER (drawn) AS sketched,
min(day) AS first_day, max(day) AS last_day, (sum(value) FILTER (closing))::DECIMAL(38,6) AS closing_total,
max(value) FILTER (closing) AS closing_high, count(*) FILTER (closing) AS closing_facts
"""
_CLOSING = """
SELECT * EXCLUDE (weight, sketch, resource), sketch IS NOT NULL AS drawn,
    list_contains($standing::VARCHAR[], measure) AND day = max(day) OVER (
        PARTITION BY measure, coalesce(program, ''), {}) AS closing
FROM (
    SELECT *, date_trunc('month', day)::DATE AS month, date_trunc('week', day)::DATE AS week FROM read_parquet($source)
)
"""
_IN_GROUPS = "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 8192)"
_ROLLUP = f"""
COPY (
    SELECT platform, measure, month, {_DIMENSIONS}, {_SUMMED} FROM ({_CLOSING.format("month")})
    GROUP BY platform, measure, month, {_DIMENSIONS} ORDER BY measure, {_DIMENSIONS}
) TO $target {_IN_GROUPS}
"""
_WEEKS = f"""
COPY (
    SELECT platform, measure, month, week, {_DIMENSIONS}, {_SUMMED} FROM ({_CLOSING.format("week")})
    GROUP BY platform, measure, month, week, {_DIMENSIONS} ORDER BY measure, week, {_DIMENSIONS}
) TO $target {_IN_GROUPS}
"""
_DAILY = """
COPY (
    SELECT platform, date_trunc('month', day)::DATE AS month, measure, program, region, day,
        sum(value)::DECIMAL(38,6) AS total, max(value) AS high, count(*) AS facts
    FROM read_parquet($source) GROUP BY ALL ORDER BY measure, day, region, program
) TO $target (FORMAT parquet, COMPRESSION zstd)
"""
_SHOWN = f"""
CREATE OR REPLACE TEMP TABLE shown AS
SELECT {SERIES}, date_trunc('month', day)::DATE AS month, day, value,
    dense_rank() OVER (ORDER BY {SERIES}) AS number, lag(value) OVER (PARTITION BY {SERIES} ORDER BY day) AS before
FROM read_parquet($source) WHERE list_contains($counters::VARCHAR[], measure)
"""
_COUNTERS = f"""
COPY (
    SELECT number, {SERIES}, month, min(day) AS first_day, arg_min(value, day) AS first_value,
        max(day) AS last_day, arg_max(value, day) AS last_value,
        coalesce(sum(CASE WHEN value < before THEN value ELSE value - before END), 0)::DECIMAL(38,6) AS gained,
        count(before) AS steps, count(*) FILTER (value < before) AS drops
    FROM shown GROUP BY ALL ORDER BY number
) TO $target (FORMAT parquet, COMPRESSION zstd)
"""
_STEPS = """
COPY (
    SELECT platform, month, number, day, value, before FROM shown WHERE before IS NOT NULL ORDER BY number, day
) TO $target (FORMAT parquet, COMPRESSION zstd)
"""
_STRIDES = """
COPY (
    SELECT platform, month, number, date_trunc('week', day)::DATE AS week, max(day) AS last_day,
        sum(value - before)::DECIMAL(38,6) AS grown,
        sum(CASE WHEN value < before THEN value ELSE value - before END)::DECIMAL(38,6) AS gained,
        count(*) AS steps, count(*) FILTER (value < before) AS drops
    FROM shown WHERE before IS NOT NULL GROUP BY ALL ORDER BY number, week
) TO $target (FORMAT parquet, COMPRESSION zstd)
"""
_DERIVED = {
    "rollup": _ROLLUP,
    "weeks": _WEEKS,
    "daily": _DAILY,
    "counters": _COUNTERS,
    "steps": _STEPS,
    "strides": _STRIDES,
}
_CONTENTS = """
SELECT count(*), min(day), max(day), list(DISTINCT measure ORDER BY measure), count(resource) > 0
FROM read_parquet($source)
"""


@dataclass(frozen=True, slots=True)
class Contents:
    """What the files of a month hold."""

    rows: int
    first_day: date
    last_day: date
    measures: tuple[str, ...]
    resources: bool
    """Whether any of the facts counts a single resource."""


class MonthWriter:
    """Writes the files of one month after the other. Every method blocks: call them in one thread."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._open: duckdb.DuckDBPyConnection | None = None

    def write(self, source: Path, files: Mapping[str, Path]) -> Contents:
        """Write the files of `KINDS`; `duckdb.Error` where the CSV holds what a column cannot, as text for a number."""
        connection, facts = self._connection(), str(files["facts"])
        connection.execute(_FACTS, {"source": str(source), "target": facts})
        connection.execute(_SHOWN, {"source": facts, "counters": COUNTERS})
        for kind, statement in _DERIVED.items():
            named = {"source": facts, "target": str(files[kind]), "standing": STANDING}
            connection.execute(statement, {name: value for name, value in named.items() if f"${name}" in statement})
        connection.execute("DROP TABLE shown")
        [(rows, first_day, last_day, measures, resources)] = connection.execute(_CONTENTS, {"source": facts}).fetchall()
        return Contents(rows, first_day, last_day, tuple(measures), resources)

    def close(self) -> None:
        """Give memory back; the next month opens anew."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _connection(self) -> duckdb.DuckDBPyConnection:
        """A connection that downloads nothing, stays small, and puts in a folder what does not fit."""
        if self._open is None:
            self._open = duckdb.connect(
                config={
                    "autoinstall_known_extensions": False,
                    "autoload_known_extensions": False,
                    "memory_limit": _MEMORY,
                    "temp_directory": str(self._scratch / "spill"),
                    "threads": 1,
                    "preserve_insertion_order": False,  # or row groups could not be bounded in bytes
                }
            )
        return self._open
