"""Documents that clients name: listed by the operator, or sent once with their hash."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiocache.base import BaseCache
from hypothesis import given
from hypothesis import strategies as st

from gateway.application import create_app
from gateway.cache import open_cache
from gateway.errors import InvalidInput
from gateway.graph.prepared import document_hash
from gateway.settings import Settings
from gateway.web import Documents, Rules, read_documents
from gateway.web.documents import LONGEST_KEPT
from tests.gateway.graph.world import EXECUTOR, World
from tests.gateway.web.client import KEY, application, client_of, code_of

CODES, NAMES = "{ platforms { code } }", "query Names { programs { name } }"
ACT = 'mutation Act { retireConnector(connectorId: "x") { errors { code } } }'
GRAPHQL = "application/graphql-response+json"
APOLLO = {
    "format": "apollo-persisted-query-manifest",
    "version": 1,
    "operations": [{"id": "names", "name": "Names", "type": "query", "body": NAMES}],
}


def faults(text: str) -> list[str]:
    return [error.message for error in EXECUTOR.prepare(text).errors]


def read(tmp_path: Path, *contents: Any) -> dict[str, str]:
    paths = [tmp_path / f"{at}.json" for at in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return read_documents(paths, faults)


def persisted(query_hash: str, **more: Any) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": query_hash}}, **more}


async def ask(documents: Documents, body: dict[str, Any], world: World | None = None, **headers: str) -> httpx.Response:
    async with client_of(application(world or World(), rules=Rules(documents))) as client:
        return await client.post("/graphql", json=body, headers=headers)


def hash_of(text: str) -> str:
    """The hexadecimal digits that name a document."""
    return document_hash(text).removeprefix("sha256:")


def test_the_hash_of_a_document_is_the_one_that_the_draft_shows() -> None:
    shown = "query ($id: ID!) {\n  user(id: $id) {\n    name\n  }\n}"
    assert hash_of(shown) == "7dba4bd717b41f10434822356a93c32b1fb4907b983e854300ad839f84cdcd6e"
    assert hash_of("query($id:ID!){user(id:$id){name}}").startswith("71f7dc5758652baac68e4a10c50be732")


def test_manifests_of_every_tool_are_read_and_each_document_has_its_hash_too(tmp_path: Path) -> None:
    found = read(tmp_path, {"a1b2": CODES}, APOLLO, {f"sha256:{hash_of(CODES)}": CODES, "x-own:1": NAMES})
    codes, names = f"sha256:{hash_of(CODES)}", f"sha256:{hash_of(NAMES)}"
    assert found == {"a1b2": CODES, codes: CODES, "names": NAMES, names: NAMES, "x-own:1": NAMES}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "not JSON"),
        ("[]", "write an object of documents by id"),
        ({"a": 1}, "write an object of documents by id"),
        ({"format": APOLLO["format"]}, "or Apollo's manifest"),
        ({**APOLLO, "operations": [{"id": 1, "body": NAMES}]}, "or Apollo's manifest"),
        ({**APOLLO, "operations": [7]}, "or Apollo's manifest"),
        ({"no id": CODES}, "is no document id"),
        ({"md5:abc": CODES}, "is no document id"),
        ({f"sha256:{hash_of(NAMES)}": CODES}, f"which is sha256:{hash_of(CODES)}"),
        ({"a": "{ platfroms { code } }"}, "Cannot query field 'platfroms'"),
        ({"a": "{"}, "Syntax Error"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_with_its_place(tmp_path: Path, content: Any, says: str) -> None:
    with pytest.raises(InvalidInput) as error:
        read(tmp_path, content)
    assert str(tmp_path / "0.json") in error.value.message
    assert says in error.value.message


def test_one_id_for_two_documents_is_refused_and_twice_the_same_is_not(tmp_path: Path) -> None:
    assert read(tmp_path, {"a": CODES}, {"a": CODES})["a"] == CODES
    with pytest.raises(InvalidInput, match="names two documents"):
        read(tmp_path, {"a": CODES}, {"a": NAMES})
    with pytest.raises(InvalidInput, match="No such file"):
        read_documents([tmp_path / "none.json"], faults)


TRUSTED = {"names": NAMES, f"sha256:{hash_of(NAMES)}": NAMES, "act": ACT}


@pytest.mark.parametrize("only", [False, True])
async def test_a_listed_document_is_asked_by_its_id_or_its_hash(only: bool) -> None:
    documents = Documents(TRUSTED, only_trusted=only)
    for name in ("names", f"sha256:{hash_of(NAMES)}"):
        response = await ask(documents, {"documentId": name})
        assert (response.status_code, response.json()["data"]["programs"][0]["name"][:2]) == (200, "成渝")
    unknown = await ask(documents, {"documentId": f"sha256:{hash_of(CODES)}"})
    assert (unknown.status_code, code_of(unknown)) == (404, "DOCUMENT_UNKNOWN")
    assert unknown.headers["cache-control"] == "no-store"


async def test_a_listed_document_is_asked_by_get_unless_it_acts() -> None:
    safe = {"graphql-require-preflight": "1"}
    async with client_of(application(World(), rules=Rules(Documents(TRUSTED)))) as client:
        names = await client.get("/graphql", params={"documentId": "names"}, headers=safe)
        act = await client.get("/graphql", params={"documentId": "act"}, headers=safe)
    assert names.status_code == 200
    assert (act.status_code, code_of(act)) == (405, "METHOD_NOT_ALLOWED")


async def test_where_only_listed_documents_are_answered_no_other_is_but_to_administrators() -> None:
    documents, world = Documents(TRUSTED, only_trusted=True), World()
    for query in (CODES, NAMES + " ", "{", "{ search { totalCount } }"):
        response = await ask(documents, {"query": query}, world)
        assert (response.status_code, code_of(response)) == (403, "DOCUMENT_NOT_TRUSTED")
    assert not world.catalog.calls
    assert (await ask(documents, {"query": NAMES})).status_code == 200, "to the letter it is one of them"
    assert (await ask(documents, {"query": CODES}, authorization=f"Bearer {KEY}")).status_code == 200
    known = await ask(documents, persisted(hash_of(NAMES)))
    assert known.status_code == 200
    for body in (persisted(hash_of(CODES)), persisted(hash_of(CODES), query=CODES)):
        refused = await ask(documents, body)
        assert (refused.status_code, code_of(refused)) == (422, "PERSISTED_QUERY_NOT_SUPPORTED")


@pytest.fixture(params=["memory", "redis"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[BaseCache]:
    url = request.getfixturevalue("redis_url") if request.param == "redis" else None
    async with open_cache(url, namespace="tests:documents:", entries=2) as opened:
        yield opened


async def test_a_document_is_sent_once_and_its_hash_from_then_on(store: BaseCache) -> None:
    documents = Documents(find=lambda _: store)
    unknown = await ask(documents, persisted(hash_of(CODES)), accept=GRAPHQL)
    assert (unknown.status_code, code_of(unknown)) == (404, "PERSISTED_QUERY_NOT_FOUND")
    assert unknown.json()["errors"][0]["message"] == "PersistedQueryNotFound"
    assert unknown.headers["cache-control"] == "no-store"
    legacy = await ask(documents, persisted(hash_of(CODES)), accept="application/json")
    assert (legacy.status_code, code_of(legacy)) == (200, "PERSISTED_QUERY_NOT_FOUND")
    first = await ask(documents, persisted(hash_of(CODES), query=CODES))
    again = await ask(documents, persisted(hash_of(CODES)))
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()


async def test_a_hash_beside_an_id_is_refused_and_keeps_nothing_under_it(store: BaseCache) -> None:
    documents = Documents(TRUSTED, find=lambda _: store)
    refused = await ask(documents, persisted(hash_of(CODES), documentId="names"))
    assert (refused.status_code, code_of(refused)) == (422, "INVALID_REQUEST")
    assert await store.get(hash_of(CODES)) is None


async def test_only_a_document_that_was_sent_with_its_hash_is_kept(store: BaseCache) -> None:
    documents = Documents(TRUSTED, find=lambda _: store)
    assert (await ask(documents, persisted(hash_of(NAMES)))).status_code == 200
    assert (await ask(documents, {"documentId": "names"})).status_code == 200
    assert await store.get(hash_of(NAMES)) is None
    assert (await ask(documents, persisted(hash_of(CODES), query=CODES))).status_code == 200
    assert await store.get(hash_of(CODES)) == CODES.encode()


async def test_a_hash_of_another_document_changes_nothing(store: BaseCache) -> None:
    documents = Documents(find=lambda _: store)
    wrong = await ask(documents, persisted(hash_of(NAMES), query=CODES))
    assert (wrong.status_code, code_of(wrong)) == (400, "PERSISTED_QUERY_MISMATCH")
    assert await store.get(hash_of(NAMES)) is None
    await store.set(hash_of(NAMES), CODES.encode(), ttl=60)
    planted = await ask(documents, persisted(hash_of(NAMES)), accept=GRAPHQL)
    assert code_of(planted) == "PERSISTED_QUERY_NOT_FOUND", "what others wrote into a shared cache is not executed"


@pytest.mark.parametrize(
    "query",
    [
        "{",
        "{ nothing }",
        "{ platforms { code } } #" + "x" * LONGEST_KEPT,
        "{ platforms { code } } #" + "山" * (LONGEST_KEPT // 3),
    ],
)
async def test_what_is_wrong_or_too_long_is_not_kept(store: BaseCache, query: str) -> None:
    await ask(Documents(find=lambda _: store), persisted(hash_of(query), query=query))
    assert await store.get(hash_of(query)) is None


async def test_without_a_store_clients_are_told_to_send_whole_documents() -> None:
    for body in (persisted(hash_of(CODES)), persisted(hash_of(CODES), query=CODES)):
        response = await ask(Documents(), body)
        assert (response.status_code, code_of(response)) == (422, "PERSISTED_QUERY_NOT_SUPPORTED")
        assert response.json()["errors"][0]["message"] == "PersistedQueryNotSupported"


@given(st.text(max_size=80))
def test_any_text_has_a_hash_that_names_it_alone(text: str) -> None:
    assert len(hash_of(text)) == 64
    assert hash_of(text) != hash_of(text + " ")


def test_settings_that_answer_nobody_and_wrong_files_are_told_before_anything_is_opened(
    tmp_path: Path,
) -> None:
    with pytest.raises(InvalidInput, match="SHANHAI_TRUSTED_DOCUMENTS"):
        create_app(Settings(data_dir=tmp_path / "data", documents="trusted"))
    path = tmp_path / "wrong.json"
    path.write_text('{"a": "{ nothing }"}', "utf-8")
    with pytest.raises(InvalidInput, match="Cannot query field 'nothing'"):
        create_app(Settings(data_dir=tmp_path / "data", trusted_documents=(path,)))
    assert not (tmp_path / "data").exists()
