"""Subgraphs composed by a library that is not ours."""

import json
import subprocess
from pathlib import Path
from typing import Any


def composed(folder: Path, **subgraphs: str) -> dict[str, Any]:
    """Errors, supergraph and API of these subgraphs."""
    for name, text in subgraphs.items():
        (folder / f"{name}.graphql").write_text(text, "utf-8")
    command = ["node", "compose.mjs", *(f"{name}={name}.graphql" for name in subgraphs)]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    outcome: dict[str, Any] = json.loads(run.stdout)
    return outcome
