"""Questions to the registry."""

from collections.abc import Collection

from sqlalchemy import Connection

from gateway.errors import LimitExceeded
from gateway.registry import store
from gateway.registry.lifecycle import Action
from gateway.registry.ports import Resources
from gateway.registry.records import ConnectorPage, ConnectorState, ConnectorView, EventView, VersionView
from gateway.registry.views import views
from gateway.storage import Database

LONGEST_PAGE = 100


async def connectors(
    resources: Resources, states: Collection[ConnectorState] | None, first: int, after: str | None
) -> ConnectorPage:
    """A page of connectors by code."""
    if not 0 <= first <= LONGEST_PAGE:
        raise LimitExceeded(f"first: {first} is not between 0 and {LONGEST_PAGE}")

    def read(connection: Connection) -> ConnectorPage:
        start = after if after is None or after.isprintable() else ""
        found = store.listed(connection, states, start, first + 1)
        return ConnectorPage(
            items=views(connection, resources.operator, found[:first]),
            total=store.count(connection, states),
            has_next=len(found) > first,
            has_previous=start is not None and store.count(connection, states, up_to=start) > 0,
        )

    async with resources.database.reading() as opened:
        return await opened.run_sync(read)


async def connector(resources: Resources, code: str) -> ConnectorView | None:
    """One connector, or None."""

    def read(connection: Connection) -> ConnectorView | None:
        found = store.find(connection, code)
        return None if found is None else views(connection, resources.operator, [found])[0]

    async with resources.database.reading() as opened:
        return await opened.run_sync(read)


async def connectors_by_code(resources: Resources, codes: Collection[str]) -> dict[str, ConnectorView]:
    """Those of the connectors that exist."""

    def read(connection: Connection) -> dict[str, ConnectorView]:
        found = store.listed(connection, codes=[code for code in codes if code.isprintable()])
        return {view.code: view for view in views(connection, resources.operator, found)}

    async with resources.database.reading() as opened:
        return await opened.run_sync(read)


async def versions(database: Database, code: str) -> tuple[VersionView, ...]:
    """Versions, newest first."""
    async with database.reading() as opened:
        return tuple(stored.view for stored in await opened.run_sync(store.versions, code))


async def version(database: Database, code: str, number: int) -> VersionView | None:
    """One version, or None."""
    async with database.reading() as opened:
        found = await opened.run_sync(store.version, code, number)
        return None if found is None else found.view


async def events(database: Database, code: str) -> tuple[EventView, ...]:
    """The audit, oldest first."""
    async with database.reading() as opened:
        return tuple(await opened.run_sync(store.events, code))


async def retired_by_hand(database: Database, code: str) -> bool:
    """Whether the connector is retired, and by an action instead of a file that is gone."""

    def read(connection: Connection) -> bool:
        found = store.find(connection, code)
        retired = found is not None and found.standing.state is ConnectorState.RETIRED
        return retired and store.events(connection, code)[-1].action == Action.RETIRE

    async with database.reading() as opened:
        return await opened.run_sync(read)


async def revision(database: Database) -> int:
    """Number of the last change of any connector."""
    async with database.reading() as opened:
        return await opened.run_sync(store.revision)
