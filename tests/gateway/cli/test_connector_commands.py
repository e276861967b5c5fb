"""`shanhai connectors` as an engineer of a province uses it, against simulators on loopback."""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

from connectors.simulators import SIMULATORS
from gateway.cli.connector_trials import appended
from gateway.cli.program import main
from gateway.cli.simulation import simulators
from gateway.registry.secrets import variable_name
from tests.architecture.source import ROOT

PLATFORMS = ROOT / "connectors" / "platforms"
BROKEN = ROOT / "tests" / "connectors" / "conformance" / "broken"


@pytest.fixture(scope="module")
def environment() -> Iterator[Mapping[str, str]]:
    """The way to every simulator, and its secrets."""
    secrets = {
        variable_name(code, name): value
        for code, simulator in SIMULATORS.items()
        for name, value in simulator.secrets.items()
    }
    with simulators(60) as reroutes:
        ways = ",".join(f"{origin}={target}" for origin, target in reroutes.items())
        yield {"SHANHAI_REROUTES": ways, **secrets}


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command printed."""

    stdout: str
    stderr: str


Run = Callable[..., Ran]


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command of the group, which has to end with `code`, in a terminal of 80 columns."""

    def run(*words: str | Path, code: int = 0, given: Mapping[str, str] | None = None) -> Ran:
        for name, value in {"COLUMNS": "80", **(given or {})}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["shanhai", "connectors", *(str(word) for word in words)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert ended.value.code == code, printed
        return Ran("\n".join(line.rstrip() for line in printed.out.splitlines()), " ".join(printed.err.split()))

    return run


def test_a_finding_is_shown_with_its_place_and_what_was_meant(ran: Run) -> None:
    [path] = BROKEN.glob("*-feilds.yaml")
    assert ran("check", path, code=1).stdout.splitlines() == [
        "ERROR    33:3  manifest.unknownKey",
        "         harvest.feilds: there is no such key",
        "         did you mean  fields",
        "         expected      one of as, credentials, deleted, deletedIds, detail,",
        "                       fields, incremental, inside, joins, namespaces, origin,",
        "                       paging, protocol, records, request, when",
        "         found         feilds",
        "         at            /harvest/feilds",
        "         read          docs/checking.md#manifestunknownkey",
        "ERROR    37:5  manifest.path",
        "         not a JMESPath: links[?rel=self: something is wrong near =",
        "         found         links[?rel=self",
        "         at            /harvest/fields/url/path",
        "         read          docs/checking.md#manifestpath",
        "not usable",
    ]


def test_every_platform_is_usable_for_machines_too(ran: Run) -> None:
    report = orjson.loads(ran("check", PLATFORMS / "zibo.yaml", "--json").stdout)
    assert (report["ok"], report["platform"]) == (True, "zibo")
    assert {one["severity"] for one in report["findings"]} <= {"INFO"}
    assert {one["filled"] for one in report["coverage"]} == {None}


def test_a_sample_is_mapped_without_a_network(ran: Run, tmp_path: Path) -> None:
    [path] = BROKEN.glob("*-test-count.yaml")
    text = path.read_text("utf-8").partition("\ntests:")[0]
    (tmp_path / "m.yaml").write_text(text, "utf-8")
    row = {
        "id": 1,
        "name": "勾股定理",
        "type": "微课",
        "link": "https://a.example/1",
        "stage": "初中",
        "subject": "陶艺",
    }
    sample = tmp_path / "answer.json"
    sample.write_bytes(orjson.dumps({"code": 0, "data": {"items": [row], "total": 1}}))
    shown = ran("check", tmp_path / "m.yaml", "--sample", sample).stdout
    assert "'url' finds nothing in 1 records: there is no 'url'" in shown
    assert "陶艺 (1)" in shown
    assert "nativeId (required)" in shown
    assert "100%" in shown
    sample.write_bytes(b"<html>")
    assert "sample.unreadable" in ran("check", tmp_path / "m.yaml", "--sample", sample, code=1).stdout
    assert "cannot be read" in ran("check", tmp_path / "m.yaml", "--sample", tmp_path / "none", code=2).stderr


def test_a_live_check_says_which_fields_are_filled(ran: Run, environment: Mapping[str, str]) -> None:
    shown = ran("check", PLATFORMS / "chongqing.yaml", "--live", given=environment).stdout
    assert "100%" in shown
    assert shown.rstrip().endswith("usable")
    report = orjson.loads(ran("check", PLATFORMS / "chongqing.yaml", "--live", "--json", given=environment).stdout)
    assert {one["filled"] for one in report["coverage"] if one["required"]} == {1.0}


def test_a_preview_shows_requests_raw_and_mapped_records(ran: Run, environment: Mapping[str, str]) -> None:
    shown = ran("preview", PLATFORMS / "chongqing.yaml", "--limit", "2", given=environment).stdout
    assert shown.count("became") == 2
    assert max(len(line) for line in shown.splitlines()) <= 80
    assert next(line.split() for line in shown.splitlines() if line.startswith("  nativeId ")) == [
        "nativeId",
        "YKT-0000000",
    ]
    assert "200" in shown
    assert all(value not in shown for value in SIMULATORS["chongqing"].secrets.values())
    rows = orjson.loads(ran("preview", PLATFORMS / "neijiang.yaml", "--limit", "3", "--json", given=environment).stdout)
    assert len(rows["rows"]) == 3
    assert rows["rows"][0]["raw"].startswith("<")


def test_a_preview_reads_training_and_usage_and_says_what_there_is(ran: Run, environment: Mapping[str, str]) -> None:
    for capability in ("training", "USAGE"):
        words = ("preview", PLATFORMS / "sichuan.yaml", "--capability", capability, "--limit", "1")
        assert ran(*words, given=environment).stdout.count("became") == 1
    refused = ran("preview", PLATFORMS / "neijiang.yaml", "--capability", "USAGE", code=2, given=environment)
    assert "describes" in refused.stderr


def test_a_preview_of_a_platform_that_refuses_ends_with_1_and_shows_the_request(
    ran: Run, environment: Mapping[str, str]
) -> None:
    wrong = {**environment, variable_name("sichuan", "token"): "wrong-token-000"}
    shown = ran("preview", PLATFORMS / "sichuan.yaml", code=1, given=wrong).stdout
    assert "CREDENTIAL_REFUSED" in shown
    assert "POST" in shown
    assert "wrong-token-000" not in shown


def test_what_was_recorded_is_appended_and_replayed(ran: Run, tmp_path: Path, environment: Mapping[str, str]) -> None:
    manifest = tmp_path / "zibo.yaml"
    manifest.write_text((PLATFORMS / "zibo.yaml").read_text("utf-8"), "utf-8")
    out = tmp_path / "recorded.yaml"
    ran("record", manifest, "--out", out, "--pages", "2", given=environment)
    assert out.read_text("utf-8").startswith("tests:\n")
    assert all(value not in out.read_text("utf-8") for value in SIMULATORS["zibo"].secrets.values())
    ran("record", manifest, "--append", "--name", "first", given=environment)
    ran("record", manifest, "--append", "--name", "second", "--pages", "2", given=environment)
    shown = ran("replay", manifest).stdout
    assert shown.splitlines() == ["passed  first", "passed  second"]
    text = manifest.read_text("utf-8")
    manifest.write_text(text.replace("accepted: ", "accepted: 9", 1), "utf-8")
    failed = ran("replay", manifest, code=1).stdout
    assert failed.splitlines()[:2] == ["failed  first", "passed  second"]
    assert "test.record" in failed
    assert ran("check", manifest, code=1).stdout.rstrip().endswith("not usable")


def test_recording_needs_one_place_to_write_to(ran: Run, tmp_path: Path) -> None:
    for words in ((), ("--append", "--out", tmp_path / "x")):
        assert "--out FILE or --append" in " ".join(
            ran("record", PLATFORMS / "zibo.yaml", *words, code=2).stderr.split()
        )
    assert list(tmp_path.iterdir()) == []


def test_a_platform_that_cannot_be_reached_leaves_the_manifest_alone(ran: Run, tmp_path: Path) -> None:
    manifest = tmp_path / "m.yaml"
    text = (PLATFORMS / "national.yaml").read_text("utf-8")
    manifest.write_text(text, "utf-8")
    origins = ",".join(f"{origin}=http://127.0.0.1:9" for origin in SIMULATORS["national"].origins)
    ran("record", manifest, "--append", code=1, given={"SHANHAI_REROUTES": origins})
    assert manifest.read_text("utf-8") == text


def test_without_tests_a_replay_says_how_to_get_one(ran: Run) -> None:
    assert "connectors record" in ran("replay", PLATFORMS / "zibo.yaml").stdout


@pytest.mark.parametrize("command", ["check", "preview", "record", "replay"])
def test_a_file_that_is_not_there_is_a_wrong_use(ran: Run, command: str, tmp_path: Path) -> None:
    more = ("--append",) if command == "record" else ()
    assert "cannot be read" in ran(command, tmp_path / "none.yaml", *more, code=2).stderr


@pytest.mark.parametrize(
    ("before", "kept"),
    [
        ("a: 1\n", True),
        ("a: 1\ntests:\n- {name: x}\n", True),
        ("a: 1\ntests:\n    - name: x\n", True),
        ("tests:\n- {name: x}\na: 1\n", False),
        ("a: 1\ntests: [{name: x}]\n", False),
        ("tests: []\na: 1\n", False),
    ],
)
def test_tests_are_appended_only_where_nothing_else_changes(before: str, kept: bool) -> None:
    after = appended(before, "tests:\n- name: y\n  text: |\n    one\n\n    two\n")
    assert (after is not None) == kept
