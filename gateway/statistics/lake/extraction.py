"""The facts of a month as CSV, straight from the driver into a file.

Rows come sorted by measure, day and dimensions. Texts and sketches are hexadecimal, so that nothing in them needs
quotes, and begin with a mark of one character, so that an empty one is not taken for a missing one.
"""

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Dialect, LargeBinary, Select, case, func, literal, select
from sqlalchemy.sql import ClauseElement

from gateway.statistics.lake.changes import Month
from gateway.storage import Database
from gateway.storage.tables import UsageFactRow, UsagePartitionRow

_FACTS = UsageFactRow.metadata.tables["usage_facts"].c
_MONTHS = UsagePartitionRow.metadata.tables["usage_partitions"].c
_DIMENSIONS = ("region", "stage", "subject", "kind", "teaching_mode", "classroom_kind", "program", "resource")
_BUSY_SECONDS = 30.0


def copy_from_sqlite(database: Database, month: Month, target: Path) -> int:
    """Write the facts of a month; returns the number of the last change that they hold. Blocks.

    One read transaction: what commits meanwhile is not in it and has a higher number. SQLite makes a whole line at a
    time, which takes half as long as the `csv` module over columns.
    """
    path, dialect = str(database.engine.url.database), database.engine.dialect
    columns = _columns(dialect)
    line = func.printf(",".join(["%s"] * len(columns)) + "\n", *columns)
    with closing(sqlite3.connect(path, _BUSY_SECONDS, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        sequence = connection.execute(_text(_sequence(month), dialect)).fetchone()
        with target.open("w", encoding="ascii", newline="") as file:
            rows = connection.execute(_text(_facts(month, dialect, line), dialect))
            file.writelines(text for (text,) in rows)
    return int(sequence[0]) if sequence else 0


async def copy_from_postgresql(database: Database, month: Month, target: Path) -> int:
    """The same by COPY; threads write the file."""
    dialect = database.engine.dialect
    async with database.reading() as connection:
        sequence = (await connection.execute(_sequence(month))).scalar()
        driver: Any = (await connection.get_raw_connection()).driver_connection
        rows = _facts(month, dialect, *_columns(dialect))
        await driver.copy_from_query(_text(rows, dialect), output=target, format="csv")
    return int(sequence or 0)


def _sequence(month: Month) -> Select[Any]:
    platform, name = month
    return select(_MONTHS.sequence).where(_MONTHS.platform == platform, _MONTHS.month == name)


def _facts(month: Month, dialect: Dialect, *columns: ColumnElement[Any]) -> Select[Any]:
    platform, name = month
    first = date.fromisoformat(f"{name}-01")
    after = (first + timedelta(days=31)).replace(day=1)
    dimensions = (_binary(_FACTS[name], dialect).nulls_last() for name in _DIMENSIONS)
    return (
        select(*columns)
        .where(_FACTS.platform == platform, _FACTS.day >= first, _FACTS.day < after)
        .order_by(_binary(_FACTS.measure, dialect), _FACTS.day, *dimensions)
    )


def _columns(dialect: Dialect) -> list[ColumnElement[Any]]:
    return [
        *(_hexadecimal(_FACTS[name], dialect) for name in ("platform", "measure")),
        _FACTS.day,
        *(_hexadecimal(_FACTS[name], dialect) for name in _DIMENSIONS),
        _FACTS.value,
        _FACTS.weight,
        _hexadecimal(_FACTS.sketch, dialect),
    ]


def _hexadecimal(column: ColumnElement[Any], dialect: Dialect) -> ColumnElement[Any]:
    if dialect.name == "sqlite":
        digits = func.hex(column)
    else:
        digits = func.encode(column if isinstance(column.type, LargeBinary) else func.convert_to(column, "UTF8"), "hex")
    return case((column.is_not(None), literal("x") + digits))


def _binary(column: ColumnElement[Any], dialect: Dialect) -> ColumnElement[Any]:
    return column if dialect.name == "sqlite" else column.collate("C")


def _text(statement: ClauseElement, dialect: Dialect) -> str:
    """A statement with its values in it, for a driver that is called directly."""
    return str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
