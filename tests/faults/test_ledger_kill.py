"""Processes that post are killed with SIGKILL again and again; the ledger still adds up, line by line."""

import asyncio
import random
import sys

import pytest
from sqlalchemy import Connection, func, select

from gateway.storage import Database
from gateway.training.credit.posting import Posting
from gateway.training.credit.rules import load_rules, synchronize_rules
from tests.faults.ledger_process import world_named
from tests.gateway.training.stored import NOON
from tests.gateway.training.worlds import LINES, check_ledger, rules_by_chance

ROUNDS = 5


async def post_and_kill(url: str, name: str, commits: int, delay: float) -> int:
    """Post in a process and kill it a delay after so many commits; answers how many it told of."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.ledger_process", url, name, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    told = 0
    while told < commits and (line := await process.stdout.readline()):
        told = int(line)
    await asyncio.sleep(delay)
    process.kill()
    rest = (await process.stdout.read()).split()
    await process.wait()
    return int(rest[-1]) if rest else told


@pytest.mark.slow
async def test_two_processes_that_are_killed_while_they_post_lose_and_double_nothing(
    database: Database, database_url: str
) -> None:
    chance = random.Random(11)  # noqa: S311  # repeatable
    world = world_named("check")
    posting = Posting(world.resources, samples=True)
    world.rules = rules_by_chance(chance, 1)
    await synchronize_rules(database, NOON, world.rules)

    def check(connection: Connection) -> int:
        assert load_rules(connection).in_force
        world.reference.due.clear()
        check_ledger(connection, world.expected(connection, []), world)
        return connection.execute(select(func.count()).select_from(LINES)).scalar_one()

    before = 0
    for number in range(ROUNDS):
        names = (f"{number}x", f"{number}y")
        kills = [post_and_kill(database_url, name, chance.randrange(2, 12), chance.uniform(0, 0.02)) for name in names]
        assert all(told >= 2 for told in await asyncio.gather(*kills))
        assert await posting.repost_all(database, lambda: NOON) == 0, "each transaction had posted all it changed"
        after = await database.transact(check)
        assert after > before
        before = after
