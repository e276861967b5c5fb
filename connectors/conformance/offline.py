"""What can be said about a manifest before the first request."""

from dataclasses import dataclass

from connectors.manifest.model import ManifestDocument
from connectors.manifest.reading import read_manifest
from connectors.manifest.targets import targets
from schema.findings import Finding


@dataclass(frozen=True, slots=True)
class FieldCoverage:
    """Whether a field of a resource is mapped; `filled` is its share of the records looked at, 0 to 1, None offline."""

    field: str
    required: bool
    mapped: bool
    filled: float | None = None


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
    """Check a manifest's text; never raises on bad input."""
    reading = read_manifest(text, source=source)
    document = reading.document
    if document is None:
        return ManifestReport(source=source, ok=False, findings=reading.findings)
    return ManifestReport(
        source=source,
        ok=reading.ok,
        findings=reading.findings,
        coverage=coverage(document),
        resolved=document.model_dump_json(by_alias=True, indent=2),
        platform=document.platform.code,
        version=document.version,
        secret_names=reading.secret_names,
        origins=reading.origins,
    )


def coverage(document: ManifestDocument) -> tuple[FieldCoverage, ...]:
    """The fields of a resource, and which of them the manifest maps."""
    mapped = document.harvest.fields
    return tuple(FieldCoverage(name, target.required, name in mapped) for name, target in targets().items())
