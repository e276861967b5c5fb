"""More about every record: a second request for its details, and collections joined by key."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from connectors.errors import Malformed, PagingError, UpstreamFailure
from connectors.extraction import JMESPATH, JmesPath, compile_expression, truthy
from connectors.paging import PagingSpec, Step
from connectors.paging.model import NoPaging
from connectors.protocols.exchange import NotFound, together
from connectors.protocols.listing import Broken, RawPage, Upstream, Walk
from connectors.protocols.requests import RequestSpec
from connectors.protocols.rest import RestListing, one_or_many
from connectors.templates import compile_template
from schema.findings import Finding
from schema.records import Record

MOST_JOINED = 200_000
"""Records of a joined collection that may be kept while a listing runs."""
MOST_JOINED_TO_ONE = 1_000
"""Entries of a joined collection that may stand in one record."""


class BatchSpec(Record):
    """Details of several records at once: their ids, joined, go into `parameter`; `key` finds each in the answer."""

    size: Annotated[int, Field(ge=1, le=1_000)] = 50
    ids: JmesPath
    parameter: str
    joiner: Annotated[str, Field(min_length=1)] = ","
    key: JmesPath


class DetailSpec(Record):
    """A second request for every record, whose answer stands in the record under `into`.

    Names in braces in the request's path and query are filled from the record: `/lessons/{id}`. `records` finds the
    detail in the answer. Where `missing` is `keep`, a record whose detail is not found (404) is mapped without it.
    """

    request: RequestSpec
    records: JmesPath = "@"
    into: Annotated[str, Field(pattern=r"^[A-Za-z_]\w*$")] = "detail"
    when: JmesPath | None = None
    batch: BatchSpec | None = None
    missing: Literal["reject", "keep"] = "reject"

    @model_validator(mode="after")
    def _names_the_record(self) -> Self:
        if self.batch is None and not _templates(self.request):
            raise ValueError("the request must name the record (path: /lessons/{id}) or say how to ask in a batch")
        return self


class JoinSpec(Record):
    """A collection that is read once and joined: what `key` finds in it equals what `on` finds in the record.

    Where `on` gives a list, or `many` is true, a list of the joined entries stands in the record.
    """

    request: Annotated[tuple[RequestSpec, ...], BeforeValidator(one_or_many), Field(min_length=1, max_length=100)]
    paging: PagingSpec = NoPaging(kind="none")
    records: JmesPath = "@"
    key: JmesPath
    on: JmesPath
    many: bool = False


def _templates(request: RequestSpec) -> list[str]:
    """The texts of a request that are filled from the record."""
    texts = [request.path, *(value for value in request.query.values() if isinstance(value, str))]
    return [text for text in texts if "{" in text]


class Enrichment:
    """Adds joined collections and details to the records of one walk."""

    def __init__(
        self, detail: DetailSpec | None, joins: Mapping[str, JoinSpec], upstream: Upstream, deleted: Sequence[str] = ()
    ) -> None:
        self._details = _Details(detail, upstream, deleted) if detail else None
        self._joins = [_Join(name, spec, upstream) for name, spec in joins.items()]

    async def complete(self, page: RawPage) -> RawPage:
        """The page with what belongs to its records; a record whose detail is refused is broken.

        Raises `ConnectorError`, also when every detail of a page is refused: then it is not the records' fault.
        """
        if self._details is None and not self._joins:
            return page
        full = [dict(record) if isinstance(record, dict) else record for record in page.records]
        objects = [record for record in full if isinstance(record, dict)]
        for join in self._joins:
            await join.add(objects)
        refused = await self._details.add(objects) if self._details else {}
        kept = [record for record in full if id(record) not in refused]
        broken = [_without_detail(record, refused[id(record)]) for record in full if id(record) in refused]
        return replace(page, records=kept, broken=(*page.broken, *broken), size=None)


class _Details:
    """Asks for the details of records, one by one or in batches; the platform's limits say how many at once."""

    def __init__(self, spec: DetailSpec, upstream: Upstream, deleted: Sequence[str]) -> None:
        self._spec, self._upstream = spec, upstream
        self._deleted = [compile_expression(path) for path in deleted]
        self._found = compile_expression(spec.records)
        self._when = compile_expression(spec.when) if spec.when else None
        self._path = _filled(spec.request.path, encode=True)
        self._query = {
            name: _filled(value, encode=False) if isinstance(value, str) else _same(value)
            for name, value in spec.request.query.items()
        }

    async def add(self, records: Sequence[dict[str, Any]]) -> dict[int, str]:
        """Put the details into the records they belong to; why it is refused, by the identity of a record."""
        wanted = [record for record in records if self._wants(record)]
        if self._spec.batch is None:
            reasons = await together(self._one(record) for record in wanted)
        else:
            size = self._spec.batch.size
            batches = [wanted[start : start + size] for start in range(0, len(wanted), size)]
            reasons = [reason for batch in batches for reason in await self._batch(self._spec.batch, batch)]
        refused = {id(record): why for record, why in zip(wanted, reasons, strict=True) if why is not None}
        if refused and len(refused) == len(wanted) > 1:
            raise UpstreamFailure(f"no detail of {len(wanted)} records can be had: {next(iter(refused.values()))}")
        return refused

    def _wants(self, record: dict[str, Any]) -> bool:
        """Whether to ask for a detail; nobody has one of what is deleted."""
        if any(truthy(deleted(record)) for deleted in self._deleted):
            return False
        return self._when is None or truthy(self._when(record))

    def _missing(self, why: str) -> str | None:
        return why if self._spec.missing == "reject" else None

    async def _one(self, record: dict[str, Any]) -> str | None:
        """Ask for one detail; why it is refused."""
        path, query = self._path(record), {name: value(record) for name, value in self._query.items()}
        if path is None or None in query.values():
            return self._missing("the record lacks what its request is filled from")
        request = self._spec.request.model_copy(update={"path": path, "query": query})
        try:
            record[self._spec.into] = self._found(await self._ask(request, {}))
        except NotFound as error:
            return self._missing(str(error))
        except UpstreamFailure as error:
            return str(error)
        return None

    async def _batch(self, batch: BatchSpec, records: Sequence[dict[str, Any]]) -> list[str | None]:
        identify, key = compile_expression(batch.ids), compile_expression(batch.key)
        ids = [_key(identify(record)) for record in records]
        asked = batch.joiner.join(name for name in ids if name is not None)
        found = self._found(await self._ask(self._spec.request, {batch.parameter: asked})) if asked else []
        if not isinstance(found, list):
            raise Malformed(f"the answer holds no list of details at {self._spec.records!r} (detail.records)")
        details = {name: one for one in found if (name := _key(key(one))) is not None}
        reasons: list[str | None] = []
        for record, name in zip(records, ids, strict=True):
            if name in details:
                record[self._spec.into] = details[name]
                reasons.append(None)
            else:
                reasons.append(self._missing(f"the answer holds no detail of {name}" if name else "it has no id"))
        return reasons

    async def _ask(self, spec: RequestSpec, parameters: Mapping[str, str]) -> Any:
        upstream = self._upstream
        request = spec.request(upstream.origin, Step(parameters), {}, upstream.timeout)
        return (await upstream.exchange.ask(request))[1]


