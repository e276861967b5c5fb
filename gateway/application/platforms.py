"""Platforms, how they are doing, and joint programs: as the graph and the catalog ask for them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from gateway.catalog.live.asking import Circuit
from gateway.graph.context import CircuitState, HealthState, PlatformState, PlatformView
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
        self._listed: tuple[PlatformView, ...] = ()

    def all(self) -> tuple[PlatformView, ...]:
        """All platforms by code."""
        self._current()
        return self._listed

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
            self._listed = tuple(view for code, view in self._views.items() if not is_canary(code))
            self._registry = registry
        return self._views


def _view(entry: RegisteredConnector) -> PlatformView:
    return PlatformView(entry.platform, entry.capabilities)


class HarvestStates:
    """How platforms are doing, judged by their harvests and by the circuits of live searches."""

    def __init__(self, harvesting: HarvestingService, circuits: Callable[[], Mapping[str, Circuit]]) -> None:
        self._harvesting, self._circuits = harvesting, circuits

    async def states(self, codes: Sequence[str]) -> Mapping[str, PlatformState]:
        """States of the platforms that were harvested or searched live at least once."""
        last = await self._harvesting.last_ended(codes)
        harvested = await self._harvesting.last_harvested(codes)
        circuits = self._circuits()
        return {
            code: state_of(last.get(code), harvested.get(code), circuits.get(code))
            for code in codes
            if code in last or code in circuits
        }


def state_of(run: HarvestRun | None, harvested_at: datetime | None, circuit: Circuit | None) -> PlatformState:
    """How a platform is doing by its last harvest that ended, and by what live searches met since."""
    health, since, last_error = HealthState.UNKNOWN, None, None
    if run is not None:
        # everybody may ask; what the platform said is in the run's report
        health = _HEALTH.get(run.state, HealthState.UNKNOWN)
        since, last_error = run.finished_at or run.started_at, run.error_code
    if circuit is not None and circuit.since is not None and health is not HealthState.DOWN:
        # its harvests may go well while its search does not
        earlier = health is HealthState.DEGRADED and since is not None and since < circuit.since
        health, last_error = HealthState.DEGRADED, circuit.last_error
        since = since if earlier else circuit.since
    circuits = () if circuit is None else (_circuit(circuit),)
    return PlatformState(health, since, last_error, harvested_at, circuits)


def _circuit(row: Circuit) -> CircuitState:
    return CircuitState(row.operation, row.open, row.failures, row.retry_at)


class ProgramTable:
    """Joint programs from the schema's table."""

    def all(self) -> tuple[Program, ...]:
        """All programs in the order of the table."""
        return tuple(programs().values())

    def get(self, code: str) -> Program | None:
        """The program with this code."""
        return programs().get(code)
