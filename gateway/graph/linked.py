"""Platform, Program, PublishedFigure, Resource, ReportCell, Connector, HarvestRun and QuarantinedRecord: they refer to
one another, so they live together; what needs no other of them is described beside each area."""

import functools
from collections.abc import Callable

import strawberry
from strawberry import federation

from gateway.catalog.results import RelatedHit, ResourceKey
from gateway.errors import InvalidInput
from gateway.graph.budget import CATALOG_CALL
from gateway.graph.connectors.access import managed_harvests, managed_view
from gateway.graph.connectors.description import DescribedConnector
from gateway.graph.connectors.quarantine import DescribedReject
from gateway.graph.connectors.runs import DescribedRun, lanes
from gateway.graph.context import GraphContext, Info
from gateway.graph.fields import described
from gateway.graph.loaders import UsageKey
from gateway.graph.pagination import Connection, PageInfo, bounded, connection, given, page_info
from gateway.graph.platforms.description import DescribedPlatform, platform_of
from gateway.graph.ports import PlatformView
from gateway.graph.programs.description import DescribedProgram
from gateway.graph.resources.description import DescribedResource
from gateway.graph.resources.values import DescribedProvenance
from gateway.graph.rows import shows
from gateway.graph.usage.cells import DescribedCell
from gateway.graph.usage.figures import DescribedFigure, known_measures, select_figures
from gateway.graph.usage.quantities import Quantity
from gateway.harvesting import RunFilter
from gateway.registry import served_code
from gateway.statistics import reports
from schema.published import FigureFilter, conflicting
from schema.relations import Relation


@federation.type(keys=["id", "code"])
class Platform(DescribedPlatform):
    """A regional education platform."""

    @described("By the platform's own id.")
    async def resource(self, info: Info, native_id: str) -> "Resource | None":
        return await load_resource(info.context, ResourceKey(self.code, native_id))

    @described("Null unless the viewer may manage it.")
    async def connector(self, info: Info) -> "Connector | None":
        return await load_connector(info.context, served_code(self.code))

    @strawberry.field
    def published_figures(
        self, info: Info, measures: list[str] | None = strawberry.UNSET
    ) -> list["PublishedFigure"] | None:
        wanted = FigureFilter(platforms=(self.code,), measures=known_measures(given(measures)))
        return [PublishedFigure.of(row) for row in select_figures(info.context, wanted)]


@strawberry.type(description="A joint program, alliance or community: an owner of its own, with members over time.")
class Program(DescribedProgram):
    """A joint program."""

    @strawberry.field
    def platforms(self, info: Info) -> list[Platform]:
        known = info.context.services.platforms
        return [Platform.of(view) for code in self.row.platforms if (view := known.get(code))]

    @strawberry.field
    def published_figures(
        self, info: Info, measures: list[str] | None = strawberry.UNSET
    ) -> list["PublishedFigure"] | None:
        wanted = FigureFilter(programs=(self.code,), measures=known_measures(given(measures)))
        return [PublishedFigure.of(row) for row in select_figures(info.context, wanted)]


@strawberry.type
class PublishedFigure(DescribedFigure):
    """A claim of a platform, a joint program or a region about itself, and what contradicts it."""

    @strawberry.field
    def platform(self, info: Info) -> Platform | None:
        code = self.row.platform
        return Platform.of(platform_of(code, info.context.services)) if code else None

    @strawberry.field
    def program(self, info: Info) -> Program | None:
        row = info.context.services.programs.get(self.row.program) if self.row.program else None
        return Program.of(row) if row else None

    @strawberry.field
    def conflicts_with(self, info: Info) -> list["PublishedFigure"]:
        found = conflicting(self.row)
        info.context.budget.spend(len(found))
        return [PublishedFigure.of(row) for row in found]


@federation.type(keys=["id"])
class Resource(DescribedResource):
    """A resource of one platform."""

    @strawberry.field
    def platform(self) -> Platform:
        return platforms_by_code(self.context)(self.stored.platform)

    @described(
        "A joint program that owns it, such as the Chengdu-Chongqing teacher community; never a child of one platform."
    )
    def program(self, info: Info) -> Program | None:
        code = self.stored.record.program
        row = info.context.services.programs.get(code) if code else None
        return Program.of(row) if row else None

    @described("In the order of the course or package.")
    async def related(
        self,
        info: Info,
        relations: list[Relation] | None = strawberry.UNSET,
        first: int = 20,
        after: str | None = strawberry.UNSET,
    ) -> "RelatedResourceConnection | None":
        context = info.context
        context.budget.spend(CATALOG_CALL)
        page = await context.services.catalog.related(self.key, given(relations), first, given(after), context.visible)
        edges = [RelatedResourceEdge.of(hit, context) for hit in page.hits]
        return RelatedResourceConnection(
            edges=edges,
            nodes=[edge.node for edge in edges],
            page_info=page_info(
                [edge.cursor for edge in edges], has_next=page.has_next, has_previous=page.has_previous
            ),
            total_count=page.total,
        )

    @described("The same work on other platforms. Copies are grouped, never merged.")
    async def copies(self, info: Info) -> list["Resource"] | None:
        found = await info.context.loaders.copies.load(self.key)
        return [Resource.of(stored, info.context) for stored in found]

    @strawberry.field
    async def usage(self, info: Info, measures: list[str] | None = strawberry.UNSET) -> list["ReportCell"] | None:
        info.context.budget.spend(1)
        wanted = given(measures)
        cells = await info.context.loaders.usage.load(UsageKey(self.key, None if wanted is None else tuple(wanted)))
        platform = platforms_by_code(info.context)
        return [ReportCell.of(cell, platform) for cell in cells]

    @strawberry.field
    def provenance(self) -> "Provenance":
        return Provenance.of(self.stored)

    @property
    def key(self) -> ResourceKey:
        """What names it in the catalog."""
        return ResourceKey(self.stored.platform, self.stored.record.native_id)


