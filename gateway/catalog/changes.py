"""What the index reads from the database: its identity, its newest change, and changes in commit order."""

import secrets
from collections.abc import Sequence

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from gateway.catalog.documents import StoredRow
from gateway.storage import Database
from gateway.storage.tables import ChangeCounter, ResourceRow

_IDENTITY = "catalog-identity"
STORED_COLUMNS = tuple(col(getattr(ResourceRow, name)) for name in StoredRow._fields)


async def database_identity(database: Database) -> int:
    """A random number kept in the database, so that an index notices that it belongs to another one."""
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


async def newest_change(database: Database) -> int:
    """The highest sequence number that is committed."""
    async with database.reading() as connection:
        return (await connection.execute(select(func.max(col(ResourceRow.sequence))))).scalar() or 0


async def changes_after(database: Database, sequence: int, most: int) -> Sequence[StoredRow]:
    """Up to so many changes after a sequence number, in its order; tombstones included."""
    sought = (
        select(*STORED_COLUMNS)
        .where(col(ResourceRow.sequence) > sequence)
        .order_by(col(ResourceRow.sequence))
        .limit(most)
    )
    async with database.reading() as connection:
        return [StoredRow(*row) for row in (await connection.execute(sought)).all()]
