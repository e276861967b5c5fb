"""What officers do to records: enter, correct, review and revoke; each in one transaction with ledger and audit log."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from gateway.clock import CHINA, Clock
from gateway.errors import Erased, GatewayError, InvalidInput, LimitExceeded
from gateway.identity import Principal, Role
from gateway.keyed import KeyedHash
from gateway.personal import Action, AuditEvent, AuditOutcome, Reach
from gateway.storage import LEDGER, Database, reserve_numbers
from gateway.storage.tables import TeacherAccountRow, TeacherRow, TrainingRecordRow
from gateway.training.credit.activities import activity_key
from gateway.training.credit.posting import Posting
from gateway.training.errors import VersionConflict
from gateway.training.ports import Guard
from gateway.training.questions import RecordDraft, ReviewDecision
from gateway.training.records.contents import Content, drafted, stored, written
from gateway.training.records.drafts import check_draft
from gateway.training.records.requests import Once, once
from gateway.training.records.reviewing import check_correctable, check_revocable, reviewed
from gateway.training.records.versions import Event, insert_records, note_events
from gateway.training.texts import check_note, check_reason
from gateway.training.views import Refused
from schema.training import RecordState

MOST_REVIEWED = 100
RECORDER = Role.TRAINING_OFFICER
"""Whose regions decide on which account of a teacher an entered record hangs."""
_TEACHERS = TeacherRow.metadata.tables["teachers"]
_ACCOUNTS = TeacherAccountRow.metadata.tables["teacher_accounts"]
_RECORDS = TrainingRecordRow.metadata.tables["training_records"]
Step = Callable[[Row[Any]], Mapping[str, Any]]
"""From a locked row to what changes of it; raises where that is not possible."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Ids of records that were reviewed, and those that were refused by their place in the list."""

    records: tuple[str, ...]
    refused: tuple[Refused, ...]


class Records:
    """Acts on records for principals who may; ids are ours.

    Forbidden and PurposeRequired are raised before anything is read out. An id that is unknown and one that the
    principal may not see are refused alike.
    """

    def __init__(self, database: Database, clock: Clock, guard: Guard, posting: Posting, keys: KeyedHash) -> None:
        self._database, self._clock, self._guard = database, clock, guard
        self._posting, self._keys = posting, keys

    async def record(self, draft: RecordDraft, key: str, who: Principal) -> str:
        """Enter a record and return its id; the same key and body of one client answer with the first one's.

        Raises InvalidInput, Erased, and IdempotencyKeyReused where the key came with another body.
        """
        await self._reach(who, Action.RECORD)
        regions = who.regions_of(RECORDER) or (None,)
        await self._guard.require(who, Action.RECORD, regions[0])
        asked = once(self._keys, who, Action.RECORD, key, asdict(draft))
        if (made := await self._earlier(asked)) is not None:
            return made
        account = await self._account_of(draft.teacher, who)
        now = self._clock()
        check_draft(draft, now.astimezone(CHINA).date())

        def work(connection: Connection) -> str:
            reserve_numbers(connection, LEDGER, 0)  # whoever enters takes turns, so that one key makes one record
            return asked.earlier(connection) or self._enter(connection, now, draft, account.id, who, asked)

        return await self._database.transact(work)

    async def correct(
        self, record_id: str, expected_version: int, reason: str, draft: RecordDraft, key: str, who: Principal
    ) -> str:
        """Replace what a record says and return its id; whose it is cannot be changed, and a retry changes nothing.

        Raises InvalidInput, IdempotencyKeyReused, VersionConflict, StateImpossible and Erased.
        """
        row = await self._record_of(record_id, Action.CORRECT, who)
        asked = once(self._keys, who, Action.CORRECT, key, (record_id, expected_version, reason, asdict(draft)))
        if await self._earlier(asked) is not None:
            return record_id
        why = check_reason("reason", reason)
        check_draft(draft, self._clock().astimezone(CHINA).date())
        if draft.teacher != row.teacher_id:
            raise InvalidInput("teacherId: a record stays with its teacher; revoke it and enter it for the other one")

        def step(locked: Row[Any]) -> Mapping[str, Any]:
            if locked.version != expected_version:
                raise VersionConflict(
                    f"record {record_id} is at version {locked.version}, not {expected_version}; read it again"
                )
            check_correctable(record_id, RecordState(locked.state))
            content = {**drafted(draft), "activity_id": locked.activity_id}
            entered = {"digest": _digest(self._keys, content)} if locked.platform == "" else {}
            return {**content, **entered, "activity_key": activity_key(self._keys, content["title"])}

        await self._change(record_id, step, why, Action.CORRECT, who, asked)
        return record_id

    async def review(
        self, record_ids: Sequence[str], decision: ReviewDecision, note: str | None, who: Principal
    ) -> Reviewed:
        """Decide about records, each by itself; raises LimitExceeded for more than 100 of them."""
        if len(record_ids) > MOST_REVIEWED:
            raise LimitExceeded(f"recordIds: {len(record_ids)} ids; at most {MOST_REVIEWED} are possible at once")
        said = check_note("note", note)
        await self._reach(who, Action.REVIEW)
        done, refused = list[str](), list[Refused]()
        for position, record_id in enumerate(record_ids):
            try:
                await self._record_of(record_id, Action.REVIEW, who)
                await self._change(record_id, _decided(record_id, decision), said, Action.REVIEW, who)
                done.append(record_id)
            except GatewayError as error:
                refused.append(Refused(position, error.code, error.message))
        return Reviewed(tuple(dict.fromkeys(done)), tuple(refused))

    async def revoke(self, record_id: str, reason: str, who: Principal) -> str:
        """Revoke a record and return its id; raises InvalidInput, StateImpossible and Erased."""
        await self._record_of(record_id, Action.REVOKE, who)
        why = check_reason("reason", reason)

        def step(locked: Row[Any]) -> Mapping[str, Any]:
            check_revocable(record_id, RecordState(locked.state))
            return {"state": RecordState.REVOKED, "decided": True}

        await self._change(record_id, step, why, Action.REVOKE, who)
        return record_id

    async def _earlier(self, asked: Once) -> str | None:
        """What a request did before, sought before it is checked: what was possible then may not be any more."""
        async with self._database.reading() as connection:
            return await connection.run_sync(asked.earlier)

    async def _change(
        self,
        record_id: str,
        step: Step,
        note: str | None,
        action: Action,
        who: Principal,
        asked: Once | None = None,
    ) -> None:
        """Take one step: row, version, certificate, ledger and audit log in one transaction."""
        now = self._clock()

        def work(connection: Connection) -> None:
            reserve_numbers(connection, LEDGER, 0)
            if asked is not None and asked.earlier(connection) is not None:
                return
            row = connection.execute(select(_RECORDS).where(_RECORDS.c.id == record_id).with_for_update()).one()
            if row.erased_at is not None:
                raise Erased(f"record {record_id} was erased at the request of the person")
            changed = step(row)
            version, state = row.version + 1, RecordState(changed.get("state", row.state))
            this = update(_RECORDS).where(_RECORDS.c.id == record_id)
            connection.execute(this.values(**changed, version=version, updated_at=now))
            content = {name: changed.get(name, value) for name, value in stored(row).items()}
            note_events(connection, now, [Event(record_id, version, who.name, state, content, note)])
            if asked is not None:
                asked.done(connection, now, record_id)
            self._posting.post(connection, now, [row.account_id])
            self._audit(connection, now, record_id, version, action, who)

        await self._database.transact(work)

    def _enter(
        self,
        connection: Connection,
        now: datetime,
        draft: RecordDraft,
        account: str,
        who: Principal,
        asked: Once,
    ) -> str:
        content, record_id = drafted(draft), secrets.token_hex(16)
        _lock_account(connection, account)
        row = _entered(connection, record_id, account, content, now)
        keyed = {"digest": _digest(self._keys, content), "activity_key": activity_key(self._keys, content["title"])}
        insert_records(connection, [row | keyed])
        note_events(connection, now, [Event(record_id, 1, who.name, RecordState.REPORTED, content)])
        asked.done(connection, now, record_id)
        self._posting.post(connection, now, [account])
        self._audit(connection, now, record_id, 1, Action.RECORD, who)
        return record_id

    def _audit(
        self, connection: Connection, now: datetime, record_id: str, version: int, action: Action, who: Principal
    ) -> None:
        subjects, detail = (f"TrainingRecord:{record_id}",), {"version": version}
        event = AuditEvent(who.name, who.purpose, action, AuditOutcome.ALLOWED, subjects=subjects, detail=detail)
        self._guard.append(connection, now, event)

    async def _account_of(self, teacher: str, who: Principal) -> Row[Any]:
        """The account that entered records of a teacher hang on, if the principal may see the teacher.

        One in the principal's regions goes before the others; among them the teacher's own one, then the older.
        """
        began = _ACCOUNTS.outerjoin(_TEACHERS, _TEACHERS.c.id == _ACCOUNTS.c.origin_id)
        own_first = (_ACCOUNTS.c.origin_id != _ACCOUNTS.c.teacher_id, _TEACHERS.c.created_at, _ACCOUNTS.c.id)
        query = select(_ACCOUNTS).select_from(began).where(_ACCOUNTS.c.teacher_id == teacher).order_by(*own_first)
        accounts = await self._visible(query, who, Action.RECORD)
        if not accounts:
            raise InvalidInput(f"teacherId: {teacher[:100]!r} is not the id of a teacher you may act on")
        found = next((each for each in accounts if who.holds((RECORDER,), each.region)), accounts[0])
        await self._guard.require(who, Action.RECORD, found.region)
        if found.erased_at is not None:
            raise Erased(f"teacher {teacher} was erased at the request of the person")
        return found

    async def _record_of(self, record_id: str, action: Action, who: Principal) -> Row[Any]:
        """A record with its teacher, if the principal may see it and act on it."""
        source = _RECORDS.join(_ACCOUNTS, _ACCOUNTS.c.id == _RECORDS.c.account_id)
        query = select(_RECORDS, _ACCOUNTS.c.teacher_id).select_from(source).where(_RECORDS.c.id == record_id)
        records = await self._visible(query, who, action)
        if not records:
            raise InvalidInput(f"recordId: {record_id[:100]!r} is not the id of a training record you may act on")
        [found] = records
        await self._guard.require(who, action, found.region)
        return found

    async def _reach(self, who: Principal, action: Action) -> Reach:
        """What the principal may be shown; raises where that is nothing at all."""
        reach = await self._guard.reach(who)
        if reach.is_empty:
            await self._guard.require(who, action, None)
            raise reach.refusal
        return reach

    async def _visible(self, query: Any, who: Principal, action: Action) -> Sequence[Row[Any]]:
        """The rows of a query, where the principal may see anything of one of them; else none."""
        reach = await self._reach(who, action)
        async with self._database.reading() as connection:
            rows: Sequence[Row[Any]] = (await connection.execute(query)).all()
        seen = any(reach.of(row.region, row.teacher_id).visible for row in rows)
        return rows if seen else ()


