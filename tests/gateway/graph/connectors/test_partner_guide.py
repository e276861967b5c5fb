"""Every snippet of docs/partner-api.md does what the guide says, one after the other."""

import json
import re
import shlex
from typing import Any

from gateway.identity import ADMINISTRATOR, ANONYMOUS
from tests.architecture.source import ROOT
from tests.gateway.graph.connectors.partner import ZIBO
from tests.gateway.graph.registry import manifest
from tests.gateway.graph.world import World
from tests.gateway.web.client import KEY, application, client_of

GUIDE = (ROOT / "docs" / "partner-api.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\S+) ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [match.groups() for match in BLOCK.finditer(GUIDE)]


def snippets() -> list[tuple[str, dict[str, Any], str | None]]:
    """Each GraphQL snippet with the variables that follow it and the code it is refused with, if so."""
    found: list[tuple[str, dict[str, Any], str | None]] = []
    for language, words, text in BLOCKS:
        if language == "graphql":
            found.append((text, {}, words.removeprefix("refused ") or None))
        elif (language, words) == ("json", "variables"):
            found[-1] = (found[-1][0], json.loads(text), found[-1][2])
    return found


def filled(variables: dict[str, Any]) -> dict[str, Any]:
    """Variables with manifests in place of their placeholders."""
    texts = {"MANIFEST": manifest(), "MANIFEST 2": manifest(version=2)}
    return {name: texts.get(value, value) if isinstance(value, str) else value for name, value in variables.items()}


async def test_the_story_of_the_guide_goes_as_it_is_told() -> None:
    world, told = World(), []
    for text, variables, refused in snippets():
        data = await world.data(text, filled(variables), principal=ADMINISTRATOR)
        errors = [error for one in data.values() if isinstance(one, dict) for error in one.get("errors", [])]
        assert [error["code"] for error in errors] == ([refused] if refused else []), text
        assert all(value is not None for value in data.values()), text
        told.append(text.split()[1].partition("(")[0])
    assert told == [
        "Check", "TestRead", "Register", "RegisterAgain", "Serve", "Harvest", "HarvestAgain", "Watch", "Overview",
        "WhereIsMyRecord", "Publish", "Back", "Rotate", "End",
    ]  # fmt: skip
    assert [action for action, _, _ in world.connectors.done] == [
        "register", "verify", "activate", "publish", "activate", "rollback", "set_credentials", "suspend", "retire",
    ]  # fmt: skip


async def test_the_command_of_the_guide_is_answered() -> None:
    (command,) = [text for language, _, text in BLOCKS if language == "sh"]
    words = shlex.split(command.replace("\\\n", " ").replace("YOUR-KEY", KEY))
    headers = dict(words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H")
    async with client_of(application(World())) as client:
        answer = await client.post("/graphql", content=words[words.index("-d") + 1], headers=headers)
    assert answer.json() == {"data": {"connectors": {"nodes": []}}}


async def test_what_is_open_to_everybody_and_what_is_not_is_as_the_guide_says() -> None:
    (check, variables, _), *others = snippets()
    assert (await World().data(check, filled(variables)))["validateManifest"]["ok"] is True
    for text, given, _ in others:
        body = await World().answer(text, filled(given), principal=ANONYMOUS)
        if "WhereIsMyRecord" in text:
            assert body["data"]["platform"]["connector"] is None
        else:
            assert {error["extensions"]["code"] for error in body["errors"]} == {"FORBIDDEN"}, text


def test_the_ids_of_the_guide_are_those_of_its_connector() -> None:
    assert set(re.findall(r'connectorId: "(.*?)"', GUIDE)) == {ZIBO}
