"""Every error code has a heading in docs/errors.md, and every heading there is a code."""

import ast
import importlib
import re
from collections.abc import Iterator

from connectors.errors import ConnectorError
from gateway.catalog.live.asking import outcomes
from gateway.errors import GatewayError
from gateway.graph.errors import CODES
from gateway.web.refusals import STATUSES
from tests.architecture.source import ROOT, module_files


def subclasses(root: type[Exception]) -> Iterator[type[Exception]]:
    """A class and everything below it."""
    yield root
    for below in root.__subclasses__():
        yield from subclasses(below)


def product_codes() -> set[str]:
    """Codes of every error the product raises on purpose, wherever a module `errors` declares it."""
    for module in module_files():
        if module.rpartition(".")[2] == "errors":
            importlib.import_module(module)
    classes = [*subclasses(GatewayError), *subclasses(ConnectorError)]
    ours = [one for one in classes if one.__module__.startswith(("gateway.", "connectors."))]
    told = {one.code for one in vars(outcomes).values() if isinstance(one, outcomes.Trouble) and one.code}
    return {vars(one).get("code", "") for one in ours} - {""} | set(CODES) | set(STATUSES) | told


def refusal_codes() -> set[str]:
    """Codes with which the registry refuses actions, read from where it makes its refusals."""
    found: set[str] = set()
    for module, path in module_files().items():
        if module.startswith("gateway.registry."):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                    first = node.args[0]
                    if node.func.id in ("Refused", "Refusal") and isinstance(first, ast.Constant):
                        found.add(str(first.value))
    return found


def test_every_code_is_documented_and_every_heading_is_a_code() -> None:
    text = (ROOT / "docs" / "errors.md").read_text("utf-8")
    assert sorted(re.findall(r"^### (\S+)$", text, re.MULTILINE)) == (sorted(product_codes() | refusal_codes()))


def test_the_status_of_every_refusal_is_documented() -> None:
    text = (ROOT / "docs" / "errors.md").read_text("utf-8")
    assert {code: int(status) for code, status in re.findall(r"^### (\S+)\n\nStatus (\d+)\.", text, re.MULTILINE)} == (
        dict(STATUSES)
    )
