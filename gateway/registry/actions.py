"""Carrying out an action: one transaction after the other, and a refusal that changes nothing."""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import Connection

from connectors.conformance import ManifestReport
from gateway.registry import store
from gateway.registry.lifecycle import Standing
from gateway.registry.ports import Resources
from gateway.registry.records import ConnectorOutcome
from gateway.registry.refusals import Refused, plugin_exists
from gateway.registry.views import view


async def carry_out(
    resources: Resources, code: str, work: Callable[[Connection], None], report: ManifestReport | None = None
) -> ConnectorOutcome:
    """Do `work` on the registry, alone among all processes, and show the connector as it stands afterwards."""

    def locked(connection: Connection) -> ConnectorOutcome:
        store.lock(connection)
        work(connection)
        return ConnectorOutcome(view(connection, resources.operator, code), report)

    try:
        return await resources.database.transact(locked)
    except Refused as refused:
        return ConnectorOutcome(report=report, refusals=(refused.refusal,))


def leave_to_plugin(resources: Resources, code: str, source: str) -> None:
    """Refuse to let what came through the API take the place of what the operator has installed."""
    if code in resources.plugins and source == store.REGISTERED:
        raise plugin_exists(code)


def change(connection: Connection, resources: Resources, code: str, standing: Standing) -> None:
    """Store where a connector stands now."""
    connector = store.get(connection, code)
    if standing != connector.standing:
        store.put(connection, replace(connector, standing=standing, updated_at=resources.clock()))
