"""What can be said about a manifest before the first request."""

from dataclasses import dataclass

from connectors.conformance.coverage import FieldCoverage, coverage
from connectors.conformance.replaying import run_tests
from connectors.manifest.document import read_document
from connectors.manifest.reading import ManifestReading, read_manifest
from connectors.manifest.report import Report, in_order
from schema.findings import Finding, Severity


@dataclass(frozen=True, slots=True)
class ManifestReport:
    """The offline check of one manifest: `ok` says that it can be used, which leaves room for warnings.

    `coverage` is in the order of the schema and empty where the manifest cannot be read; `resolved` is the manifest as
    JSON with every default filled in; `version` is the manifest's own.
    """

    source: str
    ok: bool
    findings: tuple[Finding, ...]
    coverage: tuple[FieldCoverage, ...] = ()
    resolved: str | None = None
    platform: str | None = None
    version: int | None = None
    secret_names: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()


def check_manifest(text: str, *, source: str = "manifest") -> ManifestReport:
    """Check a manifest's text; never raises on bad input. The tests inside are not run: see `examine_manifest`."""
    reading = read_manifest(text, source=source)
    return _report(reading, reading.findings)


async def examine_manifest(text: str, *, source: str = "manifest") -> ManifestReport:
    """Check a manifest's text and run the tests inside it; never raises on bad input, asks no platform."""
    reading = read_manifest(text, source=source)
    if reading.connector is None or not reading.connector.document.tests:
        return _report(reading, reading.findings)
    report = Report(read_document(text))
    await run_tests(reading.connector, reading.secret_names, report)
    return _report(reading, in_order((*reading.findings, *report.findings)))


def _report(reading: ManifestReading, findings: tuple[Finding, ...]) -> ManifestReport:
    document = reading.document
    if document is None:
        return ManifestReport(source=reading.source, ok=False, findings=findings)
    return ManifestReport(
        source=reading.source,
        ok=not any(finding.severity is Severity.ERROR for finding in findings),
        findings=findings,
        coverage=coverage(document.harvest),
        resolved=document.model_dump_json(by_alias=True, indent=2),
        platform=document.platform.code,
        version=document.version,
        secret_names=reading.secret_names,
        origins=reading.origins,
    )