class _Join:
    """A collection that is read when the first record wants it."""

    def __init__(self, name: str, spec: JoinSpec, upstream: Upstream) -> None:
        self._name, self._spec, self._upstream = name, spec, upstream
        self._on, self._key = compile_expression(spec.on), compile_expression(spec.key)
        self._entries: dict[str | None, list[Any]] | None = None

    async def add(self, records: Sequence[dict[str, Any]]) -> None:
        """Put the entries into the records they belong to, each once; raises `PagingError` for too many in one."""
        if self._entries is None:
            self._entries = await self._read()
        for record in records:
            wanted = self._on(record)
            keys = wanted if isinstance(wanted, list) else [wanted]
            lists = [self._entries.get(key, []) for key in dict.fromkeys(map(_key, keys))]
            if not self._spec.many and not isinstance(wanted, list):
                record[self._name] = next(iter(lists[0]), None)
                continue
            if sum(map(len, lists)) > MOST_JOINED_TO_ONE:
                raise PagingError(f"the join {self._name!r} finds over {MOST_JOINED_TO_ONE:,} entries for one record")
            record[self._name] = [entry for entries in lists for entry in entries]

    async def _read(self) -> dict[str | None, list[Any]]:
        spec = self._spec
        listing = RestListing(protocol="rest", request=spec.request, paging=spec.paging, records=spec.records)
        entries: dict[str | None, list[Any]] = defaultdict(list)
        count = 0
        async for page in listing.pages(self._upstream, Walk()):
            for entry in page.records:
                entries[_key(self._key(entry))].append(entry)
            count += len(page.records)
            if count > MOST_JOINED:
                raise PagingError(f"the joined collection {self._name!r} holds more than {MOST_JOINED} entries")
        entries.pop(None, None)
        return dict(entries)


def _key(value: Any) -> str | None:
    """What records are found by: text, a number as text; None for everything else."""
    return str(value) if type(value) in (str, int, float) and value != "" else None


def _without_detail(record: Any, why: str) -> Broken:
    return Broken(JMESPATH.text(record), Finding("record.detailMissing", f"its detail cannot be had: {why}"), record)


def _filled(text: str, *, encode: bool) -> Callable[[Any], str | None]:
    return compile_template(text, encode=encode) if "{" in text else _same(text)


def _same(value: Any) -> Callable[[Any], Any]:
    return lambda _record: value
