"""How a platform is doing: by its last harvest, and by what live searches meet since."""

from datetime import UTC, datetime

import pytest

from gateway.application.platforms import state_of
from gateway.catalog.live.asking import Circuit
from gateway.graph.context import HealthState
from gateway.harvesting import HarvestKind, HarvestRun, RunState

HARVESTED, FAILING = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
SOUND = Circuit("search", open=False, failures=0)
TIMEOUTS = Circuit("search", open=False, failures=2, since=FAILING, last_error="UPSTREAM_TIMEOUT")


def run(state: RunState, error_code: str | None = None) -> HarvestRun:
    return HarvestRun(
        "run", "river", 1, HarvestKind.FULL, state, None, HARVESTED, HARVESTED,
        pages=1, seen=30, expected=30, created=30, updated=0, unchanged=0, withdrawn=0, quarantined=0, duplicates=0,
        error_code=error_code, error=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("last", "circuit", "told"),
    [
        (None, None, (HealthState.UNKNOWN, None, None)),
        (None, SOUND, (HealthState.UNKNOWN, None, None)),
        (None, TIMEOUTS, (HealthState.DEGRADED, FAILING, "UPSTREAM_TIMEOUT")),
        (run(RunState.SUCCEEDED), SOUND, (HealthState.HEALTHY, HARVESTED, None)),
        (run(RunState.SUCCEEDED), TIMEOUTS, (HealthState.DEGRADED, FAILING, "UPSTREAM_TIMEOUT")),
        (run(RunState.PARTIAL), TIMEOUTS, (HealthState.DEGRADED, HARVESTED, "UPSTREAM_TIMEOUT")),
        (run(RunState.FAILED, "MALFORMED"), TIMEOUTS, (HealthState.DOWN, HARVESTED, "MALFORMED")),
    ],
)
def test_health_says_since_when_and_with_which_error(
    last: HarvestRun | None, circuit: Circuit | None, told: tuple[HealthState, datetime | None, str | None]
) -> None:
    state = state_of(last, HARVESTED, circuit)
    assert (state.health_state, state.since, state.last_error) == told
    assert [one.failures for one in state.circuits] == ([] if circuit is None else [circuit.failures])
