"""What the worker and the scheduler need from the registry, satisfied where the application is put together."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from connectors.context import ConnectorContext
from connectors.contract import Connector
from gateway.harvesting.runs import HarvestKind


class Connectors(Protocol):
    """Connectors that may be harvested now."""

    def find(self, platform: str) -> Connector | None:
        """The connector of a platform; None where there is none or it is suspended."""
        ...

    def open(self, platform: str) -> AbstractAsyncContextManager[ConnectorContext]:
        """The world of one connector, closed at the end of the block."""
        ...


@dataclass(frozen=True, slots=True)
class FreshnessTarget:
    """How old one kind of harvest of a platform may become; None means that it is never harvested on its own."""

    platform: str
    manifest_version: int
    freshness: timedelta | None
    kind: HarvestKind = HarvestKind.INCREMENTAL


class FreshnessTargets(Protocol):
    """What the scheduler goes by."""

    def targets(self) -> Sequence[FreshnessTarget]:
        """Those of every active connector, for each kind of harvest at most one."""
        ...
