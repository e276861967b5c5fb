"""Quarantine: the latest rejected version of every record, with the reason and what the platform sent."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from connectors.records import Rejected
from gateway.harvesting.bulk import among, delete_among, upsert
from gateway.harvesting.reach import Days
from gateway.harvesting.runs import RESOURCES, HarvestKind
from gateway.storage.tables import HarvestRunRow, QuarantinedRow
from schema.findings import Finding, Severity

LONGEST_ID = 250
LONGEST_RAW = 64_000
ANONYMOUS = "\x1f"
"""First character of the key of a reject without a usable native id; no native id holds it."""
_QUARANTINE = QuarantinedRow.metadata.tables["quarantined_records"]
_RUNS = HarvestRunRow.metadata.tables["harvest_runs"]


@dataclass(frozen=True, slots=True)
class QuarantinedRecord:
    """A rejected record as it is reported; `raw` is cut at 64,000 characters."""

    id: str
    platform: str
    native_id: str | None
    run_id: str
    code: str
    findings: tuple[Finding, ...]
    raw: str
    seen_at: datetime


def storable(text: str) -> str:
    """Text that every database takes: no NUL, no lone surrogates."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def quarantine_key(rejected: Rejected) -> str:
    """The native id, or where it is missing or unusable a key made from the record itself."""
    native_id = rejected.native_id
    if native_id and len(native_id) <= LONGEST_ID and native_id.isprintable() and storable(native_id) == native_id:
        return native_id
    return ANONYMOUS + hashlib.sha256(f"{native_id}\0{rejected.raw}".encode("utf-8", "replace")).hexdigest()


def usage_key(rejected: Rejected) -> str:
    """A key made from the row itself: a fact has no id, and what is counted for `r1` is not the resource `r1`."""
    return ANONYMOUS + hashlib.sha256(f"usage\0{rejected.raw}".encode("utf-8", "replace")).hexdigest()


def training_key(mark: str) -> str:
    """A key made from a mark of the record, since its native id and what was sent of it are personal data."""
    return f"{ANONYMOUS}training:{mark}"


def put(connection: Connection, platform: str, run_id: str, rejects: Mapping[str, Rejected], now: datetime) -> None:
    """Store rejects by their key in place of earlier rejects of the same records."""
    rows = [_row(platform, run_id, key, rejected, now) for key, rejected in rejects.items()]
    upsert(connection, _QUARANTINE, rows, key=["id"])


def lift(connection: Connection, platform: str, native_ids: Sequence[str]) -> None:
    """Remove records that were accepted or deleted."""
    if native_ids:
        delete_among(connection, _QUARANTINE.c.platform == platform, _QUARANTINE.c.native_id, native_ids)


def lift_marked(connection: Connection, platform: str, keys: Sequence[str]) -> None:
    """Remove rejects by their keys, where they have no native id."""
    delete_among(connection, _QUARANTINE.c.platform == platform, _QUARANTINE.c.id, [_id(platform, key) for key in keys])


def forget_others(connection: Connection, platform: str, run_id: str) -> None:
    """Remove rejected resources that a complete run has not met again."""
    others = (_QUARANTINE.c.platform == platform) & (_QUARANTINE.c.run_id != run_id)
    of_usage = select(_RUNS.c.id).where(_RUNS.c.platform == platform, _RUNS.c.kind.not_in(RESOURCES))
    connection.execute(delete(_QUARANTINE).where(others, _QUARANTINE.c.run_id.not_in(of_usage)))


def forget_other_training(connection: Connection, platform: str, run_id: str) -> None:
    """Remove rejected training records that a complete run of all of them has not met again."""
    others = select(_RUNS.c.id).where(
        _RUNS.c.platform == platform, _RUNS.c.kind == HarvestKind.TRAINING, _RUNS.c.id != run_id
    )
    connection.execute(delete(_QUARANTINE).where(_QUARANTINE.c.platform == platform, _QUARANTINE.c.run_id.in_(others)))


def forget_other_usage(connection: Connection, platform: str, run_id: str, days: Days) -> None:
    """Remove rejects of earlier runs of usage that asked for no more days than a complete one.

    Of what a longer one met nobody knows whether it was among these days; it goes with its run.
    """
    columns = (_RUNS.c.id, _RUNS.c.first_day, _RUNS.c.last_day)
    begun = (_RUNS.c.kind == HarvestKind.USAGE, _RUNS.c.first_day.is_not(None), _RUNS.c.id != run_id)
    others = connection.execute(select(*columns).where(_RUNS.c.platform == platform, *begun))
    replaced = [other for other, first, last in others if Days(first, last).count <= days.count]
    connection.execute(delete(_QUARANTINE).where(among(_QUARANTINE.c.run_id, replaced, connection)))


def from_row(row: Mapping[str, Any]) -> QuarantinedRecord:
    """Read a row of `quarantined_records`."""
    findings = tuple(
        Finding(**{**finding, "severity": Severity(finding["severity"])}) for finding in json.loads(row["findings"])
    )
    return QuarantinedRecord(**{**{name: row[name] for name in QuarantinedRecord.__slots__}, "findings": findings})


def _id(platform: str, key: str) -> str:
    return hashlib.sha256(f"{platform}\0{key}".encode()).hexdigest()[:32]


def _row(platform: str, run_id: str, key: str, rejected: Rejected, now: datetime) -> dict[str, Any]:
    findings = [{k: v for k, v in asdict(finding).items() if v is not None} for finding in rejected.findings]
    return {
        "id": _id(platform, key),
        "platform": platform,
        "native_id": None if key.startswith(ANONYMOUS) else key,
        "run_id": run_id,
        "code": storable(rejected.findings[0].code)[:100] if rejected.findings else "RECORD_INVALID",
        "findings": json.dumps(findings, ensure_ascii=True),
        "raw": storable(rejected.raw[:LONGEST_RAW]),
        "seen_at": now,
    }
