"""`shanhai secrets` lists and rotates sealed secrets, and never shows one."""

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from gateway.registry import Vault
from gateway.storage import open_database, upgrade
from tests.architecture.source import ROOT
from tests.gateway.registry.desk import BY, HOME, KEY, OTHER_KEY, SECRET, Desk, manifest
from tests.services.postgres import outside_the_loop


async def fill(data_dir: Path) -> None:
    database = open_database(f"sqlite+aiosqlite:///{data_dir}/shanhai.db")
    await upgrade(database)
    await Desk(database, keys=OTHER_KEY).service.register(manifest(), {"platformKey": SECRET}, BY)
    await database.aclose()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data directory whose database holds one secret, sealed with the other key."""
    outside_the_loop(fill(tmp_path))
    return tmp_path


def shanhai(data_dir: Path, *words: str, keys: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "COLUMNS": "200", "PYTHONPATH": str(ROOT)}
    environment |= {"SHANHAI_DATA_DIR": str(data_dir)} | ({} if keys is None else {"SHANHAI_SEALING_KEY": keys})
    command = [sys.executable, "-W", "error", "-m", "gateway.cli", "secrets", *words]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
    assert SECRET not in ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr
    return ran


def test_secrets_are_listed_without_their_values(data_dir: Path) -> None:
    [listed] = orjson.loads(shanhai(data_dir, "list", "--json").stdout)
    assert (listed["platform"], listed["name"], listed["origins"]) == ("river", "platformKey", [HOME])
    assert listed["key_id"] == Vault.from_setting(OTHER_KEY).key_id
    table = shanhai(data_dir, "list")
    assert (table.returncode, "platformKey" in table.stdout) == (0, True)


def test_rotation_reports_what_it_did(data_dir: Path) -> None:
    ran = shanhai(data_dir, "rotate", keys=f"{KEY},{OTHER_KEY}")
    assert (ran.returncode, ran.stdout) == (0, "1 sealed anew, 0 had the first key already\n")
    ran = shanhai(data_dir, "rotate", "--json", keys=KEY)
    expected = {"resealed": 0, "current": 1, "platforms": [], "unreadable": []}
    assert (ran.returncode, orjson.loads(ran.stdout)) == (0, expected)


def test_a_secret_that_no_key_opens_is_named_and_ends_with_1(data_dir: Path) -> None:
    ran = shanhai(data_dir, "rotate", keys=KEY)
    assert (ran.returncode, ran.stderr) == (1, "no key opens river platformKey; set it again\n")


@pytest.mark.parametrize("keys", [None, "hunter2"])
def test_without_a_key_how_to_make_one_is_told(data_dir: Path, keys: str | None) -> None:
    ran = shanhai(data_dir, "rotate", keys=keys)
    assert ran.returncode == 2
    assert "openssl rand -base64 32" in ran.stderr
    assert "hunter2" not in ran.stderr
