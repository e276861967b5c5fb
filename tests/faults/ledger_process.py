"""Postings without an end in a process, to be killed: `python -m tests.faults.ledger_process URL NAME`."""

import asyncio
import random
import sys

from sqlalchemy import Connection

from gateway.storage import open_database
from gateway.training.credit.posting import Posting
from gateway.training.ports import ResourceState
from tests.gateway.training.stored import NOON
from tests.gateway.training.worlds import World

NAMES = ("CQ-1", "CQ-2")


def world_named(name: str) -> World:
    """A world whose resources passed review and stay as they are."""
    world = World(random.Random(name), name=name)  # noqa: S311  # repeatable
    for each in NAMES:
        world.resources.put(("chongqing", each), ResourceState.APPROVED)
    return world


async def post_without_end(url: str, name: str) -> None:
    """A few changes and their posting in each transaction; tells each that was committed on standard output."""
    database = open_database(url)
    world = world_named(name)
    posting = Posting(world.resources, samples=True)

    def change(connection: Connection) -> None:
        world.touched.clear()
        for _ in range(world.chance.randrange(1, 6)):
            world.chance.choice(world.steps_of_records())(connection)
        posting.post(connection, NOON, world.touched)

    for number in range(1, 1_000_000):
        await database.transact(change)
        print(number, flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(post_without_end(sys.argv[1], sys.argv[2]))
