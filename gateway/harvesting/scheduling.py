"""The scheduler: asks for runs of platforms whose harvest has become older than their freshness target."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from logging import getLogger

from gateway.clock import Clock, utc_now
from gateway.harvesting.errors import HarvestInProgress
from gateway.harvesting.ports import FreshnessTarget, FreshnessTargets
from gateway.harvesting.reports import PastRun
from gateway.harvesting.runs import HarvestRun, RunState
from gateway.harvesting.service import HarvestingService
from gateway.harvesting.unfinished import UNFINISHED
from gateway.harvesting.waits import happens

FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=6)
REQUESTED_BY = "scheduler"
AT_ONCE = datetime.min.replace(tzinfo=UTC)
HISTORY = 20
"""Runs of a platform and kind that are looked at; so many failures in a row are as good as any number."""
log = getLogger("shanhai.harvesting")


def retry_after(failures: int) -> timedelta:
    """The pause after so many failures in a row: a minute, doubled by each further one, at most 6 hours."""
    doublings = min(failures - 1, 16)
    return min(timedelta(seconds=FIRST_RETRY.total_seconds() * 2.0**doublings), LONGEST_RETRY)


def due_at(freshness: timedelta, runs: Sequence[PastRun]) -> datetime | None:
    """When a platform with these runs, newest first, is to be harvested; None while a run is unfinished.

    That is a target after the last success ended, and after a run that somebody cancelled; later after failures.
    """
    due, failures = AT_ONCE, 0
    for run in runs:
        if run.state in UNFINISHED or run.finished_at is None:
            return None
        if run.state in (RunState.SUCCEEDED, RunState.CANCELLED):
            due = max(due, run.finished_at + freshness)
        else:
            failures += max(run.failures, 1)
        if run.state is RunState.SUCCEEDED:
            break
    ended = [run.finished_at for run in runs if run.finished_at is not None]
    return max(due, ended[0] + retry_after(failures)) if failures else due


class Scheduler:
    """Asks for at most one run at each look, the most overdue first, so that platforms are not all harvested at once.

    Every replica may have one; a platform has one unfinished run, whoever asks.
    """

    def __init__(
        self,
        service: HarvestingService,
        targets: FreshnessTargets,
        *,
        enabled: bool,
        clock: Clock = utc_now,
        interval: float = 5.0,
    ) -> None:
        self._service = service
        self._targets = targets
        self._enabled = enabled
        self._clock = clock
        self._interval = interval

    async def run(self, stopping: asyncio.Event) -> None:
        """Look every `interval` seconds until `stopping` is set; returns at once where it is switched off."""
        while self._enabled and not stopping.is_set():
            try:
                await self.look()
            except Exception:
                log.exception("the harvest scheduler met an error; trying again in %s s", self._interval)
            await happens(stopping, self._interval)

    async def look(self) -> HarvestRun | None:
        """Ask for the run that is most overdue, if there is one."""
        if not self._enabled:
            return None
        for _, target in sorted(await self._due(), key=lambda due: (due[0], due[1].platform, due[1].kind)):
            try:
                return await self._service.request(
                    target.platform,
                    target.kind,
                    manifest_version=target.manifest_version,
                    by=REQUESTED_BY,
                    join=False,
                )
            except HarvestInProgress:
                continue
        return None

    async def _due(self) -> list[tuple[datetime, FreshnessTarget]]:
        """Targets that have passed, and since when; runs of resources tell nothing of usage, nor these of resources."""
        now, due = self._clock(), []
        fresh = [(target, target.freshness) for target in self._targets.targets() if target.freshness is not None]
        for kind in {target.kind for target, _ in fresh}:
            asked = [(target, freshness) for target, freshness in fresh if target.kind is kind]
            histories = await self._service.histories([target.platform for target, _ in asked], kind, HISTORY)
            for target, freshness in asked:
                at = due_at(freshness, histories.get(target.platform, ()))
                if at is not None and at <= now:
                    due.append((at, target))
        return due
