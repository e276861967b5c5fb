"""The root of the graph, composed of its areas, and its text."""

import strawberry

from gateway.graph.linked import Platform, Program, Resource
from gateway.graph.nodes.queries import NodeQuery
from gateway.graph.platforms.queries import PlatformQuery
from gateway.graph.programs.queries import ProgramQuery
from gateway.graph.regions.queries import RegionQuery
from gateway.graph.regions.types import Region
from gateway.graph.resources.queries import ResourceQuery
from gateway.graph.scalars import CONFIG
from gateway.graph.search.queries import SearchQuery
from gateway.graph.vocabularies.queries import VocabularyQuery


@strawberry.type
class Query(NodeQuery, SearchQuery, ResourceQuery, PlatformQuery, RegionQuery, ProgramQuery, VocabularyQuery):
    """Every root field."""


def build_schema() -> strawberry.Schema:
    """The executable schema; building takes tens of milliseconds, so one is kept for the life of the process."""
    return strawberry.Schema(query=Query, types=[Resource, Platform, Region, Program], config=CONFIG)


def schema_text(schema: strawberry.Schema) -> str:
    """The schema as it is published at /schema.graphql and kept in schema/gateway.graphql."""
    return schema.as_str() + "\n"
