"""The guide for operators serves the gateway against a simulator as it says."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.architecture.source import ROOT

GUIDE = (ROOT / "docs" / "operation.md").read_text("utf-8")
SECTION = GUIDE.partition("\n## Trying it against a simulator\n")[2].partition("\n## ")[0]
(COMMANDS,) = re.findall(r"^```sh\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def carried_out(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """The commands in a shell of their own, with our interpreter, a free port and a place that is thrown away."""
    script = COMMANDS.replace("9104", str(free_port()))
    script = re.sub(r"^python ", f"{sys.executable} ", script, flags=re.MULTILINE)
    script = re.sub(r"^shanhai ", f"{sys.executable} -m gateway.cli ", script, flags=re.MULTILINE)
    environment = {**os.environ, "SHANHAI_DATA_DIR": str(folder), "SHANHAI_PORT": str(port), "PYTHONPATH": str(ROOT)}
    shell = subprocess.Popen(
        ["bash", "-e", "-c", script], env=environment, text=True, stderr=subprocess.STDOUT, stdout=subprocess.PIPE,
        start_new_session=True, cwd=folder,
    )  # fmt: skip
    try:
        yield shell
    finally:
        os.killpg(shell.pid, signal.SIGTERM)
        shell.communicate(timeout=30)


def test_a_simulated_platform_is_harvested_served_and_searched_live(tmp_path: Path) -> None:
    port = free_port()
    query = """{
      all: search { totalCount }
      live: search(mode: LIVE, filter: { platforms: ["sichuan"] }, first: 2) { nodes { title } sources { state } }
    }"""
    with carried_out(tmp_path, port) as shell, httpx.Client(trust_env=False, timeout=30) as client:
        for _ in range(600):
            assert shell.poll() is None, shell.communicate()[0]
            try:
                answer = client.post(f"http://127.0.0.1:{port}/graphql", json={"query": query}).json()
                break
            except httpx.ConnectError:
                time.sleep(0.2)
    assert "errors" not in answer
    assert answer["data"]["all"]["totalCount"] > 0
    assert answer["data"]["live"]["sources"] == [{"state": "OK"}]
    assert len(answer["data"]["live"]["nodes"]) == 2
