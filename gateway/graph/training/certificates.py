"""Certificates of training records."""

from datetime import datetime

import strawberry

from gateway.graph.context import Info
from gateway.graph.nodes.types import Node
from gateway.graph.training.shared import note
from gateway.training import views
from schema.identifiers import GlobalId

CERTIFICATE = "TrainingRecord.certificate"
"""The right by which a certificate is seen."""


@strawberry.type
class Certificate(Node):
    """A signed statement about one record."""

    issued_at: datetime
    revoked_at: datetime | None
    credential: str = strawberry.field(description="Open Badges 3.0 credential, signed as a compact JWS.")

    @classmethod
    def of(cls, view: views.CertificateView, info: Info) -> "Certificate":
        """The certificate as it is shown; noted as a field of its record."""
        note(info, CERTIFICATE, view.record)
        return cls(
            id=strawberry.ID(str(GlobalId("Certificate", (view.id,)))),
            issued_at=view.issued_at,
            revoked_at=view.revoked_at,
            credential=view.credential,
        )
