"""Harvest runs as they go on: each one that is under way, then whatever changes."""

import asyncio
from collections.abc import AsyncGenerator

from gateway.graph.connectors.access import managed_harvests
from gateway.graph.connectors.paging import only_managed
from gateway.graph.connectors.runs import lanes
from gateway.graph.context import GraphContext
from gateway.graph.pagination import MAX_FIRST
from gateway.harvesting import HarvestRun, RunFilter, RunState

UNDER_WAY = (RunState.QUEUED, RunState.RUNNING)
POLL_SECONDS = 1.0
"""Between two looks at the runs: they are told by the database, which other processes write too."""


async def progress(
    context: GraphContext, platform: str | None, seconds: float = POLL_SECONDS
) -> AsyncGenerator[HarvestRun, None]:
    """Runs under way as they stand, then each one as often as it changes, its end too.

    Of one platform, or of every one that the viewer manages. Of one platform it ends when none of its runs is under way
    any more; where none was to begin with, the latest one is told as it ended, so that nobody who has just started a
    short one waits in vain. Of all platforms it goes on.
    """
    shown: dict[str, HarvestRun] = {}
    while True:
        context = context.renewed()  # nobody pays for every look, and a look sees what is there now
        found = await _under_way(context, platform)
        ended = [identifier for identifier in shown if identifier not in found]
        found |= {identifier: run for identifier in ended if (run := await managed_harvests(context).run(identifier))}
        for identifier, run in found.items():
            if shown.get(identifier) != run:
                yield run
        if platform is not None and not shown and not found and (last := await _latest(context, platform)):
            yield last
        shown = {identifier: run for identifier, run in found.items() if run.state in UNDER_WAY}
        if platform is not None and not shown:
            return
        await asyncio.sleep(seconds)


async def _under_way(context: GraphContext, platform: str | None) -> dict[str, HarvestRun]:
    """By id, the ones that began first first."""
    every = RunFilter(platforms=None if platform is None else lanes(platform), states=UNDER_WAY)
    wanted = every if platform is not None else await only_managed(context, every)
    runs: list[HarvestRun] = []
    while True:
        last = runs[-1].id if runs else None
        page = await managed_harvests(context).runs(wanted, first=MAX_FIRST, after=last)
        runs += page.runs
        if not page.has_next or not page.runs:
            return {run.id: run for run in reversed(runs)}


async def _latest(context: GraphContext, platform: str) -> HarvestRun | None:
    page = await managed_harvests(context).runs(RunFilter(platforms=lanes(platform)), first=1, after=None)
    return page.runs[0] if page.runs else None
