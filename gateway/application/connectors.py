"""Connectors as harvests need them, and the registry's and the harvests' ports of the graph."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from connectors.conformance import ManifestReport, check_manifest
from connectors.context import ConnectorContext
from connectors.manifest import ManifestConnector
from connectors.plugged import PluginConnector
from gateway.application.worlds import ConnectorSecrets, Worlds
from gateway.errors import InvalidInput
from gateway.harvesting import (
    HarvestingService,
    HarvestInProgress,
    HarvestKind,
    HarvestRun,
    QuarantinedRecord,
    QuarantinePage,
    RunEnded,
    RunFilter,
    RunPage,
    RunState,
    UnmappedValue,
)
from gateway.harvesting.abilities import check_ability, possible_kinds
from gateway.harvesting.ports import FreshnessTarget
from gateway.registry import (
    CanaryConnector,
    ConnectorOutcome,
    ConnectorPage,
    ConnectorState,
    ConnectorView,
    DriftView,
    LiveRegistry,
    RegistryService,
    TestReadOutcome,
    VersionView,
    canary_code,
    served_code,
)
from schema.platforms import Capability

CANARY = "canary"
"""Who asks for the first harvest of a version on trial."""
DAILY = {Capability.USAGE: HarvestKind.USAGE, Capability.TRAINING: HarvestKind.TRAINING}
"""What is harvested every day where a platform is harvested on its own at all."""


class HarvestedConnectors:
    """What may be harvested now: the worker's and the scheduler's port."""

    def __init__(self, live: LiveRegistry, worlds: Worlds, secrets: ConnectorSecrets) -> None:
        self._live, self._worlds, self._secrets = live, worlds, secrets

    async def refresh(self) -> None:
        """Serve what is in force by now, in whichever process it was put into force."""
        await self._live.refresh()

    def find(self, platform: str) -> ManifestConnector | CanaryConnector | PluginConnector | None:
        """The connector that is served under this code."""
        entry = self._live.current.get(platform)
        return entry.connector if entry else None

    @asynccontextmanager
    async def open(self, platform: str) -> AsyncIterator[ConnectorContext]:
        """Its world."""
        entry = self._live.current.get(platform)
        if entry is None:
            raise InvalidInput(f"no connector for platform {platform} is served")
        async with self._worlds.open(entry.connector, await self._secrets.of(platform, entry)) as context:
            yield context

    def targets(self) -> Sequence[FreshnessTarget]:
        """How old the harvest of each may become; a version on trial credits nobody, so that it has no training."""
        targets: list[FreshnessTarget] = []
        for code, entry in self._live.current.connectors.items():
            version, freshness = entry.connector.version, entry.connector.freshness
            if Capability.HARVEST in entry.capabilities:
                targets.append(FreshnessTarget(code, version, freshness))
            for needed, kind in DAILY.items():
                trial = kind is HarvestKind.TRAINING and served_code(code) != code
                if needed in entry.capabilities and not trial:
                    daily = None if freshness is None else timedelta(days=1)
                    targets.append(FreshnessTarget(code, version, daily, kind))
        return targets


class RegistryActions:
    """The registry as the graph needs it: what an action changed is served by this process at once."""

    def __init__(self, registry: RegistryService, live: LiveRegistry, harvesting: HarvestingService) -> None:
        self._registry, self._live, self._harvesting = registry, live, harvesting

    async def connectors(
        self, *, states: Collection[ConnectorState] | None = None, first: int = 50, after: str | None = None
    ) -> ConnectorPage:
        """Connectors by platform code."""
        return await self._registry.connectors(states, first, after)

    async def connector(self, code: str) -> ConnectorView | None:
        """The connector of one platform."""
        return await self._registry.connector(code)

    async def connectors_by_code(self, codes: Collection[str]) -> Mapping[str, ConnectorView]:
        """Those of the connectors that exist."""
        return await self._registry.connectors_by_code(codes)

    async def versions(self, code: str) -> tuple[VersionView, ...]:
        """Every version of a connector, newest first."""
        return await self._registry.versions(code)

    async def version(self, code: str, number: int) -> VersionView | None:
        """One version of a connector."""
        return await self._registry.version(code, number)

    async def drift(self, code: str) -> tuple[DriftView, ...]:
        """How the shape of the platform's records changed."""
        return await self._registry.drift(code)

    def check(self, manifest: str) -> ManifestReport:
        """Offline check of a manifest."""
        return check_manifest(manifest)

    async def register(self, *, manifest: str, credentials: Mapping[str, str], by: str) -> ConnectorOutcome:
        """A new connector, in draft."""
        return await self._served(await self._registry.register(manifest, credentials, by))

    async def publish(self, *, platform: str, manifest: str, canary: bool, by: str) -> ConnectorOutcome:
        """A new version of a connector."""
        return await self._served(await self._registry.publish(platform, manifest, canary, by))

    async def verify(self, *, platform: str, version: int | None, by: str) -> ConnectorOutcome:
        """Check a version offline and live."""
        return await self._served(await self._registry.verify(platform, version, by))

    async def activate(self, *, platform: str, version: int | None, by: str) -> ConnectorOutcome:
        """Serve a version, and harvest all of it anew where another one, or none, was served before."""
        before = await self._active(platform)
        outcome = await self._served(await self._registry.activate(platform, version, by))
        return await self._harvested(outcome, before, by)

    async def rollback(self, *, platform: str, by: str) -> ConnectorOutcome:
        """Serve the version that was active before, and harvest all of it anew; or withdraw the canary."""
        before = await self._active(platform)
        outcome = await self._served(await self._registry.rollback(platform, by))
        return await self._harvested(outcome, before, by)

    async def suspend(self, *, platform: str, reason: str, by: str) -> ConnectorOutcome:
        """Stop asking the platform for now."""
        return await self._left_alone(await self._served(await self._registry.suspend(platform, reason, by)), by)

    async def retire(self, *, platform: str, by: str) -> ConnectorOutcome:
        """Stop asking the platform for good."""
        return await self._left_alone(await self._served(await self._registry.retire(platform, by)), by)

    async def set_credentials(self, *, platform: str, values: Mapping[str, str], by: str) -> ConnectorOutcome:
        """Seal values in place of those of the same names; live searches present them from now on."""
        outcome = await self._registry.set_credentials(platform, values, by)
        await self._live.refresh()
        return outcome

    async def test_read(
        self,
        *,
        manifest: str,
        platform: str | None,
        credentials: Mapping[str, str],
        capability: Capability,
        limit: int,
    ) -> TestReadOutcome:
        """The first records through a manifest."""
        return await self._registry.test_read(manifest, platform, credentials, capability, limit)

    async def _served(self, outcome: ConnectorOutcome) -> ConnectorOutcome:
        """Serve what was changed; harvest a new canary into its lane, and clear the lane of one that has ended."""
        if outcome.refusals or outcome.connector is None:
            return outcome
        lane = canary_code(outcome.connector.code)
        before = self._live.current.get(lane)
        await self._live.refresh()
        canary = self._live.current.get(lane)
        # another process may have started the one that has ended, so this one need not have seen it
        if canary is None or (before is not None and canary.connector.version != before.connector.version):
            await self._harvesting.drop_lane(lane)
        if canary is not None and (before is None or canary.connector.version != before.connector.version):
            version = canary.connector.version
            with suppress(HarvestInProgress):
                await self._harvesting.request(lane, HarvestKind.FULL, manifest_version=version, by=CANARY)
        return outcome

    async def _active(self, platform: str) -> int | None:
        """The version that is served, which none is of a suspended connector."""
        connector = await self._registry.connector(platform)
        if connector is None or connector.active is None or connector.state is not ConnectorState.ACTIVE:
            return None
        return connector.active.version

    async def _harvested(self, outcome: ConnectorOutcome, before: int | None, by: str) -> ConnectorOutcome:
        """Ask for a full harvest where another version is served than before, since records are what it makes them."""
        if outcome.refusals or outcome.connector is None:
            return outcome
        code = outcome.connector.code
        served, entry = await self._active(code), self._live.current.get(code)
        if served not in (None, before) and entry is not None and Capability.HARVEST in entry.capabilities:
            version = entry.connector.version
            with suppress(HarvestInProgress):
                await self._harvesting.request(code, HarvestKind.FULL, manifest_version=version, by=by)
        return outcome

    async def _left_alone(self, outcome: ConnectorOutcome, by: str) -> ConnectorOutcome:
        """Cancel what waits or is under way at a platform that is asked no more."""
        if not outcome.refusals and outcome.connector is not None:
            states = (RunState.QUEUED, RunState.RUNNING)
            unfinished = RunFilter(platforms=[outcome.connector.code], states=states)
            for run in (await self._harvesting.runs(unfinished)).runs:
                with suppress(RunEnded):
                    await self._harvesting.cancel(run.id, by=by)
        return outcome


