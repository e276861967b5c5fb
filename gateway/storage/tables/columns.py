"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Integer, Numeric, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

BigKey = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit key; SQLite only auto-increments a column that is called INTEGER."""


class Instant(TypeDecorator[datetime]):
    """An instant in UTC: naive values are refused, and what is read back is aware on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Refuse naive datetimes; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give UTC back its zone, which SQLite does not keep."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


PLACES = Decimal("0.000001")


class Exact(TypeDecorator[Decimal]):
    """An exact decimal of 24 digits before and 6 behind the point: NUMERIC on PostgreSQL, text on SQLite.

    What has more digits behind the point is rounded half to even.
    """

    impl = Numeric(30, 6)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """SQLite would make floats of decimals."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(32))
        return dialect.type_descriptor(Numeric(30, 6))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | str | None:
        """Round, and write text without exponent where the column is text."""
        if value is None:
            return None
        exact = value.quantize(PLACES, ROUND_HALF_EVEN, _WIDE)
        return f"{exact:f}" if dialect.name == "sqlite" else exact

    def process_result_value(self, value: Decimal | str | None, _dialect: Dialect) -> Decimal | None:
        """Read the same number on both databases."""
        return None if value is None else Decimal(value)


_WIDE = Context(prec=60)
