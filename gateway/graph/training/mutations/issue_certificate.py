"""`issueCertificate`: a signed statement about a record."""

import strawberry

from gateway.graph.context import Info
from gateway.graph.training.actions import attempt
from gateway.graph.training.identifiers import named
from gateway.graph.training.payloads import CertificatePayload
from gateway.training.views import CertificateView


@strawberry.type
class IssueCertificate:
    """A certificate of a record."""

    @strawberry.mutation
    async def issue_certificate(self, info: Info, record_id: strawberry.ID) -> CertificatePayload | None:
        service, who = info.context.training.service, info.context.principal

        async def act() -> CertificateView:
            return await service.issue_certificate(named("recordId", "TrainingRecord", record_id), who)

        view, errors = await attempt(info.context, act, ("recordId",))
        return CertificatePayload(view=view, errors=errors)
