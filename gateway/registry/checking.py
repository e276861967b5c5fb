"""Checking a manifest, offline and at its platform, with nothing of its secrets in what is reported."""

import asyncio
import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from connectors.conformance import ManifestReport, Preview, check_live, check_manifest
from connectors.manifest import ManifestConnector, read_manifest
from connectors.transport import Redactor
from gateway.registry.ports import Resources
from gateway.registry.records import Secrets
from gateway.registry.refusals import Refused, manifest_invalid
from gateway.registry.store import HIGHEST_VERSION
from schema.findings import Finding, Severity

LOG = logging.getLogger("shanhai.registry")


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


async def examine(manifest: str, source: str = "manifest") -> Examined:
    """Check a manifest offline, in a thread because its own tests may take a moment."""
    return await asyncio.to_thread(examined, manifest, source)


def examined(manifest: str, source: str = "manifest") -> Examined:
    """Check a manifest offline."""
    report = check_manifest(manifest, source=source)
    connector = read_manifest(manifest, source=source).connector if report.ok else None
    return Examined(manifest, report, connector)


async def look(resources: Resources, connector: ManifestConnector, secrets: Secrets) -> tuple[Finding, ...]:
    """What the live check finds; whatever goes wrong in it is a finding too."""
    try:
        async with resources.open_context(connector, secrets) as context:
            findings = (await check_live(connector, context)).findings
    except Exception as error:  # a connector from outside must never stop the gateway
        # neither message nor traceback: they may quote what was sent
        LOG.error("live check of %s ended with %s", connector.platform.code, type(error).__name__)
        findings = (Finding("live.crashed", f"the check ended unexpectedly with {type(error).__name__}"),)
    return without_secrets(findings, secrets.values.values())


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
