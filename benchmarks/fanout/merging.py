"""`python -m benchmarks.fanout.merging`: what merging five platforms' answers costs, with the asking left out.

Five platforms answer at once from memory with twenty mapped records each. The floor is the same five tasks without
anything done to their answers. Figures are process CPU per search, the least of several rounds, taken in turn.
"""

import argparse
import asyncio
import time
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.records import LiveQuery
from gateway.catalog import ResourceFilter, ResourceSort, SearchPage, SearchRequest
from gateway.catalog.live.candidates import candidates
from gateway.catalog.live.fanout import read_all
from gateway.catalog.live.model import SourceAnswer, SourceOutcome, SourceState
from gateway.catalog.live.ports import HarvestAge, OpenPlatform
from gateway.catalog.live.reading import Reading
from gateway.catalog.live.service import LiveSearchService
from schema.access import Access
from schema.resources import CatalogResource

NOW = datetime(2026, 9, 1, tzinfo=UTC)
PLATFORMS = ("chongqing", "sichuan", "neijiang", "yuzhong", "zibo")
RECORDS = 20
Work = Callable[[], Coroutine[Any, Any, object]]


def records(platform: str, title: str) -> tuple[CatalogResource, ...]:
    """Twenty records as platforms have them; the number in the title tells them apart."""
    return tuple(
        CatalogResource.model_validate(
            {
                "platform": platform,
                "record": {
                    "nativeId": f"{platform}-{number}",
                    "title": f"{title} 第{number}课时",
                    "kind": "LESSON",
                    "summary": "从赵爽弦图出发，用面积法证明直角三角形三边的关系，再用它解决生活中的问题。",
                    "stages": ["JUNIOR_SECONDARY"],
                    "grades": [{"code": "grade-8", "native": "初二"}],
                    "subjects": [{"code": "mathematics", "native": "数学"}],
                    "keywords": ["直角三角形", "面积法"],
                    "provider": {"name": "谢家湾学校"},
                    "contributors": [{"name": "王老师", "organization": {"name": "谢家湾学校"}}],
                    "publishedAt": NOW - timedelta(days=37 * number),
                    "useCount": 100 * number,
                },
                "provenance": {"fetchedAt": NOW, "digest": "0" * 64},
            }
        )
        for number in range(RECORDS)
    )


class FivePlatforms:
    """Platforms that answer at once; satisfies every port of live search."""

    def __init__(self, title: str) -> None:
        self._answers = {
            code: SourceAnswer(
                SourceOutcome(code, SourceState.OK, total=300), candidates(records(code, title)), complete=False
            )
            for code in PLATFORMS
        }

    def codes(self) -> Sequence[str]:
        """All five."""
        return PLATFORMS

    def searchable(self) -> Collection[str]:
        """All five."""
        return PLATFORMS

    def suspended(self) -> Collection[str]:
        """Nobody is."""
        return ()

    def access(self, _code: str) -> Access:
        """Open to everybody."""
        return Access.PUBLIC

    def region(self, _code: str) -> str | None:
        """重庆."""
        return "500000"

    def label(self, code: str) -> str | None:
        """Their codes stand for their names."""
        return code

    def open(self, code: str) -> AbstractAsyncContextManager[OpenPlatform]:
        """Nobody opens them."""
        raise NotImplementedError(code)

    async def ask(self, platform: str, query: LiveQuery, visible: frozenset[Access], seconds: float) -> SourceAnswer:
        """The same answer to every question."""
        del query, visible, seconds
        return self._answers[platform]

    async def ages(self, codes: Sequence[str]) -> Mapping[str, HarvestAge]:
        """Nothing was harvested."""
        return dict.fromkeys(codes, HarvestAge())

    async def search(self, request: SearchRequest) -> SearchPage:
        """Nor is there a catalog."""
        raise NotImplementedError(request)

    def live(self) -> LiveSearchService:
        """Live search over them."""
        return LiveSearchService(self, self, self, self, self, lambda keys, _: [None] * len(keys), lambda: NOW)


async def cases() -> dict[str, Work]:
    """What is measured by its name; the first is the floor."""
    plain = SearchRequest("勾股定理")
    titled, other = FivePlatforms("勾股定理的证明").live(), FivePlatforms("三边的关系").live()
    second = replace(plain, after=(await titled.search(plain, seconds=1)).hits[-1].cursor)
    filtered = replace(plain, filter=ResourceFilter(subjects=("mathematics",), reviewed=False))
    readings = {code: Reading(SourceOutcome(code, SourceState.OK)) for code in PLATFORMS}

    async def read(code: str, _deadline: float) -> Reading:
        return readings[code]

    def searching(live: LiveSearchService, request: SearchRequest) -> Work:
        return lambda: live.search(request, seconds=1)

    return {
        "five tasks, nothing merged": lambda: read_all(read, PLATFORMS, 1),
        "words in every title": searching(titled, plain),
        "words in no title": searching(other, plain),
        "no words": searching(titled, replace(plain, query="")),
        "sorted by date": searching(titled, replace(plain, sort=ResourceSort.NEWEST)),
        "two filters": searching(titled, filtered),
        "second page": searching(titled, second),
    }


async def cost(work: Work, count: int) -> float:
    """Microseconds of CPU for one run of some work."""
    began = time.process_time()
    for _ in range(count):
        await work()
    return (time.process_time() - began) / count * 1e6


async def measure(rounds: int, count: int) -> None:
    """Measure and print."""
    works = await cases()
    least = dict.fromkeys(works, float("inf"))
    for _ in range(rounds):
        for name, work in works.items():
            least[name] = min(least[name], await cost(work, count))
    floor = next(iter(least.values()))
    print(f"{'5 × 20 records':<28}{'µs':>8}{'above the floor':>18}")
    for name, value in least.items():
        print(f"{name:<28}{value:>8.0f}{value - floor:>18.0f}")


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9, help="rounds, of which the best counts")
    parser.add_argument("--count", type=int, default=200, help="searches in a round")
    arguments = parser.parse_args()
    asyncio.run(measure(arguments.rounds, arguments.count))


if __name__ == "__main__":
    main()
