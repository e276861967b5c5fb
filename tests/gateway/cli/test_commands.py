"""What the commands print and how they end."""

import socket
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tests.architecture.source import ROOT


def shanhai(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does, with nothing set but what is given."""
    clean = {"PATH": "/usr/bin:/bin", "COLUMNS": "200", "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-W", "error", "-m", "gateway.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, env=clean, timeout=120)


def test_settings_are_listed_and_secrets_are_not_shown() -> None:
    ran = shanhai(
        "settings",
        "--json",
        SHANHAI_PORT="9001",
        SHANHAI_ADMIN_KEY="hunter2",
        SHANHAI_DATABASE_URL="postgresql+asyncpg://u:hunter2@h/x",
    )
    listed = {each["variable"]: each["value"] for each in orjson.loads(ran.stdout)}
    assert listed["SHANHAI_PORT"] == "9001"
    assert listed["SHANHAI_ADMIN_KEY"] == "(set)"
    assert "hunter2" not in ran.stdout


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"SHANHAI_PORT": "high"}, "SHANHAI_PORT"),
        ({"SHANHAI_REROUTES": "https://only.example"}, "from=to"),
        ({"SHANHAI_REROUTES": "foo=bar"}, "SHANHAI_REROUTES"),
        ({"SHANHAI_LOG_LEVEL": "LOUD"}, "SHANHAI_LOG_LEVEL"),
        ({"SHANHAI_DATABASE_URL": "nonsense"}, "SHANHAI_DATABASE_URL"),
        ({"SHANHAI_DATABASE_URL": "sqlite:///x.db"}, "sqlite+aiosqlite"),
        ({"SHANHAI_REDIS_URL": "nonsense"}, "SHANHAI_REDIS_URL"),
    ],
)
def test_a_wrong_setting_is_named_and_ends_with_2(environment: dict[str, str], said: str) -> None:
    ran = shanhai("settings", **environment)
    assert ran.returncode == 2
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


def test_the_exported_schema_is_the_committed_one(tmp_path: Path) -> None:
    committed = (ROOT / "schema" / "gateway.graphql").read_text("utf-8")
    assert shanhai("sdl", "export").stdout == committed
    assert '@key(fields: "id")' in shanhai("sdl", "export", "--subgraph").stdout
    assert shanhai("sdl", "export", "-o", str(tmp_path / "s.graphql")).returncode == 0
    assert (tmp_path / "s.graphql").read_text("utf-8") == committed


def test_connectors_are_listed_and_a_bad_manifest_ends_with_1(tmp_path: Path) -> None:
    good = shanhai("connectors", "list", "--json")
    assert good.returncode == 0
    listed = {each["code"]: each.get("simulated", False) for each in orjson.loads(good.stdout)["connectors"]}
    simulated = ("chongqing", "neijiang", "sichuan", "yuzhong", "zibo")
    assert listed == {**dict.fromkeys(simulated, True), "national": False}
    (tmp_path / "bad.yaml").write_text("manifest: 1\nplattform: {}\n", "utf-8")
    bad = shanhai("connectors", "list", "--manifests", str(tmp_path))
    assert bad.returncode == 1
    assert "bad.yaml" in bad.stderr
    assert "chongqing" in bad.stdout


def test_a_listing_for_machines_stays_json_beside_a_bad_manifest_and_names_are_no_markup(tmp_path: Path) -> None:
    good = (ROOT / "connectors" / "platforms" / "zibo.yaml").read_text("utf-8")
    (tmp_path / "bad.yaml").write_text("manifest: 1\nplattform: {}\n", "utf-8")
    (tmp_path / "odd.yaml").write_text(good.replace("name: ", "name: '[/b]' #", 1), "utf-8")
    listed = shanhai("connectors", "list", "--json", "--manifests", str(tmp_path))
    assert len(orjson.loads(listed.stdout)["rejected"]) == 1
    shown = shanhai("connectors", "list", "--manifests", str(tmp_path))
    assert "[/b]" in shown.stdout
    assert "Traceback" not in shown.stderr


@pytest.mark.parametrize("code", ["cq -App", "A", "a_b", "a--b", "-a", "x" * 41])
def test_a_platform_code_that_could_name_anothers_secrets_is_refused(tmp_path: Path, code: str) -> None:
    good = (ROOT / "connectors" / "platforms" / "zibo.yaml").read_text("utf-8")
    (tmp_path / "m.yaml").write_text(good.replace("code: zibo", f"code: '{code}'", 1), "utf-8")
    assert shanhai("connectors", "check", str(tmp_path / "m.yaml")).returncode == 1


def test_check_says_where_and_what_instead(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("manifest: 1\nversion: 1\nplattform: {code: a}\n", "utf-8")
    ran = shanhai("connectors", "check", str(path))
    assert ran.returncode == 1
    assert "3:1" in ran.stdout
    assert "platform" in ran.stdout
    assert shanhai("connectors", "check", str(tmp_path / "missing.yaml")).returncode == 2


def test_an_unknown_platform_is_answered_with_those_there_are(tmp_path: Path) -> None:
    ran = shanhai("harvest", "chengdu", "--data-dir", str(tmp_path))
    assert ran.returncode == 2
    assert "chongqing, national, neijiang, sichuan, yuzhong, zibo" in " ".join(ran.stderr.split())


def test_the_database_is_upgraded_twice_without_harm(tmp_path: Path) -> None:
    for _ in range(2):
        ran = shanhai("database", "upgrade", "--data-dir", str(tmp_path))
        assert (ran.returncode, ran.stdout.strip()) == (0, "database is current")


def test_a_taken_port_is_said_plainly(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = shanhai("serve", "--port", str(taken.getsockname()[1]), "--data-dir", str(tmp_path))
    assert ran.returncode == 2
    assert "choose another --port" in " ".join(ran.stderr.split())


@pytest.mark.slow
def test_the_demo_answers_twice_in_a_row(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    for _ in range(2):
        ran = shanhai("demo", "--once", "--size", "300", "--port", port, "--data-dir", str(tmp_path))
        assert ran.returncode == 0, ran.stderr
        assert f"http://127.0.0.1:{port}/graphql" in ran.stdout
        assert "重庆云课堂" in ran.stdout
        assert "Traceback" not in ran.stderr


@pytest.mark.slow
def test_the_demo_keeps_out_of_the_operators_database_and_ends_with_its_gateway(tmp_path: Path) -> None:
    real = tmp_path / "real.db"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gateway.cli", "demo", "--size", "20", "--port", str(port)]
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "SHANHAI_DATABASE_URL": f"sqlite+aiosqlite:///{real}",
        "SHANHAI_DATA_DIR": str(tmp_path / "data"),
    }
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        assert any("Press Ctrl-C" in line for line in demo.stdout)
        demo.terminate()
        assert demo.wait(30) == 143
    assert not real.exists()
    assert (tmp_path / "data" / "demo" / "shanhai.db").exists()
    with socket.create_server(("127.0.0.1", port)):
        pass  # nobody listens there anymore
