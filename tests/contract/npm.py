"""Libraries of other people's that are written in JavaScript, installed as a lock says."""

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from tests.services.availability import missing


def install(source: Path, folder: Path, scripts: Iterable[str]) -> Path:
    """Install what the lock in `source` names into this folder, and put our scripts beside it; gives the folder."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        missing("Node.js", "npm and node are not installed")
    for name in ("package.json", "package-lock.json", *scripts):
        shutil.copyfile(source / name, folder / name)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    installed = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert installed.returncode == 0, installed.stderr
    return folder
