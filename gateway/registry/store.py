"""Rows of connectors, versions and events, read and written on a connection.

Writers hold the registry's counter from `lock()` to the end of their transaction, so that all actions of all processes
happen one after the other. Versions and events are inserted and never changed.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, RowMapping, Table, func, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from connectors.conformance import ManifestReport, check_manifest
from gateway.registry.lifecycle import Standing
from gateway.registry.records import ConnectorState, EventView, VersionView
from gateway.registry.refusals import connector_not_found
from gateway.storage import reserve_numbers
from gateway.storage.tables import ChangeCounter, ConnectorEventRow, ConnectorRow, ConnectorVersionRow
from schema.platforms import Capability

COUNTER = "registry"
REGISTERED = "registered"
"""Source of a connector that came through the API, and the event that starts its life."""
VERIFIED, REFUTED = "verified", "verification failed"
HIGHEST_VERSION = 1_000_000_000
"""A database counts versions in 32 bits."""
_COUNTERS: Table = ChangeCounter.metadata.tables["change_counters"]
_CONNECTORS: Table = ConnectorRow.metadata.tables["connectors"]
_VERSIONS: Table = ConnectorVersionRow.metadata.tables["connector_versions"]
_EVENTS: Table = ConnectorEventRow.metadata.tables["connector_events"]
_REPORT = TypeAdapter(ManifestReport)


@dataclass(frozen=True, slots=True)
class StoredConnector:
    """A row of `connectors`; `trusted_origins` are where its file lets secrets of the operator travel.

    `revision` is the number under which it was last put.
    """

    code: str
    standing: Standing
    source: str
    trusted_origins: frozenset[str]
    registered_at: datetime
    updated_at: datetime
    revision: int = 0


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A row of `connector_versions`: the version as it is shown, and what its connector could do."""

    view: VersionView
    capabilities: frozenset[Capability]


def lock(connection: Connection) -> None:
    """Wait for other writers of the registry and keep them waiting until this transaction ends."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    row = {"name": COUNTER, "value": 0}
    connection.execute(dialect.insert(_COUNTERS).values(row).on_conflict_do_nothing())
    connection.execute(select(_COUNTERS).where(_COUNTERS.c.name == COUNTER).with_for_update())


def revision(connection: Connection) -> int:
    """Number of the last change that is committed; 0 before the first."""
    found = connection.execute(select(_COUNTERS.c.value).where(_COUNTERS.c.name == COUNTER)).scalar()
    return int(found or 0)


def find(connection: Connection, code: str) -> StoredConnector | None:
    """One connector, or None."""
    if not code.isprintable():  # PostgreSQL takes no NUL and no lone surrogates, and no code holds any
        return None
    row = connection.execute(select(_CONNECTORS).where(_CONNECTORS.c.platform == code)).mappings().one_or_none()
    return None if row is None else _connector(row)


def get(connection: Connection, code: str) -> StoredConnector:
    """One connector; refuses a code that has none."""
    found = find(connection, code)
    if found is None:
        raise connector_not_found(code)
    return found


def listed(
    connection: Connection,
    states: Collection[ConnectorState] | None = None,
    after: str | None = None,
    limit: int | None = None,
    codes: Collection[str] | None = None,
) -> list[StoredConnector]:
    """Connectors in these states, with these codes and after a code, by code."""
    query = select(_CONNECTORS).order_by(_CONNECTORS.c.platform).limit(limit)
    if states is not None:
        query = query.where(_CONNECTORS.c.state.in_(list(states)))
    if after is not None:
        query = query.where(_CONNECTORS.c.platform > after)
    if codes is not None:
        query = query.where(_CONNECTORS.c.platform.in_(list(codes)))
    return [_connector(row) for row in connection.execute(query).mappings()]


def count(connection: Connection, states: Collection[ConnectorState] | None = None, up_to: str | None = None) -> int:
    """How many connectors are in these states, and not after a code."""
    query = select(func.count()).select_from(_CONNECTORS)
    if states is not None:
        query = query.where(_CONNECTORS.c.state.in_(list(states)))
    if up_to is not None:
        query = query.where(_CONNECTORS.c.platform <= up_to)
    return int(connection.execute(query).scalar_one())


def put(connection: Connection, connector: StoredConnector) -> None:
    """Insert or replace a connector under the next number of the registry."""
    [number] = reserve_numbers(connection, COUNTER, 1)
    standing = connector.standing
    values = {
        "state": standing.state,
        "newest_version": standing.newest,
        "active_version": standing.active,
        "canary_version": standing.canary,
        "earlier_versions": json.dumps(standing.earlier),
        "suspended_because": standing.suspended_because,
        "source": connector.source,
        "trusted_origins": json.dumps(sorted(connector.trusted_origins)),
        "registered_at": connector.registered_at,
        "updated_at": connector.updated_at,
        "revision": number,
    }
    changed = connection.execute(update(_CONNECTORS).where(_CONNECTORS.c.platform == connector.code).values(values))
    if changed.rowcount == 0:
        connection.execute(insert(_CONNECTORS).values(platform=connector.code, **values))


def add_version(connection: Connection, version: StoredVersion) -> None:
    """Insert a version."""
    view = version.view
    connection.execute(
        insert(_VERSIONS).values(
            platform=view.platform,
            version=view.version,
            manifest=view.manifest,
            digest=view.digest,
            created_at=view.created_at,
            created_by=view.created_by,
            capabilities=json.dumps(sorted(version.capabilities)),
            report=_REPORT.dump_json(view.report).decode(),
        )
    )


def version(connection: Connection, code: str, number: int) -> StoredVersion | None:
    """One version, or None."""
    if not 1 <= number <= HIGHEST_VERSION:
        return None
    query = select(_VERSIONS).where(_VERSIONS.c.platform == code, _VERSIONS.c.version == number)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _version(row)


def get_version(connection: Connection, code: str, number: int) -> StoredVersion:
    """One version that a connector refers to."""
    found = version(connection, code, number)
    if found is None:
        raise LookupError(f"connector {code!r} refers to version {number}, which is not stored")
    return found


def versions(connection: Connection, code: str) -> list[StoredVersion]:
    """Versions of a connector, newest first."""
    query = select(_VERSIONS).where(_VERSIONS.c.platform == code).order_by(_VERSIONS.c.version.desc())
    return [_version(row) for row in connection.execute(query).mappings()]


def versions_among(connection: Connection, wanted: Collection[tuple[str, int]]) -> dict[tuple[str, int], StoredVersion]:
    """Versions by platform and number."""
    pairs = tuple_(_VERSIONS.c.platform, _VERSIONS.c.version).in_(list(wanted))
    found = [_version(row) for row in connection.execute(select(_VERSIONS).where(pairs)).mappings()]
    return {(version.view.platform, version.view.version): version for version in found}


def note(
    connection: Connection,
    code: str,
    now: datetime,
    by: str,
    action: str,
    version: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add a line to the audit."""
    text = json.dumps(detail or {}, ensure_ascii=True)
    row = {"platform": code, "at": now, "by": by, "action": action, "version": version, "detail": text}
    connection.execute(insert(_EVENTS).values(row))


