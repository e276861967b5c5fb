"""Caches hold bytes, in bounded memory or in Redis, and tell the two apart by nothing."""

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
