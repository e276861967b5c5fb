"""Asking again: idempotent requests only, with jitter, inside the request's deadline and a retry budget."""

import asyncio
import random as randomness
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic

from connectors.errors import Throttled, Transient
from connectors.transport.limits import Limits
from connectors.transport.seam import Request, Response, Transport

RETRIED_STATUSES = frozenset({429, 502, 503, 504})
MOST_SECONDS = 366 * 86_400.0
BUDGET = 10.0


def _utc_now() -> datetime:
    return datetime.now(UTC)


def retry_after_seconds(value: str | None, now: datetime) -> float | None:
    """Seconds that a `Retry-After` header asks to wait (RFC 9110, 10.2.3: seconds or an HTTP date).

    An instant in the past is zero; None where the header is absent or cannot be read; never more than a year.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:20]), MOST_SECONDS)
    try:
        instant = parsedate_to_datetime(text)
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=UTC)
        seconds = (instant - now).total_seconds()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return min(max(seconds, 0.0), MOST_SECONDS)


class Retrying:
    """Repeats idempotent requests after `Transient` errors and the statuses 429, 502, 503 and 504.

    Pauses are random between zero and a bound that doubles (full jitter); `Retry-After` is honored as the least pause.
    When the pause would reach past `request.timeout` or past `max_backoff_seconds`, or the budget of retries is spent,
    the last answer or error stands.
    """

    def __init__(
        self,
        inner: Transport,
        limits: Limits,
        *,
        clock: Callable[[], float] = monotonic,
        now: Callable[[], datetime] = _utc_now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        random: Callable[[], float] = randomness.random,
    ) -> None:
        self._inner = inner
        self._limits = limits
        self._clock = clock
        self._now = now
        self._sleep = sleep
        self._random = random
        self._budget = BUDGET

    async def send(self, request: Request) -> Response:
        """Send, and send again where that makes sense."""
        ends_at = self._clock() + request.timeout
        seconds = request.timeout
        self._budget = min(BUDGET, self._budget + self._limits.retry_ratio)
        for attempt in range(self._limits.retries + 1):
            outcome = await self._attempt(request.within(min(self._limits.attempt_seconds, seconds)))
            pause = self._pause(request, outcome, attempt)
            if pause is None or pause >= ends_at - self._clock():
                break
            self._budget -= 1
            await self._sleep(pause)
            seconds = max(0.0, ends_at - self._clock())
            if request.renew is not None:
                request = request.renew(request)
        if isinstance(outcome, Transient):
            raise outcome
        return outcome

    async def aclose(self) -> None:
        """Close what is inside."""
        await self._inner.aclose()

    async def _attempt(self, request: Request) -> Response | Transient:
        try:
            return await self._inner.send(request)
        except Transient as error:
            return error

    def _pause(self, request: Request, outcome: Response | Transient, attempt: int) -> float | None:
        """Seconds to wait before asking again, or None where the outcome stands."""
        if not request.idempotent or attempt == self._limits.retries or self._budget < 1:
            return None
        asked: float | None = None
        if isinstance(outcome, Response):
            if outcome.status not in RETRIED_STATUSES:
                return None
            asked = retry_after_seconds(outcome.headers.get("retry-after"), self._now())
        elif isinstance(outcome, Throttled):
            asked = outcome.retry_after
        if asked is not None and asked > self._limits.max_backoff_seconds:
            return None
        bound = min(self._limits.max_backoff_seconds, self._limits.backoff_seconds * 2.0**attempt)
        return max(asked or 0.0, self._random() * bound)
