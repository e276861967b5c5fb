"""What a platform says in an error is told without the secrets it quotes and without control characters."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from connectors.context import ConnectorContext
from connectors.errors import UpstreamFailure
from connectors.manifest import read_manifest
from connectors.records import HarvestRequest
from connectors.transport import in_process

MANIFEST = """
manifest: 1
version: 1
platform: {code: echo, name: 回声, region: "500000"}
origin: https://echo.example
credentials: {kind: apiKey, in: header, name: X-Api-Key, secret: key}
failures:
  - {body: "ok == `false`", outcome: stop, message: error}
harvest:
  protocol: rest
  request: {path: /lessons}
  records: items
  fields: {nativeId: id, title: name, kind: {constant: LESSON}}
"""


async def test_a_secret_that_the_platform_quotes_is_masked() -> None:
    async def refuse(request: Request) -> JSONResponse:
        return JSONResponse({"ok": False, "error": f"invalid key {request.headers['x-api-key']} \x1b[31mRED"})

    connector = read_manifest(MANIFEST).connector
    assert connector is not None
    transport = in_process(Starlette(routes=[Route("/lessons", refuse)]))
    context = ConnectorContext("echo", transport, {"key": "TOPSECRET-123456"})
    with pytest.raises(UpstreamFailure) as caught:
        _ = [page async for page in connector.harvest(context, HarvestRequest())]
    assert "invalid key" in str(caught.value)
    assert "TOPSECRET" not in str(caught.value)
    assert "\x1b" not in str(caught.value)
