"""Trying a manifest at its platform: verification of a version, and test reads that store nothing."""

from collections import Counter
from collections.abc import Awaitable, Mapping
from dataclasses import replace

from sqlalchemy import Connection

from connectors.conformance import ManifestReport, Preview, preview, without_people
from connectors.context import ConnectorContext
from gateway.registry import lifecycle, sealed, store
from gateway.registry.actions import carry_out, change
from gateway.registry.checking import (
    Examined,
    attempt,
    examine,
    look,
    preview_without_secrets,
    stay_home,
    with_findings,
)
from gateway.registry.lifecycle import Action
from gateway.registry.ports import Resources
from gateway.registry.records import ConnectorOutcome, Secrets, TestReadOutcome
from gateway.registry.refusals import Refused, credentials_missing, platform_mismatch, version_not_found
from gateway.registry.store import StoredVersion
from schema.findings import Finding
from schema.platforms import Capability

MOST_RECORDS = 50


async def verify(resources: Resources, platform: str, version: int | None, by: str) -> ConnectorOutcome:
    """Check a version offline and live, remember the outcome, and let the state follow from it."""

    def wanted(connection: Connection) -> StoredVersion:
        standing = store.get(connection, platform).standing
        lifecycle.require(standing, Action.VERIFY)
        number = standing.newest if version is None else version
        found = store.version(connection, platform, number)
        if found is None:
            raise version_not_found(platform, number, standing.newest)
        return found

    report: ManifestReport | None = None
    try:
        async with resources.database.reading() as connection:
            stored = (await connection.run_sync(wanted)).view
        examined = await examine(stored.manifest)
        findings = await trial(resources, platform, examined) if examined.report.ok else ()
    except Refused as refused:
        return ConnectorOutcome(refusals=(refused.refusal,))
    report = with_findings(examined.report, findings)
    outcome = store.VERIFIED if report.ok else store.REFUTED
    detail = {"findings": dict(Counter(finding.code for finding in report.findings))}

    def work(connection: Connection) -> None:
        standing = store.get(connection, platform).standing
        lifecycle.require(standing, Action.VERIFY)
        store.note(connection, platform, resources.clock(), by, outcome, stored.version, detail)
        verified = store.verified_versions(connection, platform)
        change(connection, resources, platform, lifecycle.settled(standing, verified))

    return await carry_out(resources, platform, work, report)


async def trial(resources: Resources, platform: str, examined: Examined) -> tuple[Finding, ...]:
    """The live check of a usable manifest with the connector's own secrets; refuses when one is missing."""
    connector = examined.usable()
    secrets = await _secrets(resources, platform, examined.report, {})
    return (*stay_home(examined.report.origins, secrets), *await look(resources, connector, secrets))


async def test_read(
    resources: Resources,
    manifest: str,
    platform: str | None,
    credentials: Mapping[str, str],
    capability: Capability,
    limit: int,
) -> TestReadOutcome:
    """Show the first records through a manifest; its own tests, which may be written after them, are not run."""
    examined = await examine(manifest, tests=False)
    report = examined.report
    try:
        connector = examined.usable()
        if not 1 <= limit <= MOST_RECORDS:
            raise Refused("LIMIT_EXCEEDED", f"limit: {limit} is not between 1 and {MOST_RECORDS}", "limit")
        if capability not in connector.capabilities:
            able = ", ".join(sorted(connector.capabilities))
            raise Refused("CAPABILITY_MISSING", f"the manifest cannot do {capability}; it can {able}", "capability")
        if platform is not None and connector.platform.code != platform:
            raise platform_mismatch(connector.platform.code, platform)
        sealed.accept(credentials, report)
        secrets = await _secrets(resources, platform, report, credentials)
    except Refused as refused:
        return TestReadOutcome(report, refusals=(refused.refusal,))
    report = with_findings(report, stay_home(report.origins, secrets))

    def read(context: ConnectorContext) -> Awaitable[Preview]:
        # what was dropped is for the connector of the platform, not for whoever writes its code into a manifest
        world = replace(context, folder=None) if platform is None else context
        return preview(connector, world, capability=capability, limit=limit)

    shown = await attempt(resources, connector, secrets, "read", read)
    if isinstance(shown, Finding):
        return TestReadOutcome(with_findings(report, [shown]))
    clean = preview_without_secrets(shown, secrets.values.values())
    # nobody states a purpose to try a manifest, and no line of the audit log would tell who saw whom
    return TestReadOutcome(report, without_people(clean) if capability is Capability.TRAINING else clean)


async def _secrets(
    resources: Resources, platform: str | None, report: ManifestReport, given: Mapping[str, str]
) -> Secrets:
    """The given secrets, and the connector's own for the other names; refuses when any is missing."""
    names = set(report.secret_names) - set(given)

    def stored(connection: Connection) -> sealed.Resolved:
        if platform is None:
            return sealed.Resolved(Secrets(), [f"secret {name!r} is not given" for name in sorted(names)])
        connector = store.get(connection, platform)
        return sealed.resolve(connection, resources.vault, resources.operator, connector, names)

    async with resources.database.reading() as connection:
        found = await connection.run_sync(stored)
    if found.missing:
        raise credentials_missing(found.missing)
    return Secrets({**found.secrets.values, **given}, found.secrets.origins)
