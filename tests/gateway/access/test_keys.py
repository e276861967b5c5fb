"""Keys of the API: made once, found by their whole text alone, rotated with an overlap, and revoked at once."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import insert, select

from gateway.access import key_store
from gateway.access.audit import AuditLog
from gateway.access.key_store import KeyStore
from gateway.access.keys import Caller, KeyFault, KeyState, id_of, new_key
from gateway.errors import InvalidInput
from gateway.identity import Grant, Principal, Role, Scope
from gateway.keyed import KeyedHash
from gateway.storage import Database
from gateway.storage.tables.access import ApiKeyRow
from gateway.storage.tables.training import TeacherAccountRow, TeacherRow

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OFFICER = Grant(Role.TRAINING_OFFICER, "500103")
TABLE = ApiKeyRow.metadata.tables["api_keys"]


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(database: Database, clock: Clock) -> KeyStore:
    return KeyStore(database, clock, AuditLog(database, KeyedHash(b"k" * 32), clock))


async def rows(database: Database) -> list[Any]:
    async with database.reading() as connection:
        return list(await connection.execute(select(TABLE).order_by(TABLE.c.id)))


def wrong_secret(text: str) -> str:
    """A key of the same id whose last digit but one is another, so that its bytes surely differ."""
    return f"{text[:-2]}{'A' if text[-2] != 'A' else 'B'}{text[-1]}"


async def test_a_key_is_found_by_its_text_and_says_who_asks(store: KeyStore, database: Database) -> None:
    made = await store.create(
        " 渝中区教师培训 ", [OFFICER, OFFICER], scopes=[Scope.READ], per_minute=30, by="command line"
    )
    assert re.fullmatch(r"shk_[a-z2-7]{12}_[A-Za-z0-9_-]{43}", made.text)
    assert made.key.id == made.text[:16]
    principal = Principal(
        f"渝中区教师培训 ({made.key.id})",
        grants=(OFFICER,),
        scopes=frozenset({Scope.READ}),
        client=made.key.id,
    )
    assert await store.find(made.text) == Caller(principal, 30)
    [row] = await rows(database)
    assert row.digest == hashlib.sha256(made.text.encode()).digest()
    assert made.text[17:] not in repr((row, made))
    assert await store.listed() == [made.key]


async def test_neither_a_wrong_secret_nor_a_wrong_id_opens_anything_and_both_are_refused_alike(store: KeyStore) -> None:
    made = await store.create("a", [OFFICER], by="t")
    other = new_key()
    for text in (
        wrong_secret(made.text),
        other,
        made.key.id + other[16:],
        other[:16] + made.text[16:],
        made.key.id,
        made.text + "A",
        made.text.upper(),
        "shk_",
        "",
        "shk_" + "é" * 56,
        made.text + "\n",
    ):
        assert await store.find(text) is KeyFault.UNKNOWN, text


async def test_a_constant_time_comparison_decides_for_known_and_unknown_ids(
    store: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await store.create("a", [OFFICER], by="t")
    compared: list[tuple[bytes, bytes]] = []

    def note_and_compare(left: bytes, right: bytes) -> bool:
        compared.append((left, right))
        return len(compared) > 1

    monkeypatch.setattr(key_store, "hmac", SimpleNamespace(compare_digest=note_and_compare))
    unknown, wrong = new_key(), wrong_secret(made.text)
    assert await store.find(made.text) is KeyFault.UNKNOWN
    assert isinstance(await store.find(wrong), Caller)
    assert await store.find(unknown) is KeyFault.UNKNOWN
    digests = [hashlib.sha256(text.encode()).digest() for text in (made.text, wrong, unknown)]
    assert compared == [(digests[0], digests[0]), (digests[0], digests[1]), (key_store.NOBODY, digests[2])]


async def test_a_revoked_key_is_refused_at_once_and_stays_as_it_was_revoked(store: KeyStore, clock: Clock) -> None:
    made, other = await store.create("a", [OFFICER], by="t"), await store.create("b", [OFFICER], by="t")
    assert isinstance(await store.find(made.text), Caller)
    revoked = await store.revoke(made.key.id, "first")
    assert await store.find(made.text) is KeyFault.REVOKED
    assert await store.find(wrong_secret(made.text)) is KeyFault.UNKNOWN
    clock.now += timedelta(days=1)
    assert await store.revoke(made.key.id, "second") == revoked
    assert (revoked.revoked_at, revoked.revoked_by, revoked.state(NOON)) == (NOON, "first", KeyState.REVOKED)
    assert isinstance(await store.find(other.text), Caller)


async def test_a_key_expires_at_its_instant(store: KeyStore, clock: Clock) -> None:
    made = await store.create("a", [OFFICER], expires_at=NOON + timedelta(days=1), by="t")
    clock.now += timedelta(days=1) - timedelta(microseconds=1)
    assert isinstance(await store.find(made.text), Caller)
    clock.now += timedelta(microseconds=1)
    assert await store.find(made.text) is KeyFault.EXPIRED
    assert made.key.state(clock.now) is KeyState.EXPIRED


async def test_a_rotated_key_and_its_successor_hold_together_for_the_overlap(store: KeyStore, clock: Clock) -> None:
    old = await store.create("a", [OFFICER], scopes=[Scope.READ], per_minute=7, by="t")
    new = await store.rotate(old.key.id, timedelta(days=7), "r")
    assert (new.key.grants, new.key.scopes, new.key.per_minute) == ((OFFICER,), frozenset({Scope.READ}), 7)
    assert (new.key.rotated_from, new.key.created_by, new.key.expires_at) == (old.key.id, "r", None)
    assert new.text != old.text
    clock.now += timedelta(days=7) - timedelta(microseconds=1)
    assert [isinstance(await store.find(text), Caller) for text in (old.text, new.text)] == [True, True]
    clock.now += timedelta(microseconds=1)
    assert await store.find(old.text) is KeyFault.EXPIRED
    assert isinstance(await store.find(new.text), Caller)


async def test_an_overlap_never_lengthens_a_life_and_a_successor_lives_as_long(store: KeyStore, clock: Clock) -> None:
    ends = NOON + timedelta(days=30)
    old = await store.create("a", [OFFICER], expires_at=ends, by="t")
    clock.now += timedelta(days=28)
    new = await store.rotate(old.key.id, timedelta(days=7), "r")
    assert new.key.expires_at == clock.now + timedelta(days=30)
    assert {key.id: key.expires_at for key in await store.listed()} == {
        old.key.id: ends,
        new.key.id: new.key.expires_at,
    }
    gone = await store.rotate(new.key.id, timedelta(), "r")
    assert await store.find(new.text) is KeyFault.EXPIRED
    assert isinstance(await store.find(gone.text), Caller)


async def test_what_cannot_be_rotated_or_revoked_is_refused_and_nothing_changes(
    store: KeyStore, database: Database, clock: Clock
) -> None:
    revoked = await store.create("a", [OFFICER], by="t")
    await store.revoke(revoked.key.id, "t")
    expired = await store.create("b", [OFFICER], expires_at=NOON + timedelta(days=1), by="t")
    clock.now += timedelta(days=1)
    living = await store.create("c", [OFFICER], by="t")
    before = await rows(database)
    for key_id, overlap, said in (
        (revoked.key.id, timedelta(), "is REVOKED"),
        (expired.key.id, timedelta(), "is EXPIRED"),
        ("shk_aaaaaaaaaaaa", timedelta(), "there is no key"),
        (living.key.id, timedelta(seconds=-1), "not between 0 and 90 days"),
        (living.key.id, timedelta(days=91), "not between 0 and 90 days"),
    ):
        with pytest.raises(InvalidInput, match=said):
            await store.rotate(key_id, overlap, "r")
    with pytest.raises(InvalidInput, match="there is no key"):
        await store.revoke("shk_aaaaaaaaaaaa", "r")
    assert await rows(database) == before


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "  "}, "name:"),
        ({"name": "x" * 151}, "name:"),
        ({"name": "a\nb"}, "name:"),
        ({"grants": [Grant(Role.ADMIN, "50010")]}, "no GB/T 2260 code"),
        ({"grants": [Grant(Role.ADMIN, "999999")]}, "no GB/T 2260 code"),
        ({"grants": [OFFICER] * 51}, "at most 50"),
        ({"scopes": []}, "scopes:"),
        ({"per_minute": 0}, "per_minute:"),
        ({"per_minute": 1_000_001}, "per_minute:"),
        ({"expires_at": NOON}, "not in the future"),
        ({"teacher": "nobody"}, "there is no teacher"),
    ],
)
async def test_a_key_that_cannot_be_is_refused_and_none_is_made(
    store: KeyStore, database: Database, changes: dict[str, Any], said: str
) -> None:
    given: dict[str, Any] = {"name": "a", "grants": [OFFICER], "by": "t", **changes}
    with pytest.raises(InvalidInput, match=said):
        await store.create(given.pop("name"), given.pop("grants"), **given)
    assert await rows(database) == []


async def test_a_teachers_key_speaks_for_the_person_they_are_now(store: KeyStore, database: Database) -> None:
    async with database.writing() as connection:
        for teacher in ("kept", "moved"):
            await connection.execute(insert(TeacherRow), {"id": teacher, "created_at": NOON})
        account = {"platform": "p", "updated_at": NOON}
        await connection.execute(
            insert(TeacherAccountRow),
            [
                {**account, "id": "a", "native_key": "1", "teacher_id": "kept", "origin_id": "kept"},
                {**account, "id": "b", "native_key": "2", "teacher_id": "moved", "origin_id": "moved"},
            ],
        )
    made = await store.create("教师甲", [Grant(Role.TEACHER)], teacher="moved", by="t")

    async def spoken_for() -> str | None:
        found = await store.find(made.text)
        assert isinstance(found, Caller)
        return found.principal.teacher

    assert await spoken_for() == "moved"
    accounts = TeacherAccountRow.metadata.tables["teacher_accounts"]
    async with database.writing() as connection:
        await connection.execute(accounts.update().where(accounts.c.id == "b").values(teacher_id="kept"))
    assert await spoken_for() == "kept"
    teachers = TeacherRow.metadata.tables["teachers"]
    async with database.writing() as connection:
        await connection.execute(teachers.update().values(erased_at=NOON))
    assert await spoken_for() is None


def test_ids_are_read_from_whole_keys_alone() -> None:
    text = new_key()
    assert id_of(text) == text[:16]
    assert [id_of(each) for each in (text[:-1], f"{text}A", f" {text}", f"{text}\n", text[:16])] == [None] * 5


async def test_what_is_done_to_keys_stands_in_the_audit_log_without_any_secret(
    store: KeyStore, database: Database, clock: Clock
) -> None:
    made = await store.create("office", [Grant(Role.ANALYST, "500000")], by="operator")
    follower = await store.rotate(made.key.id, timedelta(0), "operator")
    await store.revoke(follower.key.id, "operator")
    await store.revoke(follower.key.id, "operator")
    log = AuditLog(database, KeyedHash(b"k" * 32), clock)
    events = [entry.event for entry in await log.entries()]
    assert [(event.action, event.subjects) for event in events] == [
        ("revokeKey", (f"ApiKey:{follower.key.id}",)),
        ("rotateKey", (f"ApiKey:{follower.key.id}",)),
        ("createKey", (f"ApiKey:{made.key.id}",)),
    ]
    assert events[-1].detail == {"grants": ["ANALYST:500000"]}
    assert (await log.verify()).is_sound
    assert made.text.rpartition("_")[2] not in str(events)
