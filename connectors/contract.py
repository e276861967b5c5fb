"""What a connector is: a description and one small protocol per capability."""

from collections.abc import AsyncIterator
from typing import Protocol, runtime_checkable

from connectors.context import ConnectorContext
from connectors.records import HarvestPage, HarvestRequest, LiveAnswer, LiveQuery, UsageRequest
from schema.platforms import Capability, PlatformDescription
from schema.training import TrainingReport
from schema.usage import UsageFact


@runtime_checkable
class Connector(Protocol):
    """Every connector describes its platform, the version of its mapping and what it can do."""

    @property
    def platform(self) -> PlatformDescription:
        """The platform it speaks to."""
        ...

    @property
    def version(self) -> int:
        """Version of the mapping, kept in the provenance of every record."""
        ...

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can do."""
        ...


@runtime_checkable
class Harvests(Connector, Protocol):
    """Lists a platform's resources page by page."""

    def harvest(self, context: ConnectorContext, request: HarvestRequest) -> AsyncIterator[HarvestPage]:
        """Yield pages until the listing is complete; ending without an exception means complete.

        Resuming with a page's `checkpoint` yields what follows that page, perhaps repeating the page itself. Raises
        `ConnectorError` subclasses only.
        """
        ...


@runtime_checkable
class ReportsUsage(Connector, Protocol):
    """Tells what a platform counted, day by day."""

    def usage(self, context: ConnectorContext, request: UsageRequest) -> AsyncIterator[HarvestPage[UsageFact]]:
        """Yield pages of facts of the days asked for; raises `ConnectorError` subclasses only."""
        ...


@runtime_checkable
class SharesTraining(Connector, Protocol):
    """Lists a platform's teacher-training records page by page."""

    def training(
        self, context: ConnectorContext, request: HarvestRequest
    ) -> AsyncIterator[HarvestPage[TrainingReport]]:
        """As `Harvests.harvest`, of training records."""
        ...


@runtime_checkable
class Searches(Connector, Protocol):
    """Answers questions by the platform's own search."""

    async def search(self, context: ConnectorContext, query: LiveQuery) -> LiveAnswer:
        """Ask the platform now; raises `ConnectorError` subclasses only."""
        ...
