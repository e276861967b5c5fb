"""Harvests that ended, as they are counted."""

from collections.abc import Callable

from gateway.harvesting import HarvestRun
from gateway.telemetry import Telemetry


def harvest_listener(telemetry: Telemetry) -> Callable[[HarvestRun], None]:
    """Counts each harvest that this process carried out."""

    def ended(run: HarvestRun) -> None:
        changes = ("created", "updated", "unchanged", "withdrawn", "quarantined")
        records = {change: getattr(run, change) for change in changes}
        telemetry.observe_harvest(run.platform, run.kind.value, run.state.value, records)

    return ended
