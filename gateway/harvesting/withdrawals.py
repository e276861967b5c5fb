"""Withdrawals: records leave the catalog by tombstone, or at the end of a full run that no longer lists them.

What a full run did not meet is withdrawn only when the run is complete, accepted at least one record and would not
withdraw an implausible share of the platform: an empty or halved listing is more often a fault than a purge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.harvesting.bulk import among
from gateway.storage import CATALOG, take_numbers
from gateway.storage.tables import HarvestSeen, ResourceCopyKey, ResourceLink, ResourceRow

ALWAYS_PLAUSIBLE = 50
PLAUSIBLE_SHARE = 0.3
BATCH = 5_000
_RESOURCES = ResourceRow.metadata.tables["resources"]
_LINKS = ResourceLink.metadata.tables["resource_links"]
_COPY_KEYS = ResourceCopyKey.metadata.tables["resource_copy_keys"]
_SEEN = HarvestSeen.metadata.tables["harvest_seen"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing was withdrawn."""

    code: str
    message: str


async def withdraw_deleted(connection: AsyncConnection, platform: str, native_ids: Sequence[str], now: datetime) -> int:
    """Withdraw what the platform says is deleted; returns how many were live."""
    if not native_ids:
        return 0
    return await _withdraw(connection, platform, among(_RESOURCES.c.native_id, native_ids, connection), now)


async def withdraw_unmet(
    connection: AsyncConnection, platform: str, run_id: str, accepted: int, now: datetime
) -> int | Refusal:
    """Withdraw every live record that a complete full run has not met; returns how many, or why not."""
    live = await _count(connection, _live(platform))
    if accepted == 0:
        if live == 0:
            return 0
        return Refusal("EMPTY_LISTING", f"the listing holds no valid record, {live} stored ones are kept")
    met = exists().where(_SEEN.c.run_id == run_id, _SEEN.c.native_id == _RESOURCES.c.native_id)
    unmet = await _count(connection, _live(platform) & ~met)
    most = max(ALWAYS_PLAUSIBLE, int(live * PLAUSIBLE_SHARE))
    if unmet > most:
        reason = (
            f"{unmet} of {live} records are no longer listed, more than the {most} that are plausible; all are kept"
        )
        return Refusal("WITHDRAWAL_IMPLAUSIBLE", reason)
    return await _withdraw(connection, platform, ~met, now)


def _live(platform: str) -> ColumnElement[bool]:
    return (_RESOURCES.c.platform == platform) & (_RESOURCES.c.withdrawn_at.is_(None))


async def _count(connection: AsyncConnection, condition: ColumnElement[bool]) -> int:
    counted: int = (
        await connection.execute(select(func.count()).select_from(_RESOURCES).where(condition))
    ).scalar_one()
    return counted


async def _withdraw(connection: AsyncConnection, platform: str, condition: ColumnElement[bool], now: datetime) -> int:
    leaving = _live(platform) & condition
    names = list((await connection.execute(select(_RESOURCES.c.native_id).where(leaving))).scalars())
    if not names:
        return 0
    await _forget_relations(connection, platform, names)
    numbers = await take_numbers(connection, CATALOG, len(names))
    place = func.row_number().over(order_by=_RESOURCES.c.id)
    numbered = select(_RESOURCES.c.id, place.label("place")).where(leaving).subquery()
    await connection.execute(
        update(_RESOURCES)
        .where(_RESOURCES.c.id == numbered.c.id)
        .values(withdrawn_at=now, sequence=numbers.start - 1 + numbered.c.place)
    )
    return len(names)


async def _forget_relations(connection: AsyncConnection, platform: str, names: Sequence[str]) -> None:
    """Delete links and copy keys by value: joined to a table without statistics PostgreSQL compares all with all."""
    for start in range(0, len(names), BATCH):
        batch = names[start : start + BATCH]
        linked = (_LINKS.c.platform == platform) & among(_LINKS.c.source, batch, connection)
        await connection.execute(delete(_LINKS).where(linked))
        keyed = (_COPY_KEYS.c.platform == platform) & among(_COPY_KEYS.c.native_id, batch, connection)
        await connection.execute(delete(_COPY_KEYS).where(keyed))
