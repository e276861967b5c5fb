"""Spans of days."""

from datetime import date

import strawberry

from schema.periods import Period as Row


@strawberry.type
class Period:
    """Days of Asia/Shanghai, both included."""

    from_: date = strawberry.field(name="from")
    to: date

    @classmethod
    def of(cls, row: Row) -> "Period":
        """The period of a span."""
        return cls(from_=row.first, to=row.last)
