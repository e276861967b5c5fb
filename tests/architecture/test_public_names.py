"""Public names of every package are pinned: a change here is a change of the API."""

import importlib
import json
from pathlib import Path

from tests.architecture.source import module_files

PINNED = Path(__file__).with_name("public_names.json")


def public_names() -> dict[str, list[str]]:
    """`__all__` of every package that declares one."""
    packages = {m for m, path in module_files().items() if path.name == "__init__.py"}
    found = {name: getattr(importlib.import_module(name), "__all__", None) for name in sorted(packages)}
    return {name: sorted(names) for name, names in found.items() if names is not None}


def test_public_names_are_the_pinned_ones() -> None:
    assert public_names() == json.loads(PINNED.read_text("utf-8"))


def test_every_public_name_exists() -> None:
    for package, names in public_names().items():
        module = importlib.import_module(package)
        assert [name for name in names if not hasattr(module, name)] == []


if __name__ == "__main__":
    PINNED.write_text(json.dumps(public_names(), indent=2, ensure_ascii=False) + "\n", "utf-8")
