"""Events in the life of records: each is a version with its content, and ends the certificate of the one before."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from gateway.storage.tables import CertificateRow, TrainingRecordRow, TrainingVersionRow
from gateway.training.certificates.revoking import revoke_for_record
from gateway.training.credit.loading import portions
from gateway.training.records.contents import Content, written
from schema.training import RecordState

_RECORDS = TrainingRecordRow.metadata.tables["training_records"]
_VERSIONS = TrainingVersionRow.metadata.tables["training_versions"]
_CERTIFICATES = CertificateRow.metadata.tables["certificates"]


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a record: its new version, who did it and why, and what it says and where it stands from now."""

    record_id: str
    version: int
    by: str
    state: RecordState
    content: Content
    note: str | None = None


def insert_records(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Add records whose rows have the same columns."""
    if rows:
        connection.execute(insert(_RECORDS), list(rows))


def update_records(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Change records, each row with `id` and the columns to change."""
    by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        by_columns.setdefault(tuple(sorted(row.keys() - {"id"})), []).append(row)
    for names, alike in by_columns.items():
        changed = update(_RECORDS).where(_RECORDS.c.id == bindparam("which"))
        values = changed.values({name: bindparam(f"new_{name}", type_=_RECORDS.c[name].type) for name in names})
        given = [{"which": row["id"], **{f"new_{name}": row[name] for name in names}} for row in alike]
        connection.execute(values, given)


def note_events(connection: Connection, now: datetime, events: Sequence[Event]) -> None:
    """Write events down, one for each record, and revoke certificates of what the records said before."""
    if not events:
        return
    rows = [
        {
            "record_id": event.record_id,
            "version": event.version,
            "at": now,
            "by": event.by,
            "state": event.state,
            "note": event.note,
            "content": written(event.content),
        }
        for event in events
    ]
    connection.execute(insert(_VERSIONS), rows)
    certified = _certified(connection, [event.record_id for event in events if event.version > 1])
    for event in events:
        if event.record_id in certified:
            revoke_for_record(connection, now, event.record_id, event.by, "the record has a newer version")


def decisions_before(connection: Connection, rows: Iterable[Row[Any]]) -> dict[str, RecordState]:
    """What was decided here on records that were withdrawn since, by id: the state of the event before."""
    found: dict[str, RecordState] = {}
    last = {row.id: row.version for row in rows if row.withdrawn_at is not None and row.decided}
    for some in portions(last):
        query = select(_VERSIONS.c.record_id, _VERSIONS.c.version, _VERSIONS.c.state)
        for event in connection.execute(query.where(_VERSIONS.c.record_id.in_(some))):
            if event.version == last[event.record_id] - 1:
                found[event.record_id] = RecordState(event.state)
    return found


def _certified(connection: Connection, records: Collection[str]) -> set[str]:
    found: set[str] = set()
    for some in portions(records):
        query = select(_CERTIFICATES.c.record_id).where(_CERTIFICATES.c.revoked_at.is_(None))
        found.update(connection.execute(query.where(_CERTIFICATES.c.record_id.in_(some))).scalars())
    return found
