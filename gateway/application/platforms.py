"""Platforms, how they are doing, and joint programs: as the graph and the catalog ask for them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from gateway.graph.context import HealthState, PlatformState, PlatformView
from gateway.harvesting import HarvestingService, HarvestRun, RunState
from gateway.registry import LiveRegistry, RegisteredConnector, Registry, is_canary
from schema.programs import Program, programs

_HEALTH = {
    RunState.SUCCEEDED: HealthState.HEALTHY,
    RunState.PARTIAL: HealthState.DEGRADED,
    RunState.FAILED: HealthState.DOWN,
}


class RegistryPlatforms:
    """Platforms of the registry as it is at the moment of asking; a canary's lane is known, but not listed."""

    def __init__(self, live: LiveRegistry) -> None:
        self._live = live
        self._registry: Registry | None = None
        self._views: Mapping[str, PlatformView] = {}

    def all(self) -> tuple[PlatformView, ...]:
        """All platforms by code."""
        return tuple(view for code, view in self._current().items() if not is_canary(code))

    def get(self, code: str) -> PlatformView | None:
        """The platform with this code."""
        return self._current().get(code)

    def codes(self) -> Collection[str]:
        """Codes of all platforms."""
        return [code for code in self._current() if not is_canary(code)]

    def label(self, code: str) -> str | None:
        """The platform's name."""
        view = self.get(code)
        return view.description.name if view else None

    def region(self, code: str) -> str | None:
        """The platform's region."""
        view = self.get(code)
        return view.description.region if view else None

    def _current(self) -> Mapping[str, PlatformView]:
        registry = self._live.current
        if registry is not self._registry:
            known = {**registry.connectors, **registry.suspended}
            self._views = {code: _view(entry) for code, entry in sorted(known.items())}
            self._registry = registry
        return self._views


def _view(entry: RegisteredConnector) -> PlatformView:
    return PlatformView(entry.platform, entry.capabilities)


class HarvestStates:
    """How platforms are doing, judged by their harvests."""

    def __init__(self, harvesting: HarvestingService) -> None:
        self._harvesting = harvesting

    async def states(self, codes: Sequence[str]) -> Mapping[str, PlatformState]:
        """States of the platforms that were harvested at least once."""
        last = await self._harvesting.last_ended(codes)
        harvested = await self._harvesting.last_harvested(codes)
        return {code: _state(run, harvested) for code, run in last.items()}


def _state(run: HarvestRun, harvested: Mapping[str, datetime]) -> PlatformState:
    return PlatformState(
        health_state=_HEALTH.get(run.state, HealthState.UNKNOWN),
        since=run.finished_at or run.started_at,
        last_error=run.error_code,  # everybody may ask; what the platform said is in the run's report
        last_harvested_at=harvested.get(run.platform),
    )


class ProgramTable:
    """Joint programs from the schema's table."""

    def all(self) -> tuple[Program, ...]:
        """All programs in the order of the table."""
        return tuple(programs().values())

    def get(self, code: str) -> Program | None:
        """The program with this code."""
        return programs().get(code)
