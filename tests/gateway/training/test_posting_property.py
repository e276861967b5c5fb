"""Whatever happens in whichever order, the ledger adds up to a replay from scratch, and no more is ever written."""

import asyncio
import random
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from gateway.storage import Database
from gateway.training.credit.cycles import cycle_of
from gateway.training.credit.posting import Posting
from gateway.training.credit.rules import Rules, load_rules, synchronize_rules
from schema.credit import CapScope
from tests.gateway.training.stored import NOON, add_account, add_record
from tests.gateway.training.worlds import ACCOUNTS, LINES, RECORDS, World, check_ledger, rules_by_chance


def chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  # repeatable


def check_caps(connection: Connection, rules: Rules, persons: dict[str, str]) -> None:
    """In the fixed order, hours never exceed a cap of the rule that gave them, over the cap's scope."""
    opposites = LINES.alias()
    alive = LINES.outerjoin(opposites, opposites.c.reverses_id == LINES.c.id)
    joined = alive.join(RECORDS, RECORDS.c.id == LINES.c.record_id)
    query = select(LINES, RECORDS.c.created_at).select_from(joined)
    standing = query.where(LINES.c.reverses_id.is_(None), opposites.c.id.is_(None))
    rows = sorted(connection.execute(standing), key=lambda row: (row.activity_on, row.created_at, row.record_id))
    got: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    for row in rows:
        whose = (persons[row.account_id], row.account)
        scopes = {
            CapScope.RECORD: (*whose, row.record_id),
            CapScope.YEAR: (*whose, row.activity_on.year),
            CapScope.KIND_PER_YEAR: (*whose, row.activity_on.year, row.kind),
            CapScope.CYCLE: (*whose, cycle_of(row.activity_on)),
        }
        for scope in scopes.values():
            got[scope] += row.hours
        if row.hours:
            for cap in rules.by_id[row.rule_id].caps:
                assert got[scopes[cap.scope]] <= cap.hours, (row.record_id, cap)


async def flush(database: Database, world: World, posting: Posting, before: list[Any]) -> list[Any]:
    """Post whoever was touched in portions by chance, and compare all with the reference."""
    touched = sorted(world.touched)
    world.chance.shuffle(touched)
    while touched:
        some = [touched.pop() for _ in range(min(len(touched), world.chance.randrange(1, 4)))]
        await database.transact(lambda connection, some=some: posting.post(connection, NOON, some))  # type: ignore[misc]
    world.touched.clear()
    await posting.settle(database, lambda: NOON)

    def check(connection: Connection) -> list[Any]:
        rules = load_rules(connection)
        retired = [one for one in rules.by_id.values() if one not in rules.in_force]
        lines = check_ledger(connection, world.expected(connection, retired), world)
        check_caps(connection, rules, {row.id: row.teacher_id for row in world.accounts(connection)})
        return lines

    after = await database.transact(check)
    assert after[: len(before)] == before, "lines are only ever added"
    assert await posting.repost_all(database, lambda: NOON) == 0
    return after


async def change_rules(database: Database, world: World, version: int) -> None:
    """New versions beside some older ones; everybody is to be posted."""
    made = rules_by_chance(world.chance, version)
    kept = [one for one in world.rules if world.chance.random() < 0.5]
    world.rules = [one for one in made if world.chance.random() < 0.8] + kept
    await synchronize_rules(database, NOON + timedelta(days=version), world.rules)

    def everybody(connection: Connection) -> set[str]:
        return {row.id for row in world.accounts(connection, erased=False)}

    world.touched |= await database.transact(everybody)


@pytest.mark.parametrize("seed", range(8))
async def test_the_ledger_always_adds_up_to_a_replay_from_scratch(database: Database, seed: int) -> None:
    world = World(chance(seed))
    posting = Posting(world.resources, samples=True)
    lines: list[Any] = []
    for version in range(1, 15):
        if version % 4 == 1:
            await change_rules(database, world, version)
        for _ in range(world.chance.randrange(2, 12)):
            await database.transact(world.step)
        lines = await flush(database, world, posting, lines)
    assert any(line.reverses_id for line in lines)
    assert any(line.caps_hit != "[]" for line in lines)


@pytest.mark.parametrize("seed", [1, 2])
async def test_concurrent_postings_to_one_teacher_break_no_cap(database: Database, seed: int) -> None:
    world = World(chance(seed))
    posting = Posting(world.resources, samples=True)
    await change_rules(database, world, 1)

    def accounts(connection: Connection) -> None:
        for name in ("a1", "a2", "a3"):
            add_account(connection, name, teacher="p1", platform={"a2": "yuzhong"}.get(name, "chongqing"))

    await database.transact(accounts)

    def one(connection: Connection, number: int) -> int:
        account = f"a{1 + number % 3}"
        content = {**world.content(), "activity_key": str(number % 7)}
        platform = "yuzhong" if account == "a2" else "chongqing"
        add_record(connection, f"r{number}", account, platform=platform, **content)
        return posting.post(connection, NOON, [account])

    await asyncio.gather(
        *(database.transact(lambda connection, number=number: one(connection, number)) for number in range(24))  # type: ignore[misc]
    )
    lines = await flush(database, world, posting, [])
    assert len(lines) >= 10
    assert [line.sequence for line in lines] == list(range(1, len(lines) + 1))


async def test_a_record_that_moves_to_another_account_takes_its_award_along(database: Database) -> None:
    world = World(chance(5))
    posting = Posting(world.resources, samples=True)
    await change_rules(database, world, 1)
    world.rules = [one for one in rules_by_chance(chance(5), 2) if one.code == "any"]
    await synchronize_rules(database, NOON, world.rules)

    def enter(connection: Connection) -> None:
        add_account(connection, "a1")
        add_account(connection, "a2")
        add_record(connection, "r1", "a1")

    await database.transact(enter)
    world.touched = {"a1", "a2"}
    await flush(database, world, posting, [])

    def move(connection: Connection) -> None:
        connection.execute(update(RECORDS).where(RECORDS.c.id == "r1").values(account_id="a2"))

    await database.transact(move)
    world.touched = {"a1"}
    lines = await flush(database, world, posting, [])
    assert [(line.account_id, line.reverses_id is None) for line in lines] == [
        ("a1", True),
        ("a1", False),
        ("a2", True),
    ]
    assert await database.transact(lambda connection: len(connection.execute(select(ACCOUNTS)).all())) == 2
