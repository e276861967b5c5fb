"""Documents and requests beyond a limit are refused before they cost anything, and nothing crashes the executor."""

from typing import Any

import pytest
from graphql import get_introspection_query, parse
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.graph.execution import Executor
from gateway.graph.limits import Limits, exceeded
from gateway.graph.pagination import MAX_FIRST
from tests.architecture.source import ROOT
from tests.gateway.graph.world import EXECUTOR, World

CARD = "{ code }"


def deep(levels: int) -> str:
    """A document whose fields lie so many levels below one another."""
    return '{ region(code: "500103") ' + "{ parent " * (levels - 2) + "{ code }" + " }" * (levels - 2) + " }"


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (deep(16), "15 levels of fields, this one has 16"),
        ("{" + " ".join(f"a{n}: platforms {CARD}" for n in range(51)) + "}", "50 aliases, this one has 51"),
        ("{ platforms {" + " code" * 500 + "} }", "500 fields, this one has 501"),
        ("{ platforms {" + " code" * 5000 + "} }", "4000 tokens, this one has more"),
        (
            "{ ...F0 } " + " ".join(f"fragment F{n} on Query {{ platforms {CARD} ...F{n + 1} }}" for n in range(101)),
            "100 fragments, this one has 101",
        ),
        (
            "fragment A on Region { " + "x: parent { code } " * 26 + '} { region(code: "1") { ...A ...A } }',
            "50 aliases",
        ),
    ],
)
async def test_a_document_beyond_a_limit_is_refused(document: str, says: str) -> None:
    world = World()
    code, message = await world.refusal(document)
    assert code == "LIMIT_EXCEEDED"
    assert says in message
    assert not world.catalog.calls


@pytest.mark.parametrize(
    "document",
    [deep(15), "{" + " ".join(f"a{n}: platforms {CARD}" for n in range(50)) + "}", get_introspection_query()],
)
async def test_a_document_at_the_limit_and_the_introspection_of_tools_are_answered(document: str) -> None:
    await World().data(document)


async def test_a_page_of_a_hundred_results_with_twenty_links_each_fits_the_budget() -> None:
    await World().data("{ search(first: 100) { nodes { id related { nodes { id } } copies { id } } } }")


async def test_a_request_over_its_budget_names_the_limit() -> None:
    document = "{" + " ".join(f"c{n}: search(first: 100) {{ nodes {{ id copies {{ id }} }} }}" for n in range(50)) + "}"
    world = World()
    world.catalog.records = tuple(world.catalog.records) * 2
    body = await world.answer(document)
    codes = {error["extensions"]["code"] for error in body["errors"]}
    assert codes == {"LIMIT_EXCEEDED"}
    assert "10000 units" in body["errors"][0]["message"]


@pytest.mark.parametrize(
    "document",
    [
        "{" * 1500,
        "{a" * 1500 + "}" * 1500,
        "{a(x:" + "[" * 1500 + "]" * 1500 + ")}",
        "query(" + "$a:" + "[" * 1000 + "Int" + "]" * 1000 + "){a}",
        'fragment A on Resource{...B} fragment B on Resource{...A} {node(id:"1"){...A}}',
        "{ platforms { } } fragment",
        "",
        "# only a comment",
        "\ufeff{",
        "subscription { x }",
        "mutation { x }",
    ],
)
async def test_a_hostile_document_gets_a_coded_error(document: str) -> None:
    body = await World().answer(document)
    assert "data" not in body
    assert body["errors"][0]["extensions"]["code"] in {
        "GRAPHQL_PARSE_FAILED",
        "GRAPHQL_VALIDATION_FAILED",
        "LIMIT_EXCEEDED",
    }


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet='{}()[]:!$@."#\\ \naquery0-', max_size=60))
async def test_no_text_crashes_the_executor(document: str) -> None:
    body = await World().answer(document)
    assert "data" in body or all(error["extensions"]["code"] != "INTERNAL" for error in body["errors"])


