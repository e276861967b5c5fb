"""Reports that were computed and are kept for a while: further pages and equal questions need no second computation."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable

from gateway.statistics.engine.report import Report
from gateway.statistics.questions import ReportQuestion

KEPT_REPORTS = 16
KEPT_CELLS = 500_000
Key = tuple[Hashable, ReportQuestion]
"""What an answer depends on beside the question, and the question."""


class KeptReports:
    """Reports by what they depend on; the least recently used ones are let go when there are too many.

    Of equal questions asked at the same time one is computed. A report closes with its last reader.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, asyncio.Task[Report]] = OrderedDict()

    async def get(self, key: Key, compute: Callable[[], Coroutine[None, None, Report]]) -> Report:
        """The report, computed unless it is kept."""
        task = self._kept.get(key)
        if task is None:
            task = asyncio.create_task(compute())
            self._kept[key] = task
            task.add_done_callback(lambda done: self._settle(key, done))
        self._kept.move_to_end(key)
        return await asyncio.shield(task)

    async def aclose(self) -> None:
        """Let go of every report, after those that are being computed."""
        tasks = list(self._kept.values())
        self._kept.clear()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _settle(self, key: Key, done: asyncio.Task[Report]) -> None:
        """Forget what failed, and what is too much."""
        if done.cancelled() or done.exception() is not None:
            if self._kept.get(key) is done:
                del self._kept[key]
            return
        cells = 0
        for number, (old, task) in enumerate(reversed(list(self._kept.items()))):
            if task.done():
                cells += task.result().cells
                if number >= KEPT_REPORTS or cells > KEPT_CELLS:
                    del self._kept[old]
