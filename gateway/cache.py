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


class _Weighed(dict[str, bytes]):
    """A dict that knows how many bytes its values have; aiocache sets and pops, and does nothing else to it."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes = 0

    def __setitem__(self, key: str, value: bytes) -> None:
        self.bytes += len(value) - len(self.get(key, b""))
        super().__setitem__(key, value)

    def pop(self, key: str, *default: Any) -> Any:
        self.bytes -= len(self.get(key, b""))
        return super().pop(key, *default)


class BoundedMemoryCache(SimpleMemoryCache):  # type: ignore[misc]
    """aiocache's memory cache forgets only by age; this one also forgets the oldest entries when it is full."""

    def __init__(self, entries: int, most_bytes: int, **options: Any) -> None:
        super().__init__(timeout=0, **options)  # nothing here waits, and a timeout costs more than the look-up
        self._entries, self._most_bytes = entries, most_bytes
        self._cache: _Weighed = _Weighed()

    async def get(self, key: str, default: bytes | None = None, **_options: Any) -> bytes | None:
        """What is kept under a key; aiocache's own looks at the environment, plug-ins and clocks each time."""
        return self._cache.get(self.build_key(key, namespace=self.namespace), default)

    async def _set(self, key: str, value: bytes, ttl: float | None = None, **options: Any) -> bool:
        if len(value) > self._most_bytes:
            return False
        await self._delete(key)  # what is set again is the newest
        while self._cache and (len(self._cache) >= self._entries or self._cache.bytes + len(value) > self._most_bytes):
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


def open_cache(
    redis_url: str | None, *, namespace: str = "shanhai:", entries: int = 2_000, most_bytes: int = 64 * 2**20
) -> BaseCache:
    """A cache of bytes by text key; put the generation of what was computed into the key, nothing is ever cleared.

    In memory it holds at most so many entries and bytes, the newest ones.
    """
    if redis_url is None:
        return BoundedMemoryCache(entries, most_bytes, namespace=namespace, serializer=BytesSerializer())
    return SharedCache(redis_url, namespace=namespace, serializer=BytesSerializer())
