"""Ask a local server through each transport and print what one call costs in processor time.

    python -m benchmarks.transport [--calls 400] [--rounds 7] [--bytes 4000]

Only this process is counted, with the threads of pyreqwest; the server is another one. The ways take turns within each
round, and the median of the rounds counts. "stack" is what a platform is given: deadline, retry, limits. "detour" adds
a reroute and a confinement to the platform's origin. The first line is pyreqwest without anything of ours: no guard,
no caps, no judgment of the address.
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from itertools import count
from statistics import median

import uvloop
from pyreqwest.client import ClientBuilder

from benchmarks.transport.server import serving
from connectors.transport import (
    Confined,
    EgressPolicy,
    FastTransport,
    HttpxTransport,
    Limits,
    Request,
    Transport,
    open_transport,
)

Ask = Callable[[str], Awaitable[object]]
PLATFORM = "https://platform.example"
UNHINDERED = Limits(requests_per_second=10_000, burst=1_000, concurrency=1_024, timeout_seconds=10)
AT_ONCE = (1, 32)
BATCH = 480
"""Calls that the burst lets through without waiting, after the pause that fills it again."""


@asynccontextmanager
async def ways(origin: str) -> AsyncIterator[Mapping[str, Ask]]:
    """Every way to ask, by name."""
    policy = EgressPolicy.parse(["127.0.0.1"])
    detour = {PLATFORM: origin}
    transports: dict[str, tuple[Transport, str]] = {
        "fast": (FastTransport(policy=policy), origin),
        "fast, stack": (open_transport(UNHINDERED, policy=policy, fast=True), origin),
        "fast, stack, detour": (Confined(open_transport(UNHINDERED, detour, fast=True), [PLATFORM]), PLATFORM),
        "httpx": (HttpxTransport(policy=policy), origin),
        "httpx, stack": (open_transport(UNHINDERED, policy=policy), origin),
    }
    async with AsyncExitStack() as stack:
        for transport, _ in transports.values():
            stack.push_async_callback(transport.aclose)
        client = await stack.enter_async_context(ClientBuilder().no_proxy().gzip(enable=False).build())

        async def bare(path: str) -> bytes:
            answer = await client.get(origin + path).timeout(timedelta(seconds=10)).build().send()
            return (await answer.bytes()).to_bytes()

        yield {"pyreqwest": bare} | {name: _asking(*each) for name, each in transports.items()}


def _asking(transport: Transport, origin: str) -> Ask:
    async def ask(path: str) -> bytes:
        response = await transport.send(Request("GET", origin + path, {"x-app-key": "key"}))
        if response.status != 200:
            raise RuntimeError(f"the server answered with {response.status}")
        return response.body

    return ask


async def microseconds(ask: Ask, calls: int, at_once: int, paths: Callable[[], str]) -> tuple[float, float]:
    """Processor time and time of one call, in microseconds."""

    async def some(number: int) -> None:
        for _ in range(number):
            await ask(paths())

    cpu = wall = 0.0
    for start in range(0, calls, BATCH):
        await asyncio.sleep(BATCH / UNHINDERED.requests_per_second)
        began_cpu, began = time.process_time(), time.perf_counter()
        await asyncio.gather(*(some(min(BATCH, calls - start) // at_once) for _ in range(at_once)))
        cpu += time.process_time() - began_cpu
        wall += time.perf_counter() - began
    return 1e6 * cpu / calls, 1e6 * wall / calls


async def main() -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.transport", description=__doc__.partition("\n")[0])
    parser.add_argument("--calls", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--bytes", type=int, default=4_000)
    given = parser.parse_args()
    calls = max(1, given.calls // AT_ONCE[-1]) * AT_ONCE[-1]
    numbers = count()
    print(f"{'µs per call':<22}{'at once':>8}{'cpu':>8}{'ratio':>7}{'time':>8}")
    async with serving(given.bytes) as origin, ways(origin) as asked:
        for at_once in AT_ONCE:
            figures: dict[str, list[tuple[float, float]]] = {name: [] for name in asked}
            for _ in range(given.rounds + 1):
                for name, ask in asked.items():
                    figure = await microseconds(ask, calls, at_once, lambda: f"/api/resources?page={next(numbers)}")
                    figures[name].append(figure)
            # the first round opens connections
            costs = {name: [median(each) for each in zip(*rounds[1:], strict=True)] for name, rounds in figures.items()}
            for name, (cpu, wall) in costs.items():
                print(f"{name:<22}{at_once:>8}{cpu:>8.0f}{cpu / costs['pyreqwest'][0]:>7.1f}{wall:>8.0f}", flush=True)


if __name__ == "__main__":
    uvloop.run(main())
