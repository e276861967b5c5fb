"""One bound for everything done for a request, and one timer for all of them."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st

from connectors.context import ConnectorContext
from connectors.errors import Timeout
from connectors.transport import Bounded, Request, Response, Until
from connectors.transport.deadline import Deadlines
from tests.connectors.transport.fakes import FakeTime, Scripted, get

T = TypeVar("T")


class Virtual(asyncio.SelectorEventLoop):
    """An event loop whose time passes only by waiting, and then at once."""

    _now = 0.0
    _ready: list[object]
    _scheduled: list[asyncio.TimerHandle]

    def time(self) -> float:
        return self._now

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:
            self._now = max(self._now, self._scheduled[0].when())
        super()._run_once()  # type: ignore[misc]  # where the loops of asyncio wait


def virtually(coroutine: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns in such a loop."""
    with asyncio.Runner(loop_factory=Virtual) as runner:
        return runner.run(coroutine)


class Sleepy:
    """Never answers."""

    async def send(self, request: Request) -> Response:
        await asyncio.Event().wait()
        raise AssertionError

    async def aclose(self) -> None:
        pass


@pytest.mark.parametrize(("own", "bound", "given"), [(5, 60, 5), (600, 60, 60)])
async def test_the_lesser_of_the_two_bounds_counts(own: float, bound: float, given: float) -> None:
    inner = Scripted()
    await Bounded(inner, bound).send(get(timeout=own))
    assert [request.timeout for request in inner.asked] == [given]


async def test_what_takes_longer_is_a_timeout_without_the_query() -> None:
    with pytest.raises(Timeout, match=r"^GET https://platform.example/api: no complete answer within 0.01 seconds$"):
        await Bounded(Sleepy(), 0.01).send(get())


async def test_what_is_done_for_one_question_shares_its_time() -> None:
    time, inner = FakeTime(), Scripted()
    until = Until(inner, 5, time.clock)
    for own, passing in ((30, 3), (1, 1), (30, 1)):
        await until.send(get(timeout=own))
        time.seconds += passing
    with pytest.raises(Timeout, match="no complete answer within 5 seconds"):
        await until.send(get())
    assert [request.timeout for request in inner.asked] == [5, 1, 1]
    await until.aclose()
    assert not inner.closed


async def test_a_context_is_the_same_world_with_less_time() -> None:
    inner = Scripted()
    context = ConnectorContext("river", inner, {"key": "value"}, secret_origins=frozenset({"https://platform.example"}))
    await context.within(3).transport.send(get(timeout=30))
    assert 0 < inner.asked[0].timeout <= 3
    assert replace(context.within(3), transport=inner) == context


def test_every_request_has_a_deadline_of_its_own() -> None:
    async def main() -> dict[float, float]:
        bounded, ended = Bounded(Sleepy(), 5), dict[float, float]()

        async def ask(start: float, seconds: float) -> None:
            await asyncio.sleep(start)
            with suppress(Timeout):
                await bounded.send(get(timeout=seconds))
            ended[seconds] = asyncio.get_running_loop().time()

        await asyncio.gather(*(ask(start, seconds) for start, seconds in [(0, 4), (1, 1), (1, 9), (2, 1.5)]))
        return ended

    assert virtually(main()) == {1: 2, 1.5: 3.5, 4: 4, 9: 6}


async def test_a_request_of_a_canceled_task_is_canceled_and_no_timeout() -> None:
    bounded = Bounded(Sleepy(), 5)
    task = asyncio.create_task(bounded.send(get()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_closed_transport_leaves_no_timer() -> None:
    bounded = Bounded(Scripted(), 5)
    await bounded.send(get())
    timer = bounded._deadlines._timer
    assert timer is not None
    assert not timer.cancelled()
    await bounded.aclose()
    assert timer.cancelled()


def test_the_next_event_loop_has_a_timer_of_its_own() -> None:
    bounded = Bounded(Sleepy(), 0.01)
    for run in (asyncio.run, uvloop.run, asyncio.run):
        with pytest.raises(Timeout):
            run(bounded.send(get()))


Step = tuple[str, int]
STEPS = st.lists(st.tuples(st.sampled_from(["sleep", "cancel"]), st.integers(0, 3)), max_size=3)


async def outcome(bound: Callable[[float], object], seconds: int, outer: int, steps: list[Step]) -> str:
    """How a block of sleeps ends under two nested deadlines; some of its sleeps end in a cancellation from outside."""

    async def block() -> str:
        for kind, ticks in steps:
            await asyncio.sleep(ticks + 0.1)  # so that nothing happens at the instant of a deadline
            if kind == "cancel":
                asyncio.get_running_loop().call_soon(task.cancel)
                await asyncio.sleep(0.01)
        return "done"

    async def within(manager: object) -> str:
        if isinstance(manager, asyncio.Timeout):
            async with manager:
                return await block()
        with manager:  # type: ignore[attr-defined]  # what `Deadlines.within` gives
            return await block()

    async def bounded() -> str:
        found = "outer"
        with suppress(TimeoutError):
            async with asyncio.timeout(outer + 0.5):
                try:
                    found = await within(bound(seconds))
                except TimeoutError:
                    found = "inner"
                await asyncio.sleep(0)
        return f"{found}, {task.cancelling()}, at {asyncio.get_running_loop().time()}"

    task = asyncio.create_task(bounded())
    with suppress(asyncio.CancelledError):
        return await task
    return f"canceled at {asyncio.get_running_loop().time()}"


@given(st.integers(0, 6), st.integers(0, 8), STEPS)
def test_a_deadline_ends_a_block_as_a_timeout_of_asyncio_does(seconds: int, outer: int, steps: list[Step]) -> None:
    deadlines = Deadlines()
    found = virtually(outcome(deadlines.within, seconds, outer, steps))
    assert found == virtually(outcome(asyncio.timeout, seconds, outer, steps))
    assert deadlines._bounds == set()
