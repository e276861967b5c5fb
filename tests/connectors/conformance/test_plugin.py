"""The plug-in in a partner's own project: four lines of test file, nothing of the gateway."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import Response

from connectors.conformance.plugin import _variable
from gateway.registry.secrets import variable_name
from tests.architecture.source import ROOT
from tests.connectors.manifest.manifests import manifest
from tests.connectors.protocols.platform import Scripted, json, rows

TEST_FILE = """\
from connectors.conformance.plugin import ConnectorTests

class TestOurs(ConnectorTests):
    manifest = "ours.yaml"
"""
CONFTEST = """\
import sys

def pytest_sessionfinish():
    assert not [name for name in sys.modules if name.partition(".")[0] in ("gateway", "sqlalchemy", "tantivy")]
"""
RECORDED = """\
tests:
  - name: two lessons
    exchanges: [{response: {json: [{id: 1, title: 一}, {id: 2, title: 二}]}}]
    expect: {accepted: 2}
  - name: no lesson
    exchanges: [{response: {json: []}}]
    expect: {accepted: 0}
"""


def project(
    folder: Path,
    text: str,
    *words: str,
    test_file: str = TEST_FILE,
    code: int = 0,
    given: Mapping[str, str] | None = None,
) -> str:
    """What pytest prints in a project with this manifest."""
    (folder / "ours.yaml").write_text(text, "utf-8")
    (folder / "test_ours.py").write_text(test_file, "utf-8")
    (folder / "conftest.py").write_text(CONFTEST, "utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words]
    clean = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **(given or {})}
    ran = subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, timeout=120)
    assert ran.returncode == code, ran.stdout + ran.stderr
    return ran.stdout


def outcomes(printed: str) -> dict[str, str]:
    """How each test ended, by its name."""
    lines = [line.partition("::TestOurs::")[2].split() for line in printed.splitlines() if "::TestOurs::" in line]
    return {" ".join(words[: words.index(word)]): word for words in lines for word in words if word.isupper()}


def test_every_check_and_every_test_inside_the_manifest_is_a_test(tmp_path: Path) -> None:
    assert outcomes(project(tmp_path, manifest() + RECORDED, "-v")) == {
        "test_manifest_can_be_read": "PASSED",
        "test_manifest_can_be_used": "PASSED",
        "test_warnings_are_within_the_limit": "PASSED",
        "test_golden_vectors_agree": "PASSED",
        "test_no_secret_stands_in_clear": "PASSED",
        "test_recorded[two lessons]": "PASSED",
        "test_recorded[no lesson]": "PASSED",
        "test_live": "SKIPPED",
    }


def test_what_is_wrong_is_told_in_words_and_by_the_test_it_belongs_to(tmp_path: Path) -> None:
    text = manifest(top="vocabularies: {spare: {}}\n") + RECORDED.replace("accepted: 0", "accepted: 7")
    printed = project(tmp_path, text, "-v", code=1)
    failed = [name for name, outcome in outcomes(printed).items() if outcome == "FAILED"]
    assert failed == ["test_warnings_are_within_the_limit", "test_recorded[no lesson]"]
    assert "ERROR 23:14 test.record: no lesson: 0 records are accepted, not 7" in printed
    assert "WARNING 8:16 manifest.unusedTable" in printed
    assert "docs/checking.md#testrecord" in printed
    allowed = TEST_FILE + "    warnings_allowed = 1\n"
    project(tmp_path, manifest(top="vocabularies: {spare: {}}\n"), test_file=allowed)


@pytest.mark.parametrize(
    ("text", "failed"),
    [
        ("manifest: 1\n", {"test_manifest_can_be_read", "test_manifest_can_be_used"}),
        (manifest().replace("title: title", "titel: title"), {"test_manifest_can_be_used"}),
        (
            manifest(top="credentials: {kind: bearer, secret: 9f2c4b7a51e84d0c93aa7f1e20b6d5c8}\n"),
            {"test_manifest_can_be_used", "test_no_secret_stands_in_clear"},
        ),
    ],
)
def test_a_manifest_that_cannot_be_used_fails_where_it_should(tmp_path: Path, text: str, failed: set[str]) -> None:
    told = outcomes(project(tmp_path, text, "-v", code=1))
    assert {name for name, outcome in told.items() if outcome == "FAILED"} == failed


def test_a_manifest_that_is_not_there_is_told_and_breaks_nothing(tmp_path: Path) -> None:
    printed = project(tmp_path, manifest(), code=1, test_file=TEST_FILE.replace("ours.yaml", "yours.yaml"))
    assert "manifest.unreadable: yours.yaml cannot be read" in printed


@pytest.fixture
def served() -> Iterator[str]:
    """The address of a platform on loopback that wants a key."""

    def answer(request: Request, body: bytes, number: int) -> Response:
        key = request.headers.get("x-api-key")
        if key == "k-echo-77":
            return json([{"id": key, "title": "同一"}, {"id": key, "title": "两次"}])
        return json(rows(1, 2)) if key == "k-123456" else json({}, 401)

    server = uvicorn.Server(uvicorn.Config(Scripted(answer).app, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    pause = threading.Event()
    while not server.started:
        pause.wait(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


def test_the_platform_is_asked_only_when_wanted_and_with_secrets_from_the_environment(
    tmp_path: Path, served: str
) -> None:
    text = manifest(top="credentials: {kind: apiKey, secret: platformKey}\n").replace("https://api.example.org", served)
    inside = TEST_FILE + '    egress_allow = ("127.0.0.1",)\n'
    words = ("-v", "-k", "live", "--shanhai-live")
    variable = "SHANHAI_SECRET_EXAMPLE__PLATFORM_KEY"
    key, other = {variable: "k-123456"}, {variable: "wrong-1"}
    assert outcomes(project(tmp_path, text, *words, test_file=inside, given=key)) == {"test_live": "PASSED"}
    wrong = project(tmp_path, text, *words, test_file=inside, code=1, given=other)
    assert "CREDENTIAL_REFUSED" in wrong
    echoed = project(tmp_path, text, *words, test_file=inside, code=1, given={variable: "k-echo-77"})
    assert "k-echo-77" not in echoed
    assert "EGRESS_REFUSED" in project(tmp_path, text, *words, code=1, given=key)


def test_secrets_have_the_names_they_have_for_the_gateway() -> None:
    for platform, name in (("example", "appSecret"), ("cq-cloud", "key2"), ("a1", "HTTPToken.x")):
        assert _variable(platform, name) == variable_name(platform, name)


def test_other_projects_pay_next_to_nothing_for_the_option() -> None:
    script = "import sys, connectors.pytest_options; print(len([m for m in sys.modules if m.startswith('connectors')]))"
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "2"
