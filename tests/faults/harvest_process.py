"""A slow harvest in a process of its own, to be killed: `python -m tests.faults.harvest_process URL ROUND`."""

import asyncio
import random
import sys
from datetime import UTC, datetime

from connectors.records import Accepted, HarvestPage, Rejected
from gateway.harvesting import HarvestingService, RunProgress
from gateway.storage import open_database
from schema.people import ContributorRole
from schema.relations import Relation
from schema.resources import Contributor, RelatedRecord, ResourceFile
from tests.gateway.harvesting.upstream import Upstream, accepted, rejected

PAGES, SIZE = 16, 25


def item(number: int, edition: int) -> Accepted:
    """A record with links, a file, a lecturer and now and then an unmapped value."""
    return accepted(
        f"r{number}",
        f"第{number}课第{edition}版",
        unmapped=["玄学"] if number % 7 == 0 else [],
        contributors=(Contributor(name=f"教师{number % 5}", role=ContributorRole.LECTURER),),
        files=(ResourceFile(checksum=f"{number % 90:064x}"),),
        related=(RelatedRecord(relation=Relation.BEFORE_CLASS, native_id=f"r{number + 1}"),),
    )


def listing(round_: int) -> list[HarvestPage]:
    """The whole platform in a round: in the second some records are changed, new, gone, deleted, rejected or twice."""
    choice = random.Random(round_)  # noqa: S311
    numbers = list(range(PAGES * SIZE))
    if round_ == 2:
        numbers = [n for n in numbers if n % 11] + [1000 + n for n in range(30)]
    pages = []
    for start in range(0, len(numbers), SIZE):
        chunk = numbers[start : start + SIZE]
        edition = {n: choice.choice([1, 1, 2]) if round_ == 2 else 1 for n in chunk}
        bad: tuple[Rejected, ...] = (rejected(f"r{chunk[3]}", f"{chunk[3]}"), rejected(None, f"anonymous {start}"))
        good = [item(n, edition[n]) for n in chunk if n != chunk[3]]
        twice = [item(numbers[start - 1], 3)] if start else []
        deleted = (f"r{chunk[5]}",) if round_ == 2 else ()
        pages.append(HarvestPage(tuple(good + twice), bad, deleted))
    return pages


async def harvest(url: str, round_: int, pause: float) -> None:
    """One full run that tells each committed page on standard output."""
    database = open_database(url)
    upstream = Upstream(listing(round_), pause=lambda: pause)
    service = HarvestingService(database, clock=lambda: datetime.now(UTC))

    def tell(progress: RunProgress) -> None:
        print(progress.pages, flush=True)  # noqa: T201

    await service.run(upstream, upstream.context(), progress=tell)
    await database.aclose()


if __name__ == "__main__":
    asyncio.run(harvest(sys.argv[1], int(sys.argv[2]), 0.005))
