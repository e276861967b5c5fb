"""Caches through aiocache: bounded memory in one process, Redis when replicas share."""

import logging
from typing import Any

from aiocache import SimpleMemoryCache
from aiocache.backends.redis import RedisCache
from aiocache.base import BaseCache
from aiocache.serializers import BaseSerializer
from redis.asyncio import Redis
from redis.exceptions import RedisError

_log = logging.getLogger("shanhai.cache")
PATIENCE = 0.25
"""Seconds to wait for the shared cache; computing an answer takes less."""


class BytesSerializer(BaseSerializer):  # type: ignore[misc]  # aiocache is untyped
    """Values are bytes and stay as they are; nothing is ever pickled."""

    DEFAULT_ENCODING = None

    def dumps(self, value: bytes) -> bytes:
        """Bytes in."""
        return value

    def loads(self, value: bytes | None) -> bytes | None:
        """Bytes out."""
        return value


class BoundedMemoryCache(SimpleMemoryCache):  # type: ignore[misc]
    """aiocache's memory cache forgets only by age; this one also forgets the oldest entry when it is full."""

    def __init__(self, entries: int, **options: Any) -> None:
        super().__init__(**options)
        self._entries = entries

    async def _set(self, key: str, value: bytes, ttl: float | None = None, **options: Any) -> bool:
        # aiocache keeps a plain dict, whose first key is the oldest
        while len(self._cache) >= self._entries and key not in self._cache:
            await self._delete(next(iter(self._cache)))
        return bool(await super()._set(key, value, ttl=ttl, **options))


class SharedCache(RedisCache):  # type: ignore[misc]
    """aiocache's Redis cache on commands that redis-py 8 does not deprecate, opened from a URL."""

    def __init__(self, url: str, **options: Any) -> None:
        super().__init__(**options)
        self.client = Redis.from_url(url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE)

    async def _get(self, key: str, *_args: Any, **_options: Any) -> bytes | None:
        try:
            found = await self.client.get(key)
        except (RedisError, OSError) as error:
            _log.warning("the shared cache does not answer (%s); answers are computed instead", type(error).__name__)
            return None
        return found.encode() if isinstance(found, str) else found

    async def _set(self, key: str, value: bytes, ttl: float | None = None, **_options: Any) -> bool:
        try:
            return bool(await self.client.set(key, value, px=None if ttl is None else max(1, int(ttl * 1000))))
        except (RedisError, OSError):
            return False

    async def _close(self, *_args: Any, **_options: Any) -> None:
        await self.client.aclose()


def open_cache(redis_url: str | None, *, namespace: str = "shanhai:", entries: int = 2_000) -> BaseCache:
    """A cache of bytes by text key; put the generation of what was computed into the key, nothing is ever cleared."""
    if redis_url is None:
        return BoundedMemoryCache(entries, namespace=namespace, serializer=BytesSerializer())
    return SharedCache(redis_url, namespace=namespace, serializer=BytesSerializer())
