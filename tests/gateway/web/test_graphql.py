"""GraphQL over HTTP: media types, statuses, identity, and every way a request can be wrong."""

import gzip
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gateway.graph.world import MemoryCatalog, World
from tests.gateway.web.client import KEY, application, client_of, code_of, post, send

PLATFORMS = "{ platforms { code } }"
GRAPHQL = "application/graphql-response+json"
JSON = {"content-type": "application/json"}


async def test_a_query_by_post_is_answered_with_an_id() -> None:
    response = await post(PLATFORMS)
    assert response.status_code == 200
    assert response.json() == {"data": {"platforms": [{"code": "chongqing"}, {"code": "yuzhong"}, {"code": "zibo"}]}}
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert len(response.headers["x-request-id"]) == 32


async def test_a_client_may_name_its_request_and_nonsense_is_renamed() -> None:
    assert (await post(PLATFORMS, None, **{"x-request-id": "abc-1.2_3"})).headers["x-request-id"] == "abc-1.2_3"
    assert (await post(PLATFORMS, None, **{"x-request-id": "a b\tc"})).headers["x-request-id"] != "a b\tc"
    assert (await post(PLATFORMS, None, **{"x-request-id": "x" * 65})).headers["x-request-id"] != "x" * 65


async def test_variables_and_operation_names_are_used() -> None:
    body = {
        "query": "query A($c: String!) { region(code: $c) { name } } query B { programs { code } }",
        "variables": {"c": "500103"},
        "operationName": "A",
        "extensions": {},
    }
    response = await send("POST", "/graphql", json=body)
    assert response.json() == {"data": {"region": {"name": "渝中区"}}}


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/json", "application/json"),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}, application/json", GRAPHQL),
        (f"{GRAPHQL}; charset=utf-8, application/json; q=0.9", GRAPHQL),
        (f"application/json, {GRAPHQL}; q=0.5", "application/json"),
        ("text/html, */*; q=0.1", "application/json"),
        ("", "application/json"),
    ],
)
async def test_the_accepted_media_type_decides_the_answers(accept: str, media_type: str) -> None:
    response = await post(PLATFORMS, accept=accept)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"


@pytest.mark.parametrize("accept", ["text/html", "application/xml, text/*", "application/json; q=0", "nonsense;q=x"])
async def test_a_client_that_reads_no_json_is_told_so(accept: str) -> None:
    response = await post(PLATFORMS, accept=accept)
    assert response.status_code == 406
    assert code_of(response) == "NOT_ACCEPTABLE"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { platforms { id } } query B { platforms { id } }", "GRAPHQL_OPERATION_UNKNOWN"),
        ("query($c: String!) { region(code: $c) { id } }", "GRAPHQL_VARIABLES_INVALID"),
        ("{ platforms {" + " code" * 5000 + "} }", "LIMIT_EXCEEDED"),
    ],
)
async def test_a_request_error_is_400_in_the_newer_media_type_and_200_in_the_older(query: str, code: str) -> None:
    newer, older = await post(query, accept=GRAPHQL), await post(query, accept="application/json")
    assert (newer.status_code, older.status_code) == (400, 200)
    assert code_of(newer) == code_of(older) == code
    assert "data" not in newer.json()


