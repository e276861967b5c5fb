"""Whatever record is valid can be shown: no value of it breaks a field, and its id leads back to it."""

from datetime import UTC, datetime
from decimal import Decimal

import orjson
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schema.access import Access
from schema.identifiers import resource_id
from schema.kinds import ResourceKind
from schema.people import ContributorRole
from schema.quality import EvaluatorKind
from schema.resources import CodedTerm, Contributor, Evaluation, Organization, ResourceFile, ResourceRecord
from schema.stages import SchoolSystem, Stage
from tests.gateway.graph.records import stored
from tests.gateway.graph.world import MemoryCatalog, World

WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=40)
NUMBERS = st.none() | st.integers(0, 10**40)
INSTANTS = st.none() | st.datetimes(timezones=st.just(UTC))
TERMS = st.builds(CodedTerm, code=WORDS, native=st.none() | WORDS)
REGIONS = st.none() | st.from_regex(r"[0-9]{6}", fullmatch=True)
ORGANIZATIONS = st.builds(Organization, name=WORDS, region=REGIONS)
RECORDS = st.builds(
    lambda **fields: ResourceRecord(**fields),  # noqa: PLW0108  # its signature shows the names of the JSON
    native_id=WORDS,
    title=WORDS,
    kind=st.sampled_from(ResourceKind),
    summary=st.none() | WORDS,
    stages=st.lists(st.sampled_from(Stage), max_size=2).map(tuple),
    school_system=st.none() | st.sampled_from(SchoolSystem),
    grades=st.lists(TERMS, max_size=2).map(tuple),
    subjects=st.lists(TERMS, max_size=2).map(tuple),
    edition=st.none() | TERMS,
    region=REGIONS,
    audience_regions=st.lists(REGIONS.filter(bool), max_size=2).map(tuple),
    provider=st.none() | ORGANIZATIONS,
    contributors=st.lists(
        st.builds(
            Contributor, name=st.none() | WORDS, role=st.sampled_from(ContributorRole), organization=ORGANIZATIONS
        ),
        max_size=2,
    ).map(tuple),
    program=st.none() | WORDS,
    published_at=INSTANTS,
    duration_seconds=NUMBERS,
    files=st.lists(st.builds(ResourceFile, size_bytes=NUMBERS), max_size=2).map(tuple),
    access=st.sampled_from((Access.PUBLIC, Access.REGISTERED)),
    license=st.none() | WORDS,
    evaluations=st.lists(
        st.builds(
            Evaluation,
            evaluator=st.sampled_from(EvaluatorKind),
            dimension=WORDS,
            score=st.none() | st.decimals(allow_nan=False, allow_infinity=False),
        ),
        max_size=1,
    ).map(tuple),
)
QUERY = """
query($id: ID!) { node(id: $id) { id ... on Resource {
  nativeId title kind summary stages schoolSystem access publishedAt durationSeconds
  grades { scheme code label labelEn broader native } subjects { code label } edition { code label }
  region { id name ancestors { code } } audienceRegions { code } provider { name region { name } }
  contributors { name role organization { name region { code } } } program { name } files { sizeBytes }
  license { code name url } evaluations { evaluator dimension score } provenance { fetchedAt }
} } }
"""


@settings(max_examples=120, deadline=None)
@given(RECORDS)
@example(ResourceRecord(native_id="1", title="t", kind=ResourceKind.VIDEO, files=(ResourceFile(size_bytes=2**53 + 1),)))
async def test_every_valid_record_is_shown_as_it_is(record: ResourceRecord) -> None:
    world = World(catalog=MemoryCatalog(records=(stored("chongqing", record),)))
    identifier = resource_id("chongqing", record.native_id)
    told = orjson.loads(orjson.dumps(await world.data(QUERY, {"id": identifier})))["node"]
    assert (told["id"], told["nativeId"], told["title"]) == (identifier, record.native_id, record.title)
    assert [one["code"] for one in told["grades"]] == [term.code for term in record.grades]
    assert all(one["label"] for one in told["grades"] + told["subjects"])
    assert told["durationSeconds"] in (record.duration_seconds, None)
    published = record.published_at
    assert told["publishedAt"] is None or datetime.fromisoformat(told["publishedAt"]) == published
    scores = [one["score"] and Decimal(one["score"]) for one in told["evaluations"]]
    assert scores == [one.score for one in record.evaluations]
    sizes = [one["sizeBytes"] for one in told["files"]]
    assert sizes == [None if one.size_bytes is None else float(one.size_bytes) for one in record.files]
