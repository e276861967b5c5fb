"""Platforms to map: a simulator asked in process, and the answers it gave, played again without it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.context import ConnectorContext
from connectors.credentials import NoCredentialSpec
from connectors.errors import Unreachable
from connectors.manifest import ManifestConnector, read_manifest_file
from connectors.platforms import builtin_manifests
from connectors.protocols import FailureTable, Upstream, Walk
from connectors.protocols.exchange import Exchange
from connectors.records import HarvestPage, HarvestRequest
from connectors.simulators import SIMULATORS
from connectors.transport import Request, Response, Transport, in_process

NOW = datetime(2025, 11, 23, 4, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """What is measured: a section of a platform's manifest, and what to call it."""

    label: str
    platform: str
    section: str = "harvest"


CASES = (
    Case("rest, JSON (重庆)", "chongqing"),
    Case("graphql (四川)", "sichuan"),
    Case("oai-pmh, LOM by XPath (内江)", "neijiang"),
    Case("xapi, training (渝中)", "yuzhong", "training"),
    Case("files, CSV in zip (内江)", "neijiang", "training"),
)


class Recording:
    """Keeps every answer of the transport inside."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self.answers: list[Response] = []

    async def send(self, request: Request) -> Response:
        """Send and keep."""
        answer = await self._inner.send(request)
        self.answers.append(answer)
        return answer

    async def aclose(self) -> None:
        """Close what is inside."""
        await self._inner.aclose()


class Replay:
    """Gives the answers again in their order."""

    def __init__(self, answers: Sequence[Response]) -> None:
        self._answers = iter(answers)

    async def send(self, request: Request) -> Response:
        """The next answer."""
        answer = next(self._answers, None)
        if answer is None:
            raise Unreachable(f"more was asked than recorded: {request.url}")
        return answer

    async def aclose(self) -> None:
        """Nothing is open."""


def connector(platform: str) -> ManifestConnector:
    """The connector of a built-in platform."""
    [manifest] = [path for path in builtin_manifests() if path.name == f"{platform}.yaml"]
    reading = read_manifest_file(manifest)
    if reading.connector is None:
        raise SystemExit(f"{manifest.name} does not validate")
    return reading.connector


def simulated(platform: str, records: int) -> Recording:
    """The simulator of a platform, in process, with everything in the past."""
    return Recording(in_process(SIMULATORS[platform].build(size=records, now=lambda: NOW)))


def context(platform: str, transport: Transport) -> ConnectorContext:
    """What a connector is given."""
    return ConnectorContext(platform, transport, SIMULATORS[platform].secrets, now=lambda: NOW)


def pages(case: Case, speaker: ManifestConnector, transport: Transport) -> AsyncIterator[HarvestPage[Any]]:
    """Every page of the case's section."""
    here = context(case.platform, transport)
    if case.section == "training":
        return speaker.training(here, HarvestRequest())
    return speaker.harvest(here, HarvestRequest())


async def raw_records(case: Case, speaker: ManifestConnector, answers: Sequence[Response]) -> list[Any]:
    """The harvest's records of recorded answers before they are mapped; the credentials must ask nothing themselves."""
    here = context(case.platform, Replay(answers))
    exchange = Exchange(here, NoCredentialSpec().build({}, here.now), FailureTable(()))
    document = speaker.document
    upstream = Upstream(exchange, document.origin, frozenset(document.origins), 60, here.now)
    return [record async for page in document.harvest.pages(upstream, Walk()) for record in page.records]
