"""GraphQL listings: connections, numbered pages, errors beside data, and what is refused before anything is sent."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from starlette.requests import Request
from starlette.responses import Response

from connectors.errors import ConnectorError, CredentialRefused, Malformed, Throttled, UpstreamFailure
from connectors.manifest import read_manifest
from connectors.records import HarvestRequest
from tests.connectors.manifest.manifests import FIELDS, HEAD
from tests.connectors.protocols.platform import Scripted, harvest, ids, json, resumed, rows

RELAY = "query($first: Int, $after: String) { lessons(first: $first, after: $after) { nodes { id title } } }"
PAGES = "query($page: Int, $size: Int) { lessons(page: $page, size: $size) { items { id title } total } }"


def manifest(section: str, query: str = RELAY) -> str:
    """A manifest whose harvest asks this query."""
    return f"{HEAD}harvest:\n  protocol: graphql\n  query: '{query}'\n{section}  fields:\n{FIELDS}"


CONNECTION = manifest("  connection: lessons\n  size: 2\n")
NUMBERED = manifest(
    "  records: data.lessons.items\n  paging: {kind: page, size: 2, sizeParameter: size, total: data.lessons.total}\n",
    PAGES,
)


def variables(platform: Scripted) -> list[dict[str, Any]]:
    """What was asked, request by request."""
    return [orjson.loads(body)["variables"] for _, _, body, _ in platform.asked]


def relay(edges: bool = False) -> Callable[[Request, bytes, int], Response]:
    """Five lessons as a Relay connection."""

    def answer(request: Request, body: bytes, number: int) -> Response:
        asked = orjson.loads(body)["variables"]
        first = int(asked.get("after") or 0)
        found = rows(*range(first, min(first + asked["first"], 5)))
        more = first + asked["first"] < 5
        page = {"endCursor": str(first + asked["first"]), "hasNextPage": more}
        listed = {"edges": [{"node": one} for one in found]} if edges else {"nodes": found}
        return json({"data": {"lessons": {**listed, "pageInfo": page, "totalCount": 5}}})

    return answer


@pytest.mark.parametrize("edges", [False, True])
async def test_a_connection_is_read_to_its_end_and_from_every_checkpoint(edges: bool) -> None:
    platform = Scripted(relay(edges))
    pages = await harvest(CONNECTION, platform)
    assert ids(pages) == ["0", "1", "2", "3", "4"]
    assert variables(platform) == [{"first": 2}, {"first": 2, "after": "2"}, {"first": 2, "after": "4"}]
    assert [(method, target) for method, target, _, _ in platform.asked] == [("POST", "/graphql")] * 3
    assert [page.expected for page in pages] == [5, 5, 5]
    for number, page in enumerate(pages):
        again = await harvest(CONNECTION, Scripted(relay(edges)), request=resumed(page.checkpoint))
        assert ids(again) == ids(pages[number + 1 :])


@pytest.mark.parametrize("kind", ["page", "offset"])
async def test_numbered_pages_are_read_to_their_end_and_from_every_checkpoint(kind: str) -> None:
    def answer(request: Request, body: bytes, number: int) -> Response:
        asked = orjson.loads(body)["variables"]
        first = (asked["page"] - 1) * 2 if kind == "page" else asked["page"]
        return json({"data": {"lessons": {"items": rows(*range(first, min(first + 2, 5))), "total": 5}}})

    text = NUMBERED if kind == "page" else NUMBERED.replace("kind: page", "kind: offset, parameter: page")
    platform = Scripted(answer)
    pages = await harvest(text, platform)
    assert ids(pages) == ["0", "1", "2", "3", "4"]
    assert [asked["page"] for asked in variables(platform)] == ([1, 2, 3] if kind == "page" else [0, 2, 4])
    for number, page in enumerate(pages):
        again = await harvest(text, Scripted(answer), request=resumed(page.checkpoint))
        assert ids(again) == ids(pages[number + 1 :])


async def test_changes_are_asked_for_in_a_nested_variable() -> None:
    query = "query($filter: F) { lessons(filter: $filter) { id title } }"
    section = (
        "  records: data.lessons\n  variables: {filter: {tier: all}}\n"
        "  incremental: {parameter: filter.updatedAfter, format: epochSeconds, lookback: 0}\n"
    )
    platform = Scripted(lambda request, body, number: json({"data": {"lessons": rows(1)}}))
    since = datetime(2024, 3, 5, 2, 30, tzinfo=UTC)
    await harvest(manifest(section, query), platform, request=HarvestRequest(since=since))
    assert variables(platform) == [{"filter": {"tier": "all", "updatedAfter": 1709605800}}]


def beside(listed: dict[str, Any], *errors: dict[str, Any]) -> Scripted:
    """A platform whose only page has errors beside its data."""
    page = {"pageInfo": {"hasNextPage": False, "endCursor": None}}
    return Scripted(
        lambda request, body, number: json({"data": {"lessons": {**listed, **page}}, "errors": list(errors)})
    )


def error(message: str, *path: str | int, code: str | None = None) -> dict[str, Any]:
    """One entry of `errors`."""
    return {"message": message, "path": list(path), **({"extensions": {"code": code}} if code else {})}


async def test_a_record_that_an_error_lies_in_is_refused_by_itself() -> None:
    platform = beside({"nodes": rows(1, 2, 3)}, error("没有权限", "lessons", "nodes", 1, "title", code="FORBIDDEN"))
    [page] = await harvest(CONNECTION, platform)
    assert ids([page]) == ["1", "3"]
    [rejected] = page.rejected
    assert [(one.code, one.message) for one in rejected.findings] == [
        ("graphql.error", "the platform says: FORBIDDEN: 没有权限 at lessons.nodes.1.title")
    ]
    assert orjson.loads(rejected.raw)["id"] == 2


async def test_errors_name_the_right_record_beside_null_nodes() -> None:
    edges = [{"node": None}, {"node": rows(1)[0]}, {"node": rows(2)[0]}]
    platform = beside({"edges": edges}, error("一", "lessons", "edges", 0, "node"), error("二", "lessons", "edges", 2))
    [page] = await harvest(CONNECTION, platform)
    assert ids([page]) == ["1"]
    assert [rejected.raw for rejected in page.rejected] == ["null", '{"id":2,"title":"第2课"}']


@pytest.mark.parametrize(
    ("path", "spared"), [(("playCount",), True), (("statistics", "views"), True), (("statistics",), False)]
)
async def test_a_field_that_may_fail_costs_no_record(path: tuple[str, ...], spared: bool) -> None:
    text = CONNECTION.replace("  size: 2\n", "  size: 2\n  mayFail: [playCount, statistics.views]\n")
    [page] = await harvest(
        text, beside({"edges": [{"node": rows(7)[0]}]}, error("忙", "lessons", "edges", 0, "node", *path))
    )
    assert ids([page]) == (["7"] if spared else [])
    assert len(page.rejected) == (0 if spared else 1)


@pytest.mark.parametrize(
    "path", [("facets", 0, "count"), ("lessons", "nodes", 9), ("lessons", "nodes", -1), ("lessons", "totalCount"), ()]
)
async def test_an_error_outside_of_the_records_is_the_whole_answer_s(path: tuple[str | int, ...]) -> None:
    with pytest.raises(UpstreamFailure, match="GraphQL 坏了"):
        await harvest(CONNECTION, beside({"nodes": rows(1)}, error("坏了", *path)))


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        ({"data": None, "errors": [{"message": "系统繁忙"}]}, UpstreamFailure, "GraphQL 系统繁忙"),
        ({"data": None}, UpstreamFailure, "neither data nor errors"),
        ({}, UpstreamFailure, "neither data nor errors"),
        ([], Malformed, "not an object"),
        ({"data": {"lessons": None}}, Malformed, "no list"),
        ({"data": {"lessons": {"nodes": None}}}, Malformed, "no list"),
        ({"data": {"lessons": {"edges": None}}}, Malformed, "no list"),
        ({"data": {"lessons": {"nodes": "x"}}}, Malformed, "no list"),
        ({"data": {"lessons": None}, "errors": [error("空", "lessons")]}, UpstreamFailure, "空"),
        ({"data": None, "errors": ["text"]}, UpstreamFailure, "neither"),
    ],
)
async def test_an_answer_without_records_never_ends_a_listing(
    answer: Any, kind: type[ConnectorError], words: str
) -> None:
    with pytest.raises(kind, match=words) as caught:
        await harvest(CONNECTION, Scripted(lambda request, body, number: json(answer)))
    assert type(caught.value) is kind


@pytest.mark.parametrize("listed", [{"nodes": []}, {"edges": []}])
async def test_an_empty_list_is_an_empty_listing(listed: dict[str, Any]) -> None:
    [page] = await harvest(CONNECTION, beside(listed))
    assert (page.accepted, page.rejected) == ((), ())


@pytest.mark.parametrize(
    ("code", "status", "kind", "asked"),
    [
        ("UNAUTHENTICATED", 200, CredentialRefused, 2),
        ("TOKEN_EXPIRED", 400, CredentialRefused, 2),
        ("THROTTLED", 200, Throttled, 3),
        ("RATE_LIMITED", 429, Throttled, 3),
        ("BAD_USER_INPUT", 400, UpstreamFailure, 1),
        ("OTHER", 200, UpstreamFailure, 1),
    ],
)
async def test_codes_say_what_follows(
    code: str, status: int, kind: type[ConnectorError], asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.protocols.exchange.PAUSE", 0.001)
    body = {"data": None, "errors": [error("平台的话", code=code)]}
    platform = Scripted(lambda request, _, number: json(body, status))
    with pytest.raises(kind, match="平台的话") as caught:
        await harvest(CONNECTION, platform)
    assert type(caught.value) is kind
    assert len(platform.asked) == asked


@pytest.mark.parametrize(
    ("section", "query", "words"),
    [
        ("  records: data\n", "mutation { remove }", "a listing only reads"),
        ("  records: data\n", "subscription { remove }", "a listing only reads"),
        ("  records: data\n", "query a { x } mutation b { y }", "a listing only reads"),
        ("  records: data\n", "query a { x } query b { y }", "one query is needed, here are 2"),
        ("  records: data\n", "fragment f on X { y }", "one query is needed, here are 0"),
        ("  records: data\n", "query { x", "line 1, column 10"),
        (
            "  records: data\n  variables: {tier: all}\n",
            "query($level: Int) { x }",
            "no variable $tier; it declares $level",
        ),
        ("  connection: x\n", "query($first: Int) { x }", "no variable $after; it declares $first"),
        ("  connection: x\n", "{ x }", "no variable $first; it declares none"),
        (
            "  records: data\n  paging: {kind: page, size: 5}\n",
            "query($p: Int) { x }",
            "no variable $page; it declares $p",
        ),
        ("  records: data\n  paging: {kind: cursor, next: c, parameter: after.token}\n", "{ x }", "no variable $after"),
        ("", "{ x }", "say where the records are"),
        ("  connection: x\n  paging: {kind: page, size: 5}\n", RELAY, "a connection pages by itself"),
    ],
)
def test_a_query_that_cannot_be_sent_is_refused_at_reading(section: str, query: str, words: str) -> None:
    reading = read_manifest(manifest(section, query))
    assert reading.connector is None
    assert [words in finding.message for finding in reading.findings] == [True]
    assert (reading.findings[0].pointer or "").startswith("/harvest")
    assert reading.findings[0].line is not None
