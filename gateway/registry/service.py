"""The doorway of the registry: register, try, verify, serve and withdraw connectors, and tell how they stand."""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from connectors.conformance import ManifestReport, check_manifest
from gateway.clock import Clock
from gateway.registry import credentials as secrets_of
from gateway.registry import files, publishing, queries, serving, shapes, snapshots, trials
from gateway.registry.directory import Registry
from gateway.registry.ports import OpenContext, Resources
from gateway.registry.records import (
    ConnectorOutcome,
    ConnectorPage,
    ConnectorState,
    ConnectorView,
    DriftView,
    EventView,
    Rotation,
    SealedSecret,
    Secrets,
    TestReadOutcome,
    VersionView,
)
from gateway.registry.secrets import SecretStore
from gateway.registry.vault import Vault
from gateway.storage import Database
from schema.platforms import Capability


class RegistryService:
    """Connectors and their versions in the database.

    Every action takes `by`, the name of who asks, and leaves an event in the transaction that carries it out; one that
    is refused changes nothing and says why in `refusals`. Actions of all processes happen one after the other.
    `plugins` are the platforms of installed plug-ins, which no action may take from them.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        vault: Vault,
        open_context: OpenContext,
        operator: SecretStore | None = None,
        plugins: frozenset[str] = frozenset(),
    ) -> None:
        self._resources = Resources(database, clock, vault, open_context, operator or SecretStore(), plugins)
        self._files = files.LoadedFiles()

    def check(self, manifest: str) -> ManifestReport:
        """Offline check of a manifest: no network, no stored state; blocks while it reads."""
        return check_manifest(manifest)

    async def register(self, manifest: str, credentials: Mapping[str, str], by: str) -> ConnectorOutcome:
        """A new connector as a DRAFT, or a retired one revived by its next version."""
        return await publishing.register(self._resources, manifest, credentials, by)

    async def publish(self, platform: str, manifest: str, canary: bool, by: str) -> ConnectorOutcome:
        """A further version; as canary it is checked live and then served beside the active one."""
        return await publishing.publish(self._resources, platform, manifest, canary, by)

    async def verify(self, platform: str, version: int | None, by: str) -> ConnectorOutcome:
        """Check a version, by default the newest, offline and live; `report.ok` says whether it passed."""
        return await trials.verify(self._resources, platform, version, by)

    async def test_read(
        self,
        manifest: str,
        platform: str | None,
        credentials: Mapping[str, str],
        capability: Capability = Capability.HARVEST,
        limit: int = 5,
    ) -> TestReadOutcome:
        """The first 1 to 50 records through a manifest; nothing is stored.

        Secrets that are not given are taken from `platform`, and travel only to the origins they were set for.
        """
        return await trials.test_read(self._resources, manifest, platform, credentials, capability, limit)

    async def activate(self, platform: str, version: int | None, by: str) -> ConnectorOutcome:
        """Serve a verified version, by default the newest, and of a suspended connector the one it served."""
        return await serving.activate(self._resources, platform, version, by)

    async def rollback(self, platform: str, by: str) -> ConnectorOutcome:
        """Withdraw the canary; without one go back to the version that was active before."""
        return await serving.rollback(self._resources, platform, by)

    async def suspend(self, platform: str, reason: str, by: str) -> ConnectorOutcome:
        """Stop serving an active connector until it is activated again."""
        return await serving.suspend(self._resources, platform, reason, by)

    async def retire(self, platform: str, by: str) -> ConnectorOutcome:
        """Stop serving a connector for good and erase its sealed secrets; its versions and events stay."""
        return await serving.retire(self._resources, platform, by)

    async def set_credentials(self, platform: str, values: Mapping[str, str], by: str) -> ConnectorOutcome:
        """Seal secrets that the newest version names, for the origins of that version."""
        return await secrets_of.set_credentials(self._resources, platform, values, by)

    async def secrets_for(self, code: str, names: Collection[str] | None = None) -> Secrets:
        """What the connector of a platform, or of its canary lane, may present.

        `names` are those its manifest references, by default those of the version that is served.
        """
        return await secrets_of.secrets_for(self._resources, code, names)

    async def sealed_secrets(self) -> list[SealedSecret]:
        """Every sealed secret by platform and name, without values."""
        return await secrets_of.listed(self._resources.database)

    async def rotate_secrets(self, by: str) -> Rotation:
        """Seal every secret anew under the vault's first key."""
        resources = self._resources
        return await secrets_of.rotate(resources.database, resources.clock, resources.vault, by)

    async def connectors(
        self, states: Collection[ConnectorState] | None = None, first: int = 50, after: str | None = None
    ) -> ConnectorPage:
        """Connectors in these states, or all, by platform code; `after` is the code of the last one seen."""
        return await queries.connectors(self._resources, states, first, after)

    async def connector(self, code: str) -> ConnectorView | None:
        """One connector, or None."""
        return await queries.connector(self._resources, code)

    async def connectors_by_code(self, codes: Collection[str]) -> Mapping[str, ConnectorView]:
        """Those of the connectors that exist."""
        return await queries.connectors_by_code(self._resources, codes)

    async def versions(self, code: str) -> tuple[VersionView, ...]:
        """Versions of a connector, newest first; none for an unknown one."""
        return await queries.versions(self._resources.database, code)

    async def version(self, code: str, number: int) -> VersionView | None:
        """One version, or None."""
        return await queries.version(self._resources.database, code, number)

    async def drift(self, code: str) -> tuple[DriftView, ...]:
        """Changes of shape since the served version, or else the newest, was first harvested, by field."""
        return await shapes.drift(self._resources.database, code)

    async def events(self, code: str) -> tuple[EventView, ...]:
        """The audit of a connector, oldest first."""
        return await queries.events(self._resources.database, code)

    async def retired_by_hand(self, code: str) -> bool:
        """Whether somebody retired the connector; one whose file is gone may be back with the next start."""
        return await queries.retired_by_hand(self._resources.database, code)

    async def record_shape(
        self, platform: str, version: int, run_id: str, paths: Mapping[str, Mapping[str, int]], records: int
    ) -> None:
        """Keep the shape of a complete run: the first of a version is the baseline, later ones are compared with it."""
        shape = shapes.RunShape(run_id, paths, records)
        await shapes.record(self._resources.database, self._resources.clock(), platform, version, shape)

    async def synchronize_files(self, directories: Iterable[Path] = (), *, builtin: bool = True) -> None:
        """Take the manifests that come with the product, and those of the operator, into the database."""
        self._files = await files.synchronize(self._resources, directories, builtin=builtin)

    async def snapshot(self) -> Registry:
        """The connectors to serve now, and what was left out."""
        return await snapshots.snapshot(self._resources.database, self._files)

    async def changed_since(self, revision: int) -> bool:
        """Whether any process has changed a connector since a snapshot with this revision; costs one small query."""
        return await queries.revision(self._resources.database) != revision
