"""Shapes and drift in the database: the first complete run of a version is what later ones are compared with."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Table, delete, insert, select, update

from gateway.registry import store
from gateway.registry.canary import is_canary, served_code
from gateway.registry.drift import Change, compare
from gateway.registry.records import DriftKind, DriftView
from gateway.storage import Database
from gateway.storage.tables import ConnectorDriftRow, ConnectorShapeRow

BASELINE, LAST = "baseline", "last"
MOST_CHANGES, LONGEST_FIELD = 200, 500
_SHAPES: Table = ConnectorShapeRow.metadata.tables["connector_shapes"]
_DRIFT: Table = ConnectorDriftRow.metadata.tables["connector_drift"]


@dataclass(frozen=True, slots=True)
class RunShape:
    """The shape of the records of one run: how many hold a value of each type, by path."""

    run_id: str
    paths: Mapping[str, Mapping[str, int]]
    records: int

    def to_json(self) -> str:
        """As it is stored; ASCII only, so that every database takes what a platform sends."""
        return json.dumps({"records": self.records, "paths": {path: dict(self.paths[path]) for path in self.paths}})

    @classmethod
    def from_json(cls, run_id: str, text: str) -> "RunShape":
        """Read what `to_json` wrote."""
        stored = json.loads(text)
        return cls(run_id, stored["paths"], stored["records"])


async def record(database: Database, now: datetime, platform: str, version: int, shape: RunShape) -> None:
    """Keep the shape of a complete run, and what it differs in from the baseline; an empty run says nothing."""
    if shape.records < 1:
        return

    def work(connection: Connection) -> None:
        baseline = _read(connection, platform, version, BASELINE)
        _write(connection, platform, version, BASELINE if baseline is None else LAST, shape)
        if baseline is not None:
            changes = compare(baseline.paths, baseline.records, shape.paths, shape.records)
            _keep(connection, platform, version, now, changes[:MOST_CHANGES])

    await database.transact(work)


async def drift(database: Database, code: str) -> tuple[DriftView, ...]:
    """Drift of the version that is served, or else the newest, by field."""

    def read(connection: Connection) -> tuple[DriftView, ...]:
        connector = store.find(connection, served_code(code))
        if connector is None:
            return ()
        standing = connector.standing
        served = standing.canary if is_canary(code) else standing.active
        version = standing.newest if served is None else served
        where = (_DRIFT.c.platform == code, _DRIFT.c.version == version)
        rows = connection.execute(select(_DRIFT).where(*where).order_by(_DRIFT.c.field, _DRIFT.c.kind))
        return tuple(
            DriftView(row.field, DriftKind(row.kind), row.message, row.first_seen_at, row.records) for row in rows
        )

    async with database.reading() as connection:
        return await connection.run_sync(read)


def _read(connection: Connection, platform: str, version: int, kind: str) -> RunShape | None:
    where = (_SHAPES.c.platform == platform, _SHAPES.c.version == version, _SHAPES.c.kind == kind)
    row = connection.execute(select(_SHAPES).where(*where)).one_or_none()
    return None if row is None else RunShape.from_json(row.run_id, row.shape)


def _write(connection: Connection, platform: str, version: int, kind: str, shape: RunShape) -> None:
    key = {"platform": platform, "version": version, "kind": kind}
    connection.execute(delete(_SHAPES).where(*(_SHAPES.c[name] == value for name, value in key.items())))
    connection.execute(insert(_SHAPES).values(**key, run_id=shape.run_id, shape=shape.to_json()))


def _keep(connection: Connection, platform: str, version: int, now: datetime, changes: tuple[Change, ...]) -> None:
    """Store changes under the instant they were first seen; those the run did not show stay, with no records."""
    of_version = (_DRIFT.c.platform == platform, _DRIFT.c.version == version)
    known = {(row.field, row.kind) for row in connection.execute(select(_DRIFT).where(*of_version))}
    connection.execute(update(_DRIFT).where(*of_version).values(records=0))
    for change in changes:
        field = _storable(change.field)[:LONGEST_FIELD]
        values = {"message": _storable(change.message), "records": change.records}
        if (field, change.kind) in known:
            where = (*of_version, _DRIFT.c.field == field, _DRIFT.c.kind == change.kind)
            connection.execute(update(_DRIFT).where(*where).values(values))
        elif len(known) < MOST_CHANGES:
            key = {"platform": platform, "version": version, "field": field, "kind": change.kind}
            connection.execute(insert(_DRIFT).values(**key, first_seen_at=now, **values))
            known.add((field, change.kind))


def _storable(text: str) -> str:
    """Text that every database takes: no NUL, no lone surrogates."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
