"""Date, DateTime and Decimal as the public contract writes them."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

import orjson
from strawberry.schema.config import StrawberryConfig
from strawberry.types.scalar import ScalarDefinition

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})")
_DECIMAL = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?")


def _shown(value: object) -> str:
    """A value as clients write it, at most 100 characters of it."""
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()[:100]


def parse_date(value: object) -> date:
    """A day such as 2026-03-01; raises ValueError that says so."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise ValueError(f"{_shown(value)} is no day of the calendar") from error
    raise ValueError(f'{_shown(value)} is not a day such as "2026-03-01"')


def parse_datetime(value: object) -> datetime:
    """An instant with its zone, in UTC; raises ValueError that shows one."""
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except OverflowError as error:
            raise ValueError(f"{_shown(value)} lies outside the years 1 to 9999") from error
    raise ValueError(f'{_shown(value)} is not an instant with a zone such as "2026-03-01T08:00:00+08:00"')


def datetime_text(value: datetime) -> str:
    """An instant in UTC, whatever its own zone is; raises ValueError for one without a zone.

    An instant has one spelling, and spellings sort as the instants do: `+` is less than the `.` before a fraction.
    """
    if value.tzinfo is not UTC:
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no zone")  # astimezone would take it for one of this machine's
        value = value.astimezone(UTC)
    return value.isoformat()


def parse_decimal(value: object) -> Decimal:
    """An exact decimal from text; raises ValueError for a float."""
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        try:
            return Decimal(value)
        except InvalidOperation as error:
            raise ValueError(f"{_shown(value)} is not a decimal") from error
    raise ValueError(f'{_shown(value)} is not a decimal as text such as "1.5"')


def decimal_text(value: Decimal) -> str:
    """All digits, without an exponent and without the zeros that only a database's scale has put behind."""
    if not value:
        return "0"  # the opposite of nothing is nothing
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _definition(
    origin: type,
    url: str,
    serialize: Callable[..., str],
    parse: Callable[[object], object],
    description: str | None = None,
) -> ScalarDefinition:
    return ScalarDefinition(
        name={date: "Date", datetime: "DateTime", Decimal: "Decimal"}[origin],
        description=description,
        specified_by_url=url,
        serialize=serialize,
        parse_value=parse,
        parse_literal=None,
        origin=origin,
    )


CONFIG = StrawberryConfig(
    scalar_map={
        date: _definition(date, "https://scalars.graphql.org/andimarek/local-date", date.isoformat, parse_date),
        datetime: _definition(
            datetime,
            "https://scalars.graphql.org/andimarek/date-time",
            datetime_text,
            parse_datetime,
            'An instant in UTC such as "2026-03-01T00:00:00+00:00"; arguments may have any zone.',
        ),
        Decimal: _definition(
            Decimal,
            "https://www.w3.org/TR/xmlschema-2/#decimal",
            decimal_text,
            parse_decimal,
            'An exact decimal as a JSON string, such as "1.5"; never a float.',
        ),
    }
)
"""How the schema is converted: our own scalars instead of Strawberry's."""
