"""GraphQL over HTTP: media types, statuses, identity, and every way a request can be wrong."""

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.web import Rules
from tests.gateway.graph.world import MemoryCatalog, World
from tests.gateway.web.client import KEY, application, client_of, code_of, post, send

PLATFORMS = "{ platforms { code } }"
GRAPHQL = "application/graphql-response+json"
JSON = {"content-type": "application/json"}
ONE = application(World())
"""For properties: what they send leaves nothing behind."""


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
    ("query", "status", "code"),
    [
        ("{", 400, "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", 422, "GRAPHQL_VALIDATION_FAILED"),
        ("query A { platforms { id } } query B { platforms { id } }", 422, "GRAPHQL_OPERATION_UNKNOWN"),
        ("query($c: String!) { region(code: $c) { id } }", 422, "GRAPHQL_VARIABLES_INVALID"),
        ("{ platforms {" + " code" * 5000 + "} }", 422, "LIMIT_EXCEEDED"),
        ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", 422, "GRAPHQL_VALIDATION_FAILED"),
        ("{" + " ".join(f"a{at}: platforms {{ code }}" for at in range(500)) + "}", 422, "LIMIT_EXCEEDED"),
    ],
)
async def test_a_request_error_has_the_status_of_the_draft_and_its_media_type_whatever_was_accepted(
    query: str, status: int, code: str
) -> None:
    for accept in (GRAPHQL, "application/json", "*/*"):
        response = await post(query, accept=accept)
        assert (response.status_code, code_of(response)) == (status, code)
        assert response.headers["content-type"] == f"{GRAPHQL}; charset=utf-8"
        assert "data" not in response.json()


PARTLY = "{ search(first: 101) { totalCount } platforms { code } }"


async def test_a_field_error_is_200_with_the_data_that_could_be_had() -> None:
    response = await post(PARTLY, accept=GRAPHQL)
    assert response.status_code == 200
    assert code_of(response) == "LIMIT_EXCEEDED"
    assert response.json()["data"]["search"] is None
    assert len(response.json()["data"]["platforms"]) == 3


@pytest.mark.parametrize(
    ("query", "accept", "status"),
    [(PARTLY, GRAPHQL, 294), (PARTLY, "application/json", 200), (PLATFORMS, GRAPHQL, 200), ("{ no }", GRAPHQL, 422)],
)
async def test_where_the_operator_wants_it_a_partial_success_has_a_status_of_its_own(
    query: str, accept: str, status: int
) -> None:
    async with client_of(application(World(), rules=Rules(partial_status=True))) as client:
        response = await client.post("/graphql", json={"query": query}, headers={"accept": accept})
    assert response.status_code == status


async def test_a_document_is_parsed_and_validated_once_for_many_requests() -> None:
    world = World(catalog=MemoryCatalog())
    before = len(world.executor._cache)
    for _ in range(3):
        await post("{ platforms { code name nameEn aliases } }", world)
    assert len(world.executor._cache) <= before + 1


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
        ({}, SAFE, 422, "INVALID_REQUEST"),
        ({"query": PLATFORMS, "variables": "{"}, SAFE, 400, "INVALID_JSON"),
        ([("query", PLATFORMS), ("query", "{a}")], SAFE, 422, "INVALID_REQUEST"),
        ({"query": PLATFORMS, "onError": "HALT"}, SAFE, 422, "INVALID_REQUEST"),
        ({"query": PLATFORMS, "variables": "[]"}, SAFE, 422, "INVALID_REQUEST"),
    ],
)
async def test_a_get_that_is_no_request_is_refused_with_a_code(
    parameters: dict[str, str] | list[tuple[str, str]], headers: dict[str, str], status: int, code: str
) -> None:
    response = await send("GET", "/graphql", params=parameters, headers=headers)
    assert response.status_code == status
    assert code_of(response) == code


async def test_a_get_may_only_query() -> None:
    response = await send("GET", "/graphql", params={"query": "mutation { x }"}, headers=SAFE)
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert code_of(response) == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO"])
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


NAMES = ("query", "variables", "operationName", "extensions", "documentId", "onError", "id")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.text(max_size=20)), max_size=4))
async def test_no_get_is_answered_with_a_server_error(parameters: list[tuple[str, str]]) -> None:
    async with client_of(ONE) as client:
        response = await client.get(f"/graphql?{urlencode(parameters)}", headers=SAFE)
    assert response.status_code < 500
