"""The change sequence: numbers in commit order that derived data is caught up by."""

from sqlalchemy import Connection, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.storage.tables import ChangeCounter

CATALOG = "catalog"
USAGE = "usage"
AUDIT = "audit"
LEDGER = "ledger"
TRAINING = "training"
"""The last catalog sequence whose resources were compared with the training records that name them."""


async def take_numbers(connection: AsyncConnection, counter: str, count: int) -> range:
    """`reserve_numbers` for who holds an asynchronous connection."""
    return await connection.run_sync(reserve_numbers, counter, count)


def reserve_numbers(connection: Connection, counter: str, count: int) -> range:
    """Reserve `count` consecutive numbers of one counter.

    The counter stays locked to the end of the transaction, so call this as late in it as possible.
    """
    counters = ChangeCounter.metadata.tables[ChangeCounter.__tablename__]
    taken = (
        update(counters)
        .where(counters.c.name == counter)
        .values(value=counters.c.value + count)
        .returning(counters.c.value)
    )
    last: int = connection.execute(taken).scalar_one()
    return range(last - count + 1, last + 1)
