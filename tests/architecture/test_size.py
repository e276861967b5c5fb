"""Files and functions stay small; there is no list of exemptions."""

import ast
import statistics

from tests.architecture.source import ROOT, module_files

HARD_LINES, LINES, OVER_LINES_ALLOWED = 400, 300, 3
FUNCTION_LINES = 40
VAGUE = {"utils", "helpers", "common", "manager", "base", "misc", "core"}


def test_files_are_short() -> None:
    lengths = {module: len(path.read_text("utf-8").splitlines()) for module, path in module_files().items()}
    assert {module: lines for module, lines in lengths.items() if lines > HARD_LINES} == {}
    assert len([module for module, lines in lengths.items() if lines > LINES]) <= OVER_LINES_ALLOWED
    assert statistics.median(lines for lines in lengths.values() if lines > 5) <= 130


def test_functions_are_short() -> None:
    long = [
        f"{module}.{node.name}: {length} lines"
        for module, path in module_files().items()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES
    ]
    assert long == []


def test_no_module_has_a_vague_name() -> None:
    assert [module for module in module_files() if module.rsplit(".", 1)[-1] in VAGUE] == []


def test_every_module_says_what_lives_in_it() -> None:
    silent = [
        module
        for module, path in module_files().items()
        if path.read_text("utf-8").strip() and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []


def test_the_top_level_is_the_one_that_was_agreed() -> None:
    agreed = {"gateway", "connectors", "schema", "tests", "benchmarks", "docs"}
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    assert folders - {"build", "dist", "data"} - {p for p in folders if p.endswith(".egg-info")} == agreed
