"""Reports as files: a signed link is answered with CSV, Parquet or XLSX, which exists only while it is sent."""

import asyncio
import contextlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Message, Receive, Scope, Send

from gateway.statistics.links import Links
from gateway.statistics.questions import ReportQuestion
from gateway.statistics.reports import ExportFormat
from gateway.web.addresses import client_address
from gateway.web.failures import failure_response
from gateway.web.identity import request_id
from gateway.web.streaming.places import Places, busy

BUSY = "EXPORTS_BUSY"
MOST_AT_ONCE = 2
"""Files that are written at the same time; each takes a core for seconds."""
MOST_SENT = 16
"""Files that are written, or stand on the disk while clients, fast or slow, take them."""
MOST_OF_ONE = 4
"""Of them for one address, so that nobody holds all of them."""
SEND_SECONDS = 120.0
"""How long a client may take to receive one piece of a file before it is given up."""
PATIENCE = 5.0
"""Seconds that a further one waits for its turn."""
LEFT_BEHIND = 3_600.0
"""Seconds after which a folder belongs to a process that was killed."""
MEDIA_TYPES: Mapping[ExportFormat, str] = MappingProxyType(
    {
        ExportFormat.CSV: "text/csv; charset=utf-8; header=present",
        ExportFormat.PARQUET: "application/vnd.apache.parquet",
        ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
)
_CHUNK = 256 * 1024


def _places() -> Places:
    return Places(MOST_SENT, MOST_OF_ONE, code=BUSY, what="exports{} are being written or sent")


class ReportFiles(Protocol):
    """Writes reports into files."""

    async def export(self, question: ReportQuestion, file_format: ExportFormat, folder: Path) -> Path:
        """The path of a new file in this folder; raises GatewayError."""
        ...


@dataclass(frozen=True, slots=True)
class Exports:
    """What links are answered with; `folder` is where files stand while they are sent."""

    links: Links
    reports: ReportFiles
    folder: Path


@dataclass(frozen=True, slots=True)
class ExportEndpoint:
    """Answers GET with the file and HEAD with what it would be; `find` gives what is open during a request."""

    find: Callable[[Request], Exports]
    trusted_proxies: int = 0
    patience: float = PATIENCE
    send_seconds: float = SEND_SECONDS
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST_AT_ONCE))
    places: Places = field(default_factory=_places)

    async def answer(self, request: Request, file_format: ExportFormat) -> Response:
        """One link, one file; what goes wrong is a coded JSON error."""
        identifier = request_id(request)
        try:
            exports = self.find(request)
            asked, expires, signature = (request.query_params.get(name, "") for name in ("q", "expires", "signature"))
            question = exports.links.read(file_format, asked, expires, signature)
            headers = {**_headers(question, file_format), "X-Request-Id": identifier}
            if request.method == "HEAD":
                return _head(headers)
            return await self._placed(request, exports, question, file_format, headers)
        except Exception as error:
            return failure_response(error, identifier)

    async def _placed(
        self,
        request: Request,
        exports: Exports,
        question: ReportQuestion,
        file_format: ExportFormat,
        headers: Mapping[str, str],
    ) -> Response:
        """The file, which holds a place of its address from before it is written until it has been sent."""
        address = client_address(request, self.trusted_proxies)
        self.places.take(address)
        try:
            path, size = await self._written(exports, question, file_format)
        except BaseException:
            self.places.free(address)
            raise
        sized = {**headers, "Content-Length": str(size)}
        return _Download(path, sized, self.send_seconds, lambda: self.places.free(address))

    async def _written(self, exports: Exports, question: ReportQuestion, file_format: ExportFormat) -> tuple[Path, int]:
        await self._turn()
        try:
            folder = await asyncio.to_thread(_new_folder, exports.folder)
            try:
                path = await exports.reports.export(question, file_format, folder)
                return path, (await asyncio.to_thread(path.stat)).st_size
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
        finally:
            self.turns.release()

    async def _turn(self) -> None:
        try:
            async with asyncio.timeout(self.patience):
                await self.turns.acquire()
        except TimeoutError:
            raise busy(BUSY, f"{MOST_AT_ONCE} exports are being written") from None


class _Download(StreamingResponse):
    """Sends a file and deletes its folder, whether or not anybody received it.

    It ends in the middle where a client takes nothing for long; `gone` is told when it has ended.
    """

    def __init__(self, path: Path, headers: Mapping[str, str], seconds: float, gone: Callable[[], None]) -> None:
        super().__init__(_chunks(path), headers=headers)
        self._path, self._seconds, self._gone = path, seconds, gone

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def in_time(message: Message) -> None:
            async with asyncio.timeout(self._seconds):
                await send(message)

        try:
            with contextlib.suppress(TimeoutError, ClientDisconnect):
                await super().__call__(scope, receive, in_time)
        finally:
            self._gone()
            await asyncio.to_thread(shutil.rmtree, self._path.parent, ignore_errors=True)


def _head(headers: Mapping[str, str]) -> Response:
    """The headers of a file whose length nobody knows before it is written."""
    response = Response(headers=headers)
    del response.headers["content-length"]
    return response


def export_routes(find: Callable[[Request], Exports], trusted_proxies: int = 0) -> list[BaseRoute]:
    """The routes of exports, one for each format; `find` is called once for each request."""
    endpoint = ExportEndpoint(find, trusted_proxies)
    return [_route(endpoint, file_format) for file_format in ExportFormat]


def _route(endpoint: ExportEndpoint, file_format: ExportFormat) -> Route:
    async def answer(request: Request) -> Response:
        return await endpoint.answer(request, file_format)

    return Route(f"/exports/usage.{file_format.lower()}", answer, methods=["GET"])


def _headers(question: ReportQuestion, file_format: ExportFormat) -> dict[str, str]:
    return {
        "Content-Type": MEDIA_TYPES[file_format],
        "Content-Disposition": f'attachment; filename="{_file_name(question)}.{file_format.lower()}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }


def _file_name(question: ReportQuestion) -> str:
    """A name that tells reports apart in a folder of downloads."""
    measures = question.measures if len(question.measures) <= 3 else (f"{len(question.measures)}-measures",)
    days = (day.isoformat() for day in (question.filter.first, question.filter.last) if day is not None)
    by = ("by", *(dimension.lower() for dimension in question.group_by)) if question.group_by else ()
    return "-".join(("usage", *measures, *by, *days))


def _new_folder(parent: Path) -> Path:
    """A folder for one export; those that a killed process left behind are deleted."""
    parent.mkdir(parents=True, exist_ok=True)
    for old in parent.iterdir():
        with contextlib.suppress(FileNotFoundError):  # somebody's download has just ended
            if old.stat().st_mtime < time.time() - LEFT_BEHIND:
                shutil.rmtree(old, ignore_errors=True)
    return Path(tempfile.mkdtemp(dir=parent))


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
