"""From YAML text to a connector, or to findings that say what is wrong and where."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from connectors.credentials import CredentialSpec
from connectors.errors import ConnectorError
from connectors.manifest.checks import check_document
from connectors.manifest.connector import ManifestConnector
from connectors.manifest.document import Document, read_document
from connectors.manifest.explain import explain
from connectors.manifest.model import ManifestDocument
from connectors.manifest.repair import repaired
from connectors.manifest.report import in_order
from connectors.manifest.secrecy import secrets_in_clear, without_values_in_clear
from schema.findings import Finding, Severity


@dataclass(frozen=True, slots=True)
class ManifestReading:
    """What reading a manifest gave: findings always, the rest where it could be read.

    `connector` is None when any finding is an ERROR. `secret_names` are the secrets it needs; `origins` are all origins
    it may ask.
    """

    source: str
    findings: tuple[Finding, ...]
    document: ManifestDocument | None = None
    connector: ManifestConnector | None = None
    secret_names: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether it can be used."""
        return self.connector is not None


def read_manifest(text: str, *, source: str = "manifest") -> ManifestReading:
    """Read a manifest; never raises on bad input. `source` names it in reports."""
    yaml = read_document(text)
    if yaml.findings:
        return ManifestReading(source, in_order(_without_tabs(one, text) for one in yaml.findings))
    findings = secrets_in_clear(yaml)
    try:
        document = ManifestDocument.model_validate(yaml.value)
    except ValidationError as error:
        mistakes = explain(error, yaml)
        told = without_values_in_clear([*mistakes, *_beyond(mistakes, yaml)], yaml)
        return ManifestReading(source, in_order([*findings, *told]))
    findings += without_values_in_clear(check_document(document, yaml), yaml)
    usable = not any(finding.severity is Severity.ERROR for finding in findings)
    return ManifestReading(
        source=source,
        findings=in_order(findings),
        document=document,
        connector=ManifestConnector(document) if usable else None,
        secret_names=needed_secrets(document),
        origins=document.origins,
    )


def read_manifest_file(path: Path | Traversable) -> ManifestReading:
    """Read a manifest from a file or a packaged resource; a file that cannot be read is a finding."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        problem = Finding("manifest.unreadable", f"{path.name} cannot be read: {error.strerror or error}")
    except UnicodeDecodeError as error:
        problem = Finding(
            "manifest.unreadable", f"{path.name} is not UTF-8 (byte {error.start})", expected="UTF-8 text"
        )
    else:
        return read_manifest(text, source=path.name)
    return ManifestReading(path.name, (problem,))


class _Asked(Mapping[str, str]):
    """Has every secret and notes which were asked for."""

    def __init__(self) -> None:
        self.names: dict[str, None] = {}

    def __getitem__(self, name: str) -> str:
        self.names[name] = None
        return "-"

    def __iter__(self) -> Any:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def needed_secrets(document: ManifestDocument) -> tuple[str, ...]:
    """The names of every secret a manifest references: of its credentials, and of sketches that are made here."""
    return tuple(sorted({*secret_names(*document.all_credentials()), *document.sketch_secrets}))


def secret_names(*credentials: CredentialSpec) -> tuple[str, ...]:
    """The secrets that credentials ask for when they are built."""
    asked = _Asked()
    for kind in credentials:
        # what is wrong with it shows when it is built with real secrets; the names are known by then
        with contextlib.suppress(ConnectorError):
            kind.build(asked, lambda: datetime.now(UTC))
            kind.certificate(asked)
    return tuple(sorted(asked.names))


def _beyond(mistakes: list[Finding], yaml: Document) -> list[Finding]:
    """What else refuses a manifest whose only mistakes so far are unknown keys, read as they were probably meant."""
    meant = repaired(mistakes, yaml)
    try:
        document = ManifestDocument.model_validate(meant.value) if meant is not None else None
    except ValidationError:
        return []
    found = check_document(document, meant) if document is not None and meant is not None else []
    return [finding for finding in found if finding.severity is Severity.ERROR]


def _without_tabs(finding: Finding, text: str) -> Finding:
    """A finding about YAML's syntax in plain words where a tab is the cause."""
    lines = text.splitlines()
    line = lines[finding.line - 1] if finding.line and finding.line <= len(lines) else ""
    if finding.code != "manifest.syntax" or "\t" not in line[: len(line) - len(line.lstrip())]:
        return finding
    return replace(finding, message="a tab cannot indent in YAML", expected="blanks", found="a tab")
