"""The frame of every action: who may, what an id names, and failures raised on purpose as errors of the payload."""

from collections.abc import Awaitable, Callable

from gateway.errors import Forbidden, GatewayError, InvalidInput, LimitExceeded
from gateway.graph.connectors.access import is_managed, managed_connectors, managed_harvests
from gateway.graph.connectors.payloads import ConnectorPayload, HarvestPayload, UserError, refusal_of
from gateway.graph.context import GraphContext
from gateway.graph.identifiers import named_by
from gateway.graph.linked import HarvestRun
from gateway.graph.ports import Connectors, Harvests
from gateway.harvesting import HarvestRun as RunRow
from gateway.registry import ConnectorOutcome, Refusal

NEVER_A_REFUSAL = (Forbidden, LimitExceeded)
"""Failures of the request rather than of the action: they are GraphQL errors, as everywhere else."""


def connector_code(connector_id: str) -> str:
    """The platform code of a connector's id; raises InvalidInput."""
    return _named("connectorId", "Connector", connector_id)


def run_name(run_id: str) -> str:
    """Harvesting's own id of a run; raises InvalidInput."""
    return _named("runId", "HarvestRun", run_id)


def _named(argument: str, type_name: str, text: str) -> str:
    found = named_by(type_name, text)
    if found is None:
        raise InvalidInput(f"{argument}: {text[:100]!r} is not the id of a {type_name}")
    return found


async def act_on_connector(
    context: GraphContext, action: Callable[[Connectors, str], Awaitable[ConnectorOutcome]], *, on: str | None = None
) -> ConnectorPayload:
    """Carry out an action of the registry, which is given the name of who asks; `on` is the id of a connector.

    Another's connector is as if it did not exist.
    """
    registry = managed_connectors(context)
    try:
        if on is None or await is_managed(context, code := connector_code(on)):
            outcome = await action(registry, context.principal.name)
        else:
            outcome = ConnectorOutcome(refusals=(not_found(code),))
    except NEVER_A_REFUSAL:
        raise
    except GatewayError as error:
        outcome = ConnectorOutcome(refusals=(refusal_of(error),))
    finally:
        context.loaders.forget()
    return ConnectorPayload.of(outcome)


async def act_on_harvest(context: GraphContext, action: Callable[[Harvests, str], Awaitable[RunRow]]) -> HarvestPayload:
    """Carry out an action on a harvest, which is given the name of who asks."""
    harvests = managed_harvests(context)
    try:
        return HarvestPayload(run=HarvestRun.of(await action(harvests, context.principal.name)), errors=[])
    except NEVER_A_REFUSAL:
        raise
    except GatewayError as error:
        return HarvestPayload(run=None, errors=[UserError.of(refusal_of(error))])
    finally:
        context.loaders.forget()


def not_found(code: str) -> Refusal:
    """No connector of the viewer's has this code; whether another's has it is not told."""
    return Refusal("CONNECTOR_NOT_FOUND", f"you manage no connector for platform {code[:100]!r}", ("connectorId",))


def taken(code: str) -> Refusal:
    """Another's platform, whose connector may even be retired: registering it would take it from them."""
    return Refusal("CONNECTOR_EXISTS", f"platform {code!r} has a connector that is not yours to manage", ("manifest",))
