"""Services whose answers are made beforehand, so that what is measured is the graph."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from gateway.catalog.query import FacetDimension, SearchRequest
from gateway.catalog.results import Facet, FacetBucket, Highlight, Hit, ResourceKey, SearchPage
from gateway.graph.context import GraphServices, HealthState, PlatformState, PlatformView
from gateway.graph.ports import Catalog, Platforms, PlatformStates, Programs
from gateway.graph.usage.ports import Usage
from gateway.statistics.questions import ReportDimension
from gateway.statistics.reports import CellStatus, ReportCell, ReportCoverage, ReportKey, ReportPage, ReportRow
from schema.kinds import ResourceKind
from schema.measures import Measure, measures
from schema.people import ContributorRole, OrganizationKind
from schema.platforms import Capability, PlatformDescription
from schema.quantities import exact
from schema.resources import (
    CatalogResource,
    CodedTerm,
    Contributor,
    Organization,
    Provenance,
    ResourceFile,
    ResourceRecord,
)
from schema.stages import Stage

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)
SCHOOL = Organization(name="示例学校", kind=OrganizationKind.SCHOOL, region="500107")
VIEWS = tuple(
    PlatformView(
        PlatformDescription(code=f"platform-{at}", name=f"平台 {at}", region="500103"),
        frozenset({Capability.HARVEST, Capability.LIVE_SEARCH}),
    )
    for at in range(12)
)
CODES = {view.description.code: view for view in VIEWS}


def lesson(number: int) -> CatalogResource:
    """An ordinary lesson."""
    record = ResourceRecord(
        native_id=f"lesson-{number}",
        title=f"勾股定理 第{number}课",
        kind=ResourceKind.LESSON,
        url=f"https://platform.example/lessons/{number}",
        stages=(Stage.JUNIOR_SECONDARY,),
        grades=(CodedTerm(code="grade-8", native="八年级"),),
        subjects=(CodedTerm(code="mathematics", native="数学"),),
        region="500103",
        provider=SCHOOL,
        contributors=(
            Contributor(name="示例教师", role=ContributorRole.LECTURER, organization=SCHOOL),
            Contributor(name="另一位", role=ContributorRole.ASSISTANT),
        ),
        published_at=NOON - timedelta(days=number),
        duration_seconds=2_400,
        files=(ResourceFile(url="https://platform.example/f.mp4", media_type="video/mp4", size_bytes=5 * 10**8),),
        license="CC-BY-4.0",
    )
    provenance = Provenance(fetched_at=NOON, digest="ab" * 32, manifest_version=3)
    return CatalogResource(platform=f"platform-{number % 5}", record=record, provenance=provenance)


LESSONS = tuple(lesson(number) for number in range(20))
PAGE = SearchPage(
    hits=tuple(Hit(f"cursor-{at}", one, 1.5) for at, one in enumerate(LESSONS)),
    total=4_711,
    has_next=True,
    has_previous=False,
    totals_by_platform={f"platform-{at}": 900 for at in range(5)},
)
EMPTY = SearchPage(hits=(), total=4_711, has_next=True, has_previous=False, totals_by_platform={})
BUCKETS = tuple(FacetBucket(f"value-{at}", f"值 {at}", 100 - at) for at in range(20))
MARKED = (Highlight("title", "<em>勾股定理</em> 第1课"),)


class PreparedCatalog:
    """One page for every search."""

    async def search(self, request: SearchRequest, **_along: object) -> SearchPage:
        return PAGE if request.first else EMPTY

    async def facets(self, _request: SearchRequest, dimensions: Sequence[FacetDimension], _limit: int) -> list[Facet]:
        return [Facet(one, BUCKETS) for one in dimensions]

    def highlights(self, _query: str, _resource: CatalogResource) -> Sequence[Highlight]:
        return MARKED

    async def resources(self, keys: Sequence[ResourceKey], _visible: object) -> list[CatalogResource]:
        return [LESSONS[3] for _ in keys]

    async def copies(self, keys: Sequence[ResourceKey], _visible: object) -> list[Sequence[CatalogResource]]:
        return [LESSONS[4:6] for _ in keys]

    async def counts_by_platform(self) -> Mapping[str, int]:
        return dict.fromkeys(CODES, 900)


class PreparedPlatforms:
    """Twelve platforms, all healthy."""

    def all(self) -> tuple[PlatformView, ...]:
        return VIEWS

    def get(self, code: str) -> PlatformView | None:
        return CODES.get(code)

    async def states(self, codes: Sequence[str]) -> Mapping[str, PlatformState]:
        return dict.fromkeys(codes, PlatformState(HealthState.HEALTHY, NOON, None, NOON))


def cell(measure: Measure, number: int, platform: str) -> ReportCell:
    """A cell with a number."""
    quantity = exact(number, measure.unit)
    return ReportCell(measure, CellStatus.OK, quantity, measure.over_platforms, date(2026, 3, 1), True, (platform,))


MEASURES = (measures()["views"], measures()["active_teachers"])
ROWS = tuple(
    ReportRow(
        (ReportKey(ReportDimension.PLATFORM, f"platform-{at % 12}", f"平台 {at % 12}"),),
        date(2026, 1, 1),
        date(2026, 1, 1),
        tuple(cell(measure, at, f"platform-{at % 12}") for measure in MEASURES),
    )
    for at in range(500)
)
REPORT = ReportPage(
    rows=ROWS,
    cursors=tuple(f"row-{at}" for at in range(500)),
    total=9_000,
    has_next=True,
    has_previous=False,
    measures=MEASURES,
    coverage=tuple(
        ReportCoverage(code, MEASURES[0], date(2026, 1, 1), date(2026, 3, 31), 90, complete=True) for code in CODES
    ),
    caveats=(),
    as_of=NOON,
)


class PreparedUsage:
    """One report for every question."""

    async def report(self, *_question: Any, **_page: Any) -> ReportPage:
        return REPORT

    async def resource_cells(self, keys: Sequence[tuple[str, str]], _codes: object) -> list[Sequence[ReportCell]]:
        return [(cell(MEASURES[0], 40, platform),) for platform, _ in keys]


def services() -> GraphServices:
    """All of them."""
    platforms = PreparedPlatforms()
    return GraphServices(
        cast("Catalog", PreparedCatalog()),
        cast("Platforms", platforms),
        cast("PlatformStates", platforms),
        cast("Programs", None),
        usage=cast("Usage", PreparedUsage()),
    )
