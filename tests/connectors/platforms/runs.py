"""Runs of the platforms' manifests against their simulators, in process."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Generic, TypeVar

from starlette.applications import Starlette

from connectors.context import ConnectorContext
from connectors.manifest import ManifestConnector, read_manifest_file
from connectors.platforms import builtin_manifests
from connectors.records import Accepted, HarvestPage, HarvestRequest, UsageRequest
from connectors.simulators import SIMULATORS, Fault, Simulation
from connectors.transport import Limits, assemble, in_process
from schema.records import Record
from schema.resources import ResourceRecord
from schema.training import TrainingReport
from schema.usage import UsageFact

SIZE = 450
NOW = datetime(2025, 11, 3, 4, 0, tzinfo=UTC)
SETTLED = datetime(2025, 11, 23, 4, 0, tzinfo=UTC)
"""Everything that the simulators hold from the start has happened, and late days are corrected."""
QUICK = Limits(requests_per_second=1000, burst=1000, backoff_seconds=0.001, max_backoff_seconds=0.01, retries=1)

T = TypeVar("T", ResourceRecord, TrainingReport, UsageFact)


@dataclass
class Run(Generic[T]):
    """What came of a section, and the simulation it came from."""

    simulation: Simulation
    pages: list[HarvestPage[T]] = field(default_factory=list)

    @property
    def items(self) -> list[Accepted[T]]:
        """Everything accepted, in its order."""
        return [item for page in self.pages for item in page.accepted]

    @property
    def records(self) -> list[T]:
        """The records of everything accepted."""
        return [item.record for item in self.items]

    @property
    def rejected(self) -> list[str | None]:
        """Native ids of what was rejected."""
        return [item.native_id for page in self.pages for item in page.rejected]

    @property
    def reasons(self) -> Counter[str]:
        """Why it was."""
        return Counter(finding.code for page in self.pages for item in page.rejected for finding in item.findings)

    @property
    def deleted(self) -> set[str]:
        """Native ids of what is gone."""
        return {native_id for page in self.pages for native_id in page.deleted}

    @property
    def unmapped(self) -> Counter[tuple[str, str]]:
        """Values that no table knows."""
        return Counter((note.field, note.value) for item in self.items for note in item.unmapped)


def accepted(run: Run[ResourceRecord]) -> dict[str, Accepted[ResourceRecord]]:
    """Accepted resources by native id."""
    return {item.record.native_id: item for item in run.items}


def connector(code: str) -> ManifestConnector:
    """The connector of a platform."""
    [found] = [path for path in builtin_manifests() if path.name == f"{code}.yaml"]
    reading = read_manifest_file(found)
    assert reading.connector is not None, reading.findings
    return reading.connector


def built(code: str, *, size: int | None = SIZE, now: datetime = NOW) -> Starlette:
    """The simulator of a platform at an instant that stands still."""
    return SIMULATORS[code].build(size=size, now=lambda: now)


def context(code: str, app: Starlette, *, now: datetime = NOW, retrying: bool = False) -> ConnectorContext:
    """What the connector is given; `retrying` puts the transport of the gateway between it and the platform."""
    transport = assemble(in_process(app), QUICK) if retrying else in_process(app)
    return ConnectorContext(code, transport, SIMULATORS[code].secrets, now=lambda: now)


async def harvest(
    code: str,
    *,
    since: datetime | None = None,
    faults: Sequence[Fault] = (),
    size: int | None = SIZE,
    app: Starlette | None = None,
    retrying: bool = False,
) -> Run[ResourceRecord]:
    """Harvest a platform's simulator."""
    app = app or built(code, size=size)
    simulation: Simulation = app.state.simulation
    simulation.faults.active.extend(faults)
    here = context(code, app, retrying=retrying)
    return Run(simulation, [page async for page in connector(code).harvest(here, HarvestRequest(since=since))])


async def training(
    code: str, *, since: datetime | None = None, app: Starlette | None = None, retrying: bool = False
) -> Run[TrainingReport]:
    """Read the training records of a platform's simulator once everything is settled."""
    app = app or built(code, size=0, now=SETTLED)
    here = context(code, app, now=SETTLED, retrying=retrying)
    pages = [page async for page in connector(code).training(here, HarvestRequest(since=since))]
    return Run(app.state.simulation, pages)


async def usage(
    code: str, first: date, last: date, *, app: Starlette | None = None, retrying: bool = False
) -> Run[UsageFact]:
    """Read the usage of a platform's simulator once everything is settled."""
    app = app or built(code, size=None, now=SETTLED)
    here = context(code, app, now=SETTLED, retrying=retrying)
    return Run(app.state.simulation, [page async for page in connector(code).usage(here, UsageRequest(first, last))])


def said(record: Record, *names: str) -> Mapping[str, object]:
    """A record as JSON without what is absent, or some of its fields."""
    dumped = record.model_dump(mode="json", by_alias=True, exclude_none=True)
    told = {name: value for name, value in dumped.items() if value != []}
    return {name: told.get(name) for name in names} if names else told
