"""What the lake asks the database before it reads facts: which one it is, and which months changed."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlmodel import col

from gateway.storage import USAGE, Database, identity
from gateway.storage.tables import ChangeCounter, UsagePartitionRow

Month = tuple[str, str]
"""A platform and a month of it, such as 2026-03."""

_IDENTITY = "lake-identity"


async def database_identity(database: Database) -> int:
    """A random number kept in the database, so that a lake notices that it belongs to another one."""
    return await identity(database, _IDENTITY)


async def month_sequences(database: Database) -> tuple[Mapping[Month, int], int]:
    """The number of the last change of each month, and the highest number that was ever given out."""
    months = select(col(UsagePartitionRow.platform), col(UsagePartitionRow.month), col(UsagePartitionRow.sequence))
    counter = select(col(ChangeCounter.value)).where(col(ChangeCounter.name) == USAGE)
    async with database.reading() as connection:
        found = {(platform, month): sequence for platform, month, sequence in await connection.execute(months)}
        return found, (await connection.execute(counter)).scalar_one()
