"""The `rest` preset: JSON over HTTP, one or more listings, any paging."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.errors import Malformed
from connectors.extraction import Expression
from connectors.paging import Answer, PagingSpec, Step
from connectors.protocols.exchange import Exchange
from connectors.protocols.guards import CapGuard, OriginGuard, RepetitionGuard
from connectors.protocols.requests import RequestSpec
from connectors.records import Checkpoint

LISTING = "listing"


@dataclass(frozen=True, slots=True)
class RawPage:
    """The records of one answer as the platform sent them, where to resume after it, and the decoded answer."""

    records: Sequence[Any]
    body: Any
    checkpoint: Checkpoint
    expected: int | None


@dataclass(frozen=True, slots=True)
class RestListing:
    """Walks the requests of a manifest one after the other, each to its end.

    A checkpoint is the number of the listing and the pager's position in it; past the last listing it yields nothing.
    """

    origin: str
    origins: frozenset[str]
    requests: Sequence[RequestSpec]
    paging: PagingSpec
    records: Expression
    records_path: str
    timeout: float

    async def pages(
        self, exchange: Exchange, checkpoint: Checkpoint | None, extra: Mapping[str, str | int]
    ) -> AsyncIterator[RawPage]:
        """Yield pages from the checkpoint on; raises `ConnectorError`."""
        caps = CapGuard(self.paging)
        position = dict(checkpoint or {})
        first = int(position.pop(LISTING, 0))
        for number in range(first, len(self.requests)):
            async for page in self._listing(number, exchange, position or None, extra, caps):
                yield page
            position = {}

    async def _listing(
        self,
        number: int,
        exchange: Exchange,
        position: Checkpoint | None,
        extra: Mapping[str, str | int],
        caps: CapGuard,
    ) -> AsyncIterator[RawPage]:
        pager, repetition, origins = self.paging.pager(), RepetitionGuard(), OriginGuard(self.origins)
        step: Step | None = pager.start(position)
        while step is not None:
            caps.before_request()
            repetition.step(step)
            request = self.requests[number].request(self.origin, step, extra, self.timeout)
            origins.check(request.url)
            response, body = await exchange.ask(request)
            caps.after_answer(len(response.body))
            records = [] if step.index else self._records(body)
            repetition.page(records)
            answer = Answer(body, response.headers, response.url, len(records))
            following = pager.after(step, answer)
            if not step.index:
                yield RawPage(
                    records, body, self._checkpoint(number, following), self._expected(pager.expected(answer))
                )
            step = following

    def _records(self, body: Any) -> list[Any]:
        found = self.records(body)
        if isinstance(found, list):
            return found
        what = "nothing" if found is None else type(found).__name__
        raise Malformed(f"the answer holds {what} at {self.records_path!r} (harvest.records) where a list was due")

    def _checkpoint(self, number: int, following: Step | None) -> Checkpoint:
        return {LISTING: number + 1} if following is None else {LISTING: number, **following.position}

    def _expected(self, expected: int | None) -> int | None:
        """A listing's own total says nothing about several listings together."""
        return expected if len(self.requests) == 1 else None
