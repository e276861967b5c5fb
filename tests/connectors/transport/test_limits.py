"""Rates and concurrency are kept, and nobody waits past their time."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.errors import Timeout
from connectors.transport import Limited, Limits, Request, Response
from tests.connectors.transport.fakes import FakeTime, Scripted, get


class Held:
    """Keeps every request until it is let go."""

    def __init__(self) -> None:
        self.inside = self.most = 0
        self.gate = asyncio.Event()

    async def send(self, request: Request) -> Response:
        self.inside += 1
        self.most = max(self.most, self.inside)
        await self.gate.wait()
        self.inside -= 1
        return Response(200, {}, b"", request.url)

    async def aclose(self) -> None:
        self.gate.set()


@given(st.integers(1, 50), st.integers(1, 5), st.integers(1, 20))
async def test_requests_keep_to_the_rate_after_the_burst(rate: int, burst: int, count: int) -> None:
    time, starts = FakeTime(), list[float]()
    inner = Scripted(before=lambda: starts.append(time.seconds - 100))
    limited = Limited(inner, Limits(requests_per_second=rate, burst=burst), clock=time.clock, sleep=time.sleep)
    for _ in range(count):
        await limited.send(get())
    assert starts == pytest.approx([max(0, index - burst + 1) / rate for index in range(count)])


async def test_an_idle_platform_earns_no_more_than_the_burst() -> None:
    time = FakeTime()
    limited = Limited(Scripted(), Limits(requests_per_second=1, burst=2), clock=time.clock, sleep=time.sleep)
    time.seconds += 1000
    for _ in range(4):
        await limited.send(get())
    assert time.naps == [1, 1]


async def test_no_more_requests_run_at_once_than_allowed() -> None:
    inner = Held()
    limited = Limited(inner, Limits(requests_per_second=1000, burst=100, concurrency=3))
    tasks = [asyncio.create_task(limited.send(get())) for _ in range(10)]
    for _ in range(20):
        await asyncio.sleep(0)
    assert inner.inside == 3
    inner.gate.set()
    assert [response.status for response in await asyncio.gather(*tasks)] == [200] * 10
    assert inner.most == 3


async def test_a_turn_that_comes_too_late_is_a_timeout_and_takes_no_place() -> None:
    time, inner = FakeTime(), Scripted()
    limited = Limited(inner, Limits(requests_per_second=0.1), clock=time.clock, sleep=time.sleep)
    await limited.send(get())
    for _ in range(3):
        with pytest.raises(Timeout, match="limits of the platform"):
            await limited.send(get(timeout=5))
    await limited.send(get(timeout=30))
    assert time.naps == [10]
    assert len(inner.asked) == 2


async def test_waiting_for_a_slot_ends_with_the_time() -> None:
    inner = Held()
    limited = Limited(inner, Limits(requests_per_second=1000, burst=10, concurrency=1))
    first = asyncio.create_task(limited.send(get()))
    await asyncio.sleep(0)
    with pytest.raises(Timeout):
        await limited.send(get(timeout=0.02))
    inner.gate.set()
    assert (await first).status == 200
    assert (await limited.send(get())).status == 200


async def test_what_is_inside_gets_the_time_that_is_left() -> None:
    time, inner = FakeTime(), Scripted()
    limited = Limited(inner, Limits(requests_per_second=0.5), clock=time.clock, sleep=time.sleep)
    await limited.send(get(timeout=10))
    await limited.send(get(timeout=10))
    assert [request.timeout for request in inner.asked] == [10, 8]


async def test_nothing_is_copied_where_nothing_is_waited_for() -> None:
    time, inner = FakeTime(), Scripted()
    limited = Limited(inner, Limits(requests_per_second=1, burst=2), clock=time.clock, sleep=time.sleep)
    first, second, third = get(timeout=10), get(timeout=10), get(timeout=10)
    for request in (first, second, third):
        await limited.send(request)
    assert [asked is request for asked, request in zip(inner.asked, (first, second, third), strict=True)] == [
        True,
        True,
        False,
    ]


async def test_those_who_wait_for_a_slot_are_served_in_the_order_of_asking() -> None:
    inner, order = Held(), list[int]()
    limited = Limited(inner, Limits(requests_per_second=1000, burst=100, concurrency=1))

    async def ask(number: int) -> None:
        await limited.send(get())
        order.append(number)

    tasks = [asyncio.create_task(ask(number)) for number in range(6)]
    for _ in range(10):
        await asyncio.sleep(0)
    inner.gate.set()
    await asyncio.gather(*tasks)
    assert order == list(range(6))
    assert inner.most == 1


async def test_an_error_inside_frees_the_slot() -> None:
    inner = Scripted([Timeout("t")])
    limited = Limited(inner, Limits(requests_per_second=1000, burst=10, concurrency=1))
    for _ in range(3):
        with pytest.raises(Timeout):
            await limited.send(get(timeout=1))
    assert len(inner.asked) == 3


def test_limits_are_written_in_camel_case_and_all_have_defaults() -> None:
    assert Limits.model_validate({"requestsPerSecond": 2, "maxBackoffSeconds": 3}) == Limits(
        requests_per_second=2, max_backoff_seconds=3
    )
    assert Limits.model_validate({}) == Limits()
    assert Limits.model_validate({"requestsPerSecond": 10_000, "concurrency": 1_024}).concurrency == 1_024


@pytest.mark.parametrize(
    "wrong",
    [
        {"requestsPerSecond": 0},
        {"requestsPerSecond": 10_001},
        {"concurrency": 0},
        {"concurrency": 1_025},
        {"retries": 11},
        {"timeoutSeconds": -1},
        {"rate": 1},
    ],
)
def test_limits_out_of_bounds_and_unknown_keys_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Limits.model_validate(wrong)
