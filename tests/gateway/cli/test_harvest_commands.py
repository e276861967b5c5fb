"""`shanhai harvest` of usage: which platforms, how many days, and what is refused before anything is asked."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import orjson
import pytest

from gateway.cli.simulation import demo_secrets_environment, simulators
from tests.gateway.cli.test_commands import shanhai


@pytest.fixture(scope="module")
def platforms() -> Iterator[Mapping[str, str]]:
    """The way to every simulator, and its secrets."""
    with simulators(20) as reroutes:
        ways = ",".join(f"{origin}={target}" for origin, target in reroutes.items())
        yield {"SHANHAI_REROUTES": ways, **demo_secrets_environment()}


def test_usage_of_every_platform_that_tells_any_is_harvested(tmp_path: Path, platforms: Mapping[str, str]) -> None:
    given = {"SHANHAI_DATA_DIR": str(tmp_path), **platforms}
    ran = shanhai("harvest", "--usage", "--days", "20", "--json", **given)
    assert ran.returncode == 0, ran.stderr
    first = orjson.loads(ran.stdout)
    assert [run["platform"] for run in first] == ["chongqing", "sichuan", "yuzhong", "zibo"]
    assert {(run["kind"], run["state"]) for run in first} == {("USAGE", "SUCCEEDED")}
    again = orjson.loads(shanhai("harvest", "--usage", "--json", "zibo", **given).stdout)
    assert [(run["platform"], run["updated"], run["withdrawn"]) for run in again] == [("zibo", 0, 0)]
    assert again[0]["first_day"] < first[3]["first_day"]
    assert again[0]["unchanged"] == first[3]["created"] > 0
    shown = shanhai("harvest", "--usage", "zibo", **given)
    assert "USAGE SUCCEEDED" in shown.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--usage", "zibo", "neijiang"], "no usage is told by neijiang; it is by chongqing, sichuan, yuzhong, zibo"),
        (["--usage", "chengdu"], "no connector for platform chengdu"),
        (["--usage", "--incremental"], "--incremental, --usage and --training exclude each other"),
        (["--usage", "--training"], "--incremental, --usage and --training exclude each other"),
        (
            ["--training", "national"],
            "no training is told by national; it is by chongqing, neijiang, sichuan, yuzhong, zibo",
        ),
        (["--days", "3"], "--days goes with --usage"),
        (["--usage", "--days", "0"], "Invalid value for '--days'"),
    ],
)
def test_what_makes_no_sense_is_refused_before_a_platform_is_asked(tmp_path: Path, words: list[str], said: str) -> None:
    ran = shanhai("harvest", *words, "--data-dir", str(tmp_path))
    assert ran.returncode == 2
    assert said in " ".join(ran.stderr.split())
    assert "USAGE" not in ran.stdout
