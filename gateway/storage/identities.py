"""Random numbers kept in the database, by which derived data notices that it belongs to another one."""

import secrets

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from gateway.storage.engine import Database
from gateway.storage.tables import ChangeCounter


async def identity(database: Database, name: str) -> int:
    """The number of this name, made when it is asked for first."""
    wanted = select(col(ChangeCounter.value)).where(col(ChangeCounter.name) == name)
    async with database.reading() as connection:
        found = (await connection.execute(wanted)).scalar()
    if found is not None:
        return int(found)
    try:
        async with database.writing() as connection:
            row = {"name": name, "value": secrets.randbits(62)}
            await connection.execute(insert(ChangeCounter).values(row))
    except IntegrityError:
        pass  # another process was faster; its number counts
    async with database.reading() as connection:
        return int((await connection.execute(wanted)).scalar_one())
