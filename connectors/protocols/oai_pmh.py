"""The `oai-pmh` protocol: OAI-PMH 2.0 in any metadata format, with sets, expiring tokens and every deletion policy."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from lxml import etree
from pydantic import Field

from connectors.errors import ConnectorError, Malformed, PagingError, UpstreamFailure
from connectors.extraction import Language, XPathLanguage
from connectors.paging import Step
from connectors.paging.model import Caps
from connectors.paging.totals import whole_number
from connectors.protocols.exchange import together
from connectors.protocols.guards import CapGuard, RepetitionGuard
from connectors.protocols.listing import Listing, RawPage, Upstream, Walk
from connectors.protocols.readers import XML
from connectors.protocols.requests import UrlPath
from connectors.transport import Request
from connectors.transport.urls import with_query

NAMESPACE = "http://www.openarchives.org/OAI/2.0/"
_OAI = f"{{{NAMESPACE}}}"
RESTARTS = 3
SET, TOKEN, STAGE = "set", "token", "stage"
_DUBLIN_CORE = {
    "title": ".//dc:title[1]",
    "summary": ".//dc:description[1]",
    "url": ".//dc:identifier[starts-with(., 'http')][1]",
    "keywords": ".//dc:subject",
    "language": ".//dc:language[1]",
}


class OaiPmhListing(Listing):
    """Harvests one set after the other, or everything.

    A record is the `record` element with its `header` and `metadata`. Where `deletions` is `listIdentifiers`, the
    headers are listed too, for servers whose ListRecords leaves deleted records out; where `by` is `identifiers`, every
    record is fetched by itself, for servers whose ListRecords cannot be used.
    """

    protocol: Literal["oai-pmh"]
    path: UrlPath = "/oai"
    prefix: str = Field("oai_dc", pattern=r"^[A-Za-z0-9\-_.!~*'()]+$")
    sets: tuple[str, ...] = Field((), max_length=200)
    by: Literal["records", "identifiers"] = "records"
    deletions: Literal["listRecords", "listIdentifiers"] = "listRecords"
    lookback: timedelta = timedelta(hours=1)
    namespaces: dict[str, str] = Field(default_factory=dict)
    caps: Caps = Caps()

    @classmethod
    def default_fields(cls, section: Mapping[str, Any]) -> Mapping[str, Any]:
        """Identity and time are in every header; Dublin Core says a little more."""
        header = {
            "nativeId": "oai:header/oai:identifier",
            "updatedAt": {"path": "oai:header/oai:datestamp", "transform": "isoDateTime"},
        }
        return {**header, **(_DUBLIN_CORE if section.get("prefix", "oai_dc") == "oai_dc" else {})}

    @property
    def language(self) -> Language:
        """XPath below the `record` element."""
        return XPathLanguage(self.namespaces)

    @property
    def deletion(self) -> str | None:
        """A header with `status="deleted"`."""
        return "oai:header/@status = 'deleted'"

    @property
    def tells_changes(self) -> bool:
        """By `from`."""
        return True

    async def pages(self, upstream: Upstream, walk: Walk) -> AsyncGenerator[RawPage, None]:
        """Yield pages set by set; an expired token starts its set again."""
        repository = _Repository(self, upstream, CapGuard(self.caps))
        since = await repository.written(walk.since) if walk.since else None
        position = dict(walk.checkpoint or {})
        first, stage = int(position.get(SET, 0)), int(position.get(STAGE, 0))
        token = str(position[TOKEN]) if TOKEN in position else None
        sets: Sequence[str | None] = self.sets or (None,)
        for number, name in list(enumerate(sets))[first:]:
            selection = {key: value for key, value in (("from", since), ("set", name)) if value}
            for verb in self._verbs[stage:]:
                here = {SET: number, STAGE: self._verbs.index(verb)}
                last = verb == self._verbs[-1]
                after = {SET: number + 1, STAGE: 0} if last else {SET: number, STAGE: here[STAGE] + 1}
                async for page in repository.listing(verb, selection, token):
                    yield RawPage(
                        page.records,
                        {**here, TOKEN: page.token} if page.token else after,
                        page.expected if len(sets) == 1 and verb == self._verbs[0] else None,
                        gone=page.gone,
                    )
                token = None
            stage = 0

    @property
    def _verbs(self) -> tuple[str, ...]:
        if self.by == "identifiers":
            return ("ListIdentifiers",)
        return ("ListRecords", "ListIdentifiers") if self.deletions == "listIdentifiers" else ("ListRecords",)


@dataclass(frozen=True, slots=True)
class _Page:
    """What one answer held: records, headers of deleted ones made records, and the token of the next page."""

    records: Sequence[Any]
    gone: Sequence[Any] = ()
    token: str | None = None
    expected: int | None = None


class _ProtocolError(UpstreamFailure):
    """An `error` element of the protocol."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"OAI-PMH {kind}: {message}" if message else f"OAI-PMH {kind}")
        self.kind = kind


