"""Manifests in files become connectors in the database: at the start of every process, and forward only.

A file with a new platform or a higher version is registered, taken as verified and served. A version that is stored
never changes, so a file that differs under the same number is left out with the number to write. A connector that came
through the API, or was retired there, is nothing a file can touch.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection

from gateway.registry import lifecycle, store
from gateway.registry.checking import Examined, examined
from gateway.registry.directory import BUILT_IN, ManifestFile, RejectedManifest, manifest_files
from gateway.registry.lifecycle import Action, Standing
from gateway.registry.ports import Resources
from gateway.registry.publishing import digest, new_version
from gateway.registry.records import ConnectorState
from gateway.registry.store import StoredConnector
from schema.findings import Finding, Severity

FROM_FILE = "file:"
REMOVED = "file removed"
LOG = logging.getLogger("shanhai.registry")


@dataclass(frozen=True, slots=True)
class LoadedFiles:
    """What this process found in files: those left out, and whether connectors of the product's own are served."""

    rejected: tuple[RejectedManifest, ...] = ()
    builtin: bool = True

    def serves(self, source: str) -> bool:
        """Whether a connector from this source is served by this process."""
        return self.builtin or not source.startswith(FROM_FILE + BUILT_IN)


@dataclass(frozen=True, slots=True)
class _File:
    file: ManifestFile
    content: Examined

    @property
    def code(self) -> str:
        return self.content.usable().platform.code

    @property
    def source(self) -> str:
        return f"{FROM_FILE}{self.file.name}"

    def rejected(self, finding: Finding) -> RejectedManifest:
        return RejectedManifest(self.file.source, (finding,))


@dataclass(frozen=True, slots=True)
class _Found:
    """Every file, those that can be used, and whether directories were missing or the product's own left aside."""

    files: Sequence[ManifestFile]
    usable: Sequence[_File]
    builtin: bool

    def is_gone(self, connector: StoredConnector) -> bool:
        """Whether the file a connector came from is there no more, or describes another platform."""
        name = connector.source.removeprefix(FROM_FILE)
        if name == connector.source:
            return False
        if not self.builtin if name.startswith(BUILT_IN) else any(file.name is None for file in self.files):
            return False
        described = {each.code for each in self.usable if each.file.name == name}
        return connector.code not in described if described else all(file.name != name for file in self.files)


async def synchronize(resources: Resources, directories: Iterable[Path], *, builtin: bool) -> LoadedFiles:
    """Bring the database up to the files; processes that start together do it one after the other."""
    found, rejected = await asyncio.to_thread(_look, tuple(directories), builtin)

    def work(connection: Connection) -> list[RejectedManifest]:
        store.lock(connection)
        # a later file of the same platform takes the place of an earlier one
        winners = {each.code: each for each in found.usable}
        refused = [_take(connection, resources, each, found) for each in winners.values()]
        for connector in store.listed(connection):
            alive = connector.standing.state is not ConnectorState.RETIRED
            if alive and connector.code not in winners and found.is_gone(connector):
                _remove(connection, resources, connector)
        return [each for each in refused if each is not None]

    rejected += await resources.database.transact(work)
    for each in rejected:
        problems = [finding.message for finding in each.findings if finding.severity is Severity.ERROR]
        LOG.warning("left out %s: %s", each.source, "; ".join(problems[:3]))
    return LoadedFiles(tuple(rejected), builtin)


def _look(directories: Sequence[Path], builtin: bool) -> tuple[_Found, list[RejectedManifest]]:
    files = list(manifest_files(directories, builtin))
    usable: list[_File] = []
    rejected: list[RejectedManifest] = []
    for file in files:
        problem = file.rejected()
        if problem is not None:
            rejected.append(problem)
            continue
        content = examined(file.text, file.source)
        if content.connector is None:
            rejected.append(RejectedManifest(file.source, content.report.findings))
        else:
            usable.append(_File(file, content))
    return _Found(files, usable, builtin), rejected


def _take(connection: Connection, resources: Resources, each: _File, found: _Found) -> RejectedManifest | None:
    """Store and serve one file's version, or keep what is there; says why where the file is left out."""
    number = each.content.usable().version
    connector = store.find(connection, each.code)
    if connector is None:
        _install(connection, resources, each, None)
        return None
    newest = connector.standing.newest
    stored = store.version(connection, each.code, number)
    same = stored is not None and stored.view.digest == digest(each.content)
    owned = _closed_to_files(connection, connector)
    if owned is not None:
        quiet = each.file.is_built_in or same
        return None if quiet else each.rejected(Finding("manifest.notTaken", f"platform {each.code!r} {owned}"))
    if same:
        if connector.standing.state is ConnectorState.RETIRED or found.is_gone(connector):
            _install(connection, resources, each, connector)
        return None
    if number > newest:
        _install(connection, resources, each, connector)
        return None
    return each.rejected(_version_taken(number, newest))


def _closed_to_files(connection: Connection, connector: StoredConnector) -> str | None:
    """Why no file may touch a connector, if none may."""
    if connector.source == store.REGISTERED:
        return "was registered through the API; publish versions there"
    if connector.standing.state is not ConnectorState.RETIRED:
        return None
    last = store.events(connection, connector.code)[-1]
    return None if last.action == REMOVED else "was retired; register it again through the API"


def _version_taken(number: int, newest: int) -> Finding:
    return Finding(
        "manifest.versionTaken",
        f"version {number} is stored with another text, and versions never change; the stored one keeps serving",
        pointer="/version",
        expected=f"a version greater than {newest}",
        found=str(number),
        suggestion=f"version: {newest + 1}",
    )


def _install(connection: Connection, resources: Resources, each: _File, connector: StoredConnector | None) -> None:
    number, now, by = each.content.usable().version, resources.clock(), f"file: {each.file.name}"
    if store.version(connection, each.code, number) is None:
        store.add_version(connection, new_version(each.content, now, by))
    if connector is None or connector.standing.state is ConnectorState.RETIRED:
        standing = Standing(ConnectorState.DRAFT, number if connector is None else connector.standing.newest)
        store.note(connection, each.code, now, by, store.REGISTERED, number)
    else:
        standing = connector.standing
        if number > standing.newest:
            store.note(connection, each.code, now, by, Action.PUBLISH, number)
    store.note(connection, each.code, now, by, store.VERIFIED, number, {"as": "file"})
    store.note(connection, each.code, now, by, Action.ACTIVATE, number)
    origins = frozenset(each.content.report.origins)
    registered_at = now if connector is None else connector.registered_at
    after = lifecycle.installed(standing, number)
    store.put(connection, StoredConnector(each.code, after, each.source, origins, registered_at, now))


def _remove(connection: Connection, resources: Resources, connector: StoredConnector) -> None:
    """Retire a connector whose file is gone; its secrets stay sealed, because files also go by mistake."""
    now = resources.clock()
    name = connector.source.removeprefix(FROM_FILE)
    store.note(connection, connector.code, now, f"file: {name}", REMOVED, connector.standing.active)
    standing = lifecycle.retired(connector.standing)
    store.put(connection, replace(connector, standing=standing, updated_at=now))
