"""Registering a connector, and publishing further versions of it, at once or as a canary."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from gateway.registry import lifecycle, sealed, store
from gateway.registry.actions import carry_out, change, leave_to_plugin
from gateway.registry.checking import Examined, examine, with_findings
from gateway.registry.lifecycle import Action, Standing
from gateway.registry.ports import Resources
from gateway.registry.records import ConnectorOutcome, ConnectorState, VersionView
from gateway.registry.refusals import Refused, connector_exists, not_verified, platform_mismatch, version_not_greater
from gateway.registry.store import StoredConnector, StoredVersion
from gateway.registry.trials import trial


async def register(resources: Resources, manifest: str, credentials: Mapping[str, str], by: str) -> ConnectorOutcome:
    """Store a usable manifest as a DRAFT; of a platform whose connector is RETIRED, as its next version."""
    examined = await examine(manifest)
    report = examined.report
    try:
        connector = examined.usable()
        sealed.accept(credentials, report)
    except Refused as refused:
        return ConnectorOutcome(report=report, refusals=(refused.refusal,))
    code, number = connector.platform.code, connector.version

    def work(connection: Connection) -> None:
        leave_to_plugin(resources, code, store.REGISTERED)
        found, now = store.find(connection, code), resources.clock()
        if found is not None and found.standing.state is not ConnectorState.RETIRED:
            raise connector_exists(code)
        if found is None or is_new(connection, found, examined):
            store.add_version(connection, new_version(examined, now, by))
        standing = Standing(ConnectorState.DRAFT, number)
        # only a file of the operator's says where the operator's secrets may travel
        store.put(connection, StoredConnector(code, standing, store.REGISTERED, frozenset(), now, now))
        detail = {"names": sorted(credentials)} if credentials else {}
        store.note(connection, code, now, by, store.REGISTERED, number, detail)
        sealed.put(connection, resources.vault, code, credentials, report.origins, now)

    return await carry_out(resources, code, work, report)


async def publish(resources: Resources, platform: str, manifest: str, canary: bool, by: str) -> ConnectorOutcome:
    """Store a version; a canary is checked live first, outside of any transaction, and stored only if it passes."""
    examined = await examine(manifest)
    report = examined.report
    action = Action.START_CANARY if canary else Action.PUBLISH

    def plan(connection: Connection) -> bool:
        connector = store.get(connection, platform)
        lifecycle.require(connector.standing, action)
        leave_to_plugin(resources, platform, connector.source)
        found = examined.usable().platform.code
        if found != platform:
            raise platform_mismatch(found, platform)
        return is_new(connection, connector, examined)

    try:
        async with resources.database.reading() as connection:
            await connection.run_sync(plan)
        if canary:
            findings = await trial(resources, platform, examined)
            report = with_findings(report, findings)
            if not report.ok:
                raise not_verified(examined.usable().version, "mend what the report says", "manifest")
    except Refused as refused:
        return ConnectorOutcome(report=report, refusals=(refused.refusal,))

    def work(connection: Connection) -> None:
        _store(connection, resources, examined, plan(connection), canary, by)

    return await carry_out(resources, platform, work, report)


def _store(connection: Connection, resources: Resources, examined: Examined, new: bool, canary: bool, by: str) -> None:
    connector = examined.usable()
    code, number, now = connector.platform.code, connector.version, resources.clock()
    standing = store.get(connection, code).standing
    if new:
        store.add_version(connection, new_version(examined, now, by))
        store.note(connection, code, now, by, Action.PUBLISH, number)
        standing = lifecycle.published(standing, number, store.verified_versions(connection, code))
    if canary and number != standing.active:
        store.note(connection, code, now, by, store.VERIFIED, number, {"as": "canary"})
        if standing.canary != number:
            store.note(connection, code, now, by, Action.START_CANARY, number)
        standing = lifecycle.on_trial(standing, number, store.verified_versions(connection, code))
    change(connection, resources, code, standing)


def is_new(connection: Connection, connector: StoredConnector, examined: Examined) -> bool:
    """Whether this is a version to be added; False for the very text of the newest one.

    Refuses a version that is not greater than the newest.
    """
    newest, number = connector.standing.newest, examined.usable().version
    if number > newest:
        return True
    if number == newest and store.get_version(connection, connector.code, newest).view.digest == digest(examined):
        return False
    raise version_not_greater(number, newest)


def new_version(examined: Examined, now: datetime, by: str) -> StoredVersion:
    """A usable manifest as the version it will be."""
    connector = examined.usable()
    view = VersionView(
        platform=connector.platform.code,
        version=connector.version,
        manifest=examined.manifest,
        digest=digest(examined),
        created_at=now,
        created_by=by,
        report=replace(examined.report, source="manifest"),
    )
    return StoredVersion(view, connector.capabilities)


def digest(examined: Examined) -> str:
    """SHA-256 of the text in hexadecimal."""
    return hashlib.sha256(examined.manifest.encode()).hexdigest()