@dataclass(slots=True)
class _Repository:
    """One OAI-PMH server."""

    spec: OaiPmhListing
    upstream: Upstream
    caps: CapGuard
    _granularity: str | None = field(default=None, init=False)

    async def written(self, since: datetime) -> str:
        """An instant less the lookback, as exactly as the server states times (`Identify`)."""
        if self._granularity is None:
            identity = await self._ask({"verb": "Identify"})
            self._granularity = identity.findtext(f"{_OAI}Identify/{_OAI}granularity", "YYYY-MM-DD").strip()
        instant = (since - self.spec.lookback).astimezone(UTC)
        return instant.strftime("%Y-%m-%dT%H:%M:%SZ" if "T" in self._granularity else "%Y-%m-%d")

    async def listing(self, verb: str, selection: Mapping[str, str], token: str | None) -> AsyncIterator[_Page]:
        """The pages of one listing from a token on; an expired token starts it again, a few times."""
        restarts = 0
        while True:
            repetition = RepetitionGuard()
            try:
                while True:
                    repetition.step(Step({"verb": verb, "token": token or ""}))
                    page = await self._page(verb, selection, token)
                    repetition.page([*page.records, *page.gone])
                    yield page
                    if page.token is None:
                        return
                    token = page.token
            except _ProtocolError as error:
                # a token whose records are gone is as good as expired; to end here would be to lose what follows
                if error.kind not in ("badResumptionToken", "noRecordsMatch") or token is None:
                    raise
                restarts += 1
                if restarts > RESTARTS:
                    raise PagingError(f"tokens expire before the listing ends ({RESTARTS} restarts): {error}") from None
                token = None

    async def _page(self, verb: str, selection: Mapping[str, str], token: str | None) -> _Page:
        asked = {"resumptionToken": token} if token else {"metadataPrefix": self.spec.prefix, **selection}
        try:
            answer = await self._ask({"verb": verb, **asked})
        except _ProtocolError as error:
            if error.kind == "noRecordsMatch" and token is None:
                return _Page(())
            if error.kind == "cannotDisseminateFormat":
                raise UpstreamFailure(f"{error}; the server offers {await self._formats()}") from None
            raise
        listed = answer.find(f"{_OAI}{verb}")
        if listed is None:
            raise Malformed(f"the answer to {verb} holds no {verb} element: it is no OAI-PMH answer")
        mark = listed.find(f"{_OAI}resumptionToken")
        size = mark.get("completeListSize", "") if mark is not None else ""
        following = (mark.text or "").strip() or None if mark is not None else None
        expected = whole_number(size)
        if verb == "ListRecords":
            return _Page(listed.findall(f"{_OAI}record"), (), following, expected)
        headers = listed.findall(f"{_OAI}header")
        gone = [_as_record(header) for header in headers if header.get("status") == "deleted"]
        records = await self._fetched(headers) if self.spec.by == "identifiers" else ()
        return _Page(records, gone, following, expected)

    async def _fetched(self, headers: Sequence[Any]) -> list[Any]:
        """The records of headers, in their order; one that vanished meanwhile is left out."""
        names = [header.findtext(f"{_OAI}identifier", "").strip() for header in headers if not header.get("status")]
        found = await together(self._record(name) for name in names)
        return [record for record in found if record is not None]

    async def _record(self, identifier: str) -> Any:
        try:
            asked = {"verb": "GetRecord", "identifier": identifier, "metadataPrefix": self.spec.prefix}
            return (await self._ask(asked)).find(f"{_OAI}GetRecord/{_OAI}record")
        except _ProtocolError as error:
            if error.kind in ("idDoesNotExist", "cannotDisseminateFormat"):
                return None
            raise

    async def _formats(self) -> str:
        try:
            answer = await self._ask({"verb": "ListMetadataFormats"})
        except ConnectorError:
            return "no list of formats"
        return ", ".join(element.text or "" for element in answer.iter(f"{_OAI}metadataPrefix")) or "none"

    async def _ask(self, parameters: Mapping[str, str]) -> Any:
        if parameters["verb"] != "GetRecord":  # of those there are as many as identifiers on a page
            self.caps.before_request()
        url = with_query(self.upstream.origin + self.spec.path, parameters)
        request = Request("GET", url, {"accept": XML.accept}, timeout=self.upstream.timeout)
        response, answer = await self.upstream.exchange.ask(request, XML)
        self.caps.after_answer(len(response.body))
        wrong = answer.find(f"{_OAI}error")
        if wrong is not None:
            raise _ProtocolError(wrong.get("code", "error"), (wrong.text or "").strip()[:200])
        return answer


def _as_record(header: Any) -> Any:
    record = etree.Element(f"{_OAI}record", nsmap={None: NAMESPACE})
    record.append(header)
    return record
