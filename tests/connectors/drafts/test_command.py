"""`shanhai connectors new` as a partner's engineer runs it."""

import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from connectors.drafts import About, draft_from_sample
from tests.architecture.source import ROOT

ANSWER = orjson.dumps({"courses": [{"id": n, "title": f"课 {n}", "type": "微课"} for n in range(5)]})
ADDRESS = "https://api.jiangcheng.example/v1/courses"
IDENTITY = ("--code", "jiangcheng", "--name", "江城云课", "--region", "420100", "--origin", ADDRESS)


def shanhai(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    clean = {"PATH": "/usr/bin:/bin", "COLUMNS": "200", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "error", "-m", "gateway.cli", "connectors", *words]
    return subprocess.run(command, capture_output=True, text=True, env=clean, timeout=120)


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A recorded answer."""
    path = tmp_path / "answer.json"
    path.write_bytes(ANSWER)
    return path


def test_a_draft_is_printed_and_what_comes_next_is_said(sample: Path) -> None:
    ran = shanhai("new", "--from-sample", str(sample), *IDENTITY)
    about = About(code="jiangcheng", name="江城云课", region="420100", address=ADDRESS)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == draft_from_sample(ANSWER, "answer.json", about).text
    assert [line.split()[0] for line in ran.stderr.splitlines()] == ["1.", "2.", "3."]


def test_a_written_draft_passes_the_check_and_is_not_written_over(sample: Path, tmp_path: Path) -> None:
    out = tmp_path / "draft.yaml"
    assert shanhai("new", "--from-sample", str(sample), *IDENTITY, "--out", str(out)).returncode == 0
    assert shanhai("check", str(out)).returncode == 0
    out.write_text("mine", "utf-8")
    again = shanhai("new", "--from-sample", str(sample), *IDENTITY, "--out", str(out))
    assert (again.returncode, out.read_text("utf-8")) == (2, "mine")
    assert "--force" in again.stderr
    assert shanhai("new", "--from-sample", str(sample), *IDENTITY, "--out", str(out), "--force").returncode == 0
    assert out.read_text("utf-8").startswith("# A first draft")


def test_what_is_missing_is_named(sample: Path) -> None:
    ran = shanhai("new", "--from-sample", str(sample))
    assert ran.returncode == 0
    assert "still needed: platform.code, platform.name, platform.region, origin, harvest.request.path" in ran.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "say what to draft from"),
        (("--from-sample", "a", "--from-oai", "https://a.example"), "say what to draft from"),
        (("--from-sample", "missing.json"), "missing.json cannot be read"),
        (("--from-sample", "a", "--operation", "x"), "--operation goes with --from-openapi"),
        (("--from-oai", "http://127.0.0.1:1/oai"), "EGRESS_REFUSED"),
        (("--from-oai", "nowhere"), "an absolute http or https address is needed"),
    ],
)
def test_wrong_use_ends_with_2_and_says_why(words: tuple[str, ...], said: str) -> None:
    ran = shanhai("new", *words)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr
