"""Taking in what platforms report: accounts, records with every version, and the credits that follow from them."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from logging import getLogger
from typing import Any, Protocol

import orjson
from sqlalchemy import Connection, Row

from connectors.records import Accepted, HarvestPage
from gateway.keyed import KeyedHash
from gateway.storage import LEDGER, reserve_numbers
from gateway.training.credit.activities import activity_key
from gateway.training.credit.posting import Posting
from gateway.training.people.accounts import KnownAccount, accounts_for, newest_activities, refresh, region_of
from gateway.training.records.contents import digest, reported, stored
from gateway.training.records.corrections import REPORTED, WITHDRAWN, Incoming, compare
from gateway.training.records.listings import Met, count_unmet, records_named, some_unmet, standing_in
from gateway.training.records.versions import Event, decisions_before, insert_records, note_events, update_records
from schema.training import RecordState, TrainingReport

log = getLogger("shanhai.training")
Item = Accepted[TrainingReport]


class Listing(Protocol):
    """The run that lists: its id, the platform with its region, and the version of the manifest."""

    @property
    def id(self) -> str: ...
    @property
    def platform(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def manifest_version(self) -> int: ...


@dataclass(slots=True)
class TakenPage:
    """What became of the records of a page; `changed` are native ids of new and changed ones."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    withdrawn: int = 0
    changed: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Writing:
    """Rows and events of a page before they are written, accounts to post, and what accounts are told."""

    inserts: list[dict[str, Any]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    accounts: set[str] = field(default_factory=set)
    told: dict[str, list[TrainingReport]] = field(default_factory=dict)
    stood: Mapping[str, RecordState] = field(default_factory=dict)
    """What was decided on records that are withdrawn, by id."""


class Intake:
    """Stores pages of training records; every call is part of the caller's transaction."""

    def __init__(self, posting: Posting, keys: KeyedHash) -> None:
        self._posting = posting
        self._keys = keys

    def mark(self, platform: str, text: str) -> str:
        """64 hexadecimal digits by which a reject is known again, and from which nobody can tell what it said."""
        return self._keys.hex("record", platform, text)

    def store(
        self, connection: Connection, now: datetime, run: Listing, page: HarvestPage[TrainingReport]
    ) -> TakenPage:
        """Store a page with its credits; of equal ids the highest version counts, and a deletion before all.

        Records of erased persons are not stored, and count as unchanged.
        """
        reserve_numbers(
            connection, LEDGER, 0
        )  # whoever changes records takes turns, so that no two wait for each other
        items, duplicates = _distinct(page)
        taken = TakenPage(duplicates=duplicates)
        reports = [item.record for item in items]
        accounts = accounts_for(connection, now, self._keys, run.platform, run.region, reports)
        marks = {report.native_id: self.mark(run.platform, report.native_id) for report in reports}
        known = records_named(connection, run.platform, [*marks, *marks.values()])
        writing = _Writing(stood=decisions_before(connection, known.values()))
        met = Met.of(connection, run.id, [*marks, *marks.values()])
        erased = 0
        for item in items:
            native_id, account = item.record.native_id, accounts[item.record.teacher_id]
            if account.erased or marks[native_id] in known:
                fresh = met.add(marks[native_id])
                erased += fresh
                taken.duplicates += not fresh
            else:
                fresh = met.add(native_id)
                self._take(writing, taken, run, item, account, known.get(native_id), now, fresh=fresh)
        taken.unchanged += erased
        if erased:
            log.info("%s records of run %s are of erased persons and not stored", erased, run.id)
        for listed in standing_in(connection, run.platform, page.rejected):
            met.add(listed)
        met.write(connection)
        self._write(connection, now, writing)
        deleted = records_named(connection, run.platform, list(page.deleted))
        leaving = [row for row in deleted.values() if _is_live(row)]
        self._posting.post(connection, now, _withdraw(connection, now, run, leaving))
        taken.withdrawn = len(leaving)
        return taken

    def unlisted(self, connection: Connection, run: Listing) -> tuple[int, int]:
        """How many live records of the platform the run has not met, and how many there are."""
        return count_unmet(connection, run.platform, run.id)

    def withdraw(self, connection: Connection, now: datetime, run: Listing) -> int:
        """Withdraw those that the run has not met; returns how many."""
        reserve_numbers(connection, LEDGER, 0)
        withdrawn, accounts = 0, set[str]()
        while unmet := some_unmet(connection, run.platform, run.id):
            accounts |= _withdraw(connection, now, run, unmet)
            withdrawn += len(unmet)
        self._posting.post(connection, now, accounts)
        return withdrawn

    def _take(
        self,
        writing: _Writing,
        taken: TakenPage,
        run: Listing,
        item: Item,
        account: KnownAccount,
        row: Row[Any] | None,
        now: datetime,
        *,
        fresh: bool,
    ) -> None:
        """Decide about one record; one that the run has met before counts as a duplicate only."""
        new = _incoming(item, account, run.platform)
        before = len(writing.events)
        if row is None:
            writing.inserts.append(self._new_row(run, new, region_of(item.record, run.region), now))
            record_id = writing.inserts[-1]["id"]
            writing.events.append(Event(record_id, 1, _by(run), new.state, new.content, REPORTED))
        else:
            self._compare(writing, run, row, new, now)
        changed = len(writing.events) > before
        if changed:
            taken.changed.add(new.native_id)
            writing.accounts.add(account.id)
            writing.told.setdefault(account.id, []).append(item.record)
        taken.duplicates += not fresh
        taken.created += fresh and row is None
        taken.updated += fresh and row is not None and changed
        taken.unchanged += fresh and not changed

    def _compare(self, writing: _Writing, run: Listing, row: Row[Any], new: Incoming, now: datetime) -> None:
        change = compare(row, new, writing.stood.get(row.id))
        values = {**change.values, "run_id": run.id, "fetched_at": now}
        if change.values:
            values["manifest_version"] = run.manifest_version
        if change.note is not None:
            content = {**stored(row), **{name: value for name, value in change.values.items() if name in new.content}}
            values |= {"version": row.version + 1, "updated_at": now}
            values["activity_key"] = activity_key(self._keys, content["title"])
            event = Event(row.id, row.version + 1, _by(run), change.values["state"], content, change.note)
            writing.events.append(event)
            writing.accounts.add(row.account_id)
        writing.updates.append({"id": row.id, **values})

    def _new_row(self, run: Listing, new: Incoming, region: str, now: datetime) -> dict[str, Any]:
        return {
            "id": secrets.token_hex(16),
            "platform": run.platform,
            "native_id": new.native_id,
            "account_id": new.account_id,
            "region": region,
            **new.content,
            "activity_key": activity_key(self._keys, new.content["title"]),
            "state": new.state,
            "reported_state": new.state,
            "decided": False,
            "version": 1,
            "reported_version": new.version,
            "digest": new.digest,
            "run_id": run.id,
            "manifest_version": run.manifest_version,
            "unmapped": new.unmapped,
            "fetched_at": now,
            "modified_upstream_at": new.modified_upstream_at,
            "created_at": now,
            "updated_at": now,
        }

    def _write(self, connection: Connection, now: datetime, writing: _Writing) -> None:
        before = newest_activities(connection, writing.told)
        insert_records(connection, writing.inserts)
        update_records(connection, writing.updates)
        note_events(connection, now, writing.events)
        refresh(connection, now, writing.told, before)
        self._posting.post(connection, now, writing.accounts)


def _withdraw(connection: Connection, now: datetime, run: Listing, rows: Sequence[Row[Any]]) -> set[str]:
    """Revoke records that the platform no longer lists, and return their accounts, whose credits are then due.

    Their history and the lines they caused stay, and so does `decided`: what was decided holds again if they come back.
    """
    gone = {"state": RecordState.REVOKED, "withdrawn_at": now, "updated_at": now}
    update_records(connection, [{"id": row.id, "version": row.version + 1, **gone} for row in rows])
    events = [Event(row.id, row.version + 1, _by(run), RecordState.REVOKED, stored(row), WITHDRAWN) for row in rows]
    note_events(connection, now, events)
    return {row.account_id for row in rows}


def _distinct(page: HarvestPage[TrainingReport]) -> tuple[list[Item], int]:
    """Items by id without what the page deletes, and how many come twice; of equal versions the last one stays."""
    gone, kept = frozenset(page.deleted), dict[str, Item]()
    for item in page.accepted:
        earlier = kept.get(item.record.native_id)
        if item.record.native_id not in gone and (earlier is None or item.record.version >= earlier.record.version):
            kept[item.record.native_id] = item
    return list(kept.values()), sum(item.record.native_id not in gone for item in page.accepted) - len(kept)


def _incoming(item: Item, account: KnownAccount, platform: str) -> Incoming:
    content = reported(item.record, platform)
    return Incoming(
        native_id=item.record.native_id,
        account_id=account.id,
        content=content,
        digest=digest(content, account.native_key),
        state=item.record.state,
        version=item.record.version,
        unmapped=orjson.dumps([f"{note.field}: {note.value}" for note in item.unmapped]).decode(),
        modified_upstream_at=item.modified_upstream_at,
    )


def _by(run: Listing) -> str:
    return f"platform:{run.platform}"


def _is_live(row: Row[Any]) -> bool:
    return row.withdrawn_at is None and row.erased_at is None
