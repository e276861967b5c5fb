"""The error tree of the common resource schema.

SchemaError
├── UnknownTerm          a code or label that a vocabulary does not hold
├── UnknownRegion        a code that is no administrative division
├── InvalidIdentifier    text that is not one of our global IDs
├── UnitMismatch         quantities of different units put together
└── ImpossibleDifference a counter that certainly fell
"""


class SchemaError(ValueError):
    """Root of everything the schema package raises on purpose."""


class UnknownTerm(SchemaError):
    """A code or label that a vocabulary does not hold."""


class UnknownRegion(SchemaError):
    """A code that is no administrative division of the loaded table."""


class InvalidIdentifier(SchemaError):
    """Text that is not one of our global IDs."""


class UnitMismatch(SchemaError):
    """Quantities of different units put together; the message names both units."""


class ImpossibleDifference(SchemaError):
    """A counter that certainly fell: it was reset or corrected, and use is never negative."""
