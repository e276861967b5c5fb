"""The doorway of harvesting: ask for runs, cancel them, carry them out, and tell what they have found."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Connection

from connectors.context import ConnectorContext
from connectors.contract import Connector
from gateway.clock import Clock, utc_now
from gateway.harvesting import pruning, queue, reports, unmapped
from gateway.harvesting.abilities import check_connector, check_kind
from gateway.harvesting.errors import HarvestKindUnsupported
from gateway.harvesting.ports import TrainingIntake
from gateway.harvesting.pruning import KEPT_FOR
from gateway.harvesting.quarantine import QuarantinedRecord
from gateway.harvesting.queue import WaitingRun
from gateway.harvesting.reach import Reach
from gateway.harvesting.reports import PastRun, QuarantinePage, RunFilter, RunPage
from gateway.harvesting.run import Harvest, ProgressListener, ShapeListener
from gateway.harvesting.runs import RESOURCES, HarvestKind, HarvestRun, RunState, alike
from gateway.harvesting.unmapped import UnmappedValue
from gateway.storage import Database

REACH = Reach()
_Made = TypeVar("_Made")
EndListener = Callable[[HarvestRun], None]
"""Called with every run that this process carried out, when it has ended."""
HARVESTED = (RunState.SUCCEEDED, RunState.PARTIAL)


class HarvestingService:
    """Harvests platforms into the database and reports on it."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Clock = utc_now,
        reach: Reach = REACH,
        kept_for: timedelta = KEPT_FOR,
        on_shape: ShapeListener | None = None,
        intake: TrainingIntake | None = None,
        on_end: EndListener | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._reach = reach
        self._kept_for = kept_for
        self._on_shape = on_shape
        self._intake = intake
        self._on_end = on_end

    async def request(
        self, platform: str, kind: HarvestKind, *, manifest_version: int, by: str, join: bool = True
    ) -> HarvestRun:
        """Queue a run for a worker and return it; with `join`, one of this kind that waits already is returned.

        Raises `HarvestInProgress` while the platform has another unfinished run, and `HarvestKindUnsupported`.
        """
        check_kind(platform, kind, intake=self._intake is not None)
        given = (platform, kind, manifest_version, by)
        return await self._read(await self._transact(lambda c, now: queue.request(c, now, *given, join=join)))

    async def cancel(self, run_id: str, *, by: str) -> HarvestRun:
        """End a queued run now, or a running one with its next page; what it stored stays, nothing is withdrawn.

        Raises `RunEnded` for a run that is over and `InvalidInput` for one that is unknown.
        """
        await self._transact(lambda c, now: queue.cancel(c, now, run_id, by))
        return await self._read(run_id)

    async def run(
        self,
        connector: Connector,
        context: ConnectorContext,
        *,
        kind: HarvestKind = HarvestKind.FULL,
        progress: ProgressListener | None = None,
        lane: str | None = None,
        days: int | None = None,
    ) -> HarvestRun:
        """Harvest one platform now and return the ended run; a platform's failure is told in it, not raised.

        An INCREMENTAL run becomes a FULL one where the connector cannot do it or has no successful run of this version
        to build on. A queued run of the platform is carried out with it, or before it where it lists something else.
        `lane`, such as `zibo@canary`, is what records are stored under instead of the platform's code. `days` is how
        many a run of USAGE asks for: all of a first one, at least of a later one. Raises `HarvestInProgress` while
        another run is under way, and `HarvestKindUnsupported`.
        """
        platform = lane or connector.platform.code
        self._check(platform, connector, kind)
        async with self._database.reading() as connection:
            queued = await connection.run_sync(queue.queued, platform)
        if queued is not None and queued.kind not in alike(kind):
            await self.carry_out(queued, connector, context, progress=progress)
        reach = self._reach if days is None else replace(self._reach, backfill_days=days, least_days=days)
        harvest = self._harvest(platform, connector, context, kind, progress)
        return await self._ended(await replace(harvest, reach=reach).execute())

    async def carry_out(
        self,
        run: WaitingRun,
        connector: Connector,
        context: ConnectorContext,
        *,
        progress: ProgressListener | None = None,
    ) -> None:
        """Carry out a waiting run unless it is over by now; cancelled from outside it goes back to the queue.

        Records are stored under the platform of the run, which may be a lane beside the connector's own. A run that
        the connector is not able to ends FAILED.
        """
        try:
            self._check(run.platform, connector, run.kind)
        except HarvestKindUnsupported as error:
            await self.fail(run, error.code, error.message)
            return
        harvest = self._harvest(run.platform, connector, context, run.kind, progress)
        if (ended := await replace(harvest, only=run.id).execute()) is not None:
            await self._ended(ended)

    async def waiting(self) -> list[WaitingRun]:
        """Unfinished runs that nobody carries out at the moment, oldest first."""
        async with self._database.reading() as connection:
            return await connection.run_sync(queue.waiting, self._clock())

    async def fail(self, run: WaitingRun, code: str, message: str) -> None:
        """End a waiting run that cannot be carried out."""
        await self._transact(lambda c, now: queue.fail(c, now, run, code, message))

    async def prune(self) -> int:
        """Delete old runs, see `gateway.harvesting.pruning.prune`; returns how many."""
        return await self._transact(lambda c, now: pruning.prune(c, now, self._kept_for))

    async def drop_lane(self, code: str) -> int:
        """Remove everything of a platform or of its canary lane, such as `zibo@canary`; returns how many resources."""
        return await self._transact(lambda c, now: pruning.remove_platform(c, now, code))

    async def get(self, run_id: str) -> HarvestRun | None:
        """One run, or None."""
        async with self._database.reading() as connection:
            return await reports.read_run(connection, run_id)

    async def runs(self, wanted: RunFilter | None = None, *, first: int = 50, after: str | None = None) -> RunPage:
        """Runs, newest first; `after` is the id of the last run of the page before, `first` at most 100."""
        async with self._database.reading() as connection:
            return await reports.read_runs(connection, wanted or RunFilter(), first, after)

    async def last_ended(self, platforms: Collection[str]) -> Mapping[str, HarvestRun]:
        """The latest run of each platform's resources that came to an end of its own: succeeded, partial or failed."""
        async with self._database.reading() as connection:
            return await reports.read_last_runs(connection, platforms, RESOURCES, (*HARVESTED, RunState.FAILED))

    async def last_harvested(self, platforms: Collection[str]) -> Mapping[str, datetime]:
        """When the latest run that stored any resource ended, for each platform that has one."""
        async with self._database.reading() as connection:
            runs = await reports.read_last_runs(connection, platforms, RESOURCES, HARVESTED)
        return {code: run.finished_at for code, run in runs.items() if run.finished_at is not None}

    async def latest_end(self) -> datetime | None:
        """When the run that ended last did; whatever runs tell of platforms changes with it."""
        async with self._database.reading() as connection:
            return await reports.read_latest_end(connection)

    async def histories(
        self, platforms: Collection[str], kind: HarvestKind, most: int
    ) -> Mapping[str, Sequence[PastRun]]:
        """The latest so many runs of each platform that list the same as this kind, newest first."""
        async with self._database.reading() as connection:
            return await reports.read_histories(connection, platforms, alike(kind), most)

    async def counting_platforms(self) -> list[str]:
        """Platforms and lanes of which usage is stored, served or not."""
        async with self._database.reading() as connection:
            return await reports.read_counting_platforms(connection)

    async def quarantined(
        self,
        platform: str,
        *,
        code: str | None = None,
        since: datetime | None = None,
        first: int = 20,
        after: str | None = None,
    ) -> QuarantinePage:
        """Rejected records of a platform, newest first; `code` is that of the first finding, `since` includes."""
        async with self._database.reading() as connection:
            return await reports.read_quarantine(connection, platform, code, since, first, after)

    async def quarantined_record(self, record_id: str) -> QuarantinedRecord | None:
        """One rejected record, or None."""
        async with self._database.reading() as connection:
            return await reports.read_quarantined(connection, record_id)

    async def unmapped_values(self, platform: str) -> list[UnmappedValue]:
        """Values of a platform that no vocabulary table knows, most frequent first."""
        async with self._database.reading() as connection:
            return await connection.run_sync(unmapped.current, platform)

    def _check(self, platform: str, connector: Connector, kind: HarvestKind) -> None:
        check_kind(platform, kind, intake=self._intake is not None)
        check_connector(connector, kind)

    def _harvest(
        self,
        platform: str,
        connector: Connector,
        context: ConnectorContext,
        kind: HarvestKind,
        progress: ProgressListener | None,
    ) -> Harvest:
        ours = (self._database, self._clock, self._reach)
        return Harvest(*ours, platform, connector, context, kind, progress, self._on_shape, intake=self._intake)

    async def _transact(self, work: Callable[[Connection, datetime], _Made]) -> _Made:
        now = self._clock()
        return await self._database.transact(lambda connection: work(connection, now))

    async def _ended(self, run_id: str | None) -> HarvestRun:
        """The run that this process has just carried out, told to who listens."""
        run = await self._read(run_id)
        if self._on_end is not None:
            self._on_end(run)
        return run

    async def _read(self, run_id: str | None) -> HarvestRun:
        found = None if run_id is None else await self.get(run_id)
        if found is None:
            raise LookupError("the run was removed meanwhile")
        return found
