"""Many rows in one statement, on both databases.

SQLite takes rows by executemany and sets of ids as one JSON parameter; PostgreSQL takes both as arrays, one parameter
per column. Either way the text of a statement does not depend on the number of rows.
"""

import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Select,
    String,
    Table,
    any_,
    bindparam,
    column,
    delete,
    func,
    literal_column,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY

Row = Mapping[str, Any]


def among(target: ColumnElement[str], values: Sequence[str], connection: Connection) -> ColumnElement[bool]:
    """The condition that a text column has one of these values, however many."""
    if connection.dialect.name == "sqlite":
        listed = func.json_each(json.dumps(values)).table_valued("value")
        return target.in_(select(listed.c.value))
    return target == any_(bindparam(None, list(values), type_=ARRAY(String)))


def select_among(
    connection: Connection,
    columns: Sequence[Column[Any]],
    within: ColumnElement[bool],
    key: Column[str],
    values: Sequence[str],
) -> list[Any]:
    """Some columns of the rows that have one of these keys within, say, a platform; an index on both is used."""
    if not values:
        return []
    if connection.dialect.name == "sqlite":
        return list(connection.execute(select(*columns).where(within, among(key, values, connection))))
    return list(connection.execute(_lookup(columns, within, [key], [values])))


def select_matching(
    connection: Connection,
    columns: Sequence[Column[Any]],
    within: ColumnElement[bool],
    keys: Sequence[Column[Any]],
    values: Sequence[Sequence[Any]],
) -> list[Any]:
    """As `select_among`, of rows that match in several columns at once: days or texts, one list per column."""
    if not values or not values[0]:
        return []
    if connection.dialect.name == "sqlite":
        listed = func.json_each(json.dumps(list(zip(*values, strict=True)), default=str)).table_valued("value")
        parts = [func.json_extract(listed.c.value, f"$[{place}]") for place in range(len(keys))]
        return list(connection.execute(select(*columns).where(within, tuple_(*keys).in_(select(*parts)))))
    return list(connection.execute(_lookup(columns, within, keys, values)))


def delete_among(connection: Connection, within: ColumnElement[bool], key: Column[str], values: Sequence[str]) -> None:
    """Delete the rows that have one of these keys within, say, a platform."""
    if not values:
        return
    if connection.dialect.name == "sqlite":
        connection.execute(delete(key.table).where(within, among(key, values, connection)))
        return
    found = _lookup([literal_column("ctid")], within, [key], [values])
    connection.execute(delete(key.table).where(literal_column("ctid") == any_(func.array(found.scalar_subquery()))))


def _lookup(
    columns: Sequence[ColumnElement[Any]],
    within: ColumnElement[bool],
    keys: Sequence[Column[Any]],
    values: Sequence[Sequence[Any]],
) -> Select[Any]:
    """One index lookup per key on PostgreSQL, whatever the planner believes.

    Without up-to-date statistics, as in every first harvest, it would read all rows of the platform for each page.
    OFFSET keeps it from rearranging the inner query.
    """
    types = [String() if key.type.python_type is str else key.type for key in keys]  # a length would cut what is asked
    arrays = [bindparam(None, list(each), type_=ARRAY(kind)) for kind, each in zip(types, values, strict=True)]
    asked = func.unnest(*arrays).table_valued(*(column(key.name, key.type) for key in keys), name="asked")
    asked = asked.render_derived()
    same = [key == asked.c[key.name] for key in keys]
    inner = select(*(each.label(f"value{n}") for n, each in enumerate(columns))).select_from(keys[0].table)
    found = inner.where(within, *same).offset(literal_column("0")).lateral("found")
    return select(*found.c).select_from(asked.join(found, true()))


def insert_new(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows that share their columns; those whose key exists are left as they are."""
    _insert(connection, table, rows, key=(), replace=())


def upsert(
    connection: Connection,
    table: Table,
    rows: Sequence[Row],
    *,
    key: Sequence[str],
    replace: Sequence[str] | None = None,
) -> None:
    """Insert rows that share their columns; where `key` exists, every other column is replaced, or only those named."""
    if rows:
        others = [name for name in rows[0] if name not in key]
        _insert(connection, table, rows, key=key, replace=others if replace is None else replace)


def _insert(
    connection: Connection, table: Table, rows: Sequence[Row], *, key: Sequence[str], replace: Sequence[str]
) -> None:
    if not rows:
        return
    names = list(rows[0])
    if connection.dialect.name == "sqlite":
        wanted = (table, tuple(names), tuple(key), tuple(replace))
        text, order = _sqlite_statement(connection.dialect, *wanted)
        connection.exec_driver_sql(text, _tuples(connection, table, rows, order))
        return
    conflict = [table.c[name] for name in key]
    arrays = [bindparam(f"all_{name}", [row[name] for row in rows], type_=ARRAY(table.c[name].type)) for name in names]
    incoming = func.unnest(*arrays).table_valued(*(column(n, table.c[n].type) for n in names), name="incoming")
    full = postgresql.insert(table).from_select(names, select(*incoming.render_derived().c))
    replaced = {name: full.excluded[name] for name in replace}
    full = (
        full.on_conflict_do_update(index_elements=conflict, set_=replaced) if replace else full.on_conflict_do_nothing()
    )
    connection.execute(full)


@functools.lru_cache(maxsize=64)
def _sqlite_statement(
    dialect: Dialect, table: Table, names: tuple[str, ...], key: tuple[str, ...], replace: tuple[str, ...]
) -> tuple[str, tuple[str, ...]]:
    """The text of an insertion and its columns in the order of its places; the keys are few, one per kind of row."""
    lite = sqlite.insert(table).values({name: bindparam(name) for name in names})
    replaced = {name: lite.excluded[name] for name in replace}
    conflict = [table.c[name] for name in key]
    lite = (
        lite.on_conflict_do_update(index_elements=conflict, set_=replaced) if replace else lite.on_conflict_do_nothing()
    )
    compiled: Any = lite.compile(dialect=dialect)
    return str(compiled), tuple(compiled.positiontup)


def _tuples(connection: Connection, table: Table, rows: Sequence[Row], order: Sequence[str]) -> list[tuple[Any, ...]]:
    """Rows as the driver takes them; this skips the cost of SQLAlchemy per row, but not its conversion of types."""
    columns: list[Iterable[Any]] = []
    for name in order:
        convert = table.c[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        values = [row[name] for row in rows]
        columns.append(values if convert is None else map(functools.cache(convert), values))
    return list(zip(*columns, strict=True))
