"""The connector that a manifest describes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from connectors.context import ConnectorContext
from connectors.credentials import Bound, Credential
from connectors.errors import ConnectorError
from connectors.extraction import compile_expression
from connectors.manifest.mapping import RecordMapper
from connectors.manifest.model import DeletedIds, ManifestDocument
from connectors.protocols import FailureTable, RawPage, RestListing
from connectors.protocols.exchange import Exchange
from connectors.records import Accepted, HarvestPage, HarvestRequest, Rejected
from connectors.transport import Limits
from schema.platforms import Capability, PlatformDescription

MAPPED_AT_ONCE = 100
"""Records mapped before others in the process get their turn."""


class ManifestConnector:
    """Satisfies `Harvests`. Everything that can be compiled is compiled here, once."""

    def __init__(self, document: ManifestDocument) -> None:
        self.document = document
        harvest = document.harvest
        self._mapper = RecordMapper(
            harvest,
            document.vocabularies,
            [(row.record, row.message) for row in document.failures if row.record is not None],
        )
        self._table = FailureTable(document.failures)
        self._listing = RestListing(
            origin=document.origin,
            origins=frozenset(document.origins),
            requests=harvest.request,
            paging=harvest.paging,
            records=compile_expression(harvest.records),
            records_path=harvest.records,
            timeout=document.limits.timeout_seconds,
        )
        ids = harvest.deleted.ids if isinstance(harvest.deleted, DeletedIds) else None
        self._deleted_ids = compile_expression(ids) if ids else None

    @property
    def platform(self) -> PlatformDescription:
        """The platform it speaks to."""
        return self.document.platform

    @property
    def version(self) -> int:
        """Version of the manifest."""
        return self.document.version

    @property
    def limits(self) -> Limits:
        """How hard the platform may be asked."""
        return self.document.limits

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What the manifest says can be done."""
        found = {Capability.HARVEST}
        if self.document.harvest.incremental is not None:
            found.add(Capability.INCREMENTAL)
        if self.document.harvest.deleted is not None:
            found.add(Capability.TOMBSTONES)
        return frozenset(found)

    async def harvest(self, context: ConnectorContext, request: HarvestRequest) -> AsyncIterator[HarvestPage]:
        """Yield pages until every listing is complete; raises `ConnectorError` subclasses only."""
        try:
            credential = self._credential(context)
            exchange = Exchange(context, credential, self._table)
            incremental = self.document.harvest.incremental
            extra = incremental.parameters(request.since) if incremental and request.since else {}
            async for raw in self._listing.pages(exchange, request.checkpoint, extra):
                yield await self._page(raw, tuple(context.secrets.values()))
        except ConnectorError as error:
            error.platform = error.platform or context.platform
            raise

    def _credential(self, context: ConnectorContext) -> Credential:
        return Bound(self.document.credentials.build(context.secrets, context.now), self.document.origins)

    async def _page(self, raw: RawPage, secrets: Sequence[str]) -> HarvestPage:
        accepted: list[Accepted] = []
        rejected: list[Rejected] = []
        deleted: list[str] = []
        for number, record in enumerate(raw.records, 1):
            outcome = self._mapper.map(record, secrets)
            if isinstance(outcome, Accepted):
                accepted.append(outcome)
            elif isinstance(outcome, Rejected):
                rejected.append(outcome)
            else:
                deleted.append(outcome)
            if number % MAPPED_AT_ONCE == 0:
                await asyncio.sleep(0)
        deleted += self._listed_as_deleted(raw.body)
        return HarvestPage(tuple(accepted), tuple(rejected), tuple(deleted), raw.checkpoint, raw.expected)

    def _listed_as_deleted(self, body: Any) -> list[str]:
        found = self._deleted_ids(body) if self._deleted_ids else None
        if not isinstance(found, list):
            return []
        return [str(native_id) for native_id in found if isinstance(native_id, str | int) and native_id != ""]
