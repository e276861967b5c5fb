"""What can be said about a manifest before the first request."""

from dataclasses import dataclass

from connectors.manifest.model import ManifestDocument
from connectors.manifest.reading import read_manifest
from connectors.manifest.targets import targets
from schema.findings import Finding


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which fields of a resource a manifest maps, in the order of the schema."""

    mapped: tuple[str, ...] = ()
    unmapped: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """Mapped fields as a part of all, from 0 to 1."""
        total = len(self.mapped) + len(self.unmapped)
        return len(self.mapped) / total if total else 0.0


@dataclass(frozen=True, slots=True)
class ManifestReport:
    """The offline check of one manifest: `ok` says that it can be used, which leaves room for warnings."""

    source: str
    ok: bool
    findings: tuple[Finding, ...]
    coverage: Coverage = Coverage()
    platform: str | None = None
    secret_names: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()


def check_manifest(text: str, *, source: str = "manifest") -> ManifestReport:
    """Check a manifest's text; never raises on bad input."""
    reading = read_manifest(text, source=source)
    return ManifestReport(
        source=source,
        ok=reading.ok,
        findings=reading.findings,
        coverage=coverage(reading.document) if reading.document else Coverage(),
        platform=reading.document.platform.code if reading.document else None,
        secret_names=reading.secret_names,
        origins=reading.origins,
    )


def coverage(document: ManifestDocument) -> Coverage:
    """The fields a manifest maps and those it leaves out."""
    fields = document.harvest.fields
    return Coverage(
        mapped=tuple(name for name in targets() if name in fields),
        unmapped=tuple(name for name in targets() if name not in fields),
    )
