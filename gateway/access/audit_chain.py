"""The chain of the audit log: what is hashed of a line, and how lines are read back without trusting any column."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, cast, extract, select, type_coerce
from sqlalchemy.types import NullType

from gateway.keyed import KeyedHash
from gateway.storage.tables.access import AuditRow

TABLE = AuditRow.metadata.tables[AuditRow.__tablename__]
COLUMNS = TABLE.c
GENESIS = bytes(32)
"""What stands before the first line."""
PAGE = 1_000
"""Lines that are read at once."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STORED = "%Y-%m-%d %H:%M:%S.%f"
"""How SQLite holds instants."""
_TEXTS = ("principal", "action", "outcome", "subjects", "fields", "detail", "trace_id")


class UnreadableLine(ValueError):
    """A column that holds what the log never writes; the message names the column."""


def digest_of(keys: KeyedHash, line: Mapping[str, Any]) -> bytes:
    """The keyed hash over a line with its place and the hash before it; `line` is one of `raw_lines`.

    Raises UnreadableLine.
    """
    shown: dict[str, str | int | None] = {"sequence": _of("sequence", line, int), "at": _microseconds(line["at"])}
    shown |= {name: _of(name, line, str) for name in _TEXTS}
    shown["purpose"] = None if line["purpose"] is None else _of("purpose", line, str)
    previous: bytes = _of("previous", line, bytes)
    canonical = json.dumps(shown, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return keys.digest("audit", canonical, previous)


def instant_as_stored(at: datetime) -> str:
    """An instant as `raw_lines` reads it from SQLite."""
    return f"{at.astimezone(UTC):{_STORED}}"


def raw_lines(connection: Connection) -> Iterator[dict[str, Any]]:
    """Every line in order as the driver gives it; a value of any type may stand in any column after tampering."""
    at: ColumnElement[Any] = type_coerce(COLUMNS.at, NullType())
    if connection.dialect.name != "sqlite":
        at = cast(extract("epoch", COLUMNS.at), String)  # of years that the driver refuses, too
    raw = [at.label("at") if each is COLUMNS.at else type_coerce(each, NullType()).label(each.name) for each in COLUMNS]
    statement = select(*raw).order_by(COLUMNS.sequence).limit(PAGE)
    page = connection.execute(statement).mappings().all()
    while page:
        yield from map(dict, page)
        page = connection.execute(statement.where(COLUMNS.sequence > page[-1]["sequence"])).mappings().all()


def _of(name: str, line: Mapping[str, Any], kind: type) -> Any:
    value = line[name]
    if type(value) is not kind:
        raise UnreadableLine(f"{name} holds {type(value).__name__} in place of {kind.__name__}")
    return value


def _microseconds(stored: Any) -> int:
    """An instant since 1970, from the text of SQLite or the seconds of PostgreSQL."""
    try:
        if isinstance(stored, str) and "-" in stored[1:]:
            at = datetime.strptime(stored, _STORED).replace(tzinfo=UTC)
            if instant_as_stored(at) == stored:
                return (at - _EPOCH) // timedelta(microseconds=1)
        elif isinstance(stored, str):
            return int(Decimal(stored).scaleb(6).to_integral_exact())
    except (ValueError, InvalidOperation, OverflowError):
        pass
    raise UnreadableLine("at holds no instant")
