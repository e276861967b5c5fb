"""Asks one platform and always has an answer: from memory, from the platform, or why there is none."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from connectors.errors import ConnectorError, Throttled
from connectors.records import LiveAnswer, LiveQuery
from gateway.catalog.live.asking.breaker import Verdict
from gateway.catalog.live.asking.flights import Line, Task, landed_within
from gateway.catalog.live.asking.kept import KeptAnswer, KeptAnswers, Question, RecentHits, question_of, shortened
from gateway.catalog.live.asking.observing import Circuit, Observer, Way, circuit_of
from gateway.catalog.live.asking.outcomes import (
    BUSY,
    CIRCUIT_OPEN,
    NOT_SERVED,
    NOTHING_VISIBLE,
    OUR_FAULT,
    TOO_LATE,
    failed,
    stale,
    trouble_of,
)
from gateway.catalog.live.asking.ports import ServedPlatforms
from gateway.catalog.live.asking.resources import answer_of, second_look, shown_tiers
from gateway.catalog.live.asking.rules import AskingRules
from gateway.catalog.live.model import SourceAnswer, SourceState
from gateway.catalog.live.ports import OpenPlatform
from gateway.catalog.results import ResourceKey
from gateway.clock import Clock, utc_now
from gateway.errors import NotReady
from gateway.logs import reason_of
from schema.access import Access
from schema.resources import CatalogResource

_log = logging.getLogger(__name__)
_Answered = tuple[Way, SourceAnswer]


class Asking:
    """The port `Asks`. `clock` are monotonic seconds; everything belongs to one event loop and one process."""

    def __init__(
        self,
        platforms: ServedPlatforms,
        rules: AskingRules | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Clock = utc_now,
        observer: Observer | None = None,
    ) -> None:
        self._platforms = platforms
        self._observer = observer
        self._rules = rules or AskingRules()
        self._clock, self._now = clock, now
        self._kept = KeptAnswers(self._rules.kept_records, self._rules.longest)
        self._recent = RecentHits(self._rules.recent_records, self._rules.recent)
        self._lines: dict[str, Line] = {}
        self._replaced: list[Line] = []
        self._closed = False

    async def ask(self, platform: str, query: LiveQuery, visible: frozenset[Access], seconds: float) -> SourceAnswer:
        """What the platform answers within so many seconds; its troubles are an outcome, never an exception.

        The end of the caller's time, or of the caller, does not end the call to the platform.
        """
        way, answer = await self._answered(platform, query, visible, seconds)
        if self._observer is not None:
            self._observer.observe_ask(platform, way, answer.outcome.state)
        return answer

    async def _answered(self, platform: str, query: LiveQuery, visible: frozenset[Access], seconds: float) -> _Answered:
        serving = self._platforms.serving(platform)
        if serving is None or self._closed:
            return Way.SKIPPED, failed(platform, NOT_SERVED)
        question = question_of(platform, serving, query, visible)
        began = self._clock()
        kept = self._kept.find(question, query.first, began)
        age = began - kept.at if kept is not None else 0.0
        if kept is not None and age < self._rules.fresh:
            return Way.FRESH, kept.shown(query.first)
        way, flight = self._flight(question, query, began)
        if isinstance(flight, SourceAnswer):
            answer = flight
        elif kept is not None and age < self._rules.fresh + self._rules.revalidate:
            return Way.STALE, stale(kept.shown(query.first))
        else:
            answer = await self._landed(flight, platform, began, seconds)
        if kept is not None and answer.outcome.state not in (SourceState.OK, SourceState.SKIPPED):
            answer = stale(kept.shown(query.first), answer)
        return way, shortened(answer, query.first)

    def recent(self, keys: Sequence[ResourceKey], visible: frozenset[Access]) -> Sequence[CatalogResource | None]:
        """Hits of the last minutes in the order of the keys, None for what is not known or may not be seen."""
        now = self._now()
        found = [self._recent.find(key.platform, key.native_id, now) for key in keys]
        return [one if one is not None and self._may_see(one, visible) else None for one in found]

    def circuits(self) -> Mapping[str, Circuit]:
        """The breaker of each platform that was asked and is served as it was then, by platform code."""
        now, ticks = self._now(), self._clock()
        return {
            code: circuit_of(line, now, ticks)
            for code, line in self._lines.items()
            if self._platforms.serving(code) == line.serving
        }

    async def aclose(self) -> None:
        """Cancel every flight and wait until it has ended; who still waits is told that nothing is served."""
        self._closed = True
        lines = (*self._lines.values(), *self._replaced)
        if ending := [task for line in lines for task in line.flights.cancel()]:
            await asyncio.wait(ending)

    def _may_see(self, resource: CatalogResource, visible: frozenset[Access]) -> bool:
        """By the platform's rule of now, which may be narrower than that of then."""
        if self._platforms.serving(resource.platform) is None:
            return False
        return resource.record.access in shown_tiers(self._platforms.access(resource.platform), visible)

    def _flight(self, question: Question, query: LiveQuery, now: float) -> tuple[Way, Task | SourceAnswer]:
        """The call that will answer, joined or started, or why there is none."""
        line = self._line(question)
        if (flight := line.flights.find(question, query.first)) is not None:
            return Way.SHARED, flight
        if (failure := line.failures.find(question, now)) is not None:
            return Way.NEGATIVE, failure
        if not shown_tiers(self._platforms.access(question.platform), question.visible):
            return Way.SKIPPED, failed(question.platform, NOTHING_VISIBLE)
        if line.flights.full:
            return Way.FULL, failed(question.platform, BUSY)
        admitted = line.breaker.admit(now)
        if admitted is None:
            return Way.BREAKER, failed(question.platform, CIRCUIT_OPEN)
        return Way.CALLED, line.flights.start(question, query.first, self._fly(line, question, query, admitted))

    def _line(self, question: Question) -> Line:
        line = self._lines.get(question.platform)
        if line is None or line.serving != question.serving:
            if line is not None and len(line.flights):
                self._replaced = [old for old in self._replaced if len(old.flights)] + [line]
            line = self._lines[question.platform] = Line(question.serving, self._rules)
        return line

    async def _landed(self, flight: Task, platform: str, began: float, seconds: float) -> SourceAnswer:
        if not await landed_within(flight, seconds):
            return failed(platform, TOO_LATE, 1000 * (self._clock() - began))
        with suppress(asyncio.CancelledError):
            return flight.result()
        return failed(platform, NOT_SERVED if self._closed else OUR_FAULT)

    async def _fly(self, line: Line, question: Question, query: LiveQuery, admitted: int) -> SourceAnswer:
        """One call to the platform, in its own time; whatever it ends with counts for the circuit."""
        platform, began, verdict, error = question.platform, self._clock(), Verdict.UNREACHED, None
        try:
            async with asyncio.timeout(self._rules.patience), self._platforms.open(platform) as world:
                # by the very manifest that answers, which may have taken over meanwhile
                version, access = world.connector.version, world.connector.platform.access
                tiers = shown_tiers(access, question.visible)
                found, asked = await _found(world, query, tiers)
            ended = self._clock()
            answer = answer_of(
                platform,
                found,
                first=query.first,
                asked=asked,
                version=version,
                tiers=tiers,
                fetched_at=self._now(),
                latency_ms=1000 * (ended - began),
                note=self._recent.note,
            )
            self._keep(line, question, KeptAnswer(answer, max(query.first, len(answer.records)), ended), version)
            verdict, line.answered_at = Verdict.ANSWERED, ended
        except Exception as raised:  # a caller is told by an outcome, whatever happened
            error, trouble = raised, trouble_of(raised)
            # while others are answered, one that is late may only have waited for its turn under the platform's limits
            waited = trouble is TOO_LATE and line.answered_at > began
            verdict = Verdict.UNREACHED if waited else trouble.verdict
            answer = self._failure(line, question, raised, began)
        finally:
            self._settle(line, platform, admitted, verdict, error)
        if self._observer is not None:
            self._observer.observe_call(platform, answer.outcome.state, self._clock() - began)
        return answer

    def _keep(self, line: Line, question: Question, kept: KeptAnswer, version: int) -> None:
        line.failures.forget(question)
        earlier = self._kept.find(question, kept.first, kept.at)
        longer = earlier is not None and earlier.first > kept.first and kept.at - earlier.at < self._rules.fresh
        # a version that took over meanwhile has answers of its own
        if version == question.serving.version and not longer:
            self._kept.put(question, kept)

    def _failure(self, line: Line, question: Question, error: Exception, began: float) -> SourceAnswer:
        now, rules = self._clock(), self._rules
        failure = failed(question.platform, trouble_of(error), 1000 * (now - began))
        if not isinstance(error, ConnectorError | NotReady | TimeoutError):
            _log.error("asking %s ended with %s", question.platform, type(error).__name__, exc_info=error)
        until = now + rules.negative
        if isinstance(error, Throttled):
            until = now + min(max(error.retry_after or 0.0, rules.negative), rules.longest_hold)
            line.failures.hold(failed(question.platform, trouble_of(error)), until)
        line.failures.remember(question, failure, until, now)
        return failure

    def _settle(self, line: Line, platform: str, admitted: int, verdict: Verdict, error: Exception | None) -> None:
        was_open = line.breaker.is_open
        if error is not None and verdict is Verdict.FAILED:
            line.last_error = trouble_of(error).code
        line.breaker.settle(admitted, verdict, self._clock())
        if line.breaker.is_open and not was_open:
            told = "no reason is known" if error is None else reason_of(error)
            _log.warning("%s is left alone after %d failures: %s", platform, line.breaker.failures, told)
        elif was_open and not line.breaker.is_open:
            _log.info("%s answers again", platform)


async def _found(world: OpenPlatform, query: LiveQuery, tiers: Mapping[Access, Access]) -> tuple[LiveAnswer, int]:
    """What the platform found, and for how many records it was asked: once more where the viewer may not see some."""
    found = await world.connector.search(world.context, query)
    deeper = second_look(found, query.first, tiers)
    if deeper is None:
        return found, query.first
    return await world.connector.search(world.context, replace(query, first=deeper)), deeper
