"""Tables, one module per slice."""

from gateway.storage.tables.catalog import ChangeCounter, ResourceCopyKey, ResourceLink, ResourceRow
from gateway.storage.tables.harvesting import (
    HarvestLease,
    HarvestRunRow,
    HarvestSeen,
    QuarantinedRow,
    UnmappedValueRow,
)
from gateway.storage.tables.registry import (
    ConnectorDriftRow,
    ConnectorEventRow,
    ConnectorRow,
    ConnectorSecretRow,
    ConnectorShapeRow,
    ConnectorVersionRow,
)
from gateway.storage.tables.usage import UsageFactRow, UsagePartitionRow, UsageRevisionRow

__all__ = [
    "ChangeCounter",
    "ConnectorDriftRow",
    "ConnectorEventRow",
    "ConnectorRow",
    "ConnectorSecretRow",
    "ConnectorShapeRow",
    "ConnectorVersionRow",
    "HarvestLease",
    "HarvestRunRow",
    "HarvestSeen",
    "QuarantinedRow",
    "ResourceCopyKey",
    "ResourceLink",
    "ResourceRow",
    "UnmappedValueRow",
    "UsageFactRow",
    "UsagePartitionRow",
    "UsageRevisionRow",
]
