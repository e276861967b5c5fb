"""SQL says of regions, hours, periods and names what the schema says, on both databases."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Date, MetaData, String, Table, insert, select

from gateway.storage import Database
from gateway.storage.tables.columns import Exact
from gateway.training.questions import SummaryInterval
from gateway.training.reading.expressions import Micro, NameIn, city, district, period, province, within
from schema.regions import NATION, RegionLevel, region_tree

_COLUMNS = (Column("region", String(6)), Column("day", Date), Column("hours", Exact), Column("text", String))
_SCRATCH = Table("scratch", MetaData(), *_COLUMNS)


async def filled(database: Database, *rows: dict[str, Any]) -> None:
    """A table with these rows."""

    def fill(connection: Connection) -> None:
        _SCRATCH.create(connection)
        connection.execute(insert(_SCRATCH), [dict.fromkeys(("region", "day", "hours", "text")) | row for row in rows])

    await database.transact(fill)


async def values(database: Database, expression: object, *order: object) -> list[object]:
    """What an expression says of each row."""
    async with database.reading() as connection:
        found = await connection.execute(select(expression).order_by(*order or (_SCRATCH.c.region,)))  # type: ignore[call-overload]
        return list(found.scalars())


@pytest.mark.parametrize("around", [None, NATION, "500000", "510000", "511000", "500103", "429000", "469000", "370300"])
async def test_a_range_of_codes_holds_exactly_what_lies_inside_a_region(database: Database, around: str | None) -> None:
    tree = region_tree()
    codes = sorted(tree.regions)
    await filled(database, *({"region": code} for code in (*codes, None)))
    async with database.reading() as connection:
        wanted = select(_SCRATCH.c.region).where(within(_SCRATCH.c.region, around))
        found = set((await connection.execute(wanted)).scalars())
    if around is None:
        assert found == {*codes, None}
    elif around in tree.regions:
        assert found == {code for code in codes if tree.is_within(code, around)}
    else:
        assert found == {code for code in codes if code[:4] == around[:4]}


async def test_regions_are_lifted_to_province_city_and_district_as_the_tree_says(database: Database) -> None:
    tree = region_tree()
    codes = sorted(tree.regions)
    await filled(database, *({"region": code} for code in codes))
    levels = ((RegionLevel.PROVINCE, province), (RegionLevel.CITY, city), (RegionLevel.DISTRICT, district))
    for level, lifted in levels:
        around = [next((one for one in tree.path(code) if tree.regions[one].level is level), "") for code in codes]
        assert await values(database, lifted(_SCRATCH.c.region)) == around


async def test_hours_become_exact_millionths(database: Database) -> None:
    hours = [Decimal("0.000001"), Decimal("-8"), Decimal("123456789.654321")]
    await filled(database, *({"region": str(number), "hours": one} for number, one in enumerate(hours)))
    assert await values(database, Micro(_SCRATCH.c.hours)) == [1, -8_000_000, 123_456_789_654_321]


@pytest.mark.parametrize(
    ("interval", "first"),
    [
        (SummaryInterval.DAY, lambda day: day),
        (SummaryInterval.WEEK, lambda day: day - timedelta(days=day.weekday())),
        (SummaryInterval.MONTH, lambda day: day.replace(day=1)),
        (SummaryInterval.QUARTER, lambda day: date(day.year, (day.month - 1) // 3 * 3 + 1, 1)),
        (SummaryInterval.YEAR, lambda day: date(day.year, 1, 1)),
    ],
)
async def test_periods_begin_where_calendars_say(database: Database, interval: SummaryInterval, first: object) -> None:
    days = [date(2023, 12, 20) + timedelta(days=number) for number in range(0, 800, 3)]
    await filled(database, *({"day": day} for day in days))
    assert callable(first)
    assert await values(database, period(_SCRATCH.c.day, interval), _SCRATCH.c.day) == [first(day) for day in days]


async def test_the_name_of_an_organization_is_read_from_its_json(database: Database) -> None:
    await filled(database, {"region": "1", "text": '{"name":"人民路小学","kind":"SCHOOL"}'}, {"region": "2"})
    assert await values(database, NameIn(_SCRATCH.c.text)) == ["人民路小学", None]