@shows(
    measure="row.measure",
    status="row.status",
    quantity=lambda self: Quantity.of(self.row.quantity) if self.row.quantity else None,
    method="row.method",
    as_of="row.as_of",
    complete="row.complete",
    platforms=lambda self: [self.platform(code) for code in self.row.platforms],
)
@strawberry.type
class ReportCell(DescribedCell):
    """One number of a report."""

    row: strawberry.Private[reports.ReportCell]
    platform: strawberry.Private[Callable[[str], Platform]]
    platforms: list[Platform]

    @classmethod
    def of(cls, row: reports.ReportCell, platform: Callable[[str], Platform]) -> "ReportCell":
        """The cell of a report, with platforms by their codes."""
        made = cls.__new__(cls)
        made.row, made.platform = row, platform
        return made


@strawberry.type
class RelatedResourceEdge:
    """A link to another resource."""

    cursor: str
    relation: Relation
    node: Resource

    @classmethod
    def of(cls, hit: RelatedHit, context: GraphContext) -> "RelatedResourceEdge":
        """The edge of a link."""
        return cls(cursor=hit.cursor, relation=hit.relation, node=Resource.of(hit.resource, context))


@strawberry.type
class RelatedResourceConnection:
    """One page of links."""

    edges: list[RelatedResourceEdge]
    nodes: list[Resource]
    page_info: PageInfo
    total_count: int


@strawberry.type
class Provenance(DescribedProvenance):
    """Where a stored record came from."""

    @strawberry.field
    async def connector(self, info: Info) -> "Connector | None":
        return await load_connector(info.context, served_code(self.platform))


@strawberry.type
class Connector(DescribedConnector):
    """A platform's connector, as its owner watches it."""

    @strawberry.field
    def platform(self, info: Info) -> Platform:
        served = info.context.services.platforms.get(self.view.code)
        return Platform.of(served or PlatformView(self.view.platform, self.view.capabilities))

    @strawberry.field
    async def runs(
        self, info: Info, first: int = 10, after: str | None = strawberry.UNSET
    ) -> "Connection[HarvestRun] | None":
        return await load_runs(info.context, RunFilter(platforms=lanes(self.view.code)), first, given(after))

    @strawberry.field
    async def quarantine(
        self,
        info: Info,
        code: str | None = strawberry.UNSET,
        first: int = 20,
        after: str | None = strawberry.UNSET,
    ) -> "Connection[QuarantinedRecord] | None":
        rejects = managed_harvests(info.context)
        bounded("first", first)
        info.context.budget.spend(CATALOG_CALL)
        page = await rejects.quarantined(self.view.code, code=given(code), first=first, after=given(after))
        return connection(
            [(row.id, QuarantinedRecord.of(row)) for row in page.records],
            total=page.total,
            has_next=page.has_next,
            has_previous=given(after) is not None,
        )


@strawberry.type
class HarvestRun(DescribedRun):
    """One harvest of one platform."""

    @strawberry.field
    async def connector(self, info: Info) -> Connector:
        code = served_code(self.row.platform)
        found = await load_connector(info.context, code)
        if found is None:
            raise InvalidInput(f"platform {code!r} was harvested, but has no registered connector")
        return found


@strawberry.type
class QuarantinedRecord(DescribedReject):
    """The latest rejected version of a record."""

    @strawberry.field
    async def run(self, info: Info) -> HarvestRun | None:
        row = await info.context.loaders.runs.load(self.row.run_id)
        return HarvestRun.of(row) if row else None


def platforms_by_code(context: GraphContext) -> Callable[[str], Platform]:
    """Platforms by code, made once for a request: the cells of a report name a few of them thousands of times."""
    found: Callable[[str], Platform] | None = context.made.get("platforms")
    if found is None:
        services = context.services  # not the context, which would hold itself
        found = context.made["platforms"] = functools.cache(lambda code: Platform.of(platform_of(code, services)))
    return found


async def load_resource(context: GraphContext, key: ResourceKey) -> Resource | None:
    """The resource with this key, fetched with others of the same moment; None when it is unknown or hidden."""
    stored = await context.loaders.resources.load(key)
    return Resource.of(stored, context) if stored else None


async def load_connector(context: GraphContext, code: str) -> Connector | None:
    """The connector of a platform, fetched with others of the same moment; None for who may not manage it."""
    view = await managed_view(context, code)
    return Connector.of(view) if view else None


async def load_runs(context: GraphContext, wanted: RunFilter, first: int, after: str | None) -> Connection[HarvestRun]:
    """One page of runs, newest first; raises Forbidden for who is no administrator."""
    harvests = managed_harvests(context)
    bounded("first", first)
    context.budget.spend(CATALOG_CALL)
    page = await harvests.runs(wanted, first=first, after=after)
    return connection(
        [(row.id, HarvestRun.of(row)) for row in page.runs],
        total=page.total,
        has_next=page.has_next,
        has_previous=after is not None,
    )
