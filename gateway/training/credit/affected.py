"""Whom a change of some teachers' records concerns besides them: who shares a resource, and who got a record."""

from collections.abc import Collection
from typing import Any

import orjson
from sqlalchemy import Connection, select

from gateway.storage.tables import LedgerEntryRow, TeacherAccountRow, TrainingRecordRow, TrainingVersionRow
from gateway.training.credit.loading import persons_who_develop, portions
from gateway.training.ports import ResourceName
from schema.training import TrainingKind

_ACCOUNTS = TeacherAccountRow.metadata.tables["teacher_accounts"]
_RECORDS = TrainingRecordRow.metadata.tables["training_records"]
_VERSIONS = TrainingVersionRow.metadata.tables["training_versions"]
_LINES = LedgerEntryRow.metadata.tables["ledger_entries"]


def affected(connection: Connection, persons: Collection[str]) -> set[str]:
    """These persons and all others whose lines may have to change with theirs.

    What a record said before counts as well: who leaves a resource leaves more of it to the others.
    """
    found = set(persons)
    for some in portions(persons):
        found |= _who_got_records(connection, some)
    names: set[ResourceName] = set()
    for some in portions(found):
        names |= _developed_now(connection, some) | _developed_before(connection, some)
    return found | persons_who_develop(connection, names)


def _who_got_records(connection: Connection, persons: Collection[str]) -> set[str]:
    """Persons with records that were awarded to accounts of these persons, and hang on another account now."""
    old, new = _ACCOUNTS.alias("old"), _ACCOUNTS.alias("new")
    moved = (
        _LINES.join(old, old.c.id == _LINES.c.account_id)
        .join(_RECORDS, _RECORDS.c.id == _LINES.c.record_id)
        .join(new, new.c.id == _RECORDS.c.account_id)
    )
    query = select(new.c.teacher_id).select_from(moved).where(old.c.teacher_id.in_(persons), new.c.id != old.c.id)
    return set(connection.execute(query.distinct()).scalars())


def _developed_now(connection: Connection, persons: Collection[str]) -> set[ResourceName]:
    records = _RECORDS.join(_ACCOUNTS, _ACCOUNTS.c.id == _RECORDS.c.account_id)
    query = select(_RECORDS.c.resource_platform, _RECORDS.c.resource_native_id).select_from(records)
    developed = query.where(
        _ACCOUNTS.c.teacher_id.in_(persons),
        _RECORDS.c.kind == TrainingKind.RESOURCE_DEVELOPMENT,
        _RECORDS.c.resource_native_id.is_not(None),
    )
    return {(platform, native_id) for platform, native_id in connection.execute(developed.distinct())}


def _developed_before(connection: Connection, persons: Collection[str]) -> set[ResourceName]:
    records = _RECORDS.join(_ACCOUNTS, _ACCOUNTS.c.id == _RECORDS.c.account_id)
    versions = _VERSIONS.join(records, _RECORDS.c.id == _VERSIONS.c.record_id)
    query = select(_VERSIONS.c.content).select_from(versions)
    corrected = query.where(
        _ACCOUNTS.c.teacher_id.in_(persons),
        _RECORDS.c.version > 1,
        _VERSIONS.c.content.contains(TrainingKind.RESOURCE_DEVELOPMENT.value),
    )
    named = (_resource(orjson.loads(content)) for content in connection.execute(corrected).scalars())
    return {name for name in named if name is not None}


def _resource(content: Any) -> ResourceName | None:
    """The resource that a version of a record named."""
    platform, native_id = content.get("resource_platform"), content.get("resource_native_id")
    return (platform, native_id) if platform is not None and native_id is not None else None
