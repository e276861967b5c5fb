"""The pytest plug-in for partners: a test class whose tests are the checks of a manifest."""

import asyncio
import os
import re
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import ClassVar

import pytest

from connectors.conformance.live import LiveReport, check_live
from connectors.conformance.offline import ManifestReport, examine_manifest
from connectors.context import ConnectorContext
from connectors.manifest import ManifestConnector
from connectors.manifest.reading import ManifestReading, read_manifest_file
from connectors.transport import EgressPolicy, Redactor, open_transport
from schema.findings import Finding, Severity

_SIGNATURES = ("manifest.signatureVector",)
_SECRETS = ("manifest.secretInClear",)


class ConnectorTests:
    """Subclass it in a test file, name the manifest relative to that file, and every check is a test.

    `class TestOurs(ConnectorTests): manifest = "ours.yaml"`. `warnings_allowed` is how many warnings there may be;
    `secrets` are for `--shanhai-live` and come from the environment, as `SHANHAI_SECRET_<PLATFORM>__<NAME>`, where
    they are left out. `egress_allow` are private hosts and networks that the live test may ask.
    """

    manifest: ClassVar[str]
    warnings_allowed: ClassVar[int] = 0
    secrets: ClassVar[Mapping[str, str]] = {}
    egress_allow: ClassVar[tuple[str, ...]] = ()

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test for every test inside the manifest, by its name."""
        if "recorded" not in metafunc.fixturenames:
            return
        document = _reading(self._path()).document
        names = [test.name for test in document.tests] if document is not None else []
        metafunc.parametrize("recorded", range(len(names)), ids=names)

    def test_manifest_can_be_read(self) -> None:
        """The file is YAML with the keys and types of a manifest."""
        if _reading(self._path()).document is None:
            _fail(self._report().findings)

    def test_manifest_can_be_used(self) -> None:
        """Nothing refuses it before its own tests."""
        _fail(_errors(_reading(self._path()).findings))

    def test_warnings_are_within_the_limit(self) -> None:
        """There are no more warnings than `warnings_allowed`."""
        warnings = [one for one in self._report().findings if one.severity is Severity.WARNING]
        if len(warnings) > self.warnings_allowed:
            _fail(warnings)

    def test_golden_vectors_agree(self) -> None:
        """Every signature of the platform's documents comes out alike."""
        _fail(one for one in self._report().findings if one.code in _SIGNATURES)

    def test_no_secret_stands_in_clear(self) -> None:
        """Secrets are named, never written."""
        _fail(one for one in self._report().findings if one.code in _SECRETS)

    def test_recorded(self, recorded: int) -> None:
        """A test inside the manifest."""
        place = f"/tests/{recorded}/"
        _fail(_errors(one for one in self._report().findings if f"{one.pointer}/".startswith(place)))

    def test_live(self, request: pytest.FixtureRequest) -> None:
        """The first page of the platform is as the manifest says."""
        if not request.config.getoption("--shanhai-live", default=False):
            pytest.skip("asks the platform only with --shanhai-live")
        reading = _reading(self._path())
        if reading.connector is None:
            _fail(reading.findings)
        else:
            code = reading.connector.platform.code
            secrets = {**_from_environment(code, reading.secret_names), **self.secrets}
            policy = EgressPolicy.parse(self.egress_allow)
            found = asyncio.run(_look(reading.connector, secrets, policy)).findings
            _fail(_errors(found), Redactor(secrets.values()))

    def _path(self) -> Path:
        """The manifest, beside the file in which the class stands."""
        file = sys.modules[type(self).__module__].__file__
        return Path(file or ".").parent / self.manifest

    def _report(self) -> ManifestReport:
        return _examined(self._path())


@cache
def _reading(path: Path) -> ManifestReading:
    return read_manifest_file(path)


@cache
def _examined(path: Path) -> ManifestReport:
    reading = _reading(path)
    if reading.connector is None:
        return ManifestReport(reading.source, ok=False, findings=reading.findings)
    return asyncio.run(examine_manifest(path.read_text("utf-8"), source=path.name))


async def _look(connector: ManifestConnector, secrets: Mapping[str, str], policy: EgressPolicy) -> LiveReport:
    transport = open_transport(connector.limits, policy=policy, certificate=connector.certificate(secrets))
    try:
        return await check_live(connector, ConnectorContext(connector.platform.code, transport, secrets))
    finally:
        await transport.aclose()


def _from_environment(platform: str, names: Iterable[str]) -> dict[str, str]:
    values = {name: os.environ.get(_variable(platform, name)) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def _variable(platform: str, name: str) -> str:
    """The environment variable of a secret, the same as the gateway's."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    parts = (re.sub(r"[^A-Z0-9]+", "_", part.upper()).strip("_") for part in (platform, snake))
    return "SHANHAI_SECRET_" + "__".join(parts)


def _errors(findings: Iterable[Finding]) -> list[Finding]:
    return [one for one in findings if one.severity is Severity.ERROR]


def _fail(findings: Iterable[Finding], redactor: Redactor | None = None) -> None:
    """Fail with every finding in words, whatever a platform echoed; without any there is nothing to fail for."""
    told = "\n".join(_told(one) for one in findings)
    if told:
        pytest.fail((redactor or Redactor()).text(told), pytrace=False)


def _told(finding: Finding) -> str:
    place = f" {finding.line}:{finding.column}" if finding.line is not None else ""
    rest = (
        ("did you mean", finding.suggestion),
        ("expected", finding.expected),
        ("found", finding.found),
        ("at", finding.pointer),
        ("read", finding.documentation_url),
    )
    more = "".join(f"\n    {label}: {value}" for label, value in rest if value)
    return f"{finding.severity}{place} {finding.code}: {finding.message}{more}"
