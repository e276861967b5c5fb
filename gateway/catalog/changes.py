"""What the index reads from the database: its identity, its newest change, and changes in commit order."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlmodel import col

from gateway.catalog.documents import StoredRow
from gateway.storage import Database, identity
from gateway.storage.tables import ResourceRow

_IDENTITY = "catalog-identity"
STORED_COLUMNS = tuple(col(getattr(ResourceRow, name)) for name in StoredRow._fields)


async def database_identity(database: Database) -> int:
    """A random number kept in the database, so that an index notices that it belongs to another one."""
    return await identity(database, _IDENTITY)


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
