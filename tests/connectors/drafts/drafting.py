"""Samples as platforms send them, drafts made of them, and what the drafts make of the samples."""

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response as HttpResponse
from starlette.routing import Route

from connectors.conformance import check_manifest
from connectors.context import ConnectorContext
from connectors.drafts import About, Draft
from connectors.manifest import ManifestConnector, read_manifest
from connectors.records import HarvestPage, HarvestRequest
from connectors.transport import Request, Response, Transport, in_process
from schema.findings import Severity
from tests.connectors.platforms.runs import NOW, SETTLED, built, connector, context

ABOUT = About(
    code="jiangcheng", name="江城云课", region="420100", address="https://api.jiangcheng.example/v1/courses?tenant=1"
)
HARVEST = """
harvest:
  protocol: rest
  request: {path: /v1/courses}
  fields: {nativeId: id, title: title, kind: {constant: LESSON}}
"""


class Keeping:
    """A transport that keeps the last answer as it came."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self.last = b""
        self.address = ""

    async def send(self, request: Request) -> Response:
        response = await self._inner.send(request)
        self.last, self.address = response.body, request.url
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


async def first_page(code: str, section: str) -> tuple[bytes, str]:
    """The first answer with records of a platform's simulator, and the address that brought it."""
    now = NOW if section == "harvest" else SETTLED
    app = built(code, size=450 if section == "harvest" else 0, now=now)
    keeping = Keeping(context(code, app, now=now).transport)
    here = replace(context(code, app, now=now), transport=keeping)
    found: Any = connector(code)
    async with aclosing(getattr(found, section)(here, HarvestRequest())) as pages:
        async for _ in pages:
            return keeping.last, keeping.address
    raise AssertionError("the simulator lists nothing")


def about(code: str, address: str, section: Any = "harvest") -> About:
    """What a partner says of a platform, having asked this address."""
    return About(code=code, name="平台", region="500103", address=address, section=section)


def errors(draft: Draft) -> list[tuple[str, str]]:
    """Codes and messages of everything that refuses a draft."""
    found = check_manifest(draft.text).findings
    return [(one.code, one.message) for one in found if one.severity is not Severity.INFO]


def connected(draft: Draft) -> ManifestConnector:
    """The connector of a draft; a section that is no harvest is given one."""
    text = draft.text if "\nharvest:" in draft.text else draft.text + HARVEST
    reading = read_manifest(text)
    assert reading.connector is not None, (reading.findings, text)
    return reading.connector


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the first page of a drafted section holds."""

    page: HarvestPage[Any]

    @property
    def records(self) -> list[Any]:
        return [one.record for one in self.page.accepted]

    @property
    def share(self) -> float:
        return len(self.page.accepted) / (len(self.page.accepted) + len(self.page.rejected))

    def values(self) -> list[Mapping[str, Any]]:
        """The records as JSON without what is absent."""
        return [one.model_dump(mode="json", by_alias=True, exclude_defaults=True) for one in self.records]


async def read(draft: Draft, body: bytes, section: str = "harvest") -> Outcome:
    """Read the sample through the draft, from a server that answers everything with it."""

    async def answer(request: HttpRequest) -> HttpResponse:
        del request
        return HttpResponse(
            body, media_type="application/octet-stream" if body[:1] not in b"{[" else "application/json"
        )

    app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])
    found: Any = connected(draft)
    secrets = dict.fromkeys(
        read_manifest(draft.text + ("" if "\nharvest:" in draft.text else HARVEST)).secret_names, "x"
    )
    here = ConnectorContext("jiangcheng", in_process(app), secrets)
    async with aclosing(getattr(found, section)(here, HarvestRequest())) as pages:
        async for page in pages:
            return Outcome(page)
    raise AssertionError("nothing was read")


def rows(draft: Draft, name: str) -> Any:
    """A top-level key of the draft as a value."""
    document = read_manifest(draft.text).document
    assert document is not None
    return orjson.loads(document.model_dump_json(by_alias=True, exclude_unset=True))[name]
