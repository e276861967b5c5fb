"""The connectors this gateway knows: read from manifests at start, a bad one reported and never fatal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from connectors.manifest import ManifestConnector, read_manifest
from connectors.platforms import builtin_manifests
from schema.findings import Finding, Severity
from schema.platforms import Capability, PlatformDescription


@dataclass(frozen=True, slots=True)
class RegisteredConnector:
    """A connector whose manifest has no errors; `warnings` are what its check still had to say."""

    connector: ManifestConnector
    source: str
    secret_names: frozenset[str]
    warnings: tuple[Finding, ...] = ()

    @property
    def platform(self) -> PlatformDescription:
        """The platform it speaks to."""
        return self.connector.platform

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can do."""
        return self.connector.capabilities


@dataclass(frozen=True, slots=True)
class RejectedManifest:
    """A manifest that was left out, and why."""

    source: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Registry:
    """Usable connectors by platform code, and the manifests that were left out."""

    connectors: Mapping[str, RegisteredConnector]
    rejected: tuple[RejectedManifest, ...] = ()

    def get(self, code: str) -> RegisteredConnector | None:
        """The connector of one platform."""
        return self.connectors.get(code)

    @classmethod
    def load(cls, directories: Iterable[Path] = (), *, builtin: bool = True) -> "Registry":
        """Read the manifests that come with the product and those in the given directories, in this order.

        A later manifest of the same platform takes the place of an earlier one, so that an operator can correct a
        built-in one.
        """
        connectors: dict[str, RegisteredConnector] = {}
        rejected: list[RejectedManifest] = []
        for source, text in _manifest_texts(directories, builtin):
            outcome = text if isinstance(text, RejectedManifest) else _register(source, text)
            if isinstance(outcome, RejectedManifest):
                rejected.append(outcome)
            else:
                connectors[outcome.platform.code] = outcome
        return cls(connectors, tuple(rejected))


def _manifest_texts(directories: Iterable[Path], builtin: bool) -> Iterable[tuple[str, str | RejectedManifest]]:
    if builtin:
        for entry in builtin_manifests():
            yield f"built-in {entry.name}", entry.read_text("utf-8")
    for directory in directories:
        if not directory.is_dir():
            yield str(directory), _unreadable(str(directory), "is not a directory")
            continue
        for path in sorted([*directory.glob("*.yaml"), *directory.glob("*.yml")]):
            try:
                yield str(path), path.read_text("utf-8")
            except (OSError, UnicodeError) as error:
                yield str(path), _unreadable(str(path), f"cannot be read: {error}")


def _unreadable(source: str, why: str) -> RejectedManifest:
    return RejectedManifest(source, (Finding("manifest.unreadable", f"{source} {why}"),))


def _register(source: str, text: str) -> RegisteredConnector | RejectedManifest:
    reading = read_manifest(text, source=source)
    if reading.connector is None:
        return RejectedManifest(source, tuple(reading.findings))
    warnings = tuple(finding for finding in reading.findings if finding.severity is not Severity.ERROR)
    return RegisteredConnector(reading.connector, source, frozenset(reading.secret_names), warnings)
