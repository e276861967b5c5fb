"""What a connector is: a description and one small protocol per capability."""

from collections.abc import AsyncIterator
from typing import Protocol, runtime_checkable

from connectors.context import ConnectorContext
from connectors.records import HarvestPage, HarvestRequest
from schema.platforms import Capability, PlatformDescription


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
