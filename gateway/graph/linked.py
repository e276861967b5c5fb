"""Platform, Program, Resource, Connector, HarvestRun and QuarantinedRecord: they refer to one another, so they live
together; what needs no other of them is described beside each area."""

from datetime import date

import strawberry

from gateway.catalog.results import RelatedHit, ResourceKey
from gateway.errors import InvalidInput
from gateway.graph.budget import CATALOG_CALL
from gateway.graph.connectors.access import managed_harvests
from gateway.graph.connectors.description import DescribedConnector
from gateway.graph.connectors.quarantine import DescribedReject
from gateway.graph.connectors.runs import DescribedRun, lanes
from gateway.graph.context import GraphContext, Info
from gateway.graph.fields import described
from gateway.graph.nodes.types import Node
from gateway.graph.pagination import Connection, PageInfo, bounded, connection, given, page_info
from gateway.graph.platforms.description import DescribedPlatform
from gateway.graph.ports import PlatformView
from gateway.graph.programs.members import Membership, members_page
from gateway.graph.regions.types import Region
from gateway.graph.resources.description import DescribedResource
from gateway.graph.resources.values import DescribedProvenance
from gateway.harvesting import RunFilter
from gateway.registry import served_code
from schema import programs as rows
from schema.identifiers import GlobalId
from schema.programs import MemberRole, ProgramKind
from schema.relations import Relation


@strawberry.type
class Platform(DescribedPlatform):
    """A regional education platform."""

    @described("By the platform's own id.")
    async def resource(self, info: Info, native_id: str) -> "Resource | None":
        return await load_resource(info.context, ResourceKey(self.code, native_id))

    @described("Null unless the viewer may manage it.")
    async def connector(self, info: Info) -> "Connector | None":
        return await load_connector(info.context, served_code(self.code))


@strawberry.type(description="A joint program, alliance or community: an owner of its own, with members over time.")
class Program(Node):
    """A joint program."""

    row: strawberry.Private[rows.Program]
    code: str
    name: str
    kind: ProgramKind

    @strawberry.field
    def platforms(self, info: Info) -> list[Platform]:
        known = info.context.services.platforms
        return [Platform.of(view) for code in self.row.platforms if (view := known.get(code))]

    @strawberry.field
    def regions(self) -> list[Region]:
        return [region for code in self.row.regions if (region := Region.of(code))]

    @strawberry.field
    def members(
        self,
        role: MemberRole | None = strawberry.UNSET,
        on: date | None = strawberry.UNSET,
        first: int = 50,
        after: str | None = strawberry.UNSET,
    ) -> Connection[Membership] | None:
        page = bounded("first", first)
        return members_page(self.row.members, given(role), given(on), page, given(after))

    @classmethod
    def of(cls, row: rows.Program) -> "Program":
        """The program of its record."""
        identifier = strawberry.ID(str(GlobalId("Program", (row.code,))))
        return cls(id=identifier, row=row, code=row.code, name=row.name, kind=row.kind)


@strawberry.type
class Resource(DescribedResource):
    """A resource of one platform."""

    @strawberry.field
    def platform(self) -> Platform:
        return Platform.of(self.view)

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
    def provenance(self) -> "Provenance":
        return Provenance.of(self.stored)

    @property
    def key(self) -> ResourceKey:
        """What names it in the catalog."""
        return ResourceKey(self.stored.platform, self.stored.record.native_id)


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


async def load_resource(context: GraphContext, key: ResourceKey) -> Resource | None:
    """The resource with this key, fetched with others of the same moment; None when it is unknown or hidden."""
    stored = await context.loaders.resources.load(key)
    return Resource.of(stored, context) if stored else None


async def load_connector(context: GraphContext, code: str) -> Connector | None:
    """The connector of a platform, fetched with others of the same moment; None for who may not manage it."""
    if not context.principal.is_administrator:
        return None
    view = await context.loaders.connectors.load(code)
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
