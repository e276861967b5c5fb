"""Which answers may be kept: those to queries that touch nothing personal and nothing that changes unseen.

What is not listed is never kept. Everything listed rests on the index, the lake of usage, the registry, the harvests
and the calendar alone, whose state `Generations` tells, and for one viewer's class is equal for all of it.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from graphql import (
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)

_FIELDS = {
    "Query": "search suggest resource platforms platform region regions programs program vocabulary usage measures "
    "publishedFigures _service __schema __type",
    "_Service": "sdl",
    "SearchConnection": "edges nodes pageInfo totalCount totalIsExact didYouMean facets sources",
    "SearchEdge": "cursor node score highlights",
    # of the catalog alone: an answer with another mode of search is never kept, and only such have latencies
    "SourceStatus": "platform state count total latencyMs asOf filteredHere errorCode message",
    "Highlight": "field fragment",
    "Facet": "dimension buckets",
    "FacetBucket": "value label count",
    "Suggestion": "text kind count",
    "PageInfo": "hasNextPage hasPreviousPage startCursor endCursor",
    "Resource": "id nativeId url title summary language kind stages schoolSystem grades subjects edition volume "
    "keywords teachingModes classroomKind delivery region provider contributors publishedAt updatedAt startsAt endsAt "
    "durationSeconds thumbnailUrl access openToViewer translations audienceRegions files license sharing review "
    "evaluations awards recognitions platform program related copies usage provenance",
    "RelatedResourceConnection": "edges nodes pageInfo totalCount",
    "RelatedResourceEdge": "cursor relation node",
    "Contributor": "name role organization",
    "Organization": "name kind region",
    "Translation": "language title summary machine",
    "ResourceFile": "url mediaType sizeBytes checksum requiresLogin",
    "License": "code name url",
    "SharingRule": "copy adapt validTo",
    "Review": "status reviewedBy reviewerKind standard reviewedAt",
    "Evaluation": "evaluator by dimension score scale evaluatedOn",
    "Award": "name level awardedBy awardedAt",
    "Recognition": "organization state scope validFrom validTo",
    "Provenance": "manifestVersion fetchedAt modifiedUpstreamAt digest unmapped",
    "Platform": "id code name nameEn aliases operator region homepage capabilities simulated resourceCount "
    "lastHarvestedAt publishedFigures",
    "Program": "id code name kind regions members platforms publishedFigures",
    "MembershipConnection": "edges nodes pageInfo totalCount",
    "MembershipEdge": "cursor node",
    "Membership": "organization role validFrom validTo",
    "Region": "id code name level parent ancestors",
    "Term": "scheme code label labelEn broader native",
    "Measure": "code name unit kind overTime overPlatforms description",
    "PublishedFigure": "id measure quantity region asOf source sourceUrl quote platform program conflictsWith",
    "Period": "from to",
    "Quantity": "value lower upper qualifier unit display",
    "Report": "totalCount pageInfo measures asOf rows coverage caveats",
    "ReportRow": "keys period cells",
    "ReportKey": "dimension value label",
    "ReportCell": "measure status quantity method asOf complete platforms",
    "ReportCoverage": "platform measure firstDay lastDay daysReported complete",
    "Caveat": "code message platforms",
}
KEPT: Mapping[str, frozenset[str]] = MappingProxyType(
    {name: frozenset(names.split()) for name, names in _FIELDS.items()}
)
"""Fields by type."""
MODE, CATALOG = "mode", "CATALOG"
"""The argument of a search, and the only value of it whose answers may be kept."""


@dataclass(frozen=True, slots=True)
class Keepable:
    """A query whose answers may be kept where these variables, with their defaults, stand for the catalog."""

    digest: str
    modes: tuple[tuple[str, object], ...] = ()

    def holds(self, variables: Mapping[str, Any] | None) -> bool:
        """Whether that is so."""
        return all((variables or {}).get(name, default) == CATALOG for name, default in self.modes)


def keepable(
    text: str, document: DocumentNode, operation: OperationDefinitionNode, schema: GraphQLSchema
) -> Keepable | None:
    """How answers to an operation of a valid document may be kept; None for never."""
    if operation.operation is not OperationType.QUERY or schema.query_type is None:
        return None
    reader = _Reader(document, operation, schema)
    if not reader.keeps(operation.selection_set, schema.query_type):
        return None
    return Keepable(
        hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest(), tuple(reader.modes)
    )


class _Reader:
    """Reads the selections of one operation; what is skipped or included by a variable counts as asked for."""

    def __init__(self, document: DocumentNode, operation: OperationDefinitionNode, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._defaults = {node.variable.name.value: node.default_value for node in operation.variable_definitions or ()}
        self.modes: list[tuple[str, object]] = []

    def keeps(self, selections: SelectionSetNode, parent: GraphQLObjectType) -> bool:
        """Whether every field below may be kept."""
        return all(self._keeps_field(node, owner) for node, owner in self._fields(selections, parent))

    def _fields(
        self, selections: SelectionSetNode, parent: GraphQLObjectType
    ) -> Iterator[tuple[FieldNode, GraphQLObjectType]]:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                yield node, parent
            elif isinstance(node, InlineFragmentNode):
                yield from self._fields(node.selection_set, parent)
            elif isinstance(node, FragmentSpreadNode):
                yield from self._fields(self._fragments[node.name.value].selection_set, parent)

    def _keeps_field(self, node: FieldNode, parent: GraphQLObjectType) -> bool:
        name = node.name.value
        if name == "__typename":
            return True
        if name not in KEPT.get(parent.name, ()) or not self._of_catalog(node):
            return False
        if node.selection_set is None or name.startswith("__"):
            return True
        below = get_named_type(parent.fields[name].type)
        return isinstance(below, GraphQLObjectType) and self.keeps(node.selection_set, below)

    def _of_catalog(self, node: FieldNode) -> bool:
        """Whether a field that is asked in several ways is asked in the one that changes with the index alone."""
        given = next((one.value for one in node.arguments or () if one.name.value == MODE), None)
        if isinstance(given, VariableNode):
            default = self._defaults.get(given.name.value)
            stated = default.value if isinstance(default, EnumValueNode) else CATALOG
            self.modes.append((given.name.value, stated))
            return True
        return given is None or (isinstance(given, EnumValueNode) and given.value == CATALOG)
