"""A look at the first records through a manifest: what was asked, what came, what it became. Nothing is stored."""

import re
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import timedelta
from time import perf_counter
from typing import Any

from connectors.context import ConnectorContext
from connectors.errors import ConnectorError
from connectors.manifest import ManifestConnector
from connectors.manifest.readers import Seen
from connectors.manifest.transforms.reading import CHINA, zone_named
from connectors.masking import masked, masked_findings, masked_text, masked_unmapped
from connectors.records import Accepted, HarvestRequest, LiveQuery, Rejected, Unmapped, UsageRequest
from connectors.sketches import shortened_sketch
from connectors.transport import Redactor, Request, Response, Transport
from schema.findings import Finding, Severity
from schema.platforms import Capability
from schema.quality import Level
from schema.records import Record
from schema.training import Outcome, QuantityUnit, RecordState, TrainingForm, TrainingKind, TrainingRole
from schema.usage import UsageFact

VOCABULARY = frozenset(
    word.value
    for words in (TrainingKind, Level, TrainingForm, TrainingRole, Outcome, RecordState, QuantityUnit)
    for word in words
)
"""Words of the schema that a mapped training record may hold; they tell of an activity, not of a person."""


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
    """Read the first `limit` records of a capability; a failure of the platform is told in the answer, not raised.

    Usage is read of the last seven whole days.
    """
    secrets = tuple(context.secrets.values())
    recording = _Timed(context.transport, secrets)
    rows: list[PreviewRow] = []

    def seen(raw: str, outcome: Accepted[Any] | Rejected | str) -> None:
        if len(rows) < limit:
            rows.append(_row(raw, outcome, Redactor(secrets)))

    failure = None
    pages = _pages(connector, replace(context, transport=recording), capability, limit, seen)
    try:
        async with aclosing(pages):
            async for _ in pages:
                if len(rows) >= limit:
                    break
    except ConnectorError as error:
        failure = Finding(error.code, Redactor(secrets).text(str(error)))
    return Preview(tuple(rows), tuple(recording.requests), failure)


def without_people(shown: Preview) -> Preview:
    """A preview of training records that tells nothing of whom they are of: structure, and words of vocabularies."""
    rows = tuple(_masked(row) for row in shown.rows)
    failure = shown.failure and masked_findings([shown.failure])[0]
    return replace(shown, rows=rows, failure=failure)


def _masked(row: PreviewRow) -> PreviewRow:
    bare = masked(Rejected(None, row.findings, row.raw))
    mapped = None if row.mapped is None else masked_text(row.mapped, VOCABULARY)
    return PreviewRow(None, bare.raw, mapped, bare.findings, tuple(masked_unmapped(one) for one in row.unmapped))


async def _pages(
    connector: ManifestConnector, context: ConnectorContext, capability: Capability, limit: int, seen: Seen
) -> AsyncGenerator[None, None]:
    if capability is Capability.USAGE:
        last = context.now().astimezone(zone_named(CHINA)).date() - timedelta(days=1)
        request = UsageRequest(last - timedelta(days=6), last)
        async for _ in connector.usage(context, request, seen):
            yield
    elif capability is Capability.LIVE_SEARCH:
        await connector.search(context, LiveQuery(first=limit), seen)
        yield
    elif capability is Capability.TRAINING:
        async for _ in connector.training(context, HarvestRequest(), seen):
            yield
    else:
        async for _ in connector.harvest(context, HarvestRequest(), seen):
            yield


def _row(raw: str, outcome: Accepted[Any] | Rejected | str, redactor: Redactor) -> PreviewRow:
    if isinstance(outcome, Accepted):
        native_id = getattr(outcome.record, "native_id", None)
        came, mapped = _readable(raw, outcome.record)
        unmapped = tuple(Unmapped(one.field, redactor.text(one.value)) for one in outcome.unmapped)
        return PreviewRow(
            native_id and redactor.text(native_id), redactor.text(came), redactor.text(mapped), (), unmapped
        )
    if isinstance(outcome, Rejected):
        return PreviewRow(outcome.native_id, raw, None, outcome.findings)
    return PreviewRow(redactor.text(outcome), raw, None, (_DELETED,))


def _readable(raw: str, record: Record) -> tuple[str, str]:
    """What came and what it became; of the sketches of usage, which nobody can read, only the beginning."""
    mapped = record.to_json().decode()
    if not isinstance(record, UsageFact):
        return raw, mapped
    came, became = (_SKETCH.sub(lambda found: shortened_sketch(found[0]), text) for text in (raw, mapped))
    return came, became


class _Timed:
    """Notes every request with its status and how long it took."""

    def __init__(self, inner: Transport, secrets: Iterable[str]) -> None:
        self._inner = inner
        self._redactor = Redactor(secrets)
        self.requests: list[PreviewRequest] = []

    async def send(self, request: Request) -> Response:
        """Send and note."""
        began = perf_counter()
        status = None
        try:
            response = await self._inner.send(request)
            status = response.status
            return response
        finally:
            url = self._redactor.url(request.url)
            self.requests.append(PreviewRequest(request.method, url, status, (perf_counter() - began) * 1000))

    async def aclose(self) -> None:
        """Close what is inside."""
        await self._inner.aclose()


_SKETCH = re.compile(r"[A-Za-z0-9+/]{200,}=*")
_DELETED = Finding("record.deleted", "the platform says that it is deleted", severity=Severity.INFO)
