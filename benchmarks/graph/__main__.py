"""`python -m benchmarks.graph`: what hot operations cost when graphql-core executes them and as compiled code.

Services answer what was made beforehand, so that the time is that of the graph: variables, resolvers, the objects that
are shown, completion, and the coroutines in between. Both ways are measured in turn, round by round; the figure is the
process time of the median round. Answers of both are compared first. What the schema is made of is frozen out of the
garbage collector, which would else walk through it for either way's garbage.
"""

import argparse
import asyncio
import gc
import statistics
import time
from collections.abc import Awaitable, Callable

import strawberry

from benchmarks.graph.operations import OPERATIONS, Asked
from benchmarks.graph.prepared import services
from gateway.graph.context import GraphContext
from gateway.graph.execution import Answer, Executor
from gateway.graph.schema import build_schema

Execute = Callable[[], Awaitable[Answer]]


async def cost(execute: Execute, times: int) -> float:
    """Microseconds of process time of one execution."""
    began = time.process_time()
    for _ in range(times):
        await execute()
    return (time.process_time() - began) / times * 1e6


def asking(executor: Executor, asked: Asked) -> Execute:
    """Executes an operation, each time as a request of its own."""
    behind = services()
    return lambda: executor.execute(asked.text, GraphContext(behind), asked.variables)


async def compare(reference: Executor, compiled: Executor, asked: Asked, rounds: int, times: int) -> float:
    """Print what an operation costs on both ways; answers the ratio."""
    ways = asking(reference, asked), asking(compiled, asked)
    bodies = [(await way()).body for way in ways for _ in range(2)]
    if any(body != bodies[0] for body in bodies) or "errors" in bodies[0]:
        raise SystemExit(f"{asked.label}: the answers differ or have errors")
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        taken[0].append(await cost(ways[0], max(times // 10, 1)))
        taken[1].append(await cost(ways[1], times))
    slow, fast = (statistics.median(each) for each in taken)
    print(f"{asked.label:<24}{slow:>11.0f} µs{fast:>11.0f} µs{slow / fast:>9.1f} ×")
    return slow / fast


async def prepare(reference: Executor, asked: Asked, times: int) -> None:
    """Print what preparing a document costs, the first time and when it is known."""
    began = time.process_time()
    for _ in range(times):
        reference._prepared(asked.text)
    cold = (time.process_time() - began) / times * 1e6
    began = time.process_time()
    for _ in range(times * 100):
        reference.prepare(asked.text)
    known = (time.process_time() - began) / times / 100 * 1e6
    context, fresh = GraphContext(services()), Executor(reference.schema, warmup=0)
    fresh.prepare(asked.text)
    began = time.process_time()
    await fresh.execute(asked.text, context, asked.variables)
    compiling = (time.process_time() - began) * 1e6
    print(f"{asked.label:<24}{cold:>11.0f} µs{known:>11.2f} µs{compiling:>11.0f} µs")


async def run(rounds: int, times: int) -> None:
    """Measure and print."""
    schema = build_schema()
    gc.collect()
    gc.freeze()
    try:
        await measure(schema, rounds, times)
    finally:
        gc.unfreeze()


async def measure(schema: strawberry.Schema, rounds: int, times: int) -> None:
    """Measure every operation and document."""
    reference, compiled = Executor(schema, compiled=False), Executor(schema, warmup=0)
    print(f"{'execution':<24}{'graphql-core':>14}{'compiled':>14}{'ratio':>11}")
    ratios = [await compare(reference, compiled, asked, rounds, times) for asked in OPERATIONS]
    print(f"{'geometric mean':<24}{'':>28}{statistics.geometric_mean(ratios):>9.1f} ×")
    print(f"\n{'document':<24}{'prepare':>14}{'when known':>14}{'compile':>14}")
    for asked in OPERATIONS:
        await prepare(reference, asked, max(times // 20, 1))


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.graph", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--times", type=int, default=100, help="executions in a round; graphql-core a tenth of them")
    given = parser.parse_args()
    asyncio.run(run(given.rounds, given.times))


if __name__ == "__main__":
    main()
