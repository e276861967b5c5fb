"""Caches hold bytes, in bounded memory or in Redis, and tell the two apart by nothing."""

import asyncio

import pytest

from gateway.cache import open_cache


@pytest.mark.parametrize("where", ["memory", "redis"])
async def test_bytes_come_back_as_they_went_in(where: str, request: pytest.FixtureRequest) -> None:
    cache = open_cache(request.getfixturevalue("redis_url") if where == "redis" else None)
    async with cache:
        assert await cache.get("absent") is None
        assert await cache.set("key", b"\x00\xff", ttl=60)
        assert await cache.get("key") == b"\x00\xff"
        await cache.delete("key")
        assert await cache.get("key") is None


async def test_memory_is_bounded_and_the_oldest_entry_goes_first() -> None:
    cache = open_cache(None, entries=3)
    for number in range(5):
        await cache.set(f"key{number}", b"x")
    await cache.set("key4", b"y")
    assert [await cache.get(f"key{number}") for number in range(5)] == [None, None, b"x", b"x", b"y"]


async def test_a_shared_cache_that_is_gone_forgets_instead_of_failing() -> None:
    async with open_cache("redis://127.0.0.1:1") as cache:
        assert await cache.set("key", b"x") is False
        assert await cache.get("key") is None


async def test_memory_is_bounded_by_bytes_too() -> None:
    cache = open_cache(None, most_bytes=10)
    assert await cache.set("large", b"x" * 11) is False
    for key, size in (("a", 4), ("b", 4), ("c", 4), ("b", 6)):
        assert await cache.set(key, b"x" * size)
    assert [await cache.get(key) for key in ("large", "a", "b", "c")] == [None, None, b"x" * 6, b"x" * 4]


async def test_bytes_of_what_has_expired_are_free_again() -> None:
    cache = open_cache(None, most_bytes=10)
    await cache.set("short", b"x" * 10, ttl=0.01)
    await asyncio.sleep(0.05)
    assert await cache.get("short") is None
    assert await cache.set("a", b"x" * 5)
    assert await cache.set("b", b"x" * 5)
    assert [await cache.get("a"), await cache.get("b")] == [b"x" * 5] * 2
