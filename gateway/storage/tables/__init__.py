"""Tables, one module per slice."""

from gateway.storage.tables.catalog import ChangeCounter, ResourceCopyKey, ResourceLink, ResourceRow
from gateway.storage.tables.harvesting import HarvestRunRow, HarvestSeen, QuarantinedRow, UnmappedValueRow

__all__ = [
    "ChangeCounter",
    "HarvestRunRow",
    "HarvestSeen",
    "QuarantinedRow",
    "ResourceCopyKey",
    "ResourceLink",
    "ResourceRow",
    "UnmappedValueRow",
]
