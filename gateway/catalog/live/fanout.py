"""Several platforms asked at once under one deadline: whoever is late is left behind, and told so."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gateway.catalog.live.model import SourceOutcome, SourceState
from gateway.catalog.live.reading import Reading

Read = Callable[[str, float], Coroutine[Any, Any, Reading]]
"""Reads one platform by a moment of the event loop's clock."""
_log = logging.getLogger(__name__)
_RESERVE, _RESERVED_SHARE = 0.05, 0.02
"""Seconds, at most, and share of the time that platforms are not given, so that their last word can still be heard."""
_Tasks = dict["asyncio.Task[Reading]", str]


async def read_all(read: Read, platforms: Sequence[str], seconds: float) -> list[Reading]:
    """What each platform contributes within so many seconds, in their order."""
    with _asked(read, platforms, seconds) as (tasks, _):
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
        return [_outcome_of(task, code, seconds) for task, code in tasks.items()]


async def read_each(read: Read, platforms: Sequence[str], seconds: float) -> AsyncGenerator[Reading, None]:
    """The same, each as it comes, fastest first; closing the generator ends the waiting."""
    clock = asyncio.get_running_loop().time
    with _asked(read, platforms, seconds) as (tasks, deadline):
        waiting = set(tasks)
        while waiting and (left := deadline - clock()) > 0:
            done, waiting = await asyncio.wait(waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            for task in [task for task in tasks if task in done]:
                yield _outcome_of(task, tasks[task], seconds)
        for task in [task for task in tasks if task in waiting]:
            yield _outcome_of(task, tasks[task], seconds)


@contextmanager
def _asked(read: Read, platforms: Sequence[str], seconds: float) -> Iterator[tuple[_Tasks, float]]:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    patience = deadline - min(_RESERVE, seconds * _RESERVED_SHARE)
    tasks: _Tasks = {loop.create_task(read(code, patience)): code for code in platforms}
    try:
        yield tasks, deadline
    finally:
        for task in tasks:
            if not task.done():
                task.cancel()


def _outcome_of(task: "asyncio.Task[Reading]", platform: str, seconds: float) -> Reading:
    if not task.done():
        return Reading(_late(platform, seconds))
    if task.cancelled() or (error := task.exception()) is None:
        return Reading(_late(platform, seconds)) if task.cancelled() else task.result()
    _log.error("asking %s failed in the gateway itself", platform, exc_info=error)
    message = "an error of the gateway; its log has it"
    return Reading(SourceOutcome(platform, SourceState.FAILED, error_code="INTERNAL", message=message))


def _late(platform: str, seconds: float) -> SourceOutcome:
    return SourceOutcome(
        platform,
        SourceState.TIMEOUT,
        latency_ms=seconds * 1_000,
        error_code="UPSTREAM_TIMEOUT",
        message="it did not answer within the time of the search",
    )
