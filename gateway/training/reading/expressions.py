"""SQL that SQLite and PostgreSQL write differently: exact sums, names in JSON and periods; and regions as ranges."""

from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, String, case, func, literal, literal_column, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from gateway.training.questions import SummaryInterval
from schema.regions import NATION, RegionLevel, region_tree

MICRO = 1_000_000
"""Parts of an hour that `Micro` counts."""


def within(column: ColumnElement[Any], region: str | None) -> ColumnElement[bool]:
    """Whether a column holds the code of a region or of one inside it; None is everywhere, also nowhere."""
    if region is None:
        return true()
    if region == NATION:
        return column.is_not(None)
    digits = 2 if region.endswith("0000") else 4 if region.endswith("00") else 6
    if digits == len(region):
        return column == region
    return column.between(region, region[:digits] + "9" * (len(region) - digits))


def province(column: ColumnElement[Any]) -> ColumnElement[str]:
    """The code of the province around a region; empty for the nation and for what lies nowhere."""
    return _lifted(column, 2, RegionLevel.PROVINCE)


def city(column: ColumnElement[Any]) -> ColumnElement[str]:
    """The code of the city around a region; empty where there is none, as around 渝中."""
    return _lifted(column, 4, RegionLevel.CITY)


def district(column: ColumnElement[Any]) -> ColumnElement[str]:
    """The code itself where it is one of a district, else empty."""
    return case((func.substr(column, 5, 2) != "00", column), else_="")


def _lifted(column: ColumnElement[Any], digits: int, level: RegionLevel) -> ColumnElement[str]:
    prefix = func.substr(column, 1, digits)
    known = [region.code[:digits] for region in region_tree().regions.values() if region.level is level]
    return case((prefix.in_(known), prefix.concat(literal("0" * (6 - digits), String))), else_="")


class Micro(FunctionElement[int]):
    """An exact number of hours as a whole number of millionths, which both databases add up exactly."""

    type = Integer()
    inherit_cache = True


@compiles(Micro)
def _micro(element: Micro, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} * {MICRO} AS BIGINT)"


@compiles(Micro, "sqlite")
def _micro_of_text(element: Micro, compiler: SQLCompiler, **options: Any) -> str:
    # the column is text with six digits behind the point
    return f"CAST(REPLACE({compiler.process(element.clauses, **options)}, '.', '') AS INTEGER)"


class NameIn(FunctionElement[str]):
    """The name in a column that holds the JSON of an organization."""

    type = String()
    inherit_cache = True


@compiles(NameIn)
def _name_in(element: NameIn, compiler: SQLCompiler, **options: Any) -> str:
    return f"(CAST({compiler.process(element.clauses, **options)} AS JSON) ->> 'name')"


@compiles(NameIn, "sqlite")
def _name_in_text(element: NameIn, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_extract({compiler.process(element.clauses, **options)}, '$.name')"


class FirstDay(FunctionElement[Any]):
    """The first day of the period that a day lies in; made by `period`."""

    type = Date()
    inherit_cache = True


_TRUNCATED = {
    SummaryInterval.DAY: "{}",
    SummaryInterval.WEEK: "date({}, '-6 days', 'weekday 1')",
    SummaryInterval.MONTH: "date({}, 'start of month')",
    SummaryInterval.QUARTER: "date({0}, 'start of month', '-' || ((strftime('%m', {0}) - 1) % 3) || ' months')",
    SummaryInterval.YEAR: "date({}, 'start of year')",
}


def period(column: ColumnElement[Any], interval: SummaryInterval) -> ColumnElement[Any]:
    """The first day of the day, week (from Monday), month, quarter or year that a day lies in."""
    return FirstDay(literal_column(interval.value), column)  # not a parameter: it decides about the text of the SQL


@compiles(FirstDay)
def _first_day(element: FirstDay, compiler: SQLCompiler, **options: Any) -> str:
    interval, column = element.clauses
    return f"CAST(date_trunc('{_word(interval).lower()}', {compiler.process(column, **options)}) AS DATE)"


@compiles(FirstDay, "sqlite")
def _first_day_of_text(element: FirstDay, compiler: SQLCompiler, **options: Any) -> str:
    interval, column = element.clauses
    return _TRUNCATED[SummaryInterval(_word(interval))].format(compiler.process(column, **options))


def _word(interval: Any) -> str:
    """One of five words of ours, never a client's text."""
    return SummaryInterval(interval.name).value
