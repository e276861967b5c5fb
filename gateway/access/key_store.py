"""Keys in the database: made, listed, rotated, revoked, and found by their text at every request."""

import hmac
import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from gateway.access.audit import AuditLog
from gateway.access.keys import Caller, CreatedKey, KeyFault, KeyState, KeyView, digest_of, id_of, new_key
from gateway.access.teachers import current_teacher
from gateway.clock import Clock
from gateway.errors import InvalidInput
from gateway.identity import Grant, Role, Scope
from gateway.personal import AuditEvent, AuditOutcome
from gateway.storage import Database
from gateway.storage.tables.access import ApiKeyRow
from schema.national_ids import has_national_id
from schema.regions import region_tree

LONGEST_NAME = 150
MOST_GRANTS = 50
MOST_PER_MINUTE = 1_000_000
LONGEST_OVERLAP = timedelta(days=90)
NOBODY = bytes(32)
"""Compared with where there is no such key, so that a wrong id takes the same path as a wrong secret."""
_FAULTS = {KeyState.EXPIRED: KeyFault.EXPIRED, KeyState.REVOKED: KeyFault.REVOKED}
_TABLE = ApiKeyRow.metadata.tables[ApiKeyRow.__tablename__]
_KEYS = _TABLE.c


class KeyStore:
    """The keys of the API; what is done to them is written into the audit log, in the same transaction.

    Nothing is remembered between requests, so that a revocation holds at once.
    """

    def __init__(self, database: Database, clock: Clock, log: AuditLog) -> None:
        self._database, self._clock, self._log = database, clock, log

    async def create(
        self,
        name: str,
        grants: Sequence[Grant],
        *,
        scopes: Collection[Scope] = tuple(Scope),
        teacher: str | None = None,
        per_minute: int | None = None,
        expires_at: datetime | None = None,
        by: str,
    ) -> CreatedKey:
        """A new key, whose text is shown this once; raises InvalidInput that says what cannot be."""
        now = self._clock()
        _check(name, grants, scopes, per_minute, expires_at, now)
        if teacher is None and any(grant.role is Role.TEACHER for grant in grants):
            raise InvalidInput("teacher: a key with the role TEACHER says which teacher holds it")

        def work(connection: Connection) -> CreatedKey:
            if teacher is not None and current_teacher(connection, teacher) is None:
                raise InvalidInput(f"teacher: there is no teacher {teacher[:40]!r}; give the id that the gateway shows")
            made = KeyView(
                id="",
                name=name.strip(),
                grants=tuple(dict.fromkeys(grants)),
                scopes=frozenset(scopes),
                teacher=teacher,
                per_minute=per_minute,
                created_at=now,
                created_by=by,
                expires_at=expires_at,
            )
            return self._added(connection, now, "createKey", made)

        return await self._database.transact(work)

    async def listed(self) -> list[KeyView]:
        """Every key that was ever made, newest first."""
        statement = select(_TABLE).order_by(_KEYS.created_at.desc(), _KEYS.id)
        async with self._database.reading() as connection:
            return [_view(row) for row in await connection.execute(statement)]

    async def rotate(self, key_id: str, overlap: timedelta, by: str) -> CreatedKey:
        """A new key that is good for the same; the old one ends after `overlap`, or earlier where it does already.

        A key that expires is followed by one with a life as long. Raises InvalidInput for a key that is not in force
        and for an overlap below 0 or above 90 days.
        """
        if not timedelta() <= overlap <= LONGEST_OVERLAP:
            raise InvalidInput(f"overlap: {overlap} is not between 0 and {LONGEST_OVERLAP.days} days")
        now = self._clock()

        def work(connection: Connection) -> CreatedKey:
            old = _required(connection, key_id)
            if (state := old.state(now)) is not KeyState.ACTIVE:
                raise InvalidInput(f"key {key_id} is {state}; make a new one instead")
            ends = min(now + overlap, old.expires_at or now + overlap)
            connection.execute(update(_TABLE).where(_KEYS.id == key_id).values(expires_at=ends))
            expires = None if old.expires_at is None else now + (old.expires_at - old.created_at)
            made = replace(old, created_at=now, created_by=by, expires_at=expires, rotated_from=key_id)
            return self._added(connection, now, "rotateKey", made)

        return await self._database.transact(work)

    async def revoke(self, key_id: str, by: str) -> KeyView:
        """End a key now; one that was revoked before stays as it was. Raises InvalidInput for an unknown id."""
        now = self._clock()

        def work(connection: Connection) -> KeyView:
            _required(connection, key_id)
            here = (_KEYS.id == key_id) & _KEYS.revoked_at.is_(None)
            if connection.execute(update(_TABLE).where(here).values(revoked_at=now, revoked_by=by)).rowcount:
                self._log.append(connection, now, _event("revokeKey", key_id, by))
            return _required(connection, key_id)

        return await self._database.transact(work)

    def _added(self, connection: Connection, now: datetime, action: str, key: KeyView) -> CreatedKey:
        made = _add(connection, key)
        grants = [f"{grant.role}:{grant.region or 'everywhere'}" for grant in key.grants]
        self._log.append(connection, now, _event(action, made.key.id, key.created_by, grants=grants))
        return made

    async def find(self, text: str) -> Caller | KeyFault:
        """Who asks by the text of a key, or why it opens nothing."""
        key_id = id_of(text)
        async with self._database.reading() as connection:
            row = (await connection.execute(select(_TABLE).where(_KEYS.id == key_id))).one_or_none()
            known = hmac.compare_digest(row.digest if row else NOBODY, digest_of(text))
            if row is None or not known:
                return KeyFault.UNKNOWN
            key = _view(row)
            if fault := _FAULTS.get(key.state(self._clock())):
                return fault
            teacher = key.teacher and await connection.run_sync(current_teacher, key.teacher)
        return Caller(key.principal(teacher), key.per_minute)


