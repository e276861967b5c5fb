"""Resource, Platform and Program: they refer to one another, so they live together."""

from datetime import date, datetime

import strawberry

from gateway.catalog.results import RelatedHit, ResourceKey
from gateway.graph.budget import CATALOG_CALL
from gateway.graph.context import GraphContext, Info
from gateway.graph.fields import described
from gateway.graph.nodes.types import Node
from gateway.graph.pagination import PageInfo, bounded, given, page_info
from gateway.graph.platforms.health import Health
from gateway.graph.ports import PlatformView
from gateway.graph.programs.members import MembershipConnection, members_page
from gateway.graph.regions.types import Region
from gateway.graph.resources.description import DescribedResource
from gateway.graph.resources.people import Contributor, Organization
from gateway.graph.vocabularies.types import coded_term
from schema import programs as rows
from schema.identifiers import GlobalId, resource_id
from schema.platforms import Capability, PlatformDescription
from schema.programs import MemberRole, ProgramKind
from schema.regions import NATION
from schema.relations import Relation
from schema.resources import CatalogResource
from schema.vocabularies import VocabularyScheme

MAX_SECONDS = 2**31 - 1
"""GraphQL's Int; a longer duration is nonsense and shown as unknown."""


@strawberry.type
class Platform(Node):
    """A regional education platform."""

    code: str
    name: str
    name_en: str | None
    aliases: list[str]
    operator: str | None
    region: Region
    homepage: str | None
    capabilities: list[Capability]
    simulated: bool = strawberry.field(
        description="True where the platform publishes no API that can be called from outside, "
        "so that a simulator answers in its place."
    )

    @strawberry.field
    async def resource_count(self, info: Info) -> int | None:
        return await info.context.loaders.resource_count(self.code)

    @strawberry.field
    async def health(self, info: Info) -> Health | None:
        return Health.of(await info.context.loaders.platform_states.load(self.code))

    @strawberry.field
    async def last_harvested_at(self, info: Info) -> datetime | None:
        return (await info.context.loaders.platform_states.load(self.code)).last_harvested_at

    @described("By the platform's own id.")
    async def resource(self, info: Info, native_id: str) -> "Resource | None":
        return await load_resource(info.context, ResourceKey(self.code, native_id))

    @classmethod
    def of(cls, view: PlatformView) -> "Platform":
        """The platform that a connector describes."""
        row = view.description
        return cls(
            id=strawberry.ID(str(GlobalId("Platform", (row.code,)))),
            code=row.code,
            name=row.name,
            name_en=row.name_en,
            aliases=list(row.aliases),
            operator=row.operator,
            region=Region.of(row.region) or Region.known(NATION),
            homepage=row.homepage,
            capabilities=[capability for capability in Capability if capability in view.capabilities],
            simulated=row.simulated,
        )


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
    ) -> MembershipConnection | None:
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

    platform: Platform

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

    @property
    def key(self) -> ResourceKey:
        """What names it in the catalog."""
        return ResourceKey(self.stored.platform, self.stored.record.native_id)

    @classmethod
    def of(cls, stored: CatalogResource, context: GraphContext) -> "Resource":
        """The resource of its stored record, as this viewer sees it."""
        context.budget.spend(1)
        row, view = stored.record, platform_of(stored.platform, context)
        return cls(
            id=strawberry.ID(resource_id(stored.platform, row.native_id)),
            stored=stored,
            platform=Platform.of(view),
            native_id=row.native_id,
            url=row.url,
            title=row.title,
            summary=row.summary,
            language=row.language,
            kind=row.kind,
            stages=list(row.stages),
            school_system=row.school_system,
            grades=[coded_term(VocabularyScheme.GRADE, term) for term in row.grades],
            subjects=[coded_term(VocabularyScheme.SUBJECT, term) for term in row.subjects],
            edition=coded_term(VocabularyScheme.EDITION, row.edition) if row.edition else None,
            volume=row.volume,
            keywords=list(row.keywords),
            teaching_modes=list(row.teaching_modes),
            classroom_kind=row.classroom_kind,
            delivery=list(row.delivery),
            region=Region.of(row.region),
            provider=Organization.of(row.provider) if row.provider else None,
            contributors=[Contributor.of(person) for person in row.contributors],
            published_at=row.published_at,
            updated_at=row.updated_at,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            duration_seconds=row.duration_seconds if (row.duration_seconds or 0) <= MAX_SECONDS else None,
            thumbnail_url=row.thumbnail_url,
            access=row.access,
            open_to_viewer=context.principal.may_open(view.description.access.narrower(row.access)),
        )


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


def platform_of(code: str, context: GraphContext) -> PlatformView:
    """The platform with this code; one whose manifest is gone still owns its records and is named by its code."""
    return context.services.platforms.get(code) or PlatformView(
        PlatformDescription(code=code, name=code, region=NATION), frozenset()
    )


async def load_resource(context: GraphContext, key: ResourceKey) -> Resource | None:
    """The resource with this key, fetched with others of the same moment; None when it is unknown or hidden."""
    stored = await context.loaders.resources.load(key)
    return Resource.of(stored, context) if stored else None
