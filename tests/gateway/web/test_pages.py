"""The pages beside the endpoint."""

import re

from graphql import build_schema

from gateway.graph.schema import schema_text
from tests.gateway.graph.world import EXECUTOR, World
from tests.gateway.web.client import application, client_of, send


async def test_the_schema_is_served_with_a_tag_and_not_twice() -> None:
    first = await send("GET", "/schema.graphql")
    assert first.status_code == 200
    assert first.text == schema_text(EXECUTOR.schema)
    assert first.headers["content-type"] == "text/plain; charset=utf-8"
    assert "Query" in build_schema(first.text).type_map
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await send("GET", "/schema.graphql", headers={"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (await send("GET", "/schema.graphql", headers={"if-none-match": '"other"'})).status_code == 200


async def test_the_schema_is_compressed_for_who_reads_gzip() -> None:
    plain = await send("GET", "/schema.graphql", headers={"accept-encoding": "identity"})
    squeezed = await send("GET", "/schema.graphql", headers={"accept-encoding": "gzip"})
    assert (plain.headers.get("content-encoding"), squeezed.headers["content-encoding"]) == (None, "gzip")
    assert plain.text == squeezed.text == schema_text(EXECUTOR.schema)
    assert int(squeezed.headers["content-length"]) * 3 < int(plain.headers["content-length"])
    tag = squeezed.headers["etag"]
    assert tag != plain.headers["etag"]
    known = await send("GET", "/schema.graphql", headers={"accept-encoding": "gzip", "if-none-match": tag})
    for response in (plain, squeezed, known):
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["vary"] == "Accept-Encoding"
    assert known.status_code == 304


async def test_the_first_page_names_the_endpoint_and_loads_nothing_from_elsewhere() -> None:
    response = await send("GET", "/")
    assert response.status_code == 200
    assert "/graphql" in response.text
    assert re.findall(r"(?:https?:)?//\w", response.text) == []
    assert "default-src 'none'" in response.headers["content-security-policy"]


async def test_the_process_answers_that_it_lives() -> None:
    response = await send("GET", "/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_readiness_is_what_the_checks_say() -> None:
    async def content() -> str | None:
        return None

    async def rebuilding() -> str | None:
        return "the index is being rebuilt"

    async def broken() -> str | None:
        raise RuntimeError("secret detail")

    async with client_of(application(World(), {"database": content})) as client:
        ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "checks": {"database": "ok"}})
    async with client_of(application(World(), {"database": content, "index": rebuilding, "x": broken})) as client:
        waiting = await client.get("/readyz")
    assert waiting.status_code == 503
    assert waiting.json()["checks"] == {
        "database": "ok",
        "index": "the index is being rebuilt",
        "x": "failed; see the log",
    }
    assert "secret" not in waiting.text


async def test_an_unknown_path_is_not_found() -> None:
    assert (await send("GET", "/nothing")).status_code == 404