def _check(
    name: str,
    grants: Sequence[Grant],
    scopes: Collection[Scope],
    per_minute: int | None,
    expires_at: datetime | None,
    now: datetime,
) -> None:
    """Raises InvalidInput for what no key can be."""
    if not name.strip() or len(name.strip()) > LONGEST_NAME or not name.isprintable():
        raise InvalidInput(f"name: give the office or program that holds the key, in 1 to {LONGEST_NAME} characters")
    if has_national_id(name):
        raise InvalidInput("name: leave out the national id; names stand in the audit log")
    if len(grants) > MOST_GRANTS:
        raise InvalidInput(f"grants: a key has at most {MOST_GRANTS}, not {len(grants)}")
    for region in (grant.region for grant in grants if grant.region is not None):
        if region_tree().get(region) is None:
            raise InvalidInput(f"grants: {region[:20]!r} is no GB/T 2260 code of a region such as 500103")
    if not scopes:
        raise InvalidInput("scopes: name READ, WRITE or both; a key without a scope opens nothing")
    if per_minute is not None and not 1 <= per_minute <= MOST_PER_MINUTE:
        raise InvalidInput(f"per_minute: {per_minute} is not between 1 and {MOST_PER_MINUTE}")
    if expires_at is not None and expires_at <= now:
        raise InvalidInput(f"expires_at: {expires_at:%Y-%m-%d %H:%M} is not in the future")


def _add(connection: Connection, key: KeyView) -> CreatedKey:
    text = new_key()
    key_id = id_of(text)
    grants = [{"role": grant.role.value, "region": grant.region} for grant in key.grants]
    connection.execute(
        insert(_TABLE).values(
            id=key_id,
            name=key.name,
            digest=digest_of(text),
            grants=json.dumps(grants),
            scopes=json.dumps(sorted(key.scopes)),
            teacher_id=key.teacher,
            per_minute=key.per_minute,
            created_at=key.created_at,
            created_by=key.created_by,
            expires_at=key.expires_at,
            rotated_from=key.rotated_from,
        )
    )
    return CreatedKey(_required(connection, str(key_id)), text)


def _event(action: str, key_id: str, by: str, **detail: Any) -> AuditEvent:
    return AuditEvent(by, None, action, AuditOutcome.ALLOWED, subjects=(f"ApiKey:{key_id}",), detail=detail)


def _required(connection: Connection, key_id: str) -> KeyView:
    """A key that is there, locked against other writers; raises InvalidInput where there is none."""
    row = connection.execute(select(_TABLE).where(_KEYS.id == key_id).with_for_update()).one_or_none()
    if row is None:
        raise InvalidInput(f"there is no key {key_id[:40]!r}; `shanhai keys list` tells the ids")
    return _view(row)


def _view(row: Row[Any]) -> KeyView:
    return KeyView(
        id=row.id,
        name=row.name,
        grants=tuple(Grant(Role(each["role"]), each["region"]) for each in json.loads(row.grants)),
        scopes=frozenset(Scope(each) for each in json.loads(row.scopes)),
        teacher=row.teacher_id,
        per_minute=row.per_minute,
        created_at=row.created_at,
        created_by=row.created_by,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        revoked_by=row.revoked_by,
        rotated_from=row.rotated_from,
    )
