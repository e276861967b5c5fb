"""Many rows in one statement, on both databases.

SQLite takes rows by executemany and sets of ids as one JSON parameter; PostgreSQL takes both as arrays, one parameter
per column. Either way the text of a statement does not depend on the number of rows.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, String, Table, any_, bindparam, column, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

Row = Mapping[str, Any]


def among(target: ColumnElement[str], values: Sequence[str], connection: AsyncConnection) -> ColumnElement[bool]:
    """The condition that a text column has one of these values, however many."""
    if connection.dialect.name == "sqlite":
        listed = func.json_each(json.dumps(values)).table_valued("value")
        return target.in_(select(listed.c.value))
    return target == any_(bindparam(None, list(values), type_=ARRAY(String)))


async def insert_new(connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows that share their columns; those whose key exists are left as they are."""
    await _insert(connection, table, rows, key=(), replace=())


async def upsert(connection: AsyncConnection, table: Table, rows: Sequence[Row], *, key: Sequence[str]) -> None:
    """Insert rows that share their columns; where `key` exists, every other column is replaced."""
    if rows:
        await _insert(connection, table, rows, key=key, replace=[name for name in rows[0] if name not in key])


async def _insert(
    connection: AsyncConnection, table: Table, rows: Sequence[Row], *, key: Sequence[str], replace: Sequence[str]
) -> None:
    if not rows:
        return
    names = list(rows[0])
    conflict = [table.c[name] for name in key]
    if connection.dialect.name == "sqlite":
        lite = sqlite.insert(table).values({name: bindparam(name) for name in names})
        replaced = {name: lite.excluded[name] for name in replace}
        lite = (
            lite.on_conflict_do_update(index_elements=conflict, set_=replaced)
            if replace
            else lite.on_conflict_do_nothing()
        )
        await connection.execute(lite, list(rows))
        return
    arrays = [bindparam(f"all_{name}", [row[name] for row in rows], type_=ARRAY(table.c[name].type)) for name in names]
    incoming = func.unnest(*arrays).table_valued(*(column(n, table.c[n].type) for n in names), name="incoming")
    full = postgresql.insert(table).from_select(names, select(*incoming.render_derived().c))
    replaced = {name: full.excluded[name] for name in replace}
    full = (
        full.on_conflict_do_update(index_elements=conflict, set_=replaced) if replace else full.on_conflict_do_nothing()
    )
    await connection.execute(full)
