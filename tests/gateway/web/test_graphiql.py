"""GraphiQL comes from the gateway alone, and its examples do what they promise."""

import re
from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse

from gateway.graph.pricing import Pricing
from gateway.identity import ADMINISTRATOR, ANONYMOUS, Principal
from gateway.web import Rules
from gateway.web.graphiql.assets import AUDIENCES, Example, assets, examples, version
from gateway.web.graphiql.pages import POLICY
from tests.gateway.graph.connectors.partner import serving
from tests.gateway.graph.training.facts import ANALYST, CHONGQING
from tests.gateway.graph.world import EXECUTOR, World
from tests.gateway.web.client import application, client_of, send

FETCHED = re.compile(r"""(?:src|href|srcset|action)\s*=\s*["']([^"']*)["']""")
OF_ANOTHER_HOST = re.compile(
    r"""@import|url\(\s*["']?(?:https?:)?//|importScripts|(?:fetch|import|Worker|EventSource|open)\(\s*["'](?:https?:)?//"""
)


async def test_the_page_names_files_of_our_own_only_and_each_of_them_is_there() -> None:
    response = await send("GET", "/graphiql")
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert response.headers["cache-control"] == "no-cache"
    named = [address for address in FETCHED.findall(response.text) if address not in ("/", "data:,", "/schema.graphql")]
    assert len(named) == 8
    for address in [*named, f"/graphiql/{version()}/examples.json"]:
        assert address.startswith(f"/graphiql/{version()}/")
        file = await send("GET", address)
        assert file.status_code == 200, address
        assert file.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_the_policy_lets_the_browser_ask_us_alone() -> None:
    directives = dict(part.strip().split(" ", 1) for part in POLICY.split(";"))
    assert directives["default-src"] == "'none'"
    assert set(" ".join(directives.values()).split()) == {"'none'", "'self'", "data:"}
    assert directives["script-src"] == directives["connect-src"] == "'self'"


@pytest.mark.parametrize("name", sorted(assets()))
def test_no_file_fetches_anything_from_another_host(name: str) -> None:
    assert not OF_ANOTHER_HOST.search(assets()[name].content.decode())


async def test_the_page_has_no_script_or_style_of_its_own_that_the_policy_would_forbid() -> None:
    text = (await send("GET", "/graphiql")).text
    assert re.findall(r"<script(?![^>]* src=)[^>]*>", text) == []
    assert re.findall(r"\s(?:on\w+|style)=|<style", text) == []


async def test_files_are_compressed_once_tagged_and_not_sent_twice() -> None:
    address = f"/graphiql/{version()}/graphiql.min.js"
    plain = await send("GET", address, headers={"accept-encoding": "identity"})
    squeezed = await send("GET", address, headers={"accept-encoding": "gzip"})
    assert plain.content == squeezed.content == assets()["graphiql.min.js"].content
    assert int(squeezed.headers["content-length"]) < int(plain.headers["content-length"]) / 3
    assert plain.headers["etag"] != squeezed.headers["etag"]
    for known, encoding in ((plain.headers["etag"], "identity"), (squeezed.headers["etag"], "gzip")):
        again = await send("GET", address, headers={"if-none-match": known, "accept-encoding": encoding})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["none.js", "page.html", "..%2Fpage.html", "examples/analyst.graphql"])
async def test_no_other_file_is_served(path: str) -> None:
    assert (await send("GET", f"/graphiql/{version()}/{path}")).status_code == 404
    assert (await send("GET", "/graphiql/0123456789abcdef/start.js")).status_code == 404


async def test_the_operator_may_switch_it_off() -> None:
    async with client_of(application(World(), rules=Rules(graphiql=False))) as client:
        assert (await client.get("/graphiql")).status_code == 404
        assert (await client.get(f"/graphiql/{version()}/start.js")).status_code == 404
        assert "graphiql" not in (await client.get("/")).text.lower()
    assert '<a href="/graphiql">GraphiQL</a>' in (await send("GET", "/")).text


VIEWERS: dict[str, Principal] = {
    "front-end": ANONYMOUS,
    "analyst": ANALYST,
    "officer": CHONGQING,
    "partner": ADMINISTRATOR,
    "operator": ADMINISTRATOR,
}


def operations() -> list[tuple[Example, str]]:
    return [
        (one, node.name.value)
        for one in examples()
        for node in parse(one.query).definitions
        if isinstance(node, OperationDefinitionNode) and node.name
    ]


def test_every_audience_has_examples_and_none_changes_anything() -> None:
    assert tuple(VIEWERS) == AUDIENCES
    assert len(operations()) == 21
    for one in examples():
        kinds = {
            node.operation.value for node in parse(one.query).definitions if isinstance(node, OperationDefinitionNode)
        }
        assert kinds == {"query"}


@pytest.mark.parametrize(
    ("example", "name"), operations(), ids=lambda one: one if isinstance(one, str) else one.audience
)
async def test_an_example_is_answered_to_its_audience_within_its_estimate(example: Example, name: str) -> None:
    world = await serving()
    context = world.context(VIEWERS[example.audience])
    variables: dict[str, Any] = dict(example.variables)
    body = (await EXECUTOR.execute(example.query, context, variables, name)).body
    assert "errors" not in body
    assert any(value is not None for value in body["data"].values())
    pricing = Pricing(EXECUTOR.schema._schema)
    estimate = pricing.estimate(EXECUTOR.prepare(example.query), name, variables, 3)
    assert estimate is not None
    assert context.budget.spent <= estimate.units <= pricing.limit
