"""The composition library, installed once as its lock says."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.services.availability import missing

FOLDER = Path(__file__).parent


@pytest.fixture(scope="session")
def composer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the composition library, as its lock says."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        missing("Node.js", "npm and node are not installed")
    folder = tmp_path_factory.mktemp("composition")
    for name in ("package.json", "package-lock.json", "compose.mjs"):
        shutil.copyfile(FOLDER / name, folder / name)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    installed = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert installed.returncode == 0, installed.stderr
    return folder
