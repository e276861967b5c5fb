"""A small credit bank for tests of reading: three teachers of 重庆 and 四川, and rules of both."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection

from gateway.storage import Database
from gateway.training.credit.posting import Posting
from gateway.training.credit.rules import synchronize_rules
from schema.credit import CreditRule
from tests.gateway.training.rule import rule
from tests.gateway.training.stored import NOON, Resources, add_account, add_record

RULES = (
    rule("cq"),
    rule("sc", region="510000", hours_per_unit="0.5"),
    rule("support", kind="REMOTE_SUPPORT", account="REMOTE_SUPPORT"),
)
SCHOOL = '{"name":"人民路小学"}'


async def stock(database: Database, rules: Collection[CreditRule] = RULES) -> None:
    """Accounts `yz` and `yz2` of 渝中, `sc` of 成都武侯, and rules of one hour in 重庆, half an hour in 四川."""
    await synchronize_rules(database, NOON, rules)

    def fill(connection: Connection) -> None:
        add_account(connection, "yz", name="教师甲", school=SCHOOL)
        add_account(connection, "yz2", name="教师乙", school='{"name":"第二中学"}')
        add_account(connection, "sc", platform="sichuan", region="510107", name="教师丙", school=SCHOOL)

    await database.transact(fill)


async def put(database: Database, *records: tuple[str, str, dict[str, Any]]) -> None:
    """Store records (id, account, other columns) and post their accounts."""

    def fill(connection: Connection) -> None:
        for name, account, fields in records:
            add_record(connection, name, account, **fields)
        Posting(Resources(), samples=True).post(connection, NOON, {account for _, account, _ in records})

    await database.transact(fill)


async def ask(database: Database, work: Any, *asked: Any) -> Any:
    """What a function of reading answers."""
    async with database.reading() as connection:
        return await connection.run_sync(work, *asked)
