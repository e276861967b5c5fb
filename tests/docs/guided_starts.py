"""docs/add-a-platform.md as tests carry it out: its chapters, commands, edits and the platforms it is about."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.architecture.source import ROOT

GUIDE = (ROOT / "docs" / "add-a-platform.md").read_text("utf-8")
KEY = "k-123456"
PAGE = 80
"""Lines that one start may take."""


def chapter(title: str) -> str:
    """The text below a heading of the guide."""
    return GUIDE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def block(text: str, language: str) -> str:
    """The only block of a language in a text."""
    [found] = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    return str(found)


def graphql() -> list[str]:
    """The documents of the guide."""
    return re.findall(r"```graphql\n(.*?)```", GUIDE, re.DOTALL)


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a chapter, and the lines it is said to print."""

    words: list[str]
    printed: list[str]


def commands(text: str) -> Iterator[Command]:
    """Every console block."""
    for shown in re.findall(r"```console\n\$ (.*?)```", text, re.DOTALL):
        line, _, printed = shown.replace("\\\n", " ").partition("\n")
        program, group, *words = shlex.split(line)
        assert (program, group) == ("shanhai", "connectors")
        yield Command(words, printed.splitlines())


def corrected(draft: str, edits: str) -> str:
    """The draft with a chapter's edits: a line that begins with what is behind `-` becomes the lines behind `+`."""
    lines = draft.splitlines()
    for old, new in re.findall(r"^-(.*)\n((?:\+.*\n)+)", edits, re.MULTILINE):
        [place] = [number for number, line in enumerate(lines) if line.startswith(old)]
        lines[place : place + 1] = [line.removeprefix("+") for line in new.splitlines()]
    return "\n".join(lines) + "\n"


def jiangcheng() -> bytes:
    """The answer of 江城云课."""
    return block(chapter("Start 1: REST"), "json").encode()


def meishan() -> bytes:
    """The table of 眉山, in its encoding."""
    return block(chapter("Start 3: CSV"), "csv").encode("gb18030")


async def _courses(request: Request) -> Response:
    if request.headers.get("x-api-key") != KEY:
        return Response(b'{"ok": false, "error": "KEY"}', 401, media_type="application/json")
    return Response(jiangcheng(), media_type="application/json")


async def _export(_request: Request) -> Response:
    return Response(meishan(), media_type="text/csv")


def platforms() -> Starlette:
    """江城云课 and 眉山 behind one address."""
    return Starlette(routes=[Route("/v1/courses", _courses), Route("/export/lessons.csv", _export)])
