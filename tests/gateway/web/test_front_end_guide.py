"""Every snippet of docs/front-end.md does what the guide says."""

import json
import re
import shlex
from datetime import datetime
from typing import Any

import pytest
from graphql import parse

from connectors.simulators.catalog import Catalog
from connectors.simulators.chongqing.app import SIZE
from connectors.simulators.chongqing.records import ChongqingRecords
from tests.architecture.source import ROOT
from tests.gateway.graph.records import NOON
from tests.gateway.graph.world import World
from tests.gateway.web.client import KEY, application, client_of, code_of, post

BEFORE, _, REST = (ROOT / "docs" / "front-end.md").read_text("utf-8").partition("\n## Live answers and progress\n")
GUIDE = BEFORE + REST[REST.index("\n## ") :]
"""Without the section that tests/docs/test_live_guide.py executes."""
BLOCK = re.compile(r"^```(\S+) ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [match.groups() for match in BLOCK.finditer(GUIDE)]
ORIGIN = "http://127.0.0.1:8000"


def queries() -> list[tuple[str, dict[str, Any], str | None]]:
    """Each GraphQL snippet with the variables that follow it and the code it is refused with, if so."""
    found: list[tuple[str, dict[str, Any], str | None]] = []
    for language, words, text in BLOCKS:
        if language == "graphql" and not words.startswith("operation "):
            found.append((text, {}, words.removeprefix("refused ") or None))
        elif (language, words) == ("json", "variables"):
            found[-1] = (found[-1][0], json.loads(text), found[-1][2])
    return found


def refused_operations() -> list[tuple[str, str]]:
    """Snippets that are refused as a whole, with the code."""
    return [
        (text, words.removeprefix("operation "))
        for language, words, text in BLOCKS
        if (language, words.split(" ")[0]) == ("graphql", "operation")
    ]


def commands() -> list[str]:
    return [text for language, _, text in BLOCKS if language == "sh"]


def test_the_guide_has_snippets_of_every_sort() -> None:
    assert len(queries()) == 12
    assert len(commands()) == 5
    assert len(refused_operations()) == 1


@pytest.mark.parametrize(("text", "variables", "code"), queries())
async def test_the_query_is_answered_as_the_guide_says(text: str, variables: dict[str, Any], code: str | None) -> None:
    body = await World().answer(text, variables)
    assert {error["extensions"]["code"] for error in body.get("errors", [])} == ({code} if code else set())
    assert any(value not in (None, []) for value in body["data"].values()), body


@pytest.mark.parametrize("command", commands())
async def test_the_command_is_answered_without_an_error(command: str) -> None:
    program, *words = shlex.split(command.replace("\\\n", " ").replace("YOUR-KEY", KEY))
    assert program == "curl"
    method, url, body = "GET", "", None
    headers: dict[str, str] = {}
    parameters: dict[str, str] = {}
    while words:
        word = words.pop(0)
        if word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word == "-d":
            method, body = "POST", words.pop(0)
        elif word == "--data-urlencode":
            name, _, value = words.pop(0).partition("=")
            parameters[name] = value
        elif not word.startswith("-"):
            url = word
    assert url.startswith(ORIGIN)
    async with client_of(application(World())) as client:
        response = await client.request(
            method, url.removeprefix(ORIGIN), headers=headers, content=body, params=parameters
        )
    assert response.status_code == 200
    assert "errors" not in response.json()


@pytest.mark.parametrize(("text", "code"), refused_operations())
async def test_the_operation_is_refused_as_a_whole_as_the_guide_says(text: str, code: str) -> None:
    response = await post(text)
    assert (response.status_code, code_of(response)) == (422, code)


async def test_the_cost_that_the_guide_shows_is_the_one_that_is_told() -> None:
    [command] = [one for one in commands() if "Shanhai-Cost" in one]
    query = json.loads(shlex.split(command.replace("\\\n", " "))[-1])["query"]
    told = (await post(query, None, **{"shanhai-cost": "1"})).json()["extensions"]["cost"]
    shown = re.search(r"`extensions.cost` is then `(.*?)`\.", GUIDE)
    assert shown
    assert json.loads(shown[1].replace("…", str(told["spent"]))) == told


def test_the_calendar_shows_a_session_of_the_demo() -> None:
    [(_, span, _)] = [one for one in queries() if "startsFrom" in one[0]]
    first, last = (datetime.fromisoformat(span[name]).timestamp() * 1_000 for name in ("from", "to"))
    records = ChongqingRecords(2026, SIZE)
    catalog = Catalog(records, seed=2026, size=SIZE, now=lambda: NOON, tombstones=True)
    begin = (catalog.record(number)["startTime"] for number in range(2_000, SIZE))
    assert any(first <= moment <= last for moment in begin if moment)


async def test_more_ids_than_nodes_takes_leave_no_data_as_the_guide_says() -> None:
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } platforms { code } }"
    assert "`nodes` with more than 100 ids answers `data: null`" in GUIDE
    body = await World().answer(query, {"ids": ["x"] * 101})
    assert (body["data"], body["errors"][0]["extensions"]["code"]) == (None, "LIMIT_EXCEEDED")
    assert len((await World().answer(query, {"ids": ["x"] * 100}))["data"]["nodes"]) == 100


async def test_the_clients_that_ask_by_hash_are_told_a_header_that_lets_their_get_in() -> None:
    links = [text for language, _, text in BLOCKS if language == "ts" and "persisted" in text.lower()]
    assert [re.findall(r"^// (\w+)", text)[0] for text in links] == ["Apollo", "urql"]
    extensions = json.dumps({"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}})
    for text in links:
        header = re.search(r'headers: \{ "(.*?)": "(.*?)" \}', text)
        assert header
        async with client_of(application(World())) as client:
            refused = await client.get("/graphql", params={"extensions": extensions})
            let_in = await client.get("/graphql", params={"extensions": extensions}, headers={header[1]: header[2]})
        assert code_of(refused) == "PREFLIGHT_REQUIRED"
        assert code_of(let_in) == "PERSISTED_QUERY_NOT_SUPPORTED", "there is no store here, and the GET reached it"


async def test_a_search_that_might_ask_is_priced_as_one_that_does() -> None:
    costs = [
        (await post(f"{{ search(mode: {mode}) {{ totalCount }} }}", None, **{"shanhai-cost": "1"})).json()["extensions"]
        for mode in ("AUTO", "LIVE", "CATALOG")
    ]
    auto, live, catalog = (one["cost"]["estimated"] for one in costs)
    assert auto == live > catalog


async def test_the_addresses_that_other_snippets_name_exist() -> None:
    (browser,) = [text for language, _, text in BLOCKS if language == "js"]
    query = re.search(r'query: "(.*?)"', browser)
    assert query
    assert parse(query[1])
    (codegen,) = [text for language, _, text in BLOCKS if language == "ts" and "codegen" in text]
    schema = re.search(rf'schema: "{ORIGIN}(.*?)"', codegen)
    assert schema
    async with client_of(application(World())) as client:
        assert (await client.get(schema[1])).status_code == 200
