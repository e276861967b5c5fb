"""Teachers as one platform knows them: accounts are found by keyed hash, made where there is none, and kept fresh."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select, update

from gateway.keyed import KeyedHash
from gateway.storage.tables import TeacherAccountRow, TeacherRow, TrainingRecordRow
from gateway.training.credit.loading import portions
from gateway.training.records.contents import organization
from schema.regions import region_tree
from schema.training import TrainingReport

_TEACHERS = TeacherRow.metadata.tables["teachers"]
_ACCOUNTS = TeacherAccountRow.metadata.tables["teacher_accounts"]
_RECORDS = TrainingRecordRow.metadata.tables["training_records"]


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """An account as the intake needs it; `native_key` is the keyed hash of platform and native id."""

    id: str
    native_key: str
    erased: bool = False


def native_key(keys: KeyedHash, platform: str, native_id: str) -> str:
    """By what an account is found, also after an erasure."""
    return keys.hex("teacher", platform, native_id)


def region_of(report: TrainingReport, home: str) -> str:
    """The teacher's region: that of the school where it is a known one, else the platform's."""
    return _known_region(report) or home


def accounts_for(
    connection: Connection, now: datetime, keys: KeyedHash, platform: str, home: str, reports: Sequence[TrainingReport]
) -> Mapping[str, KnownAccount]:
    """The account of each report's teacher, by the platform's id of the teacher; new ones are new persons."""
    named = {report.teacher_id: native_key(keys, platform, report.teacher_id) for report in reports}
    known = _known(connection, platform, named.values())
    missing = {name: key for name, key in named.items() if key not in known}
    told: dict[str, list[TrainingReport]] = {name: [] for name in missing}
    for report in reports:
        if report.teacher_id in told:
            told[report.teacher_id].append(report)
    rows = [_row(platform, home, key, name, told[name], now) for name, key in missing.items()]
    if rows:
        connection.execute(insert(_TEACHERS), [{"id": row["teacher_id"], "created_at": now} for row in rows])
        connection.execute(insert(_ACCOUNTS), rows)
        known |= {row["native_key"]: KnownAccount(row["id"], row["native_key"]) for row in rows}
    return {name: known[key] for name, key in named.items()}


def refresh(
    connection: Connection, now: datetime, told: Mapping[str, Sequence[TrainingReport]], before: Mapping[str, date]
) -> None:
    """Bring accounts up to what the newest reports tell; `before` is when their newest stored activity began.

    What reports leave out stays, and what an operator put right stays until the platform tells something new.
    """
    for account, reports in told.items():
        newer = [report for report in reports if account not in before or report.starts_on >= before[account]]
        values = _details(newer)
        if not values:
            continue
        stale = or_(*(_ACCOUNTS.c[name].is_distinct_from(value) for name, value in values.items()))
        this = update(_ACCOUNTS).where(_ACCOUNTS.c.id == account, _ACCOUNTS.c.erased_at.is_(None), stale)
        connection.execute(this.values(**values, updated_at=now))


def newest_activities(connection: Connection, accounts: Collection[str]) -> dict[str, date]:
    """When the newest stored activity of each account began."""
    found: dict[str, date] = {}
    for some in portions(accounts):
        query = select(_RECORDS.c.account_id, func.max(_RECORDS.c.starts_on)).group_by(_RECORDS.c.account_id)
        found.update((row[0], row[1]) for row in connection.execute(query.where(_RECORDS.c.account_id.in_(some))))
    return found


def _known(connection: Connection, platform: str, keys: Collection[str]) -> dict[str, KnownAccount]:
    found: dict[str, KnownAccount] = {}
    columns = (_ACCOUNTS.c.id, _ACCOUNTS.c.native_key, _ACCOUNTS.c.erased_at)
    for some in portions(keys):
        query = select(*columns).where(_ACCOUNTS.c.platform == platform, _ACCOUNTS.c.native_key.in_(some))
        for row in connection.execute(query):
            found[row.native_key] = KnownAccount(row.id, row.native_key, row.erased_at is not None)
    return found


def _row(
    platform: str, home: str, key: str, native_id: str, reports: Sequence[TrainingReport], now: datetime
) -> dict[str, Any]:
    person = secrets.token_hex(16)
    unknown: dict[str, str | None] = {"region": home, "name": None, "school": None, "tier": None}
    return {
        "id": secrets.token_hex(16),
        "platform": platform,
        "native_key": key,
        "native_id": native_id,
        "teacher_id": person,
        "origin_id": person,
        "updated_at": now,
        **unknown,
        **_details(reports),
    }


def _details(reports: Sequence[TrainingReport]) -> dict[str, str]:
    """What is told of a teacher, each by the newest report that tells it."""
    found: dict[str, str] = {}
    for report in sorted(reports, key=lambda report: report.starts_on):
        region = _known_region(report)
        told = {"name": report.teacher_name, "school": organization(report.school), "tier": report.tier}
        found |= {name: value for name, value in ({"region": region} | told).items() if value is not None}
    return found


def _known_region(report: TrainingReport) -> str | None:
    told = report.school.region if report.school else None
    return told if told is not None and region_tree().get(told) is not None else None
