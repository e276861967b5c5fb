"""What the commands on keys print, and that a key is printed once."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner, Result

from gateway.access.keys import id_of
from gateway.cli.program import app
from gateway.errors import InvalidInput

CREATE = ("create", "--name", "渝中区教师培训", "--role", "TRAINING_OFFICER:500103")


@pytest.fixture
def keys(tmp_path: Path) -> Any:
    """Runs `shanhai keys` over a data directory of its own; what a command raises is raised."""

    def run(*words: str) -> Result:
        result = CliRunner().invoke(app, ["keys", *words, "--data-dir", str(tmp_path)], env={"COLUMNS": "200"})
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


def listed(keys: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = orjson.loads(keys("list", "--json").stdout)
    return found


def test_a_key_is_printed_once_and_alone_on_standard_output(keys: Any) -> None:
    made = keys(*CREATE, "--role", "ANALYST", "--read-only", "--per-minute", "30")
    text = made.stdout.strip()
    identifier = id_of(text)
    assert identifier is not None
    assert "it is not shown again" in made.stderr
    assert text not in made.stderr
    assert f"{identifier} (TRAINING_OFFICER:500103, ANALYST) holds until it is revoked" in made.stderr
    for again in (keys("list"), keys("list", "--json")):
        assert identifier in again.stdout
        assert text[17:] not in again.stdout
    [row] = listed(keys)
    assert row["grants"] == [{"role": "TRAINING_OFFICER", "region": "500103"}, {"role": "ANALYST", "region": None}]
    assert (row["scopes"], row["per_minute"], row["state"], row["expires_at"]) == (["READ"], 30, "ACTIVE", None)


def test_a_key_is_rotated_and_revoked_by_its_id(keys: Any) -> None:
    old = orjson.loads(keys(*CREATE, "--json").stdout)
    new = orjson.loads(keys("rotate", old["id"], "--overlap", "0d", "--json").stdout)
    assert (new["rotated_from"], id_of(new["key"]), new["grants"]) == (old["id"], new["id"], old["grants"])
    assert "was revoked" in keys("revoke", new["id"]).stdout
    assert {row["id"]: row["state"] for row in listed(keys)} == {old["id"]: "EXPIRED", new["id"]: "REVOKED"}


def test_a_last_day_is_one_of_china(keys: Any) -> None:
    made = orjson.loads(keys(*CREATE, "--expires", "2999-12-31", "--json").stdout)
    assert made["expires_at"] == "2999-12-31T16:00:00+00:00"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--role", "OFFICER"), "there is no role 'OFFICER'"),
        (("--role", "ADMIN:50"), "there is no region '50'"),
        (("--expires", "soon"), "no span such as 90d"),
        (("--expires", "99999d"), "at most ten years"),
        (("--expires", "2001-01-01"), "not in the future"),
        (("--teacher", "nobody"), "is no id of a Teacher"),
        (("--teacher", "0" * 32), "there is no teacher"),
        (("--role", "TEACHER"), "says which teacher holds it"),
    ],
)
def test_what_no_key_can_be_is_refused_and_none_is_made(keys: Any, words: tuple[str, ...], said: str) -> None:
    keys(*CREATE)
    with pytest.raises(InvalidInput, match=said):
        keys(*CREATE, *words)
    assert len(listed(keys)) == 1


def test_an_unknown_id_is_refused(keys: Any) -> None:
    for words in (("rotate", "shk_aaaaaaaaaaaa"), ("revoke", "shk_aaaaaaaaaaaa")):
        with pytest.raises(InvalidInput, match="there is no key"):
            keys(*words)


def test_a_key_needs_a_name_and_a_role(keys: Any) -> None:
    assert keys("create", "--name", "a").exit_code == 2
    assert keys("create", "--role", "ADMIN").exit_code == 2
    with pytest.raises(InvalidInput, match="there is no database"):
        listed(keys)
