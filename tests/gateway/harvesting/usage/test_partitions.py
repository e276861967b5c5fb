"""Numbers of partitions are given in commit order, so that who follows them by number misses nothing."""

import asyncio

import pytest
from sqlalchemy import select

from gateway.harvesting import HarvestingService, HarvestKind
from gateway.storage import Database
from tests.gateway.harvesting.usage.counting import PARTITIONS, Counting, Ticking, fact, page

PLATFORMS = [f"platform{number}" for number in range(6)]
MONTHS = range(0, 400, 31)


async def counted(database: Database, code: str) -> None:
    """A year of usage, a page for every month, so that the transactions of platforms run into each other."""
    pages = [page(*(fact(ago, measure=measure) for measure in ("views", "plays"))) for ago in MONTHS]
    upstream = Counting(code=code, counted=pages)
    service = HarvestingService(database, clock=Ticking())
    await service.run(upstream, upstream.context(), kind=HarvestKind.USAGE)


async def numbers_above(database: Database, known: int) -> list[int]:
    """What a follower that has come to a number is shown next."""
    query = select(PARTITIONS.c.sequence).where(PARTITIONS.c.sequence > known)
    async with database.reading() as connection:
        return sorted((await connection.execute(query)).scalars())


async def test_who_follows_by_number_sees_every_change_of_platforms_that_are_harvested_at_once(
    database: Database,
) -> None:
    harvests = asyncio.gather(*(counted(database, code) for code in PLATFORMS))
    followed: list[int] = []
    over = False
    while not over:
        over = harvests.done()
        followed += await numbers_above(database, max(followed, default=0))
    await harvests
    assert followed == list(range(1, len(PLATFORMS) * len(MONTHS) + 1))


async def test_a_month_that_changes_again_is_shown_again(database: Database) -> None:
    await asyncio.gather(*(counted(database, code) for code in PLATFORMS))
    last = len(PLATFORMS) * len(MONTHS)
    assert await numbers_above(database, last) == []
    upstream = Counting(code=PLATFORMS[3], counted=[page(fact(0, "11"), fact(1), fact(31, "11"))])
    service = HarvestingService(database, clock=Ticking())
    await service.run(upstream, upstream.context(), kind=HarvestKind.USAGE)
    assert await numbers_above(database, last) == [last + 1, last + 2]


@pytest.mark.parametrize("value", ["10", "10.0000001"])
async def test_a_month_that_is_only_met_again_is_not_shown(database: Database, value: str) -> None:
    service = HarvestingService(database, clock=Ticking())
    for number in ("10", value):
        upstream = Counting(counted=[page(fact(0, number))])
        await service.run(upstream, upstream.context(), kind=HarvestKind.USAGE)
    assert await numbers_above(database, 0) == [1]
