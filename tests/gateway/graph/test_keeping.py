"""What may be kept is said for every field, and asked of a whole operation."""

from pathlib import Path

import pytest
from graphql import GraphQLObjectType, OperationDefinitionNode, OperationType, parse

from gateway.graph.keeping import KEPT, keepable
from tests.gateway.graph.world import EXECUTOR

NEVER = {
    "Query": "node nodes viewer teacher teachers trainingRecord trainingRecords creditRules verifyCertificate "
    "trainingSummary sharingAgreements connectors connector harvestRuns validateManifest _entities",
    "Platform": "health resource connector",
    "Provenance": "connector",
    "Report": "exportUrl",
}
"""Fields of kept types whose answers are personal, of one viewer, signed, or change unseen."""
NEVER_TYPES = {
    "Mutation", "Subscription", "Viewer", "Grant", "Teacher", "TeacherConnection", "TeacherEdge", "Transcript",
    "LevelHours", "TrainingRecord", "TrainingRecordConnection", "TrainingRecordEdge", "Evidence", "RecordEvent",
    "SameActivity", "SearchStreamEvent", "LedgerEntry", "CreditRecognition", "CreditRule",
    "CreditCap", "RoleShare", "Rounding",
    "Certificate", "CertificateVerification", "SharingAgreement", "AgreementPayload", "CertificatePayload",
    "LedgerPayload", "ReviewTrainingPayload", "TrainingRecordPayload", "UserError", "Connector",
    "ConnectorConnection", "ConnectorEdge", "ConnectorPayload", "CredentialStatus", "Drift", "UnmappedValue",
    "ManifestVersion", "ManifestReport", "Finding", "FieldCoverage", "HarvestRun", "HarvestRunConnection",
    "HarvestRunEdge", "HarvestPayload", "QuarantinedRecord", "QuarantinedRecordConnection", "QuarantinedRecordEdge",
    "TestReadPayload", "TestReadRow", "TestRequest", "Health", "Circuit",
}  # fmt: skip
"""Types none of whose fields may be kept."""
SCHEMA = EXECUTOR.schema._schema
OPERATIONS = Path(__file__).parents[2] / "contract" / "graphql" / "operations"


def reading(text: str, operation: str | None = None) -> object:
    """How answers may be kept; None for never."""
    prepared = EXECUTOR.prepare(text)
    assert prepared.errors == ()
    assert prepared.document is not None
    node = prepared.operation(operation)
    assert node is not None
    return keepable(text, prepared.document, node, SCHEMA)


def test_of_every_field_it_is_said_whether_its_answer_may_be_kept() -> None:
    """A new field is not kept before it is listed in gateway/graph/keeping.py, or here as one that never is."""
    undecided, gone = set(), set()
    for name, one in SCHEMA.type_map.items():
        if not isinstance(one, GraphQLObjectType) or name.startswith("__") or name in NEVER_TYPES:
            continue
        listed = KEPT.get(name, frozenset()) | set(NEVER.get(name, "").split())
        undecided |= {f"{name}.{field}" for field in set(one.fields) - listed}
        gone |= {f"{name}.{field}" for field in listed - set(one.fields) if not field.startswith("__")}
        assert not KEPT.get(name, frozenset()) & set(NEVER.get(name, "").split())
    assert undecided == set()
    assert gone == set()
    assert set(KEPT) - set(SCHEMA.type_map) == set()
    assert set(KEPT) & NEVER_TYPES == set()


@pytest.mark.parametrize(
    "text",
    [
        "{ platforms { code } }",
        '{ search(query: "数学") { totalCount edges { node { title } } sources { state latencyMs } } }',
        "query($m: SearchMode! = CATALOG) { search(mode: $m) { totalCount } }",
        "{ search(mode: CATALOG) { ...on SearchConnection { ...h } } } fragment h on SearchConnection { totalCount }",
        '{ usage(measures: ["views"]) { rows { cells { quantity { value } } } } }',
        '{ resource(id: "x") { ... on Node { id } related { nodes { title } } copies { id } usage { status } } }',
        '{ __schema { types { name } } __type(name: "Query") { name } }',
    ],
)
def test_an_operation_of_public_and_steady_fields_may_be_kept(text: str) -> None:
    assert reading(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "{ viewer { name } }",
        "{ platforms { code } viewer { name } }",
        "{ teachers { totalCount } }",
        '{ node(id: "x") { id } }',
        '{ nodes(ids: ["x"]) { __typename } }',
        "{ platforms { code health { state } } }",
        "{ platforms { connector { id } } }",
        '{ usage(measures: ["views"]) { rows { period { from } } exportUrl(format: CSV) } }',
        "query($no: Boolean! = false) { platforms { code } viewer @include(if: $no) { name } }",
        '{ platforms { ...deep } } fragment deep on Platform { resource(nativeId: "1") { id } }',
        "{ search { nodes { provenance { connector { id } } } } }",
        "{ connectors { totalCount } }",
        '{ _entities(representations: [{__typename: "Region", code: "500000"}]) { __typename } }',
        "{ harvestRuns { totalCount } }",
        '{ validateManifest(manifest: "") { ok } }',
        'mutation { cancelHarvest(runId: "x") { run { id } } }',
    ],
)
def test_an_operation_with_one_field_that_is_personal_or_changes_unseen_is_never_kept(text: str) -> None:
    assert reading(text) is None


def test_a_search_whose_mode_is_a_variable_may_be_kept_for_the_catalog_only() -> None:
    kept = reading("query($m: SearchMode!) { search(mode: $m) { totalCount } }")
    assert kept is not None
    assert [kept.holds(each) for each in ({"m": "CATALOG"}, {"m": "LIVE"}, {"m": "AUTO"}, {"m": None})] == [  # type: ignore[attr-defined]
        True, False, False, False,
    ]  # fmt: skip


def test_the_hot_reads_of_the_contract_may_be_kept() -> None:
    found = {}
    for path in sorted(OPERATIONS.glob("*.graphql")):
        text = path.read_text("utf-8")
        for node in parse(text).definitions:
            if isinstance(node, OperationDefinitionNode) and node.name and node.operation is OperationType.QUERY:
                found[node.name.value] = reading(text, node.name.value) is not None
    assert found["SearchPage"]
    assert found["NextPage"]
    assert found["RegionsOverTime"]
    assert not found["DetailViaNode"]
