"""`python -m benchmarks.fanout`: live search over five platforms, every query different, the server on one core.

Starts five platforms, the gateway on the reference and on the compiled way, the same search written naively, and with
`--mercurius` (Node and npm are needed) the fastest peer; loads them in interleaved rounds; then lets one platform hang,
and all of them; stops everything. Processor time is that of the server process; ratios are what counts.
"""

import argparse
import asyncio
import itertools
import shutil
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from benchmarks.fanout.gateway import QUERY, QUERY_WITH_SOURCES, environment, write_manifests
from benchmarks.load import Sample, Served, cores, free_port, load, served

_numbers = itertools.count()
_PEER = Path(__file__).parent / "mercurius"
_PEER_QUERY = QUERY.replace(", $ms: Int!", "").replace(", mode: LIVE", "").replace(", timeoutMs: $ms", "")


def bodies(count: int, query: str, milliseconds: int | None = None) -> list[bytes]:
    """So many different questions."""
    more = {} if milliseconds is None else {"ms": milliseconds}
    return [
        orjson.dumps({"query": query, "variables": {"q": f"勾股定理{next(_numbers)}", **more}}) for _ in range(count)
    ]


@asynccontextmanager
async def upstreams(delay: float, core: int) -> AsyncIterator[list[int]]:
    """Five platforms and their ports."""
    ports = [free_port() for _ in range(5)]
    arguments = ["-m", "benchmarks.fanout.upstreams", ",".join(map(str, ports)), "--delay", str(delay)]
    async with served(arguments, ports[-1], core=core):
        yield ports


@asynccontextmanager
async def gateway(folder: Path, ports: list[int], core: int, settings: Mapping[str, str]) -> AsyncIterator[Served]:
    """The gateway on these platforms."""
    await asyncio.to_thread(write_manifests, folder / "manifests", ports)
    port = free_port()
    values = environment(folder, port, **settings)
    async with served(["-m", "gateway.cli", "serve"], port, core=core, environment=values) as server:
        yield server


@asynccontextmanager
async def naive(ports: list[int], core: int) -> AsyncIterator[Served]:
    """The naive one."""
    port = free_port()
    arguments = ["-m", "uvicorn", "benchmarks.fanout.naive:app", "--port", str(port), "--log-level", "error"]
    async with served(arguments, port, core=core, environment={"UPSTREAMS": ",".join(map(str, ports))}) as server:
        yield server


@asynccontextmanager
async def mercurius(folder: Path, ports: list[int], core: int) -> AsyncIterator[Served]:
    """The fastest peer, installed into a temporary folder."""
    await asyncio.to_thread(shutil.copytree, _PEER, folder)
    install = await asyncio.create_subprocess_exec("npm", "ci", "--silent", "--no-audit", "--no-fund", cwd=folder)
    if await install.wait():
        raise SystemExit("npm could not install the peer")
    port = free_port()
    values = {"UPSTREAMS": ",".join(map(str, ports)), "PORT": str(port)}
    async with served(["server.mjs"], port, core=core, environment=values, program="node", folder=str(folder)) as one:
        yield one


@dataclass(frozen=True)
class Contender:
    """A server, what it is asked, and over how many connections."""

    server: Served
    query: str
    connections: int
    milliseconds: int | None = None
    path: str = "/graphql"

    async def load(self, requests: int) -> Sample:
        """So many different questions."""
        asked = bodies(requests, self.query, self.milliseconds)
        return await load(self.server.port, asked, self.connections, self.server.cpu, path=self.path)


