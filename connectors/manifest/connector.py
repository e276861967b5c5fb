"""The connector that a manifest describes."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Protocol, TypeVar

from connectors.context import ConnectorContext
from connectors.credentials import Bound
from connectors.errors import ConnectorError, UpstreamFailure
from connectors.manifest.fields import Words
from connectors.manifest.mapping import SkippedRecords
from connectors.manifest.model import ManifestDocument
from connectors.manifest.readers import RecordReader, Seen, UsageReader, unseen
from connectors.manifest.searching import SearchReader
from connectors.manifest.sections import Section
from connectors.protocols import FailureTable, Upstream
from connectors.protocols.exchange import Exchange
from connectors.records import HarvestPage, HarvestRequest, LiveAnswer, LiveQuery, UsageRequest
from connectors.transport import ClientCertificate, Limits, Redactor
from schema.platforms import Capability, PlatformDescription
from schema.resources import ResourceRecord
from schema.training import TrainingReport
from schema.usage import UsageFact

P_co = TypeVar("P_co", covariant=True)
Q_contra = TypeVar("Q_contra", contravariant=True)
MESSAGE_CHARACTERS = 1_000


class _Reader(Protocol[Q_contra, P_co]):
    """A section at work: asked in one way, it yields its pages."""

    @property
    def section(self) -> Section:
        """The section."""

    def pages(self, upstream: Upstream, request: Q_contra, seen: Seen) -> AsyncIterator[P_co]:
        """Yield pages until the listing is complete."""


class ManifestConnector:
    """Satisfies `Harvests`, and `ReportsUsage` and `SharesTraining` where the manifest has those sections.

    Everything that can be compiled is compiled here, once.
    """

    def __init__(self, document: ManifestDocument) -> None:
        self.document = document
        skipped = SkippedRecords((row.record, row.message) for row in document.failures if row.record is not None)
        harvest, training, usage = document.harvest, document.training, document.usage
        self._resources = RecordReader(harvest, ResourceRecord, self._words(harvest), skipped)
        self._training = RecordReader(training, TrainingReport, self._words(training), skipped) if training else None
        search = document.search
        self._search = (
            SearchReader(search, harvest.fields, self._words(search), harvest.deletion_paths) if search else None
        )
        self._asked: tuple[ConnectorContext, Upstream] | None = None
        self._usage = UsageReader(usage, self._words(usage), skipped) if usage else None

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
    def freshness(self) -> timedelta | None:
        """How old its harvest may become, None where nobody asks for it on a schedule."""
        return self.document.freshness

    def certificate(self, secrets: Mapping[str, str]) -> ClientCertificate | None:
        """What the transport must show when it connects; raises `ManifestError` naming a secret that is not set."""
        shown = (credentials.certificate(secrets) for credentials in self.document.all_credentials())
        return next((certificate for certificate in shown if certificate is not None), None)

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What the manifest says can be done."""
        harvest = self.document.harvest
        can = {
            Capability.HARVEST: True,
            Capability.INCREMENTAL: harvest.follows,
            Capability.TOMBSTONES: bool(harvest.deletion_paths) or harvest.tells_deletions,
            Capability.LIVE_SEARCH: self._search is not None,
            Capability.USAGE: self._usage is not None,
            Capability.TRAINING: self._training is not None,
        }
        return frozenset(capability for capability, able in can.items() if able)

    async def harvest(
        self, context: ConnectorContext, request: HarvestRequest, seen: Seen = unseen
    ) -> AsyncIterator[HarvestPage]:
        """Yield pages until every listing is complete; raises `ConnectorError` subclasses only."""
        async for page in self._read(self._resources, context, request, seen):
            yield page

    async def training(
        self, context: ConnectorContext, request: HarvestRequest, seen: Seen = unseen
    ) -> AsyncIterator[HarvestPage[TrainingReport]]:
        """As `harvest`, of training records; `UpstreamFailure` where the manifest has no such section."""
        if self._training is None:
            raise UpstreamFailure("the manifest has no training section", platform=context.platform)
        async for page in self._read(self._training, context, request, seen):
            yield page

    async def usage(
        self, context: ConnectorContext, request: UsageRequest, seen: Seen = unseen
    ) -> AsyncIterator[HarvestPage[UsageFact]]:
        """Yield pages of facts; `UpstreamFailure` where the manifest has no such section."""
        if self._usage is None:
            raise UpstreamFailure("the manifest has no usage section", platform=context.platform)
        async for page in self._read(self._usage, context, request, seen):
            yield page

    async def search(self, context: ConnectorContext, query: LiveQuery, seen: Seen = unseen) -> LiveAnswer:
        """Ask the platform's own search; `UpstreamFailure` where the manifest has no such section."""
        if self._search is None:
            raise UpstreamFailure("the manifest has no search section", platform=context.platform)
        try:
            upstream = self._searched(context, self._search.section)
            return await self._search.answer(upstream, query, seen)
        except ConnectorError as error:
            error.platform = error.platform or context.platform
            raise

    async def _read(
        self, reader: _Reader[Q_contra, P_co], context: ConnectorContext, request: Q_contra, seen: Seen
    ) -> AsyncIterator[P_co]:
        """The pages of a section, any error carrying the platform's name."""
        upstream = None
        try:
            upstream = self._upstream(context, reader.section)
            async for page in reader.pages(upstream, request, seen):
                yield page
        except ConnectorError as error:
            error.platform = error.platform or context.platform
            error.args = (_said(error, upstream.exchange.secrets if upstream else tuple(context.secrets.values())),)
            raise

    def _searched(self, context: ConnectorContext, section: Section) -> Upstream:
        """What searches ask: the same for all with equal contexts, so that no token is fetched for each of them."""
        if self._asked is None or self._asked[0] != context:
            self._asked = context, self._upstream(context, section, patient=False)
        return self._asked[1]

    def _words(self, section: Section) -> Words:
        return Words(section.language, self.document.vocabularies)

    def _upstream(self, context: ConnectorContext, section: Section, *, patient: bool = True) -> Upstream:
        document = self.document
        origins = frozenset(document.origins)
        trusted = origins if context.secret_origins is None else origins & context.secret_origins
        spec = section.credentials or document.credentials
        home = section.origin or document.origin
        strangers = {place for place, other in document.homes() if other is not spec and place != home}
        credential = Bound(spec.build(context.secrets, context.now), trusted - strangers, trusted)
        table = FailureTable((*document.failures, *section.known_failures))
        exchange = Exchange(context, credential, table, patient=patient)
        timeout = document.limits.timeout_seconds
        # its own, so that no platform reads what another has dropped
        folder = context.folder / self.platform.code if context.folder else None
        return Upstream(exchange, home, origins, timeout, context.now, folder)


def _said(error: ConnectorError, secrets: Sequence[str]) -> str:
    """What an error says, whatever the platform put into it: no secrets, and no end of text."""
    said = Redactor(secrets).text(str(error))
    return said if len(said) <= MESSAGE_CHARACTERS else said[: MESSAGE_CHARACTERS - 1] + "…"
