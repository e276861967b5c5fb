"""A look at the first records through a manifest: what was asked, what came, what it became. Nothing is stored."""

from dataclasses import dataclass

from connectors.context import ConnectorContext
from connectors.manifest import ManifestConnector
from connectors.records import Unmapped
from schema.findings import Finding
from schema.platforms import Capability


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One record: as it came and as it was mapped, both as text without secrets; `mapped` is None when rejected."""

    native_id: str | None
    raw: str
    mapped: str | None
    findings: tuple[Finding, ...] = ()
    unmapped: tuple[Unmapped, ...] = ()


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """One request that was sent, its address without secrets; `status` is None when no answer came."""

    method: str
    url: str
    status: int | None
    duration_ms: float


@dataclass(frozen=True, slots=True)
class Preview:
    """The first records and the requests they took; `failure` is what ended the reading early."""

    rows: tuple[PreviewRow, ...]
    requests: tuple[PreviewRequest, ...]
    failure: Finding | None = None


async def preview(
    connector: ManifestConnector,
    context: ConnectorContext,
    *,
    capability: Capability = Capability.HARVEST,
    limit: int = 5,
) -> Preview:
    """Read the first `limit` records of a capability; a failure of the platform is told in the answer, not raised."""
    raise NotImplementedError
