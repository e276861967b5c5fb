"""Failures carry code, platform, retryable and trace id; what was not raised on purpose is masked and logged."""

import logging
from collections.abc import Sequence

import orjson
import pytest

from gateway.catalog.query import FacetDimension, SearchRequest
from gateway.catalog.results import Facet
from gateway.errors import NotReady
from gateway.graph.errors import LONGEST_MESSAGE, in_json_words
from tests.gateway.graph.world import MemoryCatalog, World


class BrokenFacets(MemoryCatalog):
    """Searches well and cannot count."""

    async def facets(self, request: SearchRequest, dimensions: Sequence[FacetDimension], limit: int) -> Sequence[Facet]:
        raise RuntimeError("password=hunter2")


class Rebuilding(MemoryCatalog):
    """Is not ready to count."""

    async def facets(self, request: SearchRequest, dimensions: Sequence[FacetDimension], limit: int) -> Sequence[Facet]:
        raise NotReady("the index is being rebuilt", platform="chongqing")


QUERY = "{ search { totalCount facets(dimensions: [STAGE]) { dimension } } platforms { code } }"


async def test_an_unexpected_failure_is_masked_logged_and_blanks_its_own_field_only(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR, logger="shanhai.graph"):
        body = await World(catalog=BrokenFacets()).answer(QUERY)
    (error,) = body["errors"]
    assert error["path"] == ["search", "facets"]
    assert error["extensions"] == {"code": "INTERNAL", "platform": None, "retryable": False, "traceId": "trace-1"}
    assert "hunter2" not in str(body)
    assert body["data"]["search"] == {"totalCount": 84, "facets": None}
    assert len(body["data"]["platforms"]) == 3
    (record,) = caplog.records
    assert "trace-1" in record.getMessage()
    assert record.exc_info is not None


async def test_a_failure_raised_on_purpose_is_told_as_it_is() -> None:
    body = await World(catalog=Rebuilding()).answer(QUERY)
    (error,) = body["errors"]
    assert error["message"] == "the index is being rebuilt"
    assert error["extensions"] == {
        "code": "NOT_READY",
        "platform": "chongqing",
        "retryable": True,
        "traceId": "trace-1",
    }


@pytest.mark.parametrize(
    ("document", "variables", "operation", "code"),
    [
        ("{", None, None, "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", None, None, "GRAPHQL_VALIDATION_FAILED"),
        ("query A { platforms { id } } query B { platforms { id } }", None, None, "GRAPHQL_OPERATION_UNKNOWN"),
        ("query A { platforms { id } }", None, "B", "GRAPHQL_OPERATION_UNKNOWN"),
        ("query($c: String!) { region(code: $c) { id } }", None, None, "GRAPHQL_VARIABLES_INVALID"),
        ("query($c: String!) { region(code: $c) { id } }", {"c": 5}, None, "GRAPHQL_VARIABLES_INVALID"),
        (
            "query($f: ResourceFilter) { search(filter: $f) { totalCount } }",
            {"f": {"startsFrom": "2026-03-01T08:00:00"}},
            None,
            "GRAPHQL_VARIABLES_INVALID",
        ),
    ],
)
async def test_a_request_that_cannot_be_executed_has_its_own_code(
    document: str, variables: dict[str, object] | None, operation: str | None, code: str
) -> None:
    body = await World().answer(document, variables, operation=operation)
    assert "data" not in body
    assert [error["extensions"]["code"] for error in body["errors"]] == [code]


async def test_a_named_operation_of_several_is_executed() -> None:
    data = await World().data("query A { platforms { code } } query B { programs { code } }", operation="B")
    assert data == {"programs": [{"code": "chengyu"}]}


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("Expected value of type 'Int!' not to be None.", "Expected value of type 'Int!' not to be null."),
        ("found: {'a': None, 'b': [True, False]}", 'found: {"a": null, "b": [true, false]}'),
        ("Value 'x' is no 'Stage'; found: 'x'.", "Value 'x' is no 'Stage'; found: \"x\"."),
        ("Enum 'E' cannot represent non-string value: ['b'].", "Enum 'E' cannot represent non-string value: [\"b\"]."),
        ("cannot represent 'None of this'", "cannot represent 'None of this'"),
        ('cannot represent "it\'s True"', 'cannot represent "it\'s True"'),
        ("Syntax Error: Unexpected <EOF>.", "Syntax Error: Unexpected end of document."),
        ("Nonesuch", "Nonesuch"),
        ("found: {'a': None} \"x' None", 'found: {"a": null} "x\' None'),  # not closed, so that it goes to the end
        ("found: 'a\\", "found: 'a\\"),
    ],
)
def test_values_in_messages_are_written_as_clients_write_them(message: str, told: str) -> None:
    assert in_json_words(message) == told


async def test_what_a_client_sent_is_not_repeated_at_any_length() -> None:
    quotes = "\\'" * 200_000
    _, message = await World().refusal(f'{{ search(query: "x", first: """a" \'{quotes}""") {{ totalCount }} }}')
    assert len(message) <= LONGEST_MESSAGE
    assert message.endswith("…")


@pytest.mark.parametrize(
    "value", ["\0", "\x1b山海\"'", "\\x00", {"foo": [None, True, "it's"]}, ["\n", {}], 7, [1.5, "\U000e0001\\'\""]]
)
async def test_a_variable_is_shown_as_json(value: object) -> None:
    body = await World().answer("query($c: Boolean!) { platforms @include(if: $c) { code } }", {"c": value})
    (error,) = body["errors"]
    assert orjson.loads(error["message"].partition("boolean value: ")[2]) == value


async def test_a_value_that_the_gateway_refuses_has_the_escapes_of_json() -> None:
    _, message = await World().refusal('{ platforms(regions: ["\\u0000"]) { code } }')
    assert message.startswith("regions: '\\u0000' is no known")