async def test_a_field_error_is_200_with_the_data_that_could_be_had() -> None:
    response = await post("{ search(first: 101) { totalCount } platforms { code } }", accept=GRAPHQL)
    assert response.status_code == 200
    assert code_of(response) == "LIMIT_EXCEEDED"
    assert response.json()["data"]["search"] is None
    assert len(response.json()["data"]["platforms"]) == 3


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"null", JSON, 400, "INVALID_REQUEST"),
        (b"5", JSON, 400, "INVALID_REQUEST"),
        (b'"x"', JSON, 400, "INVALID_REQUEST"),
        (b"{}", JSON, 400, "INVALID_REQUEST"),
        (b'{"query": null}', JSON, 400, "INVALID_REQUEST"),
        (b'{"query": "  "}', JSON, 400, "INVALID_REQUEST"),
        (b'{"query": ["{a}"]}', JSON, 400, "INVALID_REQUEST"),
        (b'{"query": "{a}", "variables": []}', JSON, 400, "INVALID_REQUEST"),
        (b'{"query": "{a}", "variables": "{}"}', JSON, 400, "INVALID_REQUEST"),
        (b'{"query": "{a}", "operationName": 1}', JSON, 400, "INVALID_REQUEST"),
        (b'{"query": "{a}", "extensions": 1}', JSON, 400, "INVALID_REQUEST"),
        (b'[{"query": "{a}"}]', JSON, 400, "BATCHING_UNSUPPORTED"),
        (b"[]", JSON, 400, "BATCHING_UNSUPPORTED"),
        (b"", JSON, 400, "INVALID_JSON"),
        (b"{", JSON, 400, "INVALID_JSON"),
        (b"\xff\xfe", JSON, 400, "INVALID_JSON"),
        (b'{"query": "\\ud800"}', JSON, 400, "INVALID_JSON"),
        (b"[" * 100_000, JSON, 400, "INVALID_JSON"),
        (gzip.compress(b'{"query": "{a}"}'), JSON, 400, "INVALID_JSON"),
        (b"\x1f\x8bgarbage", {**JSON, "content-encoding": "gzip"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b'{"query": "{a}"}', {}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b'{"query": "{a}"}', {"content-type": "text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b"query=%7Ba%7D", {"content-type": "application/x-www-form-urlencoded"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b" " * (1024 * 1024 + 1), JSON, 413, "BODY_TOO_LARGE"),
    ],
)
async def test_a_body_that_is_no_request_is_refused_with_a_code(
    content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    world = World()
    response = await send("POST", "/graphql", world, content=content, headers=headers)
    assert response.status_code == status
    assert code_of(response) == code
    assert not world.catalog.calls


async def test_a_body_without_a_stated_length_is_cut_at_the_limit() -> None:
    async def endless() -> Any:
        for _ in range(20):
            yield b" " * 100_000

    response = await send("POST", "/graphql", content=endless(), headers=JSON)
    assert response.status_code == 413
    assert code_of(response) == "BODY_TOO_LARGE"


async def test_a_body_of_just_the_limit_is_read() -> None:
    text = b'{"query": "{ platforms { code } }"}'
    response = await send("POST", "/graphql", content=text.ljust(1024 * 1024), headers=JSON)
    assert response.status_code == 200


SAFE = {"graphql-require-preflight": "1"}


async def test_a_get_with_a_header_no_foreign_page_can_send_may_query() -> None:
    parameters = {"query": "query A($c: String!) { region(code: $c) { name } }", "variables": '{"c": "500103"}'}
    response = await send("GET", "/graphql", params={**parameters, "operationName": "A"}, headers=SAFE)
    assert response.json() == {"data": {"region": {"name": "渝中区"}}}
    with_key = await send("GET", "/graphql", params={"query": PLATFORMS}, headers={"authorization": f"Bearer {KEY}"})
    assert with_key.status_code == 200


@pytest.mark.parametrize(
    ("parameters", "headers", "status", "code"),
    [
        ({"query": PLATFORMS}, {}, 400, "PREFLIGHT_REQUIRED"),
        ({"query": PLATFORMS}, {"accept": "application/json"}, 400, "PREFLIGHT_REQUIRED"),
        ({}, SAFE, 400, "INVALID_REQUEST"),
        ({"query": PLATFORMS, "variables": "{"}, SAFE, 400, "INVALID_JSON"),
        ({"query": PLATFORMS, "variables": "[]"}, SAFE, 400, "INVALID_REQUEST"),
    ],
)
async def test_a_get_that_is_no_request_is_refused_with_a_code(
    parameters: dict[str, str], headers: dict[str, str], status: int, code: str
) -> None:
    response = await send("GET", "/graphql", params=parameters, headers=headers)
    assert response.status_code == status
    assert code_of(response) == code


async def test_a_get_may_only_query() -> None:
    response = await send("GET", "/graphql", params={"query": "mutation { x }"}, headers=SAFE)
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert code_of(response) == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_other_methods_are_refused_with_a_code(method: str) -> None:
    response = await send(method, "/graphql")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"
    assert code_of(response) == "METHOD_NOT_ALLOWED"


async def test_the_key_shows_every_tier_and_a_wrong_one_is_refused() -> None:
    query = '{ search(query: "校本") { totalCount } }'
    assert (await post(query)).json()["data"]["search"]["totalCount"] == 0
    assert (await post(query, authorization=f"Bearer {KEY}")).json()["data"]["search"]["totalCount"] == 1
    for wrong in ("Bearer wrong", "Bearer ", "Basic abc", KEY, f"Bearer {KEY}x"):
        world = World()
        response = await post(query, world, authorization=wrong)
        assert response.status_code == 401
        assert response.headers["www-authenticate"].startswith("Bearer")
        assert code_of(response) == "UNAUTHENTICATED"
        assert not world.catalog.calls


async def test_without_an_administrator_every_key_is_wrong() -> None:
    async with client_of(application(World(), key=None)) as client:
        for key in ("", "None", KEY):
            response = await client.post(
                "/graphql", json={"query": PLATFORMS}, headers={"authorization": f"Bearer {key}"}
            )
            assert response.status_code == 401


async def test_a_failure_outside_the_graph_is_a_coded_500() -> None:
    class NoWorld(World):
        @property
        def services(self) -> Any:
            raise RuntimeError("secret detail")

    response = await send("POST", "/graphql", NoWorld(), json={"query": PLATFORMS})
    assert response.status_code == 500
    assert code_of(response) == "INTERNAL"
    assert "secret" not in response.text


async def test_a_client_that_hangs_up_in_its_body_is_no_failure_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    parts = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }

    async def receive() -> Any:
        return next(parts)

    async def ignore(message: Any) -> None:
        assert message["type"].startswith("http.response")

    await application(World())(scope, receive, ignore)
    assert caplog.records == []


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["application/json", "text/plain", "", "application/json; charset=x"]))
async def test_no_body_is_answered_with_a_server_error(content: bytes, media_type: str) -> None:
    response = await send("POST", "/graphql", content=content, headers={"content-type": media_type})
    assert 400 <= response.status_code < 500
    assert isinstance(response, httpx.Response)
    assert code_of(response)


async def test_a_document_is_parsed_and_validated_once_for_many_requests() -> None:
    world = World(catalog=MemoryCatalog())
    before = len(world.executor._cache)
    for _ in range(3):
        await post("{ platforms { code name nameEn aliases } }", world)
    assert len(world.executor._cache) <= before + 1
