"""Exports over HTTP: signed links become files that exist only while they are sent."""

import asyncio
import os
import time
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.errors import GatewayError, InvalidInput, NotReady
from gateway.statistics.links import Links
from gateway.statistics.questions import ReportDimension, ReportQuestion, UsageFilter
from gateway.statistics.reports import ExportFormat
from gateway.web import Exports, export_routes
from gateway.web.exports import MEDIA_TYPES, MOST_OF_ONE, MOST_SENT, ExportEndpoint
from tests.gateway.web.client import client_of, code_of
from tests.gateway.web.streaming.served import listening, reached
from tests.services.availability import free_port

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
LINKS = Links(b"k" * 32, 600, lambda: NOON)
VIEWS = ReportQuestion(
    ("views",),
    UsageFilter(first=date(2026, 1, 1), last=date(2026, 6, 30)),
    (ReportDimension.PROVINCE,),
)
BODY = bytes(range(256)) * 4_000


@dataclass
class Reports:
    """Writes the same bytes for every question, when `released` allows it, or raises."""

    error: Exception | None = None
    released: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Queue[None] = field(default_factory=asyncio.Queue)
    asked: list[tuple[ReportQuestion, ExportFormat]] = field(default_factory=list)
    body: bytes = BODY

    async def export(self, question: ReportQuestion, file_format: ExportFormat, folder: Path) -> Path:
        self.asked.append((question, file_format))
        path = folder / "report"
        path.write_bytes(self.body)
        self.begun.put_nowait(None)
        await self.released.wait()
        if self.error is not None:
            raise self.error
        return path


def ready(error: Exception | None = None) -> Reports:
    reports = Reports(error)
    reports.released.set()
    return reports


def finder(reports: Reports, folder: Path, links: Links = LINKS) -> Callable[[Request], Exports]:
    return lambda _request: Exports(links, reports, folder)


def application(reports: Reports, folder: Path, links: Links = LINKS) -> Starlette:
    return Starlette(routes=export_routes(finder(reports, folder, links)))


