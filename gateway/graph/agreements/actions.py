"""The frame of actions on agreements, and the service they act through."""

from collections.abc import Awaitable, Callable, Collection

from gateway.access.agreements import AgreementView
from gateway.graph.agreements.ports import Agreements
from gateway.graph.agreements.types import AgreementPayload, SharingAgreement
from gateway.graph.context import GraphContext
from gateway.graph.loaders import opened
from gateway.graph.training.actions import attempt


def agreements_of(context: GraphContext) -> Agreements:
    """The service; raises NotReady where agreements are not open."""
    return opened(context.services.agreements, "the list of sharing agreements")


async def act_on_agreement(
    context: GraphContext,
    action: Callable[[], Awaitable[AgreementView]],
    arguments: Collection[str],
    entered: type | None = None,
) -> AgreementPayload:
    """Carry out an action on one agreement; records may be visible after it that were not before."""
    view, errors = await attempt(context, action, arguments, entered)
    return AgreementPayload(agreement=SharingAgreement.of(view) if view else None, errors=errors)
