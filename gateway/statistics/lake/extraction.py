"""What the lake reads from the database: its identity, which months changed, and the facts of one month as CSV.

In the CSV a text that is there begins with a mark of one character, so that an empty one is not taken for missing.
"""

import csv
import secrets
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, insert, literal, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped
from sqlalchemy.sql import ClauseElement
from sqlmodel import col

from gateway.storage import USAGE, Database
from gateway.storage.tables import ChangeCounter, UsageFactRow, UsagePartitionRow

Month = tuple[str, str]
"""A platform and a month of it, such as 2026-03."""

_MARK = "="
_IDENTITY = "lake-identity"
_BUSY_SECONDS = 30.0
_TEXTS = ("region", "stage", "subject", "kind", "teaching_mode", "classroom_kind", "program", "resource")


async def database_identity(database: Database) -> int:
    """A random number kept in the database, so that a lake notices that it belongs to another one."""
    wanted = select(col(ChangeCounter.value)).where(col(ChangeCounter.name) == _IDENTITY)
    async with database.reading() as connection:
        found = (await connection.execute(wanted)).scalar()
    if found is not None:
        return int(found)
    try:
        async with database.writing() as connection:
            row = {"name": _IDENTITY, "value": secrets.randbits(62)}
            await connection.execute(insert(ChangeCounter).values(row))
    except IntegrityError:
        pass  # another process was faster; its number counts
    async with database.reading() as connection:
        return int((await connection.execute(wanted)).scalar_one())


async def month_sequences(database: Database) -> tuple[Mapping[Month, int], int]:
    """The sequence number of the last change of each month, and the highest number that was ever given out."""
    months = select(col(UsagePartitionRow.platform), col(UsagePartitionRow.month), col(UsagePartitionRow.sequence))
    counter = select(col(ChangeCounter.value)).where(col(ChangeCounter.name) == USAGE)
    async with database.reading() as connection:
        found = {(platform, month): sequence for platform, month, sequence in await connection.execute(months)}
        return found, (await connection.execute(counter)).scalar_one()


def copy_from_sqlite(database: Database, month: Month, target: Path) -> int:
    """Write the facts of a month into a CSV file; returns the sequence number they are of.

    One read transaction: a change that commits meanwhile is not in it and has a higher number. Blocks.
    """
    url = database.engine.url
    with closing(sqlite3.connect(str(url.database), _BUSY_SECONDS, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        sequence = connection.execute(_text(_sequence(month), database)).fetchone()
        with target.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(connection.execute(_text(_facts(month, func.hex), database)))
    return int(sequence[0]) if sequence else 0


async def copy_from_postgresql(database: Database, month: Month, target: Path) -> int:
    """The same by COPY; the file is written by threads."""
    async with database.reading() as connection:
        sequence = (await connection.execute(_sequence(month))).scalar()
        driver: Any = (await connection.get_raw_connection()).driver_connection
        rows = _text(_facts(month, lambda sketch: func.encode(sketch, "hex")), database)
        await driver.copy_from_query(rows, output=target, format="csv")
    return int(sequence or 0)


def _sequence(month: Month) -> Select[int]:
    platform, name = month
    return select(col(UsagePartitionRow.sequence)).where(
        col(UsagePartitionRow.platform) == platform, col(UsagePartitionRow.month) == name
    )


def _facts(month: Month, hexadecimal: Callable[[Mapped[bytes | None]], ColumnElement[str]]) -> ClauseElement:
    platform, name = month
    first = date.fromisoformat(f"{name}-01")
    after = (first + timedelta(days=31)).replace(day=1)
    sketch = col(UsageFactRow.sketch)
    return select(
        col(UsageFactRow.platform),
        col(UsageFactRow.measure),
        col(UsageFactRow.day),
        *(literal(_MARK) + col(getattr(UsageFactRow, name)) for name in _TEXTS),
        col(UsageFactRow.value),
        col(UsageFactRow.weight),
        case((sketch.is_not(None), literal(_MARK) + hexadecimal(sketch))),
    ).where(col(UsageFactRow.platform) == platform, col(UsageFactRow.day) >= first, col(UsageFactRow.day) < after)


def _text(statement: ClauseElement, database: Database) -> str:
    """A statement with its values in it, for a driver that is called directly."""
    compiled = statement.compile(dialect=database.engine.dialect, compile_kwargs={"literal_binds": True})
    return str(compiled)
