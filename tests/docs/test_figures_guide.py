"""Every snippet and every table of docs/figures.md says what the product does."""

import ast
import json
import re
import shlex
from decimal import Decimal
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from gateway.cli.usage_figures import figures
from schema.approximate import read_quantity
from schema.reference import renewed
from tests.architecture.source import ROOT
from tests.gateway.graph.usage.connected import ConnectedWorld

PAGES = {page: (ROOT / "docs" / page).read_text("utf-8") for page in ("figures.md", "vocabularies.md")}
GUIDE = PAGES["figures.md"]
BLOCK = re.compile(r"^```(\S+) ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [match.groups() for match in BLOCK.finditer(GUIDE)]
READINGS = re.findall(r"^\| `(.+?)` \| ([A-Z_]+) \| (\d*) ?\| (\d*) ?\|$", GUIDE, re.MULTILINE)
UNITS = re.compile(r"(人次|[节所名人个场项])$")


def snippets(language: str, words: str = "") -> list[str]:
    """Texts of the snippets of a language."""
    return [text for found, said, text in BLOCKS if (found, said) == (language, words)]


def test_the_table_of_all_figures_is_that_of_the_code() -> None:
    assert GUIDE.count("<!-- generated: figures -->") == 1
    assert renewed(GUIDE) == GUIDE, "run python -m schema.reference docs/figures.md"


async def test_the_query_is_answered_as_the_guide_says() -> None:
    (query,), (answer,) = snippets("graphql"), snippets("json", "answer")
    assert await ConnectedWorld().data(query) == json.loads(answer)


def test_the_commands_list_figures() -> None:
    (commands,) = snippets("sh")
    app = typer.Typer()
    app.command()(figures)
    outputs = []
    for line in commands.splitlines():
        program, group, name, *words = shlex.split(line)
        assert (program, group, name) == ("shanhai", "usage", "figures")
        result = CliRunner().invoke(app, words)
        assert result.exit_code == 0
        outputs.append(result.output)
    assert "Published figures: 19" in outputs[0]
    assert len(json.loads(outputs[1])) == 5


@pytest.mark.parametrize(("written", "qualifier", "lower", "upper"), READINGS)
def test_numbers_are_read_as_the_table_says(written: str, qualifier: str, lower: str, upper: str) -> None:
    found = UNITS.search(written)
    quantity = read_quantity(written, found[1] if found else "%")
    assert quantity.qualifier == qualifier
    assert quantity.lower == (Decimal(lower) if lower else None)
    assert quantity.upper == (Decimal(upper) if upper else None)


def test_the_table_of_readings_has_every_row() -> None:
    assert len(READINGS) == 15


@pytest.mark.parametrize("page", list(PAGES))
def test_python_snippets_give_what_stands_behind_them(page: str) -> None:
    compared = 0
    for _, _, text in (found.groups() for found in BLOCK.finditer(PAGES[page]) if found[1] == "python"):
        names: dict[str, Any] = {}
        for line, node in zip(text.splitlines(), lines_of(text), strict=True):
            if isinstance(node, ast.Expr):
                value = eval(compile(ast.Expression(node.value), page, "eval"), names)  # noqa: S307  # our own page
                assert value == ast.literal_eval(line.partition("  # ")[2])
                compared += 1
            elif node is not None:
                exec(compile(ast.Module([node], []), page, "exec"), names)  # noqa: S102  # our own page
    assert compared == {"figures.md": 2, "vocabularies.md": 3}[page]


def lines_of(text: str) -> list[ast.stmt | None]:
    """The statement that each line is; every statement of the pages stands on one line."""
    by_line = {node.lineno: node for node in ast.parse(text).body}
    return [by_line.get(at) for at in range(1, len(text.splitlines()) + 1)]
