"""How often a client may ask and what it may cost: a bucket for each, here, or in Redis where replicas share.

Buckets are kept as one instant (GCRA, as in ITU-T I.371): the time at which the bucket will be full again. Times are
whole microseconds.
"""

import hashlib
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.exceptions import RedisError

WINDOW = 60_000_000
"""Microseconds in which an empty bucket fills."""
MOST_CLIENTS = 20_000
"""Buckets kept in memory; one that is forgotten is full."""
PATIENCE = 0.25
"""Seconds to wait for Redis."""
PAUSE = 5_000_000
"""Microseconds for which a Redis that failed is left alone."""
SAY_AGAIN = 60_000_000
"""Microseconds after which a failure that lasts is told again."""
_SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local full = tonumber(redis.call('GET', KEYS[1]) or now)
if full < now then full = now end
local taken = full + tonumber(ARGV[1])
if taken - now > tonumber(ARGV[2]) then return {0, full - now} end
redis.call('SET', KEYS[1], string.format('%.0f', taken), 'PX', math.ceil((taken - now) / 1000))
return {1, taken - now}
"""
Ticks = Callable[[], int]
"""A monotonic clock in microseconds."""
_log = logging.getLogger("shanhai.access")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request is within its client's limit; `wait` is the time until the bucket is full, in microseconds.

    `units` is what the request took or would have taken.
    """

    allowed: bool
    limit: int
    wait: int
    units: int = 1

    @property
    def remaining(self) -> int:
        """Units that may follow at once."""
        return min((WINDOW - self.wait) // interval_of(self.limit), self.limit)

    @property
    def reset_seconds(self) -> int:
        """Seconds until all of them may."""
        return -(-self.wait // 1_000_000)

    @property
    def retry_seconds(self) -> int:
        """Seconds after which as many units will be allowed, at least 1."""
        return max(1, -(-(self.wait + self.units * interval_of(self.limit) - WINDOW) // 1_000_000))


def interval_of(limit: int) -> int:
    """Microseconds in which one request becomes possible again."""
    return WINDOW // limit


class LocalBuckets:
    """Buckets of one process."""

    def __init__(self, ticks: Ticks) -> None:
        self._ticks = ticks
        self._full: OrderedDict[str, int] = OrderedDict()

    def take(self, client: str, limit: int, units: int = 1) -> Verdict:
        """Take so many units from the bucket of a client."""
        now = self._ticks()
        full = max(self._full.get(client, now), now)
        taken = full + units * interval_of(limit)
        if taken - now > WINDOW:
            return Verdict(allowed=False, limit=limit, wait=full - now, units=units)
        self._full[client] = taken
        self._full.move_to_end(client)
        while len(self._full) > MOST_CLIENTS:
            self._full.popitem(last=False)
        return Verdict(allowed=True, limit=limit, wait=taken - now, units=units)


class Quotas:
    """Counts by client; `per_minute` is the limit of who has none of their own, `kind` tells buckets apart in Redis."""

    def __init__(
        self, per_minute: int, redis: Redis | None = None, ticks: Ticks | None = None, kind: str = "quota"
    ) -> None:
        self._per_minute, self._redis, self._kind = per_minute, redis, kind
        self._ticks = ticks or _microseconds
        self._local = LocalBuckets(self._ticks)
        self._left_until = self._quiet_until = self._ticks()

    async def take(self, client: str, per_minute: int | None, units: int = 1) -> Verdict:
        """Count one request, or so many units; while Redis does not answer, each process counts for itself.

        More units than a full bucket holds take a full bucket.
        """
        limit = per_minute or self._per_minute
        units = min(units, limit)
        if self._redis is not None and self._ticks() >= self._left_until:
            try:
                return await self._shared(self._redis, client, limit, units)
            except (RedisError, OSError) as error:
                self._note(error)
        return self._local.take(client, limit, units)

    async def aclose(self) -> None:
        """Close the connection to Redis."""
        if self._redis is not None:
            await self._redis.aclose()

    async def _shared(self, redis: Redis, client: str, limit: int, units: int) -> Verdict:
        # a client may be named by an issuer, and Redis need not learn by what
        key = f"shanhai:{self._kind}:{hashlib.sha256(client.encode()).hexdigest()}"
        allowed, wait = await redis.eval(_SCRIPT, 1, key, units * interval_of(limit), WINDOW)
        return Verdict(allowed=bool(allowed), limit=limit, wait=int(wait), units=units)

    def _note(self, error: Exception) -> None:
        now = self._ticks()
        self._left_until = now + PAUSE
        if now >= self._quiet_until:
            self._quiet_until = now + SAY_AGAIN
            _log.warning("Redis does not answer (%s); quotas are counted by each process alone", type(error).__name__)


def open_quotas(per_minute: int, redis_url: str | None, kind: str = "quota") -> Quotas:
    """Quotas of a process, shared between replicas by Redis where there is one."""
    if redis_url is None:
        return Quotas(per_minute, kind=kind)
    redis = Redis.from_url(redis_url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE)
    return Quotas(per_minute, redis, kind=kind)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What some sort of client may do in a minute: how many requests, and units of cost; None counts nothing."""

    requests: Quotas | None = None
    cost: Quotas | None = None

    async def aclose(self) -> None:
        """Close the connections to Redis."""
        for quotas in (self.requests, self.cost):
            if quotas is not None:
                await quotas.aclose()


def open_allowance(requests: int, cost: int, redis_url: str | None, kind: str) -> Allowance:
    """The allowance of one sort of client; 0 counts nothing."""
    return Allowance(
        open_quotas(requests, redis_url, f"{kind}:requests") if requests else None,
        open_quotas(cost, redis_url, f"{kind}:cost") if cost else None,
    )


def _microseconds() -> int:
    return time.monotonic_ns() // 1000
