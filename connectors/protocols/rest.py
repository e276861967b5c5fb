"""The `rest` protocol: answers over HTTP in JSON, JSON Lines or XML, one or more listings, any paging."""

from codecs import BOM_UTF8
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Annotated, Any, Literal, Self

from lxml import etree
from pydantic import BeforeValidator, Field, model_validator

from connectors.errors import Malformed
from connectors.extraction import JMESPATH, Expression, JmesPath, Language, XPathLanguage, compile_expression, kind_of
from connectors.paging import Answer, PagingSpec, Step
from connectors.paging.model import NoPaging
from connectors.protocols.guards import CapGuard, OriginGuard, RepetitionGuard
from connectors.protocols.listing import Listing, RawPage, Upstream, Walk
from connectors.protocols.readers import JSON, JSON_LINES, XML, BodyReader, plain
from connectors.protocols.requests import RequestSpec
from connectors.records import Checkpoint

LISTING = "listing"
_READERS = {"json": JSON, "jsonLines": JSON_LINES, "xml": XML}


def one_or_many(value: object) -> object:
    """A single mapping stands for a list of one."""
    return [value] if isinstance(value, dict) else value


class RestListing(Listing):
    """Walks the requests of a section one after the other, each to its end.

    `request` is one request or a list of them, each the start of a listing of its own. A checkpoint is the number of
    the listing and the pager's position in it; past the last listing it yields nothing. Where the answer is XML,
    `records` is an XPath with the prefixes of `namespaces`; `inside` is a path to text that holds the answer proper.
    """

    protocol: Literal["rest"]
    request: Annotated[tuple[RequestSpec, ...], BeforeValidator(one_or_many), Field(min_length=1, max_length=100)]
    paging: PagingSpec = NoPaging(kind="none")
    records: str = "@"
    format: Literal["json", "jsonLines", "xml"] = Field("json", alias="as")
    namespaces: dict[str, str] = Field(default_factory=dict)
    inside: JmesPath | None = None
    deleted_ids: JmesPath | None = None

    @model_validator(mode="after")
    def _records_are_a_path(self) -> Self:
        if self.format == "xml" and self.records == "@":
            raise ValueError(
                "records: an XPath to the elements that are records is needed, such as channel/item or .//item"
            )
        return self

    @property
    def language(self) -> Language:
        """XPath for XML, else JMESPath."""
        return XPathLanguage(self.namespaces) if self.format == "xml" else JMESPATH

    @property
    def paths(self) -> Mapping[str, str]:
        """Where the records are."""
        return {"records": self.records}

    @property
    def tells_deletions(self) -> bool:
        """Where `deletedIds` finds them."""
        return self.deleted_ids is not None

    def pages(self, upstream: Upstream, walk: Walk) -> AsyncGenerator[RawPage, None]:
        """Yield pages from the checkpoint on; raises `ConnectorError`."""
        reading = _Reading(self, upstream, walk, CapGuard(self.paging))
        if len(self.request) == 1 and not walk.checkpoint:
            return reading.listing(0, None)
        return self._listings(reading, dict(walk.checkpoint or {}))

    async def _listings(self, reading: "_Reading", position: dict[str, str | int]) -> AsyncGenerator[RawPage, None]:
        first = int(position.pop(LISTING, 0))
        for number in range(first, len(self.request)):
            async with aclosing(reading.listing(number, position or None)) as pages:
                async for page in pages:
                    yield page
            position = {}


class _Reading:
    """One walk through the listings of a section; everything that can be compiled is compiled here."""

    def __init__(self, spec: RestListing, upstream: Upstream, walk: Walk, caps: CapGuard) -> None:
        self._spec, self._upstream, self._walk, self._caps = spec, upstream, walk, caps
        self._reader = _READERS[spec.format]
        self._outer = JSON if spec.inside else self._reader
        self._inside = compile_expression(spec.inside) if spec.inside else None
        self._records: Expression = spec.language.compile_entries(spec.records)
        self._deleted_ids = compile_expression(spec.deleted_ids) if spec.deleted_ids else None

    async def listing(self, number: int, position: Checkpoint | None) -> AsyncGenerator[RawPage, None]:
        """The pages of one listing."""
        walk = self._walk
        pager, repetition = self._spec.paging.at_most(walk.size).between(walk.since, walk.until), RepetitionGuard()
        origins = OriginGuard(self._upstream.origins)
        root = None
        step: Step | None = pager.start(position)
        while step is not None:
            self._caps.before_request()
            repetition.step(step)
            request = self._spec.request[number].request(
                self._upstream.origin, step, walk.parameters, self._upstream.timeout, self._outer.accept
            )
            origins.check(request.url)
            response, body = await self._upstream.exchange.ask(request, self._outer)
            self._caps.after_answer(len(response.body))
            body = self._unpacked(body)
            root = _same_root(root, body)
            records = [] if step.index else self._found(body)
            repetition.page(records)
            readable = plain(body)
            answer = Answer(readable, response.headers, response.url, len(records))
            following = pager.after(step, answer)
            if not step.index:
                expected = pager.expected(answer) if len(self._spec.request) == 1 else None
                checkpoint = {LISTING: number + 1} if following is None else {LISTING: number, **following.position}
                last = following is None and number + 1 == len(self._spec.request)
                deleted, size = self._deleted(readable), len(response.body)
                yield RawPage(records, checkpoint, expected, deleted, last=last, size=size)
            step = following

    def _unpacked(self, body: Any) -> Any:
        if self._inside is None:
            return body
        text = self._inside(body)
        if not isinstance(text, str):
            raise Malformed(f"the answer holds no text at {self._spec.inside!r} (inside)")
        # the text is decoded already, whatever an XML declaration in it says
        return read_or_fail(self._reader, BOM_UTF8 + text.encode())

    def _found(self, body: Any) -> list[Any]:
        found = self._records(body)
        if isinstance(found, list):
            return found
        if self._spec.format == "xml":
            return [] if found is None else [found]
        what = "nothing" if found is None else kind_of(found)
        raise Malformed(f"the answer holds {what} at {self._spec.records!r} (records) where a list was due")

    def _deleted(self, body: Any) -> tuple[str, ...]:
        found = self._deleted_ids(body) if self._deleted_ids else None
        several = found if isinstance(found, list) else [found]
        return tuple(str(one) for one in several if type(one) in (str, int) and one != "")


def _same_root(first: str | None, body: Any) -> str | None:
    """The name of an XML answer's root, as of the first; an error page holds no records and would end the listing."""
    found = str(body.tag) if isinstance(body, etree._Element) else None
    if first not in (None, found):
        raise Malformed(f"the answer is a {found} element where the pages before were {first}")
    return found


def read_or_fail(reader: BodyReader, body: bytes) -> Any:
    """The value of a body that came inside another; raises `Malformed`."""
    try:
        return reader.read(body)
    except ValueError as error:
        raise Malformed(f"what the answer holds is not {reader.name}: {error}") from None
