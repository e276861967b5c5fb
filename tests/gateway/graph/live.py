"""Live search in memory: what each platform answers is written down, and a test decides when it comes."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from gateway.catalog.live.candidates import candidates
from gateway.catalog.live.model import LiveEvent, LivePage, SourceOutcome, SourceState
from gateway.catalog.query import FacetDimension, SearchRequest
from gateway.catalog.results import Facet, FacetBucket, Hit, ResourceKey
from gateway.errors import CursorInvalid, InvalidInput
from schema.access import Access
from schema.kinds import ResourceKind
from schema.resources import CatalogResource, ResourceRecord
from tests.gateway.graph.records import NOON, stored


def fresh(platform: str, number: int, access: Access = Access.PUBLIC) -> CatalogResource:
    """A resource that nobody has harvested."""
    record = ResourceRecord(
        native_id=f"NEW-{number}", title=f"勾股定理 新{number}", kind=ResourceKind.LESSON, access=access
    )
    return stored(platform, record)


ANSWERS = (
    SourceOutcome("chongqing", SourceState.OK, count=2, total=41, latency_ms=12.5, as_of=NOON, filtered_here=("sort",)),
    SourceOutcome("yuzhong", SourceState.TIMEOUT, error_code="UPSTREAM_TIMEOUT", message="no answer in 2 s"),
    SourceOutcome("zibo", SourceState.SKIPPED, message="it has no search"),
)


@dataclass
class MemoryLive:
    """Two hits of 重庆, nothing of the others; `gate` holds events back, `ended` counts streams that are over."""

    hits: Sequence[CatalogResource] = field(default_factory=lambda: (fresh("chongqing", 1), fresh("chongqing", 2)))
    sources: Sequence[SourceOutcome] = ANSWERS
    calls: Counter[str] = field(default_factory=Counter)
    requests: list[tuple[SearchRequest, float]] = field(default_factory=list)
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1_000_000))
    failure: Exception | None = None
    """Raised by a stream after the event of the first platform."""
    begun: int = 0
    ended: int = 0
    told: int = 0
    """Events of all streams."""

    async def search(self, request: SearchRequest, *, seconds: float) -> LivePage:
        self.calls["search"] += 1
        if request.after is not None:
            raise CursorInvalid(f"after: {request.after!r} is no cursor of this list")
        self.requests.append((request, seconds))
        return self._page(request)

    async def top_up(self, request: SearchRequest, *, seconds: float) -> LivePage:
        self.calls["top_up"] += 1
        self.requests.append((request, seconds))
        return self._page(request)

    def _page(self, request: SearchRequest) -> LivePage:
        read = tuple(one for one in self.hits if one.record.access in request.visible)
        hits = tuple(Hit(f"live-{at}", one, 0.9 - at / 10) for at, one in enumerate(read[: request.first]))
        return LivePage(
            hits,
            total=41,
            total_is_exact=False,
            has_next=len(read) > request.first,
            has_previous=False,
            sources=tuple(self.sources),
            read=candidates(read),
        )

    async def stream(self, request: SearchRequest, *, seconds: float) -> AsyncIterator[LiveEvent]:
        self.calls["stream"] += 1
        if "nowhere" in (request.filter.platforms or ()):
            raise InvalidInput("filter.platforms: 'nowhere' is no platform")
        self.requests.append((request, seconds))
        self.begun += 1
        try:
            for at, source in enumerate(self.sources):
                await self.gate.acquire()
                mine = [one for one in self.hits if one.platform == source.platform][: request.first]
                found = tuple(Hit(f"live-{number}", one, 0.9) for number, one in enumerate(mine))
                self.told += 1
                yield LiveEvent(source, found, done=at + 1 == len(self.sources))
                if self.failure is not None:
                    raise self.failure
        finally:
            self.ended += 1

    def facets(self, page: LivePage, dimensions: Sequence[FacetDimension], limit: int) -> Sequence[Facet]:
        self.calls["facets"] += 1
        counts = Counter(one.platform for one in page.read)
        buckets = tuple(FacetBucket(code, code, count) for code, count in counts.most_common(limit))
        return [Facet(one, buckets if one is FacetDimension.PLATFORM else ()) for one in dimensions]

    def recent(self, keys: Sequence[ResourceKey], visible: frozenset[Access]) -> Sequence[CatalogResource | None]:
        self.calls["recent"] += 1
        known = {
            ResourceKey(one.platform, one.record.native_id): one for one in self.hits if one.record.access in visible
        }
        return [known.get(key) for key in keys]
