"""A small world behind the graph: a catalog in memory that counts its calls, platforms, states and programs."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.catalog.query import FacetDimension, SearchRequest
from gateway.catalog.results import (
    Facet,
    FacetBucket,
    Highlight,
    Hit,
    RelatedHit,
    RelatedPage,
    ResourceKey,
    SearchPage,
    Suggestion,
    SuggestionKind,
)
from gateway.catalog.validation import check_first, check_limit, check_request
from gateway.errors import CursorInvalid
from gateway.graph.context import GraphContext, GraphServices, HealthState, PlatformState, PlatformView
from gateway.graph.execution import Executor
from gateway.graph.schema import build_schema
from gateway.graph.subscriptions import subscribe
from gateway.identity import ANONYMOUS, Principal
from schema.access import Access
from schema.platforms import Capability, PlatformDescription
from schema.programs import Program
from schema.regions import region_tree
from schema.relations import Relation
from schema.resources import CatalogResource
from tests.gateway.graph.harvests import MemoryHarvests
from tests.gateway.graph.live import MemoryLive
from tests.gateway.graph.records import CHENGYU, NOON, RECORDS
from tests.gateway.graph.registry import MemoryConnectors
from tests.gateway.graph.statistics import MemoryUsage
from tests.gateway.graph.training.agreements import MemoryAgreements, MemoryAudit
from tests.gateway.graph.training.memory import MemoryTraining

Visible = frozenset[Access]


def key_of(stored: CatalogResource) -> ResourceKey:
    """What names a stored record."""
    return ResourceKey(stored.platform, stored.record.native_id)


@dataclass
class MemoryCatalog:
    """Answers from a tuple of records by brute force."""

    records: Sequence[CatalogResource] = RECORDS
    calls: Counter[str] = field(default_factory=Counter)
    requests: list[SearchRequest] = field(default_factory=list)
    along: list[tuple[bool, tuple[FacetDimension, ...]]] = field(default_factory=list)
    """Of each search: whether totals by platform were asked of it, and which facets to count on the way."""

    async def search(
        self, request: SearchRequest, *, by_platform: bool = True, facets: Sequence[FacetDimension] = ()
    ) -> SearchPage:
        check_request(request, MemoryPlatforms())
        self.along.append((by_platform, tuple(facets)))
        self.calls["search"] += 1
        self.requests.append(request)
        found = self._matching(request)
        start = _offset(request.after)
        page = found[start : start + request.first]
        return SearchPage(
            hits=tuple(Hit(f"c{start + at}", one, 1.0) for at, one in enumerate(page)),
            total=len(found),
            has_next=start + request.first < len(found),
            has_previous=start > 0,
            totals_by_platform=Counter(one.platform for one in found) if by_platform else {},
        )

    def _matching(self, request: SearchRequest) -> list[CatalogResource]:
        wanted = request.filter
        return [
            one
            for one in self.records
            if one.record.access in request.visible
            and request.query in one.record.title
            and (wanted.kinds is None or one.record.kind in wanted.kinds)
            and (wanted.platforms is None or one.platform in wanted.platforms)
            and (wanted.stages is None or set(one.record.stages) & set(wanted.stages))
            and (wanted.editions is None or (one.record.edition and one.record.edition.code in wanted.editions))
            and (wanted.regions is None or _inside(one.record.region, wanted.regions))
        ]

    async def facets(self, request: SearchRequest, dimensions: Sequence[FacetDimension], limit: int) -> Sequence[Facet]:
        check_limit(limit)
        self.calls["facets"] += 1
        counts = Counter(stage for one in self._matching(request) for stage in one.record.stages)
        buckets = tuple(FacetBucket(value, value, count) for value, count in counts.most_common(limit))
        return [Facet(one, buckets if one is FacetDimension.STAGE else ()) for one in dimensions]

    async def suggest(self, prefix: str, first: int, visible: Visible) -> Sequence[Suggestion]:
        self.calls["suggest"] += 1
        names = Counter(
            one.record.provider.name
            for one in self.records
            if one.record.provider and one.record.access in visible and one.record.provider.name.startswith(prefix)
        )
        return [Suggestion(name, SuggestionKind.PROVIDER, count) for name, count in names.most_common(first)]

    def highlights(self, query: str, resource: CatalogResource) -> Sequence[Highlight]:
        self.calls["highlights"] += 1
        title = resource.record.title
        return [Highlight("title", title.replace(query, f"<em>{query}</em>"))] if query and query in title else []

    async def resources(self, keys: Sequence[ResourceKey], visible: Visible) -> Sequence[CatalogResource | None]:
        self.calls["resources"] += 1
        known = {key_of(one): one for one in self.records if one.record.access in visible}
        return [known.get(key) for key in keys]

    async def copies(self, keys: Sequence[ResourceKey], visible: Visible) -> Sequence[Sequence[CatalogResource]]:
        self.calls["copies"] += 1
        return [
            [
                one
                for one in self.records
                if one.record.native_id == key.native_id
                and one.platform != key.platform
                and one.record.access in visible
            ]
            for key in keys
        ]

    async def related(
        self, key: ResourceKey, relations: Sequence[Relation] | None, first: int, after: str | None, visible: Visible
    ) -> RelatedPage:
        check_first(first)
        self.calls["related"] += 1
        known = {key_of(one): one for one in self.records if one.record.access in visible}
        found = [
            RelatedHit(f"c{at}", link.relation, target)
            for at, link in enumerate(known[key].record.related)
            if (relations is None or link.relation in relations)
            and (target := known.get(ResourceKey(key.platform, link.native_id)))
        ]
        start = _offset(after)
        page = tuple(found[start : start + first])
        return RelatedPage(page, len(found), has_next=start + first < len(found), has_previous=start > 0)

    async def counts_by_platform(self) -> Mapping[str, int]:
        self.calls["counts_by_platform"] += 1
        return Counter(one.platform for one in self.records)


def _inside(code: str | None, regions: Sequence[str]) -> bool:
    return code is not None and any(region_tree().is_within(code, region) for region in regions)


def _offset(after: str | None) -> int:
    if after is None:
        return 0
    if not after.startswith("c") or not after[1:].isdecimal():
        raise CursorInvalid(f"after: {after!r} is no cursor of this list")
    return int(after[1:]) + 1


LIVE_TOO = (Capability.LIVE_SEARCH,)
PLATFORMS = tuple(
    PlatformView(description, frozenset({Capability.HARVEST, Capability.INCREMENTAL, *more}))
    for description, more in (
        (PlatformDescription(code="chongqing", name="重庆云课堂", region="500000", simulated=True), LIVE_TOO),
        (
            PlatformDescription(
                code="yuzhong", name="渝中区数字教育云平台", region="500103", access=Access.REGISTERED, simulated=True
            ),
            LIVE_TOO,
        ),
        (PlatformDescription(code="zibo", name="淄博交互式在线教学系统", region="370300"), ()),
    )
)


class MemoryPlatforms:
    """Three platforms."""

    def all(self) -> tuple[PlatformView, ...]:
        return PLATFORMS

    def get(self, code: str) -> PlatformView | None:
        return next((view for view in PLATFORMS if view.description.code == code), None)

    def codes(self) -> tuple[str, ...]:
        return (*(view.description.code for view in PLATFORMS), "orphaned")

    def label(self, code: str) -> str | None:
        view = self.get(code)
        return view.description.name if view else None

    def region(self, code: str) -> str | None:
        view = self.get(code)
        return view.description.region if view else None


@dataclass
class MemoryStates:
    """重庆 is healthy, 渝中 is down with older data, 淄博 was never harvested."""

    calls: Counter[str] = field(default_factory=Counter)

    async def states(self, codes: Sequence[str]) -> Mapping[str, PlatformState]:
        self.calls["states"] += 1
        return {
            "chongqing": PlatformState(HealthState.HEALTHY, NOON, None, NOON),
            "yuzhong": PlatformState(HealthState.DOWN, NOON, "login page instead of JSON", NOON),
        }


class MemoryPrograms:
    """One joint program."""

    def all(self) -> tuple[Program, ...]:
        return (CHENGYU,)

    def get(self, code: str) -> Program | None:
        return CHENGYU if code == CHENGYU.code else None


EXECUTOR = Executor(build_schema(), warmup=0)


@dataclass
class World:
    """Services behind a graph and a way to ask it."""

    catalog: MemoryCatalog = field(default_factory=MemoryCatalog)
    states: MemoryStates = field(default_factory=MemoryStates)
    executor: Executor = EXECUTOR
    connectors: MemoryConnectors = field(default_factory=MemoryConnectors)
    harvests: MemoryHarvests = field(default_factory=MemoryHarvests)
    usage: MemoryUsage = field(default_factory=MemoryUsage)
    agreements: MemoryAgreements = field(default_factory=MemoryAgreements)
    audit: MemoryAudit = field(default_factory=MemoryAudit)
    live: MemoryLive | None = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    training: MemoryTraining = field(init=False)

    def __post_init__(self) -> None:
        self.training = MemoryTraining(self.agreements)

    @property
    def services(self) -> GraphServices:
        return GraphServices(
            self.catalog,
            MemoryPlatforms(),
            self.states,
            MemoryPrograms(),
            self.connectors,
            self.harvests,
            self.usage,
            self.training,
            self.agreements,
            self.audit,
            self.live,
            self.stopping,
        )

    def context(self, principal: Principal = ANONYMOUS) -> GraphContext:
        return GraphContext(self.services, principal, "trace-1", "https://gateway.example")

    async def answer(
        self,
        text: str,
        variables: dict[str, Any] | None = None,
        *,
        principal: Principal = ANONYMOUS,
        operation: str | None = None,
    ) -> dict[str, Any]:
        """The whole response body of one operation, with what it shows written into the audit log."""
        context = self.context(principal)
        body = (await self.executor.execute(text, context, variables, operation)).body
        await context.settle()
        return body

    async def events(
        self, text: str, variables: dict[str, Any] | None = None, *, principal: Principal = ANONYMOUS
    ) -> list[dict[str, Any]]:
        """Every response body of a subscription that ends by itself."""
        return [body async for body in subscribe(self.executor, text, self.context(principal), variables)]

    async def data(self, text: str, variables: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        """The data of an operation that must succeed."""
        body = await self.answer(text, variables, **options)
        assert "errors" not in body, body["errors"]
        data: dict[str, Any] = body["data"]
        return data

    async def refusal(self, text: str, variables: dict[str, Any] | None = None, **options: Any) -> tuple[str, str]:
        """Code and message of the one error of an operation."""
        body = await self.answer(text, variables, **options)
        (error,) = body["errors"]
        return error["extensions"]["code"], error["message"]
