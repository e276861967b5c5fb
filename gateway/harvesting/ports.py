"""What harvesting needs of other slices, satisfied where the application is put together."""

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from connectors.context import ConnectorContext
from connectors.contract import Connector
from connectors.records import HarvestPage
from gateway.harvesting.runs import HarvestKind
from schema.training import TrainingReport


class Connectors(Protocol):
    """Connectors that may be harvested now."""

    async def refresh(self) -> None:
        """Take over what other processes have changed: a waiting run may be of a connector that they just activated."""
        ...

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


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What has to be known of a run of training: `region` (GB/T 2260) is the platform's."""

    id: str
    platform: str
    region: str
    manifest_version: int


class TakenIn(Protocol):
    """What became of the records of one page; a record that the run has met before is a duplicate only.

    `changed` are native ids of new and changed records.
    """

    @property
    def changed(self) -> Collection[str]: ...
    @property
    def created(self) -> int: ...
    @property
    def updated(self) -> int: ...
    @property
    def unchanged(self) -> int: ...
    @property
    def duplicates(self) -> int: ...
    @property
    def withdrawn(self) -> int: ...


class TrainingIntake(Protocol):
    """Takes training records in, each call within the transaction of a page or of the end of a run."""

    def mark(self, platform: str, text: str) -> str:
        """64 hexadecimal digits by which a reject is known again, and from which nobody can tell what it said."""
        ...

    def store(self, connection: Connection, now: datetime, run: RunFacts, page: HarvestPage[TrainingReport]) -> TakenIn:
        """Store a page with its credits; what it rejects counts as listed, what it deletes is withdrawn."""
        ...

    def unlisted(self, connection: Connection, run: RunFacts) -> tuple[int, int]:
        """How many live records of the platform the run has not met, and how many there are."""
        ...

    def withdraw(self, connection: Connection, now: datetime, run: RunFacts) -> int:
        """Withdraw those that the run has not met; returns how many."""
        ...