def test_documents_are_kept_by_their_text_and_the_oldest_is_forgotten() -> None:
    executor = Executor(EXECUTOR.schema, cached_documents=2)
    first = executor.prepare("{ a }")
    assert executor.prepare("{ a }") is first
    executor.prepare("{ b }")
    executor.prepare("{ a }")
    executor.prepare("{ c }")
    assert executor.prepare("{ a }") is first, "used since, so not the oldest"
    assert list(executor._cache) == ["{ c }", "{ a }"]
    executor.prepare("#" * 30_000)
    assert len(executor._cache) == 2


async def test_limits_are_a_value_that_may_be_set() -> None:
    world = World(executor=Executor(EXECUTOR.schema, limits=Limits(depth=1)))
    assert (await world.refusal("{ platforms { code } }"))[0] == "LIMIT_EXCEEDED"


async def test_without_introspection_the_schema_cannot_be_asked() -> None:
    world = World(executor=Executor(EXECUTOR.schema, introspection=False))
    for query in ('{ __type(name: "Node") { name } }', "{ __schema { __typename } }"):
        assert (await world.refusal(query))[0] == "GRAPHQL_VALIDATION_FAILED"
    assert (await world.data("{ __typename }")) == {"__typename": "Query"}


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ platfroms { code } }", {}),
        ("{ platforms { cod } }", {}),
        ('{ region(cod: "500103", code: "500103") { code } }', {}),
        ("{ vocabulary(scheme: KINDS) { code } }", {}),
        ("{ search(filter: { platform: [] }) { totalCount } }", {}),
        ("query($s: VocabularySchem!) { vocabulary(scheme: $s) { code } }", {}),
        ('{ node(id: "x") { ... on Resourc { id } } }', {}),
        ("{ platforms @skp(if: true) { code } }", {}),
        ("query($s: VocabularyScheme!) { vocabulary(scheme: $s) { code } }", {"s": "KINDS"}),
        ("query($f: ResourceFilter) { search(filter: $f) { totalCount } }", {"f": {"platform": []}}),
        ("query($f: ResourceFilter) { search(filter: $f) { totalCount } }", {"f": {"stages": ["PRIMARI"]}}),
    ],
)
async def test_without_introspection_no_error_suggests_a_word_of_the_schema(
    query: str, variables: dict[str, Any]
) -> None:
    async def said(introspection: bool) -> str:
        world = World(executor=Executor(EXECUTOR.schema, introspection=introspection))
        body = await world.answer(query, variables)
        return " ".join(error["message"] for error in body["errors"])

    hidden = await said(introspection=False)
    assert "Did you mean" not in hidden
    assert hidden, "it is an error all the same"
    assert "Did you mean" in await said(introspection=True) or "Unknown directive" in hidden


def test_one_name_a_hundred_times_over_is_refused_before_every_pair_is_compared() -> None:
    document = parse("{" + " platforms { name }" * 101 + "}")
    error = exceeded(document, Limits())
    assert error is not None
    assert "101 times" in error.message
    assert exceeded(parse("{" + " platforms { name }" * 100 + "}"), Limits()) is None


def test_the_guide_of_errors_tells_every_limit_of_a_document_and_that_of_ids() -> None:
    told, own = (ROOT / "docs" / "errors.md").read_text("utf-8"), Limits()
    assert (
        f"{own.tokens:,} tokens, {own.depth} levels of fields, {own.aliases} aliases, {own.fields} fields, "
        f"{own.fragments} fragments, and {own.namesakes} fields of one name"
    ) in told
    assert f"| `ids` of `nodes` | {MAX_FIRST} |" in told
    description = EXECUTOR.schema._schema.query_type.fields["nodes"].description  # type: ignore[union-attr]
    assert f"{MAX_FIRST} at most" in str(description)
    assert told.count("A manifest has at most") + told.count("| a manifest |") == 1
