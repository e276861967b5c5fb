"""How many operations are executed at once, and how long each may take."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from gateway.web.refusals import Refusal

CONCURRENCY = 200
"""Operations of one process; most of them wait for a database or a platform."""
SECONDS = 30.0
"""Seconds of one operation."""
PATIENCE = 1.0
"""Seconds that a further operation waits for its turn."""
GRACE = 30.0
"""Seconds for which the end of the process waits for actions."""
_log = logging.getLogger("shanhai.web")
T = TypeVar("T")


class Gate:
    """Lets a bounded number of operations through at once, and ends those that take too long."""

    def __init__(self, concurrency: int = CONCURRENCY, seconds: float = SECONDS, patience: float = PATIENCE) -> None:
        self.concurrency, self.seconds = concurrency, seconds
        self._patience = patience
        self._turns = asyncio.Semaphore(concurrency)
        self._waiting = self._subscribed = 0
        self._acting = set[asyncio.Task[object]]()

    def deadline(self) -> float:
        """When the time is over of what begins now, by the clock of the loop."""
        return asyncio.get_running_loop().time() + self.seconds

    def in_time(self, deadline: float) -> None:
        """Raises Refusal (504) where the deadline of several operations is over before the next one has begun."""
        if asyncio.get_running_loop().time() >= deadline:
            raise Refusal("OPERATION_TIMEOUT", f"{self._rule(deadline)}; this one was not begun")

    async def query(self, work: Callable[[], Awaitable[T]], deadline: float | None = None) -> T:
        """What the work answers; it is cancelled when its time is over, which is a Refusal (504).

        It has a deadline of its own where it is given none.
        """
        await self._enter(deadline)
        try:
            async with asyncio.timeout_at(deadline or self.deadline()) as limit:
                return await work()
        except TimeoutError:
            if not limit.expired():
                raise
            message = f"{self._rule(deadline)}, this one took longer and was ended"
            raise Refusal("OPERATION_TIMEOUT", message) from None
        finally:
            self._turns.release()

    async def action(self, work: Callable[[], Awaitable[T]], deadline: float | None = None) -> T:
        """What the work answers; when its time is over, or its client gone, it goes on to its end behind the Refusal.

        An action that was cut in the middle could not say what it did. None begins after its deadline.
        """
        await self._enter(deadline)
        task: asyncio.Task[T] = asyncio.ensure_future(_awaited(work))
        self._acting.add(task)  # the loop itself keeps only weak references
        task.add_done_callback(self._acted)
        try:
            async with asyncio.timeout_at(deadline or self.deadline()) as limit:
                return await asyncio.shield(task)
        except TimeoutError:
            if not limit.expired():
                raise
            message = (
                f"{self._rule(deadline)}, this one took longer; the action goes on, so look at "
                "what it changes before you send it again"
            )
            task.add_done_callback(_told)
            raise Refusal("OPERATION_TIMEOUT", message) from None

    @contextmanager
    def subscription(self) -> Iterator[None]:
        """A turn of one subscription, however long it lasts; raises Refusal (503) where there is none.

        They have as many turns as other operations, and apart from these, which are not to wait for them.
        """
        if self._subscribed >= self.concurrency:
            raise self._overloaded("subscriptions")
        self._subscribed += 1
        try:
            yield
        finally:
            self._subscribed -= 1

    async def aclose(self, grace: float = GRACE) -> None:
        """Wait for the actions that go on, and leave those behind that take longer than so many seconds."""
        if not self._acting:
            return
        _, left = await asyncio.wait(self._acting, timeout=grace)
        if left:
            _log.error("%d actions were still going on after %g s and are left behind", len(left), grace)

    async def _enter(self, deadline: float | None) -> None:
        """Take one of the places; raises Refusal: 503 where none becomes free in time, 504 where it is too late."""
        await self._turn()
        if deadline is not None:
            try:
                self.in_time(deadline)
            except Refusal:
                self._turns.release()
                raise

    async def _turn(self) -> None:
        """Take one of the places; raises Refusal (503) where none becomes free in time.

        As many operations may wait as may be executed: more would only wait in vain.
        """
        if not self._turns.locked():
            await self._turns.acquire()
            return
        if self._waiting >= self.concurrency:
            raise self._overloaded()
        self._waiting += 1
        try:
            async with asyncio.timeout(self._patience):
                await self._turns.acquire()
        except TimeoutError:
            raise self._overloaded() from None
        finally:
            self._waiting -= 1

    def _rule(self, deadline: float | None) -> str:
        if deadline is None:
            return f"an operation may take {self.seconds:g} s"
        return f"the operations of a request may take {self.seconds:g} s together"

    def _acted(self, task: asyncio.Task[T]) -> None:
        self._acting.discard(task)
        self._turns.release()

    def _overloaded(self, what: str = "operations") -> Refusal:
        message = f"{self.concurrency} {what} are being executed, as many as there may be; try again in a moment"
        return Refusal("OVERLOADED", message, {"Retry-After": "1"})


def _told(task: asyncio.Task[T]) -> None:
    """Log how an action ended whose client has been answered already."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("an action that went on failed: %s", type(error).__name__)


async def _awaited(work: Callable[[], Awaitable[T]]) -> T:
    return await work()
