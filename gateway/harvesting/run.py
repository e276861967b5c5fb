"""One harvest from lease to report: pages come from the connector and are stored as they come."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from logging import getLogger
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from connectors.context import ConnectorContext
from connectors.contract import Connector, Harvests, ReportsUsage, SharesTraining
from connectors.errors import ConnectorError, UpstreamFailure
from connectors.records import HarvestPage, HarvestRequest, UsageRequest
from connectors.shapes import Shape
from gateway.clock import Clock
from gateway.errors import GatewayError
from gateway.harvesting import finishing, leases
from gateway.harvesting.errors import LeaseLost
from gateway.harvesting.leases import Lease
from gateway.harvesting.pages import store_page
from gateway.harvesting.ports import TrainingIntake
from gateway.harvesting.reach import Reach
from gateway.harvesting.runs import RESOURCES, HarvestKind, RunProgress
from gateway.harvesting.starting import ActiveRun, begin
from gateway.harvesting.training.pages import MOST_AT_ONCE as MOST_REPORTS
from gateway.harvesting.training.pages import store_reports
from gateway.harvesting.usage.pages import portions, store_facts
from gateway.harvesting.waits import happens
from gateway.logs import reason_of
from gateway.storage import Database

log = getLogger("shanhai.harvesting")
_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")
ProgressListener = Callable[[RunProgress], None]
ShapeListener = Callable[[str, int, str, Shape], Awaitable[None]]
"""Is told platform, manifest version, run and the shape of all raw records of a complete full run."""
RENEWALS = 5
"""How often a lease is renewed within its time, however long a page takes."""


@dataclass(frozen=True, slots=True)
class Harvest:
    """Everything one run needs; with `only`, the id of an unfinished run, that one is carried out or none.

    `lane` is what the records are stored under: the platform's code, or `zibo@canary` for a trial beside it.
    """

    database: Database
    clock: Clock
    reach: Reach
    lane: str
    connector: Connector
    context: ConnectorContext
    kind: HarvestKind
    progress: ProgressListener | None = None
    on_shape: ShapeListener | None = None
    only: str | None = None
    intake: TrainingIntake | None = None

    async def execute(self) -> str | None:
        """Carry the run out and return its id, or None where it was over already; how it ended is in its row.

        Raises `HarvestInProgress` or `LeaseLost`, and what is no `ConnectorError` after writing the run off.
        """
        async with self._lease() as lease:
            run = await self._transact(begin, lease, self.connector, self.kind, self.reach, self.only)
            if run is None:
                return None
            active = _Active(run)
            try:
                await self._store_pages(lease, active)
                if not active.run.cancelled and await self._transact(
                    finishing.complete, lease, active.run, self.intake
                ):
                    await self._tell_shape(active)
            except ConnectorError as error:
                log.warning("harvest of %s stopped: %s: %s", lease.platform, error.code, reason_of(error))
                await self._transact(finishing.stop, lease, active.run, error)
            except asyncio.CancelledError:
                interrupt = finishing.cancel if self.only is None else finishing.pause
                await self._transact(interrupt, lease, active.run)
                raise
            except GatewayError:
                raise
            except Exception as error:
                log.exception("harvest of %s failed", lease.platform)
                await self._transact(finishing.crash, lease, active.run, error)
                raise
            return active.run.id

    async def _transact(
        self,
        work: Callable[Concatenate[Connection, datetime, _Given], _Made],
        *given: _Given.args,
        **more: _Given.kwargs,
    ) -> _Made:
        """One write transaction; every piece of work is told the time."""
        now = self.clock()
        return await self.database.transact(lambda connection: work(connection, now, *given, **more))

    @asynccontextmanager
    async def _lease(self) -> AsyncIterator[Lease]:
        lease = await self._acquire()
        ended = asyncio.Event()
        renewing = asyncio.create_task(self._renew(lease, ended))
        try:
            yield lease
        finally:
            ended.set()
            await renewing
            await self._transact(leases.release, lease)

    async def _acquire(self) -> Lease:
        """Take the lease; who is cancelled meanwhile does not keep it."""
        acquiring = asyncio.ensure_future(self._transact(leases.acquire, self.lane))
        try:
            return await asyncio.shield(acquiring)
        except asyncio.CancelledError:
            await asyncio.wait([acquiring])
            if acquiring.exception() is None:
                await self._transact(leases.release, acquiring.result())
            raise

    async def _renew(self, lease: Lease, ended: asyncio.Event) -> None:
        """Renew the lease until the harvest ends; one that is lost shows at the next page."""
        while not await happens(ended, leases.LEASE_TIME.total_seconds() / RENEWALS):
            try:
                await self._transact(leases.confirm, lease)
            except LeaseLost:
                return
            except Exception:
                log.exception("the lease of %s could not be renewed; trying again", lease.platform)

    async def _store_pages(self, lease: Lease, active: "_Active") -> None:
        async with _closing(self._pages(active.run)) as pages, _closing(_ahead(pages)) as ahead:
            async for page in ahead:
                for portion in _portions(active.run, page):
                    active.run = await self._transact(_store, lease, active.run, self.intake, portion)
                    if self.progress:
                        self.progress(_progress(active.run))
                    if active.run.cancelled:
                        return
                if page.shape is not None:
                    active.shape.merge(page.shape)

    def _pages(self, run: ActiveRun) -> AsyncIterator[HarvestPage[Any]]:
        """What the connector lists for a run of this kind, from behind its checkpoint."""
        if run.days is not None and isinstance(self.connector, ReportsUsage):
            asked = UsageRequest(run.days.first, run.days.last, run.checkpoint)
            return self.connector.usage(self.context, asked)
        if run.kind is HarvestKind.TRAINING and isinstance(self.connector, SharesTraining):
            return self.connector.training(self.context, HarvestRequest(run.since, run.checkpoint))
        if run.kind in RESOURCES and isinstance(self.connector, Harvests):
            return self.connector.harvest(self.context, HarvestRequest(run.since, run.checkpoint))
        raise UpstreamFailure(f"the connector has nothing for a {run.kind} run", platform=run.platform)

    async def _tell_shape(self, active: "_Active") -> None:
        """Tell the shape of a whole listing; a resumed run has not met all of it."""
        run = active.run
        if self.on_shape is None or run.kind is not HarvestKind.FULL or run.resumed or not active.shape.records:
            return
        try:
            await self.on_shape(run.platform, run.version, run.id, active.shape)
        except Exception:
            log.exception("the shape of %s could not be reported", run.platform)


@dataclass(slots=True)
class _Active:
    """Holds the run as of its last committed page, and the shape of the raw records so far."""

    run: ActiveRun
    shape: Shape = field(default_factory=Shape)


def _portions(run: ActiveRun, page: HarvestPage[Any]) -> Iterable[HarvestPage[Any]]:
    if run.kind is HarvestKind.TRAINING:
        return portions(page, run.checkpoint, MOST_REPORTS)
    return (page,) if run.days is None else portions(page, run.checkpoint)


def _store(
    connection: Connection,
    now: datetime,
    lease: Lease,
    run: ActiveRun,
    intake: TrainingIntake | None,
    page: HarvestPage[Any],
) -> ActiveRun:
    if run.kind is HarvestKind.TRAINING and intake is not None:
        return store_reports(connection, now, lease, run, intake, page)
    if run.days is not None:
        return store_facts(connection, now, lease, run, run.days, page)
    return store_page(connection, now, lease, run, page)


@asynccontextmanager
async def _closing(pages: AsyncIterator[HarvestPage[Any]]) -> AsyncIterator[AsyncIterator[HarvestPage[Any]]]:
    """Close a generator however its reader ends, so that its connections are given back at once."""
    try:
        yield pages
    finally:
        close = getattr(pages, "aclose", None)
        if close is not None:
            await close()


async def _ahead(pages: AsyncIterator[HarvestPage[Any]]) -> AsyncIterator[HarvestPage[Any]]:
    """Ask for the next page while the reader stores the last one; a failure shows only after that."""
    upcoming = asyncio.ensure_future(anext(pages, None))
    try:
        while (page := await upcoming) is not None:
            upcoming = asyncio.ensure_future(anext(pages, None))
            yield page
    finally:
        upcoming.cancel()
        await asyncio.wait([upcoming])
        if not upcoming.cancelled():
            upcoming.exception()


def _progress(run: ActiveRun) -> RunProgress:
    return RunProgress(run_id=run.id, platform=run.platform, kind=run.kind, resumed=run.resumed, **asdict(run.counts))
