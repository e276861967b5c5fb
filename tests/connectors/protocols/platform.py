"""A tiny platform as an ASGI app whose answers a test scripts one by one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.context import ConnectorContext
from connectors.manifest import ManifestConnector, read_manifest
from connectors.records import Checkpoint, HarvestPage, HarvestRequest
from connectors.transport import in_process


class Scripted:
    """Answers with what the script holds for the next request, and keeps what was asked."""

    def __init__(self, answer: Callable[[Request, bytes, int], Response]) -> None:
        self.asked: list[tuple[str, str, bytes, Mapping[str, str]]] = []
        self._answer = answer
        self.app = Starlette(routes=[Route("/{path:path}", self._serve, methods=["GET", "POST"])])

    async def _serve(self, request: Request) -> Response:
        body = await request.body()
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        self.asked.append((request.method, target, body, dict(request.headers)))
        return self._answer(request, body, len(self.asked))


def json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(value), status, dict(headers or {}), "application/json")


def rows(*ids: int) -> list[dict[str, Any]]:
    """Records that the smallest manifest accepts."""
    return [{"id": number, "title": f"第{number}课"} for number in ids]


def connector(text: str) -> ManifestConnector:
    """The connector of a manifest that has to be right."""
    reading = read_manifest(text)
    assert reading.connector is not None, reading.findings
    return reading.connector


async def harvest(
    text: str,
    platform: Scripted,
    *,
    request: HarvestRequest | None = None,
    secrets: Mapping[str, str] | None = None,
) -> list[HarvestPage]:
    """Every page of a run."""
    context = ConnectorContext("example", in_process(platform.app), secrets or {})
    return [page async for page in connector(text).harvest(context, request or HarvestRequest())]


def ids(pages: Sequence[HarvestPage]) -> list[str]:
    """The native ids in their order."""
    return [item.record.native_id for page in pages for item in page.accepted]


def resumed(checkpoint: Checkpoint | None) -> HarvestRequest:
    """A request that goes on after a checkpoint."""
    return HarvestRequest(checkpoint=checkpoint)
