"""Checking a manifest, offline and at its platform, with nothing of its secrets in what is reported."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from connectors.conformance import ManifestReport, Preview, check_live, check_manifest, examine_manifest
from connectors.context import ConnectorContext
from connectors.manifest import ManifestConnector, read_manifest
from connectors.transport import Redactor
from gateway.registry.ports import Resources
from gateway.registry.records import Secrets
from gateway.registry.refusals import Refused, manifest_invalid
from gateway.registry.store import HIGHEST_VERSION
from schema.findings import Finding, Severity

LOG = logging.getLogger("shanhai.registry")
T = TypeVar("T")
CHECK_SECONDS, LIVE_SECONDS = 60.0, 120.0
"""How long the offline check, and what is read from a platform, may take as a whole."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A manifest and what its offline check says; `connector` is None when it cannot be used."""

    manifest: str
    report: ManifestReport
    connector: ManifestConnector | None

    def usable(self) -> ManifestConnector:
        """The connector; refuses a manifest with errors."""
        if self.connector is None:
            raise manifest_invalid(sum(finding.severity is Severity.ERROR for finding in self.report.findings))
        if self.connector.version > HIGHEST_VERSION:
            raise Refused("INVALID_INPUT", f"version: {self.connector.version} is above {HIGHEST_VERSION}", "manifest")
        return self.connector


async def examine(manifest: str, *, tests: bool = True) -> Examined:
    """Check a manifest offline, in a thread because that may take a moment; one that takes too long is not usable."""
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await asyncio.to_thread(examined, manifest, tests=tests)
    except TimeoutError:
        message = f"the offline check took longer than {CHECK_SECONDS:g} seconds and was broken off"
        return Examined(
            manifest, ManifestReport("manifest", ok=False, findings=(Finding("test.error", message),)), None
        )


def examined(manifest: str, source: str = "manifest", *, tests: bool = True) -> Examined:
    """Check a manifest offline and run the tests inside it, which takes a thread where no event loop runs."""
    checked = asyncio.run(examine_manifest(manifest, source=source)) if tests else None
    report = checked or check_manifest(manifest, source=source)
    connector = read_manifest(manifest, source=source).connector if report.ok else None
    return Examined(manifest, report, connector)


async def look(resources: Resources, connector: ManifestConnector, secrets: Secrets) -> tuple[Finding, ...]:
    """What the live check finds; whatever goes wrong in it is a finding too."""
    found = await attempt(resources, connector, secrets, "check", lambda context: check_live(connector, context))
    findings = (found,) if isinstance(found, Finding) else found.findings
    return without_secrets(findings, secrets.values.values())


async def attempt(
    resources: Resources,
    connector: ManifestConnector,
    secrets: Secrets,
    what: str,
    work: Callable[[ConnectorContext], Awaitable[T]],
) -> T | Finding:
    """What `work` makes of the connector's world; a finding when it goes wrong or takes longer than `LIVE_SECONDS`."""
    deadline = asyncio.timeout(LIVE_SECONDS)
    try:
        async with deadline, resources.open_context(connector, secrets) as context:
            return await work(context)
    except Exception as error:  # a connector from outside must never stop the gateway
        if deadline.expired():
            return Finding("live.timeout", f"the {what} took longer than {LIVE_SECONDS:g} seconds and was broken off")
        # neither message nor traceback: they may quote what was sent
        LOG.error("live %s of %s ended with %s", what, connector.platform.code, type(error).__name__)
        return Finding("live.crashed", f"the {what} ended unexpectedly with {type(error).__name__}")


def with_findings(report: ManifestReport, findings: Iterable[Finding]) -> ManifestReport:
    """The report with more findings; any ERROR among them makes it not ok."""
    more = tuple(findings)
    failed = any(finding.severity is Severity.ERROR for finding in more)
    return replace(report, ok=report.ok and not failed, findings=(*report.findings, *more))


def stay_home(origins: Collection[str], secrets: Secrets) -> tuple[Finding, ...]:
    """Tell when the manifest asks origins that its secrets were not set for."""
    strangers = sorted(set(origins) - secrets.origins) if secrets.origins is not None else []
    if not strangers:
        return ()
    home = ", ".join(sorted(secrets.origins or ())) or "no origin in common"
    return (
        Finding(
            "credentials.bound",
            f"the secrets were set for {home} and are not sent to {', '.join(strangers)}; set them again once a "
            "version with these origins is published",
            severity=Severity.WARNING,
            pointer="/origin",
            expected=home,
            found=", ".join(strangers),
        ),
    )


def without_secrets(findings: Iterable[Finding], values: Iterable[str]) -> tuple[Finding, ...]:
    """Findings as they may be shown, whatever the platform echoed."""
    redactor = Redactor(values)
    return tuple(_clean(finding, redactor) for finding in findings)


def preview_without_secrets(shown: Preview, values: Iterable[str]) -> Preview:
    """A preview as it may be shown, whatever the platform echoed into its records."""
    redactor = Redactor(values)
    rows = tuple(
        replace(
            row,
            native_id=_text(row.native_id, redactor),
            raw=redactor.text(row.raw),
            mapped=_text(row.mapped, redactor),
            findings=tuple(_clean(finding, redactor) for finding in row.findings),
            unmapped=tuple(replace(each, value=redactor.text(each.value)) for each in row.unmapped),
        )
        for row in shown.rows
    )
    return replace(shown, rows=rows, failure=None if shown.failure is None else _clean(shown.failure, redactor))


def _clean(finding: Finding, redactor: Redactor) -> Finding:
    return replace(
        finding,
        message=redactor.text(finding.message),
        expected=_text(finding.expected, redactor),
        found=_text(finding.found, redactor),
        suggestion=_text(finding.suggestion, redactor),
    )


def _text(text: str | None, redactor: Redactor) -> str | None:
    return None if text is None else redactor.text(text)