def events(connection: Connection, code: str) -> list[EventView]:
    """The audit of a connector, oldest first."""
    query = select(_EVENTS).where(_EVENTS.c.platform == code).order_by(_EVENTS.c.id)
    rows = connection.execute(query).mappings()
    return [EventView(**{**row, "detail": json.loads(row["detail"])}) for row in rows]


def verified_versions(connection: Connection, code: str) -> set[int]:
    """Versions whose last verification since the connector was registered, or revived, was passed."""
    query = (
        select(_EVENTS.c.action, _EVENTS.c.version)
        .where(_EVENTS.c.platform == code, _EVENTS.c.action.in_([REGISTERED, VERIFIED, REFUTED]))
        .order_by(_EVENTS.c.id)
    )
    found: set[int] = set()
    for action, number in connection.execute(query):
        if action == REGISTERED:
            found.clear()
        elif action == VERIFIED:
            found.add(number)
        else:
            found.discard(number)
    return found


def _connector(row: RowMapping) -> StoredConnector:
    return StoredConnector(
        code=row["platform"],
        standing=Standing(
            state=ConnectorState(row["state"]),
            newest=row["newest_version"],
            active=row["active_version"],
            canary=row["canary_version"],
            earlier=tuple(json.loads(row["earlier_versions"])),
            suspended_because=row["suspended_because"],
        ),
        source=row["source"],
        trusted_origins=frozenset(json.loads(row["trusted_origins"])),
        registered_at=row["registered_at"],
        updated_at=row["updated_at"],
        revision=row["revision"],
    )


def _version(row: RowMapping) -> StoredVersion:
    return StoredVersion(
        view=VersionView(
            platform=row["platform"],
            version=row["version"],
            manifest=row["manifest"],
            digest=row["digest"],
            created_at=row["created_at"],
            created_by=row["created_by"],
            report=_report(row),
        ),
        capabilities=_capabilities(row["capabilities"]),
    )


def _report(row: RowMapping) -> ManifestReport:
    """The report of a version; one that does not read, damaged or written by a newer product, is made again."""
    try:
        return _REPORT.validate_json(row["report"])
    except ValidationError:
        return check_manifest(row["manifest"])


def _capabilities(text: str) -> frozenset[Capability]:
    """Those that this product knows; a newer one may have written other words."""
    try:
        words = json.loads(text)
    except ValueError:
        return frozenset()
    return frozenset(capability for capability in Capability if capability.value in words)
