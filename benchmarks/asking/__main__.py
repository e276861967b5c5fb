"""Ask a platform that answers at once, and print what asking itself costs in CPU time.

    python -m benchmarks.asking [--questions 5000] [--records 20] [--repeat 5]

Each line is one way to be answered; "over a bare call" is what flight, breaker, kept answer, tiers and provenance add
to the connector's own coroutine in a task. The best of the repetitions counts. No network is used.
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from connectors.context import ConnectorContext
from connectors.records import Accepted, LiveAnswer, LiveQuery
from connectors.transport import Request, Response
from gateway.catalog.live.asking import Asking, AskingRules, Serving
from gateway.catalog.live.ports import OpenPlatform
from gateway.identity import PUBLIC_TIERS
from schema.access import Access
from schema.kinds import ResourceKind
from schema.platforms import Capability, PlatformDescription
from schema.resources import ResourceRecord

CODE = "river"
SHARING = 8
"""Callers of one flight."""
PATIENT = 2.0


class _Nowhere:
    async def send(self, request: Request) -> Response:
        """Nothing is ever sent."""
        raise NotImplementedError(request.url)

    async def aclose(self) -> None:
        """Nothing was opened."""


class _River:
    """A connector whose platform answers at once, always the same."""

    def __init__(self, records: int) -> None:
        found = [ResourceRecord(native_id=f"R-{n}", title="勾股定理", kind=ResourceKind.LESSON) for n in range(records)]
        self._answer = LiveAnswer(tuple(Accepted(record, "0" * 64) for record in found), total=10 * records)
        self.platform = PlatformDescription(code=CODE, name="江城云课堂", region="420100")
        self.version = 1
        self.capabilities = frozenset({Capability.LIVE_SEARCH})

    async def search(self, context: ConnectorContext, query: LiveQuery) -> LiveAnswer:  # noqa: ARG002  # the connector protocol
        """The answer, one turn of the event loop later."""
        await asyncio.sleep(0)
        return self._answer


class _Platforms:
    def __init__(self, connector: _River) -> None:
        self._open = OpenPlatform(connector, ConnectorContext(CODE, _Nowhere(), {}))

    def codes(self) -> Sequence[str]:
        """The one platform."""
        return (CODE,)

    def searchable(self) -> Collection[str]:
        """The one platform."""
        return (CODE,)

    def suspended(self) -> Collection[str]:
        """Nobody is."""
        return ()

    def access(self, code: str) -> Access:  # noqa: ARG002  # the port
        """Open to all."""
        return Access.PUBLIC

    def region(self, code: str) -> str | None:  # noqa: ARG002  # the port
        """Nowhere."""
        return None

    def serving(self, code: str) -> Serving | None:  # noqa: ARG002  # the port
        """Always the same."""
        return Serving(1)

    @asynccontextmanager
    async def open(self, code: str) -> AsyncIterator[OpenPlatform]:  # noqa: ARG002  # the port
        """Nothing to open."""
        yield self._open


def query(number: int) -> LiveQuery:
    """A question that no other one equals."""
    return LiveQuery(f"勾股定理 {number}", {"subjects": ("mathematics",), "stages": ("JUNIOR_SECONDARY",)}, first=20)


async def measured(ask: Callable[[int], Awaitable[object]], questions: int) -> float:
    """Microseconds of CPU per question."""
    began = time.process_time()
    for number in range(questions):
        await ask(number)
    return 1e6 * (time.process_time() - began) / questions


async def costs(records: int, questions: int) -> dict[str, float]:
    """Each way to be answered and what it costs."""
    river = _River(records)
    platforms = _Platforms(river)
    asking = Asking(platforms)
    stale = Asking(platforms, AskingRules(fresh=0.0, revalidate=3600.0))
    shared = Asking(platforms)
    same, context = query(0), ConnectorContext(CODE, _Nowhere(), {})

    async def bare(number: int) -> object:
        return await asyncio.create_task(river.search(context, query(number)))

    async def together(number: int) -> object:
        return await asyncio.gather(*(shared.ask(CODE, query(number), PUBLIC_TIERS, PATIENT) for _ in range(SHARING)))

    found = {
        "bare call": await measured(bare, questions),
        "new question": await measured(lambda n: asking.ask(CODE, query(n), PUBLIC_TIERS, PATIENT), questions),
    }
    for each in (asking, stale):
        await each.ask(CODE, same, PUBLIC_TIERS, PATIENT)
    found["fresh kept answer"] = await measured(lambda _: asking.ask(CODE, same, PUBLIC_TIERS, PATIENT), questions)
    found["stale kept answer"] = await measured(lambda _: stale.ask(CODE, same, PUBLIC_TIERS, PATIENT), questions)
    found[f"{SHARING} callers of one flight, each"] = await measured(together, questions // SHARING) / SHARING
    for each in (asking, stale, shared):
        await each.aclose()
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.asking")
    parser.add_argument("--questions", type=int, default=5_000)
    parser.add_argument("--records", type=int, default=20)
    parser.add_argument("--repeat", type=int, default=5)
    given = parser.parse_args()
    print(f"{datetime.now(UTC):%Y-%m-%d}, {given.questions:,} questions, {given.records} records an answer")
    print(f"{'way':<34}{'µs of CPU':>12}{'over a bare call':>20}")
    runs = [asyncio.run(costs(given.records, given.questions)) for _ in range(given.repeat)]
    best = {way: min(run[way] for run in runs) for way in runs[0]}
    for way, spent in best.items():
        print(f"{way:<34}{spent:>12.1f}{spent - best['bare call']:>20.1f}")


if __name__ == "__main__":
    main()
