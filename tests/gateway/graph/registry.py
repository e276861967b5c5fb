"""A registry in memory that keeps the rules a client can see: states, versions, refusals and sealed credentials."""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from connectors.conformance import ManifestReport, Preview, PreviewRequest, PreviewRow, check_manifest
from connectors.manifest import read_manifest
from connectors.records import Unmapped
from gateway.registry.records import (
    ConnectorOutcome,
    ConnectorPage,
    ConnectorState,
    ConnectorView,
    CredentialStatus,
    DriftKind,
    DriftView,
    Refusal,
    TestReadOutcome,
    VersionView,
)
from schema.findings import Finding, Severity
from schema.platforms import Capability
from tests.gateway.graph.records import NOON

BROKEN = "manifest: 1\nplatfrom: {}\n"
TEXT = """
manifest: 1
version: VERSION
platform: {code: CODE, name: 淄博市交互式在线教学系统, region: "370300", simulated: true}
origin: https://jiaohu.zbedu.example
credentials:
  kind: session
  login: {url: /login, json: {account: {secret: account}, password: {secret: password}}}
  token: {path: data.token}
  send: {in: header, name: X-Session-Token}
harvest:
  protocol: rest
  request: {path: /lessons}
  paging: {kind: page, sizeParameter: perPage, size: 100}
  records: items
  fields: {nativeId: id, title: name, kind: {constant: LESSON}}
"""


def manifest(code: str = "zibo", version: int = 1) -> str:
    """A manifest without errors that names two secrets; each code and version has its own text."""
    return TEXT.replace("CODE", code).replace("VERSION", str(version))


