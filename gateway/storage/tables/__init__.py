"""Tables, one module per slice."""

from gateway.storage.tables.catalog import ChangeCounter, ResourceCopyKey, ResourceLink, ResourceRow
from gateway.storage.tables.harvesting import (
    HarvestLease,
    HarvestRunRow,
    HarvestSeen,
    QuarantinedRow,
    UnmappedValueRow,
)

__all__ = [
    "ChangeCounter",
    "HarvestLease",
    "HarvestRunRow",
    "HarvestSeen",
    "QuarantinedRow",
    "ResourceCopyKey",
    "ResourceLink",
    "ResourceRow",
    "UnmappedValueRow",
]
