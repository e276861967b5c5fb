"""The `graphql` protocol: any document, Relay connections or numbered pages, errors beside data."""

import itertools
import re
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Annotated, Any, Literal, Self

import orjson
from graphql import DocumentNode, GraphQLSyntaxError, OperationDefinitionNode, OperationType, parse
from pydantic import AfterValidator, Field, JsonValue, model_validator

from connectors.errors import Malformed, UpstreamFailure
from connectors.extraction import JMESPATH, JmesPath, compile_expression
from connectors.paging import Answer, PagingSpec, Step
from connectors.paging.cursors import CursorPaging
from connectors.paging.model import NoPaging, PageSize
from connectors.paging.steps import Pager
from connectors.protocols.failures import Failure, Outcome
from connectors.protocols.guards import CapGuard, RepetitionGuard
from connectors.protocols.listing import Broken, Listing, RawPage, Upstream, Walk
from connectors.protocols.readers import JSON
from connectors.protocols.requests import UrlPath, merged
from connectors.transport import Request
from connectors.transport.header_names import HeaderName
from schema.findings import Finding

END: Mapping[str, int] = {"end": 1}
"""The checkpoint after the last page."""
_PLAIN = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_REFUSED = ("UNAUTHENTICATED", "UNAUTHORIZED", "TOKEN_EXPIRED")
_THROTTLED = ("THROTTLED", "RATE_LIMITED", "TOO_MANY_REQUESTS")


def _parsed(text: str) -> DocumentNode:
    try:
        return parse(text, no_location=True)
    except GraphQLSyntaxError as error:
        where = "".join(f" (line {place.line}, column {place.column} of the query)" for place in error.locations or ())
        raise ValueError(f"{error.message}{where}") from None


def _valid_query(text: str) -> str:
    operations = [one for one in _parsed(text).definitions if isinstance(one, OperationDefinitionNode)]
    if any(one.operation is not OperationType.QUERY for one in operations):
        raise ValueError("a listing only reads: mutations and subscriptions are not sent")
    if len(operations) != 1:
        raise ValueError(f"one query is needed, here are {len(operations)}")
    return text


