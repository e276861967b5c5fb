"""`shanhai training`: links, corrections, erasure, rules and ledger; what was done is audited, a refusal is not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Connection, create_engine, select
from typer.testing import CliRunner, Result

from gateway.application.tokens import identity_keys
from gateway.cli.program import app
from gateway.settings import Settings
from gateway.storage.tables import AuditRow, TeacherAccountRow
from gateway.training.people.accounts import native_key
from schema.identifiers import GlobalId
from tests.gateway.training.stored import add_account, add_record

NUMBER = "11010519491231002X"
"""The example of GB 11643-1999, of nobody."""
_TABLES = TeacherAccountRow.metadata.tables
Shanhai = Callable[..., Result]


@pytest.fixture
def shanhai(tmp_path: Path) -> Shanhai:
    """The command over a data directory with teachers a1 of 重庆, with a record, and a2 of 渝中."""

    def run(*words: str, given: str | None = None) -> Result:
        return CliRunner().invoke(
            app, ["training", *words, "--data-dir", str(tmp_path)], input=given, env={"COLUMNS": "240"}
        )

    assert run("rules").exit_code == 0
    keys = identity_keys(Settings(data_dir=tmp_path))
    with _writing(tmp_path) as connection:
        for account, platform in (("a1" * 16, "chongqing"), ("a2" * 16, "yuzhong")):
            native = f"native-{account[:2]}"
            key = native_key(keys, platform, native)
            add_account(connection, account, platform=platform, native_id=native, native_key=key)
        add_record(connection, "r1", "a1" * 16)
    return run


def _writing(directory: Path) -> Any:
    return create_engine(f"sqlite:///{directory / 'shanhai.db'}").begin()


def rows(directory: Path, table: str) -> list[Any]:
    with _writing(directory) as connection:
        assert isinstance(connection, Connection)
        return list(connection.execute(select(_TABLES[table])))


def audited(directory: Path) -> list[str]:
    return [row.action for row in sorted(rows(directory, AuditRow.__tablename__), key=lambda row: row.sequence)]


def test_accounts_are_linked_by_a_file_and_the_link_is_listed_and_undone(shanhai: Shanhai, tmp_path: Path) -> None:
    text = f"platform,nativeId,nationalId\nchongqing,native-a1,{NUMBER}\nyuzhong,native-a2,{NUMBER}\n"
    linked = shanhai("link", "--file", "-", given=text)
    assert (linked.exit_code, linked.stdout) == (0, "2 accounts have a pseudonym now; 1 links were made\n")
    [link] = orjson.loads(shanhai("links", "--json").stdout)
    assert (link["evidence"], link["undone_at"]) == ("PSEUDONYM", None)
    assert len({row.teacher_id for row in rows(tmp_path, "teacher_accounts")}) == 1
    shown = shanhai("links", "--teacher", str(GlobalId("Teacher", (link["to_teacher"],))))
    assert link["id"] in shown.stdout
    undone = shanhai("unlink", link["id"], "--reason", "不是同一人")
    assert (undone.exit_code, "again" in undone.stdout) == (0, True)
    assert len({row.teacher_id for row in rows(tmp_path, "teacher_accounts")}) == 2
    assert audited(tmp_path) == ["linkTeacher", "setPseudonyms", "unlinkTeacher"]
    assert NUMBER not in (tmp_path / "shanhai.db").read_bytes().decode("latin-1")


def test_a_long_file_is_imported_in_portions(shanhai: Shanhai, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.cli.training.PORTION", 1)
    lines = (f"chongqing,native-a1,{NUMBER}", f"zibo,native-a9,{NUMBER}", f"yuzhong,native-a2,{NUMBER}")
    linked = shanhai("link", "--file", "-", "--json", given="\n".join(("platform,nativeId,nationalId", *lines)))
    outcome = orjson.loads(linked.stdout)
    assert (outcome["marked"], len(outcome["links"]), [line for line, _ in outcome["refused"]]) == (2, 1, [3])
    assert audited(tmp_path) == ["setPseudonyms", "linkTeacher", "setPseudonyms"]


def test_lines_that_cannot_be_used_are_told_by_number_alone(shanhai: Shanhai, tmp_path: Path) -> None:
    file = tmp_path / "ids.csv"
    file.write_text(f"platform,nativeId,nationalId\nchongqing,nobody,{NUMBER}\nchongqing,native-a1,12345\n", "utf-8")
    ran = shanhai("link", "--file", str(file))
    assert ran.exit_code == 1
    assert "line 2: no account of this platform" in ran.stderr
    assert "line 3: the third column is no national id" in ran.stderr
    assert not [word for word in ("nobody", "12345", NUMBER) if word in ran.output]
    assert audited(tmp_path) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b,c\n", "the first line has to be platform,nativeId,nationalId"),
        ("platform,nativeId,nationalId\nx,y\n", "line 2: 2 cells where 3 are due"),
        ("", "the first line has to be platform,nativeId,nationalId"),
    ],
)
def test_a_file_of_another_form_is_refused(shanhai: Shanhai, tmp_path: Path, text: str, said: str) -> None:
    ran = shanhai("link", "--file", "-", given=text)
    assert ran.exit_code != 0
    assert said in str(ran.exception)
    assert audited(tmp_path) == []


def test_a_name_and_a_school_are_put_right(shanhai: Shanhai, tmp_path: Path) -> None:
    ran = shanhai("rename", "a1" * 16, "--name", "教师乙", "--school", "新校")
    assert ran.exit_code == 0
    account = next(row for row in rows(tmp_path, "teacher_accounts") if row.id == "a1" * 16)
    assert (account.name, orjson.loads(account.school)) == ("教师乙", {"name": "新校", "kind": "SCHOOL"})
    assert "教师乙" not in ran.stdout
    [line] = rows(tmp_path, AuditRow.__tablename__)
    assert line.action == "renameTeacher"
    assert "教师乙" not in line.detail
    for words, said in (
        (("a1" * 16,), "say what is right"),
        (("none", "--name", "乙"), "is not the id of an account"),
        (("a1" * 16, "--name", NUMBER), "name: 1 to 200 characters"),
    ):
        refused = shanhai("rename", *words)
        assert said in str(refused.exception)
    assert audited(tmp_path) == ["renameTeacher"]


def test_a_person_is_erased_after_a_question(shanhai: Shanhai, tmp_path: Path) -> None:
    asked = shanhai("erase", "a1" * 16, "--reason", "本人要求", given="n\n")
    assert asked.exit_code == 1
    assert audited(tmp_path) == []
    ran = shanhai("erase", str(GlobalId("Teacher", ("a1" * 16,))), "--reason", "本人要求", "--yes")
    assert (ran.exit_code, ran.stdout) == (0, f"teacher {'a1' * 16} is erased, with 1 records\n")
    assert [row.title for row in rows(tmp_path, "training_records")] == [None]
    wrong = shanhai("erase", str(GlobalId("Region", ("500000",))), "--reason", "本人要求", "--yes")
    assert "is the id of a Region, not of a Teacher" in str(wrong.exception)
    assert audited(tmp_path) == ["eraseTeacher"]


def test_reconciling_writes_what_is_missing_once(shanhai: Shanhai, tmp_path: Path) -> None:
    assert shanhai("reconcile").stdout == "1 lines were written to the ledger\n"
    assert shanhai("reconcile").stdout == "0 lines were written to the ledger\n"
    assert [row.hours for row in rows(tmp_path, "ledger_entries")] == [8]
    assert audited(tmp_path) == ["reconcileLedger"] * 2


def test_rules_in_force_are_listed_and_samples_say_so(shanhai: Shanhai) -> None:
    found = orjson.loads(shanhai("rules", "--region", "500103", "--json").stdout)
    assert {rule["region"] for rule in found} <= {"500000", "500103", "100000"}
    assert all(rule["sample"] for rule in found if rule["region"] == "500000")
    assert "sample" in shanhai("rules").stdout
    assert "999999" in str(shanhai("rules", "--region", "999999").exception)