async def compare(contenders: Mapping[str, Contender], requests: int, rounds: int) -> None:
    """Interleaved rounds; the figures of each are those of its median round by processor time."""
    samples: dict[str, list[Sample]] = defaultdict(list)
    for contender in contenders.values():
        await contender.load(min(requests, 300))
    for _, (name, contender) in itertools.product(range(rounds), contenders.items()):
        samples[name].append(await contender.load(requests))
    print(f"{'':<28}{'CPU':>10}{'requests/s':>12}{'p50':>10}{'p95':>10}{'failed':>8}{'× first':>9}")
    first: float | None = None
    for name, each in samples.items():
        middle = sorted(each, key=lambda one: one.cpu_microseconds)[len(each) // 2]
        first = first or middle.cpu_microseconds
        print(
            f"{name:<28}{middle.cpu_microseconds:>7.0f} µs{middle.per_second:>12.0f}{middle.quantile(0.5):>7.1f} ms"
            f"{middle.quantile(0.95):>7.1f} ms{sum(one.failures for one in each):>8}"
            f"{first / middle.cpu_microseconds:>9.2f}"
        )


async def overhead(server: Served, delay: float, requests: int) -> None:
    """What the gateway adds to the slowest platform, asked by one client after the other."""
    sample = await load(server.port, bodies(requests, QUERY, 2_000), 1, server.cpu)
    print(
        f"over platforms that take {delay * 1000:.0f} ms: p50 + {sample.quantile(0.5) - delay * 1000:.1f} ms, "
        f"p95 + {sample.quantile(0.95) - delay * 1000:.1f} ms"
    )


async def hanging(server: Served, milliseconds: int, requests: int, complete: int) -> None:
    """One platform hangs: how long answers take, and whether those of the others are complete."""
    asked = bodies(requests, QUERY_WITH_SOURCES, milliseconds)
    sample = await load(server.port, asked, 16, server.cpu, keep=True)
    answers = [orjson.loads(body)["data"]["search"]["sources"] for body in sample.bodies]
    sound = sum(sum(one["state"] == "OK" for one in sources) == complete for sources in answers)
    states = sorted({one["state"] for sources in answers for one in sources})
    print(
        f"deadline {milliseconds} ms: p50 {sample.quantile(0.5):.0f} ms, p95 {sample.quantile(0.95):.0f} ms "
        f"({sample.quantile(0.95) / milliseconds:.2f} × the deadline), max {sample.quantile(1):.0f} ms; "
        f"{sound} of {requests} answers with {complete} platforms complete; states {', '.join(states)}"
    )


async def measure(given: argparse.Namespace, folder: Path) -> None:
    """Everything, one after the other."""
    low, high = cores()
    async with AsyncExitStack() as stack:
        ports = await stack.enter_async_context(upstreams(0.0, high))
        contenders: dict[str, Contender] = {}
        if given.mercurius:
            peer = await stack.enter_async_context(mercurius(folder / "peer", ports, low))
            contenders["Mercurius with JIT"] = Contender(peer, _PEER_QUERY, 32)
        for name, settings in given.ways.items():
            server = await stack.enter_async_context(gateway(folder / name, ports, low, settings))
            contenders[name] = Contender(server, QUERY, 32, 2_000)
        simple = await stack.enter_async_context(naive(ports, low))
        contenders["naive, 1 connection"] = Contender(simple, _PEER_QUERY, 1, path="/graphql/")
        await compare(contenders, given.requests, given.rounds)
    delay = 0.05
    async with upstreams(delay, high) as ports, gateway(folder / "delayed", ports, low, {}) as server:
        await load(server.port, bodies(50, QUERY, 2_000), 1, server.cpu)
        await overhead(server, delay, min(given.requests, 200))
    async with upstreams(0.0, high) as ports, gateway(folder / "hanging", ports, low, {}) as server:
        await load(server.port, bodies(50, QUERY, 2_000), 4, server.cpu)
        await tell(ports[-1], "/hang?1")
        print("one platform hangs: ", end="")
        await hanging(server, given.deadline, min(given.requests, 480), 4)


async def tell(port: int, path: str) -> None:
    """Ask a platform for nothing but a change of its ways."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: platform\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    writer.close()


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.fanout", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=2_000, help="of each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--deadline", type=int, default=500, help="milliseconds, while a platform hangs")
    parser.add_argument("--mercurius", action="store_true", help="also the fastest peer, installed by npm")
    given = parser.parse_args()
    given.ways = {"gateway": {}, "gateway over httpx": {"SHANHAI_LIVE_TRANSPORT": "httpx"}}
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(given, Path(folder)))


if __name__ == "__main__":
    main()