def left_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def ask(app: Starlette, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    async with client_of(app) as client:
        return await client.request(method, path, headers=headers)


@pytest.mark.parametrize("file_format", ExportFormat)
async def test_a_link_is_answered_with_its_file_and_nothing_stays(tmp_path: Path, file_format: ExportFormat) -> None:
    reports = ready()
    response = await ask(application(reports, tmp_path / "exports"), LINKS.path(VIEWS, file_format))
    assert (response.status_code, response.content) == (200, BODY)
    assert reports.asked == [(VIEWS, file_format)]
    headers = dict(response.headers)
    assert len(headers.pop("x-request-id")) == 32
    name = f"usage-views-by-province-2026-01-01-2026-06-30.{file_format.lower()}"
    assert headers == {
        "content-type": MEDIA_TYPES[file_format],
        "content-disposition": f'attachment; filename="{name}"',
        "content-length": str(len(BODY)),
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
    }
    assert left_in(tmp_path / "exports") == []


async def test_head_says_what_a_get_would_be_without_writing_it(tmp_path: Path) -> None:
    reports = ready()
    response = await ask(application(reports, tmp_path), LINKS.path(VIEWS, ExportFormat.CSV), "HEAD")
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-type"] == MEDIA_TYPES[ExportFormat.CSV]
    assert "usage-views" in response.headers["content-disposition"]
    assert (reports.asked, left_in(tmp_path)) == ([], [])


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_changed_link_is_forbidden_and_asks_nothing(tmp_path: Path, method: str) -> None:
    reports = ready()
    path = LINKS.path(VIEWS, ExportFormat.CSV)
    for changed in (path[:-1] + ("A" if path[-1] != "A" else "B"), path.replace(".csv", ".xlsx"), "/exports/usage.csv"):
        response = await ask(application(reports, tmp_path), changed, method)
        assert response.status_code == 403
        if method == "GET":
            assert code_of(response) == "LINK_INVALID"
    assert (reports.asked, left_in(tmp_path)) == ([], [])


async def test_an_old_link_is_gone_and_asks_nothing(tmp_path: Path) -> None:
    reports = ready()
    later = Links(b"k" * 32, 600, lambda: NOON + timedelta(seconds=601))
    response = await ask(application(reports, tmp_path, later), LINKS.path(VIEWS, ExportFormat.CSV))
    assert (response.status_code, code_of(response)) == (410, "LINK_EXPIRED")
    assert "exportUrl" in response.json()["errors"][0]["message"]
    assert (reports.asked, left_in(tmp_path)) == ([], [])


@pytest.mark.parametrize(
    ("error", "status", "code", "retryable"),
    [
        (InvalidInput("filter.platforms: 'gone' is unknown"), 400, "INVALID_INPUT", False),
        (NotReady("the lake is being made"), 503, "NOT_READY", True),
        (RuntimeError("secret detail"), 500, "INTERNAL", False),
        (OSError(28, "No space left on device"), 500, "INTERNAL", False),
    ],
)
async def test_a_report_that_fails_is_a_coded_error_and_leaves_no_file(
    tmp_path: Path, error: Exception, status: int, code: str, retryable: bool
) -> None:
    response = await ask(application(ready(error), tmp_path), LINKS.path(VIEWS, ExportFormat.CSV))
    assert (response.status_code, code_of(response)) == (status, code)
    assert response.json()["errors"][0]["extensions"]["retryable"] is retryable
    assert isinstance(error, GatewayError) == (str(error) in response.text)
    assert left_in(tmp_path) == []


async def test_a_third_export_waits_and_is_then_sent_away(tmp_path: Path) -> None:
    reports = Reports()
    endpoint = ExportEndpoint(finder(reports, tmp_path), patience=0.05)
    first, second = (asyncio.create_task(endpoint.answer(request(), ExportFormat.CSV)) for _ in range(2))
    for _ in range(2):
        await reports.begun.get()
    third = await endpoint.answer(request(), ExportFormat.CSV)
    assert (third.status_code, third.headers["retry-after"]) == (503, "10")
    assert b"EXPORTS_BUSY" in third.body
    assert b'"retryable":true' in third.body
    assert len(reports.asked) == 2
    reports.released.set()
    assert [(await one).status_code for one in (first, second)] == [200, 200]
    assert (await endpoint.answer(request(), ExportFormat.CSV)).status_code == 200


async def test_a_turn_that_comes_free_in_time_is_taken(tmp_path: Path) -> None:
    reports = Reports()
    endpoint = ExportEndpoint(finder(reports, tmp_path), patience=60)
    waiting = [asyncio.create_task(endpoint.answer(request(), ExportFormat.CSV)) for _ in range(4)]
    for _ in range(2):
        await reports.begun.get()
    reports.released.set()
    assert [(await one).status_code for one in waiting] == [200] * 4


async def test_a_failed_export_gives_its_turn_back(tmp_path: Path) -> None:
    endpoint = ExportEndpoint(finder(ready(InvalidInput("no")), tmp_path), patience=0.05)
    assert [(await endpoint.answer(request(), ExportFormat.CSV)).status_code for _ in range(5)] == [400] * 5


@pytest.mark.parametrize("last_message", ["http.response.start", "http.response.body"])
async def test_a_client_that_goes_away_leaves_no_file(tmp_path: Path, last_message: str) -> None:
    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)
        if message["type"] == last_message:
            assert len(left_in(tmp_path)) == 1
            raise OSError("the connection is gone")

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    with suppress(Exception):  # whatever the server makes of it
        await application(ready(), tmp_path)(scope(), receive, send)
    assert sent[-1]["type"] == last_message
    assert left_in(tmp_path) == []


