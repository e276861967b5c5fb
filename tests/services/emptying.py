"""Making a used PostgreSQL database as new, in milliseconds where dropping and copying it takes most of a second."""

from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

ROOM = 16 * 1024 * 1024
"""Bytes that a used database may have more than a new one and still be used again."""
_TABLES = """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"""
_SHAPE = """SELECT md5(string_agg(line, ' ' ORDER BY line)) FROM (
  SELECT concat_ws(' ', c.relname, c.relkind, c.relpersistence, a.attname, a.atttypid, a.atttypmod, a.attnotnull,
      pg_get_expr(d.adbin, d.adrelid))
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL SELECT concat_ws(' ', proname, md5(prosrc)) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg!_t%' ESCAPE '!'
) AS described (line)"""
_STRANGERS = """SELECT bool_and(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""
_SEQUENCES = "SELECT setval(seqrelid, seqstart, false) FROM pg_sequence"
_SIZE = "SELECT pg_database_size(current_database())"


@dataclass(frozen=True)
class New:
    """What a new database is: its tables, columns, constraints and triggers as a hash, its size, its rows as JSON."""

    shape: str
    size: int
    rows: Mapping[str, str | None]


async def described(connection: asyncpg.Connection) -> New:
    """What the database is that is connected to."""
    tables = [row["relname"] for row in await connection.fetch(_TABLES)]
    rows = {name: await connection.fetchval(f'SELECT json_agg(t) FROM "{name}" t') for name in tables}  # noqa: S608  # our own names
    return New(await connection.fetchval(_SHAPE), await connection.fetchval(_SIZE), rows)


async def emptied(connection: asyncpg.Connection, new: New) -> bool:
    """Make the database as new; False where that cannot be done, and it must be dropped.

    Whoever is still connected is cut off first. Rows go without their foreign keys being looked at, in one transaction.
    """
    if await connection.fetchval(_STRANGERS) is False:
        return False
    if await connection.fetchval(_SHAPE) != new.shape or await connection.fetchval(_SIZE) > new.size + ROOM:
        return False
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("; ".join(f'DELETE FROM "{name}"' for name in new.rows))  # noqa: S608  # our own names
        for name, rows in new.rows.items():
            if rows is not None:
                restore = f'INSERT INTO "{name}" SELECT * FROM json_populate_recordset(NULL::"{name}", $1::json)'  # noqa: S608  # our own names
                await connection.execute(restore, rows)
        await connection.execute(_SEQUENCES)
    return True
