"""The doorway of harvesting: carry out a run, and tell what runs have found."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from connectors.context import ConnectorContext
from connectors.contract import Harvests
from gateway.clock import Clock, utc_now
from gateway.errors import InvalidInput
from gateway.harvesting import reports, unmapped
from gateway.harvesting.reports import QuarantinePage, RunFilter, RunPage
from gateway.harvesting.run import Harvest, ProgressListener
from gateway.harvesting.runs import HarvestKind, HarvestRun, RunState
from gateway.harvesting.unmapped import UnmappedValue
from gateway.storage import Database

LOOKBACK = timedelta(days=1)
"""How far an incremental run looks back behind the start of the last successful one."""
HARVESTED = (RunState.SUCCEEDED, RunState.PARTIAL)


class HarvestingService:
    """Harvests platforms into the database and reports on it."""

    def __init__(self, database: Database, *, clock: Clock = utc_now, lookback: timedelta = LOOKBACK) -> None:
        self._database = database
        self._clock = clock
        self._lookback = lookback

    async def run(
        self,
        connector: Harvests,
        context: ConnectorContext,
        *,
        kind: HarvestKind = HarvestKind.FULL,
        progress: ProgressListener | None = None,
    ) -> HarvestRun:
        """Harvest one platform and return the ended run; a platform's failure is told in it, not raised.

        An INCREMENTAL run becomes a FULL one where the connector cannot do it or has no successful run of this version
        to build on. Raises `HarvestInProgress` while the platform is being harvested by another run.
        """
        if kind not in (HarvestKind.FULL, HarvestKind.INCREMENTAL):
            raise InvalidInput(f"kind {kind} is no harvest of resources; use FULL or INCREMENTAL")
        harvest = Harvest(self._database, self._clock, self._lookback, connector, context, kind, progress)
        ended = await self.get(await harvest.execute())
        if ended is None:
            raise LookupError("the run was removed while it ended")
        return ended

    async def get(self, run_id: str) -> HarvestRun | None:
        """One run, or None."""
        async with self._database.reading() as connection:
            return await reports.read_run(connection, run_id)

    async def runs(self, wanted: RunFilter | None = None, *, first: int = 50, after: str | None = None) -> RunPage:
        """Runs, newest first; `after` is the id of the last run of the page before."""
        async with self._database.reading() as connection:
            return await reports.read_runs(connection, wanted or RunFilter(), first, after)

    async def last_runs(self, platforms: Collection[str]) -> Mapping[str, HarvestRun]:
        """The latest run of each platform that has one, running or ended."""
        async with self._database.reading() as connection:
            return await reports.read_last_runs(connection, platforms, None)

    async def last_ended(self, platforms: Collection[str]) -> Mapping[str, HarvestRun]:
        """The latest run of each platform that came to an end of its own: succeeded, partial or failed."""
        async with self._database.reading() as connection:
            return await reports.read_last_runs(connection, platforms, (*HARVESTED, RunState.FAILED))

    async def last_harvested(self, platforms: Collection[str]) -> Mapping[str, datetime]:
        """When the latest run that stored anything ended, for each platform that has one."""
        async with self._database.reading() as connection:
            runs = await reports.read_last_runs(connection, platforms, HARVESTED)
        return {code: run.finished_at for code, run in runs.items() if run.finished_at is not None}

    async def quarantined(
        self, platform: str, *, code: str | None = None, first: int = 20, after: str | None = None
    ) -> QuarantinePage:
        """Rejected records of a platform, newest first."""
        async with self._database.reading() as connection:
            return await reports.read_quarantine(connection, platform, code, first, after)

    async def unmapped_values(self, platform: str) -> list[UnmappedValue]:
        """Values of a platform that no vocabulary table knows, most frequent first."""
        async with self._database.reading() as connection:
            return await connection.run_sync(unmapped.current, platform)
