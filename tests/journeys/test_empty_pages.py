"""`first: 0` asks for no entry of a list: every connection of the schema answers alike, as Relay specifies."""

import re
from pathlib import Path
from typing import Any

from gateway.harvesting import HarvestKind
from gateway.identity import Purpose
from tests.architecture.source import ROOT
from tests.journeys.gateway import Client, harvest
from tests.journeys.test_training import ADMIN, Officer, harvested, officer

SCHEMA = (ROOT / "schema" / "gateway.graphql").read_text("utf-8")
PAGE = "{ edges { cursor } nodes { __typename } totalCount pageInfo { hasNextPage startCursor endCursor } }"
OPEN = f"""{{
  catalog: search(first: 0) {PAGE}
  live: search(first: 0, mode: LIVE, filter: {{ platforms: ["chongqing"] }}) {PAGE}
  auto: search(first: 0, mode: AUTO) {PAGE}
  programs {{ members(first: 0) {PAGE} }}
  one: search(first: 5) {{ nodes {{ related(first: 0) {PAGE} }} }}
}}"""
MANAGED = f"""{{
  connectors(first: 0) {PAGE}
  harvestRuns(first: 0) {PAGE}
  all: connectors {{ nodes {{ runs(first: 0) {PAGE} quarantine(first: 0) {PAGE} }} }}
}}"""
PERSONAL = f"""{{
  teachers(first: 0) {PAGE}
  trainingRecords(first: 0) {PAGE}
  some: teachers(first: 5) {{ nodes {{ records(first: 0) {PAGE} }} }}
}}"""


def pages(found: Any) -> list[dict[str, Any]]:
    """Every page in an answer, however deep."""
    if isinstance(found, list):
        return [page for each in found for page in pages(each)]
    if not isinstance(found, dict):
        return []
    here = [found] if "edges" in found else []
    return here + [page for each in found.values() for page in pages(each)]


def test_every_connection_of_the_schema_is_asked() -> None:
    fields = set(re.findall(r"^  (\w+)(?:\([^)]*\))?: \w+Connection\b", SCHEMA, re.MULTILINE))
    fields |= set(re.findall(r"^  (\w+)\((?:\n    [^\n]*)+\n  \): \w+Connection\b", SCHEMA, re.MULTILINE))
    asked = set(re.findall(r"(\w+)\(first: 0", OPEN + MANAGED + PERSONAL))
    assert fields == asked


async def empty_pages(client: Client, query: str, headers: dict[str, str] | None = None) -> list[dict[str, Any]]:
    answer = (await client.http.post("/graphql", json={"query": query}, headers=headers or {})).json()
    assert "errors" not in answer, answer["errors"]
    return pages(answer["data"])


async def test_none_has_entries_or_cursors_and_each_says_whether_there_are_any(tmp_path: Path) -> None:
    async with harvested(tmp_path, "chongqing") as client:
        await harvest(client.services, "chongqing", HarvestKind.FULL)
        await client.services.catalog.catch_up()
        person: Officer = await officer(client, "500000", Purpose.TRAINING_ADMINISTRATION)
        personal = {"Authorization": f"Bearer {person.key}", "Shanhai-Purpose": person.purpose}
        found = [
            *await empty_pages(client, OPEN),
            *await empty_pages(client, MANAGED, {"Authorization": f"Bearer {ADMIN}"}),
            *await empty_pages(client, PERSONAL, personal),
        ]
    assert len(found) > 20
    for page in found:
        assert (page["edges"], page["nodes"]) == ([], [])
        assert page["pageInfo"] == {"hasNextPage": page["totalCount"] > 0, "startCursor": None, "endCursor": None}
    assert {page["pageInfo"]["hasNextPage"] for page in found} == {True, False}