@dataclass
class MemoryConnectors:
    """Connectors by platform code; `sealed` is what a client must never see again."""

    entries: dict[str, ConnectorView] = field(default_factory=dict)
    history: dict[str, list[VersionView]] = field(default_factory=dict)
    sealed: dict[str, dict[str, str]] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    done: list[tuple[str, str, str]] = field(default_factory=list)
    """Actions that were carried out: name, platform, who asked."""

    async def connectors(
        self, *, states: Collection[ConnectorState] | None = None, first: int = 50, after: str | None = None
    ) -> ConnectorPage:
        self.calls["connectors"] += 1
        found = [
            self.entries[code] for code in sorted(self.entries) if not states or self.entries[code].state in states
        ]
        later = [view for view in found if after is None or view.code > after]
        return ConnectorPage(
            tuple(later[:first]), len(found), has_next=len(later) > first, has_previous=len(later) < len(found)
        )

    async def connector(self, code: str) -> ConnectorView | None:
        self.calls["connector"] += 1
        return self.entries.get(code)

    async def connectors_by_code(self, codes: Collection[str]) -> Mapping[str, ConnectorView]:
        self.calls["connectors_by_code"] += 1
        return {code: self.entries[code] for code in codes if code in self.entries}

    async def versions(self, code: str) -> tuple[VersionView, ...]:
        return tuple(reversed(self.history.get(code, [])))

    async def version(self, code: str, number: int) -> VersionView | None:
        return next((one for one in self.history.get(code, []) if one.version == number), None)

    async def drift(self, code: str) -> tuple[DriftView, ...]:
        return (DriftView("team[].name", DriftKind.WIDENED, "text and null, was text", NOON, 12),)

    def check(self, manifest: str) -> ManifestReport:
        self.calls["check"] += 1
        return check_manifest(manifest)

    async def register(self, *, manifest: str, credentials: Mapping[str, str], by: str) -> ConnectorOutcome:
        reading, report = read_manifest(manifest), check_manifest(manifest)
        if reading.connector is None:
            return _refused("MANIFEST_INVALID", "the manifest has errors; see the report", "manifest", report=report)
        code = reading.connector.platform.code
        if code in self.entries:
            return _refused("CONNECTOR_EXISTS", f"platform {code!r} has a connector", "manifest", report=report)
        version = self._version(code, manifest, report, by)
        self.sealed[code] = dict(credentials)
        self.entries[code] = ConnectorView(
            platform=reading.connector.platform,
            state=ConnectorState.DRAFT,
            newest=version,
            active=None,
            canary=None,
            capabilities=reading.connector.capabilities,
            credentials=(),
            registered_at=NOON,
            updated_at=NOON,
        )
        return self._carried_out("register", code, by, report=report)

    async def publish(self, *, platform: str, manifest: str, canary: bool, by: str) -> ConnectorOutcome:
        report = check_manifest(manifest)
        if platform not in self.entries:
            return _unknown(platform)
        if not report.ok or report.version is None:
            return _refused("MANIFEST_INVALID", "the manifest has errors; see the report", "manifest", report=report)
        newest = self.entries[platform].newest.version
        if report.version <= newest:
            message = f"version {report.version} is not greater than {newest}; write version: {newest + 1}"
            return _refused("VERSION_NOT_GREATER", message, "manifest", report=report)
        version = self._version(platform, manifest, report, by)
        changes = {"newest": version, **({"canary": version} if canary else {})}
        return self._carried_out("publish", platform, by, report=report, **changes)

    async def verify(self, *, platform: str, version: int | None, by: str) -> ConnectorOutcome:
        if platform not in self.entries:
            return _unknown(platform)
        if (view := await self._wanted(platform, version)) is None:
            return _refused("VERSION_NOT_FOUND", f"connector {platform!r} has no version {version}", "version")
        drafted = self.entries[platform].state is ConnectorState.DRAFT
        changes = {"state": ConnectorState.VERIFIED} if drafted else {}
        return self._carried_out("verify", platform, by, report=view.report, **changes)

    async def activate(self, *, platform: str, version: int | None, by: str) -> ConnectorOutcome:
        if platform not in self.entries:
            return _unknown(platform)
        if self.entries[platform].state is ConnectorState.DRAFT:
            return _refused("NOT_VERIFIED", "call verifyConnector first", "version")
        active = await self._wanted(platform, version)
        return self._carried_out("activate", platform, by, state=ConnectorState.ACTIVE, active=active, canary=None)

    async def rollback(self, *, platform: str, by: str) -> ConnectorOutcome:
        if platform not in self.entries:
            return _unknown(platform)
        active = self.entries[platform].active
        before = await self.version(platform, active.version - 1) if active else None
        if before is None:
            return _refused("INVALID_STATE", "no version was active before")
        return self._carried_out("rollback", platform, by, active=before)

    async def suspend(self, *, platform: str, reason: str, by: str) -> ConnectorOutcome:
        if platform not in self.entries:
            return _unknown(platform)
        return self._carried_out("suspend", platform, by, state=ConnectorState.SUSPENDED, suspended_because=reason)

    async def retire(self, *, platform: str, by: str) -> ConnectorOutcome:
        if platform not in self.entries:
            return _unknown(platform)
        self.sealed[platform] = {}
        return self._carried_out("retire", platform, by, state=ConnectorState.RETIRED, active=None)

    async def set_credentials(self, *, platform: str, values: Mapping[str, str], by: str) -> ConnectorOutcome:
        if platform not in self.entries:
            return _unknown(platform)
        known = self.entries[platform].newest.report.secret_names
        if unknown := sorted(set(values) - set(known)):
            return _refused("CREDENTIAL_UNKNOWN", f"the manifest names no secret {unknown[0]!r}", "credentials")
        self.sealed[platform] |= values
        return self._carried_out("set_credentials", platform, by)

    async def test_read(
        self,
        *,
        manifest: str,
        platform: str | None,
        credentials: Mapping[str, str],
        capability: Capability,
        limit: int,
    ) -> TestReadOutcome:
        self.calls["test_read"] += 1
        report = check_manifest(manifest)
        if platform is not None and platform not in self.entries:
            return TestReadOutcome(report, refusals=_unknown(platform).refusals)
        if not report.ok:
            return TestReadOutcome(report, refusals=(Refusal("MANIFEST_INVALID", "see the report", ("manifest",)),))
        missing = Finding("title.missing", "the title is missing", Severity.ERROR, pointer="/title")
        rows = (
            PreviewRow("1", '{"t": "x"}', '{"title": "x"}', (), (Unmapped("subject", "国学"),)),
            PreviewRow("2", "{}", None, (missing,), ()),
        )
        request = PreviewRequest("GET", f"https://jiaohu.zbedu.example/{capability.value.lower()}", 200, 12.5)
        failure = Finding("UPSTREAM_TIMEOUT", "no answer within 5 s") if limit > 5 else None
        return TestReadOutcome(report, Preview(rows[:limit], (request,), failure))

    async def _wanted(self, platform: str, version: int | None) -> VersionView | None:
        return self.entries[platform].newest if version is None else await self.version(platform, version)

    def _version(self, code: str, text: str, report: ManifestReport, by: str) -> VersionView:
        digest = hashlib.sha256(text.encode()).hexdigest()
        made = VersionView(code, report.version or 1, text, digest, NOON, by, report)
        self.history.setdefault(code, []).append(made)
        return made

    def _carried_out(
        self, action: str, code: str, by: str, report: ManifestReport | None = None, **changes: object
    ) -> ConnectorOutcome:
        sealed, view = self.sealed[code], self.entries[code]
        names = view.newest.report.secret_names
        statuses = tuple(CredentialStatus(name, name in sealed, NOON if name in sealed else None) for name in names)
        self.entries[code] = replace(view, credentials=statuses, **changes)  # type: ignore[arg-type]
        self.done.append((action, code, by))
        return ConnectorOutcome(self.entries[code], report)


def _refused(code: str, message: str, *path: str, report: ManifestReport | None = None) -> ConnectorOutcome:
    return ConnectorOutcome(report=report, refusals=(Refusal(code, message, path),))


def _unknown(platform: str) -> ConnectorOutcome:
    return _refused("CONNECTOR_NOT_FOUND", f"no connector for platform {platform!r}", "connectorId")
