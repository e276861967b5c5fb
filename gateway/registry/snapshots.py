"""What is served now, from the database: active connectors, canaries in their lanes, and what does not read."""

import asyncio
import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from connectors.manifest import ManifestConnector
from gateway.registry import store
from gateway.registry.canary import CanaryConnector, canary_code
from gateway.registry.directory import RegisteredConnector, Registry, RejectedManifest, read_entry
from gateway.registry.files import LoadedFiles
from gateway.registry.records import ConnectorState, VersionView
from gateway.storage import Database

FALLBACKS = 5
"""Earlier verified versions that are tried when the active one does not read."""
_SHOWN = (ConnectorState.ACTIVE, ConnectorState.CANARY, ConnectorState.SUSPENDED)
_read = functools.lru_cache(maxsize=256)(read_entry)
"""A text gives the same connector each time, so what has not changed is not compiled again."""


@dataclass(frozen=True, slots=True)
class _Lane:
    """What one code should serve: `versions` in the order of preference."""

    code: str
    source: str
    revision: int
    versions: Sequence[VersionView]
    canary: bool = False
    suspended: bool = False


async def snapshot(database: Database, files: LoadedFiles) -> Registry:
    """Everything that reads, and reports of what does not; never fails because of a manifest."""
    async with database.reading() as connection:
        lanes, revision = await connection.run_sync(_lanes, files)
    return await asyncio.to_thread(_build, lanes, files, revision)


def _lanes(connection: Connection, files: LoadedFiles) -> tuple[list[_Lane], int]:
    lanes: list[_Lane] = []
    for connector in store.listed(connection, _SHOWN):
        if not files.serves(connector.source):
            continue
        code, standing = connector.code, connector.standing
        suspended = standing.state is ConnectorState.SUSPENDED
        if standing.active is not None:
            verified = store.verified_versions(connection, code)
            earlier = sorted((number for number in verified if number < standing.active), reverse=True)
            numbers = [standing.active, *earlier[:FALLBACKS]]
            texts = [store.get_version(connection, code, number).view for number in numbers]
            lanes.append(_Lane(code, connector.source, connector.revision, texts, suspended=suspended))
        if standing.canary is not None and not suspended:
            canary = store.get_version(connection, code, standing.canary).view
            lanes.append(_Lane(code, connector.source, connector.revision, [canary], canary=True))
    return lanes, store.revision(connection)


def _build(lanes: Sequence[_Lane], files: LoadedFiles, revision: int) -> Registry:
    connectors: dict[str, RegisteredConnector] = {}
    suspended: dict[str, RegisteredConnector] = {}
    rejected: list[RejectedManifest] = []
    for lane in lanes:
        for version in lane.versions:
            entry = _read(f"{lane.code} version {version.version}", version.manifest)
            if isinstance(entry, RejectedManifest):
                rejected.append(entry)
                continue
            served = _on_trial(entry) if lane.canary else entry
            place = suspended if lane.suspended else connectors
            code = canary_code(lane.code) if lane.canary else lane.code
            place[code] = replace(served, source=lane.source, revision=lane.revision)
            break
    return Registry(connectors, (*files.rejected, *rejected), revision, suspended)


def _on_trial(entry: RegisteredConnector) -> RegisteredConnector:
    if not isinstance(entry.connector, ManifestConnector):
        raise TypeError("a canary of a canary")
    return replace(entry, connector=CanaryConnector(entry.connector))
