"""Floors and rooms: who may import whom."""

import re
import sys

import pytest

from tests.architecture.source import PACKAGES, imported, module_files

SLICES = ("catalog", "statistics", "training", "registry", "harvesting", "access")
FORBIDDEN: list[tuple[str, str]] = [
    # floor 0 knows the standard library and pydantic only
    (r"schema(\.|$)", r"(connectors|gateway|httpx|sqlmodel|sqlalchemy|strawberry|starlette)(\.|$)"),
    # floor 1
    (r"connectors(\.|$)", r"gateway(\.|$)"),
    (r"connectors\.(?!simulators|conformance)", r"(sqlmodel|sqlalchemy|strawberry|starlette)(\.|$)"),
    # floor 2: foundations
    (
        r"gateway\.(settings|errors|identity|clock|cache|following|telemetry|storage)(\.|$)",
        rf"gateway\.({'|'.join(SLICES)}|graph|web|cli|application)(\.|$)",
    ),
    (r"gateway\.(settings|errors|identity|clock|cache|following|telemetry|storage)(\.|$)", r"connectors(\.|$)"),
    # floor 3: slices never meet each other, the graph or the web
    *(
        (
            rf"gateway\.{name}(\.|$)",
            rf"(gateway\.({'|'.join(other for other in SLICES if other != name)}|graph|web|cli|application)"
            rf"|strawberry|starlette)(\.|$)",
        )
        for name in SLICES
    ),
    # floor 4
    (
        r"gateway\.graph(\.|$)",
        r"(gateway\.(storage|web|cli|application)|httpx|connectors|sqlalchemy|sqlmodel)(\.|$)",
    ),
    (
        r"gateway\.web(\.|$)",
        r"(gateway\.(storage|cli|application)|httpx|connectors|sqlalchemy|sqlmodel)(\.|$)",
    ),
    (
        r"gateway\.web(\.|$)",
        r"gateway\.graph\.(?!schema|context|errors|execution|prepared|subscriptions|pricing|cost_plans|budget)",
    ),
]
SCHEMA_MAY_IMPORT = {"pydantic", "pydantic_core", "annotated_types"}


def test_no_module_imports_from_a_floor_above_or_a_room_beside() -> None:
    wrong = [
        f"{module} imports {target}"
        for module, path in module_files().items()
        for target, _ in imported(path)
        for room, forbidden in FORBIDDEN
        if re.match(room, module) and re.match(forbidden, target)
    ]
    assert wrong == []


def test_schema_imports_the_standard_library_and_pydantic_only() -> None:
    foreign = {
        f"{module} imports {target}"
        for module, path in module_files().items()
        if module.split(".")[0] == "schema"
        for target, _ in imported(path)
        if (top := target.split(".")[0]) != "schema"
        and top not in sys.stdlib_module_names
        and top not in SCHEMA_MAY_IMPORT
    }
    assert foreign == set()


def test_imports_inside_functions_stand_in_the_command_line_only() -> None:
    lazy = [
        f"{module} imports {target} inside a function"
        for module, path in module_files().items()
        for target, inside in imported(path)
        if inside and not module.startswith("gateway.cli")
    ]
    assert lazy == []


def test_no_import_cycles() -> None:
    modules = module_files()
    graph = {
        module: {
            target if target in modules else target.rpartition(".")[0]
            for target, _ in imported(path)
            if target in modules or target.rpartition(".")[0] in modules
        }
        - {module}
        for module, path in modules.items()
    }
    done: set[str] = set()
    trail: list[str] = []

    def visit(module: str) -> None:
        if module in trail:
            pytest.fail("cycle: " + " → ".join([*trail[trail.index(module) :], module]))
        if module in done:
            return
        trail.append(module)
        for target in sorted(graph[module]):
            visit(target)
        trail.pop()
        done.add(module)

    for module in modules:
        visit(module)


def test_the_imported_packages_are_ours() -> None:
    for package in PACKAGES:
        imported_package = __import__(package)
        assert imported_package.__file__ is not None
        assert (module_files()[package]).samefile(imported_package.__file__)
