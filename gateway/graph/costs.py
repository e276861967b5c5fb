"""The price list: what each field costs and how long its list may be, by schema coordinate, printed as `@cost` and
`@listSize` in the SDL.

The directives are those of the GraphQL Cost Directives as federation tools read them. Fields that are not listed cost
nothing: one unit is one row shown, and the rest is what is fetched for it.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import strawberry
from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.schema_directive import Location
from strawberry.types.field import StrawberryField

from gateway.graph.budget import CATALOG_CALL, CHECK, PLATFORM_CALL, REPORT
from gateway.graph.pagination import MAX_FIRST, MOST_ENTITIES
from gateway.statistics.validation import MOST_ROWS

_PAGE = ("edges", "nodes")


@dataclass(frozen=True, slots=True)
class Price:
    """What a field costs each time it is asked for, and how many entries its list is taken to have.

    `call` is asked once; every entry costs `row`. The number of entries is the argument `slicing` (a number, or a list
    with as many entries) up to `most`, or `size`. The entries are the field itself, or its children `sized`. With
    `live`, a search that asks platforms at this moment costs that much more for each of them: in some
    of its modes, or always where it is not `by_mode`. With `width` an entry has
    as many cells as that argument has entries, and `row` is paid for every CELLS of them where the child is selected.
    """

    call: int = 0
    row: int = 0
    size: int | None = None
    slicing: str | None = None
    most: int = MAX_FIRST
    sized: tuple[str, ...] = ()
    live: int = 0
    by_mode: bool = True
    width: str | None = None


def _page(call: int = CATALOG_CALL, row: int = 1, live: int = 0) -> Price:
    return Price(call, row, slicing="first", sized=_PAGE, live=live)


def _list(size: int, call: int = 0, row: int = 0) -> Price:
    return Price(call, row, size)


_REPORT = Price(REPORT, 1, slicing="first", most=MOST_ROWS, sized=("rows",), width="measures")
_NODE, _ACTION, _CALL = Price(1), Price(CATALOG_CALL), Price(CATALOG_CALL)

PRICES: Mapping[str, Price] = MappingProxyType(
    {
        "Query.node": _NODE,
        "Query.nodes": Price(row=1, slicing="ids", size=MAX_FIRST),
        "Query.search": _page(live=PLATFORM_CALL),
        "Query.suggest": Price(CATALOG_CALL, slicing="first"),
        "Query.resource": _NODE,
        "Query.platforms": _list(20),
        "Query.regions": _list(40),
        "Query.programs": _list(20),
        "Query.usage": _REPORT,
        "Query.publishedFigures": _list(100, row=1),
        "Query.teacher": _NODE,
        "Query.teachers": _page(),
        "Query.trainingRecord": _NODE,
        "Query.trainingRecords": _page(),
        "Query.creditRules": _list(50, call=CATALOG_CALL, row=1),
        "Query.verifyCertificate": _CALL,
        "Query.trainingSummary": _REPORT,
        "Query.sharingAgreements": _list(50, call=CATALOG_CALL, row=1),
        "Query.connectors": _page(row=0),
        "Query.harvestRuns": _page(2 * CATALOG_CALL, row=0),
        "Query.validateManifest": Price(CHECK),
        "SearchConnection.facets": _CALL,
        "SearchConnection.sources": _list(20),
        "TrainingRecordConnection.sources": _list(20),
        "Resource.related": _page(),
        "Resource.copies": _list(5, row=1),
        "Resource.usage": _list(5, call=1),
        "Resource.audienceRegions": _list(5),
        "Region.ancestors": _list(4),
        "Platform.resource": _NODE,
        "Platform.publishedFigures": _list(30, row=1),
        "Program.regions": _list(5),
        "Program.platforms": _list(5),
        "Program.members": _page(0, row=0),
        "Program.publishedFigures": _list(30, row=1),
        "PublishedFigure.conflictsWith": _list(5, row=1),
        "ReportRow.cells": _list(5),
        "ReportCell.platforms": _list(5),
        "Report.coverage": _list(20),
        "Report.caveats": _list(5),
        "Caveat.platforms": _list(5),
        "Connector.versions": _list(20, call=CATALOG_CALL),
        "Connector.drift": _list(20, call=CATALOG_CALL),
        "Connector.unmappedValues": Price(CATALOG_CALL, slicing="first"),
        "Connector.runs": _page(row=0),
        "Connector.quarantine": _page(row=0),
        "Teacher.records": _page(),
        "Teacher.transcript": _CALL,
        "Transcript.entries": _list(100, row=1),
        "TrainingRecord.resource": _NODE,
        "TrainingRecord.teacher": _NODE,
        "TrainingRecord.award": _NODE,
        "TrainingRecord.ledger": _list(4, row=1),
        "TrainingRecord.history": _list(10, row=1),
        "SameActivity.credited": _NODE,
        "SameActivity.records": _list(5, row=1),
        "LedgerEntry.record": _NODE,
        "LedgerEntry.reverses": _NODE,
        "LedgerEntry.recognitions": _list(5),
        "CertificateVerification.record": _NODE,
        "Query._entities": Price(row=1, slicing="representations", size=MOST_ENTITIES, most=MOST_ENTITIES),
        "Subscription.searchStream": Price(
            CATALOG_CALL, 1, slicing="first", sized=("edges",), live=PLATFORM_CALL, by_mode=False
        ),
        "Mutation.registerConnector": Price(CHECK),
        "Mutation.testRead": Price(CHECK + PLATFORM_CALL),
        "Mutation.publishConnectorVersion": Price(CHECK),
        "Mutation.verifyConnector": Price(CHECK + PLATFORM_CALL),
        "Mutation.activateConnector": _ACTION,
        "Mutation.rollbackConnector": _ACTION,
        "Mutation.suspendConnector": _ACTION,
        "Mutation.retireConnector": _ACTION,
        "Mutation.setCredentials": _ACTION,
        "Mutation.startHarvest": _ACTION,
        "Mutation.cancelHarvest": _ACTION,
        "Mutation.recordTraining": _ACTION,
        "Mutation.correctTraining": _ACTION,
        "Mutation.reviewTraining": Price(CATALOG_CALL, row=1, slicing="recordIds", size=MAX_FIRST, sized=("records",)),
        "Mutation.revokeTraining": _ACTION,
        "Mutation.recognizeCredit": _ACTION,
        "Mutation.issueCertificate": _ACTION,
        "Mutation.proposeAgreement": _ACTION,
        "Mutation.acceptAgreement": _ACTION,
        "Mutation.revokeAgreement": _ACTION,
    }
)
"""Every field that fetches or shows rows, and every list that leads to one."""


@strawberry.schema_directive(locations=[Location.FIELD_DEFINITION], name="cost", description="Units of asking a field.")
class Cost:
    """`@cost`: what a field costs, whatever is selected below it."""

    weight: int


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="listSize",
    description="How many entries a list is taken to have before it is known.",
)
class ListSize:
    """`@listSize`: by which argument, or else how many; `sizedFields` are the children that are the list."""

    assumed_size: int | None = strawberry.UNSET
    slicing_arguments: list[str] | None = strawberry.UNSET
    sized_fields: list[str] | None = strawberry.UNSET
    require_one_slicing_argument: bool | None = strawberry.UNSET


def priced(schema: strawberry.Schema) -> strawberry.Schema:
    """The schema, whose SDL says from now on what its fields cost."""
    for coordinate, price in PRICES.items():
        field = field_at(schema._schema, coordinate)
        if field is not None:
            key = GraphQLCoreConverter.DEFINITION_BACKREF
            # a copy, since types and schemas share the fields of their base classes
            field.extensions = {**field.extensions, key: _directed(field.extensions[key], field, price)}
    return schema


def field_at(schema: GraphQLSchema, coordinate: str) -> GraphQLField | None:
    """The field with this schema coordinate, such as `Query.search`; None where the schema has none."""
    name, _, member = coordinate.partition(".")
    owner = schema.type_map.get(name)
    return owner.fields.get(member) if isinstance(owner, GraphQLObjectType) else None


def default_size(field: GraphQLField, price: Price) -> int:
    """Entries of a list where no argument says how many: those of the argument's default, else the assumed ones."""
    argument = field.args.get(price.slicing) if price.slicing else None
    default = argument.default_value if argument else None
    if isinstance(default, int):
        return default
    return len(default) if isinstance(default, (list, tuple)) else price.size or 1


def _directed(stated: StrawberryField, field: GraphQLField, price: Price) -> StrawberryField:
    directed = copy.copy(stated)
    directed.directives = [*stated.directives, *_directives(field, price)]
    return directed


def _directives(field: GraphQLField, price: Price) -> list[Any]:
    found: list[Any] = []
    if price.call:
        found.append(Cost(weight=price.call))
    if price.slicing or price.size:
        argument = field.args.get(price.slicing) if price.slicing else None
        numbered = argument is not None and isinstance(argument.default_value, int)
        found.append(
            ListSize(
                assumed_size=default_size(field, price),
                slicing_arguments=[price.slicing] if numbered and price.slicing else strawberry.UNSET,
                sized_fields=list(price.sized) or strawberry.UNSET,
                require_one_slicing_argument=False if numbered else strawberry.UNSET,
            )
        )
    return found