async def test_one_address_holds_so_many_exports_and_others_still_find_theirs(tmp_path: Path) -> None:
    endpoint = ExportEndpoint(finder(ready(), tmp_path), trusted_proxies=1)
    mine, theirs = request("203.0.113.7"), request("203.0.113.8")
    taken = [await endpoint.answer(mine, ExportFormat.CSV) for _ in range(MOST_OF_ONE)]
    assert [one.status_code for one in taken] == [200] * MOST_OF_ONE
    beyond = await endpoint.answer(mine, ExportFormat.CSV)
    assert (beyond.status_code, beyond.headers["retry-after"]) == (503, "10")
    assert b"EXPORTS_BUSY" in beyond.body
    assert f"{MOST_OF_ONE} exports of your address are being written or sent".encode() in beyond.body
    assert len(left_in(tmp_path)) == MOST_OF_ONE
    assert (await endpoint.answer(theirs, ExportFormat.CSV)).status_code == 200
    await taken[0](scope(), silent, swallow)
    assert (await endpoint.answer(mine, ExportFormat.CSV)).status_code == 200


async def test_so_many_exports_are_sent_at_one_time_whoever_takes_them(tmp_path: Path) -> None:
    endpoint = ExportEndpoint(finder(ready(), tmp_path), trusted_proxies=1)
    for number in range(MOST_SENT):
        assert (await endpoint.answer(request(f"203.0.113.{number}"), ExportFormat.CSV)).status_code == 200
    beyond = await endpoint.answer(request("203.0.113.200"), ExportFormat.CSV)
    assert (beyond.status_code, len(left_in(tmp_path))) == (503, MOST_SENT)
    assert f"{MOST_SENT} exports are being written or sent".encode() in beyond.body


@pytest.mark.parametrize("server", ["uvicorn", "granian"])
async def test_a_client_that_takes_nothing_is_given_up_and_its_place_is_free(tmp_path: Path, server: str) -> None:
    reports, large = ready(), tmp_path / "large"
    reports.body = bytes(64 * 2**20)
    endpoint = ExportEndpoint(finder(reports, large), send_seconds=0.3)

    async def answer(asked: Request) -> Response:
        return await endpoint.answer(asked, ExportFormat.CSV)

    port = free_port()
    async with listening(Starlette(routes=[Route("/exports/usage.csv", answer)]), port, server):
        _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1_024)
        path = LINKS.path(VIEWS, ExportFormat.CSV)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: gateway\r\n\r\n".encode())
        await asyncio.wait_for(reports.begun.get(), 10)
        assert endpoint.places.taken == 1
        await asyncio.wait_for(endpoint.places.emptied(), 10)
        await reached(lambda: -len(left_in(large)), 0)
        writer.close()


async def test_what_a_killed_process_left_behind_goes_and_what_others_write_stays(tmp_path: Path) -> None:
    for name, age in (("old", 7_200), ("new", 60)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "report").write_bytes(BODY)
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    assert (await ask(application(ready(), tmp_path), LINKS.path(VIEWS, ExportFormat.CSV))).status_code == 200
    assert left_in(tmp_path) == ["new"]


async def test_a_file_of_many_measures_over_all_days_has_a_short_name(tmp_path: Path) -> None:
    question = ReportQuestion(tuple(f"measure{number}" for number in range(20)), group_by=())
    response = await ask(application(ready(), tmp_path), LINKS.path(question, ExportFormat.PARQUET))
    assert response.headers["content-disposition"] == 'attachment; filename="usage-20-measures.parquet"'


async def test_other_methods_and_formats_are_not_there(tmp_path: Path) -> None:
    path = LINKS.path(VIEWS, ExportFormat.CSV)
    assert (await ask(application(ready(), tmp_path), path, "POST")).status_code == 405
    assert (await ask(application(ready(), tmp_path), path.replace(".csv", ".pdf"))).status_code == 404


async def silent() -> MutableMapping[str, Any]:
    await asyncio.sleep(3_600)
    raise AssertionError("nobody waits as long")


async def swallow(_message: MutableMapping[str, Any]) -> None:
    """Take whatever is sent."""


def scope(forwarded: str = "") -> dict[str, Any]:
    path, _, query = LINKS.path(VIEWS, ExportFormat.CSV).partition("?")
    return {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1", "method": "GET",
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": query.encode(),
        "headers": [(b"x-forwarded-for", forwarded.encode())] if forwarded else [],
        "server": ("gateway", 80), "client": ("127.0.0.1", 1),
    }  # fmt: skip


def request(forwarded: str = "") -> Request:
    return Request(scope(forwarded))
