"""Rejected records, each with the reason."""

from datetime import datetime
from typing import Self

import strawberry

from gateway.graph.connectors.reports import Finding
from gateway.graph.nodes.types import Node
from gateway.harvesting import QuarantinedRecord as RejectRow
from schema.identifiers import GlobalId


@strawberry.type
class DescribedReject(Node):
    """A rejected record without what leads on to its run."""

    row: strawberry.Private[RejectRow]
    native_id: str | None
    raw: str
    seen_at: datetime

    @strawberry.field
    def findings(self) -> list[Finding]:
        return [Finding.of(finding) for finding in self.row.findings]

    @classmethod
    def of(cls, row: RejectRow) -> Self:
        """The record as quarantine keeps it."""
        return cls(
            id=strawberry.ID(str(GlobalId("QuarantinedRecord", (row.id,)))),
            row=row,
            native_id=row.native_id,
            raw=row.raw,
            seen_at=row.seen_at,
        )
