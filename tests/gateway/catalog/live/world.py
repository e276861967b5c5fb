"""Platforms that answer as told, and an event loop whose clock jumps instead of waiting."""

import asyncio
import selectors
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from connectors.records import LiveQuery
from gateway.catalog import ResourceKey, SearchPage, SearchRequest
from gateway.catalog.live.candidates import Candidate
from gateway.catalog.live.model import SourceAnswer, SourceOutcome, SourceState
from gateway.catalog.live.ports import HarvestAge, OpenPlatform
from gateway.catalog.live.service import LiveSearchService
from schema.access import Access
from schema.resources import CatalogResource, Provenance, ResourceRecord
from tests.gateway.catalog.store import NOW, record

T = TypeVar("T")


class _JumpingSelector(selectors.DefaultSelector):
    jumped = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("nothing will ever happen again")
        if not ready and timeout:
            self.jumped += timeout
        return ready


class JumpingLoop(asyncio.SelectorEventLoop):
    """Passes no real time: where everybody waits, the clock jumps to the next timer."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.jumped


def run(work: Coroutine[Any, Any, T]) -> T:
    """The result of some work, without waiting for it."""
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(work)


@dataclass
class Platform:
    """One fake platform: its records in its own order, and how it behaves.

    `filters` and `sorts` are what its search can do; without `loose` it applies what it says it does. `invalid` are
    native ids of records that turn out not to be valid when they are read.
    """

    records: Sequence[ResourceRecord] = ()
    seconds: float = 0.0
    fails: SourceState | None = None
    filters: Collection[str] = ()
    tells_total: bool = True
    most: int = 1_000
    searches: bool = True
    suspended: bool = False
    access: Access = Access.PUBLIC
    region: str | None = "500000"
    invalid: Collection[str] = ()
    narrowed: Callable[[ResourceRecord, LiveQuery], bool] = field(default=lambda _record, _query: True)


class World:
    """Several fake platforms: satisfies the ports `LivePlatforms`, `PlatformNames` and `Asks`."""

    def __init__(self, platforms: Mapping[str, Platform]) -> None:
        self.platforms = dict(platforms)
        self.asked: list[tuple[str, LiveQuery]] = []
        self.waiting = 0
        self.read: list[tuple[str, str]] = []

    def codes(self) -> Sequence[str]:
        return list(self.platforms)

    def label(self, code: str) -> str | None:
        return f"平台 {code}" if code in self.platforms else {"gone": "旧平台"}.get(code)

    def searchable(self) -> Collection[str]:
        return {code for code, platform in self.platforms.items() if platform.searches and not platform.suspended}

    def suspended(self) -> Collection[str]:
        return {code for code, platform in self.platforms.items() if platform.suspended}

    def access(self, code: str) -> Access:
        return self.platforms[code].access

    def region(self, code: str) -> str | None:
        return self.platforms[code].region if code in self.platforms else None

    def open(self, code: str) -> AbstractAsyncContextManager[OpenPlatform]:
        raise AssertionError(f"the merging part opened {code}")

    async def ask(self, platform: str, query: LiveQuery, visible: frozenset[Access], seconds: float) -> SourceAnswer:
        self.asked.append((platform, query))
        one = self.platforms[platform]
        began = asyncio.get_running_loop().time()
        self.waiting += 1
        try:
            await asyncio.sleep(min(one.seconds, seconds))
        finally:
            self.waiting -= 1
        latency = (asyncio.get_running_loop().time() - began) * 1_000
        if one.seconds >= seconds:
            failed = SourceOutcome(platform, SourceState.TIMEOUT, latency_ms=latency, error_code="UPSTREAM_TIMEOUT")
            return SourceAnswer(failed)
        if one.fails is not None:
            failed = SourceOutcome(platform, one.fails, latency_ms=latency, error_code="UPSTREAM_FAILURE")
            return SourceAnswer(failed)
        return self._answer(platform, one, query, visible, latency)

    def _answer(
        self, code: str, one: Platform, query: LiveQuery, visible: frozenset[Access], latency: float
    ) -> SourceAnswer:
        found = [each for each in one.records if one.narrowed(each, query)]
        shown = [each for each in found[: min(query.first, one.most)] if each.access in visible]
        here = [name for name in query.filters if name not in one.filters]
        outcome = SourceOutcome(
            code,
            SourceState.OK,
            total=len(found) if one.tells_total else None,
            latency_ms=latency,
            as_of=NOW,
            filtered_here=(*here, *(("sort",) if query.sort else ())),
        )
        return SourceAnswer(outcome, tuple(self._sighted(code, each) for each in shown), len(found) <= query.first)

    def _sighted(self, code: str, one: ResourceRecord) -> Candidate:
        return Candidate(code, one, self._whole, (code, one))

    def _whole(self, of: tuple[str, ResourceRecord]) -> CatalogResource | None:
        code, one = of
        self.read.append((code, one.native_id))
        return None if one.native_id in self.platforms[code].invalid else resource(code, one)


class Harvests:
    """Satisfies `HarvestAges` and counts how often it was asked."""

    def __init__(self, ages: Mapping[str, HarvestAge] | None = None) -> None:
        self.known = dict(ages or {})

    async def ages(self, codes: Sequence[str]) -> Mapping[str, HarvestAge]:
        return {code: self.known[code] for code in codes if code in self.known}


class NoCatalog:
    """A catalog that nobody may ask."""

    async def search(self, request: SearchRequest) -> SearchPage:
        raise AssertionError(f"the catalog was asked for {request}")


def nothing_recent(keys: Sequence[ResourceKey], _visible: frozenset[Access]) -> Sequence[CatalogResource | None]:
    return [None for _ in keys]


def service(world: World, catalog: Any = None, harvests: Harvests | None = None) -> LiveSearchService:
    return LiveSearchService(
        world, world, world, catalog or NoCatalog(), harvests or Harvests(), nothing_recent, lambda: NOW
    )


_PROVENANCE = Provenance(fetched_at=datetime(2026, 9, 1, tzinfo=UTC), digest="0" * 64)


def resource(platform: str, one: ResourceRecord) -> CatalogResource:
    return CatalogResource.model_construct(platform=platform, record=one, provenance=_PROVENANCE)


def lessons(count: int, prefix: str = "n", **fields: Any) -> list[ResourceRecord]:
    """That many different records, which all answer 勾股."""
    return [record(f"{prefix}{number}", f"勾股定理 第{number}课", **fields) for number in range(count)]


def named(page: Any) -> list[tuple[str, str]]:
    """Platform and native id of each hit."""
    return [(hit.resource.platform, hit.resource.record.native_id) for hit in page.hits]
