"""A platform in memory that counts its usage beside its resources, and how to look at what is stored of it."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from connectors.context import ConnectorContext
from connectors.records import Accepted, HarvestPage, UsageRequest
from gateway.harvesting import HarvestingService, HarvestKind, HarvestRun
from gateway.storage import Database
from gateway.storage.tables import UsageFactRow, UsagePartitionRow
from schema.platforms import Capability
from schema.usage import UsageFact
from tests.gateway.harvesting.upstream import NOW, Upstream

YESTERDAY = date(2026, 2, 28)
"""The last day that is over at `NOW`, in China."""
CAN_ALL = frozenset({Capability.HARVEST, Capability.INCREMENTAL, Capability.USAGE})
_TABLES = UsageFactRow.metadata.tables
FACTS, PARTITIONS = _TABLES["usage_facts"], _TABLES[UsagePartitionRow.__tablename__]


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Ticking(Clock):
    """Moves a second with every look, so that runs have an order."""

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass
class Counting(Upstream):
    """Reports `counted` page by page, whatever days it is asked for; pauses and faults are those of `Upstream`."""

    capabilities: frozenset[Capability] = CAN_ALL
    counted: list[HarvestPage[UsageFact]] = field(default_factory=list)
    asked: list[UsageRequest] = field(default_factory=list)

    def usage(self, context: ConnectorContext, request: UsageRequest) -> AsyncIterator[HarvestPage[UsageFact]]:
        self.asked.append(request)
        return self._listing(self.counted, request.checkpoint)


def fact(
    ago: int = 0, value: str = "10", measure: str = "views", *, revision: int = 0, **more: Any
) -> Accepted[UsageFact]:
    """What was counted so many days before yesterday."""
    day = YESTERDAY - timedelta(days=ago)
    made = UsageFact(measure=measure, day=day, value=Decimal(value), revision=revision, **more)
    return Accepted(made, hashlib.sha256(made.to_json()).hexdigest())


def page(*facts: Accepted[UsageFact], **more: Any) -> HarvestPage[UsageFact]:
    return HarvestPage(facts, **more)


async def count(
    service: HarvestingService, *pages: HarvestPage[UsageFact], days: int | None = None, **more: Any
) -> HarvestRun:
    """Harvest the usage of 重庆 that consists of these pages."""
    upstream = Counting(counted=list(pages), **more)
    return await service.run(upstream, upstream.context(), kind=HarvestKind.USAGE, days=days)


def counts(run: HarvestRun) -> tuple[int, int, int, int, int, int]:
    """Seen, created, updated, unchanged, withdrawn, duplicates."""
    return run.seen, run.created, run.updated, run.unchanged, run.withdrawn, run.duplicates


async def facts(database: Database, code: str = "chongqing") -> list[Any]:
    """Stored facts of a platform by day and measure."""
    query = select(FACTS).where(FACTS.c.platform == code).order_by(FACTS.c.day, FACTS.c.measure, FACTS.c.key)
    async with database.reading() as connection:
        return list(await connection.execute(query))


async def values(database: Database, code: str = "chongqing") -> dict[tuple[int, str], str]:
    """Numbers of a platform by days before yesterday and measure, without trailing zeros."""
    stored: Sequence[Any] = await facts(database, code)
    return {((YESTERDAY - row.day).days, row.measure): f"{row.value.normalize():f}" for row in stored}


async def partitions(database: Database, code: str = "chongqing") -> dict[str, int]:
    """Numbers of a platform's months."""
    async with database.reading() as connection:
        found = await connection.execute(select(PARTITIONS).where(PARTITIONS.c.platform == code))
        return {row.month: row.sequence for row in found}
