"""Platforms to harvest: the simulated 重庆云课堂 through its manifest, or synthetic records straight from memory."""

import asyncio
import hashlib
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from connectors.context import ConnectorContext
from connectors.contract import Harvests
from connectors.errors import Unreachable
from connectors.manifest import ManifestConnector, read_manifest_file
from connectors.platforms import builtin_manifests
from connectors.records import Accepted, HarvestPage, HarvestRequest
from connectors.simulators import SIMULATORS
from connectors.transport import Limits, Request, Response, Transport, open_transport
from schema.kinds import ResourceKind
from schema.people import ContributorRole
from schema.platforms import Capability, PlatformDescription
from schema.relations import Relation
from schema.resources import CodedTerm, Contributor, Organization, RelatedRecord, ResourceFile, ResourceRecord
from schema.stages import Stage

SIMULATED = "chongqing"
UNHINDERED = Limits(requests_per_second=1000, burst=1000)


@dataclass(frozen=True)
class Source:
    """A connector and what it is given."""

    connector: Harvests
    context: ConnectorContext


@asynccontextmanager
async def simulated(records: int) -> AsyncIterator[Source]:
    """The simulator in a process of its own, asked over loopback as fast as it answers."""
    simulator = SIMULATORS[SIMULATED]
    (manifest,) = [entry for entry in builtin_manifests() if entry.name == f"{SIMULATED}.yaml"]
    document = read_manifest_file(manifest).document
    if document is None:
        raise SystemExit(f"{manifest.name} does not validate")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = ["-m", "connectors.simulators", SIMULATED, "--port", str(port), "--size", str(records)]
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments)
    address = f"http://127.0.0.1:{port}"
    transport = open_transport(UNHINDERED, dict.fromkeys(simulator.origins, address))
    try:
        await _answering(transport, address)
        yield Source(ManifestConnector(document), ConnectorContext(SIMULATED, transport, simulator.secrets))
    finally:
        await transport.aclose()
        process.terminate()
        await process.wait()


async def _answering(transport: Transport, address: str) -> None:
    for _ in range(200):
        try:
            await transport.send(Request("GET", f"{address}/"))
        except Unreachable:
            await asyncio.sleep(0.1)
        else:
            return
    raise SystemExit("the simulator does not answer")


class Silent:
    """For the synthetic platform, which nobody has to ask."""

    async def send(self, request: Request) -> Response:
        """Never called."""
        raise Unreachable(request.url)

    async def aclose(self) -> None:
        """Nothing to close."""


SYNTHETIC = PlatformDescription(code="synthetic", name="合成平台", region="500000")


@dataclass(frozen=True)
class Synthetic:
    """Records of about 700 bytes with links, a lecturer and a file; every tenth changes with `edition`."""

    records: int
    page_size: int = 200
    edition: int = 1
    version: int = 1
    platform: PlatformDescription = SYNTHETIC
    capabilities: frozenset[Capability] = frozenset({Capability.HARVEST})

    async def harvest(self, _context: ConnectorContext, request: HarvestRequest) -> AsyncIterator[HarvestPage]:
        """Yield every page."""
        first = int((request.checkpoint or {}).get("next", 0))
        for start in range(first, self.records, self.page_size):
            end = min(start + self.page_size, self.records)
            page = tuple(self._record(number) for number in range(start, end))
            yield HarvestPage(page, checkpoint={"next": end}, expected=self.records)

    def _record(self, number: int) -> Accepted:
        edition = self.edition if number % 10 == 0 else 1
        record = ResourceRecord(
            native_id=f"SYN-{number:08d}",
            title=f"第{number}课 勾股定理的探索与应用（第{edition}版）",
            kind=ResourceKind.LESSON,
            url=f"https://synthetic.example/resource/{number}",
            summary="通过拼图活动探索勾股定理，体会数形结合的思想，并用它解决实际问题。" * 2,
            language="zh",
            stages=(Stage.JUNIOR_SECONDARY,),
            subjects=(CodedTerm(code="mathematics", native="数学"),),
            keywords=("勾股定理", "直角三角形"),
            provider=Organization(name=f"重庆市第{number % 300}中学"),
            contributors=(Contributor(name=f"教师{number % 5000}", role=ContributorRole.LECTURER),),
            files=(ResourceFile(media_type="video/mp4", checksum=hashlib.sha256(str(number).encode()).hexdigest()),),
            related=(RelatedRecord(relation=Relation.PART_OF, native_id=f"SYN-{number // 20:08d}"),),
        )
        return Accepted(record, "0" * 64)


@asynccontextmanager
async def synthetic(records: int, edition: int = 1) -> AsyncIterator[Source]:
    """Records made in this process: what is left is our own cost."""
    yield Source(Synthetic(records, edition=edition), ConnectorContext("synthetic", Silent(), {}))
