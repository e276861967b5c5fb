"""The tests inside a manifest, run against the answers recorded in them: no network, no platform."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import orjson

from connectors.context import ConnectorContext
from connectors.errors import ConnectorError, Unreachable
from connectors.manifest import ManifestConnector
from connectors.manifest.recorded import ManifestTest, RecordedExchange, RecordedRequest
from connectors.manifest.report import Report
from connectors.records import HarvestPage, HarvestRequest, UsageRequest
from connectors.transport import Request, Response
from connectors.transport.urls import query_pairs
from schema.findings import Severity

SECONDS = 30.0


async def run_tests(connector: ManifestConnector, names: Iterable[str], report: Report) -> None:
    """Run every test of the connector's manifest; what comes out otherwise is reported. `names` are of its secrets.

    Recorded failures are waited for as live ones are; all the tests together may take `SECONDS`.
    """
    demo = {name: f"demo-{name}" for name in names}
    began = monotonic()
    for index, test in enumerate(connector.document.tests):
        try:
            async with asyncio.timeout(SECONDS - (monotonic() - began)):
                await _run(connector, test, demo | test.secrets, f"/tests/{index}", report)
        except TimeoutError:
            message = f"{test.name}: the tests take longer than {SECONDS:g} seconds; this one was broken off"
            report.add("test.error", message, f"/tests/{index}")
            return


async def _run(
    connector: ManifestConnector, test: ManifestTest, secrets: Mapping[str, str], pointer: str, report: Report
) -> None:
    replay = Replay(test.exchanges, pointer, report, open_ended=test.expect.error == Unreachable.code)
    now = test.now or datetime.now(UTC)
    context = ConnectorContext(connector.platform.code, replay, secrets, now=lambda: now)
    pages: list[HarvestPage[Any]] = []
    error = None
    try:
        async with aclosing(_pages(connector, test, context)) as reading:
            async for page in reading:
                pages.append(page)  # noqa: PERF401  # what came before an error counts
    except ConnectorError as failure:
        error = failure
    if error is not None and test.expect.error != error.code:
        message = f"{test.name}: the reading ended with {error.code}: {error}"
        report.add("test.error", message, f"{pointer}/expect", expected=test.expect.error, found=error.code)
    elif error is None and test.expect.error is not None:
        message = f"{test.name}: the reading ended well"
        report.add("test.error", message, f"{pointer}/expect/error", expected=test.expect.error)
    replay.finish(test.name)
    _compare(test, pages, f"{pointer}/expect", report)


async def _pages(connector: ManifestConnector, test: ManifestTest, context: ConnectorContext) -> Any:
    listing: AsyncIterator[HarvestPage[Any]]
    if test.section == "usage" and test.days is not None:
        listing = connector.usage(context, UsageRequest(*test.days))
    elif test.section == "training":
        listing = connector.training(context, HarvestRequest(since=test.since))
    else:
        listing = connector.harvest(context, HarvestRequest(since=test.since))
    async for page in listing:
        yield page


class Replay:
    """A transport that answers from a recording, in its order, and compares what it is asked.

    A recording that is `open_ended` stops before its listing does, so a request after the last one is no surprise.
    """

    def __init__(
        self, exchanges: tuple[RecordedExchange, ...], pointer: str, report: Report, *, open_ended: bool = False
    ) -> None:
        self._exchanges, self._pointer, self._report = exchanges, pointer, report
        self._open_ended = open_ended
        self._asked = 0

    async def send(self, request: Request) -> Response:
        """The next recorded answer; `Unreachable` when there is none left."""
        await asyncio.sleep(0)
        if self._asked >= len(self._exchanges):
            if not self._open_ended:
                message = f"a request that is not recorded: {request.method} {request.url}"
                self._report.add("test.request", message, f"{self._pointer}/exchanges", found=request.url)
            raise Unreachable("the recording has no answer left")
        exchange = self._exchanges[self._asked]
        pointer = f"{self._pointer}/exchanges/{self._asked}/request"
        self._asked += 1
        if exchange.request is not None:
            self._check(exchange.request, request, pointer)
        headers = {name.lower(): value for name, value in exchange.response.headers.items()}
        return Response(exchange.response.status, headers, exchange.response.body(), request.url)

    async def aclose(self) -> None:
        """Nothing is open."""

    def finish(self, name: str) -> None:
        """Report what was recorded and never asked for."""
        if self._asked < len(self._exchanges):
            message = f"{name}: only {self._asked} of {len(self._exchanges)} recorded requests were sent"
            self._report.add("test.request", message, f"{self._pointer}/exchanges/{self._asked}")

    def _check(self, expected: RecordedRequest, found: Request, pointer: str) -> None:
        parts = urlsplit(found.url)
        self._differ("method", expected.method, found.method, f"{pointer}/method")
        self._differ("path", expected.path, parts.path, f"{pointer}/path")
        self._part("query", expected.query, dict(query_pairs(found.url)), pointer)
        lower = {name.lower(): value for name, value in expected.headers.items()}
        self._part("headers", lower, {name.lower(): value for name, value in found.headers.items()}, pointer)
        if expected.json_body is not None:
            body = _json(found.body)
            if not contains(body, expected.json_body):
                self._differ("json", _text(expected.json_body), _text(body), f"{pointer}/json")

    def _part(self, what: str, expected: Mapping[str, str], found: Mapping[str, str], pointer: str) -> None:
        for name, value in expected.items():
            if found.get(name) != value:
                self._differ(f"{what} {name}", value, found.get(name, "nothing"), f"{pointer}/{what}")

    def _differ(self, what: str, expected: str, found: str, pointer: str) -> None:
        if expected != found:
            message = f"the {what} of the request comes out otherwise"
            self._report.add("test.request", message, pointer, expected=expected, found=found)


def _compare(test: ManifestTest, pages: list[HarvestPage[Any]], pointer: str, report: Report) -> None:
    expect = test.expect
    accepted = [orjson.loads(one.record.to_json()) for page in pages for one in page.accepted]
    rejected = [one for page in pages for one in page.rejected]
    for index, fields in enumerate(expect.records or ()):
        found = accepted[index] if index < len(accepted) else None
        for field, value in fields.items():
            if found is None or not contains(found.get(field), value):
                message = f"{test.name}: {field} of record {index + 1} comes out otherwise"
                shown = "no such record" if found is None else _text(found.get(field))
                report.add(
                    "test.record", message, f"{pointer}/records/{index}/{field}", expected=_text(value), found=shown
                )
    _counts(test, len(accepted), len(rejected), pointer, report)
    deleted = sorted(native_id for page in pages for native_id in page.deleted)
    if expect.deleted is not None and deleted != sorted(expect.deleted):
        message = f"{test.name}: other records are deleted"
        report.add(
            "test.record", message, f"{pointer}/deleted", expected=_text(sorted(expect.deleted)), found=_text(deleted)
        )
    unmapped = sorted({f"{u.field}: {u.value}" for page in pages for one in page.accepted for u in one.unmapped})
    if expect.unmapped is not None and unmapped != sorted(expect.unmapped):
        message = f"{test.name}: other values are unmapped"
        report.add(
            "test.record",
            message,
            f"{pointer}/unmapped",
            expected=_text(sorted(expect.unmapped)),
            found=_text(unmapped),
        )
    for one in rejected if expect.rejected is None and expect.records is not None else ():
        report.add(
            "test.rejected",
            f"{test.name}: {one.native_id or 'a record'} is rejected: {one.findings[0].message}",
            pointer,
            severity=Severity.WARNING,
        )


def _counts(test: ManifestTest, accepted: int, rejected: int, pointer: str, report: Report) -> None:
    wanted = {"accepted": (test.expect.accepted, accepted), "rejected": (test.expect.rejected, rejected)}
    for what, (number, found) in wanted.items():
        if number is not None and number != found:
            message = f"{test.name}: {found} records are {what}, not {number}"
            report.add("test.record", message, f"{pointer}/{what}", expected=str(number), found=str(found))


def contains(found: Any, expected: Any) -> bool:
    """Whether a value holds what is expected of it: objects the keys that are named, lists all entries in order."""
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(contains(found.get(key), value) for key, value in expected.items())
    if isinstance(expected, list):
        return (
            isinstance(found, list)
            and len(found) == len(expected)
            and all(contains(one, other) for one, other in zip(found, expected, strict=True))
        )
    if isinstance(found, str) and type(expected) in (int, float):
        return _as_number(found) == Decimal(str(expected))
    return bool(found == expected)


def _as_number(text: str) -> Decimal | None:
    """Exact numbers of records are text in their JSON."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode("utf-8", "replace")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