class GraphQlListing(Listing):
    """Sends one query again and again, with the variables of paging in it.

    `connection` is the path below `data` to a Relay connection, whose `after` and `first` variables and `pageInfo` are
    then known; otherwise `paging` sets variables and `records` finds the list. A record that an entry of `errors` lies
    in is refused by itself, so that half of it never replaces what was known, unless the error lies in a field that
    `mayFail` names, such as `playCount` or `statistics.views`.
    """

    protocol: Literal["graphql"]
    path: UrlPath = "/graphql"
    query: Annotated[str, Field(max_length=50_000), AfterValidator(_valid_query)]
    variables: dict[str, JsonValue] = Field(default_factory=dict)
    headers: dict[HeaderName, str] = Field(default_factory=dict)
    connection: Annotated[str, Field(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")] | None = None
    size: PageSize = 100
    paging: PagingSpec = NoPaging(kind="none")
    records: JmesPath | None = None
    may_fail: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.connection is not None and not isinstance(self.paging, NoPaging):
            raise ValueError("a connection pages by itself; leave paging out")
        if self.connection is None and self.records is None:
            raise ValueError("say where the records are: connection (the path of a Relay connection) or records")
        declared = self._declared()
        paged = [getattr(self.paging, key, None) for key in ("parameter", "size_parameter")]
        needed = [*self.variables, *(("first", "after") if self.connection else ()), *filter(None, paged)]
        for name in (one.partition(".")[0] for one in needed):
            if name not in declared:
                raise ValueError(f"the query declares no variable ${name}; it declares {_listed(declared)}")
        return self

    @property
    def known_failures(self) -> Sequence[Failure]:
        """The codes that servers agree on, where there is no data."""
        message = "errors[0].message"
        rows = ((_REFUSED, Outcome.REFRESH_CREDENTIAL), (_THROTTLED, Outcome.THROTTLE))
        said = Failure(status=("400", "422"), body="errors[0].message", outcome=Outcome.STOP, message=message)
        coded = [
            Failure(
                body=f"!data && contains(`{orjson.dumps(codes).decode()}`, errors[0].extensions.code || '')",
                outcome=outcome,
                message=message,
            )
            for codes, outcome in rows
        ]
        return [*coded, said]

    async def pages(self, upstream: Upstream, walk: Walk) -> AsyncGenerator[RawPage, None]:
        """Yield pages until the pager has no more; raises `ConnectorError`."""
        pager, caps, repetition = self._pager(walk.size), CapGuard(self.paging), RepetitionGuard()
        # map, because a projection leaves out null nodes and moves the others away from the numbers of their errors
        path = self.records or f"data.{self.connection}.not_null(nodes, edges && map(&node, edges))"
        find = compile_expression(path)
        step: Step | None = None if walk.checkpoint == END else pager.start(walk.checkpoint or None)
        while step is not None:
            caps.before_request()
            repetition.step(step)
            response, body = await upstream.exchange.ask(self._request(upstream, walk, step), JSON)
            caps.after_answer(len(response.body))
            records = find(body)
            lists = self._record_lists()
            _refuse_errors(body, lists, len(records) if isinstance(records, list) else 0)
            if not isinstance(records, list):
                raise Malformed(f"the answer holds no list at {path!r}")
            repetition.page(records)
            answer = Answer(body, response.headers, response.url, len(records))
            following = pager.after(step, answer)
            kept, broken = _divided(records, body, self.may_fail)
            position, size = following.position if following else END, len(response.body)
            yield RawPage(kept, position, pager.expected(answer), broken=broken, last=following is None, size=size)
            step = following

    def _record_lists(self) -> tuple[str, ...]:
        """Where below `data` errors find the list of records; nowhere known if `records` is no plain path."""
        if self.connection is not None:
            return (f"{self.connection}.nodes", f"{self.connection}.edges")
        path = (self.records or "").removeprefix("data.")
        return (path,) if _PLAIN.fullmatch(path) else ()

    def _declared(self) -> set[str]:
        return {
            variable.variable.name.value
            for one in _parsed(self.query).definitions
            if isinstance(one, OperationDefinitionNode)
            for variable in one.variable_definitions or ()
        }

    def _pager(self, wanted: int | None) -> Pager:
        if self.connection is None:
            return self.paging.at_most(wanted).between(None, None)
        at = f"data.{self.connection}"
        cursor = CursorPaging(
            kind="cursor",
            parameter="after",
            next=f"{at}.pageInfo.endCursor",
            more=f"{at}.pageInfo.hasNextPage",
            size_parameter="first",
            size=self.size,
            total=f"{at}.totalCount",
        )
        return cursor.at_most(wanted).pager()

    def _request(self, upstream: Upstream, walk: Walk, step: Step) -> Request:
        variables = merged(self.variables, {**walk.parameters, **step.parameters})
        body = orjson.dumps({"query": self.query, "variables": variables})
        headers = {"accept": JSON.accept, "content-type": "application/json"}
        own = {name.lower(): value for name, value in self.headers.items()}
        return Request("POST", upstream.origin + self.path, {**headers, **own}, body, timeout=upstream.timeout)


def _listed(names: set[str]) -> str:
    return ", ".join(f"${name}" for name in sorted(names)) or "none"


def _errors(body: Any) -> list[dict[str, Any]]:
    errors = body.get("errors") if isinstance(body, dict) else None
    return [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []


def _words(error: Mapping[str, Any]) -> str:
    extensions = error.get("extensions")
    code = extensions.get("code") if isinstance(extensions, dict) else None
    return f"{code}: {error.get('message')}" if code else str(error.get("message"))


def _refuse_errors(body: Any, lists: Sequence[str], count: int) -> None:
    """Errors that no record can be blamed for are the whole answer's."""
    if not isinstance(body, dict):
        raise Malformed("the answer is no GraphQL answer: it is not an object")
    errors = _errors(body)
    if body.get("data") is None:
        raise UpstreamFailure(
            f"GraphQL {_words(errors[0])}" if errors else "the GraphQL answer has neither data nor errors"
        )
    for error in errors:
        index = _index(error)
        if index is None or not 0 <= index < count or (lists and _before_index(error) not in lists):
            raise UpstreamFailure(f"GraphQL {_words(error)} (at {error.get('path')})")


def _index(error: Mapping[str, Any]) -> int | None:
    """The position of the record that an error lies in: the first number of its path."""
    path = error.get("path")
    numbers = [part for part in path if isinstance(part, int)] if isinstance(path, list) else []
    return numbers[0] if numbers else None


def _before_index(error: Mapping[str, Any]) -> str:
    """The names of the path of an error that lies in a list, up to its number."""
    return ".".join(str(part) for part in itertools.takewhile(lambda part: not isinstance(part, int), error["path"]))


def _spared(error: Mapping[str, Any], index: int, may_fail: Sequence[str]) -> bool:
    """Whether the error lies in a field of the record that may be absent."""
    inside = error["path"][error["path"].index(index) + 1 :]
    names = [part for part in inside if isinstance(part, str)]
    field = ".".join(names[1:] if names[:1] == ["node"] else names)
    return any(field == allowed or field.startswith(f"{allowed}.") for allowed in may_fail)


def _divided(records: Sequence[Any], body: Any, may_fail: Sequence[str]) -> tuple[list[Any], list[Broken]]:
    """Whole records, and those that errors lie in."""
    wrong: dict[int, list[str]] = defaultdict(list)
    for error in _errors(body):
        index = _index(error)
        if index is not None and not _spared(error, index, may_fail):
            wrong[index].append(f"{_words(error)} at {'.'.join(map(str, error['path']))}")
    whole = [record for index, record in enumerate(records) if index not in wrong and record is not None]
    return whole, [_refused(records[index], words) for index, words in sorted(wrong.items())]


def _refused(record: Any, words: Sequence[str]) -> Broken:
    finding = Finding("graphql.error", f"the platform says: {'; '.join(words)}")
    return Broken(JMESPATH.text(record), finding, record)
