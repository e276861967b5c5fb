"""One harvest from lease to report: pages come from the connector and are stored as they come."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from logging import getLogger
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from connectors.context import ConnectorContext
from connectors.contract import Harvests
from connectors.errors import ConnectorError
from connectors.records import HarvestPage, HarvestRequest
from gateway.clock import Clock
from gateway.errors import GatewayError
from gateway.harvesting import finishing, leases
from gateway.harvesting.leases import Lease
from gateway.harvesting.pages import store_page
from gateway.harvesting.runs import HarvestKind, RunProgress
from gateway.harvesting.starting import ActiveRun, begin
from gateway.storage import Database

log = getLogger("shanhai.harvesting")
_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")
ProgressListener = Callable[[RunProgress], None]


@dataclass(frozen=True, slots=True)
class Harvest:
    """Everything one run needs."""

    database: Database
    clock: Clock
    lookback: timedelta
    connector: Harvests
    context: ConnectorContext
    kind: HarvestKind
    progress: ProgressListener | None = None

    async def execute(self) -> str:
        """Carry the run out and return its id; how it ended is in its row.

        Raises `HarvestInProgress` or `LeaseLost`, and what is no `ConnectorError` after writing the run off.
        """
        async with self._lease() as lease:
            active = _Active(await self._transact(begin, lease, self.connector, self.kind, self.lookback))
            try:
                await self._store_pages(lease, active)
                await self._transact(finishing.complete, lease, active.run)
            except ConnectorError as error:
                log.warning("harvest of %s stopped: %s: %s", lease.platform, error.code, error)
                await self._transact(finishing.stop, lease, active.run, error)
            except asyncio.CancelledError:
                await self._transact(finishing.cancel, lease, active.run)
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
        lease = await self._transact(leases.acquire, self.connector.platform.code)
        try:
            yield lease
        finally:
            await self._transact(leases.release, lease)

    async def _store_pages(self, lease: Lease, active: "_Active") -> None:
        request = HarvestRequest(since=active.run.since, checkpoint=active.run.checkpoint)
        async with _closing(self.connector.harvest(self.context, request)) as pages, _closing(_ahead(pages)) as ahead:
            async for page in ahead:
                active.run = await self._transact(store_page, lease, active.run, page)
                if self.progress:
                    self.progress(_progress(active.run))


@dataclass(slots=True)
class _Active:
    """Holds the run as of its last committed page."""

    run: ActiveRun


@asynccontextmanager
async def _closing(pages: AsyncIterator[HarvestPage]) -> AsyncIterator[AsyncIterator[HarvestPage]]:
    """Close a generator however its reader ends, so that its connections are given back at once."""
    try:
        yield pages
    finally:
        close = getattr(pages, "aclose", None)
        if close is not None:
            await close()


async def _ahead(pages: AsyncIterator[HarvestPage]) -> AsyncIterator[HarvestPage]:
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