class HarvestActions:
    """Harvests as the graph needs them."""

    def __init__(self, harvesting: HarvestingService, live: LiveRegistry) -> None:
        self._harvesting, self._live = harvesting, live

    async def run(self, run_id: str) -> HarvestRun | None:
        """One run."""
        return await self._harvesting.get(run_id)

    async def runs(self, wanted: RunFilter, *, first: int, after: str | None) -> RunPage:
        """Runs, newest first."""
        return await self._harvesting.runs(wanted, first=first, after=after)

    async def quarantined(self, platform: str, *, code: str | None, first: int, after: str | None) -> QuarantinePage:
        """Rejected records of a platform, newest first."""
        return await self._harvesting.quarantined(platform, code=code, first=first, after=after)

    async def quarantined_record(self, record_id: str) -> QuarantinedRecord | None:
        """One rejected record."""
        return await self._harvesting.quarantined_record(record_id)

    async def unmapped_values(self, platform: str) -> Sequence[UnmappedValue]:
        """Values of a platform that no vocabulary table knows."""
        return await self._harvesting.unmapped_values(platform)

    async def start(self, platform: str, kind: HarvestKind, *, by: str) -> HarvestRun:
        """Queue a run of what is served: the active version, or the canary where none is active."""
        for code in (platform, canary_code(platform)):
            entry = self._live.current.get(code)
            if entry is not None and not possible_kinds(entry.capabilities):
                raise InvalidInput(
                    f"the connector of {platform} lists no resources, usage or training, so there is nothing to harvest"
                )
            if entry is not None:
                check_ability(platform, entry.capabilities, kind)
                version = entry.connector.version
                return await self._harvesting.request(code, kind, manifest_version=version, by=by)
        raise InvalidInput(f"no version of {platform} is served; activate one or put it on trial as a canary")

    async def cancel(self, run_id: str, *, by: str) -> HarvestRun:
        """Ask a run to end."""
        return await self._harvesting.cancel(run_id, by=by)
