"""The worker: carries queued runs out in the background, and those that a process left behind."""

import asyncio
from logging import getLogger

from connectors.errors import ConnectorError
from gateway.errors import GatewayError
from gateway.harvesting.errors import HarvestInProgress, LeaseLost
from gateway.harvesting.ports import Connectors
from gateway.harvesting.queue import WaitingRun
from gateway.harvesting.run import ProgressListener
from gateway.harvesting.service import HarvestingService
from gateway.harvesting.waits import happens
from gateway.logs import reason_of

PRUNING_SECONDS = 3_600.0
log = getLogger("shanhai.harvesting")


class Worker:
    """Takes waiting runs, oldest first, and carries out at most `most` at once, one per platform.

    Every replica may have one: a run is carried out by whoever gets the platform's lease. It looks for work every
    `interval` seconds by one query, and removes old runs every hour.
    """

    def __init__(
        self,
        service: HarvestingService,
        connectors: Connectors,
        *,
        most: int = 2,
        interval: float = 1.0,
        progress: ProgressListener | None = None,
    ) -> None:
        self._service = service
        self._connectors = connectors
        self._most = most
        self._interval = interval
        self._progress = progress
        self._running: dict[str, asyncio.Task[None]] = {}
        self._pruned_at: float | None = None

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until `stopping` is set; runs under way then go back to the queue behind their last page."""
        try:
            while not stopping.is_set():
                try:
                    await self._take()
                    await self._prune()
                except Exception:
                    log.exception("the harvest worker met an error; trying again in %s s", self._interval)
                await happens(stopping, self._interval)
        finally:
            await self._interrupt()

    async def _take(self) -> None:
        """Start as many waiting runs as there are hands free."""
        if len(self._running) >= self._most:
            return
        for waiting in await self._service.waiting():
            if len(self._running) >= self._most:
                return
            if waiting.platform not in self._running:
                task = asyncio.create_task(self._carry_out(waiting), name=f"harvest of {waiting.platform}")
                self._running[waiting.platform] = task

    async def _carry_out(self, run: WaitingRun) -> None:
        try:
            await self._connectors.refresh()
            connector = self._connectors.find(run.platform)
            if connector is None:
                said = f"there is no connector for {run.platform!r}, or it is suspended"
                await self._service.fail(run, "CONNECTOR_UNAVAILABLE", said)
                return
            async with self._connectors.open(run.platform) as context:
                await self._service.carry_out(run, connector, context, progress=self._progress)
        except (HarvestInProgress, LeaseLost) as error:
            log.info("harvest of %s left to another process: %s", run.platform, reason_of(error))
        except Exception as error:
            log.exception("harvest of %s could not be carried out", run.platform)
            await self._write_off(run, error)
        finally:
            del self._running[run.platform]

    async def _write_off(self, run: WaitingRun, error: Exception) -> None:
        """End a run that met an error before it began; only errors that are written for clients are told in full."""
        code, said = "INTERNAL", f"internal error: {type(error).__name__}"
        if isinstance(error, GatewayError | ConnectorError):
            code, said = error.code, str(error)
        try:
            await self._service.fail(run, code, said)
        except Exception:
            log.exception("run %s could not be written off", run.id)

    async def _interrupt(self) -> None:
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _prune(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._pruned_at is not None and now - self._pruned_at < PRUNING_SECONDS:
            return
        self._pruned_at = now
        if removed := await self._service.prune():
            log.info("removed %s old harvest runs", removed)
