"""Tables, one module per slice."""

from gateway.storage.tables.access import ApiKeyRow, AuditRow, SharingAgreementRow
from gateway.storage.tables.catalog import ChangeCounter, ResourceCopyKey, ResourceLink, ResourceRow
from gateway.storage.tables.credit import CreditRecognitionRow, CreditRuleRow, LedgerEntryRow
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
from gateway.storage.tables.training import (
    CertificateRow,
    TeacherAccountRow,
    TeacherLinkRow,
    TeacherRow,
    TrainingRecordRow,
    TrainingRequestRow,
    TrainingVersionRow,
)
from gateway.storage.tables.usage import UsageFactRow, UsagePartitionRow, UsageRevisionRow

__all__ = [
    "ApiKeyRow",
    "AuditRow",
    "CertificateRow",
    "ChangeCounter",
    "ConnectorDriftRow",
    "ConnectorEventRow",
    "ConnectorRow",
    "ConnectorSecretRow",
    "ConnectorShapeRow",
    "ConnectorVersionRow",
    "CreditRecognitionRow",
    "CreditRuleRow",
    "HarvestLease",
    "HarvestRunRow",
    "HarvestSeen",
    "LedgerEntryRow",
    "QuarantinedRow",
    "ResourceCopyKey",
    "ResourceLink",
    "ResourceRow",
    "SharingAgreementRow",
    "TeacherAccountRow",
    "TeacherLinkRow",
    "TeacherRow",
    "TrainingRecordRow",
    "TrainingRequestRow",
    "TrainingVersionRow",
    "UnmappedValueRow",
    "UsageFactRow",
    "UsagePartitionRow",
    "UsageRevisionRow",
]
