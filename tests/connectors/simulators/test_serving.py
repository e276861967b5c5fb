"""Simulators as real servers on loopback."""

import json
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from connectors.simulators import SIMULATORS
from connectors.simulators.serving import serve


def test_a_simulator_answers_on_loopback() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "connectors.simulators", "national", "--port", str(port), "--size", "10"]
    with subprocess.Popen(command) as server:
        try:
            url = f"http://127.0.0.1:{port}/zxx/ndrs/resources/tch_material/part_100.json"
            for attempt in range(200):
                try:
                    with urllib.request.urlopen(url) as answer:
                        assert len(json.load(answer)) == 4
                    break
                except OSError:
                    assert attempt < 199
                    time.sleep(0.1)
        finally:
            server.terminate()


def test_an_unknown_code_names_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        serve(SIMULATORS, ["neverland"])
    assert "chongqing" in capsys.readouterr().err
