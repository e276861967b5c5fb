"""What we publish equals the public contract wherever the two overlap; what we add is listed here."""

from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    is_non_null_type,
    print_schema,
)

from gateway.graph.schema import build_schema as build_ours
from gateway.graph.schema import schema_text
from gateway.personal import OPEN_FIELDS, PERSONAL_FIELDS
from tests.architecture.source import ROOT

CONTRACT = build_schema(Path(__file__).with_name("contract.graphql").read_text("utf-8"))
OURS = build_ours()
PUBLISHED = build_schema(schema_text(OURS))

ADDED = {"Resource.schoolSystem", "Platform.simulated", "CreditRule.shares"}
ADDED_TYPES = {"SchoolSystem", "RoleShare"}

Composite = GraphQLObjectType | GraphQLInterfaceType


AREA = {
    "Connector", "CredentialStatus", "ConnectorState", "ConnectorConnection", "ConnectorEdge", "ManifestVersion",
    "ManifestReport", "Finding", "Severity", "FieldCoverage", "HarvestRun", "HarvestRunFilter", "HarvestKind",
    "RunState", "HarvestRunConnection", "HarvestRunEdge", "QuarantinedRecord", "QuarantinedRecordConnection",
    "QuarantinedRecordEdge", "Drift", "DriftKind", "UnmappedValue", "CredentialInput", "UserError", "ConnectorPayload",
    "TestReadPayload", "TestReadRow", "TestRequest", "HarvestPayload", "Mutation",
}  # fmt: skip
"""Types of the connectors' area, which the tests below compare field by field."""
USAGE = {
    "Measure", "MeasureKind", "AggregationMethod", "ReportDimension", "Interval", "UsageFilter", "ReportOrder",
    "Direction", "Report", "ReportRow", "ReportKey", "Period", "ReportCell", "CellStatus", "Quantity", "Qualifier",
    "ReportCoverage", "Caveat", "ExportFormat", "PublishedFigure",
}  # fmt: skip
"""Types of the statistics of usage."""
TRAINING = {
    "Viewer", "Grant", "Purpose", "Role", "Teacher", "TeacherFilter", "TeacherConnection", "TeacherEdge", "Transcript",
    "LevelHours", "TrainingRecord", "Evidence", "RecordEvent", "SameActivity", "TrainingKind", "Level", "TrainingForm",
    "TrainingRole", "QuantityUnit", "Outcome", "RecordState", "ReviewDecision", "TrainingRecordSort",
    "TrainingRecordConnection", "TrainingRecordEdge", "TrainingRecordFilter", "RecognitionFilter", "LedgerEntry",
    "CreditAccount", "CreditRecognition", "RecognitionState", "CreditRule", "Rounding", "RoundingMode", "CreditCap",
    "CapScope", "SharingAgreement", "AgreementState", "Certificate", "CertificateVerification",
    "ReviewTrainingPayload", "TrainingRecordPayload", "LedgerPayload", "CertificatePayload", "AgreementPayload",
    "AgreementInput", "RecordTrainingInput",
}  # fmt: skip
"""Types of the shared training records."""


def own_types(schema: GraphQLSchema) -> dict[str, GraphQLNamedType]:
    return {name: one for name, one in schema.type_map.items() if not name.startswith("__")}


def test_the_committed_schema_is_the_published_one() -> None:
    committed = (ROOT / "schema" / "gateway.graphql").read_text("utf-8")
    assert committed == schema_text(OURS), "run `shanhai sdl export` and commit schema/gateway.graphql"


def test_strawberry_and_graphql_core_read_the_same_schema() -> None:
    assert print_schema(build_schema(print_schema(PUBLISHED))) == print_schema(PUBLISHED)


def test_every_type_is_of_the_contract_or_a_listed_addition() -> None:
    ours, theirs = own_types(PUBLISHED), own_types(CONTRACT)
    assert set(ours) - set(theirs) == ADDED_TYPES
    assert {name for name in set(ours) & set(theirs) if type(ours[name]) is not type(theirs[name])} == set()


LIVE = {"SearchMode", "SourceStatus", "SourceState", "SearchStreamEvent", "Subscription"}
"""Types of searches that ask the platforms themselves, and of what is told as it happens."""


@pytest.mark.parametrize(
    "area", [AREA, USAGE, TRAINING, LIVE], ids=["connectors", "usage", "training", "live search and events"]
)
def test_every_type_of_an_area_is_published(area: set[str]) -> None:
    assert set(own_types(PUBLISHED)) >= area
    assert set(own_types(CONTRACT)) >= area


