"""A slow harvest of training in a process, to be killed: `python -m tests.faults.training_process URL ROUND`."""

import asyncio
import random
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from connectors.records import Accepted, HarvestPage
from gateway.harvesting import HarvestingService, HarvestKind, RunProgress
from gateway.storage import open_database
from gateway.training.credit.posting import Posting
from gateway.training.credit.rules import synchronize_rules
from gateway.training.records.intake import Intake
from schema.platforms import Capability
from schema.training import RecordState, TrainingReport
from tests.gateway.harvesting.training.reporting import CAN_TRAINING, Reporting, broken, report
from tests.gateway.harvesting.upstream import NOW
from tests.gateway.training.rule import rule
from tests.gateway.training.stored import KEYS, Resources

PAGES, SIZE = 16, 12
STATES = (RecordState.RECOGNIZED, RecordState.RECOGNIZED, RecordState.REPORTED, RecordState.REVOKED)


def posting() -> Posting:
    return Posting(Resources(), samples=True)


def item(number: int, round_: int, choice: random.Random) -> Accepted[TrainingReport]:
    """A record of one of thirty teachers; in the second round with other hours, states and versions."""
    day = date(2025, 1, 1) + timedelta(days=number)
    news = {"quantity": Decimal(choice.randrange(1, 9)), "version": choice.choice([0, 1, 2])} if round_ > 1 else {}
    words = ["班级"] if number % 7 == 0 else []
    made = {"quantity": Decimal(2), "state": choice.choice(STATES), "starts_on": day, "ends_on": day, **news}
    return report(f"r{number}", f"T-{number % 30}", unmapped=words, **made)


def listing(round_: int) -> list[HarvestPage[TrainingReport]]:
    """In the second round some records are corrected, new, gone, deleted, older, rejected or twice."""
    choice = random.Random(round_)  # noqa: S311  # repeatable
    numbers = [n for n in range(PAGES * SIZE + 10 * (round_ - 1)) if round_ == 1 or n % 11]
    pages = []
    for start in range(0, len(numbers), SIZE):
        items = [item(number, round_, choice) for number in numbers[start : start + SIZE]]
        rejects = (broken(f"b{start}", f'{{"n": "{start}"}}'), broken(None, f"line {start}"))
        pages.append(HarvestPage(tuple(items), rejects))
    if round_ > 1:
        twice = replace(pages[0], rejected=pages[1].rejected, deleted=("r5", "r6"))
        pages.append(twice)
    return pages


async def harvest(url: str, round_: int, pause: float) -> None:
    """One run that tells each committed page on standard output."""
    database = open_database(url)
    await synchronize_rules(database, NOW, [rule()])
    whole = CAN_TRAINING - {Capability.INCREMENTAL}
    upstream = Reporting(reported=listing(round_), pause=lambda: pause, capabilities=whole)
    service = HarvestingService(database, clock=lambda: datetime.now(UTC), intake=Intake(posting(), KEYS))

    def tell(progress: RunProgress) -> None:
        print(progress.pages, flush=True)  # noqa: T201

    await service.run(upstream, upstream.context(), kind=HarvestKind.TRAINING, progress=tell)
    await database.aclose()


if __name__ == "__main__":
    asyncio.run(harvest(sys.argv[1], int(sys.argv[2]), 0.005))
