"""One harvest from lease to report: pages come from the connector and are stored as they come."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from logging import getLogger

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
            async with self.database.writing() as connection:
                await leases.confirm(connection, lease, self.clock())
                run = await begin(connection, self.connector, self.kind, self.lookback, self.clock())
            try:
                await self._store_pages(lease, run)
                await finishing.complete(self.database, lease, run, self.clock())
            except ConnectorError as error:
                log.warning("harvest of %s stopped: %s: %s", run.platform, error.code, error)
                await finishing.stop(self.database, lease, run, error, self.clock())
            except asyncio.CancelledError:
                await finishing.cancel(self.database, lease, run, self.clock())
                raise
            except GatewayError:
                raise
            except Exception as error:
                log.exception("harvest of %s failed", run.platform)
                await finishing.crash(self.database, lease, run, error, self.clock())
                raise
            return run.id

    @asynccontextmanager
    async def _lease(self) -> AsyncIterator[Lease]:
        platform = self.connector.platform.code
        async with self.database.writing() as connection:
            lease = await leases.acquire(connection, platform, self.clock())
        try:
            yield lease
        finally:
            async with self.database.writing() as connection:
                await leases.release(connection, lease, self.clock())

    async def _store_pages(self, lease: Lease, run: ActiveRun) -> None:
        request = HarvestRequest(since=run.since, checkpoint=run.checkpoint)
        async with _closing(self.connector.harvest(self.context, request)) as pages:
            async for page in pages:
                await store_page(self.database, lease, run, page, self.clock())
                if self.progress:
                    self.progress(_progress(run))


@asynccontextmanager
async def _closing(pages: AsyncIterator[HarvestPage]) -> AsyncIterator[AsyncIterator[HarvestPage]]:
    """Close a generator however its reader ends, so that its connections are given back at once."""
    try:
        yield pages
    finally:
        close = getattr(pages, "aclose", None)
        if close is not None:
            await close()


def _progress(run: ActiveRun) -> RunProgress:
    return RunProgress(run_id=run.id, platform=run.platform, kind=run.kind, resumed=run.resumed, **asdict(run.counts))
