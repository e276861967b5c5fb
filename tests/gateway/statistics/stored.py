"""Facts in a real database, written as a harvest writes them."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import delete, insert

from gateway.statistics import StatisticsService, open_statistics
from gateway.statistics.links import Links
from gateway.storage import USAGE, Database, reserve_numbers
from gateway.storage.tables import UsageFactRow, UsagePartitionRow
from schema.programs import programs
from tests.gateway.statistics.facts import NOON, Fact, Regional

_FACTS = UsageFactRow.metadata.tables["usage_facts"]
_PARTITIONS = UsagePartitionRow.metadata.tables["usage_partitions"]
_TEXTS = ("region", "stage", "subject", "kind", "teaching_mode", "classroom_kind", "program", "resource")


async def store(database: Database, facts: Iterable[Fact]) -> None:
    """Put facts in place of those of the same series and day, and number the months they are in."""
    listed = list(facts)
    async with database.writing() as connection:
        for one in listed:
            await connection.execute(delete(_FACTS).where(_FACTS.c.key == _key(one), _FACTS.c.day == one.day))
        await connection.execute(insert(_FACTS), [_row(one) for one in listed])
        months = sorted({(one.platform, f"{one.day:%Y-%m}") for one in listed})
        numbers = await connection.run_sync(reserve_numbers, USAGE, len(months))
        for (platform, month), number in zip(months, numbers, strict=True):
            same = (_PARTITIONS.c.platform == platform) & (_PARTITIONS.c.month == month)
            await connection.execute(delete(_PARTITIONS).where(same))
            row = {"platform": platform, "month": month, "sequence": number}
            await connection.execute(insert(_PARTITIONS), row)


async def statistics_of(database: Database, folder: Path, platforms: Regional | None = None) -> StatisticsService:
    """The service over a database, with its lake in a folder; to be closed."""
    return await open_statistics(
        database, folder / "lake", platforms or Regional(), programs(), Links(b"k" * 32, 600), clock=lambda: NOON
    )


def _row(one: Fact) -> dict[str, object]:
    texts = {name: getattr(one, name) for name in _TEXTS}
    numbers = {"value": one.value, "weight": one.weight, "sketch": one.sketch}
    names = {"platform": one.platform, "day": one.day, "key": _key(one), "measure": one.measure}
    return {**names, **texts, **numbers, "revision": 0, "run_id": "run", "fetched_at": NOON}


def _key(one: Fact) -> str:
    return hashlib.sha256(repr(one.series).encode()).hexdigest()[:32]
