"""Every snippet of docs/federation.md does what the guide says, and its table is that of the code."""

import json
import re
from pathlib import Path

import pytest
import yaml

from gateway.graph.federation.entities import KEYS
from gateway.graph.federation.text import subgraph_text
from gateway.graph.pagination import MOST_ENTITIES
from tests.architecture.source import ROOT
from tests.contract.federation.composition import composed
from tests.gateway.graph.world import EXECUTOR, World

GUIDE = (ROOT / "docs" / "federation.md").read_text("utf-8")


def snippet(words: str) -> str:
    """The one snippet after these words."""
    (found,) = re.findall(rf"^```{words}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    return str(found)


def test_the_table_of_keys_is_that_of_the_code() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (`.*?) \|$", GUIDE, re.MULTILINE)
    assert {name: tuple(re.findall(r"`(\w+)`", keys)) for name, keys in rows} == dict(KEYS)
    assert f"At most {MOST_ENTITIES:,} representations" in GUIDE


async def test_the_query_finds_both_of_its_entities() -> None:
    found = await World().data(snippet("graphql query"), json.loads(snippet("json variables")))
    assert found == {
        "_entities": [
            {"title": "勾股定理 第1课", "kind": "LESSON"},
            {"name": "重庆云课堂", "region": {"name": "重庆市"}},
        ]
    }


@pytest.mark.slow
def test_the_subgraph_composes(composer: Path) -> None:
    both = composed(composer, gateway=subgraph_text(EXECUTOR.schema), opinions=snippet("graphql subgraph"))
    assert both["errors"] == []
    assert "hotline: String" in both["api"]


def test_the_routers_headers_are_yaml() -> None:
    (text,) = re.findall(r"^  ```yaml\n(.*?)^  ```$", GUIDE, re.MULTILINE | re.DOTALL)
    passed_on = [each["propagate"]["named"] for each in yaml.safe_load(text)["headers"]["all"]["request"]]
    assert passed_on == ["authorization", "shanhai-purpose", "x-request-id", "traceparent"]