def _decided(record_id: str, decision: ReviewDecision) -> Step:
    def step(locked: Row[Any]) -> Mapping[str, Any]:
        return {"state": reviewed(record_id, RecordState(locked.state), decision), "decided": True}

    return step


def _digest(keys: KeyedHash, content: Content) -> str:
    """By what an entered content is known; keyed, so that nobody finds out by guessing what it says."""
    return keys.hex("entered", written(content))


def _lock_account(connection: Connection, account: str) -> None:
    erased_at = select(_ACCOUNTS.c.erased_at).where(_ACCOUNTS.c.id == account).with_for_update()
    if connection.execute(erased_at).scalar_one() is not None:
        raise Erased("teacherId: the teacher was erased at the request of the person")


def _entered(connection: Connection, record_id: str, account: str, content: Content, now: datetime) -> dict[str, Any]:
    region = connection.execute(select(_ACCOUNTS.c.region).where(_ACCOUNTS.c.id == account)).scalar_one()
    return {
        "id": record_id,
        "platform": "",
        "native_id": record_id,
        "account_id": account,
        "region": region,
        **content,
        "state": RecordState.REPORTED,
        "reported_state": RecordState.REPORTED,
        "version": 1,
        "fetched_at": now,
        "created_at": now,
        "updated_at": now,
    }