def test_every_field_argument_default_and_nullability_is_that_of_the_contract() -> None:
    wrong, added = [], set()
    for name, ours in own_types(PUBLISHED).items():
        theirs = CONTRACT.type_map.get(name)
        if not isinstance(ours, Composite) or not isinstance(theirs, Composite):
            continue
        for field_name, field in ours.fields.items():
            coordinate = f"{name}.{field_name}"
            if field_name not in theirs.fields:
                added.add(coordinate)
                continue
            agreed = theirs.fields[field_name]
            if str(field.type) != str(agreed.type):
                wrong.append(f"{coordinate}: {field.type}, agreed {agreed.type}")
            mine = {key: (str(one.type), repr(one.default_value)) for key, one in field.args.items()}
            agreed_arguments = {key: (str(one.type), repr(one.default_value)) for key, one in agreed.args.items()}
            if mine != agreed_arguments:
                wrong.append(f"{coordinate}: arguments {mine}, agreed {agreed_arguments}")
    assert wrong == []
    assert added == ADDED


def test_every_input_field_is_that_of_the_contract() -> None:
    inputs = [one for one in own_types(PUBLISHED).values() if isinstance(one, GraphQLInputObjectType)]
    assert {one.name for one in inputs} == {
        "ResourceFilter", "HarvestRunFilter", "CredentialInput", "UsageFilter", "ReportOrder",
        "TrainingRecordFilter", "RecognitionFilter", "TeacherFilter", "AgreementInput", "RecordTrainingInput",
    }  # fmt: skip
    for ours in inputs:
        theirs = CONTRACT.type_map[ours.name]
        assert isinstance(theirs, GraphQLInputObjectType)
        assert {key: (str(one.type), repr(one.default_value)) for key, one in ours.fields.items()} == {
            key: (str(one.type), repr(one.default_value)) for key, one in theirs.fields.items()
        }


def test_every_enum_has_the_values_of_the_contract_in_its_order() -> None:
    for name, ours in own_types(PUBLISHED).items():
        theirs = CONTRACT.type_map.get(name)
        if isinstance(ours, GraphQLEnumType) and isinstance(theirs, GraphQLEnumType):
            assert list(ours.values) == list(theirs.values), name


def test_interfaces_and_scalars_are_those_of_the_contract() -> None:
    for name, ours in own_types(PUBLISHED).items():
        theirs = CONTRACT.type_map.get(name)
        if isinstance(ours, GraphQLObjectType) and isinstance(theirs, GraphQLObjectType):
            assert [str(one) for one in ours.interfaces] == [str(one) for one in theirs.interfaces], name
        if isinstance(ours, GraphQLScalarType) and isinstance(theirs, GraphQLScalarType):
            assert ours.specified_by_url == theirs.specified_by_url, name


def test_descriptions_are_copied_from_the_contract() -> None:
    ours, theirs = descriptions(PUBLISHED), descriptions(CONTRACT)
    assert {
        coordinate: (said, theirs[coordinate])
        for coordinate, said in ours.items()
        if theirs.get(coordinate) not in (None, said)
    } == {}


def descriptions(schema: GraphQLSchema) -> dict[str, str | None]:
    """Description of every type, field, argument and enum value by its coordinate; line breaks do not count."""
    found: dict[str, str | None] = {}
    for name, one in own_types(schema).items():
        found[name] = one.description
        members = getattr(one, "fields", None) or getattr(one, "values", {})
        for member, definition in members.items():
            found[f"{name}.{member}"] = definition.description
            for argument, value in getattr(definition, "args", {}).items():
                found[f"{name}.{member}({argument}:)"] = value.description
    return found


def test_nothing_of_the_contract_is_left_out_of_a_type_we_publish() -> None:
    for name, ours in own_types(PUBLISHED).items():
        theirs = CONTRACT.type_map.get(name)
        if isinstance(ours, Composite) and isinstance(theirs, Composite):
            assert set(theirs.fields) - set(ours.fields) == set(), name


def test_every_personal_field_is_published_and_may_be_null() -> None:
    for coordinate in PERSONAL_FIELDS:
        type_name, _, field = coordinate.partition(".")
        ours = PUBLISHED.type_map[type_name]
        assert isinstance(ours, GraphQLObjectType)
        assert not is_non_null_type(ours.fields[field].type), coordinate


def test_every_field_of_records_and_teachers_is_personal_or_open() -> None:
    ours = {f"{name}.{field}" for name in ("TrainingRecord", "Teacher") for field in fields_of(name)}
    assert ours == PERSONAL_FIELDS | OPEN_FIELDS


def fields_of(name: str) -> set[str]:
    """Names of the fields of an object type we publish."""
    ours = PUBLISHED.type_map[name]
    assert isinstance(ours, GraphQLObjectType)
    return set(ours.fields)
