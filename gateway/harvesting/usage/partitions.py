"""Partitions: the months of a platform whose facts changed get a new number, by which derived data is caught up."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection, select

from gateway.harvesting.bulk import upsert
from gateway.storage import USAGE, reserve_numbers
from gateway.storage.tables import UsagePartitionRow

_PARTITIONS = UsagePartitionRow.metadata.tables["usage_partitions"]


def touch(connection: Connection, platform: str, days: Iterable[date]) -> None:
    """Number the months of these days anew; the change counter is locked from here to the commit."""
    _number(connection, platform, sorted({f"{day:%Y-%m}" for day in days}))


def touch_all(connection: Connection, platform: str) -> None:
    """Number every month of a platform anew."""
    months = select(_PARTITIONS.c.month).where(_PARTITIONS.c.platform == platform).order_by(_PARTITIONS.c.month)
    _number(connection, platform, list(connection.execute(months).scalars()))


def _number(connection: Connection, platform: str, months: list[str]) -> None:
    if not months:
        return
    numbers = reserve_numbers(connection, USAGE, len(months))
    rows = [
        {"platform": platform, "month": month, "sequence": number}
        for month, number in zip(months, numbers, strict=True)
    ]
    upsert(connection, _PARTITIONS, rows, key=["platform", "month"])
