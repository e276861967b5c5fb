"""What is under way to one platform, and what it failed at just now."""

import asyncio
import math
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from gateway.catalog.live.asking.breaker import Breaker
from gateway.catalog.live.asking.kept import Question
from gateway.catalog.live.asking.ports import Serving
from gateway.catalog.live.asking.rules import AskingRules
from gateway.catalog.live.model import SourceAnswer

Task = asyncio.Task[SourceAnswer]
MOST_FAILURES = 1_000
"""Failures of one platform that are remembered at one time."""


@dataclass(frozen=True, slots=True)
class _Flight:
    first: int
    task: Task


class Flights:
    """Calls under way to one platform; each may have any number of waiters, or none any more."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._by_question: dict[Question, _Flight] = {}
        self._running: set[Task] = set()

    def __len__(self) -> int:
        """How many are under way."""
        return len(self._running)

    @property
    def full(self) -> bool:
        """Whether no other may start."""
        return len(self._running) >= self._most

    def find(self, question: Question, first: int) -> Task | None:
        """A flight that asks the same for at least so many records."""
        flight = self._by_question.get(question)
        return flight.task if flight is not None and flight.first >= first else None

    def start(self, question: Question, first: int, call: Coroutine[Any, Any, SourceAnswer]) -> Task:
        """Let a call fly on its own, whoever waits for it."""
        task = asyncio.create_task(call)
        flight = self._by_question[question] = _Flight(first, task)
        self._running.add(task)

        def landed(_: Task) -> None:
            self._running.discard(task)
            if self._by_question.get(question) is flight:
                del self._by_question[question]

        task.add_done_callback(landed)
        return task

    def cancel(self) -> list[Task]:
        """Cancel all; what is returned still has to end."""
        for task in self._running:
            task.cancel()
        return list(self._running)


async def landed_within(flight: Task, seconds: float) -> bool:
    """Whether a flight ends within so many seconds; it goes on if not, also where the waiting itself is cancelled."""
    loop = asyncio.get_running_loop()
    waiter: asyncio.Future[None] = loop.create_future()

    def release(_: Task | None = None) -> None:
        if not waiter.done():
            waiter.set_result(None)

    # what asyncio.wait does, at half its price
    flight.add_done_callback(release)
    timer = loop.call_later(seconds, release)
    try:
        await waiter
    finally:
        timer.cancel()
        flight.remove_done_callback(release)
    return flight.done()


class Failures:
    """Failures that are answered from memory: of one question, or of all while the platform asks to be left alone."""

    def __init__(self) -> None:
        self._by_question: dict[Question, tuple[float, SourceAnswer]] = {}
        self._hold: tuple[float, SourceAnswer] | None = None

    def __len__(self) -> int:
        """Questions whose failure is remembered."""
        return len(self._by_question)

    def find(self, question: Question, now: float) -> SourceAnswer | None:
        """What a question is answered with instead of asking."""
        own = self._by_question.get(question)
        if own is not None:
            if now < own[0]:
                return own[1]
            del self._by_question[question]
        if self._hold is not None:
            if now < self._hold[0]:
                return self._hold[1]
            self._hold = None
        return None

    def remember(self, question: Question, failure: SourceAnswer, until: float, now: float) -> None:
        """Answer this question so until that instant."""
        self._by_question.pop(question, None)
        while self._by_question:
            oldest = next(iter(self._by_question))
            if now < self._by_question[oldest][0] and len(self._by_question) < MOST_FAILURES:
                break
            del self._by_question[oldest]
        self._by_question[question] = until, failure

    def hold(self, failure: SourceAnswer, until: float) -> None:
        """Answer every question so until that instant, or longer where that was said before."""
        if self._hold is None or until > self._hold[0]:
            self._hold = until, failure

    def forget(self, question: Question) -> None:
        """The question was answered."""
        self._by_question.pop(question, None)


class Line:
    """The line to one platform as it is served; another version, or other credentials, start with a clean one."""

    def __init__(self, serving: Serving, rules: AskingRules) -> None:
        self.serving = serving
        self.flights = Flights(rules.flights)
        self.failures = Failures()
        self.breaker = Breaker(rules.breaker)
        self.answered_at = -math.inf
        """When the platform last answered anything."""
        self.last_error: str | None = None
        """Code of the last failure that counted for the circuit."""
