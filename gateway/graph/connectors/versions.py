"""Versions of a manifest, each immutable."""

from datetime import datetime

import strawberry

from gateway.graph.connectors.reports import ManifestReport
from gateway.graph.nodes.types import Node
from gateway.registry import VersionView
from schema.identifiers import GlobalId


@strawberry.type
class ManifestVersion(Node):
    """One published version of a manifest."""

    row: strawberry.Private[VersionView]
    version: int
    manifest: str
    digest: str
    created_at: datetime
    created_by: str

    @strawberry.field
    def report(self) -> ManifestReport:
        return ManifestReport.of(self.row.report)

    @classmethod
    def of(cls, row: VersionView) -> "ManifestVersion":
        """The version of the registry."""
        return cls(
            id=strawberry.ID(str(GlobalId("ManifestVersion", (row.platform, str(row.version))))),
            row=row,
            version=row.version,
            manifest=row.manifest,
            digest=row.digest,
            created_at=row.created_at,
            created_by=row.created_by,
        )
