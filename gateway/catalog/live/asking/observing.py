"""What is told of each question to a platform and of each call: for metrics, and for how platforms are doing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from gateway.catalog.live.asking.flights import Line

OPERATION = "search"


class Way(StrEnum):
    """How a question was answered, whatever the answer."""

    FRESH = "fresh"
    """From a kept answer that is young enough."""
    STALE = "stale"
    """From an older one, and the platform was called behind it."""
    NEGATIVE = "negative"
    """From a failure of a moment ago."""
    SHARED = "shared"
    """By a call that another question had begun."""
    CALLED = "called"
    """By a call of its own."""
    BREAKER = "breaker"
    """Not asked: the circuit is open."""
    FULL = "full"
    """Not asked: too many calls are under way."""
    SKIPPED = "skipped"
    """Not asked: the platform is not served, or has nothing that the viewer may see."""


class Observer(Protocol):
    """Whoever counts; words are few, whatever is asked."""

    def observe_ask(self, platform: str, way: str, state: str) -> None:
        """Told of every question that was answered: how, and what the asker was told."""
        ...

    def observe_call(self, platform: str, state: str, seconds: float) -> None:
        """Told of every call to a platform when it has ended."""
        ...


@dataclass(frozen=True, slots=True)
class Circuit:
    """The breaker around a platform's search, as it is at one moment.

    While `open`, nothing is asked: before `retry_at`, or, where that is None, until the one call that tries the
    platform has ended. Not open with failures means that the next question is asked. `since` is when the first of the
    failures came, `last_error` the code of the last one; None without failures.
    """

    operation: str
    open: bool
    failures: int
    retry_at: datetime | None = None
    since: datetime | None = None
    last_error: str | None = None


def circuit_of(line: Line, now: datetime, ticks: float) -> Circuit:
    """The circuit of one line; `now` and `ticks` (monotonic seconds) are the same moment."""
    breaker = line.breaker

    def moment(instant: float | None) -> datetime | None:
        return None if instant is None else now + timedelta(seconds=instant - ticks)

    last_error = line.last_error if breaker.failures else None
    retry_at, since = moment(breaker.retry_at(ticks)), moment(breaker.failing_since)
    return Circuit(OPERATION, breaker.refuses(ticks), breaker.failures, retry_at, since, last_error)
