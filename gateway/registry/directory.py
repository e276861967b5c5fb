"""The connectors this gateway knows, by manifest and by plug-in: a bad one is reported and never fatal."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from connectors.manifest import ManifestConnector, read_manifest
from connectors.platforms import builtin_manifests
from connectors.plugged import PluginConnector
from connectors.plugins import BrokenPlugin, LoadedPlugin, discover, platform_taken
from gateway.registry.canary import CanaryConnector
from schema.findings import Finding, Severity
from schema.platforms import Capability, PlatformDescription

BUILT_IN = "built-in/"
"""How names of files that come with the product start."""


@dataclass(frozen=True, slots=True)
class RegisteredConnector:
    """A connector without errors, of a manifest or a plug-in; `warnings` are what its check still had to say.

    `revision` is the number of the last change of its registration, of credentials among others; it is 0 for a plug-in.
    It makes no other connector of it.
    """

    connector: ManifestConnector | CanaryConnector | PluginConnector
    source: str
    secret_names: frozenset[str]
    warnings: tuple[Finding, ...] = ()
    revision: int = field(default=0, compare=False)

    @property
    def platform(self) -> PlatformDescription:
        """The platform it speaks to."""
        return self.connector.platform

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can do."""
        return self.connector.capabilities

    @property
    def is_canary(self) -> bool:
        """Whether it is a version on trial, for administrators only."""
        return isinstance(self.connector, CanaryConnector)


@dataclass(frozen=True, slots=True)
class RejectedManifest:
    """A manifest, or a plug-in, that was left out, and why."""

    source: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """A manifest as a file; `name` is the same on every host, and None for a directory that cannot be listed."""

    source: str
    name: str | None
    text: str = ""
    problem: str | None = None

    @property
    def is_built_in(self) -> bool:
        """Whether it comes with the product."""
        return self.name is not None and self.name.startswith(BUILT_IN)

    def rejected(self) -> RejectedManifest | None:
        """Why there is no text, if there is none."""
        if self.problem is None:
            return None
        return RejectedManifest(self.source, (Finding("manifest.unreadable", f"{self.source} {self.problem}"),))


@dataclass(frozen=True, slots=True)
class Registry:
    """Usable connectors by platform code, and the manifests and plug-ins that were left out.

    A canary stands under the code of its lane, `<code>@canary`. `suspended` are connectors that are not asked for now,
    though what they brought is still shown. `revision` is the number of the last change in it.
    """

    connectors: Mapping[str, RegisteredConnector]
    rejected: tuple[RejectedManifest, ...] = ()
    revision: int = 0
    suspended: Mapping[str, RegisteredConnector] = field(default_factory=dict)

    def get(self, code: str) -> RegisteredConnector | None:
        """The connector of one platform."""
        return self.connectors.get(code)

    def beside(self, plugins: Iterable[LoadedPlugin | BrokenPlugin]) -> "Registry":
        """This registry with plug-ins; a connector that is here already keeps its platform."""
        connectors = dict(self.connectors)
        rejected = list(self.rejected)
        for plugin in plugins:
            if isinstance(plugin, BrokenPlugin):
                rejected.append(RejectedManifest(plugin.source, plugin.findings))
                continue
            connector = plugin.connector
            code = connector.platform.code
            holder = connectors.get(code) or self.suspended.get(code)
            if holder is None:
                connectors[code] = RegisteredConnector(connector, plugin.source, connector.secret_names)
            else:
                rejected.append(RejectedManifest(plugin.source, (platform_taken(code, holder.source),)))
        return replace(self, connectors=connectors, rejected=tuple(rejected))

    @classmethod
    def load(
        cls,
        directories: Iterable[Path] = (),
        *,
        builtin: bool = True,
        plugins: Sequence[LoadedPlugin | BrokenPlugin] | None = None,
    ) -> "Registry":
        """Read the manifests that come with the product and those in the given directories, in this order.

        Beside them stand the given plug-ins, by default every installed one.

        A later manifest of the same platform takes the place of an earlier one, so that an operator can correct a
        built-in one.
        """
        connectors: dict[str, RegisteredConnector] = {}
        rejected: list[RejectedManifest] = []
        for file in manifest_files(directories, builtin):
            outcome = file.rejected() or read_entry(file.source, file.text)
            if isinstance(outcome, RejectedManifest):
                rejected.append(outcome)
            else:
                connectors[outcome.platform.code] = outcome
        return cls(connectors, tuple(rejected)).beside(discover() if plugins is None else plugins)


def manifest_files(directories: Iterable[Path], builtin: bool) -> Iterable[ManifestFile]:
    """The manifests that come with the product and those in the given directories, in this order."""
    if builtin:
        for entry in builtin_manifests():
            yield ManifestFile(f"built-in {entry.name}", f"{BUILT_IN}{entry.name}", entry.read_text("utf-8"))
    for directory in directories:
        if not directory.is_dir():
            yield ManifestFile(str(directory), None, problem="is not a directory")
            continue
        for path in sorted([*directory.glob("*.yaml"), *directory.glob("*.yml")]):
            try:
                yield ManifestFile(str(path), path.name, path.read_text("utf-8"))
            except (OSError, UnicodeError) as error:
                yield ManifestFile(str(path), path.name, problem=f"cannot be read: {error}")


def read_entry(source: str, text: str) -> RegisteredConnector | RejectedManifest:
    """The connector of a manifest, or why there is none."""
    reading = read_manifest(text, source=source)
    if reading.connector is None:
        return RejectedManifest(source, tuple(reading.findings))
    warnings = tuple(finding for finding in reading.findings if finding.severity is not Severity.ERROR)
    return RegisteredConnector(reading.connector, source, frozenset(reading.secret_names), warnings)
