"""Quantities: numbers with what is known of them, as clients compute with them and as readers see them."""

from decimal import Decimal

import strawberry

from gateway.graph.fields import described
from schema import quantities as rows
from schema.quantities import Qualifier
from schema.wording import worded


@strawberry.type
class Quantity:
    """A number with its bounds and the word that says which of them is known."""

    row: strawberry.Private[rows.Quantity]
    value: float | None = strawberry.field(description="Best single value; null when only bounds are known.")
    lower: float | None
    upper: float | None
    qualifier: Qualifier
    unit: str

    @described("As a reader would write it, such as 1600余所.")
    def display(self) -> str:
        return worded(self.row)

    @classmethod
    def of(cls, row: rows.Quantity) -> "Quantity":
        """The quantity of exact decimals as floats, which carry integers up to 2^53 and 15 digits exactly."""
        return cls(
            row=row,
            value=_float(row.value),
            lower=_float(row.lower),
            upper=_float(row.upper),
            qualifier=row.qualifier,
            unit=row.unit,
        )


def _float(number: Decimal | None) -> float | None:
    return None if number is None else float(number)
