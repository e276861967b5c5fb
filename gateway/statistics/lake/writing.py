"""From the CSV of one month to its two Parquet files, by DuckDB.

Both are sorted by measure in groups of 8,192 rows (fewer where sketches are long), so that a reader of one measure
skips most of a file. The rollup has one row for each measure and combination of dimensions: what its facts sum up to,
the least and the greatest of them, how many there are, how many carry a sketch, and their first and last day.

The CSV is sorted already, because DuckDB needs as much memory as there are bytes of sketches to sort them, and one
thread keeps its order.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

FORMAT = 1
"""Grows with every change of columns, order or meaning; a lake of another format is built anew."""

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
_ROLLUP = """
COPY (
    SELECT platform, measure, date_trunc('month', min(day))::DATE AS month,
        region, stage, subject, kind, teaching_mode, classroom_kind, program,
        sum(value)::DECIMAL(38,6) AS total, min(value) AS low, max(value) AS high,
        count(*) AS facts, count(sketch) AS sketched, min(day) AS first_day, max(day) AS last_day
    FROM read_parquet($source)
    GROUP BY platform, measure, region, stage, subject, kind, teaching_mode, classroom_kind, program
    ORDER BY measure, region, stage, subject, kind, teaching_mode, classroom_kind, program
) TO $target (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 8192)
"""
_CONTENTS = """
SELECT sum(facts)::BIGINT, min(first_day), max(last_day), list(DISTINCT measure ORDER BY measure)
FROM read_parquet($source)
"""


@dataclass(frozen=True, slots=True)
class Contents:
    """What the files of a month hold."""

    rows: int
    first_day: date
    last_day: date
    measures: tuple[str, ...]


class MonthWriter:
    """Writes the files of one month after the other. Every method blocks: call them in one thread."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._open: duckdb.DuckDBPyConnection | None = None

    def write(self, source: Path, facts: Path, rollup: Path) -> Contents:
        """Write both files; `duckdb.Error` where the CSV holds what a column cannot, such as text for a number."""
        connection = self._connection()
        connection.execute(_FACTS, {"source": str(source), "target": str(facts)})
        connection.execute(_ROLLUP, {"source": str(facts), "target": str(rollup)})
        [(rows, first_day, last_day, measures)] = connection.execute(_CONTENTS, {"source": str(rollup)}).fetchall()
        return Contents(rows, first_day, last_day, tuple(measures))

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
