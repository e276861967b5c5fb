"""`shanhai audit`: what it prints, and how it ends."""

import sqlite3
from contextlib import closing
from pathlib import Path

import orjson
import pytest

from gateway.access.audit import AuditLog
from gateway.identity import Purpose
from gateway.keyed import KeyedHash
from gateway.personal import AuditEvent, AuditOutcome
from gateway.storage import open_database, upgrade
from schema.identifiers import GlobalId
from tests.gateway.access.stored_agreements import NOON, Clock
from tests.gateway.cli.test_commands import shanhai
from tests.services.postgres import outside_the_loop

KEY = "a key of at least thirty-two characters"
TEACHER = f"Teacher:{'9a1b' * 8}"


async def write(directory: Path) -> None:
    database = open_database(f"sqlite+aiosqlite:///{directory / 'shanhai.db'}")
    await upgrade(database)
    log = AuditLog(database, KeyedHash(KEY.encode()), Clock())
    allowed, refused = AuditOutcome.ALLOWED, AuditOutcome.REFUSED
    await log.note(
        AuditEvent("office 1", Purpose.CERTIFICATION, "teacher", allowed, (TEACHER,), ("Teacher.name",)),
        AuditEvent("office 2", None, "recordTraining", refused, detail={"code": "FORBIDDEN", "region": "500103"}),
    )
    await database.aclose()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    outside_the_loop(write(tmp_path))
    return tmp_path


def audit(directory: Path, *words: str, key: str = KEY) -> tuple[int, str, str]:
    ran = shanhai("audit", *words, "--data-dir", str(directory), SHANHAI_IDENTITY_KEY=key)
    assert "Traceback" not in ran.stderr
    return ran.returncode, ran.stdout, ran.stderr


def test_a_sound_log_ends_with_0_and_its_head_is_accepted_again(directory: Path) -> None:
    code, said, complaint = audit(directory, "verify")
    assert (code, complaint) == (0, "")
    first, second = said.splitlines()
    assert first == "2 lines, sound"
    head = second.removeprefix("head ")
    code, document, _ = audit(directory, "verify", "--head", head, "--json")
    assert code == 0
    assert orjson.loads(document) == {"sound": True, "rows": 2, "head": head, "problems": [], "found": 0}
    code, _, complaint = audit(directory, "verify", "--head", f"2:{'0' * 64}")
    assert code == 1
    assert complaint == "line 2: is not the line of the given head: the log up to here was rewritten\n"
    assert audit(directory, "verify", "--head", "2")[0] == 2


def test_a_log_that_was_tampered_with_ends_with_1_and_says_where(directory: Path) -> None:
    with closing(sqlite3.connect(directory / "shanhai.db")) as connection, connection:
        connection.execute("UPDATE audit_log SET purpose = 'AUDIT' WHERE sequence = 1")
    code, said, complaint = audit(directory, "verify")
    assert code == 1
    assert said.startswith("2 lines, NOT sound, 1 problems\nhead 2:")
    assert complaint == "line 1: its hash does not fit: the line was changed, or made without the key\n"
    code, document, _ = audit(directory, "verify", "--json")
    found = orjson.loads(document)
    assert (code, found["sound"], found["problems"][0]["sequence"]) == (1, False, 1)


def test_another_key_is_suspected_where_no_line_verifies(directory: Path) -> None:
    code, _, complaint = audit(directory, "verify", key="another key of thirty-two characters")
    assert code == 1
    assert "is SHANHAI_IDENTITY_KEY the key it was written with?" in complaint


def test_a_subject_that_is_none_is_refused_instead_of_finding_nothing(directory: Path) -> None:
    shown = str(GlobalId("Teacher", ("9a1b" * 8,)))
    assert len(orjson.loads(audit(directory, "list", "--subject", shown, "--json")[1])) == 1
    for word in ("foo", "Teacher:foo"):
        code, said, complaint = audit(directory, "list", "--subject", word)
        assert (code, said) == (2, "")
        assert "foo" in complaint


def test_lines_are_listed_newest_first_and_narrowed(directory: Path) -> None:
    code, said, _ = audit(directory, "list")
    assert code == 0
    assert said.index("office 2") < said.index("office 1")
    assert "2026-11-10 12:00:00" in said
    _, document, _ = audit(directory, "list", "--subject", TEACHER, "--json")
    assert orjson.loads(document) == [
        {
            "sequence": 1,
            "at": NOON.isoformat(),
            "principal": "office 1",
            "purpose": "CERTIFICATION",
            "action": "teacher",
            "outcome": "ALLOWED",
            "subjects": [TEACHER],
            "fields": ["Teacher.name"],
            "detail": {},
            "trace_id": "",
        }
    ]
    for words, numbers in (
        (("--principal", "office 2", "--since", "2026-11-10"), [2]),
        (("--limit", "1"), [2]),
        (("--since", "2026-11-10T12:00:01+08:00"), []),
    ):
        _, document, _ = audit(directory, "list", "--json", *words)
        assert [entry["sequence"] for entry in orjson.loads(document)] == numbers, words


def test_a_wrong_since_is_named(directory: Path) -> None:
    for wrong in ("yesterday", "0001-01-01"):
        code, _, complaint = audit(directory, "list", "--since", wrong)
        assert code == 2
        assert f"--since: '{wrong}' is no day" in complaint.replace("\n", " ")
