"""Quotas: as many requests as are allowed and not one more, in one process and shared through Redis."""

import asyncio
import logging
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from gateway.access.quotas import (
    MOST_CLIENTS,
    PAUSE,
    SAY_AGAIN,
    WINDOW,
    Allowance,
    LocalBuckets,
    Quotas,
    Verdict,
    interval_of,
    open_allowance,
    open_quotas,
)
from tests.services.availability import free_port

SECOND = 1_000_000


class Ticks:
    """A clock that stands still until it is moved, in microseconds."""

    def __init__(self) -> None:
        self.now = 5

    def __call__(self) -> int:
        return self.now


def allowed(buckets: LocalBuckets, client: str, limit: int, times: int) -> list[bool]:
    return [buckets.take(client, limit).allowed for _ in range(times)]


def test_a_full_bucket_lets_a_minutes_requests_through_at_once_and_fills_evenly() -> None:
    ticks = Ticks()
    buckets = LocalBuckets(ticks)
    assert allowed(buckets, "a", 6, 8) == [True] * 6 + [False] * 2
    assert allowed(buckets, "b", 6, 1) == [True]
    ticks.now += 10 * SECOND - 1
    assert allowed(buckets, "a", 6, 1) == [False]
    ticks.now += 1
    assert allowed(buckets, "a", 6, 2) == [True, False]
    ticks.now += 60 * SECOND
    assert allowed(buckets, "a", 6, 7) == [True] * 6 + [False]


def test_a_verdict_tells_what_is_left_and_when_more_will_be() -> None:
    ticks = Ticks()
    buckets = LocalBuckets(ticks)
    first = buckets.take("a", 6)
    assert (first.remaining, first.reset_seconds) == (5, 10)
    for _ in range(5):
        last = buckets.take("a", 6)
    assert (last.remaining, last.reset_seconds) == (0, 60)
    refused = buckets.take("a", 6)
    assert (refused.allowed, refused.remaining, refused.retry_seconds) == (False, 0, 10)
    ticks.now += 9_500_000
    assert buckets.take("a", 6).retry_seconds == 1


@given(st.integers(1, 1_000_000), st.lists(st.integers(0, 3 * SECOND), max_size=300))
def test_no_window_lets_more_through_than_a_bucket_and_what_filled_it(limit: int, pauses: list[int]) -> None:
    ticks = Ticks()
    buckets = LocalBuckets(ticks)
    passed, begun = 0, ticks.now
    for pause in pauses:
        ticks.now += pause
        verdict = buckets.take("a", limit)
        passed += verdict.allowed
        assert 0 <= verdict.remaining <= limit
        assert passed <= WINDOW // interval_of(limit) + (ticks.now - begun) // interval_of(limit)
        if not verdict.allowed:
            ticks.now += verdict.retry_seconds * SECOND
            assert buckets.take("a", limit).allowed
            passed += 1


def test_buckets_in_memory_are_bounded() -> None:
    buckets = LocalBuckets(Ticks())
    for number in range(MOST_CLIENTS + 50):
        buckets.take(str(number), 60)
    assert len(buckets._full) == MOST_CLIENTS
    assert str(MOST_CLIENTS + 49) in buckets._full


async def test_a_key_may_have_a_limit_of_its_own() -> None:
    quotas = Quotas(2, ticks=Ticks())
    assert [(await quotas.take("a", None)).allowed for _ in range(3)] == [True, True, False]
    assert [(await quotas.take("b", 1)).allowed for _ in range(2)] == [True, False]


async def test_replicas_share_a_bucket_through_redis(redis_url: str) -> None:
    one, other = open_quotas(10, redis_url), open_quotas(10, redis_url)
    try:
        verdicts = await asyncio.gather(*(each.take("a", None) for _ in range(20) for each in (one, other)))
        assert sum(verdict.allowed for verdict in verdicts) == 10
        assert (await other.take("b", 3)) == Verdict(allowed=True, limit=3, wait=20 * SECOND)
        async with Redis.from_url(redis_url) as redis:
            names = await redis.keys("*")
            assert len(names) == 2
            assert all(re.fullmatch(rb"shanhai:quota:[0-9a-f]{64}", name) for name in names if isinstance(name, bytes))
            assert all([0 < await redis.pttl(name) <= 60_000 for name in names])
    finally:
        await one.aclose()
        await other.aclose()


async def test_units_are_taken_as_a_whole_or_not_at_all_and_are_counted_beside_requests(redis_url: str) -> None:
    allowance = open_allowance(2, 100, redis_url, "anonymous")
    requests, cost = allowance.requests, allowance.cost
    assert requests is not None
    assert cost is not None
    try:
        took = [(await cost.take("a", None, units)).allowed for units in (60, 50, 40, 1)]
        assert took == [True, False, True, False]
        assert (await cost.take("b", None, 1_000)).allowed, "all there is, where more is asked than there ever is"
        assert not (await cost.take("b", None, 1)).allowed
        assert [(await requests.take("a", None)).allowed for _ in range(3)] == [True, True, False]
    finally:
        await allowance.aclose()
    assert open_allowance(0, 0, redis_url, "anonymous") == Allowance()


def test_a_refusal_tells_when_as_many_units_are_there_again() -> None:
    ticks = Ticks()
    buckets = LocalBuckets(ticks)
    assert buckets.take("a", 60, 50).remaining == 10
    refused = buckets.take("a", 60, 30)
    assert (refused.allowed, refused.remaining, refused.retry_seconds) == (False, 10, 20)
    ticks.now += 20 * SECOND
    assert buckets.take("a", 60, 30).allowed


async def test_without_redis_each_process_counts_for_itself_and_says_so_once_a_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ticks = Ticks()
    redis = Redis.from_url(f"redis://127.0.0.1:{free_port()}/0", socket_connect_timeout=0.25)
    quotas = Quotas(3, redis, ticks)
    with caplog.at_level(logging.WARNING, "shanhai.access"):
        assert [(await quotas.take("a", None)).allowed for _ in range(4)] == [True, True, True, False]
        for _ in range(11):
            ticks.now += PAUSE
            await quotas.take("a", None)
        assert len(caplog.records) == 1
        ticks.now += SAY_AGAIN
        await quotas.take("a", None)
    assert len(caplog.records) == 2
    assert "quotas are counted by each process alone" in caplog.records[0].message
    await quotas.aclose()
