"""Withdrawals: records leave the catalog by tombstone, or at the end of a full run that no longer lists them.

What a full run did not meet is withdrawn only when the run is complete, accepted at least one record and would not
withdraw an implausible share of the platform: an empty or halved listing is more often a fault than a purge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, exists, func, select, true, update

from gateway.harvesting.bulk import among, delete_among
from gateway.storage import CATALOG, reserve_numbers
from gateway.storage.tables import HarvestSeen, QuarantinedRow, ResourceCopyKey, ResourceLink, ResourceRow

EMPTY_LISTING = "EMPTY_LISTING"
ALWAYS_PLAUSIBLE = 50
PLAUSIBLE_SHARE = 0.3
BATCH = 5_000
MOST_REJECTS = 1_000
"""Rejects without id that are searched for the ids of records that were not met."""
_RESOURCES = ResourceRow.metadata.tables["resources"]
_LINKS = ResourceLink.metadata.tables["resource_links"]
_COPY_KEYS = ResourceCopyKey.metadata.tables["resource_copy_keys"]
_SEEN = HarvestSeen.metadata.tables["harvest_seen"]
_QUARANTINE = QuarantinedRow.metadata.tables["quarantined_records"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing was withdrawn."""

    code: str
    message: str


def withdraw_deleted(connection: Connection, platform: str, native_ids: Sequence[str], now: datetime) -> int:
    """Withdraw what the platform says is deleted; returns how many were live."""
    if not native_ids:
        return 0
    return _withdraw(connection, platform, among(_RESOURCES.c.native_id, native_ids, connection), now)


def withdraw_unmet(connection: Connection, platform: str, run_id: str, accepted: int, now: datetime) -> int | Refusal:
    """Withdraw every live record that a complete full run has not met; returns how many, or why not."""
    live = _count(connection, _live(platform))
    if accepted == 0:
        if live == 0:
            return 0
        return Refusal(EMPTY_LISTING, f"the listing holds no valid record, {live} stored ones are kept")
    _spare_what_may_be_rejected(connection, platform, run_id)
    met = exists().where(_SEEN.c.run_id == run_id, _SEEN.c.native_id == _RESOURCES.c.native_id)
    unmet = _count(connection, _live(platform) & ~met)
    refusal = implausible(unmet, live, "records are no longer listed")
    return _withdraw(connection, platform, ~met, now) if refusal is None else refusal


def implausible(leaving: int, stored: int, what: str) -> Refusal | None:
    """Why so many of so many are not withdrawn, if that is more than a share that can be believed."""
    most = max(ALWAYS_PLAUSIBLE, int(stored * PLAUSIBLE_SHARE))
    if leaving <= most:
        return None
    reason = f"{leaving} of {stored} {what}, more than the {most} that are plausible; all are kept"
    return Refusal("WITHDRAWAL_IMPLAUSIBLE", reason)


def _spare_what_may_be_rejected(connection: Connection, platform: str, run_id: str) -> None:
    """Count records as met whose id stands in a reject without id: a broken line is no sign that its record is gone."""
    rejects = select(_QUARANTINE.c.raw).where(_QUARANTINE.c.run_id == run_id, _QUARANTINE.c.native_id.is_(None))
    texts = list(connection.execute(rejects.limit(MOST_REJECTS)).scalars())
    if not texts:
        return
    met = exists().where(_SEEN.c.run_id == run_id, _SEEN.c.native_id == _RESOURCES.c.native_id)
    unmet = connection.execute(select(_RESOURCES.c.native_id).where(_live(platform) & ~met)).scalars()
    spared = [native_id for native_id in unmet if any(native_id in text for text in texts)]
    if spared:
        connection.execute(_SEEN.insert(), [{"run_id": run_id, "native_id": native_id} for native_id in spared])


def withdraw_all(connection: Connection, platform: str, now: datetime) -> int:
    """Withdraw every live record of a platform; returns how many."""
    return _withdraw(connection, platform, true(), now)


def _live(platform: str) -> ColumnElement[bool]:
    return (_RESOURCES.c.platform == platform) & (_RESOURCES.c.withdrawn_at.is_(None))


def _count(connection: Connection, condition: ColumnElement[bool]) -> int:
    counted: int = (connection.execute(select(func.count()).select_from(_RESOURCES).where(condition))).scalar_one()
    return counted


def _withdraw(connection: Connection, platform: str, condition: ColumnElement[bool], now: datetime) -> int:
    leaving = _live(platform) & condition
    names = list((connection.execute(select(_RESOURCES.c.native_id).where(leaving))).scalars())
    if not names:
        return 0
    _forget_relations(connection, platform, names)
    numbers = reserve_numbers(connection, CATALOG, len(names))
    place = func.row_number().over(order_by=_RESOURCES.c.id)
    numbered = select(_RESOURCES.c.id, place.label("place")).where(leaving).subquery()
    connection.execute(
        update(_RESOURCES)
        .where(_RESOURCES.c.id == numbered.c.id)
        .values(withdrawn_at=now, sequence=numbers.start - 1 + numbered.c.place)
    )
    return len(names)


def _forget_relations(connection: Connection, platform: str, names: Sequence[str]) -> None:
    """Delete links and copy keys by value: joined to a table without statistics PostgreSQL compares all with all."""
    for start in range(0, len(names), BATCH):
        batch = names[start : start + BATCH]
        delete_among(connection, _LINKS.c.platform == platform, _LINKS.c.source, batch)
        delete_among(connection, _COPY_KEYS.c.platform == platform, _COPY_KEYS.c.native_id, batch)
