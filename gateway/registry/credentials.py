"""Credentials of a connector: set by its owner, found for its requests, and sealed anew by command."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from sqlalchemy import Connection

from gateway.clock import Clock
from gateway.errors import InvalidInput
from gateway.registry import lifecycle, sealed, store
from gateway.registry.actions import carry_out
from gateway.registry.canary import is_canary, served_code
from gateway.registry.lifecycle import Action
from gateway.registry.ports import Resources
from gateway.registry.records import ConnectorOutcome, Rotation, SealedSecret, Secrets
from gateway.registry.refusals import Refused
from gateway.registry.store import StoredConnector
from gateway.registry.vault import HOW_TO_MAKE_ONE, Vault
from gateway.storage import Database

ROTATED = "secrets rotated"


async def set_credentials(resources: Resources, platform: str, values: Mapping[str, str], by: str) -> ConnectorOutcome:
    """Seal values that the newest version names, for its origins; other secrets stay as they are.

    The registry gets a new revision, since worlds that are open present what was set before.
    """

    def work(connection: Connection) -> None:
        connector = store.get(connection, platform)
        lifecycle.require(connector.standing, Action.SET_CREDENTIALS)
        newest = store.get_version(connection, platform, connector.standing.newest)
        report = newest.view.report
        if not values:
            raise Refused("INVALID_INPUT", "credentials: give at least one", "credentials")
        sealed.accept(values, report)
        now = resources.clock()
        sealed.put(connection, resources.vault, platform, values, report.origins, now)
        store.put(connection, replace(connector, updated_at=now))  # a new revision tells every process of it
        detail = {"names": sorted(values), "origins": sorted(report.origins)}
        store.note(connection, platform, now, by, Action.SET_CREDENTIALS, newest.view.version, detail)

    return await carry_out(resources, platform, work)


async def secrets_for(resources: Resources, code: str, names: Collection[str] | None = None) -> Secrets:
    """What the connector behind a code may present; nothing for an unknown one."""

    def read(connection: Connection) -> Secrets:
        connector = store.find(connection, served_code(code))
        if connector is None:
            return Secrets()
        wanted = _names_of(connection, connector, is_canary(code)) if names is None else names
        return sealed.resolve(connection, resources.vault, resources.operator, connector, wanted).secrets

    async with resources.database.reading() as connection:
        return await connection.run_sync(read)


async def listed(database: Database) -> list[SealedSecret]:
    """Every sealed secret, without values."""
    async with database.reading() as connection:
        return await connection.run_sync(sealed.listed)


async def rotate(database: Database, clock: Clock, vault: Vault, by: str) -> Rotation:
    """Seal everything under the first key in one transaction, and note it for each connector concerned.

    Raises `InvalidInput` when no key is set.
    """
    if vault.key_id is None:
        raise InvalidInput(f"no secret can be sealed: {HOW_TO_MAKE_ONE}")

    def work(connection: Connection) -> Rotation:
        store.lock(connection)
        done = sealed.rotate(connection, vault)
        for platform in done.platforms:
            store.note(connection, platform, clock(), by, ROTATED, None, {"key": vault.key_id})
        return done

    return await database.transact(work)


def _names_of(connection: Connection, connector: StoredConnector, canary: bool) -> Collection[str]:
    standing = connector.standing
    served = standing.canary if canary else standing.active
    version = store.get_version(connection, connector.code, standing.newest if served is None else served)
    return version.view.report.secret_names
