"""Quantities: numbers with what is known of them, as clients compute with them and as readers see them."""

from decimal import Decimal

import strawberry

from gateway.graph.fields import described
from gateway.graph.rows import shows
from schema import quantities as rows
from schema.quantities import Qualifier
from schema.wording import worded


def _float(number: Decimal | None) -> float | None:
    return None if number is None else float(number)


@shows(
    value=lambda self: _float(self.row.value),
    lower=lambda self: _float(self.row.lower),
    upper=lambda self: _float(self.row.upper),
    qualifier="row.qualifier",
    unit="row.unit",
)
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
        made = cls.__new__(cls)
        made.row = row
        return made
