"""The section "Live answers and progress" of docs/front-end.md does what it says, on a real server."""

import itertools
import json
import re
import shlex
from contextlib import aclosing
from typing import Any

import httpx
import pytest

from gateway.graph.subscriptions import subscribe
from gateway.harvesting import RunState
from gateway.identity import ADMINISTRATOR, ANONYMOUS
from gateway.web.streaming.conversation import MOST_OPERATIONS, Patience
from gateway.web.streaming.messages import CloseCode
from tests.architecture.source import ROOT
from tests.gateway.graph.connectors.partner import serving as connected
from tests.gateway.graph.harvests import run_of
from tests.gateway.graph.live import MemoryLive
from tests.gateway.graph.world import World
from tests.gateway.web.client import KEY
from tests.gateway.web.streaming.served import begin, greet, hear, serving

GUIDE = (ROOT / "docs" / "front-end.md").read_text("utf-8")
SECTION = GUIDE.partition("\n## Live answers and progress\n")[2].partition("\n## ")[0]
BLOCKS = re.findall(r"^```(\S+) ?([^\n]*)\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
ORIGIN = "127.0.0.1:8000"


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Each GraphQL snippet with who asks it and the variables that follow."""
    found = []
    for (language, words, text), (_, _, given) in itertools.pairwise(BLOCKS):
        if language == "graphql":
            found.append((text, words, json.loads(given)))
    return found


async def world() -> World:
    """A world with live search, in which 淄博 is being harvested."""
    made = await connected()
    made.live = MemoryLive()
    made.harvests.stored = [run_of(1, "zibo", RunState.RUNNING)]
    return made


def test_the_section_has_snippets_of_every_sort() -> None:
    assert len(operations()) == 3
    assert [language for language, _, _ in BLOCKS if language in ("sh", "js")] == ["sh", "js"]


@pytest.mark.parametrize(("text", "who", "variables"), operations())
async def test_the_operation_is_answered(text: str, who: str, variables: dict[str, Any]) -> None:
    here, principal = await world(), ADMINISTRATOR if who == "administrator" else ANONYMOUS
    if not text.startswith("subscription"):
        assert (await here.data(text, variables, principal=principal))["search"]["nodes"]
        return
    async with aclosing(subscribe(here.executor, text, here.context(principal), variables)) as bodies:
        first = await anext(bodies)
    assert "errors" not in first
    assert first["data"]


async def test_the_command_streams_events() -> None:
    (command,) = [text for language, _, text in BLOCKS if language == "sh"]
    program, option, url, *words = shlex.split(command.replace("\\\n", " "))
    headers = dict(words[at + 1].split(": ") for at, word in enumerate(words) if word == "-H")
    body = words[words.index("-d") + 1]
    assert (program, option, url) == ("curl", "-sN", f"http://{ORIGIN}/graphql")
    async with serving() as served, httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"{served.url}/graphql", headers=headers, content=body.encode())
    names = re.findall(r"^event: (\w+)$", answer.text, re.MULTILINE)
    assert names == ["next", "next", "next", "complete"]
    assert "errors" not in answer.text


async def test_the_client_of_the_browser_is_told_of_harvests() -> None:
    (script,) = [text for language, _, text in BLOCKS if language == "js"]
    url, authorization, purpose, query = (
        re.search(pattern, script)
        for pattern in (r'url: "(.*?)"', r'authorization: "(.*?)"', r'purpose: "(.*?)"', r'query = "(.*?)"')
    )
    assert url
    assert authorization
    assert purpose
    assert query
    assert url[1] == f"ws://{ORIGIN}/graphql"
    async with serving() as served, served.connect() as socket:
        served.world.harvests.stored = [run_of(1, "zibo", RunState.RUNNING)]
        await greet(socket, authorization=authorization[1].replace("YOUR-KEY", KEY), purpose=purpose[1])
        await begin(socket, "1", query[1])
        told = await hear(socket)
    assert told["type"] == "next"
    assert told["payload"]["data"]["harvestProgress"]["state"] == "RUNNING"


def test_the_client_of_the_browser_tries_again_what_may_pass_and_nothing_that_is_final() -> None:
    (script,) = [text for language, _, text in BLOCKS if language == "js"]
    rule = re.search(r"shouldRetry: (\(end\) => !\[(.*?)\]\.includes\(end\?\.code\)),\n +retryAttempts: (\d+)", script)
    assert rule
    final = {CloseCode(int(code)) for code in rule[2].split(", ")}
    assert final == {code for code in CloseCode if 4400 <= code < 4500} - {CloseCode.INIT_TIMEOUT}
    assert int(rule[3]) <= 8, "pauses double, and twenty of them take days"
    watching = (ROOT / "tests" / "contract" / "streams" / "watch.mjs").read_text("utf-8")
    assert rule[1] in watching
    assert f"retryAttempts: {rule[3]}" in watching


def test_every_close_code_is_explained() -> None:
    assert re.findall(r"^\| (\d{4}) \|", SECTION, re.MULTILINE) == [str(code.value) for code in sorted(CloseCode)]
    assert f"at most {MOST_OPERATIONS} operations" in SECTION
    assert Patience().init == 10
