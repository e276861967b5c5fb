"""Whom a token means: by our own id, or as a platform knows them."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert

from gateway.access.teachers import TeacherDirectory
from gateway.keyed import KeyedHash
from gateway.storage import Database
from gateway.storage.tables.training import TeacherAccountRow, TeacherRow

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEYS = KeyedHash(b"k" * 32)


@pytest.fixture
async def directory(database: Database) -> TeacherDirectory:
    """Persons A with two accounts, B who was merged into A, C who was erased, and D who was divided."""
    accounts = [
        ("a1", "T-1", "A", "A", None),
        ("b1", "T:2", "A", "B", None),
        ("c1", "T-3", "C", "C", NOON),
        ("d1", "T-4", "A", "D", None),
        ("d2", "T-5", "E", "D", None),
    ]
    async with database.writing() as connection:
        for name in "ABCDE":
            erased = NOON if name == "C" else None
            await connection.execute(insert(TeacherRow), {"id": name, "created_at": NOON, "erased_at": erased})
        for identifier, native, teacher, origin, erased in accounts:
            row = {
                "id": identifier,
                "platform": "chongqing",
                "native_key": KEYS.hex("teacher", "chongqing", native),
                "teacher_id": teacher,
                "origin_id": origin,
                "updated_at": NOON,
                "erased_at": erased,
            }
            await connection.execute(insert(TeacherAccountRow), row)
    return TeacherDirectory(database, KEYS)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A", "A"),
        ("B", "A"),
        ("C", None),
        ("D", None),
        ("E", "E"),
        ("nobody", None),
        ("chongqing:T-1", "A"),
        ("chongqing:T:2", "A"),
        ("chongqing:T-3", None),
        ("chongqing:T-5", "E"),
        ("chongqing:t-1", None),
        ("sichuan:T-1", None),
        ("chongqing:", None),
        (":T-1", None),
        ("", None),
        ("A\x00", None),
        ("x" * 401, None),
    ],
)
async def test_a_teacher_is_the_person_they_are_now(directory: TeacherDirectory, text: str, found: str | None) -> None:
    assert await directory.find(text) == found
