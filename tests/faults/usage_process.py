"""A slow harvest of usage in a process, to be killed: `python -m tests.faults.usage_process URL ROUND LAST`."""

import asyncio
import random
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from connectors.records import Accepted, HarvestPage, Rejected, Unmapped
from gateway.harvesting import HarvestingService, HarvestKind, RunProgress
from gateway.storage import open_database
from schema.findings import Finding
from schema.usage import UsageFact
from tests.gateway.harvesting.usage.counting import Counting

PAGES, SIZE = 16, 25


def item(number: int, value: int, last: date, *, revision: int = 1) -> Accepted[UsageFact]:
    """One of forty combinations on one of ten days; now and then with a value that no vocabulary knows."""
    day = last - timedelta(days=number // 40)
    region, measure = f"5001{1 + number % 20:02d}", ("views", "active_users")[number // 20 % 2]
    sketch = "AQMDAAAeAAA=" if measure == "active_users" else None
    made = UsageFact(measure=measure, day=day, value=Decimal(value), revision=revision, region=region, sketch=sketch)
    odd = (Unmapped("subject", "玄学"),) if number % 7 == 0 else ()
    return Accepted(made, "0" * 64, None, odd)


def broken(number: int) -> Rejected:
    return Rejected(None, (Finding("value.invalid", "no number"),), f"row {number}")


def report(round_: int, last: date) -> list[HarvestPage[UsageFact]]:
    """Ten days in a round: in the second some facts are corrected, new, gone, older, rejected or twice."""
    choice = random.Random(round_)  # noqa: S311  # repeatable
    numbers = [n for n in range(PAGES * SIZE) if round_ == 1 or n % 11]
    pages = []
    for start in range(0, len(numbers), SIZE):
        chunk = numbers[start : start + SIZE]
        facts = []
        for number in chunk:
            corrected, revision = (choice.choice([0, 0, 5]), choice.choice([0, 1, 2])) if round_ > 1 else (0, 1)
            facts.append(item(number, 100 + number + corrected, last, revision=revision))
        if start:
            facts.append(item(numbers[start - 1], 7, last, revision=3))
        bad = broken(start), broken(start + 1), *([broken(0)] if start else [])
        pages.append(HarvestPage(tuple(facts), bad))
    if round_ > 1:
        late = replace(pages[0], accepted=tuple(item(n, 9, last - timedelta(days=12)) for n in range(30)))
        pages.append(late)
    return pages


async def harvest(url: str, round_: int, last: date, pause: float) -> None:
    """One run that tells each committed page on standard output."""
    database = open_database(url)
    upstream = Counting(counted=report(round_, last), pause=lambda: pause)
    service = HarvestingService(database, clock=lambda: datetime.now(UTC))

    def tell(progress: RunProgress) -> None:
        print(progress.pages, flush=True)  # noqa: T201

    await service.run(upstream, upstream.context(), kind=HarvestKind.USAGE, progress=tell)
    await database.aclose()


if __name__ == "__main__":
    asyncio.run(harvest(sys.argv[1], int(sys.argv[2]), date.fromisoformat(sys.argv[3]), 0.005))
