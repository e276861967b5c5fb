"""Where a walk stands in the catalog: rows may be given out of turn, so those given beyond the position are told apart.

The catalog's order is its index's; a page of catalog and platforms together is ordered by one rule over the next rows.
What is behind the first row that was not given needs no memory, however long the walk.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from gateway.catalog.documents import document_key
from gateway.catalog.live.candidates import Candidate, candidates
from gateway.catalog.live.model import SourceOutcome, SourceState
from gateway.catalog.live.ports import HarvestedCatalog
from gateway.catalog.live.reading import Reading
from gateway.catalog.live.walks import OF_CATALOG, entry, mark
from gateway.catalog.query import SearchRequest
from gateway.catalog.results import Hit, SearchPage
from gateway.catalog.validation import MOST_FIRST
from gateway.errors import CursorExpired, CursorInvalid
from schema.resources import CatalogResource


class Window:
    """The rows of the catalog from a position on, as many as were needed, and which of them are given out."""

    def __init__(self, catalog: HarvestedCatalog, request: SearchRequest, position: str, beyond: Iterable[int]) -> None:
        self._catalog = catalog
        self._request = request
        self._rows: list[Hit] = []
        self._behind = 0
        self.position = position
        self._beyond = dict.fromkeys(beyond)
        self.page: SearchPage | None = None
        self.count = 0
        """Times that rows were read."""

    @property
    def has_next(self) -> bool:
        """Whether there are rows behind those read."""
        return self.page is not None and self.page.has_next

    @property
    def resources(self) -> tuple[Candidate, ...]:
        """Everything that was read."""
        return candidates(row.resource for row in self._rows)

    async def read(self, wanted: int) -> list[Reading]:
        """The next rows by platform, those that are not given out; so many of them where the catalog has them.

        Raises CursorExpired.
        """
        size = min(wanted + len(self._beyond), MOST_FIRST)
        after = self._rows[-1].cursor if self._rows else self.position
        try:
            self.page = await self._catalog.search(replace(self._request, first=size, after=after or None))
        except CursorInvalid:  # it was sound when we wrote it, for the platforms that there were then
            raise CursorExpired("after: platforms have joined or left since; start from the first page") from None
        self.count += 1
        self._rows += self.page.hits
        found: dict[str, list[CatalogResource]] = {}
        for row in self.page.hits:
            if _mark(row.resource) not in self._beyond:
                found.setdefault(row.resource.platform, []).append(row.resource)
        self._pass()
        return [_of_harvest(code, candidates(rows)) for code, rows in found.items()]

    def give(self, resource: CatalogResource) -> None:
        """Give a row out; the position moves on as far as all rows are."""
        self._beyond[_mark(resource)] = None
        self._pass()

    @property
    def entries(self) -> bytes:
        """Rows given out beyond the position."""
        return b"".join(entry(OF_CATALOG, found) for found in self._beyond)

    def _pass(self) -> None:
        while self._behind < len(self._rows) and (found := _mark(self._rows[self._behind].resource)) in self._beyond:
            del self._beyond[found]
            self.position = self._rows[self._behind].cursor
            self._behind += 1


def _of_harvest(platform: str, rows: Sequence[Candidate]) -> Reading:
    return Reading(SourceOutcome(platform, SourceState.OK), rows, rows)


def _mark(resource: CatalogResource) -> int:
    return mark(document_key(resource.platform, resource.record.native_id))
